"""The stacked autoencoder: greedy layer-wise pre-training on the codes of the previous layer, then fine-tuning of all layers.

Derivation: docs/derivations/stacked.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import files
from scratchae.errors import ConvergenceWarning, DivergenceError, is_interrupt, muted, not_fitted, warn
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.availability import weights_on_request
from scratchae.models.classifier import StackedClassifier
from scratchae.models.continuing import continues
from scratchae.models.contractive import ContractiveAutoencoder, check_contractible
from scratchae.models.data_initialisation import named
from scratchae.models.denoising import CORRUPTIONS, DenoisingAutoencoder, check_corruption
from scratchae.models.feature_names import compare_names, names_of
from scratchae.models.fitting import Data, check_checkpoint, hold_out, schedule
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.validation import (
    ValidationData,
    check_choice,
    check_count,
    check_flag,
    check_number,
    check_share,
    check_sizes,
)
from scratchae.models.weights import check_weights
from scratchae.nets import ACTIVATIONS, Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import Callbacks, Optimizer, RandomState, TrainingState, as_optimizer, interruption, seed_of
from scratchae.training.callbacks import as_callbacks
from scratchae.training.state import digest

S = TypeVar("S", bound="StackedAutoencoder")
BASES: dict[str, tuple[type[Autoencoder], tuple[str, ...]]] = {  # the model used for each layer, and its options
    "basic": (Autoencoder, ()),
    "denoising": (DenoisingAutoencoder, ("corruption", "corruption_level")),
    "sparse": (SparseAutoencoder, ("sparsity", "sparsity_weight")),
    "contractive": (ContractiveAutoencoder, ("contraction",)),
}


class StackedAutoencoder(BaseAutoencoder):
    """A deep autoencoder that is trained layer by layer (`pretrain`), then as a whole (`fine_tune`); `fit` does both.

    The first autoencoder learns to reconstruct x, the second the codes of the first, and so on. Then they are unrolled: the encoders in
    order, followed by the decoders in reverse order.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the layers; the last is the size of the code.
    base : {"denoising", "basic", "sparse", "contractive"}
        The type of autoencoder used to train each layer.
    activation : {"sigmoid", "tanh", "relu", "identity"}
        Activation of every layer, including the code. ("sparse" needs "sigmoid"; "contractive" needs "sigmoid" or "tanh".) The codes of sigmoid
        units are reconstructed as probabilities (Bernoulli), others by squared error.
    likelihood
        As in `Autoencoder`, for the data.
    tied_weights : bool
        Use the transposed weights of the encoders in their decoders, in the layers and in the unrolled network.
    corruption, corruption_level
        As in `DenoisingAutoencoder`, for base="denoising"; `corruption_level` may be a sequence with one level per layer.
    sparsity, sparsity_weight
        As in `SparseAutoencoder`, for base="sparse".
    contraction
        As in `ContractiveAutoencoder`, for base="contractive".
    pretrain_epochs : int or "auto"
        Epochs per layer; "auto" for those of `epochs`.
    pretrain_learning_rate : float, optional
        Learning rate of the layers; by default, `learning_rate`.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`; `learning_rate`, `learning_rate_decay` and `epochs` apply to the fine-tuning.

    Attributes
    ----------
    parameters_ : mapping of str to array
        Parameters of the unrolled network: "encoder.0.W", …, "decoder.0.W", …
    layers_ : list
        The fitted autoencoders of the finished layers; empty after `load`, since a file contains only the unrolled network.
    history_ : dict of str to list of float
        History of the fine-tuning.
    pretraining_history_ : list of dict
        History of each layer.
    trained_by_ : str
        As in `Autoencoder`.

    Notes
    -----
    Pre-training keeps the codes of all rows in memory, those of one layer at a time and the previous one, so that they are computed only once.

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

    _shaping = (*BaseAutoencoder._shaping, "hidden_sizes", "activation", "tied_weights")

    # Learned.
    layers_: list[Autoencoder]
    pretraining_history_: list[dict[str, list[float]]]
    _pretrained: str  # digest of the parameters at the end of the pre-training

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
        pretrain_epochs: int | str = "auto",
        pretrain_learning_rate: float | None = None,
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
        self.warm_start = warm_start

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=1)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_flag("tied_weights", self.tied_weights)
        check_count("pretrain_epochs", self.pretrain_epochs)
        if self.pretrain_learning_rate is not None:
            check_number("pretrain_learning_rate", self.pretrain_learning_rate, 0, open_end=True)
        check_choice("corruption", self.corruption, CORRUPTIONS)
        for level in self._levels():
            check_corruption(self.corruption, level)
        check_share("sparsity", self.sparsity, open_ends=True)
        check_number("sparsity_weight", self.sparsity_weight, 0)
        check_number("contraction", self.contraction, 0)
        _check_base(self)

    def _levels(self) -> tuple[float, ...]:
        """Return the corruption level of each layer."""
        level, sizes = self.corruption_level, len(self.hidden_sizes)
        if np.ndim(level) != 1 or isinstance(level, str):
            return (cast("float", level),) * sizes
        levels = tuple(cast("Sequence[float]", level))
        if len(levels) != sizes:
            raise ValueError(
                f"corruption_level has {len(levels)} entries for {sizes} layers; give one level per layer, or one number."
            )
        return levels

    # The unrolled network.

    def _sizes(self, features: int) -> list[int]:
        return [features, *(int(size) for size in self.hidden_sizes)]

    def networks(self, features: int) -> tuple[Network, ...]:
        """Return encoder and decoder."""
        return self._encoder(features), self._decoder(features)

    def _encoder(self, features: int) -> Network:
        sizes = self._sizes(features)
        return Network.chain("encoder", sizes, [self.activation] * (len(sizes) - 1))

    def _decoder(self, features: int) -> Network:
        """Return the decoders of the layers in reverse order; the last is linear, as in `Autoencoder`."""
        sizes = self._sizes(features)[::-1]
        hidden = len(sizes) - 2
        mirror = [f"encoder.{i}" for i in range(hidden, -1, -1)] if self.tied_weights else None
        return Network.chain("decoder", sizes, [self.activation] * hidden + ["identity"], mirror)

    # The unrolled network is trained as one autoencoder, with the same metrics.
    objective, metrics = Autoencoder.objective, Autoencoder.metrics

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise not_fitted(
                f"This {type(self).__name__} has no layers yet; call pretrain first, or fit, which also calls pretrain."
            )
        super()._check_fitted()

    def _first_state(self, features: int, state_vectors: int) -> TrainingState:
        """Return the initial state of fine-tuning, with the parameters learned before."""
        state = super()._first_state(features, state_vectors)
        if self.__sklearn_is_fitted__() and self.n_features_in_ == features:
            state.parameters.flat[:] = self._parameters.flat
        return state

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Keep the parameters of the pre-training, whose layers were initialised from their own data."""

    # Pre-training, layer by layer.

    def pretrain(
        self: S,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[Autoencoder] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """Train each layer on the codes of the previous layer, and unroll them.

        Parameters
        ----------
        X, y, sample_weight, validation_data, callbacks
            As in `Autoencoder.fit`; callbacks are called with the layer being trained.
        checkpoint : path, optional
            Each layer has its own checkpoint file in the same folder: for ``run.npz``, ``run.layer1.npz`` and so on.
        resume : bool
            Whether to continue from those files. Otherwise they are removed first, as is `checkpoint` itself.

        Returns
        -------
        self

        Warns
        -----
        UserWarning
            If Ctrl-C or SIGTERM ended the pre-training. Finished layers are kept.
        """
        data, validation = self._checked_data(X, validation_data)
        weights = check_weights(sample_weight, len(data.x))
        callbacks = as_callbacks(callbacks)
        checkpoint = check_checkpoint(checkpoint, resume)
        seed = None if self.random_state is None else seed_of(self.random_state)
        parts = [checkpoint_of_layer(checkpoint, k) for k in range(len(self.hidden_sizes))]
        if checkpoint is not None and not resume:
            # An existing fine-tuning checkpoint belongs to other layers.
            _remove_checkpoints([*parts, Path(checkpoint)])
        # The same rows for all layers.
        data, validation, weights = hold_out(self, data, validation, callbacks, seed or 0, weights)
        codes, held_out, done = data.x, None if validation is None else validation.x, []
        for k, part in enumerate(parts):
            layer = _layer_of(self, k, None if seed is None else _seed_of_layer(seed, k))
            if resume and checkpoint is not None and _epochs_in(part) < schedule(layer, len(codes)).epochs:
                # The others were trained on earlier codes of this layer.
                _remove_checkpoints([*parts[k + 1 :], Path(checkpoint)])
            with named(names_of(X) if k == 0 else None):
                interrupted = _fit_layer(  # (stacked.1)
                    layer,
                    codes,
                    sample_weight=weights,
                    validation_data=held_out,
                    callbacks=callbacks,
                    checkpoint=part,
                    resume=resume,
                )
            if hasattr(layer, "history_"):
                done.append(layer)
                self._unroll(done, data.x.shape[1], names_of(X))
            if interrupted is not None:
                if not done:
                    raise interrupted if isinstance(interrupted, KeyboardInterrupt) else KeyboardInterrupt from None
                interruption.remember()
                warn(_interrupted_message(k, len(parts), hasattr(layer, "history_")))
                break
            if k + 1 < len(parts):
                codes = layer.encode(codes)  # (stacked.2): computed once, not in every epoch
                held_out = None if held_out is None else layer.encode(held_out)
        early = [layer._early_end for layer in done if layer._early_end]
        if early and not interrupted:
            advice = re.sub(r'epochs="auto" \((\d+),?(\d*)\)', r"pretrain_epochs=\1\2", early[0])
            advice = advice.replace("give epochs above", "give pretrain_epochs above")
            warn(f"Pre-training: {advice}", ConvergenceWarning)
        return self

    def _unroll(self, layers: list[Autoencoder], features: int, names: Array | None) -> None:
        """Set the fitted state to the network of the finished layers; the remaining layers are random."""
        state = super()._first_state(features, 0)
        parameters, last = state.parameters, len(self.hidden_sizes) - 1
        for k, layer in enumerate(layers):
            for name, value in layer.parameters_.items():
                side, _, kind = name.split(".")
                parameters[f"{side}.{k if side == 'encoder' else last - k}.{kind}"] = value  # (stacked.3)
        learned = {
            "layers_": list(layers),
            "pretraining_history_": [layer.history_ for layer in layers],
            "trained_by_": layers[-1].trained_by_,
            "_pretrained": digest(parameters.flat)[:16],
        }
        self._set_fitted_state(parameters, {"loss": [], "seconds": []}, features, names, learned)

    # Fine-tuning.

    def fine_tune(
        self: S,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[S] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """Train the whole stack to reconstruct X, starting from the result of `pretrain` (or of an earlier `fine_tune`).

        Parameters are those of `Autoencoder.fit`.

        Raises
        ------
        NotFittedError
            If `pretrain` has not been called.
        """
        if not self.__sklearn_is_fitted__():
            self._check_options()
        self._check_fitted()
        compare_names(self, X)
        self._checked(X, self.n_features_in_)
        self._title = "all layers"
        return super().fit(
            X, sample_weight=sample_weight, validation_data=validation_data,
            callbacks=callbacks, checkpoint=checkpoint, resume=resume,
        )  # fmt: skip

    @weights_on_request
    def fit(
        self: S,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[Any] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """Call `pretrain`, then `fine_tune`; with warm_start=True, a stack that is trained already is only fine-tuned further.

        Parameters are those of `Autoencoder.fit`. If Ctrl-C ends the pre-training, there is no fine-tuning.
        """
        options: dict[str, Any] = {
            "sample_weight": sample_weight,
            "validation_data": validation_data,
            "callbacks": callbacks,
            "checkpoint": checkpoint,
            "resume": resume,
        }
        if continues(self):
            return self.fine_tune(X, **options)
        with muted(ConvergenceWarning):  # the fine-tuning continues what the layers have begun
            self.pretrain(X, **options)
        if len(self.layers_) < len(self.hidden_sizes) or self.layers_[-1]._was_interrupted:
            return self
        return self.fine_tune(X, **options)

    def _reason_against_partial_fit(self) -> str:
        return (
            f"A {type(self).__name__} has no partial_fit, since a layer needs the final codes of the layer below; use pretrain, then fine_tune "
            "with warm_start=True and epochs=1, as often as you like."
        )

    def _split_seed(self, data: Data, seed: int) -> int:
        """Return a seed that is the same for all stages, also if each draws its own: then it is made from the data."""
        return seed if isinstance(self.random_state, (int, np.integer)) else int(digest(data.x)[:16], 16)

    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Add the pre-trained layers, since they determine the initial parameters of the fine-tuning."""
        return {**super()._fingerprint(data, validation), "pre-trained layers": self._pretrained}

    def _learned(self) -> dict[str, Any]:
        return {"pretraining_history": self.pretraining_history_, "pretrained": self._pretrained}

    def _restored(self, learned: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "pretraining_history_": learned["pretraining_history"],
            "layers_": [],
            "_pretrained": learned.get("pretrained", ""),
        }

    # Classifier.

    def to_classifier(self, n_classes: int | None = None, **options: Any) -> StackedClassifier:
        """Make a classifier from a copy of this encoder with a softmax layer on top.

        Parameters
        ----------
        n_classes : int, optional
            By default, determined from the labels.
        **options
            Options of `StackedClassifier`. Sizes, activation, optimizer, batch size, seed and dtype default to those of the stack;
            learning rate, weight decay and epochs to those of the classifier.

        Returns
        -------
        StackedClassifier
            Not yet trained on labels: call `fit`, or `fit_softmax` to train only the new layer.
        """
        self._check_fitted()
        shared = ("hidden_sizes", "activation", "optimizer", "batch_size", "random_state", "dtype", "verbose")
        classifier = StackedClassifier(
            **{**{name: getattr(self, name) for name in shared}, "n_classes": n_classes, **options}
        )
        classifier._initialise_with(
            {name: value for name, value in self._parameters.items() if name.startswith("encoder.")},
            self.n_features_in_,
        )
        return classifier


def _interrupted_message(k: int, layers: int, begun: bool) -> str:
    """Return the warning after Ctrl-C or SIGTERM in layer k; `begun` is whether that layer has finished an epoch."""
    what = "was ended by SIGTERM" if interruption.was_terminated() else "was interrupted"
    random = [f"layer {i + 1}" for i in range(k if not begun else k + 1, layers)]
    still = f"; {', '.join(random)} {'is' if len(random) == 1 else 'are'} still random" if random else ""
    return f"Pre-training {what} in layer {k + 1} of {layers}{still}."


def _check_base(stack: StackedAutoencoder) -> None:
    """Raise ValueError unless layers of this type can be trained with the stack's other options."""
    check_choice("base", stack.base, BASES)
    if stack.base == "sparse" and stack.activation != "sigmoid":
        raise ValueError(f'base="sparse" needs activation="sigmoid", not {stack.activation!r}; change one of them.')
    if stack.base == "contractive":
        check_contractible(stack.activation)
    if stack.base == "denoising" and as_optimizer(stack.optimizer).name == "lbfgs":
        raise ValueError(
            'optimizer="lbfgs" needs a deterministic objective, but the noise of denoising layers is random; use "adam".'
        )


def _layer_of(stack: StackedAutoencoder, k: int, seed: int | None) -> Autoencoder:
    """Return the unfitted autoencoder of layer k of a `StackedAutoencoder`."""
    kind, names = BASES[stack.base]
    options = {name: getattr(stack, name) for name in names}
    if "corruption_level" in options:
        options["corruption_level"] = stack._levels()[k]
    inner_likelihood = "bernoulli" if stack.activation == "sigmoid" else "gaussian"
    shared = ("activation", "tied_weights", "optimizer", "weight_decay", "batch_size", "dtype", "verbose")
    layer = kind(
        **options,
        **{name: getattr(stack, name) for name in shared},
        hidden_sizes=(),
        latent_dim=int(stack.hidden_sizes[k]),
        likelihood=stack.likelihood if k == 0 else inner_likelihood,
        # Codes are reconstructed by units with the same activation; for sigmoid units, the Bernoulli likelihood does this.
        output_activation="identity" if k == 0 or stack.activation == "sigmoid" else stack.activation,
        learning_rate=stack.pretrain_learning_rate or stack.learning_rate,
        epochs=stack.epochs if stack.pretrain_epochs == "auto" else stack.pretrain_epochs,
        random_state=seed,
    )
    layer._title = f"layer {k + 1} of {len(stack.hidden_sizes)}"
    return layer


def checkpoint_of_layer(checkpoint: str | os.PathLike[str] | None, k: int) -> Path | None:
    """Return the checkpoint file of layer k."""
    if checkpoint is None:
        return None
    path = Path(checkpoint)
    return path.with_name(f"{path.stem}.layer{k + 1}{path.suffix}")


def _remove_checkpoints(parts: Iterable[Path | None]) -> None:
    """Remove checkpoint files of an earlier run."""
    for part in parts:
        if part is not None and part.is_file():
            part.unlink()


def _epochs_in(part: Path | None) -> float:
    """Return the number of epochs in a checkpoint file; infinite if the training was stopped early, or if there is no file."""
    if part is None or not part.is_file():
        return np.inf
    header, _ = files.read(part, "checkpoint")
    return np.inf if header["stopped"] else header["epoch"]


def _seed_of_layer(seed: int, k: int) -> int:
    """Return the seed of layer k."""
    return int(np.random.SeedSequence(seed, spawn_key=(4, k)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _fit_layer(layer: Autoencoder, codes: Array, **options: Any) -> BaseException | None:
    """Fit one layer; return the interruption that ended it, possibly before the end of its first epoch."""
    with muted("Training was ", ConvergenceWarning):
        try:
            layer.fit(codes, **options)
        except DivergenceError as error:
            raise DivergenceError(f"{layer._title}: {error}") from None
        except BaseException as error:
            if not is_interrupt(error) or interruption.ends_all(error):
                raise
            return error
    return KeyboardInterrupt() if layer._was_interrupted else None
