# %% [markdown]
# # 01  The basic autoencoder
#
# An autoencoder is a network that reconstructs its input through a hidden layer that is too narrow to store all of it (a bottleneck). The
# **encoder** keeps the key features of x in that layer and discards the rest; the **decoder** computes an approximation of x from them. The
# activations of the hidden layer are the **code** of x: a few numbers instead of many.
#
# Run this file cell by cell in an editor that supports `# %%` cells, or as a script: `python tutorials/01_basic.py`. The equations are
# derived in docs/derivations/autoencoder.md.

# %%
import time

import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots
from scratchae.baselines import PrincipalComponents, cross_entropy_floor, squared_error

run = start(
    "01_basic.py",
    "The basic autoencoder: its gradients by hand, its reconstructions by code size, its codes as features.",
)
data, report = run.data, Report(run)
options = {
    "batch_size": run.choose(digits=32, mnist=128),
    "learning_rate": run.choose(digits=3e-3, mnist=1e-3),
    "random_state": run.seed,
}

# %% [markdown]
# ## By hand
#
# With one hidden layer, the complete model is a few lines of code. Below they are written out with the operations of `scratchae.ops`:
# forward from x to the loss, then backward from the loss to every gradient. The last lines compare the result with that of the model
# itself.

# %%
model = sae.Autoencoder(hidden_sizes=(), latent_dim=16, activation="sigmoid", epochs=run.epochs(30), **options)
model.fit(data.x_train)
W, b, V, c = (model.parameters_[name] for name in ("encoder.0.W", "encoder.0.b", "decoder.0.W", "decoder.0.b"))
x = data.x_test

h = ops.layer(x, W, b, "sigmoid")  # (autoencoder.1) the code, 16 numbers for each image
a = ops.layer(h, V, c, "identity")  # (autoencoder.2) the decoder's output
losses = ops.bernoulli_nll(a, x)  # (autoencoder.3) one number for each image
loss = losses.mean()  # (autoencoder.4) the number to minimise

da = ops.bernoulli_nll_backward(np.full_like(losses, 1 / len(x)), a, x)  # (autoencoder.5)
dh, dV, dc = ops.layer_backward(da, h, V, a, "identity")  # (autoencoder.6)
_, dW, db = ops.layer_backward(dh, x, W, h, "sigmoid")  # (autoencoder.7)

