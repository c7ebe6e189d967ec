"""The hand-written matrix product against BLAS (`np.matmul`), on the shapes that training uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scratchae.benchmarks.clock import rate_of
from scratchae.nets.network import Array


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


class ProductRate:
    """GFLOP/s of a function that writes the product of its first two arguments into the third."""

    def __init__(self, product: Product, multiply: Callable[[Array, Array, Array], object], seconds: float) -> None:
        self.results, self.seconds = list[float](), seconds
        self.repeats, self.flops = max(3, int(1e7 / product.flops)), product.flops
        self.multiply, self.operands = multiply, product.operands()

    def _run(self) -> None:
        for _ in range(self.repeats):
            self.multiply(*self.operands)

    def measure(self) -> float:
        """Return GFLOP/s."""
        return self.repeats * self.flops * rate_of(self._run, self.seconds) / 1e9


def _here(product: Product, seconds: float) -> ProductRate:
    from scratchae.kernels.product import product_of

    return ProductRate(product, product_of, seconds)


def _blas(product: Product, seconds: float) -> ProductRate:
    return ProductRate(product, lambda a, b, out: np.matmul(a, b, out=out), seconds)


MULTIPLIERS: dict[str, Callable[[Product, float], ProductRate]] = {"here": _here, "BLAS": _blas}
