"""The loop itself, on a problem without a model: the rows of an epoch, its loss, callbacks, and divergence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.nets import Parameters
from scratchae.training import Plan, TrainingState, train
from scratchae.training.order import EpochOrder


class Descent:
    """Minimise the mean over the rows of (theta - row)² / 2, and record what the loop asks for."""

    def __init__(self, values: list[float], rate: float = 0.1) -> None:
        self.values, self.rows, self.rate = np.array(values), len(values), rate
        self.order = EpochOrder(self.rows)
        self.batches: list[list[int]] = []
        self.fitted: list[int] = []

    def take_steps(self, state: TrainingState, order: np.ndarray, losses: np.ndarray) -> int:
        for i, rows in enumerate(np.array_split(order, range(2, len(order), 2))):
            self.batches.append(rows.tolist())
            error = state.parameters.flat[0] - self.values[rows]
            losses[i] = (error**2).mean() / 2
            if not np.isfinite(losses[i]):
                return i
            state.parameters.flat[0] -= self.rate * error.mean()
        return len(losses)

    def full_gradient(self, state: TrainingState, theta: np.ndarray) -> tuple[float, np.ndarray]:
        error = theta[0] - self.values
        return float((error**2).mean() / 2), np.array([error.mean()])

    def mean_terms(self) -> dict[str, float]:
        return {}

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        return {"loss": float(state.epoch)}

    def first_nonfinite(self, state: TrainingState, rows: np.ndarray) -> str:
        return f"row {rows[0]}"

    def set_fitted_state(self, state: TrainingState) -> Any:
        self.fitted.append(state.epoch)
        return SimpleNamespace(theta=state.parameters.flat.copy(), epoch=state.epoch)


def begun(theta: float = 0.0) -> TrainingState:
    return TrainingState(Parameters({"theta": (1,)}, np.float64, np.array([theta])), np.zeros((0, 1)), 3)


def plan(**options: Any) -> Plan:
    return Plan(**{"optimizer": sae.SGD(), "epochs": 3, "batch_size": 2, "steps_per_call": 2, **options})


def test_every_epoch_has_every_row_once_in_an_order_of_its_own() -> None:
    problem, state = Descent([1, 2, 3, 4, 5, 6, 7]), begun()
    train(problem, plan(), state)
    assert [len(rows) for rows in problem.batches] == 3 * [2, 2, 2, 1] and state.step == 12
    epochs = [sum(problem.batches[4 * i : 4 * i + 4], []) for i in range(3)]
    assert all(sorted(rows) == list(range(7)) for rows in epochs) and epochs[0] != epochs[1] != epochs[2]
    again = Descent([1, 2, 3, 4, 5, 6, 7])
    train(again, plan(steps_per_call=1), begun())
    assert again.batches == problem.batches


def test_the_loss_of_an_epoch_is_that_of_its_rows() -> None:
    problem, state = Descent([3, 3, 3, 3, 7], rate=0.0), begun(3.0)
    train(problem, plan(epochs=4), state)
    # Each row counts alike, also the one in a batch of its own: 4² / 2 in 5 rows.
    np.testing.assert_allclose(state.history["loss"], 1.6, rtol=1e-14)
    assert len({len(rows) for rows in problem.batches if 4 in rows}) == 2  # alone in some epochs, not in others


def test_callbacks_see_each_epoch_and_any_of_them_stops() -> None:
    seen: list[tuple[str, int]] = []

    def named(name: str, last: int) -> Any:
        return lambda model: seen.append((name, model.epoch)) or model.epoch == last

    state = begun()
    problem = Descent([1, 2])
    train(problem, plan(epochs=9, callbacks=[named("a", 2), named("b", 5)]), state)
    assert seen == [("a", 1), ("b", 1), ("a", 2), ("b", 2)] and state.stopped and state.epoch == 2
    assert problem.fitted == [1, 2] and state.history["val_loss"] == [1, 2]
    assert len(state.history["seconds"]) == 2 and state.history["seconds"] == sorted(state.history["seconds"])


def test_divergence_names_epoch_batch_and_place() -> None:
    state = begun()
    with pytest.raises(sae.DivergenceError, match=r"The loss became nan in epoch 1, batch \d; .* is row \d; lower"):
        train(Descent([1, 2, np.nan, 4]), plan(), state)
    assert state.epoch == 0 and state.history["loss"] == []


def test_lbfgs_finds_the_mean_and_ends_when_it_has_it() -> None:
    problem, state = Descent([1, 2, 6]), begun(100.0)
    train(problem, plan(optimizer=sae.LBFGS(), epochs=50), state)
    assert state.parameters.flat[0] == pytest.approx(3, abs=1e-7) and state.stopped and state.epoch < 10
    assert (np.diff(state.history["loss"]) <= 0).all()


def test_ctrl_c_keeps_the_epochs_that_are_finished() -> None:
    def interrupt(model: Any) -> None:
        if model.epoch == 2:
            raise KeyboardInterrupt

    state = begun()
    with pytest.warns(UserWarning, match="Training was interrupted; the model is that of epoch 2 of 3"):
        train(Descent([1, 2]), plan(callbacks=[interrupt]), state)
    assert state.interrupted and len(state.history["loss"]) == 2
