"""Training from its definition: first parameters, shuffles, noise, epochs, and the optimisers of `torch.optim`.

Nothing of scratchae is imported. Randomness is the one thing that cannot be derived: a run with seed s draws from the streams
``default_rng(SeedSequence(s, spawn_key=key))`` with the keys

=============  =================================================================
key            what is drawn
=============  =================================================================
(0,)           the first weights, layer by layer
(1, epoch)     the order of the rows in that epoch
(2, steps)     the noise of the call to the kernel that begins after so many steps: a small model's call is an epoch
(3,)           the noise of the validation data, the same after every epoch
(4, k)         the seed of layer k of a stack
=============  =================================================================
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize
import torch
from torch import Tensor

from oracles.definitions import (
    OBJECTIVES,
    VARIATIONAL,
    Named,
    Options,
    VariationalNoise,
    class_logits,
    codes,
    contraction,
    decoder_output,
    discrepancy,
    encode,
    evidence_lower_bound,
    layer_of_stack,
    log_mean_exp,
    log_weights,
    losses,
    posterior,
    sparsity_divergence,
    weight_decay,
    white,
    whole_of_stack,
)

Array = np.ndarray
LAYER_OF = {
    "basic": "Autoencoder",
    "denoising": "DenoisingAutoencoder",
    "sparse": "SparseAutoencoder",
    "contractive": "ContractiveAutoencoder",
}


def stream(seed: int, *key: int) -> np.random.Generator:
    """An independent stream of random numbers for each key."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


# First parameters.


def layers_of(name: str, o: Options, features: int) -> list[tuple[str, int, int, str]]:
    """Name, inputs, outputs and activation of every layer, in the order in which their weights are drawn."""
    if name == "StackedAutoencoder":
        return layers_of("Autoencoder", whole_of_stack(o), features)
    hidden, activation = list(o["hidden_sizes"]), o["activation"]
    if name == "StackedClassifier":
        sizes = [features, *hidden, o["classes"]]
        layers = [(f"encoder.{i}", sizes[i], sizes[i + 1], activation) for i in range(len(hidden))]
        return [*layers, ("softmax.0", sizes[-2], sizes[-1], "identity")]
    J, classes = o["latent_dim"], o.get("classes", 0)
    down, up = [features + classes, *hidden, J], [J + classes, *hidden[::-1], features]
    of_code, of_output = o.get("code_activation"), o.get("output_activation", "identity")
    if name in VARIATIONAL:
        down[-1], of_code = 2 * J, "identity"
    elif name == "SparseAutoencoder":
        of_code = "sigmoid"
    ends = {"encoder": (down, of_code or ("identity" if hidden else activation)), "decoder": (up, of_output)}
    return [
        (f"{side}.{i}", sizes[i], sizes[i + 1], last if i == len(hidden) else activation)
        for side, (sizes, last) in ends.items()
        for i in range(len(hidden) + 1)
    ]


