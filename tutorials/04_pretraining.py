# %% [markdown]
# # 04  Unsupervised pre-training
#
# Images are cheap, labels are expensive. So first train a stacked autoencoder on all images, without labels. Then copy its parameters, from
# the input layer to the middle layer, add a softmax layer on top, and train with the few available labels, by cross-entropy and
# backpropagation through all layers. The resulting network is a classifier.
#
# The question of this tutorial: is that better than the same network from random initialisation, and when?
# The equations are derived in docs/derivations/stacked_classifier.md.

# %%
import time
import warnings

import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import ops, plots
from scratchae.studies.pretraining import balanced_rows

run = start(
    "04_pretraining.py",
    "Unsupervised pre-training: a stack trained without labels, then a classifier with few or many labels.",
)
data, report = run.data, Report(run)
x_test, y_test = data.x_test, data.y_test
sizes = run.choose(digits=(100, 100, 100), mnist=(200, 200, 200))
seeds = range(run.seed, run.seed + (2 if run.quick else run.choose(digits=5, mnist=3)))

# %% [markdown]
# ## From the stack to the classifier
#
# The stack is trained layer by layer, each layer as a denoising autoencoder. It could be fine-tuned as an autoencoder before it is copied,
# but all layers will be trained with labels anyway, so this step is omitted. `to_classifier` copies the encoder (stacked_classifier.7).
# Before training with labels, the classifier's hidden layers are those of the stack: see the first row of the report.


# %%
def pretrained(seed):
    """A stack trained on all training images, without labels."""
    stack = sae.StackedAutoencoder(
        hidden_sizes=sizes,
        base="denoising",
        corruption_level=0.3,
        activation="sigmoid",
        pretrain_epochs=run.epochs(run.choose(digits=30, mnist=5)),
        learning_rate=run.choose(digits=3e-3, mnist=1e-3),
        batch_size=run.choose(digits=64, mnist=100),
        random_state=seed,
    )
    return stack.pretrain(data.x_train)


stacks = {seed: pretrained(seed) for seed in seeds}
stack = stacks[run.seed]
classifier = stack.to_classifier()
pretraining_seconds = seconds_of(*stacks.values())
report.row(
    "copied layers vs. layers of the stack, largest difference",
    float(np.abs(classifier.encode(x_test) - stack.encode(x_test)).max()),
    digits=(0, 0),
    mnist=(0, 0),
    seconds=seconds_of(stack),
)
run.save(plots.unrolling([data.x_train.shape[1], *sizes], n_classes=10), "04_classifier.png")

# %% [markdown]
# ## The objective, by hand
#
# Train it briefly, and compute its loss directly with the operations.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", sae.ConvergenceWarning)  # one epoch on purpose
    classifier.set_params(epochs=1).fit(data.x_train[:300], data.y_train[:300])
h = x_test
for k in range(len(sizes)):
    W, b = (classifier.parameters_[f"encoder.{k}.{name}"] for name in "Wb")
    h = ops.layer(h, W, b, "sigmoid")  # (stacked_classifier.1)
V, c = (classifier.parameters_[f"softmax.0.{name}"] for name in "Wb")
logits = ops.dense(h, V, c)  # (stacked_classifier.2)
loss = ops.softmax_cross_entropy(logits, y_test).mean()  # (stacked_classifier.3)
its_loss, _ = classifier.loss_and_gradients(x_test, y_test)
report.row(
    "manual computation vs. model, relative difference",
    abs(float(loss) / its_loss - 1),
    digits=(0, 1e-5),
    mnist=(0, 1e-5),
    seconds=seconds_of(classifier),
)

# %% [markdown]
# ## Few labels, many labels
#
# Four classifiers are compared, each with the same labels and the same optimiser, trained until it fits its labels (loss below 0.02) or
# reaches the maximum number of epochs:
#
# * pre-trained, three layers of sigmoid units,
# * the same network from random initialisation,
# * the same with ReLU units, from random initialisation, which is the usual choice today,
# * no hidden layer: softmax regression on the pixels, the baseline that a network has to beat.
#
# Each is repeated with several seeds, which determine the labelled images (the same number of each class), the initial weights, and the
# order of the batches. The network is deep and has sigmoid units, because pre-training is most useful there; the fourth classifier is
# included to keep this in perspective.

# %%
counts = run.choose(digits=(10, 20, 50, 200, 1437), mnist=(10, 30, 100, 300, 1000, 5000))
counts = [count for count in counts if count <= len(data.x_train)]  # a quick run has fewer images


