"""Derivation and code say the same: every label leads from an equation to a line, and back.

The checker is a set of functions over (sources, pages), each a mapping from a path to a text, that say in sentences
what is wrong. So it is checked itself, on a small package that is right and is then doctored.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import pytest

import scratchae.ops

ROOT = Path(__file__).resolve().parent.parent

# Pages whose labels are not named after the page.
PREFIXES = {
    "corruption.md": {"masking_noise", "salt_and_pepper_noise", "gaussian_noise"},
    "initialisation.md": {"glorot", "he"},
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
    function: str | None  # that implements it


class Mark(NamedTuple):
    """A label in a comment of the code."""

    path: str
    line: int
    label: str
    functions: frozenset[str]  # in which the line stands
    has_code: bool  # or the comment stands alone

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


# Reading


def equations(page: str, text: str) -> tuple[list[Equation], list[str]]:
    """The numbered equations of a page, in order, and what is wrong with their form."""
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
    """All that the checks look at."""

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


# Checking


def unknown_labels(r: Reading) -> list[str]:
    """Labels in comments, docstrings or prose that no equation has."""
    known = {equation.label for equation in r.equations}
    used = [(str(mark), mark.label) for mark in r.marks]
    for path, source in r.sources.items():
        used += docstring_labels(path, source)
    for page, text in r.pages.items():
        used += [(page, label) for label in LABEL.findall(NOT_PROSE.sub("", text))]
    return [f"{where}: there is no equation ({label})" for where, label in used if label not in known]


def _is_op_page(r: Reading, page: str) -> bool:
    """Whether ops has a function of the page's name."""
    name = page.removesuffix(".md")
    return any(
        isinstance(node, ast.FunctionDef) and node.name == name
        for path, source in r.sources.items()
        if path.startswith("scratchae/ops/")
        for node in ast.parse(source).body
    )


def unimplemented(r: Reading) -> list[str]:
    """Equations that name a function in which no line of code carries their label."""
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
    """Labelled lines of ops whose equation does not say that this function implements it."""
    said = {(equation.label, equation.function) for equation in r.equations}
    return [
        f"{mark}: carries ({mark.label}), whose equation does not say that it is implemented here"
        for mark in r.marks
        if mark.path.startswith("scratchae/ops/") and not any((mark.label, f) in said for f in mark.functions)
    ]


def repeated(r: Reading) -> list[str]:
    """Labels that more than one equation has."""
    labels = [equation.label for equation in r.equations]
    return [
        f"({label}) is the tag of {labels.count(label)} equations"
        for label in sorted(set(labels))
        if labels.count(label) > 1
    ]


def misnumbered(r: Reading) -> list[str]:
    """Pages whose tags are not 1, 2, 3 ... in order, or do not bear the page's name."""
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
    """Ops that no equation leads to."""
    implementing = {equation.function for equation in r.equations}
    return [f"`{name}`: no equation is 'Implemented in `{name}`.'" for name in names if name not in implementing]


def unreadable(r: Reading) -> list[str]:
    """Mathematics that GitHub's Markdown would take apart before its renderer sees it."""
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


# The package


@pytest.fixture(scope="module")
def package() -> Reading:
    return read(weave.read_sources(), weave.read_pages())


@pytest.mark.parametrize("check", CHECKS)
def test_pages_and_code_agree(package: Reading, check: str) -> None:
    problems = CHECKS[check](package)
    assert not problems, "\n".join(["", *problems])


def test_something_was_read(package: Reading) -> None:
    assert len(package.equations) > 60
    assert sum(mark.path.startswith("scratchae/ops/") for mark in package.marks) > 20


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


# The checker itself, on a package of one op


OPS = '''
def double(x):
    """Twice x (double.1)."""
    return 2 * x  # (double.1)


def double_backward(dy):
    """dx = 2 dy (double.3)."""
    return 2 * dy  # (double.3)
'''

PAGE = r"""
# double

```math
y = 2 x \tag{double.1}
```

Implemented in `double`.

Not implemented, but needed on the way to (double.3):

```math
\frac{\partial y}{\partial x} = 2 \tag{double.2}
```

```math
dx = 2 dy \tag{double.3}
```

Implemented in `double_backward`.
"""


