"""Outputs that are right except for an additional operation: a root, a normalisation, a constant, a factor made of an argument."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, EXACT, Array, Case, Evidence, alike
from scratchae.grading.diagnosis.rules.relations import are, holds
from scratchae.grading.records import Diagnosis

# Additional functions that may have been applied to an output: rule, words, function.
_THROUGH: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("power", "the square root of what it should be", np.sqrt),
    ("power", "the square of what it should be", np.square),
    ("power", "the absolute value of what it should be", np.abs),
    ("power", "one over what it should be", np.reciprocal),
    ("transformed", "the exponential of what it should be", np.exp),
    ("transformed", "the exponential of minus what it should be", lambda a: np.exp(-a)),
    ("transformed", "the logarithm of what it should be", np.log),
    ("transformed", "the sign of what it should be: 1, 0 or -1", np.sign),
    ("transformed", "what it should be, rounded to a whole number", np.round),
    ("transformed", "what it should be, cut off below 0 and above 1", lambda a: np.clip(a, 0, 1)),
    ("complement", "one minus what it should be", lambda a: 1 - a),
    ("normalised", "what it should be, divided by its length", lambda a: a / np.sqrt((a * a).sum())),
    (
        "normalised",
        "what it should be, each row divided by its length",
        lambda a: a / np.sqrt((a * a).sum(-1, keepdims=True)),
    ),
    ("normalised", "what it should be, divided by its sum", lambda a: a / a.sum()),
    ("normalised", "what it should be, divided by its largest entry", lambda a: a / np.abs(a).max()),
    ("centred", "what it should be, minus its mean", lambda a: a - a.mean()),
    ("centred", "what it should be, minus the mean of each row", lambda a: a - a.mean(-1, keepdims=True)),
)
# Additional factors made of an argument.
_EXTRA: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("{a}", lambda a: a),
    ("one over {a}", lambda a: 1 / a),
    ("{a} (1 - {a})", lambda a: a * (1 - a)),
    ("(1 - {a}²)", lambda a: 1 - a * a),
    ("a sigmoid's derivative at {a}", lambda a: 1 / ((1 + np.exp(a)) * (1 + np.exp(-a)))),
    ("a tanh's derivative at {a}", lambda a: 1 - np.tanh(a) ** 2),
    ("the square root of {a}", np.sqrt),
    ("exp({a})", np.exp),
    ("exp({a}/2)", lambda a: np.exp(a / 2)),
    ("exp(-{a})", lambda a: np.exp(-a)),
)


def transformed(evidence: Evidence) -> Diagnosis | None:
    """Right, except for an additional function: a root, a square, an exponential."""
    for rule, words, f in _THROUGH:
        # If all numbers have the same sign, the absolute value is a factor.
        mixed = f is not np.abs or any((c.expected[k] > 0).any() for c in evidence.ordinary for k in evidence.wrong)
        telling = all(case.expected[k].ndim for case in evidence.ordinary for k in evidence.wrong) or rule not in (
            "normalised",
            "centred",
        )
        if not (mixed and telling and _differs(evidence, f)):
            continue
        if holds(evidence, lambda case, k, f=f: alike(case.got[k], f(case.expected[k]))):  # type: ignore[misc]
            return Diagnosis(rule, f"{are(evidence)} {words}.")
    return None


def _differs(evidence: Evidence, f: Callable[[Array], Array]) -> bool:
    """True if a function can be identified by its values: not if they are all equal, such as zero by rounding."""
    with np.errstate(all="ignore"):
        made = [f(case.expected[k]) for case in evidence.ordinary for k in evidence.wrong]
    return any(a.size == 1 or np.ptp(a) > 0 for a in made)


def extra_factor(evidence: Evidence) -> Diagnosis | None:
    """Right, except for an additional factor made of an argument: the argument or a derivative a second time."""
    for name, value in evidence.planned.calls[0].arguments.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            continue
        for words, f in _EXTRA:
            for times, more, multiple in ((1.0, "", ""), (2.0, "twice ", "twice "), (0.5, "half of ", "half ")):
                if holds(
                    evidence,
                    lambda case, k, n=name, f=f, c=times: _times(
                        case.got[k], case.expected[k], c, f(case.arguments[n])
                    ),  # type: ignore[misc]
                ):
                    what = words.format(a=name)
                    return Diagnosis(
                        "extra factor", f"{are(evidence)} what it should be, additionally multiplied by {more}{what}."
                    )
                if "derivative" in words and holds(
                    evidence,
                    lambda case, k, n=name, f=f, c=times: _times(
                        case.got[k], case.expected[k], c, 1 / f(case.arguments[n])
                    ),  # type: ignore[misc]
                ):
                    what = words.format(a=name)
                    message = (
                        f"{are(evidence)} {multiple}what it should be, divided by {what}: that derivative is left out."
                    )
                    return Diagnosis("missing derivative", message)
    return None


def _times(got: Array, expected: Array, number: float, factor: Array) -> bool:
    """True if one array is the other times a number and a factor for each entry or each row."""
    if got.ndim > factor.ndim:
        factor = factor.reshape(factor.shape + (1,) * (got.ndim - factor.ndim))
    try:
        return alike(got, number * expected * factor)
    except ValueError:  # the shapes cannot be broadcast
        return False


def added(evidence: Evidence) -> Diagnosis | None:
    """Right, except for an added multiple of an argument, always the same multiple."""
    cases = evidence.ordinary
    for name, value in evidence.planned.calls[0].arguments.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            continue
        if not holds(evidence, lambda case, k, n=name: _is_multiple(case, k, n)):  # type: ignore[misc]
            continue
        times = [_multiple(case, k, name) for case in cases for k in evidence.wrong]
        if np.ptp(times) <= EXACT * np.abs(times).max():
            return Diagnosis("term", f"{are(evidence)} what it should be, plus {times[0]:.6g} times {name}.")
    return None


def _multiple(case: Case, k: int, name: str) -> float:
    """The ratio of the excess to the argument, at the argument's largest entry."""
    at = int(np.abs(case.arguments[name]).argmax())
    excess: float = (case.got[k] - case.expected[k]).item(at) / case.arguments[name].item(at)
    return excess


