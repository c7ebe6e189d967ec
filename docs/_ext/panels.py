"""The panel beside an equation: its line of code, the twin on demand, the numbers of the page's example, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from labels import LABEL, Line, Link
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# Of an array, this many entries are shown; the rest is in the trace.
MOST_ENTRIES = 24
NAME = re.compile(r'<span class="(?P<kind>n[a-z]*)">(?P<name>[A-Za-z_]\w*)</span>')
COMMENT = re.compile(r'<span class="c1">(?P<text>[^<]*)</span>')
OWN_COMMENT = re.compile(r"[ \t]*#[^\n#]*\([a-z]\w*\.\d+\)[^\n]*$", re.MULTILINE)
PRE = re.compile(r"(?P<open><pre[^>]*>(?:<span></span>)?)(?P<code>.*?)(?P<close></pre>)", re.DOTALL)


def anchor(label: str) -> str:
    """The id of an equation."""
    return "equation-" + label.replace(".", "-").replace("_", "-")


def symbol_of(name: str, names: Mapping[str, str]) -> str:
    """The key of the symbol that a name in the code stands for: `dW` is the gradient of `W`; "" if it is none."""
    if name in names:
        return names[name]
    return f"d-{names[name[1:]]}" if name[:1] == "d" and name[1:] in names else ""


def marked_code(code: str, names: Mapping[str, str], link: Callable[[str], str | None]) -> str:
    """Highlighted lines in which names carry their symbols and labelled lines their labels.

    Parameters
    ----------
    code : str
        HTML from Pygments, without `<pre>`.
    names : mapping
        Name in the code to the key of its symbol.
    link : callable
        Address of an equation, by label; None if there is no such equation.
    """

    def named(found: re.Match[str]) -> str:
        key = symbol_of(found["name"], names)
        return f'<span class="{found["kind"]}" data-s="{key}">{found["name"]}</span>' if key else found[0]

    def commented(found: re.Match[str]) -> str:
        def linked(label: re.Match[str]) -> str:
            address = link(label[1])
            return f'(<a href="{address}">{label[1]}</a>)' if address else label[0]

        return f'<span class="c1">{LABEL.sub(linked, found["text"])}</span>'

    lines = []
    for line in code.split("\n"):
        labels = [
            label for comment in COMMENT.finditer(line) for label in LABEL.findall(comment["text"]) if link(label)
        ]
        line = COMMENT.sub(commented, NAME.sub(named, line))
        lines.append(f'<span class="coded" data-label="{" ".join(labels)}">{line}</span>' if labels else line)
    return "\n".join(lines)


def code_html(text: str, names: Mapping[str, str], link: Callable[[str], str | None]) -> str:
    """Python as HTML."""
    inner = highlight(text, PythonLexer(stripall=False), HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<div class="highlight"><pre>{marked_code(inner, names, link)}</pre></div>'


def number_text(value: Any) -> str:
    """A number with the digits that one follows on paper."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:.0f}" if abs(value) < 1e6 else f"{value:.3g}"
    return f"{value:.4f}".rstrip("0") if 1e-3 <= abs(value) < 1e5 else f"{value:.3g}"


