"""Mistakes in sums of single precision: numbers that should be accumulated in double precision, and are not."""

from __future__ import annotations

from mutants.mutant import Mutant

_OBJECTIVES = "in single precision, an objective and a validation loss are exact means of the losses of rows"
_VARIANCE = "in single precision, the gradient of a learned variance is the sum over all features, rounded once"
_BOUNDS = "in single precision, bounds of rows far from the mean keep the digits of their importance weights"
_STATISTICS = "in single precision, statistics of latents far from 0 are those of the moments, to all digits"
_BEGINNING = "in single precision, a variational model begins at the exact moments of its data"

MUTANTS = [
    Mutant(
        "models/bounds.py",
        "log_w = log_p.astype(np.float64) - sampled  #",
        "log_w = log_p - sampled  #",
        "importance weights that lose their digits next to a large log p(x|z) in float32",
        claim=_BOUNDS,
    ),
    Mutant(
        "models/bounds.py",
        "reconstruction += log_p.sum(axis=0, dtype=np.float64) / n_samples",
        "reconstruction += log_p.sum(axis=0) / n_samples",
        "a sum over thousands of draws in float32",
        claim=_BOUNDS,
    ),
    Mutant(
        "models/bounds.py",
        "divergence += sampled.sum(axis=0, dtype=np.float64) / n_samples",
        "divergence += sampled.sum(axis=0) / n_samples",
        "a sum of thousands of divergences in float32",
        claim=_BOUNDS,
    ),
    Mutant(
        "models/latent_statistics.py",
        "variance = mu.var(axis=0, dtype=np.float64)",
        "variance = mu.var(axis=0)",
        "a variance of many means in float32",
        claim=_STATISTICS,
    ),
    Mutant(
        "models/latent_statistics.py",
        ".gaussian_kl_terms(mu, logvar).mean(axis=0, dtype=np.float64)",
        ".gaussian_kl_terms(mu, logvar).mean(axis=0)",
        "a mean of many divergences in float32",
        claim=_STATISTICS,
    ),
    Mutant(
        "models/blocks.py",
        "there = block.mean(axis=0, dtype=np.float64)",
        "there = block.mean(axis=0)",
        "a mean of many large numbers in float32",
        claim=_BEGINNING,
    ),
    Mutant(
        "models/blocks.py",
        "len(block) * block.var(axis=0, dtype=np.float64)",
        "len(block) * block.var(axis=0)",
        "standard deviations of large numbers in float32",
        claim=_BEGINNING,
    ),
    Mutant(
        "models/variational.py",
        "variance = float((deviation**2).mean())",
        "variance = float((data.x[:1].std() ** 2).mean())",
        "a variance of large numbers in float32",
        claim=_BEGINNING,
    ),
    Mutant(
        "models/variational.py",
        "gradients[VARIANCE][...] += dlogvar.sum(dtype=np.float64)",
        "gradients[VARIANCE][...] += dlogvar.sum()",
        "the derivatives of all features summed in float32",
        claim=_VARIANCE,
    ),
    Mutant(
        "models/variational.py",
        "return float(nll.mean(dtype=np.float64) + self.beta * kl)",
        "return float(nll.mean() + self.beta * kl)",
        "a mean of the losses of all rows in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/variational.py",
        "kl = ops.gaussian_kl(mu, logvar).mean(dtype=np.float64)  #",
        "kl = ops.gaussian_kl(mu, logvar).mean()  #",
        "a mean of the divergences of all rows in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/variational.py",
        "kl = ops.sampled_kl(z, logvar, eps).mean(dtype=np.float64)",
        "kl = ops.sampled_kl(z, logvar, eps).mean()",
        "a mean of sampled divergences in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/variational.py",
        '"reconstruction": -float(nll.mean(dtype=np.float64))',
        '"reconstruction": -float(nll.mean())',
        "a reconstruction of the history in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/autoencoder.py",
        "loss = float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)  # (autoencoder.4)",
        "loss = float(losses.mean()) + weight_decay(parameters, self.weight_decay)  # (autoencoder.4)",
        "a loss of many rows in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/autoencoder.py",
        'return {"loss": float(losses.mean(dtype=np.float64))',
        'return {"loss": float(losses.mean())',
        "a validation loss of many rows in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/reconstruction.py",
        "self.score_samples(X).mean(dtype=np.float64)",
        "self.score_samples(X).mean()",
        "a score of many rows in float32",
        claim=_OBJECTIVES,
    ),
    Mutant(
        "models/contractive.py",
        "penalties.mean(dtype=np.float64)",
        "penalties.mean()",
        "a mean of penalties in float32",
        claim=_OBJECTIVES,
    ),
]
