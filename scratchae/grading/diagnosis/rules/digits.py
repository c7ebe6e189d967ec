"""Numbers that are right to a few digits only: a small number is added, something is clipped, or the arithmetic is in single precision."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence, in_time, quiet
from scratchae.grading.diagnosis.mistakes.softening import Softened, softened
from scratchae.grading.diagnosis.rules.relations import are
from scratchae.grading.records import Diagnosis
from scratchae.grading.testing.comparison import CLEARLY_RIGHT, FLOOR
from scratchae.grading.testing.plan import EXTREME

# Largest error, relative to the largest entry, for which small numbers are tried: before other mistakes, and after them.
SLIGHT, LARGE = 1e-2, 1.0
STEP = 1e-6  # small number with which the effect of small numbers is measured
LARGEST = 0.1  # largest number that counts as small
AGREEMENT = 1e-3  # of an error with the effect of a small number, relative to the error
ROUNDING = 2e-14  # of an equivalent formula, relative to the largest entry
# Numbers that people choose as bounds.
BOUNDS = (
    *(10.0**-k for k in range(1, 21)),
    5e-8,
    1e-30,
    1e-38,
    1e-45,
    1e-300,
    2.0**-52,
    2.0**-23,
    2.2250738585072014e-308,
)
COARSE = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 1e-3)  # their effect is not nearly proportional to them
SINGLE = (1e-10, 1e-5)  # range of the error of single precision: of the typical entry, and of the worst
MANY = 8  # least number of entries with which a pattern of rounding can be told from others


def small_number(evidence: Evidence) -> Diagnosis | None:
    """A small number is added inside a logarithm or to a denominator, or something is clipped."""
    return _small_number(evidence, CLEARLY_RIGHT, SLIGHT)


def number_not_so_small(evidence: Evidence) -> Diagnosis | None:
    """The same, with a number that changes the first digits."""
    return _small_number(evidence, SLIGHT, LARGE) if evidence.thorough else None


def _small_number(evidence: Evidence, smallest: float, largest: float) -> Diagnosis | None:
    cases = evidence.ordinary
    if not evidence.wrong or len({case.sizes for case in cases}) < ENOUGH:
        return None
    if not smallest < max(_relative(case, k) for case in cases for k in evidence.wrong) <= largest:  # false for NaN
        return None
    with quiet():
        for formula in in_time(softened(evidence.planned.task), evidence.until):
            small = _added(formula, cases, evidence.wrong) if formula.adds else None
            if small is None:
                small = _bound(formula, cases, evidence.wrong, COARSE if formula.adds else BOUNDS)
            if small is not None:
                return Diagnosis("small number", f"{_from_digit(evidence)} what comes out if {_what(formula, small)}.")
    return None


def clipped(evidence: Evidence) -> Diagnosis | None:
    """Right for ordinary arguments; for extreme ones, a small number or a bound decides."""
    role = evidence.planned.roles[evidence.failed]
    if not role.startswith(EXTREME) or not evidence.ordinary:
        return None
    if not all(case.right(k) for case in evidence.ordinary for k in range(len(evidence.outputs))):
        return None
    cases = [case for case in evidence.extreme if case.role == role]
    if not cases or not all(np.isfinite(a).all() for case in cases for a in case.got):
        return None
    every = tuple(range(len(evidence.outputs)))
    with quiet():
        for formula in in_time(softened(evidence.planned.task), evidence.until):
            small = _bound(formula, cases, every)
            if small is not None:
                extreme = role.removeprefix(EXTREME)
                return Diagnosis(
                    "small number",
                    f"{evidence.function} is right for ordinary arguments. For {extreme} it gives what comes out if "
                    f"{_what(formula, small)}.",
                )
    return None


def _from_digit(evidence: Evidence) -> str:
    """The subject, the first wrong digit, and the verb of what follows."""
    worst = max(_relative(case, k) for case in evidence.ordinary for k in evidence.wrong)
    digit = max(1, math.floor(-math.log10(worst)) + 1)
    verb = "is" if len(evidence.wrong) == 1 else "are"
    if digit < 2:
        return are(evidence)
    return f"{are(evidence)} wrong from about the {_ordinal(digit)} digit on and {verb}"


def _ordinal(n: int) -> str:
    return f"{n}{ {2: 'nd', 3: 'rd'}.get(n, 'th') }"


def _what(formula: Softened, small: float) -> str:
    return (
        f"a small number, about {small:.2g}, is {formula.words}" if formula.adds else f"{formula.words} at {small:.2g}"
    )


def _relative(case: Case, k: int) -> float:
    return float(np.abs(case.got[k] - case.expected[k]).max(initial=0.0)) / _scale(case, k)


def _scale(case: Case, k: int) -> float:
    return max(float(np.abs(case.expected[k]).max(initial=0.0)), FLOOR)


def _added(formula: Softened, cases: Sequence[Case], wrong: Sequence[int]) -> float | None:
    """The small number that explains all errors, if there is one."""
    deltas = [case.got[k] - case.expected[k] for case in cases for k in wrong]
    slope = _changes(formula, cases[:1], wrong, STEP)
    if slope is None:
        return None
    some = deltas[: len(wrong)]
    if _misfit(some, slope, _factor(some, slope)) > 0.3:
        return None  # rules out most formulas after one call
    slope = _changes(formula, cases, wrong, STEP)
    if slope is None:
        return None
    small = _factor(deltas, slope) * STEP
    for _ in range(8):  # the effect of a number that is not very small is not proportional to it
        if not 0 < abs(small) < LARGEST:
            return None
        change = _changes(formula, cases, wrong, small)
        if change is None:
            return None
        step = _factor([d - c for d, c in zip(deltas, change, strict=True)], slope) * STEP
        small += step
        if abs(step) < 1e-9 * abs(small):
            break
    change = _changes(formula, cases, wrong, small)
    scales = [_scale(case, k) for case in cases for k in wrong]
    if change is None:
        return None
    largest = max(float(np.abs(d).max(initial=0.0)) / s for d, s in zip(deltas, scales, strict=True))
    allowed = AGREEMENT * largest + ROUNDING
    fits = all((np.abs(d - c) <= allowed * s).all() for d, c, s in zip(deltas, change, scales, strict=True))
    return small if fits else None


def _bound(
    formula: Softened, cases: Sequence[Case], wrong: Sequence[int], numbers: Sequence[float] = ()
) -> float | None:
    """The usual small number with which a formula gives the student's numbers in all cases."""
    for small in numbers or BOUNDS:
        if all(_gives(formula, case, wrong, small) for case in cases):
            return small
    return None


