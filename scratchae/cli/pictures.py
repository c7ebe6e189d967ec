"""Figures of a trained model, each with a caption."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae import plots
from scratchae.baselines import code_size, squared_error, with_labels

if TYPE_CHECKING:
    from scratchae.baselines import PrincipalComponents
    from scratchae.models import DenoisingAutoencoder
    from scratchae.models.model import Model
    from scratchae.models.reconstruction import BaseAutoencoder
    from scratchae.nets.network import Array
    from scratchae.plots.curves import History

Look = tuple[Path, str]  # path of a figure, and its caption


def samples(y: Array | None, count: int) -> Array:
    """Indices of the rows to show: the first of each class, if there are labels."""
    return np.arange(min(count, 12)) if y is None else np.unique(y, return_index=True)[1][:12]


def reconstructions(
    folder: Path,
    model: BaseAutoencoder,
    pca: PrincipalComponents | None,
    x: Array,
    y: Array | None,
    image_shape: tuple[int, int],
    part: str,
) -> Look:
    """Draw originals, their reconstructions by the model, and those by PCA of the same size."""
    chosen, k = samples(y, len(x)), code_size(model)
    label = f"autoencoder, code size {k}\n{squared_error(model, x, y=y):.2f} pixels²"
    also: dict[str, ArrayLike] = {}
    if pca is not None:
        also[f"PCA, {k} components\n{pca.squared_error(x):.2f} pixels²"] = pca.decode(pca.encode(x[chosen]))
    figure = plots.reconstructions(
        x[chosen],
        model.reconstruct(*with_labels(model, x[chosen], None if y is None else y[chosen])),
        image_shape,
        also=also,
        labels=("original", label),
        title=f"Reconstructions from codes of size {k}",
        note=f"{part} images; squared error per image, averaged over {len(x):,} of them",
    )
    look = "top row: originals; below: reconstructions by the model" + (
        ", then by PCA of the same size" if also else ""
    )
    return plots.save(figure, folder / "reconstructions.png"), look


def filters(folder: Path, model: Model, x: Array, image_shape: tuple[int, int]) -> Look:
    """Draw the first layer's weights."""
    W = model.parameters_["encoder.0.W"][: x.shape[1]]  # the other inputs of a conditional model are the classes
    spread = x.std(axis=0, dtype=np.float64)
    figure = plots.filters(W, image_shape, spread=spread)
    return plots.save(
        figure, folder / "filters.png"
    ), "one square per unit of the first layer: strokes and edges, not whole images"


def loss_curves(
    folder: Path, histories: History | Mapping[str, History], unit: str, floor: tuple[float, str] | None, held_out: str
) -> Look:
    """Draw the loss by epoch."""
    value, label = floor or (None, "")
    figure = plots.loss_curves(histories, unit, floor=value, floor_label=label, held_out=held_out)
    look = (
        "solid: training loss; dotted: validation loss, which increases again if the model overfits"
        if "val_loss" in str(histories)
        else "the training loss by epoch"
    )
    return plots.save(figure, folder / "loss.png"), look + (f"; dashed: {label}" if floor else "")


def codes(
    folder: Path, model: BaseAutoencoder, pca: PrincipalComponents | None, x: Array, y: Array | None, part: str
) -> Look:
    """Draw the 2-D codes beside the first two principal components."""
    shown = slice(0, 5000)  # with more, dots overlap
    labels = None if y is None else y[shown]
    title = f"Two-dimensional codes ({part} data); labels were not used in training"
    figure = plots.codes(
        model.encode(x[shown]),
        labels,
        None if pca is None else pca.encode(x[shown]),
        names=("autoencoder", "PCA"),
        title=title if y is not None else f"Two-dimensional codes ({part} data)",
    )
    return plots.save(
        figure, folder / "codes.png"
    ), "each dot is a row, coloured by its class; left: autoencoder, right: PCA"


def restored(
    folder: Path, model: DenoisingAutoencoder, x: Array, y: Array | None, image_shape: tuple[int, int], part: str
) -> Look:
    """Draw clean images, corrupted ones, and their reconstructions."""
    chosen = samples(y, len(x))
    noisy = model.corrupt(x, seed=0)
    figure = plots.reconstructions(
        x[chosen],
        np.clip(noisy[chosen], 0, 1),
        image_shape,
        also={f"reconstruction\n{squared_error(model, noisy, x):.2f} pixels²": model.reconstruct(noisy[chosen])},
        labels=("clean", "corrupted input"),
        title="Corrupted images and their reconstructions",
        note=f"{part} images; squared error against the clean image, averaged over {len(x):,} of them",
    )
    return plots.save(figure, folder / "restored.png"), "clean images, corrupted images, and their reconstructions"
