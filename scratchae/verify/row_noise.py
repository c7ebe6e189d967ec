"""Claims about the noise that depends on a row alone: its definition in Python's integers, and its distribution on regular rows.

Derivation: docs/derivations/row_noise.md.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchae.models import row_noise
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, entrywise_error

WORD = 2**64
STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
TYPES: tuple[Any, ...] = (np.float32, np.float64)
DEVIATIONS = 5  # allowed sampling error in standard deviations, as for initial weights
ROWS, COUNT = 20_000, 7


def mixed(word: int) -> int:
    """Return the mixing function of SplitMix64 (row_noise.1)."""
    word = (word ^ word >> 30) * FIRST % WORD
    word = (word ^ word >> 27) * SECOND % WORD
    return word ^ word >> 31


def key_of(row: Array) -> int:
    """Return the key of one row (row_noise.2)."""
    content = (row + 0.0).tobytes()
    content += bytes(-len(content) % 8)
    total = 0
    for i in range(len(content) // 8):
        word = int.from_bytes(content[8 * i : 8 * i + 8], "little") * FIRST % WORD
        total += (mixed((i + 1) * STEP % WORD) | 1) * (word ^ word >> 32)
    return mixed(total % WORD)


def uniform_of(row: Array, place: int, digits: int) -> float:
    """Return one uniform number of a row (row_noise.3, row_noise.4)."""
    return float((mixed((key_of(row) + (place + 1) * STEP) % WORD) >> 64 - digits) / 2**digits)


def digits_of(row: Array) -> int:
    """Return the number of binary digits of uniform numbers in the row's type."""
    return 24 if row.dtype == np.float32 else 53


def normals_of(row: Array, count: int) -> Array:
    """Return the normal noise of one row, shape (count,) (row_noise.5)."""
    pairs, cosines, sines = math.ceil(count / 2), [], []
    for j in range(pairs):
        radius = math.sqrt(-2 * math.log1p(-uniform_of(row, j, 53)))
        angle = 2 * math.pi * uniform_of(row, pairs + j, digits_of(row))
        cosines.append(radius * math.cos(angle))
        sines.append(radius * math.sin(angle))
    return np.array((cosines + sines)[:count])


def _regular_rows(real: Any) -> list[Array]:
    """Return tables of different rows with little content: counts, one-hot pixels, black and white images, tiny differences."""
    counts = np.arange(ROWS, dtype=real)
    white = np.eye(400, dtype=real)
    images = np.arange(ROWS)[:, None] >> np.arange(15) & 1
    near = np.full((ROWS, 3), 0.5, real)
    near[:, 1] += counts * np.finfo(real).eps / 2
    return [counts[:, None], np.stack([counts, counts], axis=1), white, images.astype(real), near]


