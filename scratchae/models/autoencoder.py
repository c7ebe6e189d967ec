"""The basic autoencoder: an encoder to a code, a decoder back, and the loss of the reconstruction.

Derivation: docs/derivations/autoencoder.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.validation import check_choice, check_flag, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network, Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array


class Autoencoder(BaseAutoencoder):
    """A basic autoencoder of any depth.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the encoder's hidden layers; the decoder mirrors them.
    latent_dim : int
        Size of the code.
    activation : {"relu", "sigmoid", "tanh", "identity"}
        Activation of the hidden layers.
    code_activation : same, optional
        Activation of the code. By default it is linear ("identity") when there are hidden layers, and `activation` when the code is the only
        hidden layer.
    likelihood : {"bernoulli", "gaussian"}
        "bernoulli" for data in [0, 1]: sigmoid output, loss in nats per example; "gaussian" for any data: linear output, squared error
        summed over the features.
    tied_weights : bool
        Whether each decoder layer uses the transposed weights of its mirror image.
    output_activation : {"identity", "sigmoid", "tanh", "relu"}
        Activation of the decoder's last layer, for "gaussian" data that lie in the range of such units.
    optimizer : {"adam", "momentum", "sgd", "lbfgs"} or Optimizer
        The rule that moves the parameters.
    learning_rate : float
        Size of a step; not used by "lbfgs".
    learning_rate_decay : float
        The learning rate of each epoch is that of the epoch before times this; 1 keeps it.
    weight_decay : float
        The objective has weight_decay / 2 times the sum of all squared weights added (biases are free).
    batch_size : int
        Rows in a step.
    epochs : int
        Passes over the data; iterations of "lbfgs".
    random_state : None, int or numpy Generator
        Seed of all random numbers: the same seed gives the same bits, for any number of threads.
    dtype : {"float32", "float64"}
        Of parameters and data.
    verbose : int
        1 shows a progress bar, if stderr is a terminal; 2 also says whether compiled steps or `objective` train the model.

    Attributes
    ----------
    parameters_ : mapping of str to array
        "encoder.0.W", "encoder.0.b", …, "decoder.0.W", …
    history_ : dict of str to list of float
        "loss", "val_loss" (with validation data) and "seconds" since the start, one entry per epoch.
    n_features_in_ : int
    trained_by_ : str
        Compiled steps, or the model's own `objective`: with `use_backend("numpy")` it is always the objective, and a breakpoint there
        is reached.
    feature_names_in_ : array of str
        Only after fitting a data frame whose column names are strings.

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

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=0)
        check_whole("latent_dim", self.latent_dim, 1)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_flag("tied_weights", self.tied_weights)
        check_choice("output_activation", self.output_activation, ACTIVATIONS)
        if self.likelihood == "bernoulli" and self.output_activation != "identity":
            raise ValueError(
                f'output_activation={self.output_activation!r} is not allowed with likelihood="bernoulli", whose decoder gives logits; '
                'leave it out, or use likelihood="gaussian".'
            )
        if self.code_activation is not None:
            check_choice("code_activation", self.code_activation, ACTIVATIONS)

    def networks(self, features: int) -> tuple[Network, ...]:
        """Encoder and decoder."""
        return self._encoder(features), self._decoder(features)

    def _encoder(self, features: int) -> Network:
        sizes = [features, *(int(size) for size in self.hidden_sizes), int(self.latent_dim)]
        hidden = len(sizes) - 2
        return Network.chain("encoder", sizes, [self.activation] * hidden + [self._code_activation()])

    def _code_activation(self) -> str:
        return self.code_activation or ("identity" if len(self.hidden_sizes) else self.activation)

    def _decoder(self, features: int) -> Network:
        """The mirror image; its last layer is linear by default: logits for "bernoulli", the reconstruction itself for "gaussian"."""
        sizes = [features, *(int(size) for size in self.hidden_sizes), int(self.latent_dim)][::-1]
        hidden = len(sizes) - 2
        mirror = [f"encoder.{i}" for i in range(hidden, -1, -1)] if self.tied_weights else None
        return Network.chain("decoder", sizes, [self.activation] * hidden + [self.output_activation], mirror)

    def objective(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> tuple[float, Parameters]:
        """The objective on a batch and its gradient: the derivation, top to bottom."""
        (encoder, decoder), likelihood, gradients = (
            self.networks(x.shape[1]),
            LIKELIHOODS[self.likelihood],
            parameters.like(),
        )

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        loss = float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)  # (autoencoder.4)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss, gradients
