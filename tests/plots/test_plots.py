"""The pictures: what stands on them, what is refused, and that the same picture gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae.plots
from scratchae.plots.figure import CLASSES, LINES

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
RNG = np.random.default_rng(0)
X = RNG.random((5, 12))
Z = RNG.standard_normal((40, 2))
Y = np.arange(40) % 10
HISTORY = {"loss": [3.0, 2.0, 1.5], "val_loss": [3.1, 2.3, 2.0], "seconds": [0.1, 0.2, 0.3]}

PICTURES: dict[str, Callable[[], Any]] = {
    "reconstructions": lambda: plots.reconstructions(X, X / 2, (3, 4), also={"PCA": X / 3}),
    "filters": lambda: plots.filters(np.outer(np.arange(12) - 6.0, np.arange(1.0, 8)), (3, 4)),
    "loss_curves": lambda: plots.loss_curves(HISTORY, "nats per image", floor=1.2),
    "codes": lambda: plots.codes(Z, Y, Z * 2),
}


def words(figure: Any) -> str:
    """Everything that is written on a figure, also by its titles and legends."""
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text))


# ---------------------------------------------------------------------------------------------- what stands on them


def test_reconstructions_stack_labelled_rows() -> None:
    (axes,) = PICTURES["reconstructions"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["original", "autoencoder", "PCA"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (3 * 4 - 1, 5 * 5 - 1)  # three rows and five columns of 3×4 pixels, one pixel apart
    for row, factor in enumerate((1, 1 / 2, 1 / 3)):
        for column in range(5):
            shown = whole[4 * row : 4 * row + 3, 5 * column : 5 * column + 4]
            np.testing.assert_allclose(shown.ravel(), X[column] * factor)
    assert np.isnan(whole[3]).all() and np.isnan(whole[:, 4]).all()


def test_reconstructions_show_no_more_than_asked_for() -> None:
    (axes,) = plots.reconstructions(X, X, (3, 4), columns=2).axes
    assert axes.images[0].get_array().shape == (7, 9)


def test_the_originals_set_the_scale_of_grey() -> None:
    """A reconstruction that is twice as dark has to look so, and not be rescaled."""
    (axes,) = plots.reconstructions(X, 2 * X, (3, 4)).axes
    assert axes.images[0].get_clim() == (0, X.max())


def test_filters_are_sorted_by_norm_and_scaled_one_by_one() -> None:
    W = np.stack([np.linspace(-1, 0.5, 12), np.linspace(-3, 2, 12), np.zeros(12)], axis=1)
    axes, bar = plots.filters(W, (3, 4), columns=3).axes
    whole, (low, high) = axes.images[0].get_array(), axes.images[0].get_clim()
    assert (low, high) == (-1, 1) and "largest of filter" in bar.get_ylabel()
    np.testing.assert_allclose(whole[:, :4].ravel(), W[:, 1] / 3)
    np.testing.assert_allclose(whole[:, 5:9].ravel(), W[:, 0])
    np.testing.assert_allclose(whole[:, 10:].ravel(), 0)


def test_spread_silences_weights_of_blank_pixels() -> None:
    W, spread = np.ones((12, 1)), np.ones(12)
    W[5], spread[5] = 100, 0  # the largest weight of all, at a pixel that is always blank
    whole = plots.filters(W, (3, 4), spread=spread).axes[0].images[0].get_array()
    np.testing.assert_allclose(whole.ravel(), spread)


def test_a_single_filter_is_alone() -> None:
    assert plots.filters(np.ones((12, 1)), (3, 4)).axes[0].images[0].get_array().shape == (3, 4)


def test_filters_fill_their_last_line_where_that_can_be() -> None:
    whole = np.ma.filled(plots.filters(np.ones((12, 16)), (3, 4)).axes[0].images[0].get_array(), np.nan)
    assert whole.shape == (2 * 4 - 1, 8 * 5 - 1) and np.isfinite(whole[-1, -4:]).all()


def test_loss_curves_draw_training_validation_and_floor() -> None:
    (axes,) = PICTURES["loss_curves"]().axes
    train, held_out, floor = axes.lines
    np.testing.assert_array_equal(train.get_xydata(), [(1, 3.0), (2, 2.0), (3, 1.5)])
    np.testing.assert_array_equal(held_out.get_ydata(), HISTORY["val_loss"])
    assert set(floor.get_ydata()) == {1.2} and floor.get_linestyle() == "--"
    assert axes.get_ylabel() == "loss (nats per image)" and axes.get_xlabel() == "epoch"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation", "floor: 1.2"]


def test_loss_curves_of_several_models_have_a_colour_each() -> None:
    (axes,) = plots.loss_curves({"a": HISTORY, "b": {"loss": list(range(40, 0, -1))}}, "pixels²").axes
    a, a_held_out, b = axes.lines
    assert a.get_color() == a_held_out.get_color() != b.get_color()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "a, training",
        "a, validation",
        "b, training",
    ]
    assert axes.get_xscale() == "log" and "logarithmic" in axes.get_xlabel()


def test_codes_name_each_class_at_its_median() -> None:
    figure = PICTURES["codes"]()
    left, right = figure.axes
    for axes, z in ((left, Z), (right, Z * 2)):
        named = {text.get_text(): text.get_position() for text in axes.texts if text.get_text()}
        assert list(named) == [str(k) for k in range(10)]
        np.testing.assert_allclose(
            [named[str(k)] for k in range(10)], [np.median(z[k == Y], axis=0) for k in range(10)]
        )
        assert sum(len(dots.get_offsets()) for dots in axes.collections) == len(z)
    assert "principal component 1" in right.get_xlabel() and left.get_xlabel() == "code 1"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [str(k) for k in range(10)]


def test_codes_without_labels_have_no_legend() -> None:
    figure = plots.codes(Z)
    assert len(figure.axes) == 1 and not figure.legends and len(figure.axes[0].collections) == 1


def test_class_names_take_the_place_of_numbers() -> None:
    assert "ankle boot" in words(plots.codes(Z, Y, class_names=[*"abcdefghi", "ankle boot"]))


def test_every_picture_has_a_title() -> None:
    for make in PICTURES.values():
        assert any(len(line.split()) >= 3 for line in words(make()).splitlines())


def seen_without(kind: str, colour: str) -> np.ndarray:
    """A colour as seen without one kind of cones: linear RGB by H. Brettel's projections, as simplified by F. Viénot."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lms_of_rgb = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    l, m, s = lms_of_rgb @ linear  # noqa: E741
    lms = (2.02344 * m - 2.52581 * s, m, s) if kind == "red" else (l, 0.494207 * l + 1.24827 * s, s)
    seen = np.clip(np.linalg.solve(lms_of_rgb, np.array(lms)), 0, 1)
    return np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["red", "green"])
