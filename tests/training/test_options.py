"""Options that cannot be used are refused in one sentence and change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.bad_values import METHODS, small

import scratchae as sae

BAD_OPTIONS = [
    ("hidden_sizes", 128, "hidden_sizes=128 is not a sequence of sizes; give a tuple such as"),
    ("hidden_sizes", "128", "hidden_sizes='128' is not a sequence"),
    ("hidden_sizes", None, "hidden_sizes=None is not a sequence"),
    ("hidden_sizes", (4, 0), r"hidden_sizes\[1\]=0 is not allowed; give an integer of at least 1"),
    ("hidden_sizes", (4, -3), r"hidden_sizes\[1\]=-3 is not allowed"),
    ("hidden_sizes", (4, 2.5), r"hidden_sizes\[1\]=2.5 is not allowed"),
    ("latent_dim", 0, "latent_dim=0 is not allowed; give an integer of at least 1"),
    ("latent_dim", 2.0, "latent_dim=2.0 is not allowed"),
    ("latent_dim", True, "latent_dim=True is not allowed"),
    ("latent_dim", "2", "latent_dim='2' is not allowed"),
    ("activation", "rleu", r"activation='rleu' is unknown \(did you mean 'relu'\?\); use one of identity, sigmoid, tanh, relu"),
    ("activation", None, "activation=None is unknown; use one of"),
    ("code_activation", "sigmoyd", r"code_activation='sigmoyd' is unknown \(did you mean 'sigmoid'\?\)"),
    ("likelihood", "bernouli", r"likelihood='bernouli' is unknown \(did you mean 'bernoulli'\?\)"),
    ("likelihood", ["gaussian"], "is unknown"),
    ("optimizer", "adan", r"optimizer='adan' is unknown \(did you mean 'adam'\?\); use one of sgd, momentum, adam, lbfgs"),
    ("optimizer", 3, "optimizer=3 is unknown"),
    ("optimizer", [], r"optimizer=\[\] is unknown"),
    ("learning_rate", 0, "learning_rate=0 is not allowed; give a number above 0"),
    ("learning_rate", -1e-3, "learning_rate=-0.001 is not allowed"),
    ("learning_rate", np.nan, "learning_rate=nan is not allowed"),
    ("learning_rate", np.inf, "learning_rate=inf is not allowed"),
    ("learning_rate", "fast", "learning_rate='fast' is not allowed"),
    ("learning_rate_decay", 0, "learning_rate_decay=0 is not allowed; give a number above 0 and up to 1"),
    ("learning_rate_decay", 1.1, "learning_rate_decay=1.1 is not allowed"),
    ("weight_decay", -1, "weight_decay=-1 is not allowed; give a number of at least 0"),
    ("batch_size", 0, "batch_size=0 is not allowed"),
    ("batch_size", None, "batch_size=None is not allowed"),
    ("epochs", 0, "epochs=0 is not allowed"),
    ("epochs", 1.5, "epochs=1.5 is not allowed"),
    ("random_state", -1, "random_state=-1 is not a seed; give None, a non-negative integer, or a numpy Generator"),
    ("random_state", 0.5, "random_state=0.5 is not a seed"),
    ("random_state", True, "random_state=True is not a seed"),
    ("dtype", "float16", r"dtype='float16' is unknown \(did you mean 'float\d\d'\?\); use one of float32, float64"),
    ("dtype", "flaot32", r"dtype='flaot32' is unknown \(did you mean 'float32'\?\)"),
    ("dtype", int, "dtype='int64' is unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message"), BAD_OPTIONS)
def test_bad_options_are_refused_by_fit_and_change_nothing(name: str, value: Any, message: str, x: np.ndarray) -> None:
    model = small(**{name: value})  # the constructor only stores
    before = dict(vars(model))
    with pytest.raises(ValueError, match=message):
        model.fit(x)
    assert vars(model) == before

    fitted = small().fit(x)
    codes = fitted.encode(x)
    with pytest.raises(ValueError, match=message):
        fitted.set_params(**{name: value}).fit(x)
    fitted.set_params(**{name: getattr(small(), name)})
    np.testing.assert_array_equal(fitted.encode(x), codes)


@pytest.mark.parametrize(
    "options", [{"latent_dim": 10**13}, {"hidden_sizes": (10**10, 10**10)}, {"hidden_sizes": (2**32, 2**32)}]
)
def test_impossible_sizes(options: dict[str, Any], x: np.ndarray) -> None:
    model = small(**options)
    with pytest.raises(
        MemoryError, match=r"\d\.\de\+\d\d parameters do not fit in memory; reduce hidden_sizes or latent_dim"
    ):
        model.fit(x)
    assert not hasattr(model, "history_")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sae.Momentum(decay=1.0), r"decay=1.0 is not allowed; give a number in \[0, 1\)"),
        (lambda: sae.Adam(beta1=-0.1), "beta1=-0.1 is not allowed"),
        (lambda: sae.Adam(beta2=1), "beta2=1 is not allowed"),
        (lambda: sae.Adam(epsilon=0), "epsilon=0 is not allowed; give a finite number above 0"),
        (lambda: sae.LBFGS(restart=0), "restart=0 is not allowed; give an integer of at least 1"),
        (lambda: sae.LBFGS(memory=0), "memory=0 is not allowed"),
        (lambda: sae.EarlyStopping(patience=0), "patience=0 is not allowed; give a number of epochs of at least 1"),
    ],
)
def test_bad_settings_of_rules(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(
        TypeError,
        match=re.escape("Autoencoder has no option 'latent_dims' (did you mean 'latent_dim'?); it has hidden_sizes,"),
    ):
        sae.Autoencoder(latent_dims=3)  # type: ignore[call-arg]
    with pytest.raises(
        ValueError, match=re.escape("Autoencoder has no option 'epoch' (did you mean 'epochs'?); it has hidden_sizes,")
    ):
        sae.Autoencoder().set_params(latent_dim=5, epoch=3)
    with pytest.raises(AttributeError, match=re.escape("scratchae has no 'Autoencodr' (did you mean 'Autoencoder'?)")):
        sae.Autoencodr  # noqa: B018


def test_a_refused_set_params_sets_nothing() -> None:
    model = small()
    with pytest.raises(ValueError, match="no option"):
        model.set_params(latent_dim=5, epoch=3)
    assert model.latent_dim == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent_dim", 3),
        ("hidden_sizes", (5,)),
        ("activation", "tanh"),
        ("likelihood", "gaussian"),
        ("dtype", "float64"),
    ],
)
def test_options_that_shape_a_fitted_model_cannot_change_under_it(name: str, value: Any, x: np.ndarray) -> None:
    model = small().fit(x)
    codes = model.encode(x)
    model.set_params(**{name: value})
    for method in METHODS.values():
        with pytest.raises(
            ValueError, match=f"{name} is .*, but this Autoencoder was fitted with .*; fit again or restore the option"
        ):
            method(model, x)
    model.set_params(**{name: getattr(small(), name)})
    np.testing.assert_array_equal(model.encode(x), codes)
    assert model.set_params(**{name: value}).fit(x).encode(x).shape[0] == 70


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"tied_weights": "no"}, "tied_weights"),
        ({"verbose": "yes"}, "verbose"),
        ({"verbose": None}, "verbose"),
        ({"dtype": None}, "dtype"),
        ({"hidden_sizes": {8}}, "hidden_sizes"),
    ],
)
def test_options_of_a_wrong_type_are_named(options: dict[str, Any], word: str, x: np.ndarray) -> None:
    with pytest.raises(ValueError, match=word):
        sae.Autoencoder(**options).fit(x)


def test_settings_of_optimizers_are_checked_at_once() -> None:
    for make in (
        lambda: sae.LBFGS(memory=2.5),
        lambda: sae.LBFGS(memory=True),
        lambda: sae.Adam(epsilon=np.inf),
        lambda: sae.Adam(beta1="0.9"),
    ):
        with pytest.raises(ValueError, match="is not allowed; give"):
            make()


def test_numbers_of_all_kinds_can_be_saved(x: np.ndarray, tmp_path: Path) -> None:
    for options in (
        {"optimizer": sae.LBFGS(memory=np.int64(5))},
        {"optimizer": sae.Adam(beta1=np.float32(0.5))},
        {"hidden_sizes": range(8, 9), "learning_rate": Fraction(1, 1000)},
    ):
        model = sae.Autoencoder(**{"hidden_sizes": (8,), "epochs": 2, **options}, latent_dim=2, random_state=0)
        model.fit(x, checkpoint=tmp_path / "run.npz").save(tmp_path / "model.npz")
        assert np.array_equal(sae.load(tmp_path / "model.npz").encode(x), model.encode(x))
        (tmp_path / "run.npz").unlink()


def test_folders_in_place_of_files(x: np.ndarray, tmp_path: Path) -> None:
    model = small().fit(x)
    for attempt in (lambda: model.save(tmp_path), lambda: small().fit(x, checkpoint=tmp_path)):
        with pytest.raises(IsADirectoryError, match="is a folder; give a file in it"):
            attempt()
    with pytest.raises(ValueError, match="empty tuple"):
        small().fit(x, validation_data=())
