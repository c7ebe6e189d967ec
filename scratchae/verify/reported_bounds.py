"""Claims about the results of fitted variational autoencoders: moments, bounds, likelihoods with standard errors, latent statistics.

The reference is `definitions.variational` with the documented noise, and SciPy's `logsumexp`. There are more draws and rows than fit in a
block, with a partial last block.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

import scratchae.models.blocks as blocks
import scratchae.models.latent_statistics as latent
from scratchae.models.fitting import Data
from scratchae.verify.autoencoder import on_backend, trained
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.definitions import chain, options_of, variational
from scratchae.verify.derivatives import Array, entrywise_error
from scratchae.verify.linear_gaussian import _linear
from scratchae.verify.plain_training import stream, validation_noise_of
from scratchae.verify.reported import CLASSES, COMMON, FEATURES, GAUSSIAN, REAL, moved, two_rooms
from scratchae.verify.row_noise import digits_of, normals_of, uniform_of

VAE, IWAE, CVAE = "VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"
WORDS = np.array(["pear", "apple", "kiwi"])  # in alphabetical order: apple, kiwi, pear
MODELS: list[tuple[str, dict[str, Any]]] = [
    (VAE, {"hidden_sizes": (5,), "activation": "tanh", "n_samples": 2, "beta": 3.0}),
    (VAE, {"hidden_sizes": (), "n_samples": 3, "variance": 0.3, "free_bits": 0.5, "beta": 0.4, **GAUSSIAN}),
    (VAE, {"hidden_sizes": (6, 4), "activation": "sigmoid", "binarize": "dynamic", "kl": "sampled", "beta": 3.0}),
    (VAE, {"hidden_sizes": (4,), "binarize": "threshold", "beta": 3.0}),
    (IWAE, {"hidden_sizes": (5,), "activation": "relu", "n_samples": 4}),
    (IWAE, {"hidden_sizes": (5,), "n_samples": 3, "variance": "learned", **GAUSSIAN}),
    (IWAE, {"hidden_sizes": (4,), "n_samples": 2, "binarize": "static"}),
    (CVAE, {"hidden_sizes": (5,), "activation": "tanh", "n_samples": 2, "beta": 3.0}),
    (CVAE, {"hidden_sizes": (5,), "n_samples": 3, "variance": 0.3, **GAUSSIAN}),
    (VAE, {"hidden_sizes": (5,), "n_samples": 2, "variance": "learned_per_feature", **GAUSSIAN}),
    (CVAE, {"hidden_sizes": (5,), "n_samples": 2, "variance": (0.3, 2.0, 0.4, 0.7, 1.0, 0.9, 5.0), **GAUSSIAN}),
]


@contextmanager
def small_blocks(rows: int) -> Iterator[None]:
    """Set the number of rows, or of draws of rows, in a block."""
    with lowered(blocks, BLOCK=rows):
        yield


class BoundCase:
    """A model with its rows, and the inputs of its reference.

    Parameters
    ----------
    subject : Subject
    rng : numpy.random.Generator
    name : str
    options : dict
    rows : int
    """

    def __init__(
        self, subject: Subject, rng: np.random.Generator, name: str, options: dict[str, Any], rows: int
    ) -> None:
        self.x, self.places = rng.random((rows, FEATURES)), (2 * np.arange(rows) + 1) % CLASSES
        self.x[::2, 0], self.x[1, 1:3], self.x[2, 1:3] = 0.5, 0, 1  # as grey as can be, black and white
        labels = np.sort(WORDS)[self.places]
        self.model = moved(subject, name, self.x, labels, **{"latent_dim": 2, **options})
        self.given = (labels,) if name == CVAE else ()  # arguments of its methods after the rows
        self.options, self.parameters = options_of(self.model), self.model.parameters_

    def seen(self, seed: int) -> Array:
        """Return the rows as used in evaluation."""
        way = self.options.binarize
        if way == "threshold":
            return np.where(self.x > 0.5, 1.0, 0.0)
        white = np.random.default_rng([seed, 1]).random(self.x.shape) < self.x
        return self.x if way == "none" else np.where(white, 1.0, 0.0)

    def at(self, draws: int, seed: int) -> dict[str, Any]:
        """Return the quantities of the definition for the given number of draws from one call of the seed's generator."""
        eps = np.random.default_rng(seed).standard_normal((draws, len(self.x), self.options.latent_dim))
        return variational(self.options, self.parameters, self.seen(seed), self.places, eps)


