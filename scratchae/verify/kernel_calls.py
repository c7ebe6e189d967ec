"""Claims about the number of steps of one kernel call: limited in time, so that Ctrl-C is handled soon, and in random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchae.models import fitting
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim, lowered, worst
from scratchae.verify.derivatives import Array
from scratchae.verify.options import few_rows
from scratchae.verify.plain_training import train
from scratchae.verify.trainings import SEED, history_error, parameters_error

WORK, WORK_OF_DRAWS, NUMBERS = 10**9, 10**10, 4_000_000  # multiplications of one call, random numbers drawn at once
# Model, options, and numbers of parameters, rows of a batch and features, so that each limit is the smallest in some case.
SIZES: list[tuple[str, dict[str, Any], int, int, int]] = [
    ("Autoencoder", {}, 100, 10, 5000),
    ("Autoencoder", {}, 100_003, 50, 20),
    ("Autoencoder", {}, 10**7, 1000, 20),
    ("DenoisingAutoencoder", {}, 100, 10, 5000),
    ("DenoisingAutoencoder", {"corruption": "gaussian"}, 100_003, 50, 20),
    ("DenoisingAutoencoder", {}, 100, 900, 5000),
    ("VariationalAutoencoder", {"latent_dim": 3, "binarize": "dynamic"}, 100, 10, 7001),
    ("VariationalAutoencoder", {"latent_dim": 31, "n_samples": 7}, 100, 10, 20),
    ("ImportanceWeightedAutoencoder", {"latent_dim": 2, "n_samples": 5000}, 1000, 16, 20),
    ("ImportanceWeightedAutoencoder", {"latent_dim": 40, "n_samples": 5000}, 100, 16, 20),
    ("ConditionalVariationalAutoencoder", {"latent_dim": 40, "n_samples": 300}, 100, 16, 20),
    ("WassersteinAutoencoder", {"latent_dim": 40}, 100, 128, 3),
    ("WassersteinAutoencoder", {"latent_dim": 3}, 100, 128, 4000),
]


def _arrays(noise: Any) -> Iterator[Array]:
    """Yield the arrays of one step's noise."""
    for part in noise if isinstance(noise, tuple) else (noise,):
        if part is not None:
            yield part


@claim(
    "a kernel call takes a limited time, and draws a limited number of random numbers",
    op="fit",
    level="value",
    method="largest number of steps within each limit, counted one by one, with the noise that a model draws; every limit is met",
    tolerance=0,
)
def _steps(subject: Subject, rng: np.random.Generator) -> float:
    wrong, limits = 0, set()
    for name, options, parameters, rows, features in SIZES:
        model = getattr(subject.models, name)(**options)
        drawn = max((array.size for array in _arrays(model.draw_noise(rng, (rows, features)))), default=0)
        work = 6 * parameters * rows
        within = {
            "time": WORK // work,
            "time of draws": WORK_OF_DRAWS // (work * options.get("n_samples", 1)),
            "numbers": NUMBERS // drawn if drawn else WORK,
        }
        limits.add(min(within, key=lambda limit: within[limit]) if min(within.values()) > 0 else "one step")
        wrong += fitting.steps_per_call(model, parameters, rows, features) != max(1, min(within.values()))
    return float(wrong) if limits == {"time", "time of draws", "numbers", "one step"} else np.inf


@claim(
    "fit draws the noise of as many steps at once as fit into the limit",
    op="fit",
    level="value",
    method="plain training loop with one, two and three steps for each generator, with a limit of that many steps, both backends",
    tolerance=1e-11,
)
def _calls_of_fit(subject: Subject, rng: np.random.Generator) -> float:
    (x, y), (held_out, labels) = few_rows(rng, 11), few_rows(rng, 6)
    common: dict[str, Any] = {"hidden_sizes": (4,), "activation": "tanh", "batch_size": 3, "epochs": 3,
                              "dtype": "float64", "random_state": SEED, "learning_rate": 0.02}  # fmt: skip
    of_a_row: list[tuple[str, dict[str, Any], int]] = [  # and the random numbers of a row
        ("DenoisingAutoencoder", {"latent_dim": 2}, x.shape[1]),
        ("VariationalAutoencoder", {"latent_dim": 2, "n_samples": 3}, 6),
        ("VariationalAutoencoder", {"latent_dim": 1, "binarize": "dynamic"}, x.shape[1]),
        ("ImportanceWeightedAutoencoder", {"latent_dim": 2, "n_samples": 4}, 8),
        ("ConditionalVariationalAutoencoder", {"latent_dim": 2, "n_samples": 3}, 6),
        ("WassersteinAutoencoder", {"latent_dim": 4}, 4),
    ]

    def errors() -> Iterator[float]:
        for name, options, numbers in of_a_row:
            model = getattr(subject.models, name)
            data = (y, labels) if name == "ConditionalVariationalAutoencoder" else (None, None)
            for steps in (1, 2, 3):
                expected, history = train(
                    model(**common, **options), x, data[0], held_out=(held_out, data[1]), batches_per_call=steps
                )
                for room in ("numpy", "numba"):
                    with on_backend(room), lowered(fitting, NOISE_AT_A_TIME=3 * numbers * (steps + 1) - 1):
                        fitted = model(**common, **options).fit(x, y, validation_data=(held_out, data[1]))
                    yield history_error(fitted.history_, history)
                    yield parameters_error(fitted.parameters_, expected, {key: 0 * p for key, p in expected.items()})

    return worst(errors(), 1e-11)
