# %% [markdown]
# # 12  Generated rows of a table
#
# A variational autoencoder of real numbers describes how a row of a table arises: draw z from the prior, decode it to a mean for each
# feature, and add noise with a variance for each feature (gaussian_nll.1). A generated row needs both steps. Many programs stop after the
# first and return the means; such rows vary less than the data, and their features are correlated too strongly.
#
# This tutorial trains a model on a real table, 13 measurements of 178 wines, and compares generated rows with the data: means, standard
# deviations, correlations and the distribution of each feature. A model with a variance that is fixed at 1 is compared with models that
# learn it.
#
# The equations are derived in docs/derivations/gaussian_nll.md. The data are part of scikit-learn, which has to be installed.

# %%
import numpy as np
from _common import Report, seconds_of, start_with_table, wine

import scratchae as sae
from scratchae import plots

run = start_with_table("12_table.py", "Rows of a table, generated with and without observation noise.", wine)
table, report = run.data, Report(run)
mean, deviation = table.x.mean(axis=0), table.x.std(axis=0)
x = (table.x - mean) / deviation  # each feature has mean 0 and standard deviation 1
options = {
    "hidden_sizes": (32,),
    "latent_dim": 4,
    "likelihood": "gaussian",
    "batch_size": 32,
    "epochs": run.epochs(600),
    "learning_rate": 2e-3,
    "random_state": run.seed,
}

# %% [markdown]
# ## Three variances
#
# `variance` is the variance of a feature around the decoder's output. Standardised features have a variance of 1. If the noise has a
# variance of 1 as well, nothing is left to explain: reconstructing a feature better than by its mean is hardly rewarded. A learned variance
# comes to rest at the mean of the squared errors (gaussian_nll.7), either of all features or of each.

# %%
variances = {"fixed at 1": 1.0, "learned": "learned", "learned for each feature": "learned_per_feature"}
models = {name: sae.VariationalAutoencoder(variance=value, **options).fit(x) for name, value in variances.items()}
model = models["learned for each feature"]
for name, other in models.items():
    bound = other.elbo(x, n_samples=20)
    print(f"variance {name:24}  bound {bound.elbo.mean():7.2f} nats, of which KL {bound.kl.mean():5.2f}")
for column, value in sorted(zip(table.columns, model.noise_variance_, strict=True), key=lambda pair: pair[1]):
    print(f"{column:29} {value:6.1%} of the variance is noise")

# %% [markdown]
# ## With noise, and means only
#
# `sample` of a Gaussian model adds the noise (gaussian_nll.9); `noise=False` leaves it out, with the same draws of z. Afterwards the
# standardisation is undone.

# %%
n = 10_000
generated = {name: other.sample(n, seed=1) for name, other in models.items()}
means_only = model.sample(n, seed=1, noise=False)
rows = {"with noise": generated["learned for each feature"], "means only": means_only}
for name, values in {"the data": x, **rows}.items():
    first = values[0] * deviation + mean
    print(
        f"{name:11}",
        ", ".join(f"{column} {value:.2f}" for column, value in zip(table.columns[:4], first[:4], strict=True)),
    )

# %% [markdown]
# ## Moments
#
# Each point is a feature, or a pair of features; on the dashed lines, the generated rows agree with the data. The averages are the same with
# and without noise. But the means of p(x|z) lack the variance of the noise: their standard deviations are too small, and their correlations
# too large, because all that remains is what the features have in common.


# %%
def distances(other):
    """Mean distance of the standard deviations, and root mean squared distance of the correlations, from those of the data."""
    pairs = np.triu_indices(x.shape[1], 1)
    correlations = np.corrcoef(other.T)[pairs] - np.corrcoef(x.T)[pairs]
    return np.abs(other.std(axis=0) - 1).mean(), np.sqrt((correlations**2).mean())


names = [column.replace("_", " ").replace(" of diluted wines", "") for column in table.columns]
figure = plots.moments_of_samples(
    x,
    rows,
    names,
    title="Moments of generated rows, and of the data",
    note="wine; 10,000 rows of a model with a learned variance for each feature",
)
run.save(figure, "12_moments.png")
seconds = seconds_of(*models.values())
compared = {**{f"variance {name}": values for name, values in generated.items()}, "means only": means_only}
for name, values in compared.items():
    of_deviations, of_correlations = distances(values)
    print(f"{name:34} off by {of_deviations:.3f} in a standard deviation, {of_correlations:.3f} in a correlation")

# %% [markdown]
# ## The distribution of each feature
#
# The Kolmogorov-Smirnov distance is the largest difference between two cumulative distributions. Its scale is the distance between two random
# halves of the data, of 89 rows each: what is learned from so few rows cannot be expected to come much closer. Features with two peaks or a
# long tail are normal neither in the data nor in the rows of the model, because the decoder is not linear. (The histograms cover the range of
# the data; generated values beyond it are counted in the first and the last bar.)


# %%
def distance(a, b):
    """Kolmogorov-Smirnov distance of each feature, averaged."""
    worst = []
    for one, other in zip(a.T, b.T, strict=True):
        places = np.sort(np.concatenate([one, other]))
        shares = [np.searchsorted(np.sort(values), places, side="right") / len(values) for values in (one, other)]
        worst.append(np.abs(shares[0] - shares[1]).max())
    return float(np.mean(worst))


figure = plots.histograms_of_samples(
    table.x,
    {name: values * deviation + mean for name, values in rows.items()},
    names,
    title="Features of the data and of generated rows",
    note="wine: 178 rows; 10,000 generated rows, with observation noise and without",
)
run.save(figure, "12_histograms.png")

# %% [markdown]
# ## What remains
#
# The rows with noise are not perfect. Their standard deviations are a little too small: the encoder's distributions, averaged over the
# data, are not exactly the prior from which z is drawn (tutorial 09). And a model of this size knows 178 rows well: that generated rows
# have the moments of the data does not show that they are new.
#
# ## Results, compared with the expected values

# %%
half = np.random.default_rng(run.seed).permutation(len(x))
bounds = {name: other.elbo(x, n_samples=20).elbo.mean() for name, other in models.items()}
(noisy, noisy_pairs), (plain, plain_pairs), (fixed, _) = map(distances, (*rows.values(), generated["fixed at 1"]))
report.rows(
    ("bound, variance fixed at 1, nats", bounds["fixed at 1"], (-16.65, 0.3)),
    ("bound, variance learned, nats", bounds["learned"], (-12.95, 0.4)),
    ("bound, variance learned for each feature, nats", bounds["learned for each feature"], (-12.65, 0.4)),
    ("distance of standard deviations, variance fixed at 1", fixed, (0.206, 0.025)),
    ("distance of standard deviations, with noise", noisy, (0.071, 0.04)),
    ("distance of standard deviations, means only", plain, (0.195, 0.04)),
    ("distance of correlations, with noise", noisy_pairs, (0.06, 0.035)),
    ("distance of correlations, means only", plain_pairs, (0.105, 0.035)),
    ("KS distance, with noise", distance(x, rows["with noise"]), (0.096, 0.015)),
    ("KS distance, means only", distance(x, means_only), (0.123, 0.015)),
    ("KS distance, two halves of the data", distance(x[half[::2]], x[half[1::2]]), (0.115, 0.03)),
    seconds=seconds,
)
report.end()
