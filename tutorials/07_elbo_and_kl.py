# %% [markdown]
# # 07  ELBO and KL, step by step
#
# The loss of a variational autoencoder has two terms, and is based on an identity:
#
#     log p(x)  =  ELBO + KL(q(z|x) ‖ p(z|x)),      ELBO = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z))
#
# This tutorial examines each part: the divergence in three steps, the likelihood in three steps, the expectation by draws; then the
# identity and its consequences for training. Each step is a function that is shown to be equal to the next one and to an independent
# computation. All of this uses one model in which nothing has to be approximated, so that every claim can be compared with the exact value.
#
# The equations are derived in docs/derivations: gaussian_kl.md, bernoulli_log_likelihood.md, linear_gaussian.md, reparameterize.md.

# %%
import time

import _pictures as pictures
import numpy as np
from _common import Report, start
from _judges import gradient_check, kl_by_definition, numeric_gradients, plane
from scipy import stats

from scratchae import ops
from scratchae.baselines import LinearGaussian

run = start("07_elbo_and_kl.py", "ELBO and KL divergence, term by term, on a model with closed forms.")
data, report = run.data, Report(run)
rng = np.random.default_rng(run.seed)

# %% [markdown]
# ## A model with closed forms
#
# x = z W + mean + noise, with two latent variables (linear_gaussian.1): probabilistic PCA. log p(x) and the posterior p(z|x) have closed
# forms (linear_gaussian.3, .4, .5). It is fitted to the images of a 0 or a 1 only, because there one direction is more important than the
# other, and p(z|x) is not isotropic. Then the latent plane is rotated by 45 degrees. This does not change the probability of any image, but
# now the two latent variables are correlated given x.

# %%
zero_or_one = data.x_train[data.y_train < 2].astype(np.float64)
fitted = LinearGaussian.fit(zero_or_one, 2)
turn = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)
exact = LinearGaussian(turn @ fitted.W, fitted.mean, fitted.variance)
x = data.x_test[data.y_test < 2][:200].astype(np.float64)
N = len(x)
log_p = exact.log_likelihood(x)
mean, covariance = exact.posterior(x)
precision = np.linalg.inv(covariance)
correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
print(
    f"{N} test images; standard deviations of p(z|x) {np.sqrt(np.diag(covariance)).round(3)}, correlation {correlation:.2f}"
)
rotated = np.abs(log_p - fitted.log_likelihood(x)).max()
report.row("log p(x) before and after the rotation, difference", rotated, digits=(0, 1e-10), mnist=(0, 1e-8), seconds=0)

# %% [markdown]
# ## The divergence, in three steps
#
# KL(q ‖ p(z)) from a normal q to the standard normal. The first form is for any covariance, with trace and determinant
# (gaussian_kl_trace.1). If the latent variables are independent under q, the trace and the log of the determinant are sums
# (gaussian_kl_sums.1). The four sums can be combined into one sum, with one term for each latent variable (gaussian_kl_terms.1,
# gaussian_kl.1). This is the form used in every variational autoencoder.
#
# Here q has the means of the true posterior and independent latent variables with the optimal variances under this restriction.
#
# Two independent references are used: quadrature of the definition ∫ q (ln q − ln p) dz, and the mean of ln q − ln p over draws, with a
# confidence interval. About 95 % of such intervals must contain the true value: this is tested with 500 of them.

# %%
variance = np.tile(1 / np.diag(precision), (N, 1))
logvar = np.log(variance)
step_1 = ops.gaussian_kl_trace(mean, np.stack([np.diag(v) for v in variance]))  # (gaussian_kl_trace.1)
step_2 = ops.gaussian_kl_sums(mean, variance)  # (gaussian_kl_sums.1)
terms = ops.gaussian_kl_terms(mean, logvar)  # (gaussian_kl_terms.1)
step_3 = ops.gaussian_kl(mean, logvar)  # (gaussian_kl.1)
reference = sum(kl_by_definition(m, v) for m, v in zip(mean[0], variance[0], strict=True))
eps = rng.standard_normal((400, 500, 2))  # 400 draws, 500 times, all for the first image
first = [np.tile(moment[0], (500, 1)) for moment in (mean, logvar)]
drawn = ops.sampled_kl(ops.reparameterize(*first, eps), first[1], eps)  # (sampled_kl.2)
error = 1.96 * drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
print(
    f"trace {step_1[0]:.6f}, sums {step_2[0]:.6f}, terms {terms[0].round(6)}, compact {step_3[0]:.6f}, for the first image"
)
print(f"quadrature {reference:.6f}; 400 draws {drawn[:, 0].mean():.3f} ± {error[0]:.3f}")
apart = max(np.abs(other - step_3).max() for other in (step_1, step_2, terms.sum(axis=1)))
contained = float((np.abs(drawn.mean(axis=0) - step_3[0]) <= error).mean())
report.rows(
    ("steps of the KL, largest difference, nats", apart, (0, 1e-12)),
    ("KL of an image vs. quadrature, difference, nats", abs(reference - step_3[0]), (0, 1e-9)),
    ("fraction of 95 % intervals that contain the KL", contained, (0.95, 0.03)),
    seconds=0,
)

