"""The site's extension: labels and what belongs to them, symbols in formulas, notebooks, links of pages; without building anything."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sphinx", reason="the extra docs is not installed")

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "docs" / "_ext"), str(ROOT / "docs")]

import build  # noqa: E402
import labels  # noqa: E402
import notebooks  # noqa: E402
import symbols  # noqa: E402

PAGE = r"""# double

```math
y = 2 x \tag{double.1}
```

Implemented in `double`.

```math
y_n = x_n + x_n \tag{double.2}
```

```math
dx = 2 dy \tag{double.3}
```

Implemented in `double_backward`.
"""
OPS = '''
def double(x):
    """Twice x (double.1)."""
    return 2 * x  # (double.1)


def double_backward(dy):
    # (double.3)
    dx = (
        2 * dy
    )
    return dx
'''
CLAIM = {"claim": "double is a sum", "equation": "double.1 double.3", "error": 0.0, "tolerance": 1e-9}
STEPS = [{"example": "double", "steps": []}]
NOTATION = r"""
| symbol | in the code | shape | what it is |
| --- | --- | --- | --- |
| $x$ | `x` | (N, D) | input |
| $W$ | `W` | (D, D) | weights |
| $\hat x$ | `x_hat` | (N, D) | reconstruction |
| $\ln \sigma^2$ | `logvar` | (N, J) | log of the variance |
| $\sigma$ | | (N, J) | standard deviation |
| $\mathrm{kl}$ | `kl` | (N,) | divergence |
| $L$, $K$ | `L`, `K` | a number | draws; samples |
| $p(z)$, $p(x \vert z)$ | | | densities |
| $z$ | `z` | (N, J) | latent variable |

