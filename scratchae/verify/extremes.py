"""Ops and kernels at extreme arguments, forward and backward, in both float types, compared entry by entry with `exact`.

The arguments cover the whole range allowed by an op: zero, the smallest normal number, the neighbours of 1, the points at which an
exponential is negligible next to 1 or overflows. Each extreme is placed among ordinary numbers, at every position of a vector that is longer
than a vector register and not a multiple of its length. Errors are in units of eps; only errors below the smallest normal number are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

import numpy as np

from scratchae.verify import exact
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array
from scratchae.verify.gradients import CASES

Arguments = dict[str, Any]
TYPES: dict[str, Any] = {"float32": np.float32, "float64": np.float64}
EXACT, FEW, SEVERAL = (
    1e-6,
    4.0,
    8.0,
)  # tolerances in units of eps: no rounding, a few rounded operations, a sum of many terms
UNDERFLOWN = (
    64.0  # smallest normal numbers: kernels' exponentials end at one, and are then multiplied by an upstream gradient
)
GRADIENTS = {case.op: case for case in CASES}  # by op, with the call of each backward


@dataclass(frozen=True)
class Extremes:
    """One op with its extreme arguments.

    Parameters
    ----------
    op : str
    arguments : callable
        From a generator and a float type to sets of arguments by name, in the order of the op's.
    tolerance : float
        Tolerance in units of the type's eps.
    scales : callable, optional
        Returns the size of the terms of each gradient, from upstream gradient, arguments and output.
    outputs : callable, optional
        From a generator and a float type to sets (arguments, output, arguments as decimals), for a backward that is given the output
        and for one whose forward has kinks.
    axis : int, optional
        Axis along which arguments are rotated, so that each entry occurs at every position.
    """

    op: str
    arguments: Callable[[np.random.Generator, Any], Iterable[Arguments]]
    tolerance: float = FEW
    scales: Callable[[Any, Arguments, Any], tuple[Any, ...]] | None = None
    outputs: Callable[[np.random.Generator, Any], Iterable[tuple[Arguments, Array, Arguments]]] | None = None
    axis: int | None = -1


# Numbers.


def _both_signs(*sizes: float) -> list[float]:
    return [sign * size for size in sizes for sign in (1.0, -1.0)]


def far_and_near(real: Any) -> Array:
    """Return numbers of every size and both signs, including those at which the behaviour of an activation or an exponential changes."""
    tiny, eps = float(np.finfo(real).tiny), float(np.finfo(real).eps)
    small = (tiny, 1e-30, eps, 1e-8, 1e-5, 1e-3, 0.02, 0.34, 0.35, 0.5, 0.9)
    middle = (1, 1.04, 2, 3, 5, 8, 10, 12, 14, 16.7, 18, 20, 21, 25, 30, 33, 36.8, 40, 45, 50, 60)
    large = (80, 87, 88, 100, 150, 200, 300, 500, 600, 700, 745, 1e4, 1e30)
    sizes = small + middle + large
    return np.array([0.0, *_both_signs(*sizes)], real)


def moderate(real: Any, largest: float) -> Array:
    """Return the same numbers up to some size."""
    x = far_and_near(real)
    return x[np.abs(x) <= largest]


def shares(real: Any) -> Array:
    """Return numbers between 0 and 1, close to both."""
    tiny, eps = float(np.finfo(real).tiny), float(np.finfo(real).eps)
    low = (tiny, 1e-30, eps, 1e-8, 1e-3, 0.2, 0.5)
    return np.array([*low, 0.7, 1 - 1e-3, 1 - 1e-6, 1 - 4 * eps, 1 - eps, 1 - eps / 2], real)


def among(rng: np.random.Generator, extremes: Array, ordinary: Callable[..., Any], length: int = 38) -> Array:
    """Return a matrix of ordinary numbers with one extreme in each row."""
    rows = _beside(np.empty((len(extremes), length), extremes.dtype), ordinary)
    rows[np.arange(len(extremes)), rng.integers(0, length, len(extremes))] = extremes
    return rows


def _beside(rows: Array, ordinary: Callable[..., Any]) -> Array:
    """Return ordinary numbers of the same shape, identical in all rows."""
    return np.tile(ordinary(size=rows.shape[1]), (len(rows), 1)).astype(rows.dtype)


def _mixed(rng: np.random.Generator, extremes: Array, length: int) -> Array:
    """Return a vector of them in random order, with all of them if it is long enough."""
    times = -(-length // len(extremes))
    return np.concatenate([rng.permutation(extremes) for _ in range(times)])[:length]


# Arguments of the ops.


def _vector(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    yield {"x": far_and_near(real)[None]}


def _outputs_of(activation: str) -> Callable[..., Any]:
    """Return outputs of an activation over its whole range, and the corresponding inputs."""

    def outputs(rng: np.random.Generator, real: Any) -> Any:
        y = activated(activation, real)[None]
        yield {"x": y}, y, {"x": _before(activation, y)}

    return outputs


def activated(activation: str, real: Any) -> Array:
    """Return outputs of an activation, including the ends of its range."""
    if activation == "sigmoid":
        return np.append(shares(real), [0, 1]).astype(real)
    if activation == "tanh":
        return np.append([*shares(real), *-shares(real)], [0, 1, -1]).astype(real)
    x = far_and_near(real)
    return x[x != 0] if activation == "relu" else x


def _before(activation: str, h: Array) -> Array:
    x = np.empty(h.shape, object)
    for index in np.ndindex(*h.shape):
        x[index] = exact.before(activation, Decimal(float(h[index])))
    return x


def _dense(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    x = among(rng, moderate(real, 1e4), rng.standard_normal, 5)
    yield {"x": x, "W": rng.standard_normal((5, 3)).astype(real), "b": rng.standard_normal(3).astype(real)}
    W = among(rng, moderate(real, 1e4), rng.standard_normal, 3)
    yield {"x": rng.standard_normal((2, len(W))).astype(real), "W": W, "b": np.array([1e-30, 0, -1e4], real)}


def _dense_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    x, W, dy = (np.abs(v).astype(np.float64) for v in (a["x"], a["W"], dy))
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


def _layers(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    """Return layers that pass each input unchanged to the activation of one unit."""
    for activation in exact.ACTIVATIONS:
        for shift in (0, 1, 8):
            x = far_and_near(real)[None]
            unit = np.roll(np.eye(x.shape[1], dtype=real), shift, axis=1)
            yield {"x": x, "W": unit, "b": np.zeros(x.shape[1], real), "activation": activation}


def _layer_outputs(rng: np.random.Generator, real: Any) -> Any:
    """Return outputs over the whole range for any inputs and weights, produced by a separate bias for each row."""
    for activation in exact.ACTIVATIONS:
        outputs = activated(activation, real)
        if activation == "relu":
            outputs = outputs[np.abs(outputs) >= 1e-29]  # so that a small step does not reach the kink
        h = np.stack([_mixed(rng, outputs, 19) for _ in range(3)])
        x, W = rng.standard_normal((3, 2)).astype(real), rng.standard_normal((2, 19)).astype(real)
        exactly: Arguments = {"x": exact.decimals(x), "W": exact.decimals(W), "activation": activation}
        bias = _before(activation, h) - exactly["x"].dot(exactly["W"])
        yield {"x": x, "W": W, "activation": activation}, h, {**exactly, "b": bias}


def _layer_scales(dh: Any, a: Arguments, h: Any) -> tuple[Any, ...]:
    h = h.astype(np.float64)
    slopes = {"identity": np.ones_like(h), "sigmoid": h * (1 - h), "tanh": 1 + h * h, "relu": (h > 0) + 0.0}
    return _dense_scales(dh * slopes[a["activation"]], a, h)


def _logits_and_pixels(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    a = among(rng, far_and_near(real), partial(rng.normal, scale=3))
    greys = _beside(a, lambda size: rng.choice([0, 1, 0.5, 0.3], size))
    for x in (np.zeros_like(a), np.ones_like(a), greys):
        yield {"logits": a, "x": x}


def _bernoulli_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-a["logits"].astype(np.float64)))
    return (np.abs(dy)[:, None] * (p + a["x"]),)


def _predictions(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    x_hat = among(rng, moderate(real, 1e4 if real == np.float32 else 1e30), rng.standard_normal)
    yield {"x_hat": x_hat, "x": _beside(x_hat, rng.random)}
    yield {"x_hat": _beside(x_hat, rng.random), "x": x_hat}
    yield {"x_hat": x_hat, "x": np.nextafter(x_hat, real(np.inf))}


def _corrupted(noise: str) -> Callable[..., Any]:
    def arguments(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
        x = far_and_near(real)[None]
        drawn = rng.random(x.shape) if noise == "u" else rng.permutation(moderate(real, 100).repeat(2))[None, : x.size]
        for level in (0.3, 1e-8, 1.0):
            yield {"x": x, noise: drawn.astype(real), "level": level}

    return arguments


def _apart(real: Any) -> Array:
    """Return rows of logits or log-weights, the largest last, with exact differences."""
    rows = [
        [-900, -100, -90],
        [0, -2000, 1000],
        [7, 7, 7],
        [-1e4, -1e4, -1e4],
        [-30, -20, 0],
        [-700, -300, -100],
        [-87, -86.5, 0],
        [0.5, 1e4, 1e4],
        [-1e15, 0, 1e15],
        [0, 1e-8, 1e-3],
        [-12, -10, 88],
    ]
    return np.array(rows, real)


def _many_apart(rng: np.random.Generator, real: Any) -> Array:
    """Return the same among values between them."""
    few = _apart(real)
    between = (
        few.min(axis=1, keepdims=True) / 2 + few.max(axis=1, keepdims=True) / 2 - rng.integers(0, 9, (len(few), 10))
    )
    return np.hstack([few, between.astype(real)])


def _classes(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    yield {"logits": _apart(real)}
    yield {"logits": _many_apart(rng, real)}


def _labelled(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    """Return all combinations of rows and correct classes."""
    for a in _classes(rng, real):
        rows, classes = a["logits"].shape
        for label in range(min(3, classes)):
            yield {**a, "labels": np.full(rows, label)}


def _normalised(axis: int) -> Callable[..., Any]:
    """Return normalised weights over the whole range, and their logarithms."""
    name = "logits" if axis == 1 else "log_w"

    def outputs(rng: np.random.Generator, real: Any) -> Any:
        eps = float(np.finfo(real).eps)
        rows = [
            [0.5, 0.5 - 1e-8, 1e-8],
            [1, 1e-30, 1e-30],
            [1 - eps, eps / 2, eps / 2],
            [1, 0, 0],
            [0.25, 0.25, 0.5],
            [1e-3, 0.4, 0.599],
        ]
        p = np.pad(np.array(rows, real), [(0, 0), (0, 2)])
        p = p if axis == 1 else np.ascontiguousarray(p.T)
        logs = np.empty(p.shape, object)
        for index in np.ndindex(*p.shape):
            logs[index] = exact.ln(Decimal(float(p[index]))) if p[index] > 0 else -exact.FAR
        yield {name: p}, p, {name: logs}

    return outputs


def _normalised_scales(axis: int) -> Callable[..., Any]:
    return lambda dp, a, p: (p * (np.abs(dp) + (np.abs(dp) * p).sum(axis=axis, keepdims=True)),)


def _cross_entropy_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    right = np.arange(a["logits"].shape[1]) == a["labels"][:, None]
    with np.errstate(over="ignore"):
        e = np.exp((a["logits"] - a["logits"].max(axis=1, keepdims=True)).astype(np.float64))
    return (np.abs(dy)[:, None] * (e / e.sum(axis=1, keepdims=True) + right),)


def _silent_and_saturated(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    means = shares(real)[:-1]  # up to 1 - eps, the nearest distinguishable number below 1
    for rho in (0.05, 1e-6, 0.5, 1 - 1e-6):
        yield {"h": np.tile(means, (4, 1)), "rho": rho}
    yield {"h": np.tile(means, (1, 1)), "rho": 0.2}


def _sparsity_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    mean = a["h"].astype(np.float64).mean(axis=0)
    slopes = (1 - a["rho"]) / (1 - mean) + a["rho"] / mean
    return (np.broadcast_to(abs(dy) * slopes / len(a["h"]), a["h"].shape),)


def _codes(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    h = np.stack([rng.permutation(far_and_near(real)) for _ in range(2)])
    for k in (1, 5, h.shape[1] - 1):
        yield {"h": h, "k": k}


def _told_apart(rng: np.random.Generator, real: Any) -> Any:
    """Return the same, without numbers whose order a small step would change."""
    for a in _codes(rng, real):
        h = a["h"][0][np.abs(a["h"][0]) >= 1e-29][None]
        a = {"h": h, "k": min(a["k"], h.size - 1)}
        yield a, h, _as_decimals(a)


def _contracted(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    for activation in ("sigmoid", "tanh"):
        h = activated(activation, real)
        if activation == "tanh":  # around 0, where it is flat, differences do not see less
            h = h[np.abs(h) >= 1e-29]
        W = np.stack([_mixed(rng, moderate(real, 1e4), len(h)), rng.standard_normal(len(h))]).astype(real)
        yield {"h": np.stack([h, rng.permutation(h)]), "W": W, "activation": activation}


def _contraction_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    h, W, dy = (v.astype(np.float64) for v in (a["h"], a["W"], np.abs(dy)))
    tanh = a["activation"] == "tanh"
    s, rounded = (1 - h * h, 1 + h * h) if tanh else (h * (1 - h), h * (1 - h))
    bend = 2 * np.abs(h) + (not tanh)
    return dy[:, None] * 2 * rounded * bend * (W * W).sum(axis=0), np.abs(W) * 2 * (dy @ (s * rounded))


def _largest_logvar(real: Any) -> float:
    return 80.0 if real == np.float32 else 700.0


def _moments(rng: np.random.Generator, real: Any) -> Array:
    return moderate(real, _largest_logvar(real))


def _draws(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    v = _moments(rng, real)[None]
    eps = rng.standard_normal((1, v.size)).astype(real)
    yield {"mu": np.zeros_like(v), "logvar": v, "eps": eps}
    yield {
        "mu": rng.permutation(v[0])[None],
        "logvar": v,
        "eps": np.stack([eps, rng.permutation(v[0])[None], 1e-3 * eps]).astype(real),
    }
    twice = 2 * v  # the standard deviation is then as far out as the type goes
    yield {"mu": np.zeros_like(v), "logvar": twice, "eps": np.sign(eps)}


def _draw_scales(dz: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    v, eps, dz = (x.astype(np.float64) for x in (a["logvar"], a["eps"], np.abs(dz)))
    dz, eps = dz.reshape(-1, *v.shape), np.abs(eps).reshape(-1, *v.shape)
    return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(v / 2) / 2


def _features(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    v = among(rng, _moments(rng, real), rng.standard_normal)
    x_hat, x = (_beside(v, rng.standard_normal) for _ in range(2))
    yield {"x_hat": x_hat, "logvar": v, "x": x}
    e = among(rng, moderate(real, 1e4), rng.standard_normal, 14)
    yield {"x_hat": e, "logvar": _beside(e, rng.standard_normal), "x": np.zeros_like(e)}
    yield {"x_hat": x_hat, "logvar": v[0], "x": x}  # shared by the rows


def _feature_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    x_hat, v, x = (a[name].astype(np.float64) for name in ("x_hat", "logvar", "x"))
    size = np.abs(dy)[:, None] * (1 + (x - x_hat) ** 2 * np.exp(-v)) / 2
    return 0.0, size if v.ndim == 2 else size.sum(axis=0)


def _posteriors(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    v = among(rng, _moments(rng, real), rng.standard_normal)
    yield {"mu": _beside(v, rng.standard_normal), "logvar": v}
    mu = among(rng, moderate(real, 1e4), rng.standard_normal)
    yield {"mu": mu, "logvar": _beside(mu, rng.standard_normal)}


def _posterior_terms(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    v = _moments(rng, real)[None]
    yield {"mu": np.zeros_like(v), "logvar": v}
    yield {"mu": rng.permutation(v[0])[None], "logvar": v}


def _posterior_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    dy = np.abs(dy) if np.shape(dy) == a["mu"].shape else np.abs(dy)[:, None]
    return 0.0, dy * (np.exp(a["logvar"].astype(np.float64)) + 1) / 2


def _variances(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    tiny, eps = float(np.finfo(real).tiny), float(np.finfo(real).eps)
    extremes = np.array([tiny, 1e-30, 1e-8, eps, 1 - eps, 1, 1 + eps, 3, 1e4, 1e30], real)
    variance = among(rng, extremes, partial(rng.uniform, 0.2, 3))
    yield {"mu": _beside(variance, rng.standard_normal), "variance": variance}


def _variance_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    return 0.0, np.abs(dy)[:, None] * (1 + 1 / a["variance"].astype(np.float64)) / 2


def _covariances(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    """Return correlated coordinates of very different size, scaled by powers of two, which is exact."""
    correlation = np.array([[1, 0.5, -0.25], [0.5, 1, 0.125], [-0.25, 0.125, 1]])
    sizes = np.ldexp(
        1.0, [[0, 0, 0], [-12, 0, 12], [12, -12, 0], [0, 12, -12], [-15, -15, -15], [15, 15, 15], [1, -3, 9]]
    )
    covariance = sizes[:, :, None] * correlation * sizes[:, None, :]
    yield {"mu": rng.standard_normal(sizes.shape).astype(real), "covariance": covariance.astype(real)}


def _covariance_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    sizes = np.sqrt(np.diagonal(a["covariance"].astype(np.float64), axis1=1, axis2=2))
    inverse = 1 / (sizes[:, :, None] * sizes[:, None, :])
    return 0.0, np.abs(dy)[:, None, None] * (np.eye(sizes.shape[1]) + 2 * inverse) / 2


def _sampled(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    v = _mixed(rng, moderate(real, 1e4), 19)[None]
    z, eps = (
        np.stack([_mixed(rng, moderate(real, 1e4), 19), *rng.standard_normal((2, 19))])[:, None].astype(real)
        for _ in range(2)
    )
    yield {"z": z, "logvar": v, "eps": eps}
    yield {"z": z[0], "logvar": rng.standard_normal(v.shape).astype(real), "eps": eps[1]}


def _sampled_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    rows = np.abs(dy).reshape(-1, len(a["logvar"])).sum(axis=0)
    return 0.0, np.broadcast_to(rows[:, None] / 2, a["logvar"].shape)


def _kl_of_batch(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    terms = moderate(real, 1e4)
    terms = terms[terms >= 0]
    for floor in (0.0, 1e-3, 0.25, 2.0, 1e4 + 1):
        # Means well away from the floor: the kink itself is covered in `boundaries`.
        yield {"terms": np.tile(terms[np.abs(terms - floor) > floor / 100], (4, 1)), "floor": floor}


def _log_weights(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    for a in _classes(rng, real):
        yield {"log_w": np.ascontiguousarray(a["logits"].T)}
    yield {"log_w": _apart(real)[:, :1].T.copy()}


def _probabilities(smallest: float, *greys: float) -> Callable[..., Any]:
    """Return each pixel black, white and in some greys, among pixels of ordinary probability."""

    def arguments(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
        extremes = shares(real)
        p = among(rng, extremes[extremes >= smallest], partial(rng.uniform, 0.6, 0.9), 20)
        for white in (0.0, 1.0, *greys):
            x = np.where((p < 0.6) | (p > 0.9), white, 1).astype(real)
            yield {"p": p, "x": x}
            if white == 0:
                yield {"p": np.where(p < 0.6, p, 1 - p), "x": np.zeros_like(p)}

    return arguments


def _probability_scales(dy: Any, a: Arguments, y: Any) -> tuple[Any, ...]:
    p, x = a["p"].astype(np.float64), a["x"].astype(np.float64)
    return (np.abs(dy)[:, None] * (x / p + (1 - x) / (1 - p)),)


def _weights(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    largest = 1e4 if real == np.float32 else 1e30
    for strength in (1e-8, 0.3, 1e4):
        yield {"W": moderate(real, largest)[None], "strength": strength}
        yield {"W": moderate(real, 1e-3)[None], "strength": strength}


def _steps(*names: str, **settings: float) -> Callable[..., Any]:
    def arguments(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
        sizes = moderate(real, 1e4)
        yield {**{name: rng.permutation(sizes) for name in names}, **settings}
        yield {**{name: sizes if name == "gradient" else np.zeros_like(sizes) for name in names}, **settings}

    return arguments


def _adam(rng: np.random.Generator, real: Any) -> Iterable[Arguments]:
    gradient = np.array([0.0, *_both_signs(1e-18, 1e-8, 1e-3, 1, 1e4, 1e15)], real)
    # 1 - 0.999^2 loses three digits; powers of 31/32 are exact.
    settings_of = {
        1: (0.9, 0.999, 1e-8),
        2: (0.875, 0.96875, 1e-3),
        10: (0.875, 0.96875, 1e-8),
        10**6: (0.9, 0.999, 1e-8),
    }
    for step, (beta1, beta2, epsilon) in settings_of.items():
        settings = {"step": step, "learning_rate": 1e-3, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
        zero, sizes = np.zeros_like(gradient), len(gradient)
        yield {"theta": zero, "m": zero, "v": zero, "gradient": gradient, **settings}
        v = _mixed(rng, np.array([0, 1e-30, 1e-16, 1e-8, 1, 1e8, 1e30], real), sizes)
        m = np.sign(gradient) * _mixed(rng, np.array([0, 1e-18, 1e-8, 1, 1e15], real), sizes)
        for theta in (zero, _mixed(rng, moderate(real, 1e4), sizes)):
            yield {"theta": theta, "m": m, "v": v, "gradient": gradient, **settings}


EXTREMES = [
    Extremes("identity", _vector, EXACT),
    Extremes("sigmoid", _vector, outputs=_outputs_of("sigmoid")),
    Extremes("tanh", _vector, outputs=_outputs_of("tanh"), scales=lambda dy, a, y: (np.abs(dy) * (1 + y * y),)),
    Extremes("relu", _vector, EXACT, outputs=_outputs_of("relu")),
    Extremes("softplus", _vector),
    Extremes("dense", _dense, SEVERAL, scales=_dense_scales, axis=None),
    Extremes("layer", _layers, scales=_layer_scales, outputs=_layer_outputs, axis=None),
    Extremes("bernoulli_nll", _logits_and_pixels, SEVERAL, scales=_bernoulli_scales),
    Extremes("squared_error", _predictions, SEVERAL),
    Extremes("masking_noise", _corrupted("u"), EXACT),
    Extremes("salt_and_pepper_noise", _corrupted("u"), EXACT),
    Extremes("gaussian_noise", _corrupted("eps")),
    Extremes("softmax", _classes, outputs=_normalised(1), scales=_normalised_scales(1)),
    Extremes("softmax_cross_entropy", _labelled, scales=_cross_entropy_scales),
    Extremes("sparsity_kl", _silent_and_saturated, scales=_sparsity_scales),
    Extremes("k_sparse", _codes, EXACT, outputs=_told_apart),
    Extremes("contractive_penalty", _contracted, scales=_contraction_scales),
    Extremes("reparameterize", _draws, scales=_draw_scales),
    Extremes("gaussian_nll", _features, SEVERAL, scales=_feature_scales),
    Extremes("gaussian_kl_trace", _covariances, scales=_covariance_scales, axis=None),
    Extremes("gaussian_kl_sums", _variances, SEVERAL, scales=_variance_scales),
    Extremes("gaussian_kl_terms", _posterior_terms, scales=_posterior_scales),
    Extremes("gaussian_kl", _posteriors, SEVERAL, scales=_posterior_scales),
    Extremes("sampled_kl", _sampled, SEVERAL, scales=_sampled_scales),
    Extremes("free_bits", _kl_of_batch),
    Extremes("log_mean_exp", _log_weights, axis=0),
    Extremes("importance_weights", _log_weights, outputs=_normalised(0), scales=_normalised_scales(0), axis=0),
    Extremes("bernoulli_log_product", _probabilities(1e-30), SEVERAL, scales=_probability_scales),
    Extremes("bernoulli_log_powers", _probabilities(0, 0.5, 0.3), SEVERAL, scales=_probability_scales),
    Extremes("bernoulli_log_likelihood", _probabilities(0, 0.5, 0.3), SEVERAL, scales=_probability_scales),
    Extremes("weight_decay", _weights, SEVERAL),
    Extremes("sgd", _steps("theta", "gradient", learning_rate=0.1)),
    Extremes("momentum", _steps("theta", "velocity", "gradient", learning_rate=0.1, decay=0.9)),
    Extremes("adam", _adam),
]


# Measurement.


def _as_decimals(arguments: Arguments) -> Arguments:
    return {
        name: exact.decimals(value)
        if isinstance(value, np.ndarray)
        else Decimal(value)
        if isinstance(value, float)
        else value
        for name, value in arguments.items()
    }


class _Turned:
    """Return the arrays rotated along an axis, all arrays of that length together; labels are rotated in value."""

    def __init__(self, case: Extremes, arguments: Arguments) -> None:
        self.axis = case.axis
        first = next(iter(arguments.values()))
        self.length = 1 if case.axis is None else first.shape[case.axis]

    def by(self, places: int, value: Any, name: str = "") -> Any:
        """Return the value rotated by the given number of places."""
        if name == "labels":
            return (value + places) % self.length
        turns = self.axis is not None and np.ndim(value) > 0 and value.shape[self.axis] == self.length
        return np.roll(value, places, axis=self.axis) if turns else value


def _compare(
    call: Callable[[Any, Callable[..., Any]], Any], rooms: tuple[Any, ...], turned: _Turned, known: list[Any], real: Any
) -> float:
    """Return the largest error of op and kernel, with the arguments rotated to every position."""
    worst = 0.0
    for room in rooms:
        for places in range(turned.length):
            got = call(room, lambda value, name="", places=places: turned.by(places, value, name))
            for result, (near, rest, scale) in zip(got if isinstance(got, tuple) else (got,), known, strict=True):
                near, rest, scale = (turned.by(places, each) for each in (near, rest, scale))
                worst = max(worst, exact.worst_error(result, (near, rest), real, scale, UNDERFLOWN))
    return worst


def forward_error(case: Extremes, rooms: tuple[Any, ...], rng: np.random.Generator, real: Any) -> float:
    """Return the largest error of the results of an op and its kernel."""
    worst = 0.0
    for arguments in case.arguments(rng, real):
        known = []
        for result in exact.results(case.op, _as_decimals(arguments)):
            value, size = (np.empty(result.shape, object) for _ in range(2))
            for index in np.ndindex(*result.shape):
                value[index], size[index] = result[index].value, result[index].size
            known.append((*exact.rounded(value), size.astype(np.float64)))

        def call(room: Any, turn: Any, arguments: Arguments = arguments) -> Any:
            return getattr(room, case.op)(*(turn(value, name) for name, value in arguments.items()))

        worst = max(worst, _compare(call, rooms, _Turned(case, arguments), known, real))
    return worst


def backward_error(case: Extremes, rooms: tuple[Any, ...], rng: np.random.Generator, real: Any) -> float:
    """Return the largest error of the gradients of an op and its kernel."""
    worst, how = 0.0, GRADIENTS[case.op]
    for arguments, output, exactly in _backward_sets(case, rooms, rng, real):
        shape = np.shape(output)
        upstream = (rng.standard_normal(shape) + np.sign(rng.standard_normal(shape))).astype(real) if shape else 0.7
        weights = exact.decimals(upstream)
        found = exact.gradients(case.op, weights, exactly, how.wrt)
        scales = case.scales(upstream, arguments, output) if case.scales else (0.0,) * len(found)
        known = [(*exact.rounded(g), np.broadcast_to(s, g.shape)) for g, s in zip(found, scales, strict=True)]

        def call(room: Any, turn: Any, a: Arguments = arguments, y: Any = output, dy: Any = upstream) -> Any:
            return how.backward(room, turn(dy), {name: turn(value, name) for name, value in a.items()}, turn(y))

        worst = max(worst, _compare(call, rooms, _Turned(case, arguments), known, real))
    return worst


def _backward_sets(
    case: Extremes, rooms: Any, rng: np.random.Generator, real: Any
) -> Iterable[tuple[Arguments, Any, Arguments]]:
    if case.outputs is not None:
        yield from case.outputs(rng, real)
        return
    for arguments in case.arguments(rng, real):
        yield arguments, getattr(rooms[0], case.op)(**arguments), _as_decimals(arguments)


def _register(case: Extremes, type_name: str) -> None:
    real = TYPES[type_name]
    eps = float(np.finfo(real).eps)
    how = GRADIENTS.get(case.op)

    @claim(
        f"{case.op} at the extremes in {type_name}",
        op=case.op,
        equation=how.equations if how else "",
        level="value",
        method=f"definition in {exact.DIGITS} digits, op and kernel, {'forward and backward' if how else 'all results'}",
        tolerance=case.tolerance * eps,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        rooms = (subject.ops, subject.kernels)
        with localcontext(exact.ARITHMETIC):
            worst = forward_error(case, rooms, rng, real)
            if how:
                worst = max(worst, backward_error(case, rooms, rng, real))
        return worst * eps


for _case in EXTREMES:
    for _type in TYPES:
        _register(_case, _type)


# The kernels' own exponential and logarithm (`kernels.scalars`), tested through kernels that use them.


def _one_row(function: Callable[..., Any]) -> Callable[[Subject, Array], Array]:
    """Apply a kernel for matrices to a vector."""
    return lambda subject, x: function(subject.kernels, x[None])[0]


def _standard_deviations(kernels: Any, v: Array) -> Array:
    return kernels.reparameterize(np.zeros_like(v), 2 * v, np.ones_like(v))


def _shares_of_two(subject: Subject, x: Array) -> Array:
    """Compute the softmax next to a logit of 0; where e^x is negligible next to 1, this is e^x."""
    return np.ascontiguousarray(subject.kernels.softmax(np.stack([x, np.zeros_like(x)], axis=1))[:, 0])


def _together(subject: Subject, x: Array) -> Array:
    """Compute softplus by the formula that also gives the sigmoid, as the loss of a network with a single weight of 1."""
    from scratchae.kernels import losses, steps

    theta, target = np.array([1, 0], x.dtype), np.zeros((1, 1), x.dtype)
    table = np.array([[1, 1, 0, 1, 0, 0, 0]])
    work = steps.workspace(table, 1, theta)

    def loss(a: Any) -> float:
        return steps.full_gradient(np.full((1, 1), a), target, 1, theta, table, losses.BERNOULLI, None, 0.0, work)[0]

    return np.array([loss(a) for a in x], x.dtype)


SCALARS: dict[str, tuple[Callable[[Subject, Array], Array], Callable[[Decimal], Decimal]]] = {
    "exp": (_one_row(_standard_deviations), exact.exp),
    "exp_of_negative": (_shares_of_two, lambda x: exact.sigmoid(x)),
    "sigmoid": (_one_row(lambda kernels, x: kernels.sigmoid(x)), exact.sigmoid),
    "tanh": (_one_row(lambda kernels, x: kernels.tanh(x)), exact.tanh),
    "softplus": (_one_row(lambda kernels, x: kernels.softplus(x)), exact.softplus),
    "sigmoid beside softplus": (
        _one_row(lambda kernels, x: kernels.bernoulli_nll_backward(np.ones(1, x.dtype), x, np.zeros_like(x))),
        exact.sigmoid,
    ),
    "softplus beside sigmoid": (_together, exact.softplus),
}
LN_2 = float(np.log(2))


def _ends_of_series(name: str, side: int, real: Any, rng: np.random.Generator, count: int = 400) -> Array:
    """Return numbers whose exponential is a power of two times e^r with |r| close to its maximum, ln 2 / 2, where the series is least accurate."""
    powers, r = rng.integers(1, 60, count), side * LN_2 / 2 * rng.uniform(0.97, 0.999, count)
    if name == "tanh":  # of 2x, and soon it is 1
        return ((rng.integers(0 if side < 0 else 1, 3, count) * -LN_2 + r) / 2).astype(real)
    if name == "exp_of_negative":
        powers += 25 if real == np.float32 else 54
    return (-powers * LN_2 + r).astype(real)


def _next_to_zero(real: Any, rng: np.random.Generator, count: int = 1500) -> Array:
    """Return the point at which the argument of the logarithm's series has its maximum, 1/3."""
    return -rng.uniform(0, 0.004, count).astype(real)


