"""Mistakes in the Wasserstein autoencoder."""

from __future__ import annotations

from mutants.mutant import Mutant

_FILE = "models/wasserstein.py"
_PAIRS = "the discrepancy of two samples is a mean over pairs, no point with itself"
_SLOPES = "the gradient of the discrepancy is that of its definition"
_GRADIENT = "WassersteinAutoencoder gradient on ops: two layers"
_LOSS = "WassersteinAutoencoder's loss and validation terms are those of its definition: two layers"
_OWN_SCALE = (
    "WassersteinAutoencoder's loss and validation terms are those of its definition: "
    "tied, decayed, a kernel of its own scale"
)
_TRAINING = "WassersteinAutoencoder: fit is the plain training loop, by every optimiser"
_NOISE = "a kernel call takes a limited time, and draws a limited number of random numbers"
_OPTIONS = "WassersteinAutoencoder: loss and gradients are those of the definition, for every pair of options"

MUTANTS = [
    Mutant(
        _FILE,
        "(_kernel_sum(h, h, scale) - N) / pairs +",
        "_kernel_sum(h, h, scale) / N**2 +",
        "each code compared with itself, too",
        claim=_PAIRS,
    ),
    Mutant(_FILE, "among - 2 * _kernel_sum", "among - _kernel_sum", "the mixed term once", claim=_PAIRS),
    Mutant(
        _FILE,
        "(h, z, scale) / N**2  # (wasserstein.3)",
        "(h, z, scale) / pairs  # (wasserstein.3)",
        "the mixed term without the pairs of equal number",
        claim=_PAIRS,
    ),
    Mutant(
        _FILE,
        "max(len(h) * (len(h) - 1), 1)  # a single",
        "len(h) * (len(h) - 1)  # a single",
        "a division by zero for a batch of one row",
        claim=_PAIRS,
    ),
    Mutant(
        _FILE,
        "return scale / (scale + distances)",
        "return np.exp(-distances / scale)",
        "a Gaussian kernel where the inverse multiquadratic one is meant",
        claim=_PAIRS,
    ),
    Mutant(
        _FILE,
        "factor = -2 / scale * _kernel(block, b, scale) ** 2",
        "factor = -2 / scale * _kernel(block, b, scale)",
        "the slope without the square of the kernel",
        claim=_SLOPES,
    ),
    Mutant(
        _FILE,
        "slopes = 2 / pairs * _kernel_slopes",
        "slopes = 1 / pairs * _kernel_slopes",
        "each pair counted once in the gradient",
        claim=_SLOPES,
    ),
    Mutant(_FILE, "return (dmmd * slopes)", "return (slopes)", "the upstream gradient forgotten", claim=_SLOPES),
    Mutant(
        _FILE,
        "for first in range(0, len(a), rows)]",
        "for first in range(0, max(len(a) - rows, 1), rows)]",
        "the last few pairs left out",
        claim=_PAIRS,
    ),
    Mutant(
        _FILE,
        "dh = dh + squared_mmd_backward(weight, h[-1], noise, scale)  # (wasserstein.6)",
        "",
        "a penalty that nothing feels",
        claim=_GRADIENT,
    ),
    Mutant(
        _FILE,
        "np.full_like(losses, 1 / len(x))",
        "np.full_like(losses, 1 / x.size)",
        "a reconstruction's gradient averaged over the features",
        claim=_GRADIENT,
    ),
    Mutant(
        _FILE,
        "add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)",
        "",
        "a weight decay in the loss and not in the gradient",
        claim="WassersteinAutoencoder gradient on ops: tied, decayed, a kernel of its own scale",
    ),
    Mutant(
        _FILE,
        "return 2.0 * int(self.latent_dim) if",
        "return float(self.latent_dim) if",
        "half the scale of the kernel",
        claim=_LOSS,
    ),
    Mutant(
        _FILE,
        "loss = reconstruction + float(self.mmd_weight) * mmd",
        "loss = reconstruction + mmd",
        "a validation loss without the weight",
        claim=_LOSS,
    ),
    Mutant(
        _FILE,
        "squared_mmd(codes, noise, self._scale())",
        "squared_mmd(codes, codes, self._scale())",
        "a validation discrepancy of the codes from themselves",
        claim=_LOSS,
    ),
    Mutant(
        _FILE,
        "squared_mmd(codes, noise, self._scale())",
        "squared_mmd(codes, noise, 2.0 * int(self.latent_dim))",
        "a validation discrepancy with the default scale, whatever the kernel's own is",
        claim=_OWN_SCALE,
    ),
    Mutant(
        _FILE,
        "self.mmd_weight) * mmd + weight_decay(parameters, self.weight_decay)",
        "self.mmd_weight) * mmd",
        "a validation loss without the weight decay",
        claim=_OWN_SCALE,
    ),
    Mutant(
        _FILE,
        "learning_rate_decay=learning_rate_decay,",
        "learning_rate_decay=1.0,",
        "an option that is not passed on to the class above",
        claim=_TRAINING,
    ),
    Mutant(
        _FILE,
        "            tied_weights=tied_weights,\n",
        "            tied_weights=False,\n",
        "an option of the network that is not passed on",
        claim="every constructor stores its options as they are given",
    ),
    Mutant(
        _FILE,
        "weight, scale = float(self.mmd_weight), self._scale()",
        "weight, scale = float(self.mmd_weight) * len(x), self._scale()",
        "a sum over the rows beside their mean: a penalty that grows with the batch",
        claim=_OPTIONS,
    ),
    Mutant(
        _FILE,
        "return int(self.latent_dim)\n",
        "return features\n",
        "noise counted as numbers for each feature, where it is one code",
        claim=_NOISE,
    ),
    Mutant(
        _FILE,
        "return rng.standard_normal((shape[0], int(self.latent_dim)))",
        "return rng.random((shape[0], int(self.latent_dim)))",
        "a uniform prior",
        claim=_LOSS,
    ),
    Mutant(
        _FILE,
        "self.decode(prior_draws(n, int(self.latent_dim), seed,",
        "self.decode(0 * prior_draws(n, int(self.latent_dim), seed,",
        "samples that are all the same",
        claim="samples are decoded draws from the prior, by their seed",
    ),
]
