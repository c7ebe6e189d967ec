"""The bound and the log-likelihood: terms, seeds, exact numbers of samples, bounded memory, standard errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.data_files import peak_memory
from helpers.variational_runs import X, fitted, new

from scratchae.models import blocks


def test_elbo_has_its_two_terms_for_each_example() -> None:
    bound = fitted().elbo(X, 5, seed=1)
    assert bound.elbo.shape == bound.reconstruction.shape == bound.kl.shape == (len(X),)
    assert np.allclose(bound.elbo, bound.reconstruction - bound.kl) and (bound.kl >= 0).all()


def test_elbo_is_fixed_by_the_seed_and_by_nothing_else() -> None:
    model = fitted()
    np.random.seed(0)
    one = model.elbo(X, 3, seed=4).elbo
    np.random.seed(1)
    assert np.array_equal(one, model.elbo(X, 3, seed=4).elbo)
    assert not np.allclose(one, model.elbo(X, 3, seed=5).elbo)


@pytest.mark.parametrize("kind", ["VariationalAutoencoder", "ImportanceWeightedAutoencoder"])
def test_the_score_of_a_row_is_a_bound_that_depends_on_that_row_alone(kind: str) -> None:
    model = fitted(kind, binarize="dynamic", n_samples=2)
    scores = model.score_samples(X)
    assert np.allclose(model.score_samples(X[::-1]), scores[::-1])
    assert np.allclose(model.score_samples(X[7:8]), scores[7])
    many = np.random.default_rng(1).random((3000, X.shape[1]))
    importance = kind.startswith("Importance")
    bounds = [model.log_likelihood(many, 2, s)[0] if importance else model.elbo(many, 2, s).elbo for s in range(10)]
    assert model.score(many) == pytest.approx(np.mean(bounds), abs=5 * np.std(bounds) / np.sqrt(len(many)))


def test_the_sampled_kl_tends_to_the_analytic_one() -> None:
    model = fitted()
    exact, drawn = model.elbo(X, 1).kl, model.elbo(X, 4000, kl="sampled").kl
    assert np.allclose(drawn, exact, atol=0.15) and not np.array_equal(drawn, exact)


@pytest.mark.parametrize("rows_at_a_time", [1, 7, 40, 100])
@pytest.mark.parametrize("n_samples", [1, 2, 13])
def test_blocks_do_not_change_the_noise(n_samples: int, rows_at_a_time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted()
    whole = model.elbo(X, n_samples, seed=2), model.log_likelihood(X, n_samples, seed=2)
    monkeypatch.setattr(blocks, "BLOCK", rows_at_a_time)
    parts = model.elbo(X, n_samples, seed=2), model.log_likelihood(X, n_samples, seed=2)
    for one, other in zip(whole, parts, strict=True):
        assert np.allclose(one[0], other[0], rtol=1e-12)


@pytest.mark.parametrize("n_samples", [1, 2, 99, 101, 250])
def test_exactly_the_number_of_samples_asked_for_is_drawn(n_samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model, drawn = fitted(), []
    genuine = type(model)._nll_of

    def counting(self: Any, parameters: Any, x: Any, y: Any, z: Any) -> Any:
        drawn.append(z.shape[0] * z.shape[1])
        return genuine(self, parameters, x, y, z)

    monkeypatch.setattr(type(model), "_nll_of", counting)
    model.log_likelihood(X, n_samples)
    assert sum(drawn) == n_samples * len(X)


def test_memory_does_not_grow_with_the_number_of_samples() -> None:
    model = fitted()
    model.log_likelihood(X, 10)
    peaks = []
    for n_samples in (500, 5000):
        with peak_memory() as peak:
            model.log_likelihood(X, n_samples)
        peaks.append(peak.bytes)
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.slow
def test_memory_of_scores_does_not_grow_with_the_number_of_draws() -> None:
    rows, peaks = np.random.default_rng(0).random((2000, 60)), []
    model = new(epochs=1, batch_size=2000).fit(rows)
    for n_samples in (20, 200):
        model.set_params(n_samples=n_samples).score_samples(rows[:2])
        with peak_memory() as peak:
            model.score_samples(rows)
        peaks.append(peak.bytes)
    assert peaks[1] < 1.5 * peaks[0]


def test_the_estimate_rises_with_the_samples_and_is_above_the_bound() -> None:
    model = fitted("ImportanceWeightedAutoencoder")
    means = [
        np.mean([model.log_likelihood(X, k, seed).log_likelihood.mean() for seed in range(30)]) for k in (1, 5, 50)
    ]
    assert means[0] < means[1] < means[2]
    assert means[0] == pytest.approx(model.elbo(X, 2000).elbo.mean(), abs=0.02)


def test_the_standard_error_is_that_of_repeated_estimates() -> None:
    model = fitted()
    model.parameters_["encoder.1.b"][:] += 0.7  # a worse posterior, so that weights differ
    runs = [model.log_likelihood(X, 400, seed) for seed in range(200)]
    spread = np.std([run.log_likelihood for run in runs], axis=0)
    claimed = np.mean([run.standard_error for run in runs], axis=0)
    assert np.median(claimed / spread) == pytest.approx(1, abs=0.25)
    assert np.isnan(model.log_likelihood(X, 1).standard_error).all()


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, "many"])
def test_no_number_of_samples(n_samples: Any) -> None:
    model = fitted()
    with pytest.raises(ValueError, match="n_samples=.* is not allowed; give an integer of at least 1"):
        model.log_likelihood(X, n_samples)
    with pytest.raises(ValueError, match="n_samples=.* is not allowed"):
        model.elbo(X, n_samples)


def test_grey_pixels_are_drawn_by_the_seed() -> None:
    model = fitted(binarize="dynamic")
    assert np.array_equal(model.elbo(X, seed=1).elbo, model.elbo(X, seed=1).elbo)
    loss, _ = model.loss_and_gradients(X, seed=1)
    assert loss == pytest.approx(-model.elbo(X, seed=1).elbo.mean())
    black_and_white = (X > 0.5).astype(float)  # nothing is left to chance but z
    assert model.elbo(black_and_white, 1, seed=3).kl.sum() == model.elbo(black_and_white, 1, seed=4).kl.sum()
