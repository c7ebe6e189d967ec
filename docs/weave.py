"""Copy the code into the pages of `docs/derivations`, so that pages and code agree.

A page marks the places, and this script fills them:

    <!-- code: dense_backward -->   the function in `scratchae.ops`, without its docstring, and below it
    <!-- end -->                    its compiled twin: the function of the same name in `scratchae.kernels`, with the
                                    private functions of that file whose lines carry one of its labels
    <!-- code: f in nets/a.py -->   a function or method of another file of the package
    <!-- end -->
    <!-- lines: a.1 a.2 in models/a.py -->   the statements of that file that carry one of the labels, in docs/the-same-in-pytorch.md
    <!-- end -->
    <!-- measured: dense -->        errors measured by the checks of this op; only with --measured, which runs them
    <!-- end -->
    <!-- table: models -->          the models of `scratchae/registry.py`, in README.md
    <!-- end -->

It also copies the derivations, without their examples, code and measurements, into `scratchae/exercises/derivations`, from where they are
handed out in notebooks: those of which a copy is there.

Source text is read and never imported (except with --measured), so nothing has to be installed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "derivations"
README = ROOT / "README.md"
PYTORCH = ROOT / "docs" / "the-same-in-pytorch.md"
COPIES = ROOT / "scratchae" / "exercises" / "derivations"
OPS, KERNELS = "scratchae/ops/", "scratchae/kernels/"

BLOCK = re.compile(
    r"<!-- (?P<kind>code|lines|measured|table): (?P<what>[^>]*?) -->\n(?P<text>.*?)<!-- end -->", re.DOTALL
)
LABEL = re.compile(r"\(([a-z]\w*\.\d+)\)")
AFTER = re.compile(
    r"^## (?:Sanity checks|Common mistakes|An example|The code|Measured|Sources|Exercises)$", re.MULTILINE
)  # the derivation
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class WeaveError(Exception):
    """A marked block that cannot be filled."""


def read_sources(root: Path = ROOT) -> dict[str, str]:
    """All modules of the package: path, with forward slashes and relative to the checkout, to source text."""
    paths = sorted((root / "scratchae").rglob("*.py"))
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def read_pages(folder: Path = PAGES) -> dict[str, str]:
    """All pages: file name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module and the methods of its classes, in order, without nested functions."""
    found = []
    for node in ast.parse(source).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        found += [member for member in members if isinstance(member, FUNCTION)]
    return found


def listing(source: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The lines of a function with comments, without its docstring and comments for the type checker."""
    lines = source.splitlines()
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    skipped: range = range(0)
    if ast.get_docstring(function) is not None and len(function.body) > 1:
        docstring = function.body[0]
        skipped = range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)
    kept = [lines[i - 1] for i in range(first, (function.end_lineno or first) + 1) if i not in skipped]
    return textwrap.dedent("\n".join(re.sub(r"\s*# type: ignore\b.*", "", line) for line in kept))


def _find(sources: dict[str, str], prefix: str, name: str) -> tuple[str, Any] | None:
    """(path, function) of the only function of this name in the files whose paths begin with the prefix."""
    found = [(p, f) for p, text in sources.items() if p.startswith(prefix) for f in functions(text) if f.name == name]
    if len(found) > 1:
        raise WeaveError(f"`{name}` is defined more than once: {', '.join(path for path, _ in found)}")
    return found[0] if found else None


def _fenced(path: str, caption: str, listings: Iterable[str]) -> str:
    code = "\n\n\n".join(listings)
    return f"{caption} [`{path}`](../../{path}):\n\n```python\n{code}\n```\n"


