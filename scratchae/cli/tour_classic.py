"""The second part of the tour: measure the purpose of each classic autoencoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.cli.tour_part import part, trained
from scratchae.console.table import say, table

if TYPE_CHECKING:
    from types import ModuleType

    from scratchae.cli.pictures import Look
    from scratchae.datasets import Dataset

SIZE: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 64, "batch_size": 32, "learning_rate": 3e-3, "epochs": 60}
SIGMOID: dict[str, Any] = {**SIZE, "activation": "sigmoid"}
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {  # name: class, options
    "basic": ("Autoencoder", SIGMOID),
    "denoising": ("DenoisingAutoencoder", {**SIGMOID, "corruption_level": 0.3}),
    "sparse": ("SparseAutoencoder", {**SIGMOID, "sparsity": 0.1, "sparsity_weight": 1.0, "batch_size": 100}),
    "k-sparse": ("KSparseAutoencoder", {**SIZE, "k": 8}),
    "contractive": ("ContractiveAutoencoder", {**SIGMOID, "contraction": 1.0}),
}
STACK: dict[str, Any] = {
    "hidden_sizes": (64, 32),
    "batch_size": 32,
    "learning_rate": 3e-3,
    "pretrain_epochs": 30,
    "epochs": 30,
}
CLASSIFIER: dict[str, Any] = {"epochs": 60, "batch_size": 32}
LABELS = 100


class Classics:
    """The trained models and their results on the test images."""

    def __init__(self, data: Dataset, seed: int) -> None:
        from scratchae import models

        self.data, self.seed = data, seed
        with part("4  the same code size, five objectives: basic, denoising, sparse, k-sparse, contractive"):
            self.models = trained(OPTIONS, data, seed)
        with part("5  stacked: greedy layer-wise pre-training, then fine-tuning; with labels, a classifier"):
            self.stack = models.StackedAutoencoder(**STACK, random_state=seed).pretrain(data.x_train)
            self.before = self.stack.score(data.x_test)
            self._classify(models)
            self.stack.fine_tune(data.x_train)

    def _classify(self, models: ModuleType) -> None:
        """Train classifiers from pre-trained and from random layers on the same few labels."""
        x, y = self.data.x_train[:LABELS], self.data.y_train[:LABELS]
        options = {**CLASSIFIER, "learning_rate": STACK["learning_rate"], "random_state": self.seed}
        self.classifiers = {
            "pre-trained": self.stack.to_classifier(**options).fit(x, y),
            "random": models.StackedClassifier(STACK["hidden_sizes"], **options).fit(x, y),
        }

    def report(self) -> None:
        """Print a line for each model: the measure of its purpose, its result, and that of the basic autoencoder."""
        from scratchae.baselines import squared_error

        x, m = self.data.x_test, self.models
        noisy = m["denoising"].corrupt(x, seed=self.seed)
        right = {name: model.score(x, self.data.y_test) for name, model in self.classifiers.items()}
        rows = [
            ["model", "measure", "result", "compare"],
            ["denoising", "error of reconstructions from 30 % masking", f"{squared_error(m['denoising'], noisy, x):.3f}",
             f"{squared_error(m['basic'], noisy, x):.3f} basic"],
            ["sparse", "mean activation of the code", f"{m['sparse'].encode(x).mean():.3f}",
             f"{m['basic'].encode(x).mean():.3f} basic; target {m['sparse'].sparsity:g}"],
            ["k-sparse", "error with 8 of 64 entries of the code", f"{squared_error(m['k-sparse'], x):.3f}",
             f"{squared_error(m['basic'], x):.3f} basic, with 64"],
            ["contractive", "squared norm of the code's Jacobian", f"{m['contractive'].contraction_of(x).mean():.3f}",
             f"{self._basic_contraction():.3f} basic"],
            ["stacked", "loss after fine-tuning, nats", f"{-self.stack.score(x):.3f}",
             f"{-self.before:.3f} after pre-training"],
            ["classifier", f"accuracy with {LABELS} labels", f"{100 * right['pre-trained']:.1f} %",
             f"{100 * right['random']:.1f} % from random layers"],
        ]  # fmt: skip
        say("\n" + table(rows, left=(0, 1, 3)))
        say("error: squared, in pixels² per test image\n")

    def _basic_contraction(self) -> float:
        """The same norm for the basic autoencoder, whose code also has sigmoid units."""
        from scratchae import backend

        basic = self.models["basic"]
        h, W = basic.encode(self.data.x_test), basic.parameters_["encoder.0.W"]
        return float(backend.active().contractive_penalty(h, W, "sigmoid").mean())

    def draw(self, folder: Path) -> list[Look]:
        """Draw reconstructions of corrupted images, and the filters of the five models."""
        from scratchae import plots
        from scratchae.baselines import squared_error
        from scratchae.cli import pictures

        x, y, shape = self.data.x_test, self.data.y_test, self.data.image_shape
        chosen, m = pictures.samples(y, len(x)), self.models
        noisy = m["denoising"].corrupt(x, seed=self.seed)
        rows = {
            f"{name}\n{squared_error(m[name], noisy, x):.2f} pixels²": m[name].reconstruct(noisy[chosen])
            for name in ("basic", "denoising")
        }
        figure = plots.reconstructions(
            x[chosen], noisy[chosen], shape, also=rows, labels=("clean", "30 % masked"),
            title="Reconstructions of masked images by a basic and a denoising autoencoder",
            note=f"squared error against the clean image, averaged over {len(x):,} test images",
        )  # fmt: skip
        restored = plots.save(figure, folder / "denoising.png")
        spread = self.data.x_train.std(axis=0)
        filters = {name: model.parameters_["encoder.0.W"] for name, model in m.items()}
        figure = plots.filter_panels(filters, shape, spread=spread, panels_across=3)
        return [
            (
                restored,
                "clean and masked images, and reconstructions of the masked ones by two autoencoders of the same size",
            ),
            (plots.save(figure, folder / "filters-by-kind.png"), "filters of each model"),
        ]
