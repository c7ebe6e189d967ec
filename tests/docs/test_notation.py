"""The notation table: each letter and each upright name in the formulas of the derivations is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from helpers.derivation_checks import ROOT, weave

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TEXT = re.compile(r"\\(?:text|tag|begin|end)\{[^{}]*\}")
UPRIGHT = re.compile(r"\\(?:mathrm|mathcal|mathbf)\{((?:[^{}]|\{[^{}]*\})*)\}")
LOWERED = re.compile(
    r"[_^](?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+|\w)"
)  # indices and powers, which have a table of their own
COMMANDS = re.compile(r"\\[a-zA-Z]+")
GREEK = re.compile(
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|pi|rho|(?:var)?sigma|tau|upsilon"
    r"|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|ell)"
)
# Operations and networks, named where they are used; and `d`, in front of what a gradient is of.
NAMED = r"_|^(sigmoid|softmax|softplus|tanh|encoder|decoder|[NL1e])$"


def formulas(page: str) -> list[str]:
    """The formulas of a page, displayed and within the text."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page))
    return [text for kind, text in FENCE.findall(page) if kind == "math"] + re.findall(r"\$([^$]+)\$", prose)


def symbols(formula: str) -> Iterator[str]:
    """Its letters, Latin and Greek, and its upright names, without indices and powers."""
    formula = TEXT.sub(" ", formula)
    for name in UPRIGHT.findall(formula):
        yield re.split(r"(?<!\\)_", name)[0].replace("\\", "")  # the index of \mathrm{loss_n} is no part of the name
    plain = LOWERED.sub(" ", UPRIGHT.sub(" ", formula))
    yield from (command for command in COMMANDS.findall(plain) if GREEK.fullmatch(command))
    yield from re.findall("[A-Za-z]", COMMANDS.sub(" ", plain))


def tables(notation: str) -> tuple[set[str], dict[str, set[str]]]:
    """The symbols that hold everywhere, and those of single pages by page: first columns that are headed so."""
    everywhere: set[str] = set()
    of_pages: dict[str, set[str]] = {}
    heading = ""
    for line in notation.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        heading = heading if cells else ""
        if cells and not heading:
            heading = cells[0]
        elif heading in ("symbol", "sign", "index", "letter"):
            found = {symbol for formula in re.findall(r"\$([^$]+)\$", cells[0]) for symbol in symbols(formula)}
            if heading == "letter":
                for page in re.findall(r"\w+", cells[1]):
                    of_pages.setdefault(page, set()).update(found)
            else:
                everywhere |= found
    return everywhere, of_pages


def missing(pages: Mapping[str, str], notation: str) -> list[str]:
    """List what the table lacks, page by page; a page may have a table of its own."""
    everywhere, of_pages = tables(notation)
    known = {
        page: everywhere | of_pages.get(page.removesuffix(".md"), set()) | tables(text)[0]
        for page, text in pages.items()
    }
    return [
        f"{page}: ${symbol}$ is not in docs/notation.md"
        for page, text in pages.items()
        for symbol in sorted({symbol for formula in formulas(text) for symbol in symbols(formula)})
        if symbol not in known[page] and not re.search(NAMED, symbol)
    ]


TABLE = """\
| symbol | what it is |
| --- | --- |
| $x$, $dx$, $\\mu$, $\\mathrm{kl}$ | a |

| letter | page | what it is |
| --- | --- | --- |
| $r$ | one, two | b |
"""


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("$x_n^2 + \\mu$ and $\\mathrm{kl_n}$", []),
        ("```math\n\\mathrm{kl}_{l,n} = dx^T \\frac{1}{x} \\tag{one.1}\n```", []),
        ("`y` and ```\ny\n``` and $x$", []),
        ("$r$", []),
        ("$x_\\varphi$", []),
        ("$y$\n\n| symbol | what it is |\n| --- | --- |\n| $y$ | a |\n", []),
        ("$y$", ["$y$"]),
        ("$y$\n\n| result | what it is |\n| --- | --- |\n| $y$ | a |\n", ["$y$"]),
        ("$\\sigma x$", ["$\\sigma$"]),
        ("```math\n\\mathrm{gap}_n = x\n```\n```python\nz\n```", ["$gap$"]),
    ],
)
def test_what_the_table_lacks_is_found(text: str, lacks: list[str]) -> None:
    assert missing({"one.md": text}, TABLE) == [f"one.md: {symbol} is not in docs/notation.md" for symbol in lacks]


def test_letters_of_a_page_hold_on_that_page_only() -> None:
    assert missing({"two.md": "$r$"}, TABLE) == []
    assert missing({"three.md": "$r$"}, TABLE) == ["three.md: $r$ is not in docs/notation.md"]


def test_every_symbol_of_the_derivations_is_in_the_table() -> None:
    pages = weave.read_pages()
    assert sum(len(formulas(text)) for text in pages.values()) > 1000
    lacking = missing(pages, (ROOT / "docs" / "notation.md").read_text(encoding="utf-8"))
    assert not lacking, "\n".join(["", *lacking])
