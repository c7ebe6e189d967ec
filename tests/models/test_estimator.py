"""The estimators' surface: scikit-learn's own checks, names, imports, and what is done with bad input."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator

import scratchae as sae
from scratchae.registry import REGISTRY

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
    sae.VariationalAutoencoder(likelihood="gaussian", hidden_sizes=(6,), latent_dim=3, epochs=2),
    sae.VariationalAutoencoder(
        likelihood="gaussian", variance="learned", n_samples=2, hidden_sizes=(), latent_dim=2, dtype="float64", epochs=2
    ),
    sae.ImportanceWeightedAutoencoder(likelihood="gaussian", hidden_sizes=(6,), latent_dim=3, n_samples=3, epochs=2),
    sae.ConditionalVariationalAutoencoder(likelihood="gaussian", hidden_sizes=(6,), latent_dim=3, epochs=2),
    sae.StackedClassifier(hidden_sizes=(10,), epochs=60, batch_size=16, learning_rate=1e-2),
    sae.StackedClassifier(hidden_sizes=(), epochs=60, batch_size=16, learning_rate=1e-2),
]


def name_of(part: Any) -> str:
    return part.func.__name__ if hasattr(part, "func") else str(part)


# Every model of the registry is judged, also one that was not thought of above.
for _entry in REGISTRY:
    if _entry.name not in {type(judged).__name__ for judged in JUDGED}:
        _model = getattr(sae, _entry.name)
        _fits = {"likelihood": "gaussian", "epochs": 2}
        JUDGED.append(_model(**{k: v for k, v in _fits.items() if k in inspect.signature(_model).parameters}))
# What scikit-learn's parametrize_with_checks does, which hands pytest a generator that newer ones do not take.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # "does not inherit from BaseEstimator": it need not
    CHECKS = [pair for estimator in JUDGED for pair in estimator_checks_generator(estimator)]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=name_of)
def test_check_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


# A model that requests weights is also judged by the checks of weights. One of them cannot hold: equal predictions from repeated rows and from
# weighted rows in another order, since batches are drawn from the rows in their order. In the same order, the claims about weights show it.
IN_ANOTHER_ORDER = "check_sample_weight_equivalence_on_dense_data"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    WEIGHTED = [
        (requesting, check)
        for judged in JUDGED
        if getattr(judged, "optimizer", None) != "lbfgs"
        for requesting, check in estimator_checks_generator(clone(judged).set_fit_request(sample_weight=True))
        if "sample_weight" in name_of(check) and name_of(check) != IN_ANOTHER_ORDER
    ]


@pytest.mark.parametrize(("estimator", "check"), WEIGHTED, ids=name_of)
def test_check_estimator_with_weights(estimator: Any, check: Any) -> None:
    check(estimator)


def test_all_checks_of_weights_but_one_are_made() -> None:
    made = {name_of(check) for _, check in WEIGHTED}
    known = {name for name in vars(estimator_checks) if name.startswith("check_") and "sample_weight" in name}
    assert known - made <= {IN_ANOTHER_ORDER, IN_ANOTHER_ORDER.replace("dense", "sparse")} and len(made) > 5


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).random((30, 7), dtype=np.float32)


@pytest.mark.slow
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
        (lambda x: np.round(x * 255), ValueError, "pixels / 255"),
        (lambda x: x[:0], ValueError, "empty"),
        (lambda x: x[:, :0], ValueError, "no columns"),
        (lambda x: x[0], ValueError, "[Rr]eshape"),
        (lambda x: x.reshape(30, 7, 1), ValueError, "reshape"),
        (lambda x: x.astype(str), ValueError, "is not numeric"),
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
