"""Code is woven into the pages as it is, and a page that is stale is found."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.derivation_checks import OPS, ROOT, weave

TWIN = '''
@kernel
def _inner(x):  # type: ignore[no-untyped-def]
    """Hidden."""
    return x + x  # (double.1)


@kernel
def _unrelated(x):
    return x


def double(x):
    """Twin."""
    return _inner(x)
'''


SOURCES = {
    "scratchae/ops/double.py": OPS,
    "scratchae/kernels/double.py": TWIN,
    "scratchae/nets/a.py": "def f():\n    pass\n",
}


EMPTY = "before\n<!-- code: double -->\n<!-- end -->\n\n<!-- measured: double -->\n<!-- end -->\nafter\n"


def _woven(page: str = EMPTY, sources: dict[str, str] = SOURCES) -> str:
    return str(weave.weave(page, "code", lambda what: weave.code_block(what, sources)))


def test_weave_shows_the_op_and_its_twin_without_docstrings() -> None:
    page = _woven()
    assert "```python\ndef double(x):\n    return 2 * x  # (double.1)\n```" in page
    assert (
        "@kernel\ndef _inner(x):\n    return x + x  # (double.1)\n\n\ndef double(x):\n    return _inner(x)\n```" in page
    )
    assert "_unrelated" not in page and "Hidden" not in page
    assert page.startswith("before\n") and page.endswith("after\n")


def test_weave_again_changes_nothing() -> None:
    assert _woven(_woven()) == _woven()


@pytest.mark.parametrize("path", ["scratchae/ops/double.py", "scratchae/kernels/double.py"])
def test_a_changed_function_makes_its_page_stale(path: str) -> None:
    page = {"double.md": _woven()}
    assert weave.stale_pages(page, SOURCES) == {}
    changed = {**SOURCES, path: SOURCES[path].replace("x  # (double.1)", "x + 0  # (double.1)")}
    assert list(weave.stale_pages(page, changed)) == ["double.md"]


@pytest.mark.parametrize(
    "page",
    [
        EMPTY.replace("code: double", "code: treble"),
        EMPTY.replace("<!-- end -->\n\n", "\n"),
        "<!-- code: f in b.py -->\n<!-- end -->",
    ],
)
def test_a_page_that_cannot_be_woven_is_stale(page: str) -> None:
    assert list(weave.stale_pages({"double.md": page}, SOURCES)) == ["double.md"]


MODEL = '''
class Model:
    def objective(self):
        """Compute the loss (model.1)."""
        h = 1  # (model.1)
        loss = h + (
            2
        )  # (model.2), (model.3)
        return loss

    def metrics(self):
        return 3  # (model.1)
'''
LINES = "<!-- lines: model.3 model.1 in models/a.py -->\n<!-- end -->"


def test_weave_takes_statements_by_their_labels() -> None:
    sources = {"scratchae/models/a.py": MODEL}
    page = str(weave.weave(LINES, "lines", lambda what: weave.lines_block(what, sources)))
    code = "loss = h + (\n    2\n)  # (model.2), (model.3)\nh = 1  # (model.1)\nreturn 3  # (model.1)"
    assert f"\nIn [`scratchae/models/a.py`](../scratchae/models/a.py):\n\n```python\n{code}\n```\n" in page
    assert weave.stale_pages({"page.md": page}, sources) == {}
    changed = {"scratchae/models/a.py": MODEL.replace("h = 1", "h = 4")}
    assert list(weave.stale_pages({"page.md": page}, changed)) == ["page.md"]
    for wrong in (LINES.replace("model.3", "model.4"), LINES.replace("a.py", "b.py")):
        assert list(weave.stale_pages({"page.md": wrong}, sources)) == ["page.md"]


def test_weave_takes_functions_of_other_files() -> None:
    assert "```python\ndef f():\n    pass\n```" in _woven("<!-- code: f in nets/a.py -->\n<!-- end -->")


def _claim(**changes: object) -> SimpleNamespace:
    claim = {
        "claim": "dx is exact",
        "op": "double",
        "equation": "double.3",
        "level": "gradient",
        "method": "complex step",
    }
    return SimpleNamespace(**{**claim, "error": 2.5e-16, "tolerance": 1e-12, "failed": False, "skipped": "", **changes})


def test_measured_numbers_are_filled_in_and_never_stale() -> None:
    claims = [_claim(), _claim(op="double_backward", failed=True), _claim(op="other", claim="not here")]
    page = weave.weave(_woven(), "measured", lambda op: weave.measured_block(op, claims))
    assert "| dx is exact | double.3 | complex step | 2.5e-16 | 1.0e-12 |" in page
    assert "2.5e-16 **failed** |" in page and "not here" not in page
    assert weave.stale_pages({"double.md": page}, SOURCES) == {}


def test_an_op_without_claims_is_an_error() -> None:
    with pytest.raises(weave.WeaveError, match="no claim"):
        weave.measured_block("double", [_claim(op="other")])


def test_command_line_rewrites_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "dense.md"
    page.write_text("<!-- code: dense -->\n<!-- end -->\n", encoding="utf-8")
    assert weave.main(["--check"], tmp_path) == 1
    assert "dense.md" in capsys.readouterr().out
    assert weave.main([], tmp_path) == 0
    assert weave.main(["--check"], tmp_path) == 0
    assert "def dense(" in page.read_text(encoding="utf-8")


def test_weaving_needs_no_compiler() -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse((ROOT / "docs" / "weave.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= sys.stdlib_module_names
