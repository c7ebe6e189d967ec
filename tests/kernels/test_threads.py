"""The number of threads follows the clock; the bits do not follow the number of threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest

import scratchae as sae
from scratchae.kernels import threads

needs_two = pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="there is only one thread to choose from")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(threads.time, "perf_counter", lambda: now[0])
    return now


def counts(faster: threads.FasterThreads, clock: list[float], seconds: dict[int, float], turns: int) -> list[int]:
    """The number of threads in each of some turns, when a turn takes so many seconds with so many threads."""
    used = []

    def work() -> None:
        used.append(numba.get_num_threads())
        clock[0] += seconds[used[-1]]

    for _ in range(turns):
        faster.run(work, 1)
    return used


@needs_two
def test_the_faster_number_is_used_and_the_other_tried_again(clock: list[float]) -> None:
    most, faster = numba.get_num_threads(), threads.FasterThreads()
    busy = counts(faster, clock, {most: 5.0, 1: 2.0}, threads.TRY_AGAIN + 1)
    tried = threads.TRY_FROM
    assert set(busy[:tried]) == {most} and set(busy[tried:-1]) == {1} and busy[-1] == most
    idle = counts(faster, clock, {most: 1.0, 1: 2.0}, 3 * threads.TRY_AGAIN)
    assert idle[-threads.TRY_AGAIN // 2 :].count(most) > idle[-threads.TRY_AGAIN // 2 :].count(1)


@needs_two
def test_the_number_is_given_back_after_an_error(clock: list[float]) -> None:
    most, faster = numba.get_num_threads(), threads.FasterThreads()
    counts(faster, clock, {most: 5.0, 1: 2.0}, threads.TRY_FROM + 2)
    with pytest.raises(KeyboardInterrupt):
        faster.run(lambda: (_ for _ in ()).throw(KeyboardInterrupt), 1)
    assert numba.get_num_threads() == most


@needs_two
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_bits_do_not_follow_the_clock(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).random((600, 300), dtype=np.float32)
    flat = []
    for always in (1, numba.get_num_threads(), None):
        with monkeypatch.context() as patch:
            if always:
                patch.setattr(threads.FasterThreads, "_choose", lambda self, most, always=always: always)
            else:  # in turn
                patch.setattr(threads.FasterThreads, "_choose", lambda self, most: (1, most)[self._turn % 2])
            model = sae.Autoencoder((150,), 8, optimizer=optimizer, epochs=3, random_state=0, batch_size=200).fit(x)
        flat.append(model.parameters_.flat.copy())
    assert np.array_equal(flat[0], flat[1]) and np.array_equal(flat[0], flat[2])


@needs_two
@pytest.mark.parametrize("number", [1, 2])
def test_the_users_number_of_threads_survives_a_fit(number: int) -> None:
    x, before = np.random.default_rng(0).random((600, 300), dtype=np.float32), numba.get_num_threads()
    seen: list[int] = []

    def callback(model: sae.Autoencoder) -> None:
        seen.append(numba.get_num_threads())
        numba.set_num_threads(3 - number)

    try:
        numba.set_num_threads(number)
        sae.Autoencoder((150,), 8, epochs=2, batch_size=60, random_state=0).fit(x, callbacks=[callback])
        assert seen == [number, 3 - number]
        assert numba.get_num_threads() == 3 - number
    finally:
        numba.set_num_threads(before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loop_that_finds_the_threads_taken_computes_the_same(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).random((600, 300), dtype=np.float32)
    results = []
    for busy in (threads.ALL_AT_ONCE, 0, 1):  # any number of loops at once; one at a time, none runs; one runs
        monkeypatch.setattr(threads._busy, "value", busy)
        model = sae.Autoencoder((150,), 8, epochs=2, batch_size=200, random_state=0, dtype=dtype).fit(x)
        results.append(model.parameters_.flat.tobytes() + model.encode(x).tobytes())
        assert threads._busy.value == busy
    assert len(set(results)) == 1
