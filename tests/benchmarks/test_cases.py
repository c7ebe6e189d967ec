"""The networks that are timed: their sizes, their operations, their data."""

from __future__ import annotations

import numpy as np

from scratchae.benchmarks.cases import CASES, Workload


def test_a_case_by_hand() -> None:
    case = Workload((4, 3, 2), 10, 5)
    assert case.sizes == (4, 3, 2, 3, 4) and case.name == "4-3-2, batch 10"
    # Weights 12, 6, 6, 12: three products of 2 · 10 operations per weight, but only two for the first layer.
    assert case.flops == 2 * 10 * (3 * 36 - 12)


def test_data_fill_the_batches_and_are_the_same_every_time() -> None:
    case = Workload((4, 3, 2), 10, 5)
    x = case.data()
    assert x.shape == (50, 4) and x.dtype == np.float32 and x.min() >= 0 and x.max() < 1
    assert np.array_equal(x, case.data()) and len(np.unique(x)) > 190


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
