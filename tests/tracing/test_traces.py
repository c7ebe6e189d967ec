"""A trace shows itself: as text, in a notebook, as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scratchae import tracing
from scratchae.tracing.page import page, table
from scratchae.tracing.text import text
from scratchae.tracing.traces import Trace


@pytest.fixture(scope="module")
def found() -> Trace:
    return tracing.tiny("variational")


def test_as_text_and_in_a_notebook(found: Trace) -> None:
    assert str(found) == text(found) and found.to_html() == page(found) and found._repr_html_() == table(found)


def test_files(found: Trace, tmp_path: Path) -> None:
    found.save(tmp_path / "trace.JSON")
    assert json.loads((tmp_path / "trace.JSON").read_text("utf-8")) == found.to_dict()
    found.save(str(tmp_path / "trace.html"))
    assert (tmp_path / "trace.html").read_text("utf-8") == found.to_html()
    with pytest.raises(ValueError, match=r"trace\.txt' does not end in \.html or \.json; give"):
        found.save(tmp_path / "trace.txt")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        found.save(tmp_path / "none" / "trace.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trace.JSON", "trace.html"]
