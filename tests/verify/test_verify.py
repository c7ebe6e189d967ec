"""The claims hold, and none of them passes when what it is about is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae import ops
from scratchae.verify import (
    CLAIMS,
    Claim,
    Subject,
    central_differences,
    complex_step,
    entrywise_error,
    relative_error,
    run_claim,
    run_claims,
)


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_holds(name: str) -> None:
    result = run_claim(CLAIMS[name], Subject.genuine())
    assert result.passed, f"{result.error} > {result.tolerance} {result.trouble}"


# No claim passes when what it is about is broken. Each claim is run with each of these in turn; one that calls the broken thing and
# passes all the same is no check.


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


def test_every_model_has_claims_at_all_levels() -> None:
    for name in MODELS:
        if name != "load":
            levels = {c.level for c in CLAIMS.values() if c.op == name}
            assert {"gradient", "meaning"} <= levels, name


def test_every_op_has_gradient_value_and_twin_claims() -> None:
    from scratchae import ops

    forward = [name for name in ops.__all__ if not name.endswith("_backward")]
    for name in forward:
        levels = {c.level for c in CLAIMS.values() if c.op == name}
        expected = {"value", "twin"} | ({"gradient", "meaning"} if f"{name}_backward" in ops.__all__ else set())
        assert expected <= levels, name


def test_tolerances_are_those_that_were_promised() -> None:
    for c in CLAIMS.values():
        if c.level == "gradient":
            assert c.tolerance <= (1e-12 if c.method == "complex step" else 1e-7)
        if c.level == "twin":
            assert c.tolerance <= (1e-12 if "float64" in c.name else 2e-6)


def test_a_claim_that_raises_or_warns_or_gives_nan_fails_and_says_why() -> None:
    genuine = Subject.genuine()

    def raises(x: Any) -> Any:
        raise RuntimeError("no")

    result = run_claim(CLAIMS["relu is (x + |x|) / 2"], genuine.with_changed("ops", "relu", raises))
    assert not result.passed and "no" in result.trouble
    result = run_claim(CLAIMS["relu is (x + |x|) / 2"], genuine.with_changed("ops", "relu", lambda x: x * np.nan))
    assert not result.passed


def test_unknown_claim_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'sigmoid'"):
        list(run_claims(["sigmoyd"]))


def test_a_replacement_needs_something_to_replace() -> None:
    with pytest.raises(AttributeError, match="did you mean 'relu'"):
        Subject.genuine().with_changed("ops", "relo", None)


def test_every_label_in_the_code_is_named_by_a_claim() -> None:
    package = Path(ops.__file__).parents[1]
    places: dict[str, str] = {}
    for room in ("ops", "kernels", "nets", "training", "models", "baselines"):
        for path in sorted((package / room).glob("*.py")):
            for comment in re.findall(r"#.*", path.read_text(encoding="utf-8")):
                places.update({label: path.name for label in re.findall(r"\(([a-z]\w*\.\d+)\)", comment)})
    named = {label for claim in CLAIMS.values() for label in claim.equation.split()}
    assert not {label: file for label, file in places.items() if label not in named}


def test_central_differences_find_kinks_and_only_kinks() -> None:
    x = np.array([0.0, 1e-9, -1e-9, 0.5, -0.5, 1e-3])
    gradient, smooth = central_differences(lambda v: float(np.abs(v).sum()), x)
    assert smooth.tolist() == [False, False, False, True, True, True]
    assert np.allclose(gradient[smooth], [1, -1, 1], atol=1e-9)
    x = np.linspace(-3, 3, 20)
    gradient, smooth = central_differences(lambda v: float(np.sin(5 * v).sum()), x)
    assert smooth.all() and np.allclose(gradient, 5 * np.cos(5 * x), atol=1e-7)


def test_central_differences_do_not_call_an_error_a_kink() -> None:
    # A function that is smooth but steep and curved everywhere must be checked everywhere.
    _, smooth = central_differences(lambda v: float(np.exp(3 * v).sum()), np.linspace(-2, 2, 15))
    assert smooth.all()


def test_complex_step_is_exact_where_central_differences_are_not() -> None:
    x = np.array([0.3, 1.7])
    exact = np.exp(x) * (np.sin(x) + np.cos(x))
    stepped = complex_step(lambda v: (np.exp(v) * np.sin(v)).sum(), x)
    central, _ = central_differences(lambda v: float((np.exp(v) * np.sin(v)).sum()), x)
    assert relative_error(stepped, exact) < 1e-15 < relative_error(central, exact) < 1e-9


def test_relative_error_cannot_be_fooled() -> None:
    ones = np.ones(3)
    assert relative_error(ones[:, None], ones) == np.inf
    assert relative_error(ones * np.nan, ones) == np.inf
    assert relative_error(ones, 0 * ones) == 1
    assert relative_error(2 * ones, ones) == 1


def test_entrywise_error_does_not_excuse_small_entries() -> None:
    assert entrywise_error(np.array([1e6, 1e-6]), np.array([1e6, 2e-6])) == 0.5
    assert relative_error(np.array([1e6, 1e-6]), np.array([1e6, 2e-6])) < 1e-11
    assert entrywise_error(np.array([1.0, np.nan]), np.array([1.0, 1.0])) == np.inf
    assert entrywise_error(np.array([np.inf]), np.array([np.inf])) == 0
    assert entrywise_error(np.array([np.inf]), np.array([1.0])) == np.inf
    assert entrywise_error(np.array([1e-320]), np.array([0.0])) == 0
    assert entrywise_error(np.array([1.0]), np.array([1.5]), scale=10) == 0.05