# %% [markdown]
# ## The likelihood of black and white pixels, in three steps
#
# If x is black and white and p contains the probability of white for each pixel, the probability of the image is a product. Its logarithm
# (bernoulli_log_product.1) becomes a sum of logarithms of powers (bernoulli_log_powers.1), and then the well-known sum
# (bernoulli_log_likelihood.1). Networks output logits instead of p, and the loss is the negative of the same number (bernoulli_nll.4).
#
# The three are equal on paper. In floating-point arithmetic the product soon underflows to 0: here the probabilities of the pixels are
# multiplied in float32, image after image. Sums of logarithms do not have this problem. The "decoder" is the simplest possible one, the
# mean image of the class.

# %%
mean_images = [data.x_train[data.y_train == k].mean(axis=0).astype(np.float64) for k in (0, 1)]
p = np.clip(mean_images, 0.02, 0.98)[data.y_test[data.y_test < 2][:N]]
white = (np.random.default_rng(1).random(x.shape) < x).astype(np.float64)  # drawn once
log_likelihoods = [
    ops.bernoulli_log_product(p, white),  # (bernoulli_log_product.1)
    ops.bernoulli_log_powers(p, white),  # (bernoulli_log_powers.1)
    ops.bernoulli_log_likelihood(p, white),  # (bernoulli_log_likelihood.1)
    -ops.bernoulli_nll(np.log(p / (1 - p)), white),  # (bernoulli_nll.4)
]
reference = stats.bernoulli.logpmf(white, p).sum(axis=1)
apart = max(np.abs(other - reference).max() for other in log_likelihoods)
of_pixels = np.where(white == 1, p, 1 - p).astype(np.float32)
with np.errstate(under="ignore"):
    left = np.cumprod(of_pixels.ravel())
vanished = int((left > 0).sum())
print(
    f"log-likelihood {reference.mean():.2f} nats per image; the product is 0 after {vanished} of {left.size:,} pixels"
)
report.row(
    "steps of the likelihood vs. SciPy, largest difference, nats", apart, digits=(0, 1e-10), mnist=(0, 1e-10), seconds=0
)
report.row("pixels until the product underflows, float32", vanished, digits=(308, 10), mnist=(996, 10), seconds=0)

# %% [markdown]
# ## The expectation, by draws
#
# The first term of the bound is a mean over z from q, and with a network as decoder it has no closed form. The mean over L draws is an
# unbiased estimate for any L, including 1. Its standard deviation decreases like 1/√L: four times as many draws halve the error. For this
# model the mean and the standard deviation of a single draw are known, so both can be checked, with 400 estimates for each L, for the first
# image.


# %%
def log_likelihood_of(z, image):
    """log p(x|z) of one image at draws of shape (L, M, 2)."""
    nll = [ops.gaussian_nll(draw @ exact.W + exact.mean, noise[: len(draw)], image[: len(draw)]) for draw in z]
    return -np.stack(nll)


began = time.perf_counter()
noise = np.full((400, x.shape[1]), np.log(exact.variance))
counts = [1, 4, 16, 64, 256] if not run.quick else [1, 4, 16]
first, image = [np.tile(moment[0], (400, 1)) for moment in (mean, logvar)], np.tile(x[0], (400, 1))
estimates = {
    L: log_likelihood_of(ops.reparameterize(*first, rng.standard_normal((L, 400, 2))), image).mean(axis=0)
    for L in counts
}
spread = [float(estimates[L].std()) for L in counts]
diagonal = np.diag(variance[0])
slopes = (x[0] - exact.mean - mean[0] @ exact.W) @ exact.W.T / exact.variance  # of log p(x|z), at the mean
curvature = exact.W @ exact.W.T / exact.variance @ diagonal
of_one = np.sqrt(
    slopes @ diagonal @ slopes + np.trace(curvature @ curvature) / 2
)  # exact standard deviation of one draw
run.save(pictures.spread_by_draws(counts, spread, of_one), "07_draws.png")
known = exact.elbo(x[:1], mean[:1], diagonal[None]).reconstruction[0]
took = time.perf_counter() - began
most = counts[-1]
report.rows(
    ("exponent of L in the standard deviation", np.polyfit(np.log(counts), np.log(spread), 1)[0], (-0.5, 0.04)),
    ("standard deviation of one draw, ratio to the exact value", spread[0] / of_one, (1, 0.2)),
    (f"mean of the estimates from {most} draws minus the exact value", estimates[most].mean() - known, (0, 0.01)),
    seconds=took,
)

