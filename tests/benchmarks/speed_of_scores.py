"""Time of `score_samples` (of a conditional model, `score`) as a multiple of that of `elbo`, which draws the noise of all rows with one generator.

    python tests/benchmarks/speed_of_scores.py               # 200,000 rows, a minute on two cores
    python tests/benchmarks/speed_of_scores.py --rows 20000

Both are called in turns, each first as often as second; the ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae as sae
from scratchae.errors import muted

V, C = "VariationalAutoencoder", "ConditionalVariationalAutoencoder"
GAUSSIAN = {"likelihood": "gaussian"}
CASES: list[tuple[str, int, dict[str, Any]]] = [
    (V, 10, {}),
    (V, 10, {"dtype": "float64"}),
    (V, 30, {"hidden_sizes": (64,), "latent_dim": 8, **GAUSSIAN}),
    (V, 30, {"hidden_sizes": (64,), "latent_dim": 8, "n_samples": 5}),
    (V, 64, {"hidden_sizes": (64,), "latent_dim": 8, "binarize": "threshold"}),
    (V, 64, {"hidden_sizes": (64,), "latent_dim": 8, "binarize": "static"}),
    (V, 64, {"hidden_sizes": (64,), "latent_dim": 8, "binarize": "dynamic"}),
    (V, 4, {"hidden_sizes": (8,), "latent_dim": 2}),
    ("ImportanceWeightedAutoencoder", 30, {"hidden_sizes": (64,), "latent_dim": 8, "n_samples": 5}),
    (C, 30, {"hidden_sizes": (64,), "latent_dim": 8}),
    (V, 784, {}),
]


def ratio(kind: str, features: int, options: dict[str, Any], rows: int, turns: int) -> tuple[float, float]:
    """Return the median ratio, and the median time of `elbo` in microseconds for each row."""
    rows = min(rows, 30_000) if features > 100 else rows
    x = np.random.default_rng(0).random((rows, features)).astype(options.get("dtype", "float32"))
    y = (np.arange(rows) % 3,) if kind == C else ()
    with muted(sae.ConvergenceWarning):
        model = getattr(sae, kind)(epochs=1, random_state=0, **options).fit(x[:500], *(labels[:500] for labels in y))
    calls = {"elbo": model.elbo, "scores": model.score if kind == C else model.score_samples}
    for call in calls.values():
        call(x, *y)
    ratios, times = [], []
    for turn in range(turns):
        elbo = scores = 0.0
        for name in (("elbo", "scores"), ("scores", "elbo"))[turn % 2]:
            seconds = _seconds(calls[name], x, *y)
            elbo, scores = (seconds, scores) if name == "elbo" else (elbo, seconds)
        ratios.append(scores / elbo)
        times.append(elbo)
    return statistics.median(ratios), 1e6 * statistics.median(times) / rows


def _seconds(function: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument(
        "--rows", type=int, default=200_000, help="default: %(default)s; at most 30,000 of 784 features"
    )
    parser.add_argument("--turns", type=int, default=9, help="default: %(default)s")
    given = parser.parse_args()
    print("score_samples / elbo   elbo, µs per row   model")
    for kind, features, options in CASES:
        found, microseconds = ratio(kind, features, options, given.rows, given.turns)
        words = "".join(f", {name}={value!r}" for name, value in options.items())
        print(f"{found:20.2f}   {microseconds:16.2f}   {kind}, {features} features{words}", flush=True)


if __name__ == "__main__":
    main()
