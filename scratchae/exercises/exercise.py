"""An exercise: tasks, each a function to write, whose stub, reference and arguments come from the package's own source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arguments = dict[
    str, Any
]  # by name, in the order of the signature; arrays (float64 or int64), whole numbers, floats, strings


@dataclass(frozen=True)
class Sizes:
    """The lengths of all axes, pairwise coprime where possible, so that a wrong factor or axis always shows.

    Parameters
    ----------
    N : int
        Examples.
    D : int
        Features.
    H : int
        Units.
    J : int
        Latent variables.
    L : int
        Draws.
    C : int
        Classes.
    """

    N: int = 5
    D: int = 7
    H: int = 3
    J: int = 2
    L: int = 11
    C: int = 13


SHAPES = (Sizes(), Sizes(2, 3, 11, 5, 7, 13), Sizes(7, 2, 5, 3, 11, 13), Sizes(11, 5, 2, 7, 3, 13))
ONE_ROW = Sizes(1, 5, 2, 3, 7, 11)
SMALL = Sizes(2, 3, 2, 2, 2, 3)  # for a readable example
SMALL_ODD = Sizes(3, 4, 2, 1, 2, 4)  # another one, in which N and L differ

Inputs = Callable[[np.random.Generator, Sizes], Arguments]


@dataclass(frozen=True, eq=False)  # compared by identity, so that it is hashable
class Task:
    """One function to write.

    Parameters
    ----------
    reference : callable
        The package's own function: an op or a worked function. The task has its name, signature, docstring and source.
    outputs : tuple of str
        Names of the returned arrays, in order.
    inputs : callable
        Function from a generator and sizes to ordinary float64 arguments with values of about 1, so that gradients are about 1 too.
    extremes : mapping of str to callable
        Arguments of the same form that overflow a naive formula, by description ("logits of ±3,000").
    hints : tuple of str
        Hints in the stub beside the docstring; never the formula.
    points : float
    copies : bool
        Whether the outputs must not share memory with the arguments.
    """

    reference: Callable[..., Any]
    outputs: tuple[str, ...]
    inputs: Inputs
    extremes: Mapping[str, Inputs] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    points: float = 1.0
    copies: bool = False

    @property
    def name(self) -> str:
        """Name of the function."""
        return str(self.reference.__name__)

    def answer(self, arguments: Arguments) -> tuple[Array, ...]:
        """The reference's outputs, as float64 arrays (integers as int64)."""
        value = self.reference(**arguments)
        values = value if isinstance(value, tuple) else (value,)
        arrays = tuple(np.asarray(v) for v in values)
        return tuple(a.astype(np.int64 if a.dtype.kind in "iub" else np.float64) for a in arrays)


@dataclass(frozen=True)
class Exercise:
    """A group of tasks: one file of a submission.

    Parameters
    ----------
    number : int
        Position in the order of the derivations.
    name : str
        Name of its file, without the number.
    title : str
    about : str
        A paragraph for the head of the stub: the topic and the question.
    pages : tuple of str
        Derivation pages, by name.
    tasks : tuple of Task
    variant : str
        Fingerprint of the variant that was drawn from a text; empty for the ordinary exercise.
    """

    number: int
    name: str
    title: str
    about: str
    pages: tuple[str, ...]
    tasks: tuple[Task, ...]
    variant: str = ""

    @property
    def file(self) -> str:
        """The name of its file, such as ``01_dense.py``."""
        return f"{self.number:02d}_{self.name}.py"

    @property
    def points(self) -> float:
        """Points of all tasks together."""
        return float(sum(task.points for task in self.tasks))