# %% [markdown]
# ## Jensen's gap is a divergence
#
# The bound comes from Jensen's inequality: with the weights w = p(x|z) p(z) / q(z), log p(x) = ln E_q[w] ≥ E_q[ln w]. To measure the gap,
# note that both means are integrals over a plane; here they are computed on a grid, from the densities alone. Their difference is KL(q ‖
# p(z|x)), whose closed form (linear_gaussian.7) does not use a grid.

# %%
grid, cell = plane(mean[0], np.sqrt(variance[0]))  # 321 × 321 points, 16 standard deviations to each side
log_x = -((x[0] - exact.mean - grid @ exact.W) ** 2).sum(axis=1) / exact.variance / 2
log_x -= x.shape[1] * np.log(2 * np.pi * exact.variance) / 2  # log p(x|z)
log_joint = log_x + stats.norm.logpdf(grid).sum(axis=1)
wide = 1.5 * np.sqrt(variance[0])  # a q that is too wide
log_q = stats.norm.logpdf(grid, mean[0] + 0.3 * wide, wide).sum(axis=1)  # and shifted
log_mean = np.log((np.exp(log_q) * np.exp(log_joint - log_q - log_p[0])).sum() * cell) + log_p[0]  # ln E_q[w]
mean_log = (np.exp(log_q) * (log_joint - log_q)).sum() * cell  # E_q[ln w]
gap = exact.gap(x[:1], mean[:1] + 0.3 * wide, np.diag(wide**2)[None])[0]  # (linear_gaussian.7)
jensen = log_mean - mean_log
print(f"ln E_q[w] {log_mean:.6f}, E_q[ln w] {mean_log:.6f}: Jensen's gap {jensen:.6f} nats; KL(q || p(z|x)) {gap:.6f}")
report.rows(
    ("Jensen's gap vs. KL(q || p(z|x)), difference, nats", abs(jensen - gap), (0, 1e-6)),
    ("ln E_q[w] vs. log p(x), difference, nats", abs(log_mean - log_p[0]), (0, 1e-6)),
    seconds=0,
)

# %% [markdown]
# ## The identity during optimisation of q
#
# log p(x) does not depend on q. So increasing the bound decreases the divergence from the posterior by the same amount, and the gradients
# of the two are opposite. The gradients below are those of the bound (linear_gaussian.6); they do not contain p(z|x). q is N(μ, A Aᵀ).


# %%
def bound_gradient(x, mu, A):
    """Gradient of the bound with respect to mu (N, 2) and A (N, 2, 2)."""
    e = x - exact.mean - mu @ exact.W
    dmu = e @ exact.W.T / exact.variance - mu
    dS = (np.linalg.inv(A @ A.swapaxes(1, 2)) - exact.W @ exact.W.T / exact.variance - np.eye(2)) / 2
    return dmu, 2 * dS @ A


mu, A = mean[:3] + 0.3 * rng.standard_normal((3, 2)), 0.1 * rng.standard_normal((3, 2, 2)) + 0.5 * np.eye(2)
by_hand = bound_gradient(x[:3], mu, A)
of_elbo = numeric_gradients(lambda mu, A: exact.elbo(x[:3], mu, A @ A.swapaxes(1, 2)).elbo.sum(), mu, A)
of_gap = numeric_gradients(lambda mu, A: exact.gap(x[:3], mu, A @ A.swapaxes(1, 2)).sum(), mu, A)
scale = max(np.abs(part).max() for part in of_elbo)
off = max(np.abs(one - other).max() for one, other in zip(by_hand, of_elbo, strict=True)) / scale
opposite = max(np.abs(one + other).max() for one, other in zip(of_elbo, of_gap, strict=True)) / scale
report.row(
    "gradient of the bound, by hand vs. numerical, relative difference",
    off,
    digits=(0, 1e-7),
    mnist=(0, 1e-7),
    seconds=0,
)
report.row(
    "sum of the gradients of bound and divergence, relative", opposite, digits=(0, 1e-7), mnist=(0, 1e-7), seconds=0
)

# %% [markdown]
# Now the bound is maximised by gradient ascent, for all test images at once. q starts at the origin, independent of x. In the first half A
# is kept diagonal: z₁ and z₂ are independent under q, as in a variational autoencoder. The bound converges to a value below log p(x), since
# the posterior is correlated and q is not; the gap is known (−½ ln(1 − ρ²) with the correlation ρ). Then correlations are allowed in q, and
# the gap closes.
#
# At every step, and for every image, the bound and the divergence are computed by separate formulas, and added up.