def code_block(what: str, sources: dict[str, str]) -> str:
    """The text between the markers of a code block, for `name` (an op) or `name in path`."""
    name, _, place = what.partition(" in ")
    found = _find(sources, f"scratchae/{place}" if place else OPS, name)
    if found is None:
        raise WeaveError(f"no function `{name}` in scratchae/{place or 'ops/'}")
    path, function = found
    shown = listing(sources[path], function)
    parts = [_fenced(path, "To read, in", [shown])]
    twin = None if place else _find(sources, KERNELS, name)
    if twin is not None:
        twin_path, twin_function = twin
        labels = set(LABEL.findall(shown))
        parts.append(_fenced(twin_path, "Compiled twin, in", _twin(sources[twin_path], twin_function, labels)))
    return "\n" + "\n".join(parts) + "\n"


def _twin(source: str, twin: Any, labels: set[str]) -> list[str]:
    """The twin, after those private functions of its file whose lines carry one of the labels."""
    private = [f for f in functions(source) if f.name.startswith("_") and f.name != twin.name]
    helpers = [text for text in (listing(source, f) for f in private) if labels & set(LABEL.findall(text))]
    return [*helpers, listing(source, twin)]


def lines_block(what: str, sources: dict[str, str]) -> str:
    """The text between the markers of a block of lines, for `label label in path`."""
    labels, _, place = what.partition(" in ")
    path = f"scratchae/{place}"
    if path not in sources:
        raise WeaveError(f"no file {path}")
    shown = []
    for label in labels.split():
        found = [text for text in statements(sources[path]) if label in LABEL.findall(text)]
        if not found:
            raise WeaveError(f"no statement of {path} has the label ({label})")
        shown += [text for text in found if text not in shown]
    code = "\n".join(shown)
    return f"\nIn [`{path}`](../{path}):\n\n```python\n{code}\n```\n\n"


