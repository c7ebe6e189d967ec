"""The figures of a trained variational model: the bound, the latent space, and what comes out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae import plots
from scratchae.baselines import with_labels
from scratchae.cli import generated

if TYPE_CHECKING:
    from scratchae.cli.pictures import Look
    from scratchae.nets.network import Array

SIDE, COLUMNS = 20, 12  # of the grid; images in a row
MOST_CLASSES = 20  # more cannot be told apart by their colours


def draw(folder: Path, model: Any, x: Array, y: Any, image_shape: tuple[int, int] | None, row: str) -> list[Look]:
    """All that there is to draw of the model, on the rows x and their labels, if there are any."""
    drawn = [dimensions(folder, model, x, y)]
    if "val_kl" in model.history_:
        drawn.append(bound(folder, model))
    if model.latent_dim == 2:
        drawn.append(codes(folder, model, x, y, row))
    if image_shape is None:
        return drawn
    drawn.append(samples(folder, model, image_shape))
    if model.latent_dim == 2 and not hasattr(model, "classes_"):
        drawn.append(manifold(folder, model, image_shape))
    return drawn


def dimensions(folder: Path, model: Any, x: Array, y: Any) -> Look:
    """The KL of each latent dimension."""
    statistics = model.latent_statistics(*with_labels(model, x, y))
    figure = plots.kl_by_dimension(statistics.kl, statistics.active)
    look = "a bar for each latent dimension: nats that it tells about a row; without colour, hardly any"
    return plots.save(figure, folder / "kl.png"), look


def bound(folder: Path, model: Any) -> Look:
    """Both terms by epoch."""
    figure = plots.bound_terms(model.history_, note="rows held out")
    return plots.save(figure, folder / "bound.png"), "both terms of minus the bound by epoch, one upon the other"


def codes(folder: Path, model: Any, x: Array, y: Any, row: str) -> Look:
    """The posterior means over the prior."""
    shown = slice(0, 5000)  # more dots hide each other
    labels = None if y is None or len(np.unique(y)) > MOST_CLASSES else y[shown]
    mu = model.encode(*with_labels(model, x[shown], None if y is None else y[shown]))
    figure = plots.posterior_means(
        mu,
        labels,
        title=f"Where the {row}s lie in the latent space",
        note=f"each dot the mean of q(z|x) of one {row}; circles: inside of them is half of the prior, and 95 %",
    )
    return plots.save(figure, folder / "codes.png"), "each dot the mean of a row's code; the circles are the prior"


def samples(folder: Path, model: Any, image_shape: tuple[int, int]) -> Look:
    """Draws from the prior, decoded; of a conditional model, the same draws as each class."""
    path = folder / "samples.png"
    if hasattr(model, "classes_"):
        generated.draws(model, COLUMNS, model.classes_[:MOST_CLASSES], seed=0).draw(path, image_shape)
        return path, "each column one draw of z, decoded as each class"
    generated.draws(model, COLUMNS * COLUMNS, None, seed=0).draw(path, image_shape)
    return path, "images that are in no data set: draws from the prior, decoded"


def manifold(folder: Path, model: Any, image_shape: tuple[int, int]) -> Look:
    """The images of the latent plane."""
    path = folder / "manifold.png"
    generated.plane(model, SIDE, None).draw(path, image_shape)
    return path, "what the decoder makes of each place of the latent plane"
