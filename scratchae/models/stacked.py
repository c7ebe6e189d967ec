"""The stacked autoencoder: one layer after another is trained on the codes of the layer before, then all of them together.

Derivation: docs/derivations/stacked.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from scratchae.errors import not_fitted
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.denoising import CORRUPTIONS, check_corruption
from scratchae.models.pretraining import LayerByLayer, check_base
from scratchae.models.validation import check_choice, check_flag, check_number, check_share, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network
from scratchae.training import TrainingState

S = TypeVar("S", bound="StackedAutoencoder")


class StackedAutoencoder(LayerByLayer):
    """A deep autoencoder that is trained layer by layer (`pretrain`), then as a whole (`fine_tune`); `fit` does both.

    The first autoencoder learns to reconstruct x, the second the codes of the first, and so on. Then they are unrolled: the encoders in
    their order, the decoders mirrored.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the layers; the last is that of the code.
    base : {"denoising", "basic", "sparse", "contractive"}
        What each layer is trained as.
    activation : {"sigmoid", "tanh", "relu", "identity"}
        Of every layer, the code included. ("sparse" needs "sigmoid"; "contractive" needs "sigmoid" or "tanh".) The codes of sigmoid
        units are reconstructed as probabilities (Bernoulli), those of others by squared error.
    likelihood : {"bernoulli", "gaussian"}
        Of the data, as in `Autoencoder`.
    tied_weights : bool
        Whether decoders use the transposed weights of their encoders, in every layer and in the whole.
    corruption, corruption_level
        For base="denoising", as in `DenoisingAutoencoder`; `corruption_level` may be a sequence, one level for each layer.
    sparsity, sparsity_weight
        For base="sparse", as in `SparseAutoencoder`.
    contraction
        For base="contractive", as in `ContractiveAutoencoder`.
    pretrain_epochs : int
        For each layer.
    pretrain_learning_rate : float, optional
        `learning_rate` if not given.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose
        As in `Autoencoder`; `learning_rate`, `learning_rate_decay` and `epochs` are those of the fine-tuning.

    Attributes
    ----------
    parameters_ : mapping of str to array
        Of the unrolled network: "encoder.0.W", …, "decoder.0.W", …
    layers_ : list
        The fitted autoencoder of each finished layer of the pre-training; empty after `load`, since a file keeps the whole only.
    history_ : dict of str to list of float
        Of the fine-tuning.
    pretraining_history_ : list of dict
        Of each layer.

    References
    ----------
    Bengio, Y., Lamblin, P., Popovici, D., Larochelle, H. (2007). Greedy layer-wise training of deep networks. NIPS.
    Vincent, P. et al. (2010). Stacked denoising autoencoders. Journal of Machine Learning Research 11.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> stack = sae.StackedAutoencoder(hidden_sizes=(32, 16), pretrain_epochs=2, epochs=2, random_state=0)
    >>> stack.pretrain(data.x_train).fine_tune(data.x_train).encode(data.x_test).shape
    (360, 16)
    >>> classifier = stack.to_classifier(epochs=3).fit(data.x_train, data.y_train)
    """

    _shaping = (*LayerByLayer._shaping, "hidden_sizes", "activation", "tied_weights")

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (200, 200),
        base: str = "denoising",
        activation: str = "sigmoid",
        likelihood: str = "bernoulli",
        tied_weights: bool = False,
        corruption: str = "masking",
        corruption_level: float | Sequence[float] = 0.3,
        sparsity: float = 0.05,
        sparsity_weight: float = 3.0,
        contraction: float = 0.1,
        pretrain_epochs: int = 15,
        pretrain_learning_rate: float | None = None,
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
        self.base = base
        self.activation = activation
        self.likelihood = likelihood
        self.tied_weights = tied_weights
        self.corruption = corruption
        self.corruption_level = corruption_level
        self.sparsity = sparsity
        self.sparsity_weight = sparsity_weight
        self.contraction = contraction
        self.pretrain_epochs = pretrain_epochs
        self.pretrain_learning_rate = pretrain_learning_rate
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
        check_sizes(self.hidden_sizes, least=1)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_flag("tied_weights", self.tied_weights)
        check_whole("pretrain_epochs", self.pretrain_epochs, 1)
        if self.pretrain_learning_rate is not None:
            check_number("pretrain_learning_rate", self.pretrain_learning_rate, 0, open_end=True)
        check_choice("corruption", self.corruption, CORRUPTIONS)
        for level in self._levels():
            check_corruption(self.corruption, level)
        check_share("sparsity", self.sparsity, open_ends=True)
        check_number("sparsity_weight", self.sparsity_weight, 0)
        check_number("contraction", self.contraction, 0)
        check_base(self)

    def _levels(self) -> tuple[float, ...]:
        """The corruption of each layer."""
        level: Any = self.corruption_level
        sizes = len(self.hidden_sizes)
        if np.ndim(level) != 1 or isinstance(level, str):
            return (level,) * sizes
        if len(level) != sizes:
            raise ValueError(
                f"corruption_level has {len(level)} entries for {sizes} layers; give one for each, or one number."
            )
        return tuple(level)

    # The unrolled network.

    def _sizes(self, features: int) -> list[int]:
        return [features, *(int(size) for size in self.hidden_sizes)]

    def _encoder(self, features: int) -> Network:
        sizes = self._sizes(features)
        return Network.chain("encoder", sizes, [self.activation] * (len(sizes) - 1))

    def _decoder(self, features: int) -> Network:
        """The decoders of the layers, mirrored; the last is linear, as in `Autoencoder`."""
        sizes = self._sizes(features)[::-1]
        hidden = len(sizes) - 2
        mirror = [f"encoder.{i}" for i in range(hidden, -1, -1)] if self.tied_weights else None
        return Network.chain("decoder", sizes, [self.activation] * hidden + ["identity"], mirror)

    _compiled_loss = Autoencoder._compiled_loss
    _loss_and_gradient = Autoencoder._loss_and_gradient

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise not_fitted(
                f"This {type(self).__name__} has no layers yet; call pretrain first, or fit, which does both."
            )
        super()._check_fitted()

    def _fresh_state(self, features: int, slots: int) -> TrainingState:
        """Fine-tuning begins with what was learned before."""
        state = super()._fresh_state(features, slots)
        if self.__sklearn_is_fitted__() and self.n_features_in_ == features:
            state.parameters.flat[:] = self._parameters.flat
        return state

    # Together.

    def fine_tune(
        self: S,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """Train the whole stack to reconstruct X, from where `pretrain` (or an earlier `fine_tune`) left it.

        Parameters are those of `Autoencoder.fit`.

        Raises
        ------
        NotFittedError
            Without `pretrain`.
        """
        if not self.__sklearn_is_fitted__():
            self._check_options()
        self._check_fitted()
        self._compare_names(X)
        self._checked(X, self.n_features_in_)
        self._title = "all layers"
        return super().fit(
            X, validation_data=validation_data, callbacks=callbacks, checkpoint=checkpoint, resume=resume
        )

    def fit(
        self: S,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """`pretrain`, then `fine_tune`.

        Parameters are those of `Autoencoder.fit`. After Ctrl-C in the pre-training there is no fine-tuning.
        """
        options: dict[str, Any] = {
            "validation_data": validation_data,
            "callbacks": callbacks,
            "checkpoint": checkpoint,
            "resume": resume,
        }
        self.pretrain(X, **options)
        if len(self.layers_) < len(self.hidden_sizes) or self.layers_[-1]._was_interrupted:
            return self
        return self.fine_tune(X, **options)

    # Afterwards.

    def to_classifier(self, n_classes: int | None = None, **options: Any) -> StackedClassifier:
        """A classifier that begins with a copy of this encoder: its layers, and a softmax layer on top.

        Parameters
        ----------
        n_classes : int, optional
            Found out from the labels if not given.
        **options
            Of `StackedClassifier`. Sizes, activation, optimizer, batch size, seed and dtype are those of the stack unless given;
            learning rate, weight decay and epochs are the classifier's own.

        Returns
        -------
        StackedClassifier
            Not yet trained on labels: call `fit`, or `fit_softmax` to train the new layer only.
        """
        self._check_fitted()
        shared = ("hidden_sizes", "activation", "optimizer", "batch_size", "random_state", "dtype", "verbose")
        classifier = StackedClassifier(
            **{**{name: getattr(self, name) for name in shared}, "n_classes": n_classes, **options}
        )
        classifier._begin_with(
            {name: value for name, value in self._parameters.items() if name.startswith("encoder.")},
            self.n_features_in_,
        )
        return classifier
