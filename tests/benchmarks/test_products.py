"""The products that are timed: operands of the right shapes, and both ways to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae.benchmarks import products
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS, SHAPES, Product


@pytest.mark.parametrize(("name", "shape"), [("x W", (7, 3)), ("dy Wᵀ", (7, 5)), ("xᵀ dy", (5, 3))])
def test_operands_fit(name: str, shape: tuple[int, int]) -> None:
    product = Product(name, 7, 5, 3)
    a, b, out = product.operands()
    assert out.shape == (a @ b).shape == shape and a.dtype == b.dtype == out.dtype == np.float32
    assert product.flops == 2 * a.shape[0] * a.shape[1] * b.shape[1]


def test_every_shape_has_all_three() -> None:
    assert len(PRODUCTS) == len(set(PRODUCTS)) == 3 * len(SHAPES)


@pytest.mark.parametrize("name", MULTIPLIERS)
def test_both_contestants_compute_the_product(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    product = Product("x W", 7, 5, 3)
    a, b, out = product.operands()
    out[:] = np.nan
    monkeypatch.setattr(Product, "operands", lambda self: (a, b, out))
    assert MULTIPLIERS[name](product, 1e-4).measure() > 0
    np.testing.assert_allclose(out, a @ b, rtol=1e-5)


def test_operations_per_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "rate_of", lambda run, seconds: 2.0)
    rate = MULTIPLIERS["BLAS"](Product("x W", 100, 1000, 100), 1.0)  # 20 million operations, three times per run
    assert rate.measure() == pytest.approx(2 * 3 * 0.02)
