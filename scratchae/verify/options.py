"""Claims about combined options: loss and gradients of each model, for every pair of values of two options, against the definition.

Weights are not only tested at their neutral values, where an omission would go undetected: beta is not only 1, weight decay not only 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import numpy as np

from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim, worst
from scratchae.verify.definitions import VARIANTS, gradient, options_of
from scratchae.verify.derivatives import Array
from scratchae.verify.pairs import all_pairs

FEATURES, ROWS, CLASSES = 5, 7, 3
TOLERANCE = 1e-12
LIKELIHOODS = ("bernoulli", "gaussian")
UNITS = ("sigmoid", "tanh", "relu", "identity")
COMMON: dict[str, Any] = {"dtype": "float64", "batch_size": 4, "epochs": 1, "random_state": 3}
CHAIN: dict[str, Sequence[Any]] = {
    "hidden_sizes": ((), (4,), (6, 4)),
    "activation": UNITS,
    "likelihood": LIKELIHOODS,
    "tied_weights": (False, True),
    "weight_decay": (0.3, 0.0),
    "latent_dim": (3,),
}
DRAWN: dict[str, Sequence[Any]] = {
    "hidden_sizes": ((), (4,), (6, 4)),
    "activation": UNITS,
    "likelihood": LIKELIHOODS,
    "variance": (0.3, "learned", "learned_per_feature", (0.2, 0.7, 3.0, 1.0, 0.05)),
    "n_samples": (3, 1),
    "binarize": ("none", "threshold", "static", "dynamic"),
    "weight_decay": (0.3, 0.0),
    "latent_dim": (2,),
}
KL: dict[str, Sequence[Any]] = {"beta": (3.0, 0.4), "kl": ("analytic", "sampled"), "free_bits": (0.0, 0.2)}


def _one(values: dict[str, Sequence[Any]], **others: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return {**values, **others}


# For each model: the values of its options, and the labels of its objective. The files of variants add theirs (`register`).
CHOICES: dict[str, tuple[dict[str, Sequence[Any]], str]] = {
    "Autoencoder": (
        _one(CHAIN, code_activation=(None, "relu", "tanh"), output_activation=("identity", "sigmoid", "tanh", "relu")),
        "autoencoder.1 autoencoder.2 autoencoder.3 autoencoder.4 autoencoder.5 autoencoder.6 autoencoder.7 autoencoder.8 autoencoder.9",
    ),
    "DenoisingAutoencoder": (
        _one(CHAIN, corruption=("masking", "salt_and_pepper", "gaussian"), corruption_level=(0.3, 0.6)),
        "denoising.1 denoising.2 denoising.3 autoencoder.7",
    ),
    "SparseAutoencoder": (
        _one(CHAIN, sparsity=(0.1, 0.4), sparsity_weight=(2.5, 0.3)),
        "sparse.1 sparse.2 autoencoder.4 autoencoder.7",
    ),
    "KSparseAutoencoder": (
        _one(CHAIN, code_activation=("identity", "tanh"), k=(1, 2, 3)),
        "k_sparse_autoencoder.1 k_sparse_autoencoder.2 autoencoder.7",
    ),
    "ContractiveAutoencoder": (
        _one(
            CHAIN,
            hidden_sizes=((),),
            activation=("sigmoid", "tanh"),
            code_activation=(None, "sigmoid", "tanh"),
            contraction=(0.2, 2.0),
        ),
        "contractive.1 contractive.2 contractive.3 contractive.4",
    ),
    "StackedAutoencoder": (
        {
            "hidden_sizes": ((4,), (4, 3), (6, 4, 3)),
            "activation": UNITS,
            "likelihood": LIKELIHOODS,
            "tied_weights": (False, True),
            "weight_decay": (0.3, 0.0),
            "pretrain_epochs": (1,),
            "base": ("basic",),
        },
        "autoencoder.4 autoencoder.5 autoencoder.6 autoencoder.7",
    ),
    "StackedClassifier": (
        {"hidden_sizes": ((), (4,), (6, 4)), "activation": UNITS, "weight_decay": (0.3, 0.0)},
        "stacked_classifier.1 stacked_classifier.2 stacked_classifier.3 stacked_classifier.4 stacked_classifier.5 stacked_classifier.6",
    ),
    "VariationalAutoencoder": (
        _one(DRAWN, **KL),
        " ".join(f"variational.{i}" for i in range(1, 13)),
    ),
    "ImportanceWeightedAutoencoder": (
        _one(DRAWN, n_samples=(4, 1)),
        "importance_weighted.1 importance_weighted.2 importance_weighted.3 importance_weighted.4 importance_weighted.5",
    ),
    "ConditionalVariationalAutoencoder": (_one(DRAWN, **KL), "conditional.1 variational.6 variational.12"),
}


def allowed(setting: dict[str, Any]) -> bool:
    """Return whether the model accepts the combination of options, and each option has an effect."""
    bernoulli = setting.get("likelihood") == "bernoulli"
    if bernoulli and (
        setting.get("output_activation", "identity") != "identity" or setting.get("variance", 0.3) != 0.3
    ):
        return False
    if not bernoulli and setting.get("binarize", "none") != "none":
        return False
    return not (setting.get("kl") == "sampled" and setting["free_bits"] > 0)


def few_rows(rng: np.random.Generator, rows: int = ROWS) -> tuple[Array, Array]:
    """Return rows in [0, 1] in which every feature varies, and labels in which every class occurs."""
    return rng.random((rows, FEATURES)), rng.permutation(np.arange(rows) % CLASSES)


def fitted(subject: Subject, name: str, x: Array, y: Array, **options: Any) -> Any:
    """Return a model of that name with all parameters moved far from their initial values."""
    model = getattr(subject.models, name)(**{**COMMON, **options}).fit(x, y)
    moves = np.random.default_rng(1).standard_normal(model.parameters_.flat.size)
    model.parameters_.flat[:] += 0.4 * moves
    return model


def noise_of_evaluation(o: Any, x: Array, seed: int) -> tuple[Array, Any]:
    """Return the rows and the noise used by `loss_and_gradients` with its seed."""
    if getattr(o, "binarize", "none") == "threshold":
        x = np.where(x > 0.5, 1.0, 0.0)
    elif getattr(o, "binarize", "none") != "none":
        x = np.where(np.random.default_rng([seed, 1]).random(x.shape) < x, 1.0, 0.0)
    rng = np.random.default_rng(seed)
    if o.kind == "DenoisingAutoencoder":
        return x, rng.standard_normal(x.shape) if o.corruption == "gaussian" else rng.random(x.shape)
    if hasattr(o, "n_samples"):
        return x, (rng.standard_normal((o.n_samples, len(x), o.latent_dim)), None)
    if o.kind in VARIANTS:
        return x, VARIANTS[o.kind].noise(o, rng, x.shape)
    return x, None


def definition_error(subject: Subject, name: str, x: Array, y: Array, setting: dict[str, Any], seed: int) -> float:
    """Return the largest error of the loss and of any gradient against the definition, on both backends."""
    largest = 0.0
    with on_backend(subject.ops):
        model = fitted(subject, name, x, y, **setting)
    o = options_of(model)
    seen, noise = noise_of_evaluation(o, x, seed)
    loss, slopes = gradient(o, model.parameters_, seen, y, noise)
    for room in (subject.ops, subject.kernels):
        with on_backend(room):
            got, gradients = model.loss_and_gradients(x, y, seed=seed)
        if set(gradients) != set(slopes) or not any(g.any() for g in gradients.values()):
            return np.inf
        largest = max(largest, abs(got - loss) / abs(loss))
        scale = max(abs(g).max() for g in slopes.values())
        for key, expected in slopes.items():
            if not np.isfinite(gradients[key]).all() or gradients[key].shape != expected.shape:
                return np.inf
            # Relative to this parameter's largest entry, or to a hundredth of the largest of all, since a gradient may be zero.
            largest = max(largest, float(abs(gradients[key] - expected).max() / max(abs(expected).max(), scale / 100)))
    return float(largest)


def register(name: str, values: dict[str, Sequence[Any]], labels: str) -> None:
    """Add a model to those whose options are combined, with the claim about them."""
    CHOICES[name] = values, labels

    @claim(
        f"{name}: loss and gradients are those of the definition, for every pair of options",
        op=name,
        equation=labels,
        level="gradient",
        method="definition in NumPy, complex step, both backends",
        tolerance=TOLERANCE,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        settings = enumerate(all_pairs(values, allowed))
        return worst(
            (definition_error(subject, name, *few_rows(rng), setting, seed) for seed, setting in settings), TOLERANCE
        )


for _name, (_values, _labels) in list(CHOICES.items()):
    register(_name, _values, _labels)


@claim(
    "every constructor stores its options as they are given",
    op="Autoencoder",
    level="meaning",
    method="an object of its own for every option of every model, found again under the option's name; counted",
    tolerance=0,
)
def _stored(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for name in CHOICES:
        given = {option: object() for option in signature(getattr(subject.models, name)).parameters}
        model = getattr(subject.models, name)(**given)
        wrong += sum(getattr(model, option, None) is not value for option, value in given.items())
        wrong += model.get_params() != given
    return float(wrong)
