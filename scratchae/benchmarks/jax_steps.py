"""JAX as a contestant: one compiled call per step, or one per epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from scratchae.benchmarks.cases import LEVEL, Workload
from scratchae.benchmarks.reference import Reference
from scratchae.benchmarks.stepwise import BlockwiseCodes, StepwiseTraining
from scratchae.nets.network import Array


def contestant(case: Workload, reference: Reference, seconds: float, mode: str) -> StepwiseTraining | BlockwiseCodes:
    """Return the contestant.

    Parameters
    ----------
    mode : {"step", "scan"}
        "scan" takes all steps of an epoch by `jax.lax.scan`.
    """
    steps = JaxSteps(case, reference, mode)
    if not case.trains_nothing:
        return StepwiseTraining(steps, reference, case.rows, seconds)
    blocks = case.batches if mode == "scan" else 1
    shape = (blocks, case.batch_size, case.encoder[0])
    encode = jax.jit(lambda theta, x: jax.lax.map(lambda block: steps.forward(theta, block), x.reshape(shape)))
    return BlockwiseCodes(
        lambda block: encode(steps.start, steps.x[block]),
        lambda codes: np.asarray(codes).reshape(-1, case.encoder[-1]),
        case.rows,
        blocks * case.batch_size,
        seconds,
    )


class JaxSteps:
    """Training steps in JAX, see `stepwise.Steps`. Adam is written out."""

    def __init__(self, case: Workload, reference: Reference, mode: str) -> None:
        self.case, self.at_once, self.key = case, case.batches if mode == "scan" else 1, jax.random.key(0)
        self.x, y = case.data()
        self.y = np.zeros(case.rows, np.int32) if y is None else y.astype(np.int32)
        self.rectified = [layer.activation == "relu" for layer in case.layers]
        self.start = [
            (jnp.asarray(W), jnp.asarray(b)) for W, b in zip(reference.weights, reference.biases, strict=True)
        ]
        self._steps = jax.jit(lambda state, batches: jax.lax.scan(self._step, state, batches), donate_argnums=0)
        self._one_step = jax.jit(self._step, donate_argnums=0)
        self._noise = jax.jit(self._drawn)

    def restart(self) -> None:
        """Return to the initial parameters, with a new optimiser."""
        m, v = (jax.tree.map(jnp.zeros_like, self.start) for _ in range(2))
        self.state = (jax.tree.map(jnp.copy, self.start), m, v, jnp.float32(0))

    def draw(self) -> Any:
        """Draw the noise of a call."""
        if not self.case.has_noise:
            return None
        self.key, noise = self._noise(self.key)
        return noise

    def _drawn(self, key: Any) -> tuple[Any, Any]:
        key, now = jax.random.split(key)
        denoising, size = self.case.kind == "denoising", (self.at_once, self.case.batch_size)
        if denoising:
            return key, jax.random.uniform(now, (*size, self.case.encoder[0]))
        return key, jax.random.normal(now, (*size, self.case.encoder[-1]))

    def take(self, rows: Array, noise: Any) -> Any:
        """Train on batches; return their losses."""
        batches = (self.x[rows], self.y[rows], noise)
        if len(rows) > 1:
            self.state, losses = self._steps(self.state, batches)
        else:
            self.state, losses = self._one_step(self.state, tuple(None if a is None else a[0] for a in batches))
        return losses

    def finish(self, results: Any) -> Array:
        """Return losses as an array."""
        return np.asarray(results)

    def _step(self, state: Any, batch: Any) -> Any:
        theta, m, v, t = state
        loss, gradient = jax.value_and_grad(self.loss)(theta, *batch)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        c1, c2 = (-jnp.expm1(t * math.log(beta)) for beta in (0.9, 0.999))  # 1 - beta^t, which cancels in float32
        theta = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), theta, m, v)
        return (theta, m, v, t), loss

    def forward(self, theta: Any, h: Any, layers: Sequence[int] | None = None) -> Any:
        """Return the output of some layers, all by default."""
        for i in range(len(theta)) if layers is None else layers:
            W, b = theta[i]
            h = h @ W + b
            if self.rectified[i]:
                h = jax.nn.relu(h)
        return h

    def loss(self, theta: Any, x: Any, y: Any, noise: Any) -> Any:
        """Return the mean loss of a batch."""
        code, end = self.case.encoder_layers, len(theta)
        if self.case.kind == "classifier":
            logits = self.forward(theta, x)
            return (jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, y[:, None], 1)[:, 0]).mean()
        inputs, kl = x, jnp.zeros(())
        if self.case.kind == "denoising":
            inputs = jnp.where(noise < LEVEL, 0, x)
        h = self.forward(theta, inputs, range(code))
        if self.case.kind == "variational":
            mu, logvar = jnp.split(h, 2, axis=1)
            h = mu + jnp.exp(logvar / 2) * noise
            kl = (mu * mu + jnp.exp(logvar) - logvar - 1).sum(axis=1).mean() / 2
        logits = self.forward(theta, h, range(code, end))
        return (jax.nn.softplus(logits) - x * logits).sum(axis=1).mean() + kl
