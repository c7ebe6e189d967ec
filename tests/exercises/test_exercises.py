"""The catalogue of exercises: what is set, and the arguments that it is tried with."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import astuple
from itertools import combinations
from pathlib import Path
from typing import Any

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


def careless_log_mean_exp(log_w: Any) -> Any:
    return np.log(np.exp(log_w).mean(axis=0))


def careless_slerp(a: Any, b: Any, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    angle = np.arccos(a @ b / np.sqrt(a @ a) / np.sqrt(b @ b) * (1 + 1e-15))
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


def careless_trace(mu: Any, covariance: Any) -> Any:
    sums = np.trace(covariance, axis1=1, axis2=2) + (mu**2).sum(axis=1) - mu.shape[1]
    return (sums - np.log(np.linalg.det(covariance))) / 2


def careless_bernoulli(logits: Any, x: Any) -> Any:
    p = 1 / (1 + np.exp(-logits))
    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


def careless_cross_entropy(logits: Any, labels: Any) -> Any:
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(p)), labels])


CARELESS: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: np.exp(x) / (1 + np.exp(x)),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "softplus_backward": lambda dy, x: dy * np.exp(x) / (1 + np.exp(x)),
    "bernoulli_nll": careless_bernoulli,
    "softmax": lambda logits: np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True),
    "softmax_cross_entropy": careless_cross_entropy,
    "gaussian_kl_trace": careless_trace,
    "importance_weights": lambda log_w: np.exp(log_w) / np.exp(log_w).sum(axis=0),
    "log_mean_exp": careless_log_mean_exp,
    "spherical_path": careless_slerp,
}


@pytest.mark.parametrize("name", CARELESS)
def test_extremes_find_what_ordinary_arguments_do_not(name: str) -> None:
    (task,) = (task for _, task in TASKS if task.name == name)
    assert task.extremes
    for sizes in (*SHAPES, ONE_ROW):
        arguments = task.inputs(np.random.default_rng(6), sizes)
        if name != "spherical_path":  # whose careless form is for ends at the same distance
            np.testing.assert_allclose(CARELESS[name](**arguments), task.answer(arguments)[0], rtol=1e-6)
        for inputs in task.extremes.values():
            with np.errstate(all="ignore"):
                assert not np.isfinite(CARELESS[name](**inputs(np.random.default_rng(6), sizes))).all()


def test_exercises_are_chosen_by_name_number_or_file() -> None:
    assert chosen([]) == EXERCISES
    assert [e.name for e in chosen(["losses", "1", "02", "02_activations.py"])] == ["dense", "activations", "losses"]
    for wrong in ("dens", "0", "99", "dense.py", ""):
        with pytest.raises(ValueError, match="there is no exercise"):
            chosen([wrong])
