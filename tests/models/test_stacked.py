"""The stacked autoencoder: layers trained one on the codes of the other, unrolled, and tuned together."""

from __future__ import annotations

import copy
import pickle
import shutil
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.stacked_runs import TOP, KilledError, X, at, epochs, new, same_bits, watching
from sklearn.base import clone

import scratchae as sae
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.training import loop
from scratchae.verify.autoencoder import model_gradient_error

KINDS = [
    ("basic", "sigmoid"),
    ("basic", "tanh"),
    ("basic", "relu"),
    ("basic", "identity"),
    ("denoising", "sigmoid"),
    ("denoising", "tanh"),
    ("sparse", "sigmoid"),
    ("contractive", "sigmoid"),
    ("contractive", "tanh"),
]
CLASSES = {
    "basic": sae.Autoencoder,
    "denoising": sae.DenoisingAutoencoder,
    "sparse": sae.SparseAutoencoder,
    "contractive": sae.ContractiveAutoencoder,
}


# Pre-training.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(("base", "activation"), KINDS)
def test_the_network_is_the_layers_unrolled(base: str, activation: str, tied: bool, backend: str) -> None:
    likelihood = "bernoulli" if activation == "sigmoid" else "gaussian"
    with sae.use_backend(backend):
        stack = new(base=base, activation=activation, likelihood=likelihood, tied_weights=tied).pretrain(X)
        p, layers = stack.parameters_, stack.layers_
        assert [type(layer) for layer in layers] == 3 * [CLASSES[base]]
        expected = {}
        for k, layer in enumerate(layers):
            for name, value in layer.parameters_.items():
                side, _, kind = name.split(".")
                expected[f"{side}.{k if side == 'encoder' else 2 - k}.{kind}"] = value
        assert set(p) == set(expected) and len(p) == (9 if tied else 12)
        for name, value in expected.items():
            assert np.array_equal(p[name], value), name
        codes = X
        for layer in layers:
            codes = layer.encode(codes)
        assert np.array_equal(stack.encode(X), codes) and codes.shape == (20, 3)
        for layer in layers[::-1]:
            codes = layer.decode(codes)
        np.testing.assert_allclose(stack.reconstruct(X), codes, atol=1e-12)


@pytest.mark.parametrize(("base", "activation"), KINDS)
def test_each_layer_learns_the_codes_of_the_layer_before(
    base: str, activation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    fit = BaseAutoencoder.fit

    def spy(self: Any, data: np.ndarray, **options: Any) -> Any:
        seen.append((self, data.copy(), options["validation_data"].copy()))
        return fit(self, data, **options)

    monkeypatch.setattr(BaseAutoencoder, "fit", spy)
    stack = new(base=base, activation=activation, pretrain_learning_rate=0.02).pretrain(X, validation_data=X[:7])
    assert [model for model, _, _ in seen] == stack.layers_  # once each, in order
    codes, held_out = X, X[:7]
    for k, (layer, data, validation) in enumerate(seen):
        assert np.array_equal(data, codes) and np.array_equal(validation, held_out)
        options = layer.get_params()
        assert options["latent_dim"] == stack.hidden_sizes[k] and options["hidden_sizes"] == ()
        assert options["epochs"] == 3 and options["learning_rate"] == 0.02 and options["batch_size"] == 8
        inner = "bernoulli" if activation == "sigmoid" else "gaussian"
        assert options["likelihood"] == (inner if k else "bernoulli")
        again = type(layer)(**options)  # what a user would get by hand
        assert np.array_equal(fit(again, data, validation_data=None).parameters_.flat, layer.parameters_.flat)
        codes, held_out = layer.encode(codes), layer.encode(held_out)
    assert len({layer.random_state for layer in stack.layers_}) == 3


def test_codes_are_computed_once_and_not_in_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[int] = Counter()
    encode = BaseAutoencoder.encode

    def counted(self: Any, data: Any) -> Any:
        calls[self.latent_dim] += 1
        return encode(self, data)

    monkeypatch.setattr(BaseAutoencoder, "encode", counted)
    for validation_data, times in ((None, 1), (X[:7], 2)):
        calls.clear()
        new(pretrain_epochs=7).pretrain(X, validation_data=validation_data)
        assert calls[5] == calls[4] == times and calls[3] <= times


def test_each_layer_has_its_own_level_of_corruption() -> None:
    for level, expected in (
        ((0.1, 0.0, 0.9), [0.1, 0.0, 0.9]),
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]),
        (np.array([0.1, 0.2, 1.0]), [0.1, 0.2, 1.0]),
        (0.4, [0.4, 0.4, 0.4]),
    ):
        stack = new(corruption_level=level, corruption="salt_and_pepper").pretrain(X)
        assert [layer.corruption_level for layer in stack.layers_] == expected  # type: ignore[attr-defined]
        assert {layer.corruption for layer in stack.layers_} == {"salt_and_pepper"}  # type: ignore[attr-defined]
    loud, quiet = (new(corruption_level=(0.2, 0.2, last)).pretrain(X).parameters_ for last in (0.2, 0.8))
    for k, same in enumerate((True, True, False)):
        assert np.array_equal(loud[f"encoder.{k}.W"], quiet[f"encoder.{k}.W"]) is same


