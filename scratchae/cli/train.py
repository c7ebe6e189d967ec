"""`scratchae train`: train a model on a data set or a file, compare it with PCA of the same size, save it, and draw figures."""

from __future__ import annotations

import os
import re
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from scratchae.cli import models
from scratchae.cli.inputs import (
    KINDS,
    LoadedData,
    add_reading_arguments,
    check_classes,
    load_data,
    reading_of,
    say_notes,
)
from scratchae.cli.outcome import Stopped
from scratchae.cli.report import judged_on, report_autoencoder, report_classifier
from scratchae.console import parser as types
from scratchae.console.outputs import ready_file, ready_folder
from scratchae.console.parser import UsageError
from scratchae.console.table import say

if TYPE_CHECKING:
    from pathlib import Path

    from scratchae.cli.pictures import Look
    from scratchae.errors import DivergenceError
    from scratchae.models import StackedClassifier
    from scratchae.models.model import Model
    from scratchae.models.preparation import Preparation
    from scratchae.models.reconstruction import BaseAutoencoder
    from scratchae.nets.network import Array

    Pair = tuple[Array, Array | None]  # rows, and their labels if there are any

SHORT_RUN = 5.0  # seconds; without a terminal, a shorter run has no lines of progress
DESCRIPTION = """\
Train a model on a data set or on your own rows, print its results beside those of principal component analysis
(PCA) of the same size, save it, and draw figures. Ctrl-C and SIGTERM keep the last finished epoch, and save it.
"""
EXAMPLES = """\
examples:
  scratchae train --data digits --hidden 128,64 --code 2 --epochs 100 --figures pictures
  scratchae train --data mnist --data-dir DIR --hidden none --code 32 --activation relu --epochs 50 --out model.npz
  scratchae train --data mnist --data-dir DIR --hidden none --code 30 --activation identity \\
                  --likelihood gaussian --tied --optimizer lbfgs --epochs 400        a linear autoencoder finds PCA
  scratchae train --data rows.csv --likelihood gaussian --standardize --code 4 --patience 10
  scratchae train classifier --data iris.csv --label-column species --standardize --missing drop
  scratchae train --data pictures/ --code 8                                         a folder of images of one size
  scratchae train --data mnist --checkpoint run.npz --resume                         resume an interrupted run
  scratchae train denoising --hidden none --code 100 --level 0.5 --epochs 100 --figures pictures
  scratchae train sparse --sparsity 0.1 --code 36 --epochs 300 --figures pictures
  scratchae train stacked --hidden 64,32 --base denoising --out stack.npz
  scratchae train classifier --stack stack.npz --epochs 50                          pre-trained
  scratchae train classifier --hidden 64,32 --activation sigmoid --epochs 50        the same, from random layers
  scratchae train variational --code 2 --binarize dynamic --epochs 100 --out vae.npz --figures pictures
  scratchae train variational --data strokes --hidden 200 --beta 4 --warm-up 10 --validation 0.1
  scratchae train importance-weighted --samples 50 --data mnist --data-dir DIR --binarize dynamic
  scratchae train conditional --code 10 --epochs 100 --out conditional.npz          then scratchae sample conditional.npz
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae train`."""
    models.add_arguments(parser)
    _add_data(parser.add_argument_group("data").add_argument)
    _add_run(parser.add_argument_group("run and results").add_argument)


def _add_data(add: Callable[..., object]) -> None:
    kinds = f"digits, strokes (drawn digits), mnist, fashion-mnist, {KINDS} (default: digits)"
    add("--data", metavar="NAME|FILE", default="digits", help=kinds)
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    add(
        "--image-shape",
        metavar="HxW",
        type=types.image_shape,
        help="shape of the images, if the rows of a file are images",
    )
    add_reading_arguments(add)
    scale = "subtract the mean of each column and divide by its standard deviation; kept in the model's file, and undone by sample and explore"
    add("--standardize", "--standardise", action="store_true", help=scale)
    share = types.number(0, above=True, below=1)
    watched = "share of the training rows to hold out for validation; for variational models, both terms of the bound are plotted"
    add("--validation", metavar="SHARE", type=share, help=watched)


