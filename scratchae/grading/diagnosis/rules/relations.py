"""Relations between an output and the right answer: zero, a factor, transposed. They need only the numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence, alike
from scratchae.grading.diagnosis.factors import common_factor
from scratchae.grading.records import Diagnosis


def zero(evidence: Evidence) -> Diagnosis | None:
    """Outputs that are zero everywhere."""
    if not holds(evidence, lambda case, k: not case.got[k].any()):
        return None
    return Diagnosis("zero", f"{are(evidence)} zero everywhere.")


def argument_returned(evidence: Evidence) -> Diagnosis | None:
    """An output that is one of the arguments, unchanged."""
    for name, value in evidence.planned.calls[0].arguments.items():
        if isinstance(value, np.ndarray) and holds(
            evidence,
            lambda case, k, n=name: alike(case.got[k], case.arguments[n]),  # type: ignore[misc]
        ):
            return Diagnosis("argument returned", f"{are(evidence)} the argument {name}, unchanged.")
    return None


def holds(evidence: Evidence, relation: Callable[[Case, int], bool]) -> bool:
    """True if a relation holds for all wrong outputs in all cases, and there are enough cases."""
    cases = evidence.ordinary
    if not evidence.wrong or len({case.sizes for case in cases}) < ENOUGH:
        return False
    with np.errstate(all="ignore"):
        return all(relation(case, k) for case in cases for k in evidence.wrong)


def are(evidence: Evidence) -> str:
    """The subject and the verb: "dx and dW of dense_backward are"."""
    return f"{evidence.names(evidence.wrong)} of {evidence.function} {'is' if len(evidence.wrong) == 1 else 'are'}"


def factor(evidence: Evidence) -> Diagnosis | None:
    """Outputs that are wrong by a common factor."""
    if not evidence.wrong:
        return None
    found = common_factor(evidence.ordinary, lambda case: [(case.got[k], case.expected[k]) for k in evidence.wrong])
    if found is None:
        return None
    it = "it" if len(evidence.wrong) == 1 else "they"
    upstream = next(iter(evidence.planned.calls[0].arguments))
    if found.words == f"1/{upstream} times" and evidence.function.endswith("_backward"):
        return Diagnosis(
            "upstream", f"{are(evidence)} 1/{upstream} times what {it} should be: the upstream gradient has no effect."
        )
    if found.words == "minus":
        return Diagnosis("factor", f"{are(evidence)} minus what {it} should be: the sign is wrong.")
    message = f"{are(evidence)} {found.told(evidence.function)} what {it} should be."
    over, by = (_summed(evidence, letters) for letters in (found.over, found.by))
    if found.over and not found.by and over:
        return Diagnosis("mean for sum", message + " That is a mean instead of a sum.")
    if found.by and not found.over and by:
        return Diagnosis("mean for sum", message + " That is a sum instead of a mean.")
    return Diagnosis("factor", message)


def _summed(evidence: Evidence, letters: str) -> bool:
    """True if these sizes, each once, are axes of no wrong output, and hence are summed over."""
    return len(set(letters)) == len(letters) > 0 and not any(
        all(getattr(case.sizes, letter) in case.expected[k].shape for case in evidence.ordinary)
        for letter in letters
        for k in evidence.wrong
    )


def transposed(evidence: Evidence) -> Diagnosis | None:
    """Right numbers in wrong places: transposed, reshaped, or in reverse order."""
    if holds(evidence, lambda case, k: any(alike(case.got[k], a) for a in _rearranged(case.expected[k]))):
        return Diagnosis(
            "transposed",
            f"{are(evidence)} right except that the numbers are in other places, as after a reshape instead of a transpose.",
        )
    if holds(evidence, lambda case, k: any(alike(case.got[k], a) for a in _reversed(case.expected[k]))):
        return Diagnosis("reversed", f"{are(evidence)} right but in reverse order.")
    return None


def order(evidence: Evidence) -> Diagnosis | None:
    """All outputs are right, but in a different order."""
    wrong = evidence.wrong
    places = [next((j for j in wrong if j != k and _is_other(evidence, k, j)), None) for k in wrong]
    if len(wrong) < 2 or None in places or len(set(places)) < len(wrong):
        return None
    return Diagnosis("swapped", f"{evidence.names(wrong)} of {evidence.function} are right but in a different order.")


def _is_other(evidence: Evidence, k: int, j: int) -> bool:
    return holds(evidence, lambda case, _: alike(case.got[k], case.expected[j]))


def square_transposed(evidence: Evidence) -> Diagnosis | None:
    """Transposed if all sizes are equal, and no answer otherwise."""
    squares = evidence.cases("probe: square")
    for k, name in enumerate(evidence.outputs):
        if len(squares) >= ENOUGH and all(
            case.clear(k) == "wrong" and case.got[k].ndim == 2 and alike(case.got[k], case.expected[k].T)
            for case in squares
        ):
            return Diagnosis("transposed", f"{name} of {evidence.function} is transposed.")
    return None


def _rearranged(a: Array) -> list[Array]:
    if a.ndim < 2 or 1 in a.shape:
        return []
    return [a.swapaxes(-1, -2).reshape(a.shape), a.reshape(a.shape[::-1]).T]


def _reversed(a: Array) -> list[Array]:
    return [np.flip(a, axis) for axis in range(a.ndim) if a.shape[axis] > 1]
