"""Numbers that are right to a few digits only: a small number is added, something is clipped, or the arithmetic is in single precision."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence, in_time, quiet
from scratchae.grading.diagnosis.mistakes.softening import Softened, softened
from scratchae.grading.diagnosis.rules.relations import are
from scratchae.grading.diagnosis.words import from_digit
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
SINGLE = 1e-4  # largest error of single precision
BOUND = (
    ", or is a bound there"  # extreme arguments do not tell what is added to zero from a bound that zero is raised to
)


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
                small = _bound(formula, cases, evidence.wrong, COARSE if formula.adds or smallest >= SLIGHT else BOUNDS)
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
            numbers = [small for small in BOUNDS if all(_gives(formula, case, every, small) for case in cases)]
            if numbers:
                extreme = role.removeprefix(EXTREME)
                return Diagnosis(
                    "small number",
                    f"{evidence.function} is right for ordinary arguments. For {extreme} it gives what comes out if "
                    f"{_what(formula, numbers[0] if len(numbers) == 1 else None)}{BOUND if formula.adds else ''}.",
                )
    return None


def _from_digit(evidence: Evidence) -> str:
    """The subject, the first wrong digit, and the verb of what follows."""
    worst = max(_relative(case, k) for case in evidence.ordinary for k in evidence.wrong)
    place = from_digit(worst)
    return f"{are(evidence)} wrong{place} and {'is' if len(evidence.wrong) == 1 else 'are'}" if place else are(evidence)


def _what(formula: Softened, small: float | None) -> str:
    """The mistake in words, with the small number, if it is known."""
    if formula.adds:
        return f"a small number{'' if small is None else f', about {small:.2g},'} is {formula.words}"
    return f"{formula.words}{'' if small is None else f' at {small:.2g}'}"


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
    """The remainder of the errors, as a share of the largest; infinity if it is no number."""
    largest = max((float(np.abs(d).max(initial=0.0)) for d in deltas), default=0.0)
    rest = max(float(np.abs(d - factor * s).max(initial=0.0)) for d, s in zip(deltas, slopes, strict=True))
    return rest / largest if largest and rest < math.inf else math.inf


def single_precision(evidence: Evidence) -> Diagnosis | None:
    """Numbers of single precision, or the numbers for arguments in single precision."""
    cases = evidence.ordinary
    if not evidence.wrong or len({case.sizes for case in cases}) < ENOUGH:
        return None
    worst = max(_relative(case, k) for case in cases for k in evidence.wrong)
    if not CLEARLY_RIGHT < worst < SINGLE:
        return None
    if all((case.got[k] == case.got[k].astype(np.float32)).all() for case in cases for k in evidence.wrong):
        return Diagnosis("digits", f"{_from_digit(evidence)} rounded to single precision (float32).")
    floats = [n for n, v in cases[0].arguments.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    for names in (floats, *([name] for name in floats)):
        with quiet():
            if all(_as_with_rounded(evidence, case, names) for case in cases):
                which = "the arguments" if names == floats and len(floats) > 1 else names[0]
                words = f"what comes out if {which} {'were' if which == 'the arguments' else 'was'} rounded"
                return Diagnosis("digits", f"{_from_digit(evidence)} {words} to single precision (float32).")
    return None


def _as_with_rounded(evidence: Evidence, case: Case, names: Sequence[str]) -> bool:
    """True if the errors are those of the reference with some arguments in single precision."""
    rounded = {n: case.arguments[n].astype(np.float32).astype(np.float64) for n in names}
    values = evidence.planned.task.answer({**case.arguments, **rounded})
    return all(
        _relative(case, k) > CLEARLY_RIGHT
        and bool(
            (np.abs(case.got[k] - values[k]) <= (AGREEMENT * _relative(case, k) + ROUNDING) * _scale(case, k)).all()
        )
        for k in evidence.wrong
    )
