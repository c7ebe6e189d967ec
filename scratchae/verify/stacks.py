"""Claims about the stacked autoencoder and its classifier."""

from __future__ import annotations

import numpy as np

from scratchae.verify.autoencoder import on_backend, trained
from scratchae.verify.claims import Subject, claim
from scratchae.verify.classic_models import COMMON, GAUSSIAN, few_rows
from scratchae.verify.derivatives import relative_error


@claim(
    "a layer of the stack is trained on the codes of the layer before",
    op="StackedAutoencoder",
    equation="stacked.1 stacked.2",
    level="meaning",
    method="the same layers, trained one by one by hand",
    tolerance=0,
)
def _on_codes(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng, 12)
    wrong = 0
    for room in ("numpy", "numba"):
        for base, activation in (("basic", "sigmoid"), ("denoising", "sigmoid"), ("basic", "tanh")):
            options = {"base": base, "activation": activation, "pretrain_epochs": 3, **COMMON}
            with on_backend(room):
                stack = subject.models.StackedAutoencoder((5, 3), **options).pretrain(x)
                data = x
                for k, layer in enumerate(stack.layers_):
                    by_hand = trained(type(layer)(**layer.get_params()), data)
                    for name, value in by_hand.parameters_.items():
                        side, _, kind = name.split(".")
                        place = f"{side}.{k if side == 'encoder' else 1 - k}.{kind}"
                        wrong += int((stack.parameters_[place] != value).sum())
                    data = by_hand.encode(data)
                wrong += int((stack.encode(x) != data).sum())
    return float(wrong)


@claim(
    "fine-tuning moves every layer of the stack",
    op="StackedAutoencoder",
    equation="stacked.3",
    level="meaning",
    method="count of parameters that stay",
    tolerance=0,
)
def _stack_moves(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng, 12)
    with on_backend(subject.ops):
        stack = subject.models.StackedAutoencoder((5, 3), pretrain_epochs=2, **COMMON).pretrain(x)
        before = stack.parameters_.copied()
        after = stack.fine_tune(x).parameters_
        stay = sum(int((before[name] == after[name]).sum()) for name in before)
        far = sum(
            float(abs(before[name] - after[name]).max()) > 0.2 for name in before
        )  # restarted instead of fine-tuned
        same = np.ptp(stack.history_["loss"]) == 0
        return float(stay + far + same)


@claim(
    "tied weights of a stack stay tied",
    op="StackedAutoencoder",
    equation="autoencoder.9",
    level="meaning",
    method="decoder rebuilt from the encoder",
    tolerance=1e-12,
)
def _stack_tied(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng, 12)
    with on_backend(subject.ops):
        options = {**COMMON, **GAUSSIAN, "tied_weights": True, "pretrain_epochs": 2}
        stack = trained(subject.models.StackedAutoencoder((5, 3), **options), x)
        got, p = stack.reconstruct(x), stack.parameters_
    if any(name.startswith("decoder") and name.endswith("W") for name in p):
        return np.inf
    h = x
    for i in (0, 1):
        h = 1 / (1 + np.exp(-(h @ p[f"encoder.{i}.W"] + p[f"encoder.{i}.b"])))
    h = 1 / (1 + np.exp(-(h @ p["encoder.1.W"].T + p["decoder.0.b"])))
    return relative_error(got, h @ p["encoder.0.W"].T + p["decoder.1.b"])


@claim(
    "the classifier begins as the stack's encoder",
    op="StackedClassifier",
    equation="stacked_classifier.7",
    level="meaning",
    method="codes compared, before and after training the top",
    tolerance=0,
)
def _begins_as_encoder(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng, 12)
    with on_backend(subject.ops):
        stack = trained(subject.models.StackedAutoencoder((5, 3), pretrain_epochs=2, **COMMON), x)
        expected = stack.encode(x)
        given = subject.models.StackedClassifier((5, 3), n_classes=3, **COMMON)
        given._initialise_with({k: v for k, v in stack.parameters_.items() if k.startswith("encoder")}, 7)
        wrong = int((given.encode(x) != expected).sum())
        wrong += int((given.fit_softmax(x, y).encode(x) != expected).sum())
        trained(given, x, y)
        return float(wrong + (stack.encode(x) != expected).sum() + (given.encode(x) == expected).all())


@claim(
    "a classifier's fit begins with the softmax layer that fit_softmax has trained",
    op="StackedClassifier",
    equation="stacked_classifier.7",
    level="meaning",
    method="parameters compared after a fit at a rate that moves nothing",
    tolerance=0,
)
def _begins_with_softmax(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng, 12)
    with on_backend(subject.ops):
        stack = trained(subject.models.StackedAutoencoder((5, 3), pretrain_epochs=2, **COMMON), x)
        given = subject.models.StackedClassifier((5, 3), n_classes=3, **COMMON)
        given._initialise_with({k: v for k, v in stack.parameters_.items() if k.startswith("encoder")}, 7)
        random = given.set_params(epochs=2).fit(x, y).parameters_.copied()
        expected = given.fit_softmax(x, y).parameters_.copied()
        got = given.set_params(optimizer="sgd", learning_rate=1e-300).fit(x, y).parameters_.copied()
        trained(given.set_params(learning_rate=0.1), x, y)
    same = sum(int((got[name] != expected[name]).sum()) for name in expected)
    return float(same + (random["softmax.0.W"] == expected["softmax.0.W"]).all())


@claim(
    "fine-tuning moves every layer of the classifier",
    op="StackedClassifier",
    equation="stacked_classifier.5 stacked_classifier.6",
    level="meaning",
    method="count of parameters that stay",
    tolerance=0,
)
def _classifier_moves(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng, 12)
    with on_backend(subject.ops):
        first, last = (
            trained(subject.models.StackedClassifier((5, 4), **{**COMMON, "epochs": epochs}), x, y).parameters_
            for epochs in (2, 3)
        )
    return float(sum(int((first[name] == last[name]).sum()) for name in first))


@claim(
    "a classifier of zeros is at chance",
    op="StackedClassifier",
    equation="stacked_classifier.3",
    level="value",
    method="closed form, ln of the number of classes",
    tolerance=1e-14,
)
def _chance(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng)
    with on_backend(subject.ops):
        model = trained(subject.models.StackedClassifier((5,), **COMMON), x, y)
        model.parameters_.flat[:] = 0
        loss, _ = model.loss_and_gradients(x, y)
        return max(
            relative_error(np.array(loss), np.log(3)), relative_error(model.predict_proba(x), np.full((8, 3), 1 / 3))
        )
