"""Out of the latent space: samples, paths, grids, statistics; with classes and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.variational_runs import X, Y, fitted, new
from scipy.stats import norm

import scratchae as sae
from scratchae.models.generation import path_between


def test_sample_decodes_the_prior() -> None:
    model = fitted()
    z = np.random.default_rng(3).standard_normal((5, 3))
    assert np.array_equal(model.sample(5, seed=3), model.decode(z))
    assert np.array_equal(model.sample(5, seed=3), model.sample(5, seed=3))
    assert not np.array_equal(model.sample(5, seed=3), model.sample(5, seed=4))


def test_interpolate_begins_and_ends_with_the_reconstructions() -> None:
    model = fitted()
    for method in ("linear", "spherical"):
        path = model.interpolate(X[0], X[1], 6, method=method)
        assert path.shape == (6, 9)
        assert np.allclose(path[[0, -1]], model.reconstruct(X[:2]))
    assert not np.allclose(*(model.interpolate(X[0], X[1], 6, method=m) for m in ("linear", "spherical")))


def test_spherical_paths_keep_their_distance_from_the_origin() -> None:
    a, b = np.array([3.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    arc = path_between(a, b, 5, "spherical")
    assert np.allclose(np.linalg.norm(arc, axis=1), [3, 2.5, 2, 1.5, 1])
    angles = np.degrees(np.arctan2(arc[:, 2], arc[:, 0]))
    assert np.allclose(angles, [0, 22.5, 45, 67.5, 90])
    line = path_between(a, b, 3, "linear")
    assert np.allclose(line, [a, (a + b) / 2, b])
    for other in (np.zeros(3), 2 * a, -a):  # no arc, or no single one
        assert np.allclose(path_between(a, other, 3, "spherical"), path_between(a, other, 3, "linear"))


def test_spherical_paths_in_float32_between_nearly_opposite_codes() -> None:
    a = np.array([1, 2, 3], np.float32)
    b = -a + np.float32(1e-3) * np.array([2, -1, 0], np.float32)
    lengths = np.linalg.norm(path_between(a, b, 21, "spherical").astype(np.float64), axis=1)
    assert np.allclose(lengths, np.linalg.norm(a), rtol=1e-3)


def test_missing_classes_are_asked_for() -> None:
    model = fitted("ConditionalVariationalAutoencoder")
    for use in (lambda: model.sample(2), lambda: model.latent_grid(3), lambda: model.decode(np.zeros((2, 3)))):
        with pytest.raises(ValueError, match="give y, one label for all new rows"):
            use()
    with pytest.raises(ValueError, match="y has 1 labels for 2 new rows"):
        model.sample(2, y=[Y[0]])
    assert np.array_equal(model.sample(2, y=np.array(Y[0])), model.sample(2, y=Y[0]))


def test_latent_grid_goes_through_the_inverse_cdf() -> None:
    model = fitted(latent_dim=2)
    grid = model.latent_grid(4).reshape(4, 4, 9)
    steps = norm.ppf([0.125, 0.375, 0.625, 0.875])
    assert np.allclose(grid[0, 0], model.decode([[steps[0], steps[3]]]))  # upper left
    assert np.allclose(grid[3, 1], model.decode([[steps[1], steps[0]]]))
    deep = fitted(latent_dim=4)
    assert np.allclose(deep.latent_grid(1, (3, 1)), deep.decode(np.zeros((1, 4))))
    assert np.allclose(deep.latent_grid(2, (3, 1))[1], deep.decode([[0, norm.ppf(0.75), 0, norm.ppf(0.75)]]))
    assert fitted(latent_dim=1).latent_grid(3).shape == (9, 9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.sample(0), "n=0 is not allowed"),
        (lambda m: m.interpolate(X[0], X[1], 1), "n=1 is not allowed; give an integer of at least 2"),
        (lambda m: m.interpolate(X[0], X[1], method="cubic"), "method='cubic' is unknown"),
        (lambda m: m.interpolate(X[0], X[1, :5]), "same shape"),
        (lambda m: m.latent_grid(0), "n=0 is not allowed"),
        (lambda m: m.latent_grid(3, (0, 3)), r"must be two different integers in \[0, 3\)"),
        (lambda m: m.latent_grid(3, (1, 1)), r"must be two different integers in \[0, 3\)"),
        (lambda m: m.latent_grid(3, 1), r"must be two different integers in \[0, 3\)"),
    ],
)
def test_bad_requests(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(fitted())


def test_nothing_is_generated_before_fit() -> None:
    for call in (lambda m: m.sample(2), lambda m: m.latent_grid(2), lambda m: m.elbo(X), lambda m: m.posterior(X)):
        with pytest.raises(sae.NotFittedError, match="not fitted yet"):
            call(new())


def test_latent_statistics_tell_used_dimensions_from_unused_ones() -> None:
    model = fitted()
    p = model.parameters_
    p["encoder.1.W"][:, [1, 4]], p["encoder.1.b"][[1, 4]] = 0, 0  # the second dimension is the prior
    p["encoder.1.W"][:, 0] *= 5
    statistics = model.latent_statistics(X)
    mu, logvar = model.posterior(X)
    assert statistics.active.tolist()[:2] == [True, False]
    assert statistics.kl[1] == 0 and statistics.variance[1] == 0
    assert np.allclose(statistics.kl, ((mu**2 + np.exp(logvar) - logvar - 1) / 2).mean(axis=0))
    assert statistics.kl.sum() == pytest.approx(model.elbo(X).kl.mean())


# With classes.


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
