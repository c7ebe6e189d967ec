"""The variational autoencoder's training: the objective, its options, noise, binarisation, collapse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.variational_runs import X, Y, fitted, new

import scratchae as sae

KINDS = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")


@pytest.mark.parametrize("n_samples", [1, 3])
def test_loss_and_gradients_draw_all_noise_in_one_call(n_samples: int) -> None:
    model = fitted(n_samples=n_samples)
    loss, _ = model.loss_and_gradients(X, seed=7)
    eps = np.random.default_rng(7).standard_normal((n_samples, len(X), 3))
    mu, logvar = model.posterior(X)
    logits = [_logit(model.decode(mu + np.exp(logvar / 2) * noise)) for noise in eps]
    nll = np.mean([(np.logaddexp(0, a) - X * a).sum(axis=1) for a in logits], axis=0)
    kl = (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2
    assert loss == pytest.approx((nll + kl).mean(), rel=1e-10)


def _logit(p: np.ndarray) -> np.ndarray:
    return np.log(p) - np.log1p(-p)


def test_weight_decay_is_in_the_loss() -> None:
    model = fitted()
    plain, _ = model.loss_and_gradients(X)
    squares = sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith(".W"))
    assert model.set_params(weight_decay=0.1).loss_and_gradients(X)[0] == pytest.approx(plain + 0.05 * squares)


def test_warm_up_raises_the_weight_of_the_kl_epoch_by_epoch() -> None:
    # One batch an epoch: the loss of an epoch is that of the parameters before it, with the weight of that epoch.
    model, losses = new(warm_up=4, beta=2.0, batch_size=len(X), epochs=1, learning_rate=1e-300, optimizer="sgd"), []
    for epochs in (1, 2, 3, 4, 5):
        losses = model.set_params(epochs=epochs).fit(X).history_["loss"]
    kl = [(late - early) / 0.5 for early, late in zip(losses[:3], losses[1:4], strict=True)]
    expected = model.elbo(X, 50).kl.mean()
    assert np.allclose(kl, expected, atol=0.6), (kl, expected)  # the draws differ from epoch to epoch
    assert model.loss_and_gradients(X, seed=0)[0] == pytest.approx(
        -(model.elbo(X, seed=0).reconstruction - 2 * model.elbo(X, seed=0).kl).mean()
    )


LEARNING: dict[str, Any] = {
    "likelihood": "gaussian",
    "variance": 0.02,
    "epochs": 200,
    "learning_rate": 1e-2,
    "batch_size": 40,
}


def test_beta_pulls_towards_the_prior() -> None:
    kl = [fitted(**LEARNING, beta=beta).elbo(X).kl.mean() for beta in (0.0, 1.0, 3.0)]
    assert kl[0] > 1.5 * kl[1] > 3 * kl[2]


def test_free_bits_keep_every_dimension_near_the_floor() -> None:
    with pytest.warns(UserWarning, match="posterior has collapsed"):
        without = fitted(**LEARNING, beta=30.0)
    smaller = {"learning_rate_decay": 0.98, "random_state": 2}  # smaller steps around the floor
    kept = fitted(**LEARNING, beta=30.0, free_bits=0.3, **smaller)
    assert without.latent_statistics(X).kl.max() < 0.01
    assert 0.15 < kept.latent_statistics(X).kl.min() <= kept.latent_statistics(X).kl.max() < 0.31


@pytest.mark.parametrize("kind", KINDS)
def test_history_has_both_terms_on_validation_data(kind: str) -> None:
    held_out = (X[:11], Y[:11])
    model = new(kind, n_samples=2, epochs=10, learning_rate=1e-2).fit(X, Y, validation_data=held_out)
    terms = {"reconstruction", "kl"} | ({"gain"} if kind == "ImportanceWeightedAutoencoder" else set())
    assert set(model.history_) == {"loss", "val_loss", "val_reconstruction", "val_kl", "seconds", *terms}
    if kind != "ImportanceWeightedAutoencoder":
        both = np.array(model.history_["val_kl"]) - np.array(model.history_["val_reconstruction"])
        assert np.allclose(model.history_["val_loss"], both)
    assert model.history_["loss"][-1] < model.history_["loss"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_both_backends_train_alike(kind: str) -> None:
    trained = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            trained.append(fitted(kind, n_samples=2).parameters_.flat)
    assert np.allclose(*trained, rtol=1e-8, atol=1e-10)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads() -> None:
    script = (
        "import numpy as np, scratchae as sae, hashlib\n"
        "x = np.random.default_rng(0).random((300, 200), np.float32)\n"
        "for kind in ('VariationalAutoencoder', 'ImportanceWeightedAutoencoder'):\n"
        "    m = getattr(sae, kind)((150,), 8, n_samples=3, epochs=2, random_state=0, binarize='dynamic').fit(x)\n"
        "    print(hashlib.sha256(m.parameters_.flat.tobytes() + m.elbo(x).elbo.tobytes()).hexdigest())\n"
    )
    prints = [
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "NUMBA_NUM_THREADS": n}, capture_output=True, check=True
        ).stdout
        for n in ("1", "2")
    ]
    assert prints[0] == prints[1] and prints[0]


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_and_resumed_gives_the_same_bits(kind: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"epochs": 5, "binarize": "dynamic", "n_samples": 2}
    whole = new(kind, **options).fit(X, Y)
    new(kind, **{**options, "epochs": 2}).fit(X, Y, checkpoint=tmp_path / "run.npz")
    resumed = new(kind, **options).fit(X, Y, checkpoint=tmp_path / "run.npz", resume=True)
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
    assert resumed.history_["loss"] == whole.history_["loss"]


@pytest.mark.slow
def test_gaussian_decoder_learns_its_variance() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 2)) @ rng.standard_normal((2, 12)) + 0.2 * rng.standard_normal((400, 12))
    model = new(likelihood="gaussian", variance="learned", hidden_sizes=(30,), epochs=300, learning_rate=1e-2)
    model.fit(x)
    assert np.exp(model.parameters_["decoder.logvar"][0]) == pytest.approx(0.04, rel=0.4)
    fixed = new(likelihood="gaussian", variance=4.0, hidden_sizes=(30,), epochs=30, learning_rate=1e-2).fit(x)
    assert "decoder.logvar" not in fixed.parameters_
    assert model.score(x) > fixed.score(x)


@pytest.mark.parametrize("scale", [30.0, 100.0])
def test_data_of_any_scale_are_learned_as_those_of_scale_one(scale: float) -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((300, 2)) @ rng.standard_normal((2, 12)) + 0.1 * rng.standard_normal((300, 12))
    rows = np.hstack([rows, np.ones((300, 1))])  # and a feature that is always the same
    options: dict[str, Any] = {"likelihood": "gaussian", "variance": "learned", "epochs": 1, "random_state": 0}
    first = [sae.VariationalAutoencoder((16,), 2, **options).fit(a * rows + b) for a, b in ((1, 0), (scale, 7))]
    small, large = [m.loss_and_gradients(a * rows + b)[0] for m, a, b in zip(first, (1, scale), (0, 7), strict=True)]
    assert large == pytest.approx(small + 13 * np.log(scale), abs=13)  # nats, by the change of the unit
    mu, logvar = first[1].posterior(scale * rows + 7)
    assert np.abs(mu).max() < 10 and np.abs(logvar).max() < 10


def test_data_of_a_scale_that_cannot_be_learned_are_remarked() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 4)) * [1, 1, 5000, 1]
    with pytest.warns(UserWarning, match="Feature 2 of the data has a standard deviation of"):
        sae.VariationalAutoencoder((4,), 2, likelihood="gaussian", epochs=1, random_state=0).fit(rows)


def test_options_changed_to_what_cannot_be_are_found_out_when_the_model_is_used() -> None:
    model = fitted()
    for name, value in (("n_samples", 0), ("beta", -3), ("binarize", "bogus"), ("weight_decay", -1)):
        before = model.get_params()[name]
        model.set_params(**{name: value})
        for use in (model.score, model.elbo, model.loss_and_gradients):
            with pytest.raises(ValueError, match=name):
                use(X)
        model.set_params(**{name: before})


def test_the_decoder_begins_at_the_mean_of_the_data() -> None:
    model = new(epochs=1, learning_rate=1e-300, optimizer="sgd").fit(X)
    assert np.allclose(model.parameters_["decoder.1.b"], _logit(X.mean(axis=0)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_dim": 0}, "latent_dim=0 is not allowed; give an integer of at least 1"),
        ({"n_samples": 0}, "n_samples=0 is not allowed"),
        ({"beta": -1.0}, "beta=-1.0 is not allowed; give a number of at least 0"),
        ({"warm_up": -1}, "warm_up=-1 is not allowed"),
        ({"free_bits": -0.1}, "free_bits=-0.1 is not allowed"),
        ({"kl": "exact"}, "kl='exact' is unknown"),
        ({"kl": "sampled", "free_bits": 0.1}, 'free_bits needs the KL of each dimension, available with kl="analytic"'),
        ({"binarize": "yes"}, "binarize='yes' is unknown"),
        ({"binarize": "static", "likelihood": "gaussian"}, 'need likelihood="bernoulli"'),
        ({"variance": 0}, "variance=0 is not allowed; give a number above 0"),
        ({"variance": "free"}, "variance='free' is not allowed"),
        ({"optimizer": "lbfgs"}, 'optimizer="lbfgs" needs a deterministic objective'),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    model = new(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(X)
    assert not hasattr(model, "history_")


def test_values_outside_zero_and_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        new().fit(X * 255)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        fitted().elbo(X * 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_is_the_same_model(kind: str, tmp_path: Path) -> None:
    model = fitted(kind, likelihood="gaussian", variance="learned")
    model.save(tmp_path / "m.npz")
    other = sae.load(tmp_path / "m.npz")
    labels = (Y,) if kind.startswith("Cond") else ()
    assert json.dumps(other.history_) == json.dumps(model.history_) and type(other) is type(model)
    assert np.array_equal(other.elbo(X, *labels).elbo, model.elbo(X, *labels).elbo)
