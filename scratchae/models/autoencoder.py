"""The basic autoencoder: an encoder, a decoder, and a reconstruction loss.

Derivation: docs/derivations/autoencoder.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchae.models.fitting import Data
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_choice, check_flag, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network, Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState


class Autoencoder(BaseAutoencoder):
    """A basic autoencoder of any depth.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the encoder's hidden layers; the decoder has the same sizes in reverse order.
    latent_dim : int
        Size of the code.
    activation : {"relu", "sigmoid", "tanh", "identity"}
        Activation of the hidden layers.
    code_activation : same, optional
        Activation of the code. By default it is linear ("identity") if there are hidden layers, and `activation` if there are none.
    likelihood : {"bernoulli", "gaussian"}
        "bernoulli" for data in [0, 1]: sigmoid output, loss in nats per example; "gaussian" for any data: linear output, squared error
        summed over the features.
    tied_weights : bool
        Use the transposed weights of each encoder layer in the corresponding decoder layer.
    output_activation : {"identity", "sigmoid", "tanh", "relu"}
        Activation of the decoder's last layer, for "gaussian" data within the range of that activation.
    optimizer : {"adam", "momentum", "sgd", "lbfgs"} or Optimizer
        Rule that updates the parameters; "lbfgs" takes all rows at once, and needs a deterministic objective.
    learning_rate : float
        Step size; not used by "lbfgs".
    learning_rate_decay : float
        Factor by which the learning rate is multiplied after each epoch; 1 keeps it constant.
    weight_decay : float
        The objective includes `weight_decay` / 2 times the sum of all squared weights (without biases).
    batch_size : int or "auto"
        Rows per step; "auto" follows the number of rows: 32, from 2,048 rows 64, from 4,096 rows 128.
    epochs : int or "auto"
        Passes over the data; for "lbfgs", the number of iterations. "auto" is 20, or as many more as make 5,000 steps; for "lbfgs", 500.
    random_state : None, int or numpy Generator
        Seed of all random numbers: the same seed gives identical results, for any number of threads.
    dtype : {"float32", "float64"}
        Type of parameters and data.
    verbose : int
        1 shows a progress bar in terminals and notebooks, and lines elsewhere; 2 also prints a line after each epoch with the terms of the
        loss, and whether compiled steps or `objective` train the model.
    warm_start : bool
        Whether a second `fit` continues the first, for `epochs` more epochs, from its parameters and the state of the optimiser.

    Attributes
    ----------
    parameters_ : mapping of str to array
        "encoder.0.W", "encoder.0.b", …, "decoder.0.W", …
    history_ : dict of str to list of float
        "loss", "val_loss" (with validation data) and "seconds" (since the start), one entry per epoch. With weight decay also the two terms
        of the loss, "reconstruction" and "weight_decay".
    n_iter_ : int
        Number of epochs that were made.
    n_features_in_ : int
    trained_by_ : str
        How the model was trained: by compiled steps, or by its own `objective`. With `use_backend("numpy")` it is always the objective, so
        that breakpoints in it are reached.
    feature_names_in_ : array of str
        Column names; only after fitting a data frame whose column names are strings.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.Autoencoder(hidden_sizes=(32,), latent_dim=2, epochs=5, random_state=0).fit(data.x_train)
    >>> model.encode(data.x_test).shape
    (360, 2)
    """

    _shaping = (
        *BaseAutoencoder._shaping,
        "hidden_sizes",
        "latent_dim",
        "activation",
        "code_activation",
        "tied_weights",
        "output_activation",
    )

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (128,),
        latent_dim: int = 16,
        activation: str = "relu",
        code_activation: str | None = None,
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
        self.hidden_sizes = hidden_sizes
        self.latent_dim = latent_dim
        self.activation = activation
        self.code_activation = code_activation
        self.likelihood = likelihood
        self.tied_weights = tied_weights
        self.output_activation = output_activation
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
        check_flag("tied_weights", self.tied_weights)
        check_choice("output_activation", self.output_activation, ACTIVATIONS)
        if self.likelihood == "bernoulli" and self.output_activation != "identity":
            raise ValueError(
                f'output_activation={self.output_activation!r} is not allowed with likelihood="bernoulli", whose decoder outputs logits; '
                'leave it out, or use likelihood="gaussian".'
            )
        if self.code_activation is not None:
            check_choice("code_activation", self.code_activation, ACTIVATIONS)

    def networks(self, features: int) -> tuple[Network, ...]:
        """Return encoder and decoder."""
        return self._encoder(features), self._decoder(features)

    def _encoder(self, features: int) -> Network:
        sizes = [features, *(int(size) for size in self.hidden_sizes), int(self.latent_dim)]
        hidden = len(sizes) - 2
        return Network.chain("encoder", sizes, [self.activation] * hidden + [self._code_activation()])

    def _code_activation(self) -> str:
        return self.code_activation or ("identity" if len(self.hidden_sizes) else self.activation)

    def _decoder(self, features: int) -> Network:
        """Return the decoder; its last layer is linear by default: logits for "bernoulli", the reconstruction itself for "gaussian"."""
        sizes = [features, *(int(size) for size in self.hidden_sizes), int(self.latent_dim)][::-1]
        hidden = len(sizes) - 2
        mirror = [f"encoder.{i}" for i in range(hidden, -1, -1)] if self.tied_weights else None
        return Network.chain("decoder", sizes, [self.activation] * hidden + [self.output_activation], mirror)

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient, in the order of the derivation."""
        encoder, decoder = self.networks(x.shape[1])
        likelihood, gradients = LIKELIHOODS[self.likelihood], parameters.like()

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        reconstruction, decay = float(losses.mean(dtype=np.float64)), weight_decay(parameters, self.weight_decay)
        loss = reconstruction + decay  # (autoencoder.4)
        record(terms, decay, reconstruction=reconstruction)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss, gradients

    def metrics(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]:
        """Compute the objective on validation data, in blocks of rows."""
        losses = self._losses(parameters, data.x, data.x)
        return {"loss": float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)}
