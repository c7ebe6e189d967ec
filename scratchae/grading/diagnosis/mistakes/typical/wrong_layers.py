"""Typical mistakes with layers and with paths between codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical

Array = NDArray[Any]


@typical("dense", "term", "if b were added to the weights W before the product")
def _bias_in_the_weights(x: Array, W: Array, b: Array) -> Any:
    return x @ (W + b)


@typical("dense", "inverse", "if the bias b were a factor instead of a term")
def _bias_as_a_factor(x: Array, W: Array, b: Array) -> Any:
    return x @ W * b


@typical("dense", "transformed", "if a sigmoid were applied to the layer")
def _with_a_sigmoid(x: Array, W: Array, b: Array) -> Any:
    return 1 / (1 + np.exp(-(x @ W + b)))


@typical("dense", "transformed", "if a tanh were applied to the layer")
def _with_a_tanh(x: Array, W: Array, b: Array) -> Any:
    return np.tanh(x @ W + b)


@typical("dense", "other function", "if a ReLU were applied to the layer")
def _with_a_relu(x: Array, W: Array, b: Array) -> Any:
    return np.maximum(x @ W + b, 0)


@typical("spherical_path", "other function", "of a straight line, brought to the lengths between those of a and b")
def _line_of_right_length(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    line = (1 - t) * a + t * b
    lengths = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
    return line / np.linalg.norm(line, axis=1, keepdims=True) * lengths


@typical("spherical_path", "other function", "of a straight line, brought to the length 1")
def _line_of_length_one(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    line = (1 - t) * a + t * b
    return line / np.linalg.norm(line, axis=1, keepdims=True)


@typical("spherical_path", "other function", "of a straight line from a to b")
def _line(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    return (1 - t) * a + t * b


def _turned(a: Array, b: Array, n: int, cosine: float) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    angle = np.arccos(np.clip(cosine, -1, 1))
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


@typical(
    "spherical_path",
    "missing factor",
    "of the formula for unit vectors, applied to a and b themselves, so that the lengths between them do not change evenly",
)
def _codes_themselves(a: Array, b: Array, n: int) -> Any:
    return _turned(a, b, n, float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))


@typical("spherical_path", "missing factor", "if the lengths were left out: all points have the length 1")
def _unit_vectors(a: Array, b: Array, n: int) -> Any:
    u, v = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return _turned(u, v, n, float(u @ v))


@typical(
    "spherical_path", "missing factor", "if the cosine of the angle were a·b, not divided by the lengths of a and b"
)
def _angle_of_long_vectors(a: Array, b: Array, n: int) -> Any:
    return _turned(a, b, n, float(a @ b))


@typical(
    "spherical_path", "missing factor", "if the cosine of the angle were a·b, not divided by the lengths of a and b"
)
def _angle_of_long_vectors_and_lengths(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    p, q = np.linalg.norm(a), np.linalg.norm(b)
    return ((1 - t) * p + t * q) * _turned(a / p, b / q, n, float(a @ b))


@typical(
    "spherical_path",
    "missing factor",
    "if a and b were not brought to the length 1, with the lengths multiplied besides",
)
def _lengths_twice(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    p, q = np.linalg.norm(a), np.linalg.norm(b)
    return ((1 - t) * p + t * q) * _turned(a, b, n, float(a @ b / p / q))


@typical("spherical_path", "missing function", "if the directions were divided by the angle instead of its sine")
def _divided_by_the_angle(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    p, q = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / p / q, -1, 1))
    turned = (np.sin((1 - t) * angle) * a / p + np.sin(t * angle) * b / q) / angle
    return ((1 - t) * p + t * q) * turned


@typical("spherical_path", "missing factor", "if the division by the sine of the angle were left out")
def _no_division_by_the_sine(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    p, q = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / p / q, -1, 1))
    return ((1 - t) * p + t * q) * (np.sin((1 - t) * angle) * a / p + np.sin(t * angle) * b / q)


@typical(
    "attribute_vector", "other array", "if the zeros and ones of has were used as row numbers instead of a condition"
)
def _row_numbers(codes: Array, has: Array) -> Any:
    return codes[has].mean(axis=0) - codes[1 - has].mean(axis=0)


@typical(
    "attribute_vector", "other array", "if the zeros and ones of has were used as row numbers instead of a condition"
)
def _inverted_row_numbers(codes: Array, has: Array) -> Any:
    return codes[has].mean(axis=0) - codes[~has].mean(axis=0)


@typical(
    "attribute_vector",
    "mean for sum",
    "if both sums were divided by the number of all rows, not of the rows of each kind",
)
def _divided_by_all(codes: Array, has: Array) -> Any:
    with_it = has[:, None] * codes
    return (with_it - (codes - with_it)).mean(axis=0)


@typical("attribute_vector", "mean for sum", "if sums were used instead of means")
def _plain_sums(codes: Array, has: Array) -> Any:
    return codes[has == 1].sum(axis=0) - codes[has == 0].sum(axis=0)


@typical(
    "attribute_vector", "other array", "if the mean of all rows were subtracted, not of those without the attribute"
)
def _less_the_mean_of_all(codes: Array, has: Array) -> Any:
    return codes[has == 1].mean(axis=0) - codes.mean(axis=0)


@typical("attribute_vector", "normalised", "of a direction of length 1")
def _direction_of_length_one(codes: Array, has: Array) -> Any:
    d = codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)
    return d / np.linalg.norm(d)


@typical("attribute_vector", "term", "if only rows with the attribute were used")
def _only_those_with(codes: Array, has: Array) -> Any:
    return codes[has == 1].mean(axis=0)


@typical("change_attribute", "term", "if each step started where the last one ended")
def _one_after_the_other(z: Array, direction: Array, steps: Array) -> Any:
    return z + np.cumsum(steps)[:, None] * direction


@typical("change_attribute", "normalised", "if the direction were first brought to the length 1")
def _unit_direction(z: Array, direction: Array, steps: Array) -> Any:
    return z + steps[:, None] * direction / np.linalg.norm(direction)


@typical("change_attribute", "term", "of a path from z to the direction: z is multiplied by one minus each step")
def _towards_the_direction(z: Array, direction: Array, steps: Array) -> Any:
    return (1 - steps[:, None]) * z + steps[:, None] * direction


@typical("change_attribute", "term", "of a path towards the direction: the direction less z is added")
def _towards(z: Array, direction: Array, steps: Array) -> Any:
    return z + steps[:, None] * (direction - z)


@typical("change_attribute", "other array", "if the steps were even, from the first to the last")
def _even_steps(z: Array, direction: Array, steps: Array) -> Any:
    return z + np.linspace(steps[0], steps[-1], len(steps))[:, None] * direction


@typical("change_attribute", "other array", "if the steps were even, from 0 to 1")
def _steps_from_zero_to_one(z: Array, direction: Array, steps: Array) -> Any:
    return z + np.linspace(0, 1, len(steps))[:, None] * direction


@typical(
    "change_attribute",
    "other array",
    "if the steps were 0, 1, 2, …: the numbers in steps have no effect, only how many there are",
)
def _numbered_steps(z: Array, direction: Array, steps: Array) -> Any:
    return z + np.arange(len(steps))[:, None] * direction


@typical("linear_path", "shifted", "if the last point, b, were left out")
def _without_the_end(a: Array, b: Array, n: int) -> Any:
    t = (np.arange(n) / n)[:, None]
    return (1 - t) * a + t * b


@typical("linear_path", "shifted", "if the first point, a, were left out")
def _without_the_start(a: Array, b: Array, n: int) -> Any:
    t = ((np.arange(n) + 1) / n)[:, None]
    return (1 - t) * a + t * b


@typical("linear_path", "shifted", "if neither a nor b were on the path")
def _without_both(a: Array, b: Array, n: int) -> Any:
    t = ((np.arange(n) + 1) / (n + 1))[:, None]
    return (1 - t) * a + t * b


@typical("linear_path", "term", "of a + t b: the difference of b and a is wanted")
def _whole_end_added(a: Array, b: Array, n: int) -> Any:
    return a + np.linspace(0, 1, n)[:, None] * b
