"""Right solutions that are written differently get full points in every form in which students hand them in, in a real sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grading.corpus import ALTERNATIVES
from grading.corpus.entry import Entry, text
from grading.sandboxes import need
from scratchae.exercises.handout import solution
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.records import Isolation
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.submissions.intake import take_in

pytestmark = pytest.mark.sandbox
pytest.importorskip("nbformat", reason="reads notebooks")


def _notebook(source: str) -> bytes:
    """One cell for each function."""
    cells = re.split(r"(?m)^(?=def )", source)
    code = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell} for cell in cells
    ]
    magic = {**code[0], "source": "%matplotlib inline\n"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [magic, *code]}).encode()


def _tabs(source: str) -> bytes:
    def tabbed(match: re.Match[str]) -> str:
        return "\t" * (len(match[0]) // 4) + " " * (len(match[0]) % 4)

    return re.sub(r"(?m)^ +", tabbed, source).encode()


def _prints(source: str) -> bytes:
    """A print as the first statement of every function; signatures of the solution may take several lines."""
    head = re.compile(r"(?m)^def [^\n(]*\([^)]*\)[^\n:]*:$")
    return head.sub(lambda match: f"{match[0]}\n    print('here', '\u03b1' * 20)", source).encode()


FORMS: dict[str, Callable[[str], bytes]] = {
    "notebook": _notebook,
    "Windows": lambda source: source.replace("\n", "\r\n").encode(),
    "byte order mark": lambda source: b"\xef\xbb\xbf" + source.encode(),
    "tabs": _tabs,
    "prints": _prints,
    "scipy": lambda source: f"import scipy\nfrom scipy import special\n{source}".encode(),
}
SAMPLE = ALTERNATIVES[:: len(ALTERNATIVES) // 30][:30]
CASES = [(entry, form) for entry in SAMPLE for form in FORMS]
QUICK = [(entry, form) for entry, form in zip(SAMPLE[::5], FORMS, strict=True)]
each_quick = [pytest.param(*case, id=f"{case[0].id}, {case[1]}") for case in QUICK]
each_slow = [
    pytest.param(*case, id=f"{case[0].id}, {case[1]}", marks=pytest.mark.deep) for case in CASES if case not in QUICK
]


def hand_in(entry: Entry, form: str, folder: Path) -> Path:
    """The solution of its exercise, with this function written differently."""
    exercise = entry.exercise
    source = f"{solution(exercise)}\n\n{text(entry)}"
    name = exercise.file if form != "notebook" else exercise.file.replace(".py", ".ipynb")
    student = folder / "ada"
    student.mkdir()
    (student / name).write_bytes(FORMS[form](source))
    return folder


@pytest.mark.parametrize(("entry", "form"), [*each_quick, *each_slow])
def test_a_right_solution_in_another_form_gets_all_points(entry: Entry, form: str, tmp_path: Path) -> None:
    level = need(Isolation.BUBBLEWRAP)
    if form == "scipy":
        pytest.importorskip("scipy", reason="is allowed by the policy")
    policy = read_policy(None, (entry.exercise.name,))
    policy = replace(policy, limits=replace(policy.limits, allow=("scipy",) if form == "scipy" else ()))
    (submission,) = take_in(hand_in(entry, form, tmp_path), policy.exercises).submissions
    result = grade(submission, Assignment(policy, b"forms", level), open_for_grading)
    lost = [(test.id, test.message) for test in result.tests if test.points != test.max_points]
    assert not lost and result.tests
