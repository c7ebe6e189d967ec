"""Tiny examples by name."""

from __future__ import annotations

import pytest

import scratchae as sae
from scratchae import tracing
from scratchae.registry import BY_COMMAND


def test_every_model_and_every_operation_has_one() -> None:
    names = tracing.tiny_names()
    assert set(BY_COMMAND) <= set(names) and list(names)[0] == "autoencoder"
    assert {name for name in sae.ops.__all__ if not name.endswith("_backward")} <= set(names)
    assert all(about.endswith(".") and "\n" not in about for about in names.values())


@pytest.mark.parametrize("name", tracing.tiny_names())
def test_an_example_is_small_and_the_same_every_time(name: str) -> None:
    found = tracing.tiny(name)
    assert found.example == name and found.about == tracing.tiny_names()[name] and found.steps
    assert found.to_dict() == tracing.tiny(name).to_dict()
    most = max(value.array.size for step in found.steps for value in step.values if value.array is not None)
    assert most <= 12
    assert all(value.array is None or value.array.size <= 12 for value in found.inputs)
    with sae.use_backend("numba"):
        assert tracing.tiny(name).to_dict() == found.to_dict()


def test_an_unknown_name() -> None:
    with pytest.raises(
        ValueError, match=r"no tiny example 'varational' \(did you mean 'variational'\?\).*one of autoencoder"
    ):
        tracing.tiny("varational")
