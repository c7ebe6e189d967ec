"""The public checks of a course: examples as numbers, in a program that needs NumPy only."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from scratchae.exercises import public_checks, student_file
from scratchae.exercises.exercise import SMALL, SMALL_ODD, Arguments, Exercise, Inputs, Sizes, Task

_EMPTY = 'r"""{}"""'
_ALLOW = "ALLOW: list[str] = []\n"
_ALLOWED = re.compile(r"^ALLOW: list\[str\] = (\[.*\])[ \t]*\r?$", re.MULTILINE)
_FUTURE = "from __future__ import annotations\n"
_IMPORT = re.compile(r"^from scratchae\.exercises\.student_file import .*\n", re.MULTILINE)
_FIGURES = 3  # most entries of each argument, so that the examples are readable


def program(exercises: Iterable[Exercise], allow: Sequence[str] = ()) -> str:
    """The source of ``public_checks.py``, including the examples of these exercises, and the program that runs a student's file.

    Parameters
    ----------
    exercises : iterable of Exercise
    allow : sequence of str
        Modules that the teacher allows besides NumPy.

    Returns
    -------
    source : str
    """
    files = [
        f'"{exercise.file}": {{\n'
        + ",\n".join(
            f'"{task.name}": [\n'
            + ",\n".join(json.dumps(case, allow_nan=False) for case in examples(exercise, task))
            + "]"
            for task in exercise.tasks
        )
        + "}"
        for exercise in exercises
    ]
    source = inspect.getsource(public_checks)
    source = source.replace(_ALLOW, _ALLOW.replace("[]", json.dumps(list(allow))))
    source = _IMPORT.sub(
        lambda _: inspect.getsource(student_file).partition(_FUTURE)[2].strip() + "\n\n", source, count=1
    )
    return source.replace(_EMPTY, 'r"""{\n' + ",\n".join(files) + '}"""')


def allowed_by(source: str) -> list[str]:
    """The modules that a ``public_checks.py`` allows.

    Parameters
    ----------
    source : str
        Its text, which may have been edited.
    """
    found = _ALLOWED.search(source)
    try:
        names = json.loads(found[1]) if found else []
    except ValueError:
        names = []
    return [name for name in names if isinstance(name, str)]


def examples(exercise: Exercise, task: Task) -> list[dict[str, Any]]:
    """Examples of a function with small arrays: two ordinary ones, and one of each kind of extremes.

    Parameters
    ----------
    exercise : Exercise
    task : Task

    Returns
    -------
    cases : list of dict
        "what" describes the arguments; "arguments" and "outputs" are by name, as JSON numbers and lists.
    """
    kinds: list[tuple[str, Inputs, Sizes]] = [("", task.inputs, SMALL), ("", task.inputs, SMALL_ODD)]
    kinds += [(f" (with {what})", inputs, SMALL) for what, inputs in task.extremes.items()]
    cases = []
    for i, (what, inputs, sizes) in enumerate(kinds):
        arguments = rounded(inputs(np.random.default_rng([exercise.number, i]), sizes))
        outputs = {name: value.tolist() for name, value in zip(task.outputs, task.answer(arguments), strict=True)}
        plain = {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in arguments.items()}
        cases.append({"what": what, "arguments": plain, "outputs": outputs})
    return cases


def rounded(arguments: Arguments) -> Arguments:
    """The same arguments, rounded to a few digits."""

    def short(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.{_FIGURES}g}")
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return np.array([short(float(entry)) for entry in value.ravel()]).reshape(value.shape)
        return value

    return {name: short(value) for name, value in arguments.items()}
