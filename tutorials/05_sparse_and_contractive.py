# %% [markdown]
# # 05  Sparse and contractive autoencoders
#
# A narrow code (bottleneck) is one way to prevent an autoencoder from copying. There are others, for codes as large as the image. Each is a
# term in the objective or a step in the encoder:
#
# * **sparse**: every unit is inactive most of the time; a penalty keeps its mean activation near a target ρ (sparse.1);
# * **k-sparse**: of each code only the k largest entries are kept (k_sparse_autoencoder.1);
# * **contractive**: the code changes little when the image changes; the penalty is the squared norm of dh/dx (contractive.1).
#
# The equations are derived in docs/derivations: sparse.md, k_sparse_autoencoder.md, contractive.md. A denoising autoencoder (tutorial 02)
# is included for comparison.

# %%
import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots
from scratchae.baselines import squared_error

run = start(
    "05_sparse_and_contractive.py",
    "Sparse, k-sparse and contractive autoencoders: constraints that replace a narrow code.",
)
data, report = run.data, Report(run)
x = data.x_test
common = {
    "hidden_sizes": (),
    "latent_dim": run.choose(digits=64, mnist=144),
    "tied_weights": True,  # so that the decoder cannot undo a shrinking of the code
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=3e-3, mnist=1e-3),
    "epochs": run.epochs(run.choose(digits=100, mnist=8)),
    "random_state": run.seed,
}
rho, weight = (
    0.1,
    run.choose(digits=3.0, mnist=10.0),
)  # target and weight of the sparsity; larger images have a larger loss
k = run.choose(digits=6, mnist=10)

# %% [markdown]
# ## Five models
#
# The same layers, the same data, the same optimiser; only the objective differs.

# %%
models = {
    "basic": sae.Autoencoder(activation="sigmoid", **common),
    "denoising": sae.DenoisingAutoencoder(corruption="masking", corruption_level=0.5, activation="sigmoid", **common),
    "sparse": sae.SparseAutoencoder(sparsity=rho, sparsity_weight=weight, **common),
    "k-sparse": sae.KSparseAutoencoder(k=k, **common),
    "contractive": sae.ContractiveAutoencoder(contraction=0.3, **common),
}
for name, model in models.items():
    model.fit(data.x_train)
    error, took = squared_error(model, x), seconds_of(model)
    print(f"{name:<12} test error {error:6.3f} pixels², mean activation {model.encode(x).mean():5.3f}, {took:.1f} s")
basic, sparse, k_sparse, contractive = (models[name] for name in ("basic", "sparse", "k-sparse", "contractive"))
report.row(
    "test error, basic, pixels²",
    squared_error(basic, x),
    digits=(0.171, 0.007),
    mnist=(8.0, 0.1),
    seconds=seconds_of(basic),
)
report.row(
    "test error, sparse", squared_error(sparse, x), digits=(0.586, 0.02), mnist=(16.1, 0.4), seconds=seconds_of(sparse)
)
report.row(
    "test error, contractive",
    squared_error(contractive, x),
    digits=(0.77, 0.025),
    mnist=(9.3, 0.15),
    seconds=seconds_of(contractive),
)

# %% [markdown]
# ## The penalties, by hand
#
# Each objective is that of the basic model plus one term. Here the terms are computed with the operations, and the sums are compared with
# the values from the models. Everything else is (autoencoder.4).


# %%
def forward(model):
    """Codes, and the mean loss of their reconstructions."""
    W, b, c = (model.parameters_[name] for name in ("encoder.0.W", "encoder.0.b", "decoder.0.b"))
    h = ops.layer(x, W, b, "sigmoid")
    return h, W, ops.bernoulli_nll(ops.layer(h, W.T, c, "identity"), x).mean()


h, _, loss = forward(sparse)
objective = loss + weight * ops.sparsity_kl(h, rho)  # (sparse.1)
gap = abs(float(objective) / sparse.loss_and_gradients(x)[0] - 1)
report.row(
    "sparse objective, manual computation vs. model, relative difference",
    gap,
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(sparse),
)

h, W, loss = forward(contractive)
objective = loss + 0.3 * ops.contractive_penalty(h, W, "sigmoid").mean()  # (contractive.1)
gap = abs(float(objective) / contractive.loss_and_gradients(x)[0] - 1)
report.row(
    "contractive objective, manual computation vs. model, relative difference",
    gap,
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(contractive),
)

