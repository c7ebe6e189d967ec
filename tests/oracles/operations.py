"""Every op as a function of tensors, from its definition: autograd gives the gradient that the op's backward function has to give.

Nothing of scratchae is imported. An op is told by its name; its arguments are those of the op, arrays as tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Categorical, Independent, MultivariateNormal, Normal, kl_divergence

from oracles.definitions import ACTIVATIONS, k_largest, log_mean_exp, pixels

Function = Callable[..., Tensor]


@dataclass(frozen=True)
class Operation:
    """An op by its definition.

    Parameters
    ----------
    function : callable
        Its value, from tensors.
    wanted : tuple of int
        The arguments of which the backward function gives the gradient, in its order.
    given : callable
        Arguments of the backward function after the upstream gradient, from the arguments and the value.
    """

    function: Function
    wanted: tuple[int, ...]
    given: Callable[..., tuple[Any, ...]]


def _arguments(*args: Any) -> tuple[Any, ...]:
    """All arguments, without the value."""
    return args[:-1]


def _value(*args: Any) -> tuple[Any, ...]:
    return args[-1:]


def normal(mu: Tensor, logvar: Tensor) -> Normal:
    """With these means and logarithms of variances."""
    return Normal(mu, torch.exp(logvar / 2), validate_args=False)  # a variance may round to 0


def _kl_of(mu: Tensor, covariance: Tensor) -> Tensor:
    """From a normal distribution with any covariance to the standard normal one."""
    standard = MultivariateNormal(torch.zeros_like(mu), torch.eye(mu.shape[1], dtype=mu.dtype))
    return kl_divergence(MultivariateNormal(mu, covariance, validate_args=False), standard)


def _kl_terms(mu: Tensor, logvar: Tensor) -> Tensor:
    """From each normal variable to a standard normal one, in terms of logvar: log(1 / s) + (s² + mu²) / 2 - 1 / 2."""
    return -logvar / 2 + (torch.exp(logvar) + mu**2) / 2 - 0.5


def _sampled_kl(z: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """log q(z) - log p(z): q's density at mu + s eps is that of a standard normal variable at eps, divided by s."""
    standard = Normal(torch.zeros((), dtype=z.dtype), 1.0, validate_args=False)
    return (standard.log_prob(eps) - logvar / 2 - standard.log_prob(z)).sum(dim=-1)


def _sparsity_kl(h: Tensor, rho: float) -> Tensor:
    mean = h.mean(dim=0)
    return kl_divergence(Bernoulli(probs=torch.full_like(mean, rho)), Bernoulli(probs=mean)).sum()


def _contractive_penalty(h: Tensor, W: Tensor, activation: str) -> Tensor:
    """The squared norm of the Jacobian, whose entries are f'(a_j) W_ij; f' by autograd, at the a that gives h."""
    a = torch.logit(h) if activation == "sigmoid" else torch.atanh(h)
    slope = torch.func.vmap(torch.func.grad(ACTIVATIONS[activation]))(a.reshape(-1)).reshape(h.shape)
    return torch.linalg.matrix_norm(slope[:, None, :] * W) ** 2


def _salt_and_pepper(x: Tensor, u: Tensor, level: float) -> Tensor:
    replaced = torch.where(u < level / 2, torch.zeros_like(x), torch.ones_like(x))
    return torch.where(u < level, replaced, x)


def _softmax_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return -Categorical(logits=logits).log_prob(labels)


def _layer(x: Tensor, W: Tensor, b: Tensor, activation: str) -> Tensor:
    return ACTIVATIONS[activation](torch.nn.functional.linear(x, W.T, b))


OPERATIONS: dict[str, Operation] = {
    "identity": Operation(ACTIVATIONS["identity"], (0,), lambda x, y: ()),
    "sigmoid": Operation(torch.sigmoid, (0,), _value),
    "tanh": Operation(torch.tanh, (0,), _value),
    "relu": Operation(torch.relu, (0,), _value),
    "softplus": Operation(lambda x: torch.logaddexp(x, torch.zeros_like(x)), (0,), _arguments),
    "dense": Operation(lambda x, W, b: torch.nn.functional.linear(x, W.T, b), (0, 1, 2), lambda x, W, b, y: (x, W)),
    "layer": Operation(_layer, (0, 1, 2), lambda x, W, b, activation, h: (x, W, h, activation)),
    "bernoulli_nll": Operation(lambda logits, x: -pixels(logits).log_prob(x), (0,), _arguments),
    "squared_error": Operation(lambda x_hat, x: torch.linalg.vector_norm(x_hat - x, dim=1) ** 2, (0,), _arguments),
    "softmax": Operation(lambda logits: torch.softmax(logits, dim=1), (0,), _value),
    "softmax_cross_entropy": Operation(_softmax_cross_entropy, (0,), _arguments),
    "bernoulli_log_product": Operation(lambda p, x: torch.where(x == 1, p, 1 - p).prod(dim=1).log(), (0,), _arguments),
    "bernoulli_log_powers": Operation(
        lambda p, x: (torch.pow(p, x) * torch.pow(1 - p, 1 - x)).log().sum(dim=1), (0,), _arguments
    ),
    "bernoulli_log_likelihood": Operation(
        lambda p, x: Independent(Bernoulli(probs=p, validate_args=False), 1).log_prob(x), (0,), _arguments
    ),
    "gaussian_nll": Operation(
        lambda x_hat, logvar, x: -normal(x_hat, logvar).log_prob(x).sum(dim=1), (0, 1), _arguments
    ),
    "reparameterize": Operation(
        lambda mu, logvar, eps: mu + torch.exp(logvar).sqrt() * eps, (0, 1), lambda mu, logvar, eps, z: (logvar, eps)
    ),
    "gaussian_kl_trace": Operation(_kl_of, (0, 1), _arguments),
    "gaussian_kl_sums": Operation(
        lambda mu, variance: kl_divergence(Normal(mu, variance.sqrt()), Normal(0.0, 1.0)).sum(dim=1), (0, 1), _arguments
    ),
    "gaussian_kl_terms": Operation(_kl_terms, (0, 1), _arguments),
    "gaussian_kl": Operation(lambda mu, logvar: _kl_terms(mu, logvar).sum(dim=1), (0, 1), _arguments),
    "sampled_kl": Operation(_sampled_kl, (0, 1), lambda z, logvar, eps, kl: (z,)),
    "free_bits": Operation(
        lambda terms, floor: torch.maximum(terms.mean(dim=0), terms.new_tensor(floor)).sum(), (0,), _arguments
    ),
    "log_mean_exp": Operation(log_mean_exp, (0,), _arguments),
    "importance_weights": Operation(lambda log_w: torch.softmax(log_w, dim=0), (0,), _value),
    "sparsity_kl": Operation(_sparsity_kl, (0,), _arguments),
    "k_sparse": Operation(k_largest, (0,), _arguments),
    "contractive_penalty": Operation(_contractive_penalty, (0, 1), _arguments),
    "masking_noise": Operation(lambda x, u, level: x * (u >= level), (0,), lambda x, u, level, y: (u, level)),
    "salt_and_pepper_noise": Operation(_salt_and_pepper, (0,), lambda x, u, level, y: (u, level)),
    "gaussian_noise": Operation(lambda x, eps, level: x + level * eps, (0,), lambda x, eps, level, y: ()),
    "weight_decay": Operation(lambda W, strength: strength / 2 * torch.linalg.vector_norm(W) ** 2, (0,), _arguments),
}
