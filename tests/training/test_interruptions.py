"""Ctrl-C at any instant, also where compiled code hands its result back to Python."""

from __future__ import annotations

import signal
import warnings

import numba
import numpy as np
import pytest

import scratchae as sae
from scratchae.errors import is_interrupt
from scratchae.training import interruption

INSTANTS = 12


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_ctrl_c_at_any_instant(optimizer: str) -> None:
    x = np.random.default_rng(0).random((300, 40), dtype=np.float32)
    model = sae.Autoencoder((32,), 4, optimizer=optimizer, random_state=0)
    model.set_params(epochs=2).fit(x, validation_data=x)  # compiles
    before = numba.get_num_threads()
    previous = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        for delay in np.random.default_rng(1).uniform(0.002, 0.1, INSTANTS):
            fresh = sae.Autoencoder((32,), 4, optimizer=optimizer, random_state=0, epochs=100_000)
            interruption.forget()  # the one before
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                signal.setitimer(signal.ITIMER_REAL, delay)
                try:
                    fresh.fit(x, validation_data=x)
                except KeyboardInterrupt:
                    assert not hasattr(fresh, "history_")  # before the first epoch had ended
                    continue
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            assert numba.get_num_threads() == before
            assert any("Training was interrupted" in str(w.message) for w in caught)
            assert len(fresh.history_["loss"]) == len(fresh.history_["val_loss"]) == len(fresh.history_["seconds"]) > 0
            assert np.isfinite(fresh.score(x))
    finally:
        signal.signal(signal.SIGALRM, previous)


def test_only_ctrl_c_counts_as_ctrl_c() -> None:
    hidden = SystemError("returned a result with an exception set")
    hidden.__cause__ = KeyboardInterrupt()
    assert is_interrupt(KeyboardInterrupt()) and is_interrupt(hidden)
    assert not is_interrupt(SystemError("bad call")) and not is_interrupt(ValueError())
