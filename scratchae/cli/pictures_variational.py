"""Figures of a trained variational model: the bound, the latent space, and samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchae import plots
from scratchae.baselines import with_labels
from scratchae.cli import generated

if TYPE_CHECKING:
    from scratchae.cli.pictures import Look
    from scratchae.models import VariationalAutoencoder
    from scratchae.nets.network import Array

SIDE, COLUMNS = 20, 12  # of the grid; images in a row
MOST_CLASSES = 20  # with more, colours are hard to tell apart


def draw(
    folder: Path,
    model: VariationalAutoencoder,
    x: Array,
    y: Array | None,
    image_shape: tuple[int, int] | None,
    row: str,
) -> list[Look]:
    """Draw all figures of the model, for the rows x and their labels, if there are any."""
    drawn = [dimensions(folder, model, x, y)]
    if "val_kl" in model.history_ or np.isfinite(model.history_.get("kl", np.nan)).all():
        drawn.append(bound(folder, model))  # a run resumed from an earlier version lacks terms of its first epochs
    if model.latent_dim == 2:
        drawn.append(codes(folder, model, x, y, row))
    if image_shape is None:
        return drawn
    drawn.append(samples(folder, model, image_shape))
    if model.latent_dim == 2 and not hasattr(model, "classes_"):
        drawn.append(manifold(folder, model, image_shape))
    return drawn


def dimensions(folder: Path, model: VariationalAutoencoder, x: Array, y: Array | None) -> Look:
    """Draw the KL divergence of each latent dimension."""
    statistics = model.latent_statistics(*with_labels(model, x, y))
    figure = plots.kl_by_dimension(statistics.kl, statistics.active)
    look = "one bar per latent dimension: its KL divergence in nats; grey bars are close to zero"
    return plots.save(figure, folder / "kl.png"), look


def bound(folder: Path, model: VariationalAutoencoder) -> Look:
    """Draw both terms of the bound by epoch."""
    note = "rows held out" if "val_kl" in model.history_ else "rows of the training"
    figure = plots.bound_terms(model.history_, note=note)
    return plots.save(figure, folder / "bound.png"), "both terms of the negative bound by epoch, stacked"


def codes(folder: Path, model: VariationalAutoencoder, x: Array, y: Array | None, row: str) -> Look:
    """Draw the posterior means over the prior."""
    shown = slice(0, 5000)  # with more, dots overlap
    labels = None if y is None or len(np.unique(y)) > MOST_CLASSES else y[shown]
    mu = model.encode(*with_labels(model, x[shown], None if y is None else y[shown]))
    figure = plots.posterior_means(
        mu,
        labels,
        title=f"The {row}s in the latent space",
        note=f"each dot is the mean of q(z|x) of one {row}; the circles contain 50 % and 95 % of the prior",
    )
    return plots.save(figure, folder / "codes.png"), "each dot is the mean of a row's code; the circles show the prior"


def samples(folder: Path, model: VariationalAutoencoder, image_shape: tuple[int, int]) -> Look:
    """Draw decoded samples from the prior; for a conditional model, the same samples as each class."""
    path = folder / "samples.png"
    if hasattr(model, "classes_"):
        generated.draws(model, COLUMNS, model.classes_[:MOST_CLASSES], seed=0).draw(path, image_shape)
        return path, "each column: one draw of z, decoded as each class"
    generated.draws(model, COLUMNS * COLUMNS, None, seed=0).draw(path, image_shape)
    return path, "new images: draws from the prior, decoded"


def manifold(folder: Path, model: VariationalAutoencoder, image_shape: tuple[int, int]) -> Look:
    """Draw the images decoded from the latent plane."""
    path = folder / "manifold.png"
    generated.plane(model, SIDE, None).draw(path, image_shape)
    return path, "images decoded from a grid over the latent plane"
