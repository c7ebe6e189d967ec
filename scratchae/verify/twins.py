"""Every kernel equals its op, on shapes of all kinds, in both float types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import as_float, relative_error

TOLERANCES = {"float64": 1e-12, "float32": 2e-6}
Arguments = Callable[[np.random.Generator, int, int, int], list[Any]]


def _normal(*names: str) -> Arguments:
    """Arrays of standard normal numbers, their shapes spelt in N (batch), I (inputs) and O (outputs)."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        sizes = {"N": n, "I": i, "O": o}
        return [rng.standard_normal([sizes[letter] for letter in name]) for name in names]

    return draw


def _layer(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """x, W and b of the size that layers are initialised with: sums of about 1, whatever the number of inputs.

    Larger sums have larger rounding errors, which an activation passes on undiminished next to outputs of 1 at most.
    """
    x, W, b = _normal("NI", "IO", "O")(rng, n, i, o)
    return [x, W / np.sqrt(i), b]


def _then(first: Arguments, *more: Any) -> Arguments:
    return lambda rng, n, i, o: [*first(rng, n, i, o), *more]


def _upstream(first: Arguments) -> Arguments:
    """The same, after an upstream gradient for each example."""
    return lambda rng, n, i, o: [rng.standard_normal(n), *first(rng, n, i, o)]


def _noisy(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Data, and uniform noise of the same shape, rounded so that both float types hold it."""
    return [rng.standard_normal((n, i)), rng.random((n, i), np.float32).astype(np.float64)]


def _active(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Activations of sigmoid units."""
    return [rng.uniform(0.02, 0.98, (n, i))]


def _labelled(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Logits, and the right class of each row."""
    return [3 * rng.standard_normal((n, i)), rng.integers(0, i, n)]


def _with_ties(rng: np.random.Generator, n: int, i: int) -> Any:
    """Numbers of which many are equal."""
    return np.round(4 * rng.standard_normal((n, i))) / 4


def _contracted(activation: str) -> Arguments:
    """Activations and weights of a layer."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        low = 0.02 if activation == "sigmoid" else -0.98
        return [rng.uniform(low, 0.98, (n, o)), rng.standard_normal((i, o)) / np.sqrt(i), activation]

    return draw


def _covariances(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Moments of small size: means, and covariances that are well away from singular."""
    size = min(o, 20)
    roots = rng.standard_normal((min(n, 67), size, size)) / np.sqrt(size)
    return [rng.standard_normal((len(roots), size)), roots @ roots.swapaxes(1, 2) + np.eye(size)]


def _draws(*names: str) -> Arguments:
    """Normal numbers, three draws of those that are called D."""

    def draw(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
        sizes = {"D": (3, n, o), "N": (n, o), "d": (3, n)}
        return [rng.standard_normal(sizes[name]) for name in names]

    return draw


def _pixels(rng: np.random.Generator, n: int, i: int, o: int) -> list[Any]:
    """Probabilities of few pixels, whose product does not underflow, and black or white pixels."""
    pixels = min(i, 40)
    return [rng.uniform(0.3, 0.7, (n, pixels)), rng.integers(0, 2, (n, pixels)).astype(np.float64)]


ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")
# op: its arguments
ARGUMENTS: dict[str, list[Arguments]] = {
    **{name: [_normal("NI")] for name in ("identity", "identity_backward", "sigmoid", "tanh", "relu", "softplus")},
    **{
        name: [_normal("NI", "NI")]
        for name in ("sigmoid_backward", "tanh_backward", "relu_backward", "softplus_backward")
    },
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
    "softmax_backward": [lambda rng, n, i, o: [rng.standard_normal((n, i)), ops.softmax(rng.standard_normal((n, i)))]],
    "softmax_cross_entropy": [_labelled],
    "softmax_cross_entropy_backward": [_upstream(_labelled)],
    "sparsity_kl": [_then(_active, 0.2)],
    "sparsity_kl_backward": [lambda rng, n, i, o: [0.7, *_active(rng, n, i, o), 0.2]],
    "k_sparse": [lambda rng, n, i, o: [_with_ties(rng, n, i), 1 + i // 3]],
    "k_sparse_backward": [lambda rng, n, i, o: [rng.standard_normal((n, i)), _with_ties(rng, n, i), 1 + i // 3]],
    "contractive_penalty": [_contracted("sigmoid"), _contracted("tanh")],
    "contractive_penalty_backward": [_upstream(_contracted("sigmoid")), _upstream(_contracted("tanh"))],
    "reparameterize": [_normal("NO", "NO", "NO"), _draws("N", "N", "D")],
    "reparameterize_backward": [_normal("NO", "NO", "NO"), _draws("D", "N", "D")],
    "gaussian_nll": [_normal("NI", "NI", "NI")],
    "gaussian_nll_backward": [_normal("N", "NI", "NI", "NI")],
    "gaussian_kl_trace": [_covariances],
    "gaussian_kl_trace_backward": [
        lambda rng, n, i, o: (lambda m: [rng.standard_normal(len(m[0])), *m])(_covariances(rng, n, i, o))
    ],
    "gaussian_kl_sums": [lambda rng, n, i, o: [rng.standard_normal((n, o)), rng.uniform(0.2, 3, (n, o))]],
    "gaussian_kl_sums_backward": [
        lambda rng, n, i, o: [rng.standard_normal(n), rng.standard_normal((n, o)), rng.uniform(0.2, 3, (n, o))]
    ],
    "gaussian_kl_terms": [_normal("NO", "NO")],
    "gaussian_kl_terms_backward": [_normal("NO", "NO", "NO")],
    "gaussian_kl": [_normal("NO", "NO")],
    "gaussian_kl_backward": [_normal("N", "NO", "NO")],
    "sampled_kl": [_normal("NO", "NO", "NO"), _draws("D", "N", "D")],
    "sampled_kl_backward": [_normal("N", "NO"), _draws("d", "D")],
    "free_bits": [lambda rng, n, i, o: [rng.random((n, o)) + np.arange(o), 1.3]],
    "free_bits_backward": [lambda rng, n, i, o: [0.7, rng.random((n, o)) + np.arange(o), 1.3]],
    "log_mean_exp": [_normal("ON")],
    "log_mean_exp_backward": [_normal("N", "ON")],
    "importance_weights": [_normal("ON")],
    "importance_weights_backward": [
        lambda rng, n, i, o: [rng.standard_normal((o, n)), ops.importance_weights(rng.standard_normal((o, n)))]
    ],
    **{name: [_pixels] for name in ("bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood")},
    **{
        f"{name}_backward": [
            lambda rng, n, i, o: (lambda p: [rng.standard_normal(len(p[0])), *p])(_pixels(rng, n, i, o))
        ]
        for name in ("bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood")
    },
    "weight_decay": [_then(_normal("IO"), 0.3)],
    "weight_decay_backward": [lambda rng, n, i, o: [0.7, rng.standard_normal((i, o)), 0.3]],
    "sgd": [_then(_normal("I", "I"), 0.1)],
    "momentum": [_then(_normal("I", "I", "I"), 0.1, 0.9)],
    "adam": [lambda rng, n, i, o: [*(rng.random(i) + 0.1 for _ in range(4)), 3, 0.1, 0.9, 0.99, 1e-8]],
}
# One example, one feature, odd remainders of every block, more rows than a block, enough work for all threads, a long sum.
SHAPES = [(1, 1, 1), (5, 7, 3), (2, 17, 33), (67, 31, 18), (250, 40, 9), (300, 130, 90), (2, 4200, 3)]


def twin_error(op: Any, twin: Any, arguments: list[Any]) -> float:
    """The worst error of a twin over its results, relative to the largest entry of each; infinite if a type differs.

    The type is that of the op's result, the value that of the op in float64 on the same numbers: in float32, NumPy's own matrix product of
    a long sum is less exact than the twin, by an amount that depends on the machine.
    """
    got, like, expected = (_results(each) for each in (twin(*arguments), op(*arguments), op(*_exact(arguments))))
    worst = 0.0
    for g, same, e in zip(got, like, expected, strict=True):
        if np.ndim(same) and same.dtype != g.dtype:
            return np.inf
        worst = max(worst, relative_error(g, e))
    return worst


def _exact(arguments: list[Any]) -> list[Any]:
    return [as_float(a, np.float64) for a in arguments]


def _results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


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
        method=f"kernel against op, {dtype}",
        tolerance=TOLERANCES[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        worst = 0.0
        for draw in ARGUMENTS[name]:
            for n, i, o in SHAPES:
                arguments = [as_float(a, dtype) for a in draw(rng, n, i, o)]
                # The same numbers in the other memory order, as the weights of a tied layer are.
                other = [np.asfortranarray(a) if isinstance(a, np.ndarray) else a for a in arguments]
                for each in (arguments, other):
                    worst = max(worst, twin_error(getattr(subject.ops, name), getattr(subject.kernels, name), each))
        return worst


for _name in ARGUMENTS:
    for _dtype in TOLERANCES:
        _register(_name, _dtype)
