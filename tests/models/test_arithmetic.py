"""Settings of NumPy that belong to the user change nothing, and do not change."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae import ops
from scratchae.models import arithmetic
from scratchae.models.model import Model
from scratchae.registry import BY_NAME

# Denormal, constant and ordinary features: in float32 their products underflow.
ROWS = np.random.default_rng(0).random((60, 9)).astype(np.float32)
ROWS[:, 0] *= np.float32(1e-30)
ROWS[:, 1] = 0
ROWS[:, 2] = 1
LABELS = np.arange(60) % 3
SKIPPED = {
    "fit",
    "partial_fit",
    "fit_softmax",
    "fit_transform",
    "pretrain",
    "fine_tune",
    "save",
    "to_classifier",
    "transform",
}


@pytest.fixture
def strict() -> Iterator[None]:
    """NumPy raises every floating-point error, and warnings of the kind are errors."""
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def fitted(name: str, **options: Any) -> Model:
    """A model of that class, fitted briefly."""
    kind = getattr(sae, name)
    known = kind._options()
    brief = {"epochs": 3, "pretrain_epochs": 2, "batch_size": 20, "random_state": 0, **options}
    model = kind(**{name: value for name, value in brief.items() if name in known})
    labels = (LABELS,) if needs_labels(name) else ()
    return model.fit(ROWS, *labels, validation_data=(ROWS, *labels) if labels else ROWS)


def needs_labels(name: str) -> bool:
    return name in ("ConditionalVariationalAutoencoder", "StackedClassifier")


def results(model: Model) -> dict[str, Any]:
    """The results of all public methods that take rows, codes or a number."""
    found: dict[str, Any] = {}
    width = model.latent_dim if hasattr(model, "latent_dim") else model.hidden_sizes[-1]
    codes = np.full((4, width), 60.0, np.float32)
    for name, method in inspect.getmembers(model, inspect.ismethod):
        if name.startswith("_") or name in arithmetic.DEFINITIONS | SKIPPED or name in ("get_params", "set_params"):
            continue
        takes = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
        first = takes[0].name if takes else ""
        values: dict[str, Any] = {"X": ROWS, "n": 3, "a": ROWS[0], "Z": codes}
        if first not in values or (name == "sample" and needs_labels(type(model).__name__)):
            continue
        arguments = [values[first]]
        if name == "interpolate":
            arguments.append(ROWS[1])
        labels = LABELS[: len(arguments[0])] if first in ("X", "Z") else 0
        named = (
            {"y": labels} if "y" in inspect.signature(method).parameters and needs_labels(type(model).__name__) else {}
        )
        found[name] = method(*arguments, **named)
    return found


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("name", BY_NAME)
def test_no_error_state_changes_a_model(name: str, backend: str, strict: None) -> None:
    with sae.use_backend(backend), np.errstate(all="ignore"):
        expected = fitted(name)
        calls = results(expected)
    before = np.geterr()
    with sae.use_backend(backend):
        model = fitted(name)
        assert model.parameters_.flat.tobytes() == expected.parameters_.flat.tobytes()
        for method, result in results(model).items():
            np.testing.assert_equal(result, calls[method])
        model._parameters.flat[:] *= np.float32(1e4)  # saturated outputs, and numbers that are not finite
        results(model)
    assert np.geterr() == before
    assert len(calls) >= 5


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_divergence_is_named_under_any_error_state(backend: str, strict: None) -> None:
    with sae.use_backend(backend), pytest.raises(sae.DivergenceError):
        sae.Autoencoder((4,), 2, likelihood="gaussian", learning_rate=1e30, epochs=50, random_state=0).fit(ROWS)


def test_lbfgs_under_any_error_state(strict: None) -> None:
    sae.Autoencoder((4,), 2, optimizer="lbfgs", epochs=30, random_state=0).fit(ROWS)


def test_ops_and_objectives_follow_the_settings_of_whoever_calls_them(strict: None) -> None:
    with pytest.raises(FloatingPointError):
        ops.sigmoid(np.float32([-200.0]))
    model = fitted("Autoencoder")
    model._parameters.flat[:] *= 1e4
    with sae.use_backend("numpy"), pytest.raises(FloatingPointError):
        model.objective(model.parameters_, ROWS)


def test_methods_of_a_users_own_model_follow_its_settings(strict: None) -> None:
    class Mine(sae.Autoencoder):
        def ratio(self) -> Any:
            return np.float64(1) / np.float64(0)

    with pytest.raises(FloatingPointError):
        Mine().ratio()


@pytest.mark.parametrize("method", ["encode", "transform", "reconstruct", "score"])
def test_warnings_name_the_line_of_the_user(method: str) -> None:
    class Frame(np.ndarray):
        columns = ("a",) * 9

    model = fitted("Autoencoder")
    with pytest.warns(UserWarning, match="feature names") as caught:
        getattr(model, method)(ROWS.view(Frame))
    assert {Path(warning.filename) for warning in caught} == {Path(__file__)}
