"""Claims about the linear-Gaussian model, the principal components and the comparison with baselines, against independent computations."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, central_differences, entrywise_error

LINEAR = "LinearGaussian"
MANY = 4096 + 301  # rows beyond the size of a block


def _model(subject: Subject, rng: np.random.Generator) -> tuple[Any, Array]:
    """Return a model with two latents and five features, with generic parameters, and rows drawn from it."""
    W, mean, variance = rng.standard_normal((2, 5)), rng.standard_normal(5), 0.4
    x = rng.standard_normal((4, 2)) @ W + mean + np.sqrt(variance) * rng.standard_normal((4, 5))
    return subject.baselines.LinearGaussian(W, mean, variance), x


@claim(
    "LinearGaussian: the covariance of what it makes is W'W + variance I",
    op=LINEAR,
    equation="linear_gaussian.2 linear_gaussian.3",
    level="value",
    method="second differences of log p(x), inverted; and scipy's multivariate normal",
    tolerance=1e-12,
)
def _covariance(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import multivariate_normal

    exact, x = _model(subject, rng)
    covariance = sum(np.outer(row, row) for row in exact.W) + np.diag(np.full(5, 0.4))
    expected = multivariate_normal(exact.mean, covariance).logpdf(x)
    log_p, e = exact.log_likelihood, 100 * np.eye(5)  # log p is quadratic, so large steps are exact
    at = {(i, j): log_p((exact.mean + a + b)[None])[0] for i, a in enumerate(e) for j, b in enumerate(e)}
    alone = [log_p((exact.mean + a)[None])[0] for a in e]
    top = log_p(exact.mean[None])[0]
    second = np.array([[at[i, j] - alone[i] - alone[j] + top for j in range(5)] for i in range(5)])
    found = np.linalg.inv(-second / 100**2)
    return max(entrywise_error(log_p(x), expected), entrywise_error(found, covariance, 1.0) / 10)


def _on_grid(exact: Any, row: Array) -> tuple[Array, Array, float]:
    """Return mean and covariance of p(z|x), and log p(x), from sums of p(x|z) p(z) over a fine grid of z (Bayes' formula)."""
    from scipy.stats import norm

    axis = np.linspace(-9, 9, 181)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    log_joint = norm.logpdf(row, z @ exact.W + exact.mean, np.sqrt(exact.variance)).sum(axis=1) + norm.logpdf(z).sum(
        axis=1
    )
    weights = np.exp(log_joint - log_joint.max())
    cell = (axis[1] - axis[0]) ** 2
    log_p = log_joint.max() + math.log(math.fsum(weights) * cell)
    shares = weights / math.fsum(weights)
    mean = shares @ z
    return mean, (z - mean).T @ (shares[:, None] * (z - mean)), log_p


@claim(
    "LinearGaussian: the posterior is that of Bayes' formula",
    op=LINEAR,
    equation="linear_gaussian.4 linear_gaussian.5",
    level="value",
    method="mean, covariance and log p(x) by sums over a grid of z",
    tolerance=1e-12,
)
def _posterior(subject: Subject, rng: np.random.Generator) -> float:
    exact, x = _model(subject, rng)
    means, covariance = exact.posterior(x)
    worst = 0.0
    for row, mean, log_p in zip(x, means, exact.log_likelihood(x), strict=True):
        expected_mean, expected_covariance, expected = _on_grid(exact, row)
        worst = max(worst, entrywise_error(mean, expected_mean, 1.0), abs(log_p - expected) / abs(expected))
        worst = max(worst, entrywise_error(covariance, expected_covariance, 1.0))
    return worst


def _nodes(mu: Array, covariance: Array) -> tuple[Array, Array]:
    """Return quadrature points and weights that are exact for polynomials of degree 5 under a bivariate normal distribution."""
    points, weights = np.polynomial.hermite_e.hermegauss(3)
    values, vectors = np.linalg.eigh(covariance)  # any root will do
    pairs = np.array(list(itertools.product(range(3), repeat=2)))
    z = mu + points[pairs] * np.sqrt(values) @ vectors.T
    return z, weights[pairs].prod(axis=1) / (2 * np.pi)


@claim(
    "LinearGaussian: the bound, its terms and its gap are means over q",
    op=LINEAR,
    equation="linear_gaussian.6 linear_gaussian.7",
    level="value",
    method="Gauss-Hermite quadrature, exact for squares, of scipy's densities and of Bayes' formula; both backends",
    tolerance=1e-12,
)
def _bound(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import multivariate_normal, norm

    exact, x = _model(subject, rng)
    mu, roots = rng.standard_normal((4, 2)), rng.standard_normal((4, 2, 2))
    covariances = roots @ roots.swapaxes(1, 2) + 0.1 * np.eye(2)
    marginal = multivariate_normal(exact.mean, exact.W.T @ exact.W + exact.variance * np.eye(5))
    expected = []
    for row, m, covariance in zip(x, mu, covariances, strict=True):
        z, weights = _nodes(m, covariance)
        log_px = norm.logpdf(row, z @ exact.W + exact.mean, np.sqrt(exact.variance)).sum(axis=1)
        log_pz, log_q = norm.logpdf(z).sum(axis=1), multivariate_normal(m, covariance).logpdf(z)
        log_posterior = log_px + log_pz - marginal.logpdf(row)
        terms = log_px, log_q - log_pz, log_q - log_posterior
        expected.append([weights @ term for term in terms])
    reconstruction, kl, gap = np.array(expected).T
    worst = 0.0
    for room in (subject.ops, subject.kernels):
        with on_backend(room):
            bound, below = exact.elbo(x, mu, covariances), exact.gap(x, mu, covariances)
        pairs = [
            (bound.reconstruction, reconstruction),
            (bound.kl, kl),
            (bound.elbo, reconstruction - kl),
            (below, gap),
        ]
        worst = max(worst, *(entrywise_error(got, value) for got, value in pairs))
    return worst


def _packed_log_likelihood(x: Array, J: int) -> Any:
    """Return the mean log p(x) as a function of all parameters in one vector: W, the mean, and the log of the variance."""
    D = x.shape[1]

    def value(theta: Array) -> float:
        W, e = theta[: J * D].reshape(J, D), x - theta[J * D : -1]
        covariance = W.T @ W + np.exp(theta[-1]) * np.eye(D)
        squares = np.einsum("nd,dk,nk->n", e, np.linalg.inv(covariance), e)
        return float(-(D * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)) + squares).mean() / 2)

    return value


