"""Claims about generation, compared with direct computations: decoded codes, samples, paths between two examples, a grid."""

from __future__ import annotations

import numpy as np

import scratchae.models.blocks as blocks
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.definitions import chain
from scratchae.verify.derivatives import Array, entrywise_error
from scratchae.verify.reported import CLASSES, GAUSSIAN, REAL, in_blocks, two_rooms
from scratchae.verify.reported_bounds import CVAE, MODELS, VAE, WORDS, BoundCase

CONDITIONAL = {"hidden_sizes": (5,), "activation": "tanh"}


def decoded(case: BoundCase, z: Array, places: Array | None = None) -> Array:
    """Compute the means of p(x|z), or of p(x|z, y) for a conditional model."""
    c = np.zeros((len(z), 0)) if places is None else np.eye(CLASSES)[places]
    units = [case.options.activation] * len(case.options.hidden_sizes) + ["identity"]
    output = chain(case.parameters, "decoder", np.hstack([z, c]), units)[-1]
    return 1 / (1 + np.exp(-output)) if case.options.likelihood == "bernoulli" else output


def means_of(case: BoundCase, x: Array, places: Array) -> Array:
    """Compute the means of q(z|x), or of q(z|x, y)."""
    c = np.eye(CLASSES)[places] if case.given else np.zeros((len(x), 0))
    units = [case.options.activation] * len(case.options.hidden_sizes) + ["identity"]
    return chain(case.parameters, "encoder", np.hstack([x, c]), units)[-1][:, : case.options.latent_dim]


