# %% [markdown]
# # 06  The variational method
#
# *If p is intractable, approximate it by a tractable q.* p is a density whose formula is known only **up to a constant** at any z, and the
# constant is an intractable integral. q is from a tractable family. Finding the q closest to p turns the integral into an optimisation
# problem.
#
# Here z is one number. So everything can be plotted, and every integral can be computed by other means (SciPy's quadrature, in
# tutorials/_judges.py) to verify the claims. Then the same is done for a realistic p: the posterior of a network with one latent variable,
# given an image.
#
# The equations are derived in docs/derivations/variational_method.md.

# %%
import time

import _pictures as pictures
import numpy as np
from _common import Report, seconds_of, start
from _judges import Line, integral, log_normal, mean_under_normal
from scipy.optimize import minimize

import scratchae as sae
from scratchae import ops
from scratchae.verify.derivatives import complex_step

run = start(
    "06_variational_method.py",
    "The variational method in one dimension: approximate an intractable p by a tractable q.",
)
data, report = run.data, Report(run)

# %% [markdown]
# ## A density known up to a constant
#
# The target has two modes; the right one is somewhat higher. There is no formula for the integral Z. Quadrature computes it, and also the
# mean, the variance, and the probability mass of each mode. It needs a few hundred points along one axis. With twenty axes, it would need
# that number to the power of twenty; the following method does not.


# %%
def log_p(z):
    """The log of the target, up to the constant ln Z."""
    return -((z**2 - 4) ** 2) / 4 + z / 8


def slope_of_log_p(z):
    """Its derivative."""
    return -z * (z**2 - 4) + 1 / 8


ln_z = np.log(integral(lambda z: np.exp(log_p(z))))
p_mean = integral(lambda z: z * np.exp(log_p(z) - ln_z))
p_variance = integral(lambda z: (z - p_mean) ** 2 * np.exp(log_p(z) - ln_z))
right = integral(lambda z: np.exp(log_p(z) - ln_z), low=0.0)
print(
    f"ln Z = {ln_z:.4f}; p has mean {p_mean:.3f}, variance {p_variance:.3f}, and probability {right:.1%} in the right mode"
)

# %% [markdown]
# ## A lower bound on ln Z
#
# Take any normal q. The definition of the divergence KL(q ‖ p), with ln p(z) = log_p(z) − ln Z, gives:
#
#     ln Z  =  bound(q) + KL(q ‖ p),      bound(q) = E_q[log_p(z) − ln q(z)]          (variational_method.1)
#
# The bound does not contain Z. A divergence is never negative, so the bound is never above ln Z; and increasing the bound decreases the
# divergence by the same amount. For this target even the bound has a closed form, because log_p is a polynomial, and the means of z² and z⁴
# under a normal q are known. So the three quantities can be computed independently to verify the identity.


# %%
def bound(mu, logvar):
    """bound(q) of q = N(mu, exp(logvar)) in closed form: the mean of log_p, and the entropy of q."""
    s = np.exp(logvar)
    square, fourth = mu**2 + s, mu**4 + 6 * mu**2 * s + 3 * s**2  # E_q[z²], E_q[z⁴]
    entropy = (np.log(2 * np.pi) + 1 + logvar) / 2
    return -(fourth - 8 * square + 16) / 4 + mu / 8 + entropy  # (variational_method.2)


def kl_q_p(mu, logvar):
    """KL(q || p), by quadrature: a mean over q."""
    return mean_under_normal(lambda z: log_normal(z, mu, logvar) - log_p(z) + ln_z, mu, logvar)


def kl_p_q(mu, logvar):
    """KL(p || q), by quadrature: a mean over p."""
    return integral(lambda z: np.exp(log_p(z) - ln_z) * (log_p(z) - ln_z - log_normal(z, mu, logvar)))


tries = [(m, v) for m in np.linspace(-3, 3, 7) for v in np.linspace(-4, 2, 7)]
off = max(abs(bound(m, v) + kl_q_p(m, v) - ln_z) for m, v in tries)
report.row(
    "bound + KL - ln Z, largest absolute value for 49 normal q", off, digits=(0, 1e-10), mnist=(0, 1e-10), seconds=0
)

