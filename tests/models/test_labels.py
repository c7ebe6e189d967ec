"""Labels of any type, and what is refused as one."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

import scratchae as sae
from scratchae.models.labels import as_labels, check_labels, indices_of
from scratchae.verify.plain_training import train

X = np.random.default_rng(0).random((24, 6))
NAMES = np.array(["a", "b", "c"])
PLACES = np.random.default_rng(1).permutation(np.arange(24) % 3)
SMALL: dict[str, Any] = {"hidden_sizes": (5,), "epochs": 3, "batch_size": 8, "random_state": 0}


def new(**options: Any) -> sae.StackedClassifier:
    return sae.StackedClassifier(**{**SMALL, **options})


GOOD: dict[str, np.ndarray] = {
    "int": np.array([0, 1, 2]),
    "negative int": np.array([-7, 3, 100]),
    "unsorted int": np.array([5, 1, 3]),
    "uint8": np.array([0, 128, 255], np.uint8),
    "largest int": np.array([2**63 - 1, -(2**63), 0]),
    "str": np.array(["zero", "one", "three hundred"]),
    "letters beyond ASCII": np.array(["ä", "Ω", "日本"]),
    "bool": np.array([True, False]),
    "str objects": np.array(["b", "a", "cc"], object),
    "int objects": np.array([3, -1, 2], object),
    "bool objects": np.array([True, False], object),
    "whole floats": np.array([1.0, -2.0, 30.0]),
    "whole float32": np.array([0.0, 1.0, 2.0], np.float32),
}


@pytest.mark.parametrize("name", GOOD)
def test_labels_of_every_type_come_back(name: str) -> None:
    labels = GOOD[name]
    y = labels[PLACES % len(labels)]
    classifier = new(hidden_sizes=(12,), activation="tanh", epochs=300, learning_rate=0.05).fit(X, y)
    assert classifier.classes_.tolist() == sorted(set(labels.tolist()))
    predicted = classifier.predict(X)
    assert type(predicted.tolist()[0]) is type(labels.tolist()[0])
    if labels.dtype != object:
        assert predicted.dtype == classifier.classes_.dtype == labels.dtype
    assert classifier.score(X, y) == (predicted == y).mean() > 0.9  # each came back at its own rows
    for other in (y.tolist(), tuple(y), y.astype(object)):
        assert classifier.score(X, other) == classifier.score(X, y)
        again = new(hidden_sizes=(12,), activation="tanh", epochs=1).fit(X, other)
        assert again.classes_.tolist() == classifier.classes_.tolist()


def test_the_same_classes_by_other_names_are_the_same_training() -> None:
    by_name, by_number = new().fit(X, NAMES[PLACES]), new().fit(X, PLACES)
    assert np.array_equal(by_name.parameters_.flat, by_number.parameters_.flat)
    assert np.array_equal(by_name.predict(X), NAMES[by_number.predict(X)])
    assert np.array_equal(new(n_classes=3).fit(X, PLACES).parameters_.flat, by_number.parameters_.flat)


def test_labels_and_their_places() -> None:
    classes, places = check_labels(as_labels(["b", "a", "b", "c"], 4), None)
    assert classes.tolist() == ["a", "b", "c"] and places.tolist() == [1, 0, 1, 2] and places.dtype == np.int64
    assert indices_of(np.array(["c", "a"]), classes).tolist() == [2, 0]
    assert indices_of(np.array([True, False]), np.array([0, 1])).tolist() == [1, 0]
    assert indices_of(np.array([2, 1]), np.array([1.0, 2.0])).tolist() == [1, 0]
    assert as_labels(np.array([1, 2.0, True], object), 3).tolist() == [1.0, 2.0, 1.0]


def test_a_column_is_taken_with_a_warning() -> None:
    with pytest.warns(DataConversionWarning, match=r"A column-vector y was passed .*; pass y\.ravel\(\)"):
        column = new().fit(X, PLACES[:, None])
    assert np.array_equal(column.parameters_.flat, new().fit(X, PLACES).parameters_.flat)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataConversionWarning)
        new().fit(X, PLACES)


class NA:
    """Such as pandas has: nobody knows whether it equals itself."""

    def __ne__(self, other: object) -> Any:
        return self

    def __eq__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


def changed(y: np.ndarray, value: Any, dtype: Any = object) -> np.ndarray:
    """The labels with this one in row 4."""
    y = y.astype(dtype)
    y[4] = value
    return y


BAD: list[tuple[Any, str]] = [  # {y} is the name of the argument
    (None, "requires {y} to be passed, but the target {y} is None; give one label for each row"),
    (PLACES[:-1], "X has 24 rows and {y} has 23 labels .*; give one label for each row"),
    (PLACES[:0], "X has 24 rows and {y} has 0 labels"),
    (changed(PLACES, np.nan, float), "{y} has NaN at row 4; remove such rows"),
    (changed(PLACES, np.inf, float), "{y} has infinity at row 4; remove such rows"),
    (changed(PLACES, np.nan), r"{y} has no label at row 4 \(NaN or None\); remove such rows"),
    (changed(PLACES, None), "{y} has no label at row 4"),
    (changed(NAMES[PLACES], None), "{y} has no label at row 4"),
    (changed(NAMES[PLACES], np.nan), "{y} has no label at row 4"),
    (changed(PLACES, NA()), "{y} has no label at row 4"),
    (changed(PLACES, "a"), "{y} has labels of several types .*; give labels of one type"),
    (changed(PLACES, (1, 2)), "{y} has labels of several types"),
    (np.ma.masked_equal(PLACES, 1), "{y} has masked entries, whose values are undefined; remove such rows"),
    (np.tile(PLACES[:, None], (1, 2)), r"{y} should be a 1d array, got an array of shape \(24, 2\) instead"),
    (np.eye(3)[PLACES], r"{y} should be a 1d array, got an array of shape \(24, 3\) instead"),
    (3, r"{y} should be a 1d array, got an array of shape \(\) instead"),
    (12 * [[0], [1, 2]], "{y} has labels of several types"),
    (PLACES + 0.5, r"Unknown label type: {y} has \d\.5 at row 0, which is continuous and not a class; give integers"),
    (PLACES.astype(complex), "Complex data not supported: {y} has dtype complex128"),
    (
        np.array([b"a", b"b", b"c"])[PLACES],
        r"Unknown label type: {y} has dtype \|S1; give numbers, strings or Booleans",
    ),
    (np.array([b"a", b"b", b"c"], object)[PLACES], "{y} has labels of several types .Unknown label type"),
    (PLACES.astype("M8[D]"), r"Unknown label type: {y} has dtype datetime64\[D\]; give numbers, strings or Booleans"),
]


@pytest.mark.parametrize(("y", "message"), BAD)
def test_bad_labels_are_refused_and_nothing_changes(y: Any, message: str) -> None:
    fresh, fitted = new(), new().fit(X, PLACES)
    before = fitted.predict_proba(X)
    for classifier in (fresh, fitted):
        with pytest.raises(ValueError, match=message.replace("{y}", "y")):
            classifier.fit(X, y)
        with pytest.raises(ValueError, match=message.replace("{y}", r"validation_data\[1\]")):
            classifier.fit(X, PLACES, validation_data=(X, y))
    for use in (fitted.score, fitted.loss_and_gradients):
        with pytest.raises(ValueError, match=message.replace("{y}", "y")):
            use(X, y)
    assert set(vars(fresh)) == set(fresh.get_params())
    assert np.array_equal(fitted.predict_proba(X), before) and list(fitted.classes_) == [0, 1, 2]


@pytest.mark.parametrize(("y", "shown"), [(np.ones(24, int), "1"), (24 * ["cat"], "'cat'"), (24 * [True], "True")])
def test_one_class_is_not_enough(y: Any, shown: str) -> None:
    fresh = new()
    with pytest.raises(ValueError, match=f"y has one class only, {shown}; give rows of at least two classes"):
        fresh.fit(X, y)
    assert set(vars(fresh)) == set(fresh.get_params())


def test_sparse_labels_are_refused() -> None:
    import scipy.sparse

    with pytest.raises(
        TypeError, match=r"y is a sparse matrix, which is not supported; pass y\.toarray\(\)\.ravel\(\)"
    ):
        new().fit(X, scipy.sparse.csr_array(PLACES[:, None]))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_another_number_of_classes_than_announced_is_refused(n_classes: int) -> None:
    with pytest.raises(ValueError, match=f"y has 3 classes, but n_classes={n_classes}; give labels of all classes, or"):
        new(n_classes=n_classes).fit(X, PLACES)


def test_a_class_that_was_not_trained_on_is_refused() -> None:
    names = NAMES[PLACES]
    by_name, by_number = new().fit(X, names), new().fit(X, PLACES)
    row = int(np.flatnonzero(PLACES == 2)[0])
    for classifier, y, shown, where in (
        (by_number, np.where(PLACES == 2, 9, PLACES), "9", row),
        (by_name, np.where(PLACES == 2, "dog", names), "'dog'", row),
        (by_number, names, f"'{names[0]}'", 0),  # of another kind
        (by_name, PLACES, str(PLACES[0]), 0),
        (by_number, PLACES.astype(str), f"'{PLACES[0]}'", 0),
    ):
        message = (
            f"has the class {shown} at row {where}, which is not a class .* [(]'?[0a]'?, '?[1b]'?, '?[2c]'?[)]; remove"
        )
        known = names if classifier is by_name else PLACES
        for use in (classifier.score, classifier.loss_and_gradients):
            with pytest.raises(ValueError, match=f"y {message}"):
                use(X, y)
        with pytest.raises(ValueError, match=rf"validation_data\[1\] {message}"):
            classifier.fit(X, known, validation_data=(X, y))
    some = PLACES != 2  # fewer classes than were trained on are no fault
    assert 0 <= by_number.score(X[some], PLACES[some]) <= 1
    assert "val_error" in new().fit(X, PLACES, validation_data=(X[some], PLACES[some])).history_


@pytest.mark.parametrize("validation_data", [X, (X,), (X, PLACES, PLACES), "XY", {"X": X}])
def test_validation_data_have_to_be_a_pair(validation_data: Any) -> None:
    with pytest.raises(ValueError, match=r"validation_data must be a pair \(X, y\) of rows and labels"):
        new().fit(X, PLACES, validation_data=validation_data)


def test_validation_rows_are_checked() -> None:
    for rows, message in (
        (X[:, :3], r"validation_data\[0\] has 3 features"),
        (X * np.nan, r"validation_data\[0\] has NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            new().fit(X, PLACES, validation_data=(rows, PLACES))
    with pytest.raises(ValueError, match=r"validation_data\[1\] has 23 labels"):
        new().fit(X, PLACES, validation_data=(X, PLACES[:-1]))
    alike = [new().fit(X, PLACES, validation_data=pair).history_["val_loss"] for pair in ((X, PLACES), [X, PLACES])]
    assert alike[0] == alike[1]


def test_a_vast_number_of_classes() -> None:
    y = np.arange(24)
    classifier = new(epochs=1).fit(X, y * 10)
    assert classifier.predict_proba(X).shape == (24, 24) and classifier.classes_.tolist() == (y * 10).tolist()
    with pytest.raises(ValueError, match=r"not a class that the model was trained on \(0, 10, 20, 30, 40, …\)"):
        classifier.score(X, y * 10 + 1)
    with pytest.raises(ValueError, match="y has the class '0' at row 0, which is not a class"):
        classifier.score(X, (y * 10).astype(str))  # looks alike, and is of another kind


@pytest.mark.parametrize("labels", [["a", "b", float("nan"), "b"], ["a", "b", None, "b"]])
def test_missing_labels_in_a_list_are_no_class(labels: list[Any]) -> None:
    with pytest.raises(ValueError, match="no label at row 2"):
        sae.StackedClassifier((3,), epochs=1).fit(np.eye(4), labels)


def test_a_list_of_strings_and_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="several types"):
        sae.StackedClassifier((3,), epochs=1).fit(np.eye(4), ["a", 1, "a", 1])
    model = sae.StackedClassifier((3,), epochs=1).fit(np.eye(4), [True, False, True, False])
    assert model.predict(np.eye(4)).dtype == bool


# Validation rows in which the first class does not occur: the others keep their codes.

LABELLED: dict[str, dict[str, Any]] = {
    "StackedClassifier": {},
    "ConditionalVariationalAutoencoder": {"latent_dim": 2, "activation": "tanh"},
}


@pytest.mark.parametrize("name", LABELLED)
def test_validation_rows_without_the_first_class_keep_the_codes_of_the_others(name: str) -> None:
    codes = np.where(PLACES[:9] == 0, 2, PLACES[:9])
    assert set(codes) == {1, 2}
    options: dict[str, Any] = {**SMALL, **LABELLED[name], "dtype": "float64"}
    kind = getattr(sae, name)
    fitted = kind(**options).fit(X, NAMES[PLACES], validation_data=(X[:9] ** 2, NAMES[codes]))
    _, history = train(kind(**options), X, PLACES, held_out=(X[:9] ** 2, codes), batches_per_call=100)
    assert set(fitted.history_) - {"seconds"} == set(history)
    for column, values in history.items():
        np.testing.assert_allclose(fitted.history_[column], values, rtol=1e-10, err_msg=column)


@pytest.mark.parametrize("name", LABELLED)
def test_validation_rows_of_an_unseen_class_are_refused(name: str) -> None:
    model = getattr(sae, name)(**SMALL, **LABELLED[name])
    message = r"validation_data\[1\] has the class 'd' at row 1, which is not a class that the model was trained on"
    with pytest.raises(ValueError, match=message):
        model.fit(X, NAMES[PLACES], validation_data=(X[:3], ["b", "d", "c"]))
    assert set(vars(model)) == set(model.get_params())
