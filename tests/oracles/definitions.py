"""The objective of every model from its definition, in PyTorch, and what a fitted model is asked for: bounds, codes, reconstructions.

Nothing of scratchae is imported: what is shared is the names of the parameters ("encoder.0.W") and of the options. `p` holds the parameters,
tensors by name; `o` the options by name. Noise comes from outside, for it has to be the same. Every objective is a function of the parameters, the
rows x, their classes y or None, the noise, and the options; it returns one number, whose gradient is left to autograd.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Categorical, Independent, Normal, kl_divergence

Named = Mapping[str, Tensor]
Options = Mapping[str, Any]
Objective = Callable[[Named, Tensor, Any, Any, Options], Tensor]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda a: a,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


def chain(p: Named, side: str, x: Tensor, activations: list[str], tied: bool = False) -> Tensor:
    """The output of the dense layers `side`.0, `side`.1, …; tied ones have the encoder's weights transposed, its last layer's first."""
    for i, activation in enumerate(activations):
        W = p[f"encoder.{len(activations) - 1 - i}.W"].T if tied else p[f"{side}.{i}.W"]
        x = ACTIVATIONS[activation](x @ W + p[f"{side}.{i}.b"])
    return x


def weight_decay(p: Named, o: Options) -> Any:
    """Half the strength times the sum of all squared weights; biases are free."""
    return o["weight_decay"] / 2 * sum(W.square().sum() for name, W in p.items() if name.endswith(".W"))


# Autoencoders whose code is a point.


def encode(p: Named, x: Tensor, o: Options) -> Tensor:
    """The code: hidden layers, then the layer of the code, which is linear behind hidden layers unless told otherwise."""
    hidden = [o["activation"]] * len(o["hidden_sizes"])
    of_code = o["code_activation"] or ("identity" if hidden else o["activation"])
    return chain(p, "encoder", x, [*hidden, of_code])


def decoder_output(p: Named, h: Tensor, o: Options) -> Tensor:
    """The mirror image of the encoder: logits for "bernoulli", the reconstruction itself for "gaussian"."""
    hidden = [o["activation"]] * len(o["hidden_sizes"])
    return chain(p, "decoder", h, [*hidden, o["output_activation"]], o["tied_weights"])


def mean_of(output: Tensor, o: Options) -> Tensor:
    """The reconstruction."""
    return torch.sigmoid(output) if o["likelihood"] == "bernoulli" else output


def pixels(logits: Tensor) -> Independent:
    """Independent pixels, white with the probability sigmoid(logit)."""
    return Independent(
        Bernoulli(logits=logits, validate_args=False), 1
    )  # grey pixels are no values of it: a cross-entropy


def losses(output: Tensor, x: Tensor, o: Options) -> Tensor:
    """Of each row: the cross-entropy with x in nats, or the squared distance from x."""
    return -pixels(output).log_prob(x) if o["likelihood"] == "bernoulli" else (output - x).square().sum(dim=-1)


def autoencoder(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The mean loss of the reconstructions."""
    return losses(decoder_output(p, encode(p, x, o), o), x, o).mean() + weight_decay(p, o)


def corrupted(x: Tensor, noise: Tensor, o: Options) -> Tensor:
    """x with entries lost or replaced where uniform noise is below the level, or with normal noise of that deviation added."""
    level = o["corruption_level"]
    if o["corruption"] == "gaussian":
        return x + level * noise
    if o["corruption"] == "masking":
        return x * (noise >= level)
    salt = (noise >= level / 2).to(
        x.dtype
    )  # of the entries replaced, the lower half of the noise makes 0 and the upper half 1
    return torch.where(noise < level, salt, x)


