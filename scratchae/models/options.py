"""The options that every model has: their checks, and how they are kept in files."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from scratchae.models.estimator import Estimator
from scratchae.models.validation import check_choice, check_number, check_share, check_whole
from scratchae.training import as_optimizer, seed_of
from scratchae.training.optimizers import describe


class CommonOptions(Estimator):
    """An estimator with the options that every model has."""

    _shaping: ClassVar[tuple[str, ...]] = (
        "dtype",
    )  # options that a fitted model cannot change; a variant adds its own

    # Options that every model has.
    optimizer: Any
    learning_rate: float
    learning_rate_decay: float
    weight_decay: float
    batch_size: int
    epochs: int
    random_state: Any
    dtype: Any
    verbose: int

    def _check_options(self) -> None:
        self._dtype()
        as_optimizer(self.optimizer)
        seed_of(
            self.random_state if not isinstance(self.random_state, (np.random.Generator, np.random.RandomState)) else 0
        )
        check_number("learning_rate", self.learning_rate, 0, open_end=True)
        check_share("learning_rate_decay", self.learning_rate_decay, open_start=True)
        check_number("weight_decay", self.weight_decay, 0)
        check_whole("batch_size", self.batch_size, 1)
        check_whole("epochs", self.epochs, 1)
        if not isinstance(self.verbose, (Integral, np.bool_)):
            raise ValueError(f"verbose={self.verbose!r} is not allowed; give 0, or 1 for a progress bar.")

    def _dtype(self) -> str:
        try:
            name = str(self.dtype) if self.dtype is None else np.dtype(self.dtype).name
        except TypeError:
            name = str(self.dtype)
        check_choice("dtype", name, ("float32", "float64"))
        return name

    def _shape_options(self) -> dict[str, Any]:
        """The options without which the parameters cannot be read."""
        options = {name: plain(getattr(self, name)) for name in self._shaping}
        return {**options, "dtype": self._dtype()}

    def _described_options(self) -> dict[str, Any]:
        """The options as JSON can hold them."""
        options = self.get_params()
        if isinstance(options["random_state"], (np.random.Generator, np.random.RandomState)):
            options["random_state"] = None
        options["optimizer"] = describe(options["optimizer"])
        options["dtype"] = self._dtype()
        return {name: plain(value) for name, value in options.items()}


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list, range, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, Real) and not isinstance(value, (bool, int, float)):
        return float(value)
    return value


def as_tuple(value: Any) -> Any:
    """A list, which is what JSON makes of a tuple, as a tuple again; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value
