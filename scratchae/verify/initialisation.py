"""Claims about initial parameters: distributions of the weights, their effect on signals and gradients, and data-dependent values.

Layers have unequal widths, so that exchanging input and output widths is detected. Derivation: docs/derivations/initialisation.md.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from scratchae.models import blocks
from scratchae.nets import initialisation
from scratchae.nets.network import Network, Parameters
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, entrywise_error

WIDTHS = [(300, 60), (60, 500), (37, 211)]
CHAIN, DRAWS = [300, 60, 500, 90, 400, 120], 12
DEVIATIONS = 5  # allowed sampling error in standard deviations: exceeded with a probability of about 6e-7
VAE, CVAE = "VariationalAutoencoder", "ConditionalVariationalAutoencoder"
STILL: dict[str, Any] = {"dtype": "float64", "optimizer": "sgd", "learning_rate": 1e-300, "epochs": 1}
NOTHING = 1e-250  # bound on the change of a zero bias by such steps


@claim(
    "glorot_uniform is uniform within ±sqrt(6 / (d_in + d_out))",
    op="initialisation",
    equation="glorot.5",
    level="value",
    method="scipy.stats.kstest, and the ends, which are neared and not passed; in sampling deviations",
    tolerance=DEVIATIONS,
)
def _uniform(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import kstest, norm

    worst = 0.0
    for d_in, d_out in WIDTHS:
        W = initialisation.glorot_uniform(rng, d_in, d_out)
        limit = math.sqrt(6) / math.sqrt(d_in + d_out)
        if W.shape != (d_in, d_out) or not 0.999 * limit < min(W.max(), -W.min()) <= abs(W).max() < limit:
            return np.inf
        chance = kstest(W.ravel(), "uniform", args=(-limit, 2 * limit)).pvalue
        # The variance of a mean of squares: E[w^4] - E[w^2]^2 = (1/5 - 1/9) r^4.
        variance, spread = 2 / (d_in + d_out), limit**2 * math.sqrt((1 / 5 - 1 / 9) / W.size)
        worst = max(worst, norm.isf(chance / 2), abs((W**2).mean() - variance) / spread, _correlated(W))
    return float(worst)


@claim(
    "he_normal is normal with variance 2 / d_in",
    op="initialisation",
    equation="he.3",
    level="value",
    method="scipy.stats.kstest, variance and fourth moment, in sampling deviations",
    tolerance=DEVIATIONS,
)
def _normal(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import kstest, norm

    worst = 0.0
    for d_in, d_out in WIDTHS:
        W = initialisation.he_normal(rng, d_in, d_out)
        if W.shape != (d_in, d_out):
            return np.inf
        standard = W.ravel() / math.sqrt(2 / d_in)
        variance = abs((standard**2).mean() - 1) / math.sqrt(2 / W.size)
        fourth = abs((standard**4).mean() - 3) / math.sqrt(96 / W.size)  # E[w^8] - E[w^4]^2 = 105 - 9
        chance = kstest(standard, "norm").pvalue
        worst = max(worst, norm.isf(chance / 2), variance, fourth, _correlated(W))
    return float(worst)


def _correlated(W: Array) -> float:
    """Return the correlation of neighbours along rows and columns, in sampling deviations; zero for independent draws."""
    w = W / W.std()
    pairs = (w[1:] * w[:-1], w[:, 1:] * w[:, :-1])
    return float(max(abs(product.mean()) * math.sqrt(product.size) for product in pairs))


def _through(activation: str, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the factors by which layers multiply the mean square of signals, forward and backward: arrays for each of five layers.

    They are averaged over many chains of newly initialised layers, for standard normal inputs and output gradients.
    """
    forth, back = np.zeros((DRAWS, len(CHAIN) - 1)), np.zeros((DRAWS, len(CHAIN) - 1))
    network = Network.chain("net", CHAIN, [activation] * (len(CHAIN) - 1))
    for draw in range(DRAWS):
        parameters = Parameters(network.shapes(), np.float64)
        network.initialise(parameters, rng)
        weights = [parameters[f"{layer.name}.W"] for layer in network.layers]
        h, dh = rng.standard_normal((40, CHAIN[0])), rng.standard_normal((40, CHAIN[-1]))
        for i, W in enumerate(weights):
            a = h @ W
            forth[draw, i] = (a**2).mean() / (h**2).mean()
            h = np.maximum(a, 0) if activation == "relu" else a
        for i, W in reversed(list(enumerate(weights))):
            before, dh = dh, dh @ W.T
            back[draw, i] = (dh**2).mean() / (before**2).mean()
    return forth.mean(axis=0), back.mean(axis=0)


