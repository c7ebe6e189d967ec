"""Noise that depends on the content of a row alone: a hash of the row is the key of a counter-based generator.

A generator with a state, as NumPy's, must be made anew for each row, which takes longer than the network. Here number c of a row is a
function of the row's key and of c, so that all rows are computed together, in integer arithmetic that is the same on every machine. The
mixing function is that of SplitMix64 (Steele et al., 2014); generators of this form are due to Salmon et al. (2011).

Derivation: docs/derivations/row_noise.md.

References
----------
Steele, G., Lea, D., Flood, C. (2014). Fast splittable pseudorandom number generators. OOPSLA.
Salmon, J., Moraes, M., Dror, R., Shaw, D. (2011). Parallel random numbers: as easy as 1, 2, 3. SC.
Box, G., Muller, M. (1958). A note on the generation of random normal deviates. Annals of Mathematical Statistics 29.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from scratchae.models.blocks import in_blocks
from scratchae.nets.network import Array

STEP = np.uint64(
    0x9E3779B97F4A7C15
)  # 2^64 divided by the golden ratio, odd: its multiples spread evenly over all 64-bit numbers
ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))  # shift and factor of each round of SplitMix64
SPREAD = np.uint64(ROUNDS[0][1])
AT_A_TIME = 2**15  # numbers that stay in the processor's cache from one operation to the next


def row_keys(x: Array) -> Array:
    """Compute a 64-bit hash of each row (row_noise.2).

    Rows that differ in a single number always have different keys. Equal rows have equal keys, whatever the sign of their zeros.

    Parameters
    ----------
    x : array of float32 or float64, shape (N, D)

    Returns
    -------
    keys : array of uint64, shape (N,)
    """
    rows = np.add(x, 0, order="C")  # -0.0 becomes 0.0
    if rows.shape[1] * x.itemsize % 8:
        rows = np.hstack([rows, np.zeros_like(rows[:, :1])])
    words = rows.view(np.uint64)  # two numbers of single precision in each
    words *= SPREAD
    words ^= words >> np.uint64(32)  # round numbers have zeros at their end, which a product would keep
    factors = mix(multiples(1, words.shape[1])) | np.uint64(1)
    return mix(words @ factors)  # (row_noise.2)


def mix(words: Array) -> Array:
    """Map 64-bit numbers one-to-one to numbers that look random (row_noise.1)."""
    words = words.copy()
    for shift, factor in ROUNDS:
        words ^= words >> np.uint64(shift)
        words *= np.uint64(factor)  # (row_noise.1)
    return words


def multiples(first: int, count: int) -> Array:
    """Return the multiples first, first + 1, … of STEP, modulo 2^64."""
    return np.arange(first, first + count, dtype=np.uint64) * STEP


def uniforms(keys: Array, first: int, count: int, dtype: DTypeLike) -> Array:
    """Return uniform noise in [0, 1) for each key: its numbers first, first + 1, … (row_noise.4).

    Parameters
    ----------
    keys : array of uint64, shape (N,)
    first, count : int
    dtype : {float32, float64}

    Returns
    -------
    u : array, shape (N, count)
        Multiples of 2^-24 or 2^-53, which the type represents exactly.
    """
    numbers, digits = multiples(first + 1, count), np.finfo(dtype).nmant + 1
    unit = np.dtype(dtype).type(2.0**-digits)

    def piece(keys: Array) -> Array:
        bits = mix(keys[:, None] + numbers)  # (row_noise.3)
        return (bits >> np.uint64(64 - digits)).astype(dtype) * unit  # (row_noise.4)

    return in_blocks(piece, keys, at_once=max(1, AT_A_TIME // count))


def normals(keys: Array, count: int, dtype: DTypeLike) -> Array:
    """Return standard normal noise for each key: each pair of normal numbers is made of two uniform ones (row_noise.5).

    The pairs need 2 ceil(count / 2) uniform numbers, from number 0 on.

    Parameters
    ----------
    keys : array of uint64, shape (N,)
    count : int
    dtype : {float32, float64}

    Returns
    -------
    eps : array, shape (N, count)
    """
    pairs = -(-count // 2)
    turn = np.full((), 2 * np.pi, dtype)

    def piece(keys: Array) -> Array:
        u, v = uniforms(keys, 0, pairs, np.float64), uniforms(keys, pairs, pairs, dtype)
        radius, angle = np.sqrt(-2 * np.log1p(-u)).astype(dtype), turn * v  # 1 - u is above 0
        return np.hstack([radius * np.cos(angle), radius * np.sin(angle)])[:, :count]  # (row_noise.5)

    return in_blocks(piece, keys, at_once=max(1, AT_A_TIME // count))
