"""Estimates from pixels: held against figures whose slant, width, axis and size are known otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from scratchae.datasets import StrokesDataset, draw_strokes, load_digits, make_strokes, moments
from scratchae.datasets.strokes import RANGES

SHAPE = (28, 28)
ALL = [moments.slant, moments.axis_angle, moments.size, moments.thickness, moments.brightness]
KINDS = np.arange(10)
MIDDLE = {name: (low + high) / 2 for name, (low, high) in RANGES.items()}
every_measure = pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.__name__)


@pytest.fixture(scope="module")
def data() -> StrokesDataset:
    return make_strokes(1500, seed=11, test=0)


def swept(name: str, steps: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """One factor through its range, the others in the middle of theirs: values (steps,) and images (10 · steps, 784), by kind."""
    values = np.linspace(*RANGES[name], steps)
    factors = {**MIDDLE, name: np.tile(values, 10)}
    return values, draw_strokes(np.repeat(KINDS, steps), **factors)


def measured(measure: Callable[..., np.ndarray], x: np.ndarray) -> np.ndarray:
    """One line for each kind."""
    return measure(x, SHAPE).reshape(10, -1)


def within_kinds(data: StrokesDataset, measure: Callable[..., np.ndarray], name: str) -> np.ndarray:
    """Correlation of measure and factor in each of the ten kinds, the other factors at random."""
    found, known, kind = measure(data.x_train, SHAPE), getattr(data.factors_train, name), data.y_train
    return np.array([np.corrcoef(found[kind == k], known[kind == k])[0, 1] for k in KINDS])


def blob(covariance: Any, centre: tuple[float, float] = (0.0, 0.0), shape: tuple[int, int] = (60, 80)) -> np.ndarray:
    """A Gaussian on a grid of pixels, x to the right, y up, in one row."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    p = np.stack([x - (width - 1) / 2 - centre[0], (height - 1) / 2 - y - centre[1]], -1)
    return np.exp(-0.5 * np.einsum("hwi,ij,hwj->hw", p, np.linalg.inv(covariance), p)).reshape(1, -1)


def test_slant_axis_and_size_of_a_gaussian_are_those_of_its_covariance() -> None:
    covariance = np.array([[20.0, 9.0], [9.0, 35.0]])
    values, vectors = np.linalg.eigh(covariance)
    x, y = vectors[:, values.argmax()]
    for centre in ((0.0, 0.0), (7.3, -4.6)):
        image = blob(covariance, centre)
        assert moments.slant(image, (60, 80)) == pytest.approx(9 / 35, rel=1e-3)
        assert moments.axis_angle(image, (60, 80)) == pytest.approx(np.arctan(-x / y), rel=1e-3)
        assert moments.size(image, (60, 80)) == pytest.approx(np.sqrt(55), rel=1e-3)


def test_a_mirror_turns_slant_and_axis_round() -> None:
    x = draw_strokes(KINDS, 0.2, 2.5, 0.1)
    mirrored = x.reshape(-1, 28, 28)[:, :, ::-1].reshape(10, -1)
    for measure in (moments.slant, moments.axis_angle):
        assert np.allclose(measure(mirrored, SHAPE), -measure(x, SHAPE), atol=1e-6)
        assert (np.abs(measure(x, SHAPE)) > 1e-3).all()


@every_measure
def test_place_in_the_frame_does_not_matter(measure: Callable[..., np.ndarray]) -> None:
    x = draw_strokes(KINDS, 0.1, size=0.75).reshape(-1, 28, 28)
    moved = np.roll(x, (3, -2), axis=(1, 2))
    assert np.allclose(measure(moved.reshape(10, -1), SHAPE), measure(x.reshape(10, -1), SHAPE), atol=1e-5)


@every_measure
def test_only_the_brightness_depends_on_a_common_factor(measure: Callable[..., np.ndarray]) -> None:
    x = draw_strokes(KINDS, 0.1)
    expected = measure(x, SHAPE) * (0.3 if measure is moments.brightness else 1)
    assert np.allclose(measure(x * np.float32(0.3), SHAPE), expected, rtol=1e-5)


