# %% [markdown]
# # 02  The denoising autoencoder
#
# A basic autoencoder with a code as large as the image does not have to compress: it can simply copy. A **denoising** autoencoder cannot.
# In training every image is corrupted, and the network has to reconstruct the original image. The code of a corrupted image has to
# represent the clean one, and a lost pixel can only be predicted from its dependencies on other pixels.
#
# The equations are derived in docs/derivations/denoising.md; only two lines differ from the basic model.

# %%
import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots

run = start(
    "02_denoising.py",
    "The denoising autoencoder: reconstruct clean images from corrupted ones; the effect on codes and filters.",
)
data, report = run.data, Report(run)
options = {
    "hidden_sizes": (),
    "latent_dim": run.choose(digits=64, mnist=144),  # no smaller than the image of 64 pixels
    "activation": "sigmoid",
    "tied_weights": True,
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=3e-3, mnist=1e-3),
    "epochs": run.epochs(run.choose(digits=150, mnist=8)),
    "random_state": run.seed,
}

# %% [markdown]
# ## The objective, by hand
#
# The corruption here is masking: each pixel is lost (set to 0) with probability 0.3. Noise is drawn outside the operations and passed in,
# so that the same seed gives the same loss. The clean image is used only as the target.

# %%
model = sae.DenoisingAutoencoder(corruption="masking", corruption_level=0.3, **options).fit(data.x_train)
W, b, c = (model.parameters_[name] for name in ("encoder.0.W", "encoder.0.b", "decoder.0.b"))
x = data.x_test

u = np.random.default_rng(7).random(x.shape, np.float32)
x_noisy = ops.masking_noise(x, u, 0.3)  # (denoising.1)
h = ops.layer(x_noisy, W, b, "sigmoid")  # (denoising.2) the code of the corrupted image
loss = ops.bernoulli_nll(ops.layer(h, W.T, c, "identity"), x).mean()  # (denoising.3) the target is the clean x
its_loss, _ = model.loss_and_gradients(x, seed=7)
report.row(
    "manual computation vs. model, relative difference",
    abs(float(loss) / its_loss - 1),
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## Corrupted, reconstructed and clean images
#
# For comparison, the same network is trained as a basic autoencoder. It was never trained on corrupted images, so it reproduces the
# masked pixels as zeros. Compare the third row with the second. (On MNIST the code of 144 numbers is narrow compared with 784 pixels: there the
# basic model cannot copy every masked pixel either, and the rows differ less.)

# %%
basic = sae.Autoencoder(**options).fit(data.x_train)
denoised, copied = model.reconstruct(x_noisy), basic.reconstruct(x_noisy)


def error(images):
    """Squared error against the clean images, summed over the pixels, mean over the images."""
    return float(((images.astype(np.float64) - x) ** 2).sum(axis=1).mean())


shown = np.unique(data.y_test, return_index=True)[1]  # the first of each class
figure = plots.reconstructions(
    x_noisy[shown],
    copied[shown],
    data.image_shape,
    labels=(f"corrupted input\n{error(x_noisy):.2f} pixels²", f"basic\n{error(copied):.2f} pixels²"),
    also={f"denoising\n{error(denoised):.2f} pixels²": denoised[shown], "clean": x[shown]},
    title="Reconstructions from corrupted input (30 % of the pixels masked)",
    note=f"test images; squared error against the clean image, averaged over {len(x):,} of them",
)
run.save(figure, "02_denoising_rows.png")
both = seconds_of(basic, model)
report.row(
    "error of the corrupted images, pixels²", error(x_noisy), digits=(4.457, 0.001), mnist=(26.81, 0.01), seconds=0
)
report.row(
    "error of the basic autoencoder",
    error(copied),
    digits=(3.9, 0.06),
    mnist=(13.1, 0.15),
    seconds=seconds_of(basic),
)
report.row(
    "error of the denoising autoencoder",
    error(denoised),
    digits=(1.44, 0.03),
    mnist=(10.64, 0.15),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The corruption level
#
# The same two models are tested at corruption levels other than that of the training. Without corruption the basic autoencoder is better:
# robustness to noise has a cost. Look at the point where the lines cross.

# %%
levels = np.arange(0, 0.75, 0.1)
noisy = [ops.masking_noise(x, u, float(level)) for level in levels]
figure = plots.lines(
    {
        "corrupted input": (levels, [error(images) for images in noisy]),
        "basic": (levels, [error(basic.reconstruct(images)) for images in noisy]),
        "denoising, trained at 0.3": (levels, [error(model.reconstruct(images)) for images in noisy]),
    },
    "corruption level (fraction of the pixels masked)",
    "squared error (pixels²)",
    title="Reconstruction error by corruption level",
    note="test images; squared error against the clean image",
)
run.save(figure, "02_error_by_noise.png")

# %% [markdown]
# ## A code of the clean image
#
# If the code represents the clean image, it should hardly change when pixels are lost. This is measured by the distance between the code of
# a corrupted image and that of the clean one, relative to the distance between the codes of two different images. In addition, a softmax
# layer, trained on codes of clean images and their labels, classifies the codes of corrupted images.


# %%
def relative_change(model):
    """Root mean square distance between the codes of a clean and a corrupted image, divided by that between two images."""
    h, h_noisy = model.encode(x).astype(np.float64), model.encode(x_noisy).astype(np.float64)
    return float(np.sqrt(((h - h_noisy) ** 2).sum(axis=1).mean() / (2 * h.var(axis=0).sum())))


def accuracy_on_corrupted(model):
    """Accuracy of a softmax layer trained on codes of clean images, tested on codes of corrupted images."""
    softmax = sae.StackedClassifier(
        hidden_sizes=(), learning_rate=0.01, epochs=run.epochs(run.choose(digits=100, mnist=10)), random_state=run.seed
    )
    return softmax.fit(model.encode(data.x_train), data.y_train).score(model.encode(x_noisy), data.y_test)


report.row(
    "relative change of the code by corruption, basic",
    relative_change(basic),
    digits=(0.627, 0.01),
    mnist=(0.318, 0.005),
    seconds=seconds_of(basic),
)
report.row(
    "relative change of the code by corruption, denoising",
    relative_change(model),
    digits=(0.452, 0.02),
    mnist=(0.281, 0.005),
    seconds=seconds_of(model),
)
report.row(
    "accuracy on codes of corrupted images, basic",
    accuracy_on_corrupted(basic),
    digits=(0.722, 0.02),
    mnist=(0.898, 0.015),
    seconds=seconds_of(basic),
)
report.row(
    "accuracy on codes of corrupted images, denoising",
    accuracy_on_corrupted(model),
    digits=(0.81, 0.035),
    mnist=(0.913, 0.005),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## Filters
#
# Red pixels increase the activation of a unit, blue ones decrease it. The units of the basic model respond to scattered pixels. Those of
# the denoising model respond to patches and strokes, that is, to pixels that depend on each other. (The well-known stroke detectors need
# more pixels: they are clearly visible with `--data mnist`.)

# %%
figure = plots.filter_panels(
    {name: m.parameters_["encoder.0.W"] for name, m in {"basic": basic, "denoising": model}.items()},
    data.image_shape,
    spread=data.x_train.std(axis=0),
)
run.save(figure, "02_filters.png", dpi=120)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