# %% [markdown]
# ## Mean activations
#
# The plot shows the mean activation of each unit over the test images, with units sorted. In the basic model every unit is active about
# half of the time. The sparsity penalty moves all of them near the target, without dead units. In the contractive model many units are
# close to 0 or 1 for nearly all images, where the sigmoid saturates: one way to be insensitive. In the k-sparse model exactly k entries of
# each code are nonzero.

# %%
units = np.arange(1, common["latent_dim"] + 1)
figure = plots.lines(
    {name: (units, np.sort(models[name].encode(x).mean(axis=0))[::-1]) for name in ("basic", "sparse", "contractive")},
    "unit (sorted by mean activation)",
    "mean activation",
    level=rho,
    level_label=f"target of the sparse model: {rho}",
    title="Mean activation of each unit of the code",
    note="sigmoid units, mean over the test images",
)
run.save(figure, "05_activations.png")
report.row(
    "mean activation, basic",
    float(basic.encode(x).mean()),
    digits=(0.488, 0.015),
    mnist=(0.449, 0.01),
    seconds=seconds_of(basic),
)
report.row(
    "mean activation, sparse",
    float(sparse.encode(x).mean()),
    digits=(0.11, 0.002),
    mnist=(0.116, 0.003),
    seconds=seconds_of(sparse),
)
report.row(
    "nonzero entries of a k-sparse code",
    float(np.count_nonzero(k_sparse.encode(x), axis=1).mean()),
    digits=(k, 0),
    mnist=(k, 0),
    seconds=seconds_of(k_sparse),
)

# %% [markdown]
# ## Filters: patches and strokes
#
# The basic model's units respond to scattered pixels. The others respond to groups of neighbouring pixels: patches with a surround of the
# opposite sign, parts of strokes. With 8×8 pixels a stroke is hardly more than a patch, and the sparse model does not differ much from the
# basic one. With `--data mnist` the strokes are clearly visible; in the sparse model the filters are larger parts of digits.

# %%
figure = plots.filter_panels(
    {name: models[name].parameters_["encoder.0.W"] for name in ("basic", "denoising", "sparse", "contractive")},
    data.image_shape,
    spread=data.x_train.std(axis=0),
    most=25,
    columns=5,
)
run.save(figure, "05_filters.png", dpi=80)

# %% [markdown]
# ## Sensitivity of the code
#
# Perturb each test image slightly in a random direction, and measure how far the code moves, in units of the distance between the codes of
# two different images. (Without this normalisation, a model could seem contractive because all its codes are small.) The contractive model
# was trained for this; the denoising model shows a slight effect without being trained for it, the sparse model none.

# %%
rng = np.random.default_rng(run.seed)
direction = rng.standard_normal(x.shape)
direction /= np.linalg.norm(direction, axis=1, keepdims=True)
lengths = np.array([0.1, 0.2, 0.4, 0.8, 1.6])


def relative_change(model, length):
    """Mean distance between the codes before and after the perturbation, divided by that between the codes of two images."""
    h, perturbed = (
        model.encode(images.astype(np.float32)).astype(np.float64) for images in (x, x + length * direction)
    )
    return float(np.linalg.norm(perturbed - h, axis=1).mean() / np.sqrt(2 * h.var(axis=0).sum()))


shown = ("basic", "denoising", "sparse", "contractive")
changes = {name: [relative_change(models[name], length) for length in lengths] for name in shown}
figure = plots.lines(
    {name: (lengths, changes[name]) for name in shown},
    "length of the perturbation (pixels)",
    "relative change of the code",
    title="Sensitivity of the code to a perturbation of the image",
    note="test images, random directions; 1 is the distance between the codes of two images",
)
run.save(figure, "05_contraction.png")
expected = {  # digits, MNIST
    "basic": ((0.237, 0.004), (0.0393, 0.001)),
    "sparse": ((0.253, 0.009), (0.0416, 0.0015)),
    "contractive": ((0.105, 0.005), (0.027, 0.001)),
}
for name, (digits, mnist) in expected.items():
    took = seconds_of(models[name])
    report.row(
        f"relative change of the code by a perturbation of 0.8, {name}",
        changes[name][3],
        digits=digits,
        mnist=mnist,
        seconds=took,
    )

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
