"""Search a submission's source for flags for the teacher. Flags are not verdicts, and deliberate obfuscation is not detected.

The source is tokenised and not parsed: tokens are made one at a time, so that deep nesting costs nothing.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from functools import lru_cache

LONGEST = 1 << 18  # bytes that are read
COMPLEX_STEP, MORE_DIGITS = "complex step", "more digits than float64"
OF_GRADIENTS = (COMPLEX_STEP, MORE_DIGITS)  # flags that concern gradients only
COMPLEX = {"complex", "complex64", "complex128", "cdouble", "csingle", "imag", "iscomplex"}
BEFORE_STATEMENTS = (tokenize.ENCODING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
DIGITS = {"longdouble", "longfloat", "float128", "clongdouble", "Decimal", "Fraction"}
EVALUATION = {"eval", "exec", "__import__", "globals"}
MODULES = {"numpy", "math", "typing", "__future__", "collections", "itertools", "functools", "dataclasses", "abc"}


@lru_cache(maxsize=64)  # called for each file, and for each submission
def look(source: bytes) -> tuple[str, ...]:
    """Flags of a file for the teacher.

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
    for kind, text, first in _tokens(source):
        if kind == tokenize.NUMBER and text[-1] in "jJ":
            imaginary = True
        if kind == tokenize.NAME:
            names.add(text)
            if first:
                modules.append(text)
    flags = [COMPLEX_STEP] if imaginary or names & COMPLEX else []
    flags += [MORE_DIGITS] if names & DIGITS else []
    flags += ["evaluates text"] if names & EVALUATION else []
    flags += [f"imports {name[:40]}" for name in dict.fromkeys(modules) if name not in MODULES]
    return tuple(flags[:8])


def _tokens(source: bytes) -> Iterator[tuple[int, str, bool]]:
    """Kind and text of each token, and whether it is the first part of an imported module's name."""
    opening, listing = False, False  # after `import` or `from`; in a list of modules
    begins = True  # only at the start of a statement: `raise … from` and `yield from` import nothing
    try:
        for token in tokenize.tokenize(io.BytesIO(source[:LONGEST]).readline):
            text = token.string
            yield token.type, text, opening and token.type == tokenize.NAME and text != "import"
            if token.type == tokenize.NAME and text in ("import", "from") and not opening:
                opening, listing = begins, begins and text == "import"
            else:
                opening = listing and text == ","
            if token.type == tokenize.NEWLINE:
                listing = False
            if token.type not in (tokenize.NL, tokenize.COMMENT):
                begins = token.type in BEFORE_STATEMENTS or text in (";", ":")
    except (tokenize.TokenError, SyntaxError, ValueError, LookupError):  # the child reports the error
        return
