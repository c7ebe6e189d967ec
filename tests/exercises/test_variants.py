"""Variants of the exercises: drawn from a text, the same everywhere, right, and not solved by the package's own solutions."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from scratchae.exercises import EXERCISES, ONE_ROW, ORDINARY, SHAPES, Exercise, FindTheBug, Task, public_checks
from scratchae.exercises.alternatives import basics, regularised, sampling, stacks, variational
from scratchae.exercises.alternatives.catalogue import alternatives
from scratchae.exercises.examples import examples
from scratchae.exercises.handout import solution, start
from scratchae.exercises.variants import _VariantDrawing, _with_bug, fingerprint, variant_of_file, varied
from scratchae.exercises.vocabulary import FUNCTIONS, KEPT_IN, VARIABLES, other_name, parts

TEXTS = ("autumn 2026", "spring", "ä", "4")
MODULES = (basics, regularised, sampling, stacks, variational)
TASKS = {task.name: task for exercise in ORDINARY for task in exercise.tasks}
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
ordinary = pytest.mark.parametrize("exercise", ORDINARY, ids=lambda e: e.name)


def defined(source: str) -> dict[str, Any]:
    """The names that a file defines, after a check of its imports."""
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imported] == ["import numpy as np"]
    names: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source, "submission.py", "exec"), names)
    return names


def right(function: Callable[..., Any], task: Task, arguments: dict[str, Any], tolerance: float = 1e-6) -> bool:
    """True if a function returns the reference's numbers; an exception is a wrong answer."""
    with np.errstate(all="ignore"):
        try:
            answer = replace(task, reference=function).answer(arguments)
        except Exception:
            return False
        expected = task.answer(arguments)
    return len(answer) == len(expected) and all(
        a.shape == b.shape and bool(np.abs(a - b).max() <= tolerance * np.abs(b).max())
        for a, b in zip(answer, expected, strict=True)
    )


def variant(exercise: Exercise, text: str) -> Exercise:
    (made,) = varied([exercise], text)
    return made


# Drawing.


def test_a_text_draws_the_same_everywhere() -> None:
    assert fingerprint("autumn 2026") == "deae"
    assert _VariantDrawing("autumn 2026").one_of(range(10**6), "a", "b") == 525881
    program = (
        "from scratchae.exercises import EXERCISES\nfrom scratchae.exercises.variants import varied\n"
        "from scratchae.exercises.handout import start\nimport hashlib\n"
        "print(hashlib.sha256(''.join(map(start, varied(EXERCISES, 'autumn 2026'))).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_a_text_means_the_same_however_it_is_typed() -> None:
    assert fingerprint(" a\u0308 ") == fingerprint("ä") != fingerprint("a")
    assert variant(EXERCISES[0], "a\u0308\n") is variant(EXERCISES[0], "ä")


@pytest.mark.parametrize("text", [" ", "a\0b", "a\nb", "\x1b[31m"])
def test_a_text_that_cannot_be_typed_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="empty or not printable"):
        varied(EXERCISES[:1], text)


def test_without_a_text_there_is_no_variant() -> None:
    assert varied(EXERCISES, "") == EXERCISES


def test_other_texts_draw_other_exercises() -> None:
    texts = [f"text {i}" for i in range(8)]
    for exercise in EXERCISES[::4]:
        assert len({start(variant(exercise, text)).replace(fingerprint(text), "") for text in texts}) >= 6, (
            exercise.name
        )
    assert len({tuple(map(start, varied(EXERCISES[:3], text))) for text in texts}) == len(texts)


@every
def test_a_file_names_its_variant_and_not_the_text(exercise: Exercise) -> None:
    for text in TEXTS:
        made = variant(exercise, text)
        for source in (start(made), solution(made)):
            assert variant_of_file(source.encode()) == made.variant == fingerprint(text)
            assert text not in source or len(text) < 5
    assert variant_of_file(start(exercise).encode()) == ""
    assert variant_of_file(b"x " + b"Variant 1234.") == "1234"
    assert variant_of_file(b"x " * 10**6 + b"Variant 1234.") == ""  # only at the head


def test_what_is_not_varied() -> None:
    for exercise, made in zip(EXERCISES, varied(EXERCISES, "spring"), strict=True):
        assert (made.file, made.title, made.points) == (exercise.file, exercise.title, exercise.points)
        assert [task.points for task in made.tasks] == [task.points for task in exercise.tasks]
        for task, other in zip(exercise.tasks, made.tasks, strict=True):
            assert parts(task.name)[1] == parts(other.name)[1]  # gradients are recognised by the ends of their names
            assert list(task.extremes) == list(other.extremes)


