"""What the tests of the command line share."""

from __future__ import annotations

import pytest


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The error that was printed, which has to be one line without a traceback."""
    error = capsys.readouterr().err
    assert error.startswith("scratchae: error: ") and error.count("\n") == 1 and "Traceback" not in error
    return error
