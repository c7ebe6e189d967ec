"""Peers are those that are installed, and the layers without ReLU are the code and the output."""

from __future__ import annotations

import importlib.util

import pytest

from scratchae.benchmarks import peers
from scratchae.benchmarks.cases import CASES, Workload


def test_only_installed_peers_are_there() -> None:
    installed = {name for name in ("torch", "jax") if importlib.util.find_spec(name)}
    families = {"torch": "PyTorch", "jax": "JAX"}
    assert {name.split()[0] for name in peers.PEERS} == {families[name] for name in installed}


@pytest.mark.parametrize("case", [*CASES, Workload((4, 2), 1, 1)], ids=lambda case: case.name)
def test_the_code_and_the_output_are_linear(case: Workload) -> None:
    code, output = peers._linear_layers(case)
    outputs = case.sizes[1:]  # of layer 0, 1, …
    assert outputs[code] == case.encoder[-1] and output == len(outputs) - 1 and code < output
