# %% [markdown]
# # 13  Anomalies
#
# A model of normal rows gives a **score** to every row: how probable the row is under the model, or how well the model reconstructs it. A row
# with a low score is unlike those that the model was trained on. So anomalies are found without a single example of one. `score_samples(X)`
# returns one score for each row, and **higher is better** (more normal), as in scikit-learn:
#
# * a variational autoencoder: the bound on log p(x) in nats (variational.6). It includes the distance of the code from the prior.
# * the other autoencoders: minus the loss of the reconstruction (autoencoder.3), for the Gaussian likelihood minus the squared error.
#
# Only differences of scores have a meaning, and only within one model.
#
# Which model finds most? There are two references, which need no training to speak of: the reconstruction error of principal components
# (PCA), and the isolation forest, which counts how many random cuts separate a row from all others. Neither is easy to beat.

# %%
import sys

import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import plots

try:
    from sklearn.datasets import load_breast_cancer
    from sklearn.decomposition import PCA
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score, roc_curve
    from sklearn.preprocessing import StandardScaler
except ImportError:
    print("13_anomalies.py: error: scikit-learn is missing; install it: pip install scikit-learn", file=sys.stderr)
    raise SystemExit(2) from None

run = start("13_anomalies.py", "Anomalies: scores of rows by three autoencoders, PCA and an isolation forest.")
data, report = run.data, Report(run)
seeds = range(run.seed, run.seed + (2 if run.quick else 5))

# %% [markdown]
# ## A table: 30 measurements of cells
#
# In the Wisconsin breast cancer data, each row describes the cell nuclei of one tissue sample. Benign samples are the normal rows, malignant
# ones the anomalies. The models see 70 % of the benign rows; the test rows are the other 30 % and all malignant ones. Mean and standard
# deviation of each feature come from the training rows, too: the anomalies must not influence anything.
#
# The split and the initial weights change with the seed.

# %%
table = load_breast_cancer()
benign = np.flatnonzero(table.target == 1)
malignant = np.flatnonzero(table.target == 0)


def split(seed):
    """Training rows, test rows, and whether each test row is an anomaly."""
    order = np.random.default_rng(seed).permutation(benign)
    first, rest = order[: int(0.7 * len(order))], order[int(0.7 * len(order)) :]
    scale = StandardScaler().fit(table.data[first])
    x_test = scale.transform(np.concatenate([table.data[rest], table.data[malignant]]))
    return scale.transform(table.data[first]), x_test, np.arange(len(x_test)) >= len(rest)


options = {
    "hidden_sizes": (32,),
    "latent_dim": 5,
    "likelihood": "gaussian",
    "batch_size": 32,
    "learning_rate": 2e-3,
    "epochs": run.epochs(100),
}


def models(seed, **options):
    """New models; the components of PCA are as many as the latent variables."""
    options["random_state"] = seed
    return {
        "isolation forest": IsolationForest(random_state=seed),
        "PCA": PCA(options["latent_dim"]),
        "autoencoder": sae.Autoencoder(**options),
        "denoising": sae.DenoisingAutoencoder(corruption="gaussian", corruption_level=0.5, **options),
        "variational": sae.VariationalAutoencoder(variance="learned", **options),
    }


def scores(model, x):
    """The score of each row; that of PCA is minus its squared error. (Its own score_samples is the density of a normal distribution.)"""
    if isinstance(model, PCA):
        return -((x - model.inverse_transform(model.transform(x))) ** 2).sum(axis=1)
    return model.score_samples(x)


# %% [markdown]
# ## ROC curves
#
# A threshold divides the scores. The lower it is, the fewer anomalies are found, and the fewer normal rows are reported by mistake (false
# alarms). The ROC curve shows both shares for all thresholds. The area under it is the probability that an anomaly has a lower score than a
# normal row: 0.5 by chance, at most 1.

# %%
alarms = np.linspace(0, 1, 201)
found, area, took = {}, {}, 0.0
for seed in seeds:
    x_train, x_test, anomaly = split(seed)
    for name, model in models(seed, **options).items():
        s = scores(model.fit(x_train), x_test)
        took += seconds_of(model) if hasattr(model, "history_") else 0
        false, true, _ = roc_curve(anomaly, -s)
        found.setdefault(name, []).append(np.interp(alarms, false, true))
        area.setdefault(name, []).append(roc_auc_score(anomaly, -s))

for name, areas in area.items():
    print(f"{name:17} area {np.mean(areas):.3f}, from {min(areas):.3f} to {max(areas):.3f} over {len(seeds)} seeds")
curves = {f"{name}: {np.mean(area[name]):.3f}": (alarms, np.mean(curve, axis=0)) for name, curve in found.items()}
figure = plots.lines(
    {**curves, "by chance: 0.5": (alarms, alarms)},
    "share of normal rows that are reported (false alarms)",
    "share of anomalies that are found",
    title="Malignant samples found by models of benign ones",
    note=f"mean over {len(seeds)} splits; the numbers are the areas under the curves",
)
run.save(figure, "13_roc.png")

# %% [markdown]
# The isolation forest wins, and it is also the fastest. The variational autoencoder comes second, ahead of PCA; the reconstruction error of
# the other autoencoders is hardly better than that of PCA. A model that reconstructs well may reconstruct anomalies well, too: most malignant
# samples are benign ones with larger values, on the same lines through the data. The bound contains the distance of the code from the prior,
# which grows there, and the error does not.

