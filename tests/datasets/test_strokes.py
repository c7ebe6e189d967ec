"""Drawn digits: each factor does what it says and nothing else, inside the frame, the same bits for the same seed."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.cli.inputs import load_data
from scratchae.cli.main import main
from scratchae.console.parser import UsageError
from scratchae.datasets import Factors, StrokesDataset, draw_strokes, make_strokes
from scratchae.datasets.strokes import HEIGHT, RANGES

KINDS = np.arange(10)


@pytest.fixture(scope="module")
def data() -> StrokesDataset:
    return make_strokes(2000, seed=5, test=500)


def images(*factors: Any, **named: Any) -> np.ndarray:
    return draw_strokes(*factors, **named).reshape(-1, 28, 28).astype(float)


def test_sizes_types_and_range(data: StrokesDataset) -> None:
    assert (data.name, data.image_shape) == ("strokes", (28, 28))
    assert data.x_train.shape == (2000, 784) and data.x_test.shape == (500, 784)
    for x, y, factors in [
        (data.x_train, data.y_train, data.factors_train),
        (data.x_test, data.y_test, data.factors_test),
    ]:
        assert x.dtype == np.float32 and y.dtype == np.int64 and np.array_equal(y, factors.kind)
        assert x.min() == 0 and 0.99 < x.max() <= 1
        assert [v.dtype for v in factors] == [np.int64] + [np.float64] * 5


def test_factors_are_those_of_the_rows(data: StrokesDataset) -> None:
    assert np.array_equal(draw_strokes(*data.factors_train), data.x_train)
    assert np.array_equal(draw_strokes(*data.factors_test), data.x_test)


def test_labels_and_factors_are_arrays_of_their_own() -> None:
    small = make_strokes(9, test=0)
    kind = small.factors_train.kind.copy()
    small.y_train[:] = 7
    assert np.array_equal(small.factors_train.kind, kind)


def test_factors_fill_their_ranges_and_are_independent(data: StrokesDataset) -> None:
    counts = np.bincount(data.y_train, minlength=10)
    assert len(counts) == 10 and ((counts - 200) ** 2 / 200).sum() < 30  # chi squared, 9 degrees: 1 in 2000
    values = data.factors_train._asdict()
    for name, (low, high) in RANGES.items():
        share = (values[name] - low) / (high - low)
        assert 0 <= share.min() < 0.01 and 0.99 < share.max() <= 1
        assert np.abs(np.quantile(share, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.05
    correlations = np.corrcoef(np.stack(list(values.values()))) - np.eye(6)
    assert np.abs(correlations).max() < 0.1  # 4.5 standard deviations


def test_same_seed_same_bits_and_another_seed_other_images() -> None:
    first, again, other = make_strokes(150, 3, test=20), make_strokes(150, 3, test=20), make_strokes(150, 4, test=20)
    assert first.x_train.tobytes() == again.x_train.tobytes() and first.x_test.tobytes() == again.x_test.tobytes()
    assert not np.array_equal(first.y_train, other.y_train)
    assert len(np.unique(np.vstack([first.x_train, first.x_test, other.x_train]), axis=0)) == 320


def test_fewer_images_are_the_first_of_more_with_the_same_test_images() -> None:
    few, many = make_strokes(7, 3, test=20), make_strokes(150, 3, test=20)
    assert np.array_equal(few.x_train, many.x_train[:7]) and np.array_equal(few.x_test, many.x_test)


def test_no_image_touches_the_border_or_is_empty() -> None:
    # Extents grow with size and thickness and are linear in slant: only the rotation has its worst case inside its range.
    (_, thick), (_, large) = RANGES["thickness"], RANGES["size"]
    turns = np.linspace(*RANGES["rotation"], 21)
    grid = np.array(list(itertools.product(KINDS, RANGES["slant"], turns)))
    x = images(grid[:, 0], grid[:, 1], thick, grid[:, 2], large)
    border = np.ones((28, 28), bool)
    border[1:-1, 1:-1] = False
    assert (x[:, border] == 0).all()
    assert x[:, 1:-1, 1].any() and x[:, 1, 1:-1].any()  # yet the frame is used: the rows next to the border are reached
    assert (x.max((1, 2)) == 1).all()


def test_even_the_faintest_image_has_its_ink(data: StrokesDataset) -> None:
    thin = draw_strokes(KINDS, 0, RANGES["thickness"][0], 0, RANGES["size"][0], RANGES["brightness"][0])
    # At least a stroke from top to bottom, as wide as the pen.
    assert (thin.sum(1) / 0.5 > RANGES["size"][0] * HEIGHT * RANGES["thickness"][0]).all()
    assert (data.x_train.max(1) > 0.97 * data.factors_train.brightness).all()


def test_strokes_are_as_wide_as_the_thickness_says() -> None:
    for thickness in (1.5, 2.0, 2.7, 3.5):
        rows = images(1, thickness=thickness)[0]
        # Below its flag and above its foot, a 1 is nothing but an upright stroke.
        assert np.allclose(rows[14:19].sum(1), thickness, atol=0.02)


def test_brightness_scales_the_pixels_and_nothing_else() -> None:
    bright, faint = draw_strokes(KINDS, 0.2, 2, 0.1, 0.9, 1.0), draw_strokes(KINDS, 0.2, 2, 0.1, 0.9, 0.5)
    assert np.array_equal(faint, bright / 2) and bright.max() == 1


def test_thicker_strokes_cover_thinner_ones() -> None:
    thin, thick = draw_strokes(KINDS, 0.2, 2.0, 0.1), draw_strokes(KINDS, 0.2, 2.5, 0.1)
    assert (thick >= thin).all() and (thick.sum(1) > 1.1 * thin.sum(1)).all()


def box(x: np.ndarray) -> tuple[float, float, float, float]:
    """Left, right, bottom, top of the ink at half its height, from the centre of the frame, in pixels."""
    edges = []
    for profile in (x.max(0), x.max(1)[::-1]):
        places, level = np.arange(28) - 13.5, 0.5
        above = np.flatnonzero(profile >= level)
        for inner, outer in ((above[0], above[0] - 1), (above[-1], above[-1] + 1)):
            share = (profile[inner] - level) / (profile[inner] - profile[outer])
            edges.append(places[inner] + share * (places[outer] - places[inner]))
    left, right, bottom, top = edges
    return left, right, bottom, top


@pytest.mark.parametrize("kind", KINDS)
def test_size_scales_the_box_and_keeps_it_in_the_middle(kind: int) -> None:
    for size in (0.75, 1.0):
        left, right, bottom, top = box(images(kind, size=size, thickness=2.5)[0])
        assert abs(top - bottom - (HEIGHT * size + 2.5)) < 0.4
        assert abs(left + right) < 0.3 and abs(bottom + top) < 0.3


def test_slant_moves_the_top_right_and_leaves_the_height() -> None:
    # The bar of a 7 is at the top: it moves by slant · HEIGHT / 2, and to the right.
    for slant in (-0.375, 0.2, 0.375):
        upright, leaning = images(7)[0], images(7, slant)[0]
        bar = slice(3, 7)
        columns = np.arange(28)
        moved = [(x[bar] @ columns).sum() / x[bar].sum() for x in (upright, leaning)]
        assert abs(moved[1] - moved[0] - slant * HEIGHT / 2) < 0.3
        assert np.allclose(box(leaning)[2:], box(upright)[2:], atol=0.3)


def test_rotation_is_counter_clockwise_about_the_centre() -> None:
    # A rotated drawing, against the unrotated one looked up at the places turned back: leaned first, then turned.
    from scipy.ndimage import map_coordinates

    angle = 0.25
    row, column = np.mgrid[:28, :28] - 13.5
    x, y = column, -row
    back_x, back_y = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
    for upright, turned in zip(images(KINDS, 0.3, 3), images(KINDS, 0.3, 3, angle), strict=True):
        expected = map_coordinates(upright, [13.5 - back_y, back_x + 13.5], order=1)
        assert np.abs(turned - expected).mean() < 0.03 < 0.06 < np.abs(turned - upright).mean()


def test_nine_is_six_upside_down() -> None:
    six, nine = images(6, 0.1, 2, 0.1)[0], images(9, 0.1, 2, 0.1)[0]
    assert np.allclose(nine, six[::-1, ::-1], atol=1e-5)


def test_the_ten_digits_are_told_apart(data: StrokesDataset) -> None:
    def unit(x: np.ndarray) -> np.ndarray:
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    centroids = unit(np.stack([unit(data.x_train)[data.y_train == k].mean(0) for k in KINDS]))
    assert ((data.x_test @ centroids.T).argmax(1) == data.y_test).mean() > 0.97
    neighbours = data.y_train[(data.x_test @ unit(data.x_train).T).argmax(1)]
    assert (neighbours == data.y_test).mean() > 0.99


def test_single_numbers_hold_for_all_and_blocks_do_not_show() -> None:
    kinds = np.arange(150) % 10
    together = draw_strokes(kinds, 0.1, 2.0, 0.1, 0.9, 0.8)
    assert np.array_equal(together, np.vstack([draw_strokes(k, 0.1, 2.0, 0.1, 0.9, 0.8) for k in range(10)] * 15))
    assert draw_strokes(3).shape == (1, 784)
    assert np.array_equal(draw_strokes(3, slant=[0.0, 0.3])[0], draw_strokes(3)[0])


def test_no_images_are_a_possible_number() -> None:
    assert draw_strokes(np.zeros(0, int)).shape == (0, 784)
    assert make_strokes(3, test=0).x_test.shape == (0, 784)


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, None, "10"])
def test_bad_n_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"n={bad!r} is not allowed; give an integer of at least 1"):
        make_strokes(bad)


@pytest.mark.parametrize("bad", [-1, 0.5, False, None, "0"])
@pytest.mark.parametrize("name", ["seed", "test"])
def test_bad_seed_and_test_are_refused(name: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"{name}={bad!r} is not allowed; give an integer of at least 0"):
        make_strokes(5, **{name: bad})


def test_numpy_numbers_are_numbers() -> None:
    assert len(make_strokes(np.int64(3), seed=np.uint8(1), test=0).x_train) == 3


@pytest.mark.parametrize("name", RANGES)
def test_factors_outside_their_range_are_refused(name: str) -> None:
    low, high = RANGES[name]
    draw_strokes(0, **{name: [low, high]})
    for bad in (np.nextafter(low, -9), np.nextafter(high, 9), np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"{name} is \S+ at row 1; give a number from {low} to {high}"):
            draw_strokes([1, 2, 3], **{name: [high, bad, low]})


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"kind": 10}, "kind is 10; give an integer from 0 to 9"),
        ({"kind": [0, -1]}, "kind is -1 at row 1"),
        ({"kind": 1.5}, "kind is 1.5; give an integer"),
        ({"kind": "3"}, "kind has type <U1"),
        ({"kind": True}, "kind has type bool"),
        ({"kind": [[1]]}, r"kind has type int64 and shape \(1, 1\)"),
        ({"kind": 1, "size": None}, "size has type object"),
        ({"kind": [1, 2, 3], "slant": [0.0, 0.1]}, r"different lengths \(\{'kind': 3, 'slant': 2\}\)"),
        ({"kind": [1, 2, 3], "slant": [0.0]}, "different lengths"),
    ],
)
def test_bad_factors_are_refused(factors: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw_strokes(**factors)


def test_dataset_refuses_factors_that_are_not_of_its_rows() -> None:
    small = make_strokes(5, test=2)
    short = Factors._make(v[:4] for v in small.factors_train)
    with pytest.raises(
        ValueError, match=r"kind of factors_train of data set 'strokes' must have shape \(5,\), got \(4,\)"
    ):
        dataclasses.replace(small, factors_train=short)


def test_it_is_a_name_of_the_package_and_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert sae.make_strokes is make_strokes
    assert main(["data"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("strokes"))
    named = load_data("strokes", None, None)
    assert row.split()[1:4] == ["7,000", f"{len(named.x_train):,}", f"{len(named.x_test):,}"]  # type: ignore[arg-type]
    assert named.image_shape == (28, 28)
    with pytest.raises(UsageError, match="strokes is generated and needs no folder; leave out --data-dir"):
        load_data("strokes", "somewhere", None)
