"""What a trained model has reached, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchae.cli.table import say

if TYPE_CHECKING:
    from scratchae.cli.inputs import Data
    from scratchae.nets.parameters import Array


def report_classifier(model: Any, data: Data, train: Array, labels: Any) -> None:
    """How often it is right."""
    _report_training(model, "nats", data.words[0], len(train))
    say(f"training  {_share(model.score(train, labels))} right")
    if data.x_test is not None and data.y_test is not None:
        say(f"test      {_share(model.score(data.x_test, data.y_test))} of {len(data.x_test):,} {data.words[0]}s right")


def _share(accuracy: float) -> str:
    return f"{100 * accuracy:.2f} %"


def _report_training(model: Any, unit: str, row: str, rows: int) -> None:
    seconds, done = model.history_["seconds"][-1], len(model.history_["loss"])
    size = model.parameters_.flat.size
    for k, history in enumerate(getattr(model, "pretraining_history_", []), 1):
        epochs, loss = len(history["loss"]), history["loss"][-1]
        say(f"layer {k}   {epochs} epochs in {history['seconds'][-1]:.1f} s; loss {loss:.5g}")
    say(
        f"trained   {done} epochs on {rows:,} {row}s in {seconds:.1f} s; {size:,} parameters, seed {model.random_state}"
    )
    say(f"loss      {model.history_['loss'][-1]:.5g} {unit} per {row} in the last epoch")


def report_autoencoder(model: Any, data: Data, train: Array) -> None:
    """What was reached, beside PCA of the same size and the floor of the loss."""
    from scratchae.cli.baseline import angle_to_pca, code_size, cross_entropy_floor, is_linear, squared_error
    from scratchae.models import PrincipalComponents

    row, column = data.words
    x, part = (train, "training") if data.x_test is None else (data.x_test, "test")
    _report_training(model, "nats" if model.likelihood == "bernoulli" else f"{column}s²", row, len(train))
    if model.likelihood == "bernoulli":
        loss, floor = -model.score(x) / x.shape[1], cross_entropy_floor(x) / x.shape[1]
        say(
            f"{part:<9} cross-entropy {loss:.4f} nats per {column}; the floor, which grey values set themselves, is {floor:.4f}"
        )
    error, size = squared_error(model, x), code_size(model)
    if size > train.shape[1]:
        say(f"{part:<9} squared error {error:.4f} {column}s² per {row}")
    else:
        pca = PrincipalComponents.fit(train, size)
        beside = pca.squared_error(x)
        ratio = f"; ratio {error / beside:.5f}" if beside > 1e-12 * x.shape[1] else ", which loses nothing here"
        say(f"{part:<9} squared error {error:.4f} {column}s² per {row}; PCA of the same size {beside:.4f}{ratio}")
        if is_linear(model):
            say(f"subspace  largest principal angle to PCA's {angle_to_pca(model, pca):.2g} rad")
    _report_kind(model, x, part, column, row)


def _report_kind(model: Any, x: Array, part: str, column: str, row: str) -> None:
    """What the model is for, measured."""
    import numpy as np

    from scratchae.cli.baseline import squared_error

    if hasattr(model, "corrupt"):
        noisy = model.corrupt(x, seed=0)
        untouched = float(((noisy - x).astype(np.float64) ** 2).sum(axis=1).mean())
        restored = squared_error(model, noisy, x)
        say(f"{part:<9} corrupted: {untouched:.4f} {column}s² away per {row}; restored: {restored:.4f}")
    if type(model).__name__ == "SparseAutoencoder":
        say(f"code      mean activation {model.encode(x).mean():.4f}; the target is {model.sparsity:g}")
    if hasattr(model, "k"):
        say(f"code      {np.count_nonzero(model.encode(x)) / len(x):.4g} of {model.latent_dim} entries are not zero")
    if hasattr(model, "contraction_of"):
        say(f"code      mean squared norm of its Jacobian {model.contraction_of(x).mean(dtype=np.float64):.4g}")
