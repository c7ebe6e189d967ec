"""Exact boundaries: comparisons whose two sides are equal. All results are counts, without rounding.

A comparison that is wrong only for equality hardly affects random numbers, so other claims do not detect it; but pixels that are exactly 0
or 1, inactive units, constant losses and exactly full batches are common.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae import backend
from scratchae.models import (
    binarization,
    blocks,
    data_initialisation,
    labels,
    latent_statistics,
    row_noise,
    validation,
    variational,
)
from scratchae.models.fitting import Data, ModelProblem
from scratchae.training import LBFGS, SGD, Adam, EarlyStopping, Momentum, Plan, TrainingState, train
from scratchae.training.order import EpochOrder
from scratchae.verify import exact
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.derivatives import Array

TYPES: tuple[Any, ...] = (np.float32, np.float64)
PLACES = 37  # longer than a vector register, and not a multiple of its length


def _rooms(subject: Subject) -> Iterator[tuple[Any, Any]]:
    """Yield ops and kernels, each in both float types."""
    for room in (subject.ops, subject.kernels):
        for real in TYPES:
            yield room, real


def _below(value: float, real: Any) -> float:
    return float(np.nextafter(real(value), real(-np.inf)))


def _above(value: float, real: Any) -> float:
    return float(np.nextafter(real(value), real(np.inf)))


def _differences(got: Any, expected: Any) -> int:
    """Return the number of unequal entries; 1 if the shapes differ."""
    got, expected = np.asarray(got), np.asarray(expected)
    return int((got != expected).sum()) if got.shape == expected.shape else 1


def _in_every_place(values: list[float], real: Any) -> Iterator[tuple[Array, Array]]:
    """Return rows that repeat these values, starting with each of them, and the index of the value at each place."""
    for first in range(len(values)):
        which = (np.arange(PLACES) + first) % len(values)
        yield np.array(values, real)[which][None], which[None]


# Corruption.


@claim(
    "masking_noise keeps what is exactly at the level",
    op="masking_noise",
    equation="masking_noise.1 masking_noise.2",
    level="value",
    method="u below, at and above levels of 0, 1 and between, on 0, 1, 0.5 and -2; counted",
    tolerance=0,
)
def _masking(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        x = rng.choice(np.array([0, 1, 0.5, -2], real), (1, PLACES))
        for level in (0.0, 0.25, 0.3, 0.5, 1.0):
            u = sorted({0.0, max(0.0, _below(level, real)), float(real(level)), _above(level, real), _below(1, real)})
            for noise, which in _in_every_place([value for value in u if value < 1], real):
                lost = np.array([value < float(real(level)) for value in u if value < 1])[which]
                expected = np.where(lost, 0, x)
                wrong += _differences(room.masking_noise(x, noise, level), expected)
                wrong += _differences(room.masking_noise_backward(x, noise, level), expected)
    return float(wrong)


@claim(
    "salt_and_pepper_noise is black below half its level, white from there to the level, and nothing at it",
    op="salt_and_pepper_noise",
    equation="salt_and_pepper_noise.1 salt_and_pepper_noise.2",
    level="value",
    method="u at 0, at half a level, at the level and next to these; counted",
    tolerance=0,
)
def _salt_and_pepper(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        x = rng.choice(np.array([0, 1, 0.5, -2], real), (1, PLACES))
        # u, and the expected result; None means x itself.
        for level in (0.25, 0.5, 0.3):
            half = level / 2
            cases = {
                0.0: 0,
                _below(half, real): 0,
                float(real(half)): 1,
                _below(level, real): 1,
                float(real(level)): None,
                0.99: None,
            }
            wrong += _noise_differences(room, real, x, level, cases)
        wrong += _noise_differences(room, real, x, 0.0, {0.0: None, 0.5: None, _below(1, real): None})
        wrong += _noise_differences(room, real, x, 1.0, {0.0: 0, _below(0.5, real): 0, 0.5: 1, _below(1, real): 1})
    return float(wrong)


def _noise_differences(room: Any, real: Any, x: Array, level: float, cases: dict[float, Any]) -> int:
    wrong = 0
    for noise, which in _in_every_place(list(cases), real):
        becomes = np.array([np.nan if value is None else value for value in cases.values()])[which]
        kept = np.isnan(becomes)
        wrong += _differences(room.salt_and_pepper_noise(x, noise, level), np.where(kept, x, becomes))
        wrong += _differences(room.salt_and_pepper_noise_backward(x, noise, level), np.where(kept, x, 0))
    return wrong


PIXELS = [
    (0.0, 0.0, 0),
    (1.0, 0.0, 1),
    (1.0, 0.9999999, 1),
    (0.5, 0.5, 0),
    (0.5, 0.25, 1),
    (0.25, 0.5, 0),
    (0.25, 0.25, 0),
    (0.0, 0.75, 0),
]


def _pixels(real: Any) -> tuple[Array, Array, Array]:
    """Return grey values, uniform noise and the expected pixels: white where the noise is below the grey value."""
    cases = [*PIXELS, (0.5, _below(0.5, real), 1), (0.5, _above(0.5, real), 0), (1.0, _below(1, real), 1)]
    x, u, white = (np.array(column, real)[None] for column in zip(*cases, strict=True))
    return x, u, white


@claim(
    "pixels are drawn white strictly below their grey value, and by threshold strictly above one half",
    op="binarize",
    level="value",
    method="grey values of 0, 1 and those equal to the noise; every way of binarization, for training and for evaluation",
    tolerance=0,
)
def _binarization(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for real in TYPES:
        x, u, white = _pixels(real)
        wrong += _differences(binarization.bernoulli_sample(x, u), white)
        greys = np.array([[0, _below(0.5, real), 0.5, _above(0.5, real), 1]], real)
        by_seed = binarization.bernoulli_sample(greys, np.random.default_rng([7, 1]).random(greys.shape, real))
        expected = {
            "none": (greys, greys),
            "threshold": 2 * ([[0, 0, 0, 1, 1]],),
            "static": (by_seed, by_seed),
            "dynamic": (greys, by_seed),
        }
        for way, (training, evaluation) in expected.items():
            wrong += _differences(binarization.for_training(greys, way, 7), training)
            wrong += _differences(binarization.for_evaluation(greys, way, 7), evaluation)
            wrong += binarization.for_training(greys, way, 7).dtype != real
    return float(wrong)


@claim(
    "scores draw pixels as binarization does",
    op="score_samples",
    level="value",
    method="grey values of exactly one half, and exactly equal to the noise, against black and white ones; bits compared",
    tolerance=0,
)
def _scored_pixels(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    black, white = np.zeros((2, 5), np.float32), np.ones((2, 5), np.float32)
    same = np.zeros(2, np.uint64)
    with lowered(row_noise, row_keys=lambda x: same):  # then the noise does not depend on the row
        for way in ("none", "threshold", "static", "dynamic"):
            model = subject.models.VariationalAutoencoder(
                hidden_sizes=(), latent_dim=2, binarize=way, epochs=1, random_state=0
            )
            model.fit(rng.random((8, 5)).astype(np.float32))
            u = row_noise.uniforms(same, 4, 5, np.float32)  # the first four numbers are those of the two latents
            half = np.full_like(u, 0.5)
            grey = half if way in ("none", "threshold") else u
            at, above = (model.score_samples(x) for x in (grey, np.nextafter(grey, np.float32(1))))
            ends = model.score_samples(black), model.score_samples(white)
            wrong += _differences(*ends) == 0
            if way == "none":
                wrong += (_differences(at, ends[0]) == 0) + (_differences(above, ends[1]) == 0)
            else:
                wrong += _differences(at, ends[0]) + _differences(above, ends[1])
    return float(wrong)


@claim(
    "a training step draws pixels as binarization does",
    op="VariationalAutoencoder",
    level="twin",
    method="loss of a step, both backends, against that on pixels which are black and white already; bits compared",
    tolerance=0,
)
def _gathered(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for name in ("numba", "numpy"):
        with backend.use_backend(name):
            for real in TYPES:
                x, u, white = (np.repeat(each, 3, axis=0) for each in _pixels(real))
                order = np.array([2, 0, 1])
                for each, noise in ((x, np.roll(u, 1, axis=1)), (np.roll(x, 1, axis=1), np.roll(u, 1, axis=1)), (x, u)):
                    # Rows differ, so that the noise of one row cannot pass for that of another.
                    each, noise = (
                        np.stack([np.roll(each[i], i) for i in range(3)]),
                        np.stack([np.roll(noise[i], i) for i in range(3)]),
                    )
                    already = (noise[np.argsort(order)] < each).astype(real)
                    wrong += _step_loss(subject, each, noise, order) != _step_loss(subject, already, None, order)
                drawn, grey = _step_loss(subject, x, u, order), _step_loss(subject, x, None, order)
                wrong += drawn != _step_loss(subject, white, None, order)
                wrong += (drawn[0] == grey[0]) + (drawn[1:] == grey[1:])  # otherwise nothing would have been compared
    return float(wrong)


def _step_loss(subject: Subject, x: Array, u: Array | None, order: Array) -> tuple[float, ...]:
    """Return the loss of one step on the rows `order` with noise u, and the parameters after it."""

    model = subject.models.VariationalAutoencoder(
        hidden_sizes=(), latent_dim=2, binarize="none" if u is None else "dynamic", dtype=x.dtype.name, random_state=0
    )
    model.draw_noise = lambda rng, shape: (np.full((1, shape[0], 2), 0.5, x.dtype), u)
    problem, losses = ModelProblem(model, Data(x), None, SGD()), np.empty(1)
    state = model._first_state(x.shape[1], 0)
    problem.take_steps(state, order, losses)
    problem.release()
    return (float(losses[0]), *state.parameters.flat.tolist())


# Units.


@claim(
    "relu has the slope 0 at exactly 0",
    op="relu",
    equation="relu.1 relu.3",
    level="value",
    method="0, minus 0, and the smallest numbers of both signs, alone and in a layer",
    tolerance=0,
)
def _relu_at_zero(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        tiny = float(np.finfo(real).tiny)
        values, outputs, slopes = [0.0, -0.0, tiny, -tiny, 1.0, -1.0], [0, 0, tiny, 0, 1, 0], [0, 0, 1, 0, 1, 0]
        for x, which in _in_every_place(values, real):
            h, dh = np.array(outputs, real)[which], 3 * np.ones_like(x)
            unit, bias = np.eye(PLACES, dtype=real), np.zeros(PLACES, real)
            wrong += _differences(room.relu(x), h) + _differences(room.layer(x, unit, bias, "relu"), h)
            dx = 3 * np.array(slopes)[which]
            for given in (x, h):
                wrong += _differences(room.relu_backward(dh, given), dx)
                da, _, db = room.layer_backward(dh, x, unit, given, "relu")
                wrong += _differences(da, dx) + _differences(db, dx[0])
    return float(wrong)


@claim(
    "smooth activations are exact at 0",
    op="sigmoid",
    equation="sigmoid.2 sigmoid.4 tanh.1 tanh.3 softplus.4",
    level="value",
    method="one half, 0, and their slopes 1/4 and 1; at 0 and at minus 0",
    tolerance=0,
)
def _activations_at_zero(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        zeros = np.array([[0.0, -0.0] * 19], real)
        one = np.ones_like(zeros)
        wrong += _differences(room.sigmoid(zeros), one / 2) + _differences(room.tanh(zeros), 0 * one)
        wrong += _differences(room.sigmoid_backward(one, one / 2), one / 4) + _differences(
            room.tanh_backward(one, zeros), one
        )
        wrong += _differences(room.softplus_backward(one, zeros), one / 2)
        wrong += _differences(room.sigmoid_backward(one, one), 0 * one) + _differences(
            room.sigmoid_backward(one, 0 * one), 0 * one
        )
        wrong += _differences(room.tanh_backward(one, one), 0 * one) + _differences(
            room.tanh_backward(one, -one), 0 * one
        )
    return float(wrong)


# A row, k, and the indices of the kept entries.
TIES = [
    ([1, 1, 1, 1, 1], 1, [0]),
    ([1, 1, 1, 1, 1], 3, [0, 1, 2]),
    ([1, 1, 1, 1, 1], 5, [0, 1, 2, 3, 4]),
    ([2, 1, 3, 1, 1], 3, [0, 1, 2]),
    ([1, 2, 1, 3, 1], 4, [0, 1, 2, 3]),
    ([1, 2, 1, 3, 1], 2, [1, 3]),
    ([-1, -1, -2, -1, -3], 2, [0, 1]),
    ([-1, -2, -2, -1, -3], 3, [0, 1, 3]),
    ([0, -1, 0, 2, 0], 2, [0, 3]),
    ([5, 4, 3, 2, 1], 1, [0]),
    ([1, 2, 3, 4, 5], 1, [4]),
    ([1, 2, 3, 4, 4], 1, [3]),
    ([-5, -4, -3, -2, -1], 4, [1, 2, 3, 4]),
    ([-0.0, 1, 0.0, 0.0, -1], 3, [0, 1, 2]),
]


@claim(
    "k_sparse keeps the first of equal units, and exactly k",
    op="k_sparse",
    equation="k_sparse.1 k_sparse.2",
    level="value",
    method="ties at the k-th place by hand; k of 1 and of all units; several rows at once",
    tolerance=0,
)
def _ties(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        for row, k, kept in TIES:
            h = np.array([row, [0.5, 4, 1, 3, 2], row], real)
            mask = np.zeros(h.shape, bool)
            mask[np.ix_([0, 2], kept)] = True
            mask[1, [1, 3, 4, 2, 0][:k]] = True
            dy = rng.uniform(1, 2, h.shape).astype(real)
            wrong += _differences(room.k_sparse(h, k), np.where(mask, h, 0))
            wrong += _differences(room.k_sparse_backward(dy, h, k), np.where(mask, dy, 0))
    return float(wrong)


@claim(
    "free_bits charges the floor up to the floor, and has a gradient above it only",
    op="free_bits",
    equation="free_bits.1 free_bits.2 free_bits.3",
    level="value",
    method="means below, at and above the floor, a floor of 0 under means of 0 and slightly below, one row and several",
    tolerance=0,
)
def _at_the_floor(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        for rows in (1, 2, 4):
            for floor in (0.25, 0.0):
                means = np.array(
                    [floor, _below(floor, real), _above(floor, real), floor - 1e-3, floor + 1, floor], real
                )
                means[1] = means[1] if floor else -(2.0**-25)  # like a term with a rounding error
                means[2] = means[2] if floor else 2.0**-25
                above = np.array([0, 0, 1, 0, 1, 0])
                spread = np.ldexp(np.arange(rows) - (rows - 1) / 2, -3) if floor else np.zeros(rows)
                for j in range(means.size):  # one at a time, so that there is no rounding
                    terms = (means[j] + (spread if above[j] == 0 and means[j] == floor else 0 * spread)).astype(real)[
                        :, None
                    ]
                    wrong += _differences(room.free_bits(terms, floor), max(float(means[j]), floor))
                    slope = real(0.75) / rows if above[j] else 0
                    wrong += _differences(room.free_bits_backward(0.75, terms, floor), np.full((rows, 1), slope))
                together = np.tile(means, (rows, 1))
                slopes = np.tile(0.75 * above / rows, (rows, 1))
                wrong += _differences(room.free_bits_backward(0.75, together, floor), slopes)
    return float(wrong)


@claim(
    "sparsity_kl takes silent and saturated units for the nearest numbers that are told from 0 and 1",
    op="sparsity_kl",
    equation="sparsity_kl.1 sparsity_kl.2 sparsity_kl.3 sparsity_kl.4",
    level="value",
    method=f"definition in {exact.DIGITS} digits at the smallest normal number and at 1 - eps",
    tolerance=4,
)
def _silent(subject: Subject, rng: np.random.Generator) -> float:
    """Return the largest error in units of eps."""
    worst, rho = 0.0, 0.05
    for room, real in _rooms(subject):
        tiny, eps = np.finfo(real).tiny, np.finfo(real).eps
        ends = {
            0.0: tiny,
            float(tiny): tiny,
            float(tiny) / 4: tiny,
            1.0: 1 - eps,
            float(1 - eps): 1 - eps,
            float(1 - eps / 2): 1 - eps,
        }
        for value, nearest in ends.items():
            for rows in (1, 4):
                h = np.full((rows, 1), value, real)
                with localcontext(exact.ARITHMETIC):
                    arguments = {"h": exact.decimals(np.full((1, 1), nearest, real)), "rho": Decimal(rho)}
                    (penalty,) = exact.results("sparsity_kl", arguments)
                    (slope,) = exact.gradients("sparsity_kl", exact.decimals(0.5), arguments, ("h",))
                    known = exact.rounded(np.full((), penalty[()].value, object))
                    known_slope = exact.rounded(np.full((rows, 1), slope[0, 0] / rows, object))
                worst = max(worst, exact.worst_error(room.sparsity_kl(h, rho), known, real))
                worst = max(worst, exact.worst_error(room.sparsity_kl_backward(0.5, h, rho), known_slope, real))
    return worst


@claim(
    "contractive_penalty is 0 for saturated units and largest in the middle",
    op="contractive_penalty",
    equation="contractive_penalty.3 contractive_penalty.5 contractive_penalty.6",
    level="value",
    method="outputs at the ends of their range and in its middle; exact",
    tolerance=0,
)
def _saturated(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        W, one = np.array([[1, 2, 4], [2, 0, 1]], real), np.ones(1, real)
        for activation, ends, middle, slope in (("sigmoid", (0, 1), 0.5, 0.25), ("tanh", (-1, 1), 0.0, 1.0)):
            for end in ends:
                h = np.full((1, 3), end, real)
                dh, dW = room.contractive_penalty_backward(one, h, W, activation)
                wrong += (
                    _differences(room.contractive_penalty(h, W, activation), [0])
                    + _differences(dh, 0 * h)
                    + _differences(dW, 0 * W)
                )
            h = np.full((1, 3), middle, real)
            dh, dW = room.contractive_penalty_backward(one, h, W, activation)
            wrong += _differences(room.contractive_penalty(h, W, activation), [slope**2 * 26])
            wrong += _differences(dh, 0 * h) + _differences(dW, 2 * slope**2 * W)
    return float(wrong)


@claim(
    "equal logits and equal weights share alike",
    op="softmax",
    equation="softmax.2 softmax.5 softmax_cross_entropy.3 softmax_cross_entropy.5 importance_weights.1 log_mean_exp.2",
    level="value",
    method="two, four and eight of them, of any size, alone and next to negligible ones; exact",
    tolerance=0,
)
def _shared_alike(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        for count in (1, 2, 4, 8):
            for value in (0.0, 1e4, -1e4, 1e15):
                a = np.concatenate([np.full(count, value), np.full(3, value - 2e15)]).astype(real)
                share = np.array([1 / count] * count + [0] * 3)
                for shift in range(a.size):
                    row, shares = np.roll(a, shift)[None], np.roll(share, shift)
                    got = room.softmax(row), room.importance_weights(row.T.copy()).T
                    wrong += sum(_differences(np.where(each < 1e-30, 0, each), shares[None]) for each in got)
                    slopes = room.softmax_cross_entropy_backward(np.ones(1, real), row, np.array([shift]))
                    right = np.arange(a.size) == shift
                    wrong += _differences(np.where(np.abs(slopes) < 1e-30, 0, slopes), (shares - right)[None])
                alone = np.full((count, 1), value, real)
                wrong += _differences(room.log_mean_exp(alone), [real(value)])
    return float(wrong)


@claim(
    "updates by nothing change nothing",
    op="adam",
    equation="sgd.1 momentum.1 momentum.2 adam.1 adam.2 adam.3 weight_decay.1 weight_decay.2",
    level="value",
    method="gradients, rates, strengths and shares of 0; Adam's first step is the learning rate; exact",
    tolerance=0,
)
def _updates_at_zero(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room, real in _rooms(subject):
        theta, gradient = (rng.standard_normal(PLACES).astype(real) for _ in range(2))
        zero = np.zeros_like(theta)
        wrong += _differences(room.sgd(theta, zero, 0.5), theta) + _differences(room.sgd(theta, gradient, 0.0), theta)
        moved, velocity = room.momentum(theta, gradient, zero, 0.5, 0.0)
        wrong += _differences(moved, theta) + _differences(velocity, zero)
        moved, velocity = room.momentum(zero, zero, gradient, 0.5, 0.0)
        wrong += _differences(moved, -gradient / 2) + _differences(velocity, -gradient / 2)
        moved, m, v = room.adam(theta, zero, zero, zero, 1, 0.5, 0.5, 0.75, 1e-8)
        wrong += _differences(moved, theta) + _differences(m, zero) + _differences(v, zero)
        large = np.sign(gradient) * real(2.0**40)  # epsilon is negligible next to it
        moved, m, v = room.adam(zero, zero, zero, large, 1, 0.5, 0.5, 0.75, 1e-8)
        wrong += (
            _differences(moved, -np.sign(gradient) / 2)
            + _differences(m, large / 2)
            + _differences(v, large * large / 4)
        )
        wrong += _differences(room.weight_decay(theta, 0.0), 0) + _differences(
            room.weight_decay_backward(1.0, theta, 0.0), zero
        )
    return float(wrong)


# Training.


def _refused(function: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    """Return whether a call raises an error for an invalid value."""
    try:
        function(*arguments, **options)
    except (ValueError, TypeError):
        return True
    return False


# patience, min_delta, losses, the epoch after which training stops (0: never), the best epoch.
STOPS: list[tuple[int, float, list[float], int, int]] = [
    (1, 0.0, [3, 2, 1, 1], 4, 3),
    (1, 0.0, [3, 3], 2, 1),
    (2, 0.0, [3, 2, 2, 2], 4, 2),
    (2, 0.0, [3, 2, 2, 1, 1], 0, 4),
    (2, 0.0, [3, 4, 2.9, 5, 5], 5, 3),
    (3, 0.0, [3, 4, 4, 4], 4, 1),
    (1, 0.25, [1, 0.75], 2, 1),
    (1, 0.25, [1, 0.7, 0.25], 0, 3),
    (2, 0.25, [1, 0.9, 0.7, 0.6], 0, 3),
    (2, 0.25, [1, 0.8, 0.75], 3, 1),
    (2, 0.25, [math.inf, 5, 4.75, 4.75], 4, 2),
    (2, 0.0, [math.nan, math.nan], 2, 0),
]


@claim(
    "EarlyStopping counts epochs that improve by no more than min_delta",
    op="EarlyStopping",
    level="value",
    method="losses by hand: ties, improvements of exactly min_delta, the epoch of the stop and the parameters that are given back",
    tolerance=0,
)
def _stops(subject: Subject, rng: np.random.Generator) -> float:
    wrong = int(not _refused(EarlyStopping, 0)) + int(_refused(EarlyStopping, 1))
    for patience, min_delta, losses, stops_after, best in STOPS:
        for monitor in ("val_loss", "loss"):
            stop = EarlyStopping(patience=patience, min_delta=min_delta, monitor=monitor)
            model = SimpleNamespace(history_={monitor: []}, _parameters=SimpleNamespace(flat=np.zeros(2)))
            stopped = 0
            for epoch, loss in enumerate(losses, start=1):
                model.history_[monitor].append(loss)
                model._parameters.flat[:] = epoch
                if epoch == 2:  # as if resumed from a checkpoint
                    state, stop = (
                        stop.state_dict(),
                        EarlyStopping(patience=patience, min_delta=min_delta, monitor=monitor),
                    )
                    stop.load_state_dict(state)
                stopped = stopped or (epoch if stop(model) else 0)
            stop.finish(model)
            wrong += (stopped != stops_after) + (stop.best_epoch != best)
            wrong += bool(best) and stop.best != losses[best - 1]
            wrong += _differences(model._parameters.flat, np.full(2, best or len(losses)))
        stop.start()
        wrong += (stop.best, stop.best_epoch) != (math.inf, 0)
    return float(wrong)


@claim(
    "warm-up begins with its first share of beta, and ends with beta itself",
    op="VariationalAutoencoder",
    equation="variational.13",
    level="value",
    method="the weight of every epoch, for warm-ups of 0 to 7 epochs; exact",
    tolerance=0,
)
def _warm_up(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for warm_up in range(8):
        for beta in (0.0, 1.0, 3.0, 0.1):
            model = subject.models.VariationalAutoencoder(warm_up=warm_up, beta=beta)
            for epoch in range(10):
                expected = beta * (epoch + 1) / warm_up if epoch + 1 < warm_up else beta
                wrong += (model._at_epoch(epoch).beta != expected) + (model.beta != beta)
    return float(wrong)


@claim(
    "the first epoch has the learning rate itself, and each later one the one before times the decay",
    op="Autoencoder",
    level="value",
    method="the rate of each of the first epochs; exact",
    tolerance=0,
)
def _rates(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for decay in (1.0, 0.5, 0.25):
        model = subject.models.Autoencoder(learning_rate=0.75, learning_rate_decay=decay)
        problem = ModelProblem(model, Data(np.zeros((2, 3), np.float32)), None, SGD())
        expected = 0.75
        for epoch in range(5):
            wrong += problem._rate(SimpleNamespace(epoch=epoch)) != expected  # type: ignore[arg-type]
            expected *= decay
    return float(wrong)


class _Counting:
    """A problem that only records the calls of the loop; the loss of a batch is 1 + the index of its first row."""

    def __init__(self, rows: int, batch_size: int) -> None:
        self.rows, self.batch_size, self.order = rows, batch_size, EpochOrder(rows)
        self.calls: list[tuple[Array, int]] = []
        self.steps: list[int] = []

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Record the call."""
        self.calls.append((order.copy(), len(losses)))
        self.steps.append(state.step)
        losses[:] = 1 + order[:: self.batch_size]
        return len(losses)

    def mean_terms(self) -> dict[str, float]:
        """Nothing."""
        return {}

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        """Nothing."""
        return {}

    def set_fitted_state(self, state: TrainingState) -> Any:
        """Nothing."""
        return self


