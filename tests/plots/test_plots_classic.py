"""The pictures of the classic family: accuracy by labels, codes by layer, filters side by side, the diagram of a stack, plain curves."""

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
COUNTS = [10, 100, 1437]
ACCURACIES = np.array([[0.5, 0.6, 0.7], [0.8, 0.8, 0.8], [0.9, 0.95, 1.0]])
Y = np.arange(40) % 10
LAYERS = {"pixels": RNG.random((40, 12)), "code": RNG.random((40, 3)), "one": RNG.random((40, 1))}
WEIGHTS = {"basic": RNG.standard_normal((12, 7)), "sparse": RNG.standard_normal((12, 3))}

PICTURES: dict[str, Callable[[], Any]] = {
    "accuracy_curves": lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES), "b": (COUNTS[:2], ACCURACIES[1:])}),
    "codes_by_layer": lambda: plots.codes_by_layer(LAYERS, Y, notes={"code": "97 %"}),
    "filter_panels": lambda: plots.filter_panels(WEIGHTS, (3, 4), most=4, columns=2),
    "lines": lambda: plots.lines(
        {"a": ([1, 2, 4], [0, 1, 2])}, "size", "error", level=1.5, logarithmic=True, title="t"
    ),
    "unrolling": lambda: plots.unrolling((64, 48, 12), n_classes=10),
}


