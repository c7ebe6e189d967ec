"""Training that continues a fitted model, by `warm_start` or `partial_fit`: what has to agree, and the state to continue from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models.feature_names import compare_names
from scratchae.nets import Parameters
from scratchae.nets.network import Array
from scratchae.training import LBFGS, Optimizer, RandomState, TrainingState, as_optimizer, seed_of


class Memory(NamedTuple):
    """State that a finished training leaves for one that continues it, besides parameters and history.

    Attributes
    ----------
    rule : type
        The class of the optimiser.
    optimizer_state : array, shape (S, P)
    seed : int
    step : int
        Number of updates.
    """

    rule: type[Optimizer]
    optimizer_state: Array
    seed: int
    step: int


class Fitted(Protocol):
    """A fitted model; the members are documented in `scratchae.models.model.Model`."""

    optimizer: str | Optimizer
    random_state: RandomState
    warm_start: bool
    history_: dict[str, list[float]]
    n_features_in_: int
    feature_names_in_: Array
    _parameters: Parameters
    _memory: Memory | None
    _shaped_by: dict[str, Any]

    def _shape_options(self) -> dict[str, Any]: ...
    def __sklearn_is_fitted__(self) -> bool: ...


def continues(model: Fitted) -> bool:
    """Return whether `fit` continues an earlier one: with warm_start=True, from the second call on."""
    return bool(model.warm_start) and model.__sklearn_is_fitted__() and len(model.history_["loss"]) > 0


def check_continued(model: Fitted, X: ArrayLike, features: int) -> None:
    """Raise ValueError unless a fitted model can be trained on with its present options, on data with this number of features.

    Options are compared first, then the column names of X, then the number of features.
    """
    who = type(model).__name__
    for name, now in model._shape_options().items():
        then = model._shaped_by[name]
        if now != then:
            raise ValueError(
                f"{name} is {now!r}, but the training to be continued had {then!r}; restore the option, or make a new {who}, "
                "or call fit with warm_start=False."
            )
    compare_names(model, X)
    if features != model.n_features_in_:
        raise ValueError(
            f"X has {features} features, but {who} is expecting {model.n_features_in_} features as input; pass X with the columns seen "
            "before, or call fit with warm_start=False."
        )


def check_same_classes(classes: Array, fitted: Array, what: str = "y") -> None:
    """Raise ValueError unless the classes are those of the fitted model."""
    if not np.array_equal(classes, fitted):
        raise ValueError(
            f"{what} has the classes {_listed(classes)}, but the training to be continued had {_listed(fitted)}; give the same classes, "
            "or call fit with warm_start=False."
        )


def _listed(classes: Array) -> str:
    return f"{', '.join(map(repr, classes[:5].tolist()))}{', …' if len(classes) > 5 else ''}"


def reason_against_one_pass(model: Any) -> str | None:
    """Return why a model has no `partial_fit`, or None."""
    optimizer = model.optimizer
    if isinstance(optimizer, LBFGS) or (isinstance(optimizer, str) and optimizer == LBFGS.name):
        return (
            f'{type(model).__name__} has no partial_fit with optimizer="lbfgs", which takes all rows at once; use fit, with '
            "warm_start=True to continue."
        )
    return None


def memory_of(state: TrainingState, rule: Optimizer) -> Memory | None:
    """Return the memory of a finished training; None if Ctrl-C ended it between two epochs."""
    return None if state.interrupted else Memory(type(rule), state.optimizer_state, state.seed, state.step)


def continued_state(model: Fitted) -> TrainingState:
    """Return a state that continues the model's training, in memory of its own.

    The optimiser starts anew if its state is not known: after `load`, after Ctrl-C, or if the model was trained by another optimiser.
    """
    rule, memory, parameters = as_optimizer(model.optimizer), model._memory, model._parameters
    flat = parameters.flat.copy()
    history = {name: list(values) for name, values in model.history_.items()}
    if memory is not None and memory.rule is type(rule):
        optimizer_state, step = memory.optimizer_state.copy(), memory.step
    else:
        optimizer_state, step = np.zeros((rule.state_vectors, flat.size), flat.dtype), 0
    seed = seed_of(model.random_state) if memory is None else memory.seed
    return TrainingState(parameters.like(flat), optimizer_state, seed, len(history["loss"]), step, history)


def fill_history(history: dict[str, list[float]], earlier: Collection[str]) -> None:
    """Give all columns one entry per epoch after a training that continued an earlier one, with NaN for metrics that were not computed.

    Parameters
    ----------
    history : dict of str to list of float
    earlier : collection of str
        Columns of the earlier training; the others have entries of the later one only.
    """
    epochs = len(history["loss"])
    for name, values in history.items():
        missing = [np.nan] * (epochs - len(values))
        values[:] = [*values, *missing] if name in earlier else [*missing, *values]
