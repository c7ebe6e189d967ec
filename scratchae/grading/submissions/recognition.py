"""Which exercises a file is for: by its name, by the head that it was handed out with, or by the functions that it defines itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice

from scratchae.exercises import EXERCISES, Exercise
from scratchae.exercises.handout import GIVEN, given_in

LONGEST_NAME, MOST_FUNCTIONS = 120, 500  # that are looked at
# What browsers, systems and platforms append to the name of a second one.
_COPY = re.compile(r"(\s*\(\d+\)|\s*-?\s*copy|-\d+)$")
_HEAD = re.compile(r'^[rR]?(?:"""|\'\'\')(?P<number>\d\d)\. ', re.MULTILINE)
# What a line defines, at any depth: a function, variables (several, or with a type), what it imports from elsewhere. No line of anybody's can
# make these take longer than in proportion to its length.
_DEFINITIONS = (
    re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE),
    re.compile(r"^((?:[\w, \t]+(?::[^=\n(]*)?=(?!=))+)", re.MULTILINE),
    re.compile(r"^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+([^\n#]+)", re.MULTILINE),
)


def names_of(exercise: Exercise) -> tuple[str, str]:
    """The names that its file may have: the full one, and the one without the number."""
    return exercise.file, f"{exercise.name}.py"


def plain(name: str) -> str:
    """A file's name without what a second download appends, in small letters."""
    if len(name) > LONGEST_NAME:
        return name
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
    text = _text(source)
    heads = {int(match["number"]) for match in _HEAD.finditer(text)}
    defined = _defined(_own_part(text))
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
    defined = {match[1]: None for match in islice(_DEFINITIONS[0].finditer(_text(source)), MOST_FUNCTIONS)}
    return next(iter(difflib.get_close_matches(function, defined, 1, 0.85)), "")


def _text(source: bytes) -> str:
    return source.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _defined(text: str) -> set[str]:
    return {
        name for pattern in _DEFINITIONS for match in pattern.finditer(text) for name in re.findall(r"\w+", match[1])
    }


def _own_part(text: str) -> str:
    """Without what was handed out as given, as far as it stands there unchanged below the line that says so."""
    before, _, after = text.partition(f"\n{GIVEN}\n")
    for given in _all_given():
        after = after.replace(given, "")
    return f"{before}\n{after}"


@cache
def _all_given() -> tuple[str, ...]:
    """The text of every function and constant that any exercise gives; the longest first, since one may be in another."""
    texts = {item.text for exercise in EXERCISES for item in given_in(exercise)}
    return tuple(sorted(texts, key=len, reverse=True))