# %%
for name, expected in (
    ("isolation forest", (0.958, 0.012)),
    ("PCA", (0.9, 0.015)),
    ("autoencoder", (0.91, 0.02)),
    ("denoising", (0.912, 0.02)),
    ("variational", (0.943, 0.02)),
):
    got = float(np.mean(area[name]))
    report.row(f"table: area, {name}", got, digits=expected, mnist=expected, seconds=took, seeds=seeds)

# %% [markdown]
# ## A threshold
#
# A threshold is a **quantile** of the scores of normal rows: at the 5 % quantile, one normal row in twenty is reported. These must be rows
# that were not used for the training, since a model fits its training rows better than new ones. Here the models are trained on four fifths
# of the normal rows, and the threshold is taken from the scores of these, or from those of the other fifth.

# %%
share = 0.05
false_alarms, detected = {}, {}
for seed in seeds:
    x_train, x_test, anomaly = split(seed)
    kept = len(x_train) * 4 // 5
    model = sae.VariationalAutoencoder(variance="learned", random_state=seed, **options).fit(x_train[:kept])
    groups = {
        "training rows": model.score_samples(x_train[:kept]),
        "held-out normal rows": model.score_samples(x_train[kept:]),
    }
    new = model.score_samples(x_test)
    for name, s in groups.items():
        reported = new < np.quantile(s, share)
        false_alarms.setdefault(name, []).append(reported[~anomaly].mean())
        detected.setdefault(name, []).append(reported[anomaly].mean())
    groups["anomalies"] = new[anomaly]
for name, rates in false_alarms.items():
    print(f"threshold from {name:20}  false alarms {np.mean(rates):.1%}, anomalies found {np.mean(detected[name]):.1%}")

# %% [markdown]
# Thresholds of training rows raise too many false alarms. With 50 held-out rows, the 5 % quantile itself is uncertain: it lies between the
# second and the third lowest score. A few hundred rows make a better threshold.
#
# The distributions of the last split: a model is as good as the curve of the anomalies is far to the left of the others.

# %%
low, high = np.quantile(groups["anomalies"], 0.1), max(s.max() for s in groups.values())
places = np.linspace(low, high, 300)
figure = plots.lines(
    {name: (places, [np.mean(s <= place) for place in places]) for name, s in groups.items()},
    "score (nats)",
    "share of rows with a lower score",
    level=share,
    level_label="5 %",
    title="Scores of normal rows and of anomalies",
    note="variational autoencoder; threshold: where the held-out rows cross 5 %",
)
run.save(figure, "13_scores.png")
for name, alarms_expected, found_expected in (
    ("training rows", (0.08, 0.05), (0.77, 0.1)),
    ("held-out normal rows", (0.07, 0.05), (0.75, 0.1)),
):
    for quantity, values, expected in (
        ("false alarms", false_alarms, alarms_expected),
        ("anomalies found", detected, found_expected),
    ):
        got = float(np.mean(values[name]))
        what = f"table: {quantity}, threshold from {name}"
        report.row(what, got, digits=expected, mnist=expected, seconds=0, seeds=seeds)

# %% [markdown]
# ## Images: one digit against the others
#
# Each digit in turn is normal: the models are trained on its images, and the test images of all other digits are anomalies.

# %%
digits = range(3 if run.quick else 10)
options = {
    "hidden_sizes": run.choose(digits=(64,), mnist=(128,)),
    "latent_dim": run.choose(digits=5, mnist=10),
    "likelihood": "gaussian",
    "batch_size": run.choose(digits=16, mnist=100),
    "epochs": run.epochs(run.choose(digits=100, mnist=10)),
}
area, took = {}, 0.0
for digit in digits:
    x_train = data.x_train[data.y_train == digit]
    chosen = models(run.seed, **options)
    del chosen["denoising"]
    bernoulli = sae.VariationalAutoencoder(random_state=run.seed, **{**options, "likelihood": "bernoulli"})
    for name, model in {**chosen, "variational, Bernoulli": bernoulli}.items():
        s = scores(model.fit(x_train), data.x_test)
        took += seconds_of(model) if hasattr(model, "history_") else 0
        area.setdefault(name, []).append(roc_auc_score(data.y_test != digit, -s))
for name, areas in area.items():
    print(f"{name:23} area {np.mean(areas):.4f}, at least {min(areas):.3f}")
figure = plots.lines(
    {f"{name}: {np.mean(areas):.3f}": (list(digits), 1 - np.array(areas)) for name, areas in area.items()},
    "normal digit",
    "1 − area under the ROC curve",
    title="Pairs of a normal digit and another one in the wrong order",
    note="test images; lower is better; the numbers are the mean areas",
)
run.save(figure, "13_digits.png")

# %% [markdown]
# Now the isolation forest comes fourth: it looks at one pixel at a time. PCA and the Gaussian variational autoencoder cannot be distinguished,
# and the autoencoder is a little behind: with 140 images of a digit, a plane through them is hard to improve, and PCA needs no training.
#
# The **Bernoulli** likelihood of grey pixels is misleading, and comes last: it is a cross-entropy, whose best possible value depends on the
# image itself. An image of black and white pixels can have a better one than an image of grey pixels, whichever of them is normal. For
# anomalies in grey images, use the Gaussian likelihood, or binarise the pixels.

# %%
for name, expected in (
    ("isolation forest", (0.983, 0.008)),
    ("PCA", (0.9956, 0.001)),
    ("autoencoder", (0.995, 0.003)),
    ("variational", (0.995, 0.003)),
    ("variational, Bernoulli", (0.978, 0.012)),
):
    report.row(f"images: mean area, {name}", np.mean(area[name]), digits=expected, seconds=took)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