def test_options_of_the_bases_reach_the_layers() -> None:
    sparse = new(base="sparse", sparsity=0.2, sparsity_weight=1.5).pretrain(X)
    assert {(layer.sparsity, layer.sparsity_weight) for layer in sparse.layers_} == {(0.2, 1.5)}  # type: ignore[attr-defined]
    contractive = new(base="contractive", contraction=0.3, optimizer="momentum", weight_decay=0.2).pretrain(X)
    options = {
        (layer.contraction, layer.optimizer, layer.weight_decay)  # type: ignore[attr-defined]
        for layer in contractive.layers_
    }
    assert options == {(0.3, "momentum", 0.2)}


# Fine-tuning.


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("base", CLASSES)
def test_fine_tuning_moves_every_parameter_and_lowers_the_loss(base: str, tied: bool) -> None:
    stack = new(base=base, tied_weights=tied, epochs=20).pretrain(X)
    before, start = stack.score(X), stack.parameters_.copied()
    layers = [layer.parameters_.flat.copy() for layer in stack.layers_]
    stack.fine_tune(X)
    for name, value in stack.parameters_.items():
        assert (value != start[name]).all(), name
    assert stack.score(X) > before + 1e-3
    for layer, flat in zip(stack.layers_, layers, strict=True):
        assert np.array_equal(layer.parameters_.flat, flat)  # they remain what pre-training made of them


def test_fine_tuning_begins_where_pre_training_or_an_earlier_one_ended() -> None:
    stack = new().pretrain(X)
    for _ in range(2):
        start = stack.parameters_.flat.copy()
        stack.set_params(optimizer="sgd", learning_rate=1e-300, epochs=1).fine_tune(X)
        assert np.array_equal(stack.parameters_.flat, start)
        stack.set_params(optimizer="adam", learning_rate=0.01).fine_tune(X)
        assert not np.array_equal(stack.parameters_.flat, start)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("options", [{}, {"tied_weights": True}, {"base": "sparse"}, {"random_state": 7}])
