"""The result of every loader: what it promises, and what it refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from scratchae.datasets import Dataset
from scratchae.datasets.dataset import to_unit_interval


def small_dataset(**changes: Any) -> Dataset:
    arrays: dict[str, Any] = {
        "x_train": np.zeros((5, 6), np.float32),
        "y_train": np.array([0, 1, 2, 0, 1]),
        "x_test": np.zeros((1, 6), np.float32),
        "y_test": np.array([3]),
    }
    return Dataset(**{**arrays, "image_shape": (2, 3), "name": "tiny", **changes})


def test_dataset_says_what_it_is() -> None:
    assert repr(small_dataset()) == "<Dataset 'tiny': 5 train + 1 test images of 2×3 pixels, 4 classes>"


def test_dataset_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_dataset().name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"x_train": np.zeros((5, 6))}, "x_train .* float64"),
        ({"x_test": np.zeros((1, 7), np.float32)}, r"x_test .*\(N, 6\).* \(1, 7\)"),
        ({"x_train": np.zeros((6, 5), np.float32).T}, "x_train .* C-contiguous"),
        ({"y_train": np.zeros(4, int)}, r"y_train .* \(5,\)"),
        ({"y_test": np.zeros(1, np.uint8)}, "y_test .* uint8"),
    ],
)
def test_dataset_refuses_arrays_that_break_its_promise(changes: dict[str, Any], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        small_dataset(**changes)


def test_pixels_are_scaled_to_one_row_each() -> None:
    images = np.array([[[0, 8], [16, 4]], [[16, 16], [0, 2]]], np.uint8)
    rows = to_unit_interval(images, 16)
    assert rows.tolist() == [[0, 0.5, 1, 0.25], [1, 1, 0, 0.125]]
    assert rows.dtype == np.float32 and rows.flags.c_contiguous and images.max() == 16
