"""Codes as arrays or as data frames, and the names of their columns, as scikit-learn's transformers have them (`set_output`)."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import nearest
from scratchae.nets.network import Array

CONTAINERS = ("default", "pandas", "polars")


def check_container(container: object) -> None:
    """Raise ValueError unless this is the name of a container."""
    if container not in CONTAINERS:
        raise ValueError(
            f"set_output(transform={container!r}) is unknown{nearest(container, CONTAINERS)}; use one of {', '.join(CONTAINERS)}."
        )


def container_of(chosen: str | None) -> str:
    """Return the container in force: the model's own, or that of scikit-learn's global settings if scikit-learn is loaded."""
    sklearn = sys.modules.get("sklearn")
    if chosen is not None or sklearn is None:
        return chosen or "default"
    container = sklearn.get_config()["transform_output"]
    check_container(container)
    return str(container)


def in_container(codes: Array, container: str, names: Array, X: ArrayLike) -> Any:
    """Return the codes as they are, or as a data frame with these column names.

    Parameters
    ----------
    codes : array, shape (N, H)
    container : {"default", "pandas", "polars"}
    names : array of str, shape (H,)
    X : array_like
        The data that were encoded; a pandas data frame has the index of X if X has one.

    Raises
    ------
    ImportError
        If the package of the container is not installed.
    """
    if container == "default":
        return codes
    try:
        frames = importlib.import_module(container)
    except ImportError:
        message = f'set_output(transform="{container}") needs the package {container}; install it, or use transform="default".'
        raise ImportError(message) from None
    if container == "polars":
        return frames.DataFrame(codes, schema=names.tolist(), orient="row")
    index = X.index if isinstance(X, (frames.DataFrame, frames.Series)) else None
    return frames.DataFrame(codes, index=index, columns=names)


def names_out(prefix: str, size: int) -> Array:
    """Return the names of the columns of codes: prefix0, prefix1, …"""
    return np.array([f"{prefix}{i}" for i in range(size)], dtype=object)


def check_names_in(given: ArrayLike | None, fitted: Array | None, features: int) -> None:
    """Compare column names with those of the data of `fit`.

    Parameters
    ----------
    given : array_like of str, optional
    fitted : array of str, shape (D,), optional
        The names stored by `fit`, if its data had any.
    features : int
        D.

    Raises
    ------
    ValueError
        If the names differ, or if there are not D of them.
    """
    if given is None:
        return
    names = np.asarray(given, dtype=object)
    if fitted is not None and not np.array_equal(names, fitted):
        raise ValueError(
            "input_features is not equal to feature_names_in_; leave it out, or pass the columns seen by fit."
        )
    if names.shape != (features,):
        raise ValueError(
            f"input_features should have length equal to number of features ({features}), got {len(np.atleast_1d(names))}."
        )