def first_parameters(name: str, o: Options, x: Array, seed: int, y: Array | None = None) -> dict[str, Array]:
    """Weights by Glorot's rule, uniform with variance 2 / (inputs + outputs), but by He's rule, normal with variance 2 / inputs, for layers
    of rectifiers (of variational models: Glorot's for all); biases are zero. Then the first and the last layer are adapted to the data."""
    rng, p, tied = stream(seed, 0), {}, o.get("tied_weights", False)
    layers = layers_of(name, o, x.shape[1])
    for layer, d_in, d_out, activation in layers:
        if not (tied and layer.startswith("decoder")):
            if activation == "relu" and name not in VARIATIONAL:
                p[f"{layer}.W"] = rng.standard_normal((d_in, d_out)) * (2 / d_in) ** 0.5
            else:
                half_width = (
                    12 * 2 / (d_in + d_out)
                ) ** 0.5 / 2  # a uniform variable of width w has the variance w² / 12
                p[f"{layer}.W"] = rng.uniform(-half_width, half_width, (d_in, d_out))
        p[f"{layer}.b"] = np.zeros(d_out)
    (first, *_), (last, _, _, output) = layers[0], layers[-1]
    double = x.astype(np.float64)
    if name == "StackedClassifier":
        assert y is not None
        p[f"{last}.b"] = np.log([(y == k).mean() for k in range(o["classes"])])
        if x.min() < 0 or x.max() > 1:
            _standardise(p, first, double, double.std(axis=0))
        return {key: value.astype(x.dtype) for key, value in p.items()}
    p[f"{last}.b"] = _first_output(double.mean(axis=0), "sigmoid" if o["likelihood"] == "bernoulli" else output)
    if o["likelihood"] == "gaussian":
        scale = double.std(axis=0)
        if name not in VARIATIONAL:
            scale = np.ones_like(scale) if tied else np.maximum(scale, 1)
        _standardise(p, first, double, scale)
        if name in VARIATIONAL:
            p[f"{last}.W"] = p[f"{last}.W"] * scale  # the output has the scale of the data, too
        if o.get("variance") in ("learned", "learned_per_feature"):
            p["decoder.logvar"] = np.log(_variances(o, double))
    return {key: value.astype(x.dtype) for key, value in p.items()}


def _first_output(mean: Array, activation: str) -> Array:
    """The bias that makes this activation the mean of the data, or as near to it as 0.001 of the activation's range."""
    if activation == "sigmoid":
        share = np.minimum(np.maximum(mean, 0.001), 0.999)
        return np.log(share) - np.log(1 - share)
    if activation == "tanh":
        near = np.minimum(np.maximum(mean, -0.998), 0.998)
        return (np.log(1 + near) - np.log(1 - near)) / 2
    return np.where(mean > 0, mean, 0) if activation == "relu" else mean


def _standardise(p: dict[str, Array], first: str, x: Array, scale: Array) -> None:
    """The first layer sees x without the mean, in units of `scale` (a unit of 0, of constant data, is none)."""
    W, D = p[f"{first}.W"], x.shape[1]
    W[:D] = W[:D] / np.where(scale > 1e-12, scale, 1)[:, None]
    p[f"{first}.b"] = p[f"{first}.b"] - x.mean(axis=0) @ W[:D]


def _variances(o: Options, x: Array) -> Array:
    """The variance of the data: of each feature, or the mean over the features."""
    of_each = x.var(axis=0)
    return of_each.mean(keepdims=True) if o["variance"] == "learned" else of_each


# Noise.


def noise_for(name: str, o: Options, rng: np.random.Generator, rows: int, features: int) -> Any:
    """The noise of one batch."""
    dtype = np.dtype(o["dtype"])
    if name == "DenoisingAutoencoder":
        draw = rng.standard_normal if o["corruption"] == "gaussian" else rng.random
        return torch.from_numpy(draw((rows, features), dtype))
    if name == "WassersteinAutoencoder":  # a draw from the prior for each row
        return torch.from_numpy(rng.standard_normal((rows, o["latent_dim"])).astype(dtype))
    if name in VARIATIONAL:
        eps = rng.standard_normal((o["n_samples"], rows, o["latent_dim"])).astype(dtype)
        u = torch.from_numpy(rng.random((rows, features), dtype)) if o["binarize"] == "dynamic" else None
        return VariationalNoise(torch.from_numpy(eps), u)
    return None


def black_and_white(x: Array, o: Options, seed: int, *, ways: Iterable[str] = ("static", "dynamic")) -> Array:
    """Pixels that are white above one half, or by chance with their value as the probability, by the seed; others as they are."""
    way = o.get("binarize", "none")
    if way == "threshold":
        return (x > 0.5).astype(x.dtype)
    if way in ways:
        return (np.random.default_rng([seed, 1]).random(x.shape, x.dtype) < x).astype(x.dtype)
    return x


