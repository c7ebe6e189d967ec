"""Search a submission's source for flags for the teacher. Flags are not verdicts, and deliberate obfuscation is not detected.

The source is neither parsed nor tokenised by Python, both of which some texts make arbitrarily expensive, but read once from left to right.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from scratchae.grading.submissions.tokens import token_at

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
    """Kind and text of the names, numbers, operators and ends of logical lines of a file; strings, comments and spaces are left out."""
    place, depth = 0, 0
    while token := token_at(text, place):
        place = token.end
        if token.kind == "newline" and depth == 0 or token.kind in ("name", "number", "operator"):
            depth = max(0, depth + (token.text in "([{") - (token.text in ")]}"))
            yield token.kind, token.text
