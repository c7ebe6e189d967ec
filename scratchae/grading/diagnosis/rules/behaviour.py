"""Mistakes of behaviour: a different answer the second time, an overwritten argument, answers right for some arguments only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchae.exercises import SHAPES
from scratchae.grading.diagnosis.axes import axis
from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence, alike
from scratchae.grading.diagnosis.factors import in_proportion
from scratchae.grading.diagnosis.mistakes.arguments import NOISE
from scratchae.grading.records import Diagnosis
from scratchae.grading.testing.comparison import clearly, error
from scratchae.grading.testing.plan import EXTREME, OTHER, PROBE

EACH_ENTRY, HUGE = "entries of ±", 100  # extreme arguments of functions of each entry, and what counts as extreme there
TELLING = 10  # numbers that a mask can make right by chance: fewer than this


def redrawn(evidence: Evidence) -> Diagnosis | None:
    """A different answer for the same arguments."""
    if evidence.repeats:
        return None
    noise = [n for n in evidence.planned.calls[0].arguments if n in NOISE]
    passed = f" The noise is given as the argument {noise[0]}." if noise else ""
    return Diagnosis(
        "noise redrawn",
        f"{evidence.function} returns a different result for the same arguments the second time: "
        f"it depends on something that is not an argument, such as noise drawn inside or a value kept from an earlier call.{passed}",
    )


def overwritten(evidence: Evidence) -> Diagnosis | None:
    """Right, but an argument was modified."""
    changed = sorted({n for i in evidence.planned.judged for n in evidence.answers[i].changed})
    if not changed or evidence.wrong or not evidence.ordinary or evidence.answer.outcome != "returned":
        return None
    return Diagnosis(
        "overwritten",
        f"{evidence.function} overwrites its argument {', '.join(changed)}. The caller still needs that array.",
    )


def overwrites(evidence: Evidence) -> Diagnosis | None:
    """Wrong, and the only known mistake is that an argument was modified."""
    changed = sorted({n for i in evidence.planned.judged for n in evidence.answers[i].changed})
    if not changed or not evidence.wrong:
        return None
    return Diagnosis(
        "overwritten",
        f"{evidence.names(evidence.wrong)} of {evidence.function} {'is' if len(evidence.wrong) == 1 else 'are'} wrong, "
        f"and the function overwrites its argument {', '.join(changed)}.",
    )


def unstable(evidence: Evidence) -> Diagnosis | None:
    """Right for ordinary arguments, wrong for extreme ones."""
    role = evidence.planned.roles[evidence.failed]
    if (
        not role.startswith(EXTREME)
        or len(evidence.ordinary) < ENOUGH
        or not all(c.all_clear for c in evidence.ordinary)
    ):
        return None
    case = next((c for c in evidence.extreme if c.role == role), None)
    finite = case is not None and all(np.isfinite(a).all() for a in case.got)
    bad = "fails" if case is None else "is wrong" if finite else "is not finite"
    extreme = role.removeprefix(EXTREME)
    if extreme.startswith(EACH_ENTRY):
        extreme = extreme.replace("±", _sign_of_failures([c for c in evidence.extreme if c.role == role]))
    elif "±" in extreme:
        extreme = f"arguments with {extreme}"  # one sign alone may be right, and both in one array wrong
    return Diagnosis("unstable", f"{evidence.function} is right for ordinary arguments, but {bad} for {extreme}.")


def _sign_of_failures(cases: Sequence[Case]) -> str:
    """The sign of the huge entries for which a function of each entry fails: "" or "-", or "±" if it fails for both."""
    signs: set[float] = set()
    for case in cases:
        got, expected = case.got[0], case.expected[0]
        wrong = ~(np.abs(got - expected) <= case.tolerance * np.maximum(np.abs(expected), 1))  # true for NaN
        huge = [v for v in case.arguments.values() if np.shape(v) == got.shape and np.abs(v).min() > HUGE]
        signs |= {float(sign) for v in huge for sign in np.sign(v[wrong])}
    return "" if signs == {1.0} else "-" if signs == {-1.0} else "±"


def one_row(evidence: Evidence) -> Diagnosis | None:
    """Right for a single example, wrong for several."""
    single, many = evidence.cases(PROBE + "one row"), [case for case in evidence.ordinary if case.sizes.N > 1]
    if not evidence.wrong or len(single) < ENOUGH or not all(case.all_clear for case in single):
        return None
    if not all(case.clear(k) == "wrong" for case in many for k in evidence.wrong):
        return None
    names, are = evidence.names(evidence.wrong), "is" if len(evidence.wrong) == 1 else "are"
    return Diagnosis(
        "one row", f"{names} of {evidence.function} {are} right for a single example (N = 1), but wrong for several."
    )


def several_rows(evidence: Evidence) -> Diagnosis | None:
    """Right for several examples, wrong for a single one."""
    many, single = ([case for case in evidence.ordinary if (case.sizes.N > 1) == several] for several in (True, False))
    if evidence.planned.kind != "one row" or len(many) < ENOUGH or not all(case.all_clear for case in many):
        return None
    if not evidence.wrong or not all(case.clear(k) == "wrong" for case in single for k in evidence.wrong):
        return None
    for letter in "DHJLC":  # the number of draws may be the cause, if it is the same in all right answers
        good, bad = ({getattr(case.sizes, letter) for case in cases} for cases in (many, single))
        if len(good) == 1 and not good & bad and any(good & {*np.shape(v)} for v in many[0].arguments.values()):
            return None
    return Diagnosis("one row", f"{evidence.function} is right for several examples, but not for a single one (N = 1).")


def one_size(evidence: Evidence) -> Diagnosis | None:
    """Right for some sizes, wrong by a factor for others: a size is hard-coded."""
    if not evidence.decided:
        return None
    right = {case.sizes for case in evidence.ordinary if case.all_clear}
    wrong = {case.sizes for case in evidence.ordinary if not case.all_clear}
    seen = sum(case.got[k].size for case in evidence.ordinary if case.all_clear for k in evidence.wrong)
    if len(right) + len(wrong) < len(SHAPES) or seen < TELLING:
        return None
    proportional = all(in_proportion(c.got[k], c.expected[k]) for c in evidence.ordinary for k in evidence.wrong)
    found = []
    for letter, words in ((each, axis(evidence.function, each).plural) for each in evidence.axes):
        good = {getattr(sizes, letter) for sizes in right}
        bad = {getattr(sizes, letter) for sizes in wrong}
        # Of three values, the mean, the median and the middle may agree by accident.
        if len(good) == 1 and len(bad) > 1 and not good & bad and (proportional or min(good) > 3):
            found.append(f"{evidence.function} is right for {good.pop()} {words} only.")
    if not found or not (proportional or (len(found) == 1 and len(right) > 1)):
        return None  # without a factor, no other size may explain the difference
    return Diagnosis("one size", found[0])


def insensitive(evidence: Evidence) -> Diagnosis | None:
    """An output that does not change with an argument on which it should depend."""
    first = evidence.ordinary[0] if evidence.ordinary else None
    if first is None or not evidence.wrong:
        return None
    for name in first.arguments:
        cases = [case for case in evidence.cases(OTHER + name) if case.role == OTHER + name]
        for k in evidence.wrong:
            if cases and _stays(k, name, first, cases):
                own = evidence.function.endswith("_backward") and name == next(iter(first.arguments))
                says = f"{evidence.outputs[k]} of {evidence.function} does not depend on {name}, but it should."
                return Diagnosis("upstream" if own else "argument", says)
    return None


def _stays(k: int, name: str, first: Case, cases: Sequence[Case]) -> bool:
    """True if an output is the same for several values of an argument, but should differ for several of them."""
    # Counted or rounded outputs may stay the same.
    counted = any(_whole(first.got[k] * times) for times in (1, first.sizes.N))
    same = all(case.sizes == first.sizes and alike(case.got[k], first.got[k]) for case in cases)
    others = sum(clearly(error(case.expected[k], first.expected[k])) == "wrong" for case in cases)
    counts = any(_same_counts(case.arguments[name], first.arguments[name]) for case in cases)
    return same and others >= min(2, len(cases)) and not counted and not counts


def _whole(numbers: Array) -> bool:
    return bool(np.isfinite(numbers).all()) and bool(np.abs(numbers - np.round(numbers)).max(initial=0.0) < 1e-9)


def _same_counts(a: Array, b: Array) -> bool:
    """True if two arguments contain the same integers in a different order, so that counts stay the same."""
    one, other = np.asarray(a), np.asarray(b)
    return (
        one.dtype.kind in "iub"
        and one.shape == other.shape
        and bool((np.sort(one, None) == np.sort(other, None)).all())
    )
