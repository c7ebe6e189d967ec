"""Folders and files that will be written: tried before the work begins, so that no training is in vain."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from scratchae.console.parser import UsageError


def ready_folder(text: str, option: str) -> Path:
    """Make the folder if it is not there, and see that a file can be written into it.

    Raises
    ------
    UsageError
        If the name is that of a file.
    OSError
        If it cannot be made or written.
    """
    folder = Path(text).expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{option} {text} is a file; name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"{option} {text} cannot be made ({error.strerror}); name another folder") from None
    _try_to_write(folder, f"{option} {text}")
    return folder


def ready_file(text: str, option: str) -> Path:
    """See that a file of this name can be written.

    Raises
    ------
    UsageError
        If the name is that of a folder, or its folder does not exist.
    OSError
        If the folder cannot be written.
    """
    path = Path(text).expanduser()
    if path.is_dir():
        raise UsageError(f"{option} {text} is a folder; name a file, such as {path / 'model.npz'}")
    if not path.parent.is_dir():
        raise UsageError(f"the folder of {option} {text} does not exist; make it first: mkdir -p {path.parent}")
    _try_to_write(path.parent, f"{option} {text}")
    return path


def _try_to_write(folder: Path, what: str) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=".scratchae.", dir=folder)
    except OSError as error:
        raise OSError(f"{what} cannot be written ({error.strerror}); name another place") from None
    os.close(handle)
    os.unlink(name)