def test_fit_is_pretrain_and_fine_tune(options: dict[str, Any], backend: str) -> None:
    def both(fresh: bool) -> sae.StackedAutoencoder:
        seed = np.random.default_rng(7) if options.get("random_state") == 7 else 0
        stack = new(**{**options, "random_state": seed})
        if fresh:
            return stack.fit(X, validation_data=X[:7])
        return stack.pretrain(X, validation_data=X[:7]).fine_tune(X, validation_data=X[:7])

    with sae.use_backend(backend):
        at_once, in_turn = both(True), both(False)
    assert np.array_equal(at_once.parameters_.flat, in_turn.parameters_.flat)
    for column in ("loss", "val_loss"):
        assert at_once.history_[column] == in_turn.history_[column]
    assert not np.array_equal(at_once.parameters_.flat, new(**{**options, "random_state": 1}).fit(X).parameters_.flat)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_tied_weights_stay_tied(activation: str) -> None:
    stack = new(tied_weights=True, activation=activation, likelihood="gaussian").fit(X)
    p = stack.parameters_
    assert [name for name in p if name.endswith("W")] == ["encoder.0.W", "encoder.1.W", "encoder.2.W"]
    f: Any = np.tanh if activation == "tanh" else lambda a: 1 / (1 + np.exp(-a))
    h = X
    for k in range(3):
        h = f(h @ p[f"encoder.{k}.W"] + p[f"encoder.{k}.b"])
    np.testing.assert_allclose(stack.encode(X), h, atol=1e-12)
    for k in range(3):
        h = h @ p[f"encoder.{2 - k}.W"].T + p[f"decoder.{k}.b"]
        h = h if k == 2 else f(h)
    np.testing.assert_allclose(stack.reconstruct(X), h, atol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_gradient_of_every_parameter(tied: bool) -> None:
    stack = new(tied_weights=tied, weight_decay=0.1).fit(X)
    stack.parameters_.flat[:] *= 3
    assert model_gradient_error(stack, X[:7]) < 1e-7


def test_histories() -> None:
    stack = new(pretrain_epochs=4).pretrain(X, validation_data=X[:7])
    assert stack.history_ == {"loss": [], "seconds": []}
    assert [sorted(history) for history in stack.pretraining_history_] == 3 * [["loss", "seconds", "val_loss"]]
    assert {len(values) for history in stack.pretraining_history_ for values in history.values()} == {4}
    assert stack.pretraining_history_ == [layer.history_ for layer in stack.layers_]
    kept = copy.deepcopy(stack.pretraining_history_)
    stack.fine_tune(X)
    assert stack.pretraining_history_ == kept and set(stack.history_) == {"loss", "seconds"}
    assert len(stack.history_["loss"]) == 3
    one_batch = new(batch_size=100, epochs=1).pretrain(X)
    before = one_batch.loss_and_gradients(X)[0]
    assert one_batch.fine_tune(X).history_["loss"] == [pytest.approx(before, rel=1e-12)]


@pytest.mark.parametrize(
    ("base", "activation"),
    [*((base, "sigmoid") for base in CLASSES), ("basic", "tanh"), ("denoising", "relu"), ("contractive", "tanh")],
)
def test_backends_agree(base: str, activation: str) -> None:
    stacks = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            stacks.append(new(base=base, activation=activation).fit(X, validation_data=X[:7]))
    fast, slow = stacks
    np.testing.assert_allclose(fast.parameters_.flat, slow.parameters_.flat, atol=1e-8)
    np.testing.assert_allclose(fast.history_["val_loss"], slow.history_["val_loss"], rtol=1e-9)


# Bad input.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base": "sparse", "activation": "tanh"}, 'base="sparse" needs activation="sigmoid", not \'tanh\''),
        ({"base": "contractive", "activation": "relu"}, "activation='relu' is not allowed here"),
        ({"base": "basik"}, "base='basik' is unknown .did you mean 'basic'"),
        (
            {"corruption_level": (0.1, 0.2)},
            "corruption_level has 2 entries for 3 layers; give one level per layer, or one number",
        ),
        ({"corruption_level": ()}, "corruption_level has 0 entries for 3 layers"),
        ({"corruption_level": (0.1, 0.2, 1.5)}, r"corruption_level=1\.5 is not allowed"),
        ({"corruption_level": "0.3"}, "corruption_level='0.3' is not allowed"),
        ({"corruption": "noise"}, "corruption='noise' is unknown"),
        ({"hidden_sizes": ()}, r"hidden_sizes=\(\) has no layer"),
        ({"hidden_sizes": (5, 0, 3)}, r"hidden_sizes\[1\]=0 is not allowed"),
        ({"hidden_sizes": 5}, "hidden_sizes=5 is not a sequence"),
        ({"activation": "sigmoit"}, "did you mean 'sigmoid'"),
        ({"sparsity": 1.0}, r"sparsity=1\.0 is not allowed"),
        ({"contraction": -1}, "contraction=-1 is not allowed"),
        ({"pretrain_epochs": 0}, "pretrain_epochs=0 is not allowed"),
        ({"pretrain_learning_rate": 0}, "pretrain_learning_rate=0 is not allowed"),
        ({"optimizer": "lbfgs"}, 'optimizer="lbfgs" needs a deterministic objective'),
        ({"tied_weights": 1}, "tied_weights=1 is not allowed; give True or False"),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(options: dict[str, Any], message: str) -> None:
    for method in ("fit", "pretrain", "fine_tune"):
        fresh = new(**options)
        with pytest.raises(ValueError, match=message):
            getattr(fresh, method)(X)
        assert set(vars(fresh)) == set(fresh.get_params())


def test_bad_data_leave_a_fitted_stack_as_it_was() -> None:
    stack = new().fit(X)
    before, layers = stack.parameters_.flat.copy(), stack.layers_
    for use in (stack.fit, stack.pretrain, stack.fine_tune):
        for data, validation in ((X + 1, None), (X * np.nan, None), (X, X[:, :2]), (X, X - 1)):
            with pytest.raises(ValueError, match=r"outside \[0, 1\]|NaN|features"):
                use(data, validation_data=validation)
    with pytest.raises(ValueError, match="X has 4 features, but StackedAutoencoder is expecting 6"):
        stack.fine_tune(X[:, :4])
    with pytest.raises(ValueError, match="hidden_sizes is .* but this StackedAutoencoder was fitted with"):
        stack.set_params(hidden_sizes=(5, 4)).fine_tune(X)
    stack.set_params(hidden_sizes=(5, 4, 3))
    assert np.array_equal(stack.parameters_.flat, before) and stack.layers_ is layers
    assert stack.set_params(hidden_sizes=(4, 2)).fit(X[:, :4]).encode(X[:, :4]).shape == (20, 2)
    assert len(stack.layers_) == len(stack.pretraining_history_) == 2


def test_use_before_pretrain() -> None:
    for use in ("fine_tune", "encode", "decode", "reconstruct", "score", "loss_and_gradients"):
        with pytest.raises(sae.NotFittedError, match="call pretrain first"):
            getattr(new(), use)(X)
    for use in ("to_classifier", "save"):
        with pytest.raises(sae.NotFittedError, match="call pretrain first"):
            getattr(new(), use)(*(["stack.npz"] if use == "save" else []))


def test_lbfgs_trains_every_base_but_denoising() -> None:
    for base in ("basic", "sparse", "contractive"):
        stack = new(base=base, optimizer="lbfgs").fit(X)
        for history in (*stack.pretraining_history_, stack.history_):
            assert (np.diff(history["loss"]) <= 0).all() and history["loss"][-1] < history["loss"][0]


# Runs: killed, resumed, kept in files, copied.


@pytest.fixture(autouse=True)
def _a_checkpoint_after_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)


