# %% [markdown]
# # 09  Generation
#
# A trained variational autoencoder is a machine that makes images: draw z from N(0, I), decode it by (variational.3), and there is an image that
# is in no training set. This tutorial looks at what comes out. How does it get better with training? What belongs to each place of the latent
# space? Do draws from the prior fit what the decoder was trained on? What lies between two images? And which directions of the latent space mean
# something: a class, a slant, a thickness?
#
# For the last question, pictures are no proof. So what changes is measured, on the images that the model made.

# %%
from statistics import NormalDist

import numpy as np
from _common import Report, seconds_of, start

import scratchae as sae
from scratchae import plots
from scratchae.cli.table import say, table
from scratchae.datasets import moments
from scratchae.datasets.strokes import RANGES, draw_strokes
from scratchae.explore import write_page
from scratchae.models.generation import path_between
from scratchae.studies import attribute_direction, fitted_factors, measured_changes, walk

run = start("09_generation.py", "Draw from the prior, walk through the latent space, and measure what changes.")
data, report = run.data, Report(run)
x = data.x_train
options = {
    "hidden_sizes": run.choose(digits=(64,), mnist=(256,)),
    "binarize": "dynamic",
    "batch_size": run.choose(digits=32, mnist=100),
    "learning_rate": run.choose(digits=2e-3, mnist=1e-3),
    "epochs": run.epochs(run.choose(digits=150, mnist=20)),
    "random_state": run.seed,
}


