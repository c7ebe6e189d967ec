"""Recognise the exercises of a file by its name, the head of the handed-out file, or the functions that it defines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Literal

from scratchae.exercises import EXERCISES, Exercise
from scratchae.exercises.handout import GIVEN, given_in, start
from scratchae.exercises.notebook import file_name
from scratchae.exercises.variants import variant_of_file
from scratchae.grading.submissions.containers.file_kinds import is_code, stem

LONGEST_NAME, MOST_FUNCTIONS = 120, 500  # most bytes that are read
# What browsers, systems, notebooks and platforms put around the name of a second copy.
_COPY = re.compile(r"(?:\s*\(\d+\)|[\s_-]+(?:copy|kopie|copie|copia)\d*(?:\s+\d+)?|[-\s]\d+)$")
_COPY_OF = re.compile(r"^(?:copy of|kopie von|copie de|copia de)\s+")
_MOST_COPIES = 4  # of copies
_TODO = "raise NotImplementedError"
_HEAD = re.compile(r'^[rR]?(?:"""|\'\'\')(?P<number>\d\d)\. ', re.MULTILINE)
# Names that a line defines, at any depth: a function, variables (several, or annotated), imports. The running time is linear in the length
# of the line, whatever its content.
_DEFINITIONS = (
    re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE),
    re.compile(r"^((?:[\w, \t]+(?::[^=\n(]*)?=(?!=))+)", re.MULTILINE),
    re.compile(r"^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+([^\n#]+)", re.MULTILINE),
)


def names_of(exercise: Exercise) -> tuple[str, ...]:
    """Accepted names of an exercise's file: the full name, and the name without the number; of a Python file, then of a notebook."""
    return exercise.file, f"{exercise.name}.py", file_name(exercise), f"{exercise.name}.ipynb"


def plain(name: str) -> str:
    """A file's name in lower case, without the marks of a second copy, and with the ending ``.py`` for all kinds of source code.

    The same rule holds for grading and for a student's own check: ``01_Dense (1).PY``, ``01_dense.py.txt``, ``Copy of 01_dense.ipynb``
    and ``01_dense-Copy1.ipynb`` are all ``01_dense.py``.
    """
    if len(name) > LONGEST_NAME or not is_code(name):
        return name
    bare = stem(name).casefold()
    for _ in range(_MOST_COPIES):
        bare = _COPY_OF.sub("", _COPY.sub("", bare))
    return f"{bare}.py"


def is_renamed(name: str, exercise: Exercise) -> bool:
    """True if a plain name is that of an exercise with words after it: ``01_dense_v2.py``, ``dense_final.py``; no test of it.

    Parameters
    ----------
    name : str
        As `plain` makes it.
    exercise : Exercise
    """
    stems = (exercise.file.removesuffix(".py"), exercise.name)
    after = next((name[len(start) :] for start in stems if name.startswith(start)), "")
    words = re.findall(r"[^\W_]+", after.removesuffix(".py"))
    return after[:1] in tuple("_- .(") and bool(words) and not {"test", "tests"} & set(words)


def exercises_in(source: bytes, exercises: Sequence[Exercise]) -> tuple[Exercise, ...]:
    """The exercises of a file, by content: those whose head it contains, and those of which it defines a function.

    Functions given with an exercise do not count. Of two exercises with functions of the same name, only the first can be in one
    file; an exercise whose head is present has priority.

    Parameters
    ----------
    source : bytes
    exercises : sequence of Exercise

    Returns
    -------
    found : tuple of Exercise
        In the order of `exercises`.
    """
    text = _text(source)
    heads = {int(match["number"]) for match in _HEAD.finditer(text)}
    defined = _defined(_own_part(text, tuple(exercises)))
    found: list[Exercise] = []
    taken: set[str] = set()
    for exercise in sorted(exercises, key=lambda e: e.number not in heads):
        names = {task.name for task in exercise.tasks}
        if (exercise.number in heads or names & defined) and not names & taken:
            found.append(exercise)
            taken |= names
    return tuple(exercise for exercise in exercises if exercise in found)


