"""No claim passes when what it is about is broken.

Each claim is run with each of these in turn; one that calls the broken thing and passes all the same is no check.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from scratchae import ops
from scratchae.models.fitting import COMPILED
from scratchae.verify import CLAIMS, Claim, Subject, run_claim


class Broken:
    """A function in the place of another, that knows whether it was called."""

    def __init__(self, function: Any) -> None:
        self.function, self.called = function, False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.called = True
        return self.function(*args, **kwargs)


def zeros_like_result(function: Any) -> Any:
    """The same function with zeros in place of everything that it returns."""

    def zeroed(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return tuple(np.zeros_like(g) for g in result) if isinstance(result, tuple) else np.zeros_like(result)

    return zeroed


def first_argument(*args: Any, **kwargs: Any) -> Any:
    """A function that gives back what it is given."""
    return args[0] if args else next(iter(kwargs.values()))


def breakages(op: str) -> Iterator[tuple[str, str, Any]]:
    """Replacements of an op and of its gradient, in both rooms."""
    genuine = Subject.genuine()
    for room in ("ops", "kernels"):
        yield room, op, first_argument
        if hasattr(genuine.ops, f"{op}_backward"):
            yield room, f"{op}_backward", zeros_like_result(getattr(getattr(genuine, room), f"{op}_backward"))


def survivors(claim: Claim, op: str) -> tuple[int, list[str]]:
    """The number of broken functions that the claim called, and those with which it passed nevertheless."""
    called, passed = 0, []
    for room, name, function in breakages(op):
        broken = Broken(function)
        result = run_claim(claim, Subject.genuine().with_changed(room, name, broken))
        called += broken.called
        if broken.called and result.passed:
            passed.append(f"{room}.{name}")
    return called, passed


OPS = [name for name in ops.__all__ if not name.endswith("_backward")]


@pytest.mark.parametrize("name", [n for n, c in CLAIMS.items() if c.op in OPS and c.op != "identity"])
def test_no_claim_passes_with_a_broken_op(name: str) -> None:
    called, passed = survivors(CLAIMS[name], CLAIMS[name].op)
    assert called and not passed, passed


MODELS = vars(Subject.genuine().models)
MODEL_CLAIMS = [name for name, c in CLAIMS.items() if hasattr(MODELS.get(c.op), "objective")]


def broken_steps(steps: Any, broken: str, called: list[bool]) -> Any:
    """Compiled steps that leave the parameters as they are (a gradient of zeros), or that report a constant loss."""
    take, gradient_of = steps.take_steps, steps.full_gradient

    def take_steps(state: Any, order: Any, losses: Any, rate: float) -> int:
        called.append(True)
        slots = state.optimizer_state.copy()
        done = int(take(state, order, losses, 0.0 if broken == "gradient" else rate))
        if broken == "gradient":
            state.optimizer_state[...] = slots
        else:
            losses[:done] = 1.0
        return done

    def full_gradient(state: Any, theta: Any) -> Any:
        called.append(True)
        loss, gradient = gradient_of(state, theta)
        return (loss, np.zeros_like(gradient)) if broken == "gradient" else (1.0, gradient)

    steps.take_steps, steps.full_gradient = take_steps, full_gradient
    return steps


@contextmanager
def broken_model(name: str, broken: str) -> Iterator[tuple[Subject, list[bool]]]:
    """A subject in which a model's objective and compiled steps have a gradient of zeros or a constant loss; and whether one was computed."""
    model: Any = MODELS[name]
    called: list[bool] = []

    class Worse(model):  # type: ignore[misc]
        def objective(self, *args: Any, **kwargs: Any) -> Any:
            called.append(True)
            loss, gradients = super().objective(*args, **kwargs)
            return (loss, gradients.like()) if broken == "gradient" else (1.0, gradients)

    def compiled(*args: Any) -> Any:
        steps = COMPILED[model](*args)
        return steps and broken_steps(steps, broken, called)

    Worse.__name__ = Worse.__qualname__ = name
    Worse.__module__ = model.__module__  # files are read as the genuine class
    if model in COMPILED:  # compiled steps are found by the exact class
        COMPILED[Worse] = compiled
    try:
        yield Subject.genuine().with_changed("models", name, Worse), called
    finally:
        COMPILED.pop(Worse, None)


def outcome(name: str, broken: str) -> str:
    """Return "fails", "passes" or "does not call"."""
    with broken_model(CLAIMS[name].op, broken) as (subject, called):
        result = run_claim(CLAIMS[name], subject)
    if called and result.failed:
        return "fails"
    return "passes" if called else "does not call"
