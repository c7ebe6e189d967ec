"""Claims about the Wasserstein autoencoder: the discrepancy between two samples, its gradient, and the whole objective."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from scratchae.kernels.compile import kernel
from scratchae.kernels.discrepancy import squared_mmd_both
from scratchae.models import wasserstein
from scratchae.verify import boundaries, initialisation, options, reported, stored, trainings
from scratchae.verify.autoencoder import model_gradient_error, on_backend, trained
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.definitions import VARIANTS, Variant, options_of
from scratchae.verify.derivatives import Array, complex_step, entrywise_error
from scratchae.verify.plain_training import stream
from scratchae.verify.reported import code_of, loss_of, output_of

OPTIONS: dict[str, Any] = {"dtype": "float64", "batch_size": 4, "epochs": 2, "random_state": 0, "learning_rate": 1e-2}
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("two layers", {"hidden_sizes": (5,), "latent_dim": 3, "activation": "tanh", "mmd_weight": 7.0}),
    (
        "tied, decayed, a kernel of its own scale",
        {
            "hidden_sizes": (),
            "latent_dim": 2,
            "tied_weights": True,
            "weight_decay": 0.1,
            "kernel_scale": 0.7,
            "mmd_weight": 3.0,
            "likelihood": "gaussian",
        },
    ),
    ("sigmoid code", {"hidden_sizes": (4,), "latent_dim": 3, "code_activation": "sigmoid", "activation": "sigmoid"}),
]


def similarities(row: Array, others: Array, scale: float) -> Array:
    """Return C / (C + |a - b|²) of one row with each of the others, real or complex."""
    return scale / (scale + ((row - others) ** 2).sum(axis=1))


def mmd_by_hand(h: Array, z: Array, scale: float) -> Any:
    """Compute the estimate row by row: the means over pairs of different codes, of different draws, and of codes and draws."""
    N = len(h)
    between = sum(similarities(row, z, scale).sum() for row in h) / N**2
    if N == 1:  # a single row has no pairs
        return -2 * between
    pairs = N * (N - 1) / 2  # each once
    within = [sum(similarities(a[n], a[n + 1 :], scale).sum() for n in range(N - 1)) / pairs for a in (h, z)]
    return within[0] + within[1] - 2 * between


def scale_of(o: Any) -> float:
    """Return C: the option, or the mean squared distance of two draws from the prior, a chi-squared variable times two."""
    return 2.0 * o.latent_dim if o.kernel_scale is None else o.kernel_scale


def prior(o: Any, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Draw a code from the prior for each row."""
    return rng.standard_normal((shape[0], o.latent_dim))


