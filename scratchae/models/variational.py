"""The variational autoencoder: the code is a distribution, and the loss is a bound on -log p(x).

Derivation: docs/derivations/variational.md, variational_training.md, variational_evaluation.md.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import backend
from scratchae.models import bounds
from scratchae.models.binarization import BINARIZATIONS, bernoulli_sample, for_evaluation, for_training
from scratchae.models.blocks import column_means, column_variances, in_blocks, rows_at_once
from scratchae.models.data_initialisation import constant_up_to_rounding
from scratchae.models.fitting import Data
from scratchae.models.generation import grid_of_codes, path_between, prior_draws, two_ends
from scratchae.models.latent_statistics import ENOUGH_ROWS, LatentStatistics, statistics_of, warn_of_collapse
from scratchae.models.observation_noise import check_number_of_variances, check_variance, draws_of_x, limits_of_logvar
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.terms import Terms
from scratchae.models.validation import ValidationData, check_choice, check_flag, check_number, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network, Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState, as_optimizer

V = TypeVar("V", bound="VariationalAutoencoder")
VARIANCE = "decoder.logvar"  # name of the parameter for a learned variance


class VariationalAutoencoder(BaseAutoencoder):
    """A variational autoencoder with a normal posterior and a standard normal prior.

    The loss is the negative evidence lower bound: -E_q[log p(x|z)] + beta KL(q(z|x) || p(z)), in nats per example.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the encoder's hidden layers; the decoder has the same sizes in reverse order.
    latent_dim : int
        Size of the code. (J in the derivation.)
    activation : {"relu", "sigmoid", "tanh", "identity"}
        Activation of the hidden layers.
    likelihood : {"bernoulli", "gaussian"}
        Density of the decoder, in nats: "bernoulli" for data in [0, 1]; "gaussian" for any data: a normal density with `variance`.
    variance : float, array_like of shape (D,), "learned" or "learned_per_feature"
        Variance of the features around the output of the "gaussian" decoder: a number for all of them, one number for each, or learned: one
        number for all, or one for each; it stays above 1/10,000 of the variance of the data. (Ignored for "bernoulli".)
    n_samples : int
        Number of draws of z per example and step. (L in the derivation.)
    beta : float
        Weight of the KL term; with 1, the loss is the negative bound.
    warm_up : int
        Number of epochs in which the weight of the KL term rises linearly to `beta`; 0 for none.
    free_bits : float
        Nats of KL per latent dimension, averaged over the batch, that are not penalised. Validation then keeps the noise of all its rows in memory.
    kl : {"analytic", "sampled"}
        KL in closed form, or from the draws: log q(z|x) - log p(z).
    binarize : {"none", "threshold", "static", "dynamic"}
        Binarisation of grey pixels: none (then the "bernoulli" loss is a cross-entropy and not a likelihood), by a threshold of one
        half, randomly once, or randomly in each epoch. "threshold" and "static" make a copy of the data.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`. ("lbfgs" is not allowed, since it needs a deterministic objective.)

    Attributes
    ----------
    parameters_ : mapping of str to array
        "encoder.0.W", …; the encoder's last layer outputs mu, then logvar. With a learned variance also "decoder.logvar".
    noise_variance_ : array, shape (D,)
        Variance of each feature around the output of the decoder, given or learned; only for "gaussian".
    history_ : dict of str to list of float
        "loss", its terms "reconstruction" and "kl" (loss = -reconstruction + beta kl), in nats, and "seconds"; "free_bits" and "weight_decay"
        with these options; with validation data also "val_loss", "val_reconstruction" and "val_kl".
    n_features_in_ : int
    trained_by_ : str
        As in `Autoencoder`.

    Warns
    -----
    UserWarning
        On posterior collapse at the end of the training.

    References
    ----------
    Kingma, D., Welling, M. (2014). Auto-encoding variational Bayes. ICLR.
    Higgins, I. et al. (2017). beta-VAE: learning basic visual concepts with a constrained variational framework. ICLR.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.VariationalAutoencoder(latent_dim=2, epochs=3, random_state=0).fit(data.x_train)
    >>> model.sample(5, seed=0).shape
    (5, 64)
    >>> bound = model.elbo(data.x_test)
    >>> bool(np.allclose(bound.elbo, bound.reconstruction - bound.kl))
    True
    """

    classes_: Array  # of a conditional model
    _shaping = (*BaseAutoencoder._shaping, "hidden_sizes", "latent_dim", "activation", "variance")
    has_prior: ClassVar[bool] = True
    _has_noise: ClassVar[bool] = True
    _enlarges_small_features: ClassVar[bool] = True
    _he_weights: ClassVar[bool] = False  # He initialisation would give large first weights after a small z

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (400,),
        latent_dim: int = 20,
        beta: float = 1.0,
        warm_up: int = 0,
        free_bits: float = 0.0,
        kl: str = "analytic",
        *,
        activation: str = "relu",
        likelihood: str = "bernoulli",
        variance: float | str | ArrayLike = "learned",
        n_samples: int = 1,
        binarize: str = "none",
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
        self.hidden_sizes = hidden_sizes
        self.latent_dim = latent_dim
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits
        self.kl = kl
        self.activation = activation
        self.likelihood = likelihood
        self.variance = variance
        self.n_samples = n_samples
        self.binarize = binarize
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.random_state = random_state
        self.dtype = dtype
        self.verbose = verbose
        self.warm_start = warm_start

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=0)
        check_whole("latent_dim", self.latent_dim, 1)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_whole("n_samples", self.n_samples, 1)
        check_choice("binarize", self.binarize, BINARIZATIONS)
        check_variance(self.variance)
        if self.binarize != "none" and self.likelihood != "bernoulli":
            raise ValueError(
                f'binarize={self.binarize!r} makes binary pixels, which need likelihood="bernoulli"; change one of them.'
            )
        if as_optimizer(self.optimizer).name == "lbfgs":
            raise ValueError(
                'optimizer="lbfgs" needs a deterministic objective, but the latents are random; use "adam".'
            )
        check_number("beta", self.beta, 0)
        check_whole("warm_up", self.warm_up, 0)
        check_number("free_bits", self.free_bits, 0)
        check_choice("kl", self.kl, ("analytic", "sampled"))
        if self.kl == "sampled" and self.free_bits > 0:
            raise ValueError(
                'free_bits needs the KL of each dimension, available with kl="analytic"; change one of them.'
            )

    # Networks.

    def networks(self, features: int) -> tuple[Network, ...]:
        """Return encoder and decoder."""
        return self._encoder(features), self._decoder(features)

    def _encoder(self, features: int) -> Network:
        """Return the encoder to the moments of q(z|x): the outputs of its last layer are mu, then logvar."""
        hidden = [int(size) for size in self.hidden_sizes]
        sizes = [features + self._condition_size(), *hidden, 2 * int(self.latent_dim)]
        return Network.chain("encoder", sizes, [self.activation] * len(hidden) + ["identity"])

    def _decoder(self, features: int) -> Network:
        """Return the decoder to logits for "bernoulli", or to the mean of x for "gaussian"."""
        hidden = [int(size) for size in self.hidden_sizes][::-1]
        sizes = [int(self.latent_dim) + self._condition_size(), *hidden, features]
        return Network.chain("decoder", sizes, [self.activation] * len(hidden) + ["identity"])

    def _condition_size(self) -> int:
        """Return the number of additional inputs of encoder and decoder: for a conditional model, one per class."""
        return len(self.classes_) if self.needs_labels else 0

    def _condition(self, y: Array | None, dtype: DTypeLike) -> Array | None:
        """Return the additional inputs of each row: the one-hot encoding of its class."""
        return np.eye(len(self.classes_), dtype=dtype)[y] if self.needs_labels else None  # (conditional.1)

    def _other_shapes(self, features: int) -> dict[str, tuple[int, ...]]:
        if not self._learns_variance():
            return {}
        return {VARIANCE: (features if self.variance == "learned_per_feature" else 1,)}

    def _learns_variance(self) -> bool:
        return self.likelihood == "gaussian" and isinstance(self.variance, str)

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Start with the optimum for an uninformative z: the mean of each feature and the variance (Burda et al., 2016).

        For the Gaussian likelihood, the last layer is rescaled, as the first is: otherwise the output would start far from features of
        small variance.
        """
        super()._initialise_from_data(data, parameters)
        if self.likelihood == "gaussian":
            variances, constant = _variances(data)
            last = self._decoder(data.x.shape[1]).layers[-1]
            parameters[f"{last.name}.W"] *= np.where(constant, 0, np.sqrt(variances))
            if self._learns_variance():
                parameters[VARIANCE], _ = limits_of_logvar(variances, constant, str(self.variance))

    def _lower_bounds(self, data: Data) -> dict[str, Array]:
        """Return the least value of a learned log-variance."""
        if not self._learns_variance():
            return {}
        _, least = limits_of_logvar(*_variances(data), str(self.variance))
        return {VARIANCE: least}

    # Noise and data.

    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Array, Array | None]:
        """Draw eps, shape (L, N, J), in one call; then the noise that binarises the batch, if binarize="dynamic"."""
        dtype: np.dtype[Any] = np.dtype(self.dtype)
        eps = rng.standard_normal((int(self.n_samples), shape[0], int(self.latent_dim))).astype(dtype)
        return eps, rng.random(shape, dtype) if self.binarize == "dynamic" else None

    def _couples_rows(self) -> bool:
        return self.free_bits > 0  # of the mean divergences

    def _draws_per_row(self) -> int:
        return int(self.n_samples)

    def _noise_per_row(self, features: int) -> int:
        return max(features, int(self.n_samples) * int(self.latent_dim))

    def _checked_data(self, X: ArrayLike, validation_data: ValidationData | None) -> tuple[Data, Data | None]:
        data, validation = super()._checked_data(X, validation_data)
        self._check_data(data)
        return self._prepared(data), None if validation is None else self._prepared(validation)

    def _check_data(self, data: Data) -> None:
        """Check the options that depend on the number of features."""
        if self.likelihood == "gaussian":
            check_number_of_variances(self.variance, data.x.shape[1])

    def _prepared(self, data: Data) -> Data:
        seed = int(self.random_state) if isinstance(self.random_state, (int, np.integer)) else 0  # of "static" pixels
        return data._replace(x=for_training(data.x, self.binarize, seed))

    def _for_evaluation(self, X: ArrayLike, seed: int) -> Array:
        x = self._known(X, unit_interval=self.likelihood == "bernoulli")
        return for_evaluation(x, self.binarize, seed)

    # The objective.

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: tuple[Array, Array | None] | None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient, in the order of the derivation."""
        assert noise is not None  # it is drawn by `draw_noise`
        ops, gradients, (encoder, decoder) = backend.active(), parameters.like(), self.networks(x.shape[1])
        eps, u = noise  # the same noise in the backward pass
        L, N, J = eps.shape
        x = x if u is None else bernoulli_sample(x, u)
        c, target = self._condition(y, x.dtype), np.tile(x, (L, 1)) if L > 1 else x

        h = encoder.forward(parameters, concatenate_condition(x, c))
        mu, logvar = self._moments(h[-1])  # (variational.1)
        z = ops.reparameterize(mu, logvar, eps)  # (variational.2)
        outputs = decoder.forward(parameters, concatenate_condition(z.reshape(L * N, J), c))  # (variational.3)
        nll = self._nll(parameters, outputs[-1], target).reshape(L, N)  # (variational.4)
        loss = self._loss(nll, mu, logvar, z, eps, terms)  # (variational.6)
        decay = weight_decay(parameters, self.weight_decay)
        if terms is not None and decay > 0:
            terms["weight_decay"] = decay

        dnll, dz, dmu, dlogvar = self._loss_backward(nll, mu, logvar, z, eps)  # (variational.7)
        doutput = self._nll_backward(dnll.reshape(L * N), parameters, outputs[-1], target, gradients)  # (variational.8)
        dinputs = decoder.backward(parameters, doutput, outputs, gradients)  # (variational.9)
        dz = dz + dinputs[:, :J].reshape(eps.shape)  # (variational.10)
        dmu_drawn, dlogvar_drawn = ops.reparameterize_backward(dz, logvar, eps)  # (variational.11)
        dmoments = np.hstack([dmu + dmu_drawn, dlogvar + dlogvar_drawn])
        encoder.backward(parameters, dmoments, h, gradients)  # (variational.12)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)
        return loss + decay, gradients

    def _loss(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array, terms: Terms | None = None) -> float:
        """Compute the mean loss of a batch without the weight decay, and its terms; nll has the shape (L, N)."""
        ops, reconstruction = backend.active(), -nll.mean(dtype=np.float64)
        if self.kl == "sampled":
            kl = ops.sampled_kl(z, logvar, eps).mean(dtype=np.float64)
        elif self.free_bits > 0:
            kl = ops.free_bits(ops.gaussian_kl_terms(mu, logvar), float(self.free_bits))
        else:
            kl = ops.gaussian_kl(mu, logvar).mean(dtype=np.float64)  # (variational.5)
        if terms is not None:
            terms.update(reconstruction=float(reconstruction), kl=float(kl))
            if self.free_bits > 0:  # the KL itself, and what each latent dimension lacks
                of_each = ops.gaussian_kl_terms(mu, logvar).mean(axis=0, dtype=np.float64)
                terms.update(kl=float(of_each.sum()), free_bits=float(np.maximum(self.free_bits - of_each, 0).sum()))
        return float(self.beta * kl - reconstruction)  # (variational.6)

    def _loss_backward(
        self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array
    ) -> tuple[Array, Array | int, Array | int, Array]:
        """Compute its gradients with respect to nll, z, mu and logvar, each on the direct path only; 0 if there is none."""
        ops, (L, N) = backend.active(), nll.shape
        dnll = np.full_like(nll, 1 / (L * N))  # (variational.7)
        if self.kl == "sampled":
            dz, dlogvar = ops.sampled_kl_backward(np.full_like(nll, self.beta / (L * N)), z)
            return dnll, dz, 0, dlogvar
        if self.free_bits > 0:
            terms = ops.gaussian_kl_terms(mu, logvar)
            dterms = ops.free_bits_backward(float(self.beta), terms, float(self.free_bits))
            return dnll, 0, *ops.gaussian_kl_terms_backward(dterms, mu, logvar)
        return dnll, 0, *ops.gaussian_kl_backward(np.full_like(mu[:, 0], self.beta / N), mu, logvar)  # (variational.7)

    def _moments(self, output: Array) -> tuple[Array, Array]:
        """Split the encoder's output into mu and logvar."""
        J = int(self.latent_dim)
        return np.ascontiguousarray(output[:, :J]), np.ascontiguousarray(output[:, J:])

    def _nll(self, parameters: Parameters, output: Array, x: Array) -> Array:
        """Compute -log p(x|z) from the decoder's output, shape (N,), in nats."""
        ops = backend.active()
        if self.likelihood == "bernoulli":
            return ops.bernoulli_nll(output, x)
        return ops.gaussian_nll(output, self._logvar(parameters, output), x)

    def _nll_backward(
        self, dnll: Array, parameters: Parameters, output: Array, x: Array, gradients: Parameters
    ) -> Array:
        """Compute the gradient with respect to the output; the gradient of a learned variance is added to `gradients`."""
        ops = backend.active()
        if self.likelihood == "bernoulli":
            return ops.bernoulli_nll_backward(dnll, output, x)
        doutput, dlogvar = ops.gaussian_nll_backward(dnll, output, self._logvar(parameters, output), x)
        if self._learns_variance():
            one = self.variance == "learned"
            gradients[VARIANCE][...] += dlogvar.sum(dtype=np.float64) if one else dlogvar  # (gaussian_nll.6)
        return doutput

    def _logvar(self, parameters: Parameters, output: Array) -> Array:
        """Return the log-variance of each feature around the decoder's output, given or learned, shape (D,)."""
        given = parameters[VARIANCE] if self._learns_variance() else np.log(np.asarray(self.variance, np.float64))
        return np.full(output.shape[1], given, output.dtype)

    def _torch_form(self) -> dict[str, Any]:
        form = {"kind": "variational", "likelihood": self.likelihood, "classes": self._condition_size()}
        return form if self.likelihood == "bernoulli" else {**form, "variance": self.variance}

    def _at_epoch(self: V, epoch: int) -> V:
        """Return the model with the weight of the KL term in that epoch."""
        if epoch + 1 >= self.warm_up:
            return self
        early = copy.copy(self)
        early.beta = self.beta * (epoch + 1) / self.warm_up  # (variational.13)
        return early

    def metrics(self, parameters: Parameters, data: Data, noise: tuple[Array, Array | None]) -> dict[str, float]:
        """Compute the objective and the two terms of the bound on validation data."""
        ops, (eps, u) = backend.active(), noise
        x = data.x if u is None else bernoulli_sample(data.x, u)
        mu, logvar = self._moments_of(parameters, x, data.y)
        z = ops.reparameterize(mu, logvar, eps)
        nll = np.concatenate([self._nll_of(parameters, x, data.y, draw[None]) for draw in z])
        return {
            "loss": self._loss(nll, mu, logvar, z, eps) + weight_decay(parameters, self.weight_decay),
            "reconstruction": -float(nll.mean(dtype=np.float64)),
            "kl": float(ops.gaussian_kl(mu, logvar).mean(dtype=np.float64)),
        }

    def _after_training(self, data: Data) -> None:
        some = data.part(slice(ENOUGH_ROWS))
        warn_of_collapse(*self._moments_of(self._parameters, some.x, some.y))

    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]:
        (encoder, decoder), c = self.networks(data.x.shape[1]), self._condition(data.y, data.x.dtype)
        h = encoder.forward(parameters, concatenate_condition(data.x, c))[1:]
        at_mean = concatenate_condition(self._moments(h[-1])[0], c)
        outputs = decoder.forward(parameters, at_mean)[1:]
        return {layer.name: output for layer, output in zip(encoder.layers + decoder.layers, h + outputs, strict=True)}

    # Posterior and likelihood of many rows, in blocks of rows.

    def _moments_of(self, parameters: Parameters, x: Array, y: Array | None) -> tuple[Array, Array]:
        """Compute mu and logvar of all rows."""
        encoder = self._encoder(x.shape[1])

        def block(rows: Array, *labels: Array) -> Array:
            c = self._condition(labels[0], rows.dtype) if labels else None
            return encoder.forward(parameters, concatenate_condition(rows, c))[-1]

        labels = [] if y is None else [y]
        at_once = rows_at_once(x.itemsize * encoder.numbers_per_row())
        return self._moments(in_blocks(block, x, *labels, at_once=at_once))

    def _nll_of(self, parameters: Parameters, x: Array, y: Array | None, z: Array) -> Array:
        """Compute -log p(x|z) for draws z, shape (draws, N, J); the result has the shape (draws, N)."""
        draws, rows, J = z.shape
        decoder = self._decoder(x.shape[1])

        def block(inputs: Array, target: Array) -> Array:
            return self._nll(parameters, decoder.forward(parameters, inputs)[-1], target)

        inputs = concatenate_condition(z.reshape(draws * rows, J), self._condition(y, x.dtype))
        target = x if draws == 1 else np.tile(x, (draws, 1))
        at_once = rows_at_once(x.itemsize * decoder.numbers_per_row())
        return in_blocks(block, inputs, target, at_once=at_once).reshape(draws, rows)

    def _bound(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Array:
        """Compute the bound on log p(x) of each row for scores; nll has the shape (L, N)."""
        return -nll.mean(axis=0, dtype=np.float64).astype(nll.dtype) - backend.active().gaussian_kl(mu, logvar)

    def _code(self, parameters: Parameters, x: Array) -> Array:
        """Return the posterior means of a block of rows."""
        return self._moments(self._encoder(x.shape[1]).forward(parameters, x)[-1])[0]

    # Use of a fitted model: bounds, latent statistics, generation.

    def posterior(self, X: ArrayLike) -> tuple[Array, Array]:
        """Compute the moments of q(z|x) for the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        mu, logvar : array, shape (N, J)
            Means and log-variances.
        """
        x = self._known(X)
        return self._moments_of(self._parameters, x, None)

    def latent_statistics(self, X: ArrayLike) -> LatentStatistics:
        """Compute the usage of each latent dimension on the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        statistics : LatentStatistics
            With the fields kl (nats), variance and active, each of shape (J,).
        """
        return statistics_of(*self.posterior(X))

    def elbo(self, X: ArrayLike, n_samples: int | None = None, seed: int = 0, *, kl: str = "analytic") -> bounds.Elbo:
        """Compute the evidence lower bound of each row and its two terms.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Grey pixels are binarised first according to `binarize`, with the seed if that is random.
        n_samples : int, optional
            Draws of z per row; by default, the model's own number.
        seed : int
            Seed of the draws: the same seed gives the same result.
        kl : {"analytic", "sampled"}
            KL in closed form, or from the same draws: log q(z|x) - log p(z).

        Returns
        -------
        elbo : Elbo
            With the fields elbo, reconstruction and kl, each of shape (N,), in nats.
        """
        return self._elbo(self._for_evaluation(X, seed), None, n_samples, seed, kl)

    def _elbo(self, x: Array, y: Array | None, n_samples: int | None, seed: int, kl: str) -> bounds.Elbo:
        check_choice("kl", kl, ("analytic", "sampled"))
        draws = int(self.n_samples) if n_samples is None else check_whole("n_samples", n_samples, 1)
        return bounds.elbo(self, x, y, draws, seed, kl)

    def log_likelihood(self, X: ArrayLike, n_samples: int = 1000, seed: int = 0) -> bounds.LogLikelihood:
        """Estimate log p(x) of each row by importance sampling with q(z|x), with exactly `n_samples` draws, in bounded memory.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Grey pixels are binarised first according to `binarize`, with the seed if that is random.
        n_samples : int
            Draws of z per row. The expected estimate is a lower bound, which becomes tighter with more draws.
        seed : int
            Seed of the draws.

        Returns
        -------
        estimate : LogLikelihood
            With the fields log_likelihood and standard_error, each of shape (N,), in nats.

        References
        ----------
        Burda, Y., Grosse, R., Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR.
        """
        x = self._for_evaluation(X, seed)
        return bounds.log_likelihood(self, x, None, check_whole("n_samples", n_samples, 1), seed)

    def score_samples(self, X: ArrayLike) -> Array:
        """Compute the bound on log p(x) of each row, with noise that depends on the row alone, so that scores do not depend on other rows.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        scores : array, shape (N,)
            Nats; higher is better.
        """
        return bounds.scores(self, self._known(X, unit_interval=self.likelihood == "bernoulli"), None)

    @property
    def noise_variance_(self) -> Array:
        """Variance of each feature around the output of a "gaussian" decoder, given or learned, shape (D,)."""
        self._check_fitted()
        if self.likelihood != "gaussian":
            raise AttributeError(
                'noise_variance_ is for likelihood="gaussian"; the variance of a pixel follows from its probability.'
            )
        return np.exp(self._logvar(self._parameters, np.empty((0, self.n_features_in_))))

    def sample(self, n: int, seed: int = 0, noise: bool | None = None) -> Array:
        """Generate examples: draw z from the prior, and x from p(x|z) or its means.

        Parameters
        ----------
        n : int
        seed : int
            Seed of the draws: the same seed gives the same examples, and the same z with and without noise.
        noise : bool, optional
            Whether to draw x from p(x|z): a normal number around each mean, or a binary pixel by each probability. Otherwise x is the mean
            of p(x|z). By default True for "gaussian", as means vary less than the data, and False for "bernoulli", as probabilities make
            smoother images.

        Returns
        -------
        x : array, shape (n, D)
            Rows like those of the data, or means of p(x|z): for "bernoulli", the probabilities that pixels are white.
        """
        noise = self._checked_noise(noise)
        means = self.decode(self._prior(n, seed))
        return self._draws_of_x(means, seed) if noise else means

    def _checked_noise(self, noise: bool | None) -> bool:
        """Return whether samples have observation noise: as asked, or as usual for the likelihood."""
        if noise is not None:
            check_flag("noise", noise)
        return self.likelihood == "gaussian" if noise is None else noise

    def _draws_of_x(self, means: Array, seed: int) -> Array:
        return draws_of_x(means, self.noise_variance_ if self.likelihood == "gaussian" else None, seed)

    def _prior(self, n: int, seed: int) -> Array:
        check_whole("n", n, 1)
        self._check_fitted()
        return prior_draws(n, int(self.latent_dim), seed, self._dtype())

    def interpolate(self, a: ArrayLike, b: ArrayLike, n: int = 10, *, method: str = "linear") -> Array:
        """Decode a path through the latent space from one example to another.

        Parameters
        ----------
        a, b : array_like, shape (D,)
            The two examples.
        n : int, from 2 on
            Number of points on the path, both ends included.
        method : {"linear", "spherical"}
            A straight line between the two codes, or an arc along which the distance from the origin changes linearly, so that its middle is
            as typical of the prior as its ends. (Between opposite codes the shortest arc is not unique, and the line is used.)

        Returns
        -------
        x : array, shape (n, D)
        """
        ends = self.encode(two_ends(a, b))
        return self.decode(path_between(ends[0], ends[1], n, method))

    def latent_grid(self, n: int = 20, dimensions: tuple[int, int] = (0, 1)) -> Array:
        """Decode a grid over two latent dimensions, in equal steps of prior probability.

        Parameters
        ----------
        n : int
            Number of rows and of columns.
        dimensions : tuple of two int
            Dimensions to vary; all others are zero. (If there is only one dimension, it varies along each row.)

        Returns
        -------
        x : array, shape (n * n, D)
            Row by row from the top: the first dimension increases to the right, the second upwards.
        """
        return self.decode(self._grid(n, dimensions))

    def _grid(self, n: int, dimensions: tuple[int, int]) -> Array:
        check_whole("n", n, 1)
        self._check_fitted()
        return grid_of_codes(n, int(self.latent_dim), dimensions, self._dtype())


def _variances(data: Data) -> tuple[Array, Array]:
    """Return the variance of each feature, and whether it is constant up to rounding."""
    mean = column_means(data.x)
    variances = column_variances(data.x, mean)
    return variances, constant_up_to_rounding(mean, np.sqrt(variances))


def concatenate_condition(values: Array, c: Array | None) -> Array:
    """Concatenate the values with the condition c, if there is one, repeated for each of several draws."""
    if c is None:
        return values
    return np.hstack([values, np.tile(c, (len(values) // len(c), 1))])