def names_in(exercise: Exercise) -> set[str]:
    """The names of arguments and outputs."""
    given = (name for task in exercise.tasks for name in inspect.signature(task.reference).parameters)
    return {*given, *(name for task in exercise.tasks for name in task.outputs)}


def test_no_sentence_has_the_ordinary_names() -> None:
    found = set()
    for exercise in EXERCISES:
        made = variant(exercise, "spring")
        renamed = names_in(exercise) - names_in(made)
        for before, after in (
            (exercise.about, made.about),
            *(("".join(a.hints), "".join(b.hints)) for a, b in zip(exercise.tasks, made.tasks, strict=True)),
        ):
            left = renamed & {
                *re.findall(r"\w+", re.sub(r"\b[pq]\([^()]*\)", "", after))
            }  # densities such as p(x) are kept
            assert not left, (exercise.name, after)
            found |= renamed & {*re.findall(r"\w+", before)}
    assert found  # there are such sentences


def test_functions_have_the_same_name_in_all_exercises() -> None:
    course = varied(ORDINARY, "spring")
    given = {name for exercise in course for name in defined(solution(exercise))}
    ordinary_names = {name for exercise in ORDINARY for task in exercise.tasks for name in [task.name]}
    assert not given & ordinary_names
    assert len({task.name for exercise in course for task in exercise.tasks}) == len(ordinary_names)


# Every variant can be solved, by its own solution only.


@every
def test_the_solution_is_right_and_the_handed_out_file_is_not(exercise: Exercise) -> None:
    for text in TEXTS:
        made = variant(exercise, text)
        solved, handed_out = defined(solution(made)), defined(start(made))
        for task in made.tasks:
            for inputs in (task.inputs, *task.extremes.values()):
                for sizes in (*SHAPES, ONE_ROW):
                    arguments = inputs(np.random.default_rng(1), sizes)
                    assert list(arguments) == list(inspect.signature(solved[task.name]).parameters)
                    assert list(arguments) == list(inspect.signature(handed_out[task.name]).parameters)
                    assert right(solved[task.name], task, arguments, 0)
            for sizes in SHAPES:  # with one row, some mistakes do not show
                assert not right(handed_out[task.name], task, task.inputs(np.random.default_rng(1), sizes))


@every
def test_names_and_orders_change_no_numbers(exercise: Exercise) -> None:
    for text in TEXTS:
        drawing, made = _VariantDrawing(text), variant(exercise, text)
        if isinstance(exercise, FindTheBug):
            tasks, drawn = list((found := _with_bug(exercise, drawing))[0].tasks), found[1]
        else:
            alternative = drawing.alternative(exercise.name)
            tasks = [alternative.tasks.get(task.name, task) for task in exercise.tasks]
            space = made.tasks[0].reference.__globals__
            drawn = {name: space[name] for name in alternative.constants}
            assert all(space[name] in values for name, values in alternative.constants.items())
        kept = KEPT_IN.get(exercise.name, frozenset())
        names = {name: new for name, new in drawing.variables.items() if name not in kept}
        with constants({task.name: task for task in tasks if drawn}, drawn):
            for before, after in zip(tasks, made.tasks, strict=True):
                given = before.inputs(np.random.default_rng(1), SHAPES[1])
                again = after.inputs(np.random.default_rng(1), SHAPES[1])
                assert {other_name(name, names) for name in given} == set(again)
                outputs = dict(zip(after.outputs, after.answer(again), strict=True))
                for name, value in zip(before.outputs, before.answer(given), strict=True):
                    np.testing.assert_array_equal(outputs[other_name(name, names)], value)


@every
def test_the_ordinary_solution_is_wrong(exercise: Exercise) -> None:
    solved = defined(solution(exercise))
    for text in TEXTS:
        made = variant(exercise, text)
        for task in made.tasks:
            assert task.name not in solved
        arguments = [task.inputs(np.random.default_rng(1), SHAPES[0]) for task in made.tasks]
        in_order = [lambda _f=solved[task.name], **given: _f(*given.values()) for task in exercise.tasks]
        pairs = zip(in_order, made.tasks, arguments, strict=True)
        assert not all(right(function, task, given) for function, task, given in pairs)


