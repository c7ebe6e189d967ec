# %% [markdown]
# # 03  The stacked autoencoder
#
# A deep autoencoder can be built from shallow ones:
#
# 1. train a first autoencoder to reconstruct x;
# 2. train a second one to reconstruct the code of the first, a third one to reconstruct that of the second, and so on (stacked.1);
# 3. stack them: the encoders in order, the decoders in reverse order (stacked.3);
# 4. train the whole stack on all the data (fine-tuning), by (autoencoder.4).
#
# The equations are derived in docs/derivations/stacked.md.

# %%
import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots
from scratchae.baselines import squared_error

run = start(
    "03_stacked.py",
    "The stacked autoencoder: train autoencoders on each other's codes, stack them, fine-tune the whole stack.",
)
data, report = run.data, Report(run)
sizes = run.choose(digits=(48, 24, 12), mnist=(256, 64, 16))
options = {
    "activation": "sigmoid",
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=2e-3, mnist=1e-3),
    "random_state": run.seed,
}
epochs = run.epochs(run.choose(digits=100, mnist=8))  # of every layer, and of the whole
x, x_test = data.x_train, data.x_test

# %% [markdown]
# ## Steps 1 to 3
#
# `pretrain` is equivalent to `first.fit(x)`, `second.fit(first.encode(x))`, …; it then copies the parameters into the unrolled network. The
# lines below verify this: applying the autoencoders one after the other gives the same result as the stack.

# %%
stack = sae.StackedAutoencoder(hidden_sizes=sizes, base="basic", pretrain_epochs=epochs, epochs=epochs, **options)
stack.pretrain(x)
layers = stack.layers_

codes = [x_test]
for layer in layers:  # the encoders in their order, (stacked.2)
    codes.append(layer.encode(codes[-1]))
back = codes[-1]
for layer in reversed(layers):  # the decoders mirrored, (stacked.3)
    back = layer.decode(back)
report.row(
    "layers one by one vs. the stack, largest difference",
    float(max(np.abs(codes[-1] - stack.encode(x_test)).max(), np.abs(back - stack.reconstruct(x_test)).max())),
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(stack),
)
run.save(plots.unrolling([x.shape[1], *sizes]), "03_unrolling.png")

# %% [markdown]
# ## Step 4
#
# Each layer was trained separately, but an error in the third code is amplified by two decoders that were not trained to correct it.
# Fine-tuning the whole stack solves this. For comparison, the same network is trained from random initialisation, with twice the epochs,
# because an epoch for all layers one by one costs about as much as one for the whole network.

# %%
pretrained_error, pretraining_seconds = squared_error(stack, x_test), seconds_of(stack)
through = [x_test]  # reconstructions from the first code, from the second, …
for k in range(1, len(sizes) + 1):
    back = codes[k]
    for layer in reversed(layers[:k]):
        back = layer.decode(back)
    through.append(back)

stack.fine_tune(x, validation_data=x_test)
random_start = sae.Autoencoder(
    hidden_sizes=sizes[:-1], latent_dim=sizes[-1], code_activation="sigmoid", epochs=2 * epochs, **options
).fit(x, validation_data=x_test)

report.row(
    "error after layer-wise pre-training, pixels²",
    pretrained_error,
    digits=(1.31, 0.11),
    mnist=(27.6, 1.0),
    seconds=pretraining_seconds,
)
report.row(
    "error after fine-tuning",
    squared_error(stack, x_test),
    digits=(0.79, 0.035),
    mnist=(13.3, 0.3),
    seconds=seconds_of(stack),
)
report.row(
    "error from random initialisation, twice the epochs",
    squared_error(random_start, x_test),
    digits=(1.5, 0.5),
    mnist=(22.0, 3.0),
    seconds=seconds_of(random_start),
)
figure = plots.loss_curves(
    {"pre-trained": stack.history_, "random initialisation": random_start.history_},
    "nats per image",
    held_out="test",
    title="Learning curves of the whole stack",
    note=f"pre-trained: after {epochs} epochs of pre-training for each layer",
)
run.save(figure, "03_loss.png")

# %% [markdown]
# ## Reconstructions by depth
#
# From top to bottom: the image; the reconstructions from the first, the second and the third code; and from the third after fine-tuning.
# Every layer loses information; fine-tuning recovers part of it with a code of the same size (last row).

# %%
shown = np.unique(data.y_test, return_index=True)[1]  # the first of each class
rows = {f"code {k}, size {size}": through[k][shown] for k, size in enumerate(sizes, 1)}
first, *others = rows
figure = plots.reconstructions(
    x_test[shown],
    rows[first],
    data.image_shape,
    labels=("original", first),
    also={name: rows[name] for name in others} | {"fine-tuned": stack.reconstruct(x_test[shown])},
    title="Reconstructions from the code of each layer",
    note="test images; last row: from the last code, after fine-tuning the whole stack",
)
run.save(figure, "03_reconstructions.png")

# %% [markdown]
# ## The codes, layer by layer
#
# Each scatter plot shows the codes of one layer of the fine-tuned stack, projected onto their first two principal components. The number
# below the name is more informative: the fraction of test images that have the label of their nearest neighbour among the training images,
# by the distance of the full codes. The code size decreases much faster than this number: the layers preserve the similarity of images,
# without labels.


# %%
def neighbours(codes, known):
    """Fraction of the test rows whose nearest neighbour in the training set has the same class."""
    right = 0
    for first in range(0, len(codes), 500):
        block = codes[first : first + 500].astype(np.float64)
        distances = (known**2).sum(axis=1) - 2 * block @ known.T  # the block's own squares change no order
        right += (data.y_train[distances.argmin(axis=1)] == data.y_test[first : first + 500]).sum()
    return float(right / len(codes))


names, clouds, accuracies = [f"pixels, {x.shape[1]}"], [x_test], [neighbours(x_test, x.astype(np.float64))]
h, known = x_test, x
for k, size in enumerate(sizes):
    W, b = (stack.parameters_[f"encoder.{k}.W"], stack.parameters_[f"encoder.{k}.b"])
    h, known = (ops.layer(rows, W, b, "sigmoid") for rows in (h, known))
    names.append(f"code {k + 1}, {size}")
    clouds.append(h)
    accuracies.append(neighbours(h, known.astype(np.float64)))
figure = plots.codes_by_layer(
    {name: cloud[:2000] for name, cloud in zip(names, clouds, strict=True)},
    data.y_test[:2000],
    notes={name: f"nearest-neighbour accuracy {share:.1%}" for name, share in zip(names, accuracies, strict=True)},
)
run.save(figure, "03_codes_by_layer.png", dpi=120)
report.row(
    "nearest-neighbour accuracy, pixels", accuracies[0], digits=(0.9972, 0.001), mnist=(0.9691, 0.001), seconds=0
)
report.row(
    "nearest-neighbour accuracy, last code",
    accuracies[-1],
    digits=(0.983, 0.025),
    mnist=(0.951, 0.004),
    seconds=seconds_of(stack),
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
