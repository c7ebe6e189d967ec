"""Messages for mistakes that no rule names: only the observed error and its place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scratchae.errors import joined
from scratchae.grading.records import Answer
from scratchae.grading.testing.plan import EXTREME, Planned

OUTCOMES = {
    "nothing": "{f} returns None: perhaps there is no `return` at its end.",
    "unimplemented": "{f} is not written yet: it raises NotImplementedError.",
    "missing": "There is no function {f} in the file.",
    "signature": "{f} does not take the arguments that the exercise gives it: {names}.",
    "time": "{f} took longer than allowed.",
    "clock": "{f} did not come to an end: it waits for something, or the machine was busy.",
    "memory": "{f} asked for more memory than allowed.",
    "crashed": "The process ended while {f} was running.",
    "refused": "The test could not be run: no sandbox could be made.",
}


SLIGHT = 1e-2  # largest error, relative to the largest entry, of which the first wrong digit is told


def failure(
    planned: Planned, answer: Answer, kind: str, wrong: Sequence[int], call: int = 0, worst: float = math.inf
) -> str:
    """Describe the error of an answer in a sentence or two.

    Parameters
    ----------
    planned : Planned
    answer : Answer
    kind : {"outcome", "value", "again", "changed"}
    wrong : sequence of int
        The wrong outputs, for a wrong value.
    call : int
    worst : float
        The largest error of these outputs, relative to their largest entries.

    Returns
    -------
    message : str
    """
    f = planned.task.name
    if kind == "outcome":
        return outcome(planned, answer)
    if kind == "again":
        return f"{f} returns a different result for the same arguments the second time."
    if kind == "changed":
        return f"{f} overwrites its argument {', '.join(answer.changed)}: work on a copy."
    ordinary = planned.kind == "extremes" and not planned.roles[call].startswith(EXTREME)
    where = " even for ordinary arguments" if ordinary else _where(planned)
    names = joined([planned.task.outputs[k] for k in wrong])
    verb = "is" if len(wrong) == 1 else "are"
    return f"{names} of {f} {verb} wrong{from_digit(worst) if worst < SLIGHT else ''}{where}."


def rest(outputs: Sequence[str], right: Sequence[int], about: Sequence[int]) -> str:
    """The verdict on the outputs that a message does not speak about, as sentences after it; empty if it speaks about all.

    Parameters
    ----------
    outputs : sequence of str
        Names of all outputs.
    right : sequence of int
        Those that are right in all calls.
    about : sequence of int
        Those that the message speaks about; empty for the function as a whole.
    """
    wrong = [k for k in range(len(outputs)) if k not in right and k not in about] if about else []
    parts = ((wrong, "wrong, too"), ([k for k in right if k not in about], "right"))
    told = [
        f" {joined([outputs[k] for k in its])} {'is' if len(its) == 1 else 'are'} {what}." for its, what in parts if its
    ]
    return "".join(told) if right or wrong else ""


def from_digit(error: float) -> str:
    """The first wrong digit, such as " from about the 7th digit on"; empty for the first.

    Parameters
    ----------
    error : float
        Relative to the largest entry.
    """
    digit = math.floor(-math.log10(error)) + 1 if 0 < error < math.inf else 1
    return f" from about the {digit}{ {2: 'nd', 3: 'rd'}.get(digit, 'th') } digit on" if digit > 1 else ""


def outcome(planned: Planned, answer: Answer) -> str:
    """The reason why an answer is not complete."""
    f = planned.task.name
    if answer.outcome in OUTCOMES:
        names = ", ".join(planned.calls[0].arguments)
        return OUTCOMES[answer.outcome].format(f=f, names=names)
    if answer.outcome == "form" and answer.faults:
        return " ".join(form(f, fault.output, fault.kind, fault.got, fault.expected) for fault in answer.faults[:3])
    if answer.error is None:
        return f"{f} does not return a result."
    line = f" in line {answer.error.line}" if answer.error.line is not None else ""
    where = f"{f} raises" if answer.outcome == "raised" else "The file cannot be imported:"
    return f"{where} {answer.error.type}{line}: {answer.error.message}".rstrip(": ") + "."


def form(function: str, output: str, kind: str, got: str, expected: str) -> str:
    """Describe the wrong form of an output."""
    if kind == "count":
        return f"{function} returns {got}; expected {expected}."
    if kind == "finite":
        return f"{output} of {function} is not finite: {got}."
    words = {"shape": "has the shape", "dtype": "is of type", "type": is_a(got)}
    return f"{output} of {function} {words.get(kind, 'is')} {got}; it should be {expected}."


def is_a(got: str) -> str:
    """The verb before what came instead of an array: a class has any name, such as "Right"."""
    return "is" if got == "None" or got.startswith(("a ", "an ")) else "is of type"


def general(planned: Planned, answer: Answer, kind: str, wrong: Sequence[int] = ()) -> str:
    """The message for a hidden test: the kind of test, its outcome, and the wrong outputs of several."""
    f = planned.task.name
    if kind == "outcome" and answer.outcome in OUTCOMES:
        return outcome(planned, answer)
    if kind == "outcome":
        return f"{f} does not return a valid result for arguments that are not shown."
    if kind in ("again", "changed"):
        return f"{f} modifies its arguments or is not deterministic: see the public test of the same kind."
    outputs = planned.task.outputs
    names = f"{joined([outputs[k] for k in wrong])} of " if 0 < len(wrong) < len(outputs) else ""
    verb = "are" if names and len(wrong) > 1 else "is"
    return f"{names}{f} {verb} wrong for arguments that are not shown{_where(planned)}."


def _where(planned: Planned) -> str:
    return {"one row": ", with a single example", "extremes": ", with extreme values"}.get(planned.kind, "")
