"""Read Python text as tokens, in a time that grows with its size alone.

Python's own parser and tokeniser take a time that grows with the square of some texts, so they are kept away from submissions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

Kind = Literal["name", "number", "operator", "string", "comment", "newline"]

LONGEST, MOST_TOKENS = (
    1 << 18,
    1 << 16,
)  # bytes of a file that are read, and tokens; the solutions of all exercises together have about half of both


class Token(NamedTuple):
    """A part of a file.

    Parameters
    ----------
    kind : {"name", "number", "operator", "string", "comment", "newline"}
        "newline" ends a logical line: newlines inside brackets are left out.
    text : str
    column : int
        Characters before it in its line.
    """

    kind: Kind
    text: str
    column: int


def decoded(source: bytes) -> str:
    """The text of a file, of which no more than `LONGEST` bytes are read."""
    return source[:LONGEST].decode("utf-8-sig", "replace")


def tokens(text: str) -> Iterator[Token]:
    """The first `MOST_TOKENS` tokens of a text; spaces are left out. Each character is looked at a fixed number of times.

    Parameters
    ----------
    text : str
        It need not be Python: whatever begins no name, number, string or comment is an operator.
    """
    return islice(_tokens(text), MOST_TOKENS)


def _tokens(text: str) -> Iterator[Token]:
    place, depth, line = 0, 0, 0
    while found := _TOKEN.match(text, place):
        kind, begin, place = found.lastgroup, place, found.end()
        column = begin - line
        if kind == "triple":
            place = _end_of_triple(text, found[0][-3:], place)
            line = max(line, text.rfind("\n", begin, place) + 1)
        elif kind == "quote":
            body = _BODIES[found[0][-1]].match(text, place)
            place = body.end() if body else place  # it always matches
        elif kind == "newline":
            line = place
        elif kind == "operator":
            depth = max(0, depth + (found[0] in "([{") - (found[0] in ")]}"))
        if kind == "triple" or kind == "quote":
            yield Token("string", text[begin:place], column)
        elif kind == "name" or kind == "number" or kind == "operator" or kind == "comment":
            yield Token(kind, found[0], column)
        elif kind == "newline" and depth == 0:
            yield Token("newline", "\n", column)


def _end_of_triple(text: str, quotes: str, place: int) -> int:
    """Return the end of a triple-quoted string: after the next three quotes that no backslash escapes, or the end of the text."""
    while (at := text.find(quotes, place)) >= 0:
        before = at
        while before > place and text[before - 1] == "\\":
            before -= 1
        if (at - before) % 2 == 0:
            return at + 3
        place = at + 1
    return len(text)


# What begins at a place: every alternative ends where it stops to fit, without a second try.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\f]+|\\\r?\n) | (?P<comment>\#[^\r\n]*) | (?P<newline>\r\n?|\n) | (?P<triple>[rRbBuUfF]{0,2}(?:\"{3}|'{3}))
    | (?P<quote>[rRbBuUfF]{0,2}["']) | (?P<number>\.?[0-9](?:[eE][+-]|[\w.])*) | (?P<name>[^\W\d]\w*) | (?P<operator>\*\*=?|//=?|->|[-+*/%@&|^:=<>!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_BODIES = {  # the rest of a string in one quote, which ends with its line at the latest
    quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\(?:\r\n|.)[^{quote}\\\r\n]*)*{quote}?", re.DOTALL) for quote in "'\""
}
