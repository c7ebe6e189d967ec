"""Derivation and code say the same: every label leads from an equation to a line, and back."""

from __future__ import annotations

import doctest
import io
import re

import pytest
from helpers.derivation_checks import (
    CHECKS,
    NOT_PROSE,
    ROOT,
    Reading,
    read,
    weave,
)


@pytest.fixture(scope="module")
def package() -> Reading:
    return read(weave.read_sources(), weave.read_pages())


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_pages_and_code_agree(package: Reading, check: str) -> None:
    problems = CHECKS[check](package)
    assert not problems, "\n".join(["", *problems])


def test_something_was_read(package: Reading) -> None:
    assert len(package.equations) > 60
    assert sum(mark.path.startswith("scratchae/ops/") for mark in package.marks) > 20


@pytest.mark.slow
def test_code_in_the_pages_is_the_code() -> None:
    stale = weave.stale_pages(weave.read_pages(), weave.read_sources())
    assert not stale, "\n".join(["", *(f"{page}: {why}" for page, why in stale.items()), "run: python docs/weave.py"])


@pytest.mark.parametrize("page", sorted(weave.read_pages()))
def test_examples_of_the_page(page: str) -> None:
    text = weave.read_pages()[page]
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", text, re.DOTALL | re.MULTILINE)
    runner, report = doctest.DocTestRunner(), io.StringIO()
    test = doctest.DocTestParser().get_doctest("".join(blocks), {}, page, page, 0)
    runner.run(test, out=report.write)
    assert runner.failures == 0, report.getvalue()


def test_every_page_is_in_the_index() -> None:
    pages = weave.read_pages()
    linked = re.findall(r"\]\((\w+\.md)\)", pages["README.md"])
    assert sorted(linked) == sorted(set(pages) - {"README.md"})


def test_links_lead_somewhere() -> None:
    for path in [*(ROOT / "docs" / "derivations").glob("*.md"), ROOT / "docs" / "notation.md"]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", NOT_PROSE.sub("", path.read_text(encoding="utf-8"))):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_no_table_of_measurements_is_empty() -> None:
    empty = [
        name for name, page in weave.read_pages().items() if re.search(r"<!-- measured: .* -->\n<!-- end -->", page)
    ]
    assert not empty, "run: python docs/weave.py --measured"
