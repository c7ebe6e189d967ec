"""Tables in columns, and colours on a terminal only."""

from __future__ import annotations

import io
import sys

import pytest

from scratchae.console.table import coloured, line, say, table


def test_words_stand_left_and_numbers_right() -> None:
    rows = [["name", "error", "verdict"], ["sigmoid", "1e-16", "ok"], ["tanh", "0", "ok"]]
    assert table(rows, left=(0, 2)).split("\n") == [
        "name     error  verdict",
        "-------  -----  -------",
        "sigmoid  1e-16  ok",
        "tanh         0  ok",
    ]


def test_lines_have_no_blanks_at_their_end() -> None:
    assert line(["a", ""], [3, 5], left=(0, 1)) == "a"
    assert line(["a", "b"], [3, 5]) == "a        b"


def test_rows_of_different_lengths_are_an_error() -> None:
    with pytest.raises(ValueError):
        table([["a", "b"], ["c"]])


@pytest.mark.parametrize(
    ("terminal", "variables", "expected"),
    [
        (True, {}, "\033[32mok\033[0m"),
        (False, {}, "ok"),
        (True, {"NO_COLOR": "1"}, "ok"),
        (True, {"TERM": "dumb"}, "ok"),
    ],
)
def test_colours_are_for_terminals(
    terminal: bool, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", stream)
    assert coloured("ok", True) == expected
    assert ("31m" in coloured("failed", False)) == (expected != "ok")


def test_what_is_said_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(raw), "utf-8"))  # type: ignore[arg-type]
    say("epoch 1")
    assert raw.getvalue().splitlines() == [b"epoch 1"]
