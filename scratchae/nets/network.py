"""Networks as chains of dense layers, and parameters as named views of one flat vector.

A network holds neither parameters nor state: parameters and activations are passed in and returned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from scratchae import backend
from scratchae.nets.initialisation import glorot_uniform, he_normal

Array = NDArray[Any]
ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")


class Parameters(Mapping[str, Array]):
    """Named arrays that are views of one flat vector: a model reads `p["encoder.0.W"]`, an optimiser updates `p.flat`.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Names and shapes, in the order of the flat vector.
    dtype : dtype
    flat : array, shape (P,), optional
        The memory; zeros if not given.

    Attributes
    ----------
    flat : array, shape (P,)
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: DTypeLike, flat: Array | None = None) -> None:
        self.shapes = dict(shapes)
        size = sum(math.prod(shape) for shape in self.shapes.values())
        self.flat: Array = np.zeros(size, dtype) if flat is None else flat
        self._named: dict[str, Array] = {}
        self._starts: dict[str, int] = {}
        start = 0
        for name, shape in self.shapes.items():
            stop = start + math.prod(shape)
            self._named[name] = self.flat[start:stop].reshape(shape)
            self._starts[name] = start
            start = stop

    def __reduce__(self) -> tuple[type[Parameters], tuple[dict[str, tuple[int, ...]], np.dtype[Any], Array]]:
        # The named arrays are views: copied one by one, they would no longer refer to the flat vector.
        return Parameters, (self.shapes, self.flat.dtype, self.flat)

    def __getitem__(self, name: str) -> Array:
        return self._named[name]

    def __setitem__(self, name: str, value: Array) -> None:
        self._named[name][...] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def start(self, name: str) -> int:
        """Return the index of the array's first entry in the flat vector."""
        return self._starts[name]

    def like(self, flat: Array | None = None) -> Parameters:
        """Return parameters with the same names and shapes in other memory (zeros by default)."""
        return Parameters(self.shapes, self.flat.dtype, flat)

    def copied(self) -> dict[str, Array]:
        """Return a dictionary of copies of the arrays."""
        return {name: array.copy() for name, array in self.items()}


def weight_decay(parameters: Parameters, strength: float) -> float:
    """Return the weight decay term of the objective, over all weights but not the biases (autoencoder.4)."""
    if strength == 0:
        return 0.0
    op = backend.active().weight_decay
    return sum(float(op(W, strength)) for name, W in parameters.items() if name.endswith(".W"))


def add_weight_decay_gradients(parameters: Parameters, strength: float, gradients: Parameters) -> None:
    """Add the gradients of the weight decay to `gradients`."""
    if strength > 0:
        op_backward = backend.active().weight_decay_backward
        for name, W in parameters.items():
            if name.endswith(".W"):
                gradients[name] += op_backward(1.0, W, strength)  # (autoencoder.8)


@dataclass(frozen=True)
class Layer:
    """One dense layer: name, sizes, activation and, for tied weights, the name of the layer whose transposed weights it uses."""

    name: str
    d_in: int
    d_out: int
    activation: str
    tied_to: str | None = None


@dataclass(frozen=True)
class Network:
    """A chain of dense layers.

    Parameters
    ----------
    layers : tuple of Layer
    """

    layers: tuple[Layer, ...]

    @classmethod
    def chain(
        cls, name: str, sizes: Sequence[int], activations: Sequence[str], tied_to: Sequence[str] | None = None
    ) -> Network:
        """Return layers `name.0`, `name.1`, … with the given `sizes` (one more than layers) and one activation per layer."""
        return cls(
            tuple(
                Layer(f"{name}.{i}", sizes[i], sizes[i + 1], activation, tied_to[i] if tied_to else None)
                for i, activation in enumerate(activations)
            )
        )

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return names and shapes of the parameters, in order. A tied layer has only a bias."""
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in self.layers:
            if layer.tied_to is None:
                shapes[f"{layer.name}.W"] = (layer.d_in, layer.d_out)
            shapes[f"{layer.name}.b"] = (layer.d_out,)
        return shapes

    def numbers_per_row(self) -> int:
        """Return the number of inputs and outputs of all layers, which `forward` computes for each row."""
        return sum(layer.d_in + layer.d_out for layer in self.layers[:1]) + sum(
            layer.d_out for layer in self.layers[1:]
        )

    def initialise(self, parameters: Parameters, rng: np.random.Generator, *, he: bool = True) -> None:
        """Draw the weights: He initialisation for ReLU layers (if enabled), Glorot initialisation for the others; biases are zero."""
        for layer in self.layers:
            if layer.tied_to is None:
                draw = he_normal if he and layer.activation == "relu" else glorot_uniform
                parameters[f"{layer.name}.W"][...] = draw(rng, layer.d_in, layer.d_out)
            parameters[f"{layer.name}.b"][...] = 0

    def forward(self, parameters: Mapping[str, Array], x: Array) -> list[Array]:
        """Return the input and the output of every layer: [x, h of the first layer, …, output].

        Parameters
        ----------
        parameters : mapping of str to array
        x : array, shape (N, D_in)

        Returns
        -------
        activations : list of arrays, shapes (N, d_in), (N, d_out of the first layer), …
        """
        ops, activations = backend.active(), [x]
        for layer in self.layers:
            W, b = self._weights(parameters, layer), parameters[f"{layer.name}.b"]
            activations.append(ops.layer(activations[-1], W, b, layer.activation))
        return activations

    def backward(self, parameters: Parameters, dh: Array, activations: list[Array], gradients: Parameters) -> Array:
        """Add the gradients of all parameters to `gradients`; return the gradient with respect to the input.

        Parameters
        ----------
        parameters : Parameters
        dh : array, shape (N, D_out)
            Upstream gradient with respect to the network's output.
        activations : list of arrays
            The activations returned by `forward`.
        gradients : Parameters
            Modified in place; no other argument is. A weight that is used twice (tied) receives both contributions.

        Returns
        -------
        dx : array, shape (N, D_in)
        """
        ops = backend.active()
        for layer, x, h in reversed(list(zip(self.layers, activations[:-1], activations[1:], strict=True))):
            dh, dW, db = ops.layer_backward(dh, x, self._weights(parameters, layer), h, layer.activation)
            if layer.tied_to is None:
                gradients[f"{layer.name}.W"][...] += dW
            else:
                gradients[f"{layer.tied_to}.W"][...] += dW.T  # (autoencoder.9)
            gradients[f"{layer.name}.b"][...] += db
        return dh

    @staticmethod
    def _weights(parameters: Mapping[str, Array], layer: Layer) -> Array:
        return parameters[f"{layer.name}.W"] if layer.tied_to is None else parameters[f"{layer.tied_to}.W"].T

    def table(self, parameters: Parameters) -> Array:
        """Return the network as a table of numbers for `kernels.steps`, one row per layer."""
        shared = {layer.tied_to for layer in self.layers}
        rows = []
        for layer in self.layers:
            weights = parameters.start(f"{layer.tied_to or layer.name}.W")
            bias, activation = parameters.start(f"{layer.name}.b"), ACTIVATIONS.index(layer.activation)
            rows.append(
                (layer.d_in, layer.d_out, weights, bias, activation, layer.tied_to is not None, layer.name in shared)
            )
        return np.array(rows, np.int64)
