"""scikit-learn's utilities, each with an estimator of this package: the table of docs/scikit-learn.md names these tests."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from helpers.extras import need
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import make_blobs
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import possible
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, make_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    LearningCurveDisplay,
    RandomizedSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import has_fit_parameter

import scratchae as sae
from scratchae.registry import REGISTRY

PAGE = Path(__file__).parents[2] / "docs" / "scikit-learn.md"
X, Y = make_blobs(120, 5, centers=3, cluster_std=2.0, random_state=0)
X = StandardScaler().fit_transform(X)
NAMES = np.array(["ant", "bee", "cat"])[Y]
FRAME = pd.DataFrame(X, columns=list("abcde"))


def autoencoder(**options: Any) -> sae.Autoencoder:
    """A small autoencoder for standardised tables, not fitted."""
    usual: dict[str, Any] = {"likelihood": "gaussian", "hidden_sizes": (8,), "latent_dim": 2, "epochs": 5}
    return sae.Autoencoder(**{**usual, "batch_size": 16, "random_state": 0, **options})


def classifier(**options: Any) -> sae.StackedClassifier:
    """A small classifier, not fitted."""
    usual: dict[str, Any] = {"hidden_sizes": (16,), "activation": "tanh", "epochs": 30, "learning_rate": 0.01}
    return sae.StackedClassifier(**{**usual, "batch_size": 16, "random_state": 0, **options})


# Composition.


def test_pipeline(tmp_path: Path) -> None:
    pipeline = make_pipeline(StandardScaler(), autoencoder(), LogisticRegression()).fit(X, Y)
    assert pipeline.score(X, Y) > 0.6 and pipeline[:-1].transform(X).shape == (120, 2)
    codes = make_pipeline(MinMaxScaler(clip=True), sae.Autoencoder(epochs=2, random_state=0)).fit(X)
    assert codes.inverse_transform(codes.transform(X)).shape == X.shape
    cached = Pipeline([("codes", autoencoder()), ("classes", LogisticRegression())], memory=str(tmp_path))
    first = cached.fit(X, Y).predict(X)
    np.testing.assert_array_equal(cached.fit(X, Y).predict(X), first)  # the second fit reads the codes from the cache


def test_fit_options_through_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), autoencoder())
    pipeline.fit(X, autoencoder__validation_data=X[:20], autoencoder__callbacks=[sae.EarlyStopping(patience=3)])
    assert "val_loss" in pipeline[-1].history_


def test_column_transformer() -> None:
    frame = FRAME.assign(colour=np.array(["red", "green"])[np.arange(120) % 2])
    columns = ColumnTransformer([("codes", autoencoder(), list("abcd")), ("one hot", OneHotEncoder(), ["colour"])])
    assert columns.fit_transform(frame).shape == (120, 4)
    np.testing.assert_array_equal(
        columns.transform(frame)[:, :2], columns.named_transformers_["codes"].encode(frame[list("abcd")])
    )


def test_feature_union() -> None:
    union = make_union(StandardScaler(), autoencoder(latent_dim=2), sae.KSparseAutoencoder(
        k=1, latent_dim=3, likelihood="gaussian", epochs=2, random_state=0
    ))  # fmt: skip
    assert union.fit_transform(X).shape == (120, 5 + 2 + 3)
    assert FeatureUnion([("codes", autoencoder())]).fit(X).transform(X).shape == (120, 2)


def test_function_transformer() -> None:
    model = autoencoder().fit(X)
    clean = FunctionTransformer(model.reconstruct)
    np.testing.assert_array_equal(make_pipeline(clean, StandardScaler()).fit(X)[:1].transform(X), model.reconstruct(X))
    both = FunctionTransformer(model.encode, model.decode, check_inverse=False)
    assert both.fit(X).inverse_transform(both.transform(X)).shape == X.shape


def test_transformed_target_regressor() -> None:
    target = X @ np.arange(5) + 100
    regressor = make_pipeline(autoencoder(latent_dim=4, epochs=40), LinearRegression())
    model = TransformedTargetRegressor(regressor, transformer=StandardScaler()).fit(X, target)
    assert model.score(X, target) > 0.5


# Searches.


def test_grid_search() -> None:
    search = GridSearchCV(
        autoencoder(optimizer="lbfgs", hidden_sizes=()), {"latent_dim": [1, 4], "activation": ["identity"]}, cv=3
    )
    assert search.fit(X).best_params_["latent_dim"] == 4 and search.transform(X).shape == (120, 4)
    steps = [("codes", autoencoder()), ("classes", LogisticRegression())]
    through = GridSearchCV(Pipeline(steps), {"codes": ["passthrough", autoencoder(latent_dim=4)]}, cv=2)
    assert through.fit(FRAME, Y).best_score_ > 0.8


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_in_a_search(name: str) -> None:
    kind = getattr(sae, name)
    small = {"hidden_sizes": (4,), "latent_dim": 3, "k": 2, "epochs": 2, "pretrain_epochs": 1, "random_state": 0}
    usual = kind().get_params()
    model = kind(**{option: value for option, value in small.items() if usual.get(option, ()) != ()})
    pipeline = Pipeline([("scaler", MinMaxScaler(clip=True)), ("model", model)])
    search = GridSearchCV(pipeline, {"model__weight_decay": [0.0, 0.1]}, cv=StratifiedKFold(2), error_score="raise")
    assert np.isfinite(search.fit(X, NAMES).cv_results_["mean_test_score"]).all()


def same_search(backend: str, **where: Any) -> None:
    """A search on a backend of joblib finds the very numbers of one without."""
    grid = {"latent_dim": [1, 3], "hidden_sizes": [(), (6,)]}
    alone = GridSearchCV(autoencoder(), grid, cv=2).fit(X)
    with joblib.parallel_config(backend=backend, **where):
        search = GridSearchCV(autoencoder(), grid, cv=2, n_jobs=2).fit(X)
    for scores in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(search.cv_results_[scores], alone.cv_results_[scores])
    np.testing.assert_array_equal(search.best_estimator_.parameters_.flat, alone.best_estimator_.parameters_.flat)


def test_grid_search_on_threads() -> None:
    same_search("threading")


@pytest.mark.slow
def test_grid_search_on_loky() -> None:
    same_search("loky")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_grid_search_on_dask() -> None:
    need("dask", "distributed", extra="cluster")
    from dask.distributed import Client

    with Client(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as client:
        same_search("dask", client=client)


def test_randomized_search() -> None:
    space = {"learning_rate": loguniform(1e-4, 1e-1), "hidden_sizes": [(4,), (8, 4)], "activation": ["tanh", "relu"]}
    search = RandomizedSearchCV(classifier(), space, n_iter=4, cv=2, random_state=0).fit(X, Y)
    assert search.best_score_ > 0.8 and search.predict(X).shape == Y.shape


def test_halving_search() -> None:
    by_rows = HalvingGridSearchCV(classifier(), {"hidden_sizes": [(2,), (8,), (16,)]}, cv=2, random_state=0)
    assert by_rows.fit(X, Y).score(X, Y) > 0.8
    by_epochs = HalvingGridSearchCV(
        classifier(), {"hidden_sizes": [(2,), (8,), (16,)]}, resource="epochs", min_resources=3, max_resources=27,
        cv=2, random_state=0,
    )  # fmt: skip
    assert by_epochs.fit(X, Y).best_params_["epochs"] == by_epochs.n_resources_[-1] > 3


# Validation.


def test_cross_validation() -> None:
    scores = cross_val_score(autoencoder(), X, cv=3)
    assert scores.shape == (3,) and np.isfinite(scores).all()
    assert cross_val_score(classifier(), X, Y, cv=3, scoring="neg_log_loss").mean() > -1
    result = cross_validate(
        classifier(), FRAME, NAMES, cv=3, scoring=["accuracy", "roc_auc_ovr"], return_estimator=True
    )
    assert result["test_accuracy"].mean() > 0.8 and len(result["estimator"]) == 3
    assert cross_val_predict(classifier(), X, Y, cv=3, method="predict_proba").shape == (120, 3)
    assert set(cross_val_predict(classifier(), X, NAMES, cv=3)) == set(NAMES)
    with pytest.raises(ValueError, match="implementing 'fit' and 'predict'"):
        cross_val_predict(autoencoder(), X, cv=3, method="transform")


def test_learning_and_validation_curves() -> None:
    sizes, train, test = learning_curve(classifier(), X, Y, train_sizes=[20, 60], cv=2)
    assert sizes.tolist() == [20, 60] and test.shape == train.shape == (2, 2)
    _, test = validation_curve(classifier(), X, Y, param_name="epochs", param_range=[1, 30], cv=2)
    assert test[1].mean() > test[0].mean()
    score, _, p = permutation_test_score(classifier(), X, Y, cv=2, n_permutations=5, random_state=0)
    assert score > 0.8 and p < 0.2


def test_scorers() -> None:
    scorer = make_scorer(roc_auc_score, response_method="predict_proba", multi_class="ovr")
    assert cross_val_score(classifier(), X, Y, cv=2, scoring=scorer).mean() > 0.8

    def reconstruction(model: Any, rows: Any, y: Any = None) -> float:
        return -float(((model.reconstruct(rows) - rows) ** 2).sum(axis=1).mean())

    np.testing.assert_allclose(
        cross_val_score(autoencoder(), X, cv=2, scoring=reconstruction),
        cross_val_score(autoencoder(), X, cv=2),
        rtol=1e-4,
    )


# Meta-estimators around the classifier.


def test_bagging() -> None:
    assert BaggingClassifier(classifier(), n_estimators=3, random_state=0).fit(X, Y).score(X, Y) > 0.8
    some = BaggingClassifier(classifier(), n_estimators=3, max_features=3, bootstrap_features=True, random_state=0)
    assert some.fit(X, Y).predict_proba(X).shape == (120, 3)


def test_calibration() -> None:
    for method in ("sigmoid", "isotonic"):
        calibrated = CalibratedClassifierCV(classifier(), method=method, cv=3).fit(X, NAMES)
        np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
        assert calibrated.score(X, NAMES) > 0.8
    fitted = classifier().fit(X, Y)
    CalibratedClassifierCV(FrozenEstimator(fitted)).fit(X[:60], Y[:60])  # of a model that is fitted already


def test_voting() -> None:
    for voting in ("soft", "hard"):
        members = [("network", classifier()), ("linear", LogisticRegression())]
        assert VotingClassifier(members, voting=voting).fit(X, Y).score(X, Y) > 0.8


def test_stacking() -> None:
    members = [("network", classifier()), ("codes", make_pipeline(autoencoder(), LogisticRegression()))]
    assert StackingClassifier(members, LogisticRegression(), cv=2).fit(X, Y).score(X, Y) > 0.8


def test_one_against_others() -> None:
    assert OneVsRestClassifier(classifier()).fit(X, Y).score(X, Y) > 0.8
    assert OneVsOneClassifier(classifier()).fit(X, Y).score(X, Y) > 0.8
    both = np.column_stack([Y, Y % 2])
    assert MultiOutputClassifier(classifier()).fit(X, both).predict(X).shape == (120, 2)


def test_adaboost() -> None:
    if not has_fit_parameter(classifier(), "sample_weight"):
        pytest.skip("StackedClassifier.fit has no sample_weight")
    assert AdaBoostClassifier(classifier(), n_estimators=3, random_state=0).fit(X, Y).score(X, Y) > 0.8


def test_self_training() -> None:
    some = np.where(np.random.default_rng(0).random(120) < 0.7, -1, Y)
    assert SelfTrainingClassifier(classifier()).fit(X, some).score(X, Y) > 0.7


def test_decision_threshold() -> None:
    model = TunedThresholdClassifierCV(classifier(), scoring="balanced_accuracy", cv=2).fit(X, Y == 1)
    assert model.score(X, Y == 1) > 0.8


# Inspection.


def test_permutation_importance() -> None:
    irrelevant = np.column_stack([X, np.random.default_rng(0).standard_normal(120)])
    found = permutation_importance(classifier(epochs=60).fit(irrelevant, Y), irrelevant, Y, n_repeats=3, random_state=0)
    assert found.importances_mean[:5].max() > 2 * abs(found.importances_mean[5])
    trained = autoencoder(epochs=60).fit(X)
    scores = permutation_importance(trained, X, None, n_repeats=2, random_state=0).importances_mean
    assert (scores > 0).all()  # a shuffled column is reconstructed worse


def test_partial_dependence() -> None:
    found = partial_dependence(classifier().fit(X, Y), X, [0], grid_resolution=5)
    assert found["average"].shape == (3, 5)


def test_feature_selection() -> None:
    chosen = SequentialFeatureSelector(classifier(epochs=10), n_features_to_select=2, cv=2).fit(X, Y)
    assert chosen.transform(X).shape == (120, 2)


def test_displays() -> None:
    model = classifier().fit(X, Y == 1)
    assert RocCurveDisplay.from_estimator(model, X, Y == 1).roc_auc > 0.8
    assert ConfusionMatrixDisplay.from_estimator(model, X, Y == 1).confusion_matrix.sum() == 120
    LearningCurveDisplay.from_estimator(classifier(epochs=3), X, Y, train_sizes=[20, 40], cv=2)
    import matplotlib.pyplot as plt

    plt.close("all")


def test_diagram() -> None:
    pipeline = make_pipeline(StandardScaler(), autoencoder())
    with sklearn.config_context(display="diagram"):
        for text in (estimator_html_repr(pipeline), pipeline._repr_html_()):
            assert "Autoencoder" in text and "StandardScaler" in text
    assert "Autoencoder(" in repr(pipeline)


# Copies and files.


def test_clone() -> None:
    model = autoencoder().fit(X)
    assert clone(model).get_params() == model.get_params() and not hasattr(clone(model), "history_")
    stack = sae.StackedAutoencoder((6, 4), likelihood="gaussian", pretrain_epochs=2, epochs=2, random_state=0).fit(X)
    start = stack.to_classifier(epochs=1)
    np.testing.assert_array_equal(clone(start).encode(X), start.encode(X))  # the copied layers are kept


@pytest.mark.parametrize("way", ["joblib", "pickle", "deepcopy"])
def test_copies_and_files(way: str, tmp_path: Path) -> None:
    for model in (autoencoder().fit(X), make_pipeline(StandardScaler(), classifier()).fit(X, Y)):
        if way == "joblib":
            joblib.dump(model, tmp_path / "model.joblib", compress=3)
            again = joblib.load(tmp_path / "model.joblib")
        else:
            again = copy.deepcopy(model) if way == "deepcopy" else pickle.loads(pickle.dumps(model))
        use = "transform" if hasattr(model, "transform") else "predict"
        np.testing.assert_array_equal(getattr(again, use)(X), getattr(model, use)(X))


# The page.


def test_the_table_names_every_test_of_this_file() -> None:
    tests = {name for name in globals() if name.startswith("test_")} - {"test_the_table_names_every_test_of_this_file"}
    section = (
        PAGE.read_text("utf-8").partition("## scikit-learn's utilities, each run by a test\n")[2].partition("\n## ")[0]
    )
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    named = [re.findall(r"`(test_\w+)`", row.rsplit(" | ", 1)[-1]) for row in rows]
    assert all(names for names in named), "a row without a test"
    assert {name for names in named for name in names} == tests
    for row, names in zip(rows, named, strict=True):  # a utility is used by the tests that its row names
        source = "".join(inspect.getsource(globals()[name]) for name in names)
        source += inspect.getsource(same_search) if "same_search" in source else ""
        utilities = re.findall(r"[A-Za-z_.]+", " ".join(re.findall(r"`(.+?)`", row.split(" | ")[0])))
        for utility in utilities:
            assert utility in source or utility.rpartition(".")[2] in source, f"{utility} is not in {names}"
