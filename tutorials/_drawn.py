"""The drawn digits of tutorial 09: all their factors are known, and can be measured on any similar image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchae.console.table import table
from scratchae.datasets import make_strokes
from scratchae.datasets.strokes import RANGES, draw_strokes
from scratchae.nets.network import Array
from scratchae.studies import Change, fitted_factors, measured_changes


def nearest(images: Array, known: Array) -> Array:
    """For each image, the row of the nearest known image."""
    squares = (known.astype(np.float64) ** 2).sum(axis=1)
    return np.concatenate(
        [(squares - 2 * block @ known.T).argmin(axis=1) for block in np.array_split(images, 1 + len(images) // 500)]
    )


class DrawnDigits:
    """A number of drawn digits, and measurements on images based on them.

    Attributes
    ----------
    x : array, shape (N, D)
        The images, of the shape `image_shape`.
    y : array, shape (N,)
        Their classes.
    names : list of str
        Names of the factors: slant, thickness and so on.
    factors : array, shape (N, 5)
        Factors of each image.
    plain : array, shape (10, D)
        An upright figure of each class.
    """

    def __init__(self, count: int) -> None:
        drawn = make_strokes(count, seed=0, test=100)
        self.x, self.y, self.image_shape, self.names = drawn.x_train, drawn.y_train, drawn.image_shape, list(RANGES)
        self.factors = np.stack([getattr(drawn.factors_train, name) for name in self.names], axis=1)
        self.plain = draw_strokes(np.arange(10), thickness=2.5, size=0.875, brightness=0.75)

    def classes_of(self, images: Any) -> Array:
        """For images of shape (…, D), the class of the nearest drawn image."""
        pictures = np.asarray(images)
        return self.y[nearest(pictures.reshape(-1, pictures.shape[-1]), self.x)].reshape(pictures.shape[:-1])

    def factors_of(self, images: Array) -> Array:
        """The factors of the most similar drawn images, (M, 5); the search starts at those of the nearest drawn image."""
        row = nearest(images, self.x)
        kind = self.y[row]
        return fitted_factors(images, lambda f: draw_strokes(kind, *f.T), self.factors[row], list(RANGES.values()))

    def changes(self, images: Array, steps: Array) -> dict[str, Change]:
        """The change of each factor along walks, (N, S, D), in its own standard deviations, measured on the images."""
        measured = self.factors_of(images.reshape(-1, images.shape[2]))

        def measure(j: int) -> Any:
            return lambda _: measured[:, j]  # all images have already been measured

        measures = {name: measure(j) for j, name in enumerate(self.names)}
        return measured_changes(images, steps, measures, dict(zip(self.names, self.factors.std(axis=0), strict=True)))


def change_table(changes: Mapping[str, Mapping[str, Change]]) -> str:
    """A table with a row for each walk and a column for each factor: its change with a step of 1."""
    rows = [[walk, *(f"{change.per_step:+.2f}" for change in measured.values())] for walk, measured in changes.items()]
    return table([["change per step of 1", *changes], *rows])
