"""Variants of the exercises, drawn from a text: other formulas, names, and orders of arguments and outputs.

A variant of an exercise is an exercise: its references are functions of modules made from rewritten source, so that handing out, checking
and grading need not know of variants. The same text draws the same variant on every machine.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import permutations
from types import ModuleType
from typing import TypeVar

from scratchae.exercises import ORDINARY
from scratchae.exercises.alternatives.catalogue import Alternative, alternatives
from scratchae.exercises.bugs import Edit, FindTheBug
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Task
from scratchae.exercises.in_memory import module_of
from scratchae.exercises.rewriting import (
    DocstringEntry,
    Order,
    can_return_in_any_order,
    entries,
    in_prose,
    renamed,
    reordered,
)
from scratchae.exercises.source import Definition, closure, definition, find
from scratchae.exercises.vocabulary import FUNCTIONS, KEPT_IN, VARIABLES, other_name, parts

T = TypeVar("T")
_HEAD = "from __future__ import annotations\n\nimport numpy as np\n\nArray = np.ndarray\n\n\n"
_MARK = re.compile(rb"\bVariant\s{1,2}([0-9a-f]{4})\.")
_HEAD_OF_FILE = 4000  # bytes in which the mark of a variant is looked for
_FEW = 3  # most entries that may have any order; of more, only data and parameters change places


def fingerprint(text: str) -> str:
    """Four hexadecimal digits that identify a variant in files and reports, without its text.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If the text is empty or not printable.
    """
    return hashlib.sha256(f"scratchae variant {_normal(text)}".encode()).hexdigest()[:4]


def variant_of_file(source: bytes) -> str:
    """The fingerprint at the head of a handed-out file; empty if there is none.

    Parameters
    ----------
    source : bytes
    """
    found = _MARK.search(source[:_HEAD_OF_FILE])
    return found[1].decode() if found else ""


def varied(exercises: Iterable[Exercise], text: str) -> tuple[Exercise, ...]:
    """Variants of exercises; without a text, the exercises themselves.

    Parameters
    ----------
    exercises : iterable of Exercise
        Ordinary ones, as in `EXERCISES`.
    text : str
        Any text; another one draws another variant. Whoever knows it can write the solutions.

    Raises
    ------
    ValueError
        If the text is not printable.
    """
    return tuple(_variant(exercise, _normal(text)) for exercise in exercises) if text else tuple(exercises)


def _normal(text: str) -> str:
    """The text in one form, however it was typed."""
    normal = unicodedata.normalize("NFC", text.strip())
    if not normal or not normal.isprintable():
        raise ValueError("the text of a variant is empty or not printable; give any text, such as a random word")
    return normal


@dataclass(frozen=True)
class _VariantDrawing:
    """All that is drawn from a text. Each draw depends on the text and its own subject only, so that exercises agree with each other."""

    text: str

    def one_of(self, options: Sequence[T], *subject: str) -> T:
        """One of several options."""
        digest = hashlib.sha256(json.dumps(["variant", self.text, *subject]).encode()).digest()
        return options[int.from_bytes(digest, "big") % len(options)]

    @cached_property
    def variables(self) -> dict[str, str]:
        """New names of variables."""
        drawn: dict[str, str] = {}
        for options in VARIABLES:
            drawn |= self.one_of(options, "variables", *options[0])
        return drawn

    def function(self, name: str) -> str:
        """The new name of a function."""
        base, ending = parts(name)
        return self.one_of(FUNCTIONS[base], "function", base) + ending if base in FUNCTIONS else name

    def alternative(self, exercise: str) -> Alternative:
        """The alternative of an ordinary exercise."""
        return self.one_of(alternatives(exercise), "alternative", exercise)

    def order(self, item: Definition) -> Order:
        """The order of a function's arguments and outputs. The upstream gradient stays the first argument."""
        given, returned = entries(item.text, "Parameters"), entries(item.text, "Returns")
        first = given[:1] if item.name.endswith("_backward") else ()
        arguments = self._names(first, given[len(first) :], item.name, "arguments")
        outputs = self._names((), returned, item.name, "outputs") if can_return_in_any_order(item.text) else ()
        return Order(arguments, outputs)

    def _names(
        self, first: tuple[DocstringEntry, ...], rest: tuple[DocstringEntry, ...], function: str, what: str
    ) -> tuple[str, ...]:
        if len(rest) <= _FEW:
            drawn = self.one_of(list(permutations(rest)), "order", what, function)
        else:
            data = next((i for i, entry in enumerate(rest) if entry.names[0].lstrip("d")[:1].isupper()), 0)
            drawn = self.one_of([rest, rest[data:] + rest[:data]], "order", what, function)
        names: list[str] = []
        for entry in (*first, *drawn):
            turn = entry.of_one_shape and self.one_of([False, True], "turn", what, function, *entry.names)
            names += reversed(entry.names) if turn else entry.names
        return tuple(names)


@cache
def _variant(exercise: Exercise, text: str) -> Exercise:
    drawing = _VariantDrawing(text)
    if isinstance(exercise, FindTheBug):
        exercise, constants = _with_bug(exercise, drawing)
    else:
        alternative = drawing.alternative(exercise.name)
        exercise = replace(exercise, tasks=tuple(alternative.tasks.get(task.name, task) for task in exercise.tasks))
        constants = _constants(alternative, exercise.name, drawing)
    rewriting = _Rewriting(exercise, drawing, constants)
    mark = fingerprint(text)
    name = f"scratchae.exercises.variant_{hashlib.sha256(text.encode()).hexdigest()[:16]}.{exercise.name}"
    module = module_of(name, rewriting.source())
    tasks = tuple(rewriting.task(task, module) for task in exercise.tasks)
    made = replace(exercise, about=rewriting.prose(exercise.about), tasks=tasks, variant=mark)
    if isinstance(made, FindTheBug) and isinstance(exercise, FindTheBug):
        return replace(made, edits=rewriting.edits(exercise, module))
    return made