@claim(
    "He's weights keep the variance through rectified layers of unequal widths",
    op="initialisation",
    equation="he.3",
    level="meaning",
    method="mean squares before and after each of five layers, over 12 networks: twice as much, of which a relu leaves half",
    tolerance=0.12,
)
def _he_keeps(subject: Subject, rng: np.random.Generator) -> float:
    forth, _ = _through("relu", rng)
    return float(abs(forth / 2 - 1).max())


@claim(
    "Glorot's weights change variances forward and backward by factors whose mean is 1",
    op="initialisation",
    equation="glorot.5",
    level="meaning",
    method="mean squares before and after each of five layers of unequal widths, over 12 networks, both ways",
    tolerance=0.12,
)
def _glorot_shares(subject: Subject, rng: np.random.Generator) -> float:
    forth, back = _through("identity", rng)
    d_in, d_out = np.array(CHAIN[:-1]), np.array(CHAIN[1:])
    errors = forth / (2 * d_in / (d_in + d_out)) - 1, back / (2 * d_out / (d_in + d_out)) - 1, (forth + back) / 2 - 1
    return float(max(abs(error).max() for error in errors))


def _begun(subject: Subject, name: str, x: Array, y: Array | None = None, **options: Any) -> dict[str, Array]:
    """Return the initial parameters of a model, trained with steps that change nothing."""
    model = getattr(subject.models, name)(**{**STILL, "random_state": 5, **options})
    return dict(model.fit(x, y).parameters_)


def _kind_of(W: Array) -> str:
    """Identify the distribution of the weights from their largest entry and their mean square."""
    d_in, d_out = W.shape
    limit, size = math.sqrt(6 / (d_in + d_out)), W.size
    share = (W**2).mean() / (2 / (d_in + d_out))
    if abs(W).max() < limit and abs(share - 1) < 5 * math.sqrt(0.8 / size):
        return "glorot"
    share = (W**2).mean() / (2 / d_in)
    return "he" if abs(W).max() > 3 * math.sqrt(2 / d_in) and abs(share - 1) < 5 * math.sqrt(2 / size) else "neither"


# For each model: its options, and the distribution of each weight in order.
WEIGHTS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "Autoencoder",
        {"hidden_sizes": (60, 30), "latent_dim": 20, "activation": "relu", "code_activation": "tanh"},
        {
            "encoder.0": "he",
            "encoder.1": "he",
            "encoder.2": "glorot",
            "decoder.0": "he",
            "decoder.1": "he",
            "decoder.2": "glorot",
        },
    ),
    (
        "Autoencoder",
        {"hidden_sizes": (60,), "latent_dim": 30, "activation": "sigmoid", "code_activation": "relu"},
        {"encoder.0": "glorot", "encoder.1": "he", "decoder.0": "glorot", "decoder.1": "glorot"},
    ),
    (
        "Autoencoder",
        {"hidden_sizes": (60,), "latent_dim": 30, "activation": "relu", "tied_weights": True},
        {"encoder.0": "he", "encoder.1": "glorot"},
    ),
    (
        "Autoencoder",
        {
            "hidden_sizes": (),
            "latent_dim": 30,
            "likelihood": "gaussian",
            "activation": "tanh",
            "output_activation": "relu",
        },
        {"encoder.0": "glorot", "decoder.0": "he"},
    ),
    ("SparseAutoencoder", {"latent_dim": 30}, {"encoder.0": "glorot", "decoder.0": "glorot"}),
    ("KSparseAutoencoder", {"latent_dim": 30, "k": 5}, {"encoder.0": "glorot", "decoder.0": "glorot"}),
    ("ContractiveAutoencoder", {"latent_dim": 30}, {"encoder.0": "glorot", "decoder.0": "glorot"}),
    (
        "DenoisingAutoencoder",
        {"hidden_sizes": (60,), "latent_dim": 30},
        {"encoder.0": "he", "encoder.1": "glorot", "decoder.0": "he", "decoder.1": "glorot"},
    ),
    (
        "StackedAutoencoder",
        {"hidden_sizes": (60, 30), "activation": "relu", "pretrain_epochs": 1, "base": "basic"},
        {"encoder.0": "he", "encoder.1": "he", "decoder.0": "he", "decoder.1": "glorot"},
    ),
    (
        "StackedClassifier",
        {"hidden_sizes": (60, 30), "activation": "relu"},
        {"encoder.0": "he", "encoder.1": "he", "softmax.0": "glorot"},
    ),
    (
        "StackedClassifier",
        {"hidden_sizes": (60,), "activation": "tanh"},
        {"encoder.0": "glorot", "softmax.0": "glorot"},
    ),
    *(
        (
            name,
            {"hidden_sizes": (60, 40), "latent_dim": 12, "activation": "relu"},
            {f"{net}.{i}": "glorot" for net in ("encoder", "decoder") for i in range(3)},
        )
        for name in (VAE, "ImportanceWeightedAutoencoder", CVAE)
    ),
]


