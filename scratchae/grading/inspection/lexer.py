"""The parts of a file's text: what `tokens` reads, with whole operators, and without spaces and the ends of lines inside brackets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from scratchae.grading.submissions.tokens import token_at

# Bytes of a file that are read, and parts; the solutions of all exercises together have about half of both.
LONGEST, MOST_PARTS = 1 << 18, 1 << 16
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
            yield Lexeme(kind, part, column)
        elif part[0] == "#":
            yield Lexeme("comment", part, column)
