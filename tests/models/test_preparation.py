"""Means in place of missing values, standardised columns, and the way back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchae as sae
from scratchae.models.blocks import BLOCK
from scratchae.models.preparation import Preparation

preprocessing = pytest.importorskip("sklearn.preprocessing")


def test_it_is_scikit_learns_standard_scaler() -> None:
    x = np.random.default_rng(0).normal(5, 3, (2 * BLOCK + 7, 3))
    x[:, 2] = 7.1  # constant
    x[3, 0] = x[BLOCK, 1] = np.nan
    scaler = preprocessing.StandardScaler().fit(x)
    preparation = Preparation().fit(x)
    np.testing.assert_allclose(preparation.mean_, scaler.mean_, rtol=1e-12)
    # A missing value becomes the mean, so it counts as a row without deviation.
    filled = np.where(np.isnan(x), preparation.mean_, x)
    np.testing.assert_allclose(preparation.scale_, preprocessing.StandardScaler().fit(filled).scale_, rtol=1e-10)
    np.testing.assert_allclose(preparation.transform(x)[:, 2], 0, atol=1e-10)
    assert preparation.scale_[2] == 1


def test_only_means() -> None:
    x = np.array([[1, np.nan], [3, 4]])
    preparation = Preparation(standardize=False).fit(x)
    assert preparation.transform(x).tolist() == [[1, 4], [3, 4]]
    assert preparation.inverse_transform([[7, 8]]).tolist() == [[7, 8]]
    assert np.isnan(x).sum() == 1  # the argument is unchanged
    stored = Preparation.from_description(preparation.description())
    assert stored.inverse_transform([[7, 8]]).tolist() == stored.transform([[7, 8]]).tolist() == [[7, 8]]


@pytest.mark.parametrize("value", [-0.1, 0.1, 0.0, -7.3e5])
def test_columns_constant_up_to_rounding_are_only_centred(value: float) -> None:
    x = np.full((1000, 1), value)
    x[::2] *= 1 + 2e-16  # the last bit
    preparation = Preparation().fit(x)
    assert preparation.scale_ == 1 and np.abs(preparation.transform(x)).max() <= 1e-9
    assert preparation.transform([[value + 2]]) == pytest.approx(2)


def test_the_arguments_are_not_changed() -> None:
    x = np.array([[1.0, np.nan], [3.0, 4.0]])
    preparation, before = Preparation().fit(x), x.copy()
    for way in (preparation.transform, preparation.inverse_transform):
        way(x)
        np.testing.assert_array_equal(x, before)


@given(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5), elements=st.floats(-1e6, 1e6)
    )
)
def test_there_and_back(x: np.ndarray) -> None:
    preparation = Preparation().fit(x)
    back = preparation.inverse_transform(preparation.transform(x))
    np.testing.assert_allclose(back, x, atol=1e-9 * (1 + np.abs(x).max()))


def test_a_model_keeps_it_until_it_is_fitted_again(x: np.ndarray, tmp_path: Path) -> None:
    model = sae.Autoencoder((), 2, epochs=1, random_state=0).fit(x)
    model.preparation_, model.image_shape_ = Preparation().fit(x), (1, 11)
    file = io.BytesIO()
    model.save(file)
    file.seek(0)
    again = sae.load(file)
    np.testing.assert_array_equal(again.preparation_.transform(x), model.preparation_.transform(x))
    assert again.preparation_.standardize is True and again.image_shape_ == (1, 11)
    again.fit(x)
    assert not hasattr(again, "preparation_") and not hasattr(again, "image_shape_")
    again.image_shape_ = None
    again.save(tmp_path / "m.npz")
    assert sae.load(tmp_path / "m.npz").image_shape_ is None
    with pytest.raises(sae.NotFittedError, match="call fit first"):
        Preparation().transform(x)
