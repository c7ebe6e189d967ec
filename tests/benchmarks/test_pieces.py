"""The pieces of a training step: each is called as often as the network has layers, and the clock does not change what is learned."""

from __future__ import annotations

import time

import numba
import numpy as np
import pytest

import scratchae as sae
from scratchae.benchmarks import pieces
from scratchae.benchmarks.cases import Workload
from scratchae.kernels import steps
from scratchae.kernels.matrix import as_matrix
from scratchae.kernels.product import ASSIGN, IDENTITY, scratch_memory
from scratchae.kernels.tile import ROWS, pointer

TINY = Workload((12, 8, 3), 16, 4)  # four layers
LAYERS = 2 * (len(TINY.encoder) - 1)


@pytest.fixture(autouse=True)
def compiled_backend() -> None:
    sae.use_backend("numba")


def test_the_clock_measures_nanoseconds() -> None:
    @numba.njit
    def now() -> float:
        return pieces._nanoseconds()

    now()
    began, first = time.perf_counter(), now()
    time.sleep(0.02)
    second, took = now(), time.perf_counter() - began
    assert 0.019 <= (second - first) / 1e9 <= took + 1e-3


def test_the_cost_of_the_clock_is_positive_and_leaves_the_counters_at_zero() -> None:
    assert 0 < pieces.cost_of_clock() < 1e-3
    assert not pieces._counters.any()


@pytest.mark.slow
def test_every_piece_is_counted_as_often_as_it_is_called() -> None:
    pieces._counters[:] = 0
    with pieces._training_with(pieces.timed_steps()):
        pieces.fit(TINY, 2)
    done = 2 * TINY.batches
    nanoseconds, calls = pieces._counters.copy()
    pieces._counters[:] = 0
    count = dict(zip(pieces.PIECES, calls.tolist(), strict=True))
    assert count["forward"] == LAYERS * done and count["dx"] == (LAYERS - 1) * done
    assert count["dW"] + count["dW and optimiser"] == LAYERS * done
    assert count["loss"] == done
    assert all(count[name] > 0 for name in ("gather", "bias sums", "optimiser"))
    assert ((nanoseconds > 0) == (calls > 0)).all()


@pytest.mark.slow
def test_training_with_a_clock_learns_the_same() -> None:
    plain = pieces.fit(TINY, 2)
    with pieces._training_with(pieces.timed_steps()):
        timed = pieces.fit(TINY, 2)
    for name, value in plain.parameters_.items():
        np.testing.assert_allclose(timed.parameters_[name], value, rtol=1e-5, atol=1e-6)
    assert not np.array_equal(pieces.fit(TINY, 1).parameters_["encoder.0.W"], plain.parameters_["encoder.0.W"])


@pytest.mark.slow
def test_a_profile_has_all_parts_and_adds_up() -> None:
    before = steps.take_steps
    found = pieces.profile(TINY, rounds=3, seconds=0.01)
    assert list(found) == [*pieces.PIECES, pieces.REST, pieces.OUTSIDE]
    assert all(value >= 0 for value in found.values()) and found["forward"] > 0
    assert 1e-7 < sum(found.values()) < 10
    assert steps.take_steps is before


def test_the_steps_are_put_back_after_an_error() -> None:
    before = steps.take_steps
    with pytest.raises(RuntimeError), pieces._training_with(lambda *_: 0):
        assert steps.take_steps is not before
        raise RuntimeError
    assert steps.take_steps is before


@pytest.mark.parametrize(
    ("size", "unit", "n", "part"),
    [
        (100, 1, 1, 100),
        (100, 1, 4, 25),
        (101, 1, 4, 26),
        (100, 16, 1, 100),
        (100, 16, 2, 64),
        (100, 16, 7, 16),
        (5, 8, 3, 5),
    ],
)
def test_a_part_is_whole_units_and_at_most_everything(size: int, unit: int, n: int, part: int) -> None:
    pieces._divisor[0] = n
    try:
        assert pieces._part_of(size, unit) == part
    finally:
        pieces._divisor[0] = 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "n", "written"), [(64, 1, (48, 64)), (64, 4, (48, 16)), (16, 2, (24, 16)), (16, 1000, (ROWS, 16))]
)
def test_a_share_of_a_product_is_some_of_its_columns_or_rows(columns: int, n: int, written: tuple[int, int]) -> None:
    @numba.njit
    def multiply(a, b, c, scratch):  # type: ignore[no-untyped-def]
        out = as_matrix(c)
        pieces._part_of_product(as_matrix(a), as_matrix(b), out, ASSIGN, IDENTITY, out.start, out, pointer(scratch))

    rng = np.random.default_rng(0)
    a, b = rng.random((48, 10), dtype=np.float32), rng.random((10, columns), dtype=np.float32)
    c = np.full((48, columns), np.nan, np.float32)
    pieces._divisor[0] = n
    try:
        multiply(a, b, c, scratch_memory(c.dtype))
    finally:
        pieces._divisor[0] = 1
    rows, width = written
    assert np.isfinite(c).sum() == rows * width
    np.testing.assert_allclose(c[:rows, :width], (a @ b)[:rows, :width], rtol=1e-5)


@pytest.mark.slow
def test_shares_of_the_work_take_time_and_leave_everything_as_it_was() -> None:
    before, threads = steps.take_steps, numba.get_num_threads()
    found = pieces.seconds_of_share(TINY, [1, 3], rounds=1)
    assert set(found) == {1, 3} and all(value > 0 for value in found.values())
    assert (steps.take_steps, numba.get_num_threads(), pieces._divisor[0]) == (before, threads, 1)


@pytest.mark.slow
def test_a_share_of_everything_is_the_whole_step() -> None:
    plain = pieces.fit(TINY, 2)
    with pieces._training_with(pieces._steps_of_share()):
        share = pieces.fit(TINY, 2)
    for name, value in plain.parameters_.items():
        np.testing.assert_allclose(share.parameters_[name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_seconds_in_the_kernel() -> None:
    assert 0 < pieces.seconds_in_kernel(TINY, rounds=1) < 1
