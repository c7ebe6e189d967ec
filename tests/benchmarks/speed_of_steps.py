"""Time of a compiled training step, and of the same step by the model's objective with compiled ops, for every model and many options.

    python tests/benchmarks/speed_of_steps.py                   # a few minutes
    python tests/benchmarks/speed_of_steps.py --rounds 100 --network 784-400-20

Both train in turns, each first as often as second, for about a twentieth of a second; the ratio is the median over the rounds. The time is that of
the processor, on one thread, so that other processes hardly matter. A step includes the noise and the gathering of its rows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import numba
import numpy as np

import scratchae as sae
from scratchae.models import fitting
from scratchae.models.fitting import Data, ModelProblem, with_attributes
from scratchae.training import TrainingState, as_optimizer

NETWORKS = {"64-32-2": (64, (32,), 2, 32), "784-400-20": (784, (400,), 20, 128)}  # features, layers, latents, batch
V, W, C = "VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"
GAUSSIAN = {"likelihood": "gaussian"}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", {}),
    ("Autoencoder", {**GAUSSIAN, "output_activation": "tanh"}),
    ("DenoisingAutoencoder", {}),
    ("SparseAutoencoder", {}),
    ("KSparseAutoencoder", {"k": 2}),
    ("ContractiveAutoencoder", {"hidden_sizes": ()}),
    ("WassersteinAutoencoder", {}),
    (V, {}),
    (V, {"n_samples": 5}),
    (V, {"binarize": "dynamic"}),
    (V, {"kl": "sampled"}),
    (V, {"free_bits": 0.1}),
    (V, {**GAUSSIAN, "variance": 0.1}),
    (V, {**GAUSSIAN, "variance": "learned"}),
    (V, {**GAUSSIAN, "variance": "learned_per_feature"}),
    (C, {}),
    (C, {**GAUSSIAN}),
    (W, {}),
    (W, {**GAUSSIAN}),
]
ROUND = 0.05  # seconds


class Training:
    """A model in training on random rows, by compiled steps or by its objective.

    Parameters
    ----------
    kind : str
    options : dict
    network : str
        One of `NETWORKS`.
    compiled : bool
    """

    def __init__(self, kind: str, options: dict[str, Any], network: str, *, compiled: bool) -> None:
        features, hidden, latents, batch = NETWORKS[network]
        rng = np.random.default_rng(0)
        data = Data(rng.random((50 * batch, features), np.float32), rng.integers(0, 10, 50 * batch))
        one_layer = options.get("hidden_sizes") == ()
        sizes = {"hidden_sizes": hidden, "latent_dim": hidden[0] if one_layer else latents}
        model = getattr(sae, kind)(**{**sizes, "batch_size": batch, "random_state": 0, **options})
        model = with_attributes(model, {"classes_": np.arange(10)} if model.needs_labels else {})
        data = data if model.needs_labels else Data(data.x)
        with patch.dict(fitting.COMPILED, clear=not compiled):
            self.problem = ModelProblem(model, data, None, as_optimizer("adam"))
        assert compiled == (self.problem.compiled is not None)
        self.state: TrainingState = model._first_state(features, 2)
        model._initialise_from_data(data, self.state.parameters)
        self.at_once = min(50, fitting.steps_per_call(model, self.state.parameters.flat.size, batch, features))
        self.order, self.batch = rng.permutation(len(data.x)), batch

    def seconds_per_step(self, steps: int) -> float:
        """Take about `steps` steps; return the seconds of one."""
        done, start = 0, time.process_time()
        while done < steps:
            losses = np.empty(self.at_once)
            taken = self.problem.take_steps(self.state, self.order[: self.at_once * self.batch], losses)
            assert taken == self.at_once
            self.state.step += taken
            done += taken
        return (time.process_time() - start) / done

    def __iter__(self) -> Iterator[float]:
        self.seconds_per_step(20)
        steps = int(ROUND / self.seconds_per_step(20)) + 1
        while True:
            yield self.seconds_per_step(steps)


def compared(kind: str, options: dict[str, Any], network: str, rounds: int) -> tuple[float, float, float]:
    """Return the median microseconds of a compiled step and of one by the objective, and the median ratio."""
    both = [iter(Training(kind, options, network, compiled=compiled)) for compiled in (True, False)]
    times = []
    for turn in range(rounds):
        order = (0, 1) if turn % 2 else (1, 0)
        found = {which: next(both[which]) for which in order}
        times.append((found[0], found[1]))
    compiled, objective = (1e6 * statistics.median(column) for column in zip(*times, strict=True))
    return compiled, objective, statistics.median(b / a for a, b in times)


def main() -> None:
    """Print the times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--network", choices=NETWORKS, action="append", help="default: all")
    given = parser.parse_args()
    numba.set_num_threads(1)
    for network in given.network or NETWORKS:
        print(f"{network}, batch {NETWORKS[network][-1]}\ncompiled, µs   objective, µs   ratio   model")
        for kind, options in CASES:
            compiled, objective, ratio = compared(kind, options, network, given.rounds)
            words = "".join(f", {name}={value!r}" for name, value in options.items())
            print(f"{compiled:12.1f}   {objective:13.1f}   {ratio:5.2f}   {kind}{words}", flush=True)


if __name__ == "__main__":
    main()
