"""The exercises of the third chapter: stacked autoencoders, and fine-tuning with labels."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.exercises import worked
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Sizes, Task
from scratchae.exercises.inputs import (
    extreme_logits,
    extreme_rows,
    first,
    layer,
    normal,
    signs,
    steered,
    switched,
    with_upstream,
)


def _encoders(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        "x": rng.random((s.N, s.D)),
        **layer(rng, s.D, s.H, "W1", "b1"),
        **layer(rng, s.H, s.J, "W2", "b2"),
    }


def _second_layer(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_encoders(rng, s), **layer(rng, s.J, s.H, "V2", "c2")}


def _parts(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        **layer(rng, s.D, s.H, "W1", "b1"),
        **layer(rng, s.H, s.D, "V1", "c1"),
        **layer(rng, s.H, s.J, "W2", "b2"),
        **layer(rng, s.J, s.H, "V2", "c2"),
    }


def _whole(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": rng.random((s.N, s.D)), **_parts(rng, s)}


def _saturated(rng: np.random.Generator, s: Sizes, ordinary: Arguments) -> Arguments:
    """The same arguments, with a first unit in both layers that is 0 for some rows and 1 for the others."""
    first_layer = steered({**ordinary, "x": switched(rng, ordinary["x"])}, "W1", "b1", first(s.H))
    return steered(first_layer, "W2", "b2", first(s.J))


def _saturated_encoders(rng: np.random.Generator, s: Sizes) -> Arguments:
    return _saturated(rng, s, _encoders(rng, s))


def _certain_second_layer(rng: np.random.Generator, s: Sizes) -> Arguments:
    return steered(_saturated(rng, s, _second_layer(rng, s)), "V2", "c2", signs(rng, s.H))


def _saturated_whole(rng: np.random.Generator, s: Sizes) -> Arguments:
    decoder = steered(_saturated(rng, s, _whole(rng, s)), "V2", "c2", first(s.H))
    return steered(decoder, "V1", "c1", signs(rng, s.D))


_UNITS, _UNITS_AND_LOGITS = "units of ±3,000", "units and logits of ±3,000"
_UNROLLED = tuple(f"{side}{i}_{kind}" for side in ("encoder", "decoder") for i in (0, 1) for kind in ("W", "b"))
STACKING = Exercise(
    10,
    "stacking",
    "One autoencoder on the codes of another",
    "Train a first autoencoder on x, a second on the codes of the first; then copy both into one deep autoencoder.",
    ("stacked",),
    (
        Task(worked.stacked_codes, ("h1", "h2"), _encoders, {_UNITS: _saturated_encoders}),
        Task(
            worked.second_layer_gradients,
            ("dW2", "db2", "dV2", "dc2"),
            _second_layer,
            {_UNITS_AND_LOGITS: _certain_second_layer},
            hints=("The codes of the first autoencoder are the data of the second.",),
            points=3,
        ),
        Task(worked.unroll, _UNROLLED, _parts, hints=("Follow the shapes.",), copies=True),
        Task(worked.reconstruct, ("x_hat",), _whole, {_UNITS: _saturated_whole}),
    ),
)


def _classes(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"logits": normal(rng, s.N, s.C)}


def _labelled(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_classes(rng, s), "labels": rng.integers(0, s.C, s.N)}


def _certain(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"logits": extreme_logits(rng, s.N, s.C)}


def _shifted(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"logits": extreme_rows(rng, s.N, s.C)}


def _with_labels(inputs: Inputs) -> Inputs:
    return lambda rng, s: {**inputs(rng, s), "labels": rng.integers(0, s.C, s.N)}


_SOME, _ROWS = "logits of ±3,000", "rows of logits around ±3,000"
_CERTAIN: dict[str, Inputs] = {_SOME: _certain, _ROWS: _shifted}
_CERTAIN_LABELLED = {what: _with_labels(inputs) for what, inputs in _CERTAIN.items()}


def _probabilities(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"dp": normal(rng, s.N, s.C), "p": ops.softmax(normal(rng, s.N, s.C))}


_SHIFT = "Adding a constant to all logits of a row changes nothing; choose a good constant."
SOFTMAX = Exercise(
    11,
    "softmax",
    "Softmax and cross-entropy",
    "The layer on top of a classifier: probabilities that depend on each other, and the cross-entropy of the right class.",
    ("softmax", "softmax_cross_entropy"),
    (
        Task(ops.softmax, ("p",), _classes, _CERTAIN, hints=(_SHIFT,)),
        Task(
            ops.softmax_backward,
            ("dlogits",),
            _probabilities,
            hints=("Each probability depends on every logit of its row.",),
            points=2,
        ),
        Task(
            ops.softmax_cross_entropy,
            ("loss",),
            _labelled,
            _CERTAIN_LABELLED,
            hints=(_SHIFT, "Taking the logarithm is too late once a probability has been rounded to 0."),
            points=2,
        ),
        Task(
            ops.softmax_cross_entropy_backward,
            ("dlogits",),
            with_upstream("dloss", _labelled, "N"),
            {what: with_upstream("dloss", inputs, "N") for what, inputs in _CERTAIN_LABELLED.items()},
            points=2,
        ),
    ),
)


def _network(rng: np.random.Generator, s: Sizes) -> Arguments:
    rest = _encoders(rng, s)
    x = rest.pop("x")
    return {"x": x, "labels": rng.integers(0, s.C, s.N), **rest, **layer(rng, s.J, s.C, "V", "c")}


def _certain_network(rng: np.random.Generator, s: Sizes) -> Arguments:
    return steered(_saturated(rng, s, _network(rng, s)), "V", "c", signs(rng, s.C))


def _shifted_network(rng: np.random.Generator, s: Sizes) -> Arguments:
    return steered(_saturated(rng, s, _network(rng, s)), "V", "c", np.ones(s.C))


_CERTAIN_NETWORK: dict[str, Inputs] = {
    _UNITS_AND_LOGITS: _certain_network,
    "units and rows of logits around ±3,000": _shifted_network,
}

FINE_TUNING = Exercise(
    12,
    "fine_tuning",
    "Fine-tuning a classifier",
    "Pre-trained layers below, a softmax layer on top, and labels: the cross-entropy goes back through all of them.",
    ("stacked_classifier",),
    (
        Task(worked.classifier_loss, ("loss",), _network, _CERTAIN_NETWORK),
        Task(
            worked.classifier_gradients,
            ("dW1", "db1", "dW2", "db2", "dV", "dc"),
            _network,
            _CERTAIN_NETWORK,
            hints=("Every layer has gradients, including the pre-trained ones.",),
            points=4,
        ),
    ),
)
EXERCISES = (STACKING, SOFTMAX, FINE_TUNING)
