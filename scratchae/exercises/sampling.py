"""The exercises of the last chapter: importance weights, and paths in a latent space."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.exercises import worked
from scratchae.exercises.exercise import Arguments, Array, Exercise, Inputs, Sizes, Task
from scratchae.exercises.inputs import extreme_logits, extreme_rows, normal, with_upstream


def _ratios(rng: np.random.Generator, s: Sizes) -> Arguments:
    mu, logvar, eps = normal(rng, s.N, s.J), normal(rng, s.N, s.J), normal(rng, s.L, s.N, s.J)
    return {"z": ops.reparameterize(mu, logvar, eps), "logvar": logvar, "eps": eps}


def _log_weights(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"log_w": 2 * normal(rng, s.L, s.N)}


def _extreme_weights(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"log_w": extreme_logits(rng, s.L, s.N)}


def _weights_backward(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"dw": normal(rng, s.L, s.N), "w": ops.importance_weights(normal(rng, s.L, s.N))}


def _shifted_weights(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"log_w": extreme_rows(rng, s.N, s.L).T.copy()}


_BEYOND: dict[str, Inputs] = {
    "log-weights of ±3,000": _extreme_weights,
    "log-weights of an example around ±3,000": _shifted_weights,
}
IMPORTANCE = Exercise(
    18,
    "importance",
    "Importance weights",
    "Several draws for each example give a tighter bound: the logarithm of the mean of their weights. In the gradient each draw is weighted by "
    "its normalised weight.",
    ("log_mean_exp", "importance_weighted", "gaussian_kl"),
    (
        Task(
            ops.sampled_kl,
            ("kl",),
            _ratios,
            hints=("The constants of the two normal densities cancel. What is (z - mu) / std?",),
        ),
        Task(ops.importance_weights, ("w",), _log_weights, _BEYOND),
        Task(ops.importance_weights_backward, ("dlog_w",), _weights_backward),
        Task(ops.log_mean_exp, ("bound",), _log_weights, _BEYOND, points=2),
        Task(
            ops.log_mean_exp_backward,
            ("dlog_w",),
            with_upstream("dbound", _log_weights, "N"),
            {what: with_upstream("dbound", inputs, "N") for what, inputs in _BEYOND.items()},
        ),
    ),
)


def _ends(rng: np.random.Generator, s: Sizes) -> Arguments:
    """Two codes whose directions are neither nearly the same, which is for the extremes, nor nearly opposite."""
    a, b = normal(rng, s.J), normal(rng, s.J)
    while s.J > 1 and abs(a @ b) > 0.95 * np.linalg.norm(a) * np.linalg.norm(b):
        b = normal(rng, s.J)
    return {"a": a, "b": b, "n": s.L}


# Only some codes have a cosine with themselves that is rounded to more than 1, and with others a formula that divides by the sine, or takes the
# arccos of that cosine, passes by luck. With two entries in these proportions it is above 1 whichever way norms and sums are computed; with
# one entry, of these two codes, only where it is computed from squares, as in a @ b / sqrt((a @ a) * (b @ b)).
PROPORTIONS = np.array([(1, 5), (1, 8), (2, 5), (4, 7), (4, 9), (5, 8)])
ON_AN_AXIS = np.array([(0.51, 0.58), (0.51, 0.83), (0.51, 1.05), (0.51, 1.35), (0.51, 1.66), (0.51, 2.1)])


def _two_entries(rng: np.random.Generator, J: int) -> Array:
    a, places = np.zeros(J), rng.permutation(J)[:2]
    a[places] = rng.permutation(rng.choice(PROPORTIONS)) / 4 * rng.choice([-1, 1], 2)
    return a


def _same_end(rng: np.random.Generator, s: Sizes) -> Arguments:
    a = _two_entries(rng, s.J)
    return {"a": a, "b": a.copy(), "n": s.L}


def _same_direction(rng: np.random.Generator, s: Sizes) -> Arguments:
    a = _two_entries(rng, s.J)
    return {"a": a, "b": float(rng.choice([2, 4])) * a, "n": s.L}


def _same_axis(rng: np.random.Generator, s: Sizes) -> Arguments:
    axis = np.eye(s.J)[rng.integers(s.J)] * rng.choice([-1, 1])
    x, y = rng.permutation(rng.choice(ON_AN_AXIS))
    return {"a": x * axis, "b": y * axis, "n": s.L}


def _nearly_same_direction(rng: np.random.Generator, s: Sizes) -> Arguments:
    """Codes at an angle of about 0.025, so small that a straight path looks right, and of unlike lengths, so that it is not."""
    a, aside = normal(rng, s.J), normal(rng, s.J)
    aside -= (aside @ a) / (a @ a) * a
    angle = rng.uniform(0.022, 0.028)
    b = np.cos(angle) * a + np.sin(angle) * np.linalg.norm(a) / np.linalg.norm(aside) * aside
    return {"a": a, "b": rng.uniform(1.5, 2.5) * b, "n": s.L}


def _attribute(rng: np.random.Generator, s: Sizes) -> Arguments:
    has = rng.permutation(np.arange(s.L) % 3 == 0).astype(np.int64)  # a third of the examples have the attribute
    return {"codes": normal(rng, s.L, s.J), "has": has}


def _walk(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"z": normal(rng, s.J), "direction": normal(rng, s.J), "steps": normal(rng, s.L)}


INTERPOLATION = Exercise(
    19,
    "interpolation",
    "Paths through a latent space",
    "New images are decoded from new codes: on a path between two codes, and along a direction that changes one attribute and keeps the rest.",
    ("variational_evaluation",),
    (
        Task(worked.linear_path, ("path",), _ends),
        Task(
            worked.spherical_path,
            ("path",),
            _ends,
            {
                "two codes that are the same": _same_end,
                "two codes of the same direction": _same_direction,
                "two codes on the same axis": _same_axis,
                "two codes of nearly the same direction": _nearly_same_direction,
            },
            hints=("Turn the direction and change the length separately.",),
            points=2,
        ),
        Task(worked.attribute_vector, ("direction",), _attribute),
        Task(worked.change_attribute, ("codes",), _walk),
    ),
)
EXERCISES = (IMPORTANCE, INTERPOLATION)
