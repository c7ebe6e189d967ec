"""Principal components: found where they are known, the least squared error, and angles."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae.baselines import PrincipalComponents

rng = np.random.default_rng(0)
X = rng.standard_normal((300, 5)) * [5, 3, 1, 0.5, 0.1] + [1, 2, 3, 4, 5]


def test_components_of_an_ellipsoid_are_its_axes() -> None:
    pca = PrincipalComponents.fit(X, 3)
    np.testing.assert_allclose(pca.mean, X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(np.abs(pca.components), np.eye(5)[:3], atol=0.2)
    np.testing.assert_allclose(pca.components @ pca.components.T, np.eye(3), atol=1e-12)


def test_the_error_is_the_variance_that_is_left() -> None:
    centred = X - X.mean(axis=0)
    left = np.linalg.svd(centred, compute_uv=False) ** 2 / len(X)
    for k in (1, 2, 4, 5):
        assert PrincipalComponents.fit(X, k).squared_error(X) == pytest.approx(left[k:].sum(), abs=1e-12)
    pca = PrincipalComponents.fit(X, 5)
    np.testing.assert_allclose(pca.decode(pca.encode(X)), X, atol=1e-12)


def test_no_other_directions_have_a_smaller_error() -> None:
    best = PrincipalComponents.fit(X, 2)
    for seed in range(20):
        nearby = best.components + 0.1 * np.random.default_rng(seed).standard_normal((2, 5))
        other = PrincipalComponents(best.mean, np.linalg.qr(nearby.T)[0].T)
        assert other.squared_error(X) > best.squared_error(X)


def test_many_rows_in_single_precision_are_summed_in_blocks() -> None:
    many = np.tile(X, (30, 1)).astype(np.float32)  # more rows than a block
    pca, few = PrincipalComponents.fit(many, 2), PrincipalComponents.fit(X, 2)
    assert pca.components.dtype == np.float64
    assert pca.largest_angle(few.components) < 1e-5
    assert pca.squared_error(many) == pytest.approx(few.squared_error(X), rel=1e-5)


def test_the_largest_angle_by_hand() -> None:
    pca = PrincipalComponents(np.zeros(3), np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert pca.largest_angle(np.array([[5.0, 1.0, 0], [0, 1.0, 0]])) == pytest.approx(0, abs=1e-8)  # the same plane
    assert pca.largest_angle(np.array([[1.0, 0, 0], [0, 1.0, 1.0]])) == pytest.approx(np.pi / 4)


@pytest.mark.parametrize("k", [0, 6, -1])
def test_components_that_do_not_exist_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match=rf"k={k} components of 5 features do not exist; give 1 to 5\."):
        PrincipalComponents.fit(X, k)
