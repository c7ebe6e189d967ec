"""Starter files and solutions: made from the package's source, and free of it."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scratchae.exercises import EXERCISES, ONE_ROW, ORDINARY, SHAPES, Edit, Exercise, FindTheBug, Task
from scratchae.exercises.handout import GIVEN, solution, start, stub, with_bug
from scratchae.exercises.source import Definition, closure, definition, find

BUGS = [exercise for exercise in EXERCISES if isinstance(exercise, FindTheBug)]
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
ordinary = pytest.mark.parametrize("exercise", ORDINARY, ids=lambda e: e.name)
bug = pytest.mark.parametrize("exercise", BUGS, ids=lambda e: e.name)


def defined(source: str) -> dict[str, Any]:
    """The names that a file defines, after a check of its imports."""
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imported] == ["import numpy as np"]
    names: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source, "submission.py", "exec"), names)
    return names


def arguments_of(task: Task) -> list[dict[str, Any]]:
    """Ordinary arguments of all shapes, of one row, and then the extreme ones."""
    kinds = (task.inputs, *task.extremes.values())
    return [kind(np.random.default_rng(i), sizes) for kind in kinds for i, sizes in enumerate((*SHAPES, ONE_ROW))]


def right(function: Any, task: Task, arguments: dict[str, Any], tolerance: float) -> bool:
    with np.errstate(all="ignore"):
        answer = replace(task, reference=function).answer(arguments)
    return all(
        bool(np.abs(got - expected).max() <= tolerance * np.abs(expected).max())
        for got, expected in zip(answer, task.answer(arguments), strict=True)
    )


@every
def test_both_take_the_same_arguments_as_the_reference(exercise: Exercise) -> None:
    for source in (start(exercise), solution(exercise)):
        names = defined(source)
        for task in exercise.tasks:
            assert list(inspect.signature(names[task.name]).parameters) == list(
                inspect.signature(task.reference).parameters
            )
        assert exercise.title in source and max(map(len, source.splitlines())) <= 150


@ordinary
def test_stub_says_what_is_wanted_and_nothing_more(exercise: Exercise) -> None:
    source = stub(exercise)
    names = defined(source)
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    for task in exercise.tasks:
        documentation, body = functions[task.name].body
        assert isinstance(documentation, ast.Expr) and ast.unparse(body) == "raise NotImplementedError"
        with pytest.raises(NotImplementedError):
            names[task.name](**arguments_of(task)[0])
        for hint in task.hints:
            assert hint.split()[0] in source
    given = [name for name in functions if name not in {task.name for task in exercise.tasks}]
    assert (GIVEN in source) == bool(given)
    assert list(functions) == [task.name for task in exercise.tasks] + given  # tasks first


@ordinary
def test_what_is_given_works_without_what_is_asked_for(exercise: Exercise) -> None:
    asked = {task.name for task in exercise.tasks}
    tree = ast.parse(stub(exercise).partition(GIVEN)[2])
    assert not asked & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("activations", "y (1 - y)"),
        ("activations", "1 - y^2"),
        ("losses", "sigmoid(logits) - x"),
        ("losses", "x_hat - x)"),
        ("softmax", "sum of dp p"),
        ("softmax", "1 at the correct class"),
        ("corruption", "dy where"),
        ("importance", "the upstream gradient times"),
    ],
)
def test_stub_of_a_gradient_does_not_tell_it(name: str, formula: str) -> None:
    (exercise,) = (exercise for exercise in ORDINARY if exercise.name == name)
    tasks = "\n".join(inspect.getsource(task.reference) for task in exercise.tasks)
    assert formula in tasks and formula not in stub(exercise).partition(GIVEN)[0]


def test_private_helpers_are_not_given_unless_something_given_needs_them() -> None:
    by_name = {exercise.name: stub(exercise) for exercise in ORDINARY}
    assert "_shifted" not in by_name["softmax"] and "_shifted" in by_name["fine_tuning"]
    assert "_largest" not in by_name["sparsity"] and "_SLOPES" not in by_name["contraction"]


@every
def test_solution_is_the_reference(exercise: Exercise) -> None:
    names = defined(solution(exercise))
    for task in exercise.tasks:
        for arguments in arguments_of(task):
            assert right(names[task.name], task, arguments, 0)


@bug
def test_each_function_with_a_bug_is_wrong(exercise: FindTheBug) -> None:
    names = defined(with_bug(exercise))
    assert {task.name for task in exercise.tasks} == {edit.function for edit in exercise.edits}
    for task in exercise.tasks:
        verdicts = [right(names[task.name], task, arguments, 1e-6) for arguments in arguments_of(task)]
        assert not any(verdicts[: len(SHAPES)])


@bug
def test_without_its_edits_the_code_is_right(exercise: FindTheBug) -> None:
    source, repaired = with_bug(exercise), with_bug(replace(exercise, edits=()))
    changed = [pair for pair in zip(source.splitlines(), repaired.splitlines(), strict=True) if len(set(pair)) > 1]
    assert 1 <= len(changed) <= len(exercise.edits)
    names = defined(repaired)
    for task in exercise.tasks:
        assert all(right(names[task.name], task, arguments, 0) for arguments in arguments_of(task))


@pytest.mark.parametrize("old", ["nowhere in there", "axis"])
def test_an_edit_that_does_not_fit_is_an_error(old: str) -> None:
    exercise = replace(BUGS[0], edits=(Edit("dense_backward", old, ""), Edit("dense_backward", "dy", "dy")))
    with pytest.raises(LookupError, match="has to occur once"):
        with_bug(exercise)


def test_sources_of_other_things_are_an_error() -> None:
    with pytest.raises(LookupError, match="defines no 'nothing'"):
        find("scratchae.ops.layers", "nothing")
    with pytest.raises(LookupError):
        definition(lambda x: x)


def test_two_definitions_of_one_name_are_an_error() -> None:
    both = [find("scratchae.ops.softmax", "_shifted"), find("scratchae.ops.importance", "_shifted")]
    with pytest.raises(ValueError, match="'_shifted' is defined in"):
        closure(both)


def test_closure_puts_what_is_needed_first() -> None:
    names = [item.name for item in closure([find("scratchae.ops.losses", "bernoulli_nll")])]
    assert names == ["_exp_minus_abs", "relu", "softplus", "bernoulli_nll"]
    assert [item.name for item in closure([find("scratchae.ops", "softplus")], without={"relu"})] == [
        "_exp_minus_abs",
        "softplus",
    ]
    constant = find("scratchae.ops.contraction", "_SLOPES")
    assert isinstance(constant, Definition) and constant.text.startswith("# name:") and not constant.head