@pytest.mark.parametrize(("base", "backend"), [("denoising", "numba"), ("denoising", "numpy"), ("basic", "numba")])
@pytest.mark.parametrize(("method", "where"), [("pretrain", 2), ("pretrain", 3), *(("fit", s) for s in (1, 2, 3, TOP))])
def test_killed_in_any_stage_and_resumed_gives_the_same_bits(
    method: str, where: Any, base: str, backend: str, tmp_path: Path
) -> None:
    stages = [1, 2, 3, TOP] if method == "fit" else [1, 2, 3]
    with sae.use_backend(backend):
        whole = getattr(new(base=base), method)(X, validation_data=X[:7])
        for epoch in (1, 2):
            path, seen = tmp_path / f"{epoch}.npz", []
            options: dict[str, Any] = {"validation_data": X[:7], "checkpoint": path}
            with pytest.raises(KilledError):
                getattr(new(base=base), method)(X, **options, callbacks=[at(where, epoch, KilledError)])
            stack = getattr(new(base=base), method)(X, **options, callbacks=[watching(seen)], resume=True)
            assert seen == epochs(*stages[stages.index(where) :], first=epoch)  # that epoch was not yet in a file
            assert same_bits(stack, whole)


def test_a_finished_run_is_not_trained_again_but_can_be_made_longer(tmp_path: Path) -> None:
    path, seen = tmp_path / "run.npz", []
    whole = new().fit(X, checkpoint=path)
    assert {file.name for file in tmp_path.iterdir()} == {"run.npz", *(f"run.layer{k}.npz" for k in (1, 2, 3))}
    again = new().fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == [] and same_bits(again, whole)
    longer = new(epochs=5).fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == [(TOP, 4), (TOP, 5)] and same_bits(longer, new(epochs=5).fit(X))


def test_early_stopping_begins_anew_in_each_layer_and_survives_a_kill(tmp_path: Path) -> None:
    def stop() -> sae.EarlyStopping:
        return sae.EarlyStopping(patience=2, monitor="loss", min_delta=1e3)  # nothing is enough after the first epoch

    options: dict[str, Any] = {"pretrain_epochs": 9, "epochs": 9}
    whole = new(**options).fit(X, callbacks=[stop()])
    assert [len(history["loss"]) for history in (*whole.pretraining_history_, whole.history_)] == 4 * [3]
    short = new(pretrain_epochs=1).pretrain(X)
    for layer, expected in zip(whole.layers_, short.layers_, strict=True):  # each is that of its first epoch
        assert np.array_equal(layer.parameters_.flat, expected.parameters_.flat)
    path = tmp_path / "run.npz"
    with pytest.raises(KilledError):
        new(**options).fit(X, callbacks=[stop(), at(2, 2, KilledError)], checkpoint=path)
    assert same_bits(new(**options).fit(X, callbacks=[stop()], checkpoint=path, resume=True), whole)


