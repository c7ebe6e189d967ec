"""Claims about the denoising, sparse, k-sparse and contractive autoencoders, and the gradients of the stack and its classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.verify.autoencoder import model_gradient_error, on_backend, trained
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, relative_error

COMMON: dict[str, Any] = {"dtype": "float64", "batch_size": 4, "epochs": 2, "random_state": 0, "learning_rate": 1e-2}
GAUSSIAN = {"likelihood": "gaussian"}
SETTINGS: list[tuple[str, str, dict[str, Any], str]] = [
    ("DenoisingAutoencoder", "masking", {"hidden_sizes": (5,), "latent_dim": 3, "activation": "tanh"}, "denoising.3"),
    ("DenoisingAutoencoder", "salt_and_pepper", {"corruption": "salt_and_pepper", "latent_dim": 3}, "denoising.3"),
    (
        "DenoisingAutoencoder",
        "gaussian, tied",
        {"corruption": "gaussian", "hidden_sizes": (), "latent_dim": 3, "tied_weights": True, **GAUSSIAN},
        "denoising.3",
    ),
    ("SparseAutoencoder", "one layer", {"latent_dim": 4}, "sparse.2"),
    (
        "SparseAutoencoder",
        "two layers, decayed",
        {"hidden_sizes": (5,), "latent_dim": 4, "activation": "tanh", "weight_decay": 0.1, **GAUSSIAN},
        "sparse.2",
    ),
    ("KSparseAutoencoder", "linear code", {"k": 2, "latent_dim": 5}, "k_sparse_autoencoder.2"),
    (
        "KSparseAutoencoder",
        "two layers",
        {"k": 3, "hidden_sizes": (6,), "latent_dim": 5, "activation": "tanh"},
        "k_sparse_autoencoder.2",
    ),
    ("ContractiveAutoencoder", "sigmoid", {"latent_dim": 4, "contraction": 2.0}, "contractive.3 contractive.4"),
    (
        "ContractiveAutoencoder",
        "tanh, tied, decayed",
        {"latent_dim": 4, "contraction": 2.0, "activation": "tanh", "tied_weights": True, "weight_decay": 0.1},
        "contractive.3 contractive.4",
    ),
    (
        "StackedAutoencoder",
        "tanh",
        {"hidden_sizes": (5, 3), "pretrain_epochs": 2, "activation": "tanh"},
        "autoencoder.6 autoencoder.7",
    ),
    (
        "StackedClassifier",
        "two layers, decayed",
        {"hidden_sizes": (5, 4), "weight_decay": 0.1},
        "stacked_classifier.4 stacked_classifier.5 stacked_classifier.6",
    ),
    ("StackedClassifier", "softmax regression", {"hidden_sizes": ()}, "stacked_classifier.4 stacked_classifier.5"),
]


def few_rows(rng: np.random.Generator, rows: int = 8) -> tuple[Array, Array]:
    """Return rows in [0, 1] and labels of three classes."""
    return rng.random((rows, 7)), np.arange(rows) % 3


def _register_gradients() -> None:
    for name, text, options, equation in SETTINGS:
        for room in ("ops", "kernels"):

            @claim(
                f"{name} gradient on {room}: {text}",
                op=name,
                equation=equation,
                level="gradient",
                method="central differences, every parameter, noise frozen",
                tolerance=1e-7,
            )
            def measure(
                subject: Subject,
                rng: np.random.Generator,
                room: str = room,
                name: str = name,
                options: dict[str, Any] = options,
            ) -> float:
                x, y = few_rows(rng)
                with on_backend(getattr(subject, room)):
                    model = trained(getattr(subject.models, name)(**{**COMMON, **options}), x, y)
                    return model_gradient_error(model, x, y)


_register_gradients()


@claim(
    "the target of denoising is the clean input",
    op="DenoisingAutoencoder",
    equation="denoising.3",
    level="meaning",
    method="loss by hand, from the noise of the same seed",
    tolerance=1e-13,
)
def _clean_target(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng)
    worst = 0.0
    with on_backend(subject.ops):
        for corruption in ("masking", "salt_and_pepper", "gaussian"):
            model = trained(subject.models.DenoisingAutoencoder(corruption, 0.4, **COMMON, **GAUSSIAN), x)
            stream = np.random.default_rng(5)
            if corruption == "gaussian":
                x_noisy = x + 0.4 * stream.standard_normal(x.shape)
            else:
                u, pepper = stream.random(x.shape), corruption == "salt_and_pepper"
                x_noisy = np.where(u < 0.4, np.where(pepper & (u >= 0.2), 1.0, 0.0), x)
            expected = ((model.reconstruct(x_noisy) - x) ** 2).sum() / len(x)
            got, _ = model.loss_and_gradients(x, seed=5)
            worst = max(worst, relative_error(np.array(got), expected))
    return worst


@claim(
    "every epoch corrupts afresh",
    op="DenoisingAutoencoder",
    equation="denoising.1",
    level="meaning",
    method="inputs of two epochs compared",
    tolerance=0.05,
)
def _fresh(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((200, 50)) + 1
    shown: list[Array] = []

    class Watched(subject.models.DenoisingAutoencoder):  # type: ignore[misc,name-defined]
        def _corrupted(self, x: Array, noise: Array) -> Array:
            result = super()._corrupted(x, noise)
            shown.append(result == 0)
            return result

    with on_backend(subject.ops):
        trained(Watched("masking", 0.3, **{**COMMON, "batch_size": 200}, **GAUSSIAN), x)
    first, second = shown[:2]  # rows are shuffled: only the fractions can be compared
    share, both = abs(first.mean() - 0.3), abs((first & second).mean() - 0.09)
    return float(max(share, both))


@claim(
    "a sparse code's penalty is in the loss, by its weight",
    op="SparseAutoencoder",
    equation="sparse.1",
    level="meaning",
    method="difference of losses, against scipy.special.rel_entr",
    tolerance=1e-12,
)
def _sparsity_weight(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.special import rel_entr

    x, _ = few_rows(rng)
    with on_backend(subject.ops):
        model = trained(subject.models.SparseAutoencoder(sparsity=0.1, sparsity_weight=2.0, latent_dim=4, **COMMON), x)
        heavy, _ = model.loss_and_gradients(x)
        free, _ = model.set_params(sparsity_weight=0.0).loss_and_gradients(x)
        mean = model.encode(x).mean(axis=0)
    penalty = 2 * (rel_entr(0.1, mean) + rel_entr(0.9, 1 - mean)).sum()
    return relative_error(np.array(heavy - free), penalty)


@claim(
    "training brings the code's means to the target",
    op="SparseAutoencoder",
    equation="sparse.2",
    level="meaning",
    method="largest distance of a unit's mean from the target",
    tolerance=0.02,
)
def _sparse_acts(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((64, 7))
    options = {**COMMON, "batch_size": 64, "epochs": 300, "learning_rate": 3e-2}
    with on_backend(subject.ops):
        model = trained(
            subject.models.SparseAutoencoder(sparsity=0.2, sparsity_weight=30.0, latent_dim=5, **options), x
        )
        return float(abs(model.encode(x).mean(axis=0) - 0.2).max())


@claim(
    "a k-sparse code has exactly k entries",
    op="KSparseAutoencoder",
    equation="k_sparse_autoencoder.1",
    level="meaning",
    method="counting",
    tolerance=0,
)
def _k_entries(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng)
    with on_backend(subject.ops):
        model = trained(subject.models.KSparseAutoencoder(k=3, latent_dim=6, **COMMON), x)
        codes, x_hat = model.encode(x), model.reconstruct(x)
        wrong = np.abs(np.count_nonzero(codes, axis=1) - 3).sum()
        return float(wrong + (x_hat != model.decode(codes)).sum())


@claim(
    "the contraction is that of the model's own code",
    op="ContractiveAutoencoder",
    equation="contractive.1",
    level="value",
    method="Jacobian of encode by central differences; difference of losses",
    tolerance=1e-7,
)
def _contraction_value(subject: Subject, rng: np.random.Generator) -> float:
    x, step, worst = rng.random((6, 7)), 1e-5, 0.0
    with on_backend(subject.ops):
        for activation in ("sigmoid", "tanh"):
            options = {**COMMON, **GAUSSIAN, "activation": activation, "latent_dim": 4}
            model = trained(subject.models.ContractiveAutoencoder(contraction=3.0, **options), x)
            squares = np.zeros(len(x))
            for i in range(x.shape[1]):
                move = np.zeros(x.shape[1])
                move[i] = step
                squares += (((model.encode(x + move) - model.encode(x - move)) / (2 * step)) ** 2).sum(axis=1)
            held, _ = model.loss_and_gradients(x)
            free, _ = model.set_params(contraction=0.0).loss_and_gradients(x)
            worst = max(worst, relative_error(np.array(held - free), 3 * squares.mean()))
    return worst


@claim(
    "more contraction makes the code stiller",
    op="ContractiveAutoencoder",
    equation="contractive.1",
    level="meaning",
    method="mean norm of the Jacobian, with and without",
    tolerance=0.5,
)
def _contraction_acts(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((32, 7))
    norms = []
    with on_backend(subject.ops):
        for contraction in (1.0, 0.0):
            options = {**COMMON, **GAUSSIAN, "epochs": 100, "batch_size": 32, "latent_dim": 4}
            model = trained(subject.models.ContractiveAutoencoder(contraction=contraction, **options), x)
            norms.append(float(model.contraction_of(x).mean()))
    return norms[0] / norms[1]
