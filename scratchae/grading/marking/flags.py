"""Search a submission's source for flags for the teacher. Flags are not verdicts, and deliberate obfuscation is not detected.

The source is neither parsed nor tokenised by Python, both of which some texts make arbitrarily expensive, but read once from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

LONGEST = 1 << 18  # bytes that are read
COMPLEX_STEP, MORE_DIGITS = "complex step", "more digits than float64"
OF_GRADIENTS = (COMPLEX_STEP, MORE_DIGITS)  # flags that concern gradients only
COMPLEX = {"complex", "complex64", "complex128", "cdouble", "csingle", "imag", "iscomplex"}
DIGITS = {"longdouble", "longfloat", "float128", "clongdouble", "Decimal", "Fraction"}
EVALUATION = {"eval", "exec", "__import__", "globals"}
MODULES = {"numpy", "math", "typing", "__future__", "collections", "itertools", "functools", "dataclasses", "abc"}


@lru_cache(maxsize=64)  # called for each file, and for each submission
def look(source: bytes) -> tuple[str, ...]:
    """Flags of a file for the teacher, in a time that grows with its size alone.

    Parameters
    ----------
    source : bytes
        Only the first `LONGEST` bytes are read.

    Returns
    -------
    flags : tuple of str
        "complex step": complex numbers, which can give a derivative without a formula. "more digits than float64": with them,
        finite differences are as exact as a formula. "evaluates text": `eval` and the like.
        "imports …": a module that the exercises do not need.
    """
    names, modules, imaginary = set(), [], False
    for kind, text, first in _statements(source):
        if kind == "number" and text[-1] in "jJ":
            imaginary = True
        if kind == "name":
            names.add(text)
            if first:
                modules.append(text)
    flags = [COMPLEX_STEP] if imaginary or names & COMPLEX else []
    flags += [MORE_DIGITS] if names & DIGITS else []
    flags += ["evaluates text"] if names & EVALUATION else []
    flags += [f"imports {name[:40]}" for name in dict.fromkeys(modules) if name not in MODULES]
    return tuple(flags[:8])


def _statements(source: bytes) -> Iterator[tuple[str, str, bool]]:
    """Kind and text of each name and number, and whether it is the first part of an imported module's name."""
    opening, listing = False, False  # after `import` or `from`; in a list of modules
    begins = True  # only at the start of a statement: `raise … from` and `yield from` import nothing
    for kind, text in _tokens(source[:LONGEST].decode("utf-8-sig", "replace")):
        yield kind, text, opening and kind == "name" and text != "import"
        if kind == "name" and text in ("import", "from") and not opening:
            opening, listing = begins, begins and text == "import"
        else:
            opening = listing and text == ","
        if kind == "newline":
            listing = False
        begins = kind == "newline" or text in (";", ":")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of the names, numbers, operators and ends of logical lines of a file; strings, comments and spaces are left out.

    Each character is looked at once, or twice: time is linear in the size of any text, which that of Python's own tokeniser is not.
    """
    place, depth = 0, 0
    while found := _TOKEN.match(text, place):
        kind, token, place = str(found.lastgroup), found[0], found.end()
        if kind == "triple":
            place = _end_of_triple(text, token[-3:], place)
        elif kind == "quote":
            body = _BODIES[token[-1]].match(text, place)
            place = body.end() if body else place  # it always matches
        elif kind == "newline" and depth == 0 or kind in ("name", "number", "operator"):
            depth = max(0, depth + (token in "([{") - (token in ")]}"))
            yield kind, token


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
    r"""(?P<space>[ \t\f]+|\\\r?\n|\#[^\r\n]*) | (?P<newline>\r\n?|\n) | (?P<triple>[rRbBuUfF]{0,2}(?:\"{3}|'{3}))
    | (?P<quote>[rRbBuUfF]{0,2}["']) | (?P<number>\.?[0-9](?:[eE][+-]|[\w.])*) | (?P<name>[^\W\d]\w*) | (?P<operator>.)""",
    re.VERBOSE | re.DOTALL,
)
_BODIES = {  # the rest of a string in one quote, which ends with its line at the latest
    quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\(?:\r\n|.)[^{quote}\\\r\n]*)*{quote}?", re.DOTALL) for quote in "'\""
}
