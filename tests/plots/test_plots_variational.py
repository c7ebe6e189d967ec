"""The pictures of the variational family: what stands on them, what is refused, and that the same picture gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

import scratchae.plots
from scratchae.plots.figure import LINES

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
RNG = np.random.default_rng(0)
SHAPE = (3, 4)
X = RNG.random((6, 12))
GRID = RNG.random((16, 12))
MU = RNG.standard_normal((40, 2))
Y = np.arange(40) % 10
Z = RNG.standard_normal((500, 5)) * np.array([1, 1, 1, 0.5, 1])
HISTORY = {"loss": [9.0, 8.0, 7.5], "val_reconstruction": [-9.0, -6.0, -5.5], "val_kl": [0.0, 1.5, 2.0]}
WALK = RNG.random((2, 3, 12))
VALUES = np.array([[-0.25, 0.0, 0.25], [1.0, 2.0, 3.0]])

PICTURES: dict[str, Callable[[], Any]] = {
    "reconstructions_by_size": lambda: plots.reconstructions_by_size(
        X, {2: X / 2, 5: X / 3}, SHAPE, measured={2: "−24.4 nats"}
    ),
    "manifold": lambda: plots.manifold(GRID, SHAPE, places=[-1.5, -0.5, 0.5, 1.5], note="a note"),
    "posterior_means": lambda: plots.posterior_means(MU, Y),
    "sample_rows": lambda: plots.sample_rows({"epoch 1": X, "epoch 20": X[:4] / 2}, SHAPE),
    "bound_terms": lambda: plots.bound_terms(HISTORY, log_likelihood=-7.0, note="a note"),
    "kl_by_dimension": lambda: plots.kl_by_dimension([0.0, 2.0, 1.0], [False, True, True]),
    "aggregate_posterior": lambda: plots.aggregate_posterior(Z),
    "attribute_walk": lambda: plots.attribute_walk(WALK, VALUES, SHAPE, steps=[-1, 0, 1], labels=["a 3", "a 7"]),
    "variational_diagram": lambda: plots.variational_diagram(784, (400, 200), 20),
}


def words(figure: Any) -> list[str]:
    """Everything that is written on a figure."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


# ---------------------------------------------------------------------------------------------- what stands on them


