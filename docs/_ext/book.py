"""Sphinx extension: formulas set at build time, equations linked to line, number and proof, symbols with their meaning, pages of source."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from katex import FormulaError, Katex
from labels import LABEL, TAG, Link, PageError, read_links
from panels import PRE, anchor, code_html, marked_code, panel_html
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri
from symbols import Notation, Symbol, UnknownSymbol, read_letters, read_table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import weave  # noqa: E402 - the script beside this folder

logger = logging.getLogger(__name__)
DERIVATIONS = "derivations/"
SOURCE = "source:"
FRONT = "index"  # shows one equation of another page, with its panel


class Book:
    """All that the pages of one build share: the links of all labels, the notation, KaTeX, and which symbols a page has shown."""

    def __init__(self, app: Sphinx) -> None:
        self.app, data = app, Path(app.config.book_data)
        self.sources = weave.read_sources(ROOT)
        self.pages = {
            name.removesuffix(".md"): text for name, text in weave.read_pages().items() if name != "README.md"
        }
        claims = _read(data / "claims.json", [])
        traces = _read(data / "traces.json", {})
        try:
            self.links = read_links(self.pages, self.sources, claims, numbers_of(traces, self.pages))
        except PageError as error:
            raise ExtensionError(str(error)) from None
        self.by_page: dict[str, Notation] = {}
        self.katex = Katex(Path(app.config.book_katex))
        self.used: dict[str, set[str]] = {}
        self.side_bars: dict[Any, str] = {}

    def notation_of(self, docname: str) -> Notation:
        """The notation of a page."""
        if docname not in self.by_page:
            name = docname.removeprefix(DERIVATIONS)
            page = self.pages.get(name) if docname.startswith(DERIVATIONS) else None
            self.by_page[docname] = notation_of_page(name, page) if page else notation_of_page("", "")
        return self.by_page[docname]

    def formula(self, node: nodes.Element, docname: str, display: bool) -> str:
        """The HTML of a formula; one that cannot be set, or has an unknown symbol, is a warning, which stops the build."""
        tex, found = node.astext(), ""
        strict = docname.startswith(DERIVATIONS)
        try:
            marked, keys = self.notation_of(docname).mark(tex)
            self.used.setdefault(docname, set()).update(keys)
        except UnknownSymbol as unknown:
            marked, found = tex, str(unknown)
        if found and strict:
            logger.warning(
                "no table explains %s, in %s", found, tex.strip(), location=node, type="book", subtype="symbol"
            )
        try:
            return self.katex.render(marked.strip(), display)
        except FormulaError as error:
            logger.warning("%s", error, location=node, type="book", subtype="formula")
            return f"<code>{escape(tex)}</code>"

    def equation_address(self, label: str, docname: str) -> str | None:
        """The address of an equation, from a page."""
        link = self.links.get(label)
        if link is None or link.equation is None:
            return None
        return f"{self.address(DERIVATIONS + link.equation.page, docname)}#{anchor(label)}"

    def address(self, target: str, docname: str) -> str:
        """The address of a page, from another."""
        if target == docname:
            return ""
        builder = self.app.builder
        return relative_uri(builder.get_target_uri(docname), builder.get_target_uri(target))

    def source_address(self, path: str, docname: str, fragment: str = "") -> str:
        """The address of the page of a source file."""
        return self.address(source_page(path), docname) + (f"#{fragment}" if fragment else "")

    def twins(self, link: Link) -> list[tuple[str, int, str]]:
        """(path, line, text) of the kernels whose lines carry the label: whole functions."""
        listings, seen = [], set()
        for line in link.twins:
            source = self.sources[line.path]
            for function in weave.functions(source):
                inside = function.lineno <= line.line <= (function.end_lineno or 0)
                if inside and (line.path, function.name) not in seen:
                    seen.add((line.path, function.name))
                    listings.append((line.path, function.lineno, weave.listing(source, function)))
        return listings

    def panel(self, label: str, docname: str) -> str:
        """The panel of an equation."""
        link = self.links[label]
        return panel_html(
            label,
            link,
            self.notation_of(docname).of_code(),
            lambda path, line: self.source_address(path, docname, f"L{line}"),
            lambda other: self.equation_address(other, docname),
            self.twins(link),
        )


def _read(path: Path, otherwise: Any) -> Any:
    return json.loads(path.read_text("utf-8")) if path.exists() else otherwise


def own_symbols(docname: str) -> str:
    """The table of docs/symbols-of-a-page.md that belongs to a page."""
    path = ROOT / "docs" / "symbols-of-a-page.md"
    text = path.read_text("utf-8") if path.exists() else ""
    name = docname.removeprefix(DERIVATIONS)
    section = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return section[1] if section else ""


def notation_of_page(name: str, text: str) -> Notation:
    """The notation of a page: the table of docs/notation.md, letters that other tables give to this page, and its own."""
    table = (ROOT / "docs" / "notation.md").read_text("utf-8")
    everywhere = Notation(read_table(own_symbols("every page"))).with_page(table)
    if not name:
        return everywhere
    return everywhere.with_page(own_symbols(name)).with_page("", read_letters(table, name)).with_page(text)


def numbers_of(traces: dict[str, Any], pages: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Label to the steps that carry it, of the example of the label's own page if that has it, else of the first that has."""
    page_of = {tag.replace(r"\_", "_"): page for page, text in pages.items() for tag in TAG.findall(text)}
    found: dict[str, dict[str, list[Any]]] = {}
    for name, trace in traces.items():
        for step in trace["steps"]:
            for label in step["labels"]:
                if step["values"]:
                    found.setdefault(label, {}).setdefault(name, []).append(step)
    numbers = {}
    for label, by_example in found.items():
        page = page_of.get(label, "")
        name = min(by_example, key=lambda n: (n != page, n not in page, list(traces).index(n)))
        lines: dict[tuple[str, int], Any] = {}
        for step in by_example[name]:
            lines.setdefault((step["file"], step["line"]), step)  # the first pass of each line
        numbers[label] = [{"example": name, "steps": list(lines.values())[:3]}]
    return numbers


