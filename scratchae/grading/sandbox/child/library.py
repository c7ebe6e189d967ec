"""Keep the standard library and NumPy importable for a user who cannot enter their parent folders, such as /root: open them beforehand."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def opened() -> dict[str, int]:
    """Open the folders of `sys.path`, while this is still permitted.

    Returns
    -------
    folders : dict of str to int
        File descriptors by the names in `sys.path`.
    """
    return {place: os.open(place, os.O_RDONLY | os.O_DIRECTORY) for place in sys.path if os.path.isdir(place)}


def keep(folders: dict[str, int]) -> dict[str, str]:
    """After the change of user, find modules through the descriptors of folders that are no longer accessible.

    Parameters
    ----------
    folders : dict of str to int
        As from `opened`.

    Returns
    -------
    names : dict of str to str
        The new names of those folders.
    """
    names = {}
    for place, descriptor in folders.items():
        if os.access(place, os.R_OK | os.X_OK):
            os.close(descriptor)
        else:
            names[place] = f"/proc/self/fd/{descriptor}"
            _call_it(names[place], place)
    sys.path_importer_cache.clear()
    return names


def renamed(paths: Sequence[str], place: str, name: str) -> list[str]:
    """These paths, where they begin with a folder's old name, with its new one."""
    return [name + path[len(place) :] if f"{path}/".startswith(f"{place}/") else path for path in paths]


def _call_it(name: str, place: str) -> None:
    """Rename a folder wherever imports look for it: in `sys.path` and in loaded packages."""

    sys.path[:] = [name if path == place else path for path in sys.path]
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__path__", None), list):
            module.__path__ = renamed(module.__path__, place, name)
