"""Level two: the value of every op equals an independent definition. A gradient check cannot see these errors."""

from __future__ import annotations

import itertools
import math

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import relative_error
from scratchae.verify.gradient_cases import D_IN, D_OUT, N

EXTREME = np.array([[-1e4, -800.0, -50.0, 0.0, 50.0, 800.0, 1e4]])


@claim("identity is itself", op="identity", equation="identity.1", level="value", method="definition", tolerance=0)
def _identity(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.standard_normal((N, D_IN))
    return relative_error(subject.ops.identity(x), x)


@claim(
    "sigmoid is 1 / (1 + exp(-x))",
    op="sigmoid",
    equation="sigmoid.2",
    level="value",
    method="definition, 80 bits",
    tolerance=1e-14,
)
def _sigmoid(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.uniform(-40, 40, (50, D_IN))
    exact = 1 / (1 + np.exp(-x.astype(np.longdouble)))
    each = np.abs(subject.ops.sigmoid(x) - exact) / exact  # relative for each entry, as small probabilities matter
    return max(float(each.max()), relative_error(subject.ops.sigmoid(EXTREME)[0, [0, 3, 6]], np.array([0, 0.5, 1])))


@claim(
    "tanh is 2 sigmoid(2x) - 1",
    op="tanh",
    equation="tanh.1",
    level="value",
    method="definition, 80 bits",
    tolerance=1e-14,
)
def _tanh(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.uniform(-10, 10, (50, D_IN))
    exact = 2 / (1 + np.exp(-2 * x.astype(np.longdouble))) - 1
    return max(
        relative_error(subject.ops.tanh(x), exact),
        relative_error(subject.ops.tanh(EXTREME)[0, [0, 6]], np.array([-1, 1])),
    )


@claim("relu is (x + |x|) / 2", op="relu", equation="relu.1", level="value", method="definition", tolerance=0)
def _relu(subject: Subject, rng: np.random.Generator) -> float:
    x = np.concatenate([rng.standard_normal((N, 7)), EXTREME])
    return relative_error(subject.ops.relu(x), (x + abs(x)) / 2)


@claim(
    "softplus is the integral of the sigmoid",
    op="softplus",
    equation="softplus.2",
    level="value",
    method="quadrature",
    tolerance=1e-10,
)
def _softplus(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.integrate import quad

    x = rng.uniform(-5, 5, 8)
    areas = [quad(lambda t: 1 / (1 + math.exp(-t)), -40, end, epsabs=1e-13, epsrel=1e-13, limit=200)[0] for end in x]
    ends = subject.ops.softplus(EXTREME)[0]
    return max(
        relative_error(subject.ops.softplus(x), np.array(areas)),
        relative_error(ends[[0, 3, 6]], np.array([0, math.log(2), 1e4])),
    )


@claim(
    "dense is a sum over inputs", op="dense", equation="dense.1", level="value", method="three loops", tolerance=1e-14
)
def _dense(subject: Subject, rng: np.random.Generator) -> float:
    x, W, b = rng.standard_normal((N, D_IN)), rng.standard_normal((D_IN, D_OUT)), rng.standard_normal(D_OUT)
    y = [[math.fsum([x[n, i] * W[i, j] for i in range(D_IN)] + [b[j]]) for j in range(D_OUT)] for n in range(N)]
    return relative_error(subject.ops.dense(x, W, b), np.array(y))


@claim(
    "layer is the activation of dense",
    op="layer",
    equation="layer.1",
    level="value",
    method="three loops",
    tolerance=1e-14,
)
def _layer(subject: Subject, rng: np.random.Generator) -> float:
    x, W, b = rng.standard_normal((N, D_IN)), rng.standard_normal((D_IN, D_OUT)), rng.standard_normal(D_OUT)
    a = np.array(
        [[math.fsum([x[n, i] * W[i, j] for i in range(D_IN)] + [b[j]]) for j in range(D_OUT)] for n in range(N)]
    )
    expected = {
        "identity": a,
        "sigmoid": 1 / (1 + np.exp(-a)),
        "tanh": 1 - 2 / (1 + np.exp(2 * a)),
        "relu": np.clip(a, 0, None),
    }
    return max(relative_error(subject.ops.layer(x, W, b, name), h) for name, h in expected.items())


@claim(
    "bernoulli_nll gives probabilities that sum to one",
    op="bernoulli_nll",
    equation="bernoulli_nll.1",
    level="value",
    method="sum over all 2^D images",
    tolerance=1e-13,
)
def _bernoulli_sums_to_one(subject: Subject, rng: np.random.Generator) -> float:
    images = np.array(list(itertools.product([0.0, 1.0], repeat=D_IN)))
    logits = np.tile(2 * rng.standard_normal(D_IN), (len(images), 1))
    return abs(float(np.exp(-subject.ops.bernoulli_nll(logits, images)).sum()) - 1)


@claim(
    "bernoulli_nll is the product of the pixels' probabilities",
    op="bernoulli_nll",
    equation="bernoulli_nll.4",
    level="value",
    method="definition, and far beyond where it overflows",
    tolerance=1e-13,
)
def _bernoulli_value(subject: Subject, rng: np.random.Generator) -> float:
    logits, x = 2 * rng.standard_normal((N, D_IN)), rng.random((N, D_IN))
    p = 1 / (1 + np.exp(-logits))
    expected = -np.log(np.prod(p**x * (1 - p) ** (1 - x), axis=1))
    # A pixel predicted wrongly with certainty costs its logit; one predicted correctly with certainty costs nothing.
    far = subject.ops.bernoulli_nll(np.array([[1e4, -1e4], [1e4, -1e4]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    return max(
        relative_error(subject.ops.bernoulli_nll(logits, x), expected), relative_error(far, np.array([2e4, 0.0]))
    )


@claim(
    "squared_error is a Gaussian's, of variance 1/2",
    op="squared_error",
    equation="squared_error.1",
    level="value",
    method="scipy.stats log-density",
    tolerance=1e-13,
)
def _squared_error(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    x_hat, x = rng.standard_normal((N, D_IN)), rng.standard_normal((N, D_IN))
    log_density = norm(x_hat, math.sqrt(0.5)).logpdf(x).sum(axis=1)
    return relative_error(subject.ops.squared_error(x_hat, x), -log_density - D_IN / 2 * math.log(math.pi))


@claim(
    "weight_decay is half the sum of squares",
    op="weight_decay",
    equation="weight_decay.1",
    level="value",
    method="loop",
    tolerance=1e-14,
)
def _weight_decay(subject: Subject, rng: np.random.Generator) -> float:
    W = rng.standard_normal((D_IN, D_OUT))
    return relative_error(subject.ops.weight_decay(W, 0.3), np.array(0.15 * math.fsum(w * w for w in W.ravel())))


@claim(
    "sgd shrinks a quadratic geometrically",
    op="sgd",
    equation="sgd.1",
    level="value",
    method="closed form",
    tolerance=1e-13,
)
def _sgd(subject: Subject, rng: np.random.Generator) -> float:
    start, curvature = rng.standard_normal(D_IN), rng.uniform(0.5, 2, D_IN)
    theta = start
    for _ in range(20):
        theta = subject.ops.sgd(theta, curvature * theta, 0.1)
    return relative_error(theta, (1 - 0.1 * curvature) ** 20 * start)


@claim(
    "momentum sums past gradients",
    op="momentum",
    equation="momentum.1 momentum.2",
    level="value",
    method="closed form",
    tolerance=1e-13,
)
def _momentum(subject: Subject, rng: np.random.Generator) -> float:
    gradients, rate, decay = rng.standard_normal((6, D_IN)), 0.1, 0.8
    start = theta = rng.standard_normal(D_IN)
    velocity = np.zeros(D_IN)
    for g in gradients:
        theta, velocity = subject.ops.momentum(theta, velocity, g, rate, decay)
    # A gradient from k steps ago has moved the parameters by rate (1 + decay + … + decay^k).
    weights = np.array([(1 - decay ** (6 - i)) / (1 - decay) for i in range(6)])
    return relative_error(theta, start - rate * weights @ gradients)


@claim(
    "adam normalises unbiased means",
    op="adam",
    equation="adam.1 adam.2 adam.3",
    level="value",
    method="closed form",
    tolerance=1e-13,
)
def _adam(subject: Subject, rng: np.random.Generator) -> float:
    gradients, beta1, beta2, epsilon = rng.standard_normal((6, D_IN)), 0.8, 0.95, 0.1
    expected = theta = rng.standard_normal(D_IN)
    m = v = np.zeros(D_IN)
    for t, g in enumerate(gradients, start=1):
        theta, m, v = subject.ops.adam(theta, m, v, g, t, 0.1, beta1, beta2, epsilon)
        past = gradients[:t]
        mean = np.average(past, axis=0, weights=beta1 ** np.arange(t)[::-1])
        square = np.average(past**2, axis=0, weights=beta2 ** np.arange(t)[::-1])
        expected = expected - 0.1 * mean / (np.sqrt(square) + epsilon)
    return relative_error(theta, expected)
