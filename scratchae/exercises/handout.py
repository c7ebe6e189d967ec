"""The files of an exercise: the starter file and the solution. Both import NumPy only, and not this package."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from scratchae.exercises.bugs import Edit, FindTheBug
from scratchae.exercises.exercise import Exercise, Task
from scratchae.exercises.source import Definition, closure, definition, find

WIDTH = 100
GIVEN = "# Given: what this exercise builds on. There is nothing to write below."
# The text between "Gradient of `f`" and the label of the equation, in the first line of a gradient's docstring.
_FORMULA = re.compile(r"(?<=`)( with respect to [^:(]*)?: .*?(?= \(\w+\.\d)")


def start(exercise: Exercise) -> str:
    """The starter file: stubs, or code with a mistake in it.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    source : str
        It imports NumPy only.
    """
    return with_bug(exercise) if isinstance(exercise, FindTheBug) else stub(exercise)


def stub(exercise: Exercise) -> str:
    """The file that a student fills in: signatures, docstrings and hints, and the functions that the tasks need.

    Public functions that the references call are given with all their dependencies, unless they are tasks themselves. Private
    helpers of a reference are not given: they are part of the task.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    source : str
        It imports NumPy only; every task raises NotImplementedError.
    """
    parts = [_title(exercise, "Fill in the functions below."), *(_stub_of(task) for task in exercise.tasks)]
    given = [item.text for item in given_in(exercise)]
    return _file([*parts, *([GIVEN] if given else []), *given])


def with_bug(exercise: FindTheBug) -> str:
    """The references' own source with the exercise's mistake in it, and the functions that they need.

    Parameters
    ----------
    exercise : FindTheBug

    Returns
    -------
    source : str

    Raises
    ------
    LookupError
        If a fragment that the mistake replaces does not occur exactly once in its function.
    """
    given = given_in(exercise)
    names = {item.name for item in given}
    own = [item for item in closure(definition(task.reference) for task in exercise.tasks) if item.name not in names]
    parts = [_title(exercise, "This code has one mistake. Find it and repair it.")]
    parts += [edited(item, exercise.edits) for item in own]
    return _file([*parts, *([GIVEN] if given else []), *(item.text for item in given)])


def edited(item: Definition, edits: Iterable[Edit]) -> str:
    """The source of a function with its edits applied; formulas of gradients are removed from its docstring."""
    text = item.text
    for edit in edits:
        if edit.function != item.name:
            continue
        if text.count(edit.old) != 1:
            raise LookupError(
                f"{edit.old!r} occurs {text.count(edit.old)} times in {item.name}, and has to occur once; "
                "adapt the exercise to the source."
            )
        text = text.replace(edit.old, edit.new)
    return _without_formula(item.name, text)


def solution(exercise: Exercise) -> str:
    """The solution: the references' own source, and all their dependencies.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    source : str
        It imports NumPy only, and runs without this package.
    """
    everything = closure(definition(task.reference) for task in exercise.tasks)
    return _file([_title(exercise, "The solution."), *(item.text for item in everything)])


def given_in(exercise: Exercise) -> list[Definition]:
    """The functions given in an exercise: the public functions that its tasks call, and all their dependencies.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    given : list of Definition
    """
    names = {task.name for task in exercise.tasks}
    own = [definition(task.reference) for task in exercise.tasks]
    public: dict[str, Definition] = {}
    private: set[str] = set()
    while own:
        item = own.pop(0)
        for name in sorted(item.needs - names - private):
            needed = find(item.module, name)
            if name.startswith("_"):
                private.add(name)
                own.append(needed)
            else:
                public[name] = needed
    return closure(public.values(), names)


def given_away(exercise: Exercise) -> set[str]:
    """Names of the functions that the starter file contains in full, beside its own tasks.

    Parameters
    ----------
    exercise : Exercise
    """
    return {item.name for item in given_in(exercise) if item.head}


def _stub_of(task: Task) -> str:
    lines = _without_formula(task.name, definition(task.reference).head).splitlines()
    for hint in task.hints:
        lines += textwrap.wrap(hint, WIDTH, initial_indent="    # Hint: ", subsequent_indent="    #       ")
    return "\n".join([*lines, "    raise NotImplementedError"])


def _without_formula(name: str, text: str) -> str:
    """Remove the formula from a gradient's docstring, since students have to derive it."""
    if not name.endswith("_backward"):
        return text
    return "\n".join(
        _FORMULA.sub(r"\1", line) if line.lstrip().startswith('"""') else line for line in text.splitlines()
    )


def _title(exercise: Exercise, what: str) -> str:
    pages = ", ".join(f"docs/derivations/{page}.md" for page in exercise.pages)
    mark = f" Variant {exercise.variant}." if exercise.variant else ""  # read by `variants.variant_of_file`
    paragraphs = (
        f"{exercise.number:02d}. {exercise.title}{'' if exercise.title.endswith('?') else '.'}{mark}",
        exercise.about,
        f"{what} Points: {exercise.points:g}. Derivation: {pages} of scratchae.",
        *_of_variant(exercise),
    )
    text = "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs)
    return f'"""{text}\n"""\n\nimport numpy as np\n\nArray = np.ndarray'


def _of_variant(exercise: Exercise) -> Iterator[str]:
    """A paragraph on what differs in a variant."""
    if exercise.variant:
        constants = [item.name for item in given_in(exercise) if not item.head and not item.name.startswith("_")]
        end = f" {' and '.join(constants)}: see the end of this file." if constants else ""
        yield f"In this variant, names and formulas may differ from those of the derivation.{end}"


def _file(parts: list[str]) -> str:
    return "\n\n\n".join(parts) + "\n"