@pytest.mark.parametrize("colours", [LINES, CLASSES], ids=["lines", "classes"])
def test_colours_differ_for_people_who_see_two_primaries(kind: str, colours: tuple[str, ...]) -> None:
    seen = np.array([seen_without(kind, colour) for colour in colours])
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1) + np.eye(len(seen))
    assert distances.min() > 0.14, "two colours look alike"


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.reconstructions(X, X, (3, 5)), "15 pixels, but the images in 'original' have 12"),
        (lambda: plots.reconstructions(X, X[:3], (3, 4)), "different numbers of images"),
        (lambda: plots.reconstructions(X, X * np.nan, (3, 4)), "'autoencoder' contains NaN"),
        (lambda: plots.reconstructions(X[0], X[0], (3, 4)), "rows of pixels"),
        (lambda: plots.reconstructions(X, X, (2, 2, 3)), "only grey images"),
        (lambda: plots.filters(np.ones((10, 3)), (3, 4)), "images in W have 10"),
        (lambda: plots.filters(np.ones(12), (3, 4)), "W has shape"),
        (lambda: plots.filters(np.ones((12, 3)), (3, 4), spread=np.ones(3)), "one standard deviation per pixel"),
        (lambda: plots.loss_curves({}, "nats"), "no history"),
        (lambda: plots.loss_curves({"loss": []}, "nats"), "empty or not finite"),
        (lambda: plots.loss_curves({"a": {"val_loss": [1.0]}}, "nats"), "of 'a' has no 'loss'"),
        (lambda: plots.codes(np.ones((4, 3))), "use latent_dim=2"),
        (lambda: plots.codes(Z, Y[:5]), "one label for each row"),
        (lambda: plots.codes(Z, Y, Z[:5]), "one label for each row"),
        (lambda: plots.codes(Z, None, np.ones((40, 3))), "pca_codes has shape"),
        (lambda: plots.codes(Z, np.arange(40)), "only 20 can be distinguished"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)


# ---------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_picture_gives_the_same_bytes(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, (name, make) in enumerate(PICTURES.items()):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")  # somebody else's time
        first = plots.save(make(), tmp_path / f"{name}-1.{ending}", dpi=40).read_bytes()
        monkeypatch.delenv("SOURCE_DATE_EPOCH")
        assert plots.save(make(), tmp_path / f"{name}-2.{ending}", dpi=40).read_bytes() == first
        if i and ending != "png":
            break  # the format is what matters, and it does not know the picture
    assert not list(tmp_path.glob(".*"))


def test_save_says_what_is_wrong_and_leaves_nothing(tmp_path: Path) -> None:
    figure = PICTURES["codes"]()
    with pytest.raises(ValueError, match="did you mean 'png'"):
        plots.save(figure, tmp_path / "codes.pgn")
    with pytest.raises(FileNotFoundError, match="create it first"):
        plots.save(figure, tmp_path / "nowhere" / "codes.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OSError, match="folder.png"):
        plots.save(figure, tmp_path / "folder.png")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_pictures_leave_global_state_alone(tmp_path: Path, run_python: Callable[..., str]) -> None:
    script = """
import sys, numpy as np
from scratchae import plots
assert "matplotlib" not in sys.modules, "imported too early"
import matplotlib
before = dict(matplotlib.rcParams)
plots.save(plots.codes(np.eye(2)), sys.argv[1])
assert dict(matplotlib.rcParams) == before
assert "matplotlib.pyplot" not in sys.modules, "the library for windows was imported"
"""
    # Named, because reading "which backend?" from the settings would itself make matplotlib choose one.
    run_python(script, tmp_path / "codes.svg", MPLBACKEND="Agg")
