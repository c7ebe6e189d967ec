"""Bound and divergence of a q that moves: bars, densities, ellipses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_identity import (
    COVARIANCE,
    COVARIANCES,
    ELBO,
    KL,
    MEAN,
    MEANS,
    PICTURES,
    PLANE,
    STEPS,
    P,
    Q,
    Z,
    plots,
)


@pytest.mark.parametrize("name", ["line", "plane"])
def test_the_bars_of_all_steps_are_of_the_same_height(name: str) -> None:
    lower = PICTURES[name]().axes[3:]
    grounds = []
    for axes, elbo, kl in zip(lower, ELBO, KL, strict=True):
        upon, below = axes.patches
        assert (upon.get_y(), upon.get_height()) == (elbo, kl)
        assert below.get_y() + below.get_height() == pytest.approx(elbo)
        assert set(axes.lines[0].get_ydata()) == {-7.5}
        assert axes.get_ylim()[0] == below.get_y() and axes.get_ylim()[1] > -7.5
        grounds.append(below.get_y())
    assert len(set(grounds)) == 1 and grounds[0] < ELBO.min()  # also the lowest bound has a bar
    assert [axes.get_xlabel() for axes in lower] == [
        "−20.000\n+ 12.500\n= −7.500",
        "−8.750\n+ 1.250\n= −7.500",
        "−7.500\n+ 0.000\n= −7.500",
    ]


def test_the_line_shows_q_over_the_posterior_at_each_step() -> None:
    upper = PICTURES["line"]().axes[:3]
    assert [axes.get_title() for axes in upper] == STEPS
    for axes, density in zip(upper, Q, strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), density)
        assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == P.max()
        assert axes.get_ylim()[0] == 0 and axes.get_ylim()[1] > max(P.max(), Q.max())


def test_the_ellipses_hold_half_and_95_percent() -> None:
    upper = PICTURES["plane"]().axes[:3]
    draws = np.random.default_rng(1).standard_normal((100_000, 2))
    for axes, mean, covariance in zip(upper, MEANS, COVARIANCES, strict=True):
        to_standard = np.linalg.inv(np.linalg.cholesky(covariance)).T
        curves = [line.get_xydata() for line in axes.lines[:2]]
        radii = [np.linalg.norm((curve - mean) @ to_standard, axis=1) for curve in curves]
        for radius, share in zip(radii, (0.5, 0.95), strict=True):
            np.testing.assert_allclose(radius, radius[0])  # all of the curve has the same density
            assert (np.linalg.norm(draws, axis=1) < radius[0]).mean() == pytest.approx(share, abs=0.01)
        for curve in curves:
            assert (curve.min(axis=0) > [axes.get_xlim()[0], axes.get_ylim()[0]]).all()
            assert (curve.max(axis=0) < [axes.get_xlim()[1], axes.get_ylim()[1]]).all()
    last = upper[2]  # where q is the posterior
    for patch, line in zip(last.patches, last.lines[:2], strict=True):
        np.testing.assert_allclose(patch.get_xy()[:121], line.get_xydata())


def test_the_way_of_the_mean_is_drawn_as_far_as_it_has_come() -> None:
    upper = PICTURES["plane"]().axes[:3]
    for step, axes in enumerate(upper):
        np.testing.assert_array_equal(axes.lines[2].get_xydata(), MEANS[: step + 1])


def test_names_are_those_given() -> None:
    (legend,) = PICTURES["plane"]().legends
    assert [text.get_text() for text in legend.get_texts()] == ["p", "q", "ln Z", "KL(q ‖ p)", "bound (ELBO)"]
    (legend,) = PICTURES["line"]().legends
    assert "KL(q ‖ p(z|x))" in [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.identity_on_the_line(Z, P[:5], Q, ELBO, KL, STEPS), "give (M,), (M,) and (S, M), S = 3"),
        (lambda: plots.identity_on_the_line(Z, P, Q[:2], ELBO, KL, STEPS), "q (2, 61)"),
        (lambda: plots.identity_on_the_line(Z[:0], P[:0], Q[:, :0], ELBO, KL, STEPS), "places has shape (0,)"),
        (lambda: plots.identity_on_the_line(Z, P * np.nan, Q, ELBO, KL, STEPS), "NaN or infinity"),
        (lambda: plots.identity_on_the_line(Z, P, Q, ELBO, KL + 0.1 * np.arange(3), STEPS), "differ by 0.2 nats"),
        (lambda: plots.identity_on_the_line(Z, P, Q, ELBO, -KL, STEPS), "negative"),
        (lambda: plots.identity_on_the_line(Z, P, Q, ELBO * np.inf, KL, STEPS), "not finite"),
        (lambda: plots.identity_on_the_line(Z, P, Q, ELBO[:2], KL, STEPS), "for each of the 3 steps"),
        (lambda: plots.identity_on_the_line(Z, P, Q[:0], [], [], []), "0 steps; give 1 to 8"),
        (lambda: plots.identity_in_the_plane(*PLANE, ELBO[:2], KL[:2], STEPS[:2]), "S = 2 steps"),
        (lambda: plots.identity_in_the_plane((MEAN, -COVARIANCE), PLANE[1], ELBO, KL, STEPS), "positive definite"),
        (lambda: plots.identity_in_the_plane((MEAN * np.nan, COVARIANCE), PLANE[1], ELBO, KL, STEPS), "not finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
