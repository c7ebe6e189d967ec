"""A student's page: points reached, and diagnoses of mistakes. The teacher's version includes the hidden tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from scratchae.grading.inspection.flags import kind_of
from scratchae.grading.marking.statistics import by_exercise
from scratchae.grading.reports.pages import graded_with, page
from scratchae.grading.reports.wording import KINDS, STATUSES, array_text, cost_of_flags, entry_of, pair

MOST_PRINTED = 2000  # most characters shown

Test = Mapping[str, Any]


def feedback_page(row: Mapping[str, Any], results: Mapping[str, Any], *, teacher: bool) -> bytes:
    """One student's results.

    Parameters
    ----------
    row : mapping
        Of `results.json`.
    results : mapping
    teacher : bool
        True to include diagnoses of hidden tests, errors, flags and printed output.
    """
    assignment, reached = results["assignment"], by_exercise(row)
    kinds = {test["kind"] for test in row["tests"]}
    return page(
        "student.html.jinja",
        f"{row['student']}: {assignment['title']}",
        assignment=assignment["title"],
        teacher=teacher,
        student=row["student"],
        reached=row["points"],
        whole=row["max_points"],
        share=_share(row["points"], row["max_points"]),
        counted=_counted(row["tests"]),
        notes=row["notes"],
        looks=_meant(row["flags"]) if teacher else [],
        remarks=_meant(row["remarks"]) if teacher else [],
        exercises=[
            _exercise(
                e, reached[e["name"]], [t for t in row["tests"] if t["exercise"] == e["name"]], row["flags"], teacher
            )
            for e in assignment["exercises"]
        ],
        kinds=[told for kind, told in KINDS.items() if kind in kinds],
        **graded_with(results, row, teacher=teacher),
    )


def _meant(flags: Sequence[str]) -> list[tuple[str, str]]:
    """Flags and their meanings."""
    kinds = [kind_of(flag) for flag in flags]
    return [(flag, kind.meaning.replace("`", "") if kind else "") for flag, kind in zip(flags, kinds, strict=True)]


def _share(reached: float, whole: float) -> float:
    return reached / whole if whole else 0.0


def _counted(tests: Sequence[Test]) -> str:
    parts = []
    for visibility in ("public", "hidden"):
        its = [test["status"] == "passed" for test in tests if test["visibility"] == visibility]
        if its:
            parts.append(f"{sum(its)} of {len(its)} {visibility} tests passed")
    return ", ".join(parts) + "."


def _exercise(
    exercise: Mapping[str, str], points: tuple[float, float], tests: Sequence[Test], looks: Sequence[str], teacher: bool
) -> dict[str, Any]:
    share, common = _share(*points), _common(tests)
    functions = groupby(tests, key=lambda test: test["function"])
    return {
        **exercise,
        "number": exercise["file"][:2],
        "reached": points[0],
        "whole": points[1],
        "state": "full" if share >= 1 else "none" if share <= 0 else "part",
        "common": common,  # one message for the whole exercise, shown once
        "functions": [] if common else [_function(name, list(its), looks, teacher) for name, its in functions],
    }


def _common(tests: Sequence[Test]) -> str:
    """The common message of all tests, if it concerns the whole file."""
    messages = {test["message"] for test in tests}
    same = len(messages) == 1 and tests[0]["status"] != "passed" and len({t["function"] for t in tests}) > 1
    return messages.pop() if same else ""


def _function(name: str, tests: Sequence[Test], looks: Sequence[str], teacher: bool) -> dict[str, Any]:
    return {
        "name": name,
        "reached": sum(test["points"] for test in tests),
        "whole": sum(test["max_points"] for test in tests),
        "good": all(test["status"] == "passed" for test in tests),
        "marks": [
            {"state": _state(t), "visibility": t["visibility"], "told": f"{_label(t)}: {STATUSES[t['status']]}"}
            for t in tests
        ],
        "findings": list(_findings(tests, looks, teacher)),
    }


def _state(test: Test) -> str:
    return {"passed": "passed", "skipped": "skipped"}.get(test["status"], "failed")


def _label(test: Test) -> str:
    return f"{KINDS.get(test['kind'], (test['kind'], ''))[0]}, {test['visibility']}"


def _findings(tests: Sequence[Test], looks: Sequence[str], teacher: bool) -> Iterator[dict[str, Any]]:
    """The mistakes, each once with the tests that found it; those of public tests first. One example is shown."""
    groups: dict[str, list[Test]] = {}
    for test in sorted(tests, key=lambda test: test["visibility"] == "hidden"):
        if test["status"] != "passed" or test["message"] or cost_of_flags(test) or (teacher and test["flags"]):
            groups.setdefault(_thing(test, teacher), []).append(test)
    shown = False
    for its in groups.values():
        first = next((t for t in its if t["example"] and (teacher or t["visibility"] == "public")), None)
        example = None if first is None or shown else _example(first["example"])
        shown = shown or example is not None
        flags, message = dict.fromkeys(flag for test in its for flag in test["flags"]), _told(its[0], teacher)
        yield {
            "chips": [_chip(test) for test in its] if message or any(t["status"] != "passed" for t in its) else [],
            "flags": [(flag, flag in looks) for flag in flags] if teacher else [],
            "message": message,
            "example": example,
            "measured": [_measured(test) for test in its] if teacher else [],
        }


def _chip(test: Test) -> dict[str, str]:
    word = "" if test["status"] in ("failed", "passed") else f": {STATUSES[test['status']]}"
    if test["kind"] == "manners" and test["status"] == "failed" and test["detail"].get("why") == "value":
        word = ": wrong values"  # which say nothing about side effects
    return {"state": _state(test), "told": f"{_label(test)}{word}"}


def _thing(test: Test, teacher: bool) -> str:
    """Key of tests that are shown together: for students, all hidden tests with the same status."""
    hidden = test["visibility"] == "hidden" and test["status"] != "passed" and not teacher
    return f"hidden {test['status']}" if hidden else _told(test, teacher)


def _told(test: Test, teacher: bool) -> str:
    """The message; for the teacher, including the diagnosis of a hidden test."""
    found = test["diagnosis"]
    return cost_of_flags(test) or (str(found["message"]) if teacher and found else str(test["message"]))


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest failing example: arguments, one wrong pair, and its expected value."""
    got, expected = pair(example["got"], example["expected"])
    return {
        "arguments": [(name, array_text(value)) for name, value in example["arguments"].items()],
        "entry": entry_of(example),
        "got": got,
        "expected": expected,
    }


def _measured(test: Test) -> dict[str, str]:
    """Details for the teacher: the rule, the errors and the printed output."""
    rule = (
        test["diagnosis"]["rule"] if test["diagnosis"] else "passed" if test["status"] == "passed" else _unnamed(test)
    )
    errors = test["detail"].get("errors") or {}
    return {
        "told": f"{_label(test)}: {rule}",
        "errors": ", ".join(
            f"{name} {error:.1e}" if isinstance(error, float) else f"{name} {error or 'not measured'}"
            for name, error in errors.items()
        ),
        "printed": (test["detail"].get("printed") or "")[:MOST_PRINTED],
    }


def _unnamed(test: Test) -> str:
    """Text for a mistake without a rule. All rules are tried only at the public test of a function's values."""
    everywhere = (test["kind"], test["visibility"]) == ("values", "public")
    return "no rule fits" if everywhere else "no plain rule fits; others are tried at the public test of the values"
