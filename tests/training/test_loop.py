"""The loop itself, on a problem without a model: the rows of an epoch, its loss, callbacks, and divergence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.nets import Parameters
from scratchae.training import Plan, TrainingState, interruption, loop, train
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


@pytest.mark.parametrize("calls", [1, 2, 9])
def test_divergence_counts_batches_from_the_beginning_of_the_epoch(calls: int) -> None:
    problem = Descent([1, 2, 3, 4, np.nan, 6, 7, 8, 9])
    with pytest.raises(sae.DivergenceError) as caught:
        train(problem, plan(steps_per_call=calls), begun())
    assert len(problem.batches) > 1
    assert f"in epoch 1, batch {len(problem.batches)};" in str(caught.value)
    assert f"is row {problem.batches[-1][0]};" in str(caught.value)


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


def test_ctrl_c_before_the_parameters_are_stored_takes_the_record_of_the_epoch_back() -> None:
    class Slow(Descent):
        def set_fitted_state(self, state: TrainingState) -> Any:
            if state.epoch == 3:
                raise KeyboardInterrupt
            return super().set_fitted_state(state)

    state = begun()
    with pytest.warns(UserWarning, match="the model is that of epoch 2 of 5"):
        train(Slow([1, 2]), plan(epochs=5), state)
    assert {name: len(values) for name, values in state.history.items()} == {"loss": 2, "seconds": 2, "val_loss": 2}


class Finishing:
    """A callback that interrupts after its second epoch and records its end."""

    ended = 0

    def __call__(self, model: Any) -> None:
        if model.epoch == 2:
            raise KeyboardInterrupt

    def finish(self, model: Any) -> None:
        self.ended = model.epoch


def test_callbacks_finish_also_if_ctrl_c_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_INTERRUPT", "raise")
    callback = Finishing()
    with pytest.raises(KeyboardInterrupt):
        train(Descent([1, 2]), plan(callbacks=[callback]), begun())
    assert callback.ended == 2


def test_after_sigterm_a_training_ends_at_once_or_after_the_epoch_in_which_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interruption._Received, "sigterm", False)

    def trains_another_model(model: Any) -> None:
        interruption._Received.sigterm = model.epoch == 2

    problem, state = Descent([1, 2]), begun()
    with pytest.warns(UserWarning, match="was ended by SIGTERM; the model is that of epoch 2 of 3"):
        train(problem, plan(callbacks=[trains_another_model]), state)
    assert state.interrupted and problem.fitted == [1, 2]
    with pytest.raises(interruption.Terminated):
        train(problem, plan(), begun())
    assert problem.fitted == [1, 2]


def test_the_time_of_a_resumed_run_goes_on() -> None:
    state = begun()
    train(Descent([1, 2]), plan(epochs=2), state)
    state.history["seconds"] = [1000.0, 2000.0]
    train(Descent([1, 2]), plan(epochs=4), state)
    assert 2000 <= state.history["seconds"][2] <= state.history["seconds"][3] < 2100


@pytest.mark.parametrize("last", [2, 3, 4, 6])
def test_a_callback_stops_lbfgs_also_where_its_memory_is_reset(last: int) -> None:
    class Steep(Descent):
        def full_gradient(self, state: TrainingState, theta: np.ndarray) -> tuple[float, np.ndarray]:
            return float(np.cosh(theta[0] / 9)), np.sinh(theta / 9) / 9  # many iterations

    state = begun(90.0)
    train(Steep([1]), plan(optimizer=sae.LBFGS(restart=3), epochs=9, callbacks=[lambda m: m.epoch == last]), state)
    assert state.epoch == last and state.stopped


def test_a_column_that_begins_later_is_filled_and_names_of_other_columns_are_refused() -> None:
    class WithTerms(Descent):
        name = "penalty"

        def mean_terms(self) -> dict[str, float]:
            return {self.name: 0.5}

    state, problem = begun(), WithTerms([1, 2])
    train(Descent([1, 2]), plan(epochs=2), state)
    train(problem, plan(epochs=3), state)
    np.testing.assert_array_equal(state.history["penalty"], [np.nan, np.nan, 0.5])
    for problem.name in ("loss", "seconds", "val_penalty"):
        with pytest.raises(ValueError, match=f"has a term '{problem.name}', which is another column of the history"):
            train(problem, plan(), begun())


def test_the_last_checkpoint_is_that_of_the_last_epoch_and_a_failure_is_remarked_once(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr(loop, "write_checkpoint", lambda path, state, *others: written.append(state.epoch))
    train(Descent([1, 2]), plan(epochs=5, checkpoint=tmp_path / "run.npz"), begun())
    assert written == [1, 5]  # within half a second
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)

    def fail(*arguments: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(loop, "write_checkpoint", fail)
    with pytest.warns(UserWarning, match="could not be written") as said:
        train(Descent([1, 2]), plan(epochs=5, checkpoint=tmp_path / "run.npz"), begun())
    assert len(said) == 1
