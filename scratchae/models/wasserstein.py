"""The Wasserstein autoencoder: deterministic codes whose distribution is matched to the prior by a distance between samples.

Derivation: docs/derivations/wasserstein.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae.models.autoencoder import Autoencoder
from scratchae.models.blocks import in_blocks
from scratchae.models.fitting import Data
from scratchae.models.generation import grid_of_codes, path_between, prior_draws, two_ends
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.observation_noise import draws_of_x
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_flag, check_number, check_whole
from scratchae.nets import Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState, as_optimizer

PAIRS_AT_A_TIME = 4_000_000  # pairs of codes and draws whose kernel values are in memory at once


class WassersteinAutoencoder(Autoencoder):
    """A deterministic autoencoder whose codes follow a standard normal prior, so that draws from the prior decode to new examples.

    The loss is the reconstruction loss plus a multiple of the squared maximum mean discrepancy (MMD), with the inverse multiquadratic
    kernel, between the codes of the batch and an equal number of draws from the prior.

    Parameters
    ----------
    mmd_weight : float
        Weight of the squared MMD in the objective.
    kernel_scale : float, optional
        C of the kernel C / (C + squared distance); by default 2 `latent_dim`, the mean squared distance of two draws from the prior.
    hidden_sizes, latent_dim, activation, code_activation, likelihood, tied_weights, output_activation
        As in `Autoencoder`. The code is linear by default, since the prior is unbounded.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`. ("lbfgs" is not allowed, since it needs a deterministic objective.)

    Attributes
    ----------
    parameters_, history_, n_features_in_, trained_by_
        As in `Autoencoder`; the history also has the terms "reconstruction" and "mmd", and with validation data "val_reconstruction" and
        "val_mmd".

    Notes
    -----
    The MMD is estimated on the batch: the estimate is unbiased for any batch size, with less variance for larger batches. For validation it is
    that of all validation rows, whose codes are in memory, and its time grows with the square of their number.

    References
    ----------
    Tolstikhin, I., Bousquet, O., Gelly, S., Schölkopf, B. (2018). Wasserstein auto-encoders. ICLR.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.WassersteinAutoencoder(latent_dim=4, epochs=3, random_state=0).fit(data.x_train)
    >>> model.sample(5, seed=0).shape
    (5, 64)
    """

    has_prior = True
    _rows_are_coupled = True
    _has_noise = True

    def __init__(
        self,
        mmd_weight: float = 10.0,
        kernel_scale: float | None = None,
        hidden_sizes: Sequence[int] = (400,),
        latent_dim: int = 8,
        *,
        activation: str = "relu",
        code_activation: str | None = "identity",
        likelihood: str = "bernoulli",
        tied_weights: bool = False,
        output_activation: str = "identity",
        optimizer: str | Optimizer = "adam",
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
        weight_decay: float = 0.0,
        batch_size: int | str = "auto",
        epochs: int | str = "auto",
        random_state: RandomState = None,
        dtype: DTypeLike = "float32",
        verbose: int = 0,
        warm_start: bool = False,
    ) -> None:
        super().__init__(
            hidden_sizes=hidden_sizes,
            latent_dim=latent_dim,
            activation=activation,
            code_activation=code_activation,
            likelihood=likelihood,
            tied_weights=tied_weights,
            output_activation=output_activation,
            optimizer=optimizer,
            learning_rate=learning_rate,
            learning_rate_decay=learning_rate_decay,
            weight_decay=weight_decay,
            batch_size=batch_size,
            epochs=epochs,
            random_state=random_state,
            dtype=dtype,
            verbose=verbose,
            warm_start=warm_start,
        )
        self.mmd_weight = mmd_weight
        self.kernel_scale = kernel_scale

    def _check_options(self) -> None:
        super()._check_options()
        check_number("mmd_weight", self.mmd_weight, 0)
        if self.kernel_scale is not None:
            check_number("kernel_scale", self.kernel_scale, 0, open_end=True)
        if as_optimizer(self.optimizer).name == "lbfgs":
            raise ValueError(
                'optimizer="lbfgs" needs a deterministic objective, but the draws from the prior are random; use "adam".'
            )

    def _scale(self) -> float:
        return 2.0 * int(self.latent_dim) if self.kernel_scale is None else float(self.kernel_scale)

    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        """Draw a code from the prior for each row of the batch, shape (N, J)."""
        return rng.standard_normal((shape[0], int(self.latent_dim))).astype(self.dtype)

    def _noise_per_row(self, features: int) -> int:
        return int(self.latent_dim)

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: Array | None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient, in the order of the derivation."""
        assert noise is not None  # it is drawn by `draw_noise`
        encoder, decoder = self.networks(x.shape[1])
        likelihood, gradients = LIKELIHOODS[self.likelihood], parameters.like()
        weight, scale = float(self.mmd_weight), self._scale()

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        mmd = float(squared_mmd(h[-1], noise, scale))  # (wasserstein.3)
        reconstruction, decay = float(losses.mean(dtype=np.float64)), weight_decay(parameters, self.weight_decay)
        loss = reconstruction + weight * mmd  # (wasserstein.4)
        record(terms, decay, reconstruction=reconstruction, mmd=mmd)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        dh = dh + squared_mmd_backward(weight, h[-1], noise, scale)  # (wasserstein.6)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss + decay, gradients

    def metrics(self, parameters: Parameters, data: Data, noise: Array) -> dict[str, float]:
        """Compute the objective and its two terms on validation data."""
        at_once = self._at_once(data.x.shape[1])
        codes = in_blocks(lambda rows: self._code(parameters, rows), data.x, at_once=at_once)
        reconstruction = float(self._losses(parameters, data.x, data.x).mean(dtype=np.float64))
        mmd = float(squared_mmd(codes, noise, self._scale()))
        loss = reconstruction + float(self.mmd_weight) * mmd + weight_decay(parameters, self.weight_decay)
        return {"loss": loss, "reconstruction": reconstruction, "mmd": mmd}

    def sample(self, n: int, seed: int = 0, noise: bool | None = None) -> Array:
        """Generate examples by decoding codes drawn from the prior.

        Parameters
        ----------
        n : int
        seed : int
            Seed of the draws: the same seed gives the same examples, and the same codes with and without noise.
        noise : bool, optional
            Whether to draw binary pixels by their probabilities; False by default. With "gaussian" there is no observation noise: the model
            generates the decoder's output itself, and its squared error has no variance to draw with.

        Returns
        -------
        x : array, shape (n, D)
            Decoded codes: for "bernoulli", the probabilities that pixels are white, or binary pixels.

        Raises
        ------
        ValueError
            If noise is asked of a model with likelihood="gaussian".
        """
        check_whole("n", n, 1)
        self._check_fitted()
        if noise is not None:
            check_flag("noise", noise)
        if noise and self.likelihood == "gaussian":
            raise ValueError(
                f'noise=True needs a variance, and a {type(self).__name__} with likelihood="gaussian" has none; leave noise out, or use a '
                "VariationalAutoencoder."
            )
        means = self.decode(prior_draws(n, int(self.latent_dim), seed, self._dtype()))
        return draws_of_x(means, None, seed) if noise else means

    def interpolate(self, a: ArrayLike, b: ArrayLike, n: int = 10, *, method: str = "linear") -> Array:
        """A path from one example to another through the code, decoded, as in `VariationalAutoencoder`; shape (n, D)."""
        ends = self.encode(two_ends(a, b))
        return self.decode(path_between(ends[0], ends[1], n, method))

    def latent_grid(self, n: int = 20, dimensions: tuple[int, int] = (0, 1)) -> Array:
        """The examples on a grid over two dimensions of the code, as in `VariationalAutoencoder`; shape (n * n, D)."""
        check_whole("n", n, 1)
        self._check_fitted()
        return self.decode(grid_of_codes(n, int(self.latent_dim), dimensions, self._dtype()))


def squared_mmd(h: Array, z: Array, scale: float) -> np.inexact:
    """Unbiased estimate of the squared maximum mean discrepancy between codes and draws from the prior (wasserstein.3).

    Parameters
    ----------
    h, z : array, shape (N, J)
    scale : float
        C of the kernel.

    Returns
    -------
    mmd : number
        Expected value 0 if both have the same distribution; a single estimate may be negative.

    References
    ----------
    Gretton, A. et al. (2012). A kernel two-sample test. Journal of Machine Learning Research 13. Eq. 3.
    """
    N, pairs = len(h), max(len(h) * (len(h) - 1), 1)  # a single row has no pairs
    among = (_kernel_sum(h, h, scale) - N) / pairs + (_kernel_sum(z, z, scale) - N) / pairs  # k(a, a) is 1
    return among - 2 * _kernel_sum(h, z, scale) / N**2  # (wasserstein.3)


def squared_mmd_backward(dmmd: float, h: Array, z: Array, scale: float) -> Array:
    """Gradient of `squared_mmd` with respect to h, shape (N, J) (wasserstein.5).

    Parameters
    ----------
    dmmd : float
        Upstream gradient.
    h, z, scale
        As in `squared_mmd`.
    """
    N, pairs = len(h), max(len(h) * (len(h) - 1), 1)
    slopes = 2 / pairs * _kernel_slopes(h, h, scale) - 2 / N**2 * _kernel_slopes(h, z, scale)
    return (dmmd * slopes).astype(h.dtype)  # (wasserstein.5)


def _kernel_sum(a: Array, b: Array, scale: float) -> np.inexact:
    """Return the sum of the kernel over all pairs of a row of a and a row of b."""
    return sum(_kernel(block, b, scale).sum() for block in _few_at_a_time(a, b))


def _kernel_slopes(a: Array, b: Array, scale: float) -> Array:
    """Return the derivative of the kernel with respect to each row of a, summed over the rows of b; shape (N, J)."""
    slopes = []
    for block in _few_at_a_time(a, b):
        factor = -2 / scale * _kernel(block, b, scale) ** 2  # (wasserstein.2)
        slopes.append(factor.sum(axis=1)[:, None] * block - factor @ b)
    return np.concatenate(slopes)


def _kernel(a: Array, b: Array, scale: float) -> Array:
    """Return C / (C + |a - b|²) for all pairs of rows (wasserstein.1)."""
    a, b = _exact(a), _exact(b)
    distances = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return scale / (scale + distances)  # (wasserstein.1)


def _few_at_a_time(a: Array, b: Array) -> list[Array]:
    rows = max(1, PAIRS_AT_A_TIME // len(b))
    return [_exact(a[first : first + rows]) for first in range(0, len(a), rows)]


def _exact(a: Array) -> Array:
    """Convert to float64, since a small distance is a difference of large numbers; complex arrays stay complex for the complex step."""
    return a if np.iscomplexobj(a) else a.astype(np.float64, copy=False)