| index | runs over |
| --- | --- |
| $n$ | examples |
| $i$, $j$ | features |
"""


def links(page: str = PAGE, ops: str = OPS, claims: Any = (CLAIM,), numbers: Any = None) -> dict[str, labels.Link]:
    """The links of a page and a module."""
    given = {"double.1": STEPS, "double.3": STEPS} if numbers is None else numbers
    return labels.read_links({"double": page}, {"scratchae/ops/double.py": ops}, claims, given)


def notation() -> symbols.Notation:
    return symbols.Notation(symbols.read_table(NOTATION))


def test_a_label_leads_to_its_equation_its_line_and_its_claim() -> None:
    link = links()["double.1"]
    assert link.equation is not None and (link.equation.line, link.equation.function) == (3, "double")
    (line,) = link.lines
    assert (line.path, line.line, line.text) == ("scratchae/ops/double.py", 4, "return 2 * x  # (double.1)")
    assert line.function == "double" and link.claims == [CLAIM] and not link.missing


def test_a_comment_on_a_line_of_its_own_belongs_to_the_whole_next_statement() -> None:
    (line,) = links()["double.3"].lines
    assert (line.line, line.text) == (8, "# (double.3)\ndx = (\n    2 * dy\n)")


def test_a_step_leads_to_the_next_implemented_equation() -> None:
    assert links()["double.2"].leads_to == "double.3"
    report, complete = labels.coverage(links())
    assert complete and report.startswith("2 of 2 labels are linked four ways") and "\n1 more" in report


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("claim", {"claims": ()}),
        ("number", {"numbers": {"double.1": STEPS}}),
        ("equation", {"page": PAGE.replace(r" \tag{double.3}", "")}),
    ],
)
def test_a_label_that_lacks_something_is_reported_with_its_place(part: str, changed: dict[str, Any]) -> None:
    report, complete = labels.coverage(links(**changed))
    assert not complete
    assert re.search(
        rf"^(docs/derivations/double\.md|scratchae/ops/double\.py):\d+: \(double\.3\) has no .*{part}",
        report,
        re.MULTILINE,
    )


def test_an_implemented_equation_without_its_line_is_a_step_or_is_reported() -> None:
    report, complete = labels.coverage(links(ops="", claims=(), numbers={}))
    assert not complete and "has no line, no claim, no number" in report


def test_two_equations_with_one_label_stop_the_build_with_file_and_line() -> None:
    with pytest.raises(labels.PageError, match=r"docs/derivations/double\.md:13: \(double\.1\)"):
        links(page=PAGE.replace("double.3", "double.1"))


def test_the_function_that_the_page_names_comes_first() -> None:
    ops = "def other(x):\n    return x  # (double.1)\n" + OPS
    assert [line.function for line in links(ops=ops)["double.1"].lines] == ["double", "other"]


def test_all_labels_of_the_package_have_an_equation_and_a_line_or_a_goal() -> None:
    import weave

    pages = {name.removesuffix(".md"): text for name, text in weave.read_pages().items() if name != "README.md"}
    found = labels.read_links(pages, weave.read_sources())
    assert len(found) > 200
    assert [label for label, link in found.items() if link.equation is None] == []


@pytest.mark.parametrize(
    ("tex", "keys"),
    [
        (r"\hat x_{ni} = x_{ni}", ["hat-x", "n", "i", "x", "n", "i"]),
        (r"\hat{x}_n", ["hat-x", "n"]),
        (r"dW = x^T dx", ["d-W", "x", "d-x"]),
        (r"\ln \sigma^2", ["ln--sigma-2"]),
        (r"\sigma^2", ["sigma"]),
        (r"\mathrm{kl_n} + \mathrm{kl}_{n}", ["mathrm-kl", "mathrm-kl", "n"]),
        (r"\int p(z) dz", ["p-of", "z", "z"]),
        (r"p(x | z)", ["p-of", "x", "z"]),
        (r"\frac{x}{W} \tag{dense.1}", ["x", "W"]),
        (r"x^{drawn} + \mathrm{softplus}(x)", ["x", "x"]),
        (r"x \\[2ex] W", ["x", "W"]),
    ],
)
def test_the_symbols_of_a_formula(tex: str, keys: list[str]) -> None:
    marked, found = notation().mark(tex)
    assert found == keys
    bare = re.sub(r"\\htmlData\{s=[\w-]*\}", "", marked)
    assert re.sub(r"[{}\s]", "", bare) == re.sub(r"[{}\s]", "", tex), "nothing but the marks is added"


def test_a_symbol_after_a_hat_or_an_index_is_in_braces_of_its_own() -> None:
    assert notation().mark("x_n")[0] == r"\htmlData{s=x}{x}_{\htmlData{s=n}{n}}"


@pytest.mark.parametrize(
    ("tex", "letter"), [("x + Q", "Q"), (r"\zeta x", r"\zeta"), (r"\bar x", r"\bar x"), ("x^q", "q")]
)
def test_an_unknown_symbol_is_found(tex: str, letter: str) -> None:
    with pytest.raises(symbols.UnknownSymbol, match=rf"^{re.escape(letter)}$"):
        notation().mark(tex)


def test_a_page_may_have_symbols_of_its_own() -> None:
    own = notation().with_page("| symbol | what it is |\n| --- | --- |\n| $Q$ | a sum |\n| $x$ | another |\n")
    assert own.mark("Q x")[1] == ["Q", "x"]
    assert own.by_key["x"].meaning == "another" and notation().by_key["x"].meaning == "input"


def test_a_table_may_give_letters_to_single_pages() -> None:
    table = "| letter | page | what it is |\n| --- | --- | --- |\n| $Q$, $R$ | a, b | a sum; a turn |\n| $x$ | c | other |\n"
    assert [(s.tex, s.meaning) for s in symbols.read_letters(table, "b")] == [("Q", "a sum"), ("R", "a turn")]
    assert symbols.read_letters(table, "d") == []
    assert notation().with_page("", symbols.read_letters(table, "a")).mark("R x")[1] == ["R", "x"]


def test_names_in_the_code_lead_to_their_symbols() -> None:
    names = notation().of_code()
    assert names["x_hat"] == "hat-x" and names["L"] == "L"


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs" / "derivations").glob("*.md")))
def test_every_letter_of_a_derivation_has_a_meaning(page: str) -> None:
    from book import notation_of_page

    name, text = page.removesuffix(".md"), (ROOT / "docs" / "derivations" / page).read_text("utf-8")
    known = notation_of_page(name, text)
    unknown = []
    blocks = re.split(r"^```", text, flags=re.MULTILINE)
    prose = "\n".join(blocks[::2])
    formulas = [block.removeprefix("math\n") for block in blocks[1::2] if block.startswith("math\n")]
    formulas += re.findall(r"\$([^$\n]+)\$", re.sub(r"`[^`\n]*`", "", prose))
    for tex in formulas:
        try:
            known.mark(tex)
        except symbols.UnknownSymbol as letters:
            line = text[: text.find(tex)].count("\n") + 1
            unknown.append(f"docs/derivations/{page}:{line}: no table explains {letters}, in {tex.strip()}")
    assert not unknown, "\n".join(["", *unknown, "add them to docs/notation.md or docs/symbols-of-a-page.md"])


SCRIPT = """# %% [markdown]
# # 99  Title
#
# Text.

