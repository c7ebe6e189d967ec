"""The state of a run: generators by key, seeds of every kind, digests, and checkpoints of the same run only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae.errors import FileFormatError
from scratchae.nets import Parameters
from scratchae.training import TrainingState, seed_of
from scratchae.training.state import digest, read_checkpoint, write_checkpoint

FINGERPRINT = {"class": "Autoencoder", "latent_dim": 2, "data": ["a", None]}


def state(size: int = 3, **options: Any) -> TrainingState:
    parameters = Parameters({"a.W": (1, size)}, np.float32, np.arange(size, dtype=np.float32))
    return TrainingState(parameters, np.ones((2, size), np.float32), 7, **options)


def test_each_key_has_a_generator_of_its_own() -> None:
    one, two = state(), state()
    assert np.array_equal(one.generator(1, 5).random(4), two.generator(1, 5).random(4))
    draws = [one.generator(*key).random() for key in ((0,), (1, 0), (1, 1), (2, 0))]
    draws.append(TrainingState(one.parameters, one.optimizer_state, 8).generator(0).random())  # another seed
    assert len(set(draws)) == 5


def test_seeds() -> None:
    assert seed_of(0) == 0 and seed_of(5) == 5 == seed_of(np.int64(5)) and type(seed_of(np.uint8(5))) is int
    for kind in (np.random.default_rng, np.random.RandomState):
        used, fresh = kind(3), kind(3)
        first = seed_of(used)
        assert seed_of(fresh) == first != seed_of(used)  # a draw: the generator moves on
    assert seed_of(None) != seed_of(None)


@pytest.mark.parametrize("bad", [-1, 0.5, "0", True, [1]])
def test_what_is_not_a_seed_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="is not a seed; give None, a non-negative integer, or a numpy Generator"):
        seed_of(bad)


def test_digests_depend_on_values_shape_and_type_and_not_on_memory() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert digest(x) == digest(np.asfortranarray(x)) == digest(np.repeat(x, 2, axis=1)[:, ::2])
    assert digest(np.zeros(3)) != digest(np.zeros(3, np.int64))  # of the same bytes
    others = [x + 0.0, x.reshape(3, 2), x.astype(np.float32), np.where(x == 5, 6, x)]
    assert digest(others[0]) == digest(x) and len({digest(other) for other in others}) == 4


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    path, callbacks = tmp_path / "run.npz", [{"best": np.array(1.5)}, {}]
    kept = state(epoch=4, step=12, history={"loss": [3.0, 2.0], "seconds": [0.1, 0.2]}, stopped=True)
    write_checkpoint(path, kept, FINGERPRINT, callbacks)
    fresh = state()
    fresh.parameters.flat[:] = 0
    read, states = read_checkpoint(path, fresh, FINGERPRINT, 2)
    assert (read.seed, read.epoch, read.step, read.stopped, read.interrupted) == (7, 4, 12, True, False)
    assert read.history == kept.history
    assert read.parameters["a.W"].tolist() == [[0, 1, 2]] and read.parameters.flat.dtype == np.float32
    assert read.optimizer_state.tolist() == kept.optimizer_state.tolist()
    assert states[0]["best"] == 1.5 and states[1] == {} and not fresh.parameters.flat.any()


@pytest.mark.parametrize(
    ("changes", "n_callbacks", "message"),
    [
        ({"latent_dim": 3}, 1, "has latent_dim=2, but this run has 3; use the same, or start again with resume=False"),
        ({"data": ["b", None]}, 1, "was made with other data"),
        ({"beta": 1.0}, 1, "has beta=None, but this run has 1.0"),
        ({}, 0, "was made with 1 callbacks that keep a state, but this run has 0"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(
    changes: dict[str, Any], n_callbacks: int, message: str, tmp_path: Path
) -> None:
    write_checkpoint(tmp_path / "run.npz", state(), FINGERPRINT, [{}])
    with pytest.raises(ValueError, match=message):
        read_checkpoint(tmp_path / "run.npz", state(), {**FINGERPRINT, **changes}, n_callbacks)


def test_arrays_of_another_size_are_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "run.npz", state(), FINGERPRINT, [])
    with pytest.raises(FileFormatError, match="has arrays of another size; start again"):
        read_checkpoint(tmp_path / "run.npz", state(4), FINGERPRINT, 0)


def test_an_optimiser_state_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    write_checkpoint(path, state(), FINGERPRINT, [])
    other = state()
    other.optimizer_state = np.ones((1, 3), np.float32)
    with pytest.raises(FileFormatError, match="arrays of another size; start again with resume=False"):
        read_checkpoint(path, other, FINGERPRINT, 0)
