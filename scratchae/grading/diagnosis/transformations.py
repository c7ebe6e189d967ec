"""Outputs that are right but for what was done to them besides: a root, a normalisation, a constant, a factor made of an argument."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, EXACT, Array, Case, Evidence, alike
from scratchae.grading.diagnosis.relations import are, holds
from scratchae.grading.records import Diagnosis

# What an output may have gone through that it should not: rule, words, function.
_THROUGH: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("power", "the square root of what it should be", np.sqrt),
    ("power", "the square of what it should be", np.square),
    ("power", "the absolute value of what it should be", np.abs),
    ("power", "one over what it should be", np.reciprocal),
    ("transformed", "the exponential of what it should be", np.exp),
    ("transformed", "the exponential of minus what it should be", lambda a: np.exp(-a)),
    ("transformed", "the logarithm of what it should be", np.log),
    ("transformed", "the sign of what it should be: 1, 0 or -1", np.sign),
    ("complement", "one minus what it should be", lambda a: 1 - a),
    ("normalised", "what it should be, divided by its length", lambda a: a / np.sqrt((a * a).sum())),
    (
        "normalised",
        "what it should be, each row divided by its length",
        lambda a: a / np.sqrt((a * a).sum(-1, keepdims=True)),
    ),
    ("normalised", "what it should be, divided by its sum", lambda a: a / a.sum()),
    ("normalised", "what it should be, divided by its largest entry", lambda a: a / np.abs(a).max()),
    ("centred", "what it should be, less its mean", lambda a: a - a.mean()),
    ("centred", "what it should be, less the mean of each row", lambda a: a - a.mean(-1, keepdims=True)),
)
# By what, made of an argument, an output may have been multiplied besides.
_EXTRA: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("{a} once more", lambda a: a),
    ("one over {a}", lambda a: 1 / a),
    ("{a} (1 - {a})", lambda a: a * (1 - a)),
    ("1 - {a}²", lambda a: 1 - a * a),
    ("a sigmoid's derivative at {a}", lambda a: 1 / ((1 + np.exp(a)) * (1 + np.exp(-a)))),
    ("a tanh's derivative at {a}", lambda a: 1 - np.tanh(a) ** 2),
    ("exp({a})", np.exp),
    ("exp({a}/2)", lambda a: np.exp(a / 2)),
    ("exp(-{a})", lambda a: np.exp(-a)),
)


def transformed(evidence: Evidence) -> Diagnosis | None:
    """Right, but gone through a function besides: a root, a square, an exponential."""
    for rule, words, f in _THROUGH:
        # Of numbers that all have one sign, the absolute value is a factor.
        mixed = f is not np.abs or any((c.expected[k] > 0).any() for c in evidence.ordinary for k in evidence.wrong)
        telling = all(case.expected[k].ndim for case in evidence.ordinary for k in evidence.wrong) or rule not in (
            "normalised",
            "centred",
        )
        if mixed and telling and holds(evidence, lambda case, k, f=f: alike(case.got[k], f(case.expected[k]))):  # type: ignore[misc]
            return Diagnosis(rule, f"{are(evidence)} {words}.")
    return None


def extra_factor(evidence: Evidence) -> Diagnosis | None:
    """Right, but multiplied by something besides that is made of an argument: the argument once more, a derivative once more."""
    for name, value in evidence.planned.calls[0].arguments.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            continue
        for words, f in _EXTRA:
            if holds(
                evidence,
                lambda case, k, n=name, f=f: _times(case.got[k], case.expected[k], f(case.arguments[n])),  # type: ignore[misc]
            ):
                return Diagnosis(
                    "extra factor", f"{are(evidence)} what it should be, multiplied by {words.format(a=name)}."
                )
    return None


def _times(got: Array, expected: Array, factor: Array) -> bool:
    """Whether the one is the other times a factor for each entry or for each row."""
    if got.ndim > factor.ndim:
        factor = factor.reshape(factor.shape + (1,) * (got.ndim - factor.ndim))
    try:
        return alike(got, expected * factor)
    except ValueError:  # these shapes do not go together
        return False


def constant(evidence: Evidence) -> Diagnosis | None:
    """Right, but for a constant that is added everywhere."""
    offsets = [np.ravel(case.got[k] - case.expected[k]) for case in evidence.ordinary for k in evidence.wrong]
    together = np.concatenate(offsets) if offsets else np.full(1, np.nan)
    enough = len({case.sizes for case in evidence.ordinary}) >= ENOUGH
    if not enough or not np.isfinite(together).all() or np.ptp(together) > EXACT * np.abs(together).max():
        return None
    return Diagnosis("term", f"{are(evidence)} off by the same number everywhere, {together[0]:.6g}.")


def same_rows(evidence: Evidence) -> Diagnosis | None:
    """Every row the same where rows should differ: their mean, or their sum."""

    def all_as(case: Case, k: int, make: Callable[[Array], Array]) -> bool:
        got, expected = case.got[k], case.expected[k]
        return bool(got.ndim) and len(got) > 1 and alike(got, np.broadcast_to(make(expected), got.shape))

    for words, make in (("mean", lambda a: a.mean(axis=0)), ("sum", lambda a: a.sum(axis=0))):
        if holds(evidence, lambda case, k, make=make: all_as(case, k, make)):  # type: ignore[misc]
            return Diagnosis(
                "same rows", f"{are(evidence)} the same in every row: the {words} of what the rows should be."
            )
    return None