def test_slant_follows_the_known_slant(data: StrokesDataset) -> None:
    values, x = swept("slant")
    found = measured(moments.slant, x)
    slopes = [np.polyfit(values, line, 1)[0] for line in found]
    assert min(slopes) > 0.8 and max(slopes) < 1.02
    assert min(np.corrcoef(values, line)[0, 1] for line in found) > 0.999
    assert within_kinds(data, moments.slant, "slant").min() > 0.8  # all others at random, rotation among them


def test_slant_of_an_image_that_is_sheared_changes_by_the_shear() -> None:
    x = draw_strokes(KINDS, size=0.75).reshape(-1, 28, 28)
    k = 0.3  # what is at column c of row r comes from c − k (13.5 − r)
    sheared = np.stack([ndimage.affine_transform(v, [[1, 0], [k, 1]], offset=[0, -k * 13.5], order=1) for v in x])
    gain = moments.slant(sheared.reshape(10, -1), SHAPE) - moments.slant(x.reshape(10, -1), SHAPE)
    assert np.allclose(gain, k, atol=0.01)


def test_a_turn_changes_the_slant_too_as_the_docstring_warns() -> None:
    values, x = swept("rotation")
    slopes = [np.polyfit(values, line, 1)[0] for line in measured(moments.slant, x)]
    assert max(slopes) < -0.4 and min(slopes) > -1


def test_axis_turns_with_the_rotation() -> None:
    values, x = swept("rotation")
    found = measured(moments.axis_angle, x)
    assert np.allclose(found - found[:, [4]], values, atol=0.02)


def test_thickness_follows_the_known_thickness(data: StrokesDataset) -> None:
    found, known = moments.thickness(data.x_train, SHAPE), data.factors_train.thickness
    assert np.corrcoef(found, known)[0, 1] > 0.95
    assert within_kinds(data, moments.thickness, "thickness").min() > 0.98
    assert np.abs(found - known).mean() < 0.15 and np.abs(found - known).max() < 0.9  # the filled corners of a thick 4


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4, 1.2])
@pytest.mark.parametrize("width", [1.5, 2.5, 4.0])
def test_thickness_of_a_long_straight_line(width: float, angle: float) -> None:
    row, column = np.mgrid[:200, :200] - 99.5
    across = column * np.cos(angle) + row * np.sin(angle) - 0.2
    along = -column * np.sin(angle) + row * np.cos(angle)
    line = np.clip(width / 2 + 0.5 - np.abs(across), 0, 1) * np.clip(80.5 - np.abs(along), 0, 1)
    assert moments.thickness(line.reshape(1, -1), (200, 200))[0] == pytest.approx(width, abs=0.25)


def test_thickness_of_real_digits_grows_when_they_are_dilated() -> None:
    x = load_digits().x_test.reshape(-1, 8, 8)
    large = np.stack([ndimage.zoom(v, 4, order=1) for v in x])
    fat = ndimage.grey_dilation(large, footprint=ndimage.generate_binary_structure(2, 1)[None])
    before, after = (moments.thickness(v.reshape(len(v), -1), (32, 32)) for v in (large, fat))
    assert (after > before).all() and 1 < (after - before).mean() < 3  # a pixel on each side


def test_an_edge_at_the_border_of_the_frame_is_an_edge() -> None:
    bar = np.zeros((40, 40))
    bar[:, :4] = 1
    inside = np.roll(bar, 7, axis=1)
    at_border, within = moments.thickness(np.stack([bar, inside]).reshape(2, -1), (40, 40))
    assert at_border == pytest.approx(within) and within == pytest.approx(4, rel=0.15)


def test_size_is_proportional_to_the_known_size(data: StrokesDataset) -> None:
    values, x = swept("size")
    found = measured(moments.size, x)
    assert np.allclose(found / found[:, [-1]], values / values[-1], atol=0.03)  # the pen keeps its width
    assert within_kinds(data, moments.size, "size").min() > 0.9


def test_brightness_is_the_known_brightness(data: StrokesDataset) -> None:
    found, known = moments.brightness(data.x_train, SHAPE), data.factors_train.brightness
    assert np.corrcoef(found, known)[0, 1] > 0.995
    assert (np.abs(found / known - 1) < 0.08).all() and np.abs(found / known - 1).mean() < 0.005


def test_one_noisy_pixel_does_not_decide_the_brightness() -> None:
    x = draw_strokes(3, brightness=0.5)
    x[0, 30] = 1
    assert 0.5 < moments.brightness(x, SHAPE)[0] < 0.6


