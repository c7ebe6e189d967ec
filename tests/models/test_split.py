"""The split for early stopping: its size, its classes, and models that are fitted with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchae as sae
from scratchae.models.fitting import Data, hold_out
from scratchae.models.split import rows_to_hold_out

X = np.random.default_rng(0).random((50, 6))
Y = np.array(["a"] * 30 + ["b"] * 15 + ["c"] * 5)
SMALL: dict[str, Any] = {"batch_size": 8, "epochs": 12, "random_state": 3, "learning_rate": 0.05}
MODELS: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", {"hidden_sizes": (5,), "latent_dim": 2}),
    ("Autoencoder", {"hidden_sizes": (), "latent_dim": 2, "optimizer": "lbfgs"}),
    ("SparseAutoencoder", {"latent_dim": 3}),
    ("WassersteinAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2}),
    ("VariationalAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2, "binarize": "static"}),
    ("ConditionalVariationalAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2}),
    ("StackedAutoencoder", {"hidden_sizes": (5, 3), "pretrain_epochs": 4}),
    ("StackedClassifier", {"hidden_sizes": (5,)}),
]
pytestmark = pytest.mark.filterwarnings("ignore:The posterior has collapsed")


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6), st.floats(0.01, 0.99), st.booleans(), st.integers(0, 2**32)
)
def test_size_and_classes(counts: list[int], fraction: float, labelled: bool, seed: int) -> None:
    rows = sum(counts)
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts)) if labelled else None
    most = rows - (len(counts) if labelled else 1)
    if most == 0:
        with pytest.raises(ValueError, match="holds out rows, but there is only one row"):
            rows_to_hold_out(rows, classes, fraction, np.random.default_rng(seed))
        return
    held = rows_to_hold_out(rows, classes, fraction, np.random.default_rng(seed))
    assert len(set(held.tolist())) == len(held) and (np.diff(held) > 0).all() and 0 <= held[0] <= held[-1] < rows
    assert 1 <= len(held) <= most and abs(len(held) - fraction * rows) <= max(
        1, (0 if classes is None else len(counts))
    )
    if classes is not None:
        kept = np.bincount(classes, minlength=len(counts)) - np.bincount(classes[held], minlength=len(counts))
        assert (kept >= 1).all()
        shares = np.bincount(classes[held], minlength=len(counts)) - fraction * np.array(counts)
        assert (shares < 1 + 1e-9).all()


def test_each_class_is_held_out_alike() -> None:
    classes = np.repeat([0, 1, 2], [300, 150, 50])
    held = rows_to_hold_out(500, classes, 0.1, np.random.default_rng(0))
    assert np.bincount(classes[held]).tolist() == [30, 15, 5]
    classes = np.repeat([0, 1], [14, 16])  # 1.4 and 1.6 rows: the larger remainder is rounded up
    assert np.bincount(classes[rows_to_hold_out(30, classes, 0.1, np.random.default_rng(0))]).tolist() == [1, 2]
    assert len(rows_to_hold_out(17, None, 0.1, np.random.default_rng(0))) == 2


@pytest.mark.parametrize("labelled", [True, False])
def test_each_row_is_held_out_as_often_as_any_other(labelled: bool) -> None:
    classes = np.repeat([0, 1], [8, 12]) if labelled else None
    held = [rows_to_hold_out(20, classes, 0.25, np.random.default_rng(seed)) for seed in range(400)]
    assert np.abs(np.bincount(np.concatenate(held), minlength=20) / 400 - 0.25).max() < 0.1


def fitted(name: str, options: dict[str, Any], stop: Any, **fit_options: Any) -> Any:
    model = getattr(sae, name)(**{**SMALL, **options})
    return model.fit(X, Y, callbacks=stop, **fit_options)


def columns(model: Any) -> dict[str, list[float]]:
    return {name: values for name, values in model.history_.items() if name != "seconds"}


@pytest.mark.parametrize(("name", "options"), MODELS)
def test_every_model_has_a_validation_and_repeats_it(name: str, options: dict[str, Any]) -> None:
    stop = sae.EarlyStopping(patience=3, validation_fraction=0.2)
    model, again = fitted(name, options, stop), fitted(name, options, sae.EarlyStopping(3, validation_fraction=0.2))
    assert np.array_equal(model.parameters_.flat, again.parameters_.flat) and columns(model) == columns(again)
    assert stop.best == min(model.history_["val_loss"]) and stop.best_epoch >= 1
    other = fitted(name, {**options, "random_state": 4}, sae.EarlyStopping(3, validation_fraction=0.2))
    assert columns(other) != columns(model)


def test_the_model_is_not_trained_on_the_rows_held_out() -> None:
    seen: set[int] = set()

    class Watching(sae.Autoencoder):
        def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
            if terms is not None:  # in a step
                seen.update(int(np.flatnonzero((X.astype(x.dtype) == row).all(axis=1))[0]) for row in x)
            return super().objective(parameters, x, y, noise, terms)

    model = Watching((5,), 2, **SMALL)
    model.fit(X, callbacks=sae.EarlyStopping(validation_fraction=0.2))
    held = sorted(set(range(50)) - seen)
    assert len(held) == 10
    plain = sae.Autoencoder((5,), 2, **{**SMALL, "epochs": len(model.history_["loss"])})
    plain.fit(X[sorted(seen)], validation_data=X[held])
    np.testing.assert_allclose(plain.history_["val_loss"], model.history_["val_loss"], rtol=1e-5)


def test_all_stages_of_a_stack_hold_out_the_same_rows() -> None:
    for seed in (3, None, np.random.default_rng(0)):
        validated: list[np.ndarray] = []

        class Watching(sae.StackedAutoencoder):
            def metrics(self, parameters: Any, data: Any, noise: Any, seen: Any = validated) -> Any:
                seen.append(data.x)
                return super().metrics(parameters, data, noise)

        stack = Watching((5, 3), pretrain_epochs=2, **{**SMALL, "random_state": seed})
        stack.fit(X, callbacks=[sae.EarlyStopping(validation_fraction=0.2)])
        held = validated[0]
        rows = [int(np.flatnonzero((X.astype(np.float32) == row).all(axis=1))[0]) for row in held]
        kept = np.setdiff1d(np.arange(50), rows)
        # The history of the first layer is that of a training without the rows held out of the fine-tuning.
        if seed == 3:
            by_hand = sae.StackedAutoencoder((5, 3), pretrain_epochs=2, **SMALL)
            by_hand.pretrain(X[kept], validation_data=held, callbacks=sae.EarlyStopping())
            for history, expected in zip(stack.pretraining_history_, by_hand.pretraining_history_, strict=True):
                assert history["val_loss"] == expected["val_loss"] and history["loss"] == expected["loss"]
        assert [len(history["val_loss"]) for history in stack.pretraining_history_] == [2, 2]


def test_weights_stay_with_their_rows() -> None:
    weights = X[:, 0].copy()
    model, stop = sae.Autoencoder(random_state=0), sae.EarlyStopping(validation_fraction=0.2)
    data, held, kept = hold_out(model, Data(X), None, [stop], 0, weights)
    assert held is not None and kept is not None and len(held.x) == 10
    np.testing.assert_array_equal(kept, data.x[:, 0])
    assert hold_out(model, Data(X), Data(X), [stop], 0, weights)[2] is weights


@pytest.mark.parametrize(("name", "options"), MODELS)
@pytest.mark.parametrize("seed", [3, None])
def test_a_resumed_run_holds_out_the_same_rows(name: str, options: dict[str, Any], seed: Any, tmp_path: Path) -> None:
    path, stop = tmp_path / "run.npz", sae.EarlyStopping(30, validation_fraction=0.2)
    options = {**options, "random_state": seed}
    if name == "VariationalAutoencoder":
        options["binarize"] = "dynamic"
    begun = fitted(name, {**options, "epochs": 3}, sae.EarlyStopping(30, validation_fraction=0.2), checkpoint=path)
    model = fitted(name, options, stop, checkpoint=path, resume=True)
    epochs = len(model.history_["val_loss"])
    assert model.history_["val_loss"][: begun.n_iter_] == begun.history_["val_loss"]
    if seed is not None or "optimizer" not in options:  # L-BFGS may find no further step from a random start
        assert begun.n_iter_ == 3 and epochs == 12
    if seed is not None and "optimizer" not in options:  # L-BFGS would begin again with an empty memory
        whole = fitted(name, options, sae.EarlyStopping(30, validation_fraction=0.2))
        assert np.array_equal(model.parameters_.flat, whole.parameters_.flat) and columns(model) == columns(whole)


def test_another_fraction_or_validation_data_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    fitted("Autoencoder", MODELS[0][1], sae.EarlyStopping(), checkpoint=path)
    for stop, more in ((sae.EarlyStopping(validation_fraction=0.2), {}), (sae.EarlyStopping(), {"validation_data": X})):
        with pytest.raises(ValueError, match="was made with other data|has validation_fraction=0.1, but this run has"):
            fitted("Autoencoder", MODELS[0][1], stop, checkpoint=path, resume=True, **more)


def test_validation_data_come_first_and_other_columns_need_none() -> None:
    model = fitted("Autoencoder", MODELS[0][1], sae.EarlyStopping(), validation_data=X[:7])
    alone = fitted("Autoencoder", MODELS[0][1], None, validation_data=X[:7])
    assert model.history_["val_loss"] == alone.history_["val_loss"][: len(model.history_["loss"])]
    assert "val_loss" not in fitted("Autoencoder", MODELS[0][1], sae.EarlyStopping(monitor="loss")).history_
    with pytest.raises(ValueError, match="not in the history; pass validation_data"):
        fitted("Autoencoder", MODELS[0][1], sae.EarlyStopping(validation_fraction=None))
    with pytest.raises(ValueError, match="validation_fraction=0.1 and 0.2; give one number"):
        fitted("Autoencoder", MODELS[0][1], [sae.EarlyStopping(), sae.EarlyStopping(validation_fraction=0.2)])
    with pytest.raises(ValueError, match="there is only one row of each class"):
        sae.StackedClassifier((3,), **SMALL).fit(X[:3], [0, 1, 2], callbacks=sae.EarlyStopping())


def test_verbose_says_how_many_rows(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("Autoencoder", {**MODELS[0][1], "verbose": 1}, sae.EarlyStopping())
    assert "5 of 50 rows are held out for early stopping (validation_fraction=0.1)." in capsys.readouterr().err
    fitted("Autoencoder", MODELS[0][1], sae.EarlyStopping())
    assert capsys.readouterr().err == ""


def test_all_stages_of_a_stack_hold_out_the_same_rows_whatever_their_seeds() -> None:
    for random_state, same in ((None, True), (np.random.default_rng(0), True), (0, False)):
        stack = sae.StackedAutoencoder((5, 3), random_state=random_state)
        one, two = (hold_out(stack, Data(X), None, [sae.EarlyStopping()], seed)[1] for seed in (1, 2))
        assert one is not None and two is not None and np.array_equal(one.x, two.x) is same