# %% [markdown]
# ## Two directions of the KL divergence
#
# The KL divergence is not symmetric. KL(q ‖ p) penalises mass of q where p is small. A mode of p that q omits costs little: the q on the
# other mode has a divergence of about −ln of that mode's probability, however far apart they are. **This direction is mode-seeking**: each
# mode has a local optimum.
#
# KL(p ‖ q) penalises missing mass of q where p has mass. The best normal q has the mean and the variance of p (variational_method.6, .7).
# **This direction is mode-covering** (or mass-covering): the optimum covers both modes, and its density is largest between them, where p is
# very small. Finding it requires means under p, which are intractable. That is why the variational method uses the first direction.
#
# The lowest KL(q ‖ p) is found here by SciPy, from a start at each mode, independently of our gradients.

# %%
found = [
    minimize(lambda m: -bound(*m), (side, -1.0), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}).x
    for side in (2, -2)
]
moments = (p_mean, np.log(p_variance))  # (variational_method.6), (variational_method.7)
best = {"KL(q ‖ p), right mode": found[0], "KL(q ‖ p), left mode": found[1], "KL(p ‖ q)": moments}
print(f"{'q that minimises':24}  mean    std. dev.  KL(q || p)  KL(p || q)")
for name, (m, v) in best.items():
    print(f"{name.replace('‖', '||'):24}  {m:6.3f}  {np.exp(v / 2):9.3f}  {kl_q_p(m, v):10.3f}  {kl_p_q(m, v):10.3f}")
z = np.linspace(-4, 8, 481)
densities = {name: np.exp(log_normal(z, m, v)) for name, (m, v) in best.items()}
run.save(pictures.closest(z, np.exp(log_p(z) - ln_z), densities), "06_both_ways.png")
rng = np.random.default_rng(run.seed)
increases = [kl_p_q(*(moments + 0.1 * rng.standard_normal(2))) > kl_p_q(*moments) for _ in range(100)]
report.rows(
    ("KL(q || p), right mode, nats", kl_q_p(*found[0]), (0.5249, 1e-3)),
    ("its excess over -ln of the probability of the mode, nats", kl_q_p(*found[0]) + np.log(right), (0.03797, 1e-3)),
    ("KL(q || p), left mode, nats", kl_q_p(*found[1]), (0.9979, 1e-3)),
    ("KL(q || p) of the q with the moments of p, nats", kl_q_p(*moments), (5.372, 1e-3)),
    ("random perturbations that increase KL(p || q), of 100", sum(increases), (100, 0)),
    seconds=0,
)

# %% [markdown]
# ## Maximising the bound
#
# Now the bound is maximised by gradients, without closed forms for means: only log_p and its derivative are used, at draws. A draw is z = μ +
# σ ε, with ε drawn outside, so that the derivatives with respect to μ and ln σ² can be taken *inside* the mean (variational_method.3, .4).
# First the gradient is checked: for one set of draws, the estimate of the bound is an ordinary function of two numbers, and the complex
# step gives its derivatives to the last digit.
#
# The steps are scaled: σ² times the gradient for μ, twice the gradient for ln σ² (the natural gradient). Otherwise a learning rate that
# suits a wide q would be unstable for a narrow one.


# %%
def gradient(slope, mu, logvar, eps):
    """Gradient of the bound with respect to mu and logvar, each of shape (N, 1), from draws eps of shape (L, N, 1)."""
    dz = slope(ops.reparameterize(mu, logvar, eps)) / len(eps)  # the mean over L draws
    dmu, dlogvar = ops.reparameterize_backward(dz, logvar, eps)  # (variational_method.3)
    return dmu, dlogvar + 0.5  # (variational_method.4): the derivative of the entropy is 1/2


def ascend(slope, mu, logvar, steps, rng, draws=20, rate=0.05):
    """The path of (mu, logvar), steps + 1 of each, with decreasing step lengths."""
    path = [(mu, logvar)]
    for step in range(steps):
        dmu, dlogvar = gradient(slope, mu, logvar, rng.standard_normal((draws, *mu.shape)))
        length = rate / (1 + 4 * step / steps)
        mu, logvar = mu + length * np.exp(logvar) * dmu, logvar + length * 2 * dlogvar
        path.append((mu, logvar))
    return [np.array(values) for values in zip(*path, strict=True)]


eps, at = rng.standard_normal((5, 1, 1)), np.array([0.7, -0.4])  # mu, logvar


def estimate(values):
    """The bound from these five draws (variational_method.2)."""
    mu, logvar = values[:1, None], values[1:, None]
    z = ops.reparameterize(mu, logvar, eps)
    return log_p(z).mean() + (np.log(2 * np.pi) + 1 + logvar[0, 0]) / 2


