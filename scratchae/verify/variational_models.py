"""Claims about the variational, importance-weighted and conditional autoencoders."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.verify.autoencoder import model_gradient_error, on_backend, trained
from scratchae.verify.claims import Subject, claim
from scratchae.verify.classic_models import few_rows
from scratchae.verify.derivatives import Array, relative_error

COMMON: dict[str, Any] = {
    "hidden_sizes": (5,),
    "latent_dim": 3,
    "activation": "tanh",
    "dtype": "float64",
    "batch_size": 4,
    "epochs": 3,
    "random_state": 0,
    "learning_rate": 1e-2,
}
GAUSSIAN = {"likelihood": "gaussian"}
VAE, IWAE, CVAE = "VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"
ALL = "variational.8 variational.9 variational.10 variational.11 variational.12"
SETTINGS: list[tuple[str, str, dict[str, Any], str]] = [
    (VAE, "bernoulli", {}, f"variational.7 {ALL}"),
    (VAE, "three draws, beta 2, decayed", {"n_samples": 3, "beta": 2.0, "weight_decay": 0.1}, f"variational.7 {ALL}"),
    (VAE, "sampled KL", {"kl": "sampled", "n_samples": 2}, ALL),
    (VAE, "free bits", {"free_bits": 0.05}, ALL),
    (VAE, "gaussian, fixed variance", {**GAUSSIAN, "variance": 0.3}, ALL),
    (VAE, "gaussian, learned variance", {**GAUSSIAN, "variance": "learned", "n_samples": 2}, ALL),
    (
        VAE,
        "gaussian, a learned variance for each feature",
        {**GAUSSIAN, "variance": "learned_per_feature", "n_samples": 2},
        ALL,
    ),
    (
        IWAE,
        "gaussian, a learned variance for each feature",
        {**GAUSSIAN, "variance": "learned_per_feature", "n_samples": 3},
        "importance_weighted.4",
    ),
    (
        CVAE,
        "gaussian, a given variance for each feature",
        {**GAUSSIAN, "variance": (0.2, 0.7, 3.0, 1.0, 0.05, 0.4, 2.0)},
        ALL,
    ),
    (VAE, "binarised, deep", {"hidden_sizes": (6, 4), "binarize": "dynamic"}, ALL),
    (IWAE, "one draw", {"n_samples": 1}, "importance_weighted.4 importance_weighted.5"),
    (IWAE, "four draws", {"n_samples": 4}, "importance_weighted.4 importance_weighted.5"),
    (CVAE, "two draws", {"n_samples": 2}, "conditional.1"),
]


def fitted(subject: Subject, name: str, x: Array, y: Array | None = None, **options: Any) -> Any:
    """Return a briefly trained model of that name whose posterior clearly differs from the prior."""
    model = trained(getattr(subject.models, name)(**{**COMMON, **options}), x, y)
    model.parameters_.flat[:] += 0.3 * np.random.default_rng(1).standard_normal(model.parameters_.flat.size)
    return model


def _register_gradients() -> None:
    for name, text, options, equation in SETTINGS:
        for room in ("ops", "kernels"):

            @claim(
                f"{name} gradient on {room}: {text}",
                op=name,
                equation=equation,
                level="gradient",
                method="central differences, every parameter, noise frozen",
                tolerance=1e-7,
            )
            def measure(
                subject: Subject,
                rng: np.random.Generator,
                room: str = room,
                name: str = name,
                options: dict[str, Any] = options,
            ) -> float:
                x, y = few_rows(rng)
                with on_backend(getattr(subject, room)):
                    return model_gradient_error(fitted(subject, name, x, y, **options), x, y)


_register_gradients()


def _by_hand(model: Any, x: Array, eps: Array, c: Array | None = None) -> tuple[Array, Array, Array]:
    """Compute log p(x|z), log p(z) and log q(z|x) of each draw from the parameters alone, without scratchae's functions."""
    from scipy.stats import bernoulli, norm

    p, J = model.parameters_, eps.shape[-1]
    beside = np.zeros((len(x), 0)) if c is None else c
    hidden = np.tanh(np.hstack([x, beside]) @ p["encoder.0.W"] + p["encoder.0.b"])
    moments = hidden @ p["encoder.1.W"] + p["encoder.1.b"]
    mu, std = moments[:, :J], np.sqrt(np.exp(moments[:, J:]))
    log_px, log_pz, log_q = [], [], []
    for noise in eps:
        z = mu + std * noise
        back = np.tanh(np.hstack([z, beside]) @ p["decoder.0.W"] + p["decoder.0.b"])
        output = back @ p["decoder.1.W"] + p["decoder.1.b"]
        if model.likelihood == "bernoulli":
            log_px.append(bernoulli.logpmf(x, 1 / (1 + np.exp(-output))).sum(axis=1))
        else:
            learned = isinstance(model.variance, str)
            variance = np.exp(p["decoder.logvar"]) if learned else np.array(model.variance)
            log_px.append(norm.logpdf(x, output, np.sqrt(variance)).sum(axis=1))
        log_pz.append(norm.logpdf(z).sum(axis=1))
        log_q.append(norm.logpdf(z, mu, std).sum(axis=1))
    return np.array(log_px), np.array(log_pz), np.array(log_q)


