"""The conditional variational autoencoder: encoder and decoder receive the class, so that z can represent everything else.

Derivation: docs/derivations/conditional.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sized
from typing import Any, NoReturn, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models import bounds
from scratchae.models.availability import weights_on_request
from scratchae.models.binarization import for_evaluation
from scratchae.models.blocks import in_blocks
from scratchae.models.continuing import check_continued, check_same_classes, continues
from scratchae.models.feature_names import compare_validation_names, names_of
from scratchae.models.fitting import Data, fit
from scratchae.models.generation import path_between, two_ends
from scratchae.models.labels import (
    as_labels,
    check_labels,
    described,
    from_description,
    held_out_labels,
    indices_of,
    pair_of,
)
from scratchae.models.latent_statistics import LatentStatistics, statistics_of
from scratchae.models.validation import ValidationData, check_whole
from scratchae.models.variational import VariationalAutoencoder, concatenate_condition
from scratchae.models.weights import check_weights, weighted_mean
from scratchae.nets.network import Array
from scratchae.training import Callbacks

C = TypeVar("C", bound="ConditionalVariationalAutoencoder")


class ConditionalVariationalAutoencoder(VariationalAutoencoder):
    """A variational autoencoder of p(x|y): it is trained on rows with classes, and can generate new rows of a given class.

    The encoder receives x and the one-hot encoding of the class y, the decoder z and the same encoding.

    Parameters
    ----------
    hidden_sizes, latent_dim, beta, warm_up, free_bits, kl, activation, likelihood, variance, n_samples, binarize
        As in `VariationalAutoencoder`.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `VariationalAutoencoder`.

    Attributes
    ----------
    classes_ : array, shape (C,)
        The classes, sorted.
    parameters_, noise_variance_, history_, n_features_in_, trained_by_
        As in `VariationalAutoencoder`.

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

    needs_labels = True

    @weights_on_request
    def fit(
        self: C,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[C] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> C:
        """Train on the rows of X and their classes y.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Used without a copy under the conditions of `Autoencoder.fit`.
        y : array_like, shape (N,)
            Labels of any type: numbers, strings, Booleans.
        sample_weight : array_like, shape (N,), optional
            As in `Autoencoder.fit`.
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
            If an option, the data or the labels are invalid; the model is then unchanged.
        DivergenceError
            If the loss is no longer finite.
        """
        continued = continues(self)
        self._check_options()
        unit_interval = self.likelihood == "bernoulli"
        x = self._checked(X, None, unit_interval=unit_interval)
        classes, indices = check_labels(as_labels(y, len(x)), None)
        self._check_data(Data(x))
        data, validation = self._prepared(Data(x, indices)), None
        if validation_data is not None:
            rows, labels = pair_of(validation_data)
            held_out = self._checked(rows, x.shape[1], "validation_data[0]", unit_interval=unit_interval)
            compare_validation_names(X, rows)
            validation = self._prepared(Data(held_out, held_out_labels(labels, len(held_out), classes)))
        weights = check_weights(sample_weight, len(x))
        if continued:
            check_continued(self, X, x.shape[1])
            check_same_classes(classes, self.classes_)
        fit(
            self, data, validation, names_of(X), weights=weights, continued=continued,
            callbacks=callbacks, checkpoint=checkpoint, resume=resume, learned={"classes_": classes},
        )  # fmt: skip
        self._after_training(data)
        return self

    def partial_fit(  # type: ignore[override]
        self: C,
        X: ArrayLike,
        y: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> C:
        """Make one pass over the rows of X and their classes y, continuing from earlier calls, or from `fit`.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
        classes : array_like, shape (C,), optional
            All labels that any call will have; by default, those of the first call.
        sample_weight : array_like, shape (N,), optional

        Returns
        -------
        self
        """
        continued = self.__sklearn_is_fitted__()
        self._check_options()
        x = self._checked(X, None, unit_interval=self.likelihood == "bernoulli")
        if continued:
            check_continued(self, X, x.shape[1])
        labels = as_labels(y, len(x))
        if classes is not None:
            given, _ = check_labels(as_labels(classes, np.size(classes), "classes"), None)
            if continued:
                check_same_classes(given, self.classes_, "classes")
        else:
            given = self.classes_ if continued else check_labels(labels, None)[0]
        data, weights = self._prepared(Data(x, indices_of(labels, given))), check_weights(sample_weight, len(x))
        fit(
            self, data, None, names_of(X),
            weights=weights, continued=continued, epochs=1, learned={"classes_": given},
        )  # fmt: skip
        return self

    def _learned(self) -> dict[str, Any]:
        return described(self.classes_)

    def _restored(self, learned: Mapping[str, Any]) -> dict[str, Any]:
        return {"classes_": from_description(learned)}

    def _labelled(self, X: ArrayLike, y: ArrayLike | None, seed: int | None = None) -> tuple[Array, Array]:
        """Return checked rows and classes; with a seed, the rows as used in evaluation."""
        x, labels = self._labelled_greys(X, y, unit_interval=seed is not None)
        return x if seed is None else for_evaluation(x, self.binarize, seed), labels

    def _labelled_greys(self, X: ArrayLike, y: ArrayLike | None, *, unit_interval: bool = True) -> tuple[Array, Array]:
        """Return checked rows and classes, without binarisation."""
        x = self._known(X, unit_interval=unit_interval and self.likelihood == "bernoulli")
        return x, indices_of(as_labels(y, len(x)), self.classes_)

    def _of_class(self, y: ArrayLike | None, n: int) -> Array:
        """Return the class of each of n new rows, from one label for all or one label per row."""
        self._check_fitted()
        if y is None:
            raise ValueError("This model needs a class to decode; give y, one label for all new rows or one per row.")
        labels: ArrayLike = np.full(n, y) if np.ndim(y) == 0 else y
        count = len(cast("Sized", labels))
        if count != n:
            raise ValueError(f"y has {count} labels for {n} new rows; give one label for all of them, or one per row.")
        return indices_of(as_labels(labels, n), self.classes_)

    # Use of a fitted model, with classes.

    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0
    ) -> tuple[float, dict[str, Array]]:
        """Compute the objective on X and y, as in `VariationalAutoencoder`."""
        x, labels = self._labelled(X, y, seed)
        noise = self.draw_noise(np.random.default_rng(seed), x.shape)
        loss, gradients = self.objective(self._parameters, x, labels, noise)
        return loss, dict(gradients)

    def posterior(self, X: ArrayLike, y: ArrayLike | None = None) -> tuple[Array, Array]:
        """Compute the moments mu and logvar of q(z|x, y), each of shape (N, J)."""
        x, labels = self._labelled(X, y)
        return self._moments_of(self._parameters, x, labels)

    def encode(self, X: ArrayLike, y: ArrayLike | None = None) -> Array:
        """Compute the means of q(z|x, y), shape (N, J)."""
        x, labels = self._labelled(X, y)

        def block(rows: Array, labels: Array) -> Array:
            return self._moments_of(self._parameters, rows, labels)[0]

        return in_blocks(block, x, labels, at_once=self._at_once(x.shape[1]))

    def decode(self, Z: ArrayLike, y: ArrayLike | None = None) -> Array:
        """Compute the means of p(x|z, y), shape (N, D); y is one label for all rows of Z, or one per row."""
        self._check_fitted()
        z = self._checked(Z, int(self.latent_dim), "Z")
        labels = self._of_class(y, len(z))
        return in_blocks(self._means, z, labels, at_once=self._at_once(self.n_features_in_))

    def _means(self, codes: Array, *labels: Array) -> Array:
        return super()._means(concatenate_condition(codes, self._condition(labels[0], codes.dtype)))

    def reconstruct(self, X: ArrayLike, y: ArrayLike | None = None) -> Array:
        """Compute decode(encode(X, y), y), shape (N, D)."""
        x, labels = self._labelled(X, y)

        def block(rows: Array, labels: Array) -> Array:
            return self._means(self._moments_of(self._parameters, rows, labels)[0], labels)

        return in_blocks(block, x, labels, at_once=self._at_once(x.shape[1]))

    def latent_statistics(self, X: ArrayLike, y: ArrayLike | None = None) -> LatentStatistics:
        """Compute the latent statistics as in `VariationalAutoencoder`, with the classes."""
        return statistics_of(*self.posterior(X, y))

    def elbo(  # type: ignore[override]
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        n_samples: int | None = None,
        seed: int = 0,
        *,
        kl: str = "analytic",
    ) -> bounds.Elbo:
        """Compute the bound on log p(x|y) of each row and its two terms, as in `VariationalAutoencoder`."""
        return self._elbo(*self._labelled(X, y, seed), n_samples, seed, kl)

    def log_likelihood(  # type: ignore[override]
        self, X: ArrayLike, y: ArrayLike | None = None, n_samples: int = 1000, seed: int = 0
    ) -> bounds.LogLikelihood:
        """Estimate log p(x|y) of each row by importance sampling, as in `VariationalAutoencoder`."""
        x, labels = self._labelled(X, y, seed)
        return bounds.log_likelihood(self, x, labels, check_whole("n_samples", n_samples, 1), seed)

    def score(self, X: ArrayLike, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None) -> float:
        """Compute the mean bound on log p(x|y), in nats, weighted by `sample_weight`; higher is better.

        The noise of a row depends on the row alone, and not on its class.
        """
        x, labels = self._labelled_greys(X, y)
        return weighted_mean(bounds.scores(self, x, labels), sample_weight)

    def sample(  # type: ignore[override]
        self, n: int, y: ArrayLike | None = None, seed: int = 0, noise: bool | None = None
    ) -> Array:
        """Generate examples of given classes.

        Parameters
        ----------
        n : int
        y : label, or array_like of shape (n,)
            One class for all examples, or one per example.
        seed, noise
            As in `VariationalAutoencoder`.

        Returns
        -------
        x : array, shape (n, D)
            Rows like those of these classes, or means of p(x|z, y).
        """
        noise = self._checked_noise(noise)
        means = self.decode(self._prior(n, seed), y)
        return self._draws_of_x(means, seed) if noise else means

    def interpolate(
        self, a: ArrayLike, b: ArrayLike, n: int = 10, *, y: ArrayLike | None = None, method: str = "linear"
    ) -> Array:
        """Decode a path between two examples of one class y, as in `VariationalAutoencoder`; shape (n, D)."""
        self._of_class(y, n)
        ends = self.encode(two_ends(a, b), np.array([y, y]))
        return self.decode(path_between(ends[0], ends[1], n, method), y)

    def latent_grid(self, n: int = 20, dimensions: tuple[int, int] = (0, 1), *, y: ArrayLike | None = None) -> Array:
        """Decode examples of one class y on a grid over two latent dimensions, as in `VariationalAutoencoder`; shape (n * n, D)."""
        return self.decode(self._grid(n, dimensions), y)

    # Not available: scikit-learn calls these methods without the classes.

    @property
    def transform(self) -> NoReturn:  # type: ignore[override]
        """Not available: `encode`, `decode` and `elbo` also need the classes."""
        raise AttributeError(
            f"{type(self).__name__} has no transform and no score_samples, as they take no classes; "
            "use encode(X, y), decode(Z, y) and elbo(X, y)."
        )

    inverse_transform = fit_transform = score_samples = transform  # type: ignore[assignment]
    get_feature_names_out = set_output = transform  # type: ignore[assignment]
