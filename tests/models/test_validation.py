"""Data that cannot be used are refused in one sentence and change nothing; odd data that can be are taken."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from helpers.bad_values import METHODS, small
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchae as sae
from scratchae.kernels import steps
from scratchae.models.blocks import BLOCK
from scratchae.models.validation import (
    check_array,
    check_count,
    check_flag,
    check_number,
    check_share,
    check_sizes,
    check_whole,
)


def with_value(value: float) -> np.ndarray:
    x = np.full((20, 4), 0.5)
    x[7, 2] = value
    return x


class DataFrameLike:
    """A table whose entries are text."""

    columns = ("a", "b")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array([["1", "x"]], dtype=object)


BAD_DATA = {
    "NaN": (with_value(np.nan), ValueError, "X has NaN at row 7, column 2; remove such rows or fill them in"),
    "infinity": (with_value(-np.inf), ValueError, "X has infinity at row 7, column 2; remove"),
    "beyond float32": (with_value(1e300), ValueError, "X has infinity at row 7, column 2; .*beyond the range of float32"),
    "below 0": (with_value(-0.25), ValueError, r"X has -0.25 at row 7, column 2, outside \[0, 1\]; scale it .*MinMaxScaler.*, or use likelihood="),
    "above 1": (with_value(255), ValueError, r"X has 255 at row 7, column 2, outside \[0, 1\]; scale it"),
    "no rows": (np.zeros((0, 4)), ValueError, "X is empty"),
    "no columns": (np.zeros((4, 0)), ValueError, "X has no columns"),
    "empty list": ([], ValueError, "got 1D array"),
    "a number": (3.0, ValueError, r"got 0D array of shape \(\) instead. Reshape"),
    "1-D": (np.zeros(4), ValueError, r"got 1D array of shape \(4,\) instead. Reshape your data .*X.reshape\(1, -1\)"),
    "images": (np.zeros((9, 8, 8)), ValueError, r"X has 3 dimensions, shape \(9, 8, 8\); reshape images to rows: X.reshape\(len\(X\), -1\)"),
    "text": (np.array([["a", "b"]]), ValueError, "X has dtype <U1, which is not numeric; pass numbers"),
    "numbers as text": ([["0.5", "1"]], ValueError, "which is not numeric; pass numbers"),
    "bytes": (np.array([[b"1"]]), ValueError, "which is not numeric; pass numbers"),
    "dates": (np.array([["2020-01-01"]], "M8[D]"), ValueError, "which is not numeric; pass numbers"),
    "time spans": (np.array([[1]], "m8[s]"), ValueError, "which is not numeric; pass numbers"),
    "objects": (np.array([[{}, 1]], dtype=object), TypeError, "X has dtype object, which is not numeric .*; pass numbers"),
    "a table of text": (DataFrameLike(), ValueError, "X has dtype object, which is not numeric .*; pass numbers"),
    "None in it": ([[None, 1.0]], ValueError, "X has NaN at row 0, column 0"),
    "nothing": (None, ValueError, "got 0D array|is not numeric"),
    "complex": (np.ones((4, 2), complex), ValueError, "X has dtype complex128; pass real numbers"),
    "sparse": (scipy.sparse.eye(4, format="csr"), TypeError, r"X is a sparse matrix, .* pass X.toarray\(\)"),
    "sparse array": (scipy.sparse.coo_array(np.eye(4)), TypeError, r"pass X.toarray\(\)"),
    "ragged": ([[1, 0], [1]], ValueError, "X is not an array of numbers .*; pass rows of equal length"),
    "masked": (np.ma.masked_equal(np.eye(4), 0), ValueError, "X has masked entries, .*; remove such rows or fill them in"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_are_refused_and_change_nothing(case: str, x: np.ndarray) -> None:
    data, error, message = BAD_DATA[case]
    fresh = small()
    with pytest.raises(error, match=message):
        fresh.fit(data)
    assert vars(fresh) == vars(small())
    with pytest.raises(sae.NotFittedError):
        fresh.encode(x)

    fitted = small().fit(x)
    before, learned = fitted.reconstruct(x), dict(vars(fitted))
    with pytest.raises(error, match=message):
        fitted.fit(data)
    assert vars(fitted) == learned
    np.testing.assert_array_equal(fitted.reconstruct(x), before)


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_validation_data_are_refused_by_name(case: str, x: np.ndarray) -> None:
    data, error, message = BAD_DATA[case]
    if case == "nothing":
        pytest.skip("None stands for no validation data")
    model = small()
    with pytest.raises(error, match="validation_data|got [01]D array"):
        model.fit(np.full((5, 2 if case == "None in it" else 4), 0.5), validation_data=data)
    assert not hasattr(model, "history_")


@pytest.mark.parametrize("method", METHODS)
def test_unfitted_use(method: str, x: np.ndarray) -> None:
    with pytest.raises(sae.NotFittedError, match="This Autoencoder is not fitted yet; call fit first"):
        METHODS[method](small(), x)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("parameters_", "save")])
def test_bad_data_after_fitting(method: str, x: np.ndarray) -> None:
    model = small().fit(x)
    features, name = (2, "Z") if method in ("decode", "inverse_transform") else (11, "X")
    with pytest.raises(
        ValueError,
        match=f"{name} has 3 features, but Autoencoder is expecting {features} features as input; pass {name} with",
    ):
        METHODS[method](model, np.zeros((5, 3)))
    bad = np.zeros((5, features))
    bad[4, 1] = np.nan
    with pytest.raises(ValueError, match=f"{name} has NaN at row 4, column 1"):
        METHODS[method](model, bad)
    with pytest.raises(ValueError, match="Reshape your data"):
        METHODS[method](model, np.zeros(features))
    if method in ("score", "score_samples", "loss_and_gradients"):
        with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
            METHODS[method](model, np.full((5, 11), 1.5))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, BLOCK - 1, BLOCK, 2 * BLOCK + 2])
def test_the_row_is_named_in_long_data(value: float, row: int) -> None:
    x = np.zeros((2 * BLOCK + 3, 3), np.float32)
    x[row, 1] = value
    with pytest.raises(ValueError, match=f"at row {row}, column 1;"):
        check_array(x, "float32")
    x[row, 1] = 255
    with pytest.raises(
        ValueError, match=rf"has 255 at row {row}, column 1, outside \[0, 1\]; scale it \(pixels / 255\)"
    ):
        check_array(x, "float32", unit_interval=True)


def test_a_series_is_not_two_dimensional() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=r"got 1D array of shape \(2,\)"):
        check_array(pandas.Series([1.0, 2.0]), "float32")


CHECKS: list[tuple[Any, list[Any], list[Any]]] = [  # a check, what it takes, what it refuses
    (lambda v: check_whole("n", v, 2), [2, 7, np.int64(2)], [1, True, 2.0, "2", None]),
    (lambda v: check_count("n", v), [1, np.int8(3), "auto"], [0, True, 1.5, "all", None]),
    (lambda v: check_number("r", v, 0), [0, 0.5, np.float32(1)], [-1e-9, True, np.inf, np.nan, "1", None]),
    (lambda v: check_number("r", v, 0, open_end=True), [1e-9, 2], [0, 0.0, -1, False]),
    (lambda v: check_share("r", v), [0, 1, 0.5], [-0.01, 1.01, True, np.nan, None]),
    (lambda v: check_share("r", v, open_start=True), [1, 1e-9], [0, 0.0, 1.01]),
    (lambda v: check_share("r", v, open_ends=True), [0.5, 1e-9], [0, 1, 1.0]),
    (lambda v: check_sizes(v, least=0), [(), [3], (4, 2), np.array([5])], ["ab", 3, (0,), (1.5,), (True,), None]),
    (lambda v: check_sizes(v, least=1), [(3,), (3, 2)], [()]),
    (lambda v: check_flag("f", v), [True, False, np.True_], [0, 1, "yes", None]),
]


@pytest.mark.parametrize("which", range(len(CHECKS)))
def test_options_are_taken_up_to_their_limits(which: int) -> None:
    check, good, bad = CHECKS[which]
    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(ValueError, match="is not allowed|is not a sequence|has no layer"):
            check(value)


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int64, bool, np.float16, np.float32, np.float64, np.longdouble, ">f4", object]
)
def test_all_real_types_give_the_same_model(dtype: Any) -> None:
    x = np.random.default_rng(0).integers(0, 2, (30, 6))
    expected = small().fit(x.astype(np.float32)).parameters_["encoder.0.W"]
    np.testing.assert_array_equal(small().fit(x.astype(dtype)).parameters_["encoder.0.W"], expected)


def test_all_memory_orders_give_the_same_model(x: np.ndarray) -> None:
    expected = small().fit(x).reconstruct(x)
    wide = np.zeros((140, 22), np.float32)
    wide[::2, ::2] = x
    read_only = x.copy()
    read_only.flags.writeable = False
    for same in (
        np.asfortranarray(x),
        wide[::2, ::2],
        x[::-1].copy()[::-1],
        read_only,
        x.tolist(),
        np.ma.array(x),
        tuple(map(tuple, x)),
    ):
        np.testing.assert_array_equal(small().fit(same).reconstruct(same), expected)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_read_only_data_need_no_copy_and_no_other_kernels(x: np.ndarray, optimizer: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    taken = check_array(mapped, "float32")
    assert np.shares_memory(taken, mapped) and not mapped.flags.writeable
    del mapped
    gc.collect()
    np.testing.assert_array_equal(taken, x)  # the file is still mapped
    expected = small(optimizer=optimizer).fit(x)
    compiled = [len(kernel.signatures) for kernel in (steps.take_steps, steps.full_gradient)]
    model = small(optimizer=optimizer).fit(np.frombuffer(x.tobytes(), np.float32).reshape(x.shape))
    np.testing.assert_array_equal(model.parameters_.flat, expected.parameters_.flat)
    assert [len(kernel.signatures) for kernel in (steps.take_steps, steps.full_gradient)] == compiled


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize(
    "data",
    [
        np.full((1, 4), 0.5),
        np.full((1, 1), 0.25),
        np.zeros((30, 4)),
        np.ones((30, 4)),
        np.tile([0.0, 1.0, 0.5, 0.3], (30, 1)),
    ],
    ids=["one row", "one number", "zeros", "ones", "constant columns"],
)
def test_degenerate_data_are_learned(optimizer: str, likelihood: str, data: np.ndarray) -> None:
    model = small(optimizer=optimizer, likelihood=likelihood, epochs=20).fit(data)
    assert np.isfinite(model.reconstruct(data)).all()
    assert model.history_["loss"][-1] <= model.history_["loss"][0]
    assert np.isfinite(model.score(data))


@given(
    data=hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_any_array_is_taken_whole_or_refused_in_words(data: np.ndarray) -> None:
    try:
        x = check_array(data, "float32")
    except ValueError as error:
        assert data.ndim != 2 or data.size == 0 or not np.isfinite(data.astype(np.float32)).all()
        assert re.search("[Rr]eshape|no columns|is empty|at row", str(error))
    else:
        assert x.flags.c_contiguous and x.dtype == np.float32
        np.testing.assert_array_equal(x, data.astype(np.float32))


@pytest.mark.parametrize(
    "option", ["variance", "beta", "free_bits", "learning_rate", "learning_rate_decay", "weight_decay"]
)
def test_numbers_too_large_for_a_float_are_refused_in_words(option: str) -> None:
    with pytest.raises(ValueError, match=f"^{option}=1000.* is not allowed; give a number"):
        sae.VariationalAutoencoder(likelihood="gaussian", **{option: 10**400}).fit(np.eye(3))
