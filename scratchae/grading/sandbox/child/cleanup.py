"""Remove the files that a test has left in a folder."""

from __future__ import annotations

import os


def empty(folder: str) -> None:
    """Remove everything in a folder, whatever its permissions and depth. No other process may use the folder meanwhile.

    Parameters
    ----------
    folder : str

    Raises
    ------
    OSError
        If a file or folder cannot be removed.
    """
    while names := os.listdir(folder):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isdir(path):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for inner in os.listdir(path):  # one level up, so that paths stay short
                os.rename(os.path.join(path, inner), os.path.join(folder, os.urandom(16).hex()))
            os.rmdir(path)
