"""`scratchae tour`: train autoencoders of every kind on digits, compare them with PCA and each other, and draw figures."""

from __future__ import annotations

import contextlib
import time
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.cli.compiling import Kind, compile_kernels, one_thread
from scratchae.cli.outcome import complain
from scratchae.cli.tour_classic import CLASSIFIER, OPTIONS, Classics
from scratchae.cli.tour_variational import OPTIONS as VARIATIONAL
from scratchae.cli.tour_variational import Variational
from scratchae.console.outputs import ready_folder
from scratchae.console.parser import whole_number
from scratchae.console.table import say, table
from scratchae.errors import short_trainings

if TYPE_CHECKING:
    from scratchae.baselines import PrincipalComponents
    from scratchae.cli.pictures import Look
    from scratchae.datasets import Dataset
    from scratchae.models import Autoencoder

DESCRIPTION = """\
Train autoencoders of every kind on the embedded handwritten digits, compare them with principal component
analysis (PCA) and with each other, and draw figures. Takes a few seconds; the first run also compiles the kernels.
"""
EXAMPLES = """\
examples:
  scratchae tour                       figures in the folder scratchae-tour
  scratchae tour --out pictures --seed 1
  SCRATCHAE_BACKEND=numpy scratchae tour      without compiled kernels: slower, the same mathematics
"""
FOLDER = "scratchae-tour"


@dataclass(frozen=True)
class Stop:
    """A model of the tour: its name in the table, a description, and its options."""

    name: str
    about: str
    options: dict[str, Any]


LINEAR = Stop(
    "linear",
    "no hidden layers, linear, squared error: its optimum is PCA",
    {
        "hidden_sizes": (), "latent_dim": 30, "activation": "identity", "likelihood": "gaussian", "tied_weights": True,
        "optimizer": "lbfgs", "epochs": 400, "dtype": "float64",
    },
)  # fmt: skip
SHALLOW = Stop(
    "one hidden layer",
    "16 ReLU units, Bernoulli likelihood for the pixels",
    {
        "hidden_sizes": (),
        "latent_dim": 16,
        "activation": "relu",
        "learning_rate": 3e-3,
        "batch_size": 32,
        "epochs": 200,
    },
)
DEEP = Stop(
    "deep",
    "seven hidden layers and a 2-D code, which can be drawn",
    {
        "hidden_sizes": (128, 64, 32),
        "latent_dim": 2,
        "activation": "tanh",
        "learning_rate": 2e-3,
        "batch_size": 32,
        "epochs": 100,
    },
)
STOPS = (LINEAR, SHALLOW, DEEP)


