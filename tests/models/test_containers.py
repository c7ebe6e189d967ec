"""Codes as data frames: scikit-learn's own checks of transformers, alone, in compositions, and by its global setting."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

import scratchae as sae
from scratchae.models.containers import in_container
from scratchae.registry import REGISTRY

OPTIONS: dict[str, Any] = {
    "hidden_sizes": (5,),
    "latent_dim": 3,
    "k": 2,
    "likelihood": "gaussian",
    "epochs": 1,
    "pretrain_epochs": 1,
}
TRANSFORMERS = [
    entry.name for entry in REGISTRY if entry.name not in ("StackedClassifier", "ConditionalVariationalAutoencoder")
]
FRAME = pd.DataFrame(
    np.random.default_rng(0).normal(size=(20, 4)), columns=list("abcd"), index=pd.Index(range(100, 120), name="patient")
)


def new(name: str, **options: Any) -> Any:
    kind = getattr(sae, name)
    usual = kind().get_params()
    given = {option: value for option, value in OPTIONS.items() if usual.get(option, ()) != ()}
    return kind(**{**given, "random_state": 0, **options})


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_transformer_get_feature_names_out,
        estimator_checks.check_transformer_get_feature_names_out_pandas,
        estimator_checks.check_get_feature_names_out_error,
        estimator_checks.check_set_output_transform,
        estimator_checks.check_set_output_transform_pandas,
        estimator_checks.check_global_output_transform_pandas,
        estimator_checks.check_set_output_transform_polars,
        estimator_checks.check_global_set_output_transform_polars,
    ],
    ids=lambda check: check.__name__,
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names", "ignore:X has feature names")
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_scikit_learns_checks_of_transformers(name: str, check: Any) -> None:
    if "polars" in check.__name__:
        pytest.importorskip("polars")
    check(name, new(name))


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_names_and_index_of_a_data_frame(name: str) -> None:
    model = new(name).fit(FRAME)
    codes = model.encode(FRAME)
    frame = model.set_output(transform="pandas").transform(FRAME)
    assert frame.columns.tolist() == [f"{name.lower()}{i}" for i in range(codes.shape[1])]
    pd.testing.assert_index_equal(frame.index, FRAME.index)
    np.testing.assert_array_equal(frame.to_numpy(), codes)
    assert isinstance(model.encode(FRAME), np.ndarray)  # only `transform` returns data frames
    decoded = model.inverse_transform(frame)
    assert isinstance(decoded, np.ndarray)  # as of scikit-learn's transformers
    np.testing.assert_array_equal(decoded, model.decode(codes))


def test_models_without_transform_have_no_names_and_no_container() -> None:
    for name in ("StackedClassifier", "ConditionalVariationalAutoencoder"):
        model = new(name).fit(FRAME.to_numpy(), np.arange(20) % 2)
        assert not any(hasattr(model, method) for method in ("transform", "get_feature_names_out", "set_output"))
    pipeline = make_pipeline(StandardScaler(), new("StackedClassifier")).set_output(transform="pandas")
    assert pipeline.fit(FRAME, np.arange(20) % 2)[:-1].transform(FRAME).columns.tolist() == list("abcd")


def test_input_features_are_compared() -> None:
    model = new("Autoencoder").fit(FRAME)
    assert model.get_feature_names_out(list("abcd")).tolist() == ["autoencoder0", "autoencoder1", "autoencoder2"]
    for wrong in (list("abdc"), list("abc"), "abcd", []):
        with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
            model.get_feature_names_out(wrong)
    nameless = new("Autoencoder").fit(FRAME.to_numpy())
    with pytest.raises(ValueError, match=r"should have length equal to number of features \(4\), got 3"):
        nameless.get_feature_names_out(list("abc"))
    with pytest.raises(ValueError, match=r"number of features \(4\), got 5"):
        nameless.get_feature_names_out(list("abcde"))
    with pytest.raises(sae.NotFittedError):
        new("Autoencoder").get_feature_names_out()


def test_a_model_of_ones_own_is_named_after_its_class() -> None:
    class Mine(sae.Autoencoder):
        pass

    options = {name: OPTIONS[name] for name in ("hidden_sizes", "latent_dim", "likelihood", "epochs")}
    assert Mine(**options).fit(FRAME).get_feature_names_out().tolist() == ["mine0", "mine1", "mine2"]


# In compositions.


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_pipeline_union_and_columns(container: str) -> None:
    frames = pytest.importorskip(container)
    data = FRAME if container == "pandas" else frames.DataFrame(FRAME.to_dict("list"))
    pipeline = make_pipeline(StandardScaler(), new("Autoencoder")).set_output(transform=container)
    codes = pipeline.fit_transform(data)
    assert isinstance(codes, frames.DataFrame) and list(codes.columns) == [
        "autoencoder0",
        "autoencoder1",
        "autoencoder2",
    ]
    assert pipeline.get_feature_names_out().tolist() == list(codes.columns)
    union = FeatureUnion([("pca", PCA(1)), ("codes", new("Autoencoder"))]).set_output(transform=container)
    assert list(union.fit_transform(data).columns) == ["pca__pca0", *(f"codes__autoencoder{i}" for i in range(3))]
    columns = ColumnTransformer(
        [("codes", new("Autoencoder"), ["a", "b", "c"]), ("rest", "passthrough", ["d"])]
    ).set_output(transform=container)
    found = columns.fit_transform(data)
    assert list(found.columns) == [*(f"codes__autoencoder{i}" for i in range(3)), "rest__d"]
    if container == "pandas":
        for frame in (codes, union.transform(data), found):
            pd.testing.assert_index_equal(frame.index, FRAME.index)


def test_scikit_learns_global_setting() -> None:
    model = new("Autoencoder").fit(FRAME)
    with config_context(transform_output="pandas"):
        assert isinstance(model.transform(FRAME), pd.DataFrame)
        assert isinstance(model.fit_transform(FRAME), pd.DataFrame)
        assert isinstance(
            clone(model).set_output(transform="default").fit_transform(FRAME), np.ndarray
        )  # its own choice wins
    assert isinstance(model.transform(FRAME), np.ndarray)
    with config_context(transform_output="xarray"), pytest.raises(ValueError, match="'xarray'.* is unknown"):
        model.transform(FRAME)


# Copies.


def test_clones_and_copies_keep_the_container() -> None:
    import copy
    import pickle

    model = new("Autoencoder").set_output(transform="pandas").fit(FRAME)
    for other in (clone(model).fit(FRAME), copy.deepcopy(model), pickle.loads(pickle.dumps(model)), copy.copy(model)):
        assert isinstance(other.transform(FRAME), pd.DataFrame)
        other.set_output(transform="default")
        assert isinstance(model.transform(FRAME), pd.DataFrame)
        assert other.set_output(transform=None) is other and isinstance(other.transform(FRAME), np.ndarray)


# Errors.


def test_an_unknown_container_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="'panda'.* is unknown .did you mean 'pandas'"):
        new("Autoencoder").set_output(transform="panda")


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    model = new("Autoencoder").fit(FRAME).set_output(transform="polars")
    with pytest.raises(ImportError, match="needs the package polars; install it"):
        model.transform(FRAME)


def test_names_are_never_lost() -> None:
    frame = in_container(np.zeros((2, 2)), "pandas", np.array(["x", "x"], dtype=object), [[1], [2]])
    assert frame.columns.tolist() == ["x", "x"] and frame.index.tolist() == [0, 1]


@pytest.mark.slow
def test_without_scikit_learn() -> None:
    code = """
import sys
sys.modules["sklearn"] = None  # an import is an error
import numpy as np, pandas as pd, scratchae as sae
frame = pd.DataFrame(np.random.default_rng(0).random((20, 4)), columns=list("abcd"), index=range(5, 25))
model = sae.Autoencoder(latent_dim=2, epochs=1).set_output(transform="pandas")
codes = model.fit_transform(frame, sample_weight=np.arange(20))
model.set_fit_request(sample_weight=True).partial_fit(frame)
assert model.set_params(warm_start=True).fit(frame)._repr_mimebundle_()["text/html"]
print(codes.columns.tolist(), codes.index[0], model.score(frame, sample_weight=np.ones(20)) < 0)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.stdout.strip() == "['autoencoder0', 'autoencoder1'] 5 True", result.stderr
