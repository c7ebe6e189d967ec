"""All known mistakes for a task, computed once on fixed arguments, with the outputs they change and their fingerprints."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.exercises import SHAPES, Sizes, Task
from scratchae.grading.diagnosis.evidence import Alternative, Array, alike, in_time, quiet
from scratchae.grading.diagnosis.mistakes import others
from scratchae.grading.diagnosis.mistakes.arguments import changes
from scratchae.grading.diagnosis.mistakes.edits import edited, outputs
from scratchae.grading.diagnosis.mistakes.others import OTHERS
from scratchae.grading.diagnosis.mistakes.typical.of_task import typical_mistakes

ELEMENTWISE = (ops.sigmoid, ops.tanh, ops.softmax)
TRIED = (SHAPES[0], SHAPES[1], Sizes(3, 3, 3, 3, 3, 3))  # the last for mistakes that are possible with equal sizes only
TYPICAL = ":typical"  # ending of the rule of a typical mistake
DIGITS = 8  # two mistakes whose numbers agree to this many digits are reported as the plainer one

_KNOWN: dict[tuple[Any, ...], tuple[Mistake, ...]] = {}
_OF_RULES: dict[tuple[Any, ...], tuple[Mistake, ...]] = {}
_UNTRIED: dict[tuple[Any, ...], tuple[Mistake, ...]] = {}


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong computation, and its message.

    Parameters
    ----------
    rule, words : str
    compute : callable
        Function from arguments to outputs.
    dropped : bool
        True if a term is left out, so that the difference to the right answer is that term.
    far : bool
        True if it is tried only when no plainer mistake fits.
    print : tuple
        Fingerprint: its numbers for fixed arguments. Mistakes with the same fingerprint cannot be distinguished.
    changes : frozenset of int
        The outputs that it makes wrong.
    """

    rule: str
    words: str
    compute: Alternative
    dropped: bool = False
    far: bool = False
    print: tuple[Any, ...] = ()
    changes: frozenset[int] = frozenset()


def mistakes(
    task: Task, arguments: Mapping[str, Any], rules: tuple[str, ...], *, far: bool = False, until: float = math.inf
) -> tuple[Mistake, ...]:
    """The mistakes of some rules, in the order of the rules, one for each fingerprint.

    Parameters
    ----------
    task : Task
    arguments : mapping
        Arguments of any call: their numbers of axes and their types matter.
    rules : tuple of str
    far : bool
        True for the less obvious mistakes, except those that give the numbers of a plain one.
    until : float
        Time of time.monotonic() after which the search is stopped.

    Returns
    -------
    mistakes : tuple of Mistake

    Raises
    ------
    OutOfTimeError
    """
    key = _key(task, arguments)
    asked = (*key, rules, far)
    if asked not in _OF_RULES:
        plainest: dict[Any, Mistake] = {}
        for distance in (False, True) if far else (False,):
            for mistake in _in_order(_known(task, key, distance, until), rules):
                plainest.setdefault((mistake.dropped, *mistake.print), mistake)
        _OF_RULES[asked] = tuple(m for m in plainest.values() if m.far == far)
    return _OF_RULES[asked]


def untried(task: Task, arguments: Mapping[str, Any], rules: tuple[str, ...]) -> list[Mistake]:
    """As `mistakes`, for plain ones, without computing them first: for a single student, that would take longer than it saves.

    Parameters
    ----------
    task : Task
    arguments : mapping
    rules : tuple of str

    Returns
    -------
    mistakes : list of Mistake
    """
    key = _key(task, arguments)
    if key not in _UNTRIED:
        _UNTRIED[key] = tuple(m for m in _every(task, _arguments(task, TRIED[0], key[1]), far=False) if not m.far)
    return _in_order(_UNTRIED[key], rules)


