"""Diagnose mistakes. A rule states only what the numbers establish, and never which line to change; if no rule fits, there is no diagnosis.

The rules see arguments, the reference's answers and the student's numbers, never the student's source. They are tried in the order of `RULES`,
the simplest relation first. Arguments are random and sizes coprime, so that a relation in several calls is not a coincidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from scratchae.grading.diagnosis import examples
from scratchae.grading.diagnosis.evidence import Evidence, OutOfTimeError
from scratchae.grading.diagnosis.rules import alternatives, behaviour, digits, forms, parts, relations, transformations
from scratchae.grading.records import Answer, Diagnosis, Example
from scratchae.grading.testing.plan import Planned

Rule = Callable[[Evidence], Diagnosis | None]

RULES: tuple[Rule, ...] = (
    forms.nothing,
    behaviour.redrawn,
    forms.wrong_count,
    forms.wrong_type,
    relations.square_transposed,
    forms.wrong_shape,
    forms.not_copied,
    behaviour.overwritten,
    digits.small_number,
    digits.clipped,
    digits.single_precision,
    behaviour.unstable,
    relations.zero,
    relations.factor,
    relations.order,
    relations.transposed,
    transformations.transformed,
    transformations.constant,
    transformations.added,
    alternatives.plain_mistake,
    relations.argument_returned,
    transformations.same_rows,
    alternatives.scaled_term,
    transformations.extra_factor,
    alternatives.on_squares,
    behaviour.insensitive,
    parts.part,
    alternatives.times_factor,
    alternatives.vague_mistake,
    digits.number_not_so_small,
    forms.only_square,
    behaviour.one_row,
    behaviour.one_size,
    behaviour.overwrites,
    alternatives.farther_mistake,
)
# For all tests of a function except the public test of its values, which names mistakes with ordinary arguments and needs thousands of
# computations.
BRIEF: tuple[Rule, ...] = (
    forms.nothing,
    behaviour.redrawn,
    forms.wrong_count,
    forms.wrong_type,
    forms.wrong_shape,
    forms.not_copied,
    behaviour.overwritten,
    digits.small_number,
    digits.clipped,
    digits.single_precision,
    behaviour.unstable,
    relations.zero,
    relations.factor,
    behaviour.several_rows,
)


FEWER: tuple[Rule, ...] = (digits.small_number, digits.single_precision)  # for right numbers

OF_FORM = ("none", "count", "type", "shape", "shared")  # mistakes that do not show in the numbers
FIRST = 3  # most wrong outputs that are examined separately


@dataclass(frozen=True)
class Finding:
    """The finding of a failed test.

    Parameters
    ----------
    diagnosis : Diagnosis or None
        The mistake, if a rule recognises it.
    example : Example or None
        Its smallest example, if there are numbers.
    about : tuple of int
        The outputs of which the diagnosis speaks; empty if it speaks of the function.
    """

    diagnosis: Diagnosis | None
    example: Example | None
    about: tuple[int, ...] = ()


def diagnose(planned: Planned, answers: Sequence[Answer], failed: int, *, until: float = math.inf) -> Finding:
    """Name the mistake behind a failed test.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.
    failed : int
        Index of the call that failed.
    until : float
        Time of time.monotonic() after which less obvious mistakes are not tried. If finite, plain ones come first, without being computed.

    Returns
    -------
    finding : Finding
    """
    hurried = until < math.inf
    evidence = Evidence(planned, answers, failed, thorough=not hurried)
    diagnosis = _any(evidence)
    if diagnosis is None and hurried:
        with suppress(OutOfTimeError):
            diagnosis = _any(replace(evidence, thorough=True, until=until))
    of_form = diagnosis is not None and diagnosis.rule in OF_FORM
    example = None if of_form else examples.smallest(evidence)
    return Finding(diagnosis, example, _spoken_of(diagnosis, evidence.outputs) if diagnosis is not None else ())


def _spoken_of(diagnosis: Diagnosis, outputs: Sequence[str]) -> tuple[int, ...]:
    """The outputs that a message names before its verb: "dW and db of dense_backward are …"."""
    named, _, rest = diagnosis.message.removeprefix("In ").partition(" of ")
    names = named.replace(" and ", ", ").split(", ") if rest else []
    return tuple(outputs.index(name) for name in names) if set(names) <= set(outputs) else ()


def why_fewer_digits(planned: Planned, answers: Sequence[Answer], outputs: Sequence[int]) -> str:
    """Explain why right numbers have fewer digits than a formula gives: a small number, or single precision.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.
    outputs : sequence of int
        The right outputs with fewer digits.

    Returns
    -------
    message : str
        A sentence; empty if no rule recognises the cause.
    """
    evidence = Evidence(planned, answers, 0, thorough=False, focus=tuple(outputs))
    found = next((d for rule in FEWER if (d := rule(evidence)) is not None), None)
    return (
        found.message.replace(" wrong from ", " right up to ", 1).replace(" digit on and ", " digit and ", 1)
        if found
        else ""
    )


def _any(evidence: Evidence) -> Diagnosis | None:
    """A mistake that explains all wrong outputs; else one that explains a single output, since there may be several mistakes."""
    diagnosis = _first(evidence)
    if diagnosis is None and len(evidence.wrong) > 1:
        alone = (replace(evidence, focus=(k,)) for k in evidence.wrong[:FIRST])
        diagnosis = next((d for d in map(_first, alone) if d is not None), None)
    return diagnosis


def _first(evidence: Evidence) -> Diagnosis | None:
    rules = RULES if (evidence.planned.kind, evidence.planned.visibility) == ("values", "public") else BRIEF
    return next((d for d in (rule(evidence) for rule in rules) if d is not None), None)
