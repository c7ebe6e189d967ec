"""What the variational autoencoders share: an encoder that gives a distribution, draws from it, and a decoder.

Derivation: docs/derivations/variational.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from scratchae import backend
from scratchae.models.binarization import BINARIZATIONS, drawn, for_evaluation, for_training
from scratchae.models.compiled import CompiledSteps, VariationalSteps
from scratchae.models.likelihoods import LIKELIHOODS, NormalLikelihood
from scratchae.models.problem import Data
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.validation import check_choice, check_number, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network, Parameters
from scratchae.nets.parameters import Array
from scratchae.training import as_optimizer

SHARE_WHITE = (0.001, 0.999)  # the least and the most that a pixel is taken to be white on average
LARGE = 300.0  # standard deviation of a feature; at 1,000, losses of 1e16 were seen, at 100 none out of the ordinary
VARIANCE = "decoder.logvar"  # the parameter of a learned variance


class BaseVariational(BaseAutoencoder):
    """A variational autoencoder without its objective."""

    _shaping = (*BaseAutoencoder._shaping, "hidden_sizes", "latent_dim", "activation", "variance")
    _has_noise: ClassVar[bool] = True
    _compiled_steps: ClassVar[type[CompiledSteps]] = VariationalSteps
    _he_weights: ClassVar[bool] = False  # they make for large first weights after a small z

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (400,),
        latent_dim: int = 20,
        activation: str = "relu",
        likelihood: str = "bernoulli",
        variance: float | str = 1.0,
        n_samples: int = 1,
        binarize: str = "none",
        optimizer: Any = "adam",
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
        weight_decay: float = 0.0,
        batch_size: int = 128,
        epochs: int = 20,
        random_state: Any = None,
        dtype: Any = "float32",
        verbose: int = 0,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.latent_dim = latent_dim
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

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=0)
        check_whole("latent_dim", self.latent_dim, 1)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_whole("n_samples", self.n_samples, 1)
        check_choice("binarize", self.binarize, BINARIZATIONS)
        if self.variance != "learned":
            if isinstance(self.variance, str):
                raise ValueError(f'variance={self.variance!r} is not allowed; give a number above 0, or "learned".')
            check_number("variance", self.variance, 0, open_end=True)
        if self.binarize != "none" and self.likelihood != "bernoulli":
            raise ValueError(
                f'binarize={self.binarize!r} makes black and white pixels, which need likelihood="bernoulli"; change one of them.'
            )
        if as_optimizer(self.optimizer).name == "lbfgs":
            raise ValueError(
                'optimizer="lbfgs" needs an objective that stays the same, and latents are drawn afresh; use "adam".'
            )

    # Networks.

    def _condition_size(self) -> int:
        """Numbers that encoder and decoder are given besides x and z."""
        return 0

    def _sizes(self) -> list[int]:
        return [int(size) for size in self.hidden_sizes]

    def _encoder(self, features: int) -> Network:
        """To the moments of q(z|x): the last layer's outputs are mu, then logvar."""
        sizes = [features + self._condition_size(), *self._sizes(), 2 * int(self.latent_dim)]
        return Network.chain("encoder", sizes, [self.activation] * len(self._sizes()) + ["identity"])

    def _decoder(self, features: int) -> Network:
        sizes = [int(self.latent_dim) + self._condition_size(), *self._sizes()[::-1], features]
        return Network.chain("decoder", sizes, [self.activation] * len(self._sizes()) + ["identity"])

    def _other_shapes(self) -> dict[str, tuple[int, ...]]:
        return {VARIANCE: (1,)} if self.likelihood == "gaussian" and self.variance == "learned" else {}

    def _condition(self, y: Array | None, dtype: Any) -> Array | None:
        """What encoder and decoder are given besides x and z, for each row."""
        return None

    def _moments(self, output: Array) -> tuple[Array, Array]:
        """mu and logvar out of the encoder's output."""
        J = int(self.latent_dim)
        return np.ascontiguousarray(output[:, :J]), np.ascontiguousarray(output[:, J:])

    def _nll(self, parameters: Parameters, output: Array, x: Array) -> Array:
        """-log p(x|z) of the decoder's output, shape (N,), in nats."""
        if self.likelihood == "bernoulli":
            return LIKELIHOODS["bernoulli"].loss(output, x)
        return self._normal().loss(output, x, parameters)

    def _nll_backward(
        self, dnll: Array, parameters: Parameters, output: Array, x: Array, gradients: Parameters
    ) -> Array:
        """The gradient of the output; that of a learned variance is added to `gradients`."""
        if self.likelihood == "bernoulli":
            return LIKELIHOODS["bernoulli"].loss_backward(dnll, output, x)
        return self._normal().loss_backward(dnll, output, x, parameters, gradients)

    def _normal(self) -> NormalLikelihood:
        learned = self.variance == "learned"
        return NormalLikelihood(0.0 if learned else float(np.log(self.variance)), VARIANCE if learned else "")

    def _look_at(self, data: Data, parameters: Parameters) -> None:
        """Begin with what is best if z tells nothing: the mean of each feature, and the variance around it (Burda et al., 2016).

        Data without a scale of their own are seen by the encoder as if they were standardised, or q would begin as far from the prior.
        """
        bias = list(parameters)[-1 - len(self._other_shapes())]
        mean = data.x.mean(axis=0, dtype=np.float64)
        if self.likelihood == "bernoulli":
            mean = np.clip(mean, *SHARE_WHITE)
            mean = np.log(mean / (1 - mean))  # as logits
        parameters[bias] = mean
        if self.likelihood == "gaussian":
            deviation = data.x.std(axis=0, dtype=np.float64)
            _check_scale(deviation)
            deviation[deviation <= np.finfo(np.float32).eps * np.abs(mean)] = 1  # a feature that is always the same
            W, b = (parameters[f"encoder.0.{name}"] for name in ("W", "b"))
            W[: len(mean)] /= deviation[:, None]
            b -= mean @ W[: len(mean)]
        if VARIANCE in parameters:
            parameters[VARIANCE] = np.log(max(data.x.var(axis=0, dtype=np.float64).mean(), np.finfo(np.float32).eps))

    # The objective.

    def _objective(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> float:
        """The mean loss of a batch without the weight decay; nll has the shape (L, N)."""
        raise NotImplementedError

    def _objective_backward(
        self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array
    ) -> tuple[Array, Any, Any, Array]:
        """Its gradients with respect to nll, z, mu and logvar, each on the direct path only; 0 where there is none."""
        raise NotImplementedError

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Any = None
    ) -> tuple[float, Parameters]:
        ops, gradients, (encoder, decoder) = backend.active(), parameters.like(), self._networks(x.shape[1])
        eps, u = noise  # the same on the way back
        L, N, J = eps.shape
        x, c = self._in_black_and_white(x, u), self._condition(y, x.dtype)
        target = np.tile(x, (L, 1)) if L > 1 else x

        h = encoder.forward(parameters, joined(x, c))
        mu, logvar = self._moments(h[-1])  # (variational.1)
        z = ops.reparameterize(mu, logvar, eps)  # (variational.2)
        outputs = decoder.forward(parameters, joined(z.reshape(L * N, J), c))  # (variational.3)
        nll = self._nll(parameters, outputs[-1], target).reshape(L, N)  # (variational.4)
        loss = self._objective(nll, mu, logvar, z, eps)  # (variational.6)

        dnll, dz, dmu, dlogvar = self._objective_backward(nll, mu, logvar, z, eps)  # (variational.7)
        doutput = self._nll_backward(dnll.reshape(L * N), parameters, outputs[-1], target, gradients)  # (variational.8)
        dinputs = decoder.backward(parameters, doutput, outputs, gradients)  # (variational.9)
        dz = dz + dinputs[:, :J].reshape(eps.shape)  # (variational.10)
        dmu_drawn, dlogvar_drawn = ops.reparameterize_backward(dz, logvar, eps)  # (variational.11)
        encoder.backward(
            parameters, np.hstack([dmu + dmu_drawn, dlogvar + dlogvar_drawn]), h, gradients
        )  # (variational.12)
        return loss + self._decay(parameters, gradients), gradients

    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]:
        (encoder, decoder), c = self._networks(data.x.shape[1]), self._condition(data.y, data.x.dtype)
        h = encoder.forward(parameters, joined(data.x, c))[1:]
        outputs = decoder.forward(parameters, joined(self._moments(h[-1])[0], c))[1:]  # at the mean of z
        return {layer.name: output for layer, output in zip(encoder.layers + decoder.layers, h + outputs, strict=True)}

    def _compiled_if(self, kind: str, owner: type[BaseVariational]) -> str:
        """`kind`, if the objective is that of `owner` and one that the compiled steps know."""
        own: Any = type(self)
        methods = ("_objective", "_objective_backward", "_condition")
        known = all(getattr(own, name) is getattr(owner, name) for name in methods)
        whole = own._loss_and_gradient is BaseVariational._loss_and_gradient and own._nll is BaseVariational._nll
        return kind if known and whole and self.likelihood == "bernoulli" else ""

    # Noise and data.

    def _draws_per_row(self) -> int:
        return int(self.n_samples)

    def _noise_per_row(self, features: int) -> int:
        return max(features, int(self.n_samples) * int(self.latent_dim))

    def _draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Any:
        """eps, shape (L, N, J), in one call; then what binarises the batch, if that is drawn afresh."""
        dtype: Any = self._dtype()
        eps = rng.standard_normal((int(self.n_samples), shape[0], int(self.latent_dim))).astype(dtype)
        return eps, rng.random(shape, dtype) if self.binarize == "dynamic" else None

    def _checked_data(self, X: Any, validation_data: Any) -> tuple[Data, Data | None]:
        data, validation = super()._checked_data(X, validation_data)
        return self._prepared(data), None if validation is None else self._prepared(validation)

    def _prepared(self, data: Data) -> Data:
        whole = isinstance(self.random_state, (int, np.integer))  # else "static" pixels are those of seed 0
        return data._replace(x=for_training(data.x, self.binarize, int(self.random_state) if whole else 0))

    def _for_evaluation(self, X: Any, seed: int) -> Array:
        x = self._known(X, unit_interval=self.likelihood == "bernoulli")
        return for_evaluation(x, self.binarize, seed)

    @staticmethod
    def _in_black_and_white(x: Array, u: Array | None) -> Array:
        return x if u is None else drawn(x, u)


def _check_scale(deviation: Array) -> None:
    """A step of the optimiser moves each weight by about the learning rate, whatever the data: times 1,000, that is far for a code."""
    if deviation.max() > LARGE:
        warnings.warn(
            f"Feature {int(deviation.argmax())} of the data has a standard deviation of {deviation.max():.3g}, for which the steps of the "
            "training are too large; subtract the mean of each feature and divide by its standard deviation.",
            stacklevel=5,
        )


def joined(values: Array, c: Array | None) -> Array:
    """The values, and beside them what they are conditioned on, repeated for each of several draws."""
    if c is None:
        return values
    return np.hstack([values, np.tile(c, (len(values) // len(c), 1))])
