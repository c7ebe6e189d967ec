"""The bound of a step: its matrix products at the best rate of this machine, and the memory that the optimiser must move.

The rates are measured in turn with the contestants: of BLAS on the products of the case, of the tile of `kernels/tile.py` alone, on numbers
in the L1 cache, and of memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.clock import rate_of

# Adam reads and writes parameter and both moments, 24 bytes in float32; it reads the gradient, 4 bytes, unless it is fused with the product.
FUSED_BYTES, UNFUSED_BYTES = 24, 28
DEPTH, TILES = 256, 2000  # of a call of `run_tiles`, per thread


class BlasRate:
    """GFLOP/s of NumPy's BLAS on that product of the case for which they are highest."""

    def __init__(self, case: Workload, seconds: float) -> None:
        self.seconds, self.results = seconds, list[float]()
        candidates: list[tuple[Any, Any]] = []
        for layer in case.layers:
            shapes = (case.batch_size, layer.d_in), (layer.d_in, layer.d_out), (case.batch_size, layer.d_out)
            x, W, dy = (np.random.default_rng(0).random(shape, np.float32) for shape in shapes)
            candidates += [(x, W)] if case.trains_nothing else [(x, W), (dy, W.T), (x.T, dy)]
        self.run, self.flops = max(map(_product, candidates), key=lambda each: each[1] * rate_of(each[0], seconds / 10))

    def measure(self) -> float:
        """Return GFLOP/s."""
        return self.flops * rate_of(self.run, self.seconds) / 1e9


def _product(operands: tuple[Any, Any]) -> tuple[Callable[[], object], int]:
    """Return a function that multiplies, and its floating-point operations."""
    a, b = operands
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    return lambda: np.matmul(a, b, out=out), 2 * a.shape[0] * a.shape[1] * b.shape[1]


class TileRate:
    """GFLOP/s of the tile alone on all threads."""

    def __init__(self, case: Workload, seconds: float) -> None:
        from scratchae.benchmarks import tiles

        self.seconds, self.results = seconds, list[float]()
        self.run, self.flops = tiles.on_all_threads(DEPTH, TILES)
        self.run()  # compiles

    def measure(self) -> float:
        """Return GFLOP/s."""
        return self.flops * rate_of(self.run, self.seconds) / 1e9


class MemoryRate:
    """GB/s of reading and writing as many numbers as an optimiser has for the case: parameters, two moments and the gradient."""

    def __init__(self, case: Workload, seconds: float) -> None:
        self.seconds, self.results = seconds, list[float]()
        numbers, threads = np.ones(4 * case.parameters, np.float32), os.cpu_count() or 1
        self.parts = np.array_split(numbers, threads)
        self.pool, self.bytes = ThreadPoolExecutor(threads), 2 * numbers.nbytes
        alone, together = (rate_of(run, seconds) for run in (lambda: _negate(numbers), self._on_all_threads))
        self.run = (
            self._on_all_threads if together > alone else lambda: _negate(numbers)
        )  # small arrays are in the caches

    def _on_all_threads(self) -> None:
        list(self.pool.map(_negate, self.parts))

    def measure(self) -> float:
        """Return GB/s."""
        return self.bytes * rate_of(self.run, self.seconds) / 1e9


def _negate(numbers: Any) -> None:
    np.negative(numbers, out=numbers)


RATES: dict[str, Callable[[Workload, float], Any]] = {"BLAS": BlasRate, "tile": TileRate, "memory": MemoryRate}


def bound_seconds(flops: float, parameters: int, gflops: float, gigabytes: float, bytes_each: int) -> float:
    """Return the least time of a step in seconds.

    Parameters
    ----------
    flops : float
        Floating-point operations of the products.
    parameters : int
        Number of parameters that are updated; 0 if nothing is trained.
    gflops, gigabytes : float
        Best rates: 10⁹ operations, and 10⁹ bytes, per second.
    bytes_each : int
        Bytes that the optimiser moves for each parameter.
    """
    return flops / (gflops * 1e9) + parameters * bytes_each / (gigabytes * 1e9)