# %%
began = time.perf_counter()
steps = 10 if run.quick else 200
rate = 0.4 / np.linalg.eigvalsh(precision)[-1]  # stable in the direction of the largest curvature
mu, A = np.zeros((N, 2)), np.tile(0.4 * np.eye(2), (N, 1, 1))
path = []
for step in range(steps + 1):
    S = A @ A.swapaxes(1, 2)
    path.append((mu, S, exact.elbo(x, mu, S).elbo, exact.gap(x, mu, S)))  # (linear_gaussian.6), (linear_gaussian.7)
    dmu, dA = bound_gradient(x, mu, A)
    if step < steps // 2:
        dA = dA * np.eye(2)
    mu, A = mu + rate * dmu, A + rate * dA
took = time.perf_counter() - began
elbo, gap = (np.array([moment[i] for moment in path]) for i in (2, 3))
off = float(np.abs(elbo + gap - log_p).max())
increasing = float((np.diff(elbo, axis=0) > -1e-9).mean())
n = int(np.argmax((mean**2).sum(axis=1)))  # the image that is the farthest from the origin
shown = [0, 1, 3, 8, steps // 2, steps]
q = [np.array([path[s][i][n] for s in shown]) for i in (0, 1)]
figure = pictures.moving_q((mean[n], covariance), q, elbo[shown, n], gap[shown, n], shown, free=steps // 2)
run.save(figure, "07_identity.png")
of_independent = gap[steps // 2].mean()
known = -np.log(1 - correlation**2) / 2
report.rows(
    ("bound + KL - log p(x), largest absolute value, all steps and images", off, (0, 1e-10)),
    ("fraction of steps at which the bound does not decrease", increasing, (1, 0)),
    ("gap of the best independent q minus the known gap, nats", of_independent - known, (0, 1e-6)),
    ("gap after the last step, nats", gap[-1].mean(), (0, 1e-6)),
    ("gap of the best independent q, nats", of_independent, (0.1236, 1e-3), (0.1878, 1e-3)),
    seconds=took,
)

# %% [markdown]
# ## A common mistake: exp(ln σ²) as the standard deviation
#
# The encoder outputs ln σ². The standard deviation is exp(ln σ² / 2), the square root of the variance. A common mistake, also in published
# example code, is to use exp(ln σ²) instead. Here are both versions, each with its own gradient.
#
# A gradient check tests whether the backward function is the derivative of the forward function. This is true for both versions.
# **So the check passes, to the last digit, although the function is wrong.** The mistake is detected by a check of the value: test whether
# the draws have the specified variance.


# %%
def wrong_reparameterize(mu, logvar, eps):
    """Draws with the variance instead of the standard deviation."""
    return mu + np.exp(logvar) * eps


def wrong_reparameterize_backward(dz, logvar, eps):
    """Its gradients, which are correct."""
    return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(logvar)


logvars = np.linspace(-4, 1, 11)
eps = rng.standard_normal((20_000, 1, 11))
pairs = {
    "correct: exp(ln σ² / 2)": (ops.reparameterize, ops.reparameterize_backward),
    "wrong: exp(ln σ²)": (wrong_reparameterize, wrong_reparameterize_backward),
}
got = {name: forward(np.zeros((1, 11)), logvars[None], eps).std(axis=(0, 1)) for name, (forward, _) in pairs.items()}
checks = [gradient_check(*pair, rng) for pair in pairs.values()]
run.save(pictures.trap(logvars, got, checks), "07_trap.png")

# %% [markdown]
# This mistake also affects the bound. The divergence is computed for the intended q, but the decoder gets draws from a narrower one. With
# the best q the true bound is just below log p(x). The wrong number is **above** it: it is not a bound, and it looks better than any
# correct value.

# %%
began = time.perf_counter()
eps = rng.standard_normal((50 if run.quick else 500, N, 2))
noise = np.full(x.shape, np.log(exact.variance))
by_draws = [
    float((log_likelihood_of(forward(mean, logvar, eps), x).mean(axis=0) - step_3 - log_p).mean())
    for forward, _ in pairs.values()
]
took = time.perf_counter() - began
print(f"bound minus log p(x): {by_draws[0]:.3f} nats with correct draws, {by_draws[1]:+.3f} with wrong ones")
at = int(np.flatnonzero(logvars == -2)[0])
correct, wrong = (values[at] for values in got.values())
report.rows(
    ("gradient check of the correct draws, largest error", checks[0], (0, 1e-12)),
    ("gradient check of the wrong draws, largest error", checks[1], (0, 1e-12)),
    ("standard deviation at logvar -2, correct (specified: 0.368)", correct, (0.3679, 0.008)),
    ("standard deviation at logvar -2, wrong", wrong, (0.1353, 0.003)),
    ("bound minus log p(x), correct draws, nats", by_draws[0], (-0.1236, 0.02), (-0.1878, 0.02)),
    ("'bound' minus log p(x), wrong draws, nats", by_draws[1], (0.8325, 0.001), (0.805, 0.001)),
    seconds=took,
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
