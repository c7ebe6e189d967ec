"""Models in notebooks: the table, what is escaped in it, and the forms of output."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

import scratchae as sae
from scratchae.models.html import LONGEST, table
from scratchae.registry import REGISTRY

X = np.random.default_rng(0).random((20, 4))


class Reader(HTMLParser):
    """The tags of a page and its text; fails where tags are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def rows_of(page: str) -> dict[str, str]:
    return dict(re.findall(r"<tr><td>(\w+)</td><td><code>(.*?)</code></td></tr>", page))


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_all_options_are_in_the_table_and_the_changed_ones_come_first(name: str) -> None:
    model = getattr(sae, name)(dtype="float64", verbose=False)
    page = model._repr_html_()
    Reader(page)
    assert set(rows_of(page)) == set(model.get_params())
    before, _, after = page.partition("<details>")
    assert set(rows_of(before)) == {"dtype", "verbose"} and "dtype" not in rows_of(after)


def test_the_state_is_shown() -> None:
    model = sae.Autoencoder((3,), 2, epochs=3)
    assert "(not fitted)" in Reader(model._repr_html_()).text
    model.fit(X)
    assert (
        f"(fitted to 4 features, 3 epochs, loss {model.history_['loss'][-1]:.6g})" in Reader(model._repr_html_()).text
    )
    stack = sae.StackedAutoencoder((3,), pretrain_epochs=1).pretrain(X)
    assert "(fitted to 4 features)" in Reader(stack._repr_html_()).text
    assert "options, all at their defaults" in sae.Autoencoder()._repr_html_()


class Bad:
    """An option that nobody should give."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __repr__(self) -> str:
        if self.text is None:
            raise RuntimeError("no text")
        return self.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</code></table>&amp;'", "]]>"]
)
def test_values_are_escaped(text: str) -> None:
    for model in (sae.Autoencoder(activation=text), sae.Autoencoder(activation=Bad(text))):  # type: ignore[arg-type]
        page = Reader(model._repr_html_())
        assert set(page.seen) <= {
            "div",
            "b",
            "span",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "code",
            "details",
            "summary",
        }
        assert text in page.text.replace("\\'", "'")
    assert "<b>&lt;i&gt;</b>" in table("<i>", "<u>", {}, {}) and "(&lt;u&gt;)" in table("<i>", "<u>", {}, {})


def test_long_values_are_shortened_and_errors_do_not_leave_the_table() -> None:
    page = sae.Autoencoder(hidden_sizes=tuple(range(10_000)), activation=Bad(None))._repr_html_()  # type: ignore[arg-type]
    assert len(rows_of(page)["hidden_sizes"]) <= LONGEST + 2
    assert rows_of(page)["activation"] == "&lt;Bad: RuntimeError in repr&gt;"
    assert sae.Autoencoder(
        hidden_sizes=np.zeros(3)
    )._repr_html_()  # an array, whose comparison with the default has no truth value


def test_forms_of_output() -> None:
    model = sae.Autoencoder(latent_dim=3)
    bundle = model._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"text/plain": "Autoencoder(latent_dim=3)", "text/html": model._repr_html_()}
    with config_context(display="text"):
        assert model._repr_mimebundle_() == {"text/plain": "Autoencoder(latent_dim=3)"} and model._repr_html_() is None


def test_diagrams_of_scikit_learn() -> None:
    model = sae.Autoencoder((3,), 2, likelihood="gaussian", epochs=1)
    for estimator in (model, make_pipeline(StandardScaler(), model), make_column_transformer((model, [0, 1]))):
        for fitted in (False, True):
            page = estimator_html_repr(estimator.fit(X) if fitted else estimator)
            assert "latent_dim=2" in page and "Autoencoder" in page


@pytest.mark.parametrize(("length", "shown"), [(300, "x" * 300), (301, "x" * 300 + " …")])
def test_only_long_values_are_cut(length: int, shown: str) -> None:
    class Long:
        def __repr__(self) -> str:
            return "x" * length

    assert f"<code>{shown}</code>" in sae.Autoencoder(latent_dim=Long())._repr_html_()


@pytest.mark.slow
def test_in_a_notebook() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import scratchae as sae\nsae.Autoencoder(latent_dim=3)")]
    )
    nbclient.NotebookClient(notebook, timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert output["data"]["text/plain"] == "Autoencoder(latent_dim=3)"
    assert output["data"]["text/html"].startswith("<div><b>Autoencoder</b>")
