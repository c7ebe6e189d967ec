"""`trace`: the objective of a fitted model on a few rows, recorded line by line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from scratchae.backend import use_backend
from scratchae.errors import not_fitted
from scratchae.models.model import Model
from scratchae.nets.network import Array
from scratchae.tracing.recorder import LineRecorder
from scratchae.tracing.traces import Trace

MOST_ROWS = 100


class TinyExample(NamedTuple):
    """A trace that needs no data.

    Attributes
    ----------
    name, about : str
        Its name, and a sentence about it.
    run : callable
        Returns the trace.
    """

    name: str
    about: str
    run: Callable[[], Trace]


def trace(model: Model, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0) -> Trace:
    """Run the objective of a model on a few rows and record what each labelled line computed, forward and backward.

    A label is the name of an equation in the comment at the end of a line, such as ``# (dense.4)``. The labels are read from the source, so a
    model of your own is traced as well. The objective runs on the NumPy backend, whatever backend is in use; loss and gradients are exactly
    those that `loss_and_gradients` gives there.

    Parameters
    ----------
    model : Model
        Fitted; it is not changed.
    X : array_like, shape (N, D)
        At most 100 rows.
    y : array_like, shape (N,), optional
        Their labels, for a model that is fitted with labels.
    seed : int
        Seed of the noise, as in `loss_and_gradients`.

    Returns
    -------
    trace : Trace
        ``print(trace)`` shows a table, a notebook shows it by itself; `trace.to_html()` and `trace.to_json()` are for files.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If it is no model.
    ValueError
        If there are too many rows, they do not match the model, labels of the rows are missing, or no line of the model has a label.

    Notes
    -----
    A trace function that is active, such as that of a debugger, is put aside during the run and restored afterwards.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=1, random_state=0).fit(data.x_train)
    >>> found = sae.trace(model, data.x_test[:3])
    >>> found.values("autoencoder.3")["losses"].shape
    (3,)
    """
    _check_model(model)
    _check_rows(X)
    if model.needs_labels and y is None:
        raise ValueError(f"A {type(model).__name__} is fitted with labels; give those of the rows: trace(model, X, y).")
    method = model.loss_and_gradients  # type: ignore[attr-defined]
    return traced(model, lambda: method(X, y, seed=seed))


def traced(
    model: Model,
    run: Callable[[], tuple[float, Mapping[str, Array]]],
    example: str | None = None,
    about: str | None = None,
) -> Trace:
    """Return the trace of a call that computes a model's loss and gradients.

    Parameters
    ----------
    model : Model
    run : callable
        Returns loss and gradients.
    example, about : str, optional
        Of a tiny example: its name, and a sentence about it.
    """
    function = inspect.unwrap(type(model).objective)
    recorder = LineRecorder(function.__code__)
    with use_backend("numpy"):
        loss, gradients = recorder.run(run)
    if not recorder.codes & _codes_of(model):
        raise ValueError(
            f"{type(model).__name__}.objective has no labels; write the equation's label into a comment at the end of each line, such as "
            "`h = encoder.forward(parameters, x)  # (mine.1)`."
        )
    rows = next(
        (len(value.array) for value in recorder.arguments if value.name == "x" and value.array is not None), None
    )
    return Trace(
        type(model).__name__, recorder.arguments, recorder.steps, loss, dict(gradients), example, about, rows
    )  # fmt: skip


def _check_model(model: object) -> None:
    if isinstance(model, type):
        raise TypeError(f"trace needs a fitted model, not a class; give {model.__name__}().fit(X).")
    if not isinstance(model, Model) or not hasattr(model, "loss_and_gradients"):
        raise TypeError(
            f"trace needs a fitted model with the method loss_and_gradients; {type(model).__name__} is none."
        )
    if not model.__sklearn_is_fitted__():
        raise not_fitted(
            f"This {type(model).__name__} is not fitted, so it has no parameters to trace; call fit first, or see "
            'scratchae.tracing.tiny("autoencoder") for an example that needs none.'
        )


def _check_rows(X: Any) -> None:
    shape = getattr(X, "shape", None)
    rows = shape[0] if shape else len(X) if hasattr(X, "__len__") else 0
    if rows > MOST_ROWS:
        raise ValueError(f"X has {rows:,} rows, and a trace is for at most {MOST_ROWS}; give the first few: X[:3].")


def _codes_of(model: Model) -> set[CodeType]:
    """Return the functions of a model's class and of the classes above it."""
    functions = [
        inspect.unwrap(f) for kind in type(model).__mro__ for f in vars(kind).values() if inspect.isfunction(f)
    ]
    return {function.__code__ for function in functions}