@pytest.mark.parametrize("where", [(2, 2), (TOP, 2)])
def test_seeds_that_were_drawn_are_kept(where: tuple[Any, int], tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        new(random_state=None).fit(X, checkpoint=tmp_path / "run.npz", callbacks=[at(*where, KilledError)])
    shutil.copytree(tmp_path, tmp_path / "copy")
    one = new(random_state=None).fit(X, checkpoint=tmp_path / "run.npz", resume=True)
    two = new(random_state=None).fit(X, checkpoint=tmp_path / "copy" / "run.npz", resume=True)
    known = 3 if where[0] == TOP else 2
    for k in range(known):
        assert np.array_equal(two.layers_[k].parameters_.flat, one.layers_[k].parameters_.flat)
    assert same_bits(one, two) is (where[0] == TOP)  # what had not begun is drawn afresh


def test_a_generator_is_followed_in_a_resumed_run(tmp_path: Path) -> None:
    def seeded(**options: Any) -> sae.StackedAutoencoder:
        return new(random_state=np.random.default_rng(5)).fit(X, **options)

    for where in (2, TOP):
        with pytest.raises(KilledError):
            seeded(checkpoint=tmp_path / f"{where}.npz", callbacks=[at(where, 2, KilledError)])
        assert same_bits(seeded(checkpoint=tmp_path / f"{where}.npz", resume=True), seeded())


def test_without_resume_the_files_of_an_earlier_run_are_gone(tmp_path: Path) -> None:
    path, options = tmp_path / "run.npz", {"random_state": None}
    (tmp_path / "other.layer1.npz").write_bytes(b"not ours")
    new(**options).fit(X, checkpoint=path)
    with pytest.raises(KilledError):
        new(**options).fit(X, checkpoint=path, callbacks=[at(2, 2, KilledError)])
    assert {file.name for file in tmp_path.iterdir()} == {"run.layer1.npz", "run.layer2.npz", "other.layer1.npz"}
    seen: list[Any] = []
    new(**options).fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == epochs(2, 3, TOP, first=2)  # and no fine-tuning of the run before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corruption_level": 0.5}, r"run.layer1.npz' has corruption_level=0\.3, but this run has 0\.5"),
        ({"random_state": 1}, "run.layer1.npz' has random_state="),
        ({"hidden_sizes": (5, 2, 3)}, "run.layer2.npz' has latent_dim=4, but this run has 2"),
        ({"base": "basic"}, "run.layer1.npz' has class='DenoisingAutoencoder', but this run has 'Autoencoder'"),
    ],
)
def test_checkpoints_of_another_run_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    new().pretrain(X, checkpoint=path)
    with pytest.raises(ValueError, match=message):
        new(**options).pretrain(X, checkpoint=path, resume=True)
    with pytest.raises(ValueError, match="run.layer1.npz' was made with other data"):
        new().pretrain(X[:9], checkpoint=path, resume=True)


def test_a_checkpoint_that_cannot_be_kept_is_found_out_before_the_training(tmp_path: Path) -> None:
    for method in ("fit", "pretrain"):
        seen: list[Any] = []
        for path, resume, error, message in (
            (tmp_path, False, IsADirectoryError, "is a folder; give a file in it, such as run.npz"),
            ("", False, IsADirectoryError, "is a folder"),
            (
                tmp_path / "none" / "run.npz",
                False,
                FileNotFoundError,
                "folder of checkpoint=.* does not exist; create it",
            ),
            (None, True, ValueError, "resume=True needs a checkpoint file; pass checkpoint="),
        ):
            fresh = new()
            with pytest.raises(error, match=message):
                getattr(fresh, method)(X, checkpoint=path, resume=resume, callbacks=[watching(seen)])
            assert set(vars(fresh)) == set(fresh.get_params()) and seen == []