@ordinary
def test_no_renaming_makes_the_ordinary_solution_right(exercise: Exercise) -> None:
    # With all names and orders undone, the formulas still differ.
    assert alternatives(exercise.name)
    for alternative in alternatives(exercise.name):
        for values in product(*alternative.constants.values()):
            with constants(alternative.tasks, dict(zip(alternative.constants, values, strict=True))):
                wrong = [
                    not right(TASKS[name].reference, task, task.inputs(np.random.default_rng(1), SHAPES[0]))
                    for name, task in alternative.tasks.items()
                ]
            assert any(wrong)


class constants:  # noqa: N801 - used like a function
    """Other values of the constants of alternatives, for a while."""

    def __init__(self, tasks: Any, values: dict[str, float]) -> None:
        spaces = [task.reference.__globals__ for task in tasks.values()]
        self.spaces = [space for space in spaces if values and set(values) <= set(space)]
        self.values, self.before = values, {name: self.spaces[0][name] for name in values}

    def __enter__(self) -> None:
        for space in self.spaces:
            space.update(self.values)

    def __exit__(self, *_: Any) -> None:
        for space in self.spaces:
            space.update(self.before)


@pytest.mark.parametrize("bug", [e for e in EXERCISES if isinstance(e, FindTheBug)], ids=lambda e: e.name)
def test_a_bug_is_in_other_formulas_too(bug: FindTheBug) -> None:
    for text in TEXTS:
        made = variant(bug, text)
        assert isinstance(made, FindTheBug)
        assert {edit.function for edit in made.edits} == {task.name for task in made.tasks}
        other, _ = _with_bug(bug, _VariantDrawing(text))
        pairs = zip(bug.tasks, other.tasks, strict=True)
        given = [(a, b, b.inputs(np.random.default_rng(1), SHAPES[0])) for a, b in pairs]
        assert not all(right(a.reference, b, arguments) for a, b, arguments in given)


@every
def test_the_public_checks_are_those_of_the_variant(exercise: Exercise) -> None:
    made = variant(exercise, "spring")
    solved, other = defined(solution(made)), defined(solution(exercise))
    for task in made.tasks:
        cases = examples(made, task)
        assert public_checks.checked(solved, task.name, cases, Path("a.py")) == "ok"
        assert public_checks.checked(other, task.name, cases, Path("a.py")).startswith("missing")
    renamed = {task.name: other[before.name] for before, task in zip(exercise.tasks, made.tasks, strict=True)}
    verdicts = [public_checks.checked(renamed, t.name, examples(made, t), Path("a.py")) for t in made.tasks]
    assert any(verdict != "ok" for verdict in verdicts)


# The alternatives.


def gradients() -> list[tuple[str, Task, Callable[..., Any]]]:
    """Each gradient of the alternatives, and its function."""
    found = []
    for exercise in ORDINARY:
        for alternative in alternatives(exercise.name):
            for task in alternative.tasks.values():
                base, ending = parts(task.name)
                space = task.reference.__globals__
                forward = space.get(base if ending == "_backward" else f"{base}_loss")
                if ending in ("_backward", "_gradients") and forward is not None:
                    found.append((exercise.name, task, forward))
    return found


@pytest.mark.parametrize(("exercise", "task", "forward"), gradients(), ids=lambda v: getattr(v, "name", ""))
def test_gradients_are_those_of_finite_differences(exercise: str, task: Task, forward: Callable[..., Any]) -> None:
    rng = np.random.default_rng(3)
    given = task.inputs(rng, SHAPES[0])
    backward = task.name.endswith("_backward")
    upstream = given[next(iter(given))] if backward else 1.0
    point = {name: value for name, value in given.items() if not (backward and name == next(iter(given)))}
    wanted = list(inspect.signature(forward).parameters)
    inverses: dict[str, Callable[[Any], Any]] = {
        "leaky_relu": lambda y: np.where(y > 0, y, y / basics.SLOPE),
        "scaled_tanh": lambda y: np.arctanh(y / basics.HEIGHT) / basics.STEEPNESS,
        "exponential_unit": lambda y: np.where(y > 0, y, np.log1p(np.minimum(y, 0) / basics.ALPHA)),
        "tempered_softmax": lambda p: stacks.TEMPERATURE * np.log(p),
        "tempered_weights": lambda w: np.log(w) / (1 - sampling.ORDER),
    }
    if forward.__name__ in inverses:
        point = {wanted[0]: inverses[forward.__name__](given[list(given)[1]])}
    for output in task.outputs:  # what the gradient does not depend on: an offset, or an argument that enters linearly
        point.setdefault(output[1:], np.zeros(task.answer(given)[task.outputs.index(output)].shape))
    assert set(point) == set(wanted)

    def value(name: str, array: Any) -> float:
        return float((np.asarray(forward(**{**point, name: array})) * upstream).sum())

    for output, gradient in zip(task.outputs, task.answer(given), strict=True):
        name, h = output[1:], 1e-6
        for _ in range(4):
            i = tuple(rng.integers(0, n) for n in gradient.shape)
            step = np.zeros(gradient.shape)
            step[i] = h
            slope = (value(name, point[name] + step) - value(name, point[name] - step)) / (2 * h)
            assert slope == pytest.approx(gradient[i], rel=1e-5, abs=1e-7)


