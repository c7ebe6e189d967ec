"""Search the text of a submission's file for flags. Deliberate obfuscation is not detected.

The text is read once from left to right (`lexer`), never parsed by Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from scratchae.grading.inspection.flags import (
    ASKS,
    COMPLEX_STEP,
    DIFFERENCES,
    ENDLESS,
    EVALUATES,
    INSPECTS,
    MORE_DIGITS,
    OWN_ARITHMETIC,
    imports,
)
from scratchae.grading.inspection.lexer import LONGEST, MOST_PARTS, Lexeme, code_in, decoded, parts

MOST_IMPORTS = 8  # listed
MOST_NESTED = 4  # formatted strings within each other: as many as there are kinds of quotes
COMPLEX = {
    *(
        "complex",
        "complex64",
        "complex128",
        "complex256",
        "cdouble",
        "csingle",
        "clongdouble",
        "imag",
        "iscomplex",
        "iscomplexobj",
    ),
    *("emath", "scimath", "cmath", "roots", "fft", "ifft", "rfft", "eig", "eigvals"),
}
COMPLEX_TYPES = {"complex", "complex64", "complex128", "c8", "c16", "<c8", "<c16", "=c16"}  # in quotes
DIGITS = {"longdouble", "longfloat", "float128", "clongdouble", "Decimal", "Fraction", "mpmath"}
EVALUATION = {"eval", "exec", "__import__", "compile"}
BUILTINS = {"__builtins__", "builtins", "importlib"}
INSPECTION = {
    *(
        "_getframe",
        "_current_frames",
        "currentframe",
        "f_back",
        "f_locals",
        "f_globals",
        "tb_frame",
        "gi_frame",
        "__subclasses__",
    ),
    *(
        "__globals__",
        "__closure__",
        "settrace",
        "setprofile",
        "addaudithook",
        "get_objects",
        "get_referrers",
        "get_referents",
    ),
    "_watching",
}
QUESTIONS = {
    *(
        "exists",
        "lexists",
        "isfile",
        "isdir",
        "stat",
        "lstat",
        "scandir",
        "is_file",
        "is_dir",
        "getsize",
        "listdir",
        "glob",
    ),
    *("rglob", "iterdir"),
}
# Modules of every other header, and those that the sandbox watches itself.
HARMLESS = {
    *(
        "__future__",
        "abc",
        "argparse",
        "array",
        "ast",
        "atexit",
        "bisect",
        "builtins",
        "cmath",
        "collections",
        "colorsys",
        "contextlib",
    ),
    *(
        "copy",
        "csv",
        "ctypes",
        "dataclasses",
        "datetime",
        "decimal",
        "doctest",
        "enum",
        "fractions",
        "functools",
        "gc",
        "getpass",
    ),
    *(
        "glob",
        "hashlib",
        "heapq",
        "importlib",
        "inspect",
        "io",
        "itertools",
        "json",
        "keyword",
        "locale",
        "logging",
        "math",
    ),
    *(
        "multiprocessing",
        "numpy",
        "numbers",
        "operator",
        "os",
        "pathlib",
        "pdb",
        "pickle",
        "platform",
        "pprint",
        "profile",
        "pytest",
    ),
    *(
        "queue",
        "random",
        "re",
        "reprlib",
        "scratchae",
        "secrets",
        "shutil",
        "signal",
        "socket",
        "statistics",
        "string",
        "struct",
    ),
    *(
        "subprocess",
        "sys",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "timeit",
        "torch",
        "traceback",
        "types",
        "typing",
    ),
    *("typing_extensions", "unicodedata", "unittest", "uuid", "warnings", "weakref", "zlib"),
}
SMALL = 0.01  # a number above it is no step


@lru_cache(maxsize=64)  # called for each file, and for each submission
def look(source: bytes) -> tuple[str, ...]:
    """Flags of a file, in a time that grows with its size alone.

    Parameters
    ----------
    source : bytes

    Returns
    -------
    flags : tuple of str
        Texts of `flags.FLAGS` that are seen in a file.
    """
    every = list(islice(_with_code(decoded(source), MOST_NESTED), MOST_PARTS))
    its = [token for token in every if token.kind != "comment"]
    names = {token.text for token in its if token.kind == "name"}
    flags = [COMPLEX_STEP] if names & COMPLEX or _has_complex_numbers(its) else []
    flags += [MORE_DIGITS] if names & DIGITS else []
    flags += [DIFFERENCES] if _divides_by_a_step(its) else []
    flags += [OWN_ARITHMETIC] if {"__add__", "__mul__"} <= _defined(its) else []
    flags += [EVALUATES] if names & BUILTINS or _evaluates(its) else []
    flags += [INSPECTS] if names & INSPECTION or _inspects(its) else []
    flags += [ASKS] if any(a.text == "." and b.text in QUESTIONS for a, b in zip(its, its[1:], strict=False)) else []
    flags += [ENDLESS] if len(source) > LONGEST or len(every) == MOST_PARTS else []
    modules = dict.fromkeys(name for name in _imported(its) if name not in HARMLESS)
    flags += [imports(name) for name in list(modules)[:MOST_IMPORTS]]
    return tuple(flags)


def _with_code(text: str, depth: int) -> Iterator[Lexeme]:
    """The parts of a text; after a formatted string those of the code in it, in brackets."""
    for token in parts(text):
        yield token
        for code in code_in(token.text) if token.kind == "string" and depth else ():
            yield Lexeme("operator", "(", token.column)
            yield from (part for part in _with_code(code, depth - 1) if part.kind != "newline")
            yield Lexeme("operator", ")", token.column)


def _has_complex_numbers(its: Sequence[Lexeme]) -> bool:
    """True for an imaginary number, the name of a complex type in quotes, or a root of a negative number."""
    for i, token in enumerate(its):
        if token.kind == "number" and token.text[-1] in "jJ" and token.text[:2] not in ("0x", "0X"):
            return True
        if token.kind == "string" and len(token.text) < 16 and token.text.strip("rRbBuU\"'") in COMPLEX_TYPES:
            return True
        if token.text == "**" and i >= 4 and [t.text for t in its[i - 4 : i - 2]] == ["(", "-"]:
            power = its[i + 1] if i + 1 < len(its) else token
            if its[i - 1].text == ")" and (power.text == "(" or "." in power.text):
                return True
    return False


def _evaluates(its: Sequence[Lexeme]) -> bool:
    """True if one of Python's own functions that evaluate text is named, and not defined by the file itself."""
    own = _defined(its)
    around = zip([Lexeme("newline", "\n", 0), *its], its, [*its[1:], Lexeme("newline", "\n", 0)], strict=False)
    for before, token, after in around:
        named = token.text in EVALUATION and token.text not in own and before.text != "." and after.text != "="
        if named and (token.text != "compile" or after.text == "("):
            return True
    return False


