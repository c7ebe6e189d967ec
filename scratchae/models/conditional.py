"""The conditional variational autoencoder: encoder and decoder are told the class, so that z is free for all the rest.

Derivation: docs/derivations/conditional.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from scratchae.models.binarization import for_evaluation
from scratchae.models.bounds import Elbo, LogLikelihood
from scratchae.models.classes import Classes
from scratchae.models.feature_names import names_of
from scratchae.models.generation import path_between
from scratchae.models.labels import as_labels, check_labels, indices_of
from scratchae.models.latent import joined
from scratchae.models.posterior import LatentStatistics, statistics_of
from scratchae.models.problem import Data
from scratchae.models.validation import check_whole
from scratchae.models.variational import VariationalAutoencoder
from scratchae.nets.parameters import Array

C = TypeVar("C", bound="ConditionalVariationalAutoencoder")


class ConditionalVariationalAutoencoder(Classes, VariationalAutoencoder):
    """A variational autoencoder of p(x|y): each row comes with its class, and new rows can be drawn of a given class.

    The class y is given to the encoder beside x, and to the decoder beside z, as a row of zeros with a one at its place.

    Parameters
    ----------
    **options
        Those of `VariationalAutoencoder`.

    Attributes
    ----------
    classes_ : array, shape (C,)
        The classes, sorted.
    parameters_, history_, n_features_in_
        As of `VariationalAutoencoder`.

    References
    ----------
    Sohn, K., Lee, H., Yan, X. (2015). Learning structured output representation using deep conditional generative models. NeurIPS.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.ConditionalVariationalAutoencoder(latent_dim=2, epochs=3, random_state=0).fit(data.x_train, data.y_train)
    >>> model.sample(5, y=7, seed=0).shape
    (5, 64)
    """

    def fit(
        self: C,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> C:
        """Train on the rows of X and their classes y.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
            Labels of any type: numbers, strings, truth values.
        validation_data : (array_like, array_like), optional
            Rows and labels.
        callbacks, checkpoint, resume
            As in `Autoencoder.fit`.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option, the data or the labels cannot be used; nothing has been changed then.
        DivergenceError
            If the loss is no longer finite.
        """
        self._check_options()
        unit_interval = self.likelihood == "bernoulli"
        x = self._checked(X, None, unit_interval=unit_interval)
        classes, indices = check_labels(as_labels(y, len(x)), None)
        data, validation = self._prepared(Data(x, indices)), None
        if validation_data is not None:
            held_out = self._held_out(validation_data, x.shape[1], classes, unit_interval=unit_interval)
            validation = self._prepared(held_out)
        with self._counting(classes):
            self._train(data, validation, names_of(X), callbacks, checkpoint, resume, {"classes_": classes})
        self._after_training(data)
        return self

    def _condition_size(self) -> int:
        return self._classes_count

    def _condition(self, y: Array | None, dtype: Any) -> Array:
        assert y is not None
        return np.eye(self._classes_count, dtype=dtype)[y]  # (conditional.1)

    def _labelled(self, X: Any, y: Any, seed: int | None = None) -> tuple[Array, Array]:
        """Rows and classes as the model reads them; with a seed, as it is evaluated on them."""
        x = self._known(X, unit_interval=seed is not None and self.likelihood == "bernoulli")
        labels = indices_of(as_labels(y, len(x)), self.classes_)
        return x if seed is None else for_evaluation(x, self.binarize, seed), labels

    def _of_class(self, y: Any, n: int) -> Array:
        """The class of each of n new rows, given one label for all or one for each."""
        self._check_fitted()
        if y is None:
            raise ValueError("This model decodes for a class; give y, the class of all new rows, or one for each.")
        labels = np.full(n, y) if np.ndim(y) == 0 else y
        if len(labels) != n:
            raise ValueError(f"y has {len(labels)} labels for {n} new rows; give one for all of them, or one for each.")
        return indices_of(as_labels(labels, n), self.classes_)

    # What a fitted model does, each with the classes.

    def loss_and_gradients(self, X: Any, y: Any = None, seed: int = 0) -> tuple[float, dict[str, Array]]:
        """The objective on X and y, as in `VariationalAutoencoder`."""
        x, labels = self._labelled(X, y, seed)
        noise = self._draw_noise(np.random.default_rng(seed), x.shape)
        loss, gradients = self._loss_and_gradient(self._parameters, x, labels, noise)
        return loss, dict(gradients)

    def posterior(self, X: Any, y: Any = None) -> tuple[Array, Array]:
        """The moments mu and logvar of q(z|x, y), each of shape (N, J)."""
        x, labels = self._labelled(X, y)
        return self._moments_of(self._parameters, x, labels)

    def encode(self, X: Any, y: Any = None) -> Array:
        """The means of q(z|x, y), shape (N, J)."""
        return self.posterior(X, y)[0]

    def decode(self, Z: Any, y: Any = None) -> Array:
        """The means of p(x|z, y), shape (N, D); y is one label for all rows of Z, or one for each."""
        self._check_fitted()
        z = self._checked(Z, int(self.latent_dim), "Z")
        labels, decoder = self._of_class(y, len(z)), self._decoder(self.n_features_in_)

        def block(rows: Array, labels: Array) -> Array:
            inputs = joined(rows, self._condition(labels, rows.dtype))
            return self._likelihood().mean(decoder.forward(self._parameters, inputs)[-1])

        return self._in_blocks(block, z, labels)

    def reconstruct(self, X: Any, y: Any = None) -> Array:
        """decode(encode(X, y), y), shape (N, D)."""
        return self.decode(self.encode(X, y), y)

    def latent_statistics(self, X: Any, y: Any = None) -> LatentStatistics:
        """As in `VariationalAutoencoder`, with the classes."""
        return statistics_of(*self.posterior(X, y))

    def elbo(  # type: ignore[override]
        self, X: Any, y: Any = None, n_samples: int | None = None, seed: int = 0, *, kl: str = "analytic"
    ) -> Elbo:
        """The bound on log p(x|y) of each row and its two terms, as in `VariationalAutoencoder`."""
        return self._elbo(*self._labelled(X, y, seed), n_samples, seed, kl)

    def log_likelihood(  # type: ignore[override]
        self, X: Any, y: Any = None, n_samples: int = 1000, seed: int = 0
    ) -> LogLikelihood:
        """log p(x|y) of each row by importance sampling, as in `VariationalAutoencoder`."""
        return self._log_likelihood(*self._labelled(X, y, seed), n_samples, seed)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `elbo`, in nats; higher is better."""
        return float(self.elbo(X, y).elbo.mean())

    def sample(self, n: int, y: Any = None, seed: int = 0) -> Array:  # type: ignore[override]
        """New examples of given classes.

        Parameters
        ----------
        n : int
        y : label, or array_like of shape (n,)
            One class for all, or one for each.
        seed : int

        Returns
        -------
        x : array, shape (n, D)
            The means of p(x|z, y).
        """
        check_whole("n", n, 1)
        self._check_fitted()
        return self.decode(self._prior(n, seed), y)

    def interpolate(self, a: Any, b: Any, n: int = 10, *, y: Any = None, method: str = "linear") -> Array:
        """A path between two examples of one class y, as in `VariationalAutoencoder`; shape (n, D)."""
        ends = self.encode(np.stack([np.asarray(a).reshape(-1), np.asarray(b).reshape(-1)]), [y, y])
        return self.decode(path_between(ends[0], ends[1], n, method), y)

    def latent_grid(self, n: int = 20, dimensions: tuple[int, int] = (0, 1), *, y: Any = None) -> Array:
        """The examples of one class y on a grid over two latent dimensions, as in `VariationalAutoencoder`; shape (n * n, D)."""
        return self.decode(self._grid(n, dimensions), y)

    # Not without the classes, as scikit-learn calls them.

    @property
    def transform(self) -> Any:  # type: ignore[override]
        """There is none: `encode`, `decode` and `elbo` need the classes too."""
        raise AttributeError(
            f"{type(self).__name__} has no transform and no score_samples, which know no classes; "
            "use encode(X, y), decode(Z, y) and elbo(X, y)."
        )

    inverse_transform = fit_transform = score_samples = transform  # type: ignore[assignment]
