"""The posterior of a trained variational model with a Bernoulli decoder: its density up to a constant, its slope, and the best normal q."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchae as sae
from scratchae import ops

Array = np.ndarray
LOG_2_PI = np.log(2 * np.pi)


def black_and_white(grey: Array, seed: int) -> Array:
    """Draw each pixel white with its grey value as the probability."""
    return (np.random.default_rng(seed).random(grey.shape) < grey).astype(np.float64)


class Decoder:
    """The decoder of a trained model, forward and backward, in float64.

    Parameters
    ----------
    model : VariationalAutoencoder
        With likelihood "bernoulli".
    """

    def __init__(self, model: sae.VariationalAutoencoder) -> None:
        count = len([name for name in model.parameters_ if name.startswith("decoder.") and name.endswith(".W")])
        self.layers = [
            [model.parameters_[f"decoder.{i}.{kind}"].astype(np.float64) for kind in "Wb"] for i in range(count)
        ]
        self.activations = [model.activation] * (count - 1) + ["identity"]

    def logits(self, z: Array) -> Array:
        """Return the logits of the pixels for codes (M, J)."""
        return self._outputs(z)[-1]

    def _outputs(self, z: Array) -> list[Array]:
        outputs = [z]
        for (W, b), activation in zip(self.layers, self.activations, strict=True):
            outputs.append(ops.layer(outputs[-1], W, b, activation))
        return outputs

    def log_joint(self, x: Array, z: Array) -> tuple[Array, Array]:
        """Return ln p(x|z) + ln p(z) at draws z, (L, N, J), of each row of x, and its derivative with respect to z."""
        draws, rows, size = z.shape
        outputs, tiled = self._outputs(z.reshape(-1, size)), np.tile(x, (draws, 1))
        value = -ops.bernoulli_nll(outputs[-1], tiled).reshape(draws, rows)
        value -= ((z**2).sum(axis=2) + size * LOG_2_PI) / 2
        slope = ops.bernoulli_nll_backward(-np.ones(draws * rows), outputs[-1], tiled)
        for i in reversed(range(len(self.layers))):
            W, _ = self.layers[i]
            slope, _, _ = ops.layer_backward(slope, outputs[i], W, outputs[i + 1], self.activations[i])
        return value, slope.reshape(z.shape) - z


def log_w(decoder: Decoder, x: Array, mu: Array, logvar: Array, eps: Array) -> Array:
    """Return ln p(x|z) + ln p(z) - ln q(z) at the draws of q = N(mu, exp(logvar)) made from eps, (L, N, J)."""
    joint, _ = decoder.log_joint(x, ops.reparameterize(mu, logvar, eps))
    return joint + (LOG_2_PI + logvar + eps**2).sum(axis=2) / 2  # (sticking_the_landing.1)


def mean_log_w(decoder: Decoder, x: Array, mu: Array, logvar: Array, draws: int, rng: Any) -> tuple[Array, Array]:
    """Return the bound of each row from many draws, and the estimate of ln p(x) from the same draws."""
    blocks = [log_w(decoder, x, mu, logvar, rng.standard_normal((50, *mu.shape))) for _ in range(draws // 50)]
    every = np.concatenate(blocks)
    return every.mean(axis=0), ops.log_mean_exp(every)


def best_q(decoder: Decoder, x: Array, mu: Array, logvar: Array, steps: int, rng: Any, draws: int = 10) -> Any:
    """Raise the bound of each row by its own mu and logvar, from the given ones on, with Adam and decreasing steps."""
    q = np.stack([mu, logvar]).astype(np.float64)
    first, second = np.zeros_like(q), np.zeros_like(q)
    for step in range(1, steps + 1):
        eps = rng.standard_normal((draws, *mu.shape))
        _, slope = decoder.log_joint(x, ops.reparameterize(q[0], q[1], eps))
        slope += eps / np.exp(q[1] / 2)  # (sticking_the_landing.3)
        gradient = np.stack(ops.reparameterize_backward(slope / draws, q[1], eps))
        first, second = 0.9 * first + 0.1 * gradient, 0.99 * second + 0.01 * gradient**2
        length = 0.05 * (1 - step / (steps + 1))
        q += length * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return q[0], q[1]
