"""The pictures of a q that moves: what stands on them, what is refused, and that the same picture gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

import scratchae.plots

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
Z = np.linspace(-3, 3, 61)
P = np.exp(-((Z - 1) ** 2) / 2) / np.sqrt(2 * np.pi)
Q = np.stack([np.exp(-((Z - m) ** 2)) / np.sqrt(np.pi) for m in (-1, 0, 1)])
KL = np.array([12.5, 1.25, 0.0])
ELBO = -7.5 - KL
STEPS = ["step 0", "step 5", "step 9"]
MEAN, COVARIANCE = np.array([1.0, -0.5]), np.array([[0.5, 0.3], [0.3, 0.4]])
MEANS, COVARIANCES = np.array([[-1.0, 1.0], [0.0, 0.0], MEAN]), np.stack([np.eye(2), 0.5 * np.eye(2), COVARIANCE])
PLANE = ((MEAN, COVARIANCE), (MEANS, COVARIANCES))
IMAGES = np.random.default_rng(0).random((3, 12))

PICTURES: dict[str, Callable[[], Any]] = {
    "line": lambda: plots.identity_on_the_line(Z, P, Q, ELBO, KL, STEPS, note="a note"),
    "plane": lambda: plots.identity_in_the_plane(*PLANE, ELBO, KL, STEPS, names=("p", "ln Z"), note="a note"),
    "densities": lambda: plots.densities_by_image(
        IMAGES, (3, 4), Z, {"p(z|x)": np.tile(P, (3, 1)), "q": Q}, note="a note"
    ),
}


def words(figure: Any) -> list[str]:
    """Everything that is written on a figure."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


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


def test_densities_stand_below_their_images() -> None:
    figure = PICTURES["densities"]()
    upper, lower = figure.axes[:3], figure.axes[3:]
    for axes, image in zip(upper, IMAGES, strict=True):
        np.testing.assert_array_equal(np.asarray(axes.images[0].get_array()).ravel(), image)
    for axes, density in zip(lower, Q, strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), density)
        assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == P.max()


def test_where_all_densities_are_small_the_axes_end() -> None:
    z = np.linspace(-50, 50, 2001)
    narrow = np.exp(-((z - 3) ** 2) / 2)[None]
    axes = plots.densities_by_image(IMAGES[:1], (3, 4), z, {"p": narrow}).axes[1]
    low, high = axes.get_xlim()
    assert -3 < low < 1 and 5 < high < 9


def test_nothing_that_is_written_is_cut_off() -> None:
    for name, make in PICTURES.items():
        figure = make()
        figure.draw_without_rendering()
        ticks = {label for axes in figure.axes for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]}
        for text in figure.findobj(Text):
            if text.get_text() and text not in ticks:  # ticks beyond the axes are not drawn
                box, page = text.get_window_extent(), figure.bbox
                assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, (name, text.get_text())
                assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, (name, text.get_text())


def test_every_picture_has_a_title_and_its_note() -> None:
    for make in PICTURES.values():
        written = words(make())
        assert any(len(line.split()) >= 3 for line in written) and "a note" in written


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
        (lambda: plots.densities_by_image(IMAGES, (3, 5), Z, {"q": Q}), "give (N, 15)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {}), "There are 0 curves"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {"q": Q[:2]}), "'q' has shape (2, 61)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z[:0], {"q": Q[:, :0]}), "'q' has shape (3, 0)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {"q": Q * np.nan}), "'q' contains NaN"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_picture_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    first, second = (plots.save(PICTURES[name](), tmp_path / f"{i}.png", dpi=40).read_bytes() for i in range(2))
    assert first == second