@claim(
    "the VariationalAutoencoder's loss is minus the bound",
    op=VAE,
    equation="variational.6",
    level="value",
    method="scipy.stats at the same draws, both likelihoods",
    tolerance=1e-12,
)
def _loss(subject: Subject, rng: np.random.Generator) -> float:
    x, worst = rng.integers(0, 2, (6, 7)).astype(np.float64), 0.0
    both: tuple[dict[str, Any], ...] = (
        {},
        {**GAUSSIAN, "variance": 0.3},
        {**GAUSSIAN, "variance": (0.2, 0.7, 3.0, 1.0, 0.05, 0.4, 2.0)},
        {**GAUSSIAN, "variance": "learned_per_feature"},
    )
    for options in both:
        with on_backend(subject.ops):
            model = fitted(subject, VAE, x, n_samples=2, kl="sampled", **options)
            loss, _ = model.loss_and_gradients(x, seed=5)
            bound = model.elbo(x, 2, seed=5, kl="sampled")
        eps = np.random.default_rng(5).standard_normal((2, 6, 3))
        log_px, log_pz, log_q = _by_hand(model, x, eps)
        expected = (log_px + log_pz - log_q).mean(axis=0)
        worst = max(worst, relative_error(np.array(loss), -expected.mean()), relative_error(bound.elbo, expected))
        worst = max(worst, relative_error(bound.reconstruction, log_px.mean(axis=0)))
    return worst


@claim(
    "the derivative of the loss by beta is the KL",
    op=VAE,
    equation="variational.6",
    level="meaning",
    method="losses at two values of beta against elbo's term",
    tolerance=1e-12,
)
def _beta(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng)
    with on_backend(subject.ops):
        model = fitted(subject, VAE, x)
        losses = [model.set_params(beta=beta).loss_and_gradients(x, seed=2)[0] for beta in (1.0, 3.0)]
        bound = model.elbo(x, 1, seed=2)
    slope = np.array((losses[1] - losses[0]) / 2)
    error = relative_error(np.array(losses[0]), np.array(-bound.elbo.mean()))
    return max(error, relative_error(slope, np.array(bound.kl.mean())))


@claim(
    "one draw's importance bound is the bound",
    op=VAE,
    equation="log_mean_exp.2",
    level="value",
    method="log_likelihood of one sample against elbo with the same noise",
    tolerance=1e-12,
)
def _one_draw(subject: Subject, rng: np.random.Generator) -> float:
    x, y = few_rows(rng)
    worst = 0.0
    with on_backend(subject.ops):
        for name in (VAE, IWAE, CVAE):
            model = fitted(subject, name, x, y)
            labels = (y,) if name == CVAE else ()
            one = model.log_likelihood(x, *labels, n_samples=1, seed=4).log_likelihood
            worst = max(worst, relative_error(one, model.elbo(x, *labels, n_samples=1, seed=4, kl="sampled").elbo))
    return worst


@claim(
    "ImportanceWeightedAutoencoder of one draw is the VariationalAutoencoder with sampled KL",
    op=IWAE,
    equation="importance_weighted.2",
    level="value",
    method="loss and gradients with the same parameters and noise",
    tolerance=1e-12,
)
def _iwae_of_one(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng)
    with on_backend(subject.ops):
        one, other = fitted(subject, IWAE, x, n_samples=1), fitted(subject, VAE, x, kl="sampled")
        other.parameters_.flat[:] = one.parameters_.flat
        (loss, gradients), (expected, others) = one.loss_and_gradients(x, seed=1), other.loss_and_gradients(x, seed=1)
    errors = [relative_error(gradients[name], others[name]) for name in others]
    return max(relative_error(np.array(loss), np.array(expected)), *errors)


