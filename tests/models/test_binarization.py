"""Ways to make grey pixels black and white."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.binarization import for_evaluation, for_training


def test_ways_of_binarising() -> None:
    x = np.array([[0.0, 0.2, 0.5, 0.8, 1.0]] * 4000)
    assert np.array_equal(for_training(x, "none", 0), x) and np.array_equal(for_training(x, "dynamic", 0), x)
    assert for_training(x, "threshold", 0)[0].tolist() == [0, 0, 0, 1, 1]
    for drawn in (for_training(x, "static", 3), for_evaluation(x, "dynamic", 3), for_evaluation(x, "static", 3)):
        assert set(np.unique(drawn)) == {0.0, 1.0}
        assert np.allclose(drawn.mean(axis=0), [0, 0.2, 0.5, 0.8, 1.0], atol=0.03)
        assert drawn[:, 0].max() == 0 and drawn[:, 4].min() == 1
    assert not np.array_equal(for_evaluation(x, "dynamic", 3), for_evaluation(x, "dynamic", 4))


@pytest.mark.filterwarnings("ignore:The posterior has collapsed")  # as it must, if all rows are the same
def test_dynamic_binarisation_is_fresh_in_each_epoch_and_static_is_not() -> None:
    grey = np.full((8, 9), 0.5)
    still = {"learning_rate": 1e-300, "optimizer": "sgd", "epochs": 3, "batch_size": 8}
    seen: dict[str, list[np.ndarray]] = {"static": [], "dynamic": []}
    for way, batches in seen.items():

        class Watched(sae.VariationalAutoencoder):
            _batches = batches

            def _nll(self, parameters: Any, output: Any, x: Any) -> Any:
                self._batches.append(np.sort(x.sum(axis=1)))
                return super()._nll(parameters, output, x)

        with sae.use_backend("numpy"):  # the compiled steps take the same draws, which is a claim of its own
            Watched((7,), 3, binarize=way, dtype="float64", random_state=0, **still).fit(grey)
    first, *others = seen["static"]
    assert all(np.array_equal(first, other) for other in others)
    first, *others = seen["dynamic"]
    assert len(others) == 2 and not any(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("seed", [None, 5])
def test_static_pixels_are_those_of_the_seed_and_of_seed_0_without_one(seed: int | None) -> None:
    grey = np.random.default_rng(1).random((12, 9))
    parameters = []
    for way, rows in (("static", grey), ("none", for_training(grey, "static", seed or 0))):
        random_state = np.random.RandomState(3) if seed is None else seed
        model = sae.VariationalAutoencoder((7,), 3, binarize=way, dtype="float64", random_state=random_state, epochs=2)
        parameters.append(model.fit(rows).parameters_.flat)
    assert np.array_equal(*parameters)