@claim(
    "LinearGaussian.fit is the maximum of the likelihood",
    op=LINEAR,
    equation="linear_gaussian.8",
    level="value",
    method="its value against the best of three searches by L-BFGS; its gradient is zero",
    tolerance=1e-8,
)
def _maximum(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.optimize import minimize

    x = (
        rng.standard_normal((40, 2)) @ rng.standard_normal((2, 4)) * 1.5
        + rng.standard_normal(4)
        + rng.standard_normal((40, 4))
    )
    exact, value = subject.baselines.LinearGaussian.fit(x, 2), _packed_log_likelihood(x, 2)
    found = np.concatenate([exact.W.ravel(), exact.mean, [np.log(exact.variance)]])
    slope, _ = central_differences(value, found)
    best = max(
        -minimize(lambda t: -value(t), rng.standard_normal(13), method="L-BFGS-B", tol=1e-13).fun for _ in range(3)
    )
    own = exact.log_likelihood(x).mean()
    return float(max(abs(slope).max(), abs(own - best) / abs(best), abs(own - value(found)) / abs(own)))


@claim(
    "LinearGaussian.fit finds the model that made the data",
    op=LINEAR,
    equation="linear_gaussian.8",
    level="meaning",
    method="covariance of 200,000 rows' model, against that of the model that made them",
    tolerance=0.03,
)
def _finds(subject: Subject, rng: np.random.Generator) -> float:
    W, mean = np.array([[3.0, 0, 1, 0], [0, 2.0, 0, -1]]), np.array([1.0, -2, 3, 0])
    x = rng.standard_normal((200_000, 2)) @ W + mean + 0.7 * rng.standard_normal((200_000, 4))
    exact = subject.baselines.LinearGaussian.fit(x, 2)
    errors = abs(exact.W.T @ exact.W - W.T @ W).max() / 10, abs(exact.mean - mean).max(), abs(exact.variance - 0.49)
    return float(max(errors))


@claim(
    "PrincipalComponents are the singular vectors of the centred data",
    op="PrincipalComponents",
    equation="linear_autoencoder.1",
    level="value",
    method="numpy.linalg.svd, more rows than a block: directions, codes, reconstructions and residual squared error",
    tolerance=1e-11,
)
def _components(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.standard_normal((MANY, 6)) * [4, 3, 2, 1, 0.5, 0.25] @ np.linalg.qr(rng.standard_normal((6, 6)))[0] + 2
    mean = x.sum(axis=0) / len(x)
    u, s, v = np.linalg.svd(x - mean, full_matrices=False)
    single = (x + 1000).astype(np.float32)  # whose mean has only three decimal digits in single precision
    found = subject.baselines.PrincipalComponents.fit(single, 2)
    worst = entrywise_error(found.mean, single.astype(np.float64).sum(axis=0) / len(x))
    for k in (1, 3, 6):
        found = subject.baselines.PrincipalComponents.fit(x, k)
        signs = np.sign((found.components * v[:k]).sum(axis=1))
        codes = u[:, :k] * s[:k] * signs
        pairs = [
            (found.mean, mean),
            (found.components, v[:k] * signs[:, None]),
            (found.encode(x), codes),
            (found.decode(codes), codes @ (v[:k] * signs[:, None]) + mean),
            (np.array(found.squared_error(x)), np.array((s[k:] ** 2).sum() / len(x))),
        ]
        worst = max(worst, *(entrywise_error(got, expected, 1.0) for got, expected in pairs))
    return worst


@claim(
    "PrincipalComponents.largest_angle is the largest angle between two planes",
    op="PrincipalComponents",
    level="value",
    method="planes turned by known angles, whatever vectors span them",
    tolerance=1e-13,
)
def _angle(subject: Subject, rng: np.random.Generator) -> float:
    frame, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    components, worst = subject.baselines.PrincipalComponents(np.zeros(5), frame[:2]), 0.0
    for first, second in ((0.3, 1.1), (0.2, 0.05), (0.0, 0.0)):
        turned = np.array(
            [
                np.cos(first) * frame[0] + np.sin(first) * frame[2],
                np.cos(second) * frame[1] + np.sin(second) * frame[3],
            ]
        )
        directions = np.array([[2.0, -1.0], [0.5, 3.0]]) @ turned
        worst = max(worst, abs(components.largest_angle(directions) - max(first, second)))
    return worst


@claim(
    "a linear Autoencoder's squared error is that of the principal components",
    op="Autoencoder",
    equation="linear_autoencoder.1",
    level="value",
    method="minus score, against the residual of numpy.linalg.svd",
    tolerance=1e-9,
)
def _linear_error(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.standard_normal((60, 6)) * [4, 3, 2, 0.6, 0.5, 0.4] @ np.linalg.qr(rng.standard_normal((6, 6)))[0] + 2
    left = (np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[3:] ** 2).sum() / 60
    options = {
        "hidden_sizes": (),
        "latent_dim": 3,
        "activation": "identity",
        "likelihood": "gaussian",
        "random_state": 0,
    }
    with on_backend(subject.ops):
        model = subject.models.Autoencoder(**options, optimizer="lbfgs", epochs=400, dtype="float64").fit(x)
        errors = abs(-model.score(x) / left - 1), abs(model.history_["loss"][-1] / left - 1)
    return float(max(*errors, abs(subject.baselines.PrincipalComponents.fit(x, 3).squared_error(x) / left - 1)))


@claim(
    "the floor of the Bernoulli loss is the mean entropy of the rows",
    op="comparison",
    level="value",
    method="scipy's relative entropy to fair coins, more rows than a block, black and white pixels among them; the loss where x̂ = x",
    tolerance=1e-12,
)
def _floor(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.special import rel_entr

    x = rng.random((MANY, 3)) * np.where(np.arange(MANY) < 4096, 1.0, 0.1)[:, None]  # the last block differs
    x[::5, 0], x[::7, 1] = 0.0, 1.0
    coins = rel_entr(x, 0.5) + rel_entr(1 - x, 0.5)  # log 2 less the entropy
    grey = x[(x > 0).all(axis=1) & (x < 1).all(axis=1)]
    losses = -(grey * np.log(grey) + (1 - grey) * np.log1p(-grey)).sum(axis=1)
    floor = subject.baselines.cross_entropy_floor
    errors = floor(x) / (3 * np.log(2) - math.fsum(coins.ravel()) / MANY) - 1, floor(grey) / losses.mean() - 1
    return float(max(map(abs, errors)))


@claim(
    "the squared error of a model is the mean over all rows",
    op="comparison",
    level="value",
    method="one sum in Python's exact arithmetic, more rows than a block, the last ones much worse; another target; labels",
    tolerance=1e-12,
)
def _squared_error(subject: Subject, rng: np.random.Generator) -> float:
    x, other, y = rng.random((MANY, 4)), rng.random((MANY, 4)), rng.integers(0, 2, MANY)
    x[4096:] *= 9
    options = {"latent_dim": 2, "hidden_sizes": (), "likelihood": "gaussian", "dtype": "float64", "random_state": 0}
    models, found = subject.models, subject.baselines.squared_error
    plain = models.Autoencoder(**options, epochs=1).fit(x[:50])
    labelled = models.ConditionalVariationalAutoencoder(**options, epochs=1).fit(x[:50], y[:50])
    labelled.parameters_.flat[:] += rng.standard_normal(labelled.parameters_.flat.size)
    pairs = [
        (found(plain, x), plain.reconstruct(x) - x),
        (found(plain, x, other), plain.reconstruct(x) - other),
        (found(labelled, x, y=y), labelled.reconstruct(x, y) - x),
    ]
    return max(abs(got * MANY / math.fsum((error**2).ravel()) - 1) for got, error in pairs)


@claim(
    "the angle of a linear decoder to the principal components is that of its range, wherever its bias is",
    op="comparison",
    level="value",
    method="components that are rotations of the decoder's rows by a known angle; one layer and two, with large biases",
    tolerance=1e-9,
)
def _angle_of_decoder(subject: Subject, rng: np.random.Generator) -> float:
    x, worst = rng.random((20, 6)), 0.0
    options = {"latent_dim": 2, "activation": "identity", "likelihood": "gaussian", "dtype": "float64", "epochs": 1}
    for hidden_sizes in ((), (4,)):
        model = subject.models.Autoencoder(hidden_sizes, **options, random_state=0).fit(x)
        model.parameters_.flat[:] = rng.standard_normal(model.parameters_.flat.size)
        rows = np.eye(2)
        for i in range(1 + len(hidden_sizes)):
            rows = rows @ model.parameters_[f"decoder.{i}.W"]
        frame = np.linalg.qr(np.vstack([rows, rng.standard_normal((4, 6))]).T)[0].T  # its first two rows span the range
        for first, second in ((0.3, 1.1), (0.2, 0.05)):
            turned = [
                np.cos(angle) * frame[i] + np.sin(angle) * frame[2 + i] for i, angle in enumerate((first, second))
            ]
            pca = subject.baselines.PrincipalComponents(x.mean(axis=0), np.array(turned))
            worst = max(worst, abs(subject.baselines.angle_to_pca(model, pca) - max(first, second)))
    return worst