def test_nothing_but_gradients_without_a_function_is_left_out() -> None:
    names = {task.name for _, task, _ in gradients()}
    missing = {
        task.name
        for exercise in ORDINARY
        for alternative in alternatives(exercise.name)
        for task in alternative.tasks.values()
        if parts(task.name)[1] in ("_backward", "_gradients") and task.name not in names
    }
    assert missing == {"second_tanh_layer_gradients"}  # its loss is no function; tested below


def test_the_gradient_of_the_second_layer() -> None:
    task = alternatives("stacking")[0].tasks["second_layer_gradients"]
    given = task.inputs(np.random.default_rng(3), SHAPES[0])

    def loss(**changed: Any) -> float:
        g = {**given, **changed}
        h1 = np.tanh(g["x"] @ g["W1"] + g["b1"])
        out = np.tanh(h1 @ g["W2"] + g["b2"]) @ g["V2"] + g["c2"]
        return float(((out - h1) ** 2).sum(axis=1).mean())

    for output, gradient in zip(task.outputs, task.answer(given), strict=True):
        name, step = output[1:], np.zeros(gradient.shape)
        step.flat[0] = 1e-6
        slope = (loss(**{name: given[name] + step}) - loss(**{name: given[name] - step})) / 2e-6
        assert slope == pytest.approx(gradient.flat[0], rel=1e-5)


@ordinary
def test_forms_of_one_quantity_stay_equal(exercise: Exercise) -> None:
    if exercise.name != "gaussian_kl":
        return
    for alternative in alternatives(exercise.name):
        rng = np.random.default_rng(2)
        mu, logvar = rng.standard_normal((2, 4, 3))
        trace, sums, compact = (alternative.tasks[f"gaussian_kl{form}"] for form in ("_trace", "_sums", ""))
        expected = compact.reference(mu, logvar)
        np.testing.assert_allclose(sums.reference(mu, np.exp(logvar)), expected)
        np.testing.assert_allclose(trace.reference(mu, np.exp(logvar)[:, :, None] * np.eye(3)), expected)
        assert (expected > 0).all()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_every_alternative_is_used(module: ModuleType) -> None:
    used = {
        task.reference for e in ORDINARY for alternative in alternatives(e.name) for task in alternative.tasks.values()
    }
    own = {f for name, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__}
    assert {f for f in own if not f.__name__.startswith("_")} <= used


# Words.


def test_new_names_of_functions_are_free() -> None:
    bases = {parts(task.name)[0] for e in ORDINARY for task in e.tasks}
    bases |= {parts(t.name)[0] for e in ORDINARY for a in alternatives(e.name) for t in a.tasks.values()}
    assert set(FUNCTIONS) == bases
    new = [name for names in FUNCTIONS.values() for name in names]
    assert len(set(new)) == len(new) and not set(new) & bases
    assert all(
        name.isidentifier() and name.islower() and len(names) >= 2 for names in FUNCTIONS.values() for name in names
    )


def test_names_derived_from_a_variable_follow_it() -> None:
    names = {"W": "weights", "x": "data", "x_hat": "fit", "h": "hidden"}
    new = {name: other_name(name, names) for name in ("W", "W1", "dW2", "dW_encoder", "dx_hat", "x_noisy", "h1_hat")}
    assert list(new.values()) == [
        "weights",
        "weights1",
        "dweights2",
        "dweights_encoder",
        "dfit",
        "data_noisy",
        "hidden1_hat",
    ]
    assert all(other_name(name, names) == name for name in ("draws", "dense", "has", "max", "exp", "dy"))
    assert all(len({tuple(names) for names in options if names}) <= len(options) for options in VARIABLES)
