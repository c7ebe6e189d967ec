"""A trace as HTML: a table for a notebook, and a page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae import tracing
from scratchae.tracing.page import page, table
from scratchae.tracing.recorder import Step
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import Value

VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Checks that every element is closed, and collects words and what is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.loaded: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loaded += [(name, value) for name, value in attributes if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag == "path"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Balanced:
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


@pytest.mark.parametrize("name", ["variational", "contractive", "dense"])
def test_the_page_is_whole_and_loads_nothing(name: str) -> None:
    found = tracing.tiny(name)
    parsed = read(page(found))
    assert page(found).startswith("<!DOCTYPE html>") and not parsed.loaded
    words = "".join(parsed.words)
    for step in found.steps:
        assert step.code in words and f":{step.line}" in words
        assert all(f"({label})" in words for label in step.labels)
    assert "given" in words and "forward" in words and "backward" in words
    assert page(found).count("<svg") == len(found.equations)  # each where its label first occurs


def test_a_wide_table_can_be_scrolled_by_keyboard() -> None:
    text = page(tracing.tiny("dense"))
    assert "main { overflow-x: auto; }" in text and '<main tabindex="0">' in text


def test_a_notebook_shows_the_table() -> None:
    found = tracing.tiny("variational")
    shown = found._repr_html_()
    assert shown == table(found) and read(shown) and "<html" not in shown
    assert "mu = [[0.5]]" in shown and "1.4496" in shown


def test_text_of_others_is_escaped() -> None:
    value = Value("<a>", "assigned", "str", None, "<b>")
    step = Step(("own.1",), "forward", "<ipython-input-1>", 1, 1, "f", "x = a < b", 2, None, 1234, [value])
    text = page(Trace("<Mine>", [value], [step], about="1 < 2"))
    assert "&lt;a&gt; = &lt;b&gt;" in text and "x = a &lt; b" in text and "&lt;ipython-input-1&gt;:1" in text
    assert "&lt;Mine&gt;" in text and "1 &lt; 2" in text and "1,234 further passes" in text
    assert "<a>" not in text and "<Mine>" not in text


def test_large_arrays_stay_short() -> None:
    value: Any = Value("W", "given", "float64", np.zeros((500, 500)))
    assert len(table(Trace("a", [value], []))) < 3000
    assert "float64 (500, 500)" in table(Trace("a", [value], []))


def test_drawings_are_elements_of_the_page(tmp_path: Path) -> None:
    text = table(tracing.tiny("dense"))
    start = text.index("<svg")
    assert ET.fromstring(text[start : text.index("</svg>") + 6]).tag == "svg"
