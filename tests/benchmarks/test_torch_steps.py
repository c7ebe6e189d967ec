"""PyTorch as a contestant has the losses and codes of the reference run, in each mode."""

from __future__ import annotations

import importlib.util

import pytest

from scratchae.benchmarks.cases import KINDS, Workload
from scratchae.benchmarks.reference import TOLERANCE, difference, reference_run

if importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # PyTorch's compiler imports parts that PyTorch calls deprecated
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["eager", "fused", pytest.param("compiled", marks=pytest.mark.slow)])
def test_the_same_work(kind: str, mode: str) -> None:
    from scratchae.benchmarks.torch_steps import contestant

    case = Workload((9, 8, 4), 10, 4, kind)
    run = reference_run(case)
    peer = contestant(case, run, 0.01, mode)
    assert difference(run.expected, peer.results) < TOLERANCE / 10
    assert peer.measure() > 0


def test_a_layer_that_is_not_updated_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from scratchae.benchmarks import torch_steps

    class Frozen(torch_steps.TorchSteps):
        """Training without the last layer."""

        def restart(self) -> None:
            super().restart()
            self.layers[-1].requires_grad_(False)

    monkeypatch.setattr(torch_steps, "TorchSteps", Frozen)
    case = Workload((9, 8, 4), 10, 4)
    run = reference_run(case)
    assert difference(run.expected, torch_steps.contestant(case, run, 0.01, "eager").results) > TOLERANCE
