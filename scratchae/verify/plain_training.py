"""An independent, simple implementation of training: a loop over epochs and batches, with the objectives of `definitions`.

It includes the initial parameters, the order of the rows, the noise, the learning rate and the KL weight of each epoch, the
optimiser's rule and the history. `trainings` compares every model's `fit` with it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae.verify.definitions import (
    ACTIVATIONS,
    VARIANTS,
    chain,
    classifier_losses,
    gradient,
    layers_of,
    objective,
    options_of,
    variational,
)
from scratchae.verify.derivatives import Array

DRAWN_WEIGHTS = ("VariationalAutoencoder", "ConditionalVariationalAutoencoder", "ImportanceWeightedAutoencoder")


def train(
    model: Any,
    x: Array,
    y: Array | None = None,
    *,
    held_out: tuple[Array, Array | None],
    batches_per_call: int,
    start: dict[str, Array] | None = None,
) -> tuple[dict[str, Array], dict[str, list[float]]]:
    """Return parameters and history of a run with the options of an unfitted model.

    Parameters
    ----------
    model : estimator
        The model; only its options are read.
    x : array, shape (N, D), float64
    y : array of int, shape (N,), optional
    held_out : (array, array or None)
        Validation data.
    batches_per_call : int
        Number of batches whose noise is drawn by one generator.
    start : dict of str to array, optional
        Initial parameters, instead of random ones.

    Returns
    -------
    parameters : dict of str to array
    history : dict of str to list of float
        History without "seconds".
    """
    o = options_of(model)
    o.classes = None if y is None else int(y.max()) + 1
    seed, x, held_out = int(o.random_state), black_and_white(o, x), (black_and_white(o, held_out[0]), held_out[1])
    p = first_parameters(o, x, y, stream(seed, 0))
    p.update({name: value.copy() for name, value in (start or {}).items()})
    history: dict[str, list[float]] = {"loss": []}
    if getattr(o.optimizer, "name", o.optimizer) == "lbfgs":
        p = _minimised(o, p, x, y, held_out, history)
        return p, history
    memory: dict[str, Any] = {"step": 0}
    for epoch in range(o.epochs):
        order, total = stream(seed, 1, epoch).permutation(len(x)), 0.0
        now = SimpleNamespace(**vars(o))
        if getattr(o, "warm_up", 0):
            now.beta = o.beta * min(1.0, (epoch + 1) / o.warm_up)
        for batch, first in enumerate(range(0, len(x), o.batch_size)):
            if batch % batches_per_call == 0:
                noises = stream(seed, 2, memory["step"])
            rows = order[first : first + o.batch_size]
            labels = None if y is None else y[rows]
            loss, slopes = gradient(now, p, x[rows], labels, noise_of(o, noises, x[rows].shape))
            total += loss * len(rows)
            step(o.optimizer, p, slopes, memory, o.learning_rate * o.learning_rate_decay**epoch)
        history["loss"].append(total / len(x))
        _validate(o, p, held_out, stream(seed, 3), history)
    return p, history


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the generator for one purpose: 0 initial weights, (1, epoch) order, (2, step) noise, 3 validation noise, (4, layer) a stack's seeds."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def black_and_white(o: SimpleNamespace, x: Array) -> Array:
    """Return the rows used in training, binarised once if the options require it."""
    way = getattr(o, "binarize", "none")
    if way == "static":
        return np.where(np.random.default_rng([int(o.random_state), 1]).random(x.shape) < x, 1.0, 0.0)
    return np.where(x > 0.5, 1.0, 0.0) if way == "threshold" else x


def first_parameters(o: SimpleNamespace, x: Array, y: Array | None, rng: np.random.Generator) -> dict[str, Array]:
    """Return initial parameters: Glorot weights, He weights for ReLU (not in variational models), zero biases, and data-dependent values."""
    encoder, decoder = layers_of(o)
    drawn, C = o.kind in DRAWN_WEIGHTS, (o.classes or 0) * (o.kind == "ConditionalVariationalAutoencoder")
    sizes = [*o.hidden_sizes] if o.kind.startswith("Stacked") else [*o.hidden_sizes, o.latent_dim]
    down = [x.shape[1] + C, *sizes]
    up = [*down[:0:-1], x.shape[1]]
    if drawn:
        down, up = [*down[:-1], 2 * o.latent_dim], [o.latent_dim + C, *up[1:]]
    nets = [("encoder", down, encoder), ("decoder", up, decoder)]
    if o.kind == "StackedClassifier":
        nets[1] = ("softmax", [down[-1], o.classes], decoder)
    p: dict[str, Array] = {}
    for net, widths, activations in nets:
        for i, activation in enumerate(activations):
            fan_in, fan_out = widths[i], widths[i + 1]
            if not (net == "decoder" and getattr(o, "tied_weights", False)):
                if activation == "relu" and not drawn:
                    p[f"{net}.{i}.W"] = rng.standard_normal((fan_in, fan_out)) * (2 / fan_in) ** 0.5
                else:
                    limit = (6 / (fan_in + fan_out)) ** 0.5
                    p[f"{net}.{i}.W"] = rng.uniform(-limit, limit, (fan_in, fan_out))
            p[f"{net}.{i}.b"] = np.zeros(fan_out)
    _initialise_from_data(o, p, x, y)
    return p


def _initialise_from_data(o: SimpleNamespace, p: dict[str, Array], x: Array, y: Array | None) -> None:
    """Start with the mean of the data as output, a learned variance at their variance, and a first layer for standardised data."""
    mean = x.sum(axis=0) / len(x)
    variances = ((x - mean) ** 2).sum(axis=0) / len(x)
    first, last = next(iter(p)), [name for name in p if name.endswith(".b")][-1]
    if o.kind == "StackedClassifier":
        assert y is not None
        p[last] = np.log(np.bincount(y, minlength=o.classes) / len(x))
        scale = None if x.min() >= 0 and x.max() <= 1 else np.sqrt(variances)
    elif o.likelihood == "bernoulli":
        p[last], scale = _output_inverse("sigmoid", mean), None
    else:
        p[last] = _output_inverse(layers_of(o)[1][-1], mean)
        least = np.inf if getattr(o, "tied_weights", False) else 0 if o.kind in DRAWN_WEIGHTS else 1
        scale = np.ones(len(mean)) if least == np.inf else np.sqrt(np.maximum(variances, least))
        if getattr(o, "variance", 1) == "learned":
            p["decoder.logvar"] = np.log([variances.mean()])
    if scale is not None:
        p[first][: len(mean)] /= np.where(scale > 1e-9, scale, 1)[:, None]
        bias = first.replace(".W", ".b")
        p[bias] = p[bias] - mean @ p[first][: len(mean)]


def _output_inverse(activation: str, mean: Array) -> Array:
    """Return the pre-activation of the mean, which is limited to the range of the activation."""
    if activation == "sigmoid":
        white = np.minimum(np.maximum(mean, 0.001), 0.999)
        return np.log(white) - np.log(1 - white)
    if activation == "tanh":
        near = np.minimum(np.maximum(mean, -0.998), 0.998)
        return (np.log(1 + near) - np.log(1 - near)) / 2
    return np.where(mean > 0, mean, 0) if activation == "relu" else mean


def noise_of(o: SimpleNamespace, rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Draw the noise of a batch of that shape."""
    if o.kind == "DenoisingAutoencoder":
        return rng.standard_normal(shape) if o.corruption == "gaussian" else rng.random(shape)
    if o.kind in DRAWN_WEIGHTS:
        eps = rng.standard_normal((o.n_samples, shape[0], o.latent_dim))
        return eps, rng.random(shape) if o.binarize == "dynamic" else None
    return VARIANTS[o.kind].noise(o, rng, shape) if o.kind in VARIANTS else None


