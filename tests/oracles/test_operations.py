"""Every op and its compiled twin against the definition in PyTorch and autograd's gradient of it, in both float types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the oracles are written in PyTorch: pip install scratchae[oracles]")

from oracles.arguments import ARGUMENTS, Arguments  # noqa: E402
from oracles.comparison import assert_same  # noqa: E402
from oracles.operations import OPERATIONS, Operation  # noqa: E402
from scratchae import kernels, ops  # noqa: E402

UPDATES = ("adam", "momentum", "sgd")
OF_TERMS = {  # values without a difference of terms: they are right relative to themselves, however small
    *("identity", "sigmoid", "tanh", "relu", "softplus", "softmax", "importance_weights", "k_sparse", "weight_decay"),
    *("masking_noise", "salt_and_pepper_noise", "contractive_penalty"),
}
# Rounding errors that are allowed, in units of the last place: each of an entry, and of what the entry changes by if the arguments are
# changed in their last place, which is much where large terms cancel.
ROUNDINGS, SENSITIVITY = 32, 8
MANY = 100  # entries, from which on they are judged together: one in many is off by more
backends = pytest.mark.parametrize("backend", [ops, kernels], ids=["ops", "kernels"])


def test_every_op_is_judged() -> None:
    names = {name.removesuffix("_backward") for name in ops.__all__}
    assert names == {*OPERATIONS, *UPDATES} and set(OPERATIONS) == set(ARGUMENTS)


def as_tensor(value: Any) -> Any:
    """An array as a tensor, real numbers in float64; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return torch.tensor(value.astype(np.float64) if value.dtype.kind == "f" else value)


def defined(operation: Operation, arguments: Arguments, upstream: np.ndarray) -> tuple[Any, list[Any]]:
    """The value and the gradients by definition, in float64."""
    tensors = [as_tensor(value) for value in arguments]
    for i in operation.wanted:
        tensors[i].requires_grad_()
    value = operation.function(*tensors)
    value.backward(as_tensor(upstream))
    gradients = [torch.zeros_like(tensors[i]) if tensors[i].grad is None else tensors[i].grad for i in operation.wanted]
    return value.detach().numpy(), [gradient.numpy() for gradient in gradients]


def nudged(
    arguments: Arguments, upstream: Any, wanted: tuple[int, ...], eps: float, rng: np.random.Generator
) -> tuple[Arguments, Any]:
    """Arguments and upstream gradient, with every number of which there is a gradient changed by about its last place."""

    def change(value: Any) -> Any:
        return np.asarray(value * (1 + eps * rng.choice([-1.0, 1.0], np.shape(value))))

    return tuple(change(value) if i in wanted else value for i, value in enumerate(arguments)), change(upstream)


def check(got: Any, want: Any, changed: list[Any], floor: float, dtype: type, what: str) -> None:
    """Fail unless every entry is right to some units in the last place of itself (or of `floor`), and of its terms."""
    got, real = np.asarray(got, np.float64), np.finfo(dtype)
    assert got.shape == want.shape, what
    if want.size > MANY and floor:  # many sums of terms of about the same size
        floor = max(floor, float(np.sqrt(np.mean(want**2))))
    sensitivity = np.max([np.abs(other - want) for other in changed], axis=0)
    allowed = ROUNDINGS * real.eps * np.maximum(np.abs(want), floor) + SENSITIVITY * sensitivity
    worst = np.max(np.abs(got - want) / np.maximum(allowed, 4 * real.tiny))
    assert worst <= 1, f"{what}: off by {worst:.2g} times what is allowed"


def in_type(value: Any, dtype: type) -> Any:
    """Real numbers of an array in that type; anything else as it is."""
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


@backends
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_value_and_gradients(name: str, dtype: type, backend: Any) -> None:
    operation, eps, rng = OPERATIONS[name], float(np.finfo(dtype).eps), np.random.default_rng(0)
    for drawn in ARGUMENTS[name](rng):
        arguments = tuple(in_type(value, dtype) for value in drawn)
        value = getattr(backend, name)(*arguments)
        upstream = np.asarray(rng.choice([-1, 1], np.shape(value)) * rng.uniform(0.5, 2, np.shape(value)), dtype)
        behind = operation.given(*arguments, value)
        gradients = getattr(backend, f"{name}_backward")(upstream if upstream.ndim else float(upstream), *behind)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        assert all(result.dtype == dtype for result in (value, *gradients) if np.ndim(result))

        want, wanted_gradients = defined(operation, arguments, upstream)
        nudges = range(1 if np.size(arguments[0]) > MANY else 4)
        others = [defined(operation, *nudged(arguments, upstream, operation.wanted, eps, rng)) for _ in nudges]
        what = f"{name} of {[np.shape(value) or value for value in arguments]}"
        check(value, want, [other for other, _ in others], 0.0 if name in OF_TERMS else 1.0, dtype, what)
        assert len(gradients) == len(wanted_gradients)
        for i, (got, gradient) in enumerate(zip(gradients, wanted_gradients, strict=True)):
            check(got, gradient, [other[i] for _, other in others], 1.0, dtype, f"gradient {i} of {what}")


@backends
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-14), (np.float32, 2e-6)], ids=["float64", "float32"])
@pytest.mark.parametrize("size", [1, 1003, 150_001])  # the last in several pieces, on all threads
def test_updates(size: int, dtype: type, tolerance: float, backend: Any) -> None:
    rng = np.random.default_rng(0)
    start = rng.standard_normal(size).astype(dtype)
    gradients = [rng.standard_normal(size).astype(dtype) for _ in range(4)]
    rate, decay, beta1, beta2, epsilon = 0.1, 0.7, 0.8, 0.95, 0.01

    def by_torch(make: Any) -> np.ndarray:
        theta = torch.tensor(start.astype(np.float64))
        optimizer = make([theta])
        for gradient in gradients:
            theta.grad = torch.tensor(gradient.astype(np.float64))
            optimizer.step()
        return theta.numpy()

    theta, velocity, m, v = start, *(np.zeros(size, dtype) for _ in range(3))
    for gradient in gradients:
        theta = backend.sgd(theta, gradient, rate)
    assert_same(theta, by_torch(lambda p: torch.optim.SGD(p, rate)), tolerance, "sgd", 0.1)
    theta = start
    for gradient in gradients:
        theta, velocity = backend.momentum(theta, velocity, gradient, rate, decay)
    assert_same(theta, by_torch(lambda p: torch.optim.SGD(p, rate, momentum=decay)), tolerance, "momentum", 0.1)
    theta = start
    for step, gradient in enumerate(gradients, start=1):
        theta, m, v = backend.adam(theta, m, v, gradient, step, rate, beta1, beta2, epsilon)
    adam = by_torch(lambda p: torch.optim.Adam(p, rate, (beta1, beta2), epsilon))
    assert_same(theta, adam, tolerance, "adam", 0.1)
