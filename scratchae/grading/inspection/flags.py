"""The flags: what each means, where it is seen, and its weight. Flags are hints for the teacher, not verdicts.

Two weights: what "needs a look" is counted and listed in the report of the class; a remark is shown on the student's page for the teacher
only. Whether a flag costs points is the policy's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from scratchae.grading.records import Isolation
from scratchae.grading.sandbox.child.wire import TRIED

Weight = Literal["look", "remark"]
Seen = Literal["answers", "file", "process", "class"]

NUMERICAL, BY_ENTRY = "numerical gradient", "evaluated entry by entry"
FEWER, OVERFLOW = "fewer digits", "overflow"
COMPLEX_STEP, MORE_DIGITS = "complex step", "more digits than float64"
DIFFERENCES, OWN_ARITHMETIC = "finite differences", "own arithmetic"
EVALUATES, INSPECTS, ASKS, IMPORTS = "evaluates text", "inspects the grader", "asks for files", "imports "
ENDLESS = "too long to be read"
SAME, ALIKE, SOLUTION, SHORT = "same code as ", "much like ", "equals the package's solution", "same short code as "


@dataclass(frozen=True)
class Flag:
    """A kind of flag.

    Parameters
    ----------
    name : str
        Its text, or what the text begins with if it ends with a space.
    weight : {"look", "remark"}
        "look": it needs a look. `needs_look` has the two exceptions, which make a remark heavier.
    seen : {"answers", "file", "process", "class"}
        In the numbers, in the text of the file, by the sandbox while the file runs, or in comparison with other files.
    meaning : str
    """

    name: str
    weight: Weight
    seen: Seen
    meaning: str


_OF_GRADIENTS: tuple[tuple[str, Seen, str], ...] = (
    (
        NUMERICAL,
        "answers",
        "right, but to fewer digits than a formula gives: finite differences, float32, or a small constant",
    ),
    (BY_ENTRY, "answers", "in each call, a function of the file runs at least once for each entry of the gradient"),
    (COMPLEX_STEP, "file", "complex numbers, by which a derivative can be computed without a formula"),
    (
        MORE_DIGITS,
        "file",
        "`longdouble`, `Decimal` or the like: with them, finite differences are as exact as a formula",
    ),
    (DIFFERENCES, "file", "a small step is added to something, and something is divided by it"),
    (OWN_ARITHMETIC, "file", "a class with its own addition and multiplication, such as that of dual numbers"),
)
_TRIED = {
    "network tried": "a connection, or the import of a module for connections",
    "process tried": "another program, process or thread",
    "signal tried": "a signal to a process",
    "file tried": "reading or writing a file that is not the interpreter's",
    "native code tried": "`ctypes` or the like",
    "other library tried": "the import of a library that has the solutions, or derives automatically",
    "memory search tried": "a search through the interpreter's objects",
    "system change tried": "a change of a limit or of an open file",
}
FLAGS: tuple[Flag, ...] = (
    *(Flag(name, "remark", seen, meaning) for name, seen, meaning in _OF_GRADIENTS),
    Flag(
        FEWER,
        "remark",
        "answers",
        "right, but with an error between the two tolerances: float32, or a small constant is added",
    ),
    Flag(
        OVERFLOW,
        "remark",
        "answers",
        "right, but it overflows on the way, where the task asks for a form that does not",
    ),
    *(Flag(name, "look", "process", _TRIED.get(name, "something that no exercise needs")) for name in TRIED),
    Flag(EVALUATES, "look", "file", "`eval`, `exec` or the like, by which code can be hidden"),
    Flag(
        INSPECTS,
        "look",
        "file",
        "frames, loaded modules or subclasses, by which the process around the file can be reached",
    ),
    Flag(ENDLESS, "look", "file", "the end of the file was not searched for flags, nor compared with other files"),
    Flag(ASKS, "remark", "file", "`exists`, `stat`, `listdir` or the like"),
    Flag(
        IMPORTS,
        "remark",
        "file",
        "a module that no exercise needs; harmless ones of the standard library are not listed",
    ),
    Flag(
        SAME, "look", "class", "another student's file, or functions of it, with other names, comments or order at most"
    ),
    Flag(ALIKE, "look", "class", "most of the code is that of another student's file, and of few others"),
    Flag(SOLUTION, "look", "class", "the output of `scratchae exercises solution`, or long functions of it"),
    Flag(SHORT, "remark", "class", "equal to another student's file, but so short that many would write the same"),
)
OF_GRADIENTS = tuple(name for name, _, _ in _OF_GRADIENTS)
OF_TESTS = (*OF_GRADIENTS, FEWER, OVERFLOW)  # flags of single tests; the policy can give them a price


def imports(module: str) -> str:
    """The flag of a file that imports this module."""
    return f"{IMPORTS}{module[:40]}"


def needs_look(flag: str, priced: Collection[str], isolation: Isolation) -> bool:
    """True if a flag needs a look; otherwise it is a remark.

    Parameters
    ----------
    flag : str
    priced : collection of str
        Flags that cost points by the policy: the teacher wants to know of them.
    isolation : Isolation
        With bare limits, which do not hide files, questions for files need a look, too.
    """
    if flag in priced or flag == ASKS and isolation == Isolation.LIMITS:
        return True
    kind = kind_of(flag)
    return kind is None or kind.weight == "look"


def kind_of(flag: str) -> Flag | None:
    """The kind of a flag, by its text."""
    return next((kind for kind in FLAGS if flag == kind.name or flag.startswith(_beginning(kind))), None)


def _beginning(kind: Flag) -> str:
    return kind.name if kind.name.endswith(" ") else f"{kind.name}: "


def by_weight(
    flags: Iterable[str], priced: Collection[str], isolation: Isolation
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Flags that need a look, and remarks; each sorted and without repetitions."""
    found = sorted(set(flags))
    heavy = tuple(flag for flag in found if needs_look(flag, priced, isolation))
    return heavy, tuple(flag for flag in found if flag not in heavy)