def _gives(formula: Softened, case: Case, wrong: Sequence[int], small: float) -> bool:
    try:
        values = formula.at(case.arguments, small)
        return len(values) == len(case.got) and all(
            bool(
                (np.abs(case.got[k] - values[k]) <= 1e-9 * max(_scale(case, k), float(np.abs(case.got[k]).max()))).all()
            )
            for k in wrong
        )
    except Exception:  # the formula is not possible with these arguments
        return False


def _changes(formula: Softened, cases: Sequence[Case], wrong: Sequence[int], small: float) -> list[Array] | None:
    """The effect of a small number on each output of each case; None if the formula does not give the right answer without it."""
    found = []
    try:
        for case in cases:
            plain, with_it = formula.at(case.arguments, 0.0), formula.at(case.arguments, small)
            for k in wrong:
                if not float(np.abs(plain[k] - case.expected[k]).max(initial=0.0)) <= CLEARLY_RIGHT * _scale(case, k):
                    return None
                found.append(np.asarray(with_it[k]) - plain[k])
    except Exception:  # the formula is not possible with these arguments
        return None
    return found


def _factor(deltas: Sequence[Array], slopes: Sequence[Array]) -> float:
    """The least-squares factor between errors and the effect of a small number."""
    below = sum(float((s * s).sum()) for s in slopes)
    return sum(float((d * s).sum()) for d, s in zip(deltas, slopes, strict=True)) / below if below else 0.0


def _misfit(deltas: Sequence[Array], slopes: Sequence[Array], factor: float) -> float:
    """What remains of the errors, as a share of the largest; infinity if it is no number."""
    largest = max((float(np.abs(d).max(initial=0.0)) for d in deltas), default=0.0)
    rest = max(float(np.abs(d - factor * s).max(initial=0.0)) for d, s in zip(deltas, slopes, strict=True))
    return rest / largest if largest and rest < math.inf else math.inf


def single_precision(evidence: Evidence) -> Diagnosis | None:
    """Numbers with the rounding errors of single precision in nearly every entry."""
    if not evidence.wrong or len(evidence.ordinary) < ENOUGH:
        return None
    got = np.concatenate([case.got[k].ravel() for case in evidence.ordinary for k in evidence.wrong])
    expected = np.concatenate([case.expected[k].ravel() for case in evidence.ordinary for k in evidence.wrong])
    kept = np.abs(expected) > FLOOR
    if kept.sum() < MANY or not np.isfinite(got).all():
        return None
    error = (got - expected)[kept] / expected[kept]
    typical, worst = float(np.median(np.abs(error))), float(np.abs(error).max())
    if not (SINGLE[0] < typical and worst < SINGLE[1]):
        return None
    rounded = bool((got == got.astype(np.float32)).all())
    mixed = 0.2 < float((error > 0).mean()) < 0.8
    if not rounded and not (mixed and float((error != 0).mean()) > 0.9):
        return None
    other = "" if rounded or not evidence.planned.gradients else ", or as a gradient from finite differences is"
    return Diagnosis("digits", f"{_from_digit(evidence)} rounded, as numbers of single precision (float32) are{other}.")
