"""Statistics of a class: for each test the pass rate, the points lost and the commonest mistake; the mean of each exercise; the distribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

BINS = 10


def class_statistics(submissions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Item analysis of the rows of `results.json`.

    Parameters
    ----------
    submissions : sequence of dict
        Rows, all with the same tests in the same order.

    Returns
    -------
    statistics : dict
        "mean", "median" and "full" of the shares of the points; "histogram" over ten equal bins from 0 to 1; "exercises", "tests" and
        "mistakes", as documented in docs/teachers.md.
    """
    shares = [_share(row["points"], row["max_points"]) for row in submissions]
    histogram = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    return {
        "students": len(shares),
        "mean": _mean(shares),
        "median": _median(shares),
        "full": sum(share >= 1 for share in shares),
        "histogram": [histogram[i] for i in range(BINS)],
        "exercises": _exercises(submissions),
        "tests": _tests(submissions, shares),
        "mistakes": _mistakes(submissions),
    }


def by_exercise(row: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Points and maximum points in each exercise of one row."""
    points: dict[str, tuple[float, float]] = {}
    for test in row["tests"]:
        reached, whole = points.get(test["exercise"], (0.0, 0.0))
        points[test["exercise"]] = (reached + test["points"], whole + test["max_points"])
    return {name: (round(reached, 6), round(whole, 6)) for name, (reached, whole) in points.items()}


def _exercises(submissions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mean share of each exercise, and the numbers of students with all points and with none."""
    shares: dict[str, list[float]] = {}
    for row in submissions:
        for name, (reached, whole) in by_exercise(row).items():
            shares.setdefault(name, []).append(_share(reached, whole))
    return [
        {"exercise": name, "mean": _mean(its), "full": sum(s >= 1 for s in its), "nothing": sum(s <= 0 for s in its)}
        for name, its in shares.items()
    ]


def _tests(submissions: Sequence[dict[str, Any]], totals: Sequence[float]) -> list[dict[str, Any]]:
    """Statistics of each test."""
    found = []
    for column in zip(*(row["tests"] for row in submissions), strict=True):
        rules = Counter(test["diagnosis"]["rule"] for test in column if test["diagnosis"])
        passed = [float(test["status"] == "passed") for test in column]
        found.append(
            {
                "id": column[0]["id"],
                "passed": int(sum(passed)),
                "rate": _mean(passed),
                "lost": _mean([test["max_points"] - test["points"] for test in column]),
                "statuses": dict(sorted(Counter(test["status"] for test in column).items())),
                "commonest": _commonest(rules),
                "discrimination": _correlation(passed, totals),
            }
        )
    return found


def _mistakes(submissions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every named mistake, with the numbers of students and functions; the commonest first."""
    students: dict[str, set[int]] = {}
    functions: dict[str, Counter[str]] = {}
    for i, row in enumerate(submissions):
        named = {(t["diagnosis"]["rule"], t["function"]) for t in row["tests"] if t["diagnosis"]}
        for rule, function in named:
            students.setdefault(rule, set()).add(i)
            functions.setdefault(rule, Counter())[function] += 1
    order = sorted(students, key=lambda rule: (-len(students[rule]), rule))
    return [
        {
            "rule": rule,
            "students": len(students[rule]),
            "functions": [[f, n] for f, n in sorted(functions[rule].items(), key=lambda item: (-item[1], item[0]))],
        }
        for rule in order
    ]


def _commonest(rules: Counter[str]) -> dict[str, Any] | None:
    if not rules:
        return None
    rule, count = min(rules.items(), key=lambda item: (-item[1], item[0]))
    return {"rule": rule, "students": count}


def _share(reached: float, whole: float) -> float:
    return round(reached / whole, 6) if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 6) if values else 0.0


def _median(values: Sequence[float]) -> float:
    ranked = sorted(values)
    return round((ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2, 6) if ranked else 0.0


def _correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Item discrimination: the correlation of passing a test with the share of all points; None if it is undefined."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    products = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    squares = sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)
    return round(products / squares**0.5, 3) if squares > 1e-12 else None
