"""The standard library and NumPy stay in reach of a user who may not enter the folders above them, such as /root: by way of folders opened before."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def opened() -> dict[str, int]:
    """Open the folders that modules come from, while they can be opened.

    Returns
    -------
    folders : dict of str to int
        Descriptors, by the names in `sys.path`.
    """
    return {place: os.open(place, os.O_RDONLY | os.O_DIRECTORY) for place in sys.path if os.path.isdir(place)}


def keep(folders: dict[str, int]) -> None:
    """As another user: where a folder's name leads nowhere now, its modules are found through its descriptor.

    Parameters
    ----------
    folders : dict of str to int
        As from `opened`.
    """
    for place, descriptor in folders.items():
        if os.access(place, os.R_OK | os.X_OK):
            os.close(descriptor)
        else:
            _call_it(f"/proc/self/fd/{descriptor}", place)
    sys.path_importer_cache.clear()


def _call_it(name: str, place: str) -> None:
    """Another name for a folder, wherever imports look for it: in `sys.path` and in packages that are loaded."""

    def renamed(paths: Sequence[str]) -> list[str]:
        return [name + path[len(place) :] if f"{path}/".startswith(f"{place}/") else path for path in paths]

    sys.path[:] = [name if path == place else path for path in sys.path]
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__path__", None), list):
            module.__path__ = renamed(module.__path__)
