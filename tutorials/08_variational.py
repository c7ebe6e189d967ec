# %% [markdown]
# # 08  The variational autoencoder
#
# A basic autoencoder has a code for each image, but the distribution of the codes is not specified. Decoding a point between them may give
# anything. A **variational** autoencoder (VAE) first defines how images are generated: draw z from a known distribution, the prior p(z) =
# N(0, I), and decode it. The log-likelihood of an image, log p(x), contains an integral over all z, which is intractable. But it has a
# lower bound (the ELBO) that can be maximised:
#
#     log p(x)  ≥  E_q[log p(x|z)]  −  KL(q(z|x) ‖ p(z))
#
# where the encoder gives q(z|x), a normal distribution for each image. The first term rewards good reconstructions from a *draw* of z, and
# the second is the cost of encoding information about x.
#
# The equations are derived in docs/derivations: variational.md (the bound), variational_training.md, variational_evaluation.md.

# %%
import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots

run = start(
    "08_variational.py",
    "The variational autoencoder: the code is a distribution, and a lower bound of log p(x) is maximised.",
)
data, report = run.data, Report(run)
sizes = (2, 5, 10, 20)  # J, the numbers in z
hidden = run.choose(digits=(64,), mnist=(256,))
options = {
    "hidden_sizes": hidden,
    "binarize": "dynamic",
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=2e-3, mnist=1e-3),
    "epochs": run.epochs(run.choose(digits=150, mnist=15)),
    "random_state": run.seed,
}
run.save(plots.variational_diagram(data.x_train.shape[1], hidden, 10), "08_diagram.png")

# %% [markdown]
# ## The objective, by hand
#
# This is the picture above, line by line. The noise ε is drawn outside and passed in, so that the same seed gives the same loss.
#
# First the pixels: the Bernoulli likelihood is defined for black and white pixels. For grey pixels it is only a cross-entropy. So
# `binarize="dynamic"` makes each pixel white with its grey value as the probability, anew in each epoch. The test images are binarised in
# this way once, here, and all numbers below refer to them.

# %%
models = {J: sae.VariationalAutoencoder(latent_dim=J, **options) for J in sizes}
for model in models.values():
    model.fit(data.x_train, validation_data=data.x_test)
model = models[10]

