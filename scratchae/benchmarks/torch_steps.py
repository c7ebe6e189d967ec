"""PyTorch as a contestant, eager and compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, relu

from scratchae.benchmarks.cases import LEVEL, Workload
from scratchae.benchmarks.reference import Reference
from scratchae.benchmarks.stepwise import BlockwiseCodes, StepwiseTraining
from scratchae.nets.network import Array


def contestant(case: Workload, reference: Reference, seconds: float, mode: str) -> StepwiseTraining | BlockwiseCodes:
    """Return the contestant.

    Parameters
    ----------
    mode : {"eager", "fused", "compiled"}
        "fused" has the fused Adam; "compiled" has it, too, and a compiled loss and gradient.
    """
    steps = TorchSteps(case, reference, mode)
    if case.trains_nothing:
        encode = torch.compile(steps.encode) if mode == "compiled" else steps.encode

        @torch.inference_mode()
        def codes(block: slice) -> Any:
            return encode(steps.x[block])

        return BlockwiseCodes(codes, lambda codes: codes.numpy(), case.rows, case.batch_size, seconds)
    return StepwiseTraining(steps, reference, case.rows, seconds)


class TorchSteps:
    """Training steps in PyTorch, see `stepwise.Steps`."""

    at_once = 1

    def __init__(self, case: Workload, reference: Reference, mode: str) -> None:
        torch.manual_seed(0)
        self.case, self.reference, self.mode = case, reference, mode
        x, y = case.data()
        self.x, self.y = torch.from_numpy(x), None if y is None else torch.from_numpy(y)
        self.layers = [torch.nn.Linear(layer.d_in, layer.d_out) for layer in case.layers]
        self.rectified = [layer.activation == "relu" for layer in case.layers]
        self.parameters = [p for layer in self.layers for p in (layer.weight, layer.bias)]
        self.objective = torch.compile(self.loss) if mode == "compiled" else self.loss
        self.restart()

    def restart(self) -> None:
        """Return to the initial parameters, with a new optimiser."""
        with torch.no_grad():
            for layer, W, b in zip(self.layers, self.reference.weights, self.reference.biases, strict=True):
                layer.weight.copy_(torch.from_numpy(W).T)
                layer.bias.copy_(torch.from_numpy(b))
        self.optimizer = torch.optim.Adam(self.parameters, 1e-3, fused=self.mode != "eager")

    def draw(self) -> Any:
        """Draw the noise of a step."""
        if self.case.kind == "denoising":
            return torch.rand(self.case.batch_size, self.case.encoder[0])
        return torch.randn(self.case.batch_size, self.case.encoder[-1]) if self.case.kind == "variational" else None

    def take(self, rows: Array, noise: Any) -> Any:
        """Train on one batch; return its loss."""
        chosen = torch.from_numpy(rows[0])
        given = noise if noise is None or torch.is_tensor(noise) else torch.from_numpy(noise[0])
        self.optimizer.zero_grad()
        loss = self.objective(self.x[chosen], None if self.y is None else self.y[chosen], given)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def finish(self, results: Any) -> Array:
        """Return a loss as an array."""
        return results.numpy()

    def _forward(self, h: Any, layers: Sequence[int]) -> Any:
        for i in layers:
            h = self.layers[i](h)
            if self.rectified[i]:
                h = relu(h)
        return h

    def encode(self, x: Any) -> Any:
        """Return the codes."""
        return self._forward(x, range(len(self.layers)))

    def loss(self, x: Any, y: Any, noise: Any) -> Any:
        """Return the mean loss of a batch."""
        code, end = self.case.encoder_layers, len(self.layers)
        if self.case.kind == "classifier":
            return cross_entropy(self._forward(x, range(end)), y)
        inputs, kl = x, 0
        if self.case.kind == "denoising":
            inputs = torch.where(noise < LEVEL, 0, x)
        h = self._forward(inputs, range(code))
        if self.case.kind == "variational":
            mu, logvar = h.chunk(2, dim=1)
            h = mu + torch.exp(logvar / 2) * noise
            kl = (mu * mu + logvar.exp() - logvar - 1).sum() / 2
        logits = self._forward(h, range(code, end))
        return (binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl) / len(x)
