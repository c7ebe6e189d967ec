"""The same seed gives the same bits: run after run, on one thread or two, below and above the sizes from which threads work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchae as sae
from scratchae.kernels import losses, product, updates
from scratchae.models.fitting import ModelProblem
from scratchae.registry import REGISTRY

OPTIMIZERS = ("sgd", "momentum", "adam", "lbfgs")


def bits(x: np.ndarray, **options: Any) -> bytes:
    """Everything that a model learns and answers."""
    model = sae.Autoencoder(**{"hidden_sizes": (40,), "latent_dim": 8, "epochs": 2, "random_state": 5, **options})
    model.fit(x, validation_data=x[: len(x) // 3 + 1])
    loss, gradients = model.loss_and_gradients(x)
    arrays = [
        *model.parameters_.values(),
        *gradients.values(),
        model.encode(x),
        model.reconstruct(x),
        model.score_samples(x),
    ]
    columns = [model.history_["loss"], model.history_["val_loss"], [loss, model.score(x)]]
    return b"".join(np.asarray(a).tobytes() for a in (*arrays, *columns))


def on_threads(number: int, compute: Callable[[], bytes]) -> bytes:
    before = numba.get_num_threads()
    numba.set_num_threads(number)
    try:
        return compute()
    finally:
        numba.set_num_threads(before)


SIZES = {"small": (37, 9, 16, (6,)), "large": (300, 200, 256, (170,))}


def test_the_sizes_stand_on_both_sides_of_the_thresholds() -> None:
    for size, above in (("small", False), ("large", True)):
        rows, features, batch, (hidden,) = SIZES[size]
        batch = min(rows, batch)
        assert (batch * features * hidden >= product.PARALLEL_FROM) == above
        assert (batch * features >= losses.PARALLEL_FROM) == above
        parameters = sae.Autoencoder((hidden,), 8)._first_state(features, 0).parameters.flat.size
        assert (parameters >= 8 * updates.CHUNK) == above


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="there is one thread only")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
def test_one_thread_and_two_give_the_same_bits(size: str, dtype: str) -> None:
    rows, features, batch, hidden = SIZES[size]
    x = np.random.default_rng(1).random((rows, features))
    for optimizer, tied in [*zip(OPTIMIZERS, (False, True, False, True), strict=True), ("adam", True)]:
        options: dict[str, Any] = {
            "hidden_sizes": hidden,
            "batch_size": batch,
            "optimizer": optimizer,
            "tied_weights": tied,
        }
        options |= {"dtype": dtype, "likelihood": "gaussian" if tied else "bernoulli", "weight_decay": 0.01}
        one, two = (on_threads(n, lambda o=options: bits(x, **o)) for n in (1, 2))  # type: ignore[misc]
        assert one == two, (optimizer, tied)


@settings(max_examples=15)
@given(
    rows=st.integers(1, 60),
    features=st.integers(1, 40),
    batch=st.integers(1, 70),
    seed=st.integers(0, 2**70),
    optimizer=st.sampled_from(OPTIMIZERS),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_two_fits_in_a_row_give_the_same_bits(
    rows: int, features: int, batch: int, seed: int, optimizer: str, dtype: str
) -> None:
    x = np.random.default_rng(0).random((rows, features))
    first, second = (bits(x, random_state=seed, batch_size=batch, optimizer=optimizer, dtype=dtype) for _ in range(2))
    assert first == second


def test_fitting_the_same_object_again_gives_the_same_bits(x: np.ndarray) -> None:
    model = sae.Autoencoder((5,), 2, epochs=3, random_state=1)
    first = model.fit(x).parameters_.flat.copy()
    np.testing.assert_array_equal(model.fit(x).parameters_.flat, first)


def test_every_seed_is_another_run(x: np.ndarray) -> None:
    seeds: list[Any] = [
        0,
        1,
        2**31,
        2**64 + 1,
        np.int64(7),
        np.random.default_rng(0),
        np.random.RandomState(0),
        None,
        None,
    ]
    assert len({bits(x, random_state=seed) for seed in seeds}) == len(seeds)


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_a_seed_of_numpy_gives_the_bits_of_the_same_integer(name: str, x: np.ndarray) -> None:
    kind, y = getattr(sae, name), np.arange(len(x)) % 3
    small = {"epochs": 2, "pretrain_epochs": 1, "hidden_sizes": (6,), "latent_dim": 4, "k": 2, "binarize": "static"}
    usual = kind().get_params()
    options = {option: value for option, value in small.items() if usual.get(option, ()) != ()}
    held_out = (x[::-1] ** 2, y) if kind.needs_labels else x[::-1] ** 2
    seen = []
    for seed in (3, np.int64(3), np.uint8(3)):
        model = kind(**options, random_state=seed).fit(x, y, validation_data=held_out)
        history = {column: values for column, values in model.history_.items() if column != "seconds"}
        seen.append((model.parameters_.flat.tobytes(), history))
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_batches_are_drawn_anew_in_every_epoch(name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[tuple[int, ...]] = []
    take_steps = ModelProblem.take_steps

    def spy(self: ModelProblem, state: Any, order: np.ndarray, losses: np.ndarray) -> int:
        orders.append(tuple(order))
        return take_steps(self, state, order, losses)

    monkeypatch.setattr(ModelProblem, "take_steps", spy)
    with sae.use_backend(name):
        sae.Autoencoder((5,), 2, batch_size=16, epochs=4, random_state=0).fit(x)
    assert len(set(orders)) == len(orders) == 4
    assert all(sorted(order) == list(range(70)) for order in orders)


@pytest.mark.parametrize("seed", [3, None])
def test_numpys_global_generator_is_neither_used_nor_changed(x: np.ndarray, seed: int | None) -> None:
    kept = np.random.get_state()
    try:
        runs = []
        for state in (1, 2):
            np.random.seed(state)
            before = np.random.get_state()
            runs.append(bits(x, random_state=seed))
            for old, new in zip(before, np.random.get_state(), strict=True):
                np.testing.assert_array_equal(old, new)
        if seed is not None:
            assert runs[0] == runs[1]
        np.random.seed(1)
        assert (bits(x, random_state=seed) == runs[0]) == (seed is not None)
    finally:
        np.random.set_state(kept)


def test_a_generator_is_used_up_as_scikit_learns_are(x: np.ndarray) -> None:
    generator = np.random.default_rng(4)
    first, second = bits(x, random_state=generator), bits(x, random_state=generator)
    assert first != second
    assert bits(x, random_state=np.random.default_rng(4)) == first
    assert bits(x, random_state=np.random.RandomState(4)) == bits(x, random_state=np.random.RandomState(4))


def test_epochs_are_a_prefix_of_more_epochs(x: np.ndarray) -> None:
    def parameters(optimizer: str, epochs: int) -> np.ndarray:
        return sae.Autoencoder((5,), 2, optimizer=optimizer, epochs=epochs, random_state=0).fit(x).parameters_.flat

    for optimizer in OPTIMIZERS:
        seen: list[np.ndarray] = []
        model = sae.Autoencoder((5,), 2, optimizer=optimizer, epochs=4, random_state=0)
        model.fit(x, callbacks=[lambda model, seen=seen: seen.append(model.parameters_.flat.copy())])  # type: ignore[misc]
        np.testing.assert_array_equal(seen[1], parameters(optimizer, 2))
