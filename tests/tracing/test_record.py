"""The record of a trace: values by label, JSON, places in the code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import scratchae
from scratchae import tracing
from scratchae.tracing.record import PACKAGES, first_uses, place_of
from scratchae.tracing.recorder import Step
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import Value


@pytest.fixture(scope="module")
def found() -> Trace:
    return tracing.tiny("variational")


def step(*labels: str, file: str = "x.py", values: list[Value] | None = None) -> Step:
    return Step(labels, "forward", file, 3, 4, "f", "a = 1", 0, None, 0, values or [])


def test_values_by_label(found: Trace) -> None:
    assert {name: value.tolist() for name, value in found.values("variational.1").items()} == {
        "mu": [[0.5]],
        "logvar": [[-2 * np.log(2)]],
    }
    with pytest.raises(KeyError, match=r"no line.*'dense\.99'.*variational\.1"):
        found.values("dense.99")
    twice = Trace("a", [], [step("a.1", values=[Value("x", "assigned", "int", np.array(n))]) for n in (1, 2)])
    assert twice.values("a.1")["x"] == 2 and twice.labels == ["a.1"]


def test_json_holds_everything(found: Trace) -> None:
    described = json.loads(found.to_json())
    assert list(described) == [
        "format", "subject", "example", "about", "rows", "loss", "gradients", "inputs", "equations", "steps",
    ]  # fmt: skip
    assert described["subject"] == "VariationalAutoencoder" and described["example"] == "variational"
    assert described["loss"] == found.loss and described["rows"] == 1
    gradients = {value["name"]: value["values"] for value in described["gradients"]}
    assert gradients == {name: gradient.tolist() for name, gradient in found.gradients.items()}
    assert len(described["steps"]) == len(found.steps)
    for written, recorded in zip(described["steps"], found.steps, strict=True):
        assert written["labels"] == list(recorded.labels) and written["code"] == recorded.code
        assert [value["name"] for value in written["values"]] == [value.name for value in recorded.values]
        assert written["inside"] is None or described["steps"][written["inside"]]["depth"] == written["depth"] - 1
    assert set(described["equations"]) <= set(found.labels)
    assert described["equations"]["variational.2"]["page"] == "variational_training.md"
    assert [value["name"] for value in described["inputs"]][-2:] == ["x", "noise[0]"]


def test_a_loss_that_is_not_finite_is_still_json() -> None:
    trace = Trace("a", [], [], loss=float("nan"), gradients={"W": np.array([np.inf])})
    described = json.loads(trace.to_json())
    assert described["loss"] == "NaN" and described["gradients"][0]["values"] == ["Infinity"]


def test_places(found: Trace) -> None:
    first = next(step for step in found.steps if "variational.1" in step.labels)
    assert place_of(first) == "scratchae/models/variational.py"
    lines = (PACKAGES / place_of(first)).read_text("utf-8").splitlines()
    assert "(variational.1)" in lines[first.line - 1]
    assert place_of(step("a.1", file="/elsewhere/mine.py")) == "/elsewhere/mine.py"
    assert place_of(step("a.1", file="<ipython-input-1>")) == "<ipython-input-1>"
    beside = str(Path(scratchae.__file__).parents[1] / "script.py")
    assert place_of(step("a.1", file=beside)) == beside


def test_an_equation_stands_at_its_first_use() -> None:
    known = tracing.tiny("dense").equations
    steps = [step("dense.1"), step("dense.1", "dense.4"), step("own.1"), step("dense.4")]
    assert [list(equations) for _, equations in first_uses(steps, known)] == [["dense.1"], ["dense.4"], [], []]
