"""Terms at the code of an autoencoder, in whole training steps: what is done to the code, or added to the loss for it.

| term | model | on the way forward | in the loss | on the way back |
| --- | --- | --- | --- | --- |
| SPARSITY | sparse | | divergence of the mean activations from the target | its gradient is added to that of the code |
| SELECTION | k-sparse | all but the k largest entries become zero | | the gradient of these entries becomes zero |
| CONTRACTION | contractive | | squared norm of the code's Jacobian | gradients are added to those of the code and of its weights |
| DISCREPANCY | Wasserstein | | squared MMD of codes and draws from the prior | its gradient is added to that of the code |

`penalise` and `select` run in the forward pass, `terms_backward` between the backward passes of decoder and encoder.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchae.kernels.compile import inner
from scratchae.kernels.contraction import contraction_both, contraction_of_weights
from scratchae.kernels.discrepancy import squared_mmd_both
from scratchae.kernels.layers import times_slope
from scratchae.kernels.sparsity import keep_marked, mark_largest, sparsity_kl_both

NO_TERM, SPARSITY, SELECTION, CONTRACTION, DISCREPANCY = (np.int64(code) for code in range(5))


class CodeTerm(NamedTuple):
    """A term at the code.

    Parameters
    ----------
    kind : int
    layers : int
        Number of layers up to the code; all layers, if there is no term.
    weight : float
        Weight of the penalty in the loss.
    option : float
        Target of the mean activations, number of entries that are kept, or scale of the kernel.
    """

    kind: Any
    layers: Any
    weight: Any
    option: Any


@inner
def select(term, h, memory):  # type: ignore[no-untyped-def]
    """Apply a selection to the code h, in place; `memory` receives 1 for entries that are kept, and 0 for the others."""
    if term.kind == SELECTION:
        mark_largest(h, int(term.option), memory)
        keep_marked(h, memory, h)  # (k_sparse_autoencoder.1)


@inner
def penalise(term, weight, h, W, activation, draws, memory):  # type: ignore[no-untyped-def]
    """Return the penalty, summed over the rows; `memory` receives the gradient of `weight` times that sum, with respect to h.

    Parameters
    ----------
    term : CodeTerm
    weight : float
        Weight of each row in the mean.
    h : array, shape (N, J)
        The code.
    W : array, shape (D, J)
        Weights of its layer.
    activation : int
    draws : array, shape (N, J)
        Draws from the prior (DISCREPANCY).
    memory : array, shape (N, J)
    """
    rows, upstream = h.shape[0], weight * term.weight
    if term.kind == SPARSITY:
        return rows * sparsity_kl_both(upstream * rows, h, term.option, memory)  # (sparse.1)
    if term.kind == DISCREPANCY:
        return rows * squared_mmd_both(upstream * rows, h, draws, term.option, memory)  # (wasserstein.4)
    total = 0.0
    if term.kind == CONTRACTION:
        penalties = np.empty(rows, h.dtype)
        contraction_both(np.full(rows, h.dtype.type(upstream)), h, W, activation, penalties, memory)
        for n in range(rows):
            total += penalties[n]  # (contractive.1)
    return total


@inner
def terms_backward(term, weight, h, W, activation, shared, memory, da, dW):  # type: ignore[no-untyped-def]
    """Let a term change the gradient da with respect to the inputs of the code's units, and the gradient dW of its weights.

    Parameters
    ----------
    term, weight, h, W, activation
        As in `penalise`.
    shared : bool
        Whether dW contains the gradient from a tied layer of the decoder.
    memory : array, shape (N, J)
        As `select` or `penalise` left it.
    da : array, shape (N, J)
    dW : array, shape (D, J)
    """
    if term.kind == SELECTION:
        keep_marked(da, memory, da)  # (k_sparse_autoencoder.2)
    else:
        dh, flat = memory.ravel(), da.ravel()
        times_slope(dh, h.ravel(), activation, dh)  # (layer.2)
        for i in range(flat.size):
            flat[i] += dh[i]  # (sparse.2), (contractive.2), (wasserstein.6)
    if term.kind == CONTRACTION:
        dpenalties = np.full(h.shape[0], h.dtype.type(weight * term.weight))
        contraction_of_weights(dpenalties, h, W, activation, dW, shared)  # (contractive.3)
