"""Claims about the basic autoencoder, at all three levels, on both backends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from scratchae import backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, central_differences, relative_error

SMALL = {"hidden_sizes": (5,), "latent_dim": 3, "dtype": "float64", "batch_size": 4, "epochs": 2, "random_state": 0}


@contextmanager
def on_backend(room: Any) -> Iterator[None]:
    """Run models on the ops or the kernels of the subject."""
    with backend.use_backend(room):
        yield


def trained(model: Any, *data: Any, **options: Any) -> Any:
    """Fit the model for at least two epochs, and check that training has an effect.

    Raises
    ------
    ValueError
        If no parameter has changed after the first epoch, or all losses are equal.
    """
    seen: list[Array] = []
    model.fit(*data, **options, callbacks=[lambda m: seen.append(m.parameters_.flat.copy())])
    losses = np.array(model.history_["loss"])
    if len(losses) < 2 or np.ptp(losses) <= 1e-12 * abs(losses).max():
        raise ValueError(f"the loss does not change: {losses}")
    if (seen[-1] == seen[-len(losses)]).all():
        raise ValueError("no parameter changes")
    return model


def _fitted(subject: Subject, x: Array, **options: Any) -> Any:
    return trained(subject.models.Autoencoder(**{**SMALL, **options}), x)


def model_gradient_error(model: Any, x: Array, y: Array | None = None) -> float:
    """Return the largest gradient error over all parameters of a fitted model, with the noise of seed 0."""
    _, gradients = model.loss_and_gradients(x, y)
    worst = 0.0
    for name, parameter in model.parameters_.items():
        here = parameter.copy()

        def loss(value: Array, parameter: Array = parameter) -> float:
            parameter[...] = value
            return model.loss_and_gradients(x, y)[0]

        numeric, smooth = central_differences(loss, here)
        parameter[...] = here
        if smooth.mean() < 0.5:
            return np.inf
        worst = max(worst, relative_error(gradients[name][smooth], numeric[smooth]))
    return worst


def _register_gradients() -> None:
    settings: list[tuple[str, dict[str, Any]]] = [
        ("bernoulli, tanh", {"activation": "tanh"}),
        ("gaussian, relu", {"activation": "relu", "likelihood": "gaussian"}),
        ("tied, sigmoid, decayed", {"activation": "sigmoid", "tied_weights": True, "weight_decay": 0.1}),
        ("trained", {"activation": "tanh", "epochs": 30, "learning_rate": 1e-2}),
    ]
    for room in ("ops", "kernels"):
        for text, options in settings:

            @claim(
                f"Autoencoder gradient on {room}: {text}",
                op="Autoencoder",
                equation="autoencoder.5 autoencoder.6 autoencoder.7",
                level="gradient",
                method="central differences, every parameter",
                tolerance=1e-7,
            )
            def measure(subject: Subject, rng: np.random.Generator, room: str = room, options: Any = options) -> float:
                x = rng.random((6, 7))
                with on_backend(getattr(subject, room)):
                    return model_gradient_error(_fitted(subject, x, **options), x)


_register_gradients()


@claim(
    "Autoencoder of zeros costs ln 2 per pixel", op="Autoencoder", level="value", method="closed form", tolerance=1e-14
)
def _chance(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((6, 7))
    with on_backend(subject.ops):
        model = _fitted(subject, x)
        model.parameters_.flat[:] = 0
        loss, _ = model.loss_and_gradients(x)
    return relative_error(np.array(loss), np.array(7 * math.log(2)))


@claim(
    "a linear Autoencoder finds PCA's subspace",
    op="Autoencoder",
    equation="linear_autoencoder.1",
    level="value",
    method="angle to eigenvectors",
    tolerance=1e-6,
)
def _linear_is_pca(subject: Subject, rng: np.random.Generator) -> float:
    rotation, _ = np.linalg.qr(rng.standard_normal((7, 7)))
    x = rng.standard_normal((60, 7)) * [4, 3, 2.5, 0.5, 0.4, 0.3, 0.2] @ rotation + 3
    options = {"hidden_sizes": (), "activation": "identity", "likelihood": "gaussian", "tied_weights": True}
    with on_backend(subject.ops):
        model = _fitted(subject, x, **options, optimizer="lbfgs", epochs=500)
    _, _, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    decoder, _ = np.linalg.qr(model.parameters_["encoder.0.W"])
    return float(np.linalg.norm(directions[3:] @ decoder, 2))  # sine of the largest angle


@claim(
    "repeating every row changes nothing",
    op="Autoencoder",
    equation="autoencoder.4",
    level="meaning",
    method="rows twice",
    tolerance=1e-13,
)
def _repeated_rows(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((6, 7))
    with on_backend(subject.ops):
        model = _fitted(subject, x, weight_decay=0.1)
        (once, gradient), (twice, gradient2) = (
            model.loss_and_gradients(x),
            model.loss_and_gradients(np.repeat(x, 2, axis=0)),
        )
    errors = [relative_error(gradient2[name], gradient[name]) for name in gradient]
    return max(relative_error(np.array(twice), np.array(once)), *errors)


@claim(
    "training moves every parameter", op="Autoencoder", level="meaning", method="count of those that stay", tolerance=0
)
def _all_move(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((24, 7))
    with on_backend(subject.ops):
        before, after = (_fitted(subject, x, activation="tanh", epochs=epochs).parameters_ for epochs in (2, 3))
    return float(sum((before[name] == after[name]).any() for name in before))


@claim(
    "ten examples can be learned by heart",
    op="Autoencoder",
    level="meaning",
    method="share of the error that is left",
    tolerance=0.01,
)
def _overfits(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((10, 7))
    options = {
        "hidden_sizes": (30,),
        "latent_dim": 10,
        "activation": "tanh",
        "likelihood": "gaussian",
        "batch_size": 10,
    }
    with on_backend(subject.ops):
        model = _fitted(subject, x, **options, epochs=1500, learning_rate=1e-2)
    return model.history_["loss"][-1] / model.history_["loss"][0]


@claim(
    "weight decay is in the loss, and acts on weights only",
    op="Autoencoder",
    equation="autoencoder.8",
    level="meaning",
    method="loss with and without",
    tolerance=1e-12,
)
def _decay_acts(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((6, 7))
    with on_backend(subject.ops):
        model = _fitted(subject, x, activation="tanh")
        for name, value in model.parameters_.items():
            if name.endswith(".b"):
                value[...] = 1  # to reveal a decay of the biases
        free, free_gradient = model.loss_and_gradients(x)
        held, held_gradient = model.set_params(weight_decay=0.5).loss_and_gradients(x)
    weights = {name: W for name, W in model.parameters_.items() if name.endswith(".W")}
    penalty = 0.25 * sum(math.fsum((W**2).ravel()) for W in weights.values())
    errors = [relative_error(np.array(held - free), np.array(penalty))]
    for name in free_gradient:
        expected = free_gradient[name] + (0.5 * weights[name] if name in weights else 0)
        errors.append(relative_error(held_gradient[name], expected))
    return max(errors)


@claim(
    "tied weights stay tied",
    op="Autoencoder",
    equation="autoencoder.9",
    level="meaning",
    method="decoder rebuilt from the encoder",
    tolerance=1e-12,
)
def _tied(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((12, 7))
    with on_backend(subject.ops):
        model = _fitted(
            subject, x, hidden_sizes=(), activation="tanh", tied_weights=True, likelihood="gaussian", epochs=5
        )
        got = model.reconstruct(x)
    p = model.parameters_
    if "decoder.0.W" in p:
        return np.inf
    return relative_error(got, np.tanh(x @ p["encoder.0.W"] + p["encoder.0.b"]) @ p["encoder.0.W"].T + p["decoder.0.b"])
