"""The table of typical mistakes, filled by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Typical:
    """A typical mistake.

    Parameters
    ----------
    rule : str
    words : str
        Continuation of "is what comes out".
    function : callable
        The wrong function, with the arguments of the task.
    """

    rule: str
    words: str
    function: Callable[..., Any]


TABLE: dict[str, list[Typical]] = {}


def typical(task: str, rule: str, words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function in the table.

    Parameters
    ----------
    task : str
        Name of the task.
    rule : str
        Name of a rule.
    words : str
        Continuation of "is what comes out", such as "if b were added to the weights".

    Returns
    -------
    decorator : callable
        Returns the function unchanged.
    """

    def entered(function: Callable[..., Any]) -> Callable[..., Any]:
        TABLE.setdefault(task, []).append(Typical(rule, words, function))
        return function

    return entered