def _inspects(its: Sequence[Lexeme]) -> bool:
    """True for `sys.modules`, unless it is only asked whether a module is in it; and for the sandbox's own package."""
    texts = [token.text for token in its]
    at = (i for i in range(len(its) - 2) if texts[i] == "sys" and texts[i + 1] == "." and texts[i + 2] == "modules")
    return any(i == 0 or texts[i - 1] != "in" for i in at) or "child" in _imported(its)


def _defined(its: Sequence[Lexeme]) -> set[str]:
    return {name.text for word, name in zip(its, its[1:], strict=False) if word.text == "def"}


def _imported(its: Sequence[Lexeme]) -> Iterator[str]:
    """The first parts of the names of imported modules."""
    opening, listing = False, False  # after `import` or `from`; in a list of modules
    begins = True  # only at the start of a statement: `raise … from` and `yield from` import nothing
    for token in its:
        if opening and token.kind == "name" and token.text != "import":
            yield token.text
        if token.kind == "name" and token.text in ("import", "from") and not opening:
            opening, listing = begins, begins and token.text == "import"
        else:
            opening = listing and token.text == ","
        if token.kind == "newline":
            listing = False
        begins = token.kind == "newline" or token.text in (";", ":")


def _divides_by_a_step(its: Sequence[Lexeme]) -> bool:
    """True if the same step is added, and divided by (or by twice the step); or if entries are moved up and down by it.

    A step is a small number, or a name that is given a number or something made of `finfo`.
    """
    steps, added, divisors, up, down = set[str](), set[str](), set[str](), set[str](), set[str]()
    texts = [*(token.text for token in its), *[""] * 5]
    statement: str | None = None  # the name that the statement assigns
    for i, token in enumerate(its):
        first, second = texts[i + 1], texts[i + 2]
        if token.kind == "newline":
            statement = None
        elif token.kind == "name" and first == "=":
            statement = token.text if statement is None else statement
            if i + 2 < len(its) and its[i + 2].kind == "number" and texts[i + 3] in ("\n", ",", ")", ";", ""):
                steps.add(token.text)
        elif token.text in ("finfo", "spacing") and statement:
            steps.add(statement)
        elif token.kind == "number" and _small(token.text):
            steps.add(token.text)
        elif token.text in ("+", "+="):
            added.add(first)
            up |= {first} if token.text == "+=" and texts[i - 1] == "]" else set()
        elif token.text == "-=" and i and texts[i - 1] == "]":
            down.add(texts[i + 3] if second == "*" else first)
        elif token.text in ("/", "/="):
            inside = texts[i + 2 : i + 6]  # of ( 2 * h )
            twice = first == "(" and inside[1:2] in (["*"], ["+"]) and inside[3:4] == [")"]
            divisors |= {inside[0], inside[2]} if twice else {first}
            divisors |= {texts[i + 3]} if second == "/" else set()
    return bool(steps & added & divisors or _names(steps) & up & down)


def _small(number: str) -> bool:
    try:
        return len(number) < 30 and 0 < float(number) <= SMALL
    except ValueError:
        return False


def _names(steps: set[str]) -> set[str]:
    return {step for step in steps if not step[0].isdigit() and step[0] != "."}
