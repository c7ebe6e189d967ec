"""Targets outside the sandbox, and checks whether a submission has touched them. For the self-test and the attack corpus."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType

import scratchae

PACKAGE = Path(scratchae.__file__).parent


class Witness:
    """Sockets listening on the loopback interface, a secret in a file and in memory, and a world-writable folder.

    Any ordinary process can access all of these: if a submission cannot, the sandbox has blocked it.
    """

    def __enter__(self) -> Witness:
        self.folder = tempfile.mkdtemp(prefix="scratchae-witness-")
        os.chmod(self.folder, 0o1777)
        self.secret = secrets.token_hex(16)
        self.secret_file = os.path.join(self.folder, "secret.txt")
        Path(self.secret_file).write_text(self.secret, encoding="ascii")
        os.chmod(self.secret_file, 0o644)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        for internet in (self.tcp, self.udp):
            internet.bind(("127.0.0.1", 0))
        self.local.bind(os.path.join(self.folder, "socket"))
        os.chmod(os.path.join(self.folder, "socket"), 0o777)
        for listening in (self.tcp, self.local):
            listening.listen()
        for each in self._sockets():
            each.setblocking(False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._sockets():
            each.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sockets(self) -> tuple[socket.socket, ...]:
        return self.tcp, self.udp, self.local

    def fill(self, source: str) -> bytes:
        """Replace the placeholders of a source, such as @FOLDER@, with the addresses of these targets."""
        marks = {
            "FOLDER": self.folder,
            "SECRET_FILE": self.secret_file,
            "TCP": str(self.tcp.getsockname()[1]),
            "UDP": str(self.udp.getsockname()[1]),
            "PARENT": str(os.getpid()),
            "NAME": os.path.basename(self.folder),
            "ROOT": str(PACKAGE.parent),
            "OPS": str(PACKAGE / "ops" / "layers.py"),
        }
        for mark, value in marks.items():
            source = source.replace(f"@{mark}@", value)
        return source.encode()

    def touched(self) -> list[str]:
        """Describe the changes since the last call, and undo them."""
        found = []
        for name, listening in (("a TCP connection", self.tcp), ("a connection to a local socket", self.local)):
            with contextlib.suppress(BlockingIOError):
                listening.accept()[0].close()
                found.append(name)
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(1 << 16)
            found.append("a UDP datagram")
        for name in sorted(set(os.listdir(self.folder)) - {"secret.txt", "socket"}):
            found.append(f"a file, {name}")
            path = Path(self.folder, name)
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        for mark in Path("/dev/shm"), Path("/tmp"), Path("/var/tmp"):
            for path in mark.glob(f"{os.path.basename(self.folder)}-*"):
                found.append(f"a file, {path}")
                path.unlink(missing_ok=True)
        text = (
            Path(self.secret_file).read_text(encoding="ascii", errors="replace")
            if os.path.exists(self.secret_file)
            else ""
        )
        if text != self.secret:
            found.append("a file that was there was changed")
            Path(self.secret_file).write_text(self.secret, encoding="ascii")
        return found