def step(rule: Any, p: dict[str, Array], slopes: dict[str, Array], memory: dict[str, Any], rate: float) -> None:
    """Update the parameters by one step of an optimiser; `memory` holds the step count and the rule's running means."""
    memory["step"] += 1
    t, name = memory["step"], getattr(rule, "name", rule)
    for key, g in slopes.items():
        if name == "sgd":
            p[key] = p[key] - rate * g
        elif name == "momentum":
            v = memory[f"{key} v"] = getattr(rule, "decay", 0.9) * memory.get(f"{key} v", 0.0) - rate * g
            p[key] = p[key] + v
        else:
            b1, b2 = getattr(rule, "beta1", 0.9), getattr(rule, "beta2", 0.999)
            m = memory[f"{key} m"] = b1 * memory.get(f"{key} m", 0.0) + (1 - b1) * g
            v = memory[f"{key} v"] = b2 * memory.get(f"{key} v", 0.0) + (1 - b2) * g**2
            p[key] = p[key] - rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + getattr(rule, "epsilon", 1e-8))


def _minimised(
    o: SimpleNamespace,
    p: dict[str, Array],
    x: Array,
    y: Array | None,
    held_out: tuple[Array, Array | None],
    history: dict[str, list[float]],
) -> dict[str, Array]:
    """Run SciPy's L-BFGS on all rows, restarted after every `restart` iterations; an iteration is an epoch."""
    from scipy.optimize import minimize

    def named(flat: Array) -> dict[str, Array]:
        ends = np.cumsum([value.size for value in p.values()])
        parts = np.split(flat, ends[:-1])
        return {name: part.reshape(value.shape) for (name, value), part in zip(p.items(), parts, strict=True)}

    def loss_and_slopes(flat: Array) -> tuple[float, Array]:
        loss, slopes = gradient(o, named(flat), x, y)
        return loss, np.concatenate([g.ravel() for g in slopes.values()])

    def record(intermediate_result: Any) -> None:
        history["loss"].append(float(intermediate_result.fun))
        _validate(o, named(intermediate_result.x), held_out, stream(int(o.random_state), 3), history)

    memory, restart = getattr(o.optimizer, "memory", 20), getattr(o.optimizer, "restart", 200)
    flat = np.concatenate([value.ravel() for value in p.values()])
    for done in range(0, o.epochs, restart):
        count = min(restart, o.epochs - done)
        options = {"maxiter": count, "maxcor": memory, "maxfun": 20 * count, "ftol": 0.0, "gtol": 1e-9}
        result = minimize(loss_and_slopes, flat, jac=True, method="L-BFGS-B", callback=record, options=options)
        flat = result.x
        if result.nit < count:  # converged
            break
    return named(flat)


