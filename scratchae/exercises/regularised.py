"""The exercises of the second chapter: corrupted inputs, sparse codes, contractive codes."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.exercises import worked
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Sizes, Task
from scratchae.exercises.inputs import (
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


def _noise(rng: np.random.Generator, s: Sizes) -> Arguments:
    """Uniform noise and a level, with entries below half the level, between that and the level, and above.

    Some entries lie between the level and 1 minus the level too, so that no mistake about the level is right by luck.
    """
    level = float(rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)]))
    u = rng.random((s.N, s.D))
    certain = [(0.0, level / 2), (level / 2, level), (level, 1 - level)]
    if level > 0.5:
        certain = [(0.0, level / 2), (max(level / 2, 1 - level), level), (level, 1.0)]
    places = rng.permutation(u.size)[: len(certain)]
    u.flat[places] = [rng.uniform(low, high) for low, high in certain[: len(places)]]
    return {"u": u, "level": level}


def _uniform(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": normal(rng, s.N, s.D), **_noise(rng, s)}


def _gaussian(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": normal(rng, s.N, s.D), "eps": normal(rng, s.N, s.D), "level": float(rng.uniform(0.3, 0.6))}


def _upstream(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"dy": normal(rng, s.N, s.D)}


_PASSED_IN = "The noise is passed in: draw nothing."
CORRUPTION = Exercise(
    6,
    "corruption",
    "Corrupting an input in three ways",
    "A denoising autoencoder reconstructs the clean input from a corrupted one. Write three kinds of corruption. The noise is an "
    "argument, so that the same noise gives the same result.",
    ("corruption",),
    (
        Task(ops.masking_noise, ("y",), _uniform, hints=(_PASSED_IN,)),
        Task(ops.masking_noise_backward, ("dx",), with_upstream("dy", _uniform, "N", "D", drop="x")),
        Task(ops.salt_and_pepper_noise, ("y",), _uniform, hints=(_PASSED_IN,)),
        Task(ops.salt_and_pepper_noise_backward, ("dx",), with_upstream("dy", _uniform, "N", "D", drop="x")),
        Task(ops.gaussian_noise, ("y",), _gaussian, hints=(_PASSED_IN,)),
        Task(ops.gaussian_noise_backward, ("dx",), _upstream),
    ),
)


def _denoising(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        "x": shares(rng, s.N, s.D),
        **_noise(rng, s),
        **layer(rng, s.D, s.H, "W", "b"),
        **layer(rng, s.H, s.D, "V", "c"),
    }


def _certain(rng: np.random.Generator, s: Sizes) -> Arguments:
    ordinary = _denoising(rng, s)
    u = ordinary["u"].copy()
    u[:, 0] = rng.uniform(
        ordinary["level"], 1, s.N
    )  # above the level: the first entries, which decide about the others, are kept
    hidden = steered({**ordinary, "x": switched(rng, ordinary["x"]), "u": u}, "W", "b", first(s.H))
    return steered(hidden, "V", "c", signs(rng, s.D))


_CERTAIN: dict[str, Inputs] = {"units and logits of ±3,000": _certain}

DENOISING = Exercise(
    7,
    "denoising",
    "The denoising autoencoder",
    "The encoder receives a corrupted input, and the target is the clean one, so that the code describes the input and not the noise.",
    ("denoising", "autoencoder"),
    (
        Task(worked.denoising_loss, ("loss",), _denoising, _CERTAIN),
        Task(
            worked.denoising_gradients,
            ("dW", "db", "dV", "dc"),
            _denoising,
            _CERTAIN,
            hints=("Two arrays take the role of x. Ask at each line which of them it needs.",),
            points=3,
        ),
    ),
)


def _activations(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"h": shares(rng, s.N, s.H), "rho": float(rng.uniform(0.1, 0.4))}


def _silent(rng: np.random.Generator, s: Sizes) -> Arguments:
    ordinary = _activations(rng, s)
    silent = rng.permutation(np.arange(s.H) % 2 == 0)
    return {**ordinary, "h": np.where(silent, near_zero(rng, s.N, s.H), ordinary["h"])}


_SILENT = "units with activations of exp(-50)"


def _codes(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"h": normal(rng, s.N, s.H), "k": max(1, s.H // 2)}


SPARSITY = Exercise(
    8,
    "sparsity",
    "Sparse codes",
    "Few active units at a time: by a penalty on the mean activation of each unit, or by keeping only the k largest.",
    ("sparsity_kl", "k_sparse"),
    (
        Task(ops.sparsity_kl, ("penalty",), _activations, {_SILENT: _silent}, points=2),
        Task(
            ops.sparsity_kl_backward,
            ("dh",),
            with_upstream("dpenalty", _activations),
            {_SILENT: with_upstream("dpenalty", _silent)},
            hints=(
                "The penalty depends on h only through its mean over the batch, to which every row contributes equally.",
            ),
            points=2,
        ),
        Task(ops.k_sparse, ("y",), _codes),
        Task(ops.k_sparse_backward, ("dh",), with_upstream("dy", _codes, "N", "H")),
    ),
)


def _contraction(rng: np.random.Generator, s: Sizes) -> Arguments:
    activation = "sigmoid" if s.N % 2 else "tanh"  # both are among the shapes
    h = getattr(ops, activation)(normal(rng, s.N, s.H))
    return {"h": h, "W": weights(rng, s.D, s.H), "activation": activation}


CONTRACTION = Exercise(
    9,
    "contraction",
    "The contraction penalty",
    "A penalty on the sensitivity of the code: the squared norm of its Jacobian. The gradient contains a second derivative.",
    ("contractive_penalty",),
    (
        Task(
            ops.contractive_penalty,
            ("penalty",),
            _contraction,
            hints=(
                "Write down one entry of the Jacobian first: the sum of all their squares then splits into two factors.",
            ),
            points=2,
        ),
        Task(
            ops.contractive_penalty_backward,
            ("dh", "dW"),
            with_upstream("dpenalty", _contraction, "N"),
            hints=("Here h and W are separate arguments: each gradient keeps the other fixed.",),
            points=3,
        ),
    ),
)
EXERCISES = (CORRUPTION, DENOISING, SPARSITY, CONTRACTION)
