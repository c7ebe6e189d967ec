"""Relations between an output and what it should be: zero, a factor, transposed. They need nothing but the numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, EXACT, Array, Case, Evidence, alike
from scratchae.grading.records import Diagnosis

SIZES = {
    "N": "the number of examples",
    "D": "the number of features",
    "H": "the number of units",
    "J": "the number of latent variables",
    "L": "the number of draws",
    "C": "the number of classes",
}


@dataclass(frozen=True)
class Factor:
    """A number that has a meaning: a sign, a power of two, a size or a quotient of sizes, an argument.

    Parameters
    ----------
    words : str
        "N times", "half", "minus".
    value : callable
        Its value in a case.
    over, by : str
        The letters of the sizes in the denominator and the numerator.
    """

    words: str
    value: Callable[[Case], float]
    over: str = ""
    by: str = ""


def zero(evidence: Evidence) -> Diagnosis | None:
    """Outputs that are zero everywhere."""
    if not holds(evidence, lambda case, k: not case.got[k].any()):
        return None
    return Diagnosis("zero", f"{are(evidence)} zero everywhere.")


def argument_returned(evidence: Evidence) -> Diagnosis | None:
    """An output that is one of the arguments as it was given."""
    for name, value in evidence.planned.calls[0].arguments.items():
        if isinstance(value, np.ndarray) and holds(
            evidence,
            lambda case, k, n=name: alike(case.got[k], case.arguments[n]),  # type: ignore[misc]
        ):
            return Diagnosis("argument returned", f"{are(evidence)} the argument {name}, unchanged.")
    return None


def holds(evidence: Evidence, relation: Callable[[Case, int], bool]) -> bool:
    """Whether a relation holds for all wrong outputs in all cases, of which there are enough."""
    cases = evidence.ordinary
    if not evidence.wrong or len({case.sizes for case in cases}) < ENOUGH:
        return False
    with np.errstate(all="ignore"):
        return all(relation(case, k) for case in cases for k in evidence.wrong)


def are(evidence: Evidence) -> str:
    """The subject and the verb: "dx and dW of dense_backward are"."""
    return f"{evidence.names(evidence.wrong)} of {evidence.function} {'is' if len(evidence.wrong) == 1 else 'are'}"


def factor(evidence: Evidence) -> Diagnosis | None:
    """Outputs that are right but for a factor, the same for all that are wrong."""
    if not evidence.wrong:
        return None
    found = common_factor(evidence.ordinary, lambda case: [(case.got[k], case.expected[k]) for k in evidence.wrong])
    if found is None:
        return None
    it = "it" if len(evidence.wrong) == 1 else "they"
    upstream = next(iter(evidence.planned.calls[0].arguments))
    if found.words == f"1/{upstream} times" and evidence.function.endswith("_backward"):
        return Diagnosis(
            "upstream", f"{are(evidence)} 1/{upstream} times what {it} should be: the upstream gradient is not used."
        )
    if found.words == "minus":
        return Diagnosis("factor", f"{are(evidence)} minus what {it} should be: the sign is wrong.")
    message = f"{are(evidence)} {found.words} what {it} should be."
    over, by = (_summed(evidence, letters) for letters in (found.over, found.by))
    if found.over and not found.by and over:
        return Diagnosis("mean for sum", message + " That is a mean where a sum is wanted.")
    if found.by and not found.over and by:
        return Diagnosis("mean for sum", message + " That is a sum where a mean is wanted.")
    return Diagnosis("factor", message)


def _summed(evidence: Evidence, letters: str) -> bool:
    """Whether these sizes are axes of no wrong output, hence are summed over."""
    return bool(letters) and not any(
        all(getattr(case.sizes, letter) in case.expected[k].shape for case in evidence.ordinary)
        for letter in letters
        for k in evidence.wrong
    )


def common_factor(cases: Sequence[Case], pairs: Callable[[Case], list[tuple[Array, Array]]]) -> Factor | None:
    """The one factor with a meaning that takes each second array to the first, in all cases.

    Parameters
    ----------
    cases : sequence of Case
        Of different sizes, pairwise coprime: that is what makes the factor's meaning unique.
    pairs : callable
        From a case to pairs of arrays.

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
    scalars = [n for n, v in cases[0].arguments.items() if isinstance(v, (int, float)) and not isinstance(v, bool)]
    for candidate in _factors(tuple(scalars)):
        if all(_near(candidate, case, value) for case, value in zip(cases, values, strict=True)):
            return candidate
    return None


def _near(candidate: Factor, case: Case, value: float) -> bool:
    try:
        return abs(candidate.value(case) - value) <= 1e-7 * abs(value)
    except ZeroDivisionError:
        return False


def in_proportion(got: Array, other: Array) -> bool:
    """Whether the one is a multiple of the other, and neither is zero or not finite."""
    return _scale([(got, other)]) is not None


