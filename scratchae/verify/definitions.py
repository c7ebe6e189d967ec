"""The objectives of all models from their definitions, with only NumPy and the parameters.

Nothing here is derived, fused or protected from overflow, and gradients are not written out: `gradient` uses the complex step, which is exact
to machine precision. So only the names of the parameters are shared with `ops`, `kernels`, `nets` and `models`, and a mistake would have to be
made in both versions to go undetected. Suitable for networks with a few dozen parameters.

Arrays may be complex; comparisons use the real part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae.verify.derivatives import Array

Named = Mapping[str, Array]  # parameters by name

ACTIVATIONS = {
    "identity": lambda a: a,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": lambda a: (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)),
    "relu": lambda a: np.where(a.real > 0, a, 0),
}
SLOPES = {"sigmoid": lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2, "tanh": lambda a: 1 / np.cosh(a) ** 2}


@dataclass(frozen=True)
class Variant:
    """Definition of a deterministic autoencoder with a penalty on its code; the file of its claims adds it to `VARIANTS`.

    Attributes
    ----------
    penalty : callable
        Maps options, code and noise to the unweighted penalty, a number.
    weight : str
        The option that is the weight of the penalty.
    term : str
        Name of the penalty in the history of the validation data, without "val_".
    noise : callable
        Maps options, a generator and the shape of a batch to its noise.
    """

    penalty: Callable[[SimpleNamespace, Array, Any], Any]
    weight: str
    term: str
    noise: Callable[[SimpleNamespace, np.random.Generator, tuple[int, int]], Any]


VARIANTS: dict[str, Variant] = {}  # by the name of the class
WEIGHTS = {
    "SparseAutoencoder": "sparsity_weight",
    "ContractiveAutoencoder": "contraction",
}  # options that weigh a penalty


def options_of(model: Any) -> SimpleNamespace:
    """Return the options of a model by name, with its class name and, if given, the number of classes."""
    classes = getattr(model, "classes_", None)
    return SimpleNamespace(
        **model.get_params(), kind=type(model).__name__, classes=None if classes is None else len(classes)
    )


def chain(p: Named, name: str, x: Array, activations: list[str], tied: bool = False) -> list[Array]:
    """Return the pre-activations of dense layers `name`.0, `name`.1, … for the input x. Tied layers use the encoder's weights in reverse order."""
    pre = []
    for i, activation in enumerate(activations):
        W = p[f"encoder.{len(activations) - 1 - i}.W"].T if tied else p[f"{name}.{i}.W"]
        pre.append(x @ W + p[f"{name}.{i}.b"])
        x = ACTIVATIONS[activation](pre[-1])
    return [*pre, x]


def layers_of(o: SimpleNamespace) -> tuple[list[str], list[str]]:
    """Return the activations of the encoder's and the decoder's layers."""
    hidden = [o.activation] * len(o.hidden_sizes)
    if o.kind == "StackedAutoencoder":
        return hidden, [*hidden[1:], "identity"]
    if o.kind == "StackedClassifier":
        return hidden, ["identity"]
    if hasattr(o, "beta") or o.kind == "ImportanceWeightedAutoencoder":
        return [*hidden, "identity"], [*hidden, "identity"]
    code = "sigmoid" if o.kind == "SparseAutoencoder" else o.code_activation
    return [*hidden, code or ("identity" if hidden else o.activation)], [*hidden, o.output_activation]


def cross_entropy(logits: Array, x: Array) -> Array:
    """Return -log p(x) of independent pixels that are white with probability sigmoid(logit), in nats per row."""
    p = ACTIVATIONS["sigmoid"](logits)
    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=-1)


def normal_nll(x: Array, mean: Any, variance: Any) -> Array:
    """Return -log density of independent normal variables, in nats per row."""
    return (np.log(2 * np.pi * variance) / 2 + (x - mean) ** 2 / (2 * variance)).sum(axis=-1)


def decay(o: SimpleNamespace, p: Named) -> Any:
    """Return the weight decay: its strength times half the sum of squares of all weights (without biases)."""
    return o.weight_decay / 2 * sum((W**2).sum() for name, W in p.items() if name.endswith(".W"))


