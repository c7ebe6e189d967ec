"""Tiny examples of what is neither a model's objective nor an operation: first parameters, noise, weights of rows, the exact model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import numpy as np

from scratchae.backend import use_backend
from scratchae.baselines import LinearGaussian
from scratchae.errors import muted
from scratchae.models import data_initialisation, observation_noise, row_noise
from scratchae.models.classifier import StackedClassifier
from scratchae.models.fitting import with_attributes
from scratchae.models.stacked import StackedAutoencoder
from scratchae.models.variational import VariationalAutoencoder
from scratchae.models.weights import class_weights
from scratchae.nets import Network, Parameters, glorot_uniform, he_normal
from scratchae.nets.network import Array
from scratchae.tracing.recorder import LineRecorder
from scratchae.tracing.tracer import TinyExample
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import copied
from scratchae.training.order import expected_visits, systematic_visits

ROWS = np.array([[1.0, 0.0], [0.0, 0.0]])
CLASSES = np.array([0, 1, 1, 1])
VARIANCES = np.array([0.25, 1.0])
FIRST_W, FIRST_B = np.array([[2.0], [1.0]]), np.array([-1.0])
WEIGHTS, LOSSES, OF_WEIGHTS = np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
POINTS = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [2.0, 2.0], [-2.0, -2.0]])


def examples() -> Iterator[TinyExample]:
    """Yield the examples."""
    for function in (
        weight_initialisation, initialisation, pretraining, copied_layers, warm_up, observation_noises, noise_of_rows,
        sample_weights, linear_gaussian,
    ):  # fmt: skip
        yield TinyExample(function.__name__, (inspect.getdoc(function) or "").partition("\n")[0], _run(function))


def _run(function: Callable[..., object]) -> Callable[[], Trace]:
    def run() -> Trace:
        given = {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}
        inputs = [value for name, entry in given.items() for value in copied(name, "given", entry)]
        recorder = LineRecorder()
        with use_backend("numpy"):
            recorder.run(function)
        name, about = function.__name__, (inspect.getdoc(function) or "").partition("\n")[0]
        return Trace(name, inputs, recorder.steps, example=name, about=about)

    return run


def weight_initialisation(d_in: int = 2, d_out: int = 1, seed: int = 0) -> None:
    """Draw the weights of a layer with two inputs and one output, for tanh and for ReLU."""
    glorot_uniform(np.random.default_rng(seed), d_in, d_out)
    he_normal(np.random.default_rng(seed), d_in, d_out)


def initialisation(x: Array = ROWS, y: Array = CLASSES) -> None:
    """Set the first biases from the means of the data and from the shares of the classes, and scale the first weights."""
    for activation, likelihood in (("identity", "bernoulli"), ("tanh", "gaussian")):
        network = Network.chain("decoder", (1, 2), [activation])
        data_initialisation.start_at_the_mean(
            x, likelihood, network.layers[0], Parameters(network.shapes(), np.float64)
        )
    top = Network.chain("softmax", (1, 2), ["identity"])
    data_initialisation.start_at_the_shares(y, top.layers[0], Parameters(top.shapes(), np.float64))
    first = Network.chain("encoder", (2, 1), ["identity"])
    weights = Parameters(first.shapes(), np.float64, np.array([1.0, 1.0, 0.0]))
    data_initialisation.receive_standardised(4 * x, first.layers[0], weights)


def pretraining(x: Array = ROWS) -> None:
    """Train two layers of one unit each, one after the other, for one step, and unroll them."""
    options = {"activation": "sigmoid", "optimizer": "sgd", "dtype": "float64", "epochs": 1, "random_state": 0}
    with muted(Warning):
        StackedAutoencoder((1, 1), **options).pretrain(x)  # type: ignore[arg-type]


def copied_layers(W: Array = FIRST_W, b: Array = FIRST_B) -> None:
    """Start a classifier from the parameters of a trained layer."""
    model = StackedClassifier((1,), dtype="float64", random_state=0)
    model._initialise_with({"encoder.0.W": W, "encoder.0.b": b}, len(W))
    with_attributes(model, {"classes_": np.array([0, 1])})._first_state(len(W), 0)


def warm_up(beta: float = 1.0, warm_up: int = 4, epoch: int = 1) -> None:
    """Weight of the KL term in the second epoch of four."""
    VariationalAutoencoder(beta=beta, warm_up=warm_up)._at_epoch(epoch)


def observation_noises(means: Array = ROWS, variances: Array = VARIANCES, seed: int = 0) -> None:
    """Limit of a learned variance, and draws of x around their means."""
    observation_noise.limits_of_logvar(variances, np.array([False, False]), "learned_per_feature")
    observation_noise.draws_of_x(means, variances, seed)


def noise_of_rows(x: Array = ROWS, count: int = 2) -> None:
    """Noise that depends on the numbers of a row alone."""
    keys = row_noise.row_keys(x)
    row_noise.normals(keys, count, np.float64)


def sample_weights(
    w: Array = WEIGHTS,
    losses: Array = LOSSES,
    y: Array = OF_WEIGHTS,
) -> None:
    """Three rows, of which the last has twice the weight: visits of an epoch, and their expectation over u."""
    _weighted_mean(w, losses)
    expected = expected_visits(w)
    visits = np.array([systematic_visits(expected, u) for u in (0.125, 0.375, 0.625, 0.875)])
    _expected_mean(visits, np.full(4, 0.25), losses)
    class_weights("balanced", y, np.array([0, 1]), None)


def _weighted_mean(w: Array, losses: Array) -> float:
    return float(w @ losses / w.sum())  # (sample_weights.1)


def _expected_mean(visits: Array, chances: Array, gradients_of_rows: Array) -> float:
    return float(chances @ (visits / visits.sum(axis=1, keepdims=True)) @ gradients_of_rows)  # (sample_weights.2)


def linear_gaussian(
    x: Array = POINTS,
) -> None:
    """Fit the exact model to six points of the plane; for the first point, likelihood and posterior, and bound and gap of q = N(0, 1)."""
    model = LinearGaussian.fit(x, 1)
    model.log_likelihood(x[:1])
    mu, covariance = np.zeros((1, 1)), np.ones((1, 1, 1))
    model.elbo(x[:1], mu, covariance)
    model.gap(x[:1], mu, covariance)
