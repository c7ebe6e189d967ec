"""Convert a row to Gradescope's `results.json`. Source: gradescope/autograder_samples, docs/specs.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scratchae.grading.reports.wording import KINDS, cost_of_flags, example_text

MOST_TEXT = 5000


def gradescope_results(row: Mapping[str, Any], results: Mapping[str, Any], release: str) -> dict[str, Any]:
    """The content of Gradescope's `results.json`.

    Parameters
    ----------
    row : mapping
        A row of scratchae's `results.json`.
    results : mapping
    release : {"hidden", "after_due_date", "after_published", "visible"}
        When students see hidden tests.
    """
    assignment = results["assignment"]
    titles = {exercise["name"]: exercise["title"] for exercise in assignment["exercises"]}
    names = list(titles)
    places: dict[str, int] = dict.fromkeys(names, 0)
    tests = []
    for test in row["tests"]:
        places[test["exercise"]] += 1
        number = f"{names.index(test['exercise']) + 1}.{places[test['exercise']]}"
        tests.append(_test(test, number, release))
    return {
        "score": row["points"],
        "output": "\n".join([*row["notes"], assignment["title"]])[:MOST_TEXT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "versions": results["versions"],
            "seed": assignment["seed"],
            "policy": assignment["policy"],
            "variant": assignment["variant"],
            "sha256": row["sha256"],
            "isolation": row["isolation"],
            "max_points": row["max_points"],
        },
        "tests": tests,
    }


def _test(test: Mapping[str, Any], number: str, release: str) -> dict[str, Any]:
    public = test["visibility"] == "public"
    shown = example_text(test["example"]) if public and test["example"] else ""
    lost = cost_of_flags(test)
    kind = KINDS[test["kind"]][0].lower()
    return {
        "score": test["points"],
        "max_score": test["max_points"],
        "status": "passed" if test["status"] == "passed" else "failed",
        "name": f"{test['function']}: {kind}{'' if public else ' (hidden)'}",
        "number": number,
        "output": "\n\n".join(filter(None, [test["message"], lost, shown]))[:MOST_TEXT],
        "tags": [test["exercise"], test["kind"]],
        "visibility": "visible" if public else release,
        "extra_data": {"id": test["id"]},
    }