@claim(
    "a variational model decodes the codes that it is given, and reconstructs from the mean of q",
    op=VAE,
    equation="variational.3",
    level="value",
    method="decode, reconstruct, transform and inverse_transform by hand, with classes where there are any, in blocks, both backends",
    tolerance=1e-14,
)
def _decode(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, size in ((23, 5), (REAL, blocks.BLOCK)):
        for room in two_rooms(subject):
            with on_backend(room), in_blocks(size):
                for name, options in MODELS:
                    case = BoundCase(subject, rng, name, options, rows)
                    places, z = case.places if case.given else None, rng.standard_normal((rows, 2))
                    mean = decoded(case, means_of(case, case.x, case.places), places)
                    pairs = [
                        (case.model.decode(z, *case.given), decoded(case, z, places)),
                        (case.model.reconstruct(case.x, *case.given), mean),
                    ]
                    if not case.given:
                        pairs.append((case.model.inverse_transform(case.model.transform(case.x)), mean))
                    worst = max(worst, *(entrywise_error(got, expected, 1.0) for got, expected in pairs))
    return worst


@claim(
    "sample decodes draws of the prior by its seed",
    op=VAE,
    level="value",
    method="by hand from default_rng(seed).standard_normal((n, J)), both likelihoods, both backends",
    tolerance=1e-14,
)
def _sample(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for room in two_rooms(subject):
        with on_backend(room), in_blocks(5):
            for name, options in MODELS[:2] + MODELS[4:6]:
                case = BoundCase(subject, rng, name, options, 9)
                z = np.random.default_rng(4).standard_normal((13, 2))
                got = case.model.sample(13, seed=4, noise=False)
                worst = max(worst, entrywise_error(got, decoded(case, z), 1.0))
    return worst


def with_noise(case: BoundCase, means: Array, seed: int) -> Array:
    """Return draws of x around the means: normal features, or pixels that are white where a uniform number is below the mean."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    if case.options.likelihood == "bernoulli":
        return np.where(rng.random(means.shape) < means, 1.0, 0.0)
    variance = case.options.variance
    if isinstance(variance, str):
        variance = np.exp(case.parameters["decoder.logvar"])
    return means + np.sqrt(variance) * rng.standard_normal(means.shape)


@claim(
    "sample adds the observation noise of the likelihood to the same draws of z, by default for a Gaussian alone",
    op=VAE,
    equation="gaussian_nll.1 gaussian_nll.9",
    level="value",
    method="by hand from a second generator; one variance and one per feature, given and learned; pixels; with classes; in blocks, both backends",
    tolerance=1e-13,
)
def _observed(subject: Subject, rng: np.random.Generator) -> float:
    worst, z = 0.0, np.random.default_rng(4).standard_normal((13, 2))
    for room in two_rooms(subject):
        with on_backend(room), in_blocks(5):
            for name, options in MODELS:
                case = BoundCase(subject, rng, name, options, 9)
                y = {"y": "kiwi"} if case.given else {}
                means = decoded(case, z, np.ones(13, int) if y else None)
                drawn = with_noise(case, means, 4)
                usual = means if case.options.likelihood == "bernoulli" else drawn
                pairs = [(None, usual), (True, drawn), (False, means)]
                for noise, expected in pairs:
                    got = case.model.sample(13, seed=4, noise=noise, **y)
                    worst = max(worst, entrywise_error(got, expected, 1.0))
                first = case.model.sample(4, seed=4, noise=True, **y)
                worst = max(worst, entrywise_error(first, drawn[:4], 1.0))
    return worst


@claim(
    "a conditional model decodes, samples and walks within the class that it is given",
    op=CVAE,
    equation="conditional.1",
    level="value",
    method="by hand with classes in alphabetical order: one word for all rows, and one for each; both backends",
    tolerance=1e-14,
)
def _of_a_class(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    worst, z = 0.0, np.random.default_rng(4).standard_normal((13, 2))
    for room in two_rooms(subject):
        with on_backend(room), in_blocks(5):
            case = BoundCase(subject, rng, CVAE, CONDITIONAL, 9)
            each = WORDS[np.arange(13) % 3]
            places = np.searchsorted(np.sort(WORDS), each)
            ones = np.ones(13, int)  # of "kiwi"
            quantiles = norm.ppf((np.arange(3) + 0.5) / 3)
            grid = np.array([(quantiles[i], quantiles[2 - row]) for row in range(3) for i in range(3)])
            a, b = means_of(case, case.x[:2], ones[:2])
            path = np.array([a + t * (b - a) for t in np.arange(7) / 6])
            pairs = [
                (case.model.sample(13, y=each, seed=4), decoded(case, z, places)),
                (case.model.sample(13, y="kiwi", seed=4), decoded(case, z, ones)),
                (case.model.decode(z, "kiwi"), decoded(case, z, ones)),
                (case.model.latent_grid(3, y="kiwi"), decoded(case, grid, ones[:9])),
                (case.model.interpolate(case.x[0], case.x[1], 7, y="kiwi"), decoded(case, path, ones[:7])),
            ]
            worst = max(worst, *(entrywise_error(got, expected, 1.0) for got, expected in pairs))
    return worst


def arc(a: Array, b: Array, n: int) -> Array:
    """Return n points from a to b whose direction rotates uniformly from a to b and whose length changes linearly."""
    first = a / np.sqrt(a @ a)
    across = b - (b @ first) * first
    across = across / np.sqrt(across @ across)
    angle = np.arctan2(b @ across, b @ first)
    points = []
    for t in np.arange(n) / (n - 1):
        length = (1 - t) * np.sqrt(a @ a) + t * np.sqrt(b @ b)
        points.append(length * (np.cos(t * angle) * first + np.sin(t * angle) * across))
    return np.array(points)


@claim(
    "interpolate decodes a straight line, or an arc, between two means",
    op=VAE,
    level="value",
    method="by hand: evenly along the line; turned evenly in the plane of both ends, lengths changing evenly; ends of different lengths",
    tolerance=2e-13,
)
def _interpolate(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for room in two_rooms(subject):
        with on_backend(room), in_blocks(3):
            for options in ({"hidden_sizes": (5,)}, {"hidden_sizes": (), **GAUSSIAN}):
                case = BoundCase(subject, rng, VAE, options, 9)
                a, b = means_of(case, case.x[:2], case.places[:2])
                if max(a @ a, b @ b) < 1.1 * min(a @ a, b @ b):
                    return np.inf
                line = np.array([a + t * (b - a) for t in np.arange(6) / 5])
                got = case.model.interpolate(case.x[0], case.x[1], 2)
                worst = max(worst, entrywise_error(got, decoded(case, np.array([a, b])), 1.0))
                got = case.model.interpolate(case.x[0], case.x[1], 6)
                worst = max(worst, entrywise_error(got, decoded(case, line), 1.0))
                got = case.model.interpolate(case.x[0], case.x[1], 6, method="spherical")
                worst = max(worst, entrywise_error(got, decoded(case, arc(a, b, 6)), 1.0))
    return worst


@claim(
    "an arc's ends are the codes, its middle has their mean length; without an arc it is the line",
    op=VAE,
    level="meaning",
    method="random codes of unequal lengths; one of zero, one opposite, one parallel",
    tolerance=1e-13,
)
def _arc(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.models.generation import path_between

    worst = 0.0
    for J in (2, 3, 20):
        a, b = rng.standard_normal(J), 3 * rng.standard_normal(J)
        path = path_between(a, b, 9, "spherical")
        lengths = np.linalg.norm(path, axis=1)
        even = np.linspace(lengths[0], lengths[-1], 9)
        steps = (path[1:] * path[:-1]).sum(axis=1) / (
            lengths[1:] * lengths[:-1]
        )  # cosines of the angles between neighbours
        pairs = [
            (path, arc(a, b, 9)),
            (path[[0, -1]], np.array([a, b])),
            (lengths, even),
            (steps, np.full(8, steps[0])),
        ]
        worst = max(worst, *(entrywise_error(got, expected, 1.0) for got, expected in pairs))
        for other in (np.zeros(J), -2 * a, 3 * a):
            line = np.array([(1 - t) * a + t * other for t in np.arange(5) / 4])
            worst = max(worst, entrywise_error(path_between(a, other, 5, "spherical"), line, 1.0))
    return worst


@claim(
    "latent_grid steps evenly in probability: the first dimension to the right, the second upwards",
    op=VAE,
    level="value",
    method="by hand: quantiles (i + 1/2) / n of scipy.stats.norm, dimensions in either order, and a code of one",
    tolerance=1e-13,
)
def _grid(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    worst = 0.0
    for room in two_rooms(subject):
        with on_backend(room), in_blocks(5):
            for n, dimensions, J in ((4, (0, 1), 3), (3, (2, 0), 3), (1, (0, 1), 2), (5, (0, 1), 1)):
                case = BoundCase(subject, rng, VAE, {"hidden_sizes": (5,), "latent_dim": J}, 9)
                quantiles, z = norm.ppf((np.arange(n) + 0.5) / n), np.zeros((n, n, J))
                for row in range(n):  # from the top
                    for column in range(n):
                        z[row, column, dimensions[0]] = quantiles[column]
                        if J > 1:
                            z[row, column, dimensions[1]] = quantiles[n - 1 - row]
                got = case.model.latent_grid(n, *([dimensions] if J > 1 else []))
                worst = max(worst, entrywise_error(got, decoded(case, z.reshape(n * n, J)), 1.0))
    return worst
