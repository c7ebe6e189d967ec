"""Restrict the files that this process may access: Landlock, kernel rules that an unprivileged process sets for itself (landlock(7))."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE, ADD, RESTRICT = 444, 445, 446  # the same numbers on all architectures
VERSION, BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIRECTORY = 1 << 1, 1 << 2, 1 << 3
# File access rights of versions 1, 2, 3 and 5: the first 13, then renaming across folders, truncating, and ioctl on devices.
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NETWORK_SINCE, NETWORK = 4, 0b11  # TCP bind and connect
SCOPES_SINCE, SCOPES = 6, 0b11  # abstract sockets of outside processes, and signals to them


def version() -> int:
    """Version of the kernel's Landlock; 0 if it has none or has disabled it."""
    try:
        return max(0, _call(CREATE, None, ctypes.c_size_t(0), VERSION))
    except OSError:
        return 0


def restrict(visible: Iterable[str], listed: Iterable[str] = ()) -> None:
    """Let this process read only these files and folders from now on; it cannot write (but to nowhere), execute, bind or connect.

    Parameters
    ----------
    visible : iterable of str
        Files, and folders with everything in them.
    listed : iterable of str
        Folders in which names can be listed at any depth, but files cannot be read.

    Raises
    ------
    OSError
        If the kernel has no Landlock.
    """
    known = version()
    if not known:
        raise OSError("this kernel has no Landlock")
    files = FILES[max(number for number in FILES if number <= known)]
    network = NETWORK if known >= NETWORK_SINCE else 0
    scopes = SCOPES if known >= SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", files, network, scopes)[: 24 if scopes else 16 if network else 8]
    rules = _call(CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for path in visible:
            _allow(rules, path, READ_FILE | READ_DIRECTORY)
        for path in listed:
            _allow(rules, path, READ_DIRECTORY)
        _call(RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # a missing path needs no rule
        return
    try:
        rights &= READ_FILE | READ_DIRECTORY if os.path.isdir(path) else READ_FILE
        rights |= WRITE_FILE if path == os.devnull else 0
        _call(ADD, rules, BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
