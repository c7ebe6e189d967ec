"""scratchae's estimators as scikit-learn sees them, and what they do with bad input."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import joblib
import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted

import scratchae as sae

SMALL: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "epochs": 2, "random_state": 0}


JUDGED = [
    sae.Autoencoder(likelihood="gaussian", hidden_sizes=(8,), latent_dim=3, epochs=2),
    sae.Autoencoder(
        likelihood="gaussian", hidden_sizes=(), latent_dim=2, activation="tanh", tied_weights=True, epochs=2
    ),
    sae.Autoencoder(
        likelihood="gaussian", hidden_sizes=(4,), latent_dim=2, optimizer="lbfgs", dtype="float64", epochs=3
    ),
    sae.DenoisingAutoencoder(likelihood="gaussian", hidden_sizes=(6,), latent_dim=3, epochs=2),
    sae.SparseAutoencoder(likelihood="gaussian", latent_dim=5, epochs=2),
    sae.KSparseAutoencoder(likelihood="gaussian", k=2, latent_dim=5, epochs=2),
    sae.ContractiveAutoencoder(likelihood="gaussian", latent_dim=4, epochs=2),
    sae.StackedAutoencoder(likelihood="gaussian", hidden_sizes=(5, 3), pretrain_epochs=2, epochs=2),
    sae.StackedClassifier(hidden_sizes=(10,), epochs=60, batch_size=16, learning_rate=1e-2),
    sae.StackedClassifier(hidden_sizes=(), epochs=60, batch_size=16, learning_rate=1e-2),
]
# What scikit-learn's parametrize_with_checks does, which hands pytest a generator that newer ones do not take.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # "does not inherit from BaseEstimator": it need not
    CHECKS = [pair for estimator in JUDGED for pair in estimator_checks_generator(estimator)]


def name_of(part: Any) -> str:
    return part.func.__name__ if hasattr(part, "func") else str(part)


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=name_of)
def test_check_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).random((30, 7), dtype=np.float32)


@pytest.fixture(scope="module")
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**SMALL).fit(x)


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = """
import sys, scratchae as s
early = {"numba", "scipy", "matplotlib", "sklearn", "tqdm", "pooch"} & set(sys.modules)
x = s.load_digits().x_train[:50]
s.Autoencoder(epochs=1).fit(x).encode(x)
print(sorted(early), "sklearn" in sys.modules, "matplotlib" in sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.stdout.strip() == "[] False False", result.stderr


def test_pipeline_grid_search_clone_pickle_copy(x: np.ndarray, model: sae.Autoencoder) -> None:
    pipeline = make_pipeline(MinMaxScaler(clip=True), sae.Autoencoder(**SMALL)).fit(x * 9 - 3)
    assert pipeline.transform(x).shape == (30, 2)
    search = GridSearchCV(sae.Autoencoder(**SMALL), {"latent_dim": [1, 3]}, cv=2).fit(x)
    assert search.best_params_["latent_dim"] in (1, 3)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(other.encode(x), model.encode(x))
        other.parameters_.flat[:] = 0  # a copy's named arrays are windows on its own flat vector
        assert not other.encode(x).any() and model.encode(x).any()
    assert clone(model).get_params() == model.get_params()


def test_names_of_the_surface(x: np.ndarray, model: sae.Autoencoder) -> None:
    codes = model.encode(x)
    assert np.array_equal(codes, model.transform(x)) and np.array_equal(
        model.decode(codes), model.inverse_transform(codes)
    )
    assert np.array_equal(model.reconstruct(x), model.decode(codes))
    assert list(model.parameters_) == [
        f"{side}.{i}.{kind}" for side in ("encoder", "decoder") for i in (0, 1) for kind in "Wb"
    ]
    assert model.score(x) == pytest.approx(model.score_samples(x).mean())
    p = model.reconstruct(x).astype(float)
    assert np.allclose(model.score_samples(x), (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1), rtol=1e-5)
    assert set(model.history_) == {"loss", "seconds"} and len(model.history_["loss"]) == 2
    assert repr(model) == "Autoencoder(hidden_sizes=(6,), latent_dim=2, epochs=2, random_state=0)"


def test_parameters_changed_in_place_take_effect(x: np.ndarray, model: sae.Autoencoder) -> None:
    changed = copy.deepcopy(model)
    changed.parameters_["decoder.1.b"][...] += 1
    assert not np.allclose(changed.reconstruct(x), model.reconstruct(x))
    changed.parameters_["decoder.1.b"] = model.parameters_["decoder.1.b"]
    assert np.array_equal(changed.reconstruct(x), model.reconstruct(x))


def damaged(x: np.ndarray, value: float) -> np.ndarray:
    x = x.copy()
    x[4, 5] = value
    return x


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda x: damaged(x, np.nan), ValueError, "NaN at row 4, column 5"),
        (lambda x: damaged(x, -np.inf), ValueError, "infinity at row 4, column 5"),
        (
            lambda x: damaged(x, 1.5),
            ValueError,
            r"1.5 at row 4, column 5, outside \[0, 1\]; scale it .* or use likelihood",
        ),
        (lambda x: x * 255, ValueError, "pixels / 255"),
        (lambda x: x[:0], ValueError, "empty"),
        (lambda x: x[:, :0], ValueError, "no columns"),
        (lambda x: x[0], ValueError, "[Rr]eshape"),
        (lambda x: x.reshape(30, 7, 1), ValueError, "reshape"),
        (lambda x: x.astype(str), ValueError, "does not hold numbers"),
        (lambda x: x + 1j, ValueError, "Complex data not supported"),
        (lambda x: scipy.sparse.csr_array(x), TypeError, "sparse"),
        (lambda x: [[0.1, 0.2], [0.3]], ValueError, "equal length"),
        (lambda x: np.ma.masked_array(x, mask=x > 0.5), ValueError, "masked"),
    ],
)
def test_bad_data_is_refused_and_nothing_changes(
    x: np.ndarray, make: Any, error: type[Exception], message: str
) -> None:
    fresh = sae.Autoencoder(**SMALL)
    with pytest.raises(error, match=message):
        fresh.fit(make(x))
    assert set(vars(fresh)) == set(fresh.get_params())
    fitted = sae.Autoencoder(**SMALL).fit(x)
    before = fitted.encode(x)
    with pytest.raises(error, match=message):
        fitted.fit(make(x))
    assert np.array_equal(fitted.encode(x), before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "rleu"}, "did you mean 'relu'"),
        ({"likelihood": "gausian"}, "did you mean 'gaussian'"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"hidden_sizes": 5}, r"\(128,\)"),
        ({"hidden_sizes": (5, 0)}, r"hidden_sizes\[1\]=0"),
        ({"latent_dim": 0}, "latent_dim=0"),
        ({"latent_dim": 2.5}, "latent_dim=2.5"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"learning_rate": np.nan}, "learning_rate=nan"),
        ({"weight_decay": -1}, "weight_decay=-1"),
        ({"dtype": "float16"}, "float32, float64"),
        ({"random_state": -1}, "random_state=-1"),
    ],
)
def test_bad_options_are_refused_by_fit(x: np.ndarray, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sae.Autoencoder(**{**SMALL, **options}).fit(x)


def test_unknown_options_suggest_the_nearest() -> None:
    with pytest.raises(TypeError, match="did you mean 'hidden_sizes'"):
        sae.Autoencoder(hiden_sizes=(3,))  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="did you mean 'latent_dim'"):
        sae.Autoencoder().set_params(latent_dims=3)
    with pytest.raises(AttributeError, match="did you mean 'Autoencoder'"):
        _ = sae.Autoencodr
    with pytest.raises(ValueError, match="did you mean 'numpy'"):
        sae.use_backend("nunpy")