by_hand = np.concatenate([part[:, 0] for part in gradient(slope_of_log_p, at[:1, None], at[1:, None], eps)])
off = np.abs(by_hand - complex_step(estimate, at)).max()
report.row("gradient by hand vs. complex step, largest difference", off, digits=(0, 1e-12), mnist=(0, 1e-12), seconds=0)

# %% [markdown]
# There are three starts, with twenty draws for each step. All three bounds increase, none exceeds ln Z, and they reach different values:
# each start converges to the mode near which it lies. (There is a third stationary point, a poor one: from μ = 0 the ascent ends with a
# wide q across both modes, at a bound of −1.05.) The closed form of the bound is used only for measuring; the ascent does not use it. Below
# the first picture, the identity is shown at some steps of the start on the far left: the total height of the bars does not change.

# %%
began = time.perf_counter()
steps = 50 if run.quick else 400
starts = np.array([[-3.0], [1.0], [3.0]])
mu, logvar = (values[..., 0] for values in ascend(slope_of_log_p, starts, np.full((3, 1), -2.0), steps, rng))
took = time.perf_counter() - began
bounds = bound(mu, logvar)
run.save(pictures.rising_bounds(starts[:, 0], bounds, ln_z), "06_starts.png")
shown = [0, 3, 10, 30, 100, steps] if not run.quick else [0, 3, 10, steps]
kl = [kl_q_p(mu[s, 0], logvar[s, 0]) for s in shown]
z = z[z <= 4]
p, q = np.exp(log_p(z) - ln_z), np.exp(log_normal(z, mu[shown, :1], logvar[shown, :1]))
run.save(pictures.raised_bound(z, p, q, bounds[shown, 0], kl, shown), "06_bound.png")
reached = [bounds[-1].max(), bounds[-1].min()]
report.rows(
    ("SciPy's optimum minus the bound reached, right mode, nats", bound(*found[0]) - reached[0], (0, 0.001)),
    ("SciPy's optimum minus the bound reached, left mode, nats", bound(*found[1]) - reached[1], (0, 0.0025)),
    ("ln Z minus the best bound reached, nats", ln_z - reached[0], (0.525, 0.001)),
    seconds=took,
)

# %% [markdown]
# ## A realistic p: the posterior of an image
#
# The next model is a network with one latent variable, trained as in tutorial 08. Its decoder gives the probability of an image for any z.
# So for each image there is a density on the line, known up to a constant: p(z|x) = p(x|z) p(z) / p(x). The constant is the probability of
# the image, and such a model is trained on the lower bound of its logarithm (the ELBO). The encoder directly outputs a normal q for any
# image.
#
# One number is little information about an image, which makes p(z|x) interesting: for some images it may have two modes.

# %%
model = sae.VariationalAutoencoder(
    hidden_sizes=run.choose(digits=(64,), mnist=(256,)),
    latent_dim=1,
    activation="tanh",  # without kinks, so that p(z|x) is smooth
    binarize="dynamic",
    batch_size=run.choose(digits=32, mnist=100),
    learning_rate=run.choose(digits=2e-3, mnist=1e-3),
    epochs=run.epochs(run.choose(digits=150, mnist=10)),
    random_state=run.seed,
).fit(data.x_train)
x = (np.random.default_rng(1).random(data.x_test.shape) < data.x_test)[:100].astype(np.float64)
W, b = ([model.parameters_[f"decoder.{i}.{kind}"].astype(np.float64) for i in (0, 1)] for kind in "Wb")


def decoded(z):
    """The hidden layer and the logits at points z, shape (M, 1)."""
    h = ops.layer(z, W[0], b[0], "tanh")
    return h, ops.layer(h, W[1], b[1], "identity")


def log_joint(z):
    """log p(x|z) + log p(z) for each image at each of the points z, shape (M, 1): shape (N, M)."""
    logits = decoded(z)[1]
    log_likelihood = x @ logits.T - np.logaddexp(0, logits).sum(axis=1)  # -bernoulli_nll of all pairs
    return log_likelihood - (z[:, 0] ** 2 + np.log(2 * np.pi)) / 2


# %% [markdown]
# With one latent variable, log p(x) can still be computed by quadrature: the decoder is evaluated at a few thousand points. Two references
# check it: SciPy's adaptive quadrature for one image, and the importance-weighted estimate of tutorial 10 for all images. (On MNIST that
# estimate is too low by a quarter of a nat: for some images the encoder's q misses the mode, and a thousand draws from q do not reach it.)