its_loss, its_gradients = model.loss_and_gradients(x)
difference = max(
    abs(loss / its_loss - 1),
    np.abs(dW - its_gradients["encoder.0.W"]).max() / np.abs(dW).max(),
    np.abs(dV - its_gradients["decoder.0.W"]).max() / np.abs(dV).max(),
)
report.row(
    "manual computation vs. model, relative difference",
    float(difference),
    digits=(0, 2e-5),
    mnist=(0, 2e-5),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The weights that minimise the loss
#
# The model is judged by the similarity of output and input, and training searches for the weights that maximise it, that is, minimise the
# loss (autoencoder.4). At a minimum, no small change of the weights decreases the loss. To test this, train the small model to near
# convergence, perturb all its weights slightly in a random direction, a hundred times, and count how often the loss increases.

# %%
rows = data.x_train[:2000]
began = time.perf_counter()
best = sae.Autoencoder(
    hidden_sizes=(), latent_dim=16, activation="sigmoid", optimizer="lbfgs", dtype="float64",
    epochs=run.epochs(run.choose(digits=200, mnist=200)), random_state=run.seed,
).fit(rows)  # fmt: skip


def loss_of(parameters):
    h = ops.layer(rows, parameters["encoder.0.W"], parameters["encoder.0.b"], "sigmoid")
    return ops.bernoulli_nll(
        ops.layer(h, parameters["decoder.0.W"], parameters["decoder.0.b"], "identity"), rows
    ).mean()


rng, lowest, increases = np.random.default_rng(run.seed), loss_of(best.parameters_), 0
for _ in range(100):
    perturbed = {
        name: value + 0.05 * value.std() * rng.standard_normal(value.shape) for name, value in best.parameters_.items()
    }
    increases += loss_of(perturbed) > lowest
report.row(
    "random perturbations of the weights that increase the loss, of 100",
    increases,
    digits=(100, 0),
    mnist=(100, 0),
    seconds=time.perf_counter() - began,
)

# %% [markdown]
# ## Information kept and lost
#
# This section compares codes of 2, 4, 8, 16 and 32 numbers. The encoder has a hidden layer before the code, and the decoder mirrors it.
# Each is compared with PCA with the same number of components, the best linear method. The error is the squared error, summed over the
# pixels and averaged over test images, which were not used for training.
#
# Look at the rows from top to bottom: two numbers keep the rough shape and confuse some digits; more numbers also reconstruct the
# individual handwriting. With 32 numbers, half the number of pixels of the small digits, PCA is equally good: little compression is needed.

# %%
sizes = (2, 4, 8, 16, 32)
hidden = run.choose(digits=(64,), mnist=(256,))
models = {
    k: sae.Autoencoder(hidden_sizes=hidden, latent_dim=k, epochs=run.epochs(run.choose(digits=150, mnist=6)), **options)
    for k in sizes
}
for k, model in models.items():
    model.fit(data.x_train, validation_data=data.x_test)
    print(f"code size {k:>2}: trained in {seconds_of(model):.1f} s")
errors = {k: squared_error(model, x) for k, model in models.items()}
pca = {k: PrincipalComponents.fit(data.x_train, k) for k in sizes}
pca_errors = {k: pca[k].squared_error(x) for k in sizes}

# %%
shown = np.unique(data.y_test, return_index=True)[1]  # the first of each class
labels = {k: f"code size {k}\n{errors[k]:.2f} pixels²" for k in sizes}
figure = plots.reconstructions(
    x[shown],
    models[2].reconstruct(x[shown]),
    data.image_shape,
    labels=("original", labels[2]),
    also={labels[k]: models[k].reconstruct(x[shown]) for k in (8, 32)},
    title="Reconstructions by code size",
    note=f"test images; squared error per image, averaged over {len(x):,} of them",
)
run.save(figure, "01_reconstructions.png")
figure = plots.lines(
    {"autoencoder": (sizes, list(errors.values())), "PCA": (sizes, list(pca_errors.values()))},
    "code size",
    "squared error (pixels²)",
    logarithmic=True,
    title="Reconstruction error by code size",
    note="test images",
)
run.save(figure, "01_error_by_code_size.png")
for k, digits, mnist in ((2, (2.15, 0.2), (35.0, 0.5)), (8, (0.775, 0.06), (15.6, 0.3))):
    report.row(
        f"test error, code size {k}, pixels²", errors[k], digits=digits, mnist=mnist, seconds=seconds_of(models[k])
    )
report.row(
    "ratio to the test error of PCA, code size 8",
    errors[8] / pca_errors[8],
    digits=(0.49, 0.04),
    mnist=(0.53, 0.015),
    seconds=seconds_of(models[8]),
)

# %% [markdown]
# ## The lower limit of the loss
#
# A grey pixel is neither 0 nor 1, so even a perfect reconstruction has a cross-entropy above zero: the entropy of the pixels. Compare the
# dotted curves (the test loss): with a larger code, the loss gets closer to this floor.

# %%
figure = plots.loss_curves(
    {f"code size {k}": models[k].history_ for k in (2, 8, 32)},
    "nats per image",
    floor=cross_entropy_floor(x),
    floor_label="minimum (entropy of the test images)",
    held_out="test",
)
run.save(figure, "01_loss.png")

# %% [markdown]
# ## The code as features
#
# A good code is also useful for other tasks. Here a softmax layer, the simplest classifier, learns the labels from codes of 8 numbers, from
# 8 principal components, and from all pixels. The encoder was trained without labels.


# %%
def accuracy(train, test):
    """Test accuracy of a softmax layer on these features, scaled to standard deviations of about 1 (less for pixels that hardly vary)."""
    mean, spread = train.mean(axis=0), train.std(axis=0) + 0.1
    softmax = sae.StackedClassifier(
        hidden_sizes=(), learning_rate=0.01, batch_size=128, epochs=run.epochs(run.choose(digits=200, mnist=20)), random_state=run.seed
    )  # fmt: skip
    return softmax.fit((train - mean) / spread, data.y_train).score((test - mean) / spread, data.y_test)


began = time.perf_counter()
on_codes = accuracy(models[8].encode(data.x_train), models[8].encode(x))
on_components = accuracy(pca[8].encode(data.x_train), pca[8].encode(x))
on_pixels = accuracy(data.x_train, x)
took = time.perf_counter() - began
report.row(
    "accuracy of a softmax layer on codes of size 8", on_codes, digits=(0.916, 0.02), mnist=(0.88, 0.02), seconds=took
)
report.row(
    "accuracy of a softmax layer on 8 principal components",
    on_components,
    digits=(0.888, 0.02),
    mnist=(0.79, 0.01),
    seconds=took,
)
report.row(
    "accuracy of a softmax layer on all pixels", on_pixels, digits=(0.967, 0.008), mnist=(0.91, 0.01), seconds=took
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
