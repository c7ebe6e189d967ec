"""Helpers for tests of the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def running(*arguments: str, **pipes: Any) -> Iterator[subprocess.Popen[str]]:
    """Run Python in a separate process, which is killed at the end of the block.

    It reacts to Ctrl-C even if the tests run as a background job, for which shells ignore SIGINT.
    """

    def heed_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen([sys.executable, *arguments], text=True, preexec_fn=heed_ctrl_c, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The printed error, checked to be one line without a traceback."""
    error = capsys.readouterr().err
    assert error.startswith("scratchae: error: ") and error.count("\n") == 1 and "Traceback" not in error
    return error
