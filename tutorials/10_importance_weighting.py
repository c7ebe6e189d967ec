# %% [markdown]
# # 10  Importance weighting
#
# A variational autoencoder is trained on a lower bound of log p(x). How large is the gap? With several draws of z for each image, there is
# a tighter bound. Each draw z_k from q(z|x) has an **importance weight**, the joint density of x and z_k under the model divided by the
# density with which z_k was drawn:
#
#     log w_k = log p(x|z_k) + log p(z_k) − log q(z_k|x)                    (importance_weighted.1)
#     bound(k) = log of the mean of w_1, …, w_k                             (importance_weighted.2)
#
# The mean of the weights is an unbiased estimate of p(x) for any q. Its log is too low on average; the bias decreases with more draws. With
# k = 1 it is the bound of tutorial 08; as k grows, it converges to log p(x).
#
# The equations are derived in docs/derivations/importance_weighted.md.

# %%
import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots
from scratchae.baselines import LinearGaussian

run = start(
    "10_importance_weighting.py",
    "Importance weighting: a tighter bound from several draws for each image, and a model trained on it.",
)
data, report = run.data, Report(run)
counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]  # k
most = 100 if run.quick else 1000
counts = [k for k in counts if k <= most]

# %% [markdown]
# ## A model with known log p(x)
#
# To verify these claims, log p(x) is needed, which is unknown in general. But there is one model with latent variables in which nothing has
# to be approximated: the linear model with normal noise. Its log p(x) has a closed form (linear_gaussian.3), and so has its true posterior
# p(z|x). So any q can be tested, and the bound compared with the exact value. First the underlying identity,
# whose last term, the gap, has a closed form here as well (linear_gaussian.7):
#
#     log p(x) = bound(1) + KL(q(z|x) ‖ p(z|x))                             (elbo.7)

# %%
exact = LinearGaussian.fit(data.x_train, 5)
x = data.x_test[:100].astype(np.float64)
log_p = exact.log_likelihood(x)
mean, covariance = exact.posterior(x)
variance = np.diag(covariance)  # the covariance is diagonal: the latent dimensions of this fit are not correlated
rng = np.random.default_rng(run.seed)
eps = rng.standard_normal((most, *mean.shape))


def log_weights_of(scale):
    """Log-weights of draws from a q with the true means and `scale` times the true standard deviations; its exact bound and gap."""
    logvar = np.broadcast_to(np.log(scale**2 * variance), mean.shape)
    noise = np.full(x.shape, np.log(exact.variance))
    z = ops.reparameterize(mean, logvar, eps)
    nll = np.stack([ops.gaussian_nll(draw @ exact.W + exact.mean, noise, x) for draw in z])
    spread = np.broadcast_to(np.diag(scale**2 * variance), (len(x), 5, 5))
    return -nll - ops.sampled_kl(z, logvar, eps), exact.elbo(x, mean, spread).elbo, exact.gap(x, mean, spread)


def bound(log_w, k):
    """bound(k), averaged over the images and over all groups of k draws."""
    groups = log_w[: len(log_w) // k * k].reshape(-1, k, log_w.shape[1])
    return float(np.mean([ops.log_mean_exp(group) for group in groups]))


scales = {"q = p(z|x)": 1.0, "q too wide (1.5 σ)": 1.5, "q too narrow (0.6 σ)": 0.6}
weights = {name: log_weights_of(scale) for name, scale in scales.items()}
for name, (_, elbo, gap) in weights.items():
    print(f"{name:20}  bound(1) {elbo.mean():.3f}  + KL(q || p(z|x)) {gap.mean():.3f}  = log p(x) {log_p.mean():.3f}")

# %% [markdown]
# With q = p(z|x) every single draw has the weight p(x): one draw is enough. With any other q the bound starts below log p(x) by the KL, and
# increases. A q that is too wide wastes draws. A q that is too narrow is worse: it hardly ever draws z from the tails of the posterior, and
# such rare draws have huge weights. Below 0.71 of the true standard deviation the weights have no finite variance, and the bound converges
# very slowly. So q should rather be too wide.

# %%
true = float(log_p.mean())
figure = plots.lines(
    {name: (counts, [round(true - bound(log_w, k), 9) for k in counts]) for name, (log_w, _, _) in weights.items()},
    "draws k",
    "log p(x) − bound(k) (nats)",
    logarithmic=True,
    title="Gap of the bound by the number of draws",
    note="linear-Gaussian model, in which log p(x) is exact; 100 test images; σ: standard deviation of p(z|x)",
)
run.save(figure, "10_exact.png")
(fitting, _, _), (wide, elbo, _), (narrow, _, _) = weights.values()
identity = max(float(np.abs(b + gap - log_p).max()) for _, b, gap in weights.values())
report.row("bound + KL - log p(x), largest absolute value", identity, digits=(0, 1e-9), mnist=(0, 1e-8), seconds=0)
one = float(np.abs(fitting - log_p).max())
report.row(
    "log-weight of a draw from p(z|x) - log p(x), largest absolute value",
    one,
    digits=(0, 1e-9),
    mnist=(0, 1e-8),
    seconds=0,
)
report.row(
    "bound(1) from draws minus the exact bound, nats",
    bound(wide, 1) - elbo.mean(),
    digits=(0, 0.02),
    mnist=(0, 0.02),
    seconds=0,
)
for name, log_w, digits in (("wide", wide, (0.014, 0.02)), ("narrow", narrow, (0.211, 0.03))):
    report.row(
        f"log p(x) minus bound(50), q too {name}, nats", true - bound(log_w, 50), digits=digits, mnist=digits, seconds=0
    )

# %% [markdown]
# ## A trained model
#
# For a variational autoencoder the exact value is unknown, but the bound shows the same behaviour: it increases and converges.
# `log_likelihood(X, k)` computes it, in bounded memory. The value with the most draws is reported in the literature as the log-likelihood
# of such a model.

# %%
options = {
    "hidden_sizes": run.choose(digits=(64,), mnist=(256,)),
    "latent_dim": run.choose(digits=10, mnist=20),
    "binarize": "dynamic",
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=2e-3, mnist=1e-3),
    "epochs": run.epochs(run.choose(digits=150, mnist=10)),
    "random_state": run.seed,
}
x = data.x_test[:1000]
x = (np.random.default_rng(1).random(x.shape) < x).astype(np.float32)  # black and white, drawn once
model = sae.VariationalAutoencoder(**options).fit(data.x_train)


