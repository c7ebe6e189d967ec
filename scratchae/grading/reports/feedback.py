"""A student's page: what was reached, and of what is not right yet, what is known about it. For the teacher, the hidden tests too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from scratchae.grading.reports.elements import Html, bar, element, inner, page, points
from scratchae.grading.reports.example import example_of
from scratchae.grading.statistics import by_exercise
from scratchae.grading.words import cost_of_flags

KINDS = {
    "values": ("Ordinary values", "random arguments in several shapes, compared with the derivation"),
    "one row": ("A single example", "the same with N = 1"),
    "extremes": ("Extreme values", "arguments that overflow a careless formula"),
    "manners": ("Good manners", "arguments are not overwritten, the same question gets the same answer"),
}
WORDS = {
    "failed": "not right yet",
    "error": "error",
    "time": "out of time",
    "memory": "out of memory",
    "missing": "missing",
    "skipped": "not run",
    "passed": "passed",
}

Test = Mapping[str, Any]


def feedback_page(row: Mapping[str, Any], results: Mapping[str, Any], *, teacher: bool) -> bytes:
    """One student's results.

    Parameters
    ----------
    row : mapping
        Of `results.json`.
    results : mapping
    teacher : bool
        With what was found out about hidden tests, errors, flags and prints.
    """
    title = results["assignment"]["title"]
    share = row["points"] / row["max_points"] if row["max_points"] else 0.0
    header = element(
        "header",
        element("p", title, " · for the teacher" if teacher else None, class_="above"),
        element("h1", row["student"]),
        element(
            "p", element("strong", points(row["points"])), f" of {points(row['max_points'])} points", class_="score"
        ),
        bar(share),
        element("p", _counted(row["tests"]), class_="quiet"),
    )
    notes = element("section", element("h2", "Notes"), _list(row["notes"]), class_="notes") if row["notes"] else None
    reached = by_exercise(row)
    exercises = [
        _exercise(
            exercise, reached[exercise["name"]], [t for t in row["tests"] if t["exercise"] == exercise["name"]], teacher
        )
        for exercise in results["assignment"]["exercises"]
    ]
    contents = element(
        "nav",
        [_link(exercise, reached[exercise["name"]]) for exercise in results["assignment"]["exercises"]],
        aria_label="Exercises",
    )
    return page(
        f"{row['student']}: {title}", header, notes, contents, element("main", exercises), _footer(row, results)
    )


def _counted(tests: Sequence[Test]) -> str:
    parts = []
    for visibility in ("public", "hidden"):
        its = [test["status"] == "passed" for test in tests if test["visibility"] == visibility]
        if its:
            parts.append(f"{sum(its)} of {len(its)} {visibility} tests passed")
    return ", ".join(parts) + "."


def _list(texts: Sequence[str]) -> Html:
    return element("ul", [element("li", text) for text in texts])


def _link(exercise: Mapping[str, str], reached: tuple[float, float]) -> Html:
    share = reached[0] / reached[1] if reached[1] else 0.0
    state = "full" if share >= 1 else "none" if share <= 0 else "part"
    return element(
        "a", exercise["file"][:2], class_=f"tile {state}", href=f"#{exercise['name']}", title=exercise["title"]
    )


def _exercise(exercise: Mapping[str, str], reached: tuple[float, float], tests: Sequence[Test], teacher: bool) -> Html:
    head = element(
        "div",
        element("h2", exercise["title"]),
        element("span", element("strong", points(reached[0])), f" of {points(reached[1])}", class_="points"),
        class_="head",
    )
    common = _common(tests)
    if common:  # one thing is wrong with all of it, and it is said once
        body = element("p", common, class_="message whole")
    else:
        body = inner(_function(f, list(its), teacher) for f, its in groupby(tests, key=lambda test: test["function"]))
    return element(
        "section", head, element("p", exercise["file"], class_="file"), body, class_="exercise", id=exercise["name"]
    )


def _common(tests: Sequence[Test]) -> str:
    """The message of all tests, if it is about the file."""
    messages = {test["message"] for test in tests}
    same = len(messages) == 1 and tests[0]["status"] != "passed" and len({t["function"] for t in tests}) > 1
    return messages.pop() if same else ""


def _function(name: str, tests: Sequence[Test], teacher: bool) -> Html:
    reached, whole = sum(t["points"] for t in tests), sum(t["max_points"] for t in tests)
    dots = [
        element("span", class_=f"dot {_state(t)} {t['visibility']}", title=f"{_label(t)}: {WORDS[t['status']]}", role="img",
                aria_label=f"{_label(t)}: {WORDS[t['status']]}")
        for t in tests
    ]  # fmt: skip
    head = element(
        "div",
        element("h3", element("code", name)),
        element("span", dots, class_="dots"),
        element("span", f"{points(reached)} of {points(whole)}", class_="points"),
        class_="head",
    )
    return element(
        "div", head, list(_findings(tests, teacher)), class_="function good" if _all_passed(tests) else "function"
    )


def _all_passed(tests: Sequence[Test]) -> bool:
    return all(test["status"] == "passed" for test in tests)


def _state(test: Test) -> str:
    return {"passed": "passed", "skipped": "skipped"}.get(test["status"], "failed")


def _label(test: Test) -> str:
    return f"{KINDS.get(test['kind'], (test['kind'], ''))[0]}, {test['visibility']}"


def _findings(tests: Sequence[Test], teacher: bool) -> Iterator[Html]:
    """What is wrong, each thing once, under the tests that found it; first what public tests found. One example is enough."""
    groups: dict[str, list[Test]] = {}
    for test in sorted(tests, key=lambda test: test["visibility"] == "hidden"):
        if test["status"] != "passed" or cost_of_flags(test) or (teacher and test["flags"]):
            groups.setdefault(_thing(test, teacher), []).append(test)
    shown = False
    for its in groups.values():
        first = next((t for t in its if t["example"] and (teacher or t["visibility"] == "public")), None)
        example = None if first is None or shown else example_of(first["example"])
        shown = shown or example is not None
        flags = list(dict.fromkeys(flag for t in its for flag in t["flags"])) if teacher else []
        message = _told(its[0], teacher)
        yield element(
            "div",
            element(
                "p", [_chip(t) for t in its], [element("span", f, class_="chip flag") for f in flags], class_="chips"
            ),
            element("p", message, class_="message") if message else None,
            example,
            _detail(its) if teacher else None,
            class_="finding",
        )


def _chip(test: Test) -> Html:
    word = "" if test["status"] in ("failed", "passed") else f": {WORDS[test['status']]}"
    return element("span", f"{_label(test)}{word}", class_=f"chip {_state(test)}")


def _thing(test: Test, teacher: bool) -> str:
    """What is the same for tests that are shown together: students are told the same of all hidden tests that ended alike."""
    hidden = test["visibility"] == "hidden" and test["status"] != "passed" and not teacher
    return f"hidden {test['status']}" if hidden else _told(test, teacher)


def _told(test: Test, teacher: bool) -> str:
    """The message; for the teacher, what was found out about a hidden test too."""
    found = test["diagnosis"]
    return cost_of_flags(test) or (str(found["message"]) if teacher and found else str(test["message"]))


def _detail(tests: Sequence[Test]) -> Html | None:
    """For the teacher: the rule, the errors and the prints."""
    lines = []
    for test in tests:
        passed = test["status"] == "passed"
        rule = test["diagnosis"]["rule"] if test["diagnosis"] else "passed" if passed else _unnamed(test)
        errors = test["detail"].get("errors") or {}
        told = ", ".join(
            f"{name} {error:.1e}" if isinstance(error, float) else f"{name} {error or 'none'}"
            for name, error in errors.items()
        )
        printed = test["detail"].get("printed")
        lines.append(element("li", f"{_label(test)}: {rule}", f"; errors: {told}" if told else None,
                             element("pre", printed[:2000]) if printed else None))  # fmt: skip
    return element("details", element("summary", "Measured"), element("ul", lines))


def _unnamed(test: Test) -> str:
    """All rules are tried where a function's mistake is named: at the public test of its values."""
    everywhere = (test["kind"], test["visibility"]) == ("values", "public")
    return "no rule fits" if everywhere else "no plain rule fits; others are tried at the public test of the values"


