"""The conditional variational autoencoder: classes are asked for, drawn, and not repeated in the codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.variational_runs import X, Y, fitted, new


def test_missing_classes_are_asked_for() -> None:
    model = fitted("ConditionalVariationalAutoencoder")
    for use in (lambda: model.sample(2), lambda: model.latent_grid(3), lambda: model.decode(np.zeros((2, 3)))):
        with pytest.raises(ValueError, match="give y, one label for all new rows"):
            use()
    with pytest.raises(ValueError, match="y has 1 labels for 2 new rows"):
        model.sample(2, y=[Y[0]])
    assert np.array_equal(model.sample(2, y=np.array(Y[0])), model.sample(2, y=Y[0]))


OF_PATTERNS: dict[str, Any] = {
    "likelihood": "gaussian", "variance": 0.01, "hidden_sizes": (20,), "latent_dim": 1, "epochs": 40, "learning_rate": 1e-2,
}  # fmt: skip


def patterns(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Rows of three kinds, each with a free brightness."""
    rng = np.random.default_rng(0)
    kinds = np.array(["left", "middle", "right"])[np.arange(n) % 3]
    x = np.full((n, 9), 0.05)
    for i, kind in enumerate(kinds):
        start = {"left": 0, "middle": 3, "right": 6}[kind]
        x[i, start : start + 3] = rng.uniform(0.3, 0.95)
    return x, kinds


def test_a_conditional_model_draws_the_class_that_was_asked_for() -> None:
    x, y = patterns()
    model = new("ConditionalVariationalAutoencoder", **OF_PATTERNS).fit(x, y)
    assert model.classes_.tolist() == ["left", "middle", "right"]
    for start, kind in ((0, "left"), (3, "middle"), (6, "right")):
        drawn = model.sample(20, y=kind, seed=1)
        inside = drawn[:, start : start + 3].mean()
        assert inside > 3 * (drawn.sum(axis=1).mean() - 3 * inside) / 6
    each = model.sample(3, y=["right", "left", "middle"], seed=1)
    assert np.array_equal(each[1], model.sample(3, y="left", seed=1)[1])
    assert model.latent_grid(2, y="left").shape == (4, 9)
    assert model.interpolate(x[0], x[3], 4, y="left").shape == (4, 9)
    assert np.allclose(model.reconstruct(x, y), model.decode(model.encode(x, y), y))


def test_a_conditional_model_asks_for_classes() -> None:
    with pytest.raises(ValueError, match="requires y to be passed"):
        new("ConditionalVariationalAutoencoder").fit(X)
    model = fitted("ConditionalVariationalAutoencoder")
    for call in (
        lambda: model.sample(2),
        lambda: model.encode(X),
        lambda: model.elbo(X),
        lambda: model.decode(X[:, :3]),
    ):
        with pytest.raises(ValueError, match="y"):
            call()
    with pytest.raises(ValueError, match="has the class 7"):
        model.sample(2, y=7)
    with pytest.raises(ValueError, match="one class only"):
        new("ConditionalVariationalAutoencoder").fit(X, np.zeros(len(X), int))
    assert not hasattr(model, "transform") and not hasattr(model, "inverse_transform")


def test_a_conditional_models_codes_do_not_repeat_the_class() -> None:
    x, y = patterns()
    told = new("ConditionalVariationalAutoencoder", **OF_PATTERNS).fit(x, y)
    untold = new(**OF_PATTERNS).fit(x)

    def share(codes: np.ndarray) -> float:
        """Share of the variance of the codes between the classes."""
        means = [codes[y == kind].mean() for kind in np.unique(y)]
        return float(np.var(means) / codes.var())

    assert share(told.encode(x, y)) < 0.3 < share(untold.encode(x))
    assert told.score(x, y) > untold.score(x)


def test_refitting_with_other_classes_changes_the_network() -> None:
    model = fitted("ConditionalVariationalAutoencoder")
    model.fit(X, Y % 2)
    assert model.classes_.tolist() == [0, 1] and model.sample(2, y=1).shape == (2, 9)
    before = model.sample(2, y=1)
    with pytest.raises(ValueError, match="remove such rows"):
        model.fit(X, np.where(np.arange(40) == 3, np.nan, Y.astype(float)))
    assert np.array_equal(model.sample(2, y=1), before)
