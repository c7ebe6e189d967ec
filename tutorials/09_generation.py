# %% [markdown]
# # 09  Generation
#
# A trained variational autoencoder is a generative model: draw z from N(0, I) and decode it by (variational.3) to get a new image that is
# not in the training set. This tutorial examines the generated images. How do they improve with training? Which image belongs to each point
# of the latent space? Do draws from the prior match the draws on which the decoder was trained? What lies between two images? And which
# directions of the latent space are meaningful: a class, a slant, a thickness?
#
# For the last question, pictures are not sufficient evidence. So the changes are measured on the generated images.

# %%
import _pictures as pictures
import numpy as np
from _common import Report, seconds_of, start
from _drawn import DrawnDigits, change_table, nearest

import scratchae as sae
from scratchae import plots
from scratchae.console.table import say
from scratchae.datasets import moments
from scratchae.explore import write_page
from scratchae.models.generation import path_between
from scratchae.studies import attribute_direction, measured_changes, walk

run = start(
    "09_generation.py",
    "Generation: samples from the prior, interpolation, and latent directions with measured changes.",
)
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

# %% [markdown]
# ## Samples during training
#
# Twelve draws of z, the same after every epoch, are decoded. In the beginning all give the mean image, because the decoder does not use z
# yet. Then they become different. Not all of them become digits: the prior has no gaps between the classes, but real images do.
#
# To test whether the model only copies, the distance to the nearest training image is measured. If it were much smaller for generated
# images than for test images, the model would have memorised the training images (overfitting).

# %%
snapshots = {}


def keep(model):
    """After some epochs, the decoded images of twelve draws."""
    epoch = len(model.history_["loss"])
    if epoch in (1, 2, 5, 10, 20, 50, 150):
        snapshots[f"epoch {epoch}"] = model.sample(12, seed=3)


model = sae.VariationalAutoencoder(latent_dim=10, **options).fit(x, callbacks=[keep])
figure = plots.sample_rows(
    snapshots,
    data.image_shape,
    title="Samples during training",
    note="the same twelve draws of z from the prior in every row",
)
run.save(figure, "09_samples.png")


def distance(images):
    """Mean distance to the nearest training image."""
    return float(np.sqrt(((images - x[nearest(images, x)]) ** 2).sum(axis=1)).mean())


