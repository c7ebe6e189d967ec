"""Outputs that are wrong in exactly one part: a row, a column, the diagonal, the positive entries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.grading.diagnosis.evidence import ENOUGH, Array, Case, Evidence
from scratchae.grading.records import Diagnosis
from scratchae.grading.testing.comparison import CLEARLY_RIGHT, FLOOR

SMALL = 1e-8  # error of a wrong entry that is small itself, relative to the largest entry


def _edge(axis: int, place: int) -> Callable[[Array], Array | None]:
    """Mask of the first or last row or column."""

    def mask(expected: Array) -> Array | None:
        if expected.ndim < 1 - axis or expected.shape[axis] < 2:
            return None
        at = np.zeros(expected.shape, bool)
        np.moveaxis(at, axis, 0)[place] = True
        return at

    return mask


def _diagonal(expected: Array) -> Array | None:
    if expected.ndim < 2 or expected.shape[-1] != expected.shape[-2]:
        return None
    return np.broadcast_to(np.eye(expected.shape[-1], dtype=bool), expected.shape)


# The wrong part: everything in it is wrong, and nothing elsewhere.
PARTS: tuple[tuple[str, Callable[[Array], Array | None]], ...] = (
    ("right except for the last column", lambda e: _edge(-1, -1)(e) if e.ndim > 1 else None),
    ("right except for the first column", lambda e: _edge(-1, 0)(e) if e.ndim > 1 else None),
    ("right except for the last row", lambda e: _edge(-2, -1)(e) if e.ndim > 1 else None),
    ("right except for the first row", lambda e: _edge(-2, 0)(e) if e.ndim > 1 else None),
    ("right except for the last entry", lambda e: _edge(-1, -1)(e) if e.ndim == 1 else None),
    ("right except for the first entry", lambda e: _edge(-1, 0)(e) if e.ndim == 1 else None),
    ("right except on the diagonal", _diagonal),
    ("right on the diagonal only", lambda e: None if (d := _diagonal(e)) is None else ~d),
    ("wrong exactly where it should be zero", lambda e: e == 0),
    ("right exactly where it should be zero", lambda e: e != 0),
    ("wrong exactly where it should be negative", lambda e: e < 0),
    ("wrong exactly where it should be positive", lambda e: e > 0),
)


def part(evidence: Evidence) -> Diagnosis | None:
    """Wrong in all of one part, and nowhere else."""
    if not evidence.wrong:
        return None
    for words, mask in PARTS:
        if all(_holds(evidence.ordinary, k, mask) for k in evidence.wrong):
            names = evidence.names(evidence.wrong)
            verb = "is" if len(evidence.wrong) == 1 else "are"
            words = words if len(evidence.wrong) == 1 else words.replace("it should", "they should")
            return Diagnosis("part", f"{names} of {evidence.function} {verb} {words}.")
    return None


def _holds(cases: list[Case], k: int, mask: Callable[[Array], Array | None]) -> bool:
    """True if exactly that part is wrong, in every call that has both that part and a rest."""
    seen = 0
    for case in cases:
        got, expected = case.got[k], case.expected[k]
        there = mask(expected)
        if there is None or there.all() or not there.any():
            if case.clear(k) != "right":
                return False
            continue
        if case.clear(k) != "wrong":
            return False
        distance = np.abs(got - expected) / max(float(np.abs(expected).max(initial=0.0)), FLOOR)
        if not ((distance[~there] <= CLEARLY_RIGHT).all() and not (distance[there] < SMALL).any()):
            return False
        seen += min(int(there.sum()), int((~there).sum())) >= 2
    return seen >= ENOUGH