# %%
import numpy as np

x = np.arange(3)

# %%
print(x.sum())
"""


def test_the_cells_of_a_tutorial() -> None:
    assert notebooks.cells(SCRIPT) == [
        ("markdown", "# 99  Title\n\nText."),
        ("code", "import numpy as np\n\nx = np.arange(3)"),
        ("code", "print(x.sum())"),
    ]


@pytest.mark.slow
def test_a_notebook_runs_in_a_kernel_and_becomes_a_page(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    script = tmp_path / "99_title.py"
    script.write_text(SCRIPT, "utf-8")
    page = notebooks.page(notebooks.run(script, tmp_path), "99_title", tmp_path / "figures")
    assert page.startswith("# 99  Title\n\n[Script](source:tutorials/99_title.py)")
    assert "```python\nprint(x.sum())\n```\n\n```text\n3\n```" in page


@pytest.mark.slow
def test_a_broken_tutorial_stops_the_build_with_file_and_line(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    script = tmp_path / "99_title.py"
    script.write_text(SCRIPT.replace("x.sum()", "y.sum()"), "utf-8")
    with pytest.raises(RuntimeError, match=r"tutorials/99_title\.py:12: the cell fails: NameError: name 'y'"):
        notebooks.run(script, tmp_path)


@pytest.mark.slow
def test_a_downloaded_tutorial_runs_in_a_kernel(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    folder = notebooks.prepare(ROOT / "tutorials", tmp_path)
    made = notebooks.run(ROOT / "tutorials" / "02_denoising.py", folder)
    pictures = [o for cell in made.cells for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]
    assert len(pictures) >= 3 and "OFF" not in str(made.cells[-1].outputs)


def test_links_of_a_page_lead_to_pages_of_the_site(tmp_path: Path) -> None:
    stage = build.Stage(tmp_path / "source")
    text = (
        "[a](../notation.md#indices) [b](../../scratchae/ops/layers.py) ![c](../../figures/09_slant.png) `[d](x.md)`\n"
        "```\n[e](gone.md)\n```\n[f](../../tutorials/01_basic.py) [g](https://example.org) [h](gone.md)"
    )
    out = stage.relinked(text, "docs/derivations/dense.md", "derivations/dense")
    assert "[a](../notation.md#indices)" in out and "[b](source:scratchae/ops/layers.py)" in out
    assert "![c](../figures/09_slant.png)" in out and "`[d](x.md)`" in out and "\n[e](gone.md)\n" in out
    assert "[f](../tutorials/01_basic.md)" in out and "[g](https://example.org)" in out
    assert stage.problems == ["docs/derivations/dense.md:5: there is no gone.md"]
    assert stage.files == {"scratchae/ops/layers.py"}


def test_every_public_name_is_in_the_reference() -> None:
    import api

    import scratchae

    text = "\n".join(page for _, page in api.pages())
    documented = set(re.findall(r"^\.\. auto(?:class|function|exception|data):: (\S+)$", text, re.MULTILINE))
    names = {name.rpartition(".")[2] for name in documented}
    rooms = set(api.ROOMS)
    assert {name for name in scratchae.__all__ if name not in rooms and not name.startswith("_")} <= names
    for room in rooms:
        module = __import__(f"scratchae.{room}", fromlist=["__all__"])
        assert {f"scratchae.{room}.{name}" for name in getattr(module, "__all__", ())} <= documented


def test_a_broken_link_stops_the_build(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stage() -> build.Stage:
        raise build.BuildError("links that lead nowhere:\ndocs/data.md:3: there is no gone.md")

    monkeypatch.setattr(build, "fetch_katex", lambda: Path())
    monkeypatch.setattr(build, "parts", lambda reuse: iter(()))
    monkeypatch.setattr(build, "stage", stage)
    assert build.main([]) == 1
    assert "docs/data.md:3: there is no gone.md" in capsys.readouterr().err