def _constants(alternative: Alternative, exercise: str, drawing: _VariantDrawing) -> dict[str, float]:
    return {name: drawing.one_of(values, "constant", exercise, name) for name, values in alternative.constants.items()}


def _with_bug(exercise: FindTheBug, drawing: _VariantDrawing) -> tuple[FindTheBug, dict[str, float]]:
    """The find-the-bug exercise with the functions of an alternative in which the same mistake can be made, and its constants."""
    names = [task.name for task in exercise.tasks]
    origin = next(e for e in ORDINARY if set(names) <= {task.name for task in e.tasks})
    fitting = [
        alternative
        for alternative in alternatives(origin.name)
        if set(names) <= set(alternative.tasks) and _mistakes(exercise, alternative)
    ]
    own = drawing.alternative(origin.name)
    alternative = own if own in fitting else drawing.one_of(fitting, "alternative", exercise.name)
    ordinary = {task.name: task for task in origin.tasks}
    tasks = []
    for task in exercise.tasks:
        other = alternative.tasks[task.name]
        needed = task.inputs is not ordinary[task.name].inputs  # arguments with which this mistake shows
        inputs = task.inputs if needed else other.inputs
        tasks.append(replace(other, hints=(), points=task.points, inputs=inputs))
    made = replace(exercise, tasks=tuple(tasks), edits=_mistakes(exercise, alternative))
    return made, _constants(alternative, origin.name, drawing)


def _mistakes(exercise: FindTheBug, alternative: Alternative) -> tuple[Edit, ...]:
    """The mistake of an exercise in the functions of an alternative; empty if it cannot be made there."""
    references = {name: task.reference for name, task in alternative.tasks.items()}
    edits = alternative.mistakes.get(exercise.name) or tuple(
        replace(edit, function=references[edit.function].__name__) for edit in exercise.edits
    )
    texts = {function.__name__: definition(function).text for function in references.values()}
    return edits if all(texts[edit.function].count(edit.old) == 1 for edit in edits) else ()


class _Rewriting:
    """The rewritten source of an exercise's references, and what it makes of tasks and mistakes.

    Parameters
    ----------
    exercise : Exercise
        With the references of an alternative.
    drawing : _VariantDrawing
    constants : mapping of str to float
        New values of constants.
    """

    def __init__(self, exercise: Exercise, drawing: _VariantDrawing, constants: Mapping[str, float]) -> None:
        self.drawing, self.constants = drawing, constants
        self.items = items = closure(definition(task.reference) for task in exercise.tasks)
        kept = KEPT_IN.get(exercise.name, frozenset())
        self.names = {name: new for name, new in drawing.variables.items() if name not in kept}
        documented = [item for item in items if item.head and not item.name.startswith("_")]
        self.orders = {item.name: drawing.order(item) for item in documented}

    def variable(self, name: str) -> str:
        """The new name of a variable."""
        return other_name(name, self.names)

    def prose(self, text: str) -> str:
        """A text with the new names."""
        return in_prose(text, self.variable, self.drawing.function)

    def source(self, edits: Iterable[Edit] = ()) -> str:
        """The source of the module, with mistakes in it."""
        texts = []
        for item in self.items:
            text = item.text
            if item.name in self.constants:
                text = re.sub(r"(?<= = )[-\d.]+", repr(self.constants[item.name]), text, count=1)
            for edit in edits:
                text = text.replace(edit.old, edit.new) if edit.function == item.name else text
            texts.append(text)
        return renamed(
            reordered(_HEAD + "\n\n\n".join(texts) + "\n", self.orders), self.variable, self.drawing.function
        )

    def task(self, task: Task, module: ModuleType) -> Task:
        """The task of the variant."""
        order = self.orders[task.name]
        arguments = [self.variable(name) for name in order.arguments]
        place = {name: i for i, name in enumerate(order.outputs)}
        outputs = sorted(task.outputs, key=lambda name: place.get(name, 0))
        return replace(
            task,
            reference=getattr(module, self.drawing.function(task.name)),
            outputs=tuple(self.variable(name) for name in outputs),
            inputs=self._inputs(task.inputs, arguments),
            extremes={what: self._inputs(inputs, arguments) for what, inputs in task.extremes.items()},
            hints=tuple(map(self.prose, task.hints)),
        )

    def _inputs(self, inputs: Inputs, arguments: Sequence[str]) -> Inputs:
        def drawn(*given: object) -> Arguments:
            ordinary = {self.variable(name): value for name, value in inputs(*given).items()}  # type: ignore[arg-type]
            return {name: ordinary[name] for name in arguments}

        return drawn

    def edits(self, exercise: FindTheBug, module: ModuleType) -> tuple[Edit, ...]:
        """The mistakes of a find-the-bug exercise in the rewritten functions, one edit for each function."""
        wrong = module_of(f"{module.__name__}_with_mistake", self.source(exercise.edits))
        names = [self.drawing.function(task.name) for task in exercise.tasks]
        return tuple(Edit(name, find(module.__name__, name).text, find(wrong.__name__, name).text) for name in names)