def of_another_variant(source: bytes, exercise: Exercise) -> str:
    """A sentence on a file that defines the functions of the ordinary exercise, or is of another variant; else empty.

    Parameters
    ----------
    source : bytes
    exercise : Exercise
        The exercise that is graded.
    """
    mark = variant_of_file(source)
    graded = f"the variant {exercise.variant}" if exercise.variant else "the ordinary exercise"
    if mark and mark != exercise.variant:
        return f"is of the variant {mark}, and {graded} is graded"
    if not exercise.variant:
        return ""
    wanted = {task.name for task in exercise.tasks}
    ordinary = {task.name for other in EXERCISES if other.name == exercise.name for task in other.tasks} - wanted
    own = functions_in(source)
    found = sorted(ordinary & own)
    return f"defines {found[0]} of the ordinary exercise, and {graded} is graded" if found and not wanted & own else ""


def meant(function: str, source: bytes) -> str:
    """The most similar other function name in a file; empty if none is similar, or if the function is there by its own name."""
    defined = {match[1]: None for match in islice(_DEFINITIONS[0].finditer(_text(source)), MOST_FUNCTIONS)}
    return "" if function in defined else next(iter(difflib.get_close_matches(function, defined, 1, 0.85)), "")


def depth_of(function: str, source: bytes) -> Literal["", "inside", "top"]:
    """Tell whether a file defines a function by `def`, and whether only inside classes or functions, or outside of them.

    Lines are looked at one by one, so the text of a string counts as well.
    """
    head, found = "", False
    for line in _text(source).split("\n"):
        match = _DEFINITIONS[0].match(line) if function in line else None
        if match and match[1] == function:
            found = True
            if not line[0].isspace() or not head.startswith(("class ", "def ", "async def ")):
                return "top"
        if line[:1].isalpha():
            head = line
    return "inside" if found else ""


def functions_in(source: bytes) -> set[str]:
    """The names of the functions that a file defines by `def`; at most 500."""
    return {match[1] for match in islice(_DEFINITIONS[0].finditer(_text(source)), MOST_FUNCTIONS)}


def _text(source: bytes) -> str:
    return source.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _defined(text: str) -> set[str]:
    return {
        name for pattern in _DEFINITIONS for match in pattern.finditer(text) for name in re.findall(r"\w+", match[1])
    }


def _own_part(text: str, exercises: tuple[Exercise, ...]) -> str:
    """Remove the given functions, if they are unchanged below the line that marks them."""
    before, _, after = text.partition(f"\n{GIVEN}\n")
    for given in _all_given(tuple(exercise for exercise in exercises if exercise.variant)):
        after = after.replace(given, "")
    return f"{before}\n{after}"


@cache
def _all_given(variants: tuple[Exercise, ...]) -> tuple[str, ...]:
    """The source of all given functions and constants, also those of variants; the longest first, since one may contain another."""
    texts = {item.text for exercise in (*EXERCISES, *variants) for item in given_in(exercise)}
    return tuple(sorted(texts, key=len, reverse=True))


def code_lines(source: bytes) -> tuple[str, ...]:
    """The lines of a file without comments, empty lines and indentation, to compare two files."""
    lines = (line.strip() for line in _text(source).split("\n"))
    return tuple(line for line in lines if line and not line.startswith("#"))


def is_unwritten(exercise: Exercise, source: bytes) -> bool:
    """True if a file is as it was handed out: with the same code below its head, with no function written, or without code.

    Parameters
    ----------
    exercise : Exercise
    source : bytes
    """
    lines, handed_out = code_lines(source), _handed_out(exercise)
    todo = handed_out.count(_TODO)
    return not lines or _below_head(lines) == handed_out or 0 < todo <= lines.count(_TODO)


@cache
def _handed_out(exercise: Exercise) -> tuple[str, ...]:
    return _below_head(code_lines(start(exercise).encode()))


def _below_head(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines below a docstring at their beginning, sorted: a notebook has a shorter one, and what is given comes first."""
    if not lines or not lines[0].startswith('"""'):
        return tuple(sorted(lines))
    end = next((i for i, line in enumerate(lines) if line.endswith('"""') and (i or len(line) > 5)), -1)
    return tuple(sorted(lines[end + 1 :]))
