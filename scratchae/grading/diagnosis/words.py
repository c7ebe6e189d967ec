"""Messages for mistakes that no rule names: only the observed error and its place."""

from __future__ import annotations

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


def failure(planned: Planned, answer: Answer, kind: str, output: int, call: int = 0) -> str:
    """Describe the error of an answer in a sentence or two.

    Parameters
    ----------
    planned : Planned
    answer : Answer
    kind : {"outcome", "value", "again", "changed"}
    output, call : int

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
    return f"{planned.task.outputs[output]} of {f} is wrong{where}."


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
    words = {"shape": "has the shape", "dtype": "is of type", "type": "is", "copy": "is"}
    return f"{output} of {function} {words.get(kind, 'is')} {got}; it should be {expected}."


def general(planned: Planned, answer: Answer, kind: str) -> str:
    """The message for a hidden test: the kind of test, and its outcome."""
    f = planned.task.name
    if kind == "outcome" and answer.outcome in OUTCOMES:
        return outcome(planned, answer)
    if kind == "outcome":
        return f"{f} does not return a valid result for arguments that are not shown."
    if kind in ("again", "changed"):
        return f"{f} modifies its arguments or is not deterministic: see the public test of the same kind."
    return f"{f} is wrong for arguments that are not shown{_where(planned)}."


def _where(planned: Planned) -> str:
    return {"one row": ", with a single example", "extremes": ", with extreme values"}.get(planned.kind, "")