def _footer(row: Mapping[str, Any], results: Mapping[str, Any]) -> Html:
    kinds = {test["kind"] for test in row["tests"]}
    legend = [
        element("div", element("dt", name), element("dd", text))
        for kind, (name, text) in KINDS.items()
        if kind in kinds
    ]
    hidden = (
        "Hidden tests are of the same kinds as the public ones, with other numbers. A filled mark is a test that passed, "
        "a hollow one has not; round marks are public tests, square ones hidden."
    )
    return element(
        "footer", element("h2", "The tests"), element("dl", legend), element("p", hidden), graded_with(results, row)
    )


def graded_with(results: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> Html:
    """What it takes to grade again and get the same."""
    versions, assignment = results["versions"], results["assignment"]
    facts = {
        "scratchae": f"{versions['scratchae']}, code {versions['code']}",
        "NumPy, Python": f"{versions['numpy']}, {versions['python']}",
        "Seed": f"{assignment['seed']} (its fingerprint)",
        "Policy": assignment["policy"][:16],
        "Isolation": (row or assignment)["isolation"],
    }
    if row is not None:
        facts["SHA-256 of the submission"] = row["sha256"]
    cells = [
        element("tr", element("th", name, scope="row"), element("td", element("code", value)))
        for name, value in facts.items()
    ]
    warning = None
    if assignment["isolation"] == "limits":
        warning = element(
            "p",
            "Graded without isolation: a submission could have read or changed anything that the grader could.",
            class_="warning",
        )
    return inner([warning, element("div", element("table", element("tbody", cells), class_="facts"), class_="scroll")])
