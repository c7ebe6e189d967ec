"""The user cache, filled from mirrors when a file is not found elsewhere.

Mirrors can disappear, and an incomplete download looks like a complete one.  So the mirrors are tried in turn,
and a download keeps a temporary name until its sha256 is verified; then it is renamed in one step.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from scratchae.datasets.sources import Source
from scratchae.datasets.store import FOLDER_VARIABLE, find, read_verified, verify

_TIMEOUT = 30.0  # seconds without an answer before the next mirror is tried
_PIECE = 1 << 16


def cache_folder(source: Source) -> Path:
    """Return the cache folder of a data set.

    Parameters
    ----------
    source : Source
        The data set.

    Returns
    -------
    Path
        A subfolder of the operating system's cache folder; it may not exist yet.
    """
    import pooch  # imported here because most runs do not need it

    return Path(pooch.os_cache("scratchae")) / source.name


def read_cached(source: Source, file: str) -> npt.NDArray[np.uint8]:
    """Read one file of a data set from the user cache, downloading it if it is absent or damaged.

    Parameters
    ----------
    source : Source
        The data set.
    file : str
        Name without ``.gz``.

    Returns
    -------
    ndarray of uint8
        Images (N, height, width) or labels (N,).

    Raises
    ------
    ConnectionError
        If no mirror delivers the file; the message says what to do instead.
    OSError
        If the cache cannot be written.
    """
    folder = cache_folder(source)
    try:
        return read_verified(source, folder, file)
    except FileNotFoundError:
        pass
    except ValueError:
        # Delete the damaged file: otherwise it would be found first next time, too.
        damaged = find(folder, file)
        if damaged is not None:
            with _hint(folder):
                damaged.unlink()
    return _fetch(source, folder, file)


@contextmanager
def _hint(folder: Path) -> Iterator[None]:
    """Add to errors of writing the cache that another folder can be used."""
    try:
        yield
    except OSError as error:
        raise type(error)(
            f"the cache {folder} cannot be written ({error.strerror or error}): set the environment variable {FOLDER_VARIABLE} to a folder "
            "with the four files, or pass folder=...; XDG_CACHE_HOME moves the cache on Linux",
        ) from None


def _fetch(source: Source, folder: Path, file: str) -> npt.NDArray[np.uint8]:
    """Download `file` into `folder` from the first mirror with the correct content, and return its array."""
    with _hint(folder):
        folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    for mirror in source.mirrors:
        # In the same folder, because renaming is atomic only within a file system.
        with _hint(folder):
            handle, name = tempfile.mkstemp(prefix=f"{file}-", suffix=".part", dir=folder)
        os.close(handle)
        part = Path(name)
        try:
            _download(f"{mirror}{file}.gz", part)
            array = verify(source, part, file)
            part.replace(folder / f"{file}.gz")
            return array
        except (OSError, ValueError) as error:
            why = "wrong or damaged content" if isinstance(error, ValueError) else type(error).__name__
            failures.append(f"{urlsplit(mirror).netloc}: {why}")
        finally:
            part.unlink(missing_ok=True)
    raise ConnectionError(
        f"could not download {file} of {source.title} ({'; '.join(failures)}): put the four files into a "
        f"folder and pass folder=..., or set the environment variable {FOLDER_VARIABLE} to it"
    )


def _download(url: str, target: Path) -> None:
    """Write the response to `target`, with a progress bar if stderr is a terminal."""
    from pooch import HTTPDownloader

    watched = sys.stderr is not None and sys.stderr.isatty()
    HTTPDownloader(progressbar=watched, chunk_size=_PIECE, timeout=_TIMEOUT)(url, os.fspath(target), None)
