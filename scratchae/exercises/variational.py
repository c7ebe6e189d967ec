"""The exercises of the variational chapters: divergences, draws, likelihoods, bounds."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.exercises import worked
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Sizes, Task
from scratchae.exercises.inputs import (
    EXTREME_LOGIT,
    black_or_white,
    first,
    layer,
    near_zero,
    normal,
    shares,
    signs,
    steered,
    switched,
    weights,
    with_upstream,
)


def _covariance(rng: np.random.Generator, s: Sizes) -> Arguments:
    root = normal(rng, s.N, s.J, s.J)
    covariance = root @ root.swapaxes(1, 2) / s.J + 0.5 * np.eye(s.J)
    return {"mu": normal(rng, s.N, s.J), "covariance": covariance}


def _tiny_covariance(rng: np.random.Generator, s: Sizes) -> Arguments:
    variances = np.exp(-600 + normal(rng, s.N, s.J))  # their product underflows
    return {"mu": normal(rng, s.N, s.J), "covariance": variances[:, :, None] * np.eye(s.J)}


def _variances(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"mu": normal(rng, s.N, s.J), "variance": np.exp(normal(rng, s.N, s.J))}


def _tiny_variances(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"mu": normal(rng, s.N, s.J), "variance": np.exp(-600 + normal(rng, s.N, s.J))}


def _moments(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"mu": normal(rng, s.N, s.J), "logvar": normal(rng, s.N, s.J)}


def _narrow_or_wide(rng: np.random.Generator, s: Sizes) -> Arguments:
    logvar = 50 * signs(rng, s.N * s.J).reshape(s.N, s.J)
    logvar[0] = -50.0  # the whole row: a single exp(50) would dominate all other entries
    logvar[1:, 0] = 50.0
    return {**_moments(rng, s), "logvar": logvar}


_TINY = "variances of exp(-600)"
GAUSSIAN_KL = Exercise(
    13,
    "gaussian_kl",
    "The KL divergence of a normal distribution from the prior, in three steps",
    "The second term of the evidence lower bound has a closed form. Write it for any covariance, for a diagonal one, and as the one line "
    "that models use; each is equal to the next. And their gradients.",
    ("gaussian_kl",),
    (
        Task(
            ops.gaussian_kl_trace,
            ("kl",),
            _covariance,
            {_TINY: _tiny_covariance},
            hints=("The determinant of a large matrix overflows or vanishes; numpy.linalg can give its logarithm.",),
        ),
        Task(
            ops.gaussian_kl_trace_backward,
            ("dmu", "dcovariance"),
            with_upstream("dkl", _covariance, "N"),
            {_TINY: with_upstream("dkl", _tiny_covariance, "N")},
            hints=("The gradient of log det A with respect to A is its inverse, transposed.",),
            points=2,
        ),
        Task(ops.gaussian_kl_sums, ("kl",), _variances, {_TINY: _tiny_variances}),
        Task(
            ops.gaussian_kl_sums_backward,
            ("dmu", "dvariance"),
            with_upstream("dkl", _variances, "N"),
            {_TINY: with_upstream("dkl", _tiny_variances, "N")},
        ),
        Task(ops.gaussian_kl, ("kl",), _moments, {"log-variances of ±50": _narrow_or_wide}),
        Task(
            ops.gaussian_kl_backward,
            ("dmu", "dlogvar"),
            with_upstream("dkl", _moments, "N"),
            {"log-variances of ±50": with_upstream("dkl", _narrow_or_wide, "N")},
            points=2,
        ),
    ),
)


def _draws(rng: np.random.Generator, s: Sizes) -> Arguments:
    shape = (s.L, s.N, s.J) if s.N % 2 else (s.N, s.J)  # several draws, or one: both are among the shapes
    return {**_moments(rng, s), "eps": normal(rng, *shape)}


def _narrow_draws(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_draws(rng, s), "logvar": -50 + normal(rng, s.N, s.J)}


def _backward(inputs: Inputs) -> Inputs:
    def drawn(rng: np.random.Generator, s: Sizes) -> Arguments:
        forward = inputs(rng, s)
        return {"dz": normal(rng, *forward["eps"].shape), "logvar": forward["logvar"], "eps": forward["eps"]}

    return drawn


_NARROW = "very narrow distributions"  # not by a number: in a variant it is that of another parameter


REPARAMETERIZE = Exercise(
    14,
    "reparameterize",
    "The reparameterisation",
    "Draw from a normal distribution so that the gradient passes through the draw: the noise is an argument, scaled and shifted here.",
    ("reparameterize",),
    (
        Task(
            ops.reparameterize,
            ("z",),
            _draws,
            {_NARROW: _narrow_draws},
            hints=("logvar is the logarithm of the variance, not of the standard deviation.", "Draw nothing here."),
        ),
        Task(
            ops.reparameterize_backward,
            ("dmu", "dlogvar"),
            _backward(_draws),
            {_NARROW: _backward(_narrow_draws)},
            hints=("With several draws the same mu and logvar are used several times.",),
            points=2,
        ),
    ),
)


def _pixels(rng: np.random.Generator, s: Sizes) -> Arguments:
    p = rng.uniform(0.3, 0.7, (s.N, s.D))  # so that their product is not close to zero
    return {"p": p, "x": black_or_white(rng, s.N, s.D)}


def _grey_pixels(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"p": shares(rng, s.N, s.D), "x": rng.random((s.N, s.D))}


def _surprising(rng: np.random.Generator, pixels: Arguments) -> Arguments:
    """Half of the probabilities near 0, among them that of each row's first pixel, which is white."""
    p, x = pixels["p"], pixels["x"]
    tiny = rng.random(p.shape) < 0.5
    tiny[:, 0], x[:, 0] = True, 1.0
    return {"p": np.where(tiny, near_zero(rng, *p.shape), p), "x": x}


