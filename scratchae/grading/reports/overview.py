"""The teacher's page: statistics of the class, points lost, students who need attention, and a table of all students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scratchae.errors import shortened
from scratchae.grading.diagnosis.names import NAMES
from scratchae.grading.inspection.copies import MOST_NAMES
from scratchae.grading.marking.statistics import by_exercise
from scratchae.grading.reports.pages import graded_with, page
from scratchae.grading.reports.wording import KINDS, percent, points

MOST_MISTAKES, MOST_FUNCTIONS = 12, 3  # and functions listed for a mistake
MOST_ALIKE = 12  # students listed for the same code
WIDTH, HEIGHT, TOP, BOTTOM = 400, 170, 16, 22  # sizes of the histogram, and of the space above and below its bars

Results = Mapping[str, Any]


def overview_page(results: Results, pages: Mapping[str, str]) -> bytes:
    """The page of the class.

    Parameters
    ----------
    results : mapping
        With its statistics.
    pages : mapping of str to str
        File names of the students' pages.
    """
    assignment, statistics = results["assignment"], results["statistics"]
    exercises, tests = len(assignment["exercises"]), len(statistics["tests"])
    counts = ((statistics["students"], "student"), (exercises, "exercise"), (tests, "test"))
    counted = (f"{count} {what}{'s' * (count != 1)}" for count, what in counts)
    flagged, noted = ([row for row in results["submissions"] if row[name]] for name in ("flags", "notes"))
    return page(
        "class.html.jinja",
        assignment["title"],
        about=", ".join([*counted, f"{points(assignment['max_points'])} points"]),
        cards=[
            ("Median", percent(statistics["median"])),
            ("Mean", percent(statistics["mean"])),
            ("All points", statistics["full"]),
            ("With notes", len(noted)),
            ("Needs a look", len(flagged)),
        ],
        histogram=_histogram(statistics["histogram"]),
        mistakes=[_mistake(mistake) for mistake in statistics["mistakes"][:MOST_MISTAKES]],
        exercises=list(_exercises(results)),
        students=[_student(row, results, pages) for row in results["submissions"]],
        notes=results["notes"],
        looks=[_look(row, pages) for row in flagged],
        noted=[{"name": row["student"], "page": pages[row["student"]], "notes": row["notes"]} for row in noted],
        alike=[_alike(row, pages) for row in results["alike"]],
        **graded_with(results),
    )


def _histogram(counts: Sequence[int]) -> dict[str, Any]:
    """Rectangles and texts of the histogram: numbers of students by share of the points, in equal bins from 0 to 100 %."""
    tall, step = HEIGHT - TOP - BOTTOM, WIDTH / len(counts)
    bars = []
    for i, count in enumerate(counts):
        height = tall * count / max(max(counts), 1)
        x, y = i * step, TOP + tall - height
        bars.append(
            {
                "count": count,
                "x": f"{x + 2:.1f}",
                "y": f"{y:.1f}",
                "width": f"{step - 4:.1f}",
                "height": f"{height:.1f}",
                "middle": f"{x + step / 2:.1f}",
                "above": f"{y - 4:.1f}",
            }
        )
    ticks = [
        {"told": f"{share} %", "x": WIDTH * share // 100, "y": HEIGHT - 6, "anchor": anchor}
        for share, anchor in ((0, "start"), (50, "middle"), (100, "end"))
    ]
    told = ", ".join(f"{10 * i} to {10 * i + 10} %: {count}" for i, count in enumerate(counts))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "base": TOP + tall,
        "bars": bars,
        "ticks": ticks,
        "told": f"Students by share of the points. {told}",
    }


def _mistake(mistake: Mapping[str, Any]) -> dict[str, Any]:
    functions = mistake["functions"]
    return {
        "rule": _rule(mistake["rule"]),
        "meaning": NAMES.get(mistake["rule"], ""),
        "students": mistake["students"],
        "functions": functions[:MOST_FUNCTIONS],
        "more": max(len(functions) - MOST_FUNCTIONS, 0),
    }


def _exercises(results: Results) -> Iterator[dict[str, Any]]:
    """Each exercise, with its tests."""
    statistics = results["statistics"]
    for exercise, its in zip(results["assignment"]["exercises"], statistics["exercises"], strict=True):
        tests = [test for test in statistics["tests"] if test["id"].split("/")[0] == exercise["name"]]
        before = ("", *(test["id"].split("/")[1] for test in tests))
        yield {
            **its,
            "number": exercise["file"][:2],
            "title": exercise["title"],
            "tests": [_test(test, function) for test, function in zip(tests, before, strict=False)],
        }


def _test(test: Mapping[str, Any], before: str) -> dict[str, Any]:
    """A row of a test; the function is named only if it differs from the row before."""
    _, function, kind, visibility = test["id"].split("/")
    common, apart = test["commonest"], test["discrimination"]
    return {
        "function": function if function != before else "",
        "kind": KINDS.get(kind.replace("_", " "), (kind, ""))[0],
        "visibility": visibility,
        "rate": test["rate"],
        "lost": f"{test['lost']:.2f}",
        "commonest": f"{_rule(common['rule'])} ({common['students']})" if common else "–",
        "apart": "–" if apart is None else f"{apart:+.2f}",
    }


def _student(row: Mapping[str, Any], results: Results, pages: Mapping[str, str]) -> dict[str, Any]:
    reached = by_exercise(row)
    return {
        "name": row["student"],
        "page": pages[row["student"]],
        "points": row["points"],
        "share": row["points"] / row["max_points"] if row["max_points"] else 0.0,
        "exercises": [_per_cent(*reached[exercise["name"]]) for exercise in results["assignment"]["exercises"]],
        "notes": row["notes"],
        "flags": row["flags"],
    }


def _per_cent(reached: float, whole: float) -> int:
    share = reached / whole if whole else 0.0
    return 100 if share >= 1 else min(99, round(100 * share))  # 100 means all points, without rounding


def _look(row: Mapping[str, Any], pages: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": row["student"],
        "page": pages[row["student"]],
        "flags": {flag: _flagged(row, flag) for flag in row["flags"]},
    }


def _alike(row: Mapping[str, Any], pages: Mapping[str, str]) -> dict[str, Any]:
    """Submissions with the same code, in words."""
    students, files = row["students"], row["files"]
    share = "" if row["share"] is None else f", {row['share']} %"
    return {
        "how": f"{row['how']}{share}",
        "students": [(name, pages[name]) for name in students[:MOST_ALIKE]],
        "more": max(len(students) - MOST_ALIKE, 0),
        "files": shortened(files, MOST_NAMES),
        "functions": shortened(row["functions"], MOST_NAMES),
    }


def _flagged(row: Mapping[str, Any], flag: str) -> list[str]:
    """Functions with a test that has this flag."""
    return list(dict.fromkeys(test["function"] for test in row["tests"] if flag in test["flags"]))


def _rule(name: str) -> str:
    """A rule's name as readable text."""
    return {"none": "not written, or None"}.get(name, name)
