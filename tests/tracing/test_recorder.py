"""The record of labelled lines: one step for each pass, values at that moment, and nothing of lines that an error left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from scratchae.tracing.recorder import MOST_PASSES, MOST_STEPS, LineRecorder, Step

Summary = list[tuple[str, dict[str, Any]]]


def record(function: Callable[[], object]) -> list[Step]:
    recorder = LineRecorder()
    recorder.run(function)
    return recorder.steps


def summary(function: Callable[[], object]) -> Summary:
    """The labels and the values of all steps."""
    return [
        (" ".join(step.labels), {v.name: v.text if v.array is None else v.array.tolist() for v in step.values})
        for step in record(function)
    ]


def plain() -> float:
    a = 1.0  # (own.1)
    b, (c, *d) = a + 1, (3, 4, 5)  # (own.2), (own.3)
    a = 7.0 * c * len(d)
    return a + b  # (own.4)


def test_names_and_values_at_that_moment() -> None:
    assert summary(plain) == [
        ("own.1", {"a": 1.0}),
        ("own.2 own.3", {"b": 2.0, "c": 3, "d[0]": 4, "d[1]": 5}),
        ("own.4", {"return": 44.0}),
    ]


def test_where_a_step_is() -> None:
    step = record(plain)[1]
    assert step.file == __file__ and step.line == step.end_line == plain.__code__.co_firstlineno + 2
    assert step.code == "b, (c, *d) = a + 1, (3, 4, 5)" and step.function == "plain"
    assert (step.depth, step.inside, step.phase) == (0, None, "forward")


def test_arrays_are_copied_before_they_change() -> None:
    def function() -> None:
        a = np.zeros(2)  # (own.1)
        a[0] = 5

    assert summary(function) == [("own.1", {"a": [0, 0]})]


def test_a_statement_over_several_lines_is_one_step() -> None:
    def function() -> None:
        total = sum(  # (own.1)
            [
                1,
                int("2"),
            ]
        )
        squares = [i**2 for i in range(3) if int(i) >= 0]  # (own.2)
        doubled = [2 * i for i in range(3)]  # (own.3)
        mapping = {i: i for i in iter(range(2))}  # (own.4)
        assert total and squares and doubled and mapping

    assert summary(function) == [
        ("own.1", {"total": 3}),
        ("own.2", {"squares[0]": 0, "squares[1]": 1, "squares[2]": 4}),
        ("own.3", {"doubled[0]": 0, "doubled[1]": 2, "doubled[2]": 4}),
        ("own.4", {"mapping[0]": 0, "mapping[1]": 1}),
    ]


def test_each_pass_of_a_loop_is_a_step() -> None:
    def function() -> None:
        for i in range(3):  # (own.1)
            a = i**2  # (own.2)
        while a > 0:
            a -= 3  # (own.3)

    assert [values for label, values in summary(function) if label == "own.1"] == [{"i": i} for i in range(3)]
    assert [values for label, values in summary(function) if label == "own.2"] == [{"a": a} for a in (0, 1, 4)]
    assert [values for label, values in summary(function) if label == "own.3"] == [{"a": 1}, {"a": -2}]


def test_a_loop_on_one_line_is_one_step() -> None:
    def function() -> None:
        a = 3
        # fmt: off
        while a > 0: a -= 2  # (own.1)  # noqa: E701
        # fmt: on
        assert a

    assert summary(function) == [("own.1", {"a": -1})]


def test_a_loop_over_a_generator_ends_without_a_step() -> None:
    def numbers() -> Iterator[int]:
        for i in range(2):  # noqa: UP028 - the loop itself is tested
            yield i  # (own.1)

    def function() -> None:
        for i in numbers():  # (own.2)
            assert i >= 0
        listed = [i for i in numbers()]  # (own.3)
        assert listed

    labels = [label for label, _ in summary(function)]
    assert labels.count("own.2") == 2 and labels.count("own.3") == 1 and labels.count("own.1") == 4
    assert dict(summary(function))["own.3"] == {"listed[0]": 0, "listed[1]": 1}


def test_a_loop_of_a_single_line_until_an_error_ends_it() -> None:
    def function() -> None:
        numbers = iter([1, 2])
        with suppress(StopIteration):
            while True:
                a = next(numbers)  # (own.1)
        b = a  # (own.2)
        assert b

    assert summary(function) == [("own.1", {"a": 1}), ("own.1", {"a": 2}), ("own.2", {"b": 2})]


def test_iterations_that_python_itself_ends() -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = 2

        def __iter__(self) -> Numbers:
            return self

        def __next__(self) -> int:
            if not self.left:
                raise StopIteration
            self.left -= 1
            return self.left

    def delegating() -> Iterator[int]:
        yield from Numbers()

    def function() -> None:
        listed = [i + 1 for i in Numbers()]  # (own.1)
        delegated = list(delegating())  # (own.2)
        for i in Numbers():  # (own.3)
            assert i >= 0
        assert listed == [2, 1] and delegated == [1, 0]

    assert summary(function) == [
        ("own.1", {"listed[0]": 2, "listed[1]": 1}),
        ("own.2", {"delegated[0]": 1, "delegated[1]": 0}),
        ("own.3", {"i": 1}),
        ("own.3", {"i": 0}),
    ]


def test_passes_and_steps_are_bounded() -> None:
    def function(passes: int) -> None:
        for i in range(passes):
            a = inner(i)  # (own.1)
            assert a >= 0
        b = 1  # (own.3)
        assert b

    def inner(i: int) -> int:
        return i  # (own.2)

    steps = record(lambda: function(50))
    assert [step.labels[0] for step in steps] == ["own.1", "own.2"] * MOST_PASSES + ["own.3"]
    assert steps[-3].passes_left_out == 50 - MOST_PASSES
    assert sum(step.passes_left_out for step in steps) == 50 - MOST_PASSES
    assert steps[-1].depth == 0 and steps[-1].inside is None

    def branching(depth: int) -> None:
        for _ in range(10):
            c = branching(depth - 1) if depth else None  # (own.4)
        assert c is None

    assert len(record(lambda: branching(4))) == MOST_STEPS


def test_lines_called_from_a_line_stand_below_it() -> None:
    def outer() -> int:
        a = middle()  # (own.1)
        b = inner()  # (own.2)
        return a + b

    def middle() -> int:
        return inner()

    def inner() -> int:
        c = 1  # (own.3)
        return c  # (own.4)

    steps = record(outer)
    assert [step.labels[0] for step in steps] == ["own.1", "own.3", "own.4", "own.2", "own.3", "own.4"]
    assert [step.depth for step in steps] == [0, 1, 1, 0, 1, 1]
    assert [step.inside for step in steps] == [None, 0, 0, None, 3, 3]


def test_returned_values_have_the_names_of_the_docstring() -> None:
    def function() -> tuple[int, int]:
        """Return two numbers.

        Returns
        -------
        one : int
        two : int
        """
        return max(1, 0), 2  # (own.1)

    assert summary(function) == [("own.1", {"one": 1, "two": 2})]

    def without() -> tuple[int, int]:
        return tuple([1, 2])  # (own.1)  # type: ignore[return-value]

    assert summary(without) == [("own.1", {"return[0]": 1, "return[1]": 2})]


def test_a_line_that_returns_nothing_is_no_step() -> None:
    def function(x: int | None) -> int | None:
        return x  # (own.1)

    assert summary(lambda: function(None)) == []
    assert summary(lambda: function(3)) == [("own.1", {"x": 3})]


def test_a_return_has_its_value_whatever_runs_after_it() -> None:
    def function() -> int:
        with suppress(ValueError):
            try:
                return 1 + 1  # (own.1)
            finally:
                cleaned = True  # (own.2)
                assert cleaned
        return 0

    assert summary(function) == [("own.1", {"return": 2}), ("own.2", {"cleaned": True})]


def test_arrays_that_a_line_changes() -> None:
    def add(gradients: dict[str, np.ndarray], name: str) -> None:
        gradients[name][...] += 1
        gradients["new"] = np.ones(1)

    def function() -> None:
        gradients, x = {"W": np.zeros(2), "b": np.zeros(1)}, np.array([np.nan, 1.0])
        add(gradients, "W")  # (own.1)
        x[1:] = np.array([2.0])  # (own.2)
        y = x + 1  # (own.3)
        assert len(y)

    assert summary(function) == [
        ("own.1", {'gradients["W"]': [1, 1], 'gradients["new"]': [1]}),
        ("own.2", {"x": pytest.approx([np.nan, 2.0], nan_ok=True)}),
        ("own.3", {"y": pytest.approx([np.nan, 3.0], nan_ok=True)}),
    ]
    kinds = [value.kind for step in record(function) for value in step.values]
    assert kinds == ["changed", "changed", "assigned", "assigned"]


def test_items_and_attributes_that_a_line_assigns() -> None:
    class Layer:
        name = "encoder"

    def function() -> None:
        g, layer, calls = {"encoder.W": np.zeros(1)}, Layer(), []

        def key() -> str:
            calls.append(1)
            return "encoder.W"

        g[f"{layer.name}.W"][...] += 2  # (own.1)
        layer.name = "decoder"  # (own.2)
        g[key()] = np.ones(1)  # (own.3)
        k = "encoder.W"
        g[k], k = np.zeros(1), "gone"  # (own.4)
        assert len(calls) == 1

    assert summary(function) == [
        ("own.1", {'g["encoder.W"]': [2]}),
        ("own.2", {"layer.name": "decoder"}),
        ("own.3", {'g["encoder.W"]': [1]}),  # its key would have to be computed again, so all of g stands here
        ("own.4", {'g["encoder.W"]': [0], "k": "gone"}),
    ]


def test_forward_and_backward() -> None:
    def double_backward(dy: float) -> float:
        y = 2 * dy  # (own.1)
        return y

    def function() -> None:
        x, decay, gradients = 1.0, 3.0, {"W": 0.0}
        y = 2 * x  # (own.2)
        dx = 5.0  # (own.3)
        decay = 2 * decay  # (own.4)
        y = double_backward(dx)  # (own.5)
        gradients["W"] += y  # (own.6)
        total = y + decay  # (own.7)
        assert total and dx

    phases = {step.labels[0]: step.phase for step in record(function)}
    backward = [label for label, phase in phases.items() if phase == "backward"]
    assert backward == ["own.3", "own.5", "own.1", "own.6"] and phases["own.7"] == "forward"


def test_a_line_below_a_line_of_the_backward_pass_belongs_to_it() -> None:
    def helper() -> int:
        return 1  # (own.1)

    def backward() -> int:
        return helper()  # (own.2)

    assert [step.phase for step in record(backward)] == ["backward", "backward"]


def test_a_line_that_an_error_leaves_is_no_step() -> None:
    def failing(n: int) -> float:
        a = n  # (own.1)
        b = 1 / a  # (own.2)
        return b

    def function() -> float:
        try:
            c = failing(0)  # (own.3)
        except ZeroDivisionError:
            c = failing(1)  # (own.4)
        return c  # (own.5)

    assert summary(function) == [
        ("own.4", {"c": 1.0}),
        ("own.1", {"a": 1}),
        ("own.2", {"b": 1.0}),
        ("own.5", {"c": 1.0}),
    ]
    assert [step.depth for step in record(function)] == [0, 1, 1, 0]


@pytest.mark.parametrize("before", [None, lambda *_: None])
def test_errors_pass_and_the_trace_function_comes_back(before: Any) -> None:
    def function() -> None:
        raise KeyError("mine")  # (own.1)

    found, around = LineRecorder(), sys.gettrace()
    try:
        sys.settrace(before)
        with pytest.raises(KeyError, match="mine"):
            found.run(function)
        after = sys.gettrace()
        with suppress(KeyError):
            found.run(lambda: plain())
        again = sys.gettrace()
    finally:
        sys.settrace(around)
    assert after is before and again is before
    assert [step.labels[0] for step in found.steps] == ["own.1", "own.2", "own.4"]


def test_functions_of_numpy_and_of_the_standard_library_are_left_alone() -> None:
    frames = []

    class Watching(LineRecorder):
        def _on_call(self, frame: Any, event: str, argument: object) -> Any:
            result = super()._on_call(frame, event, argument)
            frames.append((frame.f_globals.get("__name__", "").partition(".")[0], result is not None))
            return result

    def function() -> None:
        a = np.linspace(0, 1, 3).mean()  # (own.1)
        assert a

    Watching().run(function)
    assert ("numpy", False) in frames and ("numpy", True) not in frames


def test_arguments_of_the_watched_function() -> None:
    def method(self: object, x: np.ndarray, y: None = None, *, noise: Any = None) -> None:
        x += 1

    found = LineRecorder(method.__code__)
    found.run(lambda: [method(None, np.zeros(2), noise=(3.0, None)), method(None, np.ones(2))])
    assert {value.name: np.asarray(value.array).tolist() for value in found.arguments} == {"x": [0, 0], "noise[0]": 3.0}