# %%
line = Line(log_joint, -7, 7, 7001)
by_weights = model.log_likelihood(x.astype(np.float32), 1000).log_likelihood
off = abs(line.log_px_by_scipy(0) - line.log_px[0])
report.row("log p(x) of an image vs. SciPy's quadrature, difference", off, digits=(0, 1e-8), mnist=(0, 1e-8), seconds=0)
report.rows(
    ("log p(x) by quadrature, nats", line.log_px.mean(), (-25.85, 0.27), (-169, 1)),
    (
        "log p(x) minus the estimate from 1,000 draws, nats",
        (line.log_px - by_weights).mean(),
        (0.002, 0.005),
        (0.29, 0.1),
    ),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The best q for each image
#
# The ascent uses the same function as before, with a different derivative: the gradient from the decoder, minus z (variational_method.5).
# One start is the encoder's q, another is at the highest mode; the better result is used. Then everything is measured on the line.
#
# The gap between the encoder's bound and log p(x) has two causes. One is that p(z|x) is not normal: this part remains for the best normal q
# (approximation gap). The other is that the encoder is one network for all images (amortisation gap). The q with the moments of p(z|x),
# which is optimal for the other direction of the divergence, has a lower bound.


# %%
def slope_of_log_joint(z):
    """The derivative of log p(x|z) + log p(z) with respect to z, at draws of shape (L, N, 1)."""
    flat = z.reshape(-1, 1)
    h, logits = decoded(flat)
    dlogits = ops.bernoulli_nll_backward(-np.ones(len(flat)), logits, np.tile(x, (len(z), 1)))
    dh, _, _ = ops.layer_backward(dlogits, h, W[1], logits, "identity")
    dz, _, _ = ops.layer_backward(dh, flat, W[0], h, "tanh")
    return dz.reshape(z.shape) - z  # (variational_method.5)


began = time.perf_counter()
encoder = [moment.astype(np.float64) for moment in model.posterior(x.astype(np.float32))]
on_top = [line.highest, encoder[1] - 1]  # narrower, where p(z|x) is highest
ends = [ascend(slope_of_log_joint, *q, 5 if run.quick else 100, rng, draws=10, rate=0.1) for q in (encoder, on_top)]
ends = [(means[-1], logvars[-1]) for means, logvars in ends]
better = (line.bound(*ends[0])[0] > line.bound(*ends[1])[0])[:, None]
best_q = [np.where(better, one, other) for one, other in zip(*ends, strict=True)]
took = time.perf_counter() - began
curves, elbo = {"p(z|x)": line.posterior}, {}
three = {"q of the encoder": encoder, "best q, KL(q ‖ p)": best_q, "best q, KL(p ‖ q)": line.moments()}
for name, q in three.items():
    elbo[name], curves[name] = line.bound(*q)
    below = (line.log_px - elbo[name]).mean()
    print(f"{name.replace('‖', '||'):18}  bound {elbo[name].mean():8.3f}, {below:.3f} below log p(x)")

# %% [markdown]
# The images below are those whose p(z|x) deviates most from a normal distribution. If two modes are close together, the best q spreads over both,
# including the region between them. (On MNIST the modes are narrow and far apart: there the best q omits one, and the encoder may miss all
# of them.) For these images, SciPy searches for a better q, starting from the result of the ascent and from the encoder's q.

# %%
by_encoder, by_ascent, by_moments = elbo.values()
chosen = np.argsort(by_ascent - line.log_px)[:5]
some = {name: values[chosen] for name, values in curves.items()}
run.save(pictures.posteriors(x[chosen], data.image_shape, line.places, some), "06_images.png")
more = max(line.best_bound(n, best_q, encoder) - by_ascent[n] for n in chosen)
below, several = (by_ascent - by_moments).mean(), (line.modes(share=0.05) > 1).mean()
report.rows(
    ("SciPy's optimum minus the bound of the best q, five images, nats", more, (0.006, 0.009), (0.006, 0.01)),
    (
        "approximation gap: log p(x) minus the bound of the best q, nats",
        (line.log_px - by_ascent).mean(),
        (0.023, 0.02),
        (0.006, 0.005),
    ),
    (
        "amortisation gap: bound of the best q minus that of the encoder, nats",
        (by_ascent - by_encoder).mean(),
        (0.091, 0.065),
        (0.97, 0.3),
    ),
    ("bound of the best q minus that of the q with the moments of p(z|x), nats", below, (0.0038, 0.0066), (0.14, 0.2)),
    ("fraction of images with several modes", several, (0.076, 0.07), (0.01, 0.03)),
    seconds=took,
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
