"""The pages for teachers and students are correct: links exist, the policy is valid, every key of results.json is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from grading.small_class import results_of
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.marking.statistics import class_statistics

pytestmark = pytest.mark.sandbox

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "teachers.md", DOCS / "students.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\s-]", "", h).strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_the_policy_of_the_page_is_one(tmp_path: Path) -> None:
    text = (DOCS / "teachers.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "policy.toml").write_text(policy)
    read = read_policy(tmp_path / "policy.toml")
    worth = [t.max_points for t in read.tests if t.function == "dense_backward"]
    assert sum(worth) == pytest.approx(6) and 0 in worth
    assert sum(t.max_points for t in read.tests if t.exercise == "dense") == pytest.approx(16)


def keys(value: Any) -> set[str]:
    """All keys, except for names of students and exercises."""
    if isinstance(value, list):
        return set().union(*map(keys, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {"arguments", "errors", "statuses"}
    return set(value).union(*(keys(item) for name, item in value.items() if name not in own))


def test_every_key_of_the_results_is_told(tmp_path: Path) -> None:
    results = results_of(tmp_path, ["mean", "numeric", "nothing"])
    whole = {**results, "statistics": class_statistics(results["submissions"])}
    text = (DOCS / "teachers.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"## `results.json`\n(.*?)\n## ", text, re.DOTALL)
    told = set(re.findall(r"`(\w+)`", section))
    assert keys(whole) <= told, keys(whole) - told
