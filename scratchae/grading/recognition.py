"""Which exercises a file is for: by its name, by the head that it was handed out with, or by the functions that it defines itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from scratchae.exercises import Exercise
from scratchae.exercises.handout import GIVEN

_COPY = re.compile(
    r"(\s*\(\d+\)|\s*-?\s*copy|-\d+)$"
)  # what browsers, systems and platforms append to the name of a second one
_HEAD = re.compile(r'^"""(?P<number>\d\d)\. ', re.MULTILINE)
_FUNCTION = re.compile(r"^def\s+(\w+)\s*\(|^(\w+)\s*=", re.MULTILINE)


def names_of(exercise: Exercise) -> tuple[str, str]:
    """The names that its file may have: the full one, and the one without the number."""
    return exercise.file, f"{exercise.name}.py"


def plain(name: str) -> str:
    """A file's name without what a second download appends, in small letters."""
    stem, dot, ending = name.casefold().rpartition(".")
    return f"{_COPY.sub('', stem)}{dot}{ending}"


def exercises_in(source: bytes, exercises: Sequence[Exercise]) -> tuple[Exercise, ...]:
    """The exercises that a file is for, whatever its name: those whose head is in it, and those of which it defines a function itself.

    What was handed out with an exercise, as given, counts for none. Of two exercises with functions of one name, only the first can be in one
    file; one whose head is there goes before others.

    Parameters
    ----------
    source : bytes
    exercises : sequence of Exercise

    Returns
    -------
    found : tuple of Exercise
        In their order.
    """
    text = source.decode("utf-8", "replace")
    heads = {int(match["number"]) for match in _HEAD.finditer(text)}
    defined = {name for match in _FUNCTION.finditer(_own_part(text)) for name in match.groups()}
    found: list[Exercise] = []
    taken: set[str] = set()
    for exercise in sorted(exercises, key=lambda e: e.number not in heads):
        names = {task.name for task in exercise.tasks}
        if (exercise.number in heads or names & defined) and not names & taken:
            found.append(exercise)
            taken |= names
    return tuple(exercise for exercise in exercises if exercise in found)


def meant(function: str, source: bytes) -> str:
    """The name of a function in a file that may be meant for this one; empty if there is none like it."""
    defined = {match[1] for match in _FUNCTION.finditer(source.decode("utf-8", "replace")) if match[1]}
    return next(iter(difflib.get_close_matches(function, sorted(defined), 1, 0.85)), "")


def _own_part(text: str) -> str:
    """Without what is given: from the line that says so to the next head, where several files were put into one."""
    kept, given = [], False
    for line in text.splitlines():
        given = line.rstrip() == GIVEN or (given and not _HEAD.match(line))
        if not given:
            kept.append(line)
    return "\n".join(kept)
