"""Mistakes that only many rows, many features, few draws or numbers far from 0 reveal."""

from __future__ import annotations

from mutants.mutant import Mutant

_MEANS = "in single precision, the mean activations of 300,000 rows keep their digits"
_FREE_BITS = "in single precision, the divergences with free bits of 300,000 rows keep their digits"
_BOUNDS = "in single precision, bounds of rows far from the mean keep the digits of their importance weights"

MUTANTS = [
    Mutant(
        "kernels/sparsity.py",
        "mean, flat = np.zeros(columns), h.ravel()",
        "mean, flat = np.zeros(columns, h.dtype), h.ravel()",
        "mean activations of many rows summed in float32, in the twin",
        claim=_MEANS,
    ),
    Mutant(
        "ops/sparsity.py",
        "h.mean(axis=0, dtype=np.result_type(h, np.float64))",
        "h.mean(axis=0)",
        "mean activations of many rows summed in float32",
        claim=_MEANS,
    ),
    Mutant(
        "kernels/gaussian_kl.py",
        "mean, flat = np.zeros(size), terms.ravel()",
        "mean, flat = np.zeros(size, terms.dtype), terms.ravel()",
        "mean divergences of many rows summed in float32, in the twin",
        claim=_FREE_BITS,
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "terms.mean(axis=0, dtype=np.result_type(terms, np.float64))",
        "terms.mean(axis=0)",
        "mean divergences of many rows summed in float32",
        claim=_FREE_BITS,
    ),
    Mutant(
        "models/variational.py",
        "return -nll.mean(axis=0, dtype=np.float64).astype(nll.dtype) -",
        "return -nll.mean(axis=0) -",
        "the score as a mean over thousands of draws in float32",
        claim=_BOUNDS,
    ),
]