def noise_of_scores(x: Array, o: Options) -> tuple[Array, Array]:
    """The noise of `score_samples`: normal noise (L, N, J) and pixels, for each row from numbers that depend on the row alone."""
    eps, pixels, shape = [], [], (o["n_samples"], o["latent_dim"])
    numbers, digits = math.prod(shape), 24 if x.dtype == np.float32 else 53
    for row in x:
        key, pairs = _key(row), (numbers + 1) // 2
        u = [_number(key, place) / 2**64 for place in range(pairs)]
        v = [(_number(key, pairs + place) >> 64 - digits) / 2**digits for place in range(pairs)]
        polar = [cmath.rect(math.sqrt(-2 * math.log(1 - a)), 2 * math.pi * b) for a, b in zip(u, v, strict=True)]
        eps.append(np.array([z.real for z in polar] + [z.imag for z in polar])[:numbers].reshape(shape).astype(x.dtype))
        white = [(_number(key, 2 * numbers + d) >> 64 - digits) / 2**digits < value for d, value in enumerate(row)]
        pixels.append(np.array(white, x.dtype))
    drawn = {"none": x, "threshold": (x > 0.5).astype(x.dtype)}.get(o["binarize"], np.array(pixels))
    return np.stack(eps, axis=1), drawn


def _mixed(word: int) -> int:
    """SplitMix64's function of a 64-bit number."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        word = (word ^ word >> shift) * factor % 2**64
    return word


def _number(key: int, place: int) -> int:
    """Number `place` of SplitMix64 started at the key."""
    return _mixed((key + (place + 1) * 0x9E3779B97F4A7C15) % 2**64)


def _key(row: Array) -> int:
    """The hash of a row: its bytes in words of 64 bits, each multiplied and folded, in a sum with factors of their own."""
    content, total = (row + 0.0).tobytes(), 0
    for place, start in enumerate(range(0, len(content), 8)):
        word = int.from_bytes(content[start : start + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
        total += (_number(0, place) | 1) * (word ^ word >> 32)
    return _mixed(total % 2**64)


# Optimisers.


class ClassicMomentum(torch.optim.Optimizer):
    """v <- d v - rate g, theta <- theta + v (Polyak, 1964): the rate is inside the velocity.

    ``torch.optim.SGD(momentum=d)`` has it outside, v <- d v + g, theta <- theta - rate v. The two are the same as long as the rate is.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for theta in group["params"]:
                v = self.state[theta].setdefault("v", torch.zeros_like(theta))
                v.mul_(group["momentum"]).sub_(group["lr"] * theta.grad)
                theta.add_(v)


