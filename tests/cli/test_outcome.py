"""The end of a command: statuses, one line for each error and warning, and Ctrl-C."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from scratchae.cli import outcome
from scratchae.console.parser import UsageError
from scratchae.errors import DivergenceError, FileFormatError
from scratchae.training import interruption


def raising(error: BaseException) -> Any:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("give one"), 2, "give one"),
        (ValueError("two\n  lines"), 2, "two lines"),
        (FileFormatError("not a model"), 2, "not a model"),
        (DivergenceError("The loss became nan"), 1, "The loss became nan"),
        (MemoryError("1e9 bytes"), 1, "not enough memory (1e9 bytes); use fewer rows, or smaller layers"),
        (FileNotFoundError(2, "No such file", "x.npz"), 1, "x.npz: No such file"),
        (OSError("--out cannot be written"), 1, "--out cannot be written"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (outcome.Stopped("epoch 3 is saved"), 130, "epoch 3 is saved"),
        (KeyError("k"), 1, "KeyError: 'k'; this is a bug; set SCRATCHAE_TRACEBACK=1 to see the traceback"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_error_is_one_line_and_a_status(
    error: BaseException, status: int, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SCRATCHAE_TRACEBACK", raising=False)
    monkeypatch.setattr(outcome, "_abandon_stdout", lambda: None)  # the test has a stdout of its own
    monkeypatch.setattr("sys.unraisablehook", None)  # given back after the test
    assert outcome.run(raising(error)) == status
    assert capsys.readouterr().err == f"scratchae: error: {line}\n"


def test_a_traceback_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_TRACEBACK", "1")
    with pytest.raises(KeyError):
        outcome.run(raising(KeyError("k")))


def test_a_closed_pipe_is_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    abandoned: list[int] = []
    monkeypatch.setattr(outcome, "_abandon_stdout", lambda: abandoned.append(1))
    assert outcome.run(raising(BrokenPipeError())) == 141
    assert abandoned and capsys.readouterr().err == ""


def test_warnings_are_one_line_and_the_status_is_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        warnings.simplefilter("always")
        warnings.warn("The posterior\nhas collapsed.", stacklevel=1)
        return 3

    assert outcome.run(command) == 3
    assert capsys.readouterr().err == "scratchae: warning: The posterior has collapsed.\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), outcome.Stopped("epoch 3 is saved")])
def test_the_status_after_sigterm_is_its_own(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interruption._Received, "sigterm", True)
    assert outcome.run(raising(error)) == 143
    line = str(error) or "ended by SIGTERM"
    assert capsys.readouterr().err == f"scratchae: error: {line}\n"
