"""The options that are tried, in all pairs and none at a value at which it does not matter, and how a model with given parameters is made.

A case holds every option by name. Where the rule by which parameters move has settings, it is a pair: its name and they.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import scratchae as sae
from oracles.pairs import Case, all_pairs

Array = np.ndarray
ACTIVATIONS = ["sigmoid", "tanh", "relu", "identity"]
RULES = {"sgd": sae.SGD, "momentum": sae.Momentum, "adam": sae.Adam}
FEATURES, ROWS, HELD_OUT, SEED = 7, 23, 9, 5

TRAINING: dict[str, list[Any]] = {
    "optimizer": [
        ("sgd", {}),
        ("momentum", {"decay": 0.6}),
        ("adam", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
        ("adam", {"beta1": 0.7, "beta2": 0.95, "epsilon": 1e-2}),
    ],
    "learning_rate": [0.01],
    "learning_rate_decay": [1.0, 0.6],
    "weight_decay": [0.0, 0.07],
    "batch_size": [5, 8, 100],
    "epochs": [4],
    "random_state": [SEED],
    "dtype": ["float64"],
}
BASIC: dict[str, list[Any]] = {
    "hidden_sizes": [(), (5,), (6, 4)],
    "latent_dim": [1, 3],
    "activation": ACTIVATIONS,
    "code_activation": [None, *ACTIVATIONS],
    "likelihood": ["bernoulli", "gaussian"],
    "tied_weights": [False, True],
    "output_activation": ["identity", "sigmoid", "tanh", "relu"],
    **TRAINING,
}
VARIATIONAL: dict[str, list[Any]] = {
    "hidden_sizes": [(), (5,), (6, 4)],
    "latent_dim": [1, 3],
    "activation": ACTIVATIONS,
    "likelihood": ["bernoulli", "gaussian"],
    "variance": [0.3, (2.5, 0.2, 1.0, 0.7, 0.1, 5.0, 0.4), "learned", "learned_per_feature"],
    "n_samples": [1, 3],
    "binarize": ["none", "threshold", "static", "dynamic"],
    **TRAINING,
}
ELBO: dict[str, list[Any]] = {
    "beta": [0.3, 3.0],
    "warm_up": [0, 3],
    "free_bits": [0.0, 0.15],
    "kl": ["analytic", "sampled"],
}
FACTORS: dict[str, dict[str, list[Any]]] = {
    "Autoencoder": BASIC,
    "DenoisingAutoencoder": {
        **BASIC,
        "corruption": ["masking", "salt_and_pepper", "gaussian"],
        "corruption_level": [0.25, 0.7, 1.0],
    },
    "SparseAutoencoder": {
        **BASIC,
        "code_activation": [None, "sigmoid"],
        "sparsity": [0.05, 0.3],
        "sparsity_weight": [0.4, 3.0],
    },
    "KSparseAutoencoder": {**BASIC, "latent_dim": [4], "k": [1, 2, 3]},
    "ContractiveAutoencoder": {
        **BASIC,
        "hidden_sizes": [()],
        "code_activation": [None, "sigmoid", "tanh"],
        "contraction": [0.1, 2.5],
    },
    "WassersteinAutoencoder": {
        **BASIC,
        "batch_size": [5, 11, 100],  # of 23 rows, the last batch of 11 is a single one, which has no pairs
        "mmd_weight": [0.4, 6.0],
        "kernel_scale": [None, 0.7],
    },
    "StackedAutoencoder": {
        "hidden_sizes": [(5,), (6, 4)],
        "base": ["basic", "denoising", "sparse", "contractive"],
        "activation": ACTIVATIONS,
        "likelihood": ["bernoulli", "gaussian"],
        "tied_weights": [False, True],
        "corruption": ["masking", "salt_and_pepper", "gaussian"],
        "corruption_level": [0.25, (0.6, 0.1)],
        "sparsity": [0.3],
        "sparsity_weight": [0.4],
        "contraction": [0.7],
        "pretrain_epochs": [2],
        "pretrain_learning_rate": [None, 0.03],
        **TRAINING,
    },
    "StackedClassifier": {
        "hidden_sizes": [(), (5,), (6, 4)],
        "activation": ACTIVATIONS,
        "n_classes": [None, 3],
        **TRAINING,
    },
    "VariationalAutoencoder": {**VARIATIONAL, **ELBO},
    "ImportanceWeightedAutoencoder": {**VARIATIONAL, "n_samples": [1, 2, 5]},
    "ConditionalVariationalAutoencoder": {**VARIATIONAL, **ELBO},
}


def allowed(name: str, case: Case) -> bool:
    """Return True if the documentation of the models allows this combination of options."""
    bernoulli = case.get("likelihood") == "bernoulli"
    if bernoulli and case.get("output_activation", "identity") != "identity":
        return False  # logits come out of a linear layer
    if not bernoulli and case.get("binarize", "none") != "none":
        return False  # black and white pixels are no normal variables
    if bernoulli and case.get("variance", 0.3) != 0.3:
        return False  # not used
    if case.get("kl") == "sampled" and case["free_bits"] > 0:
        return False  # free bits need the KL of each dimension
    if name == "ContractiveAutoencoder":
        return (case["code_activation"] or case["activation"]) in ("sigmoid", "tanh")
    if name == "StackedAutoencoder":
        fits = {"sparse": ["sigmoid"], "contractive": ["sigmoid", "tanh"]}
        levels = case["corruption_level"]
        return case["activation"] in fits.get(case["base"], ACTIVATIONS) and (
            not isinstance(levels, tuple) or len(levels) == len(case["hidden_sizes"])
        )
    return True


CASES: dict[str, list[Case]] = {
    name: all_pairs(factors, lambda case, name=name: allowed(name, case)) for name, factors in FACTORS.items()
}


def has_labels(name: str) -> bool:
    """Return True if the model is fitted with labels."""
    return name in ("StackedClassifier", "ConditionalVariationalAutoencoder")


def rows(case: Case, n: int, seed: int) -> Array:
    """Grey pixels, some of them black, white or just between; or numbers of different means and scales."""
    rng = np.random.default_rng(seed)
    if case.get("likelihood", "gaussian") == "bernoulli":
        x = np.clip(rng.uniform(-0.1, 1.1, (n, FEATURES)), 0, 1)
        x[1::4, 2] = 0.5
        return x
    return rng.standard_normal((n, FEATURES)) * np.linspace(0.3, 0.9, FEATURES) + np.linspace(-0.5, 0.8, FEATURES)


LABELS = np.array(["ant", "bee", "cat"])


def classes(n: int) -> Array:
    """The class of each row, as a whole number; every class is there."""
    return np.arange(n) * 7 % 5 % 3


def options_of(name: str, case: Case) -> Case:
    """The case as the definitions read it: with the number of classes, if there are any."""
    return {**case, "classes": len(LABELS)} if has_labels(name) else case


def model_of(name: str, case: Case, **changed: Any) -> Any:
    """The model with these options, not yet fitted."""
    rule, settings = case["optimizer"]
    return getattr(sae, name)(**{**case, "optimizer": RULES[rule](**settings), **changed})


def fitted(name: str, case: Case, **changed: Any) -> Any:
    """The model, fitted with validation data."""
    model = model_of(name, case, **changed)
    x, held_out = rows(case, ROWS, 0), rows(case, HELD_OUT, 1)
    if has_labels(name):
        return model.fit(x, LABELS[classes(ROWS)], validation_data=(held_out, LABELS[classes(HELD_OUT)]))
    return model.fit(x, validation_data=held_out)


@cache
def with_random_parameters(name: str, i: int, **changed: Any) -> Any:
    """The model of case i with random parameters, biases and all; the same one each time, so leave it as it is."""
    case = {**CASES[name][i], **changed}
    shorter = {"epochs": 1} | ({"pretrain_epochs": 1} if name == "StackedAutoencoder" else {})
    model = fitted(name, case, **shorter)
    model.parameters_.flat[:] = 0.7 * np.random.default_rng(2).standard_normal(model.parameters_.flat.size)
    return model


# Networks so large that products are cut into blocks and run on all threads; odd in every dimension.

LARGE = {"hidden_sizes": (401,), "latent_dim": 21, "batch_size": 129, "activation": "tanh", "weight_decay": 0.01}


def large_case(name: str, dtype: str, **options: Any) -> Case:
    """The options of a model of pixels that is large, and that has kernels for whole steps."""
    own: dict[str, Any] = {"tied_weights": True, "output_activation": "identity", "code_activation": None}
    if name != "Autoencoder":
        own = {"n_samples": 2, "binarize": "none"}
    if name == "VariationalAutoencoder":
        own |= {"beta": 3.0, "warm_up": 0, "kl": "analytic", "free_bits": 0.0}
    return {**CASES[name][0], "likelihood": "bernoulli", **LARGE, **own, "dtype": dtype, **options}


def large_rows(n: int, dtype: str) -> Array:
    """Rows of 783 grey pixels."""
    return np.random.default_rng(0).random((n, 783)).astype(dtype)