def _everywhere(name: str, real: Any, rng: np.random.Generator, count: int = 300) -> Array:
    """Return numbers of all sizes and both signs."""
    largest = 87.0 if real == np.float32 else 708.0
    small = rng.choice([-1, 1], count) * np.exp(rng.uniform(np.log(np.finfo(real).tiny), 0, count))
    x = np.concatenate([rng.uniform(-largest, largest, count), rng.uniform(-3, 3, count), small])
    return (x if name != "exp_of_negative" else -rng.uniform(40, largest, count)).astype(real)


def _signed_errors(name: str, subject: Subject, x: Array) -> Array:
    """Return relative errors in units of eps."""
    function, definition = SCALARS[name]
    got = function(subject, x)
    with localcontext(exact.ARITHMETIC):
        expected = [definition(Decimal(float(a))) for a in x]
        errors = [float((Decimal(float(y)) - e) / e) for y, e in zip(got, expected, strict=True)]
    return np.array(errors) / float(np.finfo(x.dtype).eps)


def _register_scalar(name: str, type_name: str) -> None:
    real = TYPES[type_name]
    eps = float(np.finfo(real).eps)
    through = {"exp": "reparameterize", "exp_of_negative": "softmax", "sigmoid beside softplus": "bernoulli_nll"}
    op = through.get(name, "Autoencoder" if name == "softplus beside sigmoid" else name)

    @claim(
        f"kernels: {name} keeps its digits in {type_name}",
        op=op,
        level="value",
        method="definition, arguments of all sizes and at the ends of the series",
        tolerance=FEW * eps,
    )
    def worst(subject: Subject, rng: np.random.Generator) -> float:
        x = [_everywhere(name, real, rng), *(_ends_of_series(name, side, real, rng, 100) for side in (1, -1))]
        return float(np.abs(_signed_errors(name, subject, np.concatenate(x))).max()) * eps

    @claim(
        f"kernels: {name} errs to neither side in {type_name}",
        op=op,
        level="value",
        method="mean of signed errors at the ends of the series, where a missing term would show",
        tolerance=(0.35 if name == "tanh" else 0.2) * eps,
    )
    def bias(subject: Subject, rng: np.random.Generator) -> float:
        ends = [_signed_errors(name, subject, _ends_of_series(name, side, real, rng)) for side in (1, -1)]
        return max(abs(float(errors.mean())) for errors in ends) * eps

    if name.startswith("softplus"):

        @claim(
            f"kernels: the logarithm of {name} errs to neither side in {type_name}",
            op=op,
            level="value",
            method="mean of signed errors next to 0, where a missing term would show",
            tolerance=(0.06 if real == np.float32 else 0.2) * eps,
        )
        def logarithm(subject: Subject, rng: np.random.Generator) -> float:
            return abs(float(_signed_errors(name, subject, _next_to_zero(real, rng)).mean())) * eps


