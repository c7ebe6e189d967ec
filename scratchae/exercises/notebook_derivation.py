"""The derivation of an exercise for its notebook: the part of its pages that leads to the forward equations, in Jupyter's form.

The files in ``derivations/`` are copies of the pages in `docs/derivations`, made by `docs/weave.py`. What belongs to a gradient is left
out, as its formula is in the starter file: students derive it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scratchae.exercises.bugs import EXERCISES as BUGS
from scratchae.exercises.bugs import ORDINARY
from scratchae.exercises.exercise import Exercise, Task
from scratchae.exercises.source import definition

PAGES = Path(__file__).parent / "derivations"
_CITED = re.compile(r"\(([a-z]\w*)\.(\d+)((?:, \.\d+)*)\)(?: to \(\w+\.(\d+)\))?")
_TAG = re.compile(r"\s*\\tag\{([^}]*)\}")
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")
_FIGURE = ("![", "<div", "</div>")
_BACKWARD = re.compile(r"\\tag\{([^}]*)\}\n```\n\nImplemented in `\w+_backward`")
_LOSS = re.compile(r"```math\n(\\ell\b|\\ell_k|\\mathrm\{loss)")
_ON_GRADIENTS = re.compile(r"\bgradients?\b|\bderivatives?\b|\bbackward\b", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """A section of a page without what belongs to gradients.

    Parameters
    ----------
    text : str
        Markdown with formulas as Jupyter renders them.
    labels : frozenset of str
        Labels of its equations, such as "dense.1".
    """

    text: str
    labels: frozenset[str]


def sections(exercise: Exercise) -> list[Section]:
    """The sections that lead to the exercise's forward equations, page by page.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    sections : list of Section
        Empty if no function of the exercise, or of the ordinary one with the same functions, has an equation on its pages.
    """
    itself = next(
        e for e in (*ORDINARY, *BUGS) if e.number == exercise.number
    )  # in a variant, functions have other names
    names = {task.name for task in itself.tasks}
    family = [e for e in ORDINARY if names & {task.name for task in e.tasks}]
    wanted = {label for e in family for task in e.tasks if not is_gradient(task) for label in labels(task)}
    if not wanted and any(is_gradient(task) for task in exercise.tasks):
        wanted = {label for page in exercise.pages for label in _labels_of([_page(page)])} & _forward_labels()
    return [section for page in exercise.pages for section in _sections_of(page, wanted)]


def labels(task: Task) -> frozenset[str]:
    """The labels of the equations that a function's docstring cites; "(dense.1) to (dense.3)" and "(dense.1, .2)" stand for all of them."""
    found: set[str] = set()
    for page, first, more, last in _CITED.findall(definition(task.reference).head):
        numbers = {int(first), *(int(number) for number in re.findall(r"\d+", more))}
        numbers |= set(range(int(first), int(last or first) + 1))
        found |= {f"{page}.{number}" for number in numbers}
    return frozenset(found)


def is_gradient(task: Task) -> bool:
    """True for a function that returns gradients."""
    return task.name.endswith(("_backward", "_gradients"))


@cache
def _gradient_labels() -> frozenset[str]:
    """Labels of equations that are part of an answer: those that gradients cite or implement, except for losses."""
    cited = {label for e in ORDINARY for task in e.tasks if is_gradient(task) for label in labels(task)}
    pages = [_page(page) for page in dict.fromkeys(page for e in ORDINARY for page in e.pages)]
    implemented = {tag.replace("\\", "") for page in pages for tag in _BACKWARD.findall(page)}
    losses = {label for page in pages for block in _blocks(page) if _LOSS.match(block) for label in _labels_of([block])}
    return frozenset((cited | implemented) - losses)


@cache
def _forward_labels() -> frozenset[str]:
    return frozenset(label for e in ORDINARY for task in e.tasks if not is_gradient(task) for label in labels(task))


@cache
def _page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def _sections_of(page: str, wanted: Iterable[str]) -> list[Section]:
    """The sections of a page up to its last wanted equation, without what belongs to gradients."""
    parts: list[list[str]] = [[]]
    for block in _blocks(_page(page)):
        if block.startswith("## "):
            parts.append([])
        parts[-1].append(block)
    last = max((i for i, part in enumerate(parts) if set(_labels_of(part)) & set(wanted)), default=-1)
    kept = [_without_gradients(part) for part in parts[: last + 1]]
    return [_section(part) for part in kept if any(not block.startswith("#") for block in part)]


def _without_gradients(part: Sequence[str]) -> list[str]:
    """The blocks of a section up to where it turns to gradients, after its last other equation; of a section on gradients such equations only.

    A section without an equation of its own is left out if it has a part of an answer.
    """
    part = [block for block in part if not block.startswith("Implemented in")]
    places = [i for i, block in enumerate(part) if set(_labels_of([block])) - _gradient_labels()]
    if _ON_GRADIENTS.search(part[0]):
        return [part[i] for i in places]
    if not places:
        return [] if any(map(_is_answer, part)) else part
    if any(set(_labels_of([block])) & _gradient_labels() for block in part[: places[-1]]):
        raise ValueError(f"{part[0]!r} goes back from gradients to other equations; make two sections of it")
    after = range(places[-1] + 1, len(part))
    return part[: next((i for i in after if _is_answer(part[i]) or _ON_GRADIENTS.search(part[i])), len(part))]


def _is_answer(block: str) -> bool:
    """True for a block with a derivative, or with the equation of a gradient."""
    return "\\partial" in block or "_backward" in block or bool(set(_labels_of([block])) & _gradient_labels())


def _labels_of(blocks: Sequence[str]) -> list[str]:
    return [label.replace("\\", "") for block in blocks for label in _TAG.findall(block)]


def _blocks(text: str) -> list[str]:
    """The blocks of a page, which blank lines separate; a fenced block is one. Figures are left out, as their files stay with the pages."""
    blocks: list[str] = []
    for i, piece in enumerate(re.split(r"^(```math\n.*?^```)$", text, flags=re.DOTALL | re.MULTILINE)):
        blocks += [piece] if i % 2 else [block for part in piece.split("\n\n") if (block := part.strip("\n"))]
    return [block for block in blocks if not block.startswith(_FIGURE)]


def _section(blocks: Sequence[str]) -> Section:
    return Section("\n\n".join(map(_as_jupyter, blocks)), frozenset(_labels_of(blocks)))


def _as_jupyter(block: str) -> str:
    """A block with display formulas between double dollars, labels as text below them, and links without their targets.

    A label is not a tag, since renderers differ in what an underscore means there.
    """
    if block.startswith("```math\n"):
        formula, found = _TAG.sub("", block.removeprefix("```math\n").removesuffix("\n```")), _labels_of([block])
        return f"$$\n{formula}\n$$" + (f"\n\n({', '.join(found)})" if found else "")
    return _LINK.sub(r"\1", f"#{block}" if block.startswith("#") else block)