@claim(
    "row noise is that of its definition",
    op="row_noise",
    equation="row_noise.1 row_noise.2 row_noise.3 row_noise.4 row_noise.5",
    level="value",
    method="Python's integers, row by row, both float types, even and odd numbers of columns, in pieces; keys and uniform numbers exactly",
    tolerance=1.0,
)
def _definition(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for real, eps in zip(TYPES, (1.5e-6, 4e-15), strict=True):
        for width in (1, 2, 5, 8):
            x = rng.standard_normal((4, width)).astype(real)
            x[0, 0], x[1, -1], x[2] = 0, -0.0, 1
            keys = row_noise.row_keys(x)
            if keys.tolist() != [key_of(row) for row in x]:
                return np.inf
            for first, count in ((0, 1), (3, 4), (6, 9)):
                u = row_noise.uniforms(keys, first, count, real)
                hand = [[uniform_of(row, first + c, digits_of(row)) for c in range(count)] for row in x]
                if u.dtype != real or not np.array_equal(u, np.array(hand)):
                    return np.inf
                normal = row_noise.normals(keys, count, real)
                expected = np.array([normals_of(row, count) for row in x])
                if normal.dtype != real or normal.shape != expected.shape:
                    return np.inf
                worst = max(worst, float(entrywise_error(normal, expected, 1.0)) / eps)
    return worst


@claim(
    "rows have the same noise if they are equal, and only then",
    op="row_noise",
    equation="row_noise.2",
    level="meaning",
    method="every bit of a row changed by itself; zeros of both signs; regular rows without a common key; a row alone and among others",
    tolerance=0,
)
def _keys(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for real, word in zip(TYPES, (np.uint32, np.uint64), strict=True):
        row = rng.random((1, 5)).astype(real) + 1
        bits = 8 * word().itemsize
        changed = np.repeat(row, 5 * bits, axis=0).view(word)
        changed[np.arange(5 * bits), np.arange(5 * bits) // bits] ^= (
            word(1) << np.arange(bits, dtype=word)[None].repeat(5, axis=0).ravel()
        )
        with np.errstate(invalid="ignore"):  # a changed bit may make a signalling NaN
            keys = row_noise.row_keys(np.concatenate([row, changed.view(real)]))
        wrong += len(keys) - len(np.unique(keys))
        for x in _regular_rows(real):
            keys = row_noise.row_keys(x)
            wrong += len(x) - len(np.unique(keys))
            wrong += int((row_noise.row_keys(x[5:6]) != keys[5]).sum())
            wrong += int((row_noise.normals(keys[5:6], 3, real) != row_noise.normals(keys, 3, real)[5]).sum())
        zeros = np.array([[0.0, 1.0], [-0.0, 1.0]], real)
        wrong += len(np.unique(row_noise.row_keys(zeros))) - 1
    return float(wrong)


@claim(
    "row noise is uniform, or standard normal, and independent between rows and draws",
    op="row_noise",
    equation="row_noise.4 row_noise.5",
    level="meaning",
    method="scipy.stats.kstest, four moments, correlations along rows and columns, on regular rows; in sampling deviations",
    tolerance=DEVIATIONS,
)
def _distribution(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import kstest, norm

    worst = 0.0
    for real in TYPES:
        for x in _regular_rows(real):
            keys = row_noise.row_keys(x)
            eps = row_noise.normals(keys, COUNT, real).astype(np.float64)
            u = row_noise.uniforms(keys, 2 * COUNT, COUNT, real).astype(np.float64)
            if not (u.min() >= 0 and u.max() < 1):
                return np.inf
            chances = [kstest(eps.ravel(), "norm").pvalue, kstest(u.ravel(), "uniform").pvalue]
            moments = [abs((eps**k).mean() - m) / math.sqrt(v / eps.size) for k, m, v in _MOMENTS]
            pairs = [_correlated(z) for z in (eps, eps**2 - 1, u - 0.5, norm.ppf(np.clip(u, 1e-9, 1 - 1e-9)) * eps)]
            worst = max(worst, *(norm.isf(chance / 2) for chance in chances), *moments, *pairs)
    return float(worst)


_MOMENTS = ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96))  # power, its mean, and the variance of the power


def _correlated(z: Array) -> float:
    """Return the largest correlation of columns, and of rows that follow one another, in sampling deviations."""
    z = (z - z.mean()) / z.std()
    columns = np.abs(np.corrcoef(z.T) - np.eye(z.shape[1])).max() * math.sqrt(len(z))
    following = z[1:] * z[:-1]
    return float(max(columns, abs(following.mean()) * math.sqrt(following.size)))


@claim(
    "each bit of a row changes half of the bits of its key",
    op="row_noise",
    equation="row_noise.1 row_noise.2",
    level="meaning",
    method="every bit of 400 rows changed by itself; the share of changed bits for each pair of bits, in sampling deviations",
    tolerance=DEVIATIONS,
)
def _avalanche(subject: Subject, rng: np.random.Generator) -> float:
    worst, rows, width = 0.0, 400, 6
    for word in (np.uint32, np.uint64):
        bits = 8 * word().itemsize
        x = (rng.random((rows, width)) + 1).astype(np.dtype(f"f{bits // 8}"))
        before = row_noise.row_keys(x)
        for place in range(width):
            for bit in range(bits - 12):  # not the exponents, whose changes make NaN
                changed = x.copy()
                changed.view(word)[:, place] ^= word(1 << bit)
                difference = row_noise.row_keys(changed) ^ before
                share = (difference[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)).mean(axis=0)
                worst = max(worst, np.abs(share - 0.5).max() * 2 * math.sqrt(rows))
    return float(worst)