def _validate(
    o: SimpleNamespace, p: dict[str, Array], held_out: tuple[Array, Array | None], rng: Any, history: Any
) -> None:
    """Return the objective on the validation data, with the noise shared by all epochs, and the other metrics of the history."""
    x, y = held_out
    noise = noise_of(o, rng, x.shape)
    measured = {"val_loss": float(objective(o, p, x, y, noise))}
    if o.kind == "StackedClassifier":
        likelier = [classifier_losses(o, p, x, np.full(len(x), k)) for k in range(o.classes)]
        measured["val_error"] = float((np.argmin(likelier, axis=0) != y).sum() / len(x))
    if o.kind in DRAWN_WEIGHTS:
        eps, u = noise
        found = variational(o, p, x if u is None else np.where(u < x, 1.0, 0.0), y, eps)
        measured["val_reconstruction"] = -float(found["nll"].mean())
        measured["val_kl"] = float(found["kl_terms"].sum(axis=1).mean())
    if o.kind in VARIANTS:
        code = chain(p, "encoder", x, layers_of(o)[0])[-1]
        term = float(VARIANTS[o.kind].penalty(o, code, noise))
        without = SimpleNamespace(**{**vars(o), VARIANTS[o.kind].weight: 0.0, "weight_decay": 0.0})
        measured[f"val_{VARIANTS[o.kind].term}"] = term
        measured["val_reconstruction"] = float(objective(without, p, x, y, noise))
    for name, value in measured.items():
        history.setdefault(name, []).append(value)


def train_stack(
    stack: Any, x: Array, *, held_out: Array, batches_per_call: int
) -> tuple[dict[str, Array], dict[str, list[float]], list[dict[str, list[float]]]]:
    """Run the training of a stack: each layer on the codes of the previous layer, then the unrolled network.

    Returns
    -------
    parameters : dict of str to array
    history : dict of str to list of float
        History of the fine-tuning.
    layers : list of dict
        The history of each layer.
    """
    from scratchae import models

    o, codes, held_out_codes, unrolled, histories = options_of(stack), x, held_out, {}, []
    last, kinds = (
        len(o.hidden_sizes) - 1,
        {"basic": "", "denoising": "Denoising", "sparse": "Sparse", "contractive": "Contractive"},
    )
    for k, size in enumerate(o.hidden_sizes):
        probabilities = o.likelihood == "bernoulli" if k == 0 else o.activation == "sigmoid"
        options: dict[str, Any] = {
            "hidden_sizes": (),
            "latent_dim": size,
            "activation": o.activation,
            "likelihood": "bernoulli" if probabilities else "gaussian",
            # Codes are reconstructed by units with the same activation; for sigmoid units, this follows from the likelihood.
            "output_activation": "identity" if k == 0 or o.activation == "sigmoid" else o.activation,
            "learning_rate": o.learning_rate if o.pretrain_learning_rate is None else o.pretrain_learning_rate,
            "epochs": o.pretrain_epochs,
            "random_state": int(_seed_sequence(o.random_state, 4, k) >> 1),
        }
        same = ["tied_weights", "optimizer", "weight_decay", "batch_size", "dtype"]
        same += {"sparse": ["sparsity", "sparsity_weight"], "contractive": ["contraction"]}.get(o.base, [])
        if o.base == "denoising":
            levels = np.broadcast_to(o.corruption_level, len(o.hidden_sizes))
            options |= {"corruption": o.corruption, "corruption_level": float(levels[k])}
        layer = getattr(models, f"{kinds[o.base]}Autoencoder")(**options, **{name: getattr(o, name) for name in same})
        p, history = train(layer, codes, held_out=(held_out_codes, None), batches_per_call=batches_per_call)
        histories.append(history)
        for name, value in p.items():
            side, _, letter = name.split(".")
            unrolled[f"{side}.{k if side == 'encoder' else last - k}.{letter}"] = value
        codes, held_out_codes = (
            ACTIVATIONS[o.activation](rows @ p["encoder.0.W"] + p["encoder.0.b"]) for rows in (codes, held_out_codes)
        )
    p, history = train(stack, x, held_out=(held_out, None), batches_per_call=batches_per_call, start=unrolled)
    return p, history, histories


def _seed_sequence(seed: int, *key: int) -> int:
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1, np.uint64)[0])