def rise(model):
    """bound(k) for each k, averaged over the images and, for few draws, also over several sets of draws."""
    sets = {k: range(max(1, 100 // k)) for k in counts}
    return [
        float(np.mean([model.log_likelihood(x, k, seed).log_likelihood.mean() for seed in sets[k]])) for k in counts
    ]


rising = rise(model)
estimate = model.log_likelihood(x, 5 * most)
log_p = float(estimate.log_likelihood.mean())
figure = plots.lines(
    {"variational autoencoder": (counts, rising)},
    "draws k",
    "bound(k) (nats)",
    level=log_p,
    level_label=f"{5 * most:,} draws: {log_p:.2f}".replace("-", "\N{MINUS SIGN}"),
    logarithmic=True,
    title="Bound of a trained model by the number of draws",
    note=f"test images; J = {options['latent_dim']}",
)
run.save(figure, "10_bound_by_draws.png")
for name, value, digits, mnist in (
    ("bound(1), nats", rising[0], (-23.58, 0.1), (-102.7, 0.5)),
    ("bound(5), nats", rising[2], (-23.26, 0.1), (-99.85, 0.4)),
    (f"bound({5 * most:,}), nats", log_p, (-23.13, 0.1), (-96.8, 0.4)),
):
    report.row(name, value, digits=digits, mnist=mnist, seconds=seconds_of(model))

# %% [markdown]
# ## The standard error
#
# `standard_error` estimates the error for each image from the variation of the weights of its draws. This can be tested: repeat the
# estimate with other draws, and measure the standard deviation of the estimates. The estimated error is a tenth too low: large weights are
# rare, and most sets of draws do not contain one. (On MNIST, where two or three draws of a hundred have nearly all of the weight, it is
# half of the observed error: use more draws.)
#
# The standard error of a mean over images is much smaller, since the errors of individual images are independent. (Neither accounts for
# regions from which q never draws.)

# %%
few = x[:100]
again = [model.log_likelihood(few, 100, seed=s) for s in range(20)]
observed = np.sqrt(np.var([a.log_likelihood for a in again], axis=0, ddof=1).mean())
estimated = np.sqrt(np.mean([a.standard_error**2 for a in again]))
whole = float(np.sqrt((estimate.standard_error**2).sum()) / len(x))
print(f"one image, 100 draws: estimated standard error {estimated:.3f} nats, observed {observed:.3f} nats")
print(f"mean of {len(x):,} images, {5 * most:,} draws: {log_p:.3f} ± {whole:.3f} nats")
report.row(
    "estimated standard error, ratio to the observed one",
    estimated / observed,
    digits=(0.887, 0.05),
    mnist=(0.485, 0.05),
    seconds=seconds_of(model),
)
report.row(
    "standard error of the mean log p(x), nats",
    whole,
    digits=(0.0017, 0.001),
    mnist=(0.0124, 0.001),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The best and the worst draws
#
# Fifty draws for each of four images are decoded; below each shown draw is its normalised weight, its share of the sum of all weights
# (importance_weighted.4). A draw with a large weight explains the image well. On the right are draws with a very small weight: in the
# ordinary bound they count as much as the others, and the encoder has to avoid them. Next to each row is the *effective sample size*,
# 1 over the sum of the squared normalised weights: 50 if all weights were equal. (The weights refer to the black and white
# image. With 64 pixels, the binarised image of a 4 may be explained better by a 0.)


# %%
def draws_of(model, x, k, seed):
    """Draws of z for each image, and the logs of their weights."""
    W, b = ([model.parameters_[f"decoder.{i}.{kind}"] for i in (0, 1)] for kind in "Wb")
    mu, logvar = model.posterior(x)
    eps = np.random.default_rng(seed).standard_normal((k, *mu.shape)).astype(np.float32)
    z = ops.reparameterize(mu, logvar, eps)
    nll = [ops.bernoulli_nll(ops.layer(ops.layer(draw, W[0], b[0], "relu"), W[1], b[1], "identity"), x) for draw in z]
    return z, -np.stack(nll) - ops.sampled_kl(z, logvar, eps)  # (importance_weighted.1)


def effective(model):
    """Effective sample size of 50 draws, averaged over the test images."""
    _, log_w = draws_of(model, x, 50, seed=2)
    return float((1 / (ops.importance_weights(log_w) ** 2).sum(axis=0)).mean())


first = np.unique(data.y_test[: len(x)], return_index=True)[1]  # the first of each class
shown = x[first[[0, 2, 4, 6]]]
z, log_w = draws_of(model, shown, 50, seed=2)
shares = ops.importance_weights(log_w)  # (importance_weighted.4)
order = np.argsort(-shares, axis=0)[[0, 1, 2, 3, -3, -2, -1]]
rows = np.arange(len(shown))
images = [shown, *[model.decode(z[order[i], rows]) for i in range(len(order))]]
texts = [["image"] * len(shown), *[[f"{share:.1%}" for share in shares[order[i], rows]] for i in range(len(order))]]
figure = plots.attribute_walk(
    np.stack(images, axis=1),
    np.array(texts).T,
    data.image_shape,
    labels=[f"{1 / (share**2).sum():.0f} of 50" for share in shares.T],
    title="An image, the four best and the three worst of fifty draws",
    note="below each draw: its normalised weight; left: effective sample size",
)
run.save(figure, "10_draws.png", dpi=110)

# %% [markdown]
# ## Training with the tighter bound
#
# The **importance-weighted autoencoder** is trained on bound(5) (importance_weighted.3). Everything else is the same: the network, the
# number of epochs. In its gradient, each draw is weighted by its share (importance_weighted.4), whereas a variational autoencoder with five
# draws weights each by one fifth. This model is the second comparison: it uses the same number of draws and the same amount of work.
#
# Compare both ends of the curves. With one draw the importance-weighted model is the worst: its q is wider, and single draws fit less well.
# With five and more draws it is above the others; towards the right, the curves converge to log p(x). The wider q allows a more informative
# code: more latent dimensions are active. (On MNIST all are active in every model, ten epochs are few, and a variational autoencoder with
# five draws is nearly as good.)

# %%
models = {
    "variational, 1 draw": model,
    "variational, 5 draws": sae.VariationalAutoencoder(n_samples=5, **options).fit(data.x_train),
    "importance-weighted, 5 draws": sae.ImportanceWeightedAutoencoder(n_samples=5, **options).fit(data.x_train),
}
curves = {name: rise(m) for name, m in models.items()}
figure = plots.lines(
    {name: (counts, values) for name, values in curves.items()},
    "draws k",
    "bound(k) (nats)",
    logarithmic=True,
    title="Bounds of three models with the same network",
    note="test images, the same number of epochs; the curves converge to log p(x)",
)
run.save(figure, "10_models.png")
one, five, weighted = models.values()
gain = curves["importance-weighted, 5 draws"][-1] - curves["variational, 1 draw"][-1]
gain_by_work = curves["importance-weighted, 5 draws"][-1] - curves["variational, 5 draws"][-1]
loss_at_one = curves["importance-weighted, 5 draws"][0] - curves["variational, 1 draw"][0]
for name, value, digits, mnist in (
    ("log p(x), importance-weighted, nats", curves["importance-weighted, 5 draws"][-1], (-22.86, 0.06), (-96.1, 0.4)),
    ("gain over the variational model, nats", gain, (0.275, 0.1), (1, 0.2)),
    ("gain over the variational model with 5 draws, nats", gain_by_work, (0.195, 0.16), (0.04, 0.2)),
    ("bound(1) minus that of the variational model, nats", loss_at_one, (-0.44, 0.37), (-1.4, 0.7)),
    ("active dimensions, variational", one.latent_statistics(x).active.sum(), (8, 3), (20, 0)),
    ("active dimensions, importance-weighted", weighted.latent_statistics(x).active.sum(), (10, 1), (20, 0)),
    ("effective sample size of 50 draws, variational", effective(one), (25, 3), (3.77, 0.15)),
    ("effective sample size of 50 draws, importance-weighted", effective(weighted), (16, 2), (3.06, 0.15)),
):
    report.row(name, value, digits=digits, mnist=mnist, seconds=seconds_of(one, weighted))

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
