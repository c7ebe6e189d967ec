"""The Wasserstein autoencoder: the discrepancy by hand, its gradient, the terms of the objective, and generation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models import wasserstein
from scratchae.models.wasserstein import squared_mmd, squared_mmd_backward

X = np.random.default_rng(0).random((40, 9))


def new(**options: Any) -> sae.WassersteinAutoencoder:
    small = {"hidden_sizes": (7,), "latent_dim": 3, "batch_size": 8, "epochs": 3, "dtype": "float64", "random_state": 0}
    return sae.WassersteinAutoencoder(**{**small, **options})


# The discrepancy.


def test_the_discrepancy_of_two_points_by_hand() -> None:
    # k(a, b) = 2 / (2 + |a - b|²): among h 2/6, among z 2/3, between them 1, 2/3, 2/6 and 2/3.
    h, z = np.array([[0.0], [2.0]]), np.array([[0.0], [1.0]])
    between = (1 + 2 / 3 + 2 / 6 + 2 / 3) / 4
    assert squared_mmd(h, z, 2.0) == pytest.approx(2 / 6 + 2 / 3 - 2 * between)


def test_it_is_unbiased_and_grows_with_the_distance() -> None:
    rng = np.random.default_rng(1)
    same = [squared_mmd(rng.standard_normal((5, 2)), rng.standard_normal((5, 2)), 4.0) for _ in range(2000)]
    assert min(same) < 0 < max(same)
    assert abs(np.mean(same)) < 4 * np.std(same) / np.sqrt(2000)
    h, z = rng.standard_normal((50, 2)), rng.standard_normal((50, 2))
    near, far = (squared_mmd(h + shift, z, 4.0) for shift in (1, 3))
    assert far > near > 0.05


@pytest.mark.parametrize("rows", [2, 5])
def test_its_gradient_is_that_of_differences(rows: int) -> None:
    rng = np.random.default_rng(2)
    h, z = rng.standard_normal((rows, 2)), rng.standard_normal((rows, 2))
    kept = h.copy(), z.copy()
    gradient = squared_mmd_backward(0.7, h, z, 3.0)
    for index in np.ndindex(h.shape):
        step = np.zeros_like(h)
        step[index] = 1e-5
        slope = (squared_mmd(h + step, z, 3.0) - squared_mmd(h - step, z, 3.0)) / 2e-5
        assert gradient[index] == pytest.approx(0.7 * slope, abs=1e-9)
    assert np.array_equal(h, kept[0]) and np.array_equal(z, kept[1])
    assert squared_mmd_backward(1.0, h.astype(np.float32), z.astype(np.float32), 3.0).dtype == np.float32


def test_few_pairs_at_a_time_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    h, z = rng.standard_normal((11, 2)), rng.standard_normal((11, 2))
    whole, gradient = squared_mmd(h, z, 2.0), squared_mmd_backward(1.0, h, z, 2.0)
    monkeypatch.setattr(wasserstein, "PAIRS_AT_A_TIME", 30)  # two rows of h at a time
    assert squared_mmd(h, z, 2.0) == pytest.approx(whole, rel=1e-12)
    np.testing.assert_allclose(squared_mmd_backward(1.0, h, z, 2.0), gradient, atol=1e-15)


# The model.


def test_the_objective_is_reconstruction_and_weighted_discrepancy() -> None:
    model = new(mmd_weight=5.0, weight_decay=0.1).fit(X)
    prior = np.random.default_rng(7).standard_normal((len(X), 3))
    decay = 0.05 * sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith("W"))
    discrepancy = squared_mmd(model.encode(X), prior, 6.0)  # C is 2 latent_dim by default
    loss = model.loss_and_gradients(X, seed=7)[0]
    assert loss == pytest.approx(-model.score(X) + 5 * discrepancy + decay, rel=1e-12)
    assert abs(discrepancy) > 1e-3 and decay > 1e-3


def test_the_history_has_both_terms_of_the_validation_loss() -> None:
    model = new(mmd_weight=2.0).fit(X, validation_data=X[:15])
    assert set(model.history_) == {
        "loss",
        "val_loss",
        "val_reconstruction",
        "val_mmd",
        "seconds",
        "reconstruction",
        "mmd",
    }
    h = model.encode(X[:15])
    z = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(3,))).standard_normal((15, 3))  # of the validation
    within = [6 / (6 + ((a[n] - a[m]) ** 2).sum()) for a in (h, z) for n in range(15) for m in range(15) if n != m]
    between = [6 / (6 + ((a - b) ** 2).sum()) for a in h for b in z]
    discrepancy = 2 * np.mean(within) - 2 * np.mean(between)  # as many pairs of codes as of draws
    reconstruction, last = -model.score(X[:15]), {name: values[-1] for name, values in model.history_.items()}
    assert last["val_mmd"] == pytest.approx(discrepancy, rel=1e-10) and abs(discrepancy) > 1e-3
    assert last["val_reconstruction"] == pytest.approx(reconstruction, rel=1e-12)
    assert last["val_loss"] == pytest.approx(reconstruction + 2 * discrepancy, rel=1e-12)


def test_a_larger_weight_moves_the_codes_to_the_prior() -> None:
    options: dict[str, Any] = {"likelihood": "gaussian", "epochs": 150, "learning_rate": 1e-2, "batch_size": 40}
    light, heavy = (new(mmd_weight=weight, **options).fit(5 * X).encode(5 * X) for weight in (0.0, 100.0))
    prior = np.random.default_rng(8).standard_normal((len(X), 3))
    assert squared_mmd(heavy, prior, 6.0) < 0.2 * squared_mmd(light, prior, 6.0)


def test_samples_are_the_decoded_prior() -> None:
    model = new().fit(X)
    z = np.random.default_rng(3).standard_normal((4, 3))
    np.testing.assert_allclose(model.sample(4, seed=3), model.decode(z), rtol=1e-12)
    assert np.array_equal(model.sample(4, seed=3), model.sample(4, seed=3))
    assert not np.array_equal(model.sample(4, seed=3), model.sample(4, seed=4))
    path = model.interpolate(X[0], X[1], 5)
    np.testing.assert_allclose(path[[0, -1]], model.reconstruct(X[:2]), rtol=1e-12)
    assert model.latent_grid(3).shape == (9, 9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mmd_weight": -1}, "mmd_weight=-1 is not allowed"),
        ({"mmd_weight": np.nan}, "mmd_weight=nan is not allowed"),
        ({"kernel_scale": 0}, "kernel_scale=0 is not allowed"),
        ({"optimizer": "lbfgs"}, 'optimizer="lbfgs" needs a deterministic objective'),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(options: dict[str, Any], message: str) -> None:
    fresh = new(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X)
    assert set(vars(fresh)) == set(fresh.get_params())
