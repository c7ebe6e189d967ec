"""Print the results of a trained variational model: the bound and its terms, log p(x), and the active dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchae.cli.report import Part, judged_on, report_error, report_training
from scratchae.console.table import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from scratchae.cli.inputs import LoadedData
    from scratchae.models import VariationalAutoencoder
    from scratchae.models.bounds import LogLikelihood
    from scratchae.nets.network import Array

ROWS, DRAWS = 500, 500  # for importance sampling: takes a few seconds on MNIST
GREY = 1e-3  # nats per row above which the values are not treated as binary


def report_variational(model: VariationalAutoencoder, data: LoadedData, train: Array, labels: Array | None) -> None:
    """Print the results in nats per row, and the squared error beside PCA of the same size."""
    row = data.words[0]
    part = judged_on(data, train, labels, labelled=hasattr(model, "classes_"))
    report_training(model, "nats", row, len(train))
    _report_bound(model, part, row)
    _report_floor(model, part, row)
    _report_likelihood(model, part, row)
    _report_code(model, part)
    report_error(model, part, train, data.words)


def density_of(model: object) -> str:
    """The log-density that the model estimates, as text."""
    return "log p(x|y)" if hasattr(model, "classes_") else "log p(x)"


def _report_bound(model: VariationalAutoencoder, part: Part, row: str) -> None:
    from scratchae.baselines import with_labels

    elbo, reconstruction, kl = (float(term.mean()) for term in model.elbo(*with_labels(model, part.x, part.y)))
    terms = f"reconstruction {reconstruction:.2f} - KL {kl:.2f}"
    say(f"{part.name:<9} bound on {density_of(model)} {elbo:.2f} nats per {row} = {terms}")
    if type(model).__name__ == "ImportanceWeightedAutoencoder" and model.n_samples > 1:
        say(f"{part.name:<9} bound with {model.n_samples} draws, the training objective, {model.score(part.x):.2f}")


def _report_floor(model: VariationalAutoencoder, part: Part, row: str) -> None:
    """Print the minimum of the Bernoulli loss on grey pixels, where the loss is a cross-entropy, not a likelihood."""
    from scratchae.baselines import cross_entropy_floor

    if model.likelihood != "bernoulli" or model.binarize != "none":
        return
    floor = cross_entropy_floor(part.x)
    if floor > GREY:
        say(
            f"minimum   the entropy of the grey values is {floor:.2f} nats per {row}: the loss is a cross-entropy; use --binarize for a likelihood"
        )


def _report_likelihood(model: VariationalAutoencoder, part: Part, row: str) -> None:
    """Print the log-likelihood, estimated by importance sampling on evenly spaced rows."""
    import numpy as np

    from scratchae.baselines import with_labels

    some = np.linspace(0, len(part.x) - 1, min(ROWS, len(part.x))).round().astype(int)
    rows = with_labels(model, part.x[some], None if part.y is None else np.asarray(part.y)[some])
    value, error = log_likelihood(model, rows, DRAWS)
    above = value - float(model.elbo(*rows).elbo.mean())
    say(
        f"{part.name:<9} {density_of(model)} {value:.2f} nats per {row}, standard error {error:.2g}: importance sampling, "
        f"{DRAWS} draws for each of {len(some):,} {row}s; their bound is {above:.2f} lower"
    )


def log_likelihood(
    model: VariationalAutoencoder, rows: tuple[Any, ...], draws: int, seed: int = 0
) -> tuple[float, float]:
    """Mean log-likelihood by importance sampling, and its standard error over the draws, in nats."""
    import numpy as np

    measured: Callable[..., LogLikelihood] = model.log_likelihood  # a conditional model's also takes labels
    estimate = measured(*rows, n_samples=draws, seed=seed)
    error = np.sqrt((estimate.standard_error**2).sum()) / len(estimate.standard_error)
    return float(estimate.log_likelihood.mean()), float(error)


def _report_code(model: VariationalAutoencoder, part: Part) -> None:
    from scratchae.baselines import with_labels
    from scratchae.models.latent_statistics import ACTIVE_FROM

    active = model.latent_statistics(*with_labels(model, part.x, part.y)).active
    say(
        f"code      {int(active.sum())} of {len(active)} dimensions active: the variance of their mean is above {ACTIVE_FROM:g}"
    )