def optimizer_of(o: Options, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
    """The optimiser of `torch.optim`; for momentum at a falling rate the classic one."""
    (rule, settings), rate = o["optimizer"], o["learning_rate"]
    if rule == "sgd":
        return torch.optim.SGD(parameters, rate)
    if rule == "momentum":
        same = o["learning_rate_decay"] == 1
        return (torch.optim.SGD if same else ClassicMomentum)(parameters, rate, momentum=settings["decay"])
    return torch.optim.Adam(parameters, rate, (settings["beta1"], settings["beta2"]), settings["epsilon"])


# Epochs.


class Trained(NamedTuple):
    """Parameters at the end, and the history."""

    parameters: dict[str, Array]
    history: dict[str, list[float]]


def at_epoch(o: Options, epoch: int) -> Options:
    """The weight of the KL rises evenly from beta / warm_up in the first epoch to beta in epoch number `warm_up`."""
    if o.get("warm_up", 0) == 0:
        return o
    return {**o, "beta": o["beta"] * min(1.0, (epoch + 1) / o["warm_up"])}


def metrics(name: str, p: Named, data: tuple[Tensor, Any], o: Options, seed: int) -> dict[str, float]:
    """The history of validation data: the objective, and what belongs to the model."""
    x, y = data
    noise = noise_for(name, o, stream(seed, 3), *x.shape)
    found = {"val_loss": OBJECTIVES[name](p, x, y, noise, o).item()}
    if name == "StackedClassifier":
        found["val_error"] = (class_logits(p, x, o).argmax(dim=1) != y).double().mean().item()
    if name == "WassersteinAutoencoder":
        h = encode(p, x, o)
        found["val_reconstruction"] = losses(decoder_output(p, h, o), x, o).mean().item()
        found["val_mmd"] = discrepancy(h, noise, o).item()
    if name in VARIATIONAL:
        x = x if noise.u is None else white(x, noise.u)
        bound = evidence_lower_bound(p, x, y, noise.eps, o, "analytic")
        found |= {"val_reconstruction": bound.reconstruction.mean().item(), "val_kl": bound.kl.mean().item()}
    return found


def terms(name: str, p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> dict[str, float]:
    """The terms of the objective, without their weights: what the history of the training shows; none of a single term."""
    found: dict[str, Any] = {}
    decay = weight_decay(p, o)
    if name in VARIATIONAL:
        importance = name == "ImportanceWeightedAutoencoder"
        x = x if noise.u is None else white(x, noise.u)
        bound = evidence_lower_bound(p, x, y, noise.eps, o, "sampled" if importance else o["kl"])
        found = {"reconstruction": bound.reconstruction.mean(), "kl": bound.kl.mean()}
        if importance:  # by how much the bound is above that of draws of the same weight
            log_w = log_weights(p, x, y, noise.eps, o)
            found["gain"] = (log_mean_exp(log_w) - log_w.mean(dim=0)).mean()
        elif o["free_bits"] > 0:
            of_each = torch.distributions.kl_divergence(posterior(p, x, y, o), torch.distributions.Normal(0.0, 1.0))
            found["free_bits"] = (o["free_bits"] - of_each.mean(dim=0)).clamp(min=0).sum()
    else:
        plain = OBJECTIVES[name](p, x, y, noise, o) - decay
        found["cross_entropy" if name == "StackedClassifier" else "reconstruction"] = plain
        penalty, weight, called = {
            "SparseAutoencoder": lambda: (sparsity_divergence(p, x, o), "sparsity_weight", "penalty"),
            "ContractiveAutoencoder": lambda: (contraction(p, x, o).mean(), "contraction", "penalty"),
            "WassersteinAutoencoder": lambda: (discrepancy(encode(p, x, o), noise, o), "mmd_weight", "mmd"),
        }.get(name, lambda: (None, "", ""))()
        if penalty is not None:
            found |= {"reconstruction": plain - o[weight] * penalty, called: penalty}
    if o["weight_decay"] > 0:
        found["weight_decay"] = decay
    return {key: float(value) for key, value in found.items()} if len(found) > 1 else {}


def train(
    name: str,
    first: dict[str, Array],
    data: tuple[Array, Any],
    o: Options,
    seed: int,
    validation: Any = None,
    steps_per_call: int = 1_000_000,
) -> Trained:
    """Train from the first parameters on rows and classes (or None), as the model is trained with these options.

    The loss of an epoch is the mean over its rows, each counted with the parameters that its batch met.
    """
    p = {key: torch.tensor(value, requires_grad=True) for key, value in first.items()}
    (x, y), held_out = _tensors(data), validation and _tensors(validation)
    optimizer, batch, steps = optimizer_of(o, p.values()), min(o["batch_size"], len(x)), 0
    history: dict[str, list[float]] = {"loss": []}
    for epoch in range(o["epochs"]):
        order, total, totals = stream(seed, 1, epoch).permutation(len(x)), 0.0, dict[str, float]()
        for group in optimizer.param_groups:
            group["lr"] = o["learning_rate"] * o["learning_rate_decay"] ** epoch
        for i, rows in enumerate(np.split(order, range(batch, len(x), batch))):
            if i % steps_per_call == 0:
                rng = stream(seed, 2, steps)
            noise = noise_for(name, o, rng, len(rows), x.shape[1])
            optimizer.zero_grad()
            labels = None if y is None else y[rows]
            with torch.no_grad():
                for key, value in terms(name, p, x[rows], labels, noise, at_epoch(o, epoch)).items():
                    totals[key] = totals.get(key, 0.0) + value * len(rows)
            loss = OBJECTIVES[name](p, x[rows], labels, noise, at_epoch(o, epoch))
            loss.backward()
            optimizer.step()
            if "decoder.logvar" in p:
                with torch.no_grad():  # at least a ten-thousandth of the variance of the data
                    p["decoder.logvar"].clamp_(
                        min=torch.tensor(np.log(1e-4 * _variances(o, data[0].astype(np.float64))))
                    )
            total, steps = total + loss.item() * len(rows), steps + 1
        for key, value in {"loss": total, **totals}.items():
            history.setdefault(key, []).append(value / len(x))
        if held_out:
            with torch.no_grad():
                for key, value in metrics(name, p, held_out, o, seed).items():
                    history.setdefault(key, []).append(value)
    return Trained({key: value.detach().numpy() for key, value in p.items()}, history)


def minimise(
    name: str, first: dict[str, Array], data: tuple[Array, Any], o: Options, memory: int, restart: int
) -> Trained:
    """SciPy's L-BFGS-B on the objective over all rows, an iteration for each epoch, its memory emptied after every `restart` iterations.

    `torch.optim.LBFGS` takes other steps: its line search is another one, and so is its first step. Only where it ends is the same.
    """
    x, y = _tensors(data)
    sizes = [value.size for value in first.values()]
    point, history = np.concatenate([value.ravel() for value in first.values()]), []

    def named(flat: Any) -> dict[str, Any]:
        parts = torch.split(flat, sizes)
        return {key: part.reshape(value.shape) for (key, value), part in zip(first.items(), parts, strict=True)}

    def objective(flat: Array) -> tuple[float, Array]:
        theta = torch.tensor(flat, requires_grad=True)
        loss = OBJECTIVES[name](named(theta), x, y, None, o)
        loss.backward()
        return loss.item(), theta.grad.numpy()

    while len(history) < o["epochs"]:
        options = {"maxcor": memory, "maxiter": min(restart, o["epochs"] - len(history)), "ftol": 0.0, "gtol": 1e-9}
        run = scipy.optimize.minimize(
            objective, point, jac=True, method="L-BFGS-B", options=options, callback=lambda point: history.append(point)
        )
        point = run.x
    end = {key: value.numpy() for key, value in named(torch.tensor(point)).items()}
    return Trained(end, {"loss": [objective(flat)[0] for flat in history]})


def _tensors(data: tuple[Array, Any]) -> tuple[Tensor, Any]:
    x, y = data
    return torch.tensor(x), None if y is None else torch.tensor(y)


def train_stack(o: Options, x: Array, validation: Array, seed: int) -> tuple[list[Trained], Trained]:
    """Each layer on the codes of the layer before, then the unrolled whole from there."""
    layers, inputs, held_out, depth = [], x, validation, len(o["hidden_sizes"])
    for k in range(depth):
        inside = {**layer_of_stack(o, k), "epochs": o["pretrain_epochs"], "learning_rate_decay": 1.0}
        inside["learning_rate"] = o["pretrain_learning_rate"] or o["learning_rate"]
        layer, (high,) = (
            LAYER_OF[o["base"]],
            np.random.SeedSequence(seed, spawn_key=(4, k)).generate_state(1, np.uint64),
        )
        own_seed = int(high) // 2
        first = first_parameters(layer, inside, inputs, own_seed)
        layers.append(train(layer, first, (inputs, None), inside, own_seed, (held_out, None)))
        p = {key: torch.tensor(value) for key, value in layers[-1].parameters.items()}
        inputs, held_out = (codes(layer, p, torch.tensor(data), None, inside).numpy() for data in (inputs, held_out))
    first = {}
    for side, order in ("encoder", layers), ("decoder", layers[::-1]):  # the decoders mirrored
        for place, layer_k in enumerate(order):
            own = {key: value for key, value in layer_k.parameters.items() if key.startswith(side)}
            first |= {key.replace(".0.", f".{place}."): value for key, value in own.items()}
    return layers, train("StackedAutoencoder", first, (x, None), o, seed, (validation, None))
