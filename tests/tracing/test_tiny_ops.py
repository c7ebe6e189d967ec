"""Tiny examples of operations: forward and backward, every label with values, gradients that are derivatives."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from scratchae import ops, tracing
from scratchae.tracing.labels import LABEL
from scratchae.tracing.tiny_ops import ARGUMENTS
from scratchae.verify import central_differences


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_label_of_the_operation_has_values(name: str) -> None:
    sources = [inspect.getsource(getattr(ops, each)) for each in (name, f"{name}_backward") if hasattr(ops, each)]
    labels = {
        label for source in sources for line in source.splitlines() if "#" in line for label in LABEL.findall(line)
    }
    found = tracing.tiny(name)
    assert labels and all(found.values(label) for label in labels)
    phases = {step.phase for step in found.steps if step.depth == 0}
    assert phases == ({"forward", "backward"} if hasattr(ops, f"{name}_backward") else {"forward"})


@pytest.mark.parametrize("name", [name for name in ARGUMENTS if hasattr(ops, f"{name}_backward")])
def test_gradients_are_derivatives(name: str) -> None:
    found: Any = tracing.tiny(name)
    given = {value.name: value.text if value.array is None else value.array for value in found.inputs}
    (first, *_) = inspect.signature(getattr(ops, f"{name}_backward")).parameters
    upstream, arguments = given.pop(first), given
    gradients = {
        value.name: value.array for step in found.steps if step.phase == "backward" and step.depth == 0 for value in step.values
    }  # fmt: skip
    checked = 0
    for key, array in arguments.items():
        gradient = gradients.get(f"d{key}")
        if gradient is None:
            continue

        def total(theta: np.ndarray, key: str = key, array: Any = array) -> float:
            whole = {**arguments, key: theta.reshape(array.shape)}
            whole = {k: v.item() if isinstance(v, np.ndarray) and v.ndim == 0 else v for k, v in whole.items()}
            return float((upstream * getattr(ops, name)(**whole)).sum())

        numeric, smooth = central_differences(total, array.ravel().astype(float))
        np.testing.assert_allclose(gradient.ravel()[smooth], numeric[smooth], atol=1e-6)
        checked += int(smooth.sum())
    assert checked, gradients.keys()


def test_dense_by_hand() -> None:
    found = tracing.tiny("dense")
    assert found.values("dense.1")["y"].tolist() == [[2, -1, 4]]
    assert found.values("dense.4")["dx"].tolist() == [[-1, 3.5]]
    assert found.values("dense.6")["dW"].tolist() == [[1, -1, 2], [2, -2, 4]]
    assert found.values("dense.8")["db"].tolist() == [1, -1, 2]
    assert [value.name for value in found.inputs] == ["x", "W", "b", "dy"]