def denoising(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The mean loss of the reconstructions of corrupted rows, measured against the clean ones (Vincent et al., 2008)."""
    return losses(decoder_output(p, encode(p, corrupted(x, noise, o), o), o), x, o).mean() + weight_decay(p, o)


def of_sparse(o: Options) -> dict[str, Any]:
    """Options with sigmoid units in the code."""
    return {**o, "code_activation": "sigmoid"}


def sparse(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The loss of an autoencoder plus the Bernoulli KL divergence of each unit's mean activation from a target (Ng, 2011)."""
    return autoencoder(p, x, y, noise, of_sparse(o)) + o["sparsity_weight"] * sparsity_divergence(p, x, o)


def sparsity_divergence(p: Named, x: Tensor, o: Options) -> Tensor:
    """The Bernoulli KL divergence of the mean activations from the target, summed over the units."""
    mean = encode(p, x, of_sparse(o)).mean(dim=0)
    target = torch.full_like(mean, o["sparsity"])
    return kl_divergence(Bernoulli(probs=target), Bernoulli(probs=mean)).sum()


def k_largest(h: Tensor, k: int) -> Tensor:
    """The k largest entries of each row; the others are zero."""
    places = torch.sort(h, dim=-1, descending=True, stable=True).indices[..., :k]  # of equal ones, the first
    return torch.zeros_like(h).scatter(-1, places, h.gather(-1, places))


def k_sparse(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The loss of an autoencoder whose code keeps its k largest entries (Makhzani, Frey, 2014)."""
    code = k_largest(encode(p, x, o), o["k"])
    return losses(decoder_output(p, code, o), x, o).mean() + weight_decay(p, o)


def contraction(p: Named, x: Tensor, o: Options) -> Tensor:
    """The squared Frobenius norm of the Jacobian dh/dx at each row, by differentiation of the encoder."""
    jacobian = torch.func.vmap(torch.func.jacrev(lambda row: encode(p, row, o)))(x)
    return jacobian.square().sum(dim=(1, 2))


def contractive(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The loss of an autoencoder plus the mean contraction penalty (Rifai et al., 2011)."""
    return autoencoder(p, x, y, noise, o) + o["contraction"] * contraction(p, x, o).mean()


def similarity(a: Tensor, b: Tensor, o: Options) -> Tensor:
    """C / (C + the squared distance) of every row of a and every row of b; C is 2 latent_dim unless given."""
    scale = 2 * o["latent_dim"] if o["kernel_scale"] is None else o["kernel_scale"]
    return 1 / (1 + (a[:, None] - b[None]).square().sum(dim=-1) / scale)


def discrepancy(h: Tensor, z: Tensor, o: Options) -> Tensor:
    """The unbiased estimate of the squared maximum mean discrepancy (Gretton et al., 2012): no point is paired with itself."""
    different = ~torch.eye(len(h), dtype=torch.bool)
    within = [similarity(a, a, o)[different].mean() for a in (h, z)] if len(h) > 1 else []
    return sum(within) - 2 * similarity(h, z, o).mean()


def wasserstein(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The loss of an autoencoder plus the discrepancy of its codes and draws from the prior (Tolstikhin et al., 2018)."""
    return autoencoder(p, x, y, noise, o) + o["mmd_weight"] * discrepancy(encode(p, x, o), noise, o)


# Stacks and classifiers.


def whole_of_stack(o: Options) -> dict[str, Any]:
    """The unrolled stack as an autoencoder: its code is the last layer, with units like all others."""
    *hidden, code = o["hidden_sizes"]
    inside = {"hidden_sizes": tuple(hidden), "latent_dim": code, "code_activation": o["activation"]}
    return {**o, **inside, "output_activation": "identity"}


def layer_of_stack(o: Options, k: int) -> dict[str, Any]:
    """Layer k of a stack as an autoencoder of one layer, which reconstructs the data (k = 0) or the codes of the layer before.

    Codes of sigmoid units lie in [0, 1] and are reconstructed as probabilities; others by squared error, with units of their own kind.
    """
    as_probabilities = o["activation"] == "sigmoid"
    inside: dict[str, Any] = {"hidden_sizes": (), "latent_dim": o["hidden_sizes"][k], "code_activation": None}
    inside["output_activation"] = "identity" if k == 0 or as_probabilities else o["activation"]
    if k > 0:
        inside["likelihood"] = "bernoulli" if as_probabilities else "gaussian"
    if isinstance(o["corruption_level"], tuple):
        inside["corruption_level"] = o["corruption_level"][k]
    return {**o, **inside}


BASES: dict[str, Objective] = {
    "basic": autoencoder,
    "denoising": denoising,
    "sparse": sparse,
    "contractive": contractive,
}


def stacked(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """The mean loss of the whole stack's reconstructions."""
    return autoencoder(p, x, y, noise, whole_of_stack(o))


def class_logits(p: Named, x: Tensor, o: Options) -> Tensor:
    """The softmax layer's input: hidden layers, then a linear one."""
    return chain(p, "softmax", chain(p, "encoder", x, [o["activation"]] * len(o["hidden_sizes"])), ["identity"])


def classifier(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """Minus the mean log-probability of the right class."""
    return -Categorical(logits=class_logits(p, x, o)).log_prob(y).mean() + weight_decay(p, o)


# Variational autoencoders. `y` is the class of each row, of `o["classes"]` classes, for a conditional model, and None for others.


class VariationalNoise(NamedTuple):
    """Normal noise for the draws of z, shape (L, N, J), and uniform noise for pixels that are drawn afresh, shape (N, D), or None."""

    eps: Tensor
    u: Tensor | None


def beside(values: Tensor, y: Any, o: Options) -> Tensor:
    """The values with the class beside them, as zeros with a one at its place; values of shape (…, N, ·)."""
    if y is None:
        return values
    one_hot = torch.nn.functional.one_hot(y, o["classes"]).to(values.dtype)
    return torch.cat([values, one_hot.expand(*values.shape[:-1], -1)], dim=-1)


def posterior(p: Named, x: Tensor, y: Any, o: Options) -> Normal:
    """q(z|x): the encoder's last layer gives the mean of every latent, and then the log of every variance."""
    output = chain(p, "encoder", beside(x, y, o), [o["activation"]] * len(o["hidden_sizes"]) + ["identity"])
    mu, logvar = output.chunk(2, dim=-1)
    return Normal(mu, torch.exp(logvar).sqrt())


def output_for(p: Named, z: Tensor, y: Any, o: Options) -> Tensor:
    """The output of the decoder for z, shape (…, N, D)."""
    return chain(p, "decoder", beside(z, y, o), [o["activation"]] * len(o["hidden_sizes"]) + ["identity"])


def likelihood(p: Named, z: Tensor, y: Any, o: Options) -> Independent:
    """p(x|z): independent black and white pixels, or normal features with one variance for all, or one for each."""
    output = output_for(p, z, y, o)
    if o["likelihood"] == "bernoulli":
        return pixels(output)
    learned = isinstance(o["variance"], str)
    variance = p["decoder.logvar"].exp() if learned else torch.tensor(o["variance"], dtype=z.dtype)
    return Independent(Normal(output, variance.sqrt().expand_as(output)), 1)


def prior(z: Tensor) -> Independent:
    """p(z), standard normal."""
    return Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1)


def white(x: Tensor, u: Tensor) -> Tensor:
    """Pixels that are white with their own grey value as the probability, by uniform noise."""
    return (u < x).to(x.dtype)


def variational(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """Minus the evidence lower bound, the mean over draws and rows, with beta for the weight of the KL (Kingma, Welling, 2014)."""
    x = x if noise.u is None else white(x, noise.u)
    q = posterior(p, x, y, o)
    z = q.loc + q.scale * noise.eps
    reconstruction = likelihood(p, z, y, o).log_prob(x).mean()
    if o["kl"] == "sampled":
        kl = (Independent(q, 1).log_prob(z) - prior(z).log_prob(z)).mean()
    else:  # of each latent, averaged over the batch; below the free bits it costs the same (Kingma et al., 2016)
        of_each = kl_divergence(q, Normal(0.0, 1.0)).mean(dim=0)
        kl = of_each.clamp(min=o["free_bits"]).sum() if o["free_bits"] > 0 else of_each.sum()
    return -reconstruction + o["beta"] * kl + weight_decay(p, o)


def log_weights(p: Named, x: Tensor, y: Any, eps: Tensor, o: Options) -> Tensor:
    """log p(x, z) - log q(z|x) at the draws z, shape (L, N)."""
    q = posterior(p, x, y, o)
    z = q.loc + q.scale * eps
    return likelihood(p, z, y, o).log_prob(x) + prior(z).log_prob(z) - Independent(q, 1).log_prob(z)


def log_mean_exp(log_w: Tensor) -> Tensor:
    """The log of the mean over the first axis of exp(log_w)."""
    return torch.logsumexp(log_w, dim=0) - math.log(len(log_w))


def importance_weighted(p: Named, x: Tensor, y: Any, noise: Any, o: Options) -> Tensor:
    """Minus the mean over the rows of the log of the mean weight (Burda, Grosse, Salakhutdinov, 2016)."""
    x = x if noise.u is None else white(x, noise.u)
    return -log_mean_exp(log_weights(p, x, y, noise.eps, o)).mean() + weight_decay(p, o)


OBJECTIVES: dict[str, Objective] = {
    "Autoencoder": autoencoder,
    "DenoisingAutoencoder": denoising,
    "SparseAutoencoder": sparse,
    "KSparseAutoencoder": k_sparse,
    "ContractiveAutoencoder": contractive,
    "WassersteinAutoencoder": wasserstein,
    "StackedAutoencoder": stacked,
    "StackedClassifier": classifier,
    "VariationalAutoencoder": variational,
    "ImportanceWeightedAutoencoder": importance_weighted,
    "ConditionalVariationalAutoencoder": variational,
}
VARIATIONAL = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")


# What a fitted model is asked for.


def codes(name: str, p: Named, x: Tensor, y: Any, o: Options) -> Tensor:
    """The code of each row; of a variational model, the mean of q(z|x)."""
    if name in VARIATIONAL:
        return posterior(p, x, y, o).loc
    if name == "KSparseAutoencoder":
        return k_largest(encode(p, x, o), o["k"])
    return encode(p, x, _as_autoencoder(name, o))


def decoded(name: str, p: Named, z: Tensor, y: Any, o: Options) -> Tensor:
    """The mean of p(x|z)."""
    output = output_for(p, z, y, o) if name in VARIATIONAL else decoder_output(p, z, _as_autoencoder(name, o))
    return mean_of(output, o)


def scores(name: str, p: Named, x: Tensor, o: Options) -> Tensor:
    """The score of each row: minus its reconstruction loss."""
    z = codes(name, p, x, None, o)
    return -losses(decoder_output(p, z, _as_autoencoder(name, o)), x, o)


def _as_autoencoder(name: str, o: Options) -> Options:
    return {"StackedAutoencoder": whole_of_stack, "SparseAutoencoder": of_sparse}.get(name, dict)(o)


class Bound(NamedTuple):
    """The bound of each row and its two terms, bound = reconstruction - kl."""

    elbo: Tensor
    reconstruction: Tensor
    kl: Tensor


def evidence_lower_bound(p: Named, x: Tensor, y: Any, eps: Tensor, o: Options, kl: str) -> Bound:
    """The bound of each row from the draws; its KL by the formula of two normal distributions, or from the same draws."""
    q = posterior(p, x, y, o)
    z = q.loc + q.scale * eps
    reconstruction = likelihood(p, z, y, o).log_prob(x).mean(dim=0)
    if kl == "sampled":
        divergence = (Independent(q, 1).log_prob(z) - prior(z).log_prob(z)).mean(dim=0)
    else:
        divergence = kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1)
    return Bound(reconstruction - divergence, reconstruction, divergence)


def estimated_log_likelihood(log_w: Tensor) -> tuple[Tensor, Tensor]:
    """log p(x) as the log of the mean weight, and its standard error: that of the mean weight, relative to it (the delta method)."""
    w = torch.exp(log_w - log_w.max(dim=0).values)
    return log_mean_exp(log_w), w.std(dim=0, unbiased=True) / math.sqrt(len(w)) / w.mean(dim=0)


def bound_of_scores(name: str, p: Named, x: Tensor, y: Tensor | None, eps: Tensor, o: Options) -> Tensor:
    """The bound by which a model scores each row: the one that it is trained on."""
    if name == "ImportanceWeightedAutoencoder":
        return log_mean_exp(log_weights(p, x, y, eps, o))
    return evidence_lower_bound(p, x, y, eps, o, "analytic").elbo
