"""The compiled half: products of all shapes, on all threads, and every twin equal to its op."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchae as sae
from scratchae import kernels, ops
from scratchae.kernels import product as P  # noqa: N812
from scratchae.verify import relative_error
from scratchae.verify.derivatives import as_float
from scratchae.verify.twins import ARGUMENTS, in_other_order, tolerance, twin_error

KERNELS = Path(kernels.__file__).parent
sizes = st.integers(1, 70)
orders = st.sampled_from([("C", "C"), ("C", "F"), ("F", "C"), ("strided", "strided")])


def laid_out(array: np.ndarray, order: str) -> np.ndarray:
    """The same numbers in another memory order."""
    if order == "strided":
        wide = np.zeros((array.shape[0], 2 * array.shape[1]), array.dtype)
        wide[:, ::2] = array
        return wide[:, ::2]
    return np.asarray(array, order=order)  # type: ignore[call-overload]


@pytest.mark.slow
@settings(max_examples=150)
@given(sizes, sizes, sizes, orders, st.sampled_from(["float32", "float64"]), st.integers(0, 2**32 - 1))
def test_product_equals_numpy(i: int, k: int, j: int, order: tuple[str, str], dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((i, k)), rng.standard_normal((k, j))
    out = np.full((i, j), np.nan, dtype)
    P.product_of(laid_out(a.astype(dtype), order[0]), laid_out(b.astype(dtype), order[1]), out)
    scale = np.abs(a.astype(dtype)) @ np.abs(b.astype(dtype))
    assert (np.abs(out - a.astype(dtype).astype(float) @ b.astype(dtype)) <= 4 * k * np.finfo(dtype).eps * scale).all()


@pytest.mark.parametrize("shape", [(500, 300, 37), (37, 300, 500), (7, 4000, 80), (241, 257, 300)])
@pytest.mark.parametrize("order", [("C", "C"), ("F", "C"), ("C", "F")])
def test_large_products_on_all_threads(shape: tuple[int, int, int], order: tuple[str, str]) -> None:
    i, k, j = shape
    rng = np.random.default_rng(0)
    a, b, out = rng.standard_normal((i, k)), rng.standard_normal((k, j)), np.empty((i, j))
    P.product_of(laid_out(a, order[0]), laid_out(b, order[1]), out)
    assert relative_error(out, a @ b) < 1e-13


@pytest.mark.parametrize("shape", [(3, 8000, 17), (8, 4097, 5)])
def test_long_sums_in_single_precision_keep_six_digits(shape: tuple[int, int, int]) -> None:
    i, k, j = shape
    rng = np.random.default_rng(0)
    a, b = rng.random((i, k), dtype=np.float32), rng.random((k, j), dtype=np.float32)  # nothing cancels, errors add up
    out = np.empty((i, j), np.float32)
    P.product_of(a, b, out)
    assert relative_error(out, a.astype(float) @ b) < 2e-6
    P.product_of(a, np.asfortranarray(b), out)
    assert relative_error(out, a.astype(float) @ b) < 2e-6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("n", "i", "o"), [(3, 0, 2), (0, 3, 2), (4, 3, 0), (0, 0, 0)])
def test_nothing_to_sum_over(dtype: str, n: int, i: int, o: int) -> None:
    x, W, b, dy = np.ones((n, i), dtype), np.ones((i, o), dtype), np.full(o, 0.5, dtype), np.ones((n, o), dtype)
    assert np.array_equal(kernels.dense(x, W, b), ops.dense(x, W, b))
    assert np.array_equal(kernels.layer(x, W, b, "tanh").shape, (n, o))
    for got, expected in zip(kernels.dense_backward(dy, x, W), ops.dense_backward(dy, x, W), strict=True):
        assert np.array_equal(got, expected)


def test_twins_refuse_shapes_and_types_that_do_not_fit() -> None:
    x, W, b = np.ones((3, 5)), np.ones((5, 4)), np.ones(4)
    for arguments in ((x, W.T, b), (x, W, b[:1]), (x[0], W, b)):
        with pytest.raises(ValueError, match="give"):
            kernels.dense(*arguments)
    for arguments in ((x.astype(np.float32), W, b), (x, W, b.astype(np.float32)), (x.astype(int), W, b)):
        with pytest.raises(TypeError, match="float"):
            kernels.dense(*arguments)
    with pytest.raises(ValueError, match="fit"):
        kernels.dense_backward(np.ones((3, 5)), x, W)
    for twin, arguments in ((kernels.bernoulli_nll, (x, x[:1])), (kernels.squared_error_backward, (b, x, x))):
        with pytest.raises(ValueError, match="give"):
            twin(*arguments)


@pytest.mark.parametrize("tied", [False, True])
def test_compiled_steps_equal_the_model_line_by_line(tied: bool) -> None:
    # Batches so large that every product is cut in depth too, and a tied layer adds to a gradient that is already there.
    x = np.random.default_rng(0).random((700, 300))
    flat = {}
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            model = sae.Autoencoder(
                (40,), 5, tied_weights=tied, weight_decay=1e-3, optimizer="sgd", batch_size=300, epochs=2, random_state=0,
                dtype="float64",
            ).fit(x)  # fmt: skip
        flat[backend] = np.concatenate([value.ravel() for _, value in model.parameters_.items()])
    assert relative_error(flat["numba"], flat["numpy"]) < 1e-12


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(ARGUMENTS)),
    sizes,
    sizes,
    sizes,
    st.sampled_from(["float32", "float64"]),
    st.integers(0, 2**32 - 1),
)
def test_every_twin_equals_its_op_on_any_shape(name: str, n: int, i: int, o: int, dtype: str, seed: int) -> None:
    for draw in ARGUMENTS[name]:
        arguments = [as_float(a, dtype) for a in draw(np.random.default_rng(seed), n, i, o)]
        for each in (arguments, [in_other_order(a) for a in arguments]):
            assert twin_error(name, getattr(ops, name), getattr(kernels, name), each) <= tolerance(name, dtype), name


def test_twins_have_the_names_of_the_ops() -> None:
    assert kernels.__all__ == ops.__all__
    assert set(ARGUMENTS) == set(ops.__all__)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "relu"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scalar_functions_from_end_to_end(name: str, dtype: str) -> None:
    small, large = np.finfo(dtype).tiny, np.finfo(dtype).max
    x = np.concatenate(
        [
            np.linspace(-750, 750, 30001),
            np.linspace(-1e-3, 1e-3, 101),
            [small, -small, large, -large, np.inf, -np.inf, 0],
        ]
    )
    x = x.astype(dtype)
    with np.errstate(all="ignore"):
        expected = getattr(ops, name)(x.astype(np.float64)).astype(dtype)
    got = getattr(kernels, name)(x)
    finite = np.isfinite(expected)
    assert np.array_equal(got[~finite], expected[~finite])
    error = np.abs(got[finite].astype(float) - expected[finite].astype(float))
    # Within a few units in the last place, down to the smallest normal number (results below it are rounded up to it).
    assert (error <= 40 * np.finfo(dtype).eps * np.abs(expected[finite]) + 2 * small).all()
    assert np.isnan(getattr(kernels, name)(np.array([np.nan], dtype))).all()


def test_product_does_not_touch_its_arguments_or_what_lies_beside_the_result() -> None:
    rng = np.random.default_rng(0)
    for i, k, j in [(1, 1, 1), (9, 5, 17), (8, 3, 16), (65, 7, 33)]:
        a, b = rng.standard_normal((i, k)), rng.standard_normal((k, j))
        before: list[Any] = [a.copy(), b.copy()]
        guarded = np.full((i + 2, j), 7.0)
        P.product_of(a, b, guarded[1:-1])
        assert (guarded[0] == 7).all() and (guarded[-1] == 7).all()
        assert np.array_equal(a, before[0]) and np.array_equal(b, before[1])


def lines_of(function: ast.FunctionDef, pointed: bool) -> dict[str, int]:
    """The last line in which the address of each name is taken, or in which it is used in another way."""
    inside = {
        id(call.args[0])
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("pointer", "as_matrix")
    }
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    used = [(node.id, node.lineno) for node in names if (id(node) in inside) == pointed]
    return {name: max(line for other, line in used if other == name) for name, _ in used}


@pytest.mark.parametrize("path", sorted(KERNELS.glob("*.py")), ids=lambda path: path.stem)
def test_an_array_is_used_after_its_address_was_taken(path: Path) -> None:
    # Numba frees an array after its last use, and does not see that of its address: `keep_alive` is a use.
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):
            arguments = {argument.arg for argument in function.args.args}
            others = lines_of(function, pointed=False)
            for name, line in lines_of(function, pointed=True).items():
                assert name in arguments or others.get(name, 0) > line, (
                    f"{function.name}: keep_alive({name}) is missing"
                )
