"""Claims about networks and their parameters: shared memory, and tied weights."""

from __future__ import annotations

import copy
import pickle

import numpy as np

from scratchae.nets import Network, Parameters
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import complex_step, entrywise_error

SHAPES = {"a.W": (3, 2), "a.b": (2,), "b.W": (2, 2), "b.b": (2,)}


@claim(
    "named parameters and the flat vector are one memory, also after a copy and a pickle; copies stand still",
    op="Parameters",
    level="value",
    method="numbers written by name and read in the vector, and the other way round; counted",
    tolerance=0,
)
def _one_memory(subject: Subject, rng: np.random.Generator) -> float:
    wrong, made = 0, Parameters(SHAPES, np.float64, rng.random(14))
    for parameters in (made, copy.deepcopy(made), pickle.loads(pickle.dumps(made)), copy.copy(made)):
        wrong += not np.array_equal(parameters.flat, made.flat)
        kept, before = parameters.copied(), parameters.flat.copy()
        parameters["b.W"] = np.array([[1.0, 2.0], [3.0, 4.0]])
        wrong += parameters.flat[8:12].tolist() != [1.0, 2.0, 3.0, 4.0]
        parameters.flat[6] = -7.0
        wrong += parameters["a.b"][0] != -7.0
        wrong += not np.array_equal(np.concatenate([kept[name].ravel() for name in SHAPES]), before)
        wrong += [parameters.start(name) for name in SHAPES] != [0, 6, 8, 12]
        other = parameters.like()
        wrong += other.flat.any() or list(other) != list(SHAPES) or other.flat.dtype != np.float64
        parameters.flat[:] = made.flat[:] = before
    return float(wrong)


@claim(
    "a square weight that is used twice is transposed the second time, forward and back",
    op="Network",
    equation="autoencoder.9",
    level="gradient",
    method="written out with W and W.T, complex step; both backends",
    tolerance=1e-12,
)
def _square(subject: Subject, rng: np.random.Generator) -> float:
    sizes, tanh = [4, 4, 4], ["tanh", "tanh"]
    encoder = Network.chain("encoder", sizes, tanh)
    decoder = Network.chain("decoder", sizes, ["tanh", "identity"], ["encoder.1", "encoder.0"])
    shapes = {**encoder.shapes(), **decoder.shapes()}
    size = sum(int(np.prod(shape)) for shape in shapes.values())
    x, theta, weight = rng.standard_normal((5, 4)), rng.standard_normal(size), rng.standard_normal((5, 4))

    def loss(flat: np.ndarray) -> complex:
        p = Parameters(shapes, flat.dtype, flat)
        h = np.tanh(np.tanh(x @ p["encoder.0.W"] + p["encoder.0.b"]) @ p["encoder.1.W"] + p["encoder.1.b"])
        h = np.tanh(h @ p["encoder.1.W"].T + p["decoder.0.b"]) @ p["encoder.0.W"].T + p["decoder.1.b"]
        return complex((weight * h).sum())

    expected, worst = complex_step(loss, theta), 0.0
    for room in ("numpy", "numba"):
        with on_backend(room):
            p = Parameters(shapes, np.float64, theta)
            gradients = p.like()
            h = encoder.forward(p, x)
            outputs = decoder.forward(p, h[-1])
            encoder.backward(p, decoder.backward(p, weight, outputs, gradients), h, gradients)
        worst = max(worst, abs(float((weight * outputs[-1]).sum()) - loss(theta).real))
        worst = max(worst, entrywise_error(gradients.flat, expected, float(np.abs(expected).max())))
    return worst
