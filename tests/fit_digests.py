"""Print a digest of each model's parameters and history after `fit`, for both backends. A change that must not change any number
leaves the digests unchanged.

Digests differ between machines: compare two checkouts on one machine, as in ``python tests/fit_digests.py > before.txt``.
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1])]

import scratchae as sae  # noqa: E402

SMALL: dict[str, Any] = {"hidden_sizes": (9,), "latent_dim": 4, "epochs": 3, "batch_size": 16, "random_state": 3}
ONE_LAYER = {**SMALL, "hidden_sizes": ()}
STACK: dict[str, Any] = {
    "hidden_sizes": (8, 5),
    "pretrain_epochs": 2,
    "epochs": 2,
    "batch_size": 16,
    "random_state": 3,
}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", SMALL),
    ("Autoencoder", {**SMALL, "tied_weights": True, "likelihood": "gaussian", "optimizer": "momentum"}),
    ("Autoencoder", {**SMALL, "likelihood": "gaussian", "output_activation": "tanh", "weight_decay": 0.01}),
    ("Autoencoder", {**SMALL, "optimizer": "lbfgs", "dtype": "float64", "learning_rate_decay": 0.9}),
    ("DenoisingAutoencoder", SMALL),
    ("DenoisingAutoencoder", {**SMALL, "corruption": "gaussian", "optimizer": "sgd", "learning_rate": 0.1}),
    ("DenoisingAutoencoder", {**SMALL, "corruption": "salt_and_pepper", "learning_rate_decay": 0.9}),
    ("SparseAutoencoder", SMALL),
    ("SparseAutoencoder", {**ONE_LAYER, "optimizer": "lbfgs"}),
    ("KSparseAutoencoder", {**SMALL, "k": 2}),
    ("ContractiveAutoencoder", ONE_LAYER),
    ("VariationalAutoencoder", SMALL),
    ("VariationalAutoencoder", {**SMALL, "beta": 2.0, "warm_up": 2, "n_samples": 3, "binarize": "dynamic"}),
    ("VariationalAutoencoder", {**SMALL, "free_bits": 0.1, "weight_decay": 0.01}),
    ("VariationalAutoencoder", {**SMALL, "kl": "sampled", "likelihood": "gaussian", "variance": "learned"}),
    ("VariationalAutoencoder", {**SMALL, "likelihood": "gaussian", "variance": 0.5, "dtype": "float64"}),
    ("ImportanceWeightedAutoencoder", SMALL),
    ("ImportanceWeightedAutoencoder", {**SMALL, "likelihood": "gaussian", "n_samples": 2}),
    ("ConditionalVariationalAutoencoder", SMALL),
    ("ConditionalVariationalAutoencoder", {**SMALL, "binarize": "static", "beta": 0.5}),
    ("StackedAutoencoder", STACK),
    ("StackedAutoencoder", {**STACK, "base": "sparse", "tied_weights": True}),
    ("StackedAutoencoder", {**STACK, "base": "contractive", "activation": "tanh", "likelihood": "gaussian"}),
    ("StackedAutoencoder", {**STACK, "base": "basic", "activation": "relu"}),
    ("StackedClassifier", {**STACK, "pretrain_epochs": None}),
]
LABELLED = ("StackedClassifier", "ConditionalVariationalAutoencoder")


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Return 150 rows of 12 features in [0, 1], and labels of three classes."""
    rng = np.random.default_rng(8)
    y = rng.integers(0, 3, 150)
    x = np.clip(rng.random((3, 12))[y] + 0.3 * rng.standard_normal((150, 12)), 0, 1)
    return x.astype(np.float32), y


def digest(model: Any) -> str:
    """Return a digest of the parameters and of the history except its seconds."""
    sha = hashlib.sha256(np.ascontiguousarray(model.parameters_.flat).tobytes())
    sha.update(json.dumps({k: v for k, v in model.history_.items() if k != "seconds"}, sort_keys=True).encode())
    return sha.hexdigest()[:16]


def fitted() -> Iterator[tuple[str, Any]]:
    """Fit the model of every case; yield its name and the model."""
    x, y = rows()
    for name, options in CASES:
        options = {key: value for key, value in options.items() if value is not None}
        model = getattr(sae, name)(**options)
        held_out = (x[120:], y[120:]) if name in LABELLED else x[120:]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x[:120], y[:120], validation_data=held_out)
        yield repr(model), model
        if name == "StackedAutoencoder":
            yield (
                f"{model!r}.to_classifier()",
                model.to_classifier(epochs=2).fit_softmax(x[:120], y[:120]).fit(x[:120], y[:120]),
            )


def main() -> None:
    """Print all digests."""
    for backend in ("numpy", "numba"):
        sae.use_backend(backend)
        for name, model in fitted():
            print(digest(model), backend, name)


if __name__ == "__main__":
    main()
