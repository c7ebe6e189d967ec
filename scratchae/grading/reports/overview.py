"""The teacher's page: how the class did, where the points went, who needs a look, and a table of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scratchae.grading.reports.elements import Html, bar, element, page, percent, points, table
from scratchae.grading.reports.feedback import KINDS, graded_with
from scratchae.grading.reports.histogram import histogram
from scratchae.grading.statistics import by_exercise

MOST_MISTAKES = 12

Results = Mapping[str, Any]


def overview_page(results: Results, pages: Mapping[str, str]) -> bytes:
    """The class.

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
    about = ", ".join([*counted, f"{points(assignment['max_points'])} points"])
    look = sum(bool(row["notes"] or row["flags"]) for row in results["submissions"])
    cards = [
        ("Median", percent(statistics["median"])),
        ("Mean", percent(statistics["mean"])),
        ("All points", str(statistics["full"])),
        ("Need a look", str(look)),
    ]
    return page(
        assignment["title"],
        element("header", element("p", "Class report · for the teacher", class_="above"), element("h1", assignment["title"]),
                element("p", about, class_="quiet")),
        element("div", [element("div", element("span", name), element("strong", value), class_="card") for name, value in cards], class_="cards"),
        element(
            "main",
            element("div", _spread(statistics), _mistakes(statistics), class_="two"),
            _exercises(results),
            _students(results, pages),
            _looks(results, pages),
        ),
        element("footer", element("h2", "How this was graded"), graded_with(results)),
    )  # fmt: skip


def _spread(statistics: Mapping[str, Any]) -> Html:
    return element("section", element("h2", "Spread"), histogram(statistics["histogram"]))


def _mistakes(statistics: Mapping[str, Any]) -> Html:
    if not statistics["mistakes"]:
        return element(
            "section", element("h2", "Commonest mistakes"), element("p", "None was recognised.", class_="quiet")
        )
    rows = []
    for mistake in statistics["mistakes"][:MOST_MISTAKES]:
        where = [[element("code", f), f" {n}" if n > 1 else "", " "] for f, n in mistake["functions"][:3]]
        more = f"and {len(mistake['functions']) - 3} more" if len(mistake["functions"]) > 3 else None
        cells = [
            element("th", _rule(mistake["rule"]), scope="row"),
            element("td", str(mistake["students"]), class_="number"),
            element("td", where, more),
        ]
        rows.append(element("tr", cells))
    return element("section", element("h2", "Commonest mistakes"), table(["mistake", "students", "in"], rows))


def _exercises(results: Results) -> Html:
    """Each exercise, and behind it each of its tests."""
    statistics = results["statistics"]
    tests = {test["id"]: test for test in statistics["tests"]}
    parts = []
    for exercise, its in zip(results["assignment"]["exercises"], statistics["exercises"], strict=True):
        rows, before = [], ""
        for name, test in tests.items():
            if name.split("/")[0] == exercise["name"]:
                rows.append(_test(test, before))
                before = name.split("/")[1]
        summary = element(
            "summary",
            element("span", exercise["file"][:2], class_="place"),
            element("span", exercise["title"], class_="title"),
            bar(its["mean"]),
            element("strong", percent(its["mean"])),
            element("span", f"{its['full']} all, {its['nothing']} nothing", class_="quiet"),
        )
        head = ["function", "test", "", "passed", "", "points lost", "commonest mistake", "tells apart"]
        parts.append(element("details", summary, table(head, rows), class_="item"))
    explained = (
        "Open an exercise for its tests. “Points lost” is the mean over the class. “Tells apart” is the correlation of passing a test with "
        "the whole score: near 0 or below, the test is too easy, too hard, or misunderstood."
    )
    return element("section", element("h2", "Exercises"), element("p", explained, class_="quiet"), parts)


def _test(test: Mapping[str, Any], before: str) -> Html:
    """A row; the function is named where it is another one than before."""
    _, function, kind, visibility = test["id"].split("/")
    common, apart = test["commonest"], test["discrimination"]
    name = KINDS.get(kind.replace("_", " "), (kind, ""))[0]
    return element(
        "tr",
        element("td", element("code", function) if function != before else None),
        element("td", name),
        element("td", visibility, class_="quiet"),
        element("td", percent(test["rate"]), class_="number"),
        element("td", bar(test["rate"])),
        element("td", f"{test['lost']:.2f}", class_="number"),
        element("td", f"{_rule(common['rule'])} ({common['students']})" if common else "–"),
        element("td", "–" if apart is None else f"{apart:+.2f}", class_="number"),
    )


def _students(results: Results, pages: Mapping[str, str]) -> Html:
    exercises = results["assignment"]["exercises"]
    places = [element("abbr", e["file"][:2], title=e["title"]) for e in exercises]
    rows = []
    for row in results["submissions"]:
        reached, its = by_exercise(row), pages[row["student"]]
        cells = [_cell(*reached[e["name"]]) for e in exercises]
        share = row["points"] / row["max_points"] if row["max_points"] else 0.0
        marks = [element("abbr", "note", title="; ".join(row["notes"]), class_="chip failed") if row["notes"] else None,
                 element("abbr", "flag", title="; ".join(row["flags"]), class_="chip flag") if row["flags"] else None]  # fmt: skip
        rows.append(
            element(
                "tr",
                element("th", element("a", row["student"], href=f"teacher/{its}"), scope="row", class_="who"),
                element("td", points(row["points"]), class_="number"),
                element("td", percent(share), class_="number"),
                cells,
                element("td", marks, class_="marks"),
                element("td", element("a", "feedback", href=f"feedback/{its}")),
            )
        )
    head = ["student", "points", "share", *places, "", ""]
    explained = "Per cent of the points of each exercise. A name leads to the page with everything, “feedback” to the page for the student."
    return element(
        "section",
        element("h2", "Students"),
        element("p", explained, class_="quiet"),
        table(head, rows, class_="matrix"),
    )


def _cell(reached: float, whole: float) -> Html:
    share = reached / whole if whole else 0.0
    shown = 100 if share >= 1 else min(99, round(100 * share))  # 100 is all of it, and nothing else
    return element("td", str(shown), class_=f"number h{shown // 10}")


def _looks(results: Results, pages: Mapping[str, str]) -> Html | None:
    general = [element("li", note) for note in results["notes"]]
    rows = []
    for row in results["submissions"]:
        texts = [*(element("li", note) for note in row["notes"]),
                 *(element("li", element("span", flag, class_="chip flag"), " ", _flagged(row, flag)) for flag in row["flags"])]  # fmt: skip
        if texts:
            link = element("a", row["student"], href=f"teacher/{pages[row['student']]}")
            rows.append(
                element("tr", element("th", link, scope="row", class_="who"), element("td", element("ul", texts)))
            )
    if not rows and not general:
        return None
    explained = "Notes say what could not be graded. Flags are signs, no verdicts: points were taken only where your policy says so."
    return element("section", element("h2", "Need a look"), element("p", explained, class_="quiet"),
                   element("ul", general) if general else None, table(["student", ""], rows, class_="looks") if rows else None)  # fmt: skip


def _flagged(row: Mapping[str, Any], flag: str) -> str:
    return ", ".join(dict.fromkeys(test["function"] for test in row["tests"] if flag in test["flags"]))


def _rule(name: str) -> str:
    """A rule's name as people say it."""
    return {"none": "not written, or None"}.get(name, name)
