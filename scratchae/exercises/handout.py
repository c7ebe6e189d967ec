"""The files of an exercise: what a student begins with, and the solution. Both hold NumPy and nothing of this package."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from scratchae.exercises.bugs import Edit, FindTheBug
from scratchae.exercises.exercise import Exercise, Task
from scratchae.exercises.source import Definition, closure, definition, find

WIDTH = 100
GIVEN = "# Given: what this exercise builds on. There is nothing to write below."
# In the first line of a gradient's docstring, what stands between "Gradient of `f`" and the label of the equation.
_FORMULA = re.compile(r"(?<=`)( with respect to [^:(]*)?: .*?(?= \(\w+\.\d)")


def start(exercise: Exercise) -> str:
    """The file that a student begins with: stubs, or code with a mistake in it.

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
    """The file that a student fills in: signatures, docstrings and hints, and what the tasks build on.

    Public functions that the references call, if they are not tasks themselves, are given with all that they need. Private
    helpers of a reference are not: they belong to what is asked for.

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
    """The references' own source with the exercise's mistake in it, and what they build on.

    Parameters
    ----------
    exercise : FindTheBug

    Returns
    -------
    source : str

    Raises
    ------
    LookupError
        If a fragment that the mistake replaces does not stand in its function exactly once.
    """
    given = given_in(exercise)
    names = {item.name for item in given}
    own = [item for item in closure(definition(task.reference) for task in exercise.tasks) if item.name not in names]
    parts = [_title(exercise, "This code has one mistake. Find it and repair it.")]
    parts += [edited(item, exercise.edits) for item in own]
    return _file([*parts, *([GIVEN] if given else []), *(item.text for item in given)])


def edited(item: Definition, edits: Iterable[Edit]) -> str:
    """The source of a function, with those edits made that belong to it; no formula of a gradient in its docstring."""
    text = item.text
    for edit in edits:
        if edit.function != item.name:
            continue
        if text.count(edit.old) != 1:
            raise LookupError(
                f"{edit.old!r} stands {text.count(edit.old)} times in {item.name}, and has to stand there once; "
                "adapt the exercise to the source."
            )
        text = text.replace(edit.old, edit.new)
    return _without_formula(item.name, text)


def solution(exercise: Exercise) -> str:
    """The solution: the references' own source, and all that they need.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    source : str
        It imports NumPy only, and runs where this package is not installed.
    """
    everything = closure(definition(task.reference) for task in exercise.tasks)
    return _file([_title(exercise, "The solution."), *(item.text for item in everything)])


def given_in(exercise: Exercise) -> list[Definition]:
    """What an exercise gives away: the public functions that its tasks call, and all that they need.

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


def _stub_of(task: Task) -> str:
    lines = _without_formula(task.name, definition(task.reference).head).splitlines()
    for hint in task.hints:
        lines += textwrap.wrap(hint, WIDTH, initial_indent="    # Hint: ", subsequent_indent="    #       ")
    return "\n".join([*lines, "    raise NotImplementedError"])


def _without_formula(name: str, text: str) -> str:
    """A gradient's docstring may say what the gradient is; that is for the student to find out."""
    if not name.endswith("_backward"):
        return text
    return "\n".join(
        _FORMULA.sub(r"\1", line) if line.lstrip().startswith('"""') else line for line in text.splitlines()
    )


def _title(exercise: Exercise, what: str) -> str:
    pages = ", ".join(f"docs/derivations/{page}.md" for page in exercise.pages)
    paragraphs = (
        f"{exercise.number:02d}. {exercise.title}{'' if exercise.title.endswith('?') else '.'}",
        exercise.about,
        f"{what} Points: {exercise.points:g}. Derivation: {pages} of scratchae.",
    )
    text = "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs)
    return f'"""{text}\n"""\n\nimport numpy as np\n\nArray = np.ndarray'


def _file(parts: list[str]) -> str:
    return "\n\n\n".join(parts) + "\n"