@claim(
    "an epoch takes every row once, in batches of which only the last may be smaller",
    op="Autoencoder",
    level="value",
    method="the loop's calls for one row, a full batch, one row more or less, and calls that are just full; the loss weighs each batch by its rows",
    tolerance=0,
)
def _batches(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for rows, batch_size in ((1, 1), (4, 4), (5, 4), (3, 4), (7, 4), (8, 4), (9, 4), (12, 1), (17, 4)):
        batch_size = min(rows, batch_size)
        for steps_per_call in (1, 2, 3, 100):
            problem = _Counting(rows, batch_size)
            state = TrainingState(SimpleNamespace(flat=np.zeros(1)), np.zeros((0, 1)), 5)  # type: ignore[arg-type]
            train(problem, Plan(SGD(), 2, batch_size, steps_per_call), state)  # type: ignore[arg-type]
            batches = -(-rows // batch_size)
            whole = np.concatenate([order for order, _ in problem.calls])
            sizes = [min(batch_size, rows - first) for first in range(0, rows, batch_size)]
            wrong += (
                _differences(np.sort(whole), np.repeat(np.arange(rows), 2))
                + (state.step != 2 * batches)
                + (state.epoch != 2)
            )
            for epoch in range(2):
                order = whole[epoch * rows : (epoch + 1) * rows]
                wrong += _differences(np.sort(order), np.arange(rows))
                mean = sum((1 + order[i * batch_size]) * size for i, size in enumerate(sizes)) / rows
                wrong += abs(state.history["loss"][epoch] - mean) > 1e-14 * mean
            counts = [count for _, count in problem.calls]
            per_epoch = [min(steps_per_call, batches - first) for first in range(0, batches, steps_per_call)]
            wrong += _differences(counts, per_epoch * 2) + _differences(problem.steps, np.cumsum([0, *counts[:-1]]))
    return float(wrong)


@claim(
    "models train on one row, on a full batch and on one row more",
    op="Autoencoder",
    level="meaning",
    method="steps and losses of both backends, for rows of 1, batch_size - 1 to + 1, and one column",
    tolerance=1e-13,
)
def _few_rows(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, columns in ((1, 1), (1, 3), (3, 3), (4, 3), (5, 3), (8, 1), (9, 3)):
        x, histories = rng.random((rows, columns)), []
        for name in ("numba", "numpy"):
            with backend.use_backend(name):
                model = subject.models.Autoencoder(
                    hidden_sizes=(),
                    latent_dim=1,
                    activation="tanh",  # a ReLU unit may be 0 for so few rows
                    batch_size=4,
                    epochs=2,
                    dtype="float64",
                    random_state=1,
                    optimizer="sgd",
                    learning_rate=0.5,
                ).fit(x)
                histories.append([*model.history_["loss"], *model._parameters.flat])
        worst = max(worst, float(np.abs(np.subtract(histories[0], histories[1])).max()))
        moved = rows == 1 or np.ptp(histories[0][:2]) > 0  # one row is its own mean, at which the training starts
        worst = max(worst, 0.0 if moved else np.inf)
    return worst


# Reported numbers.


def _moments(variance_of: float, kl: float = 1.0, rows: int = 2) -> tuple[Array, Array]:
    """Return posterior means of two rows around one point and log-variances of 0, with the given variance and a total KL of about `kl`."""
    spread = math.sqrt(variance_of)
    mean = math.sqrt(max(2 * kl - variance_of, 0.0))
    mu = np.array([[mean - spread], [mean + spread]])[:rows]
    return mu, np.zeros_like(mu)


@claim(
    "a latent dimension is active strictly above its bound",
    op="VariationalAutoencoder",
    level="value",
    method="variances just below and above 0.01, and exactly at a bound that both sides of a comparison hold",
    tolerance=0,
)
def _active(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for name in ("numba", "numpy"):
        with backend.use_backend(name):
            for variance, active in ((0.0099, False), (0.0101, True), (0.0, False), (1.0, True)):
                wrong += _differences(latent_statistics.statistics_of(*_moments(variance)).active, [active])
            with lowered(latent_statistics, ACTIVE_FROM=0.25):
                spread = np.array([[-0.5, _below(-0.5, np.float64), 0.5], [0.5, _above(0.5, np.float64), -0.5]])
                found = latent_statistics.statistics_of(spread, np.zeros((2, 3)))
                wrong += _differences(found.active, [False, True, False]) + _differences(
                    found.variance[[0, 2]], [0.25, 0.25]
                )
                wrong += _differences(found.kl[[0, 2]], [0.125, 0.125])
    return float(wrong)


@claim(
    "a posterior has collapsed strictly below its bounds",
    op="VariationalAutoencoder",
    level="value",
    method="KL and variances just below, at and above the bounds, one row and two; the first 1,000 rows are looked at, not the last",
    tolerance=0,
)
def _collapsed(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for kl, collapsed in ((0.0099, True), (0.0101, False), (0.0, True), (1.0, False)):
        wrong += _warns(*_moments(0.0, kl, 1)) != collapsed
    with lowered(latent_statistics, COLLAPSED_BELOW=0.25):  # two dimensions of 1/8 each
        wrong += _warns(np.full((1, 2), 0.5), np.zeros((1, 2))) + (
            not _warns(np.array([[0.5, 0.4999]]), np.zeros((1, 2)))
        )
    for variance, collapsed in ((0.99e-8, True), (1.01e-8, False), (0.0, True)):
        wrong += _warns(*_moments(variance)) != collapsed
    with lowered(latent_statistics, STILL_BELOW=0.25):
        mu = np.array([[2.5, 3], [3.5, 3]])
        wrong += _warns(mu, np.zeros((2, 2))) + (not _warns(mu * [0.999, 1], np.zeros((2, 2))))
    mu = np.zeros((1001, 1))
    mu[1000] = 1e3
    wrong += not _warns(mu, np.zeros_like(mu))
    mu[999] = 1e3
    wrong += _warns(mu, np.zeros_like(mu))
    mu[1:] = 0
    mu[0] = 1e3
    return float(wrong + _warns(mu, np.zeros_like(mu)))


def _warns(mu: Array, logvar: Array) -> bool:
    """Return whether a model with these moments warns about posterior collapse; the only feature of a row is its index."""
    model: Any = SimpleNamespace(_parameters=None, _moments_of=lambda parameters, x, y: (mu[x[:, 0]], logvar[x[:, 0]]))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        variational.VariationalAutoencoder._after_training(model, Data(np.arange(len(mu))[:, None]))
    return bool(said)


@claim(
    "features are large strictly above their bound, and certain pixels begin within theirs",
    op="VariationalAutoencoder",
    level="value",
    method="deviations and means around 300; mean pixels around 0.001 and 0.999, as the decoder's first bias",
    tolerance=1e-12,
)
def _first_biases(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for deviation, large in ((300.0, False), (_above(300, np.float64), True), (1.0, False)):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            data_initialisation._warn_of_large_features(np.zeros(2), np.array([1.0, deviation]))
            data_initialisation._warn_of_large_features(np.array([-deviation, 1.0]), np.ones(2))
        wrong += len(said) != 2 * large
    x = np.zeros((2000, 4))
    x[:, 1], x[:1, 2], x[:4, 3] = 1, 1, 1
    model = subject.models.VariationalAutoencoder(hidden_sizes=(), latent_dim=1, dtype="float64", random_state=0)
    parameters = model._first_state(4, 0).parameters
    model._initialise_from_data(Data(x), parameters)
    means = 1 / (1 + np.exp(-parameters["decoder.0.b"]))
    return float(wrong + np.abs(means - [0.001, 0.999, 0.001, 0.002]).max())


# Classes.


@claim(
    "of equally probable classes the first is predicted",
    op="predict",
    level="value",
    method="weights of zero, and biases of which the largest occurs twice; predictions, probabilities and scores",
    tolerance=0,
)
def _equal_classes(subject: Subject, rng: np.random.Generator) -> float:
    wrong, names = 0, np.array(["d", "a", "c", "b"])
    x, y = rng.random((8, 3)), np.tile(names, 2)
    for name in ("numba", "numpy"):
        with backend.use_backend(name):
            model = subject.models.StackedClassifier(hidden_sizes=(), epochs=1, random_state=0).fit(x, y)
            wrong += model.classes_.tolist() != ["a", "b", "c", "d"]
            for bias, best in (
                ([0, 0, 0, 0], "a"),
                ([0, 1, 1, 0], "b"),
                ([-1, -1, -2, -1], "a"),
                ([0, 0, 2, 2], "c"),
                ([1, 2, 3, 4], "d"),
            ):
                model._parameters.flat[:] = 0
                model.parameters_["softmax.0.b"][:] = bias
                wrong += _differences(model.predict(x), np.full(8, best)) + (model.score(x, y) != 0.25)
                wrong += _differences(
                    model.metrics(model._parameters, Data(x.astype(np.float32), np.tile([3, 0, 2, 1], 2)), None)[
                        "error"
                    ],
                    0.75,
                )
            model._parameters.flat[:] = 0
            wrong += _differences(model.predict_proba(x), np.full((8, 4), 0.25))
    return float(wrong)


@claim(
    "classes are sorted, and labels are their places",
    op="as_labels",
    level="value",
    method="strings, numbers of both signs, whole floats and truth values in any order; two classes, one, and other numbers of them; unknown labels",
    tolerance=0,
)
def _label_order(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for given, classes, places in (
        (["b", "a", "c", "a"], ["a", "b", "c"], [1, 0, 2, 0]),
        ([5, -1, 5, 0], [-1, 0, 5], [2, 0, 2, 1]),
        ([2.0, 1.0, 2.0, 1.0], [1.0, 2.0], [1, 0, 1, 0]),
        ([True, False, True, True], [False, True], [1, 0, 1, 1]),
        (["10", "9", "10", "9"], ["10", "9"], [0, 1, 0, 1]),
        ([10, 9, 10, 9], [9, 10], [1, 0, 1, 0]),
    ):
        y = labels.as_labels(np.array(given), 4)
        found, indices = labels.check_labels(y, len(classes))
        wrong += (
            (found.tolist() != classes) + _differences(indices, places) + (labels.as_labels(given, 4).tolist() != given)
        )
        wrong += _differences(labels.indices_of(y[::-1], found), places[::-1])
        wrong += sum(not _refused(labels.check_labels, y, n) for n in (len(classes) - 1, len(classes) + 1))
        wrong += sum(not _refused(labels.as_labels, given, n) for n in (3, 5))
    wrong += not _refused(labels.check_labels, np.array([1, 1, 1]), None)
    wrong += _refused(labels.check_labels, np.array([1, 1, 0]), None)
    for bad in ([1, 2.5], [1, np.nan], [1, np.inf], [1, None], ["a", 1], [[1, 2], [3, 4]]):
        wrong += not _refused(labels.as_labels, bad, 2)
    for unknown in ([0, 3], [4], [-1]):
        wrong += not _refused(labels.indices_of, np.array(unknown), np.array([0, 1, 2]))
    return float(wrong)


# Validation.


@claim(
    "checks accept and refuse exactly at their ends",
    op="check_number",
    level="value",
    method="every check of models/validation.py at, just inside and just outside its bounds; counted",
    tolerance=0,
)
def _checks(subject: Subject, rng: np.random.Generator) -> float:
    v, tiny, eps = validation, 5e-324, np.finfo(np.float64).eps
    share, opened, started = partial(partial, v.check_share, "x"), {"open_ends": True}, {"open_start": True}

    def number(value: Any, **ends: bool) -> Callable[[], Any]:
        return partial(v.check_number, "x", value, 2, **ends)

    def whole(value: Any) -> Callable[[], Any]:
        return partial(v.check_whole, "x", value, 2)

    def sizes(value: Any, least: int) -> Callable[[], Any]:
        return partial(v.check_sizes, value, least=least)

    accepted: list[Callable[..., Any]] = [
        whole(2), whole(np.int8(2)), whole(3), number(2), number(2.0), number(np.float32(2)), number(_above(2, np.float64), open_end=True),
        number(1e308), share(0), share(1), share(0.0), share(np.float32(1)), share(tiny, **opened), share(1 - eps, **opened),
        share(tiny, **started), share(1, **started), sizes((), 0), sizes((1,), 1), sizes([2, 3], 2), sizes(np.array([1]), 1),
        partial(v.check_flag, "x", True), partial(v.check_flag, "x", np.False_), partial(v.check_choice, "x", "a", ("a", "b")),
    ]  # fmt: skip
    refused: list[Callable[..., Any]] = [
        whole(1), whole(2.0), whole(True), whole("2"), whole(-3), number(_below(2, np.float64)), number(2, open_end=True), number(math.inf),
        number(math.nan), number(True), number("3"), number(-math.inf), share(-tiny), share(1 + eps), share(math.nan), share(True),
        share(0, **opened), share(1, **opened), share(0.0, **started), share(1 + eps, **started), share(-tiny, **started),
        sizes((), 1), sizes((0,), 1), sizes((1,), 2), sizes("12", 0), sizes((1.0,), 1), sizes(3, 0),
        partial(v.check_flag, "x", 1), partial(v.check_choice, "x", "c", ("a", "b")), partial(v.check_choice, "x", ["a"], ("a", "b")),
    ]  # fmt: skip
    return float(sum(map(_refused, accepted)) + sum(not _refused(call) for call in refused))


@claim(
    "data are accepted exactly in their range",
    op="check_array",
    level="value",
    method="pixels at 0 and 1 and just outside, infinity, NaN and overflow in every block of rows; shapes with nothing in them",
    tolerance=0,
)
def _data_checks(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    with lowered(blocks, BLOCK=2):
        for real in TYPES:
            check, name = validation.check_array, np.dtype(real).name
            good = np.array([[0, 1], [1, 0], [0.5, 0], [1, 1], [0, 0]], real)
            wrong += _differences(check(good, name, unit_interval=True, features=2), good)
            wrong += check(good, name).dtype != real
            for place in np.ndindex(*good.shape):
                for value in (_above(1, real), -float(np.finfo(real).tiny), math.nan, math.inf, -math.inf):
                    bad = good.copy()
                    bad[place] = value
                    wrong += not _refused(check, bad, name, unit_interval=True)
                    wrong += _refused(check, bad, name) == math.isfinite(value)
            wrong += sum(not _refused(check, good, name, features=n) for n in (1, 3))
            wrong += sum(not _refused(check, np.zeros(s), name) for s in ((0, 2), (2, 0), (2,), (), (1, 1, 1)))
            wrong += _refused(check, np.zeros((1, 1)), name)
            largest = float(np.finfo(np.float32).max)
            wrong += _refused(check, np.array([[largest]]), "float32") + (
                not _refused(check, [[2 * largest]], "float32")
            )
    return float(wrong)


# Model, option, accepted values, rejected values.
_SMALL = 5e-324
OPTIONS: list[tuple[str, str, list[Any], list[Any]]] = [
    *(
        (name, option, accepted, refused)
        for name in ("Autoencoder", "VariationalAutoencoder", "StackedClassifier")
        for option, accepted, refused in (
            ("learning_rate", [_SMALL, 1], [0, -1, math.inf]),
            ("learning_rate_decay", [_SMALL, 0.5, 1], [0, 1.0000001, -1]),
            ("weight_decay", [0, _SMALL], [-_SMALL, math.inf]),
            ("batch_size", [1], [0, 1.5]),
            ("epochs", [1], [0, 2.0]),
            ("random_state", [0, None], [-1, 0.5]),
            ("hidden_sizes", [(), (1,)], [(0,), 3]),
        )
    ),
    ("Autoencoder", "latent_dim", [1], [0]),
    ("VariationalAutoencoder", "latent_dim", [1], [0]),
    ("VariationalAutoencoder", "n_samples", [1], [0]),
    ("VariationalAutoencoder", "beta", [0, 3], [-_SMALL, math.inf]),
    ("VariationalAutoencoder", "warm_up", [0, 1], [-1, 1.0]),
    ("VariationalAutoencoder", "free_bits", [0, _SMALL], [-_SMALL]),
    (
        "VariationalAutoencoder",
        "variance",
        [_SMALL, "learned", "learned_per_feature", (_SMALL,), np.full(2, _SMALL)],
        [0, -1, "other", (), (1.0, 0), (1.0, math.nan), np.ones((1, 2)), None],
    ),
    ("DenoisingAutoencoder", "corruption_level", [0, 1], [-_SMALL, 1.0000001]),
    ("SparseAutoencoder", "sparsity", [_SMALL, 0.9999999], [0, 1]),
    ("SparseAutoencoder", "sparsity_weight", [0], [-_SMALL]),
    ("ContractiveAutoencoder", "contraction", [0], [-_SMALL]),
    ("KSparseAutoencoder", "k", [1, 63, 64], [0, 65]),
    ("StackedAutoencoder", "hidden_sizes", [(1,), (2, 3)], [(), (0,)]),
    ("StackedAutoencoder", "pretrain_epochs", [1], [0]),
    ("StackedAutoencoder", "pretrain_learning_rate", [_SMALL, None], [0]),
    ("StackedAutoencoder", "corruption_level", [0, 1, (0, 1)], [-_SMALL, 1.0000001, (0.5,), (0, 1, 1), (0, 2)]),
    ("StackedAutoencoder", "sparsity", [_SMALL], [0, 1]),
    ("StackedAutoencoder", "sparsity_weight", [0], [-_SMALL]),
    ("StackedAutoencoder", "contraction", [0], [-_SMALL]),
]
RULES: list[tuple[Callable[..., Any], str, list[Any], list[Any]]] = [
    (Momentum, "decay", [0, 0.9999999], [1, -_SMALL]),
    (Adam, "beta1", [0, 0.9999999], [1, -_SMALL]),
    (Adam, "beta2", [0, 0.9999999], [1, -_SMALL]),
    (Adam, "epsilon", [_SMALL, 1e30], [0, math.inf, -1]),
    (LBFGS, "memory", [1], [0, 1.0, True]),
    (LBFGS, "restart", [1], [0, -1]),
]


@claim(
    "options are accepted exactly up to their ends",
    op="Autoencoder",
    level="value",
    method="every option with a range, at its ends and just beyond, of models and of optimisers; counted",
    tolerance=0,
)
def _options(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for name, option, accepted, refused in OPTIONS:
        make = getattr(subject.models, name)
        wrong += sum(_refused(make(**{option: value})._check_options) for value in accepted)
        wrong += sum(not _refused(make(**{option: value})._check_options) for value in refused)
    gaussian = partial(subject.models.DenoisingAutoencoder, corruption="gaussian")
    wrong += _refused(gaussian(corruption_level=2.0)._check_options) + (
        not _refused(gaussian(corruption_level=-_SMALL)._check_options)
    )
    both = subject.models.VariationalAutoencoder(kl="sampled", free_bits=_SMALL)
    wrong += not _refused(both._check_options)
    for rule, setting, accepted, refused in RULES:
        wrong += sum(_refused(rule, **{setting: value}) for value in accepted)
        wrong += sum(not _refused(rule, **{setting: value}) for value in refused)
    return float(wrong)


@claim(
    "components and latents are accepted exactly up to the features",
    op="LinearGaussian",
    level="value",
    method="from 1 to all for principal components, to all but one for the linear model; variances of 0",
    tolerance=0,
)
def _linear_sizes(subject: Subject, rng: np.random.Generator) -> float:
    x, W = rng.standard_normal((20, 4)), np.ones((1, 2))
    components = partial(partial, subject.baselines.PrincipalComponents.fit, x)
    linear = partial(partial, subject.baselines.LinearGaussian.fit, x)
    fixed = partial(partial, subject.baselines.LinearGaussian, W, np.zeros(2))
    accepted = [components(1), components(4), linear(1), linear(3), fixed(_SMALL), fixed(1e300)]
    refused = [components(0), components(5), linear(0), linear(4), fixed(0.0), fixed(math.inf), fixed(-1.0)]
    return float(sum(map(_refused, accepted)) + sum(not _refused(call) for call in refused))


@claim(
    "paths begin and end at their ends, and a grid is even in probability",
    op="interpolate",
    level="value",
    method="two points and more, straight and on an arc; a grid of one, two and three steps; their least numbers",
    tolerance=1e-14,
)
def _paths(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.models.generation import path_between

    worst, (a, b) = 0.0, rng.standard_normal((2, 5))
    for method in ("linear", "spherical"):
        for n in (2, 3, 7):
            path = path_between(a, b, n, method)
            worst = max(worst, float(np.abs(path[[0, -1]] - [a, b]).max()), abs(len(path) - n))
        worst = max(worst, float(np.abs(path_between(a, 2 * a, 3, method)[1] - 1.5 * a).max()))
        worst = max(worst, float(np.abs(path_between(0 * a, a, 3, method)[1] - a / 2).max()))
        worst = max(worst, float(not _refused(path_between, a, b, 1, method)))
    model = subject.models.VariationalAutoencoder(
        hidden_sizes=(), latent_dim=3, dtype="float64", epochs=1, random_state=0
    ).fit(rng.random((4, 2)))
    for n, steps in (
        (1, [0.0]),
        (2, [-0.6744897501960817, 0.6744897501960817]),
        (3, [-0.967421566101701, 0, 0.967421566101701]),
    ):
        expected = [[right, 0.0, up] for up in steps[::-1] for right in steps]
        worst = max(worst, float(np.abs(model._grid(n, (0, 2)) - expected).max()))
    return max(worst, float(not _refused(model._grid, 0, (0, 1))), float(not _refused(model.sample, 0)))
