"""Terms of the loss in the history: their sum is the loss, compiled and readable, without an additional pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models import fitting
from scratchae.models.terms import record

X = np.random.default_rng(0).random((43, 6))
Y = np.arange(43) % 3
COMMON: dict[str, Any] = {"batch_size": 8, "epochs": 3, "random_state": 1, "learning_rate": 0.02, "dtype": "float64"}
DECAY = {"weight_decay": 0.3}
VAE: dict[str, Any] = {"hidden_sizes": (5,), "latent_dim": 2}
GAUSSIAN: dict[str, Any] = {"likelihood": "gaussian", "variance": "learned"}
# The model, its options, and the weight of each term.
CASES: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    ("Autoencoder", DECAY, {"reconstruction": 1}),
    ("Autoencoder", {**DECAY, "optimizer": "lbfgs"}, {"reconstruction": 1}),
    ("DenoisingAutoencoder", DECAY, {"reconstruction": 1}),
    ("KSparseAutoencoder", {**DECAY, "k": 2}, {"reconstruction": 1}),
    ("StackedClassifier", {**DECAY, "hidden_sizes": (4,)}, {"cross_entropy": 1}),
    ("SparseAutoencoder", {"sparsity_weight": 2.5}, {"reconstruction": 1, "penalty": 2.5}),
    ("SparseAutoencoder", {**DECAY, "optimizer": "lbfgs"}, {"reconstruction": 1, "penalty": 3}),
    ("ContractiveAutoencoder", {**DECAY, "contraction": 0.7}, {"reconstruction": 1, "penalty": 0.7}),
    ("WassersteinAutoencoder", {**DECAY, **VAE, "mmd_weight": 4}, {"reconstruction": 1, "mmd": 4}),
    ("VariationalAutoencoder", {**DECAY, **VAE, "beta": 0.6, "n_samples": 3}, {"reconstruction": -1, "kl": 0.6}),
    ("VariationalAutoencoder", {**VAE, **GAUSSIAN, "kl": "sampled"}, {"reconstruction": -1, "kl": 1}),
    ("VariationalAutoencoder", {**VAE, "free_bits": 0.4, "beta": 2}, {"reconstruction": -1, "kl": 2, "free_bits": 2}),
    ("ConditionalVariationalAutoencoder", VAE, {"reconstruction": -1, "kl": 1}),
    ("ImportanceWeightedAutoencoder", {**DECAY, **VAE}, {"reconstruction": -1, "kl": 1, "gain": -1}),
    ("ImportanceWeightedAutoencoder", {**VAE, **GAUSSIAN}, {"reconstruction": -1, "kl": 1, "gain": -1}),
]
pytestmark = pytest.mark.filterwarnings("ignore:The posterior has collapsed")


def fitted(name: str, options: dict[str, Any], backend: str, **fit_options: Any) -> Any:
    with sae.use_backend(backend):
        return getattr(sae, name)(**{**COMMON, **options}).fit(X, Y, **fit_options)


@pytest.mark.parametrize(("name", "options", "weights"), CASES)
def test_the_loss_is_the_sum_of_its_terms(name: str, options: dict[str, Any], weights: dict[str, float]) -> None:
    weights = {**weights, **({"weight_decay": 1} if "weight_decay" in options else {})}
    histories = [fitted(name, options, backend).history_ for backend in ("numba", "numpy")]
    for history in histories:
        assert set(history) == {"loss", "seconds", *weights}
        total = sum(weight * np.array(history[term]) for term, weight in weights.items())
        np.testing.assert_allclose(history["loss"], total, rtol=1e-12)
    for term in weights:
        np.testing.assert_allclose(*(history[term] for history in histories), rtol=1e-9, atol=1e-12)


def test_float32_terms_agree_as_well() -> None:
    for name in ("VariationalAutoencoder", "ImportanceWeightedAutoencoder"):
        options: dict[str, Any] = {**VAE, "dtype": "float32", "binarize": "dynamic"}
        with sae.use_backend("numba"):
            compiled = getattr(sae, name)(**{**COMMON, **options}).fit(X).history_
        with sae.use_backend("numpy"):
            readable = getattr(sae, name)(**{**COMMON, **options}).fit(X).history_
        assert "reconstruction" in compiled
        for term in compiled.keys() - {"seconds"}:
            np.testing.assert_allclose(compiled[term], readable[term], rtol=2e-5, atol=2e-5)


def test_a_loss_of_one_term_has_no_columns_of_terms() -> None:
    assert set(fitted("Autoencoder", {}, "numba").history_) == {"loss", "seconds"}
    assert set(fitted("StackedClassifier", {"hidden_sizes": ()}, "numpy").history_) == {"loss", "seconds"}


def test_the_kl_of_the_training_is_that_of_elbo() -> None:
    model = fitted("VariationalAutoencoder", {**VAE, "learning_rate": 1e-12, "optimizer": "sgd"}, "numba")
    bound = model.elbo(X, n_samples=2000)
    assert model.history_["kl"][-1] == pytest.approx(bound.kl.mean(), rel=1e-9)
    assert model.history_["reconstruction"][-1] == pytest.approx(bound.reconstruction.mean(), rel=0.1)  # one draw


def test_importance_weights_gain_more_with_more_draws_and_nothing_with_one() -> None:
    still = {**VAE, "learning_rate": 1e-12, "optimizer": "sgd", "batch_size": 43}
    gains = [
        sae.ImportanceWeightedAutoencoder(**{**COMMON, **still}, n_samples=n).fit(X).history_["gain"][0]
        for n in (1, 2, 50)
    ]
    assert gains[0] == 0 < gains[1] < gains[2]


def test_warm_up_changes_the_weight_and_not_the_term() -> None:
    history = fitted("VariationalAutoencoder", {**VAE, "warm_up": 3}, "numba").history_
    weights = (np.array(history["loss"]) + history["reconstruction"]) / history["kl"]
    np.testing.assert_allclose(weights, [1 / 3, 2 / 3, 1], rtol=1e-9)


class _WithoutTerms(sae.SparseAutoencoder):
    """Its objective has the parameters of earlier versions."""

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None) -> Any:  # type: ignore[override]
        return super().objective(parameters, x, y, noise)


class _WithTerms(sae.Autoencoder):
    """Its objective has a term of its own, in some batches only."""

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
        if terms is not None:
            terms["rows"] = len(x)
        return super().objective(parameters, x, y, noise)


def test_an_objective_without_the_parameter_is_trained_as_before() -> None:
    model = _WithoutTerms(**COMMON).fit(X)
    assert set(model.history_) == {"loss", "seconds"}
    plain = type("Plain", (sae.SparseAutoencoder,), {})(**COMMON).fit(X)  # by its objective, not by compiled steps
    assert np.array_equal(model.parameters_.flat, plain.parameters_.flat)


def test_terms_of_your_own_are_means_over_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "steps_per_call", lambda *_: 2)
    model = _WithTerms(**COMMON).fit(X)  # five batches of 8 rows and one of 3
    np.testing.assert_allclose(model.history_["rows"], [(5 * 64 + 9) / 43] * 3)


def test_terms_are_not_named_like_other_columns() -> None:
    class Wrong(sae.Autoencoder):
        def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
            if terms is not None:
                terms["val_loss"] = 1.0
            return super().objective(parameters, x, y, noise)

    with pytest.raises(ValueError, match="The objective has a term 'val_loss', which is another column"):
        Wrong(**COMMON).fit(X)


def test_record_leaves_out_single_terms() -> None:
    terms: dict[str, float] = {}
    record(terms, 0.0, reconstruction=2.0)
    record(None, 1.0, reconstruction=2.0)
    assert terms == {}
    record(terms, 0.5, reconstruction=2.0)
    assert terms == {"reconstruction": 2.0, "weight_decay": 0.5}


def test_a_checkpoint_without_terms_can_be_continued(tmp_path: Any) -> None:
    from scratchae import files

    path = tmp_path / "run.npz"
    options: dict[str, Any] = {**VAE, "dtype": "float64"}
    sae.VariationalAutoencoder(**{**COMMON, **options, "epochs": 2}).fit(X, checkpoint=path)
    header, arrays = files.read(path, "checkpoint")
    for name in ("reconstruction", "kl"):  # as an earlier version wrote it
        del header["history"][name]
    files.write(path, "checkpoint", {k: v for k, v in header.items() if k != "kind"}, arrays)
    history = sae.VariationalAutoencoder(**{**COMMON, **options}).fit(X, checkpoint=path, resume=True).history_
    whole = sae.VariationalAutoencoder(**{**COMMON, **options}).fit(X).history_
    assert history["loss"] == whole["loss"] and np.isnan(history["kl"][:2]).all()
    assert history["kl"][2] == whole["kl"][2]