def test_reconstructions_by_size_have_a_row_for_each_size() -> None:
    (axes,) = PICTURES["reconstructions_by_size"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["original", "J = 2\n−24.4 nats", "J = 5"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_allclose(whole[4:7, :4].ravel(), X[0] / 2)
    np.testing.assert_allclose(whole[8:11, 5:9].ravel(), X[1] / 3)


def test_the_manifold_shows_the_grid_as_it_is_given() -> None:
    (axes,) = PICTURES["manifold"]().axes
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (4 * 4 - 1, 4 * 5 - 1)
    np.testing.assert_allclose(whole[:3, :4].ravel(), GRID[0])  # the upper left one
    np.testing.assert_allclose(whole[-3:, -4:].ravel(), GRID[-1])
    across = {label.get_text(): label.get_position()[0] for label in axes.get_xticklabels()}
    up = {label.get_text(): label.get_position()[1] for label in axes.get_yticklabels()}
    minus, plus = "−1.5", "1.5"
    assert across[minus] < across[plus] and up[minus] > up[plus]  # pixels count downwards, the dimension grows upwards


def test_a_manifold_without_places_has_no_ticks() -> None:
    (axes,) = plots.manifold(GRID, SHAPE).axes
    assert len(axes.get_xticks()) == 0 and len(axes.get_yticks()) == 0


def test_posterior_means_lie_over_circles_that_hold_their_share_of_the_prior() -> None:
    (axes,) = PICTURES["posterior_means"]().axes
    named = {text.get_text(): text.get_position() for text in axes.texts if text.get_text() in map(str, range(10))}
    np.testing.assert_allclose([named[str(k)] for k in range(10)], [np.median(MU[k == Y], axis=0) for k in range(10)])
    draws = np.random.default_rng(1).standard_normal((100_000, 2))
    inside = [(np.linalg.norm(draws, axis=1) < np.linalg.norm(line.get_xydata()[0])).mean() for line in axes.lines]
    np.testing.assert_allclose(inside, [0.5, 0.95], atol=0.01)
    assert axes.get_aspect() == 1


def test_posterior_means_without_labels_have_no_legend() -> None:
    assert not plots.posterior_means(MU).legends


def test_sample_rows_may_be_of_different_lengths() -> None:
    (axes,) = PICTURES["sample_rows"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["epoch 1", "epoch 20"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (7, 6 * 5 - 1)
    np.testing.assert_allclose(whole[4:, 15:19].ravel(), X[3] / 2)
    assert np.isnan(whole[4:, 20:]).all() and np.isfinite(whole[:3, 25:]).all()


def test_sample_rows_show_no_more_than_asked_for() -> None:
    (axes,) = plots.sample_rows({"a": X}, SHAPE, columns=2).axes
    assert axes.images[0].get_array().shape == (3, 9)


def test_the_bound_is_the_sum_of_its_terms() -> None:
    both, alone = PICTURES["bound_terms"]().axes
    total, log_p = both.lines
    np.testing.assert_allclose(total.get_xydata(), [(1, 9.0), (2, 7.5), (3, 7.5)])
    assert set(log_p.get_ydata()) == {7.0} and "7" in log_p.get_label()
    np.testing.assert_allclose(alone.lines[0].get_ydata(), HISTORY["val_kl"])
    lower, upper = (band.get_paths()[0].vertices for band in both.collections)
    assert lower[:, 1].min() == 0 and upper[:, 1].max() == 9.0 and lower[:, 1].max() == 9.0
    assert both.get_ylim()[0] == 0 == alone.get_ylim()[0]


def test_kl_bars_are_sorted_and_the_active_ones_marked() -> None:
    (axes,) = PICTURES["kl_by_dimension"]().axes
    bars = sorted((bar.get_x(), bar.get_height(), bar.get_facecolor()) for bar in axes.patches)
    assert [height for _, height, _ in bars] == [2.0, 1.0, 0.0]
    assert bars[0][2] == bars[1][2] != bars[2][2]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "0"]
    assert "2 of 3 dimensions are active; total KL divergence 3.00 nats" in words(axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["active: 2", "not active: 1"]


def test_many_dimensions_are_not_all_numbered() -> None:
    (axes,) = plots.kl_by_dimension(np.arange(100.0), np.ones(100, bool)).axes
    assert len(axes.patches) == 100 and len(axes.get_xticklabels()) <= 40


def test_the_aggregated_posterior_is_a_density_beside_the_priors() -> None:
    figure = PICTURES["aggregate_posterior"]()
    panels = [axes for axes in figure.axes if axes.lines]
    assert len(panels) == 5
    for axes, column in zip(panels, Z.T, strict=True):
        bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        assert sum(bar.get_height() * bar.get_width() for bar in bars) == pytest.approx(1)
        (density,) = axes.lines
        assert density.get_ydata().max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
        top = max(bar.get_height() for bar in bars)
        assert axes.get_ylim()[0] == 0 and axes.get_ylim()[1] > top
        assert any(f"std. dev. {column.std():.2f}" in text for text in words(axes))


def test_a_walk_has_the_value_below_each_image() -> None:
    (axes,) = PICTURES["attribute_walk"]().axes
    assert len(axes.images) == 6
    for picture, image in zip(axes.images, WALK.reshape(6, 12), strict=True):
        np.testing.assert_allclose(picture.get_array().ravel(), image)
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    for value, picture in zip(["−0.25", "0.00", "0.25", "1.00", "2.00", "3.00"], axes.images, strict=True):
        left, right, bottom, _ = picture.get_extent()
        x, y = texts[value]
        assert left < x < right and bottom - 0.1 < y < bottom
    assert {"−1", "0", "+1"} <= set(texts)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a 3", "a 7"]


def test_a_walk_may_have_words_below() -> None:
    figure = plots.attribute_walk(WALK[:1], np.array([["a 3", "a 3", "an 8"]]), SHAPE)
    assert "an 8" in words(figure)


def test_the_diagrams_show_training_and_generating_with_shapes() -> None:
    training, generating = PICTURES["variational_diagram"]().axes
    bars = [[p for p in axes.patches if isinstance(p, Rectangle)] for axes in (training, generating)]
    areas = [[p for p in axes.patches if isinstance(p, Polygon)] for axes in (training, generating)]
    assert [len(row) for row in bars] == [9, 4]  # x, h, h, both moments, z, h, h, x̂; and z, h, h, x
    assert [len(row) for row in areas] == [7, 3]
    shapes = [text.split("\n")[1] for text in words(training) if "\n" in text]
    assert shapes == [
        *["(N, 784)", "(N, 400)", "(N, 200)", "(N, 20)", "(N, 20)"],
        *["(L, N, 20)", "(L·N, 200)", "(L·N, 400)", "(L·N, 784)"],
    ]
    shapes = [text.split("\n")[1] for text in words(generating) if "\n" in text]
    assert shapes == ["(n, 20)", "(n, 200)", "(n, 400)", "(n, 784)"]
    assert {"encoder", "decoder", "loss  =", "+"} <= set(words(training)) and "encoder" not in words(generating)
    colours = [{tuple(area.get_facecolor()) for area in row} for row in areas]
    assert len(colours[0]) == 2 and colours[1] < colours[0]  # the decoder is the same


@pytest.mark.parametrize("sizes", [(64, (), 2), (64, (64,), 64), (784, (500, 400, 300, 200, 100), 20)])
def test_no_text_of_a_diagram_lies_on_another(sizes: Any) -> None:
    figure = plots.variational_diagram(*sizes)
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i]), axes.texts[i].get_text()


def test_nothing_that_is_written_is_cut_off() -> None:
    """A text or a picture outside of the page would be lost in the file."""
    for name, make in PICTURES.items():
        figure = make()
        figure.draw_without_rendering()
        page = figure.bbox
        ticks = {label for axes in figure.axes for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]}
        for text in figure.findobj(Text):
            if text.get_text() and text not in ticks:  # ticks beyond the axes are not drawn
                box = text.get_window_extent()
                assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, (name, text.get_text())
                assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, (name, text.get_text())


def test_every_picture_has_a_title() -> None:
    for make in PICTURES.values():
        assert any(len(line.split()) >= 3 for line in words(make()))


def test_the_colours_are_those_of_the_house() -> None:
    both, _ = PICTURES["bound_terms"]().axes
    from matplotlib.colors import to_hex

    assert [to_hex(band.get_facecolor()[0]).upper() for band in both.collections] == list(LINES[:2])


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.reconstructions_by_size(X, {}, SHAPE), "at least one latent size"),
        (lambda: plots.reconstructions_by_size(X, {2: X[:2]}, SHAPE), "different numbers of images"),
        (lambda: plots.manifold(GRID[:15], SHAPE), "15 images do not form a square"),
        (lambda: plots.manifold(GRID, (3, 5)), "15 pixels"),
        (lambda: plots.manifold(GRID, SHAPE, places=[1, 2]), "each of the 4 lines"),
        (lambda: plots.posterior_means(np.ones((4, 3))), "two dimensions"),
        (lambda: plots.posterior_means(MU * np.nan), "NaN or infinity"),
        (lambda: plots.posterior_means(MU, Y[:5]), "one label for each row"),
        (lambda: plots.sample_rows({}, SHAPE), "at least one row"),
        (lambda: plots.sample_rows({"a": X[0]}, SHAPE), "'a' has shape"),
        (lambda: plots.bound_terms({"loss": [1.0]}), "pass validation_data"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": []}), "'val_kl' is empty"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": [1.0, np.nan, 1.0]}), "not finite"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": [1.0]}), "3 and 1 epochs"),
        (lambda: plots.kl_by_dimension([1.0], [True, False]), "one value per dimension"),
        (lambda: plots.kl_by_dimension([-1.0], [True]), "negative"),
        (lambda: plots.aggregate_posterior(Z[0]), "z has shape"),
        (lambda: plots.aggregate_posterior(Z * np.inf), "NaN or infinity"),
        (lambda: plots.aggregate_posterior(Z, names=["a"]), "1 names"),
        (lambda: plots.attribute_walk(X, VALUES, SHAPE), "(N, S, D) and (N, S)"),
        (lambda: plots.attribute_walk(WALK, VALUES[:, :2], SHAPE), "one value per image"),
        (lambda: plots.attribute_walk(WALK, VALUES, SHAPE, steps=[1]), "each of 3 columns"),
        (lambda: plots.attribute_walk(WALK, VALUES, SHAPE, labels=["a"]), "each of 2 rows"),
        (lambda: plots.attribute_walk(WALK * np.nan, VALUES, SHAPE), "NaN or infinity"),
        (lambda: plots.variational_diagram(64, (1, 2, 3, 4, 5, 6), 2), "at most 5"),
        (lambda: plots.variational_diagram(64, (0,), 2), "0 is not a layer size"),
        (lambda: plots.variational_diagram(64, (32,), 2.5), "2.5 is not a layer size"),
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
