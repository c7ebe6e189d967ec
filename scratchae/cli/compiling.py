"""The first run of the tour: kernels are compiled, on both cores, and a word says why that takes a while."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from scratchae.cli.table import say

PATIENCE = 2.5  # seconds after which kernels are clearly being compiled, and not read from the disk


def compile_kernels(options: Sequence[dict[str, Any]]) -> None:
    """Have everything compiled that models with these options need, so that the seconds shown are those of training.

    Parameters
    ----------
    options : sequence of dict
        Of `Autoencoder`. The first is compiled here; if that takes long, another process compiles the others meanwhile,
        which are then found on the disk.
    """
    helpers: list[subprocess.Popen[bytes]] = []

    def call_help() -> None:
        say("  compiling the kernels, which are then kept for the next run (less than a minute) …")
        helpers.append(_start_helper(options[1:]))

    try:
        with _if_slow(call_help):
            compile_one(options[0])
        for helper in helpers:
            helper.wait()
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()
    for others in options[1:]:
        compile_one(others)  # nothing is left to do here, unless there was no helper or it could not keep its work


def compile_one(options: dict[str, Any]) -> None:
    """Train for a moment, and reconstruct."""
    from scratchae.datasets import load_digits
    from scratchae.models import Autoencoder

    data = load_digits()
    model = Autoencoder(**{**options, "epochs": 1, "random_state": 0})
    model.fit(data.x_train[:32], validation_data=data.x_test[:1]).reconstruct(data.x_test[:1])


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Kernels run on one thread in the block.

    The tour's models are so small that a second thread gains next to nothing, and on a busy machine every step would wait
    for it: seconds become minutes. The numbers are the same for any number of threads.
    """
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


@contextlib.contextmanager
def _if_slow(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` if the block takes long."""
    timer = threading.Timer(PATIENCE, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _start_helper(options: Sequence[dict[str, Any]]) -> subprocess.Popen[bytes]:
    """A process that compiles for models with these options. Whatever goes wrong in it is done, and seen, here later."""
    script = (
        f"from scratchae.cli.compiling import compile_one\nfor options in {list(options)!r}:\n    compile_one(options)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.Popen([sys.executable, "-c", script], env=environment, **quiet)
