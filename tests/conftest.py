"""Shared by all tests: how hypothesis searches, small data, and Python processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import scratchae
from scratchae import backend

# Kernels compile on their first call, so no deadline; the same examples every time, so that a failure can be repeated.
settings.register_profile("scratchae", deadline=None, derandomize=True)
settings.load_profile("scratchae")

ROOT = Path(scratchae.__file__).parents[1]

# pytest imports every file that it looks into for examples; submissions are executed in sandboxes only.
collect_ignore_glob = ["grading/attacks/*", "grading/example_class/submissions/*"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark one case of every test as quick, unless it needs a browser or a sandbox, or is slow."""
    seen = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name not in seen and not any(
            item.get_closest_marker(mark) for mark in ("browser", "sandbox", "slow", "deep")
        ):
            seen.add(name)
            item.add_marker("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels once before several workers start, each of which would compile all of them."""
    if not hasattr(config, "workerinput") and getattr(config.option, "numprocesses", None):
        script = Path(__file__).parent / "helpers" / "compile_kernels.py"
        for process in [subprocess.Popen([sys.executable, script, dtype]) for dtype in ("float32", "float64")]:
            process.wait()


@pytest.fixture(autouse=True, scope="module")
def _same_backend_after_a_file() -> Iterator[None]:
    before = backend._everywhere
    yield
    backend._everywhere = before
    backend._here.set(None)


@pytest.fixture(autouse=True)
def _same_backend_afterwards() -> Iterator[None]:
    before = backend._everywhere
    yield
    backend._everywhere = before
    backend._here.set(None)


@pytest.fixture
def x() -> np.ndarray:
    """70 rows of 11 features in [0, 1]: no multiple of any batch, block or tile."""
    return np.random.default_rng(0).random((70, 11), np.float32)


def started(script: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """A Python process that runs the script on this scratchae."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def run_python() -> Callable[..., str]:
    """run_python(script, *arguments, **environment): what the script prints; fails if it does."""

    def run(script: str, *arguments: Any, **environment: str) -> str:
        process = started(script, *arguments, **environment)
        out, err = process.communicate(timeout=600)  # kernels may have to be compiled
        assert process.returncode == 0, err
        return out

    return run


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """start_python(script, *arguments, **environment): the running process; ended when the test ends."""
    processes = []

    def start(script: str, *arguments: Any, **environment: str) -> subprocess.Popen[str]:
        processes.append(started(script, *arguments, **environment))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()
