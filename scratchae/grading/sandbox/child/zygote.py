"""A warm interpreter with NumPy loaded. For each request it forks a process that runs the student's file, and passes on the answers.

It never executes the submission itself. The parent enforces the timeout: it then ends all processes of the sandbox.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import random
import signal
import time
from typing import Any

from scratchae.exercises import student_file

from . import cleanup, landlock, library, limits, seccomp, student, watch, wire
from .trial import Trial

# Loaded once, to save every test the time.
WARM = """
abc bisect collections collections.abc contextlib copy csv dataclasses decimal enum fractions functools heapq inspect io itertools
json logging math numbers operator os.path pprint random re statistics string struct sys textwrap time traceback types typing
warnings unicodedata encodings.ascii encodings.latin_1 encodings.cp1252 encodings.utf_8_sig encodings.utf_16 numpy numpy.fft
numpy.lib.stride_tricks numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.typing
"""
SUBREAPER, DUMPABLE, NO_NEW_PRIVILEGES = 36, 4, 38  # prctl(2)


def main() -> None:
    """Set up the sandbox as in the first request, receive the submission, and serve until the parent exits."""
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    settings, _ = wire.read_request(requests)
    _warm()
    _confine(settings)
    os.dup2(nowhere, 2)  # errors before this point are reported on stderr
    os.close(nowhere)
    student.prepare()
    _, source = wire.read_request(requests)
    watch.hide()
    slow: wire.Failure | None = None
    gc.collect()
    gc.freeze()  # shared with the forks without copying
    wire.write_all(replies, wire.READY)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            request, arrays = wire.read_request(requests)
            if "calls" not in request:  # another file of the same submission
                source, slow = arrays, None
                continue
            slow = Trial(settings, requests, replies, slow).run(source, request, arrays)
            _sweep()
            if settings["folder"]:
                cleanup.empty(os.getcwd())
    if settings["folder"]:  # the parent may have been killed
        with contextlib.suppress(OSError):
            cleanup.empty(os.getcwd())
            os.rmdir(os.getcwd())


def _warm() -> None:
    for name in WARM.split():
        importlib.import_module(name)
    import numpy as np

    random.seed(0)  # global generators give the same numbers when a submission is graded again
    np.random.seed(0)
    np.linalg.solve(np.eye(2), np.ones(2)) @ np.ones((2, 2))  # the first matrix product makes BLAS allocate its memory


def _confine(settings: dict[str, Any]) -> None:
    """Drop all privileges and other users' permissions, and forbid children to debug this process."""
    seccomp.control(NO_NEW_PRIVILEGES, 1)
    seccomp.control(SUBREAPER, 1)
    allow, own = settings["allow"], student_file.own_places()
    modules = library.opened()
    if settings["visible"] is not None:
        landlock.restrict(settings["visible"], settings["listed"])
    if settings["user"]:
        limits.user(settings["user"])
    for place, name in library.keep(modules).items():
        allow["places"] = library.renamed(allow["places"], place, name)
        own = library.renamed(own, place, name)
    seccomp.control(DUMPABLE, 0)
    if settings["watch"]:
        watch.install(allow, own, refuse=settings["refuse"])
    if settings["filter"]:
        seccomp.install(seccomp.whole_sandbox())


def _sweep(seconds: float = 2.0) -> None:
    """End all processes left by a test; this process inherits its orphans. They are stopped first, so that they cannot fork meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        children = _children()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for child in children:
                with contextlib.suppress(OSError):
                    os.kill(child, number)
        time.sleep(0.001)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []
