"""The hand-written matrix product against BLAS (`np.matmul`), on the shapes that training uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scratchae.benchmarks.contestants import Burst
from scratchae.nets.network import Array

BURST_SECONDS = 0.2  # duration of one measurement


@dataclass(frozen=True)
class Product:
    """One of the three products of a dense layer: x W, dy Wᵀ or xᵀ dy, with x (n, d_in) and W (d_in, d_out)."""

    name: str
    n: int
    d_in: int
    d_out: int

    @property
    def flops(self) -> int:
        """Return the number of floating-point operations."""
        return 2 * self.n * self.d_in * self.d_out

    def operands(self) -> tuple[Array, Array, Array]:
        """Return left and right operand and an array for the product, float32."""
        rng = np.random.default_rng(0)
        shapes = ((self.n, self.d_in), (self.d_in, self.d_out), (self.n, self.d_out))
        x, W, dy = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
        a, b = {"x W": (x, W), "dy Wᵀ": (dy, W.T), "xᵀ dy": (x.T, dy)}[self.name]
        return a, b, np.empty((a.shape[0], b.shape[1]), np.float32)


SHAPES = (
    (32, 64, 32),
    (128, 784, 400),
    (128, 400, 20),
    (100, 784, 1000),
    (100, 1000, 500),
    (1000, 784, 1000),
    (1000, 250, 30),
)
PRODUCTS = tuple(Product(name, *shape) for shape in SHAPES for name in ("x W", "dy Wᵀ", "xᵀ dy"))


def _burst(product: Product, multiply: Callable[[Array, Array, Array], object]) -> Burst:
    """Measure the GFLOP/s of `multiply`, which writes the product of its first two arguments into the third."""
    a, b, out = product.operands()
    repeats = max(3, int(1e7 / product.flops))

    def burst() -> float:
        runs, start = 0, time.perf_counter()
        while time.perf_counter() - start < BURST_SECONDS:
            for _ in range(repeats):
                multiply(a, b, out)
            runs += repeats
        return runs * product.flops / (time.perf_counter() - start) / 1e9

    return burst


def _here(product: Product) -> Burst:
    from scratchae.kernels.product import product_of

    return _burst(product, product_of)


def _blas(product: Product) -> Burst:
    return _burst(product, lambda a, b, out: np.matmul(a, b, out=out))


MULTIPLIERS: dict[str, Callable[[Product], Burst]] = {"here": _here, "BLAS": _blas}