def _problems(ops: str = OPS, page: str = PAGE, more_pages: dict[str, str] | None = None) -> set[str]:
    """Names of the checks that find something wrong with a package of one op."""
    r = read({"scratchae/ops/double.py": ops}, {"double.md": page, **(more_pages or {})})
    found = {name for name, check in CHECKS.items() if name != "without_page" and check(r)}
    return found | ({"without_page"} if without_page(r, ["double", "double_backward"]) else set())


def test_checker_accepts_what_is_right() -> None:
    assert _problems() == set()


@pytest.mark.parametrize(
    ("old", "new", "found_by"),
    [
        ("# (double.1)", "# (double.7)", {"unknown_labels", "unimplemented", "unclaimed"}),
        ("# (double.1)", "# (double.3)", {"unimplemented", "unclaimed"}),
        ("# (double.1)", "# (double.2)", {"unimplemented", "unclaimed"}),
        ("  # (double.3)", "", {"unimplemented"}),
        ("2 dy (double.3)", "2 dy (double.9)", {"unknown_labels"}),
        ("    return 2 * x  # (double.1)", "    # (double.1)\n    return 2 * x", {"unimplemented"}),
        ("    return 2 * x  # (double.1)", "    return '# (double.1)'", {"unimplemented"}),
        ("def double_backward", "def backward", {"unimplemented", "unclaimed"}),
    ],
)
def test_checker_finds_doctored_code(old: str, new: str, found_by: set[str]) -> None:
    assert OPS.count(old) == 1
    assert _problems(ops=OPS.replace(old, new)) == found_by


@pytest.mark.parametrize(
    ("old", "new", "found_by"),
    [
        (r"\tag{double.2}", r"\tag{double.1}", {"repeated", "misnumbered"}),
        (r"\tag{double.2}", "", {"misnumbered"}),
        (r"\tag{double.2}", r"\tag{triple.1}", {"misnumbered"}),
        (r"\tag{double.2}", r"\tag{double.2} \tag{double.4}", {"form", "misnumbered"}),
        ("Implemented in `double`.", "", {"unclaimed", "without_page"}),
        ("Implemented in `double`.", "Implemented in double.", {"form", "unclaimed", "without_page"}),
        (
            "Implemented in `double`.",
            "Implemented in `double_backward`.",
            {"unimplemented", "unclaimed", "without_page"},
        ),
        ("Not implemented", "Implemented in `double`.\n\nNot implemented", {"form"}),
        ("on the way to (double.3)", "on the way to (double.5)", {"unknown_labels"}),
        ("Not implemented", r"With $\hat{x}_n$ not implemented", {"unreadable"}),
        ("```math\ndx = 2 dy \\tag{double.3}\n```", "$$\ndx = 2 dy \\tag{double.3}\n$$", {"unreadable"}),
    ],
)
def test_checker_finds_doctored_page(old: str, new: str, found_by: set[str]) -> None:
    assert PAGE.count(old) == 1
    assert _problems(page=PAGE.replace(old, new)) == found_by


def test_checker_finds_a_label_on_two_pages() -> None:
    assert _problems(more_pages={"other.md": "```math\nx \\tag{double.1}\n```\n"}) == {"repeated", "misnumbered"}


def test_an_equation_of_an_op_is_not_implemented_by_a_kernel() -> None:
    kernel = {"scratchae/kernels/double.py": OPS}
    unlabelled = {"scratchae/ops/double.py": OPS.replace("# (double.1)", "")}
    assert unimplemented(read({**kernel, **unlabelled}, {"double.md": PAGE}))


def test_a_page_that_is_no_op_may_be_implemented_anywhere_by_the_function_it_names() -> None:
    page = {"model.md": "```math\nx \\tag{model.1}\n```\n\nImplemented in `_loss`.\n"}
    model = "class Model:\n    def _loss(self):\n        return 1  # (model.1)\n"
    assert not unimplemented(read({"scratchae/models/m.py": model}, page))
    assert unimplemented(read({"scratchae/models/m.py": model.replace("_loss", "_other")}, page))


def test_an_escaped_underscore_in_a_tag_is_an_underscore() -> None:
    found, _ = equations("a_b.md", "```math\nx \\tag{a\\_b.1}\n```\n")
    assert [equation.label for equation in found] == ["a_b.1"]


# Weaving


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
    return SimpleNamespace(**{**claim, "error": 2.5e-16, "tolerance": 1e-12, "passed": True, **changes})


def test_measured_numbers_are_filled_in_and_never_stale() -> None:
    claims = [_claim(), _claim(op="double_backward", passed=False), _claim(op="other", claim="not here")]
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
