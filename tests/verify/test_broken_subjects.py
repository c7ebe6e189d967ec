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


@contextmanager
def broken_model(name: str, broken: str) -> Iterator[tuple[Subject, list[bool]]]:
    """A subject in which a model's objective has a gradient of zeros, or is constant; and whether it was computed."""
    model: Any = MODELS[name]
    called: list[bool] = []

    class Worse(model):  # type: ignore[misc]
        def objective(self, *args: Any, **kwargs: Any) -> Any:
            called.append(True)
            loss, gradients = super().objective(*args, **kwargs)
            return (loss, gradients.like()) if broken == "gradient" else (1.0, gradients)

    Worse.__name__ = Worse.__qualname__ = name
    Worse.__module__ = model.__module__  # files are read as the genuine class
    yield Subject.genuine().with_changed("models", name, Worse), called


# Claims about what is said of parameters that stand still on purpose, or about those that a training begins with.
STANDING_STILL = (
    "'s history tells the mean loss of the rows of each epoch",
    "the KL's weight rises evenly over the epochs of the warm-up",
    "pixels whose mean is known begin with nothing to gain",
    "a variational decoder begins at the mean image",
    "a run of L-BFGS that has nothing to gain",
)


@pytest.mark.parametrize("broken", ["gradient", "loss"])
@pytest.mark.parametrize("name", [n for n, c in CLAIMS.items() if hasattr(MODELS.get(c.op), "objective")])
def test_no_claim_passes_with_a_gradient_of_zeros_or_a_constant_loss(name: str, broken: str) -> None:
    with broken_model(CLAIMS[name].op, broken) as (subject, called):
        result = run_claim(CLAIMS[name], subject)
    still = broken == "gradient" or "begins at" in name
    if not (still and any(part in name for part in STANDING_STILL)):
        assert not (called and result.passed)
