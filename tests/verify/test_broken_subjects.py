"""Claims about ops and models fail when that op or model is broken.

Each claim is run with each replacement in turn. It must call a replaced function, and fail with each that it calls. Exceptions are listed with
their reasons. Claims about other parts of the package are not run here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest

from scratchae import ops
from scratchae.backend import use_backend
from scratchae.models.fitting import COMPILED
from scratchae.verify import CLAIMS, Claim, Subject, run_claim


class Broken:
    """A function in place of another; `called` is true after the first call."""

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
    """Return the first argument."""
    return args[0] if args else next(iter(kwargs.values()))


def first_argument_doubled(*args: Any, **kwargs: Any) -> Any:
    """Return twice the first argument, in place of `identity`, which returns its first argument."""
    return 2 * first_argument(*args, **kwargs)


def breakages(op: str) -> Iterator[tuple[str, str, Any]]:
    """Yield replacements of an op and of its gradient, among the ops and among the kernels."""
    genuine = Subject.genuine()
    for room in ("ops", "kernels"):
        yield room, op, first_argument_doubled if op == "identity" else first_argument
        if hasattr(genuine.ops, f"{op}_backward"):
            yield room, f"{op}_backward", zeros_like_result(getattr(getattr(genuine, room), f"{op}_backward"))


def survivors(claim: Claim, op: str) -> tuple[int, list[str]]:
    """The number of broken functions that the claim called, and those with which it passed nevertheless."""
    called, passed = 0, []
    for room, name, function in breakages(op):
        broken = Broken(function)
        result = run_claim(claim, Subject.genuine().with_changed(room, name, broken))
        called += broken.called
        if broken.called and not result.failed:
            passed.append(f"{room}.{name}")
    return called, passed


AS_PURE = "identity is pure"  # and so is its replacement
OPS = [name for name in ops.__all__ if not name.endswith("_backward")]


@pytest.mark.parametrize("name", [n for n, c in CLAIMS.items() if c.op in OPS and n != AS_PURE])
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
def broken_model(name: str, broken: str, place: str) -> Iterator[tuple[Subject, list[bool]]]:
    """A subject in which a model has a gradient of zeros or a constant loss; the list is not empty after the first call.

    Parameters
    ----------
    name : str
        The model.
    broken : {"gradient", "loss"}
    place : {"objective", "compiled steps", "both"}
        Which of them is broken; the other is genuine.
    """
    model: Any = MODELS[name]
    called: list[bool] = []

    class Worse(model):  # type: ignore[misc]
        def objective(self, *args: Any, **kwargs: Any) -> Any:
            loss, gradients = super().objective(*args, **kwargs)
            if place == "compiled steps":
                return loss, gradients
            called.append(True)
            return (loss, gradients.like()) if broken == "gradient" else (1.0, gradients)

    def compiled(*args: Any) -> Any:
        steps = COMPILED[model](*args)
        return steps if steps is None or place == "objective" else broken_steps(steps, broken, called)

    Worse.__name__ = Worse.__qualname__ = name
    Worse.__module__ = model.__module__  # files are read as the genuine class
    if model in COMPILED:
        COMPILED[Worse] = compiled  # compiled steps are found by the exact class
    try:
        yield Subject.genuine().with_changed("models", name, Worse), called
    finally:
        COMPILED.pop(Worse, None)


def places(name: str) -> tuple[str, ...]:
    """The parts to break for a claim: both, or one at a time where the claim compares them with each other."""
    return ("objective", "compiled steps") if " compiled " in name else ("both",)


PASSES, NOT_CALLED = "passes", "does not call it"
# Claims that need not fail: name, broken part ("*" for either), what happens instead, and the reason.
LISTED = [
    ("*'s history tells the mean loss of the rows of each epoch: *", "gradient", PASSES, "the parameters stand still on purpose"),
    ("pixels whose mean is known begin with nothing to gain *", "gradient", PASSES, "about a gradient that is zero"),
    ("a run of L-BFGS that has nothing to gain *", "gradient", PASSES, "about a gradient that is zero"),
    ("a variational decoder begins at the mean image, *", "*", PASSES, "about initial parameters, read after an epoch at a negligible rate"),
    ("a classifier begins with the classes' shares, *", "*", PASSES, "about initial parameters, read after an epoch at a negligible rate"),
    ("a learned variance begins at that of the data, *", "*", PASSES, "about the first and the least value, with a gradient of its own"),
    ("a feature that is constant stays so *", "*", PASSES, "about features that nothing changes"),
    ("warm-up begins with its first share of beta, *", "*", NOT_CALLED, "about the weight of an epoch"),
    ("the first epoch has the learning rate itself, *", "*", NOT_CALLED, "about the learning rate of an epoch"),
    ("an epoch takes every row once, *", "*", NOT_CALLED, "about the batches, with an objective of its own"),
    ("a latent dimension is active strictly above its bound", "*", NOT_CALLED, "about counts of given numbers"),
    ("a posterior has collapsed strictly below its bounds", "*", NOT_CALLED, "about counts of given numbers"),
    ("features are large strictly above their bound, *", "*", NOT_CALLED, "about initial parameters"),
    ("options are accepted exactly up to their ends", "*", NOT_CALLED, "about the check of options"),
    ("kernels: * softplus beside sigmoid *", "*", NOT_CALLED, "about a function of one number in the kernels"),
    ("kernels: softplus beside sigmoid *", "*", NOT_CALLED, "about a function of one number in the kernels"),
    ("every constructor stores its options as they are given", "*", NOT_CALLED, "about constructors"),
    ("corrupt gives the corruption of its seed", "*", NOT_CALLED, "about the corruption"),
    ("an arc's ends are the codes, *", "*", NOT_CALLED, "about paths between given codes"),
    ("a layer of the stack is trained on the codes of the layer before", "*", NOT_CALLED, "layers are trained by the objective of Autoencoder"),
    ("the discrepancy of two samples is a mean over pairs, *", "*", NOT_CALLED, "about one term of the objective"),
    ("the gradient of the discrepancy is that of its definition", "*", NOT_CALLED, "about one term of the objective"),
    ("in single precision, the discrepancy of codes far from 0 *", "*", NOT_CALLED, "about one term of the objective"),
    ("codes that are draws from the prior have no discrepancy *", "*", NOT_CALLED, "about one term of the objective"),
]  # fmt: skip


def expected(name: str, broken: str) -> str:
    """The expected outcome when the claim is run with that part broken."""
    found = [what for pattern, part, what, _ in LISTED if part in ("*", broken) and fnmatchcase(name, pattern)]
    return found[0] if found else "fails"


@pytest.mark.parametrize(
    ("name", "broken", "place"),
    [(name, broken, place) for name in MODEL_CLAIMS for broken in ("gradient", "loss") for place in places(name)],
)
def test_claims_about_models_fail_with_a_gradient_of_zeros_and_with_a_constant_loss(
    name: str, broken: str, place: str
) -> None:
    with broken_model(CLAIMS[name].op, broken, place) as (subject, called):
        result = run_claim(CLAIMS[name], subject)
    if result.skipped:
        pytest.skip(result.skipped)
    happened = ("fails" if result.failed else PASSES) if called else NOT_CALLED
    assert happened == expected(name, broken), result.trouble
    assert called or result.passed  # not a failure for another reason


def test_each_listed_exception_is_about_a_claim() -> None:
    assert [pattern for pattern, *_ in LISTED if not any(fnmatchcase(name, pattern) for name in MODEL_CLAIMS)] == []


def test_compiled_training_is_broken_as_well() -> None:
    x = np.random.default_rng(0).random((40, 6))
    with broken_model("Autoencoder", "gradient", "compiled steps") as (subject, called), use_backend("numba"):
        worse = subject.models.Autoencoder(hidden_sizes=(), epochs=2, random_state=0).fit(x)
    assert called and "scratchae.kernels.steps" in worse.trained_by_
    assert len(set(worse.history_["loss"])) == 1