def objective(o: SimpleNamespace, p: Named, x: Array, y: Array | None = None, noise: Any = None) -> Any:
    """Return the mean objective of a batch, weight decay included.

    Parameters
    ----------
    o : namespace
        From `options_of`.
    p : mapping of str to array
        Parameters by name, real or complex.
    x : array, shape (N, D)
    y : array of int, shape (N,), optional
    noise : array or (array, array or None)
        As drawn by the model: for a denoising autoencoder u or eps, shape (N, D); for a variational one eps, shape (L, N, J), and u;
        for one of `VARIANTS` as its `noise` draws it.
    """
    if o.kind == "StackedClassifier":
        return (classifier_losses(o, p, x, y)).mean() + decay(o, p)
    if hasattr(o, "n_samples"):
        eps, u = noise
        return variational(o, p, x if u is None else np.where(u < x, 1.0, 0.0), y, eps)["loss"] + decay(o, p)
    return reconstruction(o, p, x, noise) + decay(o, p)


def reconstruction(o: SimpleNamespace, p: Named, x: Array, noise: Array | None = None) -> Any:
    """Return the objective of the deterministic autoencoders: the mean reconstruction loss, and the weighted penalty."""
    loss, penalty = loss_and_penalty(o, p, x, noise)
    name = penalty_of(o)
    return loss if name is None else loss + getattr(o, name[1]) * penalty


def penalty_of(o: SimpleNamespace) -> tuple[str, str] | None:
    """Return the name of a model's penalty in the history, and the option that is its weight; None if it has no penalty."""
    if o.kind in VARIANTS:
        return VARIANTS[o.kind].term, VARIANTS[o.kind].weight
    return ("penalty", WEIGHTS[o.kind]) if o.kind in WEIGHTS else None


def loss_and_penalty(o: SimpleNamespace, p: Named, x: Array, noise: Array | None) -> tuple[Any, Any]:
    """Return the mean reconstruction loss of the deterministic autoencoders, and the penalty without its weight."""
    encoder, decoder = layers_of(o)
    shown = corrupted(o, x, noise) if o.kind == "DenoisingAutoencoder" else x
    *before, a, code = chain(p, "encoder", shown, encoder)
    if o.kind == "KSparseAutoencoder":
        smallest_kept = np.sort(code.real, axis=1)[:, -o.k][:, None]
        code = np.where(code.real >= smallest_kept, code, 0)
    output = chain(p, "decoder", code, decoder, o.tied_weights)[-1]
    losses = cross_entropy(output, x) if o.likelihood == "bernoulli" else ((output - x) ** 2).sum(axis=1)
    penalty = 0.0
    if o.kind == "SparseAutoencoder":
        mean, rho = code.sum(axis=0) / len(x), o.sparsity
        penalty = (rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))).sum()
    if o.kind == "ContractiveAutoencoder":  # the full Jacobian, d code_j / d x_i, of each row
        jacobian = SLOPES[encoder[-1]](a)[:, None, :] * p["encoder.0.W"]
        penalty = (jacobian**2).sum() / len(x)
    if o.kind in VARIANTS:
        penalty = VARIANTS[o.kind].penalty(o, code, noise)
    return losses.sum() / len(x), penalty


def terms(o: SimpleNamespace, p: Named, x: Array, y: Array | None = None, noise: Any = None) -> dict[str, float]:
    """Return the terms of the objective by name as in the history, without their weights; none if it is a single term."""
    found: dict[str, Any]
    if o.kind == "StackedClassifier":
        found = {"cross_entropy": classifier_losses(o, p, x, y).mean()}
    elif hasattr(o, "n_samples"):
        eps, u = noise
        drawn = variational(o, p, x if u is None else np.where(u < x, 1.0, 0.0), y, eps)
        found = {"reconstruction": -drawn["nll"].mean(), "kl": drawn["kl_terms"].sum(axis=1).mean()}
        if o.kind == "ImportanceWeightedAutoencoder":
            above = drawn["log_w"] - drawn["log_w"].mean(axis=0)
            found |= {"kl": drawn["log_ratio"].mean(), "gain": np.log(np.exp(above).mean(axis=0)).mean()}
        elif o.kl == "sampled":
            found["kl"] = drawn["log_ratio"].mean()
        elif o.free_bits > 0:
            found["free_bits"] = np.maximum(o.free_bits - drawn["kl_terms"].mean(axis=0), 0.0).sum()
    else:
        loss, penalty = loss_and_penalty(o, p, x, noise)
        name = penalty_of(o)
        found = {"reconstruction": loss, **({} if name is None else {name[0]: penalty})}
    if o.weight_decay > 0:
        found["weight_decay"] = decay(o, p)
    return {key: float(value) for key, value in found.items()} if len(found) > 1 else {}


