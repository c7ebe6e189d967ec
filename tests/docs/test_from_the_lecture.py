"""The page about the lecture: each of its steps leads to a page, and each label to an equation of a page that its row links."""

from __future__ import annotations

import re

import pytest
from helpers.derivation_checks import LABEL, ROOT, equations, weave

PAGES = weave.read_pages()
PAGE = PAGES["from_the_lecture.md"]
STEPS = [
    re.split(r"(?<!\\)\|", line)[1:4]
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)
    if re.match(r"\d\. ", section)
    for line in section.splitlines()
    if line.startswith("| ") and not line.startswith(("| step", "| ---"))
]


def test_all_parts_of_the_lecture_are_there() -> None:
    numbers = re.findall(r"^## (\d)\. ", PAGE, re.MULTILINE)
    assert numbers == ["1", "2", "3", "4", "5", "6", "7"] and len(STEPS) >= 38


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[0].strip()[:40])
def test_a_step_leads_to_a_page_with_its_equation(step: list[str]) -> None:
    _, here, run = step
    linked = set(re.findall(r"\]\((\w+\.md)(?:#[\w-]+)?\)", here))
    below = re.findall(r"\]\(#([\w-]+)\)", here)
    assert "](" in here, "no link"
    headings = {re.sub(r"\W+", "-", h.casefold()) for h in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    assert set(below) <= headings
    known = {e.label for name in linked for e in equations(name, PAGES[name])[0]}
    beside = {label for label in LABEL.findall(here)} - known
    assert not beside or below, f"{beside} of no linked page"
    for target in re.findall(r"\]\(([^)#]+)", here + run):
        assert (ROOT / "docs" / "derivations" / target).exists(), target
    exercise = re.search(r"exercise `(\w+)`", run)
    if exercise:
        from scratchae.exercises import EXERCISES

        assert exercise[1] in {found.name for found in EXERCISES}
