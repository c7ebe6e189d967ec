"""Find a known mistake that gives the same numbers: the reference with changed arguments, or with one edit, possibly times a factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence, agree, alike, in_time, quiet
from scratchae.grading.diagnosis.factors import Factor, common_factor, has_meaning
from scratchae.grading.diagnosis.mistakes.catalogue import TYPICAL, Mistake, mistakes, untried
from scratchae.grading.diagnosis.names import NAMES
from scratchae.grading.records import Diagnosis
from scratchae.grading.testing.plan import PROBE

# The plainest explanation first; if two give the same numbers, the first is reported. After a colon: the place in the formula.
PLAIN = (
    *(name + TYPICAL for name in NAMES),
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
    "swapped:argument",
    "term:argument",
    "axis:argument",
    "other array:argument",
    "complement:inside",
    "scaled:inside",
    "extra factor",
)
BESIDE_A_FACTOR = (  # rules whose meaning a factor does not change
    "upstream",
    "power:argument",
    "power:inside",
    "input for output",
    "transposed",
    "missing derivative",
    "first only",
    "first only:argument",
    "axis",
    "other function",
    "argument",
)
VAGUE = ("sign:constant", "constant", "inverse", "other array")
SIGNS = ("sign", "sign:term", "sign:inside")  # a simple slip before more complex mistakes
FAR = (*SIGNS, *(rule for rule in (*PLAIN, *VAGUE) if rule not in SIGNS))
SQUARE = ("square", "swapped", "swapped:inside", "other array")


def plain_mistake(evidence: Evidence) -> Diagnosis | None:
    """The reference with an argument ignored, exchanged or transformed, or with one edit."""
    return _find(evidence, evidence.wrong, evidence.ordinary, PLAIN)


def vague_mistake(evidence: Evidence) -> Diagnosis | None:
    """The reference with one edit of an unspecific kind."""
    return _find(evidence, evidence.wrong, evidence.ordinary, VAGUE)


def farther_mistake(evidence: Evidence) -> Diagnosis | None:
    """An edit of an equivalent function, or an insertion, that changes exactly the wrong outputs."""
    if not evidence.thorough:
        return None
    return _find(evidence, evidence.wrong, evidence.ordinary, FAR, far=True)


def on_squares(evidence: Evidence) -> Diagnosis | None:
    """The same with equal sizes, for a function that gives no answer with unequal sizes."""
    squares = evidence.cases(PROBE + "square")
    if evidence.ordinary or len(squares) < ENOUGH or not all(a.outcome in ("raised", "form") for a in evidence.judged):
        return None
    # Several calls replace different sizes.
    cases = [replace(case, sizes=replace(case.sizes, C=i)) for i, case in enumerate(squares)]
    wrong = [k for k in range(len(evidence.outputs)) if not all(case.clear(k) == "right" for case in cases)]
    found = _find(evidence, wrong, cases, SQUARE)
    if found is None:
        return None
    rule = "transposed" if found.rule == "square" else found.rule
    return Diagnosis(rule, f"{evidence.function} fails if sizes differ. If all are equal: {found.message}")


def times_factor(evidence: Evidence) -> Diagnosis | None:
    """One of these mistakes, times a factor."""
    if not evidence.wrong or not evidence.ordinary:
        return None
    k, case = evidence.wrong[0], evidence.ordinary[0]
    for mistake, first in _candidates(evidence, [k], case, BESIDE_A_FACTOR):
        if not has_meaning(case, case.got[k], first[k]) or alike(case.expected[k], first[k]):
            continue
        factor = _factor(evidence, lambda case, m=mistake: (case.got[k], m.compute(case.arguments)[k]))
        if factor is not None:
            name = f"{evidence.outputs[k]} of {evidence.function}"
            message = f"{name} is {factor.told(evidence.function)} what comes out {mistake.words}."
            return Diagnosis(_plainly(mistake.rule), message)
    return None


def scaled_term(evidence: Evidence) -> Diagnosis | None:
    """A sum in which one term is wrong by a factor."""
    for k in evidence.wrong:
        case = evidence.ordinary[0]
        for mistake, rest in _candidates(evidence, [k], case, ("term", "term:number")):
            if not mistake.dropped or rest[k].shape != case.got[k].shape or alike(case.expected[k], rest[k]):
                continue
            if not has_meaning(case, case.got[k] - rest[k], case.expected[k] - rest[k]):
                continue

            def parts(case: Case, m: Mistake = mistake, k: int = k) -> tuple[Array, Array]:
                without = np.asarray(m.compute(case.arguments)[k])
                return case.got[k] - without, case.expected[k] - without

            factor = _factor(evidence, parts)
            if factor is not None:
                term = mistake.words.removeprefix("if ").removesuffix(" left out")  # "one of its terms is"
                it = "they" if term.endswith(" are") else "it"
                return Diagnosis(
                    "sign" if factor.words == "minus" else "term",
                    f"In {evidence.outputs[k]} of {evidence.function}, {term} {factor.told(evidence.function)} what {it} should be.",
                )
    return None


def _factor(evidence: Evidence, pair: Any) -> Factor | None:
    try:
        with quiet():
            return common_factor(evidence.ordinary, lambda case: [pair(case)])
    except Exception:  # the mistake has to be possible with all arguments
        return None


def _candidates(
    evidence: Evidence, wrong: Sequence[int], case: Case, rules: tuple[str, ...], far: bool = False
) -> Iterator[tuple[Mistake, Sequence[Array]]]:
    """Mistakes that change these outputs, each with its answer in a case."""
    task, arguments = evidence.planned.task, evidence.planned.calls[0].arguments
    looked_at, all_wrong = set(wrong), set(evidence.all_wrong)
    with quiet():
        if not evidence.thorough:
            for mistake in untried(task, arguments, rules):
                first = evidence.first_answer(mistake, case)
                if first is not None:
                    yield mistake, first
            return
        for mistake in in_time(mistakes(task, arguments, rules, far=far, until=evidence.until), evidence.until):
            if looked_at <= mistake.changes and (mistake.changes <= all_wrong or not far):
                first = evidence.first_answer(mistake, case)
                if first is not None:
                    yield mistake, first


def _find(
    evidence: Evidence, wrong: Sequence[int], cases: Sequence[Case], rules: tuple[str, ...], far: bool = False
) -> Diagnosis | None:
    """The first mistake that gives all wrong outputs."""
    if not wrong or not cases:
        return None
    for mistake, first in _candidates(evidence, wrong, cases[0], rules, far):
        if not all(alike(cases[0].got[k], first[k]) for k in wrong):
            continue  # rules out most mistakes at a fraction of the cost
        if agree(cases, mistake.compute, wrong):
            verb = "is" if len(wrong) == 1 else "are"
            message = f"{evidence.names(wrong)} of {evidence.function} {verb} what comes out {mistake.words}."
            return Diagnosis(_plainly(mistake.rule), message)
    return None


def _plainly(rule: str) -> str:
    return rule.partition(":")[0]
