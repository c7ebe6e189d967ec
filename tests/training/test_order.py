"""The order of an epoch: today's permutation without weights, whole numbers as repeats, and everything else in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae.training.order import MOST_REPEATS, EpochOrder, expected_visits, systematic_visits


def visits(weights: list[float], seed: int = 0) -> list[int]:
    drawn = EpochOrder(len(weights), np.array(weights)).draw(np.random.default_rng(seed))
    return np.bincount(drawn, minlength=len(weights)).tolist()


@pytest.mark.parametrize("weights", [None, [1.0] * 7, [0.3] * 7, [5e-324] * 7, [1e308] * 7])
def test_equal_weights_are_the_plain_permutation(weights: list[float] | None) -> None:
    order = EpochOrder(7, None if weights is None else np.array(weights))
    assert order.is_plain and order.size == 7 and order.rows().tolist() == list(range(7))
    np.testing.assert_array_equal(order.draw(np.random.default_rng(3)), np.random.default_rng(3).permutation(7))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1, 0, 1, 0], [1, 0, 1, 0]),  # as without these rows
        ([0, 0.25, 0.25, 0], [0, 1, 1, 0]),
        ([1, 2, 3, 0], [1, 2, 3, 0]),
        ([10, 20, 30, 0], [1, 2, 3, 0]),  # in lowest terms
        ([4, 4, 4, 2], [2, 2, 2, 1]),
        ([0, 0, 0, 7], [0, 0, 0, 1]),
        ([2**60, 2**61, 2**60, 2**60], [1, 1, 1, 1]),  # beyond exact whole numbers: about 0.8 visits, and 1.6
    ],
)
def test_whole_numbers_are_visits(weights: list[float], expected: list[int]) -> None:
    for seed in range(5):
        found = visits(weights, seed)
        if weights[0] == 2**60:
            assert sum(found) == 4 and 1 <= found[1] <= 2
        else:
            assert found == expected


def test_whole_numbers_are_in_the_order_of_the_repeated_rows() -> None:
    w = np.array([2.0, 0, 1, 3])
    drawn = EpochOrder(4, w).draw(np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, np.repeat(np.arange(4), [2, 0, 1, 3])[np.random.default_rng(1).permutation(6)])


def test_large_whole_numbers_do_not_make_an_epoch_long() -> None:
    assert EpochOrder(2, np.array([1.0, 2 * MOST_REPEATS - 1])).size == 2 * MOST_REPEATS
    assert EpochOrder(2, np.array([1.0, 2 * MOST_REPEATS])).size == 2
    assert EpochOrder(3, np.array([1000.0, 0, 1001])).size == 2


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=30).filter(any), st.integers(0, 99))
def test_visits_are_close_to_the_expectation(weights: list[float], seed: int) -> None:
    w = np.array(weights)
    order = EpochOrder(len(w), w)
    found = np.bincount(order.draw(np.random.default_rng(seed)), minlength=len(w))
    shares = w / w.max() / (w / w.max()).sum()
    assert found.sum() == order.size
    assert not found[w == 0].any()
    assert (abs(found - order.size * shares) < 1 + 1e-9).all()
    rows = np.bincount(order.rows(), minlength=len(w))
    assert rows.sum() == order.size and (abs(rows - order.size * shares) < 1 + 1e-9).all()


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=50), st.floats(0, 1, exclude_max=True))
def test_the_sum_is_exact_for_every_shift(weights: list[float], u: float) -> None:
    found = systematic_visits(expected_visits(np.array(weights)), u)
    assert found.sum() == len(weights) and (found >= 0).all()


def test_a_tiny_last_weight_never_gets_a_negative_number_of_visits() -> None:
    expected = np.array([0.1] * 30 + [1e-17])  # their sum is 3 + 1.3e-15
    for u in (1 - 9e-16, np.nextafter(1, 0)):  # in floating point, 3 plus the latter is 4
        found = systematic_visits(expected, u)
        assert (found >= 0).all() and found.sum() == 3


def test_epochs_differ_and_over_many_of_them_the_shares_are_right() -> None:
    w = np.array([1.0, 2.5, 0.25, 0.0, 10.0])
    order, rng = EpochOrder(5, w), np.random.default_rng(0)
    total = np.bincount(np.concatenate([order.draw(rng) for _ in range(4000)]), minlength=5)
    np.testing.assert_allclose(total / 4000, 4 * w / w.sum(), atol=4 * np.sqrt(0.25 / 4000))


def test_visits_of_one_row_are_spread_over_the_epoch() -> None:
    for often in (1.75, 2):  # expected numbers, and whole ones
        order = EpochOrder(100, np.repeat([often, 0.25 if often < 2 else 1], 50))
        rng = np.random.default_rng(0)
        together = np.mean([(np.diff(order.draw(rng)) == 0).sum() for _ in range(50)])
        assert together < 4  # about one pair in an epoch; side by side, about 40
