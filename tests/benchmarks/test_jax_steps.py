"""JAX as a contestant has the losses and codes of the reference run, in each mode."""

from __future__ import annotations

import importlib.util

import pytest

from scratchae.benchmarks.cases import KINDS, Workload
from scratchae.benchmarks.reference import TOLERANCE, difference, reference_run

if importlib.util.find_spec("jax") is None:
    pytest.skip("JAX is not installed", allow_module_level=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["step", "scan"])
def test_the_same_work(kind: str, mode: str) -> None:
    from scratchae.benchmarks.jax_steps import contestant

    case = Workload((9, 8, 4), 10, 4, kind)
    run = reference_run(case)
    peer = contestant(case, run, 0.01, mode)
    assert difference(run.expected, peer.results) < TOLERANCE / 10
    assert peer.measure() > 0
