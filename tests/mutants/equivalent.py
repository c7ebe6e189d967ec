"""Changes made by rule that have no visible effect, with the reasons; they are counted separately."""

from __future__ import annotations

from mutants.mutant import Mutant

EQUIVALENT: list[Mutant] = [
    Mutant(
        "kernels/steps.py",
        "    if strength > 0:\n        work.gradient[:] = 0",
        "    if strength >= 0:\n        work.gradient[:] = 0",
        "a weight decay of strength 0 adds zeros",
    ),
    Mutant(
        "kernels/scalars.py",
        "_formulas(np.float64, 13, 16)",
        "_formulas(np.float64, 14, 16)",
        "one more term of a series whose last term is already below the rounding error",
    ),
    Mutant(
        "kernels/losses.py",
        "PARALLEL_FROM = 50_000",
        "PARALLEL_FROM = 50001",
        "a size from which threads are used: results are the same for any number of threads",
    ),
    Mutant(
        "kernels/threads.py",
        "TRY_FROM, TRY_AGAIN = 8, 64",
        "TRY_FROM, TRY_AGAIN = 7, 64",
        "the call in which one thread is timed for the first time: results are the same for any number of threads",
    ),
    Mutant(
        "kernels/scalars.py",
        "(one if x >= zero else t) * (two + t) * both",
        "(one if x > zero else t) * (two + t) * both",
        "t = exp(-|x|) is exactly 1 at x = 0",
    ),
    Mutant(
        "models/variational.py",
        "        if self.free_bits > 0:\n            terms",
        "        if self.free_bits >= 0:\n            terms",
        "a floor of 0 changes no divergence, which is at least 0",
    ),
    Mutant(
        "models/wasserstein.py",
        "mmd = float(squared_mmd(h[-1], noise, scale))  # (wasserstein.3)",
        "mmd = float(squared_mmd(noise, h[-1], scale))  # (wasserstein.3)",
        "the discrepancy of two samples is symmetric; its gradient stands in another line",
    ),
    Mutant(
        "kernels/gaussian_kl.py",
        '"""Twin of `ops.gaussian_kl_sums_backward`."""\n    _same_shape(mu, variance)',
        '"""Twin of `ops.gaussian_kl_sums_backward`."""\n    _same_shape(variance, mu)',
        "both have to have the shape of the other",
    ),
]
