"""HTML in which nothing can go unescaped: elements are made by functions, and any text that is not one of them is escaped."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from importlib import resources


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Html | Iterable["Child"] | None


def element(tag: str, /, *children: Child, **attributes: str | bool | None) -> Html:
    """An element; `class_` is its class, an attribute that is None or False is left out, one that is True has no value.

    Parameters
    ----------
    tag : str
    *children : str, Html, iterable of these, or None
        Text is escaped.
    **attributes : str or bool
        Escaped too.
    """
    words = [tag]
    for key, value in attributes.items():
        if value is not None and value is not False:
            key = key.rstrip("_").replace("_", "-")
            words.append(key if value is True else f'{key}="{html.escape(str(value))}"')
    head = f"<{' '.join(words)}>"
    return Html(head) if tag in ("meta", "link", "br") else Html(f"{head}{inner(children)}</{tag}>")


def inner(children: Child) -> Html:
    """Children one after the other."""
    if children is None:
        return Html("")
    if isinstance(children, str):
        return children if isinstance(children, Html) else Html(html.escape(children))
    return Html("".join(inner(child) for child in children))


def page(title: str, *body: Child) -> bytes:
    """A whole page, which loads nothing, runs nothing, and sends nothing anywhere."""
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    seal = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{seal}'; img-src data:; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", Html(style)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang='en')}\n".encode(errors="replace")


def bar(share: float, kind: str = "") -> Html:
    """A share from 0 to 1 as a bar."""
    width = f"{100 * min(max(share, 0.0), 1.0):.1f}"
    filled = element("rect", width=width, height="8", class_="filled")
    return element(
        "svg", element("rect", width="100", height="8", class_="track"), filled, class_=f"bar {kind}".strip(),
        viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true",
    )  # fmt: skip


def table(head: Iterable[Child], rows: Iterable[Html], **attributes: str) -> Html:
    """A table in a frame of its own, which is scrolled where it is wider than the screen."""
    heading = element("thead", element("tr", [element("th", cell, scope="col") for cell in head]))
    return element(
        "div", element("table", heading, element("tbody", rows), **attributes), class_="scroll", tabindex="0"
    )


def points(value: float) -> str:
    """Points as people write them."""
    return f"{round(value, 2):g}"


def percent(share: float) -> str:
    """A share as whole per cent; 100 % is all of it, and nothing else."""
    return f"{100 if share >= 1 else min(99, round(100 * share))}\u00a0%"
