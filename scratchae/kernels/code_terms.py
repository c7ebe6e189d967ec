"""Terms at the code of an autoencoder, in whole training steps: what is done to the code, or added to the loss for it.

| option | model | on the way forward | in the loss | on the way back |
| --- | --- | --- | --- | --- |
| `rho` | sparse | | divergence of the mean activations from `rho` | its gradient is added to that of the code |
| `k` | k-sparse | all but the `k` largest entries become zero | | the gradient of these entries becomes zero |
| `activation` | contractive | | squared norm of the code's Jacobian | gradients are added to those of the code and of its weights |
| `scale` | Wasserstein | | squared MMD of codes and draws from the prior | its gradient is added to that of the code |

Options that a model does not have are None. Numba leaves out what depends on them, so that each model compiles its own term only; for this, the
options are arguments of the functions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from scratchae.kernels.compile import inner
from scratchae.kernels.contraction import contraction_both, contraction_of_weights
from scratchae.kernels.discrepancy import squared_mmd_both
from scratchae.kernels.layers import times_slope
from scratchae.kernels.sparsity import keep_marked, mark_largest, sparsity_kl_both
from scratchae.kernels.tile import pointer


class CodeTerm(NamedTuple):
    """A term at the code, with one option of its own.

    Parameters
    ----------
    layers : int
        Number of layers up to the code.
    weight : float
        Weight of the penalty in the loss.
    rho : float or None
        Target of the mean activations.
    k : int or None
        Number of entries that are kept.
    activation : int or None
        Activation of the code whose Jacobian is penalised.
    scale : float or None
        C of the MMD's kernel.
    """

    layers: Any
    weight: Any
    rho: Any = None
    k: Any = None
    activation: Any = None
    scale: Any = None


@inner
def select(k, h, kept):  # type: ignore[no-untyped-def]
    """Keep the k largest entries of each code, in place; `kept` receives 1 for them, and 0 for the others."""
    if k is not None:
        mark_largest(h, k, kept)
        keep_marked(h, kept, h)  # (k_sparse_autoencoder.1)


@inner
def penalise(rho, activation, scale, weight, share, h, W, draws, dh):  # type: ignore[no-untyped-def]
    """Return the penalty, summed over the rows; dh receives the gradient of its weighted mean with respect to the code h.

    Parameters
    ----------
    rho, activation, scale, weight
        As in `CodeTerm`.
    share : float
        Weight of each row in the mean.
    h : array, shape (N, J)
    W : array, shape (D, J)
        Weights of the code's layer.
    draws : pointer
        N times J draws from the prior.
    dh : array, shape (N, J)
    """
    rows, total = h.shape[0], 0.0
    if rho is not None:
        total += rows * sparsity_kl_both(weight * share * rows, h, rho, dh)  # (sparse.1)
    if scale is not None:
        total += rows * squared_mmd_both(weight * share * rows, h, carray(draws, h.shape), scale, dh)  # (wasserstein.4)
    if activation is not None:
        penalties = np.empty(rows, h.dtype)
        contraction_both(np.full(rows, h.dtype.type(weight * share)), h, W, activation, penalties, dh)
        for n in range(rows):
            total += penalties[n]  # (contractive.1)
    return total


@inner
def select_backward(k, kept, da):  # type: ignore[no-untyped-def]
    """Set the gradient da of the entries that were not kept to 0, in place."""
    if k is not None:
        keep_marked(da, kept, da)  # (k_sparse_autoencoder.2)


@inner
def add_slopes(k, h, of_code, dh, da):  # type: ignore[no-untyped-def]
    """Add the gradient of a penalty to da, the gradient with respect to the inputs of the code's units, whose activation is `of_code`."""
    if k is None:
        dh_numbers, da_numbers = pointer(dh), pointer(da)
        times_slope(dh_numbers, pointer(h), h.size, of_code, dh_numbers)  # (layer.2)
        for i in range(h.size):
            da_numbers[i] += dh_numbers[i]  # (sparse.2), (contractive.2), (wasserstein.6)


@inner
def contract_weights(activation, weight, share, h, W, dW, tied):  # type: ignore[no-untyped-def]
    """Write the gradient of the contraction with respect to W to dW, or add it to that of the decoder, whose weights are `tied`."""
    if activation is not None:
        upstream = np.full(h.shape[0], h.dtype.type(weight * share))
        contraction_of_weights(upstream, h, W, activation, dW, tied)  # (contractive.3)
