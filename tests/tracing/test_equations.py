"""Equations of the labels: those of the pages."""

from __future__ import annotations

from helpers.derivation_checks import ROOT, equations, weave

from scratchae.tracing.equations import FILE, all_equations, equations_of


def test_they_are_the_equations_of_the_pages() -> None:
    pages = weave.read_pages(ROOT / "docs" / "derivations")
    assert FILE.read_text("utf-8") == weave.equations(pages), "run: python docs/weave.py"
    of_pages = {equation.label: equation.page for page, text in pages.items() for equation in equations(page, text)[0]}
    assert {label: equation.page for label, equation in all_equations().items()} == of_pages
    assert not [label for label, equation in all_equations().items() if "tag" in equation.latex or not equation.latex]


def test_an_equation() -> None:
    assert all_equations()["dense.4"] == ("dx = dy W^T", "dense.md")
    assert list(equations_of(["dense.6", "own.1", "dense.4"])) == ["dense.6", "dense.4"]
