"""Mistakes in the basic autoencoder."""

from __future__ import annotations

from typing import Any

from scratchae.models import Autoencoder
from scratchae.nets import Parameters
from scratchae.verify.derivatives import Array
from scratchae.verify.mutants.mutant import model_mutant


class _TiedGradientOnce(Autoencoder):
    """The decoder's use of a tied weight sends no gradient back."""

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, *more: Any, **named: Any
    ) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x, *more, **named)
        if self.tied_weights:
            untied = Autoencoder(**{**self.get_params(), "tied_weights": False})
            apart = Parameters(
                {
                    n: s
                    for net in (untied._encoder(x.shape[1]), untied._decoder(x.shape[1]))
                    for n, s in net.shapes().items()
                },
                self._dtype(),
            )
            depth = len(self.hidden_sizes) + 1
            for name in apart:
                mirror = f"encoder.{depth - 1 - int(name.split('.')[1])}.W"
                apart[name] = parameters[name] if name in parameters else parameters[mirror].T
            _, separate = untied._loss_and_gradient(apart, x)
            for name in gradients:
                gradients[name] = separate[name]
        return loss, gradients


class _TopOnly(Autoencoder):
    """Only the last layer is trained: no gradient reaches the others."""

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, *more: Any, **named: Any
    ) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x, *more, **named)
        for name in gradients:
            if not name.startswith(f"decoder.{len(self.hidden_sizes)}."):
                gradients[name][...] = 0
        return loss, gradients


class _SummedOverBatch(Autoencoder):
    """Loss and gradient are sums over the batch, so that both grow with it."""

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, *more: Any, **named: Any
    ) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x, *more, **named)
        gradients.flat[:] *= len(x)
        return loss * len(x), gradients


class _DecayedBiases(Autoencoder):
    """Weight decay on the biases as well, loss and gradient alike."""

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, *more: Any, **named: Any
    ) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x, *more, **named)
        for name in gradients:
            if name.endswith(".b"):
                gradients[name] += self.weight_decay * parameters[name]
                loss += self.weight_decay / 2 * float((parameters[name] ** 2).sum())
        return loss, gradients


class _UntiedDecoder(Autoencoder):
    """tied_weights is accepted and does nothing."""

    def _decoder(self, features: int) -> Any:
        return Autoencoder(**{**self.get_params(), "tied_weights": False})._decoder(features)


model_mutant(
    "a tied weight's gradient from one of its two uses",
    "Autoencoder gradient on ops: tied, sigmoid, decayed",
    Autoencoder=_TiedGradientOnce,
)
model_mutant("training that moves the last layer only", "training moves every parameter", Autoencoder=_TopOnly)
model_mutant("a loss that grows with the batch", "repeating every row changes nothing", Autoencoder=_SummedOverBatch)
model_mutant(
    "weight decay on biases", "weight decay is in the loss, and acts on weights only", Autoencoder=_DecayedBiases
)
model_mutant("tied weights that are not tied", "tied weights stay tied", Autoencoder=_UntiedDecoder)