def _add_run(add: Callable[..., object]) -> None:
    patience = "stop after N epochs without improvement on held-out rows: those of --validation, or a tenth of the training rows"
    add("--patience", metavar="N", type=types.whole_number(1), help=patience)
    add("--checkpoint", metavar="FILE", help="save the state of the run to this file")
    add("--resume", action="store_true", help="resume from the checkpoint, if it exists")
    add("--out", metavar="MODEL.npz", help="save the model to this file")
    add("--figures", metavar="DIR", help="folder for the figures")


def run(args: Namespace) -> int:
    """Train the model, report, save, and draw."""
    if args.resume and args.checkpoint is None:
        raise UsageError("--resume needs a checkpoint; give --checkpoint FILE too")
    # Check that the results can be written before training, not after it; a folder is made only for data that can be read.
    _check_distinct(args)
    model = models.build(args)
    out = ready_file(args.out, "--out") if args.out else None
    if args.checkpoint:
        ready_file(args.checkpoint, "--checkpoint")
    if args.standardize and getattr(model, "likelihood", "gaussian") == "bernoulli":
        raise UsageError("--standardize gives values outside [0, 1]; give --likelihood gaussian too")
    data = load_data(args.data, args.data_dir, args.image_shape, reading_of(args))
    say_notes(data)
    labelled = models.needs_labels(args.model)
    if labelled and data.y_train is None:
        kind = models.with_article(args.model)
        raise UsageError(
            f"--data {args.data} has no labels (y_train), which {kind} needs; give labelled data, or --label-column"
        )
    train, held_out = _split(data, args.validation, args.seed)
    preparation = _preparation(args, data, train[0])
    if preparation is not None:
        train, held_out, data = _prepared(preparation, train, held_out, data)
    _check_rows(model, data, prepared=preparation is not None)
    if labelled:
        assert train[1] is not None  # checked above
        check_classes(train[1], {"--validation": None if held_out is None else held_out[1], "y_test": data.y_test})
    folder = ready_folder(args.figures, "--figures") if args.figures else None
    interrupted, trouble = _fit(args, model, train, held_out, data.names)
    if hasattr(model, "history_"):
        _keep(model, data, preparation)
    if out is not None and hasattr(model, "history_"):
        model.save(out)
    if trouble is not None:
        kept = f" The model is saved as {out}." if out and hasattr(model, "history_") else ""
        raise type(trouble)(f"{trouble}{kept}") from None
    if interrupted:
        raise Stopped(interrupted + (f"; the model is saved as {out}" if out else "; give --out to save the model"))
    _report(model, data, train)
    if out is not None:
        through = "" if preparation is None else ", and pass rows through its preparation_.transform"
        say(f"saved     {out} ({os.path.getsize(out):,} bytes); load it with scratchae.load{through}")
    if folder is not None:
        say(f"\nFigures in {folder}:")
        for path, look in _draw(model, data, train, folder):
            say(f"  {path.name:<20}  {look}")
    return 0


def _check_distinct(args: Namespace) -> None:
    """Check that no result overwrites the data or another result."""
    files = [("--data", args.data), ("--stack", args.stack), ("--out", args.out), ("--checkpoint", args.checkpoint)]
    if args.model == "stacked" and args.checkpoint:
        from scratchae.models.stacked import checkpoint_of_layer

        files += [
            ("--checkpoint", str(checkpoint_of_layer(args.checkpoint, k)))
            for k in range(len(args.hidden) if "hidden" in args else 2)
        ]
    seen: dict[str, str] = {}
    for name, path in files:
        place = os.path.realpath(path) if path else None
        if place in seen:
            raise UsageError(f"{seen[place]} and {name} are the same file, {path}; give {name} another name")
        if place:
            seen[place] = name


