"""Everything that carries a label: the equations of the pages, the lines of the code, their compiled twins, and the claims.

Text is read and never imported, so a label can be looked up before anything is installed. `coverage` says which labels have all four:
an equation, a line, a claim and a number.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LABEL = re.compile(r"\(([a-z]\w*\.\d+)\)")
TAG = re.compile(r"\\tag\{([^}]*)\}")
MATH = re.compile(r"^```math\n(?P<tex>.*?)^```$", re.DOTALL | re.MULTILINE)
IMPLEMENTED = re.compile(r"\s*^Implemented in `(\w+)`\.$", re.MULTILINE)
KERNELS = "scratchae/kernels/"
# Where the mathematics is read; the rest of the package uses it.
READABLE = (
    "scratchae/ops/",
    "scratchae/models/",
    "scratchae/nets/",
    "scratchae/training/",
    "scratchae/baselines/",
    "scratchae/studies/",
    "scratchae/verify/derivatives.py",
)


class PageError(Exception):
    """Something in a page that stops the build: file, line and a sentence."""

    def __init__(self, path: str, line: int, sentence: str) -> None:
        super().__init__(f"{path}:{line}: {sentence}")


@dataclass(frozen=True)
class Equation:
    """A labelled equation: its label, page (name without ending), line, TeX, and the function that implements it, if any."""

    label: str
    page: str
    line: int
    tex: str
    function: str | None


@dataclass(frozen=True)
class Line:
    """A labelled statement of the code: path, first line, source text without indentation, and the functions around it."""

    path: str
    line: int
    text: str
    functions: tuple[str, ...]

    @property
    def function(self) -> str:
        """The innermost function, or the module."""
        return self.functions[-1] if self.functions else Path(self.path).stem


@dataclass
class Link:
    """All that belongs to one label."""

    equation: Equation | None = None
    lines: list[Line] = field(default_factory=list)
    twins: list[Line] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    leads_to: str | None = None  # for a step of a derivation: the implemented equation that it leads to

    @property
    def missing(self) -> list[str]:
        """Those of the four that the label lacks."""
        parts = {"equation": self.equation, "line": self.lines, "claim": self.claims, "number": self.numbers}
        return [name for name, found in parts.items() if not found]


def read_equations(page: str, text: str) -> list[Equation]:
    """The labelled equations of a page, in order.

    Raises
    ------
    PageError
        If a block has several tags.
    """
    found = []
    for block in MATH.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        tags = [tag.replace(r"\_", "_") for tag in TAG.findall(block["tex"])]
        if len(tags) > 1:
            raise PageError(f"docs/derivations/{page}.md", line, f"one equation has several tags: {', '.join(tags)}")
        if tags:
            implemented = IMPLEMENTED.match(text, block.end())
            found.append(Equation(tags[0], page, line, block["tex"].strip(), implemented[1] if implemented else None))
    return found


def read_lines(path: str, source: str) -> Iterator[tuple[str, Line]]:
    """(label, statement) for each label in a comment of a module. A comment on a line of its own belongs to the next statement."""
    if not LABEL.search(source):
        return
    tree, lines = ast.parse(source), source.splitlines()
    statements = sorted(
        ((n.lineno, n.end_lineno or n.lineno, n) for n in ast.walk(tree) if isinstance(n, ast.stmt)),
        key=lambda found: found[1] - found[0],
    )
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or not LABEL.search(token.string):
            continue
        line, alone = token.start[0], not token.line[: token.start[1]].strip()
        at = next((n for n, text in enumerate(lines[line:], line + 1) if text.strip()), line) if alone else line
        simple = next(((a, b) for a, b, n in statements if a <= at <= b and not hasattr(n, "body")), (at, at))
        first, last = (min(line, simple[0]), simple[1])
        text = _dedented(lines[first - 1 : last])
        inside = tuple(
            n.name for n in sorted(functions, key=lambda n: n.lineno) if n.lineno <= at <= (n.end_lineno or 0)
        )
        for label in LABEL.findall(token.string):
            yield label, Line(path, first, text, inside)


def _dedented(lines: list[str]) -> str:
    margin = min((len(text) - len(text.lstrip()) for text in lines if text.strip()), default=0)
    return "\n".join(re.sub(r"\s*# type: ignore\b.*", "", text[margin:]) for text in lines)


def read_links(
    pages: Mapping[str, str],
    sources: Mapping[str, str],
    claims: Iterable[Mapping[str, Any]] = (),
    numbers: Mapping[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Link]:
    """All labels, each with what belongs to it.

    Parameters
    ----------
    pages : mapping
        Name of each page of derivations, without ending, to its text.
    sources : mapping
        Path of each module, from the root of the repository, to its text.
    claims : iterable of mapping
        Results of claims; the labels are in "equation", separated by blanks.
    numbers : mapping, optional
        Label to the records of the trace.

    Raises
    ------
    PageError
        If two equations have the same label.
    """
    links: dict[str, Link] = {}
    for page, text in pages.items():
        for equation in read_equations(page, text):
            link = links.setdefault(equation.label, Link())
            if link.equation is not None:
                where = f"docs/derivations/{page}.md"
                raise PageError(where, equation.line, f"({equation.label}) is also the tag of another equation")
            link.equation = equation
    for path, source in sources.items():
        for label, line in read_lines(path, source):
            link = links.setdefault(label, Link())
            found = link.twins if path.startswith(KERNELS) else link.lines
            if path.startswith((KERNELS, *READABLE)) and line not in found:
                found.append(line)
    for claim in claims:
        for label in claim["equation"].split():
            links.setdefault(label, Link()).claims.append(dict(claim))
    for label, records in (numbers or {}).items():
        links.setdefault(label, Link()).numbers.extend(records)
    for link in links.values():
        link.lines.sort(key=lambda line: _rank(line, link.equation))
    _lead(links)
    return links


def _rank(line: Line, equation: Equation | None) -> tuple[bool, int, str, int]:
    """First the function that the page names, then ops, then the other packages in the order of `READABLE`."""
    named = equation is not None and equation.function in line.functions
    room = next(i for i, start in enumerate(READABLE) if line.path.startswith(start))
    return not named, room, line.path, line.line


def _lead(links: dict[str, Link]) -> None:
    """Let each step of a derivation, an equation without a line of its own, lead to the next implemented one of its page, or the last."""
    by_page: dict[str, list[Link]] = {}
    for link in links.values():
        if link.equation is not None:
            by_page.setdefault(link.equation.page, []).append(link)
    for found in by_page.values():
        ordered = sorted(found, key=lambda link: link.equation.line if link.equation else 0)
        for i, link in enumerate(ordered):
            implemented = [other for other in (*ordered[i + 1 :], *ordered[:i][::-1]) if other.lines]
            if not link.lines and implemented and implemented[0].equation:
                link.leads_to = implemented[0].equation.label


def coverage(links: Mapping[str, Link]) -> tuple[str, bool]:
    """A report of the four-way links, and whether no label lacks anything."""
    steps = {label for label, link in links.items() if not link.lines and link.leads_to}
    own = {label: link for label, link in links.items() if label not in steps}
    whole = [label for label, link in own.items() if not link.missing]
    rows = [
        f"{len(whole)} of {len(own)} labels are linked four ways: equation, line, claim, number.",
        f"{len(steps)} more are steps of a derivation, and lead to an implemented equation of their page.",
    ]
    for label in sorted(own, key=_order):
        if own[label].missing:
            rows.append(f"{_place(own[label])}: ({label}) has no {', no '.join(own[label].missing)}")
    for label in sorted(steps, key=_order):
        goal = links[links[label].leads_to or ""]
        if goal.missing:
            rows.append(
                f"{_place(links[label])}: ({label}) leads to ({links[label].leads_to}), which is not linked four ways"
            )
    return "\n".join(rows), len(rows) == 2


def _place(link: Link) -> str:
    if link.equation is not None:
        return f"docs/derivations/{link.equation.page}.md:{link.equation.line}"
    line = (link.lines or link.twins or [None])[0]
    return f"{line.path}:{line.line}" if line else "scratchae/verify"


def _order(label: str) -> tuple[str, int]:
    name, _, number = label.rpartition(".")
    return name, int(number)