@claim(
    "rectified layers begin with He's weights, all others and all of variational models with Glorot's; biases are zero",
    op="initialisation",
    equation="glorot.5 he.3",
    level="meaning",
    method="largest entry and mean square of every first weight of every model; biases but for those that depend on the data",
    tolerance=0,
)
def _who_gets_what(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((40, 90)), 0
    y = np.arange(40) % 20
    for name, options, kinds in WEIGHTS:
        with on_backend(subject.ops):
            p = _begun(subject, name, x, y, **options)
        wrong += sum(_kind_of(p[f"{layer}.W"]) != kind for layer, kind in kinds.items())
        wrong += sum(key.endswith(".W") for key in p) != len(kinds)
        biases = [key for key in p if key.endswith(".b")]
        of_data = {biases[-1], "encoder.0.b" if "likelihood" in options else ""} | (
            {"encoder.1.b", "decoder.0.b"} if name == "StackedAutoencoder" else set()
        )
        wrong += sum(bool((abs(p[key]) > NOTHING).any()) for key in biases if key not in of_data)
        weights = [W.ravel()[:4] / W.ravel()[0] for key, W in p.items() if key.endswith(".W")]
        wrong += len({tuple(values.round(6)) for values in weights}) != len(
            weights
        )  # no layer is a scaled copy of another
    return float(wrong)


@claim(
    "the same seed begins with the same bits, another with others",
    op="initialisation",
    level="meaning",
    method="first parameters compared, of both backends and float types",
    tolerance=0,
)
def _seeds(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((12, 9)), 0
    options: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 3}
    for name in ("Autoencoder", VAE):
        first, again, other = (_begun(subject, name, x, random_state=seed, **options) for seed in (5, 5, 6))
        with on_backend("numpy"):
            readable = _begun(subject, name, x, **options)
        single = _begun(subject, name, x, **options, dtype="float32")
        for key, value in first.items():
            wrong += int((value != again[key]).sum() + (abs(value - readable[key]) > NOTHING).sum())
            wrong += int((abs(value - single[key]) > 1e-6 * (1 + abs(value))).sum())
            wrong += key.endswith(".W") and bool((value == other[key]).any())
    return float(wrong)


@claim(
    "a variational decoder begins at the mean image, the variance around it and an encoder that sees standardised data",
    op=VAE,
    level="value",
    method="by hand: logits of the clipped means; means, mean variance; first layer at standardised rows, last in units of the data, against it",
    tolerance=1e-12,
)
def _from_the_data(subject: Subject, rng: np.random.Generator) -> float:
    x, y = rng.random((30, 8)) * 0.6, np.arange(30) % 3
    x[:, 3], x[:, 5] = 0, 1  # never white, always white
    real, worst = 7 * x + 2, 0.0
    real[:, 1], real[:, 2], real[:, 6] = 0, -0.1, 0.1  # constants: 0, and of both signs, whose means are rounded
    options: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 3}
    for name in (VAE, CVAE, "ImportanceWeightedAutoencoder"):
        with on_backend(subject.ops):
            black = _begun(subject, name, x, y, **options)
            grey = _begun(subject, name, real, y, **options, likelihood="gaussian", variance="learned")
        share = np.array([min(max(math.fsum(column) / 30, 0.001), 0.999) for column in x.T])
        worst = max(worst, entrywise_error(black["decoder.1.b"], np.log(share / (1 - share))))
        mean = np.array([math.fsum(column) / 30 for column in real.T])
        variance = ((real - mean) ** 2).sum(axis=0) / 30
        worst = max(worst, entrywise_error(grey["decoder.1.b"], mean, (mean == 0).astype(float)))
        worst = max(worst, entrywise_error(grey["decoder.logvar"], np.log([variance.mean()])))
        # Constant features are only centred.
        standard = (real - mean) / np.sqrt(np.where(variance > 1e-20, variance, 1))
        W, b, plain = grey["encoder.0.W"], grey["encoder.0.b"], black["encoder.0.W"]  # with the same seed
        worst = max(worst, entrywise_error(real @ W[:8] + b, standard @ plain[:8], 1.0))
        worst = max(worst, entrywise_error(W[8:], plain[8:], empty=name != CVAE))  # the rows of the classes
        varying = np.where(variance > 1e-20, variance, 0)  # outputs of constant features do not depend on z
        worst = max(worst, entrywise_error(grey["decoder.1.W"], black["decoder.1.W"] * np.sqrt(varying), 1.0))
    return worst


