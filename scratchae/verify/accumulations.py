"""Claims about long sums in single precision: they are accumulated in double precision, so that only the numbers themselves are rounded.

The references sum the float32 numbers that the ops return, with `math.fsum`, which is exact.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae.models.fitting import Data
from scratchae.models.latent_statistics import statistics_of
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim, worst
from scratchae.verify.definitions import options_of, variational
from scratchae.verify.derivatives import Array, entrywise_error
from scratchae.verify.options import few_rows

ROWS = 301
WATCHED = (
    "bernoulli_nll", "squared_error", "gaussian_nll", "softmax_cross_entropy", "contractive_penalty", "gaussian_kl",
    "sampled_kl", "log_mean_exp", "gaussian_nll_backward",
)  # fmt: skip
COMMON: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 2, "epochs": 1, "random_state": 0, "dtype": "float32"}
DRAWN = {"beta": 3.0, "n_samples": 3, "likelihood": "gaussian", "variance": 0.01}
Seen = dict[str, list[Array]]


def mean(arrays: list[Array]) -> float:
    """Return the mean of all numbers of the arrays, summed exactly."""
    numbers = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    return math.fsum(numbers) / numbers.size


@contextmanager
def watched(subject: Subject) -> Iterator[Seen]:
    """Run models on the ops of the subject; yield the results of `WATCHED` by name."""
    seen: Seen = defaultdict(list)

    def watch(name: str) -> Callable[..., Any]:
        def op(*arguments: Any) -> Any:
            result = getattr(subject.ops, name)(*arguments)
            seen[name].append(result[1] if isinstance(result, tuple) else result)
            return result

        return op

    with on_backend(SimpleNamespace(**{**vars(subject.ops), **{name: watch(name) for name in WATCHED}})):
        yield seen


def _of(name: str, weight: float = 1.0, penalty: str = "") -> Callable[[Seen], float]:
    return lambda seen: (
        mean(seen[name]) * (1 if weight > 0 else -1) + (abs(weight) * mean(seen[penalty]) if penalty else 0)
    )


# Model, options with no other terms in the objective, and the objective as means of what ops return.
OBJECTIVES: list[tuple[str, dict[str, Any], Callable[[Seen], float]]] = [
    ("Autoencoder", {}, _of("bernoulli_nll")),
    ("Autoencoder", {"likelihood": "gaussian"}, _of("squared_error")),
    ("DenoisingAutoencoder", {}, _of("bernoulli_nll")),
    ("SparseAutoencoder", {"sparsity_weight": 0.0}, _of("bernoulli_nll")),
    ("KSparseAutoencoder", {"k": 1}, _of("bernoulli_nll")),
    ("ContractiveAutoencoder", {"contraction": 0.0}, _of("bernoulli_nll")),
    ("ContractiveAutoencoder", {"contraction": 64.0}, _of("bernoulli_nll", 64.0, "contractive_penalty")),
    ("WassersteinAutoencoder", {"mmd_weight": 0.0}, _of("bernoulli_nll")),
    ("StackedAutoencoder", {"hidden_sizes": (3,), "latent_dim": None, "pretrain_epochs": 1}, _of("bernoulli_nll")),
    ("StackedClassifier", {"latent_dim": None}, _of("softmax_cross_entropy")),
    ("VariationalAutoencoder", {"beta": 3.0}, _of("bernoulli_nll", 3.0, "gaussian_kl")),
    ("VariationalAutoencoder", DRAWN, _of("gaussian_nll", 3.0, "gaussian_kl")),
    ("VariationalAutoencoder", {**DRAWN, "kl": "sampled"}, _of("gaussian_nll", 3.0, "sampled_kl")),
    ("ConditionalVariationalAutoencoder", {"beta": 3.0}, _of("bernoulli_nll", 3.0, "gaussian_kl")),
    ("ImportanceWeightedAutoencoder", {"n_samples": 3}, _of("log_mean_exp", -1.0)),
]


def _fitted(subject: Subject, name: str, options: dict[str, Any], x: Array, y: Array) -> Any:
    given = {option: value for option, value in {**COMMON, **options}.items() if value is not None}
    return getattr(subject.models, name)(**given).fit(x, y)


@claim(
    "in single precision, an objective and a validation loss are exact means of the losses of rows",
    op="accumulation",
    equation="autoencoder.4 variational.6 importance_weighted.3 stacked_classifier.3 contractive.1",
    level="value",
    method="math.fsum of the float32 losses and penalties that the ops return, 301 rows, every model; scores likewise",
    tolerance=1e-13,
)
def _objectives(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng, ROWS)
    x = x.astype(np.float32)

    def errors() -> Iterator[float]:
        for name, options, expected in OBJECTIVES:
            with watched(subject) as seen:
                model = _fitted(subject, name, options, x, y)
                seen.clear()
                loss = model.loss_and_gradients(x, y, seed=1)[0]
                yield abs(loss / expected(seen) - 1)
                if options.get("contraction"):
                    continue  # losses and penalties of rows are added before
                seen.clear()
                noise = model.draw_noise(rng, x.shape)
                metrics = model.metrics(model.parameters_, Data(x, y), noise)
                yield abs(metrics["loss"] / expected(seen) - 1)
                if "kl" in metrics:
                    yield abs(metrics["kl"] / mean(seen["gaussian_kl"]) - 1)
                    yield abs(metrics["reconstruction"] / -mean(seen["gaussian_nll"] or seen["bernoulli_nll"]) - 1)
                if "mmd" in metrics:
                    yield abs(metrics["reconstruction"] / mean(seen["bernoulli_nll"]) - 1)
                if not model.needs_labels:
                    yield abs(model.score(x) / mean([model.score_samples(x)]) - 1)

    return worst(errors(), 1e-13)


@claim(
    "in single precision, the gradient of a learned variance is the sum over all features, rounded once",
    op="accumulation",
    equation="variational.8",
    level="gradient",
    method="math.fsum of the float32 derivatives that the op returns, 40 seeds: half a unit in the last place",
    tolerance=6e-8,
)
def _learned_variance(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng, ROWS)
    x, largest = x.astype(np.float32), 0.0
    with watched(subject) as seen:
        model = _fitted(subject, "VariationalAutoencoder", {**DRAWN, "variance": "learned"}, x, y)
        for seed in range(40):
            seen.clear()
            got = float(model.loss_and_gradients(x, seed=seed)[1]["decoder.logvar"][0])
            (terms,) = seen["gaussian_nll_backward"]
            expected = math.fsum(terms.ravel().astype(np.float64))
            largest = max(largest, abs(got / expected - 1))
    return largest


@claim(
    "in single precision, bounds of rows far from the mean keep the digits of their importance weights",
    op="accumulation",
    equation="log_mean_exp.1 variational.5",
    level="value",
    method="a decoder that ignores z: log p(x|z) of -1e6 nats is the same for 4,000 draws; SciPy's logsumexp, means of the definition",
    tolerance=1.0,
)
def _bounds(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.special import logsumexp

    x, y = few_rows(rng, 3)
    x, draws = x.astype(np.float32), 4000
    options = {"likelihood": "gaussian", "variance": 1e-6, "hidden_sizes": (), "latent_dim": 2}
    errors = []
    for room in (subject.ops, subject.kernels):
        with on_backend(room):
            model = _fitted(subject, "VariationalAutoencoder", options, x, y)
            p = model.parameters_
            p["decoder.0.W"][:] = 0
            p["encoder.0.W"][:] = 0
            p["encoder.0.b"][:] = [1.0, -0.5, -0.7, -0.4]  # posteriors near the prior: all weights count
            alone = model.elbo(x, n_samples=1, seed=4).reconstruction  # log p(x|z), a float32 number
            many = model.elbo(x, n_samples=draws, seed=4)
            estimate = model.log_likelihood(x, n_samples=draws, seed=4)
            scores = model.set_params(n_samples=draws).score_samples(x) + subject.ops.gaussian_kl(*model.posterior(x))
            p["encoder.0.b"][:2] = [300.0, -100.0]
            far = model.elbo(x, n_samples=draws, seed=4, kl="sampled")
            p["encoder.0.b"][:2] = [1.0, -0.5]
            o, eps = options_of(model), np.random.default_rng(4).standard_normal((draws, 3, 2)).astype(np.float32)
            exact = {name: value.astype(np.float64) for name, value in p.items()}
            log_ratio = variational(o, exact, x.astype(np.float64), None, eps.astype(np.float64))["log_ratio"]
            exact["encoder.0.b"][:2] = [300.0, -100.0]
            far_ratio = variational(o, exact, x.astype(np.float64), None, eps.astype(np.float64))["log_ratio"]
        if alone.max() > -1e5:
            return np.inf
        weights = np.exp(-log_ratio)
        relative = weights.std(axis=0, ddof=1) / math.sqrt(draws) / weights.mean(axis=0)
        gain = logsumexp(-log_ratio, axis=0) - math.log(draws)
        errors += [
            entrywise_error(many.reconstruction, alone) / 1e-12,
            entrywise_error(scores.astype(np.float64), alone) / 1e-7,
            entrywise_error(estimate.standard_error, relative) / 1e-5,
            entrywise_error(estimate.log_likelihood - alone, gain, 1.0) / 1e-6,
            entrywise_error(far.kl, far_ratio.mean(axis=0)) / 1e-7,
        ]
    return float(max(errors))


@claim(
    "in single precision, statistics of latents far from 0 are those of the moments, to all digits",
    op="accumulation",
    level="value",
    method="math.fsum of 20,000 float32 means, 1,000 standard deviations from 0, and of the divergences that the op returns",
    tolerance=1e-12,
)
def _statistics(subject: Subject, rng: np.random.Generator) -> float:
    mu = (rng.standard_normal((20_000, 3)) + [1000, -1000, 0]).astype(np.float32)
    logvar = rng.standard_normal(mu.shape).astype(np.float32)
    with on_backend(subject.ops):
        got, terms = statistics_of(mu, logvar), subject.ops.gaussian_kl_terms(mu, logvar)
    columns = [column.astype(np.float64) for column in mu.T]
    middles = [math.fsum(column) / len(mu) for column in columns]
    spread = [math.fsum((column - middle) ** 2) / len(mu) for column, middle in zip(columns, middles, strict=True)]
    return max(
        entrywise_error(got.variance, np.array(spread)), entrywise_error(got.kl, np.array([mean([t]) for t in terms.T]))
    )


@claim(
    "in single precision, a variational model begins at the exact moments of its data",
    op="accumulation",
    level="value",
    method="math.fsum of 20,000 float32 rows, 1,000 standard deviations from 0: means, deviations, variance; in rounding errors",
    tolerance=2.0,
)
def _beginning(subject: Subject, rng: np.random.Generator) -> float:
    x = (rng.standard_normal((20_000, 3)) * [0.1, 0.2, 0.29] + [100, -200, 290]).astype(np.float32)
    still = {"optimizer": "sgd", "learning_rate": 1e-30, "batch_size": len(x), "variance": "learned"}
    begun = []
    for rows in (x, rng.integers(0, 2, x.shape).astype(np.float32)):
        likelihood = "gaussian" if rows is x else "bernoulli"
        given = still if rows is x else {**still, "variance": 1.0}
        with on_backend(subject.ops):
            model = subject.models.VariationalAutoencoder(**{**COMMON, **given, "likelihood": likelihood})
            begun.append(model.fit(rows).parameters_)
    real, plain = begun
    columns = [column.astype(np.float64) for column in x.T]
    middles = np.array([math.fsum(column) / len(x) for column in columns])
    pairs = zip(columns, middles, strict=True)
    variances = np.array([math.fsum((column - middle) ** 2) / len(x) for column, middle in pairs])
    deviations = plain["encoder.0.W"].astype(np.float64) / real["encoder.0.W"]
    found = [
        entrywise_error(real["decoder.0.b"].astype(np.float64), middles),
        entrywise_error(deviations, np.sqrt(variances)[:, None] * np.ones_like(deviations)),
        entrywise_error(real["decoder.logvar"].astype(np.float64), np.log([variances.mean()])),
    ]
    return max(found) / float(np.finfo(np.float32).eps)


# Sums over the rows of a batch.
BATCH = 300_000


def _columns(rng: np.random.Generator) -> tuple[Array, list[float]]:
    """Return many rows of numbers in [0.2, 0.7], and the exact mean of each column."""
    numbers = (0.2 + 0.5 * rng.random((BATCH, 3))).astype(np.float32)
    return numbers, [mean([column]) for column in numbers.T]


@claim(
    "in single precision, the mean activations of 300,000 rows keep their digits",
    op="sparsity_kl",
    equation="sparsity_kl.1 sparsity_kl.2 sparsity_kl.4",
    level="value",
    method="math.fsum of the float32 activations, the divergence and its gradient in float64, both backends",
    tolerance=1e-6,
)
def _mean_activations(subject: Subject, rng: np.random.Generator) -> float:
    (h, means), rho, errors = _columns(rng), 0.1, []
    value = sum(rho * math.log(rho / m) + (1 - rho) * math.log((1 - rho) / (1 - m)) for m in means)
    slopes = np.array([((1 - rho) / (1 - m) - rho / m) / BATCH for m in means])
    for room in (subject.ops, subject.kernels):
        errors.append(abs(float(room.sparsity_kl(h, rho)) / value - 1))
        gradient = room.sparsity_kl_backward(1.0, h, rho)
        if gradient.shape != h.shape or (gradient != gradient[0]).any():
            return np.inf
        errors.append(entrywise_error(gradient[0].astype(np.float64), slopes))
    return max(errors)


@claim(
    "in single precision, the divergences with free bits of 300,000 rows keep their digits",
    op="free_bits",
    equation="free_bits.1 free_bits.2 free_bits.3",
    level="value",
    method="math.fsum of the float32 terms; floors on both sides of every mean, 2e-7 away, decide the gradient; both backends",
    tolerance=2e-7,
)
def _free_bits(subject: Subject, rng: np.random.Generator) -> float:
    (terms, means), errors = _columns(rng), []
    for room in (subject.ops, subject.kernels):
        errors.append(abs(float(room.free_bits(terms, 0.1)) / math.fsum(means) - 1))
        for j, middle in enumerate(means):
            below, above = (
                room.free_bits_backward(1.0, terms, middle * factor)[:, j] for factor in (1 - 2e-7, 1 + 2e-7)
            )
            if entrywise_error(below.astype(np.float64), np.full(BATCH, 1 / BATCH)) > 1e-7 or above.any():
                return np.inf
    return max(errors)
