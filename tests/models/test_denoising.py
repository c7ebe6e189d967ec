"""The denoising autoencoder: how much is corrupted, that it is corrupted afresh, and that the target stays clean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.training import loop
from scratchae.verify.autoencoder import model_gradient_error

X = np.random.default_rng(0).random((20, 6))
CORRUPTIONS = ("masking", "salt_and_pepper", "gaussian")


def new(kind: Any = sae.DenoisingAutoencoder, **options: Any) -> Any:
    small = {"hidden_sizes": (5,), "latent_dim": 3, "activation": "tanh", "batch_size": 8, "epochs": 3}
    return kind(**{**small, "dtype": "float64", "random_state": 0, **options})


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


# What a corruption does.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("level", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("corruption", ["masking", "salt_and_pepper"])
def test_the_share_of_lost_entries_is_the_level(corruption: str, level: float, backend: str) -> None:
    x = 0.1 + 0.8 * np.random.default_rng(1).random((200, 50))  # no entry is 0 or 1 by itself
    with sae.use_backend(backend):
        noisy = new(corruption=corruption, corruption_level=level).corrupt(x, seed=2)
    changed = noisy != x
    spread = 4 * np.sqrt(level * (1 - level) / x.size)
    assert abs(changed.mean() - level) <= spread
    ones = 0.5 if corruption == "salt_and_pepper" else 0.0
    assert set(np.unique(noisy[changed])) <= {0.0, 1.0}
    if level > 0:
        assert abs(noisy[changed].mean() - ones) <= 4 * 0.5 / np.sqrt(changed.sum()) * (ones > 0)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("level", [0.2, 1.0, 3.0])
def test_gaussian_noise_has_mean_zero_and_the_level_as_its_deviation(level: float, backend: str) -> None:
    x = np.random.default_rng(1).random((200, 50))
    with sae.use_backend(backend):
        noise = new(corruption="gaussian", corruption_level=level).corrupt(x, seed=2) - x
    assert abs(noise.mean()) < 4 * level / np.sqrt(x.size)
    assert noise.std() == pytest.approx(level, rel=4 / np.sqrt(2 * x.size))
    assert (np.abs(noise) < level).mean() == pytest.approx(0.6827, abs=0.02)


def test_a_seed_names_a_corruption_and_the_data_stay_as_they_were() -> None:
    for corruption in CORRUPTIONS:
        kept = X.copy()
        for model in (new(corruption=corruption), new(corruption=corruption).fit(X)):
            assert np.array_equal(model.corrupt(X, seed=1), model.corrupt(X, seed=1))
            assert not np.array_equal(model.corrupt(X, seed=1), model.corrupt(X, seed=2))
        assert np.array_equal(X, kept)


# The noise of a training.


@pytest.mark.parametrize(("backend", "at_once"), [("numba", [20]), ("numpy", [8, 8, 4])])
def test_every_epoch_and_every_batch_is_corrupted_afresh(
    backend: str, at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    corrupted = sae.DenoisingAutoencoder._corrupted

    def spy(self: Any, x: np.ndarray, noise: np.ndarray) -> np.ndarray:
        seen.append((x.copy(), noise.copy()))
        return corrupted(self, x, noise)

    monkeypatch.setattr(sae.DenoisingAutoencoder, "_corrupted", spy)
    with sae.use_backend(backend):
        new().fit(X)
    assert [len(x) for x, _ in seen] == 3 * at_once
    numbers = np.concatenate([noise.ravel() for _, noise in seen])
    assert len(np.unique(numbers)) == numbers.size == 3 * X.size  # no number is used a second time
    for epoch in range(3):  # and every row once in each epoch, uncorrupted when it comes in
        rows = np.concatenate([x for x, _ in seen[epoch * len(at_once) : (epoch + 1) * len(at_once)]])
        assert np.array_equal(np.sort(rows, axis=0), np.sort(X, axis=0))


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_the_target_is_the_clean_input(corruption: str, likelihood: str, backend: str) -> None:
    with sae.use_backend(backend):
        model = new(hidden_sizes=(), likelihood=likelihood, corruption=corruption, corruption_level=0.4).fit(X)
        loss, gradients = model.loss_and_gradients(X, seed=7)
    rng, p = np.random.default_rng(7), model.parameters_
    if corruption == "gaussian":
        noisy = X + 0.4 * rng.standard_normal(X.shape)
    else:
        u = rng.random(X.shape)
        noisy = np.where(u < 0.4, 0.0 if corruption == "masking" else np.where(u < 0.2, 0.0, 1.0), X)
    h = np.tanh(noisy @ p["encoder.0.W"] + p["encoder.0.b"])
    a = h @ p["decoder.0.W"] + p["decoder.0.b"]
    if likelihood == "bernoulli":
        expected, da = (np.log1p(np.exp(a)) - X * a).sum(axis=1).mean(), (sigmoid(a) - X) / len(X)
    else:
        expected, da = ((a - X) ** 2).sum(axis=1).mean(), 2 * (a - X) / len(X)
    assert loss == pytest.approx(expected, rel=1e-12)
    dpre = da @ p["decoder.0.W"].T * (1 - h * h)
    np.testing.assert_allclose(gradients["decoder.0.W"], h.T @ da, atol=1e-12)
    np.testing.assert_allclose(gradients["encoder.0.W"], noisy.T @ dpre, atol=1e-12)
    assert model.loss_and_gradients(X, seed=8)[0] != loss


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_gradient_of_every_parameter(corruption: str, tied: bool) -> None:
    model = new(corruption=corruption, tied_weights=tied, weight_decay=0.1, corruption_level=0.5).fit(X)
    assert model_gradient_error(model, X[:6]) < 1e-7


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_corruption_it_is_the_basic_autoencoder(corruption: str, dtype: str) -> None:
    options = {"dtype": dtype, "weight_decay": 0.01, "epochs": 4}
    for backend in ("numpy", "numba"):
        with sae.use_backend(backend):
            basic = new(sae.Autoencoder, **options).fit(X)
            model = new(corruption=corruption, corruption_level=0.0, **options).fit(X)
        if backend == "numpy":  # the basic autoencoder of the other one runs on steps of its own
            assert np.array_equal(model.parameters_.flat, basic.parameters_.flat)
            assert model.history_["loss"] == basic.history_["loss"]
        np.testing.assert_allclose(
            model.parameters_.flat, basic.parameters_.flat, atol=1e-4 if dtype == "float32" else 1e-10
        )
    assert not np.allclose(
        model.parameters_.flat, new(corruption=corruption, **options).fit(X).parameters_.flat, atol=1e-4
    )


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_same_seed_same_bits(corruption: str, backend: str) -> None:
    with sae.use_backend(backend):
        one, two, other = (new(corruption=corruption, random_state=seed).fit(X) for seed in (3, 3, 4))
    assert np.array_equal(one.parameters_.flat, two.parameters_.flat)
    assert one.history_["loss"] == two.history_["loss"]
    assert not np.array_equal(one.parameters_.flat, other.parameters_.flat)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("optimizer", ["adam", "momentum", "sgd"])
def test_backends_agree(optimizer: str, corruption: str) -> None:
    models = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            options = {"corruption": corruption, "optimizer": optimizer, "learning_rate": 0.01}
            models.append(new(**options).fit(X, validation_data=X[:9]))
    fast, slow = models
    np.testing.assert_allclose(fast.parameters_.flat, slow.parameters_.flat, atol=1e-9)
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(fast.history_[column], slow.history_[column], rtol=1e-10)


class KilledError(Exception):
    """The process is gone: nothing but the files is left."""


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_killed_and_resumed_gives_the_same_bits(
    corruption: str, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    epochs: list[int] = []

    def die(model: Any) -> None:
        epochs.append(len(model.history_["loss"]))
        if epochs[-1] == 4 and len(epochs) == 4:
            raise KilledError

    options: dict[str, Any] = {"validation_data": X[:9], "checkpoint": tmp_path / "run.npz", "callbacks": [die]}
    with sae.use_backend(backend):
        whole = new(corruption=corruption, epochs=7).fit(X, validation_data=X[:9])
        with pytest.raises(KilledError):
            new(corruption=corruption, epochs=7).fit(X, **options)
        resumed = new(corruption=corruption, epochs=7).fit(X, **options, resume=True)
    assert epochs == [1, 2, 3, 4, 4, 5, 6, 7]  # the checkpoint was that of epoch 3
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
    for column in ("loss", "val_loss"):
        assert resumed.history_[column] == whole.history_[column]


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_validation_data_are_corrupted_alike_in_every_epoch(corruption: str) -> None:
    # A step too small to be seen: what differs between two epochs is the noise only.
    still = new(corruption=corruption, optimizer="sgd", learning_rate=1e-300, epochs=4).fit(X, validation_data=X)
    assert len(set(still.history_["val_loss"])) == 1
    assert len(set(still.history_["loss"])) == 4
    assert abs(still.history_["val_loss"][0] + still.score(X)) > 1e-6  # the score is that of the clean input
    clean = new(corruption=corruption, corruption_level=0.0).fit(X, validation_data=X[:9])
    assert clean.history_["val_loss"][-1] == pytest.approx(-clean.score(X[:9]), rel=1e-12)


def test_the_target_of_the_validation_is_clean_too(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs: list[np.ndarray] = []
    corrupted = sae.DenoisingAutoencoder._corrupted

    def spy(self: Any, x: np.ndarray, noise: np.ndarray) -> np.ndarray:
        inputs.append(corrupted(self, x, noise))
        return inputs[-1]

    monkeypatch.setattr(sae.DenoisingAutoencoder, "_corrupted", spy)
    model = new(likelihood="gaussian", corruption_level=0.5, weight_decay=0.1).fit(X, validation_data=X[:9])
    noisy = inputs[-1]  # what was corrupted last
    decay = 0.05 * sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith("W"))
    expected = ((model.reconstruct(noisy) - X[:9]) ** 2).sum(axis=1).mean() + decay
    assert noisy.shape == (9, 6) and (noisy != X[:9]).any()
    assert model.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-12)


def test_it_learns_to_undo_the_corruption() -> None:
    data = sae.load_digits()
    options: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 64, "activation": "sigmoid", "dtype": "float32"}
    options |= {"epochs": 80, "learning_rate": 0.01, "batch_size": 50}
    model = new(corruption_level=0.5, **options).fit(data.x_train[:500])
    basic = new(sae.Autoencoder, **options).fit(data.x_train[:500])
    noisy = model.corrupt(data.x_test, seed=1)

    def error(x: np.ndarray) -> float:
        return float(((x - data.x_test) ** 2).sum(axis=1).mean())

    by_model, by_basic = error(model.reconstruct(noisy)), error(basic.reconstruct(noisy))
    assert by_model < 0.6 * by_basic and by_model < 0.4 * error(noisy)


# Bad input.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corruption_level": -0.1}, r"corruption_level=-0\.1 is not allowed; give a number from 0 to 1"),
        ({"corruption_level": 1.01}, r"corruption_level=1\.01 is not allowed; give a number from 0 to 1"),
        ({"corruption_level": np.nan}, "corruption_level=nan is not allowed"),
        ({"corruption_level": True}, "corruption_level=True is not allowed"),
        ({"corruption_level": "0.3"}, "corruption_level='0.3' is not allowed"),
        ({"corruption_level": None}, "corruption_level=None is not allowed"),
        (
            {"corruption": "gaussian", "corruption_level": -0.1},
            r"corruption_level=-0\.1 .* give a number of at least 0",
        ),
        ({"corruption": "gaussian", "corruption_level": np.nan}, "corruption_level=nan is not allowed"),
        ({"corruption": "gaussian", "corruption_level": np.inf}, "corruption_level=inf is not allowed"),
        (
            {"corruption": "maskin"},
            r"'maskin' is unknown \(did you mean 'masking'\?\); use one of masking, salt_and_pepper, gaussian",
        ),
        ({"corruption": None}, "corruption=None is unknown"),
        ({"optimizer": "lbfgs"}, 'optimizer="lbfgs" needs a deterministic objective, .* use "adam"'),
        ({"optimizer": sae.LBFGS()}, 'optimizer="lbfgs" needs a deterministic objective'),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(options: dict[str, Any], message: str) -> None:
    fresh = new(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X)
    assert set(vars(fresh)) == set(fresh.get_params())
    if "optimizer" not in options:
        with pytest.raises(ValueError, match=message):
            fresh.corrupt(X)


def test_gaussian_noise_may_be_larger_than_the_data() -> None:
    model = new(corruption="gaussian", corruption_level=2.5, likelihood="gaussian").fit(X - 3, validation_data=X)
    assert np.isfinite(model.reconstruct(X)).all() and np.isfinite(model.history_["val_loss"]).all()


def test_a_saved_model_corrupts_as_it_did(tmp_path: Path) -> None:
    model = new(corruption="salt_and_pepper", corruption_level=0.2).fit(X)
    model.save(tmp_path / "model.npz")
    loaded = sae.load(tmp_path / "model.npz")
    assert type(loaded) is sae.DenoisingAutoencoder and loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.corrupt(X, 3), model.corrupt(X, 3))
    assert loaded.loss_and_gradients(X, seed=3)[0] == model.loss_and_gradients(X, seed=3)[0]
