"""Processes that compile kernels of a package in some folder; they are forked where that is possible, so that Numba is loaded once."""

from __future__ import annotations

import multiprocessing
import os
import sys
import traceback
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

HOW = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES = multiprocessing.get_context(HOW)


@cache
def start_server() -> None:
    """Start the process that the others are forked from; it finds what it loads by PYTHONPATH alone."""
    if HOW == "forkserver":
        PROCESSES.set_forkserver_preload(["helpers.loaded_numba"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
            PROCESSES.Process(target=int).start()


class KernelProcess:
    """A process that imports a kernel from a package named scratchae, and calls it once with the array [1.0].

    Parameters
    ----------
    folder : path
        The folder of the package, and the process's own.
    kernel : str
        ``"module.function"``.
    before : str
        Code that is run before anything of the package is imported.
    environment : dict
        Variables that are set.
    waits : bool
        Whether to wait for `go_on` after the import.
    """

    def __init__(
        self, folder: Path, kernel: str, before: str, environment: dict[str, str], waits: bool = False
    ) -> None:
        start_server()
        self._ours, theirs = PROCESSES.Pipe()
        arguments = (theirs, str(folder), kernel, before, environment, waits)
        self._process = PROCESSES.Process(target=_call, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        if waits:
            assert self._ours.recv() == "imported"

    def go_on(self) -> None:
        """End the wait."""
        self._ours.send("go on")

    def answer(self) -> tuple[float, bool]:
        """Return the kernel's result, and whether anything was compiled."""
        assert self._ours.poll(120), "no answer"
        answer = self._ours.recv()
        self._process.join()
        assert isinstance(answer, tuple), answer
        return answer


def _call(ours: Connection, folder: str, kernel: str, before: str, environment: dict[str, str], waits: bool) -> None:
    """Run in the process: send the answer, or the traceback."""
    try:
        os.chdir(folder)
        os.environ.pop("NUMBA_CACHE_DIR", None)
        os.environ.update(environment)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        assert "scratchae" not in sys.modules
        ours.send(_answer(kernel, before, ours if waits else None))
    except BaseException:
        ours.send(traceback.format_exc())


def _answer(kernel: str, before: str, waiting: Connection | None) -> tuple[float, bool]:
    import importlib

    import numba
    import numpy as np
    from numba.core import event

    compiled = []

    class Listener(event.Listener):
        def on_start(self, event: event.Event) -> None:
            compiled.append(event)

        def on_end(self, event: event.Event) -> None:
            pass

    numba.core.config.reload_config()  # reads NUMBA_CACHE_DIR
    event.register("numba:compile", Listener())
    exec(before, {})
    module, _, function = kernel.partition(".")
    called = getattr(importlib.import_module(f"scratchae.kernels.{module}"), function)
    if waiting is not None:
        waiting.send("imported")
        waiting.recv()
    return float(called(np.array([1.0]))), bool(compiled)