def source_page(path: str) -> str:
    """The page of a source file, or of a folder."""
    return f"source/{path}/index" if (ROOT / path).is_dir() else f"source/{path}"


def book_of(app: Sphinx) -> Book:
    """The book of this build, made when it is first asked for."""
    if not hasattr(app, "book"):
        app.book = Book(app)  # type: ignore[attr-defined]
    return app.book  # type: ignore[attr-defined,no-any-return]


def visit_math(translator: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    docname = translator.builder.current_docname
    translator.body.append(
        f'<span class="math">{book_of(translator.builder.app).formula(node, docname, display=False)}</span>'
    )
    raise nodes.SkipNode


def visit_math_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula of its own, with the panel of its label."""
    book, docname = book_of(translator.builder.app), translator.builder.current_docname
    html = book.formula(node, docname, display=True)
    tag = TAG.search(node.astext())
    label = tag[1].replace(r"\_", "_") if tag else ""
    link = book.links.get(label)
    here = link is not None and link.equation is not None and docname in (DERIVATIONS + link.equation.page, FRONT)
    if not here:
        translator.body.append(f'<div class="formula" tabindex="0" role="group" aria-label="formula">{html}</div>')
        raise nodes.SkipNode
    figure = (
        f'<div class="equation" id="{anchor(label)}" data-label="{label}" tabindex="0" role="group"'
        f' aria-label="equation {label}">{html}</div>'
    )
    translator.body.append(f'<div class="linked">{figure}{book.panel(label, docname)}</div>')
    raise nodes.SkipNode


class References(SphinxPostTransform):
    """Make links of the labels in sentences, (dense.4), and resolve links to source files."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        book, docname = book_of(self.app), self.env.docname
        for text in list(self.document.findall(nodes.Text)):
            parent = text.parent
            if isinstance(
                parent, nodes.literal | nodes.literal_block | nodes.math | nodes.math_block | nodes.reference
            ):
                continue
            if isinstance(parent, nodes.title) or not LABEL.search(text.astext()):
                continue
            parent.replace(text, list(self._parts(text.astext(), book, docname)))
        for wrapper in list(
            self.document.findall(lambda n: isinstance(n, nodes.container) and "math-wrapper" in n["classes"])
        ):
            wrapper.parent.replace(
                wrapper, list(wrapper.children)
            )  # the theme's, which would cut off what stands beside a formula
        for reference in self.document.findall(nodes.reference):
            uri = reference.get("refuri", "")
            if uri.startswith(SOURCE):
                path, _, fragment = uri.removeprefix(SOURCE).partition("#")
                reference["refuri"] = book.source_address(path, docname, fragment)

    def _parts(self, text: str, book: Book, docname: str) -> Iterator[nodes.Node]:
        done = 0
        for found in LABEL.finditer(text):
            address = book.equation_address(found[1], docname)
            if address is None:
                continue
            yield nodes.Text(text[done : found.start()])
            span = f'<a class="cited" href="{address}" data-label="{found[1]}">({found[1]})</a>'
            yield nodes.raw("", span, format="html")
            done = found.end()
        yield nodes.Text(text[done:])


def symbols_of_page(book: Book, docname: str) -> list[Symbol]:
    """The symbols that a page uses, gradients included, in the order of the table."""
    notation, used = book.notation_of(docname), book.used.get(docname, set())
    found = []
    for symbol in notation.by_key.values():
        if symbol.key in used:
            found.append(symbol)
        if f"d-{symbol.key}" in used:
            code = ", ".join(f"`d{name}`" for name in symbol.names)
            meaning = f"gradient: the derivative of the loss with respect to {symbol.tex}"
            meaning = meaning.replace(symbol.tex, f"${symbol.tex}$")
            found.append(Symbol(f"d{symbol.tex}", f"d-{symbol.key}", code, symbol.shape, meaning))
    return found


def _inline(book: Book, text: str) -> str:
    """A cell of the table as HTML: formulas, code, plain text, bold."""
    out = []
    for part in re.split(r"(\$[^$]+\$|`[^`]+`|\*\*[^*]+\*\*)", text):
        if part.startswith("$"):
            out.append(book.katex.render(part[1:-1], False))
        elif part.startswith("`"):
            out.append(f"<code>{escape(part[1:-1])}</code>")
        elif part.startswith("**"):
            out.append(f"<strong>{escape(part[2:-2])}</strong>")
        else:
            out.append(escape(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", part)))
    return "".join(out)


def symbols_html(book: Book, docname: str) -> str:
    """The symbols of a page, as a list that is there to read, and from which the page takes what it shows at a symbol."""
    rows = []
    for symbol in symbols_of_page(book, docname):
        details = [_inline(book, symbol.meaning)]
        if symbol.code.strip(" `"):
            details.append(f'in the code <span class="name">{_inline(book, symbol.code)}</span>')
        if symbol.shape:
            details.append(f'<span class="shape">{_inline(book, symbol.shape)}</span>')
        rows.append(
            f'<div data-s="{symbol.key}" id="symbol-{symbol.key}"><dt>{book.katex.render(symbol.tex, False)}</dt>'
            f"<dd>{'; '.join(details)}</dd></div>"
        )
    if not rows:
        return ""
    return f'<details class="symbols"><summary>Symbols of this page</summary><dl>{"".join(rows)}</dl></details>'


def finish_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mark names and labels in the listings of a page, and add its symbols."""
    if "furo_navigation_tree" in context:  # Sphinx makes headings of captions, without their level
        context["furo_navigation_tree"] = context["furo_navigation_tree"].replace(
            'role="heading"', 'role="heading" aria-level="2"'
        )
    body = context.get("body")
    if not body or doctree is None:
        return
    book = book_of(app)
    if 'class="sae-widget"' in body:
        add_widgets(app)
    linked = 'class="linked"' in body
    if linked or pagename.startswith(("tutorials/", "your-own")):
        names = book.notation_of(pagename).of_code() if linked else {}

        def marked(found: re.Match[str]) -> str:
            if "data-label" in found["code"] or "data-s" in found["code"]:
                return found[0]
            code = marked_code(found["code"], names, lambda label: book.equation_address(label, pagename))
            return found["open"] + code + found["close"]

        body = PRE.sub(marked, body)
    if linked:
        book.used.setdefault(pagename, set()).update(re.findall(r'data-s="([^"]+)"', body))
        table = symbols_html(book, pagename)
        place = r"</h1>" if pagename != FRONT else r"<p>Point at the equation"
        body = re.sub(place, lambda end: f"{end[0]}{table}" if pagename != FRONT else f"{table}{end[0]}", body, count=1)
        kind = "derivation front" if pagename == FRONT else "derivation"
        body = f'<div class="{kind}">{body}</div>'
        context["furo_hide_toc"] = True
    context["body"] = body


def add_widgets(app: Sphinx) -> None:
    """Add to this page what its widgets are made of: the shared parts first, then every widget."""
    folder = ROOT / "docs" / "_static" / "widgets"
    first = ["numbers.js", "digits_models.js", "widgets.js"]
    scripts = [*first, *(path.name for path in sorted(folder.glob("*.js")) if path.name not in first)]
    app.add_css_file("widgets/widgets.css")
    for name in scripts:
        app.add_js_file(f"widgets/{name}", loading_method="defer")


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for every file of the package, and for every other file that a page links to."""
    book = book_of(app)
    for path in sorted({*book.sources, *app.config.book_files}):
        page = source_page(path)
        if (ROOT / path).is_dir():
            files = [other for other in app.config.book_files if other.rpartition("/")[0] == path]
            items = "".join(f'<li><a href="{book.source_address(f, page)}">{escape(f)}</a></li>' for f in files)
            yield page, {"title": path, "body": f'<h1 class="path">{escape(path)}</h1><ul>{items}</ul>'}, "page.html"
            continue
        text = (ROOT / path).read_text("utf-8")
        names: dict[str, str] = {}
        if path.endswith(".py"):
            inner = code_html(text, names, lambda label, page=page: book.equation_address(label, page))
        else:
            inner = f'<div class="highlight"><pre>{escape(text)}</pre></div>'
        inner = PRE.sub(_numbered, inner)
        title = escape(path)
        yield (
            page,
            {"title": title, "body": f'<h1 class="path">{title}</h1><div class="file">{inner}</div>'},
            "page.html",
        )


def share_side_bar(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Compute the side bar of source files once for each depth of folders: it takes longer than the page, and is the same."""
    if not pagename.startswith("source/") or "toctree" not in context:
        return
    known, depth, compute = book_of(app).side_bars, pagename.count("/"), context["toctree"]

    def toctree(**options: Any) -> str:
        key = (depth, tuple(sorted(options.items())))
        if key not in known:
            known[key] = compute(**options)
        return known[key]

    context["toctree"] = toctree


def _numbered(found: re.Match[str]) -> str:
    lines = found["code"].rstrip("\n").split("\n")
    marked = "".join(f'<span class="row" id="L{n}">{line}\n</span>' for n, line in enumerate(lines, 1))
    return found["open"] + marked + found["close"]


def finished(app: Sphinx, error: Exception | None) -> None:
    """End KaTeX."""
    if hasattr(app, "book"):
        app.book.katex.close()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register all of this."""
    app.add_config_value("book_data", "", "html")
    app.add_config_value("book_katex", "", "html")
    app.add_config_value("book_files", [], "html")
    app.add_html_math_renderer("book", inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None))
    app.add_post_transform(References)
    app.connect("html-page-context", finish_page, priority=900)
    app.connect("html-page-context", share_side_bar, priority=100)
    app.connect("html-collect-pages", source_pages)
    app.connect("build-finished", finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
