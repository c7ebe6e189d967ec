"""The catalogue of exercises: what is set, and the arguments that it is tried with."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import astuple
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from scratchae.exercises import EXERCISES, ONE_ROW, ORDINARY, SHAPES, SMALL, Exercise, FindTheBug, Sizes, Task
from scratchae.exercises.course import chosen

PAGES = Path(__file__).parents[2] / "docs" / "derivations"
TASKS = [(exercise, task) for exercise in ORDINARY for task in exercise.tasks]
ALL_SIZES = (*SHAPES, ONE_ROW, SMALL)
each_task = pytest.mark.parametrize(("exercise", "task"), TASKS, ids=[task.name for _, task in TASKS])


def test_the_course_is_complete_and_in_order() -> None:
    assert len(ORDINARY) >= 16
    assert sum(isinstance(exercise, FindTheBug) for exercise in EXERCISES) >= 8
    assert [exercise.number for exercise in EXERCISES] == list(range(1, len(EXERCISES) + 1))
    names = [exercise.name for exercise in EXERCISES]
    assert len(set(names)) == len(names) and all(name.isidentifier() and name.islower() for name in names)
    for exercise in EXERCISES:
        assert exercise.name.startswith("bug_") == isinstance(exercise, FindTheBug)
        assert exercise.file == f"{exercise.number:02d}_{exercise.name}.py"
        assert exercise.points == sum(task.points for task in exercise.tasks) > 0
    assert len({task.name for _, task in TASKS}) == len(TASKS)  # one function, one exercise


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_pages_exist(exercise: Exercise) -> None:
    assert exercise.pages
    for page in exercise.pages:
        assert (PAGES / f"{page}.md").is_file()


@each_task
def test_labels_are_those_of_equations(exercise: Exercise, task: Task) -> None:
    labels = re.findall(r"\(([a-z_]+)\.(\d+)\)", inspect.getsource(task.reference))
    for page, number in set(labels):
        wanted = rf"\tag{{{page}.{number}}}".replace("_", r"\_")
        texts = [path.read_text() for path in PAGES.glob("*.md")]
        assert any(wanted in text or wanted.replace(r"\_", "_") in text for text in texts), (page, number)


@pytest.mark.parametrize("sizes", [*SHAPES, ONE_ROW])
def test_sizes_are_coprime(sizes: Sizes) -> None:
    for a, b in combinations(astuple(sizes), 2):
        assert math.gcd(a, b) == 1


@each_task
def test_arguments(exercise: Exercise, task: Task) -> None:
    for sizes in ALL_SIZES:
        for inputs in (task.inputs, *task.extremes.values()):
            arguments = inputs(np.random.default_rng(3), sizes)
            assert list(arguments) == list(inspect.signature(task.reference).parameters)
            for value in arguments.values():
                assert isinstance(value, (float, int, str)) or value.dtype in (np.float64, np.int64)
                assert isinstance(value, str) or np.isfinite(value).all()
            again = inputs(np.random.default_rng(3), sizes)
            assert all(np.array_equal(again[name], value) for name, value in arguments.items())


@each_task
def test_answers(exercise: Exercise, task: Task) -> None:
    for sizes in ALL_SIZES:
        for inputs in (task.inputs, *task.extremes.values()):
            arguments = inputs(np.random.default_rng(4), sizes)
            before = {name: np.copy(value) for name, value in arguments.items()}
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                answer = task.answer(arguments)
            assert len(answer) == len(task.outputs) == len(set(task.outputs))
            for value in answer:
                assert value.dtype in (np.float64, np.int64) and np.isfinite(value).all()
            assert all(np.array_equal(before[name], value) for name, value in arguments.items())


@each_task
def test_answers_are_of_sizes_about_one(exercise: Exercise, task: Task) -> None:
    for sizes in (*SHAPES, ONE_ROW):
        for name, value in zip(task.outputs, task.answer(task.inputs(np.random.default_rng(5), sizes)), strict=True):
            assert 3e-3 < np.abs(value).max() < 300, (name, sizes, np.abs(value).max())


def test_exercises_are_chosen_by_name_number_or_file() -> None:
    assert chosen([]) == EXERCISES
    assert [e.name for e in chosen(["losses", "1", "02", "02_activations.py"])] == ["dense", "activations", "losses"]
    for wrong in ("dens", "0", "99", "dense.py", ""):
        with pytest.raises(ValueError, match="there is no exercise"):
            chosen([wrong])
