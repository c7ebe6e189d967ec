"""Checks of user input; each error is one sentence that says what is wrong, where, and what to do."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import nearest
from scratchae.models import blocks
from scratchae.models.frames import as_float, frame_as_numbers, is_frame, place
from scratchae.nets.network import Array

# Validation rows, or a tuple that starts with them; for a model with labels, the pair of rows and labels.
ValidationData: TypeAlias = ArrayLike | tuple[ArrayLike, ...] | tuple[ArrayLike, ArrayLike | None]


def check_array(
    X: ArrayLike,
    dtype: str,
    *,
    features: int | None = None,
    unit_interval: bool = False,
    name: str = "X",
    owner: str = "This model",
) -> Array:
    """Return X as a contiguous array of `dtype` with finite entries; no copy if it already is one.

    Parameters
    ----------
    X : array_like, shape (N, D)
    dtype : {"float32", "float64"}
    features : int, optional
        D, if known.
    unit_interval : bool
        Whether entries must lie in [0, 1].
    name, owner : str
        Names used in the messages.

    Returns
    -------
    x : array, shape (N, D)

    Raises
    ------
    ValueError, TypeError
        If X cannot be used; the message says why and what to do.
    """
    if hasattr(X, "toarray") and hasattr(X, "nnz"):
        raise TypeError(f"{name} is a sparse matrix, which is not supported; pass {name}.toarray().")
    columns = getattr(X, "columns", None)
    x = frame_as_numbers(X, dtype, name) if is_frame(X) else _as_numbers(X, dtype, name)
    if x.ndim != 2:
        raise ValueError(_wrong_dimensions(x, name))
    if x.shape[0] == 0:
        raise ValueError(
            f"Found array with 0 sample(s) (shape={x.shape}): {name} is empty; a minimum of 1 is required."
        )
    if x.shape[1] == 0:
        raise ValueError(f"0 feature(s) (shape={x.shape}) while a minimum of 1 is required: {name} has no columns.")
    if features is not None and x.shape[1] != features:
        raise ValueError(
            f"{name} has {x.shape[1]} features, but {owner} is expecting {features} features as input; "
            f"pass {name} with the columns seen by fit{'' if columns is None else ', in the same order'}."
        )
    with np.errstate(over="ignore"):  # an overflow becomes infinity and is reported below
        x = np.ascontiguousarray(x, dtype)
    _check_values(x, unit_interval, name, X)
    return x if x.flags.writeable else np.asarray(_Window(x))


class _Window:
    """A read-only array presented as writable: kernels are compiled for writable arrays, but only read their data."""

    def __init__(self, x: Array) -> None:
        self.owner = x  # kept alive by the array made from this object
        self.__array_interface__ = {**x.__array_interface__, "data": (x.ctypes.data, False)}


def _as_numbers(X: ArrayLike, dtype: str, name: str) -> Array:
    """Return X as an array of real numbers, in its own dtype if that is numeric."""
    if np.ma.is_masked(X):
        raise ValueError(f"{name} has masked entries, whose values are undefined; remove such rows or fill them in.")
    try:
        x = np.asarray(X)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} is not an array of numbers ({error}); pass rows of equal length.") from None
    if x.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {x.dtype}; pass real numbers.")
    if x.dtype.kind in "fiub":
        return x
    if x.dtype.kind != "O":  # text, dates: NumPy would convert some of them to numbers
        raise ValueError(f"{name} has dtype {x.dtype}, which is not numeric; pass numbers.")
    try:
        return x.astype(dtype)
    except (ValueError, TypeError):
        return _from_objects(x, dtype, name)


def _from_objects(x: Array, dtype: str, name: str) -> Array:
    """Convert an array of Python objects, one entry at a time; a missing value of pandas is NaN."""
    values = np.empty(x.shape, dtype)
    for place_of in np.ndindex(x.shape):
        try:
            values[place_of] = as_float(x[place_of])
        except (ValueError, TypeError) as error:
            where = f"row {place_of[0]}, column {place_of[1]}: " if x.ndim == 2 else ""
            raise type(error)(
                f"{name} has dtype {x.dtype}, which is not numeric ({where}{error}); pass numbers."
            ) from None
    return values


def _wrong_dimensions(x: Array, name: str) -> str:
    if x.ndim < 2:
        return (
            f"Expected 2D array, got {x.ndim}D array of shape {x.shape} instead. Reshape your data to (rows, features): one example is "
            f"{name}.reshape(1, -1), one feature {name}.reshape(-1, 1)."
        )
    return f"{name} has {x.ndim} dimensions, shape {x.shape}; reshape images to rows: {name}.reshape(len({name}), -1)."


def _check_values(x: Array, unit_interval: bool, name: str, source: object) -> None:
    for first in range(0, len(x), blocks.BLOCK):
        block = x[first : first + blocks.BLOCK]
        low, high = block.min(), block.max()
        if not (math.isfinite(low) and math.isfinite(high)):
            row, column = np.argwhere(~np.isfinite(block))[0]
            value = "NaN" if np.isnan(block[row, column]) else "infinity"
            raise ValueError(
                f"{name} has {value} at {place(source, first + row, column)}; remove such rows or fill them in "
                f"(NaN and infinity, also beyond the range of {x.dtype}, cannot be computed with)."
            )
        if unit_interval and (low < 0 or high > 1):
            row, column = np.argwhere((block < 0) | (block > 1))[0]
            raise ValueError(
                f"{name} has {block[row, column]:.6g} at {place(source, first + row, column)}, outside [0, 1]; "
                f'scale it ({_advice(block, source)}), or use likelihood="gaussian".'
            )


def _advice(block: Array, source: object) -> str:
    """Return how to bring such values into [0, 1]: as pixels if they look like bytes, otherwise as columns of a table."""
    bytes_ = block.min() >= 0 and block.max() <= 255 and bool((block == np.floor(block)).all())
    if bytes_ and getattr(source, "columns", None) is None:
        return "pixels / 255"
    # Without clip=True, values beyond those of the training rows leave [0, 1].
    return "with MinMaxScaler(clip=True) of scikit-learn, for columns of a table"


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise ValueError unless the value is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}={value!r} is unknown{nearest(value, choices)}; use one of {', '.join(choices)}.")


def check_whole(name: str, value: object, least: int) -> int:
    """Return the value as int; raise ValueError unless it is an integer of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name}={value!r} is not allowed; give an integer of at least {least}.")
    return int(value)