@claim(
    "every autoencoder begins at the mean of the data, with a first layer that centres Gaussian data and shrinks large features",
    op="initialisation",
    equation="initialisation.1 initialisation.3",
    level="value",
    method="by hand: inverse of the last activation at the mean; first layer at centred rows, against the model of pixels",
    tolerance=1e-12,
)
def _other_models_from_the_data(subject: Subject, rng: np.random.Generator) -> float:
    x, worst = rng.random((30, 8)) * 0.6, 0.0
    x[:, 3], x[:, 5] = 0, 1
    real = x * [0.01, 1, 30, 1, 1, 1, 100, 5] + [0, 0, -40, 0, 0.2, 0.1, 7, -1]
    small: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 3}
    stack: dict[str, Any] = {"hidden_sizes": (5,), "base": "basic", "pretrain_epochs": 1}
    for name, options in (
        ("Autoencoder", {"hidden_sizes": (6,), "latent_dim": 3}),
        ("Autoencoder", {"hidden_sizes": (6,), "latent_dim": 3, "tied_weights": True}),
        ("DenoisingAutoencoder", small),
        ("SparseAutoencoder", small),
        ("KSparseAutoencoder", {**small, "k": 2}),
        ("ContractiveAutoencoder", small),
        ("WassersteinAutoencoder", small),
        ("StackedAutoencoder", stack),
    ):
        with on_backend(subject.ops):
            black = _begun(subject, name, x, **options)
            grey = _begun(subject, name, real, **options, likelihood="gaussian")
        last = list(black)[-1]
        share, mean = (np.array([math.fsum(column) / 30 for column in data.T]) for data in (x, real))
        share = np.clip(share, 0.001, 0.999)
        worst = max(worst, entrywise_error(black[last], np.log(share / (1 - share)), 1.0))
        worst = max(worst, entrywise_error(grey[last], mean, 1.0))
        deviation = np.sqrt(((real - mean) ** 2).sum(axis=0) / 30)
        scale = np.ones(8) if options.get("tied_weights") else np.maximum(deviation, 1)
        W, b, plain = grey["encoder.0.W"], grey["encoder.0.b"], black["encoder.0.W"]
        worst = max(worst, entrywise_error(real @ W + b, (real - mean) / scale @ plain, 1.0))
        worst = max(worst, float(abs(black["encoder.0.b"]).max()))
    return worst


@claim(
    "the moments of columns are exact for any number of blocks, also far from 0",
    op="initialisation",
    equation="initialisation.3",
    level="value",
    method="fractions.Fraction, blocks of 1 to 5 rows; means of 1e8 with deviations of 1",
    tolerance=1e-9,
)
def _moments_of_columns(subject: Subject, rng: np.random.Generator) -> float:
    worst, entries = 0.0, blocks.ENTRIES
    x = (rng.standard_normal((23, 3)) + [0.0, 1e8, -3e4]).round(6)
    exact = [[Fraction(float(value)) for value in column] for column in x.T]
    means = [sum(column, Fraction(0)) / 23 for column in exact]
    spread = [sum(((v - m) ** 2 for v in column), Fraction(0)) / 23 for column, m in zip(exact, means, strict=True)]
    try:
        for blocks.ENTRIES in (1, 4, 9, 15, entries):
            got = blocks.column_means(x)
            variances = blocks.column_variances(x, got)
            worst = max(worst, entrywise_error(got, np.array(means, float)))
            worst = max(worst, entrywise_error(variances, np.array(spread, float)))
    finally:
        blocks.ENTRIES = entries
    return worst


