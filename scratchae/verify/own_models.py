"""Checks of a model of your own: gradients against numeric derivatives, and the requirements on every objective."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike

from scratchae.backend import use_backend
from scratchae.models.fitting import Data
from scratchae.models.model import Model
from scratchae.nets import Parameters
from scratchae.verify.derivatives import Array, central_differences, relative_error

MOST_ENTRIES = 60  # number of compared entries per parameter array; chosen at random if there are more
TOLERANCE = 1e-6
ROWS = 12  # number of rows of the data that are used


@dataclass(frozen=True)
class Compared:
    """Comparison of an array of gradients with its numeric derivatives.

    Attributes
    ----------
    name : str
        Name of the parameter, and whether before or after training.
    analytic, numeric : float
        The entry with the largest difference, from `loss_and_gradients` and from central differences.
    error : float
        The largest difference relative to the largest entry.
    """

    name: str
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class ModelCheck:
    """The result of `check_model`.

    Attributes
    ----------
    gradients : list of Compared
    problems : list of str
        One sentence per problem; empty if there are none.
    """

    gradients: list[Compared]
    problems: list[str]

    @property
    def passed(self) -> bool:
        """True if no problem was found."""
        return not self.problems

    def __str__(self) -> str:
        width = max((len(row.name) for row in self.gradients), default=8)
        lines = [f"{'gradient':{width}}  {'analytic':>12}  {'numeric':>12}  {'error':>8}"]
        lines += [f"{r.name:{width}}  {r.analytic:12.5g}  {r.numeric:12.5g}  {r.error:8.1e}" for r in self.gradients]
        return "\n".join([*lines, *(self.problems or ["no problem was found"])])


class _Fitted(Protocol):
    """The members of a fitted model that the checks use; `Model` itself defines neither `fit` nor `loss_and_gradients`."""

    needs_labels: ClassVar[bool]
    _rows_are_coupled: ClassVar[bool]
    _has_noise: ClassVar[bool]
    classes_: Array  # of a model that is fitted with labels

    @property
    def parameters_(self) -> Parameters: ...
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> object: ...
    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0
    ) -> tuple[float, dict[str, Array]]: ...
    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> object: ...
    def _metrics_of_objective(self, parameters: Parameters, data: Data, noise: object) -> dict[str, float]: ...
    def _known(self, X: ArrayLike) -> Array: ...


def check_model(model: Model, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0) -> ModelCheck:
    """Check the objective of a model of your own, as `scratchae check` does for the models of this package.

    A copy of the model is trained for three epochs in float64, on both backends; the model itself is not modified.

    Parameters
    ----------
    model : Model
        The model with its options; it need not be fitted.
    X : array_like, shape (N, D)
        Rows of data, of which a few are used.
    y : array_like, shape (N,), optional
        Their labels, if the model is fitted with labels.
    seed : int

    Returns
    -------
    check : ModelCheck
        `check.passed` is true if no problem was found; ``print(check)`` shows each gradient next to its numeric derivative.

    Raises
    ------
    ValueError, TypeError
        If the options or the data are invalid.
    """
    if isinstance(model, type):
        raise TypeError(f"check_model checks a model with its options, not a class; give {model.__name__}().")
    rows, labels = np.array(X)[:ROWS], None if y is None else np.asarray(y)[:ROWS]
    gradients: list[Compared] = []
    problems: list[str] = []
    losses = []
    for room in ("numpy", "numba"):
        with use_backend(room), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for epochs, when in ((1, "early"), (3, "trained")):
                own = copy.deepcopy(model).set_params(dtype="float64", epochs=epochs, random_state=seed)
                trained = cast("_Fitted", own)
                trained.fit(rows, labels)
                if room == "numpy":
                    gradients += _compared(trained, rows, labels, seed, when)
            losses.append(trained.loss_and_gradients(rows, labels, seed)[0])
        if room == "numpy":
            problems += _habits(trained, rows, labels, seed)
    problems += [
        f"The gradient of {row.name} differs from its numeric derivative: {row.analytic:.5g} instead of {row.numeric:.5g}."
        for row in gradients
        if not row.error <= TOLERANCE
    ]
    if not np.isclose(losses[0], losses[1], rtol=1e-9):
        problems.append(f"The losses after training on the two backends differ: {losses[0]:.9g} and {losses[1]:.9g}.")
    return ModelCheck(gradients, problems)


def _indices(model: _Fitted, y: Array | None) -> Array | None:
    return np.searchsorted(model.classes_, y) if model.needs_labels and y is not None else None


def _compared(model: _Fitted, x: Array, y: Array | None, seed: int, when: str) -> list[Compared]:
    """Compare all gradients with numeric ones; entries at a kink, where there is no derivative, are skipped."""
    _, gradients = model.loss_and_gradients(x, y, seed)
    rng, found = np.random.default_rng(seed), []
    for name, parameter in model.parameters_.items():
        flat = parameter.reshape(-1)
        places = np.sort(rng.choice(flat.size, min(flat.size, MOST_ENTRIES), replace=False))
        here = flat[places].copy()

        def loss(values: Array, flat: Array = flat, places: Array = places) -> float:
            flat[places] = values
            return float(model.loss_and_gradients(x, y, seed)[0])

        numeric, smooth = central_differences(loss, here)
        flat[places] = here
        analytic = gradients[name].reshape(-1)[places]
        if smooth.any():
            worst = int(np.argmax(np.where(smooth, abs(analytic - numeric), -1)))
            error = relative_error(analytic[smooth], numeric[smooth])
            found.append(Compared(f"{name}, {when}", float(analytic[worst]), float(numeric[worst]), error))
    return found


def _habits(model: _Fitted, x: Array, y: Array | None, seed: int) -> list[str]:
    """Return the requirements on objectives that are violated."""
    found, before = [], (x.copy(), model.parameters_.flat.copy())
    loss, gradients = model.loss_and_gradients(x, y, seed)
    if not np.array_equal(x, before[0]) or not np.array_equal(model.parameters_.flat, before[1]):
        found.append("The objective modifies its arguments; make copies or new arrays.")
    if model.loss_and_gradients(x, y, seed)[0] != loss:
        found.append("The loss differs when it is computed again; draw all noise in draw_noise.")
    still = [name for name, value in gradients.items() if not np.any(value)]
    if still:
        found.append(f"{', '.join(still)} have a gradient of zeros: training would not change them.")
    rng = np.random.default_rng(seed)
    reported = model._metrics_of_objective(
        model.parameters_, Data(model._known(x), _indices(model, y)), model.draw_noise(rng, x.shape)
    )
    if not np.isclose(reported["loss"], loss, rtol=1e-6):
        found.append(
            f"metrics gives the loss {reported['loss']:.9g} where the objective is {loss:.9g}; define metrics together with the objective."
        )
    if not model._rows_are_coupled and not model._has_noise:
        twice = (np.concatenate([x, x]), None if y is None else np.concatenate([y, y]))
        again, repeated = model.loss_and_gradients(*twice, seed)
        same = all(np.allclose(repeated[name], value, rtol=1e-6, atol=1e-12) for name, value in gradients.items())
        if not np.isclose(again, loss, rtol=1e-9) or not same:
            found.append(
                "Repeating every row changes the objective: take means over the rows, or set _rows_are_coupled = True."
            )
    return found
