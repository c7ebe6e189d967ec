"""Study of unsupervised pre-training: pre-trained against random layers, for different numbers of labels.

All arms use the same network, trained on the same labels with the same number of updates. A third arm also starts from random layers, and
gets additional updates with the same cost, counted in multiplications, as the pre-training.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scratchae import files
from scratchae.errors import ConvergenceWarning, muted
from scratchae.models import StackedAutoencoder, StackedClassifier
from scratchae.nets.network import Array
from scratchae.training.state import digest

ARMS = ("pre-trained", "random, same updates", "random, same work")


@dataclass(frozen=True)
class Setting:
    """Settings shared by all runs of a study.

    Parameters
    ----------
    hidden_sizes : tuple of int
    activation : str
    corruption_level : float
        Corruption level of the denoising layers.
    pretrain_epochs : int
        Pre-training epochs per layer, on all training rows.
    updates : int
        Updates of the fine-tuning, for any number of labels.
    batch_size : int
    learning_rate : float
        Used in the pre-training and in the fine-tuning.
    """

    hidden_sizes: tuple[int, ...] = (200, 200)
    activation: str = "sigmoid"
    corruption_level: float = 0.3
    pretrain_epochs: int = 10
    updates: int = 4000
    batch_size: int = 100
    learning_rate: float = 1e-3


class PretrainingStudy:
    """Test accuracies of all arms, for each number of labels and each seed.

    Parameters
    ----------
    x, y : array, shapes (N, D) and (N,)
        Training rows and their labels; the pre-training uses all rows and no labels.
    x_test, y_test : array
    counts : sequence of int
        Numbers of labels.
    seeds : sequence of int
        Each seed draws its own labelled rows (the same for all arms) and its own initial weights.
    setting : Setting
    keep : path, optional
        File in which results are saved after every run; runs found in it are not repeated.

    Raises
    ------
    ValueError
        If a count is larger than N or smaller than the number of classes, or `keep` belongs to another study.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        x_test: Array,
        y_test: Array,
        counts: Sequence[int],
        seeds: Sequence[int] = range(5),
        setting: Setting | None = None,
        keep: str | os.PathLike[str] | None = None,
    ) -> None:
        self.x, self.y, self.x_test, self.y_test = (np.asarray(array) for array in (x, y, x_test, y_test))
        self.counts, self.seeds, self.setting, self.keep = list(counts), list(seeds), setting or Setting(), keep
        self.classes = len(np.unique(y))
        for count in self.counts:
            if not self.classes <= count <= len(x):
                raise ValueError(
                    f"{count} labels cannot be drawn from {len(x)} rows of {self.classes} classes; "
                    f"give numbers from {self.classes} to {len(x)}."
                )
        self.results: dict[str, float] = {}
        self._fingerprint = self._compute_fingerprint()
        if keep is not None and os.path.exists(keep):
            header, _ = files.read(keep, "study")
            if header["identity"] != self._fingerprint:
                raise ValueError(
                    f"{os.fspath(keep)!r} belongs to a study with other settings or data; give another file."
                )
            self.results = header["results"]

    def _compute_fingerprint(self) -> dict[str, Any]:
        """Return the fingerprint, settings and data digests, that a file of results must match; in files, its key is "identity"."""
        setting = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.setting).items()}
        arrays = (self.x, self.y, self.x_test, self.y_test)
        return {"setting": setting, "data": [digest(array) for array in arrays]}

    def run(self, progress: Callable[[str], None] = lambda text: None) -> None:
        """Make all missing runs, and save each result when it is finished."""
        for seed in self.seeds:
            missing = [(a, n) for n in self.counts for a in ARMS if _key(a, n, seed) not in self.results]
            stack = self._pretrained(seed, progress) if any(a == ARMS[0] for a, _ in missing) else None
            for arm, count in missing:
                rows = balanced_rows(self.y, count, np.random.default_rng([seed, count]))
                with muted(ConvergenceWarning):  # the number of updates is a setting of the study
                    model = self._model(arm, count, seed, stack).fit(self.x[rows], self.y[rows])
                self.results[_key(arm, count, seed)] = model.score(self.x_test, self.y_test)
                progress(f"seed {seed}, {count:,} labels, {arm}: {100 * self.results[_key(arm, count, seed)]:.2f} %")
                if self.keep is not None:
                    files.write(self.keep, "study", {"identity": self._fingerprint, "results": self.results}, {})

    def accuracies(self, arm: str) -> Array:
        """Return the test accuracies of an arm, shape (counts, seeds)."""
        return np.array([[self.results[_key(arm, count, seed)] for seed in self.seeds] for count in self.counts])

    def _pretrained(self, seed: int, progress: Callable[[str], None]) -> StackedAutoencoder:
        s = self.setting
        stack = StackedAutoencoder(
            hidden_sizes=s.hidden_sizes,
            activation=s.activation,
            corruption_level=s.corruption_level,
            pretrain_epochs=s.pretrain_epochs,
            batch_size=s.batch_size,
            learning_rate=s.learning_rate,
            random_state=seed,
        )
        with muted(ConvergenceWarning):
            stack.pretrain(self.x)
        progress(f"seed {seed}: pre-trained on {len(self.x):,} rows")
        return stack

    def _model(self, arm: str, count: int, seed: int, stack: StackedAutoencoder | None) -> StackedClassifier:
        s = self.setting
        updates = s.updates + (self.extra_updates() if arm == ARMS[2] else 0)
        steps = -(-count // s.batch_size)  # per epoch
        options: dict[str, Any] = {
            "epochs": -(-updates // steps),
            "batch_size": s.batch_size,
            "learning_rate": s.learning_rate,
            "random_state": seed,
        }
        if arm == ARMS[0] and stack is not None:
            return stack.to_classifier(self.classes, **options)
        return StackedClassifier(s.hidden_sizes, s.activation, self.classes, **options)

    def extra_updates(self) -> int:
        """Return the number of classifier updates that need as many multiplications as the pre-training of all layers."""
        sizes = [self.x.shape[1], *self.setting.hidden_sizes]
        layers = [a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True)]
        pretraining = self.setting.pretrain_epochs * len(self.x) * 2 * sum(layers)  # encoder and decoder
        update = min(self.setting.batch_size, len(self.x)) * (sum(layers) + sizes[-1] * self.classes)
        return round(pretraining / update)


def balanced_rows(y: Array, count: int, rng: np.random.Generator) -> Array:
    """Draw rows at random, with class counts as equal as possible.

    Parameters
    ----------
    y : array, shape (N,)
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    rows : array of int, shape (count,)
    """
    if count == len(y):
        return np.arange(count)
    queues: list[Iterator[np.intp]] = [iter(rng.permutation(np.flatnonzero(y == label))) for label in np.unique(y)]
    rows: list[int] = []
    while len(rows) < count:  # one row of each class in turn, as long as the class has rows left
        for queue in queues:
            row = next(queue, None)
            if row is not None and len(rows) < count:
                rows.append(int(row))
    return np.array(rows)


def _key(arm: str, count: int, seed: int) -> str:
    return f"{arm} / {count} / {seed}"
