"""Mistakes in the classic family: those of well-read code among them, which a gradient check does not see."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae import backend, ops
from scratchae.models import (
    ContractiveAutoencoder,
    DenoisingAutoencoder,
    KSparseAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    StackedClassifier,
)
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.pretraining import layer_of
from scratchae.nets import Parameters
from scratchae.training import TrainingState
from scratchae.verify.derivatives import Array
from scratchae.verify.mutants.mutant import model_mutant


class _NoisyTarget(DenoisingAutoencoder):
    """The corrupted input is also the target: a basic autoencoder of noise."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        return Autoencoder._loss_and_gradient(self, parameters, self._corrupted(x, noise))


class _SameNoise(DenoisingAutoencoder):
    """The corruption of the first epoch is that of all."""

    def _draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        return super()._draw_noise(np.random.default_rng(0), shape)


class _CleanInput(DenoisingAutoencoder):
    """The corruption is drawn, and forgotten."""

    def _corrupted(self, x: Array, noise: Array) -> Array:
        return x


class _PenaltyWithoutGradient(SparseAutoencoder):
    """The sparsity is in the loss only."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        loss, _ = super()._loss_and_gradient(parameters, x)
        return loss, Autoencoder._loss_and_gradient(self, parameters, x)[1]


class _UnweightedSparsity(SparseAutoencoder):
    """The weight of the sparsity is not used, neither in the loss nor in the gradient."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        unweighted = SparseAutoencoder(**{**self.get_params(), "sparsity_weight": 1.0})
        return unweighted._loss_and_gradient(parameters, x)


class _DenseCode(KSparseAutoencoder):
    """k-sparse in training only: the code that is given out is dense."""

    def _code(self, parameters: Parameters, x: Array) -> Array:
        return Autoencoder._code(self, parameters, x)


class _StraightThrough(KSparseAutoencoder):
    """The gradient goes through the entries that were set to zero, too."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        encoder, gradients = self._encoder(x.shape[1]), parameters.like()
        h = encoder.forward(parameters, x)
        code = backend.active().k_sparse(h[-1], int(self.k))
        loss, dcode = self._reconstruction(parameters, code, x, gradients)
        encoder.backward(parameters, dcode, h, gradients)
        return loss + self._decay(parameters, gradients), gradients


class _FirstOrderContraction(ContractiveAutoencoder):
    """The penalty's gradient stops at W: what it does through h is left out."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        loss, _ = super()._loss_and_gradient(parameters, x)
        _, gradients = Autoencoder._loss_and_gradient(self, parameters, x)
        h, W = self._code(parameters, x), parameters["encoder.0.W"]
        d = np.full(len(x), self.contraction / len(x), x.dtype)
        gradients["encoder.0.W"] += ops.contractive_penalty_backward(d, h, W, self._code_activation())[1]
        return loss, gradients


class _NoContraction(ContractiveAutoencoder):
    """The penalty is asked for and left out, gradient and all."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        return Autoencoder._loss_and_gradient(self, parameters, x)


class _AllOnX(StackedAutoencoder):
    """The second layer learns the codes of an untrained first layer."""

    def pretrain(self, X: Any, y: Any = None, **options: Any) -> Any:
        super().pretrain(X, y, **options)
        first = self.layers_[0]
        untrained = type(first)(**{**first.get_params(), "epochs": 1, "learning_rate": 1e-12}).fit(X)
        second = layer_of(self, 1, self.layers_[1].random_state).fit(untrained.encode(X))
        self._unroll([self.layers_[0], second], np.shape(X)[1], None)
        return self


class _NotMirrored(StackedAutoencoder):
    """Unrolled with the decoders in the order of the encoders, where shapes allow it: their biases swapped."""

    def _unroll(self, *arguments: Any) -> None:
        super()._unroll(*arguments)
        self._parameters["decoder.0.b"][...] = 0


class _BegunAnew(StackedAutoencoder):
    """Fine-tuning that forgets the pre-training and begins at random."""

    def _fresh_state(self, features: int, slots: int) -> TrainingState:
        return Autoencoder._fresh_state(self, features, slots)  # type: ignore[arg-type]


class _UntiedStack(StackedAutoencoder):
    """tied_weights is accepted and does nothing."""

    def _decoder(self, features: int) -> Any:
        return StackedAutoencoder(**{**self.get_params(), "tied_weights": False})._decoder(features)

    def _unroll(self, layers: Any, *arguments: Any) -> None:
        super()._unroll(layers, *arguments)
        for name in self._parameters:
            if name.startswith("decoder") and name.endswith("W"):
                self._parameters[name][...] = 0.1


class _SoftmaxOnly(StackedClassifier):
    """A fine-tuning in which no gradient reaches the layers below the softmax."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        loss, gradients = super()._loss_and_gradient(parameters, x, y)
        for name in gradients:
            if name.startswith("encoder."):
                gradients[name][...] = 0
        return loss, gradients


class _FirstLayerCopied(StackedClassifier):
    """Only the first layer of the encoder is copied; the others begin at random."""

    def _begin_with(self, start: dict[str, Array], features: int, classes: Any = None) -> None:
        super()._begin_with({**start, "encoder.1.W": -start["encoder.1.W"]}, features, classes)