@claim(
    "the discrepancy of two samples is a mean over pairs, no point with itself",
    op="WassersteinAutoencoder",
    equation="wasserstein.1 wasserstein.3",
    level="value",
    method="pair by pair; one row, two, and several, all pairs at once and a few at a time, both float types",
    tolerance=1e-6,
)
def _pairs(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, at_once in ((1, 100), (2, 100), (9, 100), (9, 20), (9, 1)):
        for scale in (0.3, 6.0):
            h, z = 2 * rng.standard_normal((rows, 3)) + 1, rng.standard_normal((rows, 3))
            with lowered(wasserstein, PAIRS_AT_A_TIME=at_once):
                exact = float(wasserstein.squared_mmd(h, z, scale))
                single = float(wasserstein.squared_mmd(h.astype(np.float32), z.astype(np.float32), scale))
            expected = mmd_by_hand(h, z, scale)
            worst = max(worst, 1e6 * abs(exact - expected), abs(single - expected))  # float64: to almost full precision
    return worst


def _upstream(h: Array, z: Array, scale: float) -> Any:
    return 1.7 * wasserstein.squared_mmd(h, z, scale)


@claim(
    "the gradient of the discrepancy is that of its definition",
    op="WassersteinAutoencoder",
    equation="wasserstein.2 wasserstein.5",
    level="gradient",
    method="complex step, all pairs at once and a few at a time, an upstream gradient that is not 1",
    tolerance=1e-12,
)
def _slopes(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, at_once, scale in ((1, 50, 2.0), (2, 50, 0.5), (7, 50, 6.0), (7, 10, 6.0)):
        h, z = rng.standard_normal((rows, 3)) - 0.5, rng.standard_normal((rows, 3))
        with lowered(wasserstein, PAIRS_AT_A_TIME=at_once):
            expected = complex_step(partial(_upstream, z=z, scale=scale), h)
            got = wasserstein.squared_mmd_backward(1.7, h, z, scale)
        worst = max(worst, entrywise_error(got, expected, float(np.abs(expected).max())))
    return worst


@claim(
    "in single precision, the discrepancy of codes far from 0 and its gradient keep their digits",
    op="WassersteinAutoencoder",
    equation="wasserstein.1 wasserstein.3 wasserstein.5",
    level="value",
    method="pair by pair in float64, complex step: float32 codes around 30 and 300, draws around 0 and around the codes",
    tolerance=1e-6,
)
def _far_codes(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for far in (30, 300):
        for beside in (0, far):
            h, z = ((rng.standard_normal((9, 3)) + shift).astype(np.float32) for shift in (far, beside))
            exact = h.astype(np.float64), z.astype(np.float64)
            value = mmd_by_hand(*exact, 6.0)
            expected = complex_step(partial(mmd_by_hand, z=exact[1], scale=6.0), exact[0])
            got = wasserstein.squared_mmd_backward(1.0, h, z, 6.0)
            if got.dtype != np.float32:
                return np.inf
            worst = max(worst, abs(float(wasserstein.squared_mmd(h, z, 6.0)) - value))
            worst = max(worst, entrywise_error(got.astype(np.float64), expected, float(np.abs(expected).max())))
    return worst


@kernel
def _both(dmmd, h, z, scale, dh):  # type: ignore[no-untyped-def]
    return squared_mmd_both(dmmd, h, z, scale, dh)


@claim(
    "the discrepancy in compiled steps and its gradient are those of the definition",
    op="kernels",
    equation="wasserstein.1 wasserstein.2 wasserstein.3 wasserstein.5",
    level="value",
    method="pair by pair, complex step; one row, two, and several, codes around 0, 30 and 300, both float types",
    tolerance=1e-6,
)
def _compiled_pairs(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, scale, far in ((1, 0.3, 0), (2, 6.0, 1), (9, 0.3, 1), (37, 6.0, 0), (37, 6.0, 30), (9, 6.0, 300)):
        for dtype, allowance in (("float64", 1e-6), ("float32", 1.0)):
            h, z = ((rng.standard_normal((rows, 3)) + shift).astype(dtype) for shift in (far, far / 2))
            exact, dh = (h.astype(np.float64), z.astype(np.float64)), np.full_like(h, np.nan)
            expected = complex_step(partial(mmd_by_hand, z=exact[1], scale=scale), exact[0])
            error = abs(_both(1.7, h, z, scale, dh) - mmd_by_hand(*exact, scale))
            slopes = entrywise_error(dh.astype(np.float64), 1.7 * expected, float(np.abs(expected).max()))
            worst = max(worst, error / allowance, slopes / allowance)
    return worst


@claim(
    "codes that are draws from the prior have no discrepancy on average, others have",
    op="WassersteinAutoencoder",
    equation="wasserstein.3",
    level="meaning",
    method="mean of 400 estimates in standard errors; shifted and shrunk codes; the gradient points to the draws",
    tolerance=4.0,
)
def _without_bias(subject: Subject, rng: np.random.Generator) -> float:
    draws = [(rng.standard_normal((8, 2)), rng.standard_normal((8, 2))) for _ in range(400)]
    values = np.array([float(wasserstein.squared_mmd(h, z, 4.0)) for h, z in draws])
    error = abs(values.mean()) / (values.std() / 20)
    for changed in (lambda h: h + 2, lambda h: 0.1 * h):
        others = np.array([float(wasserstein.squared_mmd(changed(h), z, 4.0)) for h, z in draws])
        if others.mean() < 8 * others.std() / 20:
            return np.inf
    pulled = np.mean([wasserstein.squared_mmd_backward(1.0, h + 2, z, 4.0) for h, z in draws], axis=(0, 1))
    return float(error) if (pulled > 0).all() else np.inf


for _text, _options in SETTINGS:
    for _room in ("ops", "kernels"):

        @claim(
            f"WassersteinAutoencoder gradient on {_room}: {_text}",
            op="WassersteinAutoencoder",
            equation="wasserstein.6",
            level="gradient",
            method="central differences, every parameter, noise frozen",
            tolerance=1e-7,
        )
        def _gradient(
            subject: Subject, rng: np.random.Generator, options: dict[str, Any] = _options, room: str = _room
        ) -> float:
            x = rng.random((6, 7))
            with on_backend("numba" if room == "kernels" else "numpy"):
                model = subject.models.WassersteinAutoencoder(**{**OPTIONS, **options}).fit(x)
                return model_gradient_error(model, x)

    @claim(
        f"WassersteinAutoencoder's loss and validation terms are those of its definition: {_text}",
        op="WassersteinAutoencoder",
        equation="wasserstein.4",
        level="value",
        method="plain definition of the network, discrepancy pair by pair, noise of default_rng(seed) and of the validation",
        tolerance=1e-11,
    )
    def _loss(subject: Subject, rng: np.random.Generator, options: dict[str, Any] = _options) -> float:
        x, worst = rng.random((6, 7)), 0.0
        for room in ("numpy", "numba"):
            with on_backend(room):
                model = trained(
                    subject.models.WassersteinAutoencoder(**{**OPTIONS, **options}), x, validation_data=x[:5]
                )
                o, p = options_of(model), model.parameters_
                decay = sum((W**2).sum() for name, W in p.items() if name.endswith(".W")) * model.weight_decay / 2
                z, scale = prior(o, np.random.default_rng(3), x.shape), scale_of(o)
                code, weight = code_of(o, p, x), o.mmd_weight
                expected = loss_of(o, output_of(o, p, code), x).mean() + weight * mmd_by_hand(code, z, scale)
                loss, _ = model.loss_and_gradients(x, seed=3)
                worst = max(worst, abs(loss - expected - decay) / abs(expected))
                held_out, drawn = code_of(o, p, x[:5]), prior(o, stream(0, 3), (5, x.shape[1]))
                reconstruction = loss_of(o, output_of(o, p, held_out), x[:5]).mean()
                mmd = mmd_by_hand(held_out, drawn, scale)
                terms = {"mmd": mmd, "reconstruction": reconstruction, "loss": reconstruction + weight * mmd + decay}
                for term, value in terms.items():
                    worst = max(worst, abs(model.history_[f"val_{term}"][-1] - value))
        return float(worst)


@claim(
    "a Wasserstein autoencoder fills the prior, and without the weight it is the basic one",
    op="WassersteinAutoencoder",
    equation="wasserstein.4",
    level="meaning",
    method="discrepancy of the codes after training with a large weight, as a share of that with none; gradients with weight 0 compared",
    tolerance=0.5,
)
def _fills(subject: Subject, rng: np.random.Generator) -> float:
    x, z = np.repeat(rng.random((8, 6)), 8, axis=0) + 0.1 * rng.standard_normal((64, 6)), rng.standard_normal((64, 2))
    common: dict[str, Any] = {"hidden_sizes": (8,), "latent_dim": 2, "likelihood": "gaussian", "epochs": 60,
                              "batch_size": 64, "learning_rate": 0.02, "random_state": 0, "dtype": "float64"}  # fmt: skip
    found = []
    for weight in (0.0, 50.0):
        model = trained(subject.models.WassersteinAutoencoder(mmd_weight=weight, **common), x)
        found.append(float(wasserstein.squared_mmd(model.encode(x), z, 4.0)))
    free = subject.models.WassersteinAutoencoder(mmd_weight=0.0, **common).fit(x)
    basic = subject.models.Autoencoder(**common).fit(x)
    basic.parameters_.flat[:] = free.parameters_.flat
    same = all(
        np.allclose(a, b, rtol=1e-12, atol=1e-14)
        for a, b in zip(free.loss_and_gradients(x)[1].values(), basic.loss_and_gradients(x)[1].values(), strict=True)
    )
    return max(found[1], 0.0) / found[0] if same and found[0] > 0 else np.inf


@claim(
    "samples are decoded draws from the prior, by their seed",
    op="WassersteinAutoencoder",
    level="value",
    method="default_rng(seed).standard_normal, decoded; grids and paths of codes by hand",
    tolerance=0,
)
def _samples(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((9, 5))
    model = subject.models.WassersteinAutoencoder(hidden_sizes=(), latent_dim=2, epochs=2, random_state=0)
    model = trained(model, x)
    z = np.random.default_rng(4).standard_normal((6, 2)).astype(np.float32)
    wrong = float((model.sample(6, seed=4) != model.decode(z)).sum())
    steps = np.array([-0.6744897501960817, 0.6744897501960817])  # quantiles 1/4 and 3/4 of the normal distribution
    grid = np.array([[right, up] for up in steps[::-1] for right in steps])
    path = model.encode(x[:2]).astype(np.float64)
    line = np.array([path[0], (path[0] + path[1]) / 2, path[1]])
    pairs = [(model.latent_grid(2), grid), (model.interpolate(x[0], x[1], 3), line)]
    return wrong + sum(not np.allclose(got, model.decode(codes), rtol=1e-5, atol=1e-6) for got, codes in pairs)


# The model in the claims about all models: options in pairs, trainings, reports, initial weights, ends of options, files.

NAME = "WassersteinAutoencoder"
VARIANTS[NAME] = Variant(lambda o, code, z: mmd_by_hand(code, z, scale_of(o)), "mmd_weight", "mmd", prior)
OWN: dict[str, Any] = {"mmd_weight": (7.0, 0.4), "kernel_scale": (None, 0.7)}
options.register(
    NAME,
    {
        **options.CHAIN,
        "code_activation": ("identity", "tanh", None),
        "output_activation": ("identity", "sigmoid"),
        **OWN,
    },
    "wasserstein.1 wasserstein.2 wasserstein.3 wasserstein.4 wasserstein.5 wasserstein.6 autoencoder.7",
)
# Of 11 rows, the last batch of 5 is a single row, which has no pairs.
trainings.register(NAME, {"hidden_sizes": ((4,), ()), "activation": ("relu", "tanh"), "batch_size": (3, 5, 11), **OWN})
reported.AUTOENCODERS.append((NAME, "gaussian, tied", {**SETTINGS[1][1], "activation": "tanh"}))
reported.register(*reported.AUTOENCODERS[-1])
initialisation.WEIGHTS.append(
    (
        NAME,
        {"hidden_sizes": (60,), "latent_dim": 30, "activation": "relu"},
        {"encoder.0": "he", "encoder.1": "glorot", "decoder.0": "he", "decoder.1": "glorot"},
    )
)
boundaries.OPTIONS += [
    (NAME, "mmd_weight", [0, 1e-300], [-1e-300, np.inf]),
    (NAME, "kernel_scale", [1e-300, None], [0, -1, np.inf]),
]
stored.STORED.append((NAME, {"hidden_sizes": (5,), "latent_dim": 3, "mmd_weight": 3.0, "kernel_scale": 0.7}))