def _preparation(args: Namespace, data: LoadedData, rows: Array) -> Preparation | None:
    """Learn means and standard deviations from the training rows, if they are wanted; print which."""
    import numpy as np

    from scratchae.models.preparation import Preparation

    if rows.ndim != 2 or rows.dtype.kind not in "fiub":
        return None  # `fit` refuses such rows
    missing = sum(int(np.isnan(x).sum()) for x in (data.x_train, data.x_test) if x is not None and x.dtype.kind == "f")
    if not args.standardize and not (args.missing == "mean" and missing):
        return None
    preparation = Preparation(args.standardize).fit(rows)
    if missing:
        some = f"{missing:,} missing value{'' if missing == 1 else 's'}"
        say(f"data      {some} replaced by the mean of the column, computed from the training rows")
    if args.standardize:
        say(
            "data      columns are standardised; losses and errors are in standard deviations, samples and pages in the units of the data"
        )
    return preparation


def _prepared(
    preparation: Preparation, train: Pair, held_out: Pair | None, data: LoadedData
) -> tuple[Pair, Pair | None, LoadedData]:
    """Return all rows as the model receives them."""
    kept = None if held_out is None else (preparation.transform(held_out[0]), held_out[1])
    test = None if data.x_test is None else preparation.transform(data.x_test)
    return (preparation.transform(train[0]), train[1]), kept, replace(data, x_test=test)


def _keep(model: Model, data: LoadedData, preparation: Preparation | None) -> None:
    """Store in the model what `sample` and `explore` need: the preparation, the names of the columns, the shape of the rows."""
    import numpy as np

    from scratchae.models.feature_names import remember_names

    if preparation is not None:
        model.preparation_ = preparation
    if data.names is not None:
        remember_names(model, np.array(data.names, dtype=object))
    model.image_shape_ = data.image_shape


def _check_rows(model: Model, data: LoadedData, prepared: bool) -> None:
    """Check the rows of a file before training; a message names the line and the column."""
    import numpy as np

    from scratchae.models.validation import check_array

    bounded, x = getattr(model, "likelihood", "") == "bernoulli", data.x_train
    rows_of_numbers = data.where is not None and x.ndim == 2 and x.dtype.kind in "fiu" and x.size
    if (
        bounded and not prepared and rows_of_numbers and (x.min() < 0 or x.max() > 1)
    ):  # `fit` refuses NaN, which is neither
        row, column = map(int, np.argwhere((x < 0) | (x > 1))[0])
        assert data.where is not None  # as above
        raise UsageError(
            f"{data.name} has {x[row, column]:g} in {data.where(row, column)}, outside [0, 1]; give --likelihood gaussian, "
            "with --standardize if the columns have different units, or scale the rows"
        )
    if data.x_test is not None:
        check_array(data.x_test, model._dtype(), unit_interval=bounded, name="x_test")


def _split(data: LoadedData, share: float | None, seed: int) -> tuple[Pair, Pair | None]:
    """Split rows and labels into training and validation data."""
    import numpy as np

    x, y = data.x_train, data.y_train
    if share is None:
        return (x, y), None
    count = round(share * len(x))
    if not 0 < count < len(x):
        raise UsageError(f"--validation {share} of {len(x)} rows leaves one part empty; give another share")
    order = np.random.default_rng(seed).permutation(len(x))
    held_out, kept = ((x[rows], None if y is None else y[rows]) for rows in (order[:count], order[count:]))
    return kept, held_out