class _SharedLayers(StackedClassifier):
    """The layers are shared with the stack instead of copied, so that training one changes the other."""

    def _begin_with(self, start: dict[str, Array], features: int, classes: Any = None) -> None:
        self._start, self._start_features = start, features
        self._owner = getattr(self, "_owner", start)

    def fit(self, X: Any, y: Any = None, **options: Any) -> Any:
        super().fit(X, y, **options)
        for name, value in self._owner.items():
            value[...] = self._parameters[name]
        return self


class _SummedLoss(StackedClassifier):
    """Loss and gradient are sums over the batch."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> Any:
        loss, gradients = super()._loss_and_gradient(parameters, x, y)
        gradients.flat[:] *= len(x)
        return loss * len(x), gradients


class _CompiledNoisyTarget(DenoisingAutoencoder):
    """The compiled steps compare with the corrupted input."""

    def _inputs_and_targets(self, data: Any, order: Array, rng: Any) -> Any:
        noisy, _, rows = super()._inputs_and_targets(data, order, rng)
        return noisy, noisy, rows


class _CompiledSameNoise(DenoisingAutoencoder):
    """The compiled steps corrupt every epoch alike."""

    def _inputs_and_targets(self, data: Any, order: Array, rng: Any) -> Any:
        return super()._inputs_and_targets(data, order, np.random.default_rng(0))


class _CompiledWrongLabels(StackedClassifier):
    """The compiled steps take the labels in the order of the data, and the rows in that of the epoch."""

    def _inputs_and_targets(self, data: Any, order: Array, rng: Any) -> Any:
        x, _, rows = super()._inputs_and_targets(data, order, rng)
        return x, super()._inputs_and_targets(data, np.sort(order), rng)[1], rows


class _CompiledLinearEnd(Autoencoder):
    """The compiled steps take the last layer for linear, whatever its units are."""

    def _compiled_loss(self) -> str:
        return self.likelihood


_CLEAN = "the target of denoising is the clean input"
model_mutant("denoising towards the corrupted input", _CLEAN, DenoisingAutoencoder=_NoisyTarget)
model_mutant("denoising of clean inputs", _CLEAN, DenoisingAutoencoder=_CleanInput)
model_mutant("the same corruption in every epoch", "every epoch corrupts afresh", DenoisingAutoencoder=_SameNoise)
model_mutant(
    "compiled denoising towards the corrupted input",
    "DenoisingAutoencoder trains alike on both backends: masking",
    DenoisingAutoencoder=_CompiledNoisyTarget,
)
model_mutant(
    "compiled denoising with one corruption for all epochs",
    "DenoisingAutoencoder trains alike on both backends: gaussian",
    DenoisingAutoencoder=_CompiledSameNoise,
)
model_mutant(
    "compiled steps with labels of other rows",
    "StackedClassifier trains alike on both backends: two layers, decayed",
    StackedClassifier=_CompiledWrongLabels,
)
model_mutant(
    "compiled steps without the slope of the last layer",
    "Autoencoder trains alike on both backends: units of tanh at the end",
    Autoencoder=_CompiledLinearEnd,
)
model_mutant(
    "a sparsity penalty that is reported and never acts",
    "SparseAutoencoder gradient on ops: one layer",
    SparseAutoencoder=_PenaltyWithoutGradient,
)
model_mutant(
    "a sparsity penalty without its weight, its gradient too",
    "a sparse code's penalty is in the loss, by its weight",
    SparseAutoencoder=_UnweightedSparsity,
)
model_mutant("k-sparse in training only", "a k-sparse code has exactly k entries", KSparseAutoencoder=_DenseCode)
model_mutant(
    "k-sparse with a gradient through all entries",
    "KSparseAutoencoder gradient on ops: linear code",
    KSparseAutoencoder=_StraightThrough,
)
model_mutant(
    "contraction to first order only",
    "ContractiveAutoencoder gradient on ops: sigmoid",
    ContractiveAutoencoder=_FirstOrderContraction,
)
model_mutant(
    "contraction that is asked for and left out",
    "the contraction is that of the model's own code",
    ContractiveAutoencoder=_NoContraction,
)
model_mutant(
    "a second layer trained on codes of an untrained first",
    "a layer of the stack is trained on the codes of the layer before",
    StackedAutoencoder=_AllOnX,
)
model_mutant(
    "a decoder that is not the mirrored one",
    "a layer of the stack is trained on the codes of the layer before",
    StackedAutoencoder=_NotMirrored,
)
model_mutant(
    "fine-tuning that forgets the pre-training",
    "fine-tuning moves every layer of the stack",
    StackedAutoencoder=_BegunAnew,
)
model_mutant(
    "a stack's tied weights that are not tied", "tied weights of a stack stay tied", StackedAutoencoder=_UntiedStack
)
model_mutant(
    "fine-tuning of the top layer only",
    "fine-tuning moves every layer of the classifier",
    StackedClassifier=_SoftmaxOnly,
)
model_mutant(
    "a classifier that does not copy all layers",
    "the classifier begins as the stack's encoder",
    StackedClassifier=_FirstLayerCopied,
)
model_mutant(
    "a classifier that trains the stack's own layers",
    "the classifier begins as the stack's encoder",
    StackedClassifier=_SharedLayers,
)
model_mutant(
    "a classifier's loss that grows with the batch",
    "a classifier of zeros is at chance",
    StackedClassifier=_SummedLoss,
)