def test_use_before_fit_and_with_other_features(x: np.ndarray, model: sae.Autoencoder) -> None:
    for use in ("encode", "decode", "reconstruct", "score_samples", "score", "loss_and_gradients"):
        with pytest.raises(sae.NotFittedError, match="call fit first"):
            getattr(sae.Autoencoder(), use)(x)
    with pytest.raises(sae.NotFittedError):
        sae.Autoencoder().save("model.npz")
    with pytest.raises(ValueError, match="expecting 7 features"):
        model.encode(x[:, :3])
    with pytest.raises(ValueError, match="Z has 7 features"):
        model.decode(x)


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x.astype(np.float16),
        lambda x: np.asfortranarray(x),
        lambda x: (x > 0.5).astype(int),
        lambda x: x > 0.5,
        lambda x: x[:1],
        lambda x: np.ones_like(x),
        lambda x: x.tolist(),
        lambda x: x[::-2],
    ],
)
def test_unusual_data_is_accepted(x: np.ndarray, convert: Any) -> None:
    assert np.isfinite(sae.Autoencoder(**SMALL).fit(convert(x)).reconstruct(convert(x))).all()


def test_scores_rank_anomalies(x: np.ndarray) -> None:
    digits = sae.load_digits()
    model = sae.Autoencoder(hidden_sizes=(32,), latent_dim=8, epochs=40, random_state=0).fit(digits.x_train)
    noise = np.random.default_rng(1).random((100, 64), dtype=np.float32)
    assert np.median(model.score_samples(digits.x_test)) > model.score_samples(noise).max()