def train_all(count, seed):
    """Test accuracy of the four classifiers with this number of labels."""
    rows = balanced_rows(data.y_train, count, np.random.default_rng([seed, count]))  # the same number of each class
    epochs = 300 if count <= 50 else 100 if count <= 300 else 50  # more epochs for fewer images
    options = {"batch_size": 32, "learning_rate": 3e-3, "epochs": run.epochs(epochs), "random_state": seed}
    classifiers = {
        "pre-trained": stacks[seed].to_classifier(**options),
        "random initialisation": sae.StackedClassifier(hidden_sizes=sizes, activation="sigmoid", **options),
        "random initialisation, ReLU": sae.StackedClassifier(hidden_sizes=sizes, activation="relu", **options),
        "no hidden layer": sae.StackedClassifier(hidden_sizes=(), **options),
    }
    for one in classifiers.values():
        one.fit(data.x_train[rows], data.y_train[rows], callbacks=[lambda model: model.history_["loss"][-1] < 0.02])
    return {name: one.score(x_test, y_test) for name, one in classifiers.items()}


began = time.perf_counter()
results = [[train_all(count, seed) for seed in seeds] for count in counts]
took = time.perf_counter() - began
accuracies = {name: np.array([[one[name] for one in row] for row in results]) for name in results[0][0]}
for name, values in accuracies.items():
    print(f"{name:<29}" + "".join(f"{mean:9.1%}" for mean in values.mean(axis=1)))

# %% [markdown]
# ## Results
#
# Bands are 95 % confidence intervals of the mean over the seeds. For each seed, all classifiers use the same labels, so the appropriate
# comparison is the difference for each seed, with its interval, which is in the report.

# %%
figure = plots.accuracy_curves(
    {name: (counts, values) for name, values in accuracies.items()},
    title="Accuracy by the number of labels",
    note=f"test images; mean over {len(seeds)} seeds with its 95 % interval",
)
run.save(figure, "04_accuracy_by_labels.png")
gains = {name: accuracies["pre-trained"] - values for name, values in accuracies.items() if name != "pre-trained"}
print("\ngain of pre-training in percentage points, mean and 95 % interval")
print(f"{'labels':>8}" + "".join(f"{'over ' + name:>34}" for name in gains))
for i, count in enumerate(counts):
    means = [(100 * gain[i].mean(), 100 * plots.half_interval(gain)[i]) for gain in gains.values()]
    print(f"{count:>8,}" + "".join(f"{f'{mean:+.1f} ± {half:.1f}':>34}" for mean, half in means))

# %% [markdown]
# On the digits:
#
# * Compared with random initialisation of the same network, pre-training gains about ten percentage points with one or two labels of each class,
#   three with twenty, and one with all labels.
# * Compared with the network of ReLU units, it gains about four points with two labels of each class, roughly the smallest difference that
#   five seeds can show. From five labels on, the interval contains zero: units that are easy to train do not need pre-training.
# * Compared with softmax regression on the pixels, the gain is small, and with other seeds its interval contains zero; only with all labels
#   there is a clear gain of two points.
#
# MNIST gives similar results: a gain of four points with ten labels of each class, and no visible gain with five hundred; softmax
# regression on the pixels is clearly worse from thirty labels of each class on.
#
# So pre-training helps a network that is hard to train or has few labels. It does not make labels unnecessary. `scratchae study` examines
# the same question in more detail, including random initialisation with the same total amount of work as pre-training.

# %%
expected = run.choose(
    digits={
        20: {
            "pre-trained": (0.76, 0.05),
            "random initialisation": (0.11, 0.05),
            "random initialisation, ReLU": (0.04, 0.04),
        },
        1437: {
            "pre-trained": (0.974, 0.004),
            "random initialisation": (0.01, 0.007),
            "random initialisation, ReLU": (0.0, 0.008),
        },
    },
    mnist={
        100: {
            "pre-trained": (0.775, 0.02),
            "random initialisation": (0.04, 0.03),
            "random initialisation, ReLU": (0.044, 0.035),
        },
        5000: {
            "pre-trained": (0.945, 0.004),
            "random initialisation": (0.003, 0.01),
            "random initialisation, ReLU": (-0.003, 0.012),
        },
    },
)
shared = {"seconds": pretraining_seconds + took, "seeds": seeds}
for i in (counts.index(run.choose(digits=20, mnist=100)), len(counts) - 1):
    pairs, labels = expected.get(counts[i], {}), f"{counts[i]:,} labels"
    got = accuracies["pre-trained"][i].mean()
    report.row(f"accuracy, pre-trained, {labels}", got, **{data.name: pairs.get("pre-trained")}, **shared)
    for name in ("random initialisation", "random initialisation, ReLU"):
        report.row(f"gain over {name}, {labels}", gains[name][i].mean(), **{data.name: pairs.get(name)}, **shared)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
