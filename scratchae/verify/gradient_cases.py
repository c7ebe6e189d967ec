"""Cases for the gradient checks of the ops: arguments of every size, and the call of each backward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.verify.derivatives import Array

# Pairwise coprime, so that a wrong transpose or axis cannot hide.
N, D_IN, D_OUT = 5, 7, 3


@dataclass(frozen=True)
class GradientCase:
    """Gradient check of one op.

    Parameters
    ----------
    op : str
    equations : str
        Labels of its gradients.
    inputs : callable
        Makes the arguments of the forward by name, from a generator.
    wrt : tuple of str
        The arguments with a gradient, in the order of the results of the backward.
    backward : callable
        Calls the backward with ops, upstream gradient, arguments and output.
    smooth : bool
        Whether the complex step applies.
    """

    op: str
    equations: str
    inputs: Callable[[np.random.Generator], dict[str, Any]]
    wrt: tuple[str, ...]
    backward: Callable[[Any, Array, dict[str, Any], Array], Any]
    smooth: bool = True


def _wide(rng: np.random.Generator) -> dict[str, Any]:
    """Return numbers of every size and both signs, away from zero."""
    x = rng.standard_normal((N, D_IN)) * 3
    x[0] = [30, -30, 1e-3, -1e-3, 8, -8, 1]
    return {"x": x}


def _with_kinks(rng: np.random.Generator) -> dict[str, Any]:
    """Return the same, with some entries at a kink or closer to it than a step."""
    x = _wide(rng)["x"]
    x[1, :3] = [0.0, 1e-9, -1e-9]
    return {"x": x}


def _layer(activation: str) -> Callable[[np.random.Generator], dict[str, Any]]:
    def inputs(rng: np.random.Generator) -> dict[str, Any]:
        dense = {
            "x": rng.standard_normal((N, D_IN)),
            "W": rng.standard_normal((D_IN, D_OUT)),
            "b": rng.standard_normal(D_OUT),
        }
        return {**dense, "activation": activation} if activation else dense

    return inputs


def _pair(prediction: str) -> Callable[[np.random.Generator], dict[str, Any]]:
    return lambda rng: {prediction: 3 * rng.standard_normal((N, D_IN)), "x": rng.random((N, D_IN))}


def _decayed(rng: np.random.Generator) -> dict[str, Any]:
    return {"W": rng.standard_normal((D_IN, D_OUT)), "strength": 0.3}


def _corrupted(noise: str) -> Callable[[np.random.Generator], dict[str, Any]]:
    def inputs(rng: np.random.Generator) -> dict[str, Any]:
        draw = rng.standard_normal if noise == "eps" else rng.random
        return {"x": rng.standard_normal((N, D_IN)), noise: draw((N, D_IN)), "level": 0.4}

    return inputs


def _labelled(rng: np.random.Generator) -> dict[str, Any]:
    return {"logits": 3 * rng.standard_normal((N, D_IN)), "labels": rng.integers(0, D_IN, N)}


def _code(activation: str = "sigmoid") -> Callable[[np.random.Generator], dict[str, Any]]:
    low = 0.05 if activation == "sigmoid" else -0.95
    return lambda rng: {
        "h": rng.uniform(low, 0.95, (N, D_OUT)),
        "W": rng.standard_normal((D_IN, D_OUT)),
        "activation": activation,
    }


CASES = [
    GradientCase("identity", "identity.2", _wide, ("x",), lambda s, dy, a, y: s.identity_backward(dy)),
    GradientCase("sigmoid", "sigmoid.4", _wide, ("x",), lambda s, dy, a, y: s.sigmoid_backward(dy, y)),
    GradientCase("tanh", "tanh.3", _wide, ("x",), lambda s, dy, a, y: s.tanh_backward(dy, y)),
    GradientCase("relu", "relu.3", _with_kinks, ("x",), lambda s, dy, a, y: s.relu_backward(dy, y), smooth=False),
    GradientCase("softplus", "softplus.4", _wide, ("x",), lambda s, dy, a, y: s.softplus_backward(dy, a["x"])),
    GradientCase(
        "dense",
        "dense.4 dense.6 dense.8",
        _layer(""),
        ("x", "W", "b"),
        lambda s, dy, a, y: s.dense_backward(dy, a["x"], a["W"]),
    ),
    *(
        GradientCase(
            "layer",
            "layer.2 layer.3",
            _layer(activation),
            ("x", "W", "b"),
            lambda s, dy, a, y: s.layer_backward(dy, a["x"], a["W"], y, a["activation"]),
            smooth=activation != "relu",
        )
        for activation in ("identity", "sigmoid", "tanh", "relu")
    ),
    GradientCase(
        "bernoulli_nll",
        "bernoulli_nll.6",
        _pair("logits"),
        ("logits",),
        lambda s, dy, a, y: s.bernoulli_nll_backward(dy, a["logits"], a["x"]),
    ),
    GradientCase(
        "squared_error",
        "squared_error.3",
        _pair("x_hat"),
        ("x_hat",),
        lambda s, dy, a, y: s.squared_error_backward(dy, a["x_hat"], a["x"]),
    ),
    GradientCase(
        "weight_decay",
        "weight_decay.2",
        _decayed,
        ("W",),
        lambda s, dy, a, y: s.weight_decay_backward(dy, a["W"], a["strength"]),
    ),
    GradientCase(
        "masking_noise",
        "masking_noise.2",
        _corrupted("u"),
        ("x",),
        lambda s, dy, a, y: s.masking_noise_backward(dy, a["u"], a["level"]),
    ),
    GradientCase(
        "salt_and_pepper_noise",
        "salt_and_pepper_noise.2",
        _corrupted("u"),
        ("x",),
        lambda s, dy, a, y: s.salt_and_pepper_noise_backward(dy, a["u"], a["level"]),
    ),
    GradientCase(
        "gaussian_noise",
        "gaussian_noise.2",
        _corrupted("eps"),
        ("x",),
        lambda s, dy, a, y: s.gaussian_noise_backward(dy),
    ),
    GradientCase(
        "softmax",
        "softmax.5",
        lambda rng: {"logits": 2 * rng.standard_normal((N, D_IN))},
        ("logits",),
        lambda s, dy, a, y: s.softmax_backward(dy, y),
    ),
    GradientCase(
        "softmax_cross_entropy",
        "softmax_cross_entropy.5",
        _labelled,
        ("logits",),
        lambda s, dy, a, y: s.softmax_cross_entropy_backward(dy, a["logits"], a["labels"]),
    ),
    GradientCase(
        "sparsity_kl",
        "sparsity_kl.4",
        lambda rng: {"h": rng.uniform(0.05, 0.95, (N, D_IN)), "rho": 0.2},
        ("h",),
        lambda s, dy, a, y: s.sparsity_kl_backward(dy, a["h"], a["rho"]),
    ),
    GradientCase(
        "k_sparse",
        "k_sparse.2",
        lambda rng: {"h": rng.standard_normal((N, D_IN)), "k": 3},
        ("h",),
        lambda s, dy, a, y: s.k_sparse_backward(dy, a["h"], a["k"]),
    ),
    *(
        GradientCase(
            "contractive_penalty",
            "contractive_penalty.5 contractive_penalty.6",
            _code(activation),
            ("h", "W"),
            lambda s, dy, a, y: s.contractive_penalty_backward(dy, a["h"], a["W"], a["activation"]),
        )
        for activation in ("sigmoid", "tanh")
    ),
]
