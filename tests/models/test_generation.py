"""Out of the latent space: samples, paths, grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.variational_runs import X, fitted, new
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
        assert np.allclose(path_between(a, other, 6, "spherical"), path_between(a, other, 6, "linear"))


def test_spherical_paths_in_float32_between_nearly_opposite_codes() -> None:
    a = np.array([1, 2, 3], np.float32)
    b = -a + np.float32(1e-3) * np.array([2, -1, 0], np.float32)
    lengths = np.linalg.norm(path_between(a, b, 21, "spherical").astype(np.float64), axis=1)
    assert np.allclose(lengths, np.linalg.norm(a), rtol=1e-3)


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
