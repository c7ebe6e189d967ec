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


def test_in_a_word(found: Trace) -> None:
    assert repr(found) == f"<trace of VariationalAutoencoder, 1 row: loss 1.4496; {len(found.steps)} labelled lines>"


CELLS = (
    "%matplotlib inline\nimport numpy as np\nimport scratchae as sae\nsae.use_backend('numpy');",
    """class Mine(sae.Autoencoder):
    def objective(self, parameters, x, y=None, noise=None, terms=None):
        !true
        loss, gradients = super().objective(parameters, x)  # (mine.1)
        return loss, gradients
model = Mine((), 1, epochs=1, random_state=0).fit(np.eye(4))""",
    "trace = sae.trace(model, np.eye(4)[:1])\nprint(trace.labels[0], trace.steps[0].line, trace.steps[0].code)\ntrace",
)


@pytest.mark.slow
def test_a_class_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", str(Path(tracing.__file__).parents[2]))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(book, timeout=100, kernel_name="python3").execute()
    printed, shown = book.cells[2].outputs
    assert printed["text"] == "mine.1 4 loss, gradients = super().objective(parameters, x)\n"
    assert shown["data"]["text/plain"].startswith("<trace of Mine, 1 row")
    assert "(mine.1)" in shown["data"]["text/html"] and "<svg" in shown["data"]["text/html"]


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
