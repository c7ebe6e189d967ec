"""Mistakes in variational autoencoders: those of well-read code among them, most of which a gradient check does not see."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae import ops
from scratchae.models import (
    ConditionalVariationalAutoencoder,
    ImportanceWeightedAutoencoder,
    LinearGaussian,
    VariationalAutoencoder,
)
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array
from scratchae.verify.mutants.mutant import model_mutant, op_mutant

VAE, IWAE, CVAE = "VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"
LOSS = "the VariationalAutoencoder's loss is minus the bound"


class _DecodesTheMean(VariationalAutoencoder):
    """Training and evaluation decode mu: the number is lower, and no bound."""

    def _draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Any:
        eps, u = super()._draw_noise(rng, shape)
        return 0 * eps, u


class _MeanOverPixels(VariationalAutoencoder):
    """The reconstruction averaged over the pixels, beside a KL that is a sum: an unstated beta."""

    def _nll(self, parameters: Parameters, output: Array, x: Array) -> Array:
        return super()._nll(parameters, output, x) / x.shape[1]

    def _nll_backward(self, dnll: Array, *others: Any) -> Array:
        return super()._nll_backward(dnll / others[2].shape[1], *others)


class _BetaIgnored(VariationalAutoencoder):
    """beta is an option, and is used nowhere."""

    def _objective(self, *arrays: Array) -> float:
        return VariationalAutoencoder()._objective(*arrays)


class _KLWithoutGradient(VariationalAutoencoder):
    """The KL is in the loss only."""

    def _objective_backward(self, *arrays: Array) -> Any:
        dnll, dz, dmu, dlogvar = super()._objective_backward(*arrays)
        return dnll, 0 * dz, 0 * dmu, 0 * dlogvar


class _SummedOverDraws(VariationalAutoencoder):
    """The mean over several draws forgotten, in the gradient of the decoder."""

    def _objective_backward(self, *arrays: Array) -> Any:
        dnll, dz, dmu, dlogvar = super()._objective_backward(*arrays)
        return dnll * len(dnll), dz, dmu, dlogvar


class _SummedOverTheBatch(VariationalAutoencoder):
    """The KL summed over the batch, beside a reconstruction that is a mean."""

    def _objective(self, nll: Array, mu: Array, *others: Array) -> float:
        return super()._objective(nll, mu, *others) + (len(mu) - 1) * float(ops.gaussian_kl(mu, others[0]).mean())

    def _objective_backward(self, nll: Array, mu: Array, *others: Array) -> Any:
        dnll, dz, dmu, dlogvar = super()._objective_backward(nll, mu, *others)
        return dnll, dz, dmu * len(mu), dlogvar * len(mu)


class _ReconstructsADraw(VariationalAutoencoder):
    """`encode` returns a random draw, so that two calls disagree."""

    def _code(self, parameters: Parameters, x: Array) -> Array:
        mu, logvar = self._posterior(parameters, x)
        return ops.reparameterize(mu, logvar, np.random.default_rng(len(x)).standard_normal(mu.shape))


class _MoreSamplesThanAskedFor(VariationalAutoencoder):
    """The number of samples rounded up to whole batches."""

    def _log_likelihood(self, x: Array, y: Any, n_samples: int, seed: int) -> Any:
        return super()._log_likelihood(x, y, -(-n_samples // 100) * 100, seed)


class _WithoutTheProposal(VariationalAutoencoder):
    """Importance weights without q(z|x): a mean of p(x|z) p(z) over the posterior."""

    def _draws(self, x: Array, y: Any, mu: Array, logvar: Array, *others: Any) -> Any:
        for log_p, sampled in super()._draws(x, y, mu, logvar, *others):
            yield log_p, sampled + ops.gaussian_kl(mu, logvar)


class _FlatteredBound(ImportanceWeightedAutoencoder):
    """What is reported is the weighted mean of the log-weights; the gradient is right."""

    def _objective(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> float:
        log_w = -nll - ops.sampled_kl(z, logvar, eps)
        return -float((ops.importance_weights(log_w) * log_w).sum(axis=0).mean())


class _EqualWeights(ImportanceWeightedAutoencoder):
    """The gradient is that of the ordinary bound."""

    def _objective_backward(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Any:
        dnll = np.full_like(nll, 1 / nll.size)
        dz, dlogvar = ops.sampled_kl_backward(dnll, z)
        return dnll, dz, 0, dlogvar


class _WorstSample(ImportanceWeightedAutoencoder):
    """The softmax is taken over the losses: the worst draw gets the most weight."""

    def _objective_backward(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Any:
        log_w = nll + ops.sampled_kl(z, logvar, eps)
        dnll = ops.log_mean_exp_backward(np.full_like(nll[0], 1 / nll.shape[1]), log_w)
        dz, dlogvar = ops.sampled_kl_backward(dnll, z)
        return dnll, dz, 0, dlogvar


class _ClassUntold(ConditionalVariationalAutoencoder):
    """The classes are checked, and given to nobody."""

    def _condition(self, y: Any, dtype: Any) -> Array:
        return 0 * super()._condition(y, dtype)


class _NoSpread(LinearGaussian):
    """The bound without what the spread of z adds to the squared error."""

    def elbo(self, x: Array, mu: Array, covariance: Array) -> Any:
        spread = np.einsum("jd,njk,kd->n", self.W, covariance, self.W) / (2 * self.variance)
        bound = super().elbo(x, mu, covariance)
        return bound._replace(elbo=bound.elbo + spread, reconstruction=bound.reconstruction + spread)


model_mutant("the mean decoded in place of a draw", LOSS, **{VAE: _DecodesTheMean})
model_mutant("a reconstruction averaged over the pixels", LOSS, **{VAE: _MeanOverPixels})
model_mutant("beta that is never multiplied in", "the derivative of the loss by beta is the KL", **{VAE: _BetaIgnored})
model_mutant(
    "a KL without a gradient", f"{VAE} gradient on ops: three draws, beta 2, decayed", **{VAE: _KLWithoutGradient}
)
model_mutant(
    "several draws summed in the gradient",
    f"{VAE} gradient on ops: three draws, beta 2, decayed",
    **{VAE: _SummedOverDraws},
)
model_mutant(
    "a KL that is summed over the batch, its gradient too",
    "repeating every row changes nothing in VariationalAutoencoder",
    **{VAE: _SummedOverTheBatch},
)
model_mutant("an encode that draws", "reconstruct decodes the mean, elbo decodes draws", **{VAE: _ReconstructsADraw})
model_mutant(
    "a hundred samples where one was asked for",
    "one draw's importance bound is the bound",
    **{VAE: _MoreSamplesThanAskedFor},
)
model_mutant(
    "importance weights without the proposal",
    "importance sampling with the true posterior is exact after one draw",
    **{VAE: _WithoutTheProposal},
)
model_mutant(
    "an importance-weighted loss that flatters the bound",
    "the ImportanceWeightedAutoencoder's loss is minus the true bound",
    **{IWAE: _FlatteredBound},
)
model_mutant(
    "an importance-weighted gradient with equal weights", f"{IWAE} gradient on ops: four draws", **{IWAE: _EqualWeights}
)
model_mutant(
    "an importance-weighted gradient that follows the worst draw",
    f"{IWAE} gradient on ops: four draws",
    **{IWAE: _WorstSample},
)
model_mutant("a class that is told to nobody", f"{CVAE} tells encoder and decoder the class", **{CVAE: _ClassUntold})
model_mutant(
    "a bound without the spread of z", "log p(x) is the bound plus its gap, KL(q || p(z|x))", LinearGaussian=_NoSpread
)


def _fresh(dz: Array, logvar: Array, eps: Array) -> tuple[Array, Array]:
    other = np.random.default_rng(1).standard_normal(eps.shape).astype(eps.dtype)
    return ops.reparameterize_backward(dz, logvar, other)


op_mutant("fresh noise on the way back", f"{VAE} gradient on ops: bernoulli", reparameterize_backward=_fresh)
op_mutant(
    "a model that draws with exp(logvar), consistently",
    LOSS,
    reparameterize=lambda mu, logvar, eps: ops.reparameterize(mu, 2 * logvar, eps),
    reparameterize_backward=lambda dz, logvar, eps: (
        ops.reparameterize_backward(dz, 2 * logvar, eps)[0],
        2 * ops.reparameterize_backward(dz, 2 * logvar, eps)[1],
    ),
)
