"""Checks of the derivations: functions over (sources, pages), mappings from a path to a text, that return problems as sentences."""

from __future__ import annotations

import ast
import importlib.util
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import scratchae.ops

ROOT = Path(__file__).resolve().parents[2]


# Pages whose labels are not named after the page.
PREFIXES = {
    "corruption.md": {"masking_noise", "salt_and_pepper_noise", "gaussian_noise"},
    "initialisation.md": {"glorot", "he", "initialisation"},
    "gaussian_kl.md": {"gaussian_kl_trace", "gaussian_kl_sums", "gaussian_kl", "gaussian_kl_terms", "sampled_kl"},
    "bernoulli_log_likelihood.md": {"bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood"},
    "log_mean_exp.md": {"log_mean_exp", "importance_weights"},
    "variational.md": {"elbo"},
    "variational_training.md": {"variational"},
}
LABEL = re.compile(r"\(([a-z]\w*\.\d+)\)")
MATH = re.compile(r"^```math\n(.*?)^```$|^\$\$(.*?)\$\$$", re.DOTALL | re.MULTILINE)
NOT_PROSE = re.compile(r"^```\w*\n.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
TAG = re.compile(r"\\tag\{([^}]*)\}")
IMPLEMENTED = re.compile(r"\s*^Implemented in `(\w+)`\.$", re.MULTILINE)


def _weave() -> ModuleType:
    spec = importlib.util.spec_from_file_location("weave", ROOT / "docs" / "weave.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


weave = _weave()


class Equation(NamedTuple):
    """A numbered equation of a page."""

    page: str
    label: str
    function: str | None  # function that implements it


class Mark(NamedTuple):
    """A label in a comment of the code."""

    path: str
    line: int
    label: str
    functions: frozenset[str]  # functions that contain the line
    has_code: bool  # False if the comment is on a line of its own

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def equations(page: str, text: str) -> tuple[list[Equation], list[str]]:
    """The numbered equations of a page, in order, and problems with their form."""
    found, problems, claimed = [], [], 0
    for block in MATH.finditer(text):
        # GitHub's renderer needs \_ for an underscore in a tag
        tags = [tag.replace(r"\_", "_") for tag in TAG.findall(block[0])]
        implemented = IMPLEMENTED.match(text, block.end())
        if len(tags) > 1:
            problems.append(f"{page}: one equation has several tags: {', '.join(tags)}")
        if implemented and tags:
            claimed += 1
        found += [Equation(page, tag, implemented[1] if implemented else None) for tag in tags]
    lines = [line for line in text.splitlines() if line.startswith("Implemented in")]
    if len(lines) != claimed:
        problems.append(
            f"{page}: {len(lines)} lines say 'Implemented in', but only {claimed} stand below a numbered equation"
        )
    return found, problems


def marks(path: str, source: str) -> Iterator[Mark]:
    """The labels in the comments of a module."""
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            inside = frozenset(n.name for n in nodes if n.lineno <= line <= (n.end_lineno or n.lineno))
            for label in LABEL.findall(token.string):
                yield Mark(path, line, label, inside, bool(token.line[: token.start[1]].strip()))


def docstring_labels(path: str, source: str) -> Iterator[tuple[str, str]]:
    """(where, label) of the labels in the docstrings of a module."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds):
            for label in LABEL.findall(ast.get_docstring(node) or ""):
                yield f"{path}, docstring of {getattr(node, 'name', 'the module')}", label


class Reading(NamedTuple):
    """The input of all checks."""

    equations: list[Equation]
    form_problems: list[str]
    marks: list[Mark]
    sources: dict[str, str]
    pages: dict[str, str]


def read(sources: dict[str, str], pages: dict[str, str]) -> Reading:
    """Read all sources and all pages."""
    per_page = [equations(name, text) for name, text in pages.items()]
    return Reading(
        [equation for found, _ in per_page for equation in found],
        [problem for _, problems in per_page for problem in problems],
        [mark for path, source in sources.items() for mark in marks(path, source)],
        sources,
        pages,
    )


def unknown_labels(r: Reading) -> list[str]:
    """Labels in comments, docstrings or prose without an equation."""
    known = {equation.label for equation in r.equations}
    used = [(str(mark), mark.label) for mark in r.marks]
    for path, source in r.sources.items():
        used += docstring_labels(path, source)
    for page, text in r.pages.items():
        used += [(page, label) for label in LABEL.findall(NOT_PROSE.sub("", text))]
    return [f"{where}: there is no equation ({label})" for where, label in used if label not in known]


def _is_op_page(r: Reading, page: str) -> bool:
    """True if ops has a function of the page's name."""
    name = page.removesuffix(".md")
    return any(
        isinstance(node, ast.FunctionDef) and node.name == name
        for path, source in r.sources.items()
        if path.startswith("scratchae/ops/")
        for node in ast.parse(source).body
    )


def unimplemented(r: Reading) -> list[str]:
    """Equations naming a function in which no line of code carries their label."""
    problems = []
    for equation in r.equations:
        if equation.function is None:
            continue
        place = "scratchae/ops/" if _is_op_page(r, equation.page) else "scratchae/"
        if not any(
            mark.label == equation.label
            and equation.function in mark.functions
            and mark.has_code
            and mark.path.startswith(place)
            for mark in r.marks
        ):
            problems.append(
                f"{equation.page}: no line of `{equation.function}` in {place} carries the comment ({equation.label})"
            )
    return problems


def unclaimed(r: Reading) -> list[str]:
    """Labelled lines of ops whose equation does not name this function as its implementation."""
    said = {(equation.label, equation.function) for equation in r.equations}
    return [
        f"{mark}: carries ({mark.label}), whose equation does not say that it is implemented here"
        for mark in r.marks
        if mark.path.startswith("scratchae/ops/") and not any((mark.label, f) in said for f in mark.functions)
    ]


def repeated(r: Reading) -> list[str]:
    """Labels of more than one equation."""
    labels = [equation.label for equation in r.equations]
    return [
        f"({label}) is the tag of {labels.count(label)} equations"
        for label in sorted(set(labels))
        if labels.count(label) > 1
    ]


def misnumbered(r: Reading) -> list[str]:
    """Pages whose tags are not numbered 1, 2, 3 ... in order, or do not have the page's name."""
    problems = []
    for page in r.pages:
        numbers: dict[str, list[str]] = {}
        for equation in r.equations:
            if equation.page == page:
                prefix, _, number = equation.label.rpartition(".")
                numbers.setdefault(prefix, []).append(number)
        for prefix, given in numbers.items():
            if prefix not in PREFIXES.get(page, {page.removesuffix(".md")}):
                problems.append(f"{page}: the labels {prefix}.N do not belong on this page")
            if given != [str(k) for k in range(1, len(given) + 1)]:
                problems.append(f"{page}: {prefix} is numbered {', '.join(given)}")
    return problems


def without_page(r: Reading, names: list[str]) -> list[str]:
    """Ops that no equation names as its implementation."""
    implementing = {equation.function for equation in r.equations}
    return [f"`{name}`: no equation is 'Implemented in `{name}`.'" for name in names if name not in implementing]


def unreadable(r: Reading) -> list[str]:
    """Formulas that GitHub's Markdown would break before they are rendered."""
    problems = []
    for page, text in r.pages.items():
        if "$$" in text:
            problems.append(f"{page}: $$ loses backslashes on GitHub; use a ```math block")
            continue
        for line in NOT_PROSE.sub("", text).splitlines():
            for formula in line.split("$")[1::2]:
                if re.search(r"[})\]']_|[*<>`]|\\[^a-zA-Z ]", formula):
                    problems.append(f"{page}: write ${formula}$ otherwise, it reads as Markdown")
            if line.count("$") % 2:
                problems.append(f"{page}: a $ is not closed in: {line}")
        for block in MATH.finditer(text):
            if re.search(r"\\(operatorname|label|DeclareMathOperator)\b", block[0]):
                problems.append(f"{page}: GitHub does not allow {block[0]}")
    return problems


CHECKS: dict[str, Callable[[Reading], list[str]]] = {
    "form": lambda r: r.form_problems,
    "unknown_labels": unknown_labels,
    "unimplemented": unimplemented,
    "unclaimed": unclaimed,
    "repeated": repeated,
    "misnumbered": misnumbered,
    "without_page": lambda r: without_page(r, sorted(scratchae.ops.__all__)),
    "unreadable": unreadable,
}


OPS = '''
def double(x):
    """Twice x (double.1)."""
    return 2 * x  # (double.1)


def double_backward(dy):
    """dx = 2 dy (double.3)."""
    return 2 * dy  # (double.3)
'''
