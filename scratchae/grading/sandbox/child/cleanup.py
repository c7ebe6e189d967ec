"""Empty a folder of whatever a test has put there."""

from __future__ import annotations

import os


def empty(folder: str) -> None:
    """Remove all that is in a folder, whatever its rights and however deep: nobody else may be at work in it.

    Parameters
    ----------
    folder : str

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    while names := os.listdir(folder):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isdir(path):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for inner in os.listdir(path):  # one level up, so that no path gets long
                os.rename(os.path.join(path, inner), os.path.join(folder, os.urandom(16).hex()))
            os.rmdir(path)
