"""Trainings that ended too early: the rule on the history, and the warning of `fit`, once and only where it is right."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.errors import ConvergenceWarning, muted
from scratchae.models import fitting
from scratchae.nets import Parameters
from scratchae.registry import REGISTRY
from scratchae.training import TrainingState
from scratchae.training.convergence import early_end, falling_share

X = np.random.default_rng(0).standard_normal((150, 2)) @ np.random.default_rng(1).standard_normal((2, 5))
X = X + 0.4 * np.random.default_rng(2).standard_normal((150, 5))
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
GAUSSIAN: dict[str, Any] = {"likelihood": "gaussian", "random_state": 0}


def said_by(model: Any, *data: Any, **options: Any) -> list[warnings.WarningMessage]:
    """Return the warnings of a fit about its end."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model.fit(*data, **options)
    return [warning for warning in said if issubclass(warning.category, sae.ConvergenceWarning)]


def test_the_share_of_a_straight_fall_is_its_quarter_over_the_way_from_the_start() -> None:
    # From 100 down by 1 for 40 epochs: quarters at 85.5 … 65.5, the first loss is 100.
    assert falling_share([100.0 - i for i in range(40)]) == pytest.approx(10 / (100 - 65.5))


@pytest.mark.parametrize("losses", [[3.0], [3.0, 2.0, 1.0], [1.0] * 40, [float(i) for i in range(40)]])
def test_without_a_fall_or_with_less_than_four_epochs_there_is_no_share(losses: list[float]) -> None:
    assert falling_share(losses) == 0


def test_a_decrease_that_has_ended_or_is_within_the_noise_is_none() -> None:
    noise = np.random.default_rng(0).standard_normal(200)
    settled = 1 + 10 * np.exp(-np.arange(200) / 10)
    assert falling_share(list(settled)) < 1e-3
    shares = [falling_share(list(-5 + 0.2 * np.random.default_rng(i).standard_normal(200))) for i in range(200)]
    assert np.mean(np.array(shares) > 0) < 0.01
    assert falling_share(list(np.linspace(10, 1, 200) + 0.2 * noise)) > 0.2
    # A mean of 50 epochs has a seventh of the noise of one, so a fall by a single standard deviation is seen.
    slow = [
        falling_share(list(np.linspace(4, 0, 200) + np.random.default_rng(i).standard_normal(200))) for i in range(50)
    ]
    assert np.mean(np.array(slow) > 0) > 0.8


def test_few_steps_are_always_too_few_and_counted_by_their_name() -> None:
    assert early_end([1.0], 1) == "after only 1 step"
    assert early_end([1.0] * 199, 199) == "after only 199 steps" and early_end([1.0] * 200, 200) == ""
    assert early_end([1.0] * 19, 19, iterations=True) == "after only 19 iterations"
    assert early_end([1.0] * 20, 20, iterations=True) == ""
    falling = [100.0 - i for i in range(40)]
    assert early_end(falling, 4000) == (
        "after 4,000 steps, while its loss was still falling (by 29% of its whole decrease in the last quarter)"
    )


def new(name: str, **options: Any) -> Any:
    own: dict[str, Any] = {"random_state": 0} if name == "StackedClassifier" else dict(GAUSSIAN)
    if name == "StackedAutoencoder":
        own["hidden_sizes"] = (16, 8)
    if "Variational" in name or name.startswith("Importance"):
        own |= {"variance": "learned", "hidden_sizes": (64,), "latent_dim": 2}
    return getattr(sae, name)(**{**own, **options})


def test_after_epochs_by_rule_only_a_nearly_straight_fall_counts() -> None:
    straight, bent = [100.0 - i for i in range(40)], [100 * np.exp(-i / 15) for i in range(40)]
    assert 0.08 < falling_share(bent) < 0.2 < falling_share(straight)
    assert early_end(straight, 4000, auto=True) and early_end(bent, 4000) and not early_end(bent, 4000, auto=True)


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_warns_once_at_the_line_of_the_user(name: str) -> None:
    brief = {"pretrain_epochs": 1} if name == "StackedAutoencoder" else {}
    (warning,) = said_by(new(name, **brief, epochs=3), X, Y)
    assert 'after only 15 steps; give epochs="auto" (1,000), or a larger learning_rate.' in str(warning.message)
    assert warning.filename == __file__


