"""The table printed by ``scratchae data``: data sets, their locations, and whether their files are intact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scratchae.datasets.digits import LICENCE, embedded_file, load_digits
from scratchae.datasets.download import cache_folder
from scratchae.datasets.sources import FILES, SOURCES, Source
from scratchae.datasets.store import find, folder_from_environment, missing, read_verified
from scratchae.datasets.strokes import N_TEST, N_TRAIN


@dataclass(frozen=True)
class DatasetInfo:
    """One row of the table of data sets.

    Parameters
    ----------
    name : str
        The name, as in `Dataset.name`.
    location : str
        ``"embedded"``, ``"drawn"``, or the folder where the files are or would be downloaded to.
    present : bool
        Whether all files are present.
    verified : bool or None
        Whether their content is correct; None if not checked, or if there are no files.
    n_train, n_test : int
        Number of images.
    size_on_disk : int
        Size of the files in bytes; 0 if there are none.
    licence : str
        Licence of the data, not of this package.
    """

    name: str
    location: str
    present: bool
    verified: bool | None
    n_train: int
    n_test: int
    size_on_disk: int
    licence: str

    @property
    def rows(self) -> int:
        """Return the number of images in both parts."""
        return self.n_train + self.n_test


def available(verify: bool = False) -> list[DatasetInfo]:
    """List the data sets that have a loader (for drawn data sets, see `drawn`).

    Never downloads.  A data set that is not present is downloaded by its loader.

    Parameters
    ----------
    verify : bool, default False
        Read the files that are present and compare their sha256 (about a second).  Otherwise, only names and
        sizes are checked.

    Returns
    -------
    list of DatasetInfo
        One row per data set, the embedded one first.
    """
    return [_embedded(verify), *(_in_folder(source, verify) for source in SOURCES.values())]


def drawn() -> list[DatasetInfo]:
    """List the data sets that are drawn on demand, without files.

    Returns
    -------
    list of DatasetInfo
        One row, with the numbers of images that `make_strokes` draws by default.
    """
    return [DatasetInfo("strokes", "drawn", True, None, N_TRAIN, N_TEST, 0, "MIT")]


def _embedded(verify: bool) -> DatasetInfo:
    try:
        size = len(embedded_file())
    except ValueError:
        size = 0
    verified = _succeeds(load_digits) if verify and size else None
    return DatasetInfo("digits", "embedded", size > 0, verified, 1437, 360, size, LICENCE)


def _in_folder(source: Source, verify: bool) -> DatasetInfo:
    folder = folder_from_environment(source) or cache_folder(source)
    present = not missing(folder)
    verified = None
    if verify and present:
        verified = all(_succeeds(partial(read_verified, source, folder, file)) for file in FILES)
    return DatasetInfo(
        name=source.name,
        location=str(folder),
        present=present,
        verified=verified,
        n_train=source.n_train,
        n_test=source.n_test,
        size_on_disk=sum(path.stat().st_size for file in FILES if (path := find(folder, file))),
        licence=source.licence,
    )


def _succeeds(read: Callable[[], object]) -> bool:
    try:
        read()
    except (OSError, ValueError):
        return False
    return True
