"""Small images as one: their places, the gaps between them, and what is not a row of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchae.plots.mosaic import as_images, centre, mosaic


def test_images_fill_line_after_line_with_gaps_between() -> None:
    images = np.arange(1.0, 4)[:, None, None] * np.ones((3, 1, 2))  # three images of 1×2 pixels: 1, 2, 3
    nan = np.nan
    expected = [[1, 1, nan, 2, 2], [nan] * 5, [3, 3, nan, nan, nan]]
    np.testing.assert_array_equal(mosaic(images, 2), expected)


@pytest.mark.parametrize(("index", "size", "expected"), [(0, 1, 0.0), (0, 4, 1.5), (1, 4, 6.5), (2, 3, 9.0)])
def test_centres_are_those_of_the_pixels(index: int, size: int, expected: float) -> None:
    assert centre(index, size) == expected
    place = np.arange(12 * size)[index * (size + 1) :][:size]  # the pixels of the image, counted from the left
    assert centre(index, size) == place.mean()


def test_rows_are_read_line_by_line() -> None:
    assert as_images([[1, 2, 3, 4, 5, 6]], (2, 3), "X").tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize(
    ("rows", "shape", "message"),
    [
        (np.ones((2, 6)), (2, 3, 1), "only grey images can be shown"),
        (np.ones((0, 6)), (2, 3), "give at least one image"),
        (np.ones(6), (2, 3), r"shape \(6,\)"),
        (np.ones((2, 6)), (2, 2), "has 4 pixels, but the images in X have 6"),
        (np.ones((2, 6)), (-2, -3), "two positive numbers"),
        (np.array([[1, np.inf]]), (1, 2), "X contains NaN or infinity"),
    ],
)
def test_what_is_not_rows_of_pixels_is_refused(rows: Any, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_images(rows, shape, "X")
