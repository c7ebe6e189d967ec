"""Checks of the folders and files to be written, made before the work begins, so that no results are lost."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from scratchae.console.parser import UsageError


def ready_folder(text: str, option: str) -> Path:
    """Create the folder if necessary, and check that a file can be written into it.

    Raises
    ------
    UsageError
        If the name is the name of a file.
    OSError
        If it cannot be created or written to.
    """
    folder = Path(text).expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{option} {text} is a file; give a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"{option} {text} cannot be created ({error.strerror}); give another folder") from None
    _try_to_write(folder, f"{option} {text}")
    return folder


def ready_file(text: str, option: str) -> Path:
    """Check that a file of this name can be written.

    Raises
    ------
    UsageError
        If the name is the name of a folder, or its folder does not exist.
    OSError
        If the folder cannot be written to.
    """
    path = Path(text).expanduser()
    if path.is_dir():
        raise UsageError(f"{option} {text} is a folder; give a file, such as {path / 'model.npz'}")
    if not path.parent.is_dir():
        raise UsageError(f"the folder of {option} {text} does not exist; create it first: mkdir -p {path.parent}")
    _try_to_write(path.parent, f"{option} {text}")
    return path


def _try_to_write(folder: Path, what: str) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=".scratchae.", dir=folder)
    except OSError as error:
        raise OSError(f"{what} cannot be written ({error.strerror}); give another location") from None
    os.close(handle)
    os.unlink(name)