def _is_multiple(case: Case, k: int, name: str) -> bool:
    value = case.arguments[name]
    if value.shape != case.expected[k].shape or value.size < 2:
        return False
    return alike(case.got[k], case.expected[k] + _multiple(case, k, name) * value)


def constant(evidence: Evidence) -> Diagnosis | None:
    """Right, except for a constant added everywhere."""
    offsets = [np.ravel(case.got[k] - case.expected[k]) for case in evidence.ordinary for k in evidence.wrong]
    together = np.concatenate(offsets) if offsets else np.full(1, np.nan)
    enough = len({case.sizes for case in evidence.ordinary}) >= ENOUGH
    if not enough or not np.isfinite(together).all() or np.ptp(together) > EXACT * np.abs(together).max():
        return None
    return Diagnosis("term", f"{are(evidence)} off by the same number everywhere, {together[0]:.6g}.")


def same_rows(evidence: Evidence) -> Diagnosis | None:
    """All rows are the same but should differ: their mean, or their sum."""

    def all_as(case: Case, k: int, make: Callable[[Array], Array]) -> bool:
        got, expected = case.got[k], case.expected[k]
        return bool(got.ndim) and len(got) > 1 and alike(got, np.broadcast_to(make(expected), got.shape))

    made: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("mean", lambda a: a.mean(axis=0)),
        ("sum", lambda a: a.sum(axis=0)),
        ("first", lambda a: a[0]),
        ("last", lambda a: a[-1]),
    )
    for words, make in made:
        if holds(evidence, lambda case, k, make=make: all_as(case, k, make)):  # type: ignore[misc]
            return Diagnosis(
                "same rows", f"{are(evidence)} the same in every row: the {words} of what the rows should be."
            )
    return None
