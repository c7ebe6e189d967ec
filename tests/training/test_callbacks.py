"""Early stopping: when it stops, what it keeps, and its state."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.training import EarlyStopping, StatefulCallback
from scratchae.training.callbacks import as_callbacks, fraction_to_hold_out


def after_epochs(losses: list[float], monitor: str = "val_loss") -> Any:
    """A model after so many epochs, whose only parameter is the number of the epoch."""
    theta = np.array([float(len(losses))])
    return SimpleNamespace(history_={monitor: losses}, _parameters=SimpleNamespace(flat=theta))


def run(stop: EarlyStopping, losses: list[float], first: int = 1) -> Any:
    """The model at the end of a run that the callback may stop."""
    model: Any = None
    for epoch in range(first, len(losses) + 1):
        model = after_epochs(losses[:epoch], stop.monitor)
        if stop(model):
            break
    stop.finish(model)
    return model


@pytest.mark.parametrize(
    ("patience", "min_delta", "best", "last"),
    [(1, 0.0, 2, 3), (2, 0.0, 4, 6), (3, 0.0, 4, 7), (2, 0.5, 2, 4), (9, 0.0, 8, 8)],
)
def test_it_stops_after_so_many_epochs_without_improvement(
    patience: int, min_delta: float, best: int, last: int
) -> None:
    losses = [3.0, 2.0, 2.5, 1.8, 1.9, 1.8, 2.0, 1.0]
    stop = EarlyStopping(patience, min_delta)
    model = run(stop, losses)
    assert len(model.history_["val_loss"]) == last
    assert (stop.best_epoch, stop.best) == (best, losses[best - 1])
    assert model._parameters.flat.tolist() == [best]  # the parameters of the best epoch


def test_a_loss_that_is_not_a_number_is_not_an_improvement() -> None:
    stop = EarlyStopping(2)
    assert len(run(stop, [1.0, np.nan, np.nan, 0.5]).history_["val_loss"]) == 3 and stop.best_epoch == 1


def test_other_columns_can_be_monitored() -> None:
    stop = EarlyStopping(1, monitor="loss")
    assert run(stop, [2.0, 1.0, 1.5])._parameters.flat.tolist() == [2]
    with pytest.raises(ValueError, match="monitors 'loss', which is not in the history; pass validation_data"):
        stop(after_epochs([1.0]))


def test_its_state_continues_the_run() -> None:
    losses = [3.0, 2.0, 2.5, 2.4, 2.3]
    whole, before, after = (EarlyStopping(3) for _ in range(3))
    run(whole, losses)
    for epoch in (1, 2, 3):
        before(after_epochs(losses[:epoch]))
    after.load_state_dict({name: value.copy() for name, value in before.state_dict().items()})
    model = run(after, losses, first=4)
    assert (after.best, after.best_epoch) == (whole.best, whole.best_epoch) == (2.0, 2)
    assert model._parameters.flat.tolist() == [2]
    assert isinstance(after, StatefulCallback) and not isinstance(print, StatefulCallback)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, "0.1", True, np.nan])
def test_a_fraction_is_between_0_and_1(fraction: Any) -> None:
    with pytest.raises(ValueError, match="validation_fraction=.* give a number between 0 and 1, or None"):
        EarlyStopping(validation_fraction=fraction)


@pytest.mark.parametrize("patience", [0, -1])
def test_patience_is_at_least_one_epoch(patience: int) -> None:
    with pytest.raises(ValueError, match=f"patience={patience} is not allowed; give a number of epochs of at least 1"):
        EarlyStopping(patience)


def test_parameters_are_kept_also_of_a_model_that_changes_them_in_place() -> None:
    stop, model = EarlyStopping(3), after_epochs([1.0])
    stop(model)
    model.history_["val_loss"].append(2.0)
    model._parameters.flat += 1
    stop(model)
    stop.finish(model)
    assert model._parameters.flat.tolist() == [1]


def test_one_callback_several_or_none() -> None:
    stop = EarlyStopping()
    assert as_callbacks(None) == as_callbacks(()) == as_callbacks([]) == ()
    assert as_callbacks(print) == (print,) and as_callbacks(stop) == (stop,)
    assert as_callbacks([print, stop]) == as_callbacks((print, stop)) == (print, stop)


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (EarlyStopping, r"callbacks is the class EarlyStopping; give an object, such as EarlyStopping\(\)\.$"),
        ([print, EarlyStopping], r"callbacks\[1\] is the class EarlyStopping; give an object"),
        ([print, 3], r"callbacks\[1\] is 3, which cannot be called; give a function"),
        ("stop", r"callbacks\[0\] is 's', which cannot be called"),
        (3, "callbacks=3 is not allowed; give a list of callables"),
        (False, "callbacks=False is not allowed; give a list of callables"),
        ({"stop": print}, "callbacks=.* is not allowed; give a list of callables"),
    ],
)
def test_what_cannot_be_called_is_refused_in_a_sentence(callbacks: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        as_callbacks(callbacks)
    for model in (sae.Autoencoder(), sae.StackedAutoencoder()):
        with pytest.raises(TypeError, match=message):
            model.fit(np.ones((5, 3)), callbacks=callbacks)


def test_the_fraction_to_hold_out_is_that_of_the_callbacks_that_need_it() -> None:
    assert fraction_to_hold_out([print]) is None and fraction_to_hold_out([EarlyStopping()]) == 0.1
    assert fraction_to_hold_out([EarlyStopping(monitor="loss")]) is None
    assert fraction_to_hold_out([EarlyStopping(validation_fraction=None)]) is None
    assert fraction_to_hold_out([EarlyStopping(), EarlyStopping(9, monitor="val_kl")]) == 0.1
    with pytest.raises(ValueError, match="validation_fraction=0.1 and 0.3; give one number for all of them"):
        fraction_to_hold_out([EarlyStopping(), EarlyStopping(validation_fraction=0.3)])


def test_a_new_run_begins_anew() -> None:
    stop = EarlyStopping(1)
    run(stop, [1.0, 2.0])
    stop.start()
    assert stop.best == np.inf and stop.best_epoch == 0 and set(stop.state_dict()) == {"best", "best_epoch"}
    model = after_epochs([5.0, 4.0])
    stop.finish(model)  # without an epoch there is nothing to give back
    assert model._parameters.flat.tolist() == [2]
