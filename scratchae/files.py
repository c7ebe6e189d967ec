"""Model and checkpoint files: one `.npz` without pickle, with a checksum, written so that a crash leaves either the old or the new file.

Arrays are stored under their names; `header` is JSON (as bytes) with the format version, the kind of content and any further entries.
The zip comment at the end of the file holds the SHA-256 of all bytes before it, so that a truncated file or a single flipped bit is
detected before anything is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from scratchae.errors import FileFormatError

FORMAT = 1
_SEAL = b"scratchae sha256 "
_SEAL_LENGTH = len(_SEAL) + 64


def name_of(path: str | os.PathLike[str] | BinaryIO) -> str:
    """Return a path in quotes, or the name of a file object, for use in messages."""
    name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else getattr(path, "name", None)
    return "the file object" if name is None else repr(str(name))


def write(
    path: str | os.PathLike[str] | BinaryIO, kind: str, header: dict[str, Any], arrays: dict[str, np.ndarray]
) -> None:
    """Write arrays and a header to `path`: first to a temporary file in the same folder, which is then renamed; or to a binary file object.

    Raises
    ------
    TypeError
        If a file object is open for text.
    OSError
        If the folder is missing or cannot be written, or the disk is full; an existing file is left unchanged.
    """
    text = json.dumps({"format": FORMAT, "kind": kind, **header})
    content = _sealed({"header": np.frombuffer(text.encode(), np.uint8), **arrays})
    if isinstance(path, (str, os.PathLike)):
        write_bytes(path, content, "model.npz")
        return
    _check_binary(path, "write")
    path.write(content)


def _check_binary(file: object, method: str) -> None:
    """Raise TypeError unless `file` is a file object for bytes with the given method."""
    if not hasattr(file, method) or isinstance(file, io.TextIOBase):
        mode = "wb" if method == "write" else "rb"
        raise TypeError(
            f"{type(file).__name__} is neither a path nor a binary file; give a path, or a file opened with mode {mode!r}."
        )


def write_bytes(path: str | os.PathLike[str], content: bytes, example: str) -> None:
    """Write a file as `write` does, completely or not at all; `example` is the file name suggested by the error messages."""
    path = Path(path).expanduser()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The folder {str(path.parent)!r} for {path.name!r} does not exist; create it first.")
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; give a file in it, such as {example}.")
    temporary = path.parent / f".{path.name[:100]}.{secrets.token_hex(8)}.part"
    try:
        # With the permissions of an ordinary new file, which the umask decides; Python's temporary files are readable by their owner only.
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise type(error)(error.errno, f"{error.strerror}; choose a writable folder", str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read(path: str | os.PathLike[str] | BinaryIO, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a file written by `write`, by its path or from a binary file object: the header and the arrays.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    FileFormatError
        If it is truncated, damaged, of a newer format, of another kind, not a scratchae file, or a folder.
    """
    if isinstance(path, (str, os.PathLike)):
        place = Path(path).expanduser()
        if place.is_dir():
            raise FileFormatError(f"{str(place)!r} is a folder; give a file written by save() or as a checkpoint.")
        name, content = name_of(place), place.read_bytes()
    else:
        _check_binary(path, "read")
        name, content = name_of(path), path.read()
    if content[:2] != b"PK":
        raise FileFormatError(f"{name} is not a scratchae file; give one written by save() or as a checkpoint.")
    body, seal = content[:-_SEAL_LENGTH], content[-_SEAL_LENGTH:]
    if not seal.startswith(_SEAL):
        raise FileFormatError(f"{name} is truncated or was not written by scratchae; use another copy of it.")
    if hashlib.sha256(body).hexdigest().encode() != seal[len(_SEAL) :]:
        raise FileFormatError(f"{name} is damaged: its checksum does not match; use another copy of it.")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    header = json.loads(arrays.pop("header").tobytes())
    if header["format"] > FORMAT:
        raise FileFormatError(
            f"{name} has format {header['format']}, but this version of scratchae reads formats up to {FORMAT}; upgrade scratchae."
        )
    if header["kind"] != kind:
        raise FileFormatError(f"{name} is a {header['kind']}, not a {kind}; give the right file.")
    return header, arrays


def _sealed(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the bytes of an .npz file whose zip comment is the checksum of all preceding bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    # A zip file ends with the length of its comment: two bytes, zero if there is no comment.
    body = buffer.getvalue()[:-2] + _SEAL_LENGTH.to_bytes(2, "little")
    return body + _SEAL + hashlib.sha256(body).hexdigest().encode()


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
