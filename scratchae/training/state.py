"""The state of a training run: everything needed to continue it bit by bit."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchae import files
from scratchae.errors import FileFormatError
from scratchae.nets.network import Array, Parameters

RandomState = int | np.integer | np.random.Generator | np.random.RandomState | None


@dataclass
class TrainingState:
    """State of a training run at the end of an epoch.

    Parameters
    ----------
    parameters : Parameters
    optimizer_state : array, shape (S, P)
    seed : int
        Seed of the run. Every epoch uses a generator seeded with it and the epoch's number, so no other random state has to be kept.
    epoch, step : int
        Number of finished epochs, and of updates.
    history : dict of str to list of float
    stopped : bool
        Whether a callback or convergence ended the run.
    interrupted : bool
        Whether Ctrl-C ended the run.
    """

    parameters: Parameters
    optimizer_state: Array
    seed: int
    epoch: int = 0
    step: int = 0
    history: dict[str, list[float]] = field(default_factory=lambda: {"loss": [], "seconds": []})
    stopped: bool = False
    interrupted: bool = False

    def generator(self, *key: int) -> np.random.Generator:
        """Return an independent random generator for each key."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


def seed_of(random_state: RandomState) -> int:
    """Return the seed of a run: the integer itself, a draw from the generator, or a new one for None.

    Raises
    ------
    ValueError
        If it is neither, or negative.
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool) and random_state >= 0:
        return int(random_state)
    raise ValueError(
        f"random_state={random_state!r} is not a seed; give None, a non-negative integer, or a numpy Generator."
    )


def digest(x: Array) -> str:
    """Return the SHA-256 of an array's shape, type and bytes."""
    sha = hashlib.sha256(f"{x.shape} {x.dtype.str}".encode())
    sha.update(np.ascontiguousarray(x).data.cast("B"))
    return sha.hexdigest()


def write_checkpoint(
    path: str | os.PathLike[str], state: TrainingState, fingerprint: dict[str, Any], callbacks: list[dict[str, Array]]
) -> None:
    """Write a state, the fingerprint of its run (class, options, data) and the states of the callbacks."""
    header = {  # (the names are those of the first release, so that older files can be read)
        "identity": fingerprint,
        "entropy": state.seed,
        "epoch": state.epoch,
        "step": state.step,
        "history": state.history,
        "stopped": state.stopped,
        "callbacks": len(callbacks),
    }
    arrays = {"theta": state.parameters.flat, "slots": state.optimizer_state}
    for i, kept in enumerate(callbacks):
        arrays.update({f"callback.{i}.{name}": np.asarray(value) for name, value in kept.items()})
    files.write(path, "checkpoint", header, arrays)


def read_checkpoint(
    path: str | os.PathLike[str], fresh: TrainingState, fingerprint: dict[str, Any], n_callbacks: int
) -> tuple[TrainingState, list[dict[str, Array]]]:
    """Read a checkpoint of the same model, options and data.

    Raises
    ------
    FileFormatError
        If the file is damaged or not a checkpoint.
    ValueError
        If it belongs to another model, other options, other data or other callbacks.
    """
    header, arrays = files.read(path, "checkpoint")
    for key in sorted(fingerprint.keys() | header["identity"].keys()):
        then, now = header["identity"].get(key), fingerprint.get(key)
        if then != now:
            what = "was made with other data" if key == "data" else f"has {key}={then!r}, but this run has {now!r}"
            raise ValueError(
                f"The checkpoint {os.fspath(path)!r} {what}; use the same, or start again with resume=False."
            )
    if header["callbacks"] != n_callbacks:
        raise ValueError(
            f"The checkpoint {os.fspath(path)!r} was made with {header['callbacks']} callbacks that keep a state, but this run has "
            f"{n_callbacks}; use the same, or start again with resume=False."
        )
    theta, optimizer_state = arrays.pop("theta"), arrays.pop("slots")
    if theta.shape != fresh.parameters.flat.shape or optimizer_state.shape != fresh.optimizer_state.shape:
        raise FileFormatError(
            f"The checkpoint {os.fspath(path)!r} has arrays of another size; start again with resume=False."
        )
    state = TrainingState(
        fresh.parameters.like(theta),
        optimizer_state,
        header["entropy"],
        header["epoch"],
        header["step"],
        header["history"],
        header["stopped"],
    )
    states: list[dict[str, Array]] = [{} for _ in range(n_callbacks)]
    for name, value in arrays.items():
        _, index, key = name.split(".", 2)
        states[int(index)][key] = value
    return state, states