@dataclass(frozen=True)
class Trained:
    """A model of the tour, PCA of its size, their test errors (pixels² per image), and the training time in seconds."""

    stop: Stop
    model: Autoencoder
    pca: PrincipalComponents
    error: float
    pca_error: float
    seconds: float


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae tour`."""
    parser.add_argument("--out", metavar="DIR", default=FOLDER, help=f"folder for the figures (default: {FOLDER})")
    parser.add_argument("--seed", metavar="S", type=whole_number(0), default=0, help="random seed (default: 0)")


def run(args: Namespace) -> int:
    """Train the models, compare them, and draw the figures."""
    from scratchae.backend import backend_name

    start, backend = time.perf_counter(), backend_name()
    folder = ready_folder(args.out, "--out")
    from scratchae.datasets import load_digits

    data = load_digits()
    say(f"Autoencoders on {len(data.x_train):,} handwritten digits of 8×8 pixels; {len(data.x_test)} test images.\n")
    with short_trainings(), one_thread() if backend == "numba" else contextlib.nullcontext():
        if backend == "numba":
            compile_kernels(*_kinds())
        trained = [_train(i, stop, data, args.seed) for i, stop in enumerate(STOPS, 1)]
        others = Classics(data, args.seed), Variational(data, args.seed)
        _report(trained, data)
        for part in others:
            part.report()
        drawn = sum((part.draw(folder) for part in others), _draw(trained, data, folder))
    say(f"Figures in {folder}:")
    for path, look in drawn:
        say(f"  {path.name:<20}  {look}")
    say(f"\n{time.perf_counter() - start:.1f} s in all. Next: scratchae train --help")
    return 0


def _kinds() -> tuple[list[Kind], list[Kind]]:
    """Models that together need all kernels of the tour, in two halves that take about equally long to compile."""
    chains = [("Autoencoder", SHALLOW.options), ("Autoencoder", LINEAR.options)]
    classics = [*list(OPTIONS.values())[1:], ("StackedClassifier", {**CLASSIFIER, "hidden_sizes": (8,)})]
    _, variational, weighted, conditional = VARIATIONAL.values()
    return [*chains, variational, weighted], [*classics, conditional]


def _train(i: int, stop: Stop, data: Dataset, seed: int) -> Trained:
    from scratchae.baselines import PrincipalComponents, squared_error
    from scratchae.models import Autoencoder

    say(f"{i}  {stop.name}: {stop.about}")
    model = Autoencoder(**stop.options, random_state=seed, verbose=1)
    start = time.perf_counter()
    # The test images are only for the curves; no choice depends on them.
    model.fit(data.x_train, validation_data=data.x_test)
    seconds = time.perf_counter() - start
    done = len(model.history_["loss"])
    say(f"   {done} {'iterations of L-BFGS' if model.optimizer == 'lbfgs' else 'epochs of Adam'} in {seconds:.1f} s")
    if done < int(model.epochs) and model.optimizer != "lbfgs":
        complain(f"{stop.name} ended early, after {done} of {model.epochs} epochs", "warning")
    pca = PrincipalComponents.fit(data.x_train, int(model.latent_dim))
    return Trained(stop, model, pca, squared_error(model, data.x_test), pca.squared_error(data.x_test), seconds)


def _report(trained: list[Trained], data: Dataset) -> None:
    """Print the table and a sentence on each model."""
    from scratchae.baselines import angle_to_pca, cross_entropy_floor

    rows = [["model", "code size", "test error", "PCA's", "ratio", "seconds"]]
    for t in trained:
        rows.append(
            [
                t.stop.name,
                f"{t.model.latent_dim}",
                f"{t.error:.4f}",
                f"{t.pca_error:.4f}",
                f"{t.error / t.pca_error:.4f}",
                f"{t.seconds:.1f}",
            ]
        )
    say("\n" + table(rows))
    say("error: squared, in pixels² per image; PCA's: with as many components as the code has dimensions\n")
    linear, shallow, deep = trained
    angle, pixels = angle_to_pca(linear.model, linear.pca), data.x_test.shape[1]
    say(
        f"linear            {100 * abs(linear.error / linear.pca_error - 1):.2g} % from PCA; "
        f"largest angle between its subspace and PCA's {angle:.1g} rad"
    )
    loss, floor = -shallow.model.score(data.x_test) / pixels, cross_entropy_floor(data.x_test) / pixels
    say(
        f"one hidden layer  cross-entropy {loss:.4f} nats per pixel; its minimum, the entropy of the grey pixels, is {floor:.4f}"
    )
    say(
        f"deep              {100 * (1 - deep.error / deep.pca_error):.0f} % less error than PCA with the same two numbers per image"
    )


def _draw(trained: list[Trained], data: Dataset, folder: Path) -> list[Look]:
    from scratchae.baselines import cross_entropy_floor
    from scratchae.cli import pictures

    _, shallow, deep = trained
    histories = {t.stop.name: t.model.history_ for t in (shallow, deep)}
    floor = (cross_entropy_floor(data.x_test), "minimum (entropy of the test images)")
    return [
        pictures.reconstructions(folder, deep.model, deep.pca, data.x_test, data.y_test, data.image_shape, "test"),
        pictures.codes(folder, deep.model, deep.pca, data.x_test, data.y_test, "test"),
        pictures.filters(folder, shallow.model, data.x_train, data.image_shape),
        pictures.loss_curves(folder, histories, "nats per image", floor, "test"),
    ]