def _surprising_pixels(rng: np.random.Generator, s: Sizes) -> Arguments:
    return _surprising(rng, _pixels(rng, s))


def _surprising_grey_pixels(rng: np.random.Generator, s: Sizes) -> Arguments:
    return _surprising(rng, _grey_pixels(rng, s))


_NEAR_ZERO = "probabilities of exp(-50)"
LOG_LIKELIHOOD = Exercise(
    15,
    "log_likelihood",
    "The log-likelihood of black and white pixels, in three steps",
    "A product of probabilities, a sum of logarithms of powers, and the sum used in practice; each is equal to the next.",
    ("bernoulli_log_likelihood",),
    (
        Task(ops.bernoulli_log_product, ("log_likelihood",), _pixels, {_NEAR_ZERO: _surprising_pixels}),
        Task(ops.bernoulli_log_powers, ("log_likelihood",), _grey_pixels, {_NEAR_ZERO: _surprising_grey_pixels}),
        Task(ops.bernoulli_log_likelihood, ("log_likelihood",), _grey_pixels, {_NEAR_ZERO: _surprising_grey_pixels}),
        Task(
            ops.bernoulli_log_likelihood_backward,
            ("dp",),
            with_upstream("dlog_likelihood", _grey_pixels, "N"),
            {_NEAR_ZERO: with_upstream("dlog_likelihood", _surprising_grey_pixels, "N")},
            points=2,
        ),
    ),
)


def _bound(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        "x": rng.random((s.N, s.D)),
        **_moments(rng, s),
        "eps": normal(rng, s.L, s.N, s.J),
        "W": weights(rng, s.J, s.D),
        "b": 0.5 * normal(rng, s.D),
    }


def _certain_bound(rng: np.random.Generator, s: Sizes) -> Arguments:
    """Draws of the first latent variable near 0 or 1, which decide about the signs of an example's logits."""
    ordinary = _bound(rng, s)
    mu, logvar = switched(rng, ordinary["mu"]), ordinary["logvar"].copy()
    logvar[:, 0] = -6.0
    return steered({**ordinary, "mu": mu, "logvar": logvar}, "W", "b", signs(rng, s.D))


def _narrow_bound(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_bound(rng, s), "logvar": -50 + normal(rng, s.N, s.J)}


ELBO = Exercise(
    16,
    "elbo",
    "The evidence lower bound, with L draws",
    "A variational autoencoder maximises this bound in place of log p(x), which is intractable: a reconstruction term, by L draws, and a "
    "divergence, by its formula.",
    ("variational", "variational_training", "gaussian_kl"),
    (
        Task(
            worked.elbo,
            ("bound", "reconstruction", "kl"),
            _bound,
            {"logits of ±3,000": _certain_bound, _NARROW: _narrow_bound},
            hints=("Decode the draws, not their mean.",),
            points=3,
        ),
    ),
)


def _variational(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        "x": rng.random((s.N, s.D)),
        "eps": normal(rng, s.L, s.N, s.J),
        "beta": float(rng.uniform(1.5, 3)),
        **layer(rng, s.D, s.H, "W1", "b1"),
        **layer(rng, s.H, 2 * s.J, "W2", "b2"),
        **layer(rng, s.J, s.H, "W3", "b3"),
        **layer(rng, s.H, s.D, "W4", "b4"),
    }


def _certain_variational(rng: np.random.Generator, s: Sizes) -> Arguments:
    """The first unit of each hidden layer is -1 or 1, and the first latent variable far from 0 on the same side."""
    ordinary = _variational(rng, s)
    hidden = steered({**ordinary, "x": switched(rng, ordinary["x"])}, "W1", "b1", first(s.H))
    W2, b2, W3, W4 = (hidden[name].copy() for name in ("W2", "b2", "W3", "W4"))
    W2[0, 0], b2[s.J] = 5.0, -6.0
    W3[0, 0] = EXTREME_LOGIT / 5
    W4[0] = EXTREME_LOGIT * signs(rng, s.D)
    return {**hidden, "W2": W2, "b2": b2, "W3": W3, "W4": W4}


def _narrow_variational(rng: np.random.Generator, s: Sizes) -> Arguments:
    ordinary = _variational(rng, s)
    return {**ordinary, "b2": ordinary["b2"] - np.repeat([0, 50], s.J)}


_EXTREMES: dict[str, Inputs] = {
    "units and logits of ±3,000": _certain_variational,
    _NARROW: _narrow_variational,
}
VARIATIONAL = Exercise(
    17,
    "variational",
    "The whole gradient of a variational autoencoder",
    "Forward from x to the moments, through the draws to the logits; then backward. The moments receive two gradients: one through the "
    "draws, one from the divergence.",
    ("variational", "variational_training"),
    (
        Task(worked.variational_loss, ("loss",), _variational, _EXTREMES, points=2),
        Task(
            worked.variational_gradients,
            ("dW1", "db1", "dW2", "db2", "dW3", "db3", "dW4", "db4"),
            _variational,
            _EXTREMES,
            hints=(
                "The reconstruction's loss is a mean over L N draws, the divergence one over N examples.",
                "The backward pass uses the noise of the forward pass.",
            ),
            points=6,
        ),
    ),
)
EXERCISES = (GAUSSIAN_KL, REPARAMETERIZE, LOG_LIKELIHOOD, ELBO, VARIATIONAL)
