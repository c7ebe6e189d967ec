"""Notes on files that end early and on functions that are not there."""

from __future__ import annotations

import pytest

from grading.sandboxes import need
from scratchae.exercises import EXERCISES
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.notes import error_note, unfit_note
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.records import Error, Isolation
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.submissions.intake import SourceFile, Submission
from scratchae.grading.submissions.recognition import depth_of, meant

FORWARD = "def dense(x, W, b):\n    return x @ W + b\n"
BACKWARD = "def dense_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0)\n"


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def file(source: str | bytes) -> SourceFile:
    return SourceFile("a.py", source.encode() if isinstance(source, str) else source)


@pytest.mark.parametrize(
    ("source", "depth", "note"),
    [
        (FORWARD, "", "a.py: there is no dense_backward"),
        (FORWARD + BACKWARD.replace("rd(", "rds("), "", "there is no dense_backward (dense_backwards may be meant"),
        (FORWARD + BACKWARD, "top", "a.py: there is no dense_backward"),
        (
            f"class Layer:\n{indented(BACKWARD)}",
            "inside",
            "a.py: dense_backward is defined inside a class or a function; move it to the left margin",
        ),
        (f"def all():\n\n# one\n{indented(BACKWARD)}", "inside", "a.py: dense_backward is defined inside"),
        (f"class A:\n    pass\nif x:\n{indented(BACKWARD)}", "top", "a.py: there is no dense_backward"),
        (f"class A:\n{indented(BACKWARD)}\n{BACKWARD}", "top", "a.py: there is no dense_backward"),
    ],
)
def test_a_missing_function_is_told_with_its_place(source: str, depth: str, note: str) -> None:
    assert depth_of("dense_backward", source.encode()) == depth
    told = unfit_note(file(source), "missing", ["dense_backward"])
    assert told.startswith(note) or note in told and "may be meant" in note
    assert meant("dense_backward", source.encode()) != "dense_backward"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("x = '\u2028 \x85'\n\x0c\n", 3),
        ("x = 1\r\ny = 2\r\n", 3),
        ("x = 1\ry = 2\r", 3),
        ("'\x1c \x0b'\n", 2),
    ],
)
def test_the_quoted_line_is_counted_as_python_counts(before: str, line: int) -> None:
    note = error_note(file(before + "boom()\nafter()\n"), Error("NameError", "no boom here", line))
    assert note == f"a.py, line {line}: NameError: no boom here (`boom()`)"


def test_a_long_line_is_quoted_in_part_and_once() -> None:
    note = error_note(file("é" * 5000 + "()\n"), Error("NameError", "", 1))
    assert note == f"a.py, line 1: NameError (`{'é' * 59}…`)"
    told = f"too many nested parentheses: {'(' * 59}…"
    assert error_note(file("(" * 60_000), Error("SyntaxError", told, 1)) == f"a.py, line 1: SyntaxError: {told}"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("source", "last"),
    [
        (FORWARD + "raise ValueError('no')\n" + BACKWARD, "01_dense.py, line 3: ValueError: no (`raise ValueError('no')`)"),
        (
            f"{FORWARD}class Layer:\n{indented(BACKWARD)}\nraise ValueError\n",
            "01_dense.py: dense_backward is defined inside a class or a function; move it to the left margin",
        ),
        (FORWARD + "raise ValueError('no')\n", "01_dense.py: there is no dense_backward"),
        ("(" * 60_000, f"01_dense.py, line 1: SyntaxError: too many nested parentheses: {'(' * 59}…"),
    ],
)  # fmt: skip
def test_the_note_on_an_early_end_says_why(source: str, last: str) -> None:
    policy = read_policy(None, ("dense",))
    submission = Submission("ada", {"dense": SourceFile(EXERCISES[0].file, source.encode())})
    result = grade(submission, Assignment(policy, b"1", need(Isolation.LIMITS), patience=0.0), open_for_grading)
    assert result.notes[-1] == last
