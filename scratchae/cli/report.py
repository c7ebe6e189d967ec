"""Print the results of a trained model in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scratchae.console.table import say

if TYPE_CHECKING:
    from scratchae.cli.inputs import LoadedData
    from scratchae.models import StackedClassifier
    from scratchae.models.model import Model
    from scratchae.models.reconstruction import BaseAutoencoder
    from scratchae.nets.network import Array


class Part(NamedTuple):
    """Rows for evaluating a model, their labels if there are any, and the name of the split."""

    x: Array
    y: Array | None
    name: str


def judged_on(data: LoadedData, train: Array, labels: Array | None, labelled: bool = False) -> Part:
    """The test rows; the training rows if there is no test set, or none with the labels that the model needs."""
    if data.x_test is None or (labelled and data.y_test is None):
        return Part(train, labels if labelled else None, "training")
    return Part(data.x_test, data.y_test, "test")


def report_classifier(model: StackedClassifier, data: LoadedData, train: Array, labels: Array | None) -> None:
    """Print the accuracy of a classifier."""
    report_training(model, "nats", data.words[0], len(train))
    assert labels is not None  # it was trained with them
    say(f"training  {_share(model.score(train, labels))} right")
    if data.x_test is not None and data.y_test is not None:
        say(f"test      {_share(model.score(data.x_test, data.y_test))} of {len(data.x_test):,} {data.words[0]}s right")


def _share(accuracy: float) -> str:
    return f"{100 * accuracy:.2f} %"


def report_training(model: Model, unit: str, row: str, rows: int) -> None:
    """Print the training time and the final loss."""
    seconds, done = model.history_["seconds"][-1], len(model.history_["loss"])
    size = model.parameters_.flat.size
    for k, history in enumerate(getattr(model, "pretraining_history_", []), 1):
        epochs, loss = len(history["loss"]), history["loss"][-1]
        say(f"layer {k}   {epochs} epochs in {history['seconds'][-1]:.1f} s; loss {loss:.5g}")
    say(
        f"trained   {done} epochs on {rows:,} {row}s in {seconds:.1f} s; {size:,} parameters, seed {model.random_state}"
    )
    say(f"loss      {model.history_['loss'][-1]:.5g} {unit} per {row} in the last epoch")


def report_autoencoder(model: BaseAutoencoder, data: LoadedData, train: Array) -> None:
    """Print the results, beside PCA of the same size and the minimum of the loss."""
    from scratchae.baselines import cross_entropy_floor

    row, column = data.words
    part = judged_on(data, train, None)
    x = part.x
    report_training(model, "nats" if model.likelihood == "bernoulli" else f"{column}s²", row, len(train))
    if model.likelihood == "bernoulli":
        loss, floor = -model.score(x) / x.shape[1], cross_entropy_floor(x) / x.shape[1]
        say(
            f"{part.name:<9} cross-entropy {loss:.4f} nats per {column}; its minimum, the entropy of the grey values, is {floor:.4f}"
        )
    report_error(model, part, train, data.words)
    _report_kind(model, x, part.name, column, row)


def report_error(model: BaseAutoencoder, part: Part, train: Array, words: tuple[str, str]) -> None:
    """Print the squared error beside that of PCA of the same size."""
    from scratchae.baselines import PrincipalComponents, angle_to_pca, code_size, is_linear, squared_error

    (x, y, name), (row, column) = part, words
    error, size = squared_error(model, x, y=y), code_size(model)
    if size > train.shape[1]:
        say(f"{name:<9} squared error {error:.4f} {column}s² per {row}")
    else:
        pca = PrincipalComponents.fit(train, size)
        beside = pca.squared_error(x)
        ratio = f"; ratio {error / beside:.5f}" if beside > 1e-12 * x.shape[1] else ", which is lossless here"
        say(f"{name:<9} squared error {error:.4f} {column}s² per {row}; PCA of the same size {beside:.4f}{ratio}")
        if is_linear(model):
            say(f"subspace  largest principal angle to PCA's {angle_to_pca(model, pca):.2g} rad")


def _report_kind(model: BaseAutoencoder, x: Array, part: str, column: str, row: str) -> None:
    """Print a measure of the model's purpose: restoration, sparsity or contraction."""
    import numpy as np

    from scratchae.baselines import squared_error
    from scratchae.models import (
        ContractiveAutoencoder,
        DenoisingAutoencoder,
        KSparseAutoencoder,
        SparseAutoencoder,
    )

    if isinstance(model, DenoisingAutoencoder):
        noisy = model.corrupt(x, seed=0)
        untouched = float(((noisy - x).astype(np.float64) ** 2).sum(axis=1).mean())
        restored = squared_error(model, noisy, x)
        say(f"{part:<9} corrupted: squared error {untouched:.4f} {column}s² per {row}; restored: {restored:.4f}")
    if isinstance(model, SparseAutoencoder):
        say(f"code      mean activation {model.encode(x).mean():.4f}; the target is {model.sparsity:g}")
    if isinstance(model, KSparseAutoencoder):
        say(f"code      {np.count_nonzero(model.encode(x)) / len(x):.4g} of {model.latent_dim} entries are non-zero")
    if isinstance(model, ContractiveAutoencoder):
        say(f"code      mean squared norm of its Jacobian {model.contraction_of(x).mean(dtype=np.float64):.4g}")