def words(figure: Any) -> list[str]:
    """Everything that is written on a figure."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


# ---------------------------------------------------------------------------------------------- what stands on them


def test_accuracy_curves_draw_means_and_intervals() -> None:
    (axes,) = PICTURES["accuracy_curves"]().axes
    a, b = axes.lines
    np.testing.assert_allclose(a.get_xydata(), np.column_stack([COUNTS, [0.6, 0.8, 0.95]]))
    np.testing.assert_array_equal(b.get_xdata(), COUNTS[:2])
    band = axes.collections[0].get_paths()[0].vertices
    half = (
        4.302652729911275 * 0.1 / np.sqrt(3)
    )  # Student's t for 95 % and 2 degrees of freedom; the three lie 0.1 apart
    at_ten = band[band[:, 0] == 10][:, 1]
    np.testing.assert_allclose([at_ten.min(), at_ten.max()], [0.6 - half, 0.6 + half])
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "100", "1,437"]


def test_an_interval_that_leaves_the_shares_is_cut_at_them() -> None:
    (axes,) = PICTURES["accuracy_curves"]().axes
    assert axes.get_ylim()[1] <= 1.02


def test_one_seed_has_no_interval() -> None:
    (axes,) = plots.accuracy_curves({"a": ([1, 2], [[0.5], [0.6]])}, chance=0.1).axes
    assert not axes.collections and "chance: 10%" in words(axes)
    np.testing.assert_array_equal(plots.half_interval([[0.5], [0.6]]), 0)


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    values = np.random.default_rng(1).standard_normal((20_000, 5))
    covered = np.abs(values.mean(axis=1)) <= plots.half_interval(values, 0.9)
    assert abs(covered.mean() - 0.9) < 0.01


def test_codes_by_layer_are_seen_on_their_principal_components() -> None:
    figure = PICTURES["codes_by_layer"]()
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(LAYERS) and "97 %" in words(figure)
    for axes, codes in zip(figure.axes, LAYERS.values(), strict=True):
        dots = np.concatenate([cloud.get_offsets() for cloud in axes.collections])
        assert len(dots) == len(codes)
        spread = np.linalg.svd(codes - codes.mean(axis=0), compute_uv=False)[:2]
        np.testing.assert_allclose(np.linalg.norm(dots - dots.mean(axis=0), axis=0)[: len(spread)], spread)
    assert np.ptp(np.concatenate([cloud.get_offsets() for cloud in figure.axes[2].collections])[:, 1]) == 0


def test_codes_by_layer_need_no_labels() -> None:
    figure = plots.codes_by_layer(LAYERS)
    assert not figure.legends and all(len(axes.collections) == 1 for axes in figure.axes)


def test_filter_panels_show_the_strongest_of_each_model() -> None:
    figure = PICTURES["filter_panels"]()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["basic", "sparse"]
    whole = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)
    strongest = WEIGHTS["basic"][:, np.argsort(-np.linalg.norm(WEIGHTS["basic"], axis=0))[:4]]
    assert whole.shape == (2 * 4 - 1, 2 * 5 - 1)
    np.testing.assert_allclose(whole[:3, :4].ravel(), strongest[:, 0] / np.abs(strongest[:, 0]).max())
    np.testing.assert_allclose(whole[4:, 5:].ravel(), strongest[:, 3] / np.abs(strongest[:, 3]).max())


def test_filter_panels_begin_a_second_line() -> None:
    figure = plots.filter_panels(dict.fromkeys("abcde", np.ones((12, 2))), (3, 4), panels_across=3)
    tops = {axes.get_subplotspec().rowspan.start for axes in figure.axes if axes.images}
    assert tops == {0, 1} and sum(bool(axes.images) for axes in figure.axes) == 5


def test_lines_draw_curves_and_a_level() -> None:
    (axes,) = PICTURES["lines"]().axes
    curve, level = axes.lines
    np.testing.assert_array_equal(curve.get_xydata(), [(1, 0), (2, 1), (4, 2)])
    assert set(level.get_ydata()) == {1.5} and axes.get_xscale() == "log"
    assert axes.get_xlabel() == "size (logarithmic)" and axes.get_ylabel() == "error" and axes.get_ylim()[0] == 0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "4"]


def test_lines_below_zero_are_not_cut_off() -> None:
    (axes,) = plots.lines({"a": ([0, 1], [-1, 1])}, "x", "y").axes
    assert axes.get_ylim()[0] < -1


def test_the_stack_is_drawn_layer_by_layer_unrolled_and_with_a_classifier() -> None:
    figure = PICTURES["unrolling"]()
    _, unrolled, classifier = figure.axes
    bars = [[patch for patch in axes.patches if isinstance(patch, Rectangle)] for axes in figure.axes]
    weights = [[patch for patch in axes.patches if isinstance(patch, Polygon)] for axes in figure.axes]
    assert [len(row) for row in bars] == [6, 5, 4] and [len(row) for row in weights] == [4, 4, 3]
    sizes = [[text.split("\n")[1] for text in words(axes) if "\n" in text] for axes in figure.axes]
    assert sizes == [["64", "48", "64", "48", "12", "48"], ["64", "48", "12", "48", "64"], ["64", "48", "12", "10"]]
    colours = [tuple(p.get_facecolor()[:3]) for p in weights[1]]
    assert colours == colours[::-1] and len(set(colours)) == 2  # each half in the colour of its autoencoder
    heights = [bar.get_height() for bar in bars[1]]
    assert heights == heights[::-1] and heights[0] > heights[1] > heights[2]
    assert {"encoder", "decoder"} <= set(words(unrolled)) and {"copied", "softmax"} <= set(words(classifier))


def test_without_classes_there_is_no_classifier() -> None:
    assert len(plots.unrolling((64, 12)).axes) == 2


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


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.accuracy_curves({}), "0 arms"),
        (lambda: plots.accuracy_curves(dict.fromkeys(range(len(LINES) + 1), (COUNTS, ACCURACIES))), "colours differ"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES[0])}), "one row per count"),
        (lambda: plots.accuracy_curves({"a": (COUNTS[:2], ACCURACIES)}), "one row per count"),
        (lambda: plots.accuracy_curves({"a": (COUNTS[::-1], ACCURACIES)}), "are not positive and increasing"),
        (lambda: plots.accuracy_curves({"a": ([0, 1, 2], ACCURACIES)}), "are not positive and increasing"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, 100 * ACCURACIES)}), "between 0 and 1"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, np.nan * ACCURACIES)}), "between 0 and 1"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES)}, level=95), "not a confidence level"),
        (lambda: plots.codes_by_layer({}), "no layers"),
        (lambda: plots.codes_by_layer({"a": np.ones(3)}), "'a' have shape"),
        (lambda: plots.codes_by_layer({"a": np.full((3, 2), np.inf)}), "NaN or infinity"),
        (lambda: plots.codes_by_layer(LAYERS, Y[:5]), "one label for each row"),
        (lambda: plots.filter_panels({}, (3, 4)), "at least one model"),
        (lambda: plots.filter_panels({"a": np.ones((10, 3))}, (3, 4)), "the weights of 'a' have 10"),
        (lambda: plots.lines({}, "x", "y"), "0 curves"),
        (lambda: plots.lines({"a": ([1, 2], [1])}, "x", "y"), "same length"),
        (lambda: plots.lines({"a": ([1, 2], [1, np.nan])}, "x", "y"), "NaN or infinity"),
        (lambda: plots.lines({"a": ([0, 2], [1, 2])}, "x", "y", logarithmic=True), "not positive"),
        (lambda: plots.unrolling((64,)), "0 layers after the input"),
        (lambda: plots.unrolling(range(70, 50, -1)), "give 1 to"),
        (lambda: plots.unrolling((64, 0)), "0 is not a layer size"),
        (lambda: plots.unrolling((64, 8), n_classes=2.5), "2.5 is not a layer size"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_picture_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    first, second = (plots.save(PICTURES[name](), tmp_path / f"{i}.png", dpi=40).read_bytes() for i in range(2))
    assert first == second
