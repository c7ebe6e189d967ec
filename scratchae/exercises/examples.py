"""The public checks of a course: examples as numbers, in a program that needs NumPy only."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchae.exercises import public_checks
from scratchae.exercises.exercise import SMALL, SMALL_ODD, Arguments, Exercise, Inputs, Sizes, Task

_EMPTY = 'r"""{}"""'
_FIGURES = 3  # most entries of each argument, so that the examples are readable


def program(exercises: Iterable[Exercise]) -> str:
    """The source of ``public_checks.py``, including the examples of these exercises.

    Parameters
    ----------
    exercises : iterable of Exercise

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
    return inspect.getsource(public_checks).replace(_EMPTY, 'r"""{\n' + ",\n".join(files) + '}"""')


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
