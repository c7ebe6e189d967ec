"""Tiny examples by name: of every model, of every operation, and of the other lines with labels."""

from __future__ import annotations

from functools import cache

from scratchae.errors import nearest
from scratchae.tracing import tiny_models, tiny_ops, tiny_others
from scratchae.tracing.tracer import TinyExample
from scratchae.tracing.traces import Trace


@cache
def examples() -> dict[str, TinyExample]:
    """Return all tiny examples by name, the models first."""
    rooms = (tiny_models, tiny_ops, tiny_others)
    return {example.name: example for room in rooms for example in room.examples()}


def tiny(name: str) -> Trace:
    """Return the trace of a tiny example: two or three numbers, whose every step can be followed with pencil and paper.

    Parameters
    ----------
    name : str
        A model as on the command line, such as "variational"; an operation of `scratchae.ops`, such as "dense", which runs forward and
        backward; or one of the other names in `tiny_names()`.

    Returns
    -------
    trace : Trace

    Raises
    ------
    ValueError
        If there is no example of this name.

    Examples
    --------
    >>> from scratchae import tracing
    >>> round(tracing.tiny("variational").loss, 4)
    1.4496
    """
    known = examples()
    if name not in known:
        raise ValueError(
            f"There is no tiny example {name!r}{nearest(name, known)}; it has to be one of {', '.join(known)}."
        )
    return known[name].run()


def tiny_names() -> dict[str, str]:
    """Return the names of all tiny examples, each with a sentence about it."""
    return {name: example.about for name, example in examples().items()}
