"""The cases that are timed: their layers, their operations, their data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchae.benchmarks.cases import CASES, KINDS, Workload


def test_a_case_by_hand() -> None:
    case = Workload((4, 3, 2), 10, 5)
    assert [(layer.d_in, layer.d_out) for layer in case.layers] == [(4, 3), (3, 2), (2, 3), (3, 4)]
    assert [layer.activation for layer in case.layers] == ["relu", "identity", "relu", "identity"]
    assert case.name == "4-3-2, batch 10" and case.unit == "steps/s" and case.rows == 50
    # Weights 12, 6, 6, 12: three products of 2 · 10 operations per weight, but only two for the first layer.
    assert case.flops == 2 * 10 * (3 * 36 - 12)
    assert case.parameters == 36 + 3 + 2 + 3 + 4


@pytest.mark.parametrize(
    ("kind", "sizes", "name"),
    [
        ("variational", [(4, 3), (3, 4), (2, 3), (3, 4)], "variational, 4-3-2, batch 10"),  # both moments of the code
        ("denoising", [(4, 3), (3, 2), (2, 3), (3, 4)], "denoising, 4-3-2, batch 10"),
        ("classifier", [(4, 3), (3, 2)], "classifier, 4-3-2, batch 10"),
        ("encode", [(4, 3), (3, 2)], "encode, 4-3-2, 50 rows"),
    ],
)
def test_layers_of_each_kind(kind: str, sizes: list[Any], name: str) -> None:
    case = Workload((4, 3, 2), 10, 5, kind)
    assert [(layer.d_in, layer.d_out) for layer in case.layers] == sizes and case.name == name


def test_encoding_has_one_product_per_layer_and_row() -> None:
    case = Workload((4, 3, 2), 10, 5, "encode")
    assert case.flops == 2 * 18 and case.unit == "rows/s"


def test_data_fill_the_batches_and_are_the_same_every_time() -> None:
    case = Workload((6, 4, 3), 10, 5, "classifier")
    x, y = case.data()
    assert x.shape == (50, 6) and x.dtype == np.float32 and x.min() > 0 and x.max() < 1
    assert y is not None and set(y.tolist()) == {0, 1, 2}
    first, labels = case.data(10)
    assert np.array_equal(first, x[:10]) and np.array_equal(labels, y[:10])
    assert len(np.unique(x, axis=0)) == 50


def test_every_case_has_a_name_of_its_own_and_every_kind_is_timed() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.kind for case in CASES} == set(KINDS)