def _fit(
    args: Namespace,
    model: BaseAutoencoder | StackedClassifier,
    train: Pair,
    held_out: Pair | None,
    names: list[str] | None,
) -> tuple[str, DivergenceError | None]:
    """Train the model; return a message if Ctrl-C ended the training, and the error if the loss diverged."""
    from scratchae.errors import ConvergenceWarning, DivergenceError, is_interrupt
    from scratchae.training import EarlyStopping, interruption
    from scratchae.training.progress import quiet_for

    callbacks = EarlyStopping(args.patience) if args.patience else None
    with interruption.handled(), quiet_for(SHORT_RUN), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        interrupted, trouble = "", None
        try:
            model.fit(
                *train, validation_data=held_out, callbacks=callbacks, checkpoint=args.checkpoint, resume=args.resume
            )
        except DivergenceError as error:
            trouble = error
        except BaseException as error:
            if not is_interrupt(error) or not hasattr(model, "history_"):
                raise
            interrupted = "interrupted; completed training is kept"
    for warning in caught:
        text = str(warning.message)
        if text.startswith("Pre-training was interrupted"):
            interrupted = f"interrupted in the pre-training: {text.split(' was interrupted ')[1].rstrip('.')}"
        elif text.startswith("Pre-training was ended by SIGTERM"):
            interrupted = f"ended by SIGTERM in the pre-training: {text.split(' by SIGTERM ')[1].rstrip('.')}"
        elif text.startswith("Training was interrupted"):
            interrupted = f"interrupted; the last finished epoch is {_epoch_in(text)}"
        elif text.startswith("Training was ended by SIGTERM"):
            interrupted = f"ended by SIGTERM; the last finished epoch is {_epoch_in(text)}"
        elif issubclass(warning.category, ConvergenceWarning):
            words = text.replace('epochs="auto"', "--epochs auto").replace("give epochs", "give --epochs")
            warnings.warn(words.replace("learning_rate", "--learning-rate"), ConvergenceWarning, stacklevel=2)
        else:
            warnings.warn(_in_words_of_the_command(text, names), warning.category, stacklevel=2)
    return interrupted, trouble


def _in_words_of_the_command(warning: str, names: list[str] | None) -> str:
    """Return a warning about large columns with the name of the column and the option that helps."""
    feature = re.match(r"Feature (\d+) of the data has", warning)
    if feature is None:
        return warning
    named = feature[0] if names is None else f"Column {names[int(feature[1])]!r} of the data has"
    return named + warning.removeprefix(feature[0]).replace(
        "subtract the mean of each feature and divide by its standard deviation", "give --standardize"
    )


def _epoch_in(message: str) -> str:
    """Return the end of a message about an interruption: the last epoch and the number of epochs, such as "3 of 20"."""
    return message.partition(" epoch ")[2].partition(".")[0]


def _report(model: BaseAutoencoder | StackedClassifier, data: LoadedData, train: Pair) -> None:
    from scratchae.models import StackedClassifier, VariationalAutoencoder

    if isinstance(model, VariationalAutoencoder):
        from scratchae.cli.report_variational import report_variational

        report_variational(model, data, *train)
    elif isinstance(model, StackedClassifier):
        report_classifier(model, data, *train)
    else:
        report_autoencoder(model, data, train[0])


def _draw(model: BaseAutoencoder | StackedClassifier, data: LoadedData, train: Pair, folder: Path) -> list[Look]:
    from scratchae.baselines import PrincipalComponents, code_size
    from scratchae.cli import pictures, pictures_variational
    from scratchae.models import DenoisingAutoencoder, StackedClassifier, VariationalAutoencoder

    rows = train[0]
    nats = isinstance(model, (StackedClassifier, VariationalAutoencoder)) or model.likelihood == "bernoulli"
    unit = "nats" if nats else f"{data.words[1]}s²"
    drawn = [pictures.loss_curves(folder, model.history_, f"{unit} per {data.words[0]}", None, "held-out")]
    if data.image_shape and "encoder.0.W" in model.parameters_:
        drawn.append(pictures.filters(folder, model, rows, data.image_shape))
    if isinstance(model, StackedClassifier):
        return drawn
    x, y, part = judged_on(data, *train, labelled=hasattr(model, "classes_"))
    size = code_size(model)
    pca = PrincipalComponents.fit(rows, size) if size <= rows.shape[1] else None
    if data.image_shape:
        drawn.append(pictures.reconstructions(folder, model, pca, x, y, data.image_shape, part))
        if isinstance(model, DenoisingAutoencoder):
            drawn.append(pictures.restored(folder, model, x, y, data.image_shape, part))
    if isinstance(model, VariationalAutoencoder):
        drawn += pictures_variational.draw(folder, model, x, y, data.image_shape, data.words[0])
    elif size == 2:
        drawn.append(pictures.codes(folder, model, pca, x, y, part))
    return drawn