def _scale(pairs: list[tuple[Array, Array]]) -> float | None:
    """The least-squares factor between all arrays at once, if it leaves nothing."""
    if any(np.shape(a) != np.shape(b) for a, b in pairs):
        return None
    got, other = (np.concatenate([np.ravel(p[i]).astype(np.float64) for p in pairs]) for i in (0, 1))
    largest = np.abs(other).max(initial=0.0)
    if not 0 < largest < np.inf or not 0 < np.abs(got).max(initial=0.0) < np.inf:
        return None
    unit = other / largest
    scale = float(got @ unit / (unit @ unit))
    return scale / largest if np.abs(got - scale * unit).max() <= EXACT * np.abs(got).max() else None


@cache
def _factors(scalars: tuple[str, ...]) -> tuple[Factor, ...]:
    """All factors with a meaning, the simplest first."""
    return tuple(_generate(scalars))


def _generate(scalars: tuple[str, ...]) -> Iterator[Factor]:
    twos = {
        1.0: "",
        -1.0: "minus",
        2.0: "twice",
        0.5: "half",
        -2.0: "minus twice",
        -0.5: "minus half",
        4.0: "4 times",
        0.25: "a quarter of",
    }
    for number, words in twos.items():
        if words:
            yield Factor(words, lambda case, number=number: number)  # type: ignore[misc]
    letters = [(by, over) for by in ("", *SIZES) for over in ("", *SIZES) if by != over]
    letters += [(a + b, "") for a, b in itertools.combinations_with_replacement(SIZES, 2)]
    letters += [("", a + b) for a, b in itertools.combinations_with_replacement(SIZES, 2)]
    for by, over in letters:
        for number, words in twos.items():
            yield Factor(
                _words(by, over, words),
                lambda case, by=by, over=over, number=number: number * _product(case, by) / _product(case, over),  # type: ignore[misc]
                over,
                by,
            )
    for name in scalars:
        for power, text in ((1, f"{name} times"), (-1, f"1/{name} times"), (2, f"{name} squared times")):
            for number, words in twos.items():
                yield Factor(
                    f"{words} {text}".strip(),
                    lambda case, n=name, p=power, c=number: c * float(case.arguments[n]) ** p,  # type: ignore[misc]
                )
    for name in scalars:
        yield Factor(f"(1 - {name}) times", lambda case, n=name: 1 - float(case.arguments[n]))  # type: ignore[misc]
        yield Factor(f"1/(1 - {name}) times", lambda case, n=name: 1 / (1 - float(case.arguments[n])))  # type: ignore[misc]
    for base, words in ((2.0, "2"), (10.0, "10")):
        yield Factor(
            f"1/ln({words}) times (another base of the logarithm)",
            lambda case, base=base: 1 / float(np.log(base)),  # type: ignore[misc]
        )


def _product(case: Case, letters: str) -> float:
    return float(np.prod([getattr(case.sizes, letter) for letter in letters])) if letters else 1.0


def _words(by: str, over: str, number: str) -> str:
    size = " ".join(by) or "1"
    size = f"{size}/({' '.join(over)})" if len(over) > 1 else f"{size}/{over}" if over else size
    meaning = "; ".join(f"{letter} is {SIZES[letter]}" for letter in dict.fromkeys(by + over))
    return f"{number} {size} times ({meaning})".strip()


def transposed(evidence: Evidence) -> Diagnosis | None:
    """Right numbers in wrong places: transposed, reshaped, or in reverse order."""
    if holds(evidence, lambda case, k: any(alike(case.got[k], a) for a in _rearranged(case.expected[k]))):
        return Diagnosis(
            "transposed",
            f"{are(evidence)} right but for the places of the numbers, as after a reshape in place of a transpose.",
        )
    if holds(evidence, lambda case, k: any(alike(case.got[k], a) for a in _reversed(case.expected[k]))):
        return Diagnosis("reversed", f"{are(evidence)} right but in reverse order.")
    return None


def order(evidence: Evidence) -> Diagnosis | None:
    """Outputs that are all there, in another order."""
    wrong = evidence.wrong
    places = [next((j for j in wrong if j != k and _is_other(evidence, k, j)), None) for k in wrong]
    if len(wrong) < 2 or None in places or len(set(places)) < len(wrong):
        return None
    return Diagnosis(
        "swapped", f"{evidence.names(wrong)} of {evidence.function} are right but stand in each other's places."
    )


def _is_other(evidence: Evidence, k: int, j: int) -> bool:
    return holds(evidence, lambda case, _: alike(case.got[k], case.expected[j]))


def square_transposed(evidence: Evidence) -> Diagnosis | None:
    """Transposed where all sizes are equal, and no answer where they are not."""
    squares = evidence.cases("probe: square")
    for k, name in enumerate(evidence.outputs):
        if len(squares) >= ENOUGH and all(
            not case.right(k) and case.got[k].ndim == 2 and alike(case.got[k], case.expected[k].T) for case in squares
        ):
            return Diagnosis("transposed", f"{name} of {evidence.function} is transposed.")
    return None


def _rearranged(a: Array) -> list[Array]:
    if a.ndim < 2 or 1 in a.shape:
        return []
    return [a.swapaxes(-1, -2).reshape(a.shape), a.reshape(a.shape[::-1]).T]


def _reversed(a: Array) -> list[Array]:
    return [np.flip(a, axis) for axis in range(a.ndim) if a.shape[axis] > 1]
