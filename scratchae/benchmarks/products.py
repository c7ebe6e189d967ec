"""The hand-written matrix product against BLAS (`np.matmul`), on the shapes that training uses."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

SHAPES = (
    (32, 64, 32),
    (128, 784, 400),
    (128, 400, 20),
    (100, 784, 1000),
    (100, 1000, 500),
    (1000, 784, 1000),
    (1000, 250, 30),
)


@dataclass(frozen=True)
class ProductTiming:
    """GFLOP/s of one product, medians: ours, BLAS, and the ratio of pairs taken in turn."""

    name: str
    ours: float
    blas: float
    ratio: float


def _seconds(run: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def time_products(rounds: int) -> Iterator[ProductTiming]:
    """Time x W, dy Wᵀ and xᵀ dy, in turn with BLAS, with a pause between the two thread pools.

    Parameters
    ----------
    rounds : int
        Pairs of measurements per product.

    Yields
    ------
    timing : ProductTiming
    """
    from scratchae.kernels.product import product_of

    rng = np.random.default_rng(0)
    for n, d_in, d_out in SHAPES:
        x, W, dy = (rng.standard_normal(shape).astype(np.float32) for shape in ((n, d_in), (d_in, d_out), (n, d_out)))
        for name, a, b in ((f"x W      {n}×{d_in} · {d_in}×{d_out}", x, W), ("dy Wᵀ", dy, W.T), ("xᵀ dy", x.T, dy)):
            out = np.empty((a.shape[0], b.shape[1]), np.float32)
            flops = 2 * a.shape[0] * a.shape[1] * b.shape[1]
            repeats = max(3, int(1e9 / flops))
            pairs = []
            product_of(a, b, out)
            for _ in range(rounds):
                pair = []
                for run in (
                    lambda a=a, b=b, out=out: product_of(a, b, out),
                    lambda a=a, b=b, out=out: np.matmul(a, b, out=out),
                ):  # type: ignore[misc]
                    time.sleep(0.02)  # a thread pool that has just worked spins for a while
                    run()
                    pair.append(flops / _seconds(run, repeats) / 1e9)
                pairs.append(pair)
            ours, blas = (statistics.median(column) for column in zip(*pairs, strict=True))
            yield ProductTiming(name, ours, blas, statistics.median(o / p for o, p in pairs))
