"""JUnit XML, for programs that show test results: a suite for each student, a case for each test, without times or arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

# Characters that XML 1.0 does not allow, even escaped.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ERRORS = ("error", "time", "memory")


def junit(results: Mapping[str, Any]) -> bytes:
    """All results as JUnit XML; points are properties, since the format has no field for them."""
    suites = [_suite(row, results) for row in results["submissions"]]
    total = [test for row in results["submissions"] for test in row["tests"]]
    name = _attribute(results["assignment"]["title"])
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites name={name}{_counts(total)}>",
        *suites,
        "</testsuites>",
        "",
    ]
    return "\n".join(lines).encode()


def _suite(row: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    properties = {
        "points": f"{row['points']:.10g}",
        "max_points": f"{row['max_points']:.10g}",
        "sha256": row["sha256"],
        "isolation": row["isolation"],
        "seed": results["assignment"]["seed"],
        **results["versions"],
    }
    lines = [f" <testsuite name={_attribute(row['student'])}{_counts(row['tests'])}>", "  <properties>"]
    lines += [f"   <property name={_attribute(k)} value={_attribute(v)}/>" for k, v in properties.items()]
    lines += ["  </properties>", *(_case(test) for test in row["tests"])]
    if row["notes"]:
        lines.append(f"  <system-out>{escape(_legal(chr(10).join(row['notes'])))}</system-out>")
    return "\n".join([*lines, " </testsuite>"])


def _case(test: Mapping[str, Any]) -> str:
    name = f"{test['function']} {test['kind']} ({test['visibility']})"
    points = f'<property name="points" value="{test["points"]:.10g}"/><property name="max_points" value="{test["max_points"]:.10g}"/>'
    kind = {"skipped": "skipped", "failed": "failure", "missing": "failure"}.get(test["status"], "error")
    outcome = f"<{kind} message={_attribute(test['message'])}/>" if test["status"] != "passed" else ""
    where = f"classname={_attribute(test['exercise'])} name={_attribute(name)}"
    return f"  <testcase {where}><properties>{points}</properties>{outcome}</testcase>"


def _counts(tests: list[Mapping[str, Any]]) -> str:
    statuses = [test["status"] for test in tests]
    failures = sum(status in ("failed", "missing") for status in statuses)
    errors = sum(status in _ERRORS for status in statuses)
    return f' tests="{len(tests)}" failures="{failures}" errors="{errors}" skipped="{statuses.count("skipped")}"'


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))