def array_html(value: Any) -> str:
    """An array as a small table; longer ones are cut, and say so."""
    if not isinstance(value, list):
        return f'<span class="array"><span>{escape(number_text(value))}</span></span>'
    rows = value if value and isinstance(value[0], list) else [value]
    if rows and rows[0] and isinstance(rows[0][0], list):  # more than two axes: one table after the other
        return "".join(array_html(part) for part in rows[:4]) + ("…" if len(rows) > 4 else "")
    width = max((len(row) for row in rows), default=0)
    tall = max(1, MOST_ENTRIES // max(1, min(width, 6)))
    shown = []
    for row in rows[:tall]:
        cells = "".join(f"<span>{escape(number_text(cell))}</span>" for cell in row[:6])
        shown.append(cells + ("<span>…</span>" if len(row) > 6 else "<span></span>" * (min(width, 6) - len(row[:6]))))
    columns = max(1, min(width, 6) + (width > 6))
    more = '<span class="more">…</span>' if len(rows) > tall else ""
    return f'<span class="array" style="--columns:{columns}">{"".join(shown)}{more}</span>'


def numbers_html(steps: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """The values that a line computed in the example: each name with its shape and its entries."""
    rows = []
    for step in steps:
        for value in step["values"]:
            shape = value["shape"]
            key = symbol_of(re.sub(r"\W.*", "", value["name"]), names)
            mark = f' data-s="{key}"' if key else ""
            size = (
                ""
                if not shape
                else f' <span class="shape">({", ".join(map(str, shape))}{"," * (len(shape) == 1)})</span>'
            )
            entries = value["values"] if value["values"] is not None else value.get("first") or "…"
            name = f"<code{mark}>{escape(value['name'])}</code>"
            rows.append(f'<div><dt>{name}{size}</dt><dd class="value">{array_html(entries)}</dd></div>')
    return f'<dl class="numbers">{"".join(rows)}</dl>' if rows else ""


def verdict(claims: list[dict[str, Any]]) -> tuple[str, str]:
    """(class, sentence) of all claims about a label."""
    failed = sum(bool(c["failed"]) for c in claims)
    skipped = sum(bool(c["skipped"]) for c in claims)
    if failed:
        return "fails", f"{failed} of {len(claims)} claims failed"
    worst = max(claims, key=lambda c: c["error"] / c["tolerance"] if c["tolerance"] else c["error"])
    count = f"{len(claims)} claim{'s' * (len(claims) > 1)} hold{'s' * (len(claims) == 1)}"
    if skipped:
        count = f"{len(claims) - skipped} claims hold, {skipped} skipped"
    return "holds", f"{count}: {worst['error']:.0e} of {worst['tolerance']:.0e}"


def claims_html(claims: list[dict[str, Any]]) -> str:
    """The claims about a label: what was compared, how, the worst error and the verdict."""
    kind, sentence = verdict(claims)
    rows = []
    for c in claims:
        outcome = "failed" if c["failed"] else "skipped" if c["skipped"] else "holds"
        rows.append(
            f'<li class="{outcome}"><span class="claim">{escape(c["claim"])}</span> '
            f'<span class="method">{escape(c["method"])}</span> '
            f'<span class="error">{c["error"]:.1e} of {c["tolerance"]:.0e}, {outcome}</span></li>'
        )
    mark = "✓" if kind == "holds" else "✗"
    return (
        f'<details class="claims {kind}"><summary><span aria-hidden="true">{mark}</span> {sentence}</summary>'
        f"<ul>{''.join(rows)}</ul></details>"
    )


def line_html(line: Line, address: str, names: Mapping[str, str], label: str) -> str:
    """A line of code below the name of its function, its file and its number."""
    where = f'<a href="{address}">{escape(line.path.removeprefix("scratchae/"))}:{line.line}</a>'
    text = OWN_COMMENT.sub("", line.text).strip("\n")  # the panel says the label
    inner = highlight(text, PythonLexer(stripall=False), HtmlFormatter(nowrap=True)).rstrip("\n")
    lines = [
        f'<span class="coded" data-label="{label}">{part}</span>'
        for part in marked_code(inner, names, _nowhere).split("\n")
    ]
    code = f'<div class="highlight"><pre>{chr(10).join(lines)}</pre></div>'
    return f'<p class="where"><code>{escape(line.function)}</code> in {where}</p>{code}'


def _nowhere(label: str) -> None:
    """No address."""


def panel_html(
    label: str,
    link: Link,
    names: Mapping[str, str],
    address: Callable[[str, int], str],
    equation: Callable[[str], str | None],
    twins: list[tuple[str, int, str]],
) -> str:
    """The panel of one label.

    Parameters
    ----------
    label : str
    link : Link
    names : mapping
        Name in the code to the key of its symbol.
    address : callable
        Address of a line of a file: `address(path, line)`.
    equation : callable
        Address of an equation, by label.
    twins : list of (path, line, text)
        Listings of the compiled twin.
    """
    if not link.lines:
        goal = link.leads_to
        if not goal:
            return ""
        return (
            f'<aside class="proof step" aria-label="Step ({label})"><p>A step towards '
            f'<a href="{equation(goal)}" data-label="{goal}">({goal})</a>, which is a line of code.</p></aside>'
        )
    first, others = link.lines[0], link.lines[1:]
    parts, more = [line_html(first, address(first.path, first.line), names, label)], []
    if others:
        listed = "".join(line_html(o, address(o.path, o.line), names, label) for o in others)
        more.append(
            f"<details><summary>{len(others)} more place{'s' * (len(others) > 1)} in the code</summary>{listed}</details>"
        )
    if twins:
        listed = "".join(
            f'<p class="where"><a href="{address(path, line)}">{escape(path)}:{line}</a></p>{code_html(text, names, equation)}'
            for path, line, text in twins
        )
        more.append(f"<details><summary>Compiled twin</summary>{listed}</details>")
    if link.numbers:
        record = link.numbers[0]
        numbers = numbers_html(record["steps"], names)
        if numbers:
            parts.append(f'<div class="example" title="in the example {escape(record["example"])}">{numbers}</div>')
    if link.claims:
        more.append(claims_html(link.claims))
    parts.append(f'<div class="more">{"".join(more)}</div>')
    return (
        f'<aside class="proof" data-label="{label}" aria-label="Code, numbers and proof of ({label})">'
        f'<details class="all" open><summary>Code, numbers, proof of ({label})</summary>{"".join(parts)}</details></aside>'
    )