def test_a_loss_that_is_no_number_names_the_layer() -> None:
    stack = new(base="basic", activation="identity", likelihood="gaussian", pretrain_learning_rate=1e200)
    with pytest.raises(sae.DivergenceError, match="^layer 1 of 3: .* in epoch 1, batch"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        stack.fit(X)
    assert set(vars(stack)) == set(stack.get_params())


def test_a_saved_stack_is_the_same_stack(tmp_path: Path) -> None:
    stack = new(corruption_level=[0.1, 0.2, 0.3], optimizer=sae.Adam(beta1=0.8)).fit(X, validation_data=X[:7])
    stack.save(tmp_path / "stack.npz")
    loaded = sae.load(tmp_path / "stack.npz")
    assert type(loaded) is sae.StackedAutoencoder
    assert loaded.get_params() == {**stack.get_params(), "corruption_level": (0.1, 0.2, 0.3)}
    assert loaded.history_ == stack.history_ and loaded.pretraining_history_ == stack.pretraining_history_
    assert np.array_equal(loaded.reconstruct(X), stack.reconstruct(X)) and loaded.layers_ == []
    assert np.array_equal(loaded.to_classifier().encode(X), stack.encode(X))
    assert np.array_equal(loaded.fine_tune(X).parameters_.flat, stack.fine_tune(X).parameters_.flat)


def test_pickle_copy_and_clone() -> None:
    stack = new(activation="tanh", likelihood="gaussian").fit(X)
    for again in (pickle.loads(pickle.dumps(stack)), copy.deepcopy(stack)):
        assert np.array_equal(again.reconstruct(X), stack.reconstruct(X))
        codes = X
        for k, layer in enumerate(again.layers_):
            assert np.array_equal(layer.reconstruct(codes), stack.layers_[k].reconstruct(codes))
            codes = layer.encode(codes)
        again.parameters_.flat[:] = 0
        again.layers_[0].parameters_.flat[:] = 0
        assert stack.encode(X).any() and stack.layers_[0].encode(X).any()
    fresh = clone(stack)
    assert not hasattr(fresh, "history_") and not hasattr(fresh, "layers_")
    assert np.array_equal(fresh.fit(X).parameters_.flat, stack.parameters_.flat)


def test_layers_that_are_trained_longer_are_handed_on_anew(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4, 3), "epochs": 2, "random_state": 0, "batch_size": 16}
    kept = {"checkpoint": tmp_path / "run.npz", "resume": True}
    sae.StackedAutoencoder(**options, pretrain_epochs=2).fit(x, **kept)
    longer = sae.StackedAutoencoder(**options, pretrain_epochs=4).fit(x, **kept)
    anew = sae.StackedAutoencoder(**options, pretrain_epochs=4).fit(x)
    assert np.array_equal(longer.parameters_.flat, anew.parameters_.flat)


def test_a_layer_that_was_stopped_early_is_not_trained_again(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4, 3), "pretrain_epochs": 5, "epochs": 2, "random_state": 0}
    kept: dict[str, Any] = {
        "checkpoint": tmp_path / "run.npz",
        "callbacks": [lambda model: len(model.history_["loss"]) >= 2],
    }
    first = sae.StackedAutoencoder(**options).fit(x, **kept)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = sae.StackedAutoencoder(**options).fit(x, **kept, resume=True)
    assert len(before) == 3 and before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert np.array_equal(first.parameters_.flat, again.parameters_.flat)


def test_fine_tuning_of_other_layers_is_not_taken_up(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4,), "pretrain_epochs": 1, "epochs": 2, "random_state": 0}
    kept = tmp_path / "run.npz"
    first = sae.StackedAutoencoder(**options).pretrain(x[:30])
    first.fine_tune(x, checkpoint=kept)
    with pytest.raises(ValueError, match="pre-trained layers"):
        sae.StackedAutoencoder(**options).pretrain(x[30:]).fine_tune(x, checkpoint=kept, resume=True)
    ended = first.parameters_.flat.copy()  # the same stack, tuned already, may go on
    assert np.array_equal(first.fine_tune(x, checkpoint=kept, resume=True).parameters_.flat, ended)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_layer_is_a_model_that_can_be_saved_and_cloned(x: np.ndarray, activation: str, tmp_path: Path) -> None:
    stack = sae.StackedAutoencoder((5, 3), base="basic", activation=activation, pretrain_epochs=2, random_state=0)
    layer = stack.pretrain(x).layers_[1]
    codes = stack.layers_[0].encode(x)
    layer.save(tmp_path / "layer.npz")
    assert np.array_equal(sae.load(tmp_path / "layer.npz").reconstruct(codes), layer.reconstruct(codes))
    assert np.array_equal(clone(layer).fit(codes).reconstruct(codes), layer.reconstruct(codes))