@pytest.mark.slow
@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_no_model_warns_with_its_defaults(name: str) -> None:
    assert not said_by(new(name), X, Y)


def test_a_loss_that_still_falls_after_many_epochs_is_remarked_with_what_to_do() -> None:
    (warning,) = said_by(sae.Autoencoder((), 2, learning_rate=1e-5, epochs=1200, **GAUSSIAN), X)
    assert "Autoencoder ended after 6,000 steps, while its loss was still falling" in str(warning.message)
    assert str(warning.message).endswith("give epochs above 1,200, or a larger learning_rate.")


def test_an_end_by_a_callback_or_by_convergence_is_no_early_end() -> None:
    assert not said_by(sae.Autoencoder(epochs=50, **GAUSSIAN), X, callbacks=[lambda model: model.n_iter_ == 2])
    stop = sae.EarlyStopping(patience=1)
    model = sae.Autoencoder(epochs=30, learning_rate=0.5, **GAUSSIAN)
    assert not said_by(model, X, validation_data=X, callbacks=[stop]) and model.n_iter_ < 30
    linear = sae.Autoencoder((), 2, "identity", optimizer="lbfgs", dtype="float64", **GAUSSIAN)
    assert not said_by(linear, X) and linear.n_iter_ < 500
    (warning,) = said_by(linear.set_params(epochs=5), X)
    assert str(warning.message) == 'Autoencoder ended after only 5 iterations; give epochs="auto" (500).'


def test_ctrl_c_is_no_early_end() -> None:
    def interrupt(model: Any) -> None:
        if model.n_iter_ == 2:
            raise KeyboardInterrupt

    assert not said_by(sae.Autoencoder(epochs=50, **GAUSSIAN), X, callbacks=[interrupt])


def test_trainings_that_are_short_on_purpose_end_in_silence() -> None:
    with pytest.warns(sae.ConvergenceWarning) as said:
        with muted(ConvergenceWarning):
            sae.Autoencoder(epochs=2, **GAUSSIAN).fit(X)
        sae.Autoencoder(epochs=1, **GAUSSIAN).fit(X)
    assert [str(warning.message).split(";")[0] for warning in said] == ["Autoencoder ended after only 5 steps"]


def test_pre_training_alone_warns_once_for_all_layers() -> None:
    stack = sae.StackedAutoencoder((6, 3), pretrain_epochs=2, **GAUSSIAN)
    with pytest.warns(sae.ConvergenceWarning) as said:
        stack.pretrain(X)
    assert len(said) == 1 and said[0].filename == __file__
    assert str(said[0].message).startswith(
        "Pre-training: layer 1 of 2 ended after only 10 steps; give pretrain_epochs=1000"
    )


def test_a_resumed_run_is_judged_as_a_whole(tmp_path: Path) -> None:
    options: dict[str, Any] = {**GAUSSIAN, "hidden_sizes": (), "latent_dim": 2, "learning_rate": 0.01}
    path = tmp_path / "run.npz"
    assert said_by(sae.Autoencoder(epochs=20, **options), X, checkpoint=path)
    assert not said_by(sae.Autoencoder(epochs=300, **options), X, checkpoint=path, resume=True)


def test_a_pass_of_partial_fit_is_never_too_short() -> None:
    model = sae.Autoencoder((4,), 2, **GAUSSIAN)
    with warnings.catch_warnings():
        warnings.simplefilter("error", sae.ConvergenceWarning)
        model.partial_fit(X).partial_fit(X)
    assert len(said_by(model.set_params(epochs=1), X)) == 1


@pytest.mark.parametrize(("epochs", "advice"), [(999, 'epochs="auto" (1,000)'), (1000, "epochs above 1,000")])
def test_the_advice_is_more_than_was_made(epochs: int, advice: str) -> None:
    model = sae.Autoencoder(epochs=epochs, batch_size=32)
    history = {"loss": [float(epochs - i) for i in range(epochs)], "seconds": []}
    state = TrainingState(Parameters({}, "float64"), np.zeros((0, 0)), 0, epochs, 5 * epochs, history)
    assert f"; give {advice}, or" in fitting._early_end(model, state, fitting.schedule(model, 150), 150)
