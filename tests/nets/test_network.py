"""Parameters as views of one vector, and chains of layers: shapes, ties, forward and backward by hand."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.nets import Network, Parameters, add_weight_decay_gradients, weight_decay

SHAPES = {"a.W": (2, 3), "a.b": (3,), "b.W": (3, 1)}


def counted() -> Parameters:
    """Parameters whose flat vector counts from 0."""
    return Parameters(SHAPES, np.float64, np.arange(12.0))


# Parameters.


def test_names_are_views_of_the_flat_vector() -> None:
    p = counted()
    assert list(p) == list(SHAPES) and len(p) == 3 and p.flat.size == 12
    assert p["a.W"].tolist() == [[0, 1, 2], [3, 4, 5]] and p["a.b"].tolist() == [6, 7, 8]
    assert [p.start(name) for name in SHAPES] == [0, 6, 9]
    p.flat[7] = -1
    p["b.W"] = np.full((3, 1), 5.0)
    assert p["a.b"].tolist() == [6, -1, 8] and p.flat[9:].tolist() == [5, 5, 5]
    with pytest.raises(KeyError):
        p["c.W"] = np.zeros(1)
    with pytest.raises(ValueError, match="broadcast"):
        p["a.b"] = np.zeros(2)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_are_views_of_a_vector_of_their_own(way: Any) -> None:
    p = counted()
    other = way(p)
    other.flat[:] = 0
    assert not other["a.W"].any() and p["a.W"].any() and other.shapes == SHAPES


def test_other_memory_has_the_same_names() -> None:
    p = Parameters(SHAPES, np.float32)
    assert not p.flat.any() and p.flat.dtype == np.float32
    like = p.like()
    like["a.b"] = np.ones(3)
    assert like.shapes == p.shapes and like.flat.dtype == np.float32 and not p.flat.any()
    kept = p.copied()
    p.flat[:] = 3
    assert not any(array.any() for array in kept.values())


@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_weight_decay_is_of_weights_and_not_of_biases(name: str) -> None:
    with sae.use_backend(name):
        p, gradients = counted(), counted().like()
        squares = sum(i**2 for i in range(6)) + 9**2 + 10**2 + 11**2
        assert weight_decay(p, 0.5) == pytest.approx(squares / 4) and weight_decay(p, 0.0) == 0
        gradients.flat[:] = 1
        add_weight_decay_gradients(p, 0.5, gradients)
        assert gradients["a.W"].tolist() == [[1, 1.5, 2], [2.5, 3, 3.5]] and gradients["a.b"].tolist() == [1, 1, 1]
        assert p.flat.tolist() == list(range(12))


# Networks.


def tied() -> Network:
    return Network(
        (
            *Network.chain("encoder", (3, 2), ("tanh",)).layers,
            *Network.chain("decoder", (2, 3), ("identity",), ["encoder.0"]).layers,
        )
    )


def test_a_chain_names_its_layers_and_shapes() -> None:
    network = Network.chain("encoder", (5, 4, 2), ("relu", "identity"))
    assert [(layer.name, layer.d_in, layer.d_out, layer.activation) for layer in network.layers] == [
        ("encoder.0", 5, 4, "relu"),
        ("encoder.1", 4, 2, "identity"),
    ]
    assert network.shapes() == {"encoder.0.W": (5, 4), "encoder.0.b": (4,), "encoder.1.W": (4, 2), "encoder.1.b": (2,)}
    assert tied().shapes() == {"encoder.0.W": (3, 2), "encoder.0.b": (2,), "decoder.0.b": (3,)}


def test_weights_are_drawn_by_the_activation_and_biases_are_zero() -> None:
    network = Network.chain("n", (50, 100, 100), ("relu", "tanh"))
    p = Parameters(network.shapes(), np.float64)
    p.flat[:] = 7
    network.initialise(p, np.random.default_rng(0))
    assert not p["n.0.b"].any() and not p["n.1.b"].any()
    assert p["n.0.W"].std() == pytest.approx(np.sqrt(2 / 50), rel=0.05)
    assert np.abs(p["n.1.W"]).max() <= np.sqrt(6 / 200)
    network.initialise(p, np.random.default_rng(0), he=False)
    assert np.abs(p["n.0.W"]).max() <= np.sqrt(6 / 150)


@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_forward_and_backward_by_hand(name: str) -> None:
    network = Network.chain("n", (2, 2, 1), ("relu", "identity"))
    p = Parameters(network.shapes(), np.float64)
    p["n.0.W"], p["n.0.b"] = [[1, -1], [2, 0]], [0, 1]
    p["n.1.W"], p["n.1.b"] = [[3], [4]], [0.5]
    x, gradients = np.array([[1.0, 1.0], [2.0, 0.0]]), p.like()
    gradients["n.1.b"] = np.array([10.0])  # gradients are added to what is there
    with sae.use_backend(name):
        activations = network.forward(p, x)
        dx = network.backward(p, np.array([[1.0], [2.0]]), activations, gradients)
    assert activations[0] is x
    assert activations[1].tolist() == [[3, 0], [2, 0]] and activations[2].tolist() == [[9.5], [6.5]]
    assert gradients["n.1.W"].tolist() == [[7], [0]] and gradients["n.1.b"].tolist() == [13]
    assert gradients["n.0.W"].tolist() == [[15, 0], [3, 0]] and gradients["n.0.b"].tolist() == [9, 0]
    assert dx.tolist() == [[3, 6], [6, 12]]


@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_tied_weights_get_both_gradients(name: str) -> None:
    rng, network = np.random.default_rng(4), tied()
    p = Parameters(network.shapes(), np.float64, rng.standard_normal(11))
    x, dy = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    gradients = p.like()
    with sae.use_backend(name):
        activations = network.forward(p, x)
        network.backward(p, dy, activations, gradients)
    W, h = p["encoder.0.W"], activations[1]
    np.testing.assert_allclose(activations[2], h @ W.T + p["decoder.0.b"], rtol=1e-12)
    da = (dy @ W) * (1 - h**2)
    np.testing.assert_allclose(gradients["encoder.0.W"], x.T @ da + dy.T @ h, atol=1e-12)


def test_the_table_says_where_each_layer_stands() -> None:
    network = tied()
    p = Parameters(network.shapes(), np.float64)
    # Sizes, start of weights and bias, the activation, tied to another, used by another.
    assert network.table(p).tolist() == [[3, 2, 0, 6, 2, 0, 1], [2, 3, 0, 8, 0, 1, 0]]