@claim(
    "the ImportanceWeightedAutoencoder's loss is minus the true bound",
    op=IWAE,
    equation="importance_weighted.3",
    level="value",
    method="scipy.stats at the same draws",
    tolerance=1e-12,
)
def _iwae_loss(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.special import logsumexp

    x = rng.integers(0, 2, (6, 7)).astype(np.float64)
    with on_backend(subject.ops):
        model = fitted(subject, IWAE, x, n_samples=4)
        loss, _ = model.loss_and_gradients(x, seed=5)
        estimate = model.log_likelihood(x, 4, seed=5).log_likelihood
    log_px, log_pz, log_q = _by_hand(model, x, np.random.default_rng(5).standard_normal((4, 6, 3)))
    expected = logsumexp(log_px + log_pz - log_q, axis=0, b=0.25)
    return max(relative_error(np.array(loss), -expected.mean()), relative_error(estimate, expected))


@claim(
    "ConditionalVariationalAutoencoder tells encoder and decoder the class",
    op=CVAE,
    equation="conditional.1",
    level="value",
    method="scipy.stats at the same draws, classes appended to x and z",
    tolerance=1e-12,
)
def _conditional(subject: Subject, rng: np.random.Generator) -> float:
    x, y = rng.integers(0, 2, (6, 7)).astype(np.float64), np.arange(6) % 3
    with on_backend(subject.ops):
        model = fitted(subject, CVAE, x, y)
        bound = model.elbo(x, y, n_samples=2, seed=5, kl="sampled").elbo
    eps = np.random.default_rng(5).standard_normal((2, 6, 3))
    log_px, log_pz, log_q = _by_hand(model, x, eps, np.eye(3)[y])
    return relative_error(bound, (log_px + log_pz - log_q).mean(axis=0))


@claim(
    "reconstruct decodes the mean, elbo decodes draws",
    op=VAE,
    equation="variational.2",
    level="meaning",
    method="decoder at mu, and seeds compared",
    tolerance=1e-12,
)
def _mean_and_draws(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = few_rows(rng)
    with on_backend(subject.ops):
        model = fitted(subject, VAE, x)
        mu, _ = model.posterior(x)
        error = relative_error(model.reconstruct(x), model.decode(mu))
        one, same, other = (model.elbo(x, 1, seed).reconstruction for seed in (0, 0, 1))
    drawn = np.array_equal(one, same) and not np.isclose(one, other, rtol=1e-6).any()
    return error if drawn else np.inf


REPEATED: list[tuple[str, tuple[dict[str, Any], ...]]] = [
    (VAE, ({"free_bits": 0.05}, {})),
    (IWAE, ({},)),
    (CVAE, ({},)),
]


def _register_repeated() -> None:
    for name, settings in REPEATED:

        @claim(
            f"repeating every row changes nothing in {name}",
            op=name,
            equation="variational.6" if name == VAE else "",
            level="meaning",
            method="loss and gradients, noise repeated too",
            tolerance=1e-12,
        )
        def measure(subject: Subject, rng: np.random.Generator, name: str = name, settings: Any = settings) -> float:
            (x, y), worst = few_rows(rng), 0.0
            with on_backend(subject.ops):
                for options in settings:
                    model, eps = fitted(subject, name, x, y, n_samples=2, **options), rng.standard_normal((2, 8, 3))
                    one, gradient = model.objective(model.parameters_, x, y, (eps, None))
                    twice, repeated = model.objective(
                        model.parameters_, np.tile(x, (2, 1)), np.tile(y, 2), (np.tile(eps, (1, 2, 1)), None)
                    )
                    if not gradient.flat.any():
                        return np.inf
                    errors = (
                        relative_error(np.array(twice), np.array(one)),
                        relative_error(repeated.flat, gradient.flat),
                    )
                    worst = max(worst, *errors)
            return worst


_register_repeated()


@claim(
    "a variational autoencoder learns ten examples",
    op=VAE,
    level="meaning",
    method="bound after training, as a share of that before",
    tolerance=0.5,
)
def _overfit(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.integers(0, 2, (10, 16)).astype(np.float64)
    options = {"hidden_sizes": (30,), "latent_dim": 6, "batch_size": 10, "epochs": 1000, "learning_rate": 1e-2}
    with on_backend(subject.ops):
        model = trained(getattr(subject.models, VAE)(**{**COMMON, **options}), x)
        return float(-model.elbo(x, 20).elbo.mean() / (16 * np.log(2)))
