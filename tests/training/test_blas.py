"""The number of BLAS's threads, of which the process has one only."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import scratchae as sae
from scratchae.training import blas
from scratchae.training.blas import one_blas_thread


def numbers() -> set[int]:
    """The numbers of threads of all BLAS libraries."""
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_blocks_of_two_threads_that_overlap_restore_the_number() -> None:
    turn = threading.Barrier(2, timeout=60)

    def second() -> None:
        turn.wait()
        with one_blas_thread():
            turn.wait()  # the first block ends before this one
            turn.wait()
            assert numbers() == {1}

    with threadpool_limits(2, user_api="blas"), ThreadPoolExecutor(1) as pool:
        before = numbers()
        other = pool.submit(second)
        with one_blas_thread():
            assert numbers() == {1}
            turn.wait()
            turn.wait()
        assert numbers() == {1}
        turn.wait()
        other.result()
        assert numbers() == before


def test_the_number_is_restored_after_an_error() -> None:
    def fails(model: sae.Autoencoder) -> None:
        assert numbers() == {1}
        raise ZeroDivisionError

    with threadpool_limits(2, user_api="blas"):
        before = numbers()
        with pytest.raises(ZeroDivisionError):
            sae.Autoencoder((3,), 2, optimizer="lbfgs", epochs=3).fit(np.eye(9), callbacks=[fails])
        assert numbers() == before


def test_only_blas_is_limited() -> None:
    pytest.importorskip("sklearn.utils._openmp_helpers")  # loads a library of OpenMP

    def others() -> list[tuple[str, int]]:
        return [(one["filepath"], one["num_threads"]) for one in threadpool_info() if one["user_api"] != "blas"]

    with threadpool_limits(2, user_api="openmp"):
        before = others()
        with one_blas_thread():
            assert others() == before
        assert others() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks in a process with threads
def test_a_process_forked_while_another_thread_holds_the_lock_does_not_wait_for_it() -> None:
    with blas._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if blas._lock.acquire(timeout=5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
