"""Noise that depends on a row alone: its use in scores, and both backends. Its distribution is claimed in `scratchae.verify.row_noise`."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.variational_runs import X, fitted
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scratchae import use_backend
from scratchae.models import row_noise

KINDS = ["VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"]


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.floats(-2, 2, width=32)))
def test_keys_are_equal_where_rows_are(x: np.ndarray) -> None:
    keys = row_noise.row_keys(x)
    for i, row in enumerate(x):
        for j, other in enumerate(x):
            assert (keys[i] == keys[j]) == bool((row == other).all())


def test_rows_are_not_changed_by_their_keys() -> None:
    x = np.array([[-0.0, 1.0, 2.0, 3.0]])
    row_noise.row_keys(x)
    assert np.signbit(x[0, 0]) and x.tolist() == [[0, 1, 2, 3]]


def test_a_row_has_the_same_noise_in_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = row_noise.row_keys(np.random.default_rng(0).random((500, 3)))
    whole = row_noise.normals(keys, 5, np.float32), row_noise.uniforms(keys, 3, 4, np.float64)
    monkeypatch.setattr(row_noise, "AT_A_TIME", 16)
    assert np.array_equal(row_noise.normals(keys, 5, np.float32), whole[0])
    assert np.array_equal(row_noise.uniforms(keys, 3, 4, np.float64), whole[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_radii_have_53_digits_in_both_types(dtype: type) -> None:
    longest = np.array([0x31628AF67B2131AB], np.uint64)  # the bits of its number 0 are all 1
    assert row_noise.uniforms(longest, 0, 1, np.float64) == 1 - 2.0**-53
    pair = row_noise.normals(longest, 2, dtype)
    assert np.hypot(*pair[0]) == pytest.approx(np.sqrt(2 * 53 * np.log(2)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("binarize", ["none", "threshold", "static", "dynamic"])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_estimate_the_same_bound_as_elbo(kind: str, binarize: str, dtype: str) -> None:
    model = fitted(kind, binarize=binarize, dtype=dtype, n_samples=1)
    x = np.random.default_rng(1).random((6000, X.shape[1]))
    if kind.startswith("Conditional"):
        labels = np.arange(len(x)) % 2
        bound = model.elbo(x, labels, seed=3).elbo
        assert abs(model.score(x, labels) - bound.mean()) < 5 * bound.std() / np.sqrt(len(x))
        return
    scores = model.score_samples(x)
    bound = model.elbo(x, seed=3, kl="sampled" if kind.startswith("Importance") else "analytic").elbo
    difference = scores - bound  # unbiased, if the noise is
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(len(x))
    assert model.score(x) == pytest.approx(scores.mean(dtype=np.float64))


def test_both_backends_score_with_the_same_noise() -> None:
    for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-12)):
        model = fitted(dtype=dtype, binarize="dynamic", n_samples=3)
        with use_backend("numpy"):
            expected = model.score_samples(X)
        with use_backend("numba"):
            np.testing.assert_allclose(model.score_samples(X), expected, rtol=tolerance)


def test_a_conditional_model_scores_a_row_with_the_same_noise_for_every_class() -> None:
    model = fitted("ConditionalVariationalAutoencoder", binarize="dynamic")
    model.parameters_["encoder.0.W"][X.shape[1] :] = 0
    model.parameters_["decoder.0.W"][int(model.latent_dim) :] = 0
    scores = [model.score(X, np.full(len(X), label)) for label in model.classes_]
    assert scores[0] == scores[1] == scores[2]


def test_many_rows_of_black_and_white_pixels_have_different_keys() -> None:
    x = (np.arange(2**13)[:, None] >> np.arange(13) & 1).astype(np.float64)  # their numbers end with zeros
    for dtype in (np.float32, np.float64):
        assert len(set(row_noise.row_keys(x.astype(dtype)).tolist())) == 2**13


@pytest.mark.parametrize("count", [1, 4, 5])
def test_normal_numbers_are_made_of_the_first_uniform_ones(count: int) -> None:
    keys, pairs = np.arange(3, dtype=np.uint64), -(-count // 2)
    u = row_noise.uniforms(keys, 0, 2 * pairs, np.float64)
    radius, angle = np.sqrt(-2 * np.log1p(-u[:, :pairs])), 2 * np.pi * u[:, pairs:]
    expected = np.hstack([radius * np.cos(angle), radius * np.sin(angle)])[:, :count]
    np.testing.assert_allclose(row_noise.normals(keys, count, np.float64), expected)


@pytest.mark.parametrize("column", range(8))
def test_rows_made_against_the_hash_have_different_keys_if_one_number_differs(column: int) -> None:
    rng, back = np.random.default_rng(0), np.uint64(pow(int(row_noise.SPREAD), -1, 2**64))
    words = rng.integers(2**64, size=400, dtype=np.uint64)
    pairs = np.stack([words, words ^ np.uint64(2**63)])  # an even factor would lose the bit in which they differ
    numbers = ((pairs ^ (pairs >> np.uint64(32))) * back).view(np.float64)  # the way back from words to numbers
    numbers = numbers[:, np.isfinite(numbers).all(axis=0)]
    x = np.broadcast_to(rng.random(8), (*numbers.shape, 8)).copy()
    x[:, :, column] = numbers
    assert (row_noise.row_keys(x[0]) != row_noise.row_keys(x[1])).all() and numbers.size > 100
