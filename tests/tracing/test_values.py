"""Copies of values, their names, and their form in JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.baselines import LinearGaussian
from scratchae.models.fitting import Data
from scratchae.nets import Parameters
from scratchae.tracing.values import FIRST_NUMBERS, MOST_ITEMS, MOST_NUMBERS, Value, arrays_in, copied


def one(value: object) -> Value:
    (found,) = copied("a", "assigned", value)
    return found


def test_a_copy_of_an_array() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    value = one(array)
    array[:] = 0
    assert value.shape == (2, 3) and value.dtype == "float32" and value.kind == "assigned"
    assert value.to_dict()["values"] == [[0, 1, 2], [3, 4, 5]] and value.to_dict()["first"] is None


@pytest.mark.parametrize(
    ("value", "shape", "dtype", "values"),
    [
        (0.5, (), "float", 0.5),
        (3, (), "int", 3),
        (True, (), "bool", True),
        (np.float32(0.1), (), "float32", float(np.float32(0.1))),
        (2**70, None, "int", "int"),
        ("relu", None, "str", "relu"),
        (sae.Adam(), None, "Adam", "Adam"),
        (np.array(["a"]), None, "str32", "array of shape (1,)"),
        (np.array([np.nan, np.inf, -np.inf, 1]), (4,), "float64", ["NaN", "Infinity", "-Infinity", 1.0]),
        (np.array([1 + 2j]), (1,), "complex128", ["(1+2j)"]),
    ],
)  # fmt: skip
def test_values_in_json(value: object, shape: Any, dtype: str, values: Any) -> None:
    found = one(value)
    assert found.shape == shape and found.dtype == dtype
    described = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert described == {
        "name": "a", "kind": "assigned", "dtype": dtype, "shape": None if shape is None else list(shape), "values": values,
        "first": None,
    }  # fmt: skip


def test_containers_by_their_items() -> None:
    names = [value.name for value in copied("h", "assigned", [np.ones(1), (2, {"x": 1.0, 3: 2.0})])]
    assert names == ["h[0]", "h[1][0]", 'h[1][1]["x"]', "h[1][1][3]"]
    assert [value.name for value in copied("d", "given", Data(np.ones(2)))] == ["d.x"]
    exact = LinearGaussian(np.ones((1, 2)), np.zeros(2), 0.5)
    assert [value.name for value in copied("m", "returned", exact)] == ["m.W", "m.mean", "m.variance"]
    parameters = Parameters({"encoder.0.W": (1, 2), "encoder.0.b": (2,)}, "float64")
    assert [value.name for value in copied("p", "given", parameters)] == ['p["encoder.0.W"]', 'p["encoder.0.b"]']
    assert list(copied("nothing", "assigned", None)) == []
    assert len(list(copied("many", "assigned", list(range(1000))))) == MOST_ITEMS
    assert len(list(copied("many", "assigned", dict.fromkeys(range(1000), 1)))) == MOST_ITEMS


def test_large_arrays_have_only_their_first_numbers_in_json() -> None:
    exact, large = np.arange(MOST_NUMBERS), np.arange(MOST_NUMBERS + 1).reshape(1, -1)
    assert one(exact).to_dict()["values"] == exact.tolist()
    described = one(large).to_dict()
    assert described["values"] is None and described["first"] == list(range(FIRST_NUMBERS))
    assert described["shape"] == [1, MOST_NUMBERS + 1] and one(large).array is not None


def test_arrays_whose_changes_show() -> None:
    array = np.ones(2)
    assert arrays_in("a", array)["a"] is array
    assert arrays_in("g", {"W": array, "n": 1})['g["W"]'] is array and len(arrays_in("g", {"W": array, "n": 1})) == 1
    assert arrays_in("a", np.array(["x"])) == {} and arrays_in("a", [array]) == {} and arrays_in("a", 1.0) == {}
    model = sae.Autoencoder((), 1, epochs=1, random_state=0)
    assert arrays_in("model", model) == {}
    with sae.use_backend("numpy"):
        model.fit(np.eye(4))
    assert arrays_in("model", model)['model.parameters_["decoder.0.b"]'] is model.parameters_["decoder.0.b"]