# Copies, searches and column names, on any data.

OPTIONS: dict[str, Any] = {**SMALL, "likelihood": "gaussian", "batch_size": 16}


@pytest.fixture
def fitted(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**OPTIONS).fit(x)


def test_clone_has_the_options_and_nothing_learned(fitted: sae.Autoencoder) -> None:
    fitted.set_params(optimizer=sae.Momentum(0.5), random_state=np.random.default_rng(3))
    again = clone(fitted)
    assert not hasattr(again, "history_")
    assert again.optimizer == sae.Momentum(0.5)
    assert {k: v for k, v in again.get_params().items() if k != "random_state"} == {
        k: v for k, v in fitted.get_params().items() if k != "random_state"
    }


def test_scikit_learn_knows_what_is_fitted(fitted: sae.Autoencoder, x: np.ndarray) -> None:
    check_is_fitted(fitted)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(fitted))
    with pytest.raises(NotFittedError) as caught:  # scikit-learn's own class, and ours
        clone(fitted).encode(x)
    assert isinstance(caught.value, sae.NotFittedError)


@pytest.mark.parametrize("threads", [1, 2])
def test_grid_search_finds_the_larger_code(threads: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 4)) @ rng.standard_normal((4, 8))
    options = {**OPTIONS, "hidden_sizes": (), "activation": "identity", "optimizer": "lbfgs", "epochs": 60}
    grid = {"latent_dim": [1, 4], "weight_decay": [0.0]}
    with joblib.parallel_config(backend="threading"):
        search = GridSearchCV(sae.Autoencoder(**options), grid, cv=2, n_jobs=threads).fit(x)
    assert search.best_params_["latent_dim"] == 4
    assert search.best_score_ > -1 > search.cv_results_["mean_test_score"][0]
    assert np.isfinite(cross_val_score(search.best_estimator_, x, cv=2)).all()


def test_pipeline(x: np.ndarray) -> None:
    pipeline = make_pipeline(StandardScaler(), sae.Autoencoder(**OPTIONS))
    codes = pipeline.fit_transform(x)
    np.testing.assert_array_equal(pipeline.transform(x), codes)
    assert pipeline.inverse_transform(codes).shape == x.shape
    assert isinstance(pipeline.score(x), float)
    pipeline.set_params(autoencoder__latent_dim=3)
    assert pipeline.fit(x, autoencoder__validation_data=x).transform(x).shape == (30, 3)
    assert "val_loss" in pipeline[-1].history_
    assert "latent_dim=3" in repr(pipeline)


