"""The registry of models, one line each. The package's exports, the command line, README's table and scikit-learn's checks use it.

Each model is one file, `scratchae/models/<module>.py`, whose class is listed here. Only names are listed: a model is imported when it is
first used.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One model of the registry.

    Attributes
    ----------
    command : str
        Its name on the command line.
    module : str
        The name of the file in `scratchae/models`, whose docstring names the page in `docs/derivations`.
    name : str
        The class.
    purpose : str
        Short description of the objective.
    """

    command: str
    module: str
    name: str
    purpose: str


REGISTRY = (
    Entry("autoencoder", "autoencoder", "Autoencoder", "to reconstruct its input from a small code"),
    Entry(
        "denoising",
        "denoising",
        "DenoisingAutoencoder",
        "to reconstruct the clean input from a corrupted one: masking, salt and pepper, or Gaussian noise",
    ),
    Entry(
        "sparse", "sparse", "SparseAutoencoder", "a code whose units are rarely active (a KL penalty on their means)"
    ),
    Entry("k-sparse", "k_sparse", "KSparseAutoencoder", "a code of exactly k entries"),
    Entry(
        "contractive",
        "contractive",
        "ContractiveAutoencoder",
        "a code that is insensitive to small changes of the input",
    ),
    Entry(
        "wasserstein",
        "wasserstein",
        "WassersteinAutoencoder",
        "codes that are distributed as the prior (an MMD between both), without noise; `sample` decodes draws from it",
    ),
    Entry("stacked", "stacked", "StackedAutoencoder", "layer by layer (`pretrain`), then as a whole (`fine_tune`)"),
    Entry(
        "classifier",
        "classifier",
        "StackedClassifier",
        "classes: the layers of a stack (`stack.to_classifier()`) or random ones, and a softmax layer",
    ),
    Entry(
        "variational",
        "variational",
        "VariationalAutoencoder",
        "a bound on log p(x): the code is a distribution; β, warm-up, free bits; `elbo`, `log_likelihood`, `sample`, `interpolate`, `latent_grid`",
    ),
    Entry(
        "importance-weighted",
        "importance_weighted",
        "ImportanceWeightedAutoencoder",
        "a tighter bound, from k draws for each example",
    ),
    Entry(
        "conditional",
        "conditional",
        "ConditionalVariationalAutoencoder",
        "a bound on log p(x given y): `sample(n, y)` generates the requested class",
    ),
)
BY_COMMAND = {entry.command: entry for entry in REGISTRY}
BY_NAME = {entry.name: entry for entry in REGISTRY}
