"""What a variational model generates: draws from its prior, the latent plane, a path between two rows; as a picture or an array."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae import plots
from scratchae.console.parser import UsageError
from scratchae.errors import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scratchae.cli.inputs import Data
    from scratchae.nets.network import Array

MOST, MOST_COLUMNS = 1000, 40  # images in a picture, and beside each other


@dataclass(frozen=True)
class Generated:
    """Rows that a model has made, and how they are drawn.

    Parameters
    ----------
    x : array, shape (N, D)
    title, note : str
        Of the picture.
    y : array, shape (N,), optional
        Their classes, if the model knows any.
    rows : dict of str to array, optional
        The rows of the picture by their labels; a grid of the latent plane if there are none.
    """

    x: Array
    title: str
    note: str
    y: Array | None = None
    rows: dict[str, Array] | None = None

    def draw(self, path: Path, image_shape: tuple[int, int]) -> None:
        """Write the picture."""
        plots.save(self._figure(image_shape), path)

    def _figure(self, image_shape: tuple[int, int]) -> Figure:
        if self.rows is None:
            z = places(math.isqrt(len(self.x)))
            return plots.manifold(self.x, image_shape, places=z, title=self.title, note=self.note)
        columns = max(map(len, self.rows.values()))
        if len(self.x) > MOST or columns > MOST_COLUMNS:
            raise UsageError(
                f"a picture has room for {MOST:,} images, {MOST_COLUMNS} of them in a row; give a smaller -n, or an array: --out samples.npy"
            )
        return plots.sample_rows(self.rows, image_shape, columns=columns, title=self.title, note=self.note)

    def write(self, path: Path) -> None:
        """Write x, or x and y, whole or not at all."""
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                if path.suffix.lower() == ".npy":
                    np.save(file, self.x)
                else:
                    arrays: dict[str, Any] = {"x": self.x} if self.y is None else {"x": self.x, "y": self.y}
                    np.savez(file, **arrays)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def classes_asked(model: Any, names: Sequence[str] | None, path: str) -> Array | None:
    """The classes of a conditional model that have these names, or all; None for a model that knows none.

    Raises
    ------
    UsageError
        If it does not know one of them, or any.
    """
    if not hasattr(model, "classes_"):
        if names is not None:
            raise UsageError(
                f"--class is for conditional models, and {path} holds a {type(model).__name__}; leave it out"
            )
        return None
    if names is None:
        return model.classes_
    whole = model.classes_.dtype.kind == "f"
    known = [f"{label:.0f}" if whole else str(label) for label in model.classes_]
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in known:
            words = f"{', '.join(known[:10])}{', …' if len(known) > 10 else ''}"
            raise UsageError(f"--class {name} is no class of {path}{nearest(name, known)}; it knows {words}")
    return model.classes_[[known.index(name) for name in names]]


def draws(model: Any, number: int, classes: Array | None, seed: int) -> Generated:
    """z from the prior, decoded; of a conditional model, the same z as each class."""
    if classes is None:
        x = model.sample(number, seed=seed)
        return in_rows(x, f"Draws of z from the prior, decoded (seed {seed})")
    made = {str(label): model.sample(number, y=label, seed=seed) for label in classes}
    x, y = np.concatenate([*made.values()]), np.repeat(classes, number)
    if len(classes) == 1:
        return in_rows(x, f"Draws of z, decoded as class {classes[0]} (seed {seed})", y)
    note = "each column one draw of z from the prior; at the left of each row its class"
    return Generated(x, f"Draws of z, decoded as each class (seed {seed})", note, y, made)


def in_rows(x: Array, title: str, y: Array | None = None, columns: int | None = None) -> Generated:
    """Images in rows of equal length, with the number of the first at the left of each."""
    across = columns or math.ceil(math.sqrt(len(x)))
    rows = {str(first): x[first : first + across] for first in range(0, len(x), across)}
    return Generated(x, title, "at the left of each row the number of its first image", y, rows)


def plane(model: Any, side: int, classes: Array | None) -> Generated:
    """A grid over the first two latent dimensions; of a conditional model, of one class."""
    if classes is not None and len(classes) != 1:
        raise UsageError("the latent plane of a conditional model has other images for each class; give one --class")
    given = {} if classes is None else {"y": classes[0]}
    x, others = model.latent_grid(side, **given), int(model.latent_dim) > 2
    title = "The images that belong to the latent plane" + (f", as class {classes[0]}" if classes is not None else "")
    note = f"{side} × {side} places of z, in equal steps of the prior's probability"
    y = None if classes is None else np.repeat(classes, len(x))
    return Generated(x, title, f"{note}; all other dimensions are 0" if others else note, y)


def walk_between(model: Any, data: Data, a: int, b: int, steps: int) -> Generated:
    """From the code of one row to that of another, decoded."""
    x, y = (data.x_train, data.y_train) if data.x_test is None else (data.x_test, data.y_test)
    if x.ndim != 2 or x.shape[1] != model.n_features_in_:
        raise UsageError(
            f"the rows of {data.name} have the shape {x.shape[1:]}, and the model knows rows of {model.n_features_in_} numbers; "
            "give data like its own"
        )
    if max(a, b) >= len(x):
        raise UsageError(
            f"--interpolate {a},{b}: the rows of {data.name} are numbered from 0 to {len(x) - 1}; give two of these"
        )
    title, given = f"From row {a} of {data.name} to row {b}, through the latent space", {}
    if hasattr(model, "classes_"):
        if y is None:
            raise UsageError(f"{data.name} has no labels, which a conditional model needs; give data that have")
        if y[a] != y[b]:
            raise UsageError(
                f"--interpolate {a},{b}: row {a} is of class {y[a]}, row {b} of class {y[b]}; a conditional model needs two rows of one class"
            )
        given = {"y": y[a]}
    made = model.interpolate(x[a], x[b], steps, **given)
    labels = np.repeat(y[a], steps) if given and y is not None else None
    return Generated(made, title, "a straight line between the two codes, decoded", labels, {f"{a} to {b}": made})


def places(side: int) -> Array:
    """Where the lines of `latent_grid` lie."""
    from scipy.special import ndtri

    return ndtri((np.arange(side) + 0.5) / side)
