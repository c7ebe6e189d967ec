"""Script that made ``digits.npz``: ``python -m scratchae.datasets._make_digits``.

The source is the copy of the UCI digits in scikit-learn.  The same input gives the same bytes, so anyone can
check the embedded file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchae.datasets.digits import FILE, SHA256, digest

N_TEST = 360
SEED = 1998


def build() -> dict[str, npt.NDArray[Any]]:
    """Read scikit-learn's copy and mark the test rows.

    Returns
    -------
    dict of str to ndarray
        ``images`` uint8 (1797, 8, 8) in 0 to 16, ``labels`` uint8 (1797,), ``is_test`` bool (1797,).

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    from sklearn.datasets import load_digits

    source = load_digits()
    labels = source.target.astype(np.uint8)
    return {
        "images": source.images.astype(np.uint8),
        "labels": labels,
        "is_test": stratified(labels, N_TEST, SEED),
    }


def stratified(labels: npt.NDArray[np.uint8], n_test: int, seed: int) -> npt.NDArray[np.bool_]:
    """Choose test rows at random, from each class in proportion to its size.

    Parameters
    ----------
    labels : ndarray of uint8, shape (N,)
        Classes 0, 1, 2, …, each of which occurs.
    n_test : int
        Total number of rows to choose.
    seed : int
        Seed of the choice.

    Returns
    -------
    ndarray of bool, shape (N,)
        True for the `n_test` chosen rows.
    """
    counts = np.bincount(labels)
    shares = counts * n_test / len(labels)
    quota = np.floor(shares).astype(int)
    # Rows left over after rounding down go to the largest remainders; a stable sort makes ties reproducible.
    quota[np.argsort(quota - shares, kind="stable")[: n_test - quota.sum()]] += 1

    # Ranks of uniform draws, not a shuffle: the stream of `random` is the least likely to change.
    draws = np.random.default_rng(seed).random(len(labels))
    is_test = np.zeros(len(labels), dtype=bool)
    for label, n in enumerate(quota):
        rows = np.flatnonzero(labels == label)
        is_test[rows[np.argsort(draws[rows], kind="stable")[:n]]] = True
    return is_test


def pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Pack arrays as ``.npz`` reproducibly: the archive contains neither time stamps nor the platform.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Arrays of any type but object.

    Returns
    -------
    bytes
        The archive, in the format of ``numpy.load``.

    Raises
    ------
    ValueError
        If an array holds objects (they would need pickle).
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # zipfile would record the platform
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(entry, body.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def main() -> None:
    """Write ``digits.npz`` next to this file and print the sha256 required by `digits`."""
    arrays = build()
    target = Path(__file__).with_name(FILE)
    target.write_bytes(pack(arrays))
    got = digest(arrays)
    print(f"{target}: {target.stat().st_size:,} bytes")
    print(f"SHA256 = {got!r}", "as in digits.py" if got == SHA256 else "DIFFERS from digits.py: put it there")


if __name__ == "__main__":
    main()
