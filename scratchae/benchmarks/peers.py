"""PyTorch and JAX on the same task, each in several modes. Imported only by a worker, and only if installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.contestants import Burst, epochs_per_second


def _linear_layers(case: Workload) -> tuple[int, int]:
    """Return the indices of the layers without ReLU: the code and the output."""
    return len(case.encoder) - 2, len(case.sizes) - 2


def torch_step(case: Workload, mode: str) -> Burst:
    """PyTorch: "eager", "fused" (Adam in one call) or "compiled" (the whole step)."""
    import torch

    torch.manual_seed(0)
    modules: list[Any] = []
    for i, (d_in, d_out) in enumerate(zip(case.sizes[:-1], case.sizes[1:], strict=True)):
        modules.append(torch.nn.Linear(d_in, d_out))
        if i not in _linear_layers(case):
            modules.append(torch.nn.ReLU())
    net = torch.nn.Sequential(*modules)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3, fused=mode != "eager")
    x = torch.from_numpy(case.data())

    def objective(batch: Any) -> Any:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(batch), batch, reduction="sum")
        return loss / len(batch)

    if mode == "compiled":
        objective = torch.compile(objective)

    def epoch() -> None:
        for rows in torch.randperm(len(x)).split(case.batch_size):
            optimizer.zero_grad()
            objective(x[rows]).backward()
            optimizer.step()

    epoch()
    return lambda: case.batches * epochs_per_second(epoch)


def jax_step(case: Workload, mode: str) -> Burst:
    """JAX: "loop" (one compiled call per step) or "scan" (one per epoch)."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    theta = []
    for d_in, d_out in zip(case.sizes[:-1], case.sizes[1:], strict=True):
        W = rng.standard_normal((d_in, d_out)) * np.sqrt(2 / d_in)
        theta.append((jnp.asarray(W, jnp.float32), jnp.zeros(d_out, jnp.float32)))

    def objective(theta: Any, x: Any) -> Any:
        h = x
        for i, (W, b) in enumerate(theta):
            h = h @ W + b
            if i not in _linear_layers(case):
                h = jax.nn.relu(h)
        return (jax.nn.softplus(h) - x * h).sum(axis=1).mean()

    def step(state: Any, x: Any) -> Any:
        theta, m, v, t = state
        loss, gradient = jax.value_and_grad(objective)(theta, x)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        theta = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), theta, m, v)
        return (theta, m, v, t), loss

    m, v = (jax.tree.map(jnp.zeros_like, theta) for _ in range(2))
    state, data = (theta, m, v, jnp.float32(0)), case.data()
    one_step = jax.jit(step, donate_argnums=0)
    whole_epoch = jax.jit(lambda state, x: jax.lax.scan(step, state, x), donate_argnums=0)

    def epoch() -> None:
        nonlocal state
        batches = data[rng.permutation(len(data))].reshape(case.batches, case.batch_size, -1)
        if mode == "scan":
            state, loss = whole_epoch(state, batches)
        else:
            for batch in batches:
                state, loss = one_step(state, batch)
        jax.block_until_ready(loss)

    epoch()
    return lambda: case.batches * epochs_per_second(epoch)


_MODULES: dict[str, tuple[str, Callable[[Workload], Burst]]] = {
    "PyTorch eager": ("torch", lambda case: torch_step(case, "eager")),
    "PyTorch fused": ("torch", lambda case: torch_step(case, "fused")),
    "PyTorch compiled": ("torch", lambda case: torch_step(case, "compiled")),
    "JAX loop": ("jax", lambda case: jax_step(case, "loop")),
    "JAX scan": ("jax", lambda case: jax_step(case, "scan")),
}

# Only the installed ones.
PEERS = {name: start for name, (module, start) in _MODULES.items() if importlib.util.find_spec(module)}
