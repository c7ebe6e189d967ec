"""The number of BLAS's threads, of which the process has one only."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import scratchae as sae
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