x = (np.random.default_rng(1).random(data.x_test.shape) < data.x_test).astype(np.float32)
W, b = ([model.parameters_[f"{half}.{i}.{kind}"] for half in ("encoder", "decoder") for i in (0, 1)] for kind in "Wb")
moments = ops.layer(ops.layer(x, W[0], b[0], "relu"), W[1], b[1], "identity")
mu, logvar = moments[:, :10], moments[:, 10:]  # (variational.1)
eps = np.random.default_rng(7).standard_normal((1, *mu.shape)).astype(np.float32)
z = ops.reparameterize(mu, logvar, eps)[0]  # (variational.2) one draw for each image
logits = ops.layer(ops.layer(z, W[2], b[2], "relu"), W[3], b[3], "identity")  # (variational.3)
nll = ops.bernoulli_nll(logits, x)  # (variational.4)
kl = ops.gaussian_kl(mu, logvar)  # (variational.5)
loss = (nll + kl).mean()  # (variational.6)
its_loss, _ = model.loss_and_gradients(x, seed=7)
report.row(
    "manual computation vs. model, relative difference",
    abs(float(loss) / its_loss - 1),
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The number of latent variables
#
# This section compares latent spaces with J = 2, 5, 10 and 20. Next to each row is the bound, averaged over the test images, in nats:
# higher is better. Two latent variables are too few. Beyond five there is hardly any gain: a latent variable whose information is not worth
# its cost is not used, as shown below. (MNIST images contain more information: there each step helps.)

# %%
elbo = {J: models[J].elbo(x, n_samples=20) for J in sizes}
bounds = {J: float(elbo[J].elbo.mean()) for J in sizes}
shown = np.unique(data.y_test, return_index=True)[1]  # the first of each class
figure = plots.reconstructions_by_size(
    data.x_test[shown],
    {J: models[J].reconstruct(data.x_test[shown]) for J in sizes},
    data.image_shape,
    measured={J: f"{bounds[J]:.2f} nats".replace("-", "\N{MINUS SIGN}") for J in sizes},
    note="test images, decoded from the mean of q(z|x); left: the ELBO, averaged over the test images",
)
run.save(figure, "08_reconstructions.png")
for J, digits, mnist in (
    (2, (-24.46, 0.12), (-154.3, 1)),
    (5, (-23.59, 0.12), (-125.2, 1)),
    (10, (-23.57, 0.12), (-108.6, 1)),
    (20, (-23.7, 0.3), (-102.0, 0.5)),
):
    report.row(
        f"bound on log p(x), J = {J}, nats", bounds[J], digits=digits, mnist=mnist, seconds=seconds_of(models[J])
    )

# %% [markdown]
# ## Two terms
#
# The loss is the sum of a reconstruction term and the KL divergence of the code. In the beginning the divergence is zero, because the code
# carries no information: q(z|x) is the prior for every x. Then a nat of information is used where it saves more than one nat of
# reconstruction loss. The dashed line is an estimate of −log p(x), from many draws for each image (tutorial 10): the distance between it
# and the curve is the gap of the bound.

# %%
log_p = float(model.log_likelihood(x, run.choose(digits=500, mnist=100)).log_likelihood.mean())
figure = plots.bound_terms(
    model.history_,
    log_likelihood=log_p,
    title="The two terms of the loss (negative ELBO)",
    note=f"test images, J = 10; final loss {-bounds[10]:.2f} nats, of which KL divergence {elbo[10].kl.mean():.2f} nats",
)
run.save(figure, "08_bound.png")
report.row("KL, J = 10, nats", elbo[10].kl.mean(), digits=(4.53, 0.3), mnist=(18.5, 0.4), seconds=seconds_of(model))
report.row("log p(x), J = 10, nats", log_p, digits=(-23.14, 0.1), mnist=(-105.2, 1), seconds=seconds_of(model))

# %% [markdown]
# ## A common mistake: decoding the mean
#
# The first term is a mean over *draws* from q(z|x). Many programs decode the mean of q(z|x) instead and report the result as the loss,
# which is lower. It is not a bound: here it is even less than −log p(x), which is a lower limit for the correct loss on average. For a
# reconstruction to look at, decode the mean; for an evaluation, use draws.

# %%
logits_of_means = ops.layer(ops.layer(mu, W[2], b[2], "relu"), W[3], b[3], "identity")  # mu instead of z
wrong = float((ops.bernoulli_nll(logits_of_means, x) + kl).mean())
print(f"loss from draws of q(z|x)                {-bounds[10]:.2f} nats")
print(f"estimate of -log p(x)                    {-log_p:.2f} nats")
print(f"'loss' from the decoded mean of q(z|x)   {wrong:.2f} nats: too low, since it is not a bound")
for name, value, digits, mnist in (
    ("loss from draws, J = 10, nats", -bounds[10], (23.57, 0.12), (108.6, 1)),
    ("'loss' from the decoded mean, nats", wrong, (21.2, 0.35), (103.7, 1.5)),
    ("loss from draws minus 'loss' from the decoded mean, nats", -bounds[10] - wrong, (2.39, 0.35), (4.9, 0.6)),
):
    report.row(name, value, digits=digits, mnist=mnist, seconds=seconds_of(model))

# %% [markdown]
# ## Active latent variables
#
# The KL is a sum over latent dimensions (gaussian_kl.1), so each dimension has its own cost. A dimension is **active** if its mean varies
# with x: the variance of μ_j over the images is above 0.01. The others have collapsed to q(z_j|x) = p(z_j) for all x; they cost nothing and
# carry no information. Of twenty dimensions the model uses as many as are worth their cost. (The number above 0.01 varies between seeds,
# from 5 to 12. With every seed, five contribute most of the KL. On MNIST all twenty are active.)

# %%
used = {J: models[J].latent_statistics(x) for J in sizes}
run.save(plots.kl_by_dimension(used[20].kl, used[20].active), "08_kl_by_dimension.png")
report.row("active dimensions, J = 5", used[5].active.sum(), digits=(5, 0), mnist=(5, 0), seconds=seconds_of(models[5]))
above = int((used[20].kl > 0.05).sum())
report.row(
    "dimensions with more than 0.05 nats, J = 20", above, digits=(6, 2), mnist=(20, 0), seconds=seconds_of(models[20])
)
most = float(np.sort(used[20].kl)[-5:].sum() / used[20].kl.sum())
report.row(
    "fraction of the KL in five dimensions, J = 20",
    most,
    digits=(0.94, 0.15),
    mnist=(0.332, 0.02),
    seconds=seconds_of(models[20]),
)

# %% [markdown]
# ## The latent space
#
# With J = 2 the latent space can be plotted. No labels were used, but the classes are separated. Compare with the codes of a basic
# autoencoder (figures/codes.png): there their distribution is unconstrained; here the KL has concentrated them around the origin, with
# little empty space in between.


# %%
def neighbours(codes, known):
    """Fraction of the test images whose nearest training image, by the distance of their means, has the same class."""
    right = 0
    for first in range(0, len(codes), 500):
        block = codes[first : first + 500, None]
        nearest = ((block - known) ** 2).sum(axis=2).argmin(axis=1)
        right += (data.y_train[nearest] == data.y_test[first : first + 500]).sum()
    return float(right / len(codes))


mu, mu_train = models[2].encode(data.x_test), models[2].encode(data.x_train)
run.save(plots.posterior_means(mu[:2000], data.y_test[:2000]), "08_posterior_means.png")
report.row(
    "nearest-neighbour accuracy, J = 2",
    neighbours(mu, mu_train),
    digits=(0.71, 0.06),
    mnist=(0.605, 0.03),
    seconds=seconds_of(models[2]),
)
report.row(
    "variance of the posterior means, J = 2",
    mu.var(axis=0).mean(),
    digits=(0.868, 0.045),
    mnist=(1.54, 0.1),
    seconds=seconds_of(models[2]),
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
