"""A tiny example of each operation: forward, then backward from an upstream gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.tracing.recorder import LineRecorder
from scratchae.tracing.tracer import TinyExample
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import copied

LOGITS = [[1.0, -1.0], [0.0, 2.0]]
PIXELS = [[1.0, 0.0], [1.0, 0.5]]
P, BINARY = [[0.5, 0.25], [0.75, 0.5]], [[1.0, 0.0], [0.0, 1.0]]
X, W, B = [[1.0, 2.0]], [[1.0, 0.0, -1.0], [0.5, 1.0, 2.0]], [0.0, -3.0, 1.0]
MU, VARIANCE = [[0.5, -1.0]], [[0.25, 1.0]]
LOGVAR = np.log(VARIANCE).tolist()
EPS = [[[1.0, 0.0]], [[-1.0, 2.0]]]  # two draws
Z = [[[1.0, -1.0]], [[0.0, 1.0]]]
TERMS = [[0.25, 1.0], [0.5, 2.0]]  # of two rows and two latent dimensions
LOG_W = np.log([[1.0, 2.0], [3.0, 2.0]]).tolist()  # two draws for each of two rows
U, LEVEL = [[0.1, 0.9, 0.35]], 0.4
THETA, GRADIENT = [1.0, -2.0], [0.5, 0.0]

# The arguments of each operation, and the upstream gradient of its backward where that is not 1 for every output.
ARGUMENTS: dict[str, tuple[dict[str, Any], Any]] = {
    "adam": (
        dict(theta=THETA, m=[0.0, 0.1], v=[0.0, 0.01], gradient=GRADIENT, step=1,
             learning_rate=0.1, beta1=0.9, beta2=0.99, epsilon=1e-8),
        None,
    ),
    "bernoulli_log_likelihood": (dict(p=P, x=BINARY), None),
    "bernoulli_log_powers": (dict(p=P, x=BINARY), None),
    "bernoulli_log_product": (dict(p=P, x=BINARY), None),
    "bernoulli_nll": (dict(logits=LOGITS, x=PIXELS), None),
    "contractive_penalty": (dict(h=[[0.5, 0.75]], W=[[1.0, -1.0], [2.0, 0.0]], activation="sigmoid"), None),
    "dense": (dict(x=X, W=W, b=B), [[1.0, -1.0, 2.0]]),
    "free_bits": (dict(terms=TERMS, floor=0.5), None),
    "gaussian_kl": (dict(mu=MU, logvar=LOGVAR), None),
    "gaussian_kl_sums": (dict(mu=MU, variance=VARIANCE), None),
    "gaussian_kl_terms": (dict(mu=MU, logvar=LOGVAR), None),
    "gaussian_kl_trace": (dict(mu=MU, covariance=[[[0.5, 0.25], [0.25, 1.0]]]), None),
    "gaussian_nll": (dict(x_hat=[[0.5, 1.0]], logvar=LOGVAR[0], x=[[1.0, 1.0]]), None),
    "gaussian_noise": (dict(x=X, eps=[[1.0, -0.5]], level=0.5), [[1.0, -1.0]]),
    "identity": (dict(x=X), [[1.0, -1.0]]),
    "importance_weights": (dict(log_w=LOG_W), [[1.0, 0.0], [0.0, 1.0]]),
    "k_sparse": (dict(h=[[1.0, 3.0, 2.0]], k=1), [[1.0, -1.0, 2.0]]),
    "layer": (dict(x=X, W=W, b=B, activation="relu"), [[1.0, -1.0, 2.0]]),
    "log_mean_exp": (dict(log_w=LOG_W), None),
    "masking_noise": (dict(x=[[1.0, 2.0, 3.0]], u=U, level=LEVEL), [[1.0, -1.0, 2.0]]),
    "momentum": (dict(theta=THETA, velocity=[0.0, 1.0], gradient=GRADIENT, learning_rate=0.1, decay=0.9), None),
    "relu": (dict(x=[[2.0, -1.0]]), None),
    "reparameterize": (dict(mu=MU, logvar=LOGVAR, eps=EPS), [[[1.0, 1.0]], [[2.0, 0.0]]]),
    "salt_and_pepper_noise": (dict(x=[[1.0, 2.0, 3.0]], u=U, level=LEVEL), [[1.0, -1.0, 2.0]]),
    "sampled_kl": (dict(z=Z, logvar=LOGVAR, eps=EPS), None),
    "sgd": (dict(theta=THETA, gradient=GRADIENT, learning_rate=0.1), None),
    "sigmoid": (dict(x=[[0.0, 1.0]]), None),
    "softmax": (dict(logits=np.log([[1.0, 3.0]]).tolist()), [[1.0, 0.0]]),
    "softmax_cross_entropy": (dict(logits=np.log([[1.0, 3.0]]).tolist(), labels=[0]), None),
    "softplus": (dict(x=[[0.0, 1.0]]), None),
    "sparsity_kl": (dict(h=[[0.25], [0.75]], rho=0.25), None),
    "squared_error": (dict(x_hat=[[0.5, 1.0]], x=[[1.0, -1.0]]), None),
    "tanh": (dict(x=[[0.0, 1.0]]), None),
    "weight_decay": (dict(W=[[1.0, -2.0]], strength=0.1), None),
}  # fmt: skip


def examples() -> Iterator[TinyExample]:
    """Yield the examples, in the order of the names."""
    for name in sorted(ARGUMENTS):
        about = (inspect.getdoc(getattr(ops, name)) or "").partition("\n")[0]
        yield TinyExample(name, about, _run(name, about))


def _run(name: str, about: str) -> Callable[[], Trace]:
    def run() -> Trace:
        given, upstream = ARGUMENTS[name]
        arguments = {key: np.array(value) if isinstance(value, list) else value for key, value in given.items()}
        recorder = LineRecorder()
        output = recorder.run(lambda: getattr(ops, name)(**arguments))
        backward = getattr(ops, f"{name}_backward", None)
        if backward is not None:
            first, *others = inspect.signature(backward).parameters
            upstream = np.ones_like(output) if upstream is None else np.array(upstream)
            of_output = {key: output for key in others if key not in arguments}  # such as y of sigmoid_backward(dy, y)
            arguments = {**arguments, first: upstream}
            taken = {key: {**arguments, **of_output}[key] for key in (first, *others)}
            recorder.run(lambda: backward(**taken))
        inputs = [value for key, entry in arguments.items() for value in copied(key, "given", entry)]
        return Trace(name, inputs, recorder.steps, example=name, about=about)

    return run
