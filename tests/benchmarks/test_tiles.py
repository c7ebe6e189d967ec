"""The tile alone: every thread computes the product, and the operations are counted."""

from __future__ import annotations

import numba
import numpy as np

from scratchae.benchmarks import tiles
from scratchae.kernels.tile import ROWS


def test_operations_are_counted() -> None:
    run, flops = tiles.on_all_threads(16, 3)
    parallel = run()
    assert flops == 2 * ROWS * 16 * 16 * 3 * (numba.get_num_threads() if parallel else 1)


def test_every_thread_computes_its_tile() -> None:
    threads, depth = numba.get_num_threads(), 5
    rng = np.random.default_rng(0)
    a, b = rng.random((depth, ROWS), np.float32), rng.random((depth, 16), np.float32)
    out = np.zeros((threads, ROWS, 16), np.float32)
    done = tiles._run(a.ravel(), b.ravel(), out.ravel(), depth, 2, threads)
    for product in out if done else out[:1]:
        np.testing.assert_allclose(product, a.T @ b, rtol=1e-5)
