"""Whole trainings against loops with `torch.optim`: every parameter at the end, and every number of the history, for all options in pairs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the oracles are written in PyTorch: pip install scratchae[oracles]")

import scratchae as sae  # noqa: E402
from oracles import cases, training  # noqa: E402
from oracles.comparison import assert_same  # noqa: E402
from scratchae.models import fitting  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The posterior has collapsed")]
TOLERANCE = 1e-11
DATA = (cases.ROWS, 0), (cases.HELD_OUT, 1)  # numbers of rows and their seeds: training and validation
backends = pytest.mark.parametrize("backend", ["numba", "numpy"])


def data_of(name: str, case: cases.Case, n: int, seed: int) -> tuple[np.ndarray, Any]:
    """Rows as the model trains on them, and their classes."""
    x = training.black_and_white(cases.rows(case, n, seed), case, cases.SEED, ways=("static",))
    return x, cases.classes(n) if cases.has_labels(name) else None


def assert_alike(model: Any, trained: training.Trained, what: str) -> None:
    assert list(model.parameters_) == list(trained.parameters)
    for key, value in trained.parameters.items():
        assert_same(model.parameters_[key], value, TOLERANCE, f"{what}: {key}")
    assert set(model.history_) == {*trained.history, "seconds"}
    for key, values in trained.history.items():
        assert_same(model.history_[key], values, TOLERANCE, f"{what}: {key}")


@cache
def trained_by_the_oracle(name: str, i: int) -> training.Trained:
    """Case i, for both backends."""
    case = cases.CASES[name][i]
    o, data, held_out = cases.options_of(name, case), *(data_of(name, case, *d) for d in DATA)
    first = training.first_parameters(name, o, data[0], cases.SEED, data[1])
    return training.train(name, first, data, o, cases.SEED, held_out)


@backends
@pytest.mark.parametrize("name", [name for name in cases.CASES if name != "StackedAutoencoder"])
def test_training(name: str, backend: str) -> None:
    with sae.use_backend(backend):
        for i, case in enumerate(cases.CASES[name]):
            assert_alike(cases.fitted(name, case), trained_by_the_oracle(name, i), str(case))


CALLS = ["Autoencoder", "DenoisingAutoencoder", "StackedClassifier", "WassersteinAutoencoder", *training.VARIATIONAL]


@backends
@pytest.mark.parametrize("name", CALLS)
def test_epochs_in_several_calls(name: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Large models train a few steps at a time, so that Ctrl-C is seen; here a small one is told to.
    monkeypatch.setattr(fitting, "steps_per_call", lambda *_: 2)
    for case in cases.CASES[name][:4]:
        case, o = ({**options, "batch_size": 5} for options in (case, cases.options_of(name, case)))
        with sae.use_backend(backend):
            model = cases.fitted(name, case)
        data, held_out = (data_of(name, case, *d) for d in DATA)
        first = training.first_parameters(name, o, data[0], cases.SEED, data[1])
        trained = training.train(name, first, data, o, cases.SEED, held_out, steps_per_call=2)
        assert_alike(model, trained, str(case))


@cache
def stack_trained_by_the_oracle(i: int) -> tuple[list[training.Trained], training.Trained]:
    """Case i, for both backends."""
    case = cases.CASES["StackedAutoencoder"][i]
    return training.train_stack(case, *(cases.rows(case, *d) for d in DATA), cases.SEED)


@backends
@pytest.mark.parametrize("i", range(len(cases.CASES["StackedAutoencoder"])))
def test_training_of_a_stack(i: int, backend: str) -> None:
    case = cases.CASES["StackedAutoencoder"][i]
    with sae.use_backend(backend):
        stack = cases.fitted("StackedAutoencoder", case)
    layers, whole = stack_trained_by_the_oracle(i)
    assert len(stack.layers_) == len(stack.pretraining_history_) == len(layers)
    for k, (layer, trained) in enumerate(zip(stack.layers_, layers, strict=True)):
        assert_alike(layer, trained, f"layer {k} of {case}")
        assert stack.pretraining_history_[k] == layer.history_
    assert_alike(stack, whole, str(case))


@backends
@pytest.mark.parametrize("i", [0, 5, 11, 16])
def test_training_of_a_classifier_on_a_stack(i: int, backend: str) -> None:
    # The encoder is copied; the softmax layer is the one that a classifier of that seed begins with. First the top alone, then all layers.
    case, y = cases.CASES["StackedAutoencoder"][i], cases.classes(cases.ROWS)
    own = {"learning_rate": 0.03, "weight_decay": 0.02, "learning_rate_decay": 0.7, "epochs": 3}
    o = {**case, **own, "classes": len(cases.LABELS)}
    x = cases.rows(case, cases.ROWS, 0)
    with sae.use_backend(backend):
        stack = cases.fitted("StackedAutoencoder", case)
        below = {key: value.copy() for key, value in stack.parameters_.items() if key.startswith("encoder.")}
        begun = {**training.first_parameters("StackedClassifier", o, x, cases.SEED, y), **below}
        classifier = stack.to_classifier(**own)
        classifier.fit(x, cases.LABELS[y])
        assert_alike(classifier, training.train("StackedClassifier", begun, (x, y), o, cases.SEED), str(case))

        classifier = stack.to_classifier(**own).fit_softmax(x, cases.LABELS[y])
        h, of_top = stack.encode(x), {**o, "hidden_sizes": ()}
        first = training.first_parameters("StackedClassifier", of_top, h, cases.SEED, y)
        top = training.train("StackedClassifier", first, (h, y), of_top, cases.SEED)
        begun = {**below, **{key.replace("encoder", "softmax"): value for key, value in top.parameters.items()}}
        assert_alike(classifier, training.Trained(begun, top.history), str(case))
        classifier.fit(x, cases.LABELS[y])
        assert_alike(classifier, training.train("StackedClassifier", begun, (x, y), o, cases.SEED), str(case))


# Optimisers.


def one_training(**changed: Any) -> tuple[Any, dict[str, Any], tuple[np.ndarray, None], dict[str, np.ndarray]]:
    """A basic autoencoder, and what the oracle needs to train the same one: options, data, first parameters."""
    case = {**cases.CASES["Autoencoder"][0], "hidden_sizes": (5,), "latent_dim": 3, "activation": "tanh", **changed}
    x = cases.rows(case, cases.ROWS, 0)
    model = cases.model_of("Autoencoder", case).fit(x)
    return model, case, (x, None), training.first_parameters("Autoencoder", case, x, cases.SEED)


@backends
def test_momentum_at_a_constant_and_at_a_falling_rate(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # torch.optim has the rate outside the velocity, the classic form has it inside: the two part when the rate falls.
    def trained_by(rule: Any, **options: Any) -> tuple[Any, dict[str, np.ndarray]]:
        monkeypatch.setattr(training, "optimizer_of", lambda o, p: rule(p, o["learning_rate"], momentum=0.6))
        model, o, data, first = one_training(optimizer=("momentum", {"decay": 0.6}), batch_size=5, **options)
        return model, training.train("Autoencoder", first, data, o, cases.SEED).parameters

    with sae.use_backend(backend):
        for rule in (torch.optim.SGD, training.ClassicMomentum):
            model, parameters = trained_by(rule, learning_rate=0.05, learning_rate_decay=1.0)
            assert_same(model.parameters_.flat, np.concatenate([v.ravel() for v in parameters.values()]), TOLERANCE)
        model, classic = trained_by(training.ClassicMomentum, learning_rate=0.05, learning_rate_decay=0.5)
        _, others = trained_by(torch.optim.SGD, learning_rate=0.05, learning_rate_decay=0.5)
    for key, value in classic.items():
        assert_same(model.parameters_[key], value, TOLERANCE, key)
    assert max(np.abs(others[key] - value).max() for key, value in classic.items()) > 1e-3


@backends
@pytest.mark.parametrize("name", ["Autoencoder", "SparseAutoencoder", "ContractiveAutoencoder", "StackedClassifier"])
def test_lbfgs(name: str, backend: str) -> None:
    for case in cases.CASES[name][:3]:
        case = {**case, "epochs": 7}
        x, y = data_of(name, case, cases.ROWS, 0)
        model = cases.model_of(name, case, optimizer=sae.LBFGS(memory=3, restart=4))
        with sae.use_backend(backend):
            model.fit(x, y)
        o = cases.options_of(name, case)
        first = training.first_parameters(name, o, x, cases.SEED, y)
        trained = training.minimise(name, first, (x, y), o, memory=3, restart=4)
        for key, value in trained.parameters.items():
            assert_same(model.parameters_[key], value, 1e-10, f"{case}: {key}")
        assert_same(model.history_["loss"], trained.history["loss"], 1e-13, str(case))


def test_lbfgs_finds_the_same_minimum_as_that_of_torch() -> None:
    # Softmax regression with weight decay has one minimum, so the way there does not matter.
    case = {**cases.CASES["StackedClassifier"][0], "hidden_sizes": (), "weight_decay": 0.1}
    x, y = data_of("StackedClassifier", case, cases.ROWS, 0)
    model = cases.model_of("StackedClassifier", case, optimizer="lbfgs", epochs=300).fit(x, y)
    p = {key: torch.zeros(value.shape, dtype=torch.float64) for key, value in model.parameters_.items()}
    settings = {"tolerance_grad": 1e-10, "tolerance_change": 1e-16, "line_search_fn": "strong_wolfe"}
    optimizer = torch.optim.LBFGS([value.requires_grad_() for value in p.values()], max_iter=300, **settings)
    o, tensors = cases.options_of("StackedClassifier", case), (torch.tensor(x), torch.tensor(y))

    def closure() -> Any:
        optimizer.zero_grad()
        loss = training.OBJECTIVES["StackedClassifier"](p, *tensors, None, o)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert_same(model.parameters_["softmax.0.W"], p["softmax.0.W"].detach(), 1e-5)
    assert_same(model.history_["loss"][-1], closure().item(), 1e-12)


# A network so large that products are cut into blocks and run on all threads.


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *(("Autoencoder", rule) for rule in ("sgd", "momentum", "adam")),
        ("VariationalAutoencoder", "adam"),
        ("ImportanceWeightedAutoencoder", "momentum"),
    ],
)
def test_training_of_a_large_network(name: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "steps_per_call", lambda *_: 2)
    case = cases.large_case(name, "float32", learning_rate=5e-4, learning_rate_decay=0.6, epochs=2)
    case["optimizer"] = next(o for o in reversed(cases.TRAINING["optimizer"]) if o[0] == rule)
    x = cases.large_rows(300, "float32")  # a rest of 42 rows
    with sae.use_backend("numba"):
        model = cases.model_of(name, case).fit(x)
    first = training.first_parameters(name, case, x, cases.SEED)
    double = {key: value.astype(np.float64) for key, value in first.items()}
    data = x.astype(np.float64), None
    trained = training.train(name, double, data, case, cases.SEED, steps_per_call=2)
    for key, value in trained.parameters.items():
        moved = model.parameters_[key].astype(np.float64) - first[key]
        assert_same(moved, value - double[key], 5e-3, key, small=0.1)  # what has moved is a small part of a float32
    assert_same(model.history_["loss"], trained.history["loss"], 1e-6)
