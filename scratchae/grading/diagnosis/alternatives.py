"""Which known mistake gives these very numbers: the reference with other arguments, or with one edit, possibly times a factor."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.exercises import Task
from scratchae.grading.diagnosis.arguments import changes
from scratchae.grading.diagnosis.edits import edited, outputs
from scratchae.grading.diagnosis.evidence import ENOUGH, Alternative, Array, Case, Evidence, agree, alike
from scratchae.grading.diagnosis.relations import Factor, common_factor, in_proportion
from scratchae.grading.plan import PROBE
from scratchae.grading.records import Diagnosis

# The plainest explanation first; where two give the same numbers, the first of these is told. Behind a colon: where in the formula.
PLAIN = (
    "upstream",
    "mean for sum",
    "power",
    "input for output",
    "transposed",
    "swapped",
    "shifted",
    "missing derivative",
    "missing factor",
    "term",
    "sign:term",
    "first only",
    "axis",
    "missing sum",
    "other function",
    "argument",
    "sign",
    "complement",
    "comparison",
    "swapped:inside",
    "sign:inside",
    "missing function",
    "power:inside",
    "transformed",
    "scaled",
    "centred",
    "normalised",
    "power:argument",
    "first only:argument",
)
BESIDE_A_FACTOR = (  # those that a factor does not turn into another mistake
    "upstream",
    "power:argument",
    "input for output",
    "transposed",
    "missing derivative",
    "first only",
    "first only:argument",
    "axis",
    "other function",
    "argument",
)
VAGUE = ("constant", "inverse", "other array")
SQUARE = ("square", "swapped", "swapped:inside", "other array")
ELEMENTWISE = (ops.sigmoid, ops.tanh, ops.softmax)


@dataclass(frozen=True, eq=False)
class Mistake:
    """A way of computing a wrong answer, and what is then said."""

    rule: str
    words: str
    compute: Alternative
    dropped: bool = False


def plain_mistake(evidence: Evidence) -> Diagnosis | None:
    """The reference with an argument ignored, exchanged or transformed, or with one edit."""
    return _find(evidence, evidence.wrong, evidence.ordinary, PLAIN)


def vague_mistake(evidence: Evidence) -> Diagnosis | None:
    """The reference with one edit of a kind that says little."""
    return _find(evidence, evidence.wrong, evidence.ordinary, VAGUE)


def on_squares(evidence: Evidence) -> Diagnosis | None:
    """The same where all sizes are equal, for a function that gives no answer where they are not."""
    squares = evidence.cases(PROBE + "square")
    if evidence.ordinary or len(squares) < ENOUGH or not all(a.outcome in ("raised", "form") for a in evidence.judged):
        return None
    # Other numbers have to do for other sizes.
    cases = [replace(case, sizes=replace(case.sizes, C=i)) for i, case in enumerate(squares)]
    wrong = [k for k in range(len(evidence.outputs)) if not all(case.right(k) for case in cases)]
    found = _find(evidence, wrong, cases, SQUARE)
    return replace(found, rule="transposed") if found is not None and found.rule == "square" else found


def times_factor(evidence: Evidence) -> Diagnosis | None:
    """One of these, and a factor besides."""
    if not evidence.wrong:
        return None
    k = evidence.wrong[0]
    for mistake in _mistakes(evidence, BESIDE_A_FACTOR):
        first = evidence.first_answer(mistake, evidence.ordinary[0])
        if (
            first is None
            or evidence.ordinary[0].got[k].size < 2
            or not in_proportion(evidence.ordinary[0].got[k], first[k])
        ):
            continue
        factor = _factor(evidence, lambda case, m=mistake: (case.got[k], m.compute(case.arguments)[k]))
        if factor is not None:
            name = f"{evidence.outputs[k]} of {evidence.function}"
            message = f"{name} is {factor.words} what comes out {mistake.words}."
            return Diagnosis(_plainly(mistake.rule), message)
    return None


def scaled_term(evidence: Evidence) -> Diagnosis | None:
    """A sum of which one term is too large or too small by a factor."""
    for k in evidence.wrong:
        for mistake in (m for m in _mistakes(evidence, ("term",)) if m.dropped):
            case = evidence.ordinary[0]
            rest = evidence.first_answer(mistake, case)
            if rest is None or not in_proportion(case.got[k] - rest[k], case.expected[k] - rest[k]):
                continue

            def parts(case: Case, m: Mistake = mistake, k: int = k) -> tuple[Array, Array]:
                without = np.asarray(m.compute(case.arguments)[k])
                return case.got[k] - without, case.expected[k] - without

            factor = _factor(evidence, parts)
            if factor is not None:
                term = mistake.words.removeprefix("if ").removesuffix(" is left out")
                return Diagnosis(
                    "sign" if factor.words == "minus" else "term",
                    f"In {evidence.outputs[k]} of {evidence.function}, {term} is {factor.words} what it should be.",
                )
    return None


def _factor(evidence: Evidence, pair: Any) -> Factor | None:
    try:
        with np.errstate(all="ignore"):
            return common_factor(evidence.ordinary, lambda case: [pair(case)])
    except Exception:  # a mistake that cannot be made with all arguments is none
        return None


def _changed(evidence: Evidence) -> Iterator[Mistake]:
    task, first = evidence.planned.task, evidence.planned.calls[0].arguments
    for change in changes(task, first, evidence.planned.sizes[0].N):
        yield Mistake(change.rule, change.words, lambda given, f=change.change: real(task.reference(**f(given))))  # type: ignore[misc]
    flat = [n for n, v in first.items() if isinstance(v, np.ndarray) and v.ndim == 2]
    rest = [n for n, v in first.items() if isinstance(v, np.ndarray) and n not in flat]
    if flat and not rest and len({first[n].shape for n in flat}) == 1:

        def turned(given: Mapping[str, Any]) -> list[Array]:
            return [a.T for a in real(task.reference(**{**given, **{n: given[n].T for n in flat}}))]

        yield Mistake("axis", "if rows and columns were exchanged", turned)


def _others(task: Task) -> Iterator[Mistake]:
    """Other functions of the same family, with as many arguments."""
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


def _edited(task: Task) -> Iterator[Mistake]:
    for edit in edited(task):
        yield Mistake(edit.rule, f"if {edit.words}", lambda given, e=edit: real(e.function(**given)), edit.dropped)  # type: ignore[misc]


def real(value: Any) -> tuple[Array, ...]:
    """What a function returned, as real arrays. Numbers that are truly complex become NaN."""
    arrays = [np.asarray(v) for v in outputs(value)]
    return tuple(_real(a) if a.dtype.kind == "c" else a for a in arrays)


def _real(a: Array) -> Array:
    size = np.abs(a.real).max(initial=0.0)
    return np.where(np.abs(a.imag) <= 1e-12 * size, a.real, np.nan)


def _mistakes(evidence: Evidence, rules: tuple[str, ...]) -> list[Mistake]:
    """All mistakes that these rules stand for, in their order."""
    memory, task = evidence.memory, evidence.planned.task
    if "mistakes" not in memory:
        memory["mistakes"] = [*_changed(evidence), *_others(task), *_edited(task)]
    if rules not in memory:
        rank = {rule: place for place, rule in enumerate(rules)}
        memory[rules] = sorted((m for m in memory["mistakes"] if m.rule in rank), key=lambda m: rank[m.rule])
    found: list[Mistake] = memory[rules]
    return found


def _find(evidence: Evidence, wrong: Sequence[int], cases: Sequence[Case], rules: tuple[str, ...]) -> Diagnosis | None:
    """The first mistake that gives all wrong outputs."""
    if not wrong or not cases:
        return None
    for mistake in _mistakes(evidence, rules):
        first = evidence.first_answer(mistake, cases[0])
        if first is None or not all(alike(cases[0].got[k], first[k]) for k in wrong):
            continue  # most are ruled out here, at a fraction of the cost
        if agree(cases, mistake.compute, wrong):
            verb = "is" if len(wrong) == 1 else "are"
            message = f"{evidence.names(wrong)} of {evidence.function} {verb} what comes out {mistake.words}."
            return Diagnosis(_plainly(mistake.rule), message)
    return None


def _plainly(rule: str) -> str:
    return rule.partition(":")[0]
