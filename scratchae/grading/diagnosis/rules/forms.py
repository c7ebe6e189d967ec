"""Mistakes in the form of an answer: nothing returned, a wrong type, count or shape, an exception for some shapes only."""

from __future__ import annotations

from scratchae.grading.diagnosis.evidence import ENOUGH, Evidence
from scratchae.grading.diagnosis.words import OUTCOMES, is_a
from scratchae.grading.records import Diagnosis


def nothing(evidence: Evidence) -> Diagnosis | None:
    """The function returns None or raises NotImplementedError."""
    if evidence.answer.outcome not in ("nothing", "unimplemented"):
        return None
    return Diagnosis("none", OUTCOMES[evidence.answer.outcome].format(f=evidence.function))


def wrong_count(evidence: Evidence) -> Diagnosis | None:
    """More or fewer outputs than asked for."""
    for fault in _faults(evidence, "count"):
        wanted = ", ".join(evidence.outputs)
        return Diagnosis("count", f"{evidence.function} returns {fault.got}; expected {wanted}, in this order.")
    return None


def wrong_type(evidence: Evidence) -> Diagnosis | None:
    """Not an array of the right type."""
    for kind in ("type", "dtype"):
        for fault in _faults(evidence, kind):
            what = is_a(fault.got) if kind == "type" else "is an array of"
            name = fault.output or evidence.outputs[0]
            return Diagnosis(
                "type", f"{name} of {evidence.function} {what} {fault.got}; it should be {fault.expected}."
            )
    return None


def not_copied(evidence: Evidence) -> Diagnosis | None:
    """Right, but the argument itself is returned instead of a copy."""
    shared = [evidence.outputs.index(fault.output) for fault in _faults(evidence, "copy")]
    if not shared:
        return None
    verb, they = ("is not a copy", "it shares") if len(shared) == 1 else ("are not copies", "they share")
    says = f"{evidence.names(shared)} of {evidence.function} {verb}: {they} memory with an argument"
    return Diagnosis("shared", f"{says}, so that one changes with the other.")


def wrong_shape(evidence: Evidence) -> Diagnosis | None:
    """An output of the wrong shape, and the relation of the two shapes, if it is simple."""
    for fault in _faults(evidence, "shape"):
        got, expected = _shape(fault.got), _shape(fault.expected)
        name = fault.output or evidence.outputs[0]
        relation = _relation(got, expected) if got is not None and expected is not None else ""
        shapes = zip(evidence.outputs, evidence.planned.expected[evidence.failed], strict=True)
        alike = [other for other, value in shapes if value.shape == got and other != name]
        if alike:
            relation += f" {' and '.join(alike[:2])} should have that shape: check the order of the outputs, too."
        return Diagnosis(
            "shape",
            f"{name} of {evidence.function} has the shape {fault.got}; it should have {fault.expected}.{relation}",
        )
    return None


def only_square(evidence: Evidence) -> Diagnosis | None:
    """Right if all sizes are equal, and no answer otherwise."""
    squares = evidence.cases("probe: square")
    if len(squares) < ENOUGH or not all(case.all_clear for case in squares):
        return None
    if all(answer.outcome == "raised" for answer in evidence.judged):
        return Diagnosis(
            "square", f"{evidence.function} is right only where all sizes are equal: two axes are exchanged somewhere."
        )
    return None


def _faults(evidence: Evidence, kind: str) -> list:  # type: ignore[type-arg]
    return [f for f in evidence.answer.faults if f.kind == kind] if evidence.answer.outcome == "form" else []


def _shape(text: str) -> tuple[int, ...] | None:
    """The shape in a description such as "(5, 3)"."""
    inner = text.strip().removeprefix("(").removesuffix(")").strip()
    parts = [p.strip() for p in inner.split(",") if p.strip()]
    if len(parts) > 4 or not all(p.isascii() and p.isdigit() and len(p) < 9 for p in parts):
        return None
    return tuple(int(p) for p in parts)


def _relation(got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if got == expected[::-1]:
        return " These are its axes in reverse order."
    if got != expected and tuple(n for n in got if n != 1) == tuple(n for n in expected if n != 1):
        return (
            " It has an additional axis of length 1."
            if len(got) > len(expected)
            else " An axis of length 1 is missing."
        )
    if sorted(got) == sorted(expected):
        return " Its axes are in a different order."
    if len(got) < len(expected) and _within(got, expected):
        return " An axis is missing."
    if len(got) > len(expected) and _within(expected, got):
        return " It has an additional axis."
    return ""


def _within(short: tuple[int, ...], long: tuple[int, ...]) -> bool:
    """True if one shape is the other with some axes removed."""
    rest = iter(long)
    return all(n in rest for n in short)
