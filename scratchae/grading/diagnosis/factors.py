"""Meaningful factors (a sign, a power of two, sizes and their quotients, an argument), and a search for one that fits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from scratchae.exercises import Sizes
from scratchae.grading.diagnosis.axes import AXES, axis
from scratchae.grading.diagnosis.evidence import ENOUGH, EXACT, Array, Case, axes_of


@dataclass(frozen=True)
class Factor:
    """A meaningful factor: a sign, a power of two, a size or a quotient of sizes, an argument.

    Parameters
    ----------
    words : str
        "N times", "half", "minus".
    value : callable
        Function from a case to the factor's value.
    over, by : str
        The letters of the sizes in the denominator and the numerator.
    number : float
        The number beside these sizes.
    """

    words: str
    value: Callable[[Case], float]
    over: str = ""
    by: str = ""
    number: float = 1.0

    def told(self, task: str) -> str:
        """Its words for a task, with the letters of its docstring: "1/N times (N is the number of examples)"."""
        return _words(task, self.by, self.over, self.number) if self.by or self.over else self.words


def common_factor(cases: Sequence[Case], pairs: Callable[[Case], list[tuple[Array, Array]]]) -> Factor | None:
    """The only meaningful factor by which the first array of each pair is a multiple of the second, in all cases.

    Parameters
    ----------
    cases : sequence of Case
        Cases of different, pairwise coprime sizes, which make the factor unique.
    pairs : callable
        Function from a case to pairs of arrays.

    Returns
    -------
    factor : Factor or None
    """
    if len({case.sizes for case in cases}) < ENOUGH:
        return None
    values = []
    for case in cases:
        scale = _scale(pairs(case))
        if scale is None:
            return None
        values.append(scale)
    fits = np.all([_near(case, value) for case, value in zip(cases, values, strict=True)], axis=0)
    if not fits.any():
        return None
    every, axes = [*_of_sizes(), *_of_scalars(_scalars(cases[0]))], axes_of(cases)
    return next((every[i] for i in np.flatnonzero(fits) if {*every[i].over, *every[i].by} <= {*axes}), None)


def has_meaning(case: Case, got: Array, other: Array) -> bool:
    """True if some meaningful factor fits in one case: a cheap check that is seldom true by accident."""
    if got.shape != other.shape:
        return False
    a, b = other.item(0), other.item(-1)
    if abs(got.item(0) * b - got.item(-1) * a) > 1e-6 * (abs(a * b) + abs(got.item(0) * b)):
        return False  # nearly always the case
    scale = _scale([(got, other)])
    return scale is not None and bool(_near(case, scale).any())


def _scalars(case: Case) -> tuple[str, ...]:
    return tuple(n for n, v in case.arguments.items() if isinstance(v, (int, float)) and not isinstance(v, bool))


def _near(case: Case, value: float) -> Array:
    """The factors that have this value in a case."""
    scalars = _scalars(case)
    candidates = np.concatenate([_at_sizes(case.sizes), [_value(f, case) for f in _of_scalars(scalars)]])
    return np.asarray(np.abs(candidates - value) <= 1e-7 * abs(value))


@cache
def _at_sizes(sizes: Sizes) -> Array:
    """The values of all factors made of sizes; cached, since the sizes are the same for all students."""
    return np.array([f.value(Case("", sizes, {}, (), (), 0.0)) for f in _of_sizes()])


def _value(candidate: Factor, case: Case) -> float:
    try:
        return candidate.value(case)
    except ZeroDivisionError:
        return float("nan")


def in_proportion(got: Array, other: Array) -> bool:
    """True if one array is a multiple of the other, and both are finite and not zero."""
    return _scale([(got, other)]) is not None


def _scale(pairs: list[tuple[Array, Array]]) -> float | None:
    """The least-squares factor between all pairs of arrays, if its residual is zero."""
    if any(np.shape(a) != np.shape(b) for a, b in pairs):
        return None
    got, other = (np.concatenate([np.ravel(p[i]).astype(np.float64) for p in pairs]) for i in (0, 1))
    largest = np.abs(other).max(initial=0.0)
    if not 0 < largest < np.inf or not 0 < np.abs(got).max(initial=0.0) < np.inf:
        return None
    unit = other / largest
    scale = float(got @ unit / (unit @ unit))
    return scale / largest if np.abs(got - scale * unit).max() <= EXACT * np.abs(got).max() else None


_TWOS = {
    1.0: "",
    -1.0: "minus",
    2.0: "twice",
    0.5: "half",
    -2.0: "minus twice",
    -0.5: "minus half",
    4.0: "4 times",
    0.25: "a quarter of",
}


@cache
def _of_sizes() -> tuple[Factor, ...]:
    """All meaningful factors that are numbers or made of sizes, the simplest first."""
    return tuple(_generate_of_sizes())


@cache
def _of_scalars(scalars: tuple[str, ...]) -> tuple[Factor, ...]:
    """The factors made of a scalar argument."""
    return tuple(_generate_of_scalars(scalars))


def _generate_of_sizes() -> Iterator[Factor]:
    for number, words in _TWOS.items():
        if words:
            yield Factor(words, lambda case, number=number: number)  # type: ignore[misc]
    letters = [(by, over) for by in ("", *AXES) for over in ("", *AXES) if by != over]
    letters += [(a + b, "") for a, b in itertools.combinations_with_replacement(AXES, 2)]
    letters += [("", a + b) for a, b in itertools.combinations_with_replacement(AXES, 2)]
    for by, over in letters:
        for number in _TWOS:
            yield Factor(
                "",
                lambda case, by=by, over=over, number=number: number * _product(case, by) / _product(case, over),  # type: ignore[misc]
                over,
                by,
                number,
            )
    for base, words in ((2.0, "2"), (10.0, "10")):
        yield Factor(
            f"1/ln({words}) times (another base of the logarithm)",
            lambda case, base=base: 1 / math.log(base),  # type: ignore[misc]
        )


def _generate_of_scalars(scalars: tuple[str, ...]) -> Iterator[Factor]:
    for name in scalars:
        for power, by, over in ((1, [name], []), (-1, [], [name]), (2, [f"{name}²"], [])):
            for number in _TWOS:
                yield Factor(
                    f"{_ratio(number, by, over)} times",
                    lambda case, n=name, p=power, c=number: c * float(case.arguments[n]) ** p,  # type: ignore[misc]
                )
    for name in scalars:
        yield Factor(f"(1 - {name}) times", lambda case, n=name: 1 - float(case.arguments[n]))  # type: ignore[misc]
        yield Factor(f"1/(1 - {name}) times", lambda case, n=name: 1 / (1 - float(case.arguments[n])))  # type: ignore[misc]


def _product(case: Case, letters: str) -> float:
    return float(math.prod(getattr(case.sizes, letter) for letter in letters))


def _words(task: str, by: str, over: str, number: float) -> str:
    its = {field: axis(task, field) for field in by + over}
    meaning = "; ".join(f"{each.letter} is {each.number}" for each in its.values())
    letters = [[its[field].letter for field in fields] for fields in (by, over)]
    return f"{_ratio(number, *letters)} times ({meaning})"


def _ratio(number: float, by: Sequence[str], over: Sequence[str]) -> str:
    """Format a fraction of a number and names: "2/J", "minus N/2", "1/(2 N)"."""
    top, bottom = (str(int(n)) if n > 1 else "" for n in (abs(number), 1 / abs(number)))
    above, below = " ".join(filter(None, [top, *by])) or "1", " ".join(filter(None, [bottom, *over]))
    below = f"({below})" if " " in below else below
    return f"{'minus ' if number < 0 else ''}{above}{'/' if below else ''}{below}"