def _cases(subject: Subject, rng: np.random.Generator, rows: int) -> Iterator[BoundCase]:
    for room in two_rooms(subject):
        with on_backend(room):
            for name, options in MODELS:
                yield BoundCase(subject, rng, name, options, rows)


@claim(
    "posterior gives the moments of the encoder, and encode the means",
    op=VAE,
    equation="variational.1",
    level="value",
    method="by hand, all variational models, in several blocks, both backends",
    tolerance=1e-14,
)
def _posterior(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, size in ((23, 5), (REAL, blocks.BLOCK)):
        with small_blocks(size):
            for case in _cases(subject, rng, rows):
                c = np.eye(CLASSES)[case.places] if case.given else np.zeros((rows, 0))
                units = [case.options.activation] * len(case.options.hidden_sizes) + ["identity"]
                moments = chain(case.parameters, "encoder", np.hstack([case.x, c]), units)[-1]
                got = case.model.posterior(case.x, *case.given)
                worst = max(worst, entrywise_error(np.hstack(got), moments, 1.0))
                worst = max(worst, entrywise_error(case.model.encode(case.x, *case.given), moments[:, :2], 1.0))
    return worst


@claim(
    "elbo is the mean of log p(x|z) over its draws minus the divergence",
    op=VAE,
    equation="variational.2 variational.3 variational.4 variational.5",
    level="value",
    method="by hand at the draws of one default_rng(seed) call: 1, 3, 5 and the model's own, in pieces, both backends",
    tolerance=2e-13,
)
def _elbo(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for size in (13, 4, blocks.BLOCK):  # two draws of six rows at a time, then one in two parts, then all
        with small_blocks(size):
            for case in _cases(subject, rng, 6):
                for draws, seed, kl in (
                    (1, 2, "analytic"),
                    (3, 5, "sampled"),
                    (5, 5, "analytic"),
                    (None, 7, "sampled"),
                ):
                    got = case.model.elbo(case.x, *case.given, n_samples=draws, seed=seed, kl=kl)
                    found = case.at(case.options.n_samples if draws is None else draws, seed)
                    log_p = -found["nll"].mean(axis=0)
                    terms = found["log_ratio"].mean(axis=0) if kl == "sampled" else found["kl_terms"].sum(axis=1)
                    expected = (log_p - terms, log_p, terms)
                    worst = max(worst, *(entrywise_error(a, b, 1.0) for a, b in zip(got, expected, strict=True)))
                    if (got.elbo != got.reconstruction - got.kl).any():
                        return np.inf
    return worst


@claim(
    "log_likelihood is the log of the mean importance weight, its standard error that of the mean",
    op=VAE,
    equation="log_mean_exp.1",
    level="value",
    method="scipy.special.logsumexp over 1, 2, 7 draws of one seed, and std (ddof=1) / root L / mean; in pieces, both backends",
    tolerance=1e-12,
)
def _log_likelihood(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for size in (13, 4, blocks.BLOCK):
        with small_blocks(size):
            for case in _cases(subject, rng, 6):
                for draws, seed in ((1, 2), (2, 5), (7, 6)):
                    got = case.model.log_likelihood(case.x, *case.given, n_samples=draws, seed=seed)
                    worst = max(worst, _likelihood_error(got, case.at(draws, seed)["log_w"]))
    return worst


def _likelihood_error(got: Any, log_w: Array) -> float:
    """Return the largest error of an estimate and its standard error, given the log-weights, shape (L, N)."""
    from scipy.special import logsumexp

    draws = len(log_w)
    error = entrywise_error(got.log_likelihood, logsumexp(log_w, axis=0) - math.log(draws), 1.0)
    if draws == 1:
        return error if np.isnan(got.standard_error).all() else np.inf
    weights = np.exp(log_w - log_w.max(axis=0))
    expected = weights.std(axis=0, ddof=1) / math.sqrt(draws) / weights.mean(axis=0)
    # Their difference from their mean has fewer digits than the weights.
    return max(error, entrywise_error(got.standard_error, expected, 1.0))


@claim(
    "log_likelihood is right where weights differ by hundreds of nats, the largest in any piece",
    op=VAE,
    equation="log_mean_exp.1",
    level="value",
    method="scipy.special.logsumexp, narrow normal decoder, 1,000 draws in one piece and in many",
    tolerance=1e-12,
)
def _far_weights(subject: Subject, rng: np.random.Generator) -> float:
    worst, options = 0.0, {"hidden_sizes": (5,), "activation": "tanh", "variance": 2e-4, **GAUSSIAN}
    for room in two_rooms(subject):
        for rows, draws, size in ((10, 1000, blocks.BLOCK), (6, 20, 13)):
            with on_backend(room), small_blocks(size):
                case = BoundCase(subject, rng, VAE, options, rows)
                got, log_w = case.model.log_likelihood(case.x, draws, seed=4), case.at(draws, 4)["log_w"]
            if np.ptp(log_w, axis=0).min() < 800:  # differences for which exp underflows to 0
                return np.inf
            worst = max(worst, _likelihood_error(got, log_w))
    return worst


@claim(
    "log_likelihood's standard error covers",
    op=VAE,
    equation="log_mean_exp.1 linear_gaussian.3",
    level="meaning",
    method="share of 2,000 intervals of ±1.96 standard errors that hold the exact p(x), against 95 %: its distance in binomial deviations",
    tolerance=4,
)
def _coverage(subject: Subject, rng: np.random.Generator) -> float:
    with on_backend(subject.ops):
        model, exact, x = _linear(subject, rng, wrong=0.1)
        x = np.repeat(x, 40, axis=0)
        held = []
        for seed in range(10):
            found = model.log_likelihood(x, 400, seed=seed)
            shares = np.exp(found.log_likelihood - exact.log_likelihood(x))  # of the exact p(x)
            held.append(abs(shares - 1) <= 1.96 * shares * found.standard_error)
    count = np.concatenate(held)
    return float(abs(count.mean() - 0.95) / math.sqrt(0.95 * 0.05 / count.size))


def _scores_by_hand(case: BoundCase) -> Array:
    """Return the score of each row with noise of its own: first eps, then, after two numbers for each, that of the binarisation."""
    from scipy.special import logsumexp

    o, scores = case.options, []
    for n, row in enumerate(case.x):
        numbers = o.n_samples * o.latent_dim
        eps = normals_of(row, numbers).reshape(o.n_samples, o.latent_dim)
        seen = row
        if o.binarize == "threshold":
            seen = np.where(row > 0.5, 1.0, 0.0)
        elif o.binarize != "none":
            u = [uniform_of(row, 2 * numbers + d, digits_of(row)) for d in range(row.size)]
            seen = np.where(u < row, 1.0, 0.0)
        found = variational(o, case.parameters, seen[None], case.places[n : n + 1], eps[:, None])
        if o.kind == IWAE:
            scores.append(logsumexp(found["log_w"][:, 0]) - math.log(o.n_samples))
        else:
            scores.append(-found["nll"].mean() - found["kl_terms"].sum())
    return np.array(scores)


@claim(
    "score_samples is the bound of each row at noise of its own",
    op=IWAE,
    equation="importance_weighted.2 log_mean_exp.1",
    level="value",
    method="row by row by hand, in pieces, both backends; the mean bound, or the log of the mean weight",
    tolerance=4e-14,
)
def _scores(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for size in (10, 1, blocks.BLOCK):
        with small_blocks(size):
            for case in _cases(subject, rng, 11):
                if not case.given:
                    expected = _scores_by_hand(case)
                    worst = max(worst, entrywise_error(case.model.score_samples(case.x), expected, 1.0))
                    mean = np.array(math.fsum(expected) / len(expected))
                    worst = max(worst, entrywise_error(np.array(case.model.score(case.x)), mean, 1.0))
    return worst


@claim(
    "no block of the inference is larger than promised, however many rows and draws there are",
    op=VAE,
    level="meaning",
    method="rows that layers are given, and draws that are made at once, counted, beyond a block of 12; few draws of many rows, and many of few",
    tolerance=0,
)
def _no_larger(subject: Subject, rng: np.random.Generator) -> float:
    seen: list[int] = []

    def watched(x: Array, *rest: Any) -> Array:
        seen.append(len(x))
        return subject.ops.layer(x, *rest)

    def drawn(mu: Array, logvar: Array, eps: Array) -> Array:
        seen.append(eps.shape[0] * min(eps.shape[1], 12))  # a single draw of more rows than a block is allowed
        return subject.ops.reparameterize(mu, logvar, eps)

    room, too_many = SimpleNamespace(**{**vars(subject.ops), "layer": watched, "reparameterize": drawn}), 0
    with on_backend(room), small_blocks(12):
        for name, options in MODELS[:1] + MODELS[4:5]:
            case, many = BoundCase(subject, rng, name, options, 5), rng.random((50, FEATURES))
            seen.clear()
            for rows, draws in ((5, 9), (11, 2), (50, 3)):
                case.model.log_likelihood(many[:rows], draws)
                case.model.elbo(many[:rows], draws)
            for method in (case.model.encode, case.model.reconstruct, case.model.score_samples, case.model.posterior):
                method(many)
            too_many += max(seen) > 12
    return float(too_many)


@claim(
    "a row's score does not depend on the others",
    op=VAE,
    level="meaning",
    method="scores of rows in another order, alone, and with others",
    tolerance=1e-14,
)
def _alone(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for case in _cases(subject, rng, 9):
        if not case.given:
            scores, order = case.model.score_samples(case.x), rng.permutation(9)
            worst = max(worst, entrywise_error(case.model.score_samples(case.x[order]), scores[order], 1.0))
            alone = np.concatenate([case.model.score_samples(row[None]) for row in case.x])
            worst = max(worst, entrywise_error(alone, scores, 1.0))
    return worst


@claim(
    "a ConditionalVariationalAutoencoder's score is the mean bound of the rows and their classes",
    op=CVAE,
    equation="conditional.1",
    level="value",
    method="row by row by hand, in pieces, labels that are words, both backends",
    tolerance=1e-14,
)
def _conditional_score(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for size in (13, blocks.BLOCK):
        with small_blocks(size):
            for case in _cases(subject, rng, 6):
                if case.given:
                    expected = _scores_by_hand(case)
                    got = np.array(case.model.score(case.x, *case.given))
                    worst = max(worst, entrywise_error(got, np.array(math.fsum(expected) / 6), 1.0))
                    if list(case.model.classes_) != sorted(WORDS):
                        return np.inf
    return worst


@claim(
    "latent_statistics tells the mean divergence, the variance of the means, and what is active, dimension by dimension",
    op=VAE,
    level="value",
    method="by hand; variances on both sides of 0.01, where deviations and sample variances decide otherwise",
    tolerance=1e-13,
)
def _statistics(subject: Subject, rng: np.random.Generator) -> float:
    variances = np.array(
        [0.0099, 0.0101, 0.0064, 0.5, 0.0]
    )  # times 10/9, the first is above 0.01; the root of the third is
    x = rng.random((10, FEATURES))
    centred = x[:, 0] - x[:, 0].mean()
    for room in two_rooms(subject):
        with on_backend(room), small_blocks(4):
            model = moved(subject, VAE, x, hidden_sizes=(), latent_dim=5)
            p = model.parameters_
            p["encoder.0.W"][:, :5], p["encoder.0.b"][:5] = 0, [3.0, -2.0, 0.5, 0.0, 1.0]
            p["encoder.0.W"][0, :5] = np.sqrt(variances / (centred**2).mean())
            got, log_variance = model.latent_statistics(x), x @ p["encoder.0.W"][:, 5:] + p["encoder.0.b"][5:]
            mu = x @ p["encoder.0.W"][:, :5] + p["encoder.0.b"][:5]
        kl = ((mu**2 + np.exp(log_variance) - log_variance - 1) / 2).sum(axis=0) / 10
        if got.active.tolist() != [False, True, False, True, False]:
            return np.inf
        errors = entrywise_error(got.kl, kl), entrywise_error(got.variance, variances, 1.0)
        if max(errors) > 1e-13:
            return max(errors)
        with lowered(latent, ACTIVE_FROM=0.25):  # not exceeded by the variance of ±1/2
            p["encoder.0.W"][0, :5] = 0.5
            ends = np.where(np.arange(10)[:, None] < 5, 1.0, -1.0) * np.ones(FEATURES)
            p["encoder.0.W"][1:, :5], p["encoder.0.b"][:5] = 0, 0
            if model.latent_statistics(ends).active.any():
                return np.inf
    return max(errors)


@claim(
    "the history tells the reconstruction and the divergence of the validation data, unweighted",
    op=VAE,
    equation="variational.5",
    level="value",
    method="by hand at the noise of validation, beta not 1, in several blocks, both backends",
    tolerance=1e-14,
)
def _terms_in_history(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for room in ("numpy", "numba"):
        with on_backend(room), small_blocks(5):
            for name, options in MODELS:
                x, held_out, places = rng.random((12, FEATURES)), rng.random((13, FEATURES)), np.arange(13) % CLASSES
                model = getattr(subject.models, name)(**{**COMMON, "epochs": 2, "latent_dim": 2, **options})
                labelled = (held_out, places) if name == CVAE else held_out
                history = trained(model, x, places[:12], validation_data=labelled).history_
                o, seen = options_of(model), held_out
                eps, u = validation_noise_of(o, stream(3, 3), held_out.shape)
                if o.binarize == "threshold":
                    seen = np.where(held_out > 0.5, 1.0, 0.0)
                elif o.binarize != "none":
                    u = np.random.default_rng([3, 1]).random(held_out.shape) if o.binarize == "static" else u
                    seen = np.where(u < held_out, 1.0, 0.0)
                found = variational(o, model.parameters_, seen, places, eps)
                got = history["val_reconstruction"][-1], history["val_kl"][-1]
                expected = -found["nll"].mean(), found["kl_terms"].sum(axis=1).mean()
                worst = max(worst, entrywise_error(np.array(got), np.array(expected)))
    return worst


@claim(
    "the KL's weight rises evenly over the epochs of the warm-up, and then stays",
    op=VAE,
    equation="variational.13",
    level="value",
    method="from the losses of epochs with constant parameters, both backends",
    tolerance=1e-12,
)
def _warm_up(subject: Subject, rng: np.random.Generator) -> float:
    x, worst = rng.random((9, FEATURES)), 0.0
    for room in ("numpy", "numba"):
        for epochs_of_warm_up, weights in (
            (3, (1 / 3, 2 / 3, 1, 1, 1)),
            (1, (1,) * 5),
            (0, (1,) * 5),
            (7, np.arange(1, 6) / 7),
        ):
            with on_backend(room):
                still = {**COMMON, "optimizer": "sgd", "learning_rate": 1e-300, "epochs": 5, "batch_size": 9}
                options = {"hidden_sizes": (5,), "latent_dim": 2, "beta": 2.5, "warm_up": epochs_of_warm_up}
                model = subject.models.VariationalAutoencoder(**still, **options).fit(x, validation_data=x)
            o, found = options_of(model), []
            for epoch in range(5):
                order, eps = stream(3, 1, epoch).permutation(9), stream(3, 2, epoch).standard_normal((1, 9, 2))
                terms = variational(o, model.parameters_, x[order], None, eps)
                divergence = terms["kl_terms"].sum(axis=1).mean()
                found.append((model.history_["loss"][epoch] - terms["nll"].mean()) / divergence)
            worst = max(worst, entrywise_error(np.array(found), 2.5 * np.array(weights)))
            held = model.history_["val_loss"], model.history_["val_kl"], model.history_["val_reconstruction"]
            losses, divergences, log_p = (np.array(values) for values in held)  # the whole beta, in every epoch
            worst = max(worst, entrywise_error(losses, 2.5 * divergences - log_p))
    return worst


@claim(
    "a posterior that has collapsed is told after the training, and no other",
    op=VAE,
    level="meaning",
    method="divergences on both sides of 0.01 nats, means that all rows share, and means that differ by little",
    tolerance=0,
)
def _collapse(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((10, FEATURES)), 0
    deviation = x[:, 0].std()
    with on_backend(subject.ops):
        model = moved(subject, VAE, x, hidden_sizes=(), latent_dim=2)
        W, b = (model.parameters_[f"encoder.0.{name}"] for name in ("W", "b"))
        # Mean and deviation of the first dimension's means; the others are the prior's. With both, the divergence is half the mean square.
        for mean, spread, told in (
            (math.sqrt(2 * 0.0098), 1e-3, True),
            (math.sqrt(2 * 0.0102), 1e-3, False),
            (1.0, 0.9e-4, True),
            (1.0, 1.1e-4, False),
        ):
            W[...], b[...] = 0, 0
            W[0, 0] = spread / deviation
            b[0] = mean - x[:, 0].mean() * W[0, 0]
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                model._after_training(Data(x))
            wrong += bool(found) != told
        with warnings.catch_warnings(record=True) as found:
            model._after_training(Data(x[:1]))  # a single row has no variance of means, but its KL is large enough
        wrong += len(found)
    return float(wrong)


@claim(
    "bounds and likelihoods have the numbers of draws and the seeds that they are documented with",
    op=VAE,
    level="meaning",
    method="called with and without: the model's own draws and 1,000; seed 0; the analytic divergence",
    tolerance=0,
)
def _defaults(subject: Subject, rng: np.random.Generator) -> float:
    differing = 0
    for case in _cases(subject, rng, 5):
        model, own = case.model, case.options.n_samples
        pairs = [
            (model.elbo(case.x, *case.given), model.elbo(case.x, *case.given, n_samples=own, seed=0, kl="analytic")),
            (
                model.log_likelihood(case.x, *case.given),
                model.log_likelihood(case.x, *case.given, n_samples=1000, seed=0),
            ),
        ]
        differing += sum(int((a != b).sum()) for one, other in pairs for a, b in zip(one, other, strict=True))
        other = model.elbo(case.x, *case.given, n_samples=own, seed=1, kl="analytic").reconstruction
        differing += bool((other == pairs[0][0].reconstruction).any())
        y = {"y": "kiwi"} if case.given else {}
        differing += int((model.sample(3, **y) != model.sample(3, seed=0, **y)).sum())
        differing += len(model.interpolate(*case.x[:2], **y)) != 10 or len(model.latent_grid(**y)) != 400
    return float(differing)


@claim(
    "in single precision, variational models report what they do in double precision",
    op=VAE,
    level="value",
    method="bounds, likelihoods and scores of both at the same noise, both backends",
    tolerance=1e-5,
)
@np.errstate(invalid="ignore")  # as in `reported._single`
def _single(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for room in two_rooms(subject):
        with on_backend(room):
            for name, options in MODELS[:2] + MODELS[4:6] + MODELS[7:]:
                case = BoundCase(subject, rng, name, {**options, "dtype": "float32"}, 6)
                case.x = case.x.astype(np.float32)
                case.parameters = {key: value.astype(np.float64) for key, value in case.parameters.items()}
                found, draws = case.at(3, 2), {"n_samples": 3, "seed": 2}
                got = case.model.elbo(case.x, *case.given, **draws)
                log_p, kl = -found["nll"].mean(axis=0), found["kl_terms"].sum(axis=1)
                pairs = [(got.elbo, log_p - kl), (got.reconstruction, log_p), (got.kl, kl)]
                worst = max(worst, *(entrywise_error(a, b, 1.0) for a, b in pairs))
                estimate = case.model.log_likelihood(case.x, *case.given, **draws)
                worst = max(worst, _likelihood_error(estimate, found["log_w"]))
                if not case.given:
                    worst = max(worst, entrywise_error(case.model.score_samples(case.x), _scores_by_hand(case), 1.0))
    return worst
