"""The Gaussian likelihood in whole training steps; the variance of each feature around the decoder's output is given or learned.

All arrays are pointers: x of shape (N, D); the decoder's output and its gradient, (N, D) or with L draws (L N, D); logvar and precisions, the
log-variances and the inverse of the variances, (D,). `learned` is the number of learned log-variances, which begin at `parameters`: none, one for
all features, or one for each.
"""

from __future__ import annotations

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner
from scratchae.kernels.gaussian import LOG_2_PI
from scratchae.kernels.tile import advanced


@inner
def read_variances(learned, parameters, logvar, precisions, features):  # type: ignore[no-untyped-def]
    """Compute e^-logvar of every feature, after reading log-variances from the parameters if they are learned."""
    if learned > 0:
        for j in range(features):
            logvar[j] = parameters[min(j, learned - 1)]
    for j in range(features):
        precisions[j] = scalars.exp(-logvar[j])


@inner
def gaussian_rows_both(weights, mean, x, logvar, precisions, losses, dmean, rows, columns):  # type: ignore[no-untyped-def]
    """Compute -log p(x|z) of every row, and its gradient with respect to the mean times the weight of the row."""
    constant = 0.0
    for j in range(columns):
        constant += LOG_2_PI + logvar[j]
    for i in range(rows):
        a, target, da = advanced(mean, i * columns), advanced(x, i * columns), advanced(dmean, i * columns)
        total, weight = 0.0, weights[i]
        for j in range(columns):
            e = a[j] - target[j]
            scaled = e * precisions[j]
            total += e * scaled
            da[j] = weight * scaled  # (gaussian_nll.3)
        losses[i] = (constant + total) / 2  # (gaussian_nll.2)


@inner
def variance_gradient(learned, weights, output, doutput, x, sums, rows, draws, features, gradient):  # type: ignore[no-untyped-def]
    """Write the gradient of the learned log-variances, from the gradient of the output."""
    for j in range(features):
        sums[j] = 0
    for i in range(draws * rows):
        a, da = advanced(output, i * features), advanced(doutput, i * features)
        target, weight = advanced(x, i % rows * features), weights[i]
        for j in range(features):
            sums[j] += weight - da[j] * (a[j] - target[j])  # in double precision: terms of both signs cancel
    for j in range(learned, features):
        sums[0] += sums[j]  # (gaussian_nll.6): one for all features
    for j in range(learned):
        gradient[j] = sums[j] / 2  # (gaussian_nll.5)


@inner
def keep_above(learned, parameters, least):  # type: ignore[no-untyped-def]
    """Raise learned log-variances to their least values."""
    for j in range(learned):
        if parameters[j] < least[j]:
            parameters[j] = least[j]  # (gaussian_nll.8)
