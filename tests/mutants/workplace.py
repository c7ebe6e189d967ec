"""Copies of the repository in a temporary folder, and processes that run in them; all are removed at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What no test reads; everything else may be.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist"
)
# Two jobs on two processors: threads that wait must let the other process have its turn.
SETTINGS = {"NUMBA_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
NOT_PASSED_ON = {"NUMBA_CACHE_DIR", "SCRATCHAE_BACKEND", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}
MEMORY = 12 << 30  # bytes of addresses for one process


class StoppedError(Exception):
    """Ctrl-C was pressed while something ran."""


@dataclass(frozen=True)
class Ended:
    """The end of a process: its exit status (negative: the signal), whether it was too slow, and what it wrote."""

    status: int
    hung: bool
    output: str

    @property
    def crash(self) -> str:
        """The name of the signal that ended it by itself; "" if none did."""
        return "" if self.hung or self.status >= 0 else signal.Signals(-self.status).name


class Workplace:
    """A temporary folder with a copy of the repository, and copies of that.

    Use in a `with` block, at whose end all processes are ended and the folder is deleted.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="scratchae-mutants-"))
        self.unchanged = self.folder / "unchanged"
        self._running: set[subprocess.Popen[str]] = set()
        self._lock, self._stopped, self._count = threading.Lock(), False, 0
        try:
            shutil.copytree(root, self.unchanged, ignore=LEFT_OUT)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Workplace:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def stop(self) -> None:
        """End all processes, and start none any more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _end(process)

    def close(self) -> None:
        """Stop, and delete the folder."""
        self.stop()
        for _ in range(50):  # a process that was just ended may still have been writing
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(0.1)

    def new_folder(self, kind: str) -> Path:
        """A new path below the temporary folder."""
        with self._lock:
            self._count += 1
            return self.folder / f"{kind}-{self._count}"

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """A copy of the unchanged repository for the length of a `with` block; compiled code is shared, as it is never changed in place."""
        tree = self.new_folder("copy")
        try:
            shutil.copytree(self.unchanged, tree, copy_function=_copy_or_link)
            yield tree
        finally:
            shutil.rmtree(tree, ignore_errors=True)

    def run(
        self,
        arguments: Sequence[str],
        tree: Path,
        *,
        seconds: float,
        text: str = "",
        progress: Path | None = None,
        also: dict[str, str] | None = None,
    ) -> Ended:
        """Run Python in a copy.

        Parameters
        ----------
        arguments : sequence of str
            Of Python.
        tree : path
            The copy: working folder, and where `scratchae` is found.
        seconds : float
            After which it hangs, since its start or, with `progress`, since that file was last written to.
        text : str
            Standard input.
        progress : path, optional
        also : dict, optional
            Variables of its environment. PYTHONPATH is put behind the copy.

        Raises
        ------
        StoppedError
            If `stop` was called before it ended.
        """
        environment = {k: v for k, v in os.environ.items() if k not in NOT_PASSED_ON}
        environment |= SETTINGS | (also or {}) | {"TMPDIR": str(tree / "tmp")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(tree), (also or {}).get("PYTHONPATH")]))
        (tree / "tmp").mkdir(exist_ok=True)
        output = self.new_folder("output")
        try:
            with output.open("w+") as file:
                options: dict[str, Any] = {"stdout": file, "stderr": subprocess.STDOUT, "text": True}
                with self._lock:
                    if self._stopped:
                        raise StoppedError
                    process = subprocess.Popen(
                        [sys.executable, *arguments], cwd=tree, env=environment, stdin=subprocess.PIPE,
                        start_new_session=True, **options,
                    )  # fmt: skip
                    self._running.add(process)
                    _limit_memory(process)
                hung = self._wait(process, text, seconds, progress)
                file.seek(0)
                written = file.read()
        finally:
            output.unlink(missing_ok=True)
        if self._stopped:
            raise StoppedError
        return Ended(process.returncode, hung, written)

    def _wait(self, process: subprocess.Popen[str], text: str, seconds: float, progress: Path | None) -> bool:
        """Wait for the end, or bring it about; whether it took too long."""
        begun, hung = time.time(), False
        try:
            with suppress(OSError):
                assert process.stdin is not None
                process.stdin.write(text)
                process.stdin.close()
            while process.poll() is None and not hung:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
                latest = progress.stat().st_mtime if progress is not None and progress.exists() else begun
                hung = process.poll() is None and time.time() - max(latest, begun) > seconds
        finally:
            _end(process)  # and what it has started itself
            process.wait()
            with self._lock:
                self._running.discard(process)
        return hung


def _end(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _limit_memory(process: subprocess.Popen[str]) -> None:
    """Limit the memory of a process, so that a mistake in a size raises an error in it (Linux only)."""
    with suppress(ImportError, AttributeError, OSError):
        import resource

        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))


def _copy_or_link(source: str, target: str) -> str:
    if "__pycache__" in source:
        try:
            os.link(source, target)
            return target
        except OSError:
            pass  # a file system without links
    return shutil.copy2(source, target)