@claim(
    "bounded outputs begin at the mean of the data, or at the end of their range next to it",
    op="initialisation",
    equation="initialisation.1",
    level="value",
    method="output of the first parameters with weights of zero, for means inside and outside the range",
    tolerance=1e-12,
)
def _bounded_outputs(subject: Subject, rng: np.random.Generator) -> float:
    x, worst = np.tile([-3.0, -0.7, 0.0, 0.3, 0.9999, 2.0], (4, 1)), 0.0
    ends = {"sigmoid": (0.001, 0.999), "tanh": (-0.998, 0.998), "relu": (0.0, np.inf), "identity": (-np.inf, np.inf)}
    for activation, (low, high) in ends.items():
        options = {"hidden_sizes": (), "latent_dim": 2, "likelihood": "gaussian", "output_activation": activation}
        with on_backend(subject.ops):
            model = subject.models.Autoencoder(**options, random_state=0, **STILL).fit(x)
            model.parameters_["decoder.0.W"][...] = 0
            worst = max(worst, entrywise_error(model.reconstruct(x), np.clip(x, low, high), 1.0))
        if activation == "relu":  # whose gradient is zero below 0
            worst = max(worst, float(-model.parameters_["decoder.0.b"].min()))
    return worst


@claim(
    "a classifier begins with the classes' shares, and with a first layer that standardises all but data in [0, 1]",
    op="StackedClassifier",
    equation="initialisation.2 initialisation.3",
    level="value",
    method="probabilities of the first parameters with softmax weights of zero; codes of rows in two units",
    tolerance=1e-12,
)
def _classifier_from_the_data(subject: Subject, rng: np.random.Generator) -> float:
    x, y, worst = rng.random((20, 4)), np.repeat([0, 1, 2], [11, 6, 3]), 0.0
    x[0], x[1] = 0, 1
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    options: dict[str, Any] = {"hidden_sizes": (5,), "activation": "identity", "random_state": 5, **STILL}
    codes = []
    for data in (x, standard, 1e-3 * x + 5, 200 * x - 1):
        with on_backend(subject.ops):
            model = subject.models.StackedClassifier(**options).fit(data, y)
            codes.append(model.encode(data))
            model.parameters_["softmax.0.W"][...] = 0
            worst = max(worst, entrywise_error(model.predict_proba(data), np.tile([0.55, 0.3, 0.15], (20, 1))))
        worst = max(worst, float(abs(model.parameters_["encoder.0.b"]).max()) if data is x else 0.0)
    worst = max(worst, *(entrywise_error(code, codes[1], 1.0) * 1e-2 for code in codes[2:]))  # digits lost to the unit
    plain = np.linalg.lstsq(x, codes[0], rcond=None)[0]
    return max(worst, entrywise_error(standard @ plain, codes[1], 1.0) * 1e-2)


@claim(
    "pixels whose mean is known begin with nothing to gain from their mean",
    op=VAE,
    level="meaning",
    method="loss of the first parameters without weights, against the entropy of independent pixels",
    tolerance=1e-12,
)
def _nothing_to_gain(subject: Subject, rng: np.random.Generator) -> float:
    x = (rng.random((40, 6)) < [0.1, 0.3, 0.5, 0.7, 0.9, 0.6]).astype(np.float64)
    with on_backend(subject.ops):
        model = subject.models.VariationalAutoencoder(hidden_sizes=(), latent_dim=2, random_state=0, **STILL).fit(x)
        for name, value in model.parameters_.items():
            if name.endswith(".W"):
                value[...] = 0
        loss, _ = model.loss_and_gradients(x)
    share = x.mean(axis=0)
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share)).sum()
    return abs(loss / entropy - 1)


@claim(
    "a generator that is given to two models gives each numbers of its own, the same for the same generator",
    op="initialisation",
    level="meaning",
    method="first weights compared, NumPy's new and old generators",
    tolerance=0,
)
def _one_generator(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((9, 5)), 0
    for make in (np.random.default_rng, np.random.RandomState):
        begun = []
        for _ in range(2):
            generator: Any = make(5)
            for _ in range(2):
                begun.append(_begun(subject, "Autoencoder", x, None, latent_dim=3, random_state=generator))
        weights = [parameters["encoder.0.W"] for parameters in begun]
        wrong += np.array_equal(weights[0], weights[1]) + np.array_equal(weights[2], weights[3])
        wrong += not np.array_equal(weights[0], weights[2]) or not np.array_equal(weights[1], weights[3])
    return float(wrong)
