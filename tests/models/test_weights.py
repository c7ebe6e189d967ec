"""Weights of rows and classes: what is refused, what they mean in a fit, a score and a class, and that they leave no trace when equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight

import scratchae as sae
from scratchae.models.weights import balanced, check_weights, class_weights, weighted_mean
from scratchae.registry import REGISTRY

SMALL: dict[str, Any] = {
    "hidden_sizes": (6,),
    "latent_dim": 2,
    "k": 1,
    "pretrain_epochs": 1,
    "epochs": 2,
    "batch_size": 8,
}
X = np.random.default_rng(0).random((30, 7))
Y = np.arange(30) % 3


def new(name: str, **options: Any) -> Any:
    kind = getattr(sae, name)
    usual = kind().get_params()
    given = {option: value for option, value in SMALL.items() if usual.get(option, ()) != ()}
    return kind(**{**given, "random_state": 0, **options})


def flat(model: Any) -> np.ndarray:
    return model.parameters_.flat


# What is refused.


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0] * 29, "29 numbers for 30 rows"),
        (np.ones((30, 1)), r"shape \(30, 1\); give one number for each row"),
        (1.0, r"shape \(\); give one number for each row"),
        ([1.0] * 29 + [-0.5], "the negative number -0.5 at row 29"),
        ([1.0] * 7 + [np.nan] + [1.0] * 22, "NaN at row 7"),
        ([np.inf] + [1.0] * 29, "infinity at row 0"),
        ([10**400] + [1.0] * 29, "beyond the range of float64"),
        (np.zeros(30), "zero for every row"),
        (["heavy"] * 30, "dtype <U5"),
        ([True] * 30, "dtype bool"),
        ([None] + [1.0] * 29, "None at row 0, which is not a number"),
        ([1.0, True] + [1.0] * 28, None),
        (np.array([1.0, True] + [2] * 28, dtype=object), "True at row 1, which is not a number"),
        (pd.Series([1, pd.NA] + [1] * 28, dtype="Int64"), "(NaN|<NA>) at row 1"),
        (pd.date_range("2020-01-01", periods=30), "dtype datetime64"),
        ([[1.0], [1.0, 2.0]], "not an array of numbers"),
        (np.ma.masked_array(np.ones(30), mask=Y == 0), "masked entries"),
        (np.ones(30) * 1j, "dtype complex128"),
        ({"row": 1}, r"shape \(\)"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "score"])
def test_bad_weights_are_refused_and_nothing_changes(method: str, weights: Any, message: str | None) -> None:
    model = new("Autoencoder").fit(X)
    before, history = flat(model).copy(), {name: list(values) for name, values in model.history_.items()}
    if message is None:  # NumPy turns the list into numbers
        getattr(model, method)(X, sample_weight=weights)
        return
    with pytest.raises(ValueError, match=message):
        getattr(model, method)(X, sample_weight=weights)
    np.testing.assert_array_equal(flat(model), before)
    assert model.history_ == history


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_refuses_bad_weights(name: str) -> None:
    model = new(name)
    with pytest.raises(ValueError, match="the negative number -1 at row 3"):
        model.fit(X, Y, sample_weight=[1, 1, 1, -1] + [1] * 26)
    assert not hasattr(model, "history_")


def test_lbfgs_takes_only_equal_weights() -> None:
    model = new("Autoencoder", optimizer="lbfgs")
    with pytest.raises(ValueError, match='"lbfgs" takes all rows at once, but sample_weight'):
        model.fit(X, sample_weight=np.arange(30.0))
    assert not hasattr(model, "history_")
    np.testing.assert_array_equal(
        flat(model.fit(X, sample_weight=np.full(30, 0.5))), flat(new("Autoencoder", optimizer="lbfgs").fit(X))
    )


def test_weights_of_unusual_types_are_accepted() -> None:
    expected = flat(new("Autoencoder").fit(X, sample_weight=(Y + 1).astype(float)))
    for weights in (
        (Y + 1).tolist(),
        pd.Series(Y + 1, index=Y),
        (Y + 1).astype(np.uint8),
        (Y + 1).astype(np.float16),
        7 * (Y + 1),
    ):
        np.testing.assert_array_equal(flat(new("Autoencoder").fit(X, sample_weight=weights)), expected)
    read_only = (Y + 1.0).copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(flat(new("Autoencoder").fit(X, sample_weight=read_only)), expected)


# What they mean.


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_rows_without_weight_are_as_if_they_were_not_there(name: str) -> None:
    kept = np.arange(30) % 5 > 1
    data = X.copy()
    data[~kept] = 0.5  # whatever they contain
    np.testing.assert_array_equal(
        flat(new(name).fit(data, Y, sample_weight=0.7 * kept)), flat(new(name).fit(X[kept], Y[kept]))
    )


def test_initial_parameters_follow_the_weights() -> None:
    model = new("VariationalAutoencoder", likelihood="gaussian", optimizer="sgd", learning_rate=1e-12, dtype="float64")
    w = np.random.default_rng(1).exponential(size=30)
    bias = model.fit(X, sample_weight=w).parameters_["decoder.1.b"]
    distance = np.linalg.norm(bias - np.average(X, axis=0, weights=w))
    assert distance < np.linalg.norm(bias - X.mean(axis=0)) / 2


def test_a_class_of_great_weight_is_predicted() -> None:
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = np.random.default_rng(1).integers(0, 2, 200)  # without relation to x
    options: dict[str, Any] = {"epochs": 40, "batch_size": 16, "learning_rate": 0.01}
    for k in (0, 1):
        for fitted in (
            new("StackedClassifier", **options, class_weight={k: 50}).fit(x, y),
            new("StackedClassifier", **options).fit(x, y, sample_weight=np.where(y == k, 50.0, 1.0)),
        ):
            assert (fitted.predict(x) == k).all()


def test_softmax_regression_reaches_the_weighted_optimum() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    y = (x @ [1.0, -1.0] + rng.normal(size=300) > 0.8).astype(int)
    w = rng.exponential(size=300)
    model = sae.StackedClassifier(
        (), epochs=150, batch_size=20, learning_rate=0.05, learning_rate_decay=0.96, random_state=0
    ).fit(x, y, sample_weight=w)
    expected = LogisticRegression(C=1e10).fit(x, y, sample_weight=w).predict_proba(x)
    unweighted = LogisticRegression(C=1e10).fit(x, y).predict_proba(x)
    found = model.predict_proba(x)
    assert 10 * abs(found - expected).max() < abs(unweighted - expected).max()


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_scores_are_weighted_means(name: str) -> None:
    model, w = new(name).fit(X, Y), np.random.default_rng(2).exponential(size=30)
    arguments = (X, Y)
    assert model.score(*arguments, sample_weight=np.full(30, 3.0)) == pytest.approx(model.score(*arguments), rel=1e-6)
    kept = np.arange(30) < 12
    if name == "StackedClassifier":
        expected = accuracy_score(Y, model.predict(X), sample_weight=w)
    elif name == "ConditionalVariationalAutoencoder":
        rows = [
            model.score(X[i : i + 1], Y[i : i + 1]) for i in range(30)
        ]  # the noise of a row does not depend on others
        expected = np.average(rows, weights=w)
    else:
        expected = np.average(model.score_samples(X), weights=w)
        without = model.score(X[kept])
        assert model.score(X, sample_weight=kept.astype(int)) == pytest.approx(without, rel=1e-6)
    assert model.score(*arguments, sample_weight=w) == pytest.approx(expected, rel=1e-6)


# Classes.


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "class_weight", [None, "balanced", {"a": 2.0, "b": 0.5, "c": 1}, {"a": 3}, {"a": 1, "b": 2, "c": 3, "d": 4}]
)
def test_weights_of_classes_are_those_of_scikit_learn(class_weight: Any, weighted: bool) -> None:
    y = np.array(list("aabbbbbcc"))
    classes, indices = np.unique(y, return_inverse=True)
    s = np.random.default_rng(0).random(9) + 0.1 if weighted else None
    found = class_weights(class_weight, indices, classes, s)
    if class_weight is None:
        assert found is s
        return
    if class_weight == {"a": 3}:  # which scikit-learn refuses, since b is missing; the others count once
        class_weight = {"a": 3, "b": 1, "c": 1}
    if class_weight == "balanced" and weighted:  # equal totals, with the sample weights
        np.testing.assert_allclose(np.bincount(indices, found), np.full(3, s.sum() / 3))
        return
    np.testing.assert_allclose(found, compute_sample_weight(class_weight, y) * (1 if s is None else s))


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("balancd", "'balancd' is not allowed"),
        ([1, 2], r"\[1, 2\] is not allowed"),
        (True, "True is not allowed"),
        ({0: -1}, "-1 for the class 0"),
        ({0: np.nan}, "nan for the class 0"),
        ({0: "2"}, "'2' for the class 0"),
        ({0: True}, "True for the class 0"),
        ({0: 1, 7: 2}, "the class 7, which is not in y"),
        ({"0": 1}, "the class '0', which is not in y"),
        ({0: 0, 1: 0}, "only the class 2 has rows"),
        ({0: 0, 1: 0, 2: 0}, "no class has rows"),
    ],
)
def test_bad_class_weights_are_refused(class_weight: Any, message: str) -> None:
    model = new("StackedClassifier", class_weight=class_weight)
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)
    assert not hasattr(model, "history_")


def test_weights_that_leave_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="only the class 1 has rows with a weight above 0"):
        new("StackedClassifier").fit(X, Y, sample_weight=(Y == 1).astype(float))


@pytest.mark.parametrize(
    "class_weight", [None, "balanced", {0: 2, 1: 0.5, 2: np.float32(1)}, {"b": 1.5, "a": np.int64(2)}]
)
def test_class_weights_are_saved(class_weight: Any, tmp_path: Any) -> None:
    y = np.array(["a", "b"])[Y % 2] if isinstance(class_weight, dict) and "a" in class_weight else Y
    model = new("StackedClassifier", class_weight=class_weight).fit(X, y)
    model.save(tmp_path / "model.npz")
    again = sae.load(tmp_path / "model.npz")
    assert again.class_weight == class_weight and list(again.class_weight or []) == list(class_weight or [])
    np.testing.assert_array_equal(flat(again.fit(X, y)), flat(model))


def test_balanced_gives_nothing_to_a_class_without_rows() -> None:
    np.testing.assert_array_equal(balanced(np.array([0, 2, 2]), 3, np.array([1.0, 1.0, 1.0])), [1.0, 0.0, 0.5])


def test_means_are_computed_in_double_precision_and_do_not_overflow() -> None:
    values = np.array([2**24, 1], np.float32)
    assert weighted_mean(values, None) == weighted_mean(values, [3, 3]) == 2**23 + 0.5
    assert weighted_mean(values, [1e308, 1e308]) == 2**23 + 0.5
    assert weighted_mean(values, [0, 1e-320]) == 1


def test_a_class_that_is_not_in_y_is_named_as_a_plain_number() -> None:
    with pytest.raises(ValueError, match="class_weight has the class 9, which is not in y"):
        class_weights({np.int64(9): 1.0}, Y, np.arange(3), None)


# Checkpoints.


def test_a_checkpoint_belongs_to_its_weights(tmp_path: Any) -> None:
    path, w = tmp_path / "run.npz", Y + 1.0
    new("Autoencoder", epochs=1).fit(X, sample_weight=w, checkpoint=path)
    for other in (None, w[::-1] + 1):
        with pytest.raises(ValueError, match="was made with other data"):
            new("Autoencoder").fit(X, sample_weight=other, checkpoint=path, resume=True)
    resumed = new("Autoencoder").fit(X, sample_weight=w, checkpoint=path, resume=True)
    np.testing.assert_array_equal(flat(resumed), flat(new("Autoencoder").fit(X, sample_weight=w)))


def test_none_stays_none() -> None:
    assert check_weights(None, 3) is None
