"""A lexer for Python that takes linear time for any text: names, numbers, strings, operators, and ends of lines.

Python's own tokeniser takes quadratic time for some texts, and a parser can take any time, so neither reads a submission.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Token(NamedTuple):
    """A token.

    Parameters
    ----------
    kind : {"space", "newline", "string", "number", "name", "operator"}
        Comments and continued lines are spaces; an operator is one character.
    text : str
    end : int
        The place after it.
    closed : bool
        False for a triple-quoted string without its end.
    """

    kind: str
    text: str
    end: int
    closed: bool = True


def token_at(text: str, place: int) -> Token | None:
    """The token that begins at a place; None at the end of the text.

    Each character is looked at once, or twice.

    Parameters
    ----------
    text : str
    place : int
    """
    found = _TOKEN.match(text, place)
    if found is None:
        return None
    kind, end = str(found.lastgroup), found.end()
    if kind == "triple":
        end, closed = _end_of_triple(text, found[0][-3:], end)
        return Token("string", text[place:end], end, closed)
    if kind == "quote":
        body = _BODIES[found[0][-1]].match(text, end)
        end = body.end() if body else end  # it always matches
        return Token("string", text[place:end], end)
    return Token(kind, found[0], end)


def _end_of_triple(text: str, quotes: str, place: int) -> tuple[int, bool]:
    """The end of a triple-quoted string, after the next three quotes that no backslash escapes; or the end of the text, and False."""
    while (at := text.find(quotes, place)) >= 0:
        before = at
        while before > place and text[before - 1] == "\\":
            before -= 1
        if (at - before) % 2 == 0:
            return at + 3, True
        place = at + 1
    return len(text), False


# What begins at a place: every alternative ends where it stops to fit, without a second try.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\f]+|\\\r?\n|\#[^\r\n]*) | (?P<newline>\r\n?|\n) | (?P<triple>[rRbBuUfFtT]{0,2}(?:\"{3}|'{3}))
    | (?P<quote>[rRbBuUfFtT]{0,2}["']) | (?P<number>\.?[0-9](?:[eE][+-]|[\w.])*) | (?P<name>[^\W\d]\w*) | (?P<operator>.)""",
    re.VERBOSE | re.DOTALL,
)
_BODIES = {  # the rest of a string in one quote, which ends with its line at the latest
    quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\(?:\r\n|.)[^{quote}\\\r\n]*)*{quote}?", re.DOTALL) for quote in "'\""
}