def corrupted(o: SimpleNamespace, x: Array, noise: Any) -> Array:
    """Return the corrupted input: entries set to zero, set to black or white, or with added noise."""
    if o.corruption == "gaussian":
        return x + o.corruption_level * noise
    if o.corruption == "masking":
        return x * (noise >= o.corruption_level)
    black, white = noise < o.corruption_level / 2, (noise >= o.corruption_level / 2) & (noise < o.corruption_level)
    return np.where(black, 0.0, np.where(white, 1.0, x))


def classifier_losses(o: SimpleNamespace, p: Named, x: Array, y: Any) -> Array:
    """Return -log of the probability of the correct class, in nats per row."""
    code = chain(p, "encoder", x, layers_of(o)[0])[-1]
    powers = np.exp(chain(p, "softmax", code, ["identity"])[-1])
    return -np.log(powers[np.arange(len(x)), y] / powers.sum(axis=1))


def variational(o: SimpleNamespace, p: Named, x: Array, y: Array | None, eps: Array) -> dict[str, Any]:
    """Compute all quantities of a variational model for one batch and its draws.

    Returns
    -------
    dict
        "mu", "variance", shape (N, J); "nll", "log_ratio" = log q(z|x) - log p(z), "log_w", shape (L, N), and "kl_terms", shape (N, J), all in
        nats; "loss", the mean objective without the weight decay.
    """
    encoder, decoder = layers_of(o)
    c = np.zeros((len(x), 0)) if y is None or o.kind != "ConditionalVariationalAutoencoder" else np.eye(o.classes)[y]
    moments = chain(p, "encoder", np.hstack([x, c]), encoder)[-1]
    mu, variance = moments[:, : o.latent_dim], np.exp(moments[:, o.latent_dim :])
    nll, log_ratio = [], []
    for noise in eps:
        z = mu + variance**0.5 * noise
        output = chain(p, "decoder", np.hstack([z, c]), decoder)[-1]
        if o.likelihood == "bernoulli":
            nll.append(cross_entropy(output, x))
        else:
            spread = np.exp(p["decoder.logvar"]) if isinstance(o.variance, str) else np.asarray(o.variance)
            nll.append(normal_nll(x, output, spread))
        log_ratio.append(normal_nll(z, 0.0, 1.0) - normal_nll(z, mu, variance))
    all_nll, ratios = np.array(nll), np.array(log_ratio)
    kl_terms = (mu**2 + variance - np.log(variance) - 1) / 2
    found = {"mu": mu, "variance": variance, "nll": all_nll, "log_ratio": ratios, "kl_terms": kl_terms}
    found["log_w"] = -all_nll - ratios
    return {**found, "loss": _bound(o, found)}


def _bound(o: SimpleNamespace, found: dict[str, Any]) -> Any:
    """Return the negative bound that the model is trained on."""
    if o.kind == "ImportanceWeightedAutoencoder":
        top = found["log_w"].real.max(axis=0)
        return -(top + np.log(np.exp(found["log_w"] - top).mean(axis=0))).mean()
    if o.kl == "sampled":
        kl = found["log_ratio"].mean()
    elif o.free_bits > 0:
        means = found["kl_terms"].mean(axis=0)
        kl = np.where(means.real > o.free_bits, means, o.free_bits).sum()
    else:
        kl = found["kl_terms"].sum(axis=1).mean()
    return found["nll"].mean() + o.beta * kl


def gradient(
    o: SimpleNamespace, p: Named, x: Array, y: Array | None = None, noise: Any = None
) -> tuple[float, dict[str, Array]]:
    """Return the objective and its gradient by the complex step, with one evaluation per parameter."""
    moved = {name: value.astype(np.complex128) for name, value in p.items()}
    slopes = {name: np.empty(value.shape) for name, value in p.items()}
    loss = float(np.real(objective(o, p, x, y, noise)))
    for name, value in moved.items():
        for index in np.ndindex(value.shape):
            here = value[index]
            value[index] = here + 1e-150j
            slopes[name][index] = np.imag(objective(o, moved, x, y, noise)) / 1e-150
            value[index] = here
    return loss, slopes
