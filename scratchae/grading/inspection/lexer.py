"""The parts of a file's text: what `tokens` reads, with whole operators, and without spaces and the ends of lines inside brackets.

Names are as Python takes them: the letters of ``ｅｘｅｃ`` are those of ``exec``. The code inside formatted strings is read by `code_in`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from scratchae.grading.submissions.tokens import token_at

# Bytes of a file that are read, and parts; the solutions of all exercises together have about half of both.
LONGEST, MOST_PARTS = 1 << 18, 1 << 16
# Characters of a name beyond ASCII that is normalised, which can take quadratic time; none of the names that are searched for is longer.
LONGEST_FOREIGN = 40
LONG_OPERATORS = {"**", "//", "->", *(f"{first}=" for first in "-+*/%@&|^:=<>!")}


class Lexeme(NamedTuple):
    """A part of a file.

    Parameters
    ----------
    kind : {"name", "number", "operator", "string", "comment", "newline"}
        "newline" ends a logical line.
    text : str
    column : int
        Characters before it in its line.
    """

    kind: str
    text: str
    column: int


def decoded(source: bytes) -> str:
    """The text of a file, of which no more than `LONGEST` bytes are read."""
    return source[:LONGEST].decode("utf-8-sig", "replace")


def parts(text: str) -> Iterator[Lexeme]:
    """The first `MOST_PARTS` parts of a text, which need not be Python. Each character is looked at a fixed number of times.

    Parameters
    ----------
    text : str
    """
    return islice(_parts(text), MOST_PARTS)


def _parts(text: str) -> Iterator[Lexeme]:
    place, depth, line = 0, 0, 0
    while token := token_at(text, place):
        kind, part, column = token.kind, token.text, place - line
        place = token.end
        if kind == "operator":
            if text[place - 1 : place + 1] in LONG_OPERATORS:
                part, place = text[place - 1 : place + 1], place + 1
            depth = max(0, depth + (part in "([{") - (part in ")]}"))
            yield Lexeme(kind, part, column)
        elif kind == "newline":
            line = place
            if depth == 0:
                yield Lexeme(kind, "\n", column)
        elif kind != "space":
            if kind == "string" and "\n" in part:
                line = text.rfind("\n", 0, place) + 1
            if kind == "name" and not part.isascii() and len(part) <= LONGEST_FOREIGN:
                part = unicodedata.normalize("NFKC", part)
            yield Lexeme(kind, part, column)
        elif part[0] == "#":
            yield Lexeme("comment", part, column)


def code_in(string: str) -> Iterator[str]:
    """The code in the braces of a formatted string, as one text for each; nothing for other strings.

    Each character is looked at a fixed number of times. A format after a colon is text again, which may have braces of its own.

    Parameters
    ----------
    string : str
        With its prefix and its quotes.
    """
    head = _FORMATTED.match(string)
    if head is None:
        return
    place = begin = head.end()
    inside = ["text"]  # then "field", "bracket" within its code, and "format" after its colon
    while place < len(string):
        if inside[-1] in ("text", "format"):
            brace = (_BRACES if inside[-1] == "text" else _BRACE).search(string, place)
            if brace is None:
                return
            begin = place = brace.end()
            if brace[0] == "{":
                inside.append("field")
            elif brace[0] == "}" and inside[-1] == "format":
                del inside[-2:]
            continue
        token, its = token_at(string, place), string[place]
        place = token.end if token is not None and its != "#" else place + 1
        if token is None or token.kind != "operator":
            continue
        if its in "([{":
            inside.append("bracket")
        elif its in ")]}" and inside[-1] == "bracket":
            inside.pop()
        elif its in ":}" and inside[-1] == "field":
            yield string[begin : place - 1]
            if its == ":":
                inside.append("format")
            else:
                inside.pop()
    if inside[-1] in ("field", "bracket"):
        yield string[begin:]


_FORMATTED = re.compile(r"""(?:[fFtT][rR]?|[rR][fFtT])(?:"{3}|'{3}|["'])""")
_BRACES, _BRACE = re.compile(r"\{\{|\}\}|[{}]"), re.compile("[{}]")
