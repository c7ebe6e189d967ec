"""Claims about the step on a layer's weights in one pass: the gradient and the update, on both sides of every size of their code paths.

Inputs and gradients are small multiples of a power of two, so that xᵀ dy is exact for any order of summation. All memory is between guards,
and contains NaN before it is written.
"""

from __future__ import annotations

import numpy as np

from scratchae.kernels import updates, weight_steps
from scratchae.kernels.compile import kernel
from scratchae.kernels.matrix import rows_at
from scratchae.kernels.product import scratch_memory
from scratchae.kernels.tile import MOST_COLUMNS
from scratchae.verify.claims import Subject, claim, worst
from scratchae.verify.derivatives import entrywise_error
from scratchae.verify.memory import Guards, in_python, on_all_threads, on_threads, thread_numbers
from scratchae.verify.thresholds import EPS, FULL, RULES, SETTINGS, advanced, pointer, updated

STRIP, GROUP, MOST_ROWS = weight_steps.STRIP, weight_steps.GROUP, weight_steps.MOST_ROWS


@kernel
def move_weights(x, dy, rows, d_in, d_out, theta, state, rule, constants, db, panels, scratch):  # type: ignore[no-untyped-def]
    """Call `weight_steps.move_weights` from Python."""
    m = pointer(state)
    weight_steps.move_weights(
        rows_at(pointer(x), rows, d_in), rows_at(pointer(dy), rows, d_out), pointer(theta), m, advanced(m, theta.size), rule,
        pointer(constants), pointer(db), pointer(panels), pointer(scratch),
    )  # fmt: skip


def shapes(dtype: str) -> list[tuple[int, int, int]]:
    """Return rows, inputs and outputs of layers: strips, tiles, panels and groups that are whole and that are not, and several groups."""
    full = FULL[dtype]
    return [
        (1, 1, 1),
        (3, STRIP, full),
        (MOST_ROWS, STRIP + 1, 2 * full - 1),
        (7, 2 * STRIP - 1, full + 3),
        (200, 80 * STRIP + STRIP // 2, GROUP * full),  # long enough for threads to meet
        (4, STRIP - 1, GROUP * full + 1),
        (2, 2 * STRIP + 3, 2 * GROUP * full + full // 2),
    ]


def constants_of(rule: str, decay: float, dtype: str) -> np.ndarray:
    """Return the constants of an update."""
    constants, settings = np.zeros(updates.CONSTANTS, dtype), np.array([*SETTINGS[rule], 0, 0][:4], np.float64)
    in_python(updates.constants_of)(RULES[rule], settings, 1, decay, constants)
    return constants


def step_error(rule: str, decay: float, shape: tuple[int, int, int], dtype: str, rng: np.random.Generator) -> float:
    """Return the error of weights, state and bias gradient; infinite if threads differ, a guard is broken or a weight stays."""
    rows, d_in, d_out = shape
    x, dy = (rng.integers(1, 9, size).astype(dtype) / 8 for size in ((rows, d_in), (rows, d_out)))
    theta, state = (rng.standard_normal(size).astype(dtype) for size in (d_in * d_out, (2, d_in * d_out)))
    state = np.abs(state)[: {"sgd": 0, "momentum": 1, "adam": 2}[rule]]
    exact = theta.astype(np.float64)
    gradient = (x.T.astype(np.float64) @ dy).ravel() + np.dtype(dtype).type(decay) * exact
    after, state_after, scale, scales = updated(rule, exact, state.astype(np.float64), gradient[None])
    results = []
    for number in thread_numbers():
        guards = Guards()
        moved, slots, db = guards.like(theta), guards.like(state), guards.array(d_out, dtype)
        panels = guards.array(rows * -(-d_out // FULL[dtype]) * FULL[dtype], dtype)
        scratch = guards.array(scratch_memory(np.dtype(dtype)).size, dtype)
        arguments = (guards.like(constants_of(rule, decay, dtype)), db, panels, scratch)
        with on_threads(number):
            move_weights(guards.like(x), guards.like(dy), *shape, moved, slots, RULES[rule], *arguments)
        results.append(np.concatenate([moved, slots.ravel(), db]))
        if guards.broken() or not np.array_equal(results[-1], results[0]) or (moved == theta).any():
            return np.inf
    expected = np.concatenate([after, state_after.ravel(), dy.sum(axis=0, dtype=np.float64)])
    return entrywise_error(results[0], expected, np.concatenate([scale, scales.ravel(), np.zeros(d_out)]))


def _register(rule: str, dtype: str) -> None:
    @claim(
        f"the step of {rule} on a layer's weights in one pass, at every threshold in {dtype}",
        op="kernels",
        equation=" ".join(
            ["dense.6 dense.8", *(f"{rule}.{i}" for i in range(1, {"sgd": 2, "momentum": 3, "adam": 4}[rule]))]
        ),
        level="value",
        method="exact gradient and one step in float64; guarded memory, 0 to 2 threads, with and without weight decay",
        tolerance=24 * EPS[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        settings = [(shape, decay) for shape in shapes(dtype) for decay in (0.0, 0.25)]
        return on_all_threads(
            worst((step_error(rule, decay, shape, dtype, rng) for shape, decay in settings), 24 * EPS[dtype])
        )


@claim(
    "a step is taken in one pass for large layers and batches of few rows",
    op="fit",
    level="meaning",
    method="sizes on both sides of both thresholds",
    tolerance=0,
)
def _gate(subject: Subject, rng: np.random.Generator) -> float:
    """Return the number of wrong decisions."""
    fused, side = in_python(weight_steps.in_one_pass), weight_steps.SMALLEST // MOST_COLUMNS
    cases = {
        (MOST_ROWS, side, MOST_COLUMNS): True,
        (1, side, MOST_COLUMNS): True,
        (MOST_ROWS + 1, side, MOST_COLUMNS): False,
        (MOST_ROWS, side - 1, MOST_COLUMNS): False,
    }
    return float(sum(bool(fused(*sizes)) != expected for sizes, expected in cases.items()))


for _dtype in EPS:
    for _rule in RULES:
        _register(_rule, _dtype)
