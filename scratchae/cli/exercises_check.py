"""`scratchae exercises check`: run the public tests on a student's own files."""

from __future__ import annotations

import math
import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from scratchae.cli.exercises_new import add_variant
from scratchae.cli.outcome import BAD_INPUT, FAILED, complain
from scratchae.console.parser import UsageError
from scratchae.console.table import coloured, say
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.exercises import Exercise
    from scratchae.grading.records import SubmissionResult, TestResult
    from scratchae.grading.submissions.intake import SourceFile

DESCRIPTION = """\
Check your own files: every function is called with random arguments and compared with the derivation. Each mistake is
described as exactly as the numbers allow, with the smallest example. Each file runs in a separate process with a time limit.
"""
EXAMPLES = """\
examples:
  scratchae exercises check course/01_dense.py
  scratchae exercises check course/                       all exercises in the folder
  scratchae exercises check course/01_dense.ipynb         a notebook, as it is saved
  scratchae exercises check mine.py --exercise dense      a file with a name of your own
  scratchae exercises check course/01_dense.py --explain  looks longer for the cause of what is wrong
  scratchae exercises check course/01_dense.py --seed 2   other numbers

exit status: 0 if every function is right, 1 if one is wrong, 2 if a file cannot be read
"""
MOST_LINES = 8  # most lines shown of the output that a function printed
FLAGS = {  # flags for which a teacher may deduct points
    "numerical gradient": "Right, but to fewer digits than a formula gives: finite differences, or float32?",
    "fewer digits": "Right, but to fewer digits than a formula gives: float32, or a small number that is added?",
    "complex step": "Right; the file mentions complex numbers, which allow a derivative without a formula (complex step).",
    "more digits than float64": "Right; the file mentions numbers with more digits than float64, which make finite differences as exact as formulas.",
    "finite differences": "Right; the file adds a small step and divides by it, as finite differences do.",
    "own arithmetic": "Right; the file has a class with its own arithmetic, which allows a derivative without a formula.",
    "evaluated entry by entry": "Right, but a function of the file runs for each entry of the gradient.",
    "overflow": "Right, but it overflows on the way for extreme values; the task asks for a form that does not.",
}
KINDS = {"values": "values", "one row": "a single example", "extremes": "extreme values", "manners": "no side effects"}


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `scratchae exercises check`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or a folder of files")
    parser.add_argument("--exercise", metavar="NAME", help="name of the exercise (default: from the file's name)")
    modules = "modules that may be used besides NumPy (default: those of the public_checks.py beside the file)"
    parser.add_argument("--allow", nargs="+", metavar="MODULE", help=modules)
    parser.add_argument(
        "--explain", action="store_true", help="take all the time that it needs to name each mistake, some seconds"
    )
    parser.add_argument(
        "--seed", default="1", metavar="TEXT", help="any text; a different seed draws different numbers"
    )
    add_variant(parser)


def run(args: Namespace) -> int:
    """Check each file and print a summary."""
    from scratchae.grading.marking.self_check import PATIENCE, check
    from scratchae.grading.submissions.intake import read_source

    status, right, count, unnamed, start = 0, 0, 0, False, time.perf_counter()
    for path in _paths(args.files):
        if wrong := _other_kind(path):
            complain(wrong)
            status = BAD_INPUT
            continue
        file = read_source(path)
        if file.trouble:
            complain(f"{path} {file.trouble}")
            status = BAD_INPUT
            continue
        if wrong := _other_variant(path, file.source or b"", args.variant or ""):
            complain(wrong)
            status = BAD_INPUT
            continue
        for note in file.notes:
            say(f"{path} {note}")
        exercises = _exercises(path, file, args.exercise, args.variant or "")
        for exercise in exercises:
            with _progress(args.explain) as told:
                allow, patience = _allowed(path, args.allow), math.inf if args.explain else PATIENCE
                result = check(file, exercise, args.seed.encode(), allow, patience=patience, progress=told)
            passed, functions = report(path, exercise, result, alone=len(exercises) == 1)
            right, count = right + passed, count + functions
            unnamed = unnamed or any(_is_unnamed(test) for test in result.tests)
    if count:
        say_sum(right, count, time.perf_counter() - start)
    if unnamed and not args.explain:
        say("Not every mistake is named: add --explain to look longer for the causes, which takes some seconds.")
    return status or (0 if right == count else FAILED)


def _allowed(path: Path, given: Sequence[str] | None) -> tuple[str, ...]:
    """The modules that a file may use besides NumPy."""
    from scratchae.exercises.course import allowed_beside
    from scratchae.grading.sandbox.visible import modules

    return tuple(allowed_beside(path)) if given is None else modules(given)


def _is_unnamed(test: TestResult) -> bool:
    """True if numbers are wrong for no reason that is known yet. The other tests are not searched as far as that of the values."""
    return test.kind == "values" and test.diagnosis is None and test.detail.get("why") == "value"


@contextmanager
def _progress(shown: bool) -> Iterator[Callable[[str], None]]:
    """A line in a terminal with the function that is looked at; removed at the end."""
    shown = shown and sys.stderr.isatty()

    def told(function: str) -> None:
        if shown:
            sys.stderr.write(f"\r\033[Klooking at {function} …")
            sys.stderr.flush()

    try:
        yield told
    finally:
        if shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _paths(names: Sequence[str]) -> list[Path]:
    """The files to check; from a folder, those that count in grading."""
    from scratchae.exercises import EXERCISES
    from scratchae.grading.submissions.intake import files_that_count

    found = []
    for name in names:
        path = Path(name).expanduser()
        if not path.exists():
            near = nearest(path.name, [each.name for end in ("py", "ipynb") for each in path.parent.glob(f"*.{end}")])
            begin = "" if near else "; `scratchae exercises new DIR` writes the starter files"
            raise UsageError(f"{name}: there is no such file{near}{begin}")
        inside, notes = files_that_count(path, EXERCISES) if path.is_dir() else ([path], [])
        for note in notes:
            complain(note, "note")
        if not inside:
            raise UsageError(f"{name} contains no exercise, such as {EXERCISES[0].file}; name the file")
        found += inside
    return found


