"""Every kernel equals its op, on shapes of all kinds, in both float types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from scratchae import ops
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import as_float, entrywise_error

EPS = {dtype: float(np.finfo(dtype).eps) for dtype in ("float64", "float32")}
Arguments = Callable[[np.random.Generator, int, int, int], list[Any]]


def _spread(rng: np.random.Generator, shape: Any) -> Any:
    """Return normal numbers of very different size, about 1e-3 to 30: each must be accurate by itself."""
    return rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 1, shape)


def _normal(*names: str) -> Arguments:
    """Return arrays with shapes spelt in N (batch), I (inputs), O (outputs) and D (three draws); the prefix "log" means logarithms."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        sizes = {"N": n, "I": i, "O": o, "D": 3}
        arrays = []
        for name in names:
            shape = [sizes[letter] for letter in name.removeprefix("log ")]
            arrays.append(3 * rng.standard_normal(shape) if name.startswith("log ") else _spread(rng, shape))
        return arrays

    return draw


def _layer(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Return x, W and b with the scale of initialised layers: sums of about 1 for any number of inputs."""
    x, W, b = rng.standard_normal((n, i)), rng.standard_normal((i, o)), rng.standard_normal(o)
    return [x, W / np.sqrt(max(i, 1)), b]


def _then(first: Arguments, *more: Any) -> Arguments:
    return lambda rng, n, i, o: [*first(rng, n, i, o), *more]


def _upstream(first: Arguments) -> Arguments:
    """Return the same, preceded by an upstream gradient per example."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        arguments = first(rng, n, i, o)
        return [_spread(rng, len(arguments[0])), *arguments]

    return draw


def _noisy(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Return data and uniform noise of the same shape, rounded to be exact in both float types."""
    return [_spread(rng, (n, i)), rng.random((n, i), np.float32).astype(np.float64)]


def _active(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Return activations of sigmoid units."""
    return [rng.uniform(0.02, 0.98, (n, i))]


def _labelled(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Return logits and the correct class of each row."""
    return [_spread(rng, (n, i)), rng.integers(0, i, n)]


def _with_ties(rng: np.random.Generator, n: int, i: int) -> Any:
    """Return numbers with many ties."""
    return np.round(4 * rng.standard_normal((n, i))) / 4


def _contracted(activation: str) -> Arguments:
    """Return activations and weights of a layer."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        low = 0.02 if activation == "sigmoid" else -0.98
        return [rng.uniform(low, 0.98, (n, o)), _spread(rng, (i, o)), activation]

    return draw


def _covariances(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Return moderate moments: means, and well-conditioned covariances."""
    size = min(o, 20)
    roots = rng.standard_normal((min(n, 67), size, size)) / np.sqrt(size)
    return [_spread(rng, (len(roots), size)), roots @ roots.swapaxes(1, 2) + np.eye(size)]


def _pixels(grey: bool) -> Arguments:
    """Return probabilities of a few pixels, whose product does not underflow, and binary or grey pixels."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        pixels = min(i, 40)
        white = rng.integers(0, 2, (n, pixels)).astype(np.float64)
        return [rng.uniform(0.3, 0.7, (n, pixels)), rng.random((n, pixels)) if grey else white]

    return draw


def _positive(rng: np.random.Generator, shape: Any) -> Any:
    return 10.0 ** rng.uniform(-2, 1.5, shape)


def _probabilities(rng: np.random.Generator, rows: int, columns: int, axis: int) -> Any:
    """Return numbers whose sum along an axis is 1."""
    weights = _positive(rng, (rows, columns))
    return weights / weights.sum(axis=axis, keepdims=True)


ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")
# op: its arguments
ARGUMENTS: dict[str, list[Arguments]] = {
    **{name: [_normal("NI")] for name in ("identity", "identity_backward", "sigmoid", "tanh", "relu", "softplus")},
    "sigmoid_backward": [lambda rng, n, i, o: [_spread(rng, (n, i)), *_active(rng, n, i, o)]],
    "tanh_backward": [lambda rng, n, i, o: [_spread(rng, (n, i)), rng.uniform(-1, 1, (n, i))]],
    "relu_backward": [_normal("NI", "NI")],
    "softplus_backward": [_normal("NI", "NI")],
    "dense": [_normal("NI", "IO", "O")],
    "dense_backward": [_normal("NO", "NI", "IO")],
    "layer": [_then(_layer, a) for a in ACTIVATIONS],
    "layer_backward": [_then(_normal("NO", "NI", "IO", "NO"), a) for a in ACTIVATIONS],
    "bernoulli_nll": [_normal("NI", "NI")],
    "bernoulli_nll_backward": [_normal("N", "NI", "NI")],
    "squared_error": [_normal("NI", "NI")],
    "squared_error_backward": [_normal("N", "NI", "NI")],
    "masking_noise": [_then(_noisy, 0.3)],
    "masking_noise_backward": [_then(_noisy, 0.3)],
    "salt_and_pepper_noise": [_then(_noisy, 0.3)],
    "salt_and_pepper_noise_backward": [_then(_noisy, 0.3)],
    "gaussian_noise": [_then(_normal("NI", "NI"), 0.3)],
    "gaussian_noise_backward": [_normal("NI")],
    "softmax": [_normal("NI")],
    "softmax_backward": [lambda rng, n, i, o: [_spread(rng, (n, i)), _probabilities(rng, n, i, 1)]],
    "softmax_cross_entropy": [_labelled],
    "softmax_cross_entropy_backward": [_upstream(_labelled)],
    "sparsity_kl": [_then(_active, 0.2)],
    "sparsity_kl_backward": [lambda rng, n, i, o: [0.7, *_active(rng, n, i, o), 0.2]],
    "k_sparse": [lambda rng, n, i, o: [_with_ties(rng, n, i), 1 + i // 3]],
    "k_sparse_backward": [lambda rng, n, i, o: [_spread(rng, (n, i)), _with_ties(rng, n, i), 1 + i // 3]],
    "contractive_penalty": [_contracted("sigmoid"), _contracted("tanh")],
    "contractive_penalty_backward": [_upstream(_contracted("sigmoid")), _upstream(_contracted("tanh"))],
    "reparameterize": [_normal("NO", "log NO", "NO"), _normal("NO", "log NO", "DNO")],
    "reparameterize_backward": [_normal("NO", "log NO", "NO"), _normal("DNO", "log NO", "DNO")],
    "gaussian_nll": [_normal("NI", "log NI", "NI"), _normal("NI", "log I", "NI")],
    "gaussian_nll_backward": [_normal("N", "NI", "log NI", "NI"), _normal("N", "NI", "log I", "NI")],
    "gaussian_kl_trace": [_covariances],
    "gaussian_kl_trace_backward": [_upstream(_covariances)],
    "gaussian_kl_sums": [lambda rng, n, i, o: [_spread(rng, (n, o)), _positive(rng, (n, o))]],
    "gaussian_kl_sums_backward": [lambda rng, n, i, o: [*_normal("N", "NO")(rng, n, i, o), _positive(rng, (n, o))]],
    "gaussian_kl_terms": [_normal("NO", "log NO")],
    "gaussian_kl_terms_backward": [_normal("NO", "NO", "log NO")],
    "gaussian_kl": [_normal("NO", "log NO")],
    "gaussian_kl_backward": [_normal("N", "NO", "log NO")],
    "sampled_kl": [_normal("NO", "log NO", "NO"), _normal("DNO", "log NO", "DNO")],
    "sampled_kl_backward": [_normal("N", "NO"), _normal("DN", "DNO")],
    "free_bits": [lambda rng, n, i, o: [rng.random((n, o)) + np.arange(o), 1.3]],
    "free_bits_backward": [lambda rng, n, i, o: [0.7, rng.random((n, o)) + np.arange(o), 1.3]],
    "log_mean_exp": [_normal("ON")],
    "log_mean_exp_backward": [_normal("N", "ON")],
    "importance_weights": [_normal("ON")],
    "importance_weights_backward": [lambda rng, n, i, o: [_spread(rng, (o, n)), _probabilities(rng, o, n, 0)]],
    "bernoulli_log_product": [_pixels(grey=False)],
    "bernoulli_log_product_backward": [_upstream(_pixels(grey=False))],
    **{
        name: [_pixels(grey=False), _pixels(grey=True)] for name in ("bernoulli_log_powers", "bernoulli_log_likelihood")
    },
    **{
        f"{name}_backward": [_upstream(_pixels(grey=False)), _upstream(_pixels(grey=True))]
        for name in ("bernoulli_log_powers", "bernoulli_log_likelihood")
    },
    "weight_decay": [_then(_normal("IO"), 0.3)],
    "weight_decay_backward": [lambda rng, n, i, o: [0.7, _spread(rng, (i, o)), 0.3]],
    "sgd": [_then(_normal("I", "I"), 0.1)],
    "momentum": [_then(_normal("I", "I", "I"), 0.1, 0.9)],
    "adam": [
        lambda rng, n, i, o: [
            *_normal("I", "I")(rng, n, i, o),
            _positive(rng, i),
            _spread(rng, i),
            3,
            0.1,
            0.9,
            0.99,
            1e-8,
        ]
    ],
}


# op: the sums of absolute values of the terms of each entry of its results, to which rounding errors are relative; not given for single terms.


def _layer_scale(x: Any, W: Any, b: Any, activation: str) -> list[Any]:
    a, sums = x @ W + b, np.abs(x) @ np.abs(W) + np.abs(b)
    h = np.tanh(a) if activation == "tanh" else 1 / (1 + np.exp(-np.abs(a)))
    return [{"sigmoid": h * (1 - h), "tanh": 1 - h * h}.get(activation, 1) * sums]


def _dense_backward_scale(dy: Any, x: Any, W: Any) -> list[Any]:
    dy = np.abs(dy)
    return [dy @ np.abs(W).T, np.abs(x).T @ dy, dy.sum(axis=0)]


def _layer_backward_scale(dh: Any, x: Any, W: Any, h: Any, activation: str) -> list[Any]:
    slope = {"sigmoid": np.abs(h) * (1 + np.abs(h)), "tanh": 1 + h * h}.get(activation, np.ones_like(h))
    return _dense_backward_scale(dh * slope, x, W)


def _below_top(a: Any, axis: int = 1) -> Any:
    """Return 1 plus the distance of each number from the largest: rounding this difference causes a relative error of its exponential."""
    return 1 + a.max(axis=axis, keepdims=True) - a


def _mean(h: Any, rho: float) -> tuple[Any, Any]:
    mean = h.mean(axis=0)
    return rho / mean, (1 - rho) / (1 - mean)


def _squared_slope(h: Any, activation: str) -> Any:
    return (h * (1 - h) if activation == "sigmoid" else 1 + h * h) ** 2


def _nll_slopes(d: Any, m: Any, v: Any, x: Any) -> Any:
    terms = np.abs(d)[:, None] * (1 + (x - m) ** 2 * np.exp(-v)) / 2
    return terms if v.ndim == 2 else terms.sum(axis=0)


def _trace_backward_scale(dkl: Any, mu: Any, covariance: Any) -> list[Any]:
    inverse = np.linalg.inv(covariance)
    condition = np.abs(covariance).sum(axis=2).max(axis=1) * np.abs(inverse).sum(axis=2).max(axis=1)
    largest = np.abs(inverse).max(axis=(1, 2))
    return [0, (np.abs(dkl) * (1 + largest * condition))[:, None, None] / 2]


SCALES: dict[str, Callable[..., list[Any]]] = {
    "tanh_backward": lambda dy, y: [np.abs(dy) * (1 + y * y)],
    "dense": lambda x, W, b: [np.abs(x) @ np.abs(W) + np.abs(b)],
    "dense_backward": _dense_backward_scale,
    "layer": _layer_scale,
    "layer_backward": _layer_backward_scale,
    "bernoulli_nll": lambda a, x: [(ops.softplus(a) + np.abs(x * a)).sum(axis=1)],
    "bernoulli_nll_backward": lambda d, a, x: [np.abs(d)[:, None] * (ops.sigmoid(a) + np.abs(x))],
    "gaussian_noise": lambda x, eps, level: [np.abs(x) + np.abs(level * eps)],
    "softmax": lambda a: [ops.softmax(a) * _below_top(a)],
    "softmax_backward": lambda dp, p: [p * (np.abs(dp) + np.abs(dp * p).sum(axis=1, keepdims=True))],
    "softmax_cross_entropy": lambda a, labels: [np.take_along_axis(_below_top(a), labels[:, None], 1)[:, 0]],
    "softmax_cross_entropy_backward": lambda d, a, labels: [
        np.abs(d)[:, None] * (ops.softmax(a) * _below_top(a) + (np.arange(a.shape[1]) == labels[:, None]))
    ],
    "sparsity_kl": lambda h, rho: [sum(np.abs(p * np.log(r)).sum() for p, r in zip((rho, 1 - rho), _mean(h, rho), strict=True))],
    "sparsity_kl_backward": lambda d, h, rho: [abs(d) * np.sum(_mean(h, rho), axis=0) / max(len(h), 1)],
    "contractive_penalty": lambda h, W, activation: [_squared_slope(h, activation) @ (W * W).sum(axis=0)],
    "contractive_penalty_backward": lambda d, h, W, activation: [
        np.abs(2 * d[:, None] * np.sqrt(_squared_slope(h, activation)) * (W * W).sum(axis=0))
        * (1 if activation == "sigmoid" else np.abs(2 * h)),
        2 * np.abs(W) * (np.abs(d) @ _squared_slope(h, activation)),
    ],
    "reparameterize": lambda mu, logvar, eps: [np.abs(mu) + np.exp(logvar / 2) * np.abs(eps)],
    "reparameterize_backward": lambda dz, logvar, eps: [
        np.abs(dz).reshape(-1, *logvar.shape).sum(axis=0),
        np.abs(dz * eps).reshape(-1, *logvar.shape).sum(axis=0) * np.exp(logvar / 2) / 2,
    ],
    "gaussian_nll": lambda m, v, x: [(np.log(2 * np.pi) + np.abs(v) + (x - m) ** 2 * np.exp(-v)).sum(axis=1) / 2],
    "gaussian_nll_backward": lambda d, m, v, x: [0, _nll_slopes(d, m, v, x)],
    "gaussian_kl_trace": lambda mu, covariance: [
        (np.trace(covariance, axis1=1, axis2=2) + (mu**2).sum(axis=1) + mu.shape[1]) / 2
    ],
    "gaussian_kl_trace_backward": _trace_backward_scale,
    "gaussian_kl_sums": lambda mu, v: [(v + mu**2 + 1 + np.abs(np.log(v))).sum(axis=1) / 2],
    "gaussian_kl_sums_backward": lambda d, mu, v: [0, np.abs(d)[:, None] * (1 + 1 / v) / 2],
    "gaussian_kl_terms": lambda mu, v: [(mu**2 + np.exp(v) + np.abs(v) + 1) / 2],
    "gaussian_kl_terms_backward": lambda d, mu, v: [0, np.abs(d) * (np.exp(v) + 1) / 2],
    "gaussian_kl": lambda mu, v: [(mu**2 + np.exp(v) + np.abs(v) + 1).sum(axis=1) / 2],
    "gaussian_kl_backward": lambda d, mu, v: [0, np.abs(d)[:, None] * (np.exp(v) + 1) / 2],
    "sampled_kl": lambda z, v, eps: [(z**2 + eps**2 + np.abs(v)).sum(axis=-1) / 2],
    "sampled_kl_backward": lambda d, z: [0, np.abs(d).reshape(-1, z.shape[-2]).sum(axis=0)[:, None] / 2],
    "log_mean_exp": lambda log_w: [1 + np.abs(log_w.max(axis=0))],
    "log_mean_exp_backward": lambda d, log_w: [np.abs(d) * ops.importance_weights(log_w) * _below_top(log_w, 0)],
    "importance_weights": lambda log_w: [ops.importance_weights(log_w) * _below_top(log_w, 0)],
    "importance_weights_backward": lambda dw, w: [w * (np.abs(dw) + np.abs(dw * w).sum(axis=0))],
    "bernoulli_log_likelihood_backward": lambda d, p, x: [np.abs(d)[:, None] * (x / p + (1 - x) / (1 - p))],
    "sgd": lambda theta, g, rate: [np.abs(theta) + rate * np.abs(g)],
    "momentum": lambda theta, velocity, g, rate, decay: [
        np.abs(theta) + decay * np.abs(velocity) + rate * np.abs(g),
        decay * np.abs(velocity) + rate * np.abs(g),
    ],
    "adam": lambda theta, m, v, g, t, rate, beta1, beta2, epsilon: [
        np.abs(theta)
        + rate / (1 - beta1**t) * (beta1 * np.abs(m) + (1 - beta1) * np.abs(g))
        / (np.sqrt((beta2 * v + (1 - beta2) * g * g) / (1 - beta2**t)) + epsilon),
        beta1 * np.abs(m) + (1 - beta1) * np.abs(g),
        0,
    ],
}  # fmt: skip

# One example, one feature, one output; different sizes; odd remainders of every block, more rows than a block, a long sum.
SHAPES = [
    (1, 1, 1),
    (1, 9, 2),
    (9, 1, 4),
    (5, 7, 1),
    (2, 17, 33),
    (67, 31, 18),
    (250, 40, 9),
    (300, 130, 90),
    (2, 4200, 3),
]
EMPTY = [(0, 3, 2), (4, 0, 3), (4, 3, 0)]
# Undefined for empty arrays: a mean, a largest entry, a draw, the loss of a row without features.
NOT_OF_NOTHING = (
    "bernoulli_nll", "squared_error",
    "sparsity_kl", "reparameterize", "sampled_kl", "free_bits", "softmax", "softmax_cross_entropy", "k_sparse", "gaussian_kl_trace",
    "log_mean_exp", "importance_weights",
)  # fmt: skip
# Tolerance: zero where numbers are only selected; otherwise this number of rounding errors, and more for sums.
CHOOSING = (
    "identity", "identity_backward", "relu", "relu_backward", "gaussian_noise_backward", "k_sparse", "k_sparse_backward",
    *(f"{name}_noise{way}" for name in ("masking", "salt_and_pepper") for way in ("", "_backward")),
)  # fmt: skip
ENTRY_BY_ENTRY = (
    "sigmoid", "sigmoid_backward", "tanh", "tanh_backward", "softplus", "softplus_backward", "bernoulli_nll_backward",
    "squared_error_backward", "gaussian_noise", "reparameterize", "gaussian_kl_sums_backward",
    "gaussian_kl_terms", "gaussian_kl_terms_backward", "gaussian_kl_backward", "bernoulli_log_product_backward",
    "bernoulli_log_powers_backward", "bernoulli_log_likelihood_backward", "weight_decay_backward", "sgd", "momentum",
)  # fmt: skip
ROUNDING = {**dict.fromkeys(CHOOSING, 0), **dict.fromkeys(ENTRY_BY_ENTRY, 8)}
ROUNDING_OF_SUMS = {"float64": 40, "float32": 16}  # in float32, long sums are accumulated in float64


def twin_error(name: str, op: Any, twin: Any, arguments: list[Any]) -> float:
    """Return the largest error of a twin over all entries of its results, relative to the size of their terms; infinite if a type differs.

    The type is that of the op's result, the value that of the op in float64 on the same numbers: in float32, NumPy's own matrix product of
    a long sum is less exact than the twin, by an amount that depends on the machine.
    """
    exact = [as_float(a, np.float64) for a in arguments]
    got, expected = _results(twin(*arguments)), _results(op(*exact))
    small = sum(np.size(a) for a in arguments) < 1000
    like = _results(op(*arguments)) if small else [g[:0] if np.ndim(g) else g for g in got]
    scales = SCALES[name](*exact) if name in SCALES else [0] * len(got)
    empty, worst = any(np.size(a) == 0 for a in arguments), 0.0
    for g, same, e, scale in zip(got, like, expected, scales, strict=True):
        if np.ndim(same) and same.dtype != g.dtype:
            return np.inf
        worst = max(worst, entrywise_error(g, e, scale, empty=empty))
    return worst


def in_other_order(argument: Any) -> Any:
    """Return a copy in another memory layout: columns first, like the weights of a tied layer; vectors with gaps between the numbers."""
    if not isinstance(argument, np.ndarray):
        return argument
    return np.repeat(argument, 2)[::2] if argument.ndim == 1 else np.asfortranarray(argument)


def _results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def tolerance(name: str, dtype: str) -> float:
    """Return the tolerance for rounding."""
    return ROUNDING.get(name, ROUNDING_OF_SUMS[dtype]) * EPS[dtype]


def _register(name: str, dtype: str) -> None:
    op = name.removesuffix("_backward")
    labels = " ".join(
        re.findall(r"\(([a-z_]+\.\d+)\)", "".join(re.findall(r"# .*", inspect.getsource(getattr(ops, name)))))
    )

    @claim(
        f"{name} twin in {dtype}",
        op=op,
        equation=labels,
        level="twin",
        method=f"kernel against op, each entry by itself, {dtype}",
        tolerance=tolerance(name, dtype),
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        with threadpool_limits(1, user_api="blas"):  # NumPy's own threads would interfere with the kernels
            return _worst(subject, rng)

    def _worst(subject: Subject, rng: np.random.Generator) -> float:
        forward, twin, worst = getattr(subject.ops, name), getattr(subject.kernels, name), 0.0
        for draw in ARGUMENTS[name]:
            for n, i, o in SHAPES if op in NOT_OF_NOTHING else SHAPES + EMPTY:
                arguments = [as_float(a, dtype) for a in draw(rng, n, i, o)]
                for each in (arguments, [in_other_order(a) for a in arguments]):
                    worst = max(worst, twin_error(name, forward, twin, each))
        return worst


for _name in ARGUMENTS:
    for _dtype in EPS:
        _register(_name, _dtype)
