"""The glossary: its terms are sorted, and each leads to a page that uses it."""

from __future__ import annotations

import re

from helpers.derivation_checks import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
ENTRY = re.compile(r"^\* \*\*(.+?)\*\*: (.+)$", re.MULTILINE)


def entries() -> list[tuple[str, str]]:
    return ENTRY.findall(GLOSSARY.read_text(encoding="utf-8"))


def test_every_line_is_an_entry_and_terms_are_sorted() -> None:
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("*")]
    terms = [re.sub(r"\W", "", term.casefold()) for term, _ in entries()]
    assert len(terms) == len(lines) >= 90
    assert terms == sorted(terms) and len(set(terms)) == len(terms)


def test_each_term_is_used_on_the_page_that_it_leads_to() -> None:
    for term, text in entries():
        links = re.findall(r"\]\(([^)#]+)\)", text)
        assert links, f"{term}: no link to a page"
        paths = [GLOSSARY.parent / link for link in links]
        missing = [path.name for path in paths if not path.is_file()]
        assert not missing, f"{term}: there is no page {missing[0]}"
        pages = " ".join(path.read_text(encoding="utf-8") for path in paths)
        words = re.sub(r"[\W_]+", " ", pages).casefold()
        names = [name for name in re.split(r"[()]", term) if name.strip()]
        stems = [re.sub(r"[\W_]+", " ", name).strip().casefold().removesuffix("ing") for name in names]
        assert any(stem in words for stem in stems), f"{term}: {links} do not contain the word"


def test_the_words_that_readers_search_for_are_there() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    for word in (
        "amortised", "ancestral sampling", "approximate posterior", "backpropagation", "bottleneck", "dimensionality reduction",
        "feature extraction", "mean-field", "mode-seeking", "mutual information", "overfit", "pathwise gradient", "REINFORCE", "Tweedie",
    ):  # fmt: skip
        assert word in text, word