def _other_kind(path: Path) -> str:
    """A sentence if grading does not read files of this kind; else empty."""
    from scratchae.exercises import EXERCISES
    from scratchae.grading.submissions.containers.file_kinds import advice, is_code, stem

    if is_code(path.name):
        return ""
    begin = stem(path.name).casefold().removesuffix(".py")
    meant = [e.file for e in EXERCISES if begin in (e.name, e.file.removesuffix(".py"))]
    return f"{path} is neither a Python file nor a notebook: {advice(path.name, (meant or [EXERCISES[0].file])[0])}"


def _other_variant(path: Path, source: bytes, text: str) -> str:
    """A sentence if the file is of another variant than the text; else empty."""
    from scratchae.exercises.variants import fingerprint, variant_of_file

    found, wanted = variant_of_file(source), fingerprint(text) if text else ""
    if found == wanted:
        return ""
    if not found:
        return f"{path} is not of the variant {wanted} of this text; leave --variant out"
    if text:
        return f"{path} is of the variant {found}, and this text draws {wanted}; give the text that was used to hand it out"
    checks = f"run `python public_checks.py {path.name}` in the folder that you were given"
    return f"{path} is of the variant {found}, whose text your teacher has: {checks} (teachers: give --variant TEXT)"


def _exercises(path: Path, file: SourceFile, name: str | None, variant: str) -> Sequence[Exercise]:
    from scratchae.exercises.course import chosen
    from scratchae.grading.marking.self_check import exercises_of

    catalogue = chosen([], variant)
    found = chosen([name], variant) if name is not None else exercises_of(path.name, file.source or b"", catalogue)
    if not found:
        raise UsageError(f"{path} has neither the name nor the functions of an exercise; give --exercise NAME")
    return found


def say_sum(right: int, count: int, seconds: float) -> None:
    """Print how many functions are right."""
    words = coloured(f"{right} of {count} function{'s' * (count > 1)} right", right == count)
    say(f"{words}, {seconds:.1f} s. Your teacher's tests are of the same kinds, with different numbers.")


def report(path: Path, exercise: Exercise, result: SubmissionResult, *, alone: bool) -> tuple[int, int]:
    """Print the result of each function; return how many are right, and how many there are."""
    from scratchae.grading.submissions.recognition import names_of

    known = path.name in names_of(exercise) or not alone  # a single file for all exercises may have any name
    ending = path.suffix if path.suffix == ".ipynb" else ".py"
    name = "" if known else f"  (to be handed in as {Path(exercise.file).with_suffix(ending)})"
    say(f"{path}: {exercise.title}{name}")
    for note in result.notes:
        say(f"  {coloured(note, False)}")
    broken = {test.message for test in result.tests if test.status != "passed"} <= set(result.notes)
    passed = count = 0
    for function, its in groupby(result.tests, key=lambda test: test.function):
        tests = list(its)
        good = all(test.status == "passed" for test in tests)
        passed, count = passed + good, count + 1
        if good or not (broken and result.notes):
            _function(function, tests, good)
    say()
    return passed, count


def _function(name: str, tests: Sequence[TestResult], good: bool) -> None:
    """Print a line with the verdict (right, wrong or not written) and the details."""
    failed = [test for test in tests if test.status != "passed"]
    todo = bool(failed) and all("is not written yet" in test.message for test in failed)
    word = coloured("right ", True) if good else _grey("to do ") if todo else coloured("WRONG ", False)
    # The "manners" test uses ordinary arguments; where the numbers are wrong, its result means nothing.
    own = [test for test in failed if test.kind != "manners" or test.detail.get("why") in ("again", "changed")]
    wrong = ", ".join(KINDS.get(test.kind, test.kind) for test in own or failed)
    say(f"  {word}  {name}" + (f"  ({wrong})" if wrong and not todo else ""))
    if not todo:
        first = next((test for test in failed if test.detail.get("why") == "value"), None)
        _mistakes(
            [test for test in failed if test.diagnosis is not None]
            or [test for test in failed if test is first or test.detail.get("why") != "value"]
        )
    remarks = [test.message for test in tests if good and test.message]
    for remark in remarks[:1]:
        say(f"          {remark}")
    for flag in dict.fromkeys(flag for test in tests for flag in test.flags if flag in FLAGS and good and not remarks):
        say(f"          {FLAGS[flag]}")


def _mistakes(failed: Sequence[TestResult]) -> None:
    """Print each mistake of a function once, the first with its example, and the function's output."""
    told: dict[str, TestResult] = {}
    for test in failed:
        told.setdefault(test.diagnosis.rule if test.diagnosis else test.message, test)
    for i, test in enumerate(told.values()):
        say(f"          {test.message}")
        if i == 0 and test.example is not None:
            _example(test)
    printed = next((test.detail["printed"] for test in failed if test.detail.get("printed")), "").splitlines()
    if printed:
        say("          It printed:")
        for line in [*printed[:MOST_LINES], *(["…"] if len(printed) > MOST_LINES else [])]:
            say(f"            {line}")


def _example(test: TestResult) -> None:
    from scratchae.grading.marking.store import example_row
    from scratchae.grading.reports.wording import example_text

    assert test.example is not None
    for line in example_text(example_row(test.example)).splitlines():
        say(f"            {line}")


def _grey(text: str) -> str:
    shown = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[2m{text}\033[0m" if shown else text
