"""The embedded data set: 1,797 handwritten digits, included in the package."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchae.datasets.dataset import Dataset, to_unit_interval

FILE = "digits.npz"
MEMBERS = ("images", "labels", "is_test")
SHA256 = "9ee7fbb820186b99ef9dfb865c836466a2f5ad81ce6368c41ab3cbd650d156d5"
LICENCE = "CC BY 4.0"
WHITE = 16


def load_digits() -> Dataset:
    """Load the embedded 8×8 handwritten digits: no download, a few milliseconds.

    Each pixel is the number of ink pixels in a 4×4 block of a 32×32 scan, 0 to 16, divided by 16.  The split is
    fixed and stratified: about one row in five of each class, 360 in total, is a test row.

    Returns
    -------
    Dataset
        ``x_train`` float32 (1437, 64), ``x_test`` float32 (360, 64), labels int64 0 to 9, ``image_shape``
        (8, 8); new arrays at every call, with rows in the order of the source.

    Raises
    ------
    ValueError
        If the embedded file is missing, damaged, or not the one of this release.

    Notes
    -----
    These are the rows of the *test* part of the source, written by 13 people, each of whom may occur in both parts
    of this split.  Accuracies are therefore higher than with the source's own protocol, which tests on writers
    not seen in training.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49, licensed under CC BY 4.0
    (https://creativecommons.org/licenses/by/4.0/).  Changes made: see ``LICENSE-digits.md`` in this folder.
    """
    images, labels, is_test = _unpack(embedded_file())
    x, y = to_unit_interval(images, WHITE), labels.astype(np.int64)
    return Dataset(x[~is_test], y[~is_test], x[is_test], y[is_test], image_shape=(8, 8), name="digits")


def embedded_file() -> bytes:
    """Read the packed data set from the package (which may be a zip file).

    Returns
    -------
    bytes
        The content of ``digits.npz``.

    Raises
    ------
    ValueError
        If the file is missing.
    """
    try:
        return resources.files("scratchae.datasets").joinpath(FILE).read_bytes()
    except OSError as error:
        raise ValueError(_damaged("it cannot be read")) from error


def digest(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the fingerprint of the arrays, independent of the zip or zlib version.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        ``images`` uint8 (N, 8, 8), ``labels`` uint8 (N,), ``is_test`` bool (N,).

    Returns
    -------
    str
        sha256 of dtype, shape and bytes of the three arrays, as 64 hexadecimal digits.

    Raises
    ------
    KeyError
        If one of the three is missing.
    """
    total = hashlib.sha256()
    for name in MEMBERS:
        array = arrays[name]
        total.update(f"{name} {array.dtype.str} {array.shape}".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def _unpack(content: bytes) -> list[npt.NDArray[Any]]:
    """Return the three verified arrays in the order of MEMBERS."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in MEMBERS}
    except Exception as error:  # NumPy and zipfile raise many kinds of errors for a damaged archive
        raise ValueError(_damaged("it is not a readable .npz archive of the three arrays")) from error
    if (got := digest(arrays)) != SHA256:
        raise ValueError(_damaged(f"the sha256 of its arrays is {got}, expected {SHA256}"))
    return [arrays[name] for name in MEMBERS]


def _damaged(why: str) -> str:
    return f"the embedded file scratchae/datasets/{FILE} is damaged ({why}): reinstall scratchae"
