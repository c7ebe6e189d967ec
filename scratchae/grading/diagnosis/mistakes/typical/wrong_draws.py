"""Typical mistakes with divergences, draws, bounds and variational autoencoders."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical
from scratchae.ops import bernoulli_nll, gaussian_kl, log_mean_exp, sigmoid, softplus

Array = NDArray[Any]


@typical("gaussian_kl_trace", "term", "if the constant J, the number of latent variables, were left out")
def _no_constant(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, 0)


@typical(
    "gaussian_kl_trace",
    "constant",
    "if the constant were N, the number of examples, instead of J, the number of latent variables",
)
def _examples_for_latents(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, len(mu))


@typical("gaussian_kl_trace", "constant", "if the constant were 1 instead of J, the number of latent variables")
def _one_for_latents(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, 1)


@typical(
    "gaussian_kl_trace", "sign", "if the constant J, the number of latent variables, were added instead of subtracted"
)
def _constant_added(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, -mu.shape[1])


def _trace(mu: Array, covariance: Array, constant: float, sign: float = -1) -> Array:
    trace = np.trace(covariance, axis1=1, axis2=2)
    return np.asarray((trace + (mu**2).sum(axis=1) - constant + sign * np.linalg.slogdet(covariance)[1]) / 2)


@typical("gaussian_kl_trace", "sign", "if the logarithm of the determinant were added instead of subtracted")
def _determinant_added(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, mu.shape[1], 1)


@typical(
    "gaussian_kl_trace",
    "sign",
    "if the constant were left out, and the logarithm of the determinant added instead of subtracted",
)
def _determinant_added_without_constant(mu: Array, covariance: Array) -> Any:
    return _trace(mu, covariance, 0, 1)


@typical("gaussian_kl_trace", "missing function", "if the determinant itself were used instead of its logarithm")
def _determinant_itself(mu: Array, covariance: Array) -> Any:
    trace = np.trace(covariance, axis1=1, axis2=2)
    return (trace + (mu**2).sum(axis=1) - mu.shape[1] - np.linalg.det(covariance)) / 2


@typical(
    "gaussian_kl_trace",
    "other function",
    "if only the diagonal of the covariance counted, and the variances were multiplied in place of the determinant",
)
def _diagonal_determinant(mu: Array, covariance: Array) -> Any:
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    return (variance.sum(axis=1) + (mu**2).sum(axis=1) - mu.shape[1] - np.log(variance).sum(axis=1)) / 2


@typical("gaussian_kl_trace", "other function", "if all entries of the covariance were added in place of its trace")
def _sum_for_trace(mu: Array, covariance: Array) -> Any:
    every = covariance.sum(axis=(1, 2)) + (mu**2).sum(axis=1)
    return (every - mu.shape[1] - np.linalg.slogdet(covariance)[1]) / 2


@typical(
    "gaussian_kl_trace_backward",
    "other function",
    "if one were divided by each entry of the covariance, in place of its inverse",
)
def _reciprocals_for_inverse(dkl: Array, mu: Array, covariance: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - 1 / covariance) / 2


@typical("gaussian_kl_trace_backward", "term", "if the identity matrix were left out of the gradient of the covariance")
def _no_identity(dkl: Array, mu: Array, covariance: Array) -> Any:
    return dkl[:, None] * mu, -dkl[:, None, None] * np.linalg.inv(covariance) / 2


@typical("gaussian_kl_trace_backward", "term", "if the inverse of the covariance were left out of its gradient")
def _no_inverse(dkl: Array, mu: Array, covariance: Array) -> Any:
    d = dkl[:, None, None] * np.eye(mu.shape[1]) / 2
    return dkl[:, None] * mu, np.broadcast_to(d, covariance.shape).copy()


@typical("gaussian_kl_trace_backward", "other array", "if the identity matrix were a matrix of ones")
def _ones_for_identity(dkl: Array, mu: Array, covariance: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None, None] * (1 - np.linalg.inv(covariance)) / 2


@typical("gaussian_kl_trace_backward", "missing function", "if the covariance itself were used instead of its inverse")
def _not_inverted(dkl: Array, mu: Array, covariance: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - covariance) / 2


@typical(
    "gaussian_kl_trace_backward",
    "extra factor",
    "if mu were multiplied by the inverse of the covariance in its own gradient",
)
def _mean_through_the_inverse(dkl: Array, mu: Array, covariance: Array) -> Any:
    inverse = np.linalg.inv(covariance)
    dmu = dkl[:, None] * np.einsum("njk,nk->nj", inverse, mu)
    return dmu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2


def _sums(mu: Array, variance: Array, constant: float) -> Array:
    return np.asarray(((mu**2 + variance - np.log(variance)).sum(axis=1) - constant) / 2)


@typical(
    "gaussian_kl_sums",
    "constant",
    "if the constant were N, the number of examples, instead of J, the number of latent variables",
)
def _examples_for_latents_in_sums(mu: Array, variance: Array) -> Any:
    return _sums(mu, variance, len(mu))


@typical("gaussian_kl_sums", "constant", "if the constant were 1 instead of J, the number of latent variables")
def _one_for_latents_in_sums(mu: Array, variance: Array) -> Any:
    return _sums(mu, variance, 1)


@typical("gaussian_kl_sums", "term", "if the constant J, the number of latent variables, were left out")
def _no_constant_in_sums(mu: Array, variance: Array) -> Any:
    return _sums(mu, variance, 0)


@typical("gaussian_kl_sums", "axis", "of the logarithm of the summed variances, where the sum of logarithms is wanted")
def _logarithm_of_the_sum(mu: Array, variance: Array) -> Any:
    squares = (mu**2).sum(axis=1)
    return (squares + variance.sum(axis=1) - mu.shape[1] - np.log(variance.sum(axis=1))) / 2


@typical("gaussian_kl", "term", "if the 1 in each term were left out")
def _no_one(mu: Array, logvar: Array) -> Any:
    return (mu**2 + np.exp(logvar) - logvar).sum(axis=1) / 2


@typical("gaussian_kl", "term", "if the 1 were subtracted once for each example, and not once for each latent variable")
def _one_once(mu: Array, logvar: Array) -> Any:
    return ((mu**2 + np.exp(logvar) - logvar).sum(axis=1) - 1) / 2


@typical("gaussian_kl", "power", "if mu were not squared")
def _mean_not_squared(mu: Array, logvar: Array) -> Any:
    return (mu + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


@typical("gaussian_kl", "power", "if the standard deviation stood in place of the variance, exp(logvar/2)")
def _deviation_for_variance(mu: Array, logvar: Array) -> Any:
    return (mu**2 + np.exp(logvar / 2) - logvar - 1).sum(axis=1) / 2


@typical("gaussian_kl", "missing function", "if logvar stood in place of the variance: the exponential is left out")
def _logarithm_for_variance(mu: Array, logvar: Array) -> Any:
    return (mu**2 + logvar - logvar - 1).sum(axis=1) / 2


@typical("gaussian_kl", "power", "if logvar were the variance itself")
def _logvar_as_variance(mu: Array, logvar: Array) -> Any:
    return (mu**2 + logvar - np.log(logvar) - 1).sum(axis=1) / 2


@typical("gaussian_kl", "power", "if logvar were the standard deviation itself")
def _logvar_as_deviation(mu: Array, logvar: Array) -> Any:
    return (mu**2 + logvar**2 - 2 * np.log(logvar) - 1).sum(axis=1) / 2


@typical("gaussian_kl", "power", "if logvar were the standard deviation itself, in absolute value")
def _logvar_as_signed_deviation(mu: Array, logvar: Array) -> Any:
    return (mu**2 + logvar**2 - np.log(logvar**2) - 1).sum(axis=1) / 2


@typical("gaussian_kl", "sign", "if logvar were added instead of subtracted")
def _logarithm_added(mu: Array, logvar: Array) -> Any:
    return (mu**2 + np.exp(logvar) + logvar - 1).sum(axis=1) / 2


@typical("gaussian_kl", "sign", "if the exponential had the opposite sign, exp(-logvar)")
def _precision_for_variance(mu: Array, logvar: Array) -> Any:
    return (mu**2 + np.exp(-logvar) - logvar - 1).sum(axis=1) / 2


@typical("gaussian_kl_backward", "term", "if the 1 in the gradient of logvar were left out")
def _gradient_without_one(dkl: Array, mu: Array, logvar: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None] * np.exp(logvar) / 2


@typical(
    "gaussian_kl_backward",
    "missing derivative",
    "of the gradient for the variance, (1 - 1/variance)/2: the derivative of the exponential is left out",
)
def _gradient_for_the_variance(dkl: Array, mu: Array, logvar: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None] * (1 - np.exp(-logvar)) / 2


@typical("gaussian_kl_backward", "power", "if the standard deviation stood in place of the variance, exp(logvar/2)")
def _deviation_in_the_gradient(dkl: Array, mu: Array, logvar: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar / 2) - 1) / 2


@typical(
    "gaussian_kl_backward", "missing function", "if logvar stood in place of the variance: the exponential is left out"
)
def _logarithm_in_the_gradient(dkl: Array, mu: Array, logvar: Array) -> Any:
    return dkl[:, None] * mu, dkl[:, None] * (logvar - 1) / 2


@typical(
    "reparameterize",
    "term",
    "of (mu + std) eps: there are brackets around mu and the standard deviation, so that mu is multiplied by eps too",
)
def _mean_times_noise(mu: Array, logvar: Array, eps: Array) -> Any:
    return (mu + np.exp(logvar / 2)) * eps


@typical(
    "reparameterize", "swapped", "of mu eps + std: mu is multiplied by the noise instead of the standard deviation"
)
def _noise_at_the_mean(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu * eps + np.exp(logvar / 2)


@typical(
    "reparameterize", "swapped", "of mu std + eps: the standard deviation is multiplied by mu instead of the noise"
)
def _deviation_at_the_mean(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu * np.exp(logvar / 2) + eps


@typical("reparameterize", "term", "of std (mu + eps): mu is multiplied by the standard deviation too")
def _mean_times_deviation(mu: Array, logvar: Array, eps: Array) -> Any:
    return np.exp(logvar / 2) * (mu + eps)


@typical("reparameterize", "inverse", "of mu + std + eps: the noise is added instead of multiplied")
def _noise_added(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + np.exp(logvar / 2) + eps


@typical(
    "reparameterize",
    "missing function",
    "if the standard deviation were the square root of logvar: the exponential is left out",
)
def _root_of_the_logarithm(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + np.sqrt(logvar) * eps


@typical(
    "reparameterize",
    "missing function",
    "if the standard deviation were the square root of the absolute value of logvar: the exponential is left out",
)
def _root_of_the_absolute_logarithm(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + np.sqrt(np.abs(logvar)) * eps


@typical(
    "reparameterize", "missing function", "if logvar were the standard deviation itself: the exponential is left out"
)
def _logarithm_as_deviation(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + logvar * eps


@typical(
    "reparameterize", "missing function", "if logvar/2 were the standard deviation itself: the exponential is left out"
)
def _half_the_logarithm(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + logvar / 2 * eps


def _draws(dz: Array, logvar: Array, eps: Array) -> tuple[Array, Array]:
    return dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)


@typical(
    "reparameterize_backward", "power", "if gradients and noise were summed over the draws first, and then multiplied"
)
def _summed_apart(dz: Array, logvar: Array, eps: Array) -> Any:
    d, e = _draws(dz, logvar, eps)
    return d.sum(axis=0), d.sum(axis=0) * e.sum(axis=0) * np.exp(logvar / 2) / 2


@typical(
    "reparameterize_backward",
    "mean for sum",
    "if the gradient of the noise were multiplied by the mean noise of all draws",
)
def _summed_times_mean(dz: Array, logvar: Array, eps: Array) -> Any:
    d, e = _draws(dz, logvar, eps)
    return d.sum(axis=0), d.sum(axis=0) * e.mean(axis=0) * np.exp(logvar / 2) / 2


@typical(
    "reparameterize_backward",
    "missing derivative",
    "of the gradient for the standard deviation: its derivative by logvar is left out",
)
def _gradient_of_the_deviation(dz: Array, logvar: Array, eps: Array) -> Any:
    d, e = _draws(dz, logvar, eps)
    return d.sum(axis=0), (d * e).sum(axis=0)


@typical("reparameterize_backward", "missing factor", "if the noise eps were left out of the gradient of logvar")
def _no_noise(dz: Array, logvar: Array, eps: Array) -> Any:
    d, _ = _draws(dz, logvar, eps)
    return d.sum(axis=0), d.sum(axis=0) * np.exp(logvar / 2) / 2


@typical("reparameterize_backward", "power", "if the variance stood in place of the standard deviation, exp(logvar)")
def _variance_in_the_gradient(dz: Array, logvar: Array, eps: Array) -> Any:
    d, e = _draws(dz, logvar, eps)
    return d.sum(axis=0), (d * e).sum(axis=0) * np.exp(logvar) / 2


@typical("reparameterize", "other function", "if the standard deviation were softplus(logvar): logvar is a logarithm")
def _softplus_for_the_exponential(mu: Array, logvar: Array, eps: Array) -> Any:
    return mu + softplus(logvar) * eps


@typical(
    "sampled_kl",
    "other function",
    "of the closed form of the divergence: it is the mean over all draws, not the number of each",
)
def _closed_form(z: Array, logvar: Array, eps: Array) -> Any:
    mu = z - np.exp(logvar / 2) * eps
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=-1) / 2


@typical("sampled_kl", "extra factor", "if z² were divided by the variance of q: the prior has variance 1")
def _prior_with_the_variance(z: Array, logvar: Array, eps: Array) -> Any:
    return (z**2 * np.exp(-logvar) - eps**2 - logvar).sum(axis=-1) / 2


@typical(
    "sampled_kl",
    "extra factor",
    "if eps² were divided by the variance: eps is already divided by the standard deviation",
)
def _noise_divided_again(z: Array, logvar: Array, eps: Array) -> Any:
    return (z**2 - eps**2 * np.exp(-logvar) - logvar).sum(axis=-1) / 2


@typical("sampled_kl", "extra factor", "if eps² were multiplied by the variance")
def _noise_multiplied(z: Array, logvar: Array, eps: Array) -> Any:
    return (z**2 - eps**2 * np.exp(logvar) - logvar).sum(axis=-1) / 2


@typical(
    "sampled_kl", "swapped", "if the density of the prior were divided by that of q, instead of the other way round"
)
def _other_way_round(z: Array, logvar: Array, eps: Array) -> Any:
    return -(z**2 - eps**2 - logvar).sum(axis=-1) / 2


@typical("sampled_kl", "term", "if logvar were taken twice: half of it is the logarithm of the standard deviation")
def _logarithm_twice(z: Array, logvar: Array, eps: Array) -> Any:
    return (z**2 - eps**2).sum(axis=-1) / 2 - logvar.sum(axis=-1)


def _elbo(z: Array, x: Array, mu: Array, logvar: Array, W: Array, b: Array, *, by: str = "mean") -> Any:
    nll = np.stack([bernoulli_nll(draw @ W + b, x) for draw in z])
    reconstruction = {"mean": -nll.mean(axis=0), "log": log_mean_exp(-nll), "best": -nll.min(axis=0)}[by]
    kl = gaussian_kl(mu, logvar)
    return reconstruction - kl, reconstruction, kl


def _z(mu: Array, logvar: Array, eps: Array) -> Array:
    return np.asarray(mu + np.exp(logvar / 2) * eps)


@typical(
    "elbo", "other function", "if the draws were averaged inside the logarithm, as in an importance-weighted bound"
)
def _logarithm_of_the_mean(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    return _elbo(_z(mu, logvar, eps), x, mu, logvar, W, b, by="log")


@typical("elbo", "other array", "if the draws were averaged before they are decoded")
def _decoded_mean(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    return _elbo(_z(mu, logvar, eps).mean(axis=0)[None], x, mu, logvar, W, b)


@typical("elbo", "argument", "if mu were decoded instead of the draws: eps has no effect")
def _mean_decoded(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    return _elbo(mu[None], x, mu, logvar, W, b)


@typical("elbo", "power", "if the draws had the variance in place of the standard deviation, exp(logvar)")
def _drawn_with_variance(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    return _elbo(mu + np.exp(logvar) * eps, x, mu, logvar, W, b)


@typical("elbo", "sign", "if the divergence were added instead of subtracted")
def _divergence_added(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    _, reconstruction, kl = _elbo(_z(mu, logvar, eps), x, mu, logvar, W, b)
    return reconstruction + kl, reconstruction, kl


@typical("elbo", "term", "if the divergence were left out of the bound")
def _no_divergence(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    _, reconstruction, kl = _elbo(_z(mu, logvar, eps), x, mu, logvar, W, b)
    return reconstruction, reconstruction, kl


@typical(
    "elbo",
    "sign",
    "if the reconstruction were the negative log-likelihood: its sign is wrong, in itself and as a part of the bound",
)
def _reconstruction_negative(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    _, reconstruction, kl = _elbo(_z(mu, logvar, eps), x, mu, logvar, W, b)
    return -reconstruction - kl, -reconstruction, kl


@typical(
    "elbo",
    "sign",
    "if the negative log-likelihood were used with its own sign, and the divergence added: minus the bound",
)
def _minus_the_bound(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    _, reconstruction, kl = _elbo(_z(mu, logvar, eps), x, mu, logvar, W, b)
    return -reconstruction + kl, -reconstruction, kl


@typical("elbo", "first only", "if only the first draw were used")
def _first_draw(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    return _elbo(_z(mu, logvar, eps)[:1], x, mu, logvar, W, b)


@typical("elbo", "first only", "if the last draw were left out, with the sum still divided by the number of all draws")
def _last_draw_left_out(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    L = len(eps)
    _, reconstruction, kl = _elbo(_z(mu, logvar, eps)[:-1], x, mu, logvar, W, b)
    reconstruction = reconstruction * (L - 1) / L
    return reconstruction - kl, reconstruction, kl


def _vae(
    x: Array,
    eps: Array,
    beta: float,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    W3: Array,
    b3: Array,
    W4: Array,
    b4: Array,
    *,
    mu_path: float = 1,
    logvar_path: float = 1,
    mu_kl: float = 1,
    logvar_kl: float = 1,
    slope1: bool = True,
    slope3: bool = True,
    kl_of: str = "N",
    draws: str = "L",
    power: float = 0.5,
    noise: bool = True,
    half: float = 0.5,
    decoded: str = "z",
    slopes: str = "tanh",
) -> Any:
    """Gradients of a variational autoencoder; the options leave out or change parts of them."""
    L, N, J = eps.shape
    h1 = np.tanh(x @ W1 + b1)
    moments = h1 @ W2 + b2
    mu, logvar = moments[:, :J], moments[:, J:]
    std = np.exp(logvar / 2)
    z = mu + std * eps
    h3 = np.tanh(z @ W3 + b3)
    da4 = (sigmoid(h3 @ W4 + b4) - x) / N / {"L": L, "1": 1}[draws]
    slope_of = {"tanh": lambda h: 1 - h**2, "sigmoid": lambda h: h * (1 - h)}[slopes]
    da3 = (da4 @ W4.T) * (slope_of(h3) if slope3 else 1)
    dz = da3 @ W3.T
    each = beta / {"N": N, "1": 1, "LN": L * N}[kl_of]
    through = (dz * eps).sum(axis=0) if noise else dz.sum(axis=0)
    dmu = mu_path * dz.sum(axis=0) + mu_kl * each * mu
    dlogvar = logvar_path * through * np.exp(logvar * power) * half + logvar_kl * each * (np.exp(logvar) - 1) / 2
    dmoments = np.hstack([dmu, dlogvar])
    da1 = (dmoments @ W2.T) * (slope_of(h1) if slope1 else 1)
    flat = partial(np.einsum, "lni,lnj->ij")
    return (
        x.T @ da1,
        da1.sum(axis=0),
        h1.T @ dmoments,
        dmoments.sum(axis=0),
        flat(z if decoded == "z" else np.broadcast_to(mu, z.shape), da3),
        da3.sum(axis=(0, 1)),
        flat(h3, da4),
        da4.sum(axis=(0, 1)),
    )


for _rule, _words, _options in (
    (
        "term",
        "if the gradient through the draws were missing: the reconstruction does not reach mu and logvar",
        {"mu_path": 0, "logvar_path": 0},
    ),
    (
        "term",
        "if the gradient through the draws were missing for logvar: it passes through mu only, as if the noise's scale were constant",
        {"logvar_path": 0},
    ),
    (
        "term",
        "if the gradient through the draws were missing for mu: it passes through logvar only",
        {"mu_path": 0},
    ),
    ("term", "if the gradient of the divergence were missing", {"mu_kl": 0, "logvar_kl": 0}),
    ("term", "if the gradient of the divergence were missing for logvar", {"logvar_kl": 0}),
    ("term", "if the gradient of the divergence were missing for mu", {"mu_kl": 0}),
    ("sign", "if the gradient of the divergence had the opposite sign", {"mu_kl": -1, "logvar_kl": -1}),
    ("missing derivative", "if the derivative of the encoder's tanh were left out", {"slope1": False}),
    ("missing derivative", "if the derivative of the decoder's tanh were left out", {"slope3": False}),
    ("missing derivative", "if the derivatives of both tanh were left out", {"slope1": False, "slope3": False}),
    (
        "mean for sum",
        "if the gradient of the divergence were summed over the examples instead of averaged",
        {"kl_of": "1"},
    ),
    (
        "mean for sum",
        "if the gradient of the divergence were divided by the number of draws as well",
        {"kl_of": "LN"},
    ),
    (
        "mean for sum",
        "if the reconstruction's gradient were summed over the draws instead of averaged",
        {"draws": "1"},
    ),
    (
        "missing derivative",
        "if the derivative of the standard deviation by logvar were left out of the gradient through the draws",
        {"power": 0, "half": 1},
    ),
    (
        "missing factor",
        "if the factor 1/2 were left out of the gradient of logvar through the draws",
        {"half": 1},
    ),
    (
        "power",
        "if the gradient of logvar through the draws had the variance in place of the standard deviation",
        {"power": 1},
    ),
    ("argument", "if the noise eps were left out of the gradient of logvar through the draws", {"noise": False}),
    (
        "other array",
        "if mu were used in the gradient of the decoder's first layer instead of the draws",
        {"decoded": "mu"},
    ),
    (
        "other function",
        "if the derivatives of the tanh layers were those of a sigmoid, h (1 - h)",
        {"slopes": "sigmoid"},
    ),
    (
        "term",
        "if the gradient of the divergence were missing for logvar, and the derivative of the decoder's tanh as well",
        {"logvar_kl": 0, "slope3": False},
    ),
):
    typical("variational_gradients", _rule, _words)(partial(_vae, **_options))


def _vae_loss(
    x: Array,
    eps: Array,
    beta: float,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    W3: Array,
    b3: Array,
    W4: Array,
    b4: Array,
    *,
    draws: str = "mean",
    kl_as: str = "mean",
    drawn: bool = True,
    twice: bool = False,
    weight: str = "kl",
    order: int = 1,
) -> Any:
    """The loss of a variational autoencoder with changed parts."""
    J = eps.shape[2]
    moments = np.tanh(x @ W1 + b1) @ W2 + b2
    mu, logvar = (moments[:, :J], moments[:, J:])[::order]
    z = mu + np.exp(logvar / 2) * eps if drawn else mu[None]
    logits = np.tanh(z @ W3 + b3) @ W4 + b4
    if twice:
        logits = sigmoid(logits)
    nll = np.stack([bernoulli_nll(each, x) for each in logits])
    kl = gaussian_kl(mu, logvar)
    per_draw = {"mean": nll.mean(axis=0), "sum": nll.sum(axis=0), "log": -log_mean_exp(-nll)}[draws]
    reconstruction = per_draw.mean() if kl_as != "all sums" else per_draw.sum()
    divergence = kl.mean() if kl_as == "mean" else kl.sum()
    if weight == "nll":
        return beta * reconstruction + divergence
    if weight == "both":
        return beta * (reconstruction + divergence)
    if weight == "mixture":
        return (1 - beta) * reconstruction + beta * divergence
    return reconstruction + beta * divergence


for _rule, _words, _choices in (
    ("mean for sum", "if the reconstruction were summed over the draws instead of averaged", {"draws": "sum"}),
    ("mean for sum", "if the divergence were summed over the examples instead of averaged", {"kl_as": "sum"}),
    (
        "mean for sum",
        "if the reconstruction were summed over the draws, and the divergence over the examples, instead of averaged",
        {"draws": "sum", "kl_as": "sum"},
    ),
    ("mean for sum", "if both terms were summed over the examples instead of averaged", {"kl_as": "all sums"}),
    (
        "other function",
        "if the draws were averaged inside the logarithm, as in an importance-weighted bound",
        {"draws": "log"},
    ),
    ("argument", "if mu were decoded instead of the draws: eps has no effect", {"drawn": False}),
    (
        "transformed",
        "if probabilities were passed to a loss that takes logits: a sigmoid is applied twice",
        {"twice": True},
    ),
    ("swapped", "if beta were multiplied by the reconstruction instead of the divergence", {"weight": "nll"}),
    ("extra factor", "if beta were multiplied by both terms", {"weight": "both"}),
    ("extra factor", "if the reconstruction were multiplied by 1 - beta", {"weight": "mixture"}),
    ("swapped", "if mu and logvar were exchanged: the second half of the moments is taken for mu", {"order": -1}),
):
    typical("variational_loss", _rule, _words)(partial(_vae_loss, **_choices))
