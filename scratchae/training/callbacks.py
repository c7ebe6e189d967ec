"""Callbacks: callables that are called with the model after each epoch and may return True to stop the training.

A callback whose state is kept in checkpoints also defines `state_dict()`, which returns a dictionary of arrays, and
`load_state_dict(state)`. `start()` is called before a run, `finish(model)` after it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np

from scratchae.nets.network import Array, Parameters

M = TypeVar("M", contravariant=True)


class Callback(Protocol[M]):
    """Anything that can be called with the model, of type M, after each epoch."""

    def __call__(self, model: M, /) -> object:
        """Handle the epoch that has ended; a true value stops the training."""


@runtime_checkable
class StatefulCallback(Protocol[M]):
    """A callback whose state is kept in checkpoints."""

    def __call__(self, model: M, /) -> object:
        """Handle the epoch that has ended; a true value stops the training."""

    def state_dict(self) -> dict[str, Array]:
        """Return the state as arrays."""

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Set the state."""


class FittedModel(Protocol):
    """A model with a history and parameters."""

    history_: dict[str, list[float]]
    _parameters: Parameters


class EarlyStopping:
    """Stop when the validation loss has stopped improving, and restore the parameters of the best epoch.

    Without `validation_data`, `fit` holds out some of the rows: see `validation_fraction`.

    Parameters
    ----------
    patience : int
        Number of epochs without improvement after which training stops.
    min_delta : float
        Smallest decrease that counts as an improvement.
    monitor : str
        Column of the history to monitor, such as "val_loss", "loss" or a classifier's "val_error"; lower is better.
    validation_fraction : float or None
        Fraction of the rows that `fit` holds out if it is given no `validation_data` and a column of the validation is monitored: a random
        split that depends on the model's `random_state`, with the same fraction of each class if there are labels. The model is not
        trained on these rows, and the split copies the data. None to hold out none; `validation_data` is then required.

    Attributes
    ----------
    best : float
        The lowest monitored value so far.
    best_epoch : int
        The epoch of that value, counted from 1; 0 before the first epoch.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> stop = sae.EarlyStopping(patience=2)
    >>> model = sae.Autoencoder(epochs=3, random_state=0)
    >>> _ = model.fit(data.x_train, validation_data=data.x_test, callbacks=[stop])
    >>> stop.best_epoch
    3
    >>> len(model.fit(data.x_train, callbacks=sae.EarlyStopping(validation_fraction=0.2)).history_["val_loss"])
    3
    """

    def __init__(
        self,
        patience: int = 5,
        min_delta: float = 0.0,
        monitor: str = "val_loss",
        validation_fraction: float | None = 0.1,
    ) -> None:
        if patience < 1:
            raise ValueError(f"patience={patience} is not allowed; give a number of epochs of at least 1.")
        if validation_fraction is not None and not (
            isinstance(validation_fraction, Real)
            and not isinstance(validation_fraction, bool)
            and 0 < float(validation_fraction) < 1
        ):
            raise ValueError(
                f"validation_fraction={validation_fraction!r} is not allowed; give a number between 0 and 1, or None."
            )
        self.patience, self.min_delta, self.monitor = patience, min_delta, monitor
        self.validation_fraction = validation_fraction
        self.start()

    def start(self) -> None:
        """Reset the state of an earlier run."""
        self.best, self.best_epoch = math.inf, 0
        self._best_theta: Array | None = None

    def __call__(self, model: FittedModel) -> bool:
        """Check the epoch that has just ended; return True to stop the training."""
        if self.monitor not in model.history_:
            raise ValueError(
                f"EarlyStopping monitors {self.monitor!r}, which is not in the history; pass validation_data to fit."
            )
        values = model.history_[self.monitor]
        if values[-1] < self.best - self.min_delta:
            self.best, self.best_epoch = values[-1], len(values)
            self._best_theta = model._parameters.flat.copy()
        return len(values) - self.best_epoch >= self.patience

    def finish(self, model: FittedModel) -> None:
        """Give the model the parameters of its best epoch."""
        if self._best_theta is not None:
            model._parameters.flat[:] = self._best_theta

    def state_dict(self) -> dict[str, Array]:
        """Return the state for a checkpoint."""
        kept = {"best": np.array(self.best), "best_epoch": np.array(self.best_epoch)}
        return kept if self._best_theta is None else {**kept, "best_theta": self._best_theta}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Restore a state returned by `state_dict`."""
        self.best, self.best_epoch = float(state["best"]), int(state["best_epoch"])
        self._best_theta = state.get("best_theta")


Callbacks: TypeAlias = Callback[M] | Sequence[Callback[M]] | None  # one callback, several, or none


def as_callbacks(callbacks: Callbacks[M]) -> tuple[Callback[M], ...]:
    """Return callbacks as a tuple.

    Raises
    ------
    TypeError
        If one of them cannot be called, or is a class.
    """
    if callbacks is None:
        return ()
    if isinstance(callbacks, type) or (callable(callbacks) and not isinstance(callbacks, Sequence)):
        return (_checked(callbacks, "callbacks"),)
    if not isinstance(callbacks, Sequence):
        raise TypeError(f"callbacks={callbacks!r} is not allowed; give a list of callables, such as [EarlyStopping()].")
    return tuple(_checked(callback, f"callbacks[{i}]") for i, callback in enumerate(callbacks))


def _checked(callback: Any, name: str) -> Any:
    """Return a callback; raise TypeError unless it can be called with a model."""
    if isinstance(callback, type):
        raise TypeError(f"{name} is the class {callback.__name__}; give an object, such as {callback.__name__}().")
    if not callable(callback):
        raise TypeError(
            f"{name} is {callback!r}, which cannot be called; give a function or an object such as EarlyStopping()."
        )
    return callback


def fraction_to_hold_out(callbacks: Sequence[Callback[M]]) -> float | None:
    """Return the fraction of the rows that early stopping needs for a validation, if there are no validation data.

    Raises
    ------
    ValueError
        If two callbacks need different fractions.
    """
    several: Sequence[Any] = callbacks
    fractions = {
        float(callback.validation_fraction)
        for callback in several
        if isinstance(callback, EarlyStopping)
        and callback.validation_fraction is not None
        and callback.monitor.startswith("val_")
    }
    if len(fractions) > 1:
        raise ValueError(
            f"The callbacks have validation_fraction={' and '.join(f'{f:g}' for f in sorted(fractions))}; give one number for all of them."
        )
    return fractions.pop() if fractions else None
