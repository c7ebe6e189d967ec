"""`scratchae train`: an autoencoder on a data set or a file, what it reached beside PCA of the same size, the model, and the pictures."""

from __future__ import annotations

import os
import sys
import time
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scratchae.cli import parser as types
from scratchae.cli.inputs import Data, load_data
from scratchae.cli.outcome import Stopped, UsageError
from scratchae.cli.outputs import ready_file, ready_folder
from scratchae.cli.table import say

if TYPE_CHECKING:
    from pathlib import Path

    from scratchae.errors import DivergenceError
    from scratchae.models import Autoencoder
    from scratchae.nets.parameters import Array

DESCRIPTION = """\
Train an autoencoder on a data set or on your own rows, print what it reached beside principal component
analysis (PCA) of the same size, save it, and draw it. Ctrl-C keeps the last finished epoch.
"""
EXAMPLES = """\
examples:
  scratchae train --data digits --hidden 128,64 --code 2 --epochs 100 --figures pictures
  scratchae train --data mnist --data-dir DIR --hidden none --code 32 --activation relu --epochs 50 --out model.npz
  scratchae train --data mnist --data-dir DIR --hidden none --code 30 --activation identity \\
                  --likelihood gaussian --tied --optimizer lbfgs --epochs 400        a linear one finds PCA
  scratchae train --data rows.csv --likelihood gaussian --code 4 --validation 0.1 --patience 10
  scratchae train --data mnist --checkpoint run.npz --resume                         go on where it was killed
"""
MODELS = ("autoencoder",)
ACTIVATIONS = ("relu", "sigmoid", "tanh", "identity")
OPTIMIZERS = ("adam", "momentum", "sgd", "lbfgs")


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `scratchae train`."""
    parser.add_argument(
        "model", nargs="?", default="autoencoder", type=types.one_of(MODELS), help="which model: autoencoder"
    )
    _add_data(parser.add_argument_group("data").add_argument)
    _add_model(parser.add_argument_group("model").add_argument)
    _add_training(parser.add_argument_group("training").add_argument)
    _add_results(parser.add_argument_group("results").add_argument)


def _add_data(add: Callable[..., Any]) -> None:
    kinds = "digits, mnist, fashion-mnist, or a .npy, .npz or .csv file (default: digits)"
    add("--data", metavar="NAME|FILE", default="digits", help=kinds)
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    add("--image-shape", metavar="HxW", type=types.image_shape, help="of a file's rows, if they are images")
    share = types.number(0, above=True, below=1)
    add("--validation", metavar="SHARE", type=share, help="share of the training rows to hold out and watch")


def _add_model(add: Callable[..., Any]) -> None:
    functions, likelihoods = types.one_of(ACTIVATIONS), types.one_of(("bernoulli", "gaussian"))
    hidden = "sizes of the encoder's hidden layers, or none (default: 128)"
    add("--hidden", metavar="SIZES", type=types.sizes, default=(128,), help=hidden)
    add("--code", metavar="N", type=types.whole_number(1), default=16, help="size of the code (default: 16)")
    add("--activation", metavar="F", type=functions, default="relu", help=f"{', '.join(ACTIVATIONS)} (default: relu)")
    add("--code-activation", metavar="F", type=functions, help="of the code (default: linear below hidden layers)")
    data = "bernoulli (default), for data in [0, 1], or gaussian"
    add("--likelihood", metavar="L", type=likelihoods, default="bernoulli", help=data)
    add("--tied", action="store_true", help="the decoder uses the encoder's weights, transposed")
    add(
        "--dtype",
        metavar="T",
        type=types.one_of(("float32", "float64")),
        default="float32",
        help="float32 (default) or float64",
    )


def _add_training(add: Callable[..., Any]) -> None:
    rules = types.one_of(OPTIMIZERS)
    add("--optimizer", metavar="O", type=rules, default="adam", help=f"{', '.join(OPTIMIZERS)} (default: adam)")
    add("--learning-rate", metavar="R", type=types.number(0, above=True), default=1e-3, help="(default: 0.001)")
    add("--weight-decay", metavar="R", type=types.number(0), default=0.0, help="(default: 0)")
    add("--batch-size", metavar="N", type=types.whole_number(1), default=128, help="(default: 128)")
    add("--epochs", metavar="N", type=types.whole_number(1), default=20, help="(default: 20)")
    add(
        "--patience",
        metavar="N",
        type=types.whole_number(1),
        help="stop after N epochs without gain on the rows held out",
    )
    add("--seed", metavar="S", type=types.whole_number(0), default=0, help="of all random numbers (default: 0)")
    add("--checkpoint", metavar="FILE", help="keep the state of the run there")
    add("--resume", action="store_true", help="go on from the checkpoint, if there is one")


def _add_results(add: Callable[..., Any]) -> None:
    add("--out", metavar="MODEL.npz", help="save the model there")
    add("--figures", metavar="DIR", help="draw it there")


def run(args: Namespace) -> int:
    """Train, report, save, draw."""
    if args.resume and args.checkpoint is None:
        raise UsageError("--resume needs to know from where; give --checkpoint FILE too")
    if args.patience is not None and args.validation is None:
        raise UsageError("--patience watches rows that are held out; give --validation SHARE too, such as 0.1")
    # Whether the results can be written is found out before the work, not after it.
    _check_distinct(args)
    out = ready_file(args.out, "--out") if args.out else None
    if args.checkpoint:
        ready_file(args.checkpoint, "--checkpoint")
    folder = ready_folder(args.figures, "--figures") if args.figures else None
    data = load_data(args.data, args.data_dir, args.image_shape)
    if data.note:
        say(data.note)
    _check_test(args, data)
    train, held_out = _split(data.x_train, args.validation, args.seed)
    model, interrupted, trouble = _fit(args, train, held_out)
    if out is not None and hasattr(model, "history_"):
        model.save(out)
    if trouble is not None:
        kept = f" It is saved as {out}." if out and hasattr(model, "history_") else ""
        raise type(trouble)(f"{trouble}{kept}") from None
    if interrupted:
        kept = f"; it is saved as {out}" if out else "; give --out to have it saved"
        raise Stopped(f"interrupted; the last finished epoch is {len(model.history_['loss'])} of {args.epochs}{kept}")
    _report(model, data, train)
    if out is not None:
        say(f"saved     {out} ({os.path.getsize(out):,} bytes); load it with scratchae.load")
    if folder is not None:
        say(f"\nFigures in {folder}:")
        for path, look in _draw(model, data, train, folder):
            say(f"  {path.name:<20}  {look}")
    return 0


def _check_distinct(args: Namespace) -> None:
    """No result may be written over the data, or over another result."""
    files = {"--data": args.data, "--out": args.out, "--checkpoint": args.checkpoint}
    seen: dict[str, str] = {}
    for name, path in files.items():
        place = os.path.realpath(path) if path else None
        if place in seen:
            raise UsageError(f"{seen[place]} and {name} are the same file, {path}; give {name} another name")
        if place:
            seen[place] = name


def _check_test(args: Namespace, data: Data) -> None:
    """Test rows that cannot be used are found out before the training, too."""
    from scratchae.models.validation import check_array

    if data.x_test is not None:
        check_array(data.x_test, args.dtype, unit_interval=args.likelihood == "bernoulli", name="x_test")


class _Progress:
    """A callback that prints a line now and then, where no progress bar can be seen."""

    def __init__(self, epochs: int, pause: float = 10.0) -> None:
        self.epochs, self.pause, self.last = epochs, pause, time.perf_counter()

    def __call__(self, model: Autoencoder) -> None:
        if time.perf_counter() - self.last < self.pause or sys.stderr.isatty():
            return
        self.last, history = time.perf_counter(), model.history_
        held_out = f", held out {history['val_loss'][-1]:.5g}" if "val_loss" in history else ""
        say(f"epoch {len(history['loss'])} of {self.epochs}: loss {history['loss'][-1]:.5g}{held_out}")


def _split(x: Array, share: float | None, seed: int) -> tuple[Array, Array | None]:
    """Rows to train on, and rows to watch."""
    import numpy as np

    if share is None:
        return x, None
    count = round(share * len(x))
    if not 0 < count < len(x):
        raise UsageError(f"--validation {share} of {len(x)} rows leaves none on one side; give another share")
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order[count:]], x[order[:count]]


def _fit(args: Namespace, train: Array, held_out: Array | None) -> tuple[Autoencoder, bool, DivergenceError | None]:
    """The trained model, whether Ctrl-C ended the training, and whether the loss did."""
    from scratchae.errors import DivergenceError
    from scratchae.models import Autoencoder
    from scratchae.training import EarlyStopping

    model = Autoencoder(
        hidden_sizes=args.hidden,
        latent_dim=args.code,
        activation=args.activation,
        code_activation=args.code_activation,
        likelihood=args.likelihood,
        tied_weights=args.tied,
        optimizer=args.optimizer,
        learning_rate=args.learning_rate,
        weight_decay=args.weight_decay,
        batch_size=args.batch_size,
        epochs=args.epochs,
        random_state=args.seed,
        dtype=args.dtype,
        verbose=1,
    )
    callbacks: list[Any] = [_Progress(args.epochs), *([EarlyStopping(args.patience)] if args.patience else [])]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        interrupted, trouble = False, None
        try:
            model.fit(
                train, validation_data=held_out, callbacks=callbacks, checkpoint=args.checkpoint, resume=args.resume
            )
        except DivergenceError as error:
            trouble = error
    for warning in caught:
        if str(warning.message).startswith("Training was interrupted"):
            interrupted = True
        else:
            warnings.warn(warning.message, stacklevel=2)
    return model, interrupted, trouble


def _report(model: Autoencoder, data: Data, train: Array) -> None:
    """What was reached, beside PCA of the same size and the floor of the loss."""
    from scratchae.cli.baseline import angle_to_pca, cross_entropy_floor, is_linear, squared_error
    from scratchae.models import PrincipalComponents

    row, column = data.words
    x, part = (train, "training") if data.x_test is None else (data.x_test, "test")
    seconds, done = model.history_["seconds"][-1], len(model.history_["loss"])
    unit = "nats" if model.likelihood == "bernoulli" else f"{column}s²"
    size = model.parameters_.flat.size
    say(
        f"trained   {done} epochs on {len(train):,} {row}s in {seconds:.1f} s; {size:,} parameters, seed {model.random_state}"
    )
    say(f"loss      {model.history_['loss'][-1]:.5g} {unit} per {row} in the last epoch")
    if model.likelihood == "bernoulli":
        loss, floor = -model.score(x) / x.shape[1], cross_entropy_floor(x) / x.shape[1]
        say(
            f"{part:<9} cross-entropy {loss:.4f} nats per {column}; the floor, which grey values set themselves, is {floor:.4f}"
        )
    error = squared_error(model, x)
    if model.latent_dim > train.shape[1]:
        say(f"{part:<9} squared error {error:.4f} {column}s² per {row}")
        return
    pca = PrincipalComponents.fit(train, int(model.latent_dim))
    beside = pca.squared_error(x)
    ratio = f"; ratio {error / beside:.5f}" if beside > 1e-12 * x.shape[1] else ", which loses nothing here"
    say(f"{part:<9} squared error {error:.4f} {column}s² per {row}; PCA of the same size {beside:.4f}{ratio}")
    if is_linear(model):
        say(f"subspace  largest principal angle to PCA's {angle_to_pca(model, pca):.2g} rad")


def _draw(model: Autoencoder, data: Data, train: Array, folder: Path) -> list[Any]:
    from scratchae.cli import pictures
    from scratchae.models import PrincipalComponents

    x, y, part = (train, None, "training") if data.x_test is None else (data.x_test, data.y_test, "test")
    pca = PrincipalComponents.fit(train, int(model.latent_dim)) if model.latent_dim <= train.shape[1] else None
    unit = "nats" if model.likelihood == "bernoulli" else f"{data.words[1]}s²"
    drawn = [pictures.loss_curves(folder, model.history_, f"{unit} per {data.words[0]}", None, "held-out")]
    if data.image_shape:
        drawn.append(pictures.reconstructions(folder, model, pca, x, y, data.image_shape, part))
        drawn.append(pictures.filters(folder, model, train, data.image_shape))
    if model.latent_dim == 2:
        drawn.append(pictures.codes(folder, model, pca, x, y, part))
    return drawn
