"""The first run of the tour: compile the kernels on both cores, and print why that takes a while."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from scratchae.console.parser import UsageError
from scratchae.console.table import say

Kind = tuple[str, dict[str, Any]]  # class of a model, and its options


def compile_kernels(here: Sequence[Kind], beside: Sequence[Kind]) -> None:
    """Compile all kernels that such models need, so that the training times exclude compilation.

    Parameters
    ----------
    here : sequence of (class name, options)
        Compiled in this process.
    beside : sequence of (class name, options)
        If any of those has to be compiled, a second process compiles these at the same time and caches them on disk.
    """
    from scratchae.training.compilation import before_compiling

    helpers: list[subprocess.Popen[bytes]] = []

    def call_help() -> None:
        say("  compiling the kernels and caching them for later runs (about a minute) …")
        helpers.append(_start_helper(beside))

    try:
        with before_compiling(call_help):
            for kind in here:
                compile_one(kind)
        for helper in helpers:
            helper.wait()
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()
    for kind in beside:
        compile_one(kind)  # reads the cache, unless there was no helper or it could not write there


def compile_one(kind: Kind) -> None:
    """Train a model for one epoch, and reconstruct or predict, so that its kernels are compiled."""
    from scratchae import models
    from scratchae.baselines import with_labels
    from scratchae.datasets import load_digits
    from scratchae.errors import ConvergenceWarning, muted

    data, (name, options) = load_digits(), kind
    epochs = {"epochs": 1, **({"pretrain_epochs": 1} if "pretrain_epochs" in options else {})}
    model = getattr(models, name)(**{**options, **epochs, "random_state": 0})
    with muted(ConvergenceWarning):
        model.fit(data.x_train[:32], data.y_train[:32])
    if name == "StackedClassifier":
        model.predict(data.x_test[:1])
        return
    rows = with_labels(model, data.x_test[:2], data.y_test[:2])
    model.reconstruct(*rows)
    model.score(*rows)
    if hasattr(model, "log_likelihood"):
        model.log_likelihood(*rows, n_samples=2)
        model.latent_statistics(*rows)


def require_kernels() -> None:
    """Raise an error of usage, with the reason, if Numba cannot compile: for commands that are about the kernels."""
    from scratchae.backend import why_not_numba

    if reason := why_not_numba():
        raise UsageError(f"this command runs the compiled kernels, but Numba cannot be used: {reason}")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run kernels on one thread inside the block.

    The tour's models are so small that a second thread gains next to nothing, and on a busy machine every step would wait
    for it: seconds become minutes. The numbers are the same for any number of threads.
    """
    from scratchae.backend import backend_name

    if backend_name() != "numba":
        yield
        return
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _start_helper(kinds: Sequence[Kind]) -> subprocess.Popen[bytes]:
    """Start a process that compiles the kernels of such models. If it fails, this process compiles them later and reports the error."""
    script = f"from scratchae.cli.compiling import compile_one\nfor kind in {list(kinds)!r}:\n    compile_one(kind)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.Popen([sys.executable, "-c", script], env=environment, **quiet)