def nearest(images, known):
    """For each image the row of the nearest known one."""
    squares = (known.astype(np.float64) ** 2).sum(axis=1)
    return np.concatenate(
        [(squares - 2 * block @ known.T).argmin(axis=1) for block in np.array_split(images, 1 + len(images) // 500)]
    )


# %% [markdown]
# ## Learning to generate
#
# Twelve draws of z, the same after every epoch, decoded. In the beginning all give the mean of the images, because z means nothing yet. Then
# they part. Not all of them become digits: between the classes there is no empty space in the prior, but there is one in the world.
#
# Is it more than copying? Measured is the distance to the nearest training image. If that of generated images were much smaller than that of
# test images, the model would have learned the training images by heart.

# %%
snapshots = {}


def keep(model):
    """After some epochs, what the model makes of twelve draws."""
    epoch = len(model.history_["loss"])
    if epoch in (1, 2, 5, 10, 20, 50, 150):
        snapshots[f"epoch {epoch}"] = model.sample(12, seed=3)


model = sae.VariationalAutoencoder(latent_dim=10, **options).fit(x, callbacks=[keep])
figure = plots.sample_rows(
    snapshots, data.image_shape, note="the same twelve draws of z from the prior, decoded after some epochs"
)
run.save(figure, "09_samples.png")


def distance(images):
    """To the nearest training image, mean over the images."""
    return float(np.sqrt(((images - x[nearest(images, x)]) ** 2).sum(axis=1)).mean())


made = model.sample(1000, seed=4)
for name, images, digits, mnist in (
    ("test image", data.x_test, (1.047, 0.001), (4.218, 0.001)),
    ("generated one", made, (1.224, 0.03), (4.52, 0.1)),
):
    report.row(
        f"distance to the nearest training image, {name}",
        distance(images),
        digits=digits,
        mnist=mnist,
        seconds=seconds_of(model),
    )

# %% [markdown]
# ## The images of a plane
#
# With two latent dimensions, all of the latent space fits on a page: a grid of 20 × 20 places, in equal steps of the prior's probability, so
# that each image is as probable as any other. Walk over it with a finger: classes go over into each other, and what is between them is a mixture.

# %%
plane = sae.VariationalAutoencoder(latent_dim=2, **options).fit(x)
grid = plane.latent_grid(20)
places = [NormalDist().inv_cdf((i + 0.5) / 20) for i in range(20)]
figure = plots.manifold(
    grid,
    data.image_shape,
    places=places,
    title="The images that belong to the latent plane",
    note="20 × 20 places of z, in equal steps of the prior's probability",
)
run.save(figure, "09_manifold.png", dpi=110)
found = np.unique(data.y_train[nearest(grid, x)])
report.row("classes on the grid, of 10", len(found), digits=(10, 1), mnist=(10, 0), seconds=seconds_of(plane))

# %% [markdown]
# ## All codes together, and the prior
#
# In training the decoder saw draws from q(z|x), those of all images together: q(z). In generating it sees draws from the prior, p(z). If the
# two differ, it is asked for what it has never learned. Nothing in the loss compares them directly; the KL does it image by image.
#
# The histograms show draws z = μ + σ ε, not the means: means lie closer together, and leave out the σ ε that the decoder was trained with.

# %%
mu, logvar = model.posterior(x)
statistics = model.latent_statistics(x)
z = mu + np.exp(logvar / 2) * np.random.default_rng(5).standard_normal(mu.shape)  # (variational.2)
most = np.argsort(-statistics.kl)[:8]
figure = plots.aggregate_posterior(
    z[:, most],
    names=[f"$z_{{{j}}}$, KL {statistics.kl[j]:.2f}" for j in most],
    title="q(z), the codes of all images, beside the prior",
)
run.save(figure, "09_aggregate_posterior.png", dpi=120)
used = most[:4]  # those of the largest KL
for name, values, digits, mnist in (
    ("draws from q(z|x)", z, (0.952, 0.03), (1.074, 0.02)),
    ("means of q(z|x)", mu, (0.84, 0.03), (1.064, 0.02)),
):
    spread = float(values[:, used].std(axis=0).mean())
    report.row(f"deviation of {name}, 4 dimensions", spread, digits=digits, mnist=mnist, seconds=seconds_of(model))

# %% [markdown]
# ## Between two images
#
# A path from one image to another: the codes of both ends, and codes between them, decoded. Two ways. The straight line passes closer to the
# origin than its ends lie. Among draws of many dimensions hardly any is there. The spherical path keeps the distance. Look at the middle of the rows:
# the straight line has more of the mean image. (With few dimensions in use the two differ little.)

# %%
first = np.unique(data.y_test, return_index=True)[1]  # the first of each class
pairs = [(0, 6), (4, 9), (1, 7)]
rows = {
    f"{a} to {b}, {method}": model.interpolate(data.x_test[first[a]], data.x_test[first[b]], 10, method=method)
    for a, b in pairs
    for method in ("linear", "spherical")
}
figure = plots.sample_rows(
    rows, data.image_shape, title="Between two images", note="codes between those of two test images, decoded"
)
run.save(figure, "09_interpolation.png")


def halfway(method):
    """How far from the origin the middle of a path lies, over how far its ends lie; mean over pairs of test images."""
    ends = model.encode(data.x_test[:200])
    paths = [path_between(a, b, 3, method) for a, b in zip(ends[::2], ends[1::2], strict=True)]
    lengths = np.linalg.norm(paths, axis=2)
    return float((lengths[:, 1] / lengths[:, [0, 2]].mean(axis=1)).mean())


for method, digits, mnist in (("linear", (0.716, 0.01), (0.682, 0.01)), ("spherical", (1, 0.001), (1, 0.001))):
    report.row(
        f"distance from the origin halfway, {method}",
        halfway(method),
        digits=digits,
        mnist=mnist,
        seconds=seconds_of(model),
    )

# %% [markdown]
# ## One class at a time
#
# A **conditional** model is told the class, in the encoder and in the decoder (conditional.1). So z need not hold it, and is free for all the
# rest: the hand that wrote it. Each column is one draw of z, decoded as every class: the column has one hand. Measured: how many of the images
# made as a class have a training image of that class as the nearest.

# %%
conditional = sae.ConditionalVariationalAutoencoder(latent_dim=10, **options).fit(x, data.y_train)
classes = {f"as a {k}": conditional.sample(12, y=k, seed=6) for k in range(10)}
figure = plots.sample_rows(
    classes, data.image_shape, title="Twelve draws of z, decoded as each class", note="the same twelve in every row"
)
run.save(figure, "09_conditional.png")
asked = np.repeat(np.arange(10), 50)
drawn = conditional.sample(500, y=asked, seed=7)
right = float((data.y_train[nearest(drawn, x)] == asked).mean())
report.row(
    "made as the class that was asked for",
    right,
    digits=(0.99, 0.015),
    mnist=(0.82, 0.03),
    seconds=seconds_of(conditional),
)

# %% [markdown]
# ## Directions with a meaning: drawn digits
#
# Is there a direction in the latent space along which only the slant changes? For real digits nobody can say what the slant *is*. So take
# images of which everything is known: `make_strokes` draws digits from a class, a slant, a thickness, a rotation, a size and a brightness. A
# variational autoencoder learns them from the pixels alone.
#
# The direction of a factor comes from a linear regression of all factors on the codes of one class: a step of 1 is predicted to change the one
# by its standard deviation, and to keep the others (scratchae/studies/attributes.py). Then walk from a plain figure along the direction, both
# ways, and decode. And then **measure**: for each generated image, find the factors from which `draw_strokes` draws the image most like it.
# Those are its slant, its thickness and so on, whatever the model had in mind.

# %%
strokes = sae.make_strokes(300 if run.quick else 4000, seed=0, test=100)
shape, names = strokes.image_shape, list(RANGES)
factors = np.stack([getattr(strokes.factors_train, name) for name in names], axis=1)
spreads = dict(zip(names, factors.std(axis=0), strict=True))
drawing = sae.VariationalAutoencoder(
    hidden_sizes=(256,), latent_dim=10, batch_size=64, learning_rate=2e-3, epochs=run.epochs(30), random_state=run.seed
).fit(strokes.x_train)
codes = drawing.encode(strokes.x_train)
plain = draw_strokes(np.arange(10), thickness=2.5, size=0.875, brightness=0.75)  # one of each class
steps = np.linspace(-1.5, 1.5, 7)


def factors_of(images):
    """The factors that draw the images most like these, one row for each, begun at those of the nearest drawn image."""
    row = nearest(images, strokes.x_train)
    kind = strokes.y_train[row]
    return fitted_factors(images, lambda f: draw_strokes(kind, *f.T), factors[row], list(RANGES.values()))


def walks(name):
    """A walk for each of the ten figures, along the direction of a factor within its class; and the mean R² of the directions."""
    i, images, explained = names.index(name), [], []
    for k in range(10):
        rows = strokes.y_train == k
        found = attribute_direction(codes[rows], factors[rows, i], keep=np.delete(factors[rows], i, axis=1))
        images.append(walk(drawing, plain[[k]], found, steps)[0])
        explained.append(found.explained)
    return np.stack(images), float(np.mean(explained))


# %% [markdown]
# Each factor has a picture: four of the figures, and under each generated image the factor that was measured on it. Rotation and slant are
# hard to tell apart, for the model as for the eye, and so are brightness and thickness: more ink in any case.
#
# The table has all of it. Each row is a walk; each column says how much a factor changed with a step of 1, in its own standard deviations. A
# model that had found the factors exactly would have 1 on the diagonal and 0 elsewhere. A walk of a real one falls short of what the regression
# predicts: codes are drawn towards the prior, and far from it the decoder has seen little.


# %%
def known(values):
    """A measure of images whose values are known already."""
    return lambda images: values


files = {
    "slant": "09_slant.png",
    "thickness": "09_thickness.png",
    "rotation": "09_rotation.png",
    "size": "09_size.png",
    "brightness": "09_brightness.png",
}
units = {"slant": "", "thickness": ", in pixels", "rotation": ", in radians", "size": "", "brightness": ""}
changes, kept = {}, []
for name in names:
    images, explained = walks(name)
    measured = factors_of(images.reshape(-1, images.shape[2]))
    measures = {other: known(measured[:, j]) for j, other in enumerate(names)}
    changes[name] = measured_changes(images, steps, measures, spreads)
    kept.append(
        strokes.y_train[nearest(images.reshape(-1, images.shape[2]), strokes.x_train)].reshape(images.shape[:2])
    )
    shown = [2, 3, 5, 7]
    figure = plots.attribute_walk(
        images[shown],
        changes[name][name].values[shown],
        shape,
        steps=steps,
        title=f"A walk along {name}",
        note=f"above: steps, in standard deviations; below each image: its {name} as measured{units[name]}; R² {explained:.2f}",
    )
    if data.name == "digits":
        run.save(figure, files[name], dpi=110)

# %%
say(
    table(
        [
            ["change per step of 1", *names],
            *[[name, *[f"{changes[name][other].per_step:+.2f}" for other in names]] for name in names],
        ]
    )
)
for name, digits in (
    ("slant", (0.7, 0.04)),
    ("thickness", (0.675, 0.035)),
    ("rotation", (0.62, 0.15)),
    ("size", (0.837, 0.03)),
    ("brightness", (0.775, 0.05)),
):
    report.row(
        f"change of the {name}, by a step of 1",
        changes[name][name].per_step,
        digits=digits,
        mnist=digits,  # the images are the same
        seconds=seconds_of(drawing),
    )
others = [abs(changes[a][b].per_step) for a in names for b in names if a != b]
report.row(
    "change of the others, mean size",
    float(np.mean(others)),
    digits=(0.056, 0.02),
    mnist=(0.056, 0.02),
    seconds=seconds_of(drawing),
)
same = float(np.mean([k == np.arange(10)[:, None] for k in kept]))
report.row("images that kept their class", same, digits=(1, 0.01), mnist=(1, 0.01), seconds=seconds_of(drawing))

# %% [markdown]
# The five directions as sliders, this time found for all classes together: one page, in which the decoder runs. Open it in a browser, and pull.

# %%
sliders = {
    name: attribute_direction(codes, factors[:, i], keep=np.delete(factors, i, axis=1)) for i, name in enumerate(names)
}
if not run.quick and data.name == "digits":  # the page is the same
    say(f"wrote {write_page(drawing, run.out / '09_explore.html', shape, sliders, X=strokes.x_train)}")

# %% [markdown]
# ## From one class to another
#
# The sixth factor is the class. It is no number, but "is it a 7?" is: 0 or 1. Among as many of the one as of the other its standard
# deviation is ½, so two steps lead across. The value under each image is the class of the drawn image nearest to it. Somewhere the walk has to
# go over: there are no figures between a 1 and a 7.


# %%
def crossing(a, b, step):
    """A walk from the plain figure of a class to another class."""
    rows = np.isin(strokes.y_train, (a, b))
    found = attribute_direction(codes[rows], strokes.y_train[rows] == b)
    return walk(drawing, plain[[a]], found, step)[0]


pairs = [(1, 7), (3, 8), (5, 6), (4, 9)]
across = np.linspace(0, 2, 7)
images = np.stack([crossing(a, b, across) for a, b in pairs])
kinds = strokes.y_train[nearest(images.reshape(-1, images.shape[2]), strokes.x_train)].reshape(images.shape[:2])
figure = plots.attribute_walk(
    images,
    kinds.astype(str),
    shape,
    steps=across,
    labels=[f"{a} to {b}" for a, b in pairs],
    title="A walk from one class to another",
    note="above: steps, in standard deviations; below each image: the class of the nearest drawn image",
)
if data.name == "digits":
    run.save(figure, "09_class.png", dpi=110)
ends = [(b, crossing(a, b, across[-1:])) for a in range(10) for b in range(10) if a != b]
arrived = strokes.y_train[nearest(np.concatenate([image for _, image in ends]), strokes.x_train)] == [
    b for b, _ in ends
]
report.row(
    "walks that end in the other class",
    float(arrived.mean()),
    digits=(1, 0.02),
    mnist=(1, 0.02),
    seconds=seconds_of(drawing),
)

# %% [markdown]
# ## Directions with a meaning: real digits
#
# Nobody knows from which slant a real digit was written. But something of the image can be measured: its moments (scratchae.datasets.moments).
# They stand in for the factor twice: for the regression, on real images; and for the proof, on generated ones. Here the two
# are not independent, as factors drawn at random are. So it matters that the regression is told to keep the other.


# %%
def measure(name):
    """A measure of images, as a function of them alone."""
    return lambda images: getattr(moments, name)(images, data.image_shape)


measures = {name: measure(name) for name in ("slant", "thickness")}
values = {name: measures[name](x) for name in measures}
codes, steps, rows = model.encode(x), np.linspace(-2, 2, 7), [data.y_train == k for k in range(10)]
pictures = {"slant": "09_real_slant.png", "thickness": "09_real_thickness.png"}
expected = {
    "slant": {"slant": ((0.546, 0.05), (0.835, 0.03)), "thickness": ((0.21, 0.25), (0, 0.08))},
    "thickness": {"slant": ((0.024, 0.06), (0.004, 0.03)), "thickness": ((0.44, 0.14), (0.716, 0.08))},
}
for name in pictures:
    changes = []  # of each class, in its own standard deviations
    for k in range(10):
        others = [v[rows[k]] for other, v in values.items() if other != name]
        found = attribute_direction(codes[rows[k]], values[name][rows[k]], keep=np.stack(others, axis=1))
        images = walk(model, data.x_test[[first[k]]], found, steps)
        spreads = {other: float(v[rows[k]].std()) for other, v in values.items()}
        changes.append((images[0], measured_changes(images, steps, measures, spreads)))
    shown = [changes[k] for k in (0, 3, 4, 7)]
    figure = plots.attribute_walk(
        np.stack([images for images, _ in shown]),
        np.concatenate([change[name].values for _, change in shown]),
        data.image_shape,
        steps=steps,
        title=f"Real digits along {name}",
        note=f"above: steps, in standard deviations of the class; below each image: its {name}, measured",
    )
    run.save(figure, pictures[name], dpi=110)
    for other, (digits, mnist) in expected[name].items():
        quantity = f"walk along {name}: change of the {other}"
        mean = float(np.mean([change[other].per_step for _, change in changes]))
        report.row(quantity, mean, digits=digits, mnist=mnist, seconds=seconds_of(model))

# %% [markdown]
# ## What came out, beside what was expected

# %%
report.end()
