"""Files in folders: search and verification.

MNIST and Fashion-MNIST use the same four file names, so a file is identified by the sha256 of its decompressed
bytes, not by its name.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scratchae.datasets.idx import read_idx_bytes, view_idx
from scratchae.datasets.sources import FILES, TEST_LABELS, Source, recognise

FOLDER_VARIABLE = "SCRATCHAE_DATA"


def find(folder: Path, file: str) -> Path | None:
    """Find a file under its own name, with a dot before ``idx`` as some sites name it, or with ``.gz`` appended.

    Parameters
    ----------
    folder : Path
        Folder to search; it need not exist.
    file : str
        Name without ``.gz``.

    Returns
    -------
    Path or None
        The plain file if it exists (it is faster to read), else the compressed one, else None.
    """
    dotted = file.replace("-idx", ".idx")  # train-images.idx3-ubyte
    candidates = (folder / file, folder / dotted, folder / f"{file}.gz", folder / f"{dotted}.gz")
    return next((path for path in candidates if path.is_file()), None)


def missing(folder: Path) -> list[str]:
    """List which of the four files are missing from a folder.

    Parameters
    ----------
    folder : Path
        Folder to search; it need not exist.

    Returns
    -------
    list of str
        File names, without ``.gz``.
    """
    return [file for file in FILES if find(folder, file) is None]


def folder_from_environment(source: Source) -> Path | None:
    """Find the folder of the data set in ``$SCRATCHAE_DATA``.

    Parameters
    ----------
    source : Source
        The data set.

    Returns
    -------
    Path or None
        ``$SCRATCHAE_DATA`` itself, its subfolder with the name of the data set, or torchvision's: the first that
        has all four files and is not known to contain another data set.  None if the variable is unset or there is
        no such folder.
    """
    root = os.environ.get(FOLDER_VARIABLE)
    if not root:
        return None
    top = Path(root).expanduser()
    for folder in (*places(source, top), top / source.name):
        if not missing(folder) and not _holds_another(source, folder):
            return folder
    return None


def places(source: Source, folder: Path) -> list[Path]:
    """List the folders in which the files of a data set may be, given the one that holds them.

    Parameters
    ----------
    source : Source
        The data set.
    folder : Path
        The folder itself comes first, then the subfolders in which torchvision keeps the files.

    Returns
    -------
    list of Path
    """
    torchvision = source.title.replace("-", "")  # MNIST, FashionMNIST
    return [folder, folder / torchvision / "raw", folder / "raw"]


def folder_with_files(source: Source, folder: Path) -> Path:
    """Return the first of the `places` that has all four files; the folder itself if none has."""
    return next((place for place in places(source, folder) if not missing(place)), folder)


def read_verified(source: Source, folder: Path, file: str) -> npt.NDArray[np.uint8]:
    """Read one file of a data set from a folder.

    Parameters
    ----------
    source : Source
        The data set.
    folder : Path
        The folder of its files.
    file : str
        Name without ``.gz``.

    Returns
    -------
    ndarray of uint8
        Images (N, height, width) or labels (N,).

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    ValueError
        If it is damaged, or is not this data set's file of that name.
    """
    path = find(folder, file)
    if path is None:
        raise FileNotFoundError(f"there is no {file} or {file}.gz in {folder}: put {source.title}'s file there")
    return verify(source, path, file)


def verify(source: Source, path: Path, file: str) -> npt.NDArray[np.uint8]:
    """Read `path`, and check that it is `file` of the data set.

    Parameters
    ----------
    source : Source
        The data set.
    path : Path
        The path of the file, of any name.
    file : str
        Its name in `source`.

    Returns
    -------
    ndarray of uint8
        Images (N, height, width) or labels (N,).

    Raises
    ------
    ValueError
        If the content is damaged or different; the message names the file and both fingerprints.
    """
    content = read_idx_bytes(path)
    got, expected = hashlib.sha256(content).hexdigest(), source.sha256[file]
    if got != expected:
        known = recognise(got)
        what = f"it is {known[1]} of {known[0].title}" if known else "damaged, or of another origin"
        raise ValueError(
            f"{path} is not {file} of {source.title} ({what}; sha256 of the decompressed bytes: got {got}, "
            f"expected {expected}): replace the file or name another folder"
        )
    return view_idx(content)


def _holds_another(source: Source, folder: Path) -> bool:
    """Return whether the smallest of the four files is known to belong to another data set."""
    path = find(folder, TEST_LABELS)
    try:
        known = recognise(hashlib.sha256(read_idx_bytes(path)).hexdigest()) if path else None
    except ValueError:
        return False  # damaged: the error is raised when the file is read
    return known is not None and known[0].name != source.name
