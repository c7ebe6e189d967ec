"""The claims about reported numbers fail when the number is another one: each method replaced, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from scratchae import plots
from scratchae.models.bounds import Elbo, LogLikelihood
from scratchae.verify import CLAIMS, Subject, generated, reported, reported_bounds, run_claim

VAE, IWAE, CVAE = reported_bounds.VAE, reported_bounds.IWAE, reported_bounds.CVAE


def times(factor: float) -> Callable[[Any], Any]:
    return lambda found: found * factor


def shifted(found: np.ndarray) -> np.ndarray:
    return np.roll(found, 1, axis=0)


def larger_error(found: LogLikelihood) -> LogLikelihood:
    return LogLikelihood(found.log_likelihood, 1.25 * found.standard_error)


def smaller_error(found: LogLikelihood) -> LogLikelihood:
    return LogLikelihood(found.log_likelihood, 0.8 * found.standard_error)


def without_divergence(found: Elbo) -> Elbo:
    return Elbo(found.reconstruction, found.reconstruction, found.kl)


SCORES = "Autoencoder scores a row by minus its loss: bernoulli"
CODES = "Autoencoder encodes, decodes and reconstructs as its parameters say: bernoulli"
PATHS = "interpolate decodes a straight line, or an arc, between two means"
CLASSES = "a conditional model decodes, samples and walks within the class that it is given"
COVERS = "log_likelihood's standard error covers"
LIKELIHOOD = "log_likelihood is the log of the mean importance weight, its standard error that of the mean"
BOUND = "elbo is the mean of log p(x|z) over its draws minus the divergence"
ROWS = "score_samples is the bound of each row at noise of its own"
PROBABLE = "a classifier's codes and probabilities are those of its parameters, classes in order"
ACCURACY = "a classifier's score is the share of right answers, its validation error the share of wrong ones"
# What is replaced, by what is made of the genuine result, and the claim that must fail.
REPLACED: list[tuple[str, str, Callable[[Any], Any], str]] = [
    ("Autoencoder", "encode", times(0), CODES),
    ("Autoencoder", "encode", shifted, CODES),
    ("Autoencoder", "decode", times(1 + 1e-12), CODES),
    ("Autoencoder", "score_samples", times(-1), SCORES),
    ("Autoencoder", "score_samples", shifted, SCORES),
    ("Autoencoder", "score", times(1 + 1e-12), SCORES),
    (
        "ContractiveAutoencoder",
        "contraction_of",
        times(0.5),
        "contraction_of is the squared norm of the code's Jacobian at each row",
    ),
    ("DenoisingAutoencoder", "corrupt", shifted, "corrupt gives the corruption of its seed"),
    ("StackedClassifier", "predict_proba", lambda p: p[:, ::-1], PROBABLE),
    ("StackedClassifier", "predict", shifted, PROBABLE),
    ("StackedClassifier", "score", lambda share: 1 - share, ACCURACY),
    (
        VAE,
        "posterior",
        lambda moments: moments[::-1],
        "posterior gives the moments of the encoder, and encode the means",
    ),
    (VAE, "elbo", without_divergence, BOUND),
    (VAE, "log_likelihood", larger_error, LIKELIHOOD),
    (VAE, "log_likelihood", larger_error, COVERS),
    (VAE, "log_likelihood", smaller_error, COVERS),
    (IWAE, "score_samples", shifted, ROWS),
    (IWAE, "score_samples", lambda scores: scores - np.log(4), ROWS),
    (
        CVAE,
        "score",
        times(1 + 1e-12),
        "a ConditionalVariationalAutoencoder's score is the mean bound of the rows and their classes",
    ),
    (VAE, "sample", shifted, "sample decodes draws of the prior by its seed"),
    (VAE, "interpolate", lambda path: path[::-1], PATHS),
    (
        VAE,
        "latent_grid",
        lambda grid: grid[::-1],
        "latent_grid steps evenly in probability: the first dimension to the right, the second upwards",
    ),
    (CVAE, "decode", times(0.99), CLASSES),
]


@pytest.mark.parametrize(
    ("model", "method", "change", "claim"), REPLACED, ids=lambda value: value if isinstance(value, str) else "changed"
)
def test_a_number_that_is_another_is_found(model: str, method: str, change: Callable[[Any], Any], claim: str) -> None:
    subject = Subject.genuine()
    genuine: Any = getattr(subject.models, model)
    assert run_claim(CLAIMS[claim], subject).passed

    def changed(self: Any, *args: Any, **options: Any) -> Any:
        return change(getattr(genuine, method)(self, *args, **options))

    broken = type(
        model, (genuine,), {method: changed, "__module__": genuine.__module__}
    )  # files are read as the genuine
    result = run_claim(CLAIMS[claim], subject.with_changed("models", model, broken))
    assert not result.passed and not result.trouble


@pytest.mark.parametrize("room", ["ops", "kernels"])
@pytest.mark.parametrize(
    ("op", "claim"),
    [
        ("gaussian_kl", BOUND),
        ("sampled_kl", BOUND),
        ("log_mean_exp", ROWS),
        ("bernoulli_nll", SCORES),
        ("sigmoid", CODES),
        ("softmax", PROBABLE),
    ],
)
def test_numbers_are_held_against_their_definition_on_both_backends(room: str, op: str, claim: str) -> None:
    subject = Subject.genuine()
    genuine = getattr(getattr(subject, room), op)
    broken = subject.with_changed(room, op, lambda *args: genuine(*args) * (1 + 1e-11))
    assert not run_claim(CLAIMS[claim], broken).passed


def test_the_claims_run_inference_in_blocks_of_which_the_last_is_not_full() -> None:
    assert any(rows > size and rows % size for rows, size in reported.sizes_of_blocks())
    assert reported.REAL > reported.blocks.BLOCK and reported.REAL % reported.blocks.BLOCK
    assert generated.REAL == reported.REAL


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_intervals_of_accuracies_are_students(level: float) -> None:
    values = np.random.default_rng(0).random((4, 5))
    half = plots.half_interval(values, level)
    for row, h in zip(values, half, strict=True):
        low, high = stats.t.interval(level, 4, loc=row.mean(), scale=stats.sem(row))
        assert h == pytest.approx((high - low) / 2, rel=1e-12)