# How far a measure moves when its own factor is swept, as a multiple of how far any other factor moves it.
OWN = [
    (moments.thickness, "thickness", ("slant", "rotation", "size", "brightness"), 6),
    (moments.brightness, "brightness", ("slant", "thickness", "rotation", "size"), 10),
    (moments.size, "size", ("slant", "thickness", "rotation", "brightness"), 2.5),
    (moments.slant, "slant", ("thickness", "size", "brightness"), 10),
    (moments.axis_angle, "rotation", ("thickness", "size", "brightness"), 6),
]


@pytest.mark.parametrize(("measure", "own", "others", "times"), OWN, ids=lambda v: v if isinstance(v, str) else "")
def test_a_measure_moves_with_its_own_factor(
    measure: Callable[..., np.ndarray], own: str, others: tuple[str, ...], times: float
) -> None:
    moves = {name: np.ptp(measured(measure, swept(name)[1]), axis=1) for name in (own, *others)}
    for other in others:
        assert (moves[own] > times * moves[other]).all(), other


@every_measure
@pytest.mark.filterwarnings("error")
def test_empty_images_have_no_measure(measure: Callable[..., np.ndarray]) -> None:
    x = np.stack([np.zeros(784), draw_strokes(3)[0], np.full(784, -1.0)])
    found = measure(x, SHAPE)
    assert found.dtype == np.float64 and np.isnan(found).tolist() == [True, False, True]


def test_figures_without_slant_or_axis() -> None:
    x = np.zeros((3, 5, 5))
    x[0, 2, 2] = 1  # a point
    x[1, 3, 1:4] = 0.1  # one row
    x[2, 1:4, 1:4] = 1  # a square
    x = x.reshape(3, -1)
    assert np.isnan(moments.slant(x, (5, 5))).tolist() == [True, True, False]
    assert np.isnan(moments.axis_angle(x, (5, 5))).tolist() == [True, False, True]
    assert np.abs(moments.axis_angle(x, (5, 5))[1]) == pytest.approx(np.pi / 2)
    assert moments.size(x, (5, 5)) == pytest.approx([0, np.sqrt(2 / 3), np.sqrt(4 / 3)])


def test_rounding_makes_no_slant() -> None:
    x = np.zeros((200, 7, 9))
    x[:, 5] = np.random.default_rng(0).random((200, 9))
    assert np.isnan(moments.slant(x.reshape(200, -1), (7, 9))).all()


@every_measure
def test_negative_pixels_count_as_none(measure: Callable[..., np.ndarray]) -> None:
    x = draw_strokes(KINDS)
    below = np.where(x == 0, np.float32(-0.2), x)
    assert np.array_equal(measure(below, SHAPE), measure(x, SHAPE))


@every_measure
def test_many_images_are_measured_as_one_by_one(measure: Callable[..., np.ndarray], data: StrokesDataset) -> None:
    together = measure(data.x_train, SHAPE)
    for row in (0, 1023, 1024, 1499):
        assert measure(data.x_train[row : row + 1], SHAPE) == pytest.approx(together[row], rel=1e-12)
    assert measure(np.zeros((0, 784)), SHAPE).shape == (0,)


@pytest.mark.parametrize(
    ("images", "shape", "words"),
    [
        (np.zeros((2, 783)), SHAPE, r"shape \(2, 783\); give an array of numbers of shape \(N, 784\)"),
        (np.zeros(784), SHAPE, r"shape \(784,\)"),
        (np.zeros((1, 784), complex), SHAPE, "type complex128"),
        ([["a"] * 784], SHAPE, "type <U1"),
        (np.full((1, 784), np.nan), SHAPE, "NaN or infinity in row 0"),
        (np.vstack([np.zeros((1030, 4)), np.full((1, 4), np.inf)]), (2, 2), "NaN or infinity in row 1030"),
        (np.zeros((1, 784)), (28,), r"image_shape=\(28,\) is not allowed"),
        (np.zeros((1, 784)), 784, "image_shape=784 is not allowed"),
        (np.zeros((1, 784)), (28.0, 28.0), "two positive integers"),
        (np.zeros((1, 784)), (-28, -28), "two positive integers"),
    ],
)
def test_bad_input_is_refused(images: Any, shape: Any, words: str) -> None:
    for measure in ALL:
        with pytest.raises(ValueError, match=words):
            measure(images, shape)