COPIES = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "deepcopy": copy.deepcopy, "copy": copy.copy}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("tied", [False, True])
def test_copies_are_whole(x: np.ndarray, way: str, tied: bool) -> None:
    model = sae.Autoencoder(**OPTIONS, tied_weights=tied).fit(x)
    again = COPIES[way](model)
    np.testing.assert_array_equal(again.reconstruct(x), model.reconstruct(x))
    assert again.history_ == model.history_ and again.get_params() == model.get_params()
    for name, array in again.parameters_.items():  # names and flat vector are still the same memory
        assert np.shares_memory(array, again.parameters_.flat), name
    if way != "copy":
        again.parameters_["encoder.0.W"][...] = 0
        again.history_["loss"].clear()
        assert model.parameters_["encoder.0.W"].all() and model.history_["loss"]
    assert COPIES[way](sae.Autoencoder(**OPTIONS)).get_params() == sae.Autoencoder(**OPTIONS).get_params()


def test_a_copy_stays_as_it_is_while_the_model_is_fitted_again(fitted: sae.Autoencoder, x: np.ndarray) -> None:
    old, codes = copy.copy(fitted), fitted.encode(x)
    fitted.set_params(random_state=1).fit(x[:20])
    np.testing.assert_array_equal(old.encode(x), codes)
    assert not np.array_equal(fitted.encode(x), codes)


def test_the_constructor_stores_its_arguments_untouched() -> None:
    sizes, rate = [3, np.int64(2)], np.float32(0.1)
    model = sae.Autoencoder(sizes, learning_rate=rate, activation="no such thing")
    assert model.hidden_sizes is sizes and model.learning_rate is rate
    assert model.set_params() is model
    assert model.get_params(deep=False) == model.get_params()


# Column names.


@pytest.fixture
def frame(x: np.ndarray) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(x, columns=[f"pixel {i}" for i in range(7)])


def test_column_names_are_remembered_and_compared(frame: Any, x: np.ndarray) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    assert list(model.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(model.encode(frame), sae.Autoencoder(**OPTIONS).fit(x).encode(x))
    for method in ("encode", "transform", "reconstruct", "score", "score_samples", "loss_and_gradients"):
        with pytest.warns(
            UserWarning, match="X does not have valid feature names, but Autoencoder was fitted with feature names"
        ):
            getattr(model, method)(x)
        with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
            getattr(model, method)(frame[frame.columns[::-1]])
        with pytest.raises(
            ValueError,
            match="unseen at fit time:\n- other\nFeature names seen at fit time, yet now missing:\n- pixel 3",
        ):
            getattr(model, method)(frame.rename(columns={"pixel 3": "other"}))
    with pytest.warns(UserWarning, match="X has feature names, but Autoencoder was fitted without"):
        sae.Autoencoder(**OPTIONS).fit(x).encode(frame)


def test_column_names_are_saved(frame: Any, tmp_path: Any) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    model.save(tmp_path / "m.npz")
    again = sae.load(tmp_path / "m.npz")
    assert list(again.feature_names_in_) == list(frame.columns)
    assert again.feature_names_in_.dtype == object
    np.testing.assert_array_equal(again.encode(frame), model.encode(frame))


def test_column_names_of_the_last_fit_count(frame: Any, x: np.ndarray) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(x * np.nan)
    model.set_params(learning_rate=1e30)
    with pytest.raises(sae.DivergenceError):
        model.fit(x)
    assert list(model.feature_names_in_) == list(frame.columns)  # the former fit still stands
    model.set_params(learning_rate=1e-3).fit(x)
    assert not hasattr(model, "feature_names_in_")
    model.fit(frame.rename(columns=dict(zip(frame.columns, range(7), strict=True))))
    assert not hasattr(model, "feature_names_in_")  # numbers are no names
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.encode(x)
