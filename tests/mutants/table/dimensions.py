"""Mistakes that only unusual sizes and options reveal: many rows or features, few draws or threads, large numbers, a code with its own activation."""

from __future__ import annotations

from mutants.mutant import Mutant

_MEANS = "in single precision, the mean activations of 300,000 rows keep their digits"
_FREE_BITS = "in single precision, the divergences with free bits of 300,000 rows keep their digits"
_BOUNDS = "in single precision, bounds of rows far from the mean keep the digits of their importance weights"
_FEATURES = "log p(x) of 784 features is finite and exact, for small and large variances"
_TRACE = "gaussian_kl_trace of 300 dimensions is finite and exact, for small and large covariances"
_FAR_CODES = "in single precision, the discrepancy of codes far from 0 and its gradient keep their digits"
_COLLAPSED = "a posterior has collapsed strictly below its bounds"
_BLOCKS = "no block of the inference is larger than promised, however many rows and draws there are"
_SCRATCH = "scratch memory suffices for all threads, and no two Python threads share it"
_CONTRACTIVE = "ContractiveAutoencoder: loss and gradients are those of the definition, for every pair of options"
_JACOBIAN = "contraction_of is the squared norm of the code's Jacobian at each row"

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
    Mutant(
        "baselines/linear_gaussian.py",
        "_, log_size = np.linalg.slogdet(covariance)",
        "log_size = np.log(np.linalg.det(covariance))",
        "the log of a determinant that underflows or overflows with many features",
        claim=_FEATURES,
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (
            "sign, log_size = np.linalg.slogdet(covariance)  # det = sign exp(log_size), which cannot overflow",
            "(np.log(sign) + log_size)) / 2",
        ),
        ("log_size = np.log(np.linalg.det(covariance))", "log_size) / 2"),
        "the log of a determinant that underflows or overflows with many dimensions",
        claim=_TRACE,
    ),
    Mutant(
        "kernels/gaussian_kl.py",
        (
            "total = 0.0\n        for j in range(size):  # the determinant is the product of the pivots\n",
            "* mu[n, j] - 1 - np.log(upper[n, j, j])\n        kl[n] = total / 2  # (gaussian_kl_trace.1)",
        ),
        (
            "total, det = 0.0, 1.0\n        for j in range(size):\n            det *= upper[n, j, j]\n",
            "* mu[n, j] - 1\n        kl[n] = (total - np.log(det)) / 2  # (gaussian_kl_trace.1)",
        ),
        "one logarithm in place of many, of a product that underflows or overflows",
        claim=_TRACE,
    ),
    Mutant(
        "models/wasserstein.py",
        "    a, b = _exact(a), _exact(b)\n",
        "",
        "squared lengths of large codes in float32, of which a small distance is the difference",
        claim=_FAR_CODES,
    ),
    Mutant(
        "models/variational.py",
        "some = data.part(slice(ENOUGH_ROWS))",
        "some = data.part(slice(-ENOUGH_ROWS, None))",
        "a warning on the last rows in place of the first",
        claim=_COLLAPSED,
    ),
    Mutant(
        "models/bounds.py",
        "at_once = max(1, blocks.BLOCK // rows)",
        "at_once = max(1, blocks.BLOCK // n_samples)",
        "as many draws at a time as draws fit into a block: all 20 draws of 20,000 rows at once",
        claim=_BLOCKS,
    ),
    Mutant(
        "kernels/product.py",
        "COUNTER + numba.config.NUMBA_NUM_THREADS * SCRATCH",
        "COUNTER + numba.get_num_threads() * SCRATCH",
        "memory for the threads in use, which may be more at the next call",
        claim=_SCRATCH,
    ),
    Mutant(
        "models/contractive.py",
        "penalties = ops.contractive_penalty(h[-1], W, activation)",
        "penalties = ops.contractive_penalty(h[-1], W, self.activation)",
        "a penalty with the slope of the option activation, although the code has its own",
        claim=_CONTRACTIVE,
    ),
    Mutant(
        "models/contractive.py",
        "ops.contractive_penalty_backward(dpenalties, h[-1], W, activation)",
        "ops.contractive_penalty_backward(dpenalties, h[-1], W, self.activation)",
        "a gradient of the penalty with the option activation, although the code has its own",
        claim=_CONTRACTIVE,
    ),
    Mutant(
        "models/contractive.py",
        'return backend.active().contractive_penalty(h, parameters["encoder.0.W"], self._code_activation())',
        'return backend.active().contractive_penalty(h, parameters["encoder.0.W"], self.activation)',
        "a reported contraction with the option activation, although the code has its own",
        claim=_JACOBIAN,
    ),
]
