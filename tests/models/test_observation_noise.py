"""The variance of a Gaussian decoder, given or learned, and draws of x in samples."""

from __future__ import annotations

import copy
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.variational_runs import X, Y, fitted, new

import scratchae as sae
from scratchae.models.generation import prior_draws
from scratchae.models.observation_noise import draws_of_x, limits_of_logvar

KINDS = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")
GIVEN = np.linspace(0.1, 0.9, 9)
PAGE = Path(__file__).parents[2] / "docs" / "derivations" / "gaussian_nll.md"


def labels(kind: str, n: int) -> dict[str, Any]:
    """Classes for new rows, if the model needs them."""
    return {"y": np.arange(n) % 3} if kind.startswith("Cond") else {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_is_one_learned_variance(kind: str) -> None:
    assert new(kind).variance == "learned"
    assert fitted(kind, likelihood="gaussian").parameters_["decoder.logvar"].shape == (1,)
    assert "decoder.logvar" not in fitted(kind).parameters_  # pixels have none


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variance", [0.3, GIVEN, [*GIVEN], tuple(GIVEN), "learned", "learned_per_feature"])
def test_the_variance_of_each_feature_is_told_and_kept_in_files(kind: str, variance: Any, tmp_path: Path) -> None:
    model = fitted(kind, likelihood="gaussian", variance=variance)
    found = model.noise_variance_
    if isinstance(variance, str):
        expected = np.broadcast_to(np.exp(model.parameters_["decoder.logvar"]), 9)
        assert len(set(found)) == (9 if variance == "learned_per_feature" else 1)
    else:
        expected = np.broadcast_to(variance, 9)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    model.save(tmp_path / "m.npz")
    other = sae.load(tmp_path / "m.npz")
    assert np.array_equal(other.noise_variance_, found)
    given = labels(kind, 5)
    assert np.array_equal(other.sample(5, seed=1, **given), model.sample(5, seed=1, **given))
    y = (Y,) if given else ()
    assert np.array_equal(other.elbo(X, *y).elbo, model.elbo(X, *y).elbo)
    assert repr(other.fit(X, Y)) and np.array_equal(other.noise_variance_, found)  # the options train the same model


def test_pixels_have_no_noise_variance() -> None:
    with pytest.raises(AttributeError, match='is for likelihood="gaussian"'):
        _ = fitted().noise_variance_
    assert not hasattr(fitted(), "noise_variance_")
    with pytest.raises(sae.NotFittedError):
        _ = new(likelihood="gaussian").noise_variance_


def test_an_array_is_an_option_like_any_other() -> None:
    clone = pytest.importorskip("sklearn.base").clone
    model = new(likelihood="gaussian", variance=GIVEN)
    other = clone(model)
    assert other.variance is not GIVEN and np.array_equal(other.get_params()["variance"], GIVEN)
    assert "variance=array([0.1" in repr(model)
    assert copy.deepcopy(model).set_params(variance="learned").variance == "learned"


def test_a_fitted_model_keeps_its_variances() -> None:
    model = fitted(likelihood="gaussian", variance=GIVEN)
    with pytest.raises(ValueError, match="variance is .*but this VariationalAutoencoder was fitted with"):
        model.set_params(variance=2 * GIVEN).sample(3)
    assert model.set_params(variance=list(GIVEN)).sample(3).shape == (3, 9)


def test_a_checkpoint_belongs_to_its_variances(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    new(likelihood="gaussian", variance=GIVEN).fit(X, checkpoint=path)
    more = new(likelihood="gaussian", variance=[*GIVEN], epochs=5).fit(X, checkpoint=path, resume=True)
    straight = new(likelihood="gaussian", variance=GIVEN, epochs=5).fit(X)
    assert np.array_equal(more.parameters_.flat, straight.parameters_.flat)
    for other in (2 * GIVEN, 0.3, "learned_per_feature"):
        with pytest.raises(ValueError, match="variance"):
            new(likelihood="gaussian", variance=other, epochs=5).fit(X, checkpoint=path, resume=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("variance", "message"),
    [
        (0, "variance=0 is not allowed; give a number above 0."),
        (np.nan, "variance=nan is not allowed; give a number above 0."),
        (True, "variance=True is not allowed; give a number above 0."),
        (None, "variance is of type NoneType; give a number above 0, a list or an array with one number for each feature"),
        ({"a": 1.0}, "variance is of type dict; give a number above 0, a list or an array with one number for each feature"),
        (1j, "variance is of type complex; give a number above 0"),
        ("lerned", "variance='lerned' is not allowed (did you mean 'learned'?); give a number above 0, one number for each feature, "
         '"learned" or "learned_per_feature".'),
        ([*GIVEN[:8], 0], "variance[8]=0 is not allowed; give a number above 0."),
        ([*GIVEN[:8], -1.0], "variance[8]=-1.0 is not allowed; give a number above 0."),
        (np.append(GIVEN[:8], np.nan), "variance[8]="),
        ([*GIVEN[:8], "a"], "variance[8]='a' is not allowed; give a number above 0."),
        ([*GIVEN[:8], [1.0]], "variance[8]=[1.0] is not allowed; give a number above 0."),
        (GIVEN[:8], "variance has 8 numbers, but X has 9 features; give one number for each feature, or a single number for all."),
        ([], "variance has no entries; give one number for each feature, or a single number for all."),
        (GIVEN[None], "variance has shape (1, 9); give one number for each feature, or a single number for all."),
    ],
)  # fmt: skip
def test_other_variances_are_refused_before_anything_changes(kind: str, variance: Any, message: str) -> None:
    model = new(kind, likelihood="gaussian", variance=variance)
    with pytest.raises(ValueError, match=re.escape(message)):
        model.fit(X, Y)
    assert not hasattr(model, "history_") and not hasattr(model, "n_features_in_")


def test_a_file_of_an_earlier_version_keeps_its_number(tmp_path: Path) -> None:
    # Earlier versions had the default 1.0, and wrote it into the file.
    model = fitted(likelihood="gaussian", variance=1.0)
    model.save(tmp_path / "m.npz")
    other = sae.load(tmp_path / "m.npz")
    assert other.variance == 1.0 and np.array_equal(other.noise_variance_, np.ones(9))


# Samples.


@pytest.mark.parametrize("kind", KINDS)
def test_the_noise_of_samples_has_the_variance_of_each_feature(kind: str) -> None:
    model, n = fitted(kind, likelihood="gaussian", variance=GIVEN), 20_000
    given = labels(kind, n)
    drawn, means = (model.sample(n, seed=2, noise=noise, **given) for noise in (True, False))
    noise = drawn - means  # the same z
    np.testing.assert_allclose(noise.var(axis=0), GIVEN, rtol=0.05)
    assert np.abs(noise.mean(axis=0)).max() < 0.03
    assert np.abs(np.corrcoef(noise.T) - np.eye(9)).max() < 0.04
    assert np.abs(np.corrcoef(noise[:-1, 0], noise[1:, 0])[0, 1]) < 0.04
    assert np.array_equal(model.sample(n, seed=2, **given), drawn)  # the default
    assert not np.array_equal(model.sample(n, seed=3, **given) - model.sample(n, seed=3, noise=False, **given), noise)


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_means_unless_noise_is_asked_for(kind: str) -> None:
    model, n = fitted(kind), 3000
    given = labels(kind, n)
    means, drawn = model.sample(n, **given), model.sample(n, noise=True, **given)
    assert np.array_equal(means, model.sample(n, noise=False, **given)) and ((means > 0) & (means < 1)).all()
    assert set(np.unique(drawn)) == {0.0, 1.0} and drawn.dtype == means.dtype
    np.testing.assert_allclose(drawn.mean(axis=0), means.mean(axis=0), atol=0.05)


def test_noise_is_drawn_in_blocks_and_does_not_depend_on_the_number_of_rows() -> None:
    model = fitted(likelihood="gaussian", dtype="float32")
    many = model.sample(9000, seed=5)
    assert many.dtype == np.float32 and np.allclose(many[:7], model.sample(7, seed=5), rtol=1e-5)
    means = np.zeros((9000, 3))
    drawn = draws_of_x(means, np.array([1.0, 4.0, 9.0]), 5)
    assert not means.any() and np.array_equal(drawn[:100], draws_of_x(means[:100], np.array([1.0, 4.0, 9.0]), 5))


def test_paths_and_grids_are_means() -> None:
    model = fitted(likelihood="gaussian", latent_dim=2)
    assert np.allclose(model.latent_grid(1), model.decode(np.zeros((1, 2))))
    assert np.allclose(model.interpolate(X[0], X[1], 3)[[0, -1]], model.reconstruct(X[:2]))


@pytest.mark.parametrize("noise", ["yes", 1, 0.5, np.ones(2)])
def test_noise_is_true_or_false(noise: Any) -> None:
    for model in (fitted(), fitted("ConditionalVariationalAutoencoder"), sae.WassersteinAutoencoder(epochs=1).fit(X)):
        with pytest.raises(ValueError, match="noise=.* is not allowed; give True or False"):
            model.sample(3, **labels(type(model).__name__, 3), noise=noise)


def test_a_wasserstein_autoencoder_has_no_variance() -> None:
    options: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "epochs": 2, "random_state": 0}
    pixels = sae.WassersteinAutoencoder(**options).fit(X)
    means, drawn = pixels.sample(2000), pixels.sample(2000, noise=True)
    assert np.array_equal(means, pixels.sample(2000, noise=False)) and set(np.unique(drawn)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.mean(axis=0), means.mean(axis=0), atol=0.06)
    real = sae.WassersteinAutoencoder(**options, likelihood="gaussian").fit(X)
    assert np.array_equal(real.sample(9), real.sample(9, noise=False))
    with pytest.raises(
        ValueError,
        match='noise=True needs a variance, and a WassersteinAutoencoder with likelihood="gaussian" has none',
    ):
        real.sample(9, noise=True)


# Learning.


def factors(n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two factors with noise of different variances, and the variances."""
    rng, variances = np.random.default_rng(0), np.array([0.1, 0.3, 1.0, 0.05, 0.5, 2.0])
    W = rng.standard_normal((2, 6))
    return rng.standard_normal((n, 2)) @ W + np.sqrt(variances) * rng.standard_normal((n, 6)) + 3, variances


LINEAR: dict[str, Any] = {
    "hidden_sizes": (),
    "latent_dim": 2,
    "likelihood": "gaussian",
    "n_samples": 4,
    "learning_rate": 2e-2,
    "learning_rate_decay": 0.97,
    "batch_size": 100,
    "epochs": 150,
}


@pytest.mark.slow
def test_a_linear_model_is_factor_analysis_or_probabilistic_pca() -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    x, _ = factors()
    per_feature = new(**{**LINEAR, "variance": "learned_per_feature"}).fit(x)
    analysis = decomposition.FactorAnalysis(2, tol=1e-8, max_iter=10_000).fit(x)
    bound = per_feature.log_likelihood(x, n_samples=200).log_likelihood.mean()
    assert analysis.score(x) - 0.03 < bound < analysis.score(x) + 0.01
    np.testing.assert_allclose(per_feature.noise_variance_, analysis.noise_variance_, rtol=0.1, atol=0.07)
    one = new(**LINEAR).fit(x)
    pca = decomposition.PCA(2).fit(x)
    np.testing.assert_allclose(one.noise_variance_, pca.noise_variance_, rtol=0.03)
    bound = one.log_likelihood(x, n_samples=200).log_likelihood.mean()
    assert pca.score(x) - 0.03 < bound < pca.score(x) + 0.01 < analysis.score(x)


@pytest.mark.slow
def test_samples_with_noise_have_the_moments_of_the_data() -> None:
    x, _ = factors()
    model = new(**{**LINEAR, "variance": "learned_per_feature"}).fit(x)
    drawn, means = model.sample(20_000), model.sample(20_000, noise=False)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(x.T), atol=0.15 * x.var(axis=0).max())
    np.testing.assert_allclose(drawn.std(axis=0), x.std(axis=0), rtol=0.06)
    assert (means.std(axis=0) < x.std(axis=0)).all() and means[:, 5].std() < 0.7 * x[:, 5].std()


@pytest.mark.parametrize("variance", ["learned", "learned_per_feature"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_data_of_any_scale_with_constant_and_equal_features_are_fitted(variance: str, scale: float) -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 3))
    rows = np.hstack([rows, rows[:, :1], np.zeros((60, 1)), np.full((60, 1), 2.5)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a large scale is remarked
        model = sae.VariationalAutoencoder((8,), 2, likelihood="gaussian", variance=variance, epochs=60, random_state=0)
        model.fit(scale * rows)
    assert np.isfinite(model.history_["loss"]).all() and np.isfinite(model.elbo(scale * rows).elbo).all()
    assert (model.noise_variance_ > 1e-5 * scale**2).all()


def test_a_feature_that_varies_by_its_rounding_alone_begins_with_that_variance() -> None:
    rng = np.random.default_rng(0)
    rows = np.hstack([1e-2 * rng.standard_normal((200, 2)), 1e6 + 0.02 * rng.standard_normal((200, 1))])
    options: dict[str, Any] = {"likelihood": "gaussian", "variance": "learned_per_feature", "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of collapse, after three epochs
        model = sae.VariationalAutoencoder((4,), 1, epochs=3, **options).fit(rows)
    assert max(model.history_["loss"]) < 100  # nats: not the squared rounding errors, divided by a variance of 1e-8


def test_one_row_and_rows_that_are_all_equal_are_fitted() -> None:
    for rows in (np.full((1, 3), 0.7), np.full((20, 3), 0.7), np.full((20, 1), -3.0)):
        for variance in ("learned", "learned_per_feature"):
            model = sae.VariationalAutoencoder(
                (4,), 1, likelihood="gaussian", variance=variance, epochs=300, learning_rate=0.1, random_state=0
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of collapse: there is nothing to encode
                model.fit(rows)
            assert np.isfinite(model.history_["loss"]).all()
            assert np.allclose(model.noise_variance_, 1e-4, rtol=1e-4)  # where it cannot fall further


@pytest.mark.slow
def test_the_page_tells_what_a_fixed_variance_of_one_does_to_digits() -> None:
    told = re.findall(
        r"^\| `(.+?)` \| ([\d.]+) \| (\d+) \| ([\d.]+) \| (-?[\d.]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert [row[0] for row in told] == ["1.0", '"learned"', '"learned_per_feature"']
    x = sae.load_digits().x_train
    for variance, kl, active, error, bound in told:
        given = float(variance) if variance[0].isdigit() else variance.strip('"')
        model = sae.VariationalAutoencoder(
            likelihood="gaussian", variance=given, batch_size=128, epochs=40, random_state=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of collapse
            model.fit(x)
        found = model.elbo(x, n_samples=10)
        assert found.kl.mean() == pytest.approx(float(kl), rel=0.05, abs=0.02)
        assert model.latent_statistics(x).active.sum() == pytest.approx(int(active), abs=1)
        assert ((model.reconstruct(x) - x) ** 2).sum(axis=1).mean() == pytest.approx(float(error), rel=0.05)
        assert found.elbo.mean() == pytest.approx(float(bound), rel=0.05)


def test_noise_of_x_is_independent_of_the_draws_of_z_with_the_same_seed() -> None:
    z, zeros = prior_draws(4000, 3, 0, "float64"), np.zeros((4000, 3))
    noise = draws_of_x(zeros, np.ones(3), 0)
    assert np.abs(np.corrcoef(z.T, noise.T)[:3, 3:]).max() < 0.06
    pixels = draws_of_x(zeros + 0.5, None, 0)
    assert np.abs(np.corrcoef(z.T, pixels.T)[:3, 3:]).max() < 0.06


def test_limits_of_a_learned_variance() -> None:
    variances, constant = np.array([4.0, 0.01, 0]), np.array([False, False, True])
    first, least = limits_of_logvar(variances, constant, "learned_per_feature")
    np.testing.assert_allclose(np.exp(least), [4e-4, 1e-6, 1e-6])  # a constant feature counts as the least variable one
    np.testing.assert_allclose(np.exp(first), [4, 0.01, 1e-6])
    first, least = limits_of_logvar(variances, constant, "learned")
    np.testing.assert_allclose((np.exp(first), np.exp(least)), ([4.01 / 3], [4.01e-4 / 3]))
    for option in ("learned", "learned_per_feature"):
        first, least = limits_of_logvar(np.array([1e-60, 1e-60]), np.array([False, False]), option)
        assert np.isfinite(np.exp(-least.astype(np.float32))).all()  # also in single precision
        first, least = limits_of_logvar(np.zeros(2), np.array([True, True]), option)
        np.testing.assert_allclose(np.exp(least), 1e-4)


@pytest.mark.parametrize("count", [8, 10])
def test_one_variance_for_each_feature_is_needed(count: int) -> None:
    with pytest.raises(ValueError, match=f"variance has {count} numbers, but X has 9 features"):
        new(likelihood="gaussian", variance=[0.5] * count).fit(X)