def statements(source: str) -> list[str]:
    """The simple statements of a module, without docstrings and indentation, each with the comment at its end."""
    lines, found = source.splitlines(), []
    for node in ast.walk(ast.parse(source)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not docstring:
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            found.append((node.lineno, textwrap.dedent(text)))
    return [text for _, text in sorted(found)]


def measured_block(op: str, claims: Iterable[Any]) -> str:
    """The text between the markers of a measured block: a table of the claims about one op."""
    rows = ["| claim | equation | method | worst error | tolerance |", "| --- | --- | --- | --- | --- |"]
    for claim in claims:
        if claim.op.removesuffix("_backward") != op:
            continue
        error = f"{claim.error:.1e}" + (" **failed**" if claim.failed else " **skipped**" if claim.skipped else "")
        cells = [claim.claim, claim.equation, claim.method, error, f"{claim.tolerance:.1e}"]
        rows.append("| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |")
    if len(rows) == 2:
        raise WeaveError(f"no claim about `{op}`")
    return "\n" + "\n".join(rows) + "\n\n"


def table_block(what: str, sources: dict[str, str]) -> str:
    """The text between the markers of a table: the models, each with what it is trained for and its derivation."""
    if what != "models":
        raise WeaveError(f"no table `{what}`")
    rows = ["| model | what it is trained for | derivation |", "| --- | --- | --- |"]
    for node in ast.walk(ast.parse(sources["scratchae/registry.py"])):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Entry":
            _, module, name, purpose = (ast.literal_eval(argument) for argument in node.args)
            page = re.search(r"docs/derivations/(\w+)\.md", sources[f"scratchae/models/{module}.py"])
            if page is None:
                raise WeaveError(f"scratchae/models/{module}.py names no page of docs/derivations")
            rows.append(f"| `{name}` | {purpose} | [{page[1]}](docs/derivations/{page[1]}.md) |")
    return "\n" + "\n".join(rows) + "\n\n"


def weave(page: str, kind: str, fill: Callable[[str], str]) -> str:
    """The page with the blocks of one kind replaced, and everything else unchanged."""
    for opened in re.finditer(r"<!-- (?:code|lines|measured|table): (.*?) -->", page):
        following = page.find("<!-- ", opened.end())
        if following < 0 or not page.startswith("<!-- end -->", following):
            raise WeaveError(f"the block `{opened[1]}` has no <!-- end -->")

    def replaced(block: re.Match[str]) -> str:
        if block["kind"] != kind:
            return block[0]
        return f"<!-- {kind}: {block['what']} -->\n{fill(block['what'])}<!-- end -->"

    return BLOCK.sub(replaced, page)


def stale_pages(pages: dict[str, str], sources: dict[str, str]) -> dict[str, str]:
    """Pages whose code blocks differ from the code: file name to reason."""
    stale = {}
    for name, page in pages.items():
        try:
            woven = weave(page, "code", lambda what: code_block(what, sources))
            woven = weave(woven, "lines", lambda what: lines_block(what, sources))
            if weave(woven, "table", lambda what: table_block(what, sources)) != page:
                stale[name] = "its code blocks or tables differ from the current code"
        except WeaveError as error:
            stale[name] = str(error)
    return stale


def stale_copies(pages: dict[str, str], folder: Path = COPIES) -> dict[str, str]:
    """Copies of derivations that differ from their pages: file name to what should be in it. A copy without a page is left alone."""
    there = [path for path in sorted(folder.glob("*.md")) if path.name in pages]
    wanted = {path: AFTER.split(pages[path.name], maxsplit=1)[0].rstrip() + "\n" for path in there}
    return {path.name: text for path, text in wanted.items() if path.read_text(encoding="utf-8") != text}


def _write(pages: dict[str, str], kind: str, fill: Callable[[str], str], folder: Path) -> int:
    """Fill the blocks of one kind in all pages, on disk. Returns 1 if a page could not be filled."""
    status = 0
    for name, page in pages.items():
        try:
            woven = weave(page, kind, fill)
        except WeaveError as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
            continue
        if woven != page:
            (folder / name).write_text(woven, encoding="utf-8", newline="\n")
            print(f"{name}: rewritten")
    return status


def main(arguments: list[str] | None = None, folder: Path = PAGES) -> int:
    """Run the script; returns its exit status."""
    parser = argparse.ArgumentParser(
        description="Copy the code of each operation into its page in docs/derivations.",
        epilog="Example: python docs/weave.py --check",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; list the pages that are out of date, and exit with status 1 if there are any",
    )
    parser.add_argument(
        "--measured", action="store_true", help="also run the checks, and insert the tables of their errors"
    )
    options = parser.parse_args(arguments)
    if options.check and options.measured:
        parser.error("--check compares code only, since measured numbers differ between machines; leave out --measured")

    sources = read_sources()
    if options.check:
        others = {path.name: path.read_text(encoding="utf-8") for path in (README, PYTORCH)}
        stale = stale_pages({**read_pages(folder), **others}, sources)
        for name, reason in stale.items():
            print(f"{name}: {reason}")
        for name in stale_copies(read_pages()):
            stale[name] = f"its copy in {COPIES.relative_to(ROOT)} differs from it"
            print(f"{name}: {stale[name]}")
        if stale:
            print("These pages are out of date; run: python docs/weave.py")
        return 1 if stale else 0

    status = _write(read_pages(folder), "code", lambda what: code_block(what, sources), folder)
    for name, text in stale_copies(read_pages()).items():
        (COPIES / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: copied to {COPIES.relative_to(ROOT)}")
    compared = {PYTORCH.name: PYTORCH.read_text(encoding="utf-8")}
    status |= _write(compared, "lines", lambda what: lines_block(what, sources), PYTORCH.parent)
    readme = {"README.md": README.read_text(encoding="utf-8")}
    status |= _write(readme, "table", lambda what: table_block(what, sources), README.parent)
    if options.measured:
        sys.path.insert(0, str(ROOT))  # the package beside these pages, whichever is installed
        from scratchae.verify import run_claims

        claims = list(run_claims(None))
        status |= _write(read_pages(folder), "measured", lambda op: measured_block(op, claims), folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
