"""What the tests of the command line share."""

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
    """Python in a process of its own, which does not outlive the test.

    It heeds Ctrl-C, even if these tests run in the background of a shell, which tells its jobs there to ignore it.
    """

    def heed_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen([sys.executable, *arguments], text=True, preexec_fn=heed_ctrl_c, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The error that was printed, which has to be one line without a traceback."""
    error = capsys.readouterr().err
    assert error.startswith("scratchae: error: ") and error.count("\n") == 1 and "Traceback" not in error
    return error
