"""Equivalent implementations of the exercises, as in textbooks: a mistake in one of these differs from one in the reference.

A function's name is the task, two underscores, and the difference. Each agrees with the reference for ordinary arguments; some
overflow where the reference does not.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from scratchae.grading.diagnosis.mistakes.ways import basics, networks, probabilities, regularised, variational

MODULES = (basics, probabilities, regularised, networks, variational)


def ways(task: str) -> tuple[Callable[..., Any], ...]:
    """All equivalent implementations of a task.

    Parameters
    ----------
    task : str
        Name of the task.

    Returns
    -------
    functions : tuple of callable
    """
    return tuple(
        f
        for module in MODULES
        for name, f in vars(module).items()
        if isinstance(f, FunctionType) and name.startswith(f"_{task}__")
    )