for _name in SCALARS:
    for _type in TYPES:
        _register_scalar(_name, _type)


@claim(
    "kernels: exp ends at the smallest normal number",
    op="reparameterize",
    equation="reparameterize.1",
    level="value",
    method="arguments at the end and far beyond it; there, an op gives 0 and infinity",
    tolerance=FEW,
)
def _end_of_exp(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for real in TYPES.values():
        limits = np.finfo(real)
        x = np.array([[*np.log(limits.tiny) * np.array([1, 1.01, 2]), -1e4, -1e15]], real)
        smallest, largest = (_standard_deviations(subject.kernels, side * x)[0] for side in (1, -1))
        with localcontext(exact.ARITHMETIC):
            end = exact.exp(Decimal(float(real(np.log(float(limits.tiny))))))
            pairs = [exact.rounded(np.full(x.size, value, object)) for value in (end, 1 / end)]
        worst = max(
            worst, *(exact.worst_error(*each, real, floor=0) for each in zip((smallest, largest), pairs, strict=True))
        )
        with np.errstate(over="ignore"):
            beyond = np.concatenate([_standard_deviations(subject.ops, side * x[:, 3:])[0] for side in (1, -1)])
        if not np.array_equal(beyond, [0, 0, np.inf, np.inf]):
            return np.inf
    return worst