made = model.sample(1000, seed=4)
report.rows(
    ("distance to the nearest training image, test images", distance(data.x_test), (1.047, 0.001), (4.218, 0.001)),
    ("distance to the nearest training image, generated images", distance(made), (1.224, 0.03), (4.52, 0.1)),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## The latent plane
#
# With two latent dimensions, the whole latent space fits on a page: a grid of 20 × 20 points, in equal steps of the prior's probability. Each
# point stands for a cell of equal probability, so the more probable a kind of image is, the more room it takes. The classes change
# gradually into each other, and images in between are mixtures.

# %%
plane = sae.VariationalAutoencoder(latent_dim=2, **options).fit(x)
grid = plane.latent_grid(20)
run.save(pictures.latent_plane(grid, data.image_shape), "09_manifold.png", dpi=110)
found = np.unique(data.y_train[nearest(grid, x)])
report.row("classes on the grid, of 10", len(found), digits=(10, 1), mnist=(10, 0), seconds=seconds_of(plane))

# %% [markdown]
# ## The aggregate posterior and the prior
#
# In training, the decoder receives draws from q(z|x) for all images; their overall distribution is q(z), the aggregate posterior. In
# generation it receives draws from the prior, p(z). If the two differ, it has to decode z on which it was not trained. The loss does not
# compare them directly; the KL does so for each image separately.
#
# The histograms show draws z = μ + σ ε, not the means: the means have a smaller spread and do not include the noise σ ε used in training.

# %%
mu, logvar = model.posterior(x)
statistics = model.latent_statistics(x)
z = mu + np.exp(logvar / 2) * np.random.default_rng(5).standard_normal(mu.shape)  # (variational.2)
most = np.argsort(-statistics.kl)[:8]
run.save(pictures.all_codes(z, statistics.kl, most), "09_aggregate_posterior.png", dpi=120)
used = most[:4]  # those with the largest KL
of_draws, of_means = (float(values[:, used].std(axis=0).mean()) for values in (z, mu))
report.rows(
    ("standard deviation of draws from q(z|x), 4 dimensions", of_draws, (0.952, 0.03), (1.074, 0.02)),
    ("standard deviation of means of q(z|x), 4 dimensions", of_means, (0.84, 0.03), (1.064, 0.02)),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## Interpolation between two images
#
# To interpolate between two images, the codes of both and codes between them are decoded. There are two methods. The straight line passes
# closer to the origin than its end points. In many dimensions hardly any draws from the prior are there. The spherical path keeps the
# distance from the origin. Look at the middle of the rows: the straight line is closer to the mean image. (With few active dimensions the
# two differ little.)

# %%
first = np.unique(data.y_test, return_index=True)[1]  # the first of each class
pairs = [(0, 6), (4, 9), (1, 7)]
rows = {
    f"{a} to {b}, {method}": model.interpolate(data.x_test[first[a]], data.x_test[first[b]], 10, method=method)
    for a, b in pairs
    for method in ("linear", "spherical")
}
figure = plots.sample_rows(
    rows,
    data.image_shape,
    title="Interpolation between two images",
    note="decoded codes between those of two test images",
)
run.save(figure, "09_interpolation.png")


def halfway(method):
    """Distance of the middle of a path from the origin, divided by that of its ends; mean over pairs of test images."""
    ends = model.encode(data.x_test[:200])
    paths = [path_between(a, b, 3, method) for a, b in zip(ends[::2], ends[1::2], strict=True)]
    lengths = np.linalg.norm(paths, axis=2)
    return float((lengths[:, 1] / lengths[:, [0, 2]].mean(axis=1)).mean())


report.rows(
    ("relative distance from the origin at the midpoint, linear", halfway("linear"), (0.716, 0.01), (0.682, 0.01)),
    ("relative distance from the origin at the midpoint, spherical", halfway("spherical"), (1, 0.001)),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## One class at a time
#
# In a **conditional** model, the class is an input of the encoder and of the decoder (conditional.1). So z does not have to encode the
# class, and can represent everything else, such as the handwriting style. Each column is one draw of z, decoded as every class: all digits
# in a column have the same style. The measured quantity is the fraction of images generated for a class whose nearest training image is of
# that class.

# %%
conditional = sae.ConditionalVariationalAutoencoder(latent_dim=10, **options).fit(x, data.y_train)
classes = {f"as a {k}": conditional.sample(12, y=k, seed=6) for k in range(10)}
figure = plots.sample_rows(
    classes,
    data.image_shape,
    title="Twelve draws of z, decoded as each class",
    note="the same twelve draws in every row",
)
run.save(figure, "09_conditional.png")
requested = np.repeat(np.arange(10), 50)
drawn = conditional.sample(500, y=requested, seed=7)
right = float((data.y_train[nearest(drawn, x)] == requested).mean())
report.rows(
    ("fraction of samples generated as the requested class", right, (0.99, 0.015), (0.82, 0.03)),
    seconds=seconds_of(conditional),
)

# %% [markdown]
# ## Attribute directions: drawn digits
#
# Is there a direction in the latent space along which only the slant changes? For real digits the true slant is unknown. So we use images
# with known factors: `make_strokes` draws digits from a class, a slant, a thickness, a rotation, a size and a brightness. A variational
# autoencoder is trained on the pixels alone.
#
# The direction of a factor comes from a linear regression of all factors on the codes of one class: a step of 1 is predicted to change this
# factor by one standard deviation and to leave the others unchanged (scratchae/studies/attributes.py). Then walk from an upright figure
# along the direction, both ways, and decode. Then **measure** the result: for each generated image, find the factors for which
# `draw_strokes` draws the most similar image (tutorials/_drawn.py). These are its slant, thickness and so on, independent of the model.

# %%
strokes = DrawnDigits(300 if run.quick else 4000)
drawing = sae.VariationalAutoencoder(
    hidden_sizes=(256,), latent_dim=10, batch_size=64, learning_rate=2e-3, epochs=run.epochs(30), random_state=run.seed
).fit(strokes.x)
codes, steps = drawing.encode(strokes.x), np.linspace(-1.5, 1.5, 7)


def walks(model, codes, classes, values, keep, starts, steps):
    """A walk from the start of each class along the direction of an attribute within the class, and the mean R² of the directions."""
    images, explained = [], []
    for k in range(10):
        rows = classes == k
        found = attribute_direction(codes[rows], values[rows], keep=keep[rows])
        images.append(walk(model, starts[[k]], found, steps)[0])
        explained.append(found.explained)
    return np.stack(images), float(np.mean(explained))


# %% [markdown]
# There is a picture for each factor: four of the figures, with the measured factor below each generated image. Rotation and slant are hard
# to distinguish, both for the model and visually, and so are brightness and thickness, which both mean more ink.
#
# The table shows all results. Each row is a walk; each column shows how much a factor changed with a step of 1, in its own standard
# deviations. A model that had found the factors exactly would have 1 on the diagonal and 0 elsewhere. For a real model, the change is
# smaller than the regression predicts: codes are pulled towards the prior, and the decoder has seen little training data far from it.

# %%
files = ("09_slant.png", "09_thickness.png", "09_rotation.png", "09_size.png", "09_brightness.png")
shown = [2, 3, 5, 7]
changes, kept = {}, []
for i, (name, file) in enumerate(zip(strokes.names, files, strict=True)):
    others = np.delete(strokes.factors, i, axis=1)
    images, explained = walks(drawing, codes, strokes.y, strokes.factors[:, i], others, strokes.plain, steps)
    changes[name] = strokes.changes(images, steps)
    kept.append(strokes.classes_of(images) == np.arange(10)[:, None])
    values = changes[name][name].values
    figure = pictures.drawn_walk(name, images[shown], values[shown], strokes.image_shape, steps, explained)
    if data.name == "digits":
        run.save(figure, file, dpi=110)
say(change_table(changes))
by_step = {name: changes[name][name].per_step for name in changes}
by_others = [abs(changes[a][b].per_step) for a in changes for b in changes if a != b]
report.rows(  # the same values on MNIST, since the images are the same
    ("change of the slant per step of 1", by_step["slant"], (0.7, 0.04)),
    ("change of the thickness per step of 1", by_step["thickness"], (0.675, 0.035)),
    ("change of the rotation per step of 1", by_step["rotation"], (0.62, 0.15)),
    ("change of the size per step of 1", by_step["size"], (0.837, 0.03)),
    ("change of the brightness per step of 1", by_step["brightness"], (0.775, 0.05)),
    ("change of the other factors, mean absolute value", float(np.mean(by_others)), (0.056, 0.02)),
    ("fraction of images that keep their class", float(np.mean(kept)), (1, 0.01)),
    seconds=seconds_of(drawing),
)

# %% [markdown]
# The five directions as sliders, this time estimated for all classes together, on one page in which the decoder runs. Open it in a browser
# and move the sliders.

# %%
sliders = {
    name: attribute_direction(codes, strokes.factors[:, i], keep=np.delete(strokes.factors, i, axis=1))
    for i, name in enumerate(strokes.names)
}
if not run.quick and data.name == "digits":  # with MNIST, the page would be the same
    say(f"wrote {write_page(drawing, run.out / '09_explore.html', strokes.image_shape, sliders, X=strokes.x)}")

# %% [markdown]
# ## From one class to another
#
# The sixth factor is the class. It is not a number, but the indicator "is it a 7?" is: 0 or 1. With equally many examples of both classes
# its standard deviation is ½, so two steps change it from 0 to 1. The value below each image is the class of the most similar drawn image.
# The class has to change abruptly somewhere: there are no figures between a 1 and a 7.


# %%
def crossing(a, b, step):
    """A walk from the plain figure of a class to another class."""
    rows = np.isin(strokes.y, (a, b))
    found = attribute_direction(codes[rows], strokes.y[rows] == b)
    return walk(drawing, strokes.plain[[a]], found, step)[0]


pairs = [(1, 7), (3, 8), (5, 6), (4, 9)]
across = np.linspace(0, 2, 7)
images = np.stack([crossing(a, b, across) for a, b in pairs])
figure = pictures.class_walk(pairs, images, strokes.classes_of(images), strokes.image_shape, across)
if data.name == "digits":
    run.save(figure, "09_class.png", dpi=110)
directions = [(a, b) for a in range(10) for b in range(10) if a != b]
ends = strokes.classes_of([crossing(a, b, across[-1:])[0] for a, b in directions])
arrived = float(np.mean(ends == [b for _, b in directions]))
report.rows(("fraction of walks that end in the other class", arrived, (1, 0.02)), seconds=seconds_of(drawing))

# %% [markdown]
# ## Attribute directions: real digits
#
# The true slant of a real digit is unknown. But the slant of the image can be measured from its moments (scratchae.datasets.moments). These
# measures replace the factors twice: in the regression, on real images, and in the evaluation, on generated ones. Unlike randomly drawn
# factors, slant and thickness are not independent here. So it is important that the regression keeps the other attribute constant.


# %%
def measure(name):
    """A measure as a function of the images alone."""
    return lambda images: getattr(moments, name)(images, data.image_shape)


measures = {name: measure(name) for name in ("slant", "thickness")}
values = {name: measures[name](x) for name in measures}
codes, steps, shown = model.encode(x), np.linspace(-2, 2, 7), [0, 3, 4, 7]
spreads = [{name: float(v[data.y_train == k].std()) for name, v in values.items()} for k in range(10)]
by_step = {}
for name, other, file in (
    ("slant", "thickness", "09_real_slant.png"),
    ("thickness", "slant", "09_real_thickness.png"),
):
    rest = values[other][:, None]
    images, _ = walks(model, codes, data.y_train, values[name], rest, data.x_test[first], steps)
    changes = [measured_changes(images[[k]], steps, measures, spreads[k]) for k in range(10)]
    measured = np.concatenate([changes[k][name].values for k in shown])
    run.save(pictures.real_walk(name, images[shown], measured, data.image_shape, steps), file, dpi=110)
    by_step[name] = {n: float(np.mean([change[n].per_step for change in changes])) for n in measures}
report.rows(
    ("walk along slant: change of the slant", by_step["slant"]["slant"], (0.546, 0.05), (0.835, 0.03)),
    ("walk along slant: change of the thickness", by_step["slant"]["thickness"], (0.21, 0.25), (0, 0.08)),
    ("walk along thickness: change of the slant", by_step["thickness"]["slant"], (0.024, 0.06), (0.004, 0.03)),
    ("walk along thickness: change of the thickness", by_step["thickness"]["thickness"], (0.44, 0.14), (0.716, 0.08)),
    seconds=seconds_of(model),
)

# %% [markdown]
# ## Results, compared with the expected values

# %%
report.end()
