"""The squared maximum mean discrepancy of codes and draws from the prior, with its gradient, for whole training steps.

Compiled twin of `squared_mmd` and `squared_mmd_backward` in `scratchae.models.wasserstein`. Codes and draws are copied to double precision,
one row per dimension, so that a loop over the points reads memory in order and is vectorised.
"""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner


@inner
def _by_dimension(points):  # type: ignore[no-untyped-def]
    """Return the points, shape (N, J), as an array of shape (J, N) in double precision."""
    N, J = points.shape
    by_dimension = np.empty((J, N))
    for n in range(N):
        for j in range(J):
            by_dimension[j, n] = points[n, j]
    return by_dimension


@inner
def _similarities(a, n, b, scale, k):  # type: ignore[no-untyped-def]
    """Write the kernel between point n of a and each point of b to k; return the sum."""
    for m in range(k.size):
        k[m] = scale
    for j in range(a.shape[0]):
        for m in range(k.size):
            k[m] += (a[j, n] - b[j, m]) * (a[j, n] - b[j, m])
    total = 0.0
    for m in range(k.size):
        k[m] = scale / k[m]  # (wasserstein.1)
        total += k[m]
    return total


@inner
def _add_slopes(factor, a, n, b, scale, k, slopes):  # type: ignore[no-untyped-def]
    """Add `factor` times the derivative of the sum of the kernels k with respect to point n of a."""
    for j in range(a.shape[0]):
        total = 0.0
        for m in range(k.size):
            total += k[m] * k[m] * (a[j, n] - b[j, m])
        slopes[j] -= factor * 2 / scale * total  # (wasserstein.2)


@inner
def squared_mmd_both(dmmd, h, z, scale, dh):  # type: ignore[no-untyped-def]
    """Return the squared discrepancy, and write its gradient to dh.

    Parameters
    ----------
    dmmd : float
        Upstream gradient.
    h, z : array, shape (N, J)
        Codes, and draws from the prior.
    scale : float
        C of the kernel.
    dh : array, shape (N, J)
    """
    N, J = h.shape
    pairs = max(N * (N - 1), 1)  # a single row has no pairs
    codes, draws, k, slopes = _by_dimension(h), _by_dimension(z), np.empty(N), np.empty(J)
    among, between = 0.0, 0.0
    for n in range(N):
        for j in range(slopes.size):
            slopes[j] = 0
        among += _similarities(codes, n, codes, scale, k) - 1  # k(a, a) is 1
        _add_slopes(2 * dmmd / pairs, codes, n, codes, scale, k, slopes)
        between += _similarities(codes, n, draws, scale, k)
        _add_slopes(-2 * dmmd / N**2, codes, n, draws, scale, k, slopes)
        among += _similarities(draws, n, draws, scale, k) - 1
        for j in range(slopes.size):
            dh[n, j] = slopes[j]  # (wasserstein.5)
    return among / pairs - 2 * between / N**2  # (wasserstein.3)