def _key(task: Task, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    return task.reference, tuple((np.ndim(v), v if isinstance(v, str) else type(v)) for v in arguments.values())


def _in_order(known: Sequence[Mistake], rules: tuple[str, ...]) -> list[Mistake]:
    """The mistakes of some rules, in the order of the rules."""
    rank = {rule: 0 if rule.endswith(TYPICAL) else place for place, rule in enumerate(rules)}
    return sorted((m for m in known if m.rule in rank), key=lambda m: rank[m.rule])


def _known(task: Task, key: tuple[Any, ...], far: bool, until: float) -> tuple[Mistake, ...]:
    """All plain or all less obvious mistakes, computed once."""
    asked = (*key, far)
    if asked not in _KNOWN:
        calls = [_arguments(task, sizes, key[1]) for sizes in TRIED]
        every = (m for m in in_time(_every(task, calls[0]), until) if m.far == far)
        _KNOWN[asked] = tuple(_tried(task, calls, every))
    return _KNOWN[asked]


def _every(task: Task, first: Mapping[str, Any], far: bool = True) -> Iterator[Mistake]:
    return chain(_typical(task), _changed(task, first), _others(task), _edited(task, far))


def _tried(task: Task, calls: Sequence[Mapping[str, Any]], every: Iterable[Mistake]) -> Iterator[Mistake]:
    """The mistakes that change an output, with the outputs that they change."""
    with quiet():
        right = [real(task.reference(**call)) for call in calls]
        wanted = [_prints(answer) for answer in right]
        for mistake in every:
            prints: list[tuple[int, ...]] = []
            changes: set[int] = set()
            for call, answer, its in zip(calls, right, wanted, strict=True):
                got = _outcome(mistake, call)
                prints.append(_prints(got))
                if len(got) != len(answer):
                    continue
                unlike = (k for k, (a, b) in enumerate(zip(prints[-1], its, strict=True)) if a != b)
                changes |= {k for k in unlike if not alike(got[k], answer[k])}
                if len(prints) == 2 and prints[0]:
                    break  # the mistake is possible with unequal sizes
            if changes:
                yield replace(mistake, print=tuple(prints), changes=frozenset(changes))


def _arguments(task: Task, sizes: Sizes, kind: tuple[Any, ...]) -> dict[str, Any]:
    """Fixed arguments, the same for all students; `kind` selects noise with or without an axis of draws, and an activation."""
    for seed in count():
        given = task.inputs(np.random.default_rng(seed), sizes)
        if seed > 99 or kind == tuple((np.ndim(v), v if isinstance(v, str) else type(v)) for v in given.values()):
            return given
    raise AssertionError


def _outcome(mistake: Mistake, call: Mapping[str, Any]) -> list[Array]:
    try:
        return [np.asarray(a, np.float64) for a in mistake.compute(call)]
    except Exception:  # the mistake is not possible with these arguments
        return []


def _prints(got: Sequence[Array]) -> tuple[int, ...]:
    return tuple(hash((a.shape, (np.round(a, DIGITS) + 0.0).tobytes())) for a in got)


def _typical(task: Task) -> Iterator[Mistake]:
    for typical in typical_mistakes(task.name):
        compute = lambda given, f=typical.function: real(f(**given))  # noqa: E731
        yield Mistake(typical.rule + TYPICAL, typical.words, compute)


def _changed(task: Task, first: Mapping[str, Any]) -> Iterator[Mistake]:
    for change in changes(task, first, TRIED[0]):
        compute = lambda given, f=change.change: real(task.reference(**f(given)))  # noqa: E731
        yield Mistake(change.rule, change.words, compute, far=change.far)
    for name in (n for n, v in first.items() if isinstance(v, float)):
        without = lambda given, n=name: real(task.reference(**{**given, n: 0.0}))  # noqa: E731
        yield Mistake("term:number", f"if the term with {name} is left out", without, dropped=True)
    flat = [n for n, v in first.items() if isinstance(v, np.ndarray) and v.ndim == 2]
    rest = [n for n, v in first.items() if isinstance(v, np.ndarray) and n not in flat]
    if flat and not rest and len({first[n].shape for n in flat}) == 1:

        def turned(given: Mapping[str, Any]) -> list[Array]:
            return [a.T for a in real(task.reference(**{**given, **{n: given[n].T for n in flat}}))]

        yield Mistake("axis", "if rows and columns were exchanged", turned)


def _others(task: Task) -> Iterator[Mistake]:
    """Other functions of the same family with the same number of arguments."""
    parameters = list(inspect.signature(task.reference).parameters)
    backward = task.name.endswith("_backward")
    family = [f for f in vars(inspect.getmodule(task.reference)).values() if inspect.isfunction(f)]
    for f in dict.fromkeys((*family, *(ELEMENTWISE if len(parameters) == 1 else ()))):
        own = f.__module__ == task.reference.__module__ or f in ELEMENTWISE
        if not own or f is task.reference or f.__name__.startswith("_") or f.__name__.endswith("_backward") != backward:
            continue
        if len(inspect.signature(f).parameters) == len(parameters):
            words = f"of another function, {f.__name__}"
            yield Mistake("other function", words, lambda given, f=f: real(f(*given.values())))  # type: ignore[misc]
    for name in OTHERS.get(task.name, ()):
        taken = next(getattr(place, name) for place in (others, ops, np) if hasattr(place, name))
        compute = lambda given, f=taken: real(f(*given.values()))  # noqa: E731
        yield Mistake("other function", f"of another function: {name.replace('_', ' ')}", compute, far=True)


def _edited(task: Task, far: bool) -> Iterator[Mistake]:
    for edit in edited(task, far=far):
        compute = lambda given, e=edit: real(e.function(**given))  # noqa: E731
        yield Mistake(edit.rule, f"if {edit.words}", compute, edit.dropped, edit.far)


def real(value: Any) -> tuple[Array, ...]:
    """Convert returned values to real arrays. Complex numbers with an imaginary part become NaN."""
    arrays = [np.asarray(v) for v in outputs(value)]
    return tuple(_real(a) if a.dtype.kind == "c" else a for a in arrays)


def _real(a: Array) -> Array:
    size = np.abs(a.real).max(initial=0.0)
    return np.where(np.abs(a.imag) <= 1e-12 * size, a.real, np.nan)
