"""An entry of the corpus: a wrong solution with the true names of its mistake, or a right one that differs from the reference."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from scratchae.exercises import ORDINARY, Exercise, Task


@dataclass(frozen=True)
class Entry:
    """One solution of one function.

    Parameters
    ----------
    function : str
        Name of a function of the exercises.
    name : str
        Description of the solution, in a few words.
    code : str
        The whole function, or "" for an edit of the reference. It can call the same functions as the reference.
    old, new : str
        A fragment of the reference's body that occurs exactly once, and its replacement.
    expects : tuple of str
        Rules of the diagnosis that are true for this mistake; empty if none is, and for right solutions.
    truth : str
        The sentence with which a good tutor would describe the mistake, by an author who does not know the rules.
    seen : str
        Address of a public question or issue about this mistake, or the kind of place where it was seen.
    """

    function: str
    name: str
    code: str = ""
    old: str = ""
    new: str = ""
    expects: tuple[str, ...] = ()
    truth: str = ""
    seen: str = ""

    @property
    def id(self) -> str:
        """Such as "dense_backward: mean over the batch"."""
        return f"{self.function}: {self.name}"

    @property
    def exercise(self) -> Exercise:
        """The exercise of the function."""
        return _owners()[self.function][0]

    @property
    def task(self) -> Task:
        """The function's task."""
        return _owners()[self.function][1]


def edit(function: str, name: str, expects: str, old: str, new: str) -> Entry:
    """A mistake that is one edit of the reference; `expects` are names of rules, separated by "/"."""
    return Entry(function, name, old=old, new=new, expects=_names(expects))


def wrong(function: str, name: str, expects: str, code: str) -> Entry:
    """A mistake given as a whole function."""
    return Entry(function, name, code=textwrap.dedent(code), expects=_names(expects))


def described(function: str, name: str, truth: str, code: str, seen: str = "", expects: str = "") -> Entry:
    """A mistake given as a whole function, with its description in words; rules may be added later."""
    return Entry(function, name, code=textwrap.dedent(code), expects=_names(expects), truth=truth, seen=seen)


def described_edit(function: str, name: str, truth: str, old: str, new: str, expects: str = "") -> Entry:
    """A mistake that is one edit of the reference, with its description in words; rules may be added later."""
    return Entry(function, name, old=old, new=new, expects=_names(expects), truth=truth)


def right(function: str, name: str, code: str) -> Entry:
    """A right solution, written differently."""
    return Entry(function, name, code=textwrap.dedent(code))


def _names(expects: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in expects.split("/") if name.strip())


def load(entry: Entry) -> Callable[..., Any]:
    """The function of an entry.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    function : callable

    Raises
    ------
    ValueError
        If the fragment does not occur exactly once in the reference's body.
    """
    space = {**entry.task.reference.__globals__, "np": np}  # type: ignore[attr-defined]
    exec(compile(text(entry), f"<{entry.id}>", "exec", dont_inherit=True), space)  # trusted source
    function: Callable[..., Any] = space[entry.function]
    return function


def text(entry: Entry) -> str:
    """The source of an entry's function, without annotations.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    text : str

    Raises
    ------
    ValueError
        If the fragment does not occur exactly once in the reference's body.
    """
    if entry.code:
        return entry.code
    head, body = _parts(entry.task.reference)
    if body.count(entry.old) != 1:
        raise ValueError(
            f"{entry.id}: {entry.old!r} occurs {body.count(entry.old)} times in {entry.function}; give a fragment that occurs once."
        )
    return head + body.replace(entry.old, entry.new)


@cache
def _owners() -> dict[str, tuple[Exercise, Task]]:
    return {task.name: (exercise, task) for exercise in ORDINARY for task in exercise.tasks}


@cache
def _parts(reference: Callable[..., Any]) -> tuple[str, str]:
    """Its source up to the end of the docstring, and what follows; annotations are not evaluated."""
    source = textwrap.dedent(inspect.getsource(reference))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    lines = source.splitlines(keepends=True)
    arguments = ", ".join(a.arg for a in definition.args.args)
    documented = ast.get_docstring(definition) is not None
    end = definition.body[0].end_lineno if documented else definition.body[0].lineno - 1
    return f"def {definition.name}({arguments}):\n", "".join(lines[end:])