def check_count(name: str, value: object) -> None:
    """Raise ValueError unless the value is an integer of at least 1, or "auto"."""
    if isinstance(value, str) and value == "auto":
        return
    try:
        check_whole(name, value, 1)
    except ValueError:
        raise ValueError(f'{name}={value!r} is not allowed; give an integer of at least 1, or "auto".') from None


def check_flag(name: str, value: object) -> None:
    """Raise ValueError unless the value is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name}={value!r} is not allowed; give True or False.")


def check_number(name: str, value: object, least: float, *, open_end: bool = False) -> float:
    """Return the value as float; raise ValueError unless it is finite and at least (with open_end: above) `least`."""
    number = _as_float(value)
    if not math.isfinite(number) or number < least or (open_end and number == least):
        raise ValueError(
            f"{name}={value!r} is not allowed; give a number {'above' if open_end else 'of at least'} {least}."
        )
    return number


def _as_float(value: object) -> float:
    """Return a number as float; NaN for anything else, and infinity for a number that is too large for a float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def check_share(name: str, value: object, *, open_ends: bool = False, open_start: bool = False) -> float:
    """Return the value as float; raise ValueError unless it is in [0, 1] (with open_start: (0, 1]; with open_ends: (0, 1))."""
    number = _as_float(value)
    if not 0 <= number <= 1 or (open_ends and number in (0, 1)) or (open_start and number == 0):
        allowed = "between 0 and 1" if open_ends else "above 0 and up to 1" if open_start else "from 0 to 1"
        raise ValueError(f"{name}={value!r} is not allowed; give a number {allowed}.")
    return number


def check_sizes(sizes: object, *, least: int, example: str = "(128,)") -> None:
    """Raise ValueError unless hidden_sizes is a sequence of at least `least` positive integers."""
    if isinstance(sizes, str) or not isinstance(sizes, (Sequence, np.ndarray)):
        raise ValueError(f"hidden_sizes={sizes!r} is not a sequence of sizes; give a tuple such as {example} or ().")
    for i, size in enumerate(sizes):
        check_whole(f"hidden_sizes[{i}]", size, 1)
    if len(sizes) < least:
        raise ValueError(f"hidden_sizes={sizes!r} has no layer; give a tuple such as {example}.")
