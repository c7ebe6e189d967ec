"""A student's check, the public checks and the grader at every level give a file the same verdict."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grading.sandboxes import need
from scratchae.exercises import EXERCISES
from scratchae.exercises.course import write_course
from scratchae.grading.marking import self_check
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.records import Isolation, SubmissionResult
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.sandbox.unsandboxed import SeparateProcessRunner
from scratchae.grading.submissions.choice import checked as read
from scratchae.grading.submissions.intake import Submission

pytestmark = pytest.mark.sandbox

DENSE = EXERCISES[0]
HEAD = "import numpy as np\n"
FORWARD = "def dense(x, W, b):\n    return x @ W + b\n"
BACKWARD = "def dense_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0)\n"
BOTH = HEAD + FORWARD + BACKWARD
DATA = """from __future__ import annotations
from dataclasses import dataclass
import inspect, pickle

@dataclass
class Layer:
    width: int

def dense(x, W, b):
    assert pickle.loads(pickle.dumps(Layer(2))).width == 2 and "x @ W" in inspect.getsource(dense) and __file__
    return x @ W + b
"""
CELLS = f"""# In[1]:
{HEAD}
# In[2]:
{FORWARD}
# In[3]:
plt.plot([1, 2])
# In[4]:
text = '''
# In[5]:
'''
# In[5]:
{BACKWARD}
"""
MODULES = "import asyncio, ctypes, multiprocessing, socket, sqlite3, subprocess, unittest.mock\n"
PRINTS = "    print('\\u03b1' * 99, x, '\\ud800', x.shape)\n    return"
NOWHERE = "    print(x, file=open(__import__('os').devnull, 'w'))\n    return"
# The source, and the functions that are right.
FILES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "right": (BOTH, ("dense", "dense_backward")),
    "wrong": (HEAD + FORWARD + BACKWARD.replace("x.T @ dy", "2 * x.T @ dy"), ("dense",)),
    "a list": (HEAD + FORWARD + BACKWARD.replace("return ", "return [") + "\n    ]\n", ("dense", "dense_backward")),
    "a list of one": (HEAD + FORWARD.replace("x @ W + b", "[x @ W + b]") + BACKWARD, ("dense_backward",)),
    "float32": (HEAD + FORWARD.replace("x @ W + b", "(x @ W + b).astype('f4')") + BACKWARD, ("dense_backward",)),
    "other order": (BOTH.replace("(dy, x, W)", "(W, dy, x)"), ("dense", "dense_backward")),
    "scipy at the top": ("from scipy.special import expit\n" + BOTH, ()),
    "scipy between": (HEAD + FORWARD + "import scipy.linalg\n" + BACKWARD, ("dense",)),
    "scipy inside": (HEAD + FORWARD.replace("    return", "    import scipy\n    return") + BACKWARD, ("dense_backward",)),
    "by name": (HEAD + "import importlib\n" + FORWARD + "importlib.import_module('pytest')\n" + BACKWARD, ("dense",)),
    "pyplot": (HEAD + FORWARD + "import matplotlib.pyplot as plt\n" + BACKWARD, ("dense",)),
    "a file beside": (HEAD + FORWARD + "from helpers import f\n" + BACKWARD, ("dense",)),
    "the solutions": ("from scratchae.ops import dense, dense_backward\n", ()),
    "reads a file": (HEAD + FORWARD + "np.load('digits.npy')\n" + BACKWARD, ("dense",)),
    "writes a file": (HEAD + FORWARD + "np.save('weights.npy', np.ones(3))\n" + BACKWARD, ("dense",)),
    "nowhere": (BOTH.replace("    return", NOWHERE), ("dense", "dense_backward")),
    "asks": (HEAD + FORWARD + "n = int(input('n? '))\n" + BACKWARD, ("dense",)),
    "arguments": (HEAD + FORWARD + "import sys\nassert len(sys.argv) == 1\n" + BACKWARD, ("dense", "dense_backward")),
    "a thread": (HEAD + FORWARD + "import threading\nthreading.Thread(target=print).start()\n" + BACKWARD, ("dense",)),
    "a program": (HEAD + FORWARD + "import subprocess\nsubprocess.run(['true'])\n" + BACKWARD, ("dense",)),
    "the network": (HEAD + FORWARD + "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')\n" + BACKWARD, ("dense",)),
    "many modules": (HEAD + MODULES + FORWARD + BACKWARD, ("dense", "dense_backward")),
    "exit": (BOTH + "import sys\nsys.exit(0)\n", ("dense", "dense_backward")),
    "main": (BOTH + "if __name__ == '__main__':\n    del dense\n", ("dense", "dense_backward")),
    "jupyter": (BOTH + "get_ipython().run_line_magic('matplotlib', 'inline')\n", ("dense", "dense_backward")),
    "prints": (BOTH.replace("    return", PRINTS) + "print('x' * 20_000)\n", ("dense", "dense_backward")),
    "not Python": (BOTH + "x = (\n", ()),
    "raises": (HEAD + FORWARD.replace("x @ W", "x @ V") + BACKWARD, ("dense_backward",)),
    "to do": (HEAD + FORWARD + "def dense_backward(dy, x, W):\n    raise NotImplementedError\n", ("dense",)),
    "overwrites": (HEAD + FORWARD.replace("    return", "    x *= 1.5\n    return") + BACKWARD, ("dense_backward",)),
    "a module": (DATA + BACKWARD, ("dense", "dense_backward")),
    "cells": (CELLS, ("dense", "dense_backward")),
    "Latin-1": ((BOTH + "# größe\n").encode("latin-1"), ()),
    "Latin-1 by its first line": (("# coding: latin-1\n" + BOTH + "# größe\n").encode("latin-1"), ()),
    "a NUL byte": (BOTH + "# \0\n", ()),
    "a megabyte": (BOTH + "#" * ((1 << 20) - len(BOTH)), ("dense", "dense_backward")),
    "more than a megabyte": (BOTH + "#" * ((1 << 20) - len(BOTH) + 1), ()),
    "ends at once": (BOTH + "import os\nos._exit(0)\n", ("dense", "dense_backward")),
    "ends between": (HEAD + FORWARD + "from os import abort\nabort()\n" + BACKWARD, ("dense",)),
    "ends inside": (HEAD + "import os\n" + FORWARD.replace("    return", "    os._exit(0)\n    return") + BACKWARD, ("dense_backward",)),
    "kills itself": (BOTH + "import os\nos.kill(os.getpid(), 9)\n", ("dense", "dense_backward")),
    "a signal": (BOTH + "import signal\nsignal.raise_signal(signal.SIGTERM)\n", ("dense", "dense_backward")),
}  # fmt: skip


def passed(result: SubmissionResult) -> tuple[str, ...]:
    """The functions of which all tests passed."""
    functions = dict.fromkeys(test.function for test in result.tests)
    return tuple(f for f in functions if all(t.status == "passed" for t in result.tests if t.function == f))


def graded(source: bytes, folder: Path, level: Isolation, allow: tuple[str, ...]) -> tuple[str, ...]:
    policy = read_policy(None, (DENSE.name,))
    policy = replace(policy, limits=replace(policy.limits, allow=allow))
    submission = Submission("ada", {DENSE.name: read(DENSE.file, source)})
    return passed(grade(submission, Assignment(policy, b"1", level), open_for_grading))


def checked(source: bytes, folder: Path, allow: tuple[str, ...]) -> tuple[str, ...]:
    return passed(self_check.check(read(DENSE.file, source), DENSE, b"1", allow))


def by_public_checks(source: bytes, folder: Path, allow: tuple[str, ...]) -> tuple[str, ...]:
    write_course(folder, [DENSE], allow=allow)
    (folder / DENSE.file).write_bytes(source)
    (folder / "helpers.py").write_text("def f(x):\n    return x\n")
    (folder / "digits.npy").write_bytes(b"")
    command = [sys.executable, str(folder / "public_checks.py"), DENSE.file]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, cwd=folder)
    assert not ended.stderr
    words = [line.split() for line in ended.stdout.splitlines()]
    return tuple(task.name for task in DENSE.tasks if [task.name, "ok"] in words)


WAYS: dict[str, Callable[[bytes, Path, tuple[str, ...]], tuple[str, ...]]] = {
    "check": checked,
    "public checks": by_public_checks,
    **{level.name.lower(): lambda *a, level=level: graded(*a[:2], need(level), a[2]) for level in Isolation},  # type: ignore[misc]
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_file_has_the_same_verdict_everywhere(way: str, tmp_path: Path) -> None:
    found = {}
    for i, (name, (source, _)) in enumerate(FILES.items()):
        (tmp_path / str(i)).mkdir()
        content = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
        found[name] = WAYS[way](content, tmp_path / str(i), ())
    assert found == {name: right for name, (_, right) in FILES.items()}


@pytest.mark.slow
def test_a_check_without_a_sandbox_gives_the_same_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "_open", lambda source, isolation, limits: SeparateProcessRunner(source, limits))
    test_a_file_has_the_same_verdict_everywhere("check", tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_a_module_that_the_teacher_allows_is_there_everywhere(way: str, tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    source = (
        HEAD
        + FORWARD
        + "from scipy.special import expit\nimport scipy.linalg, scipy.stats\n"
        + BACKWARD
        + "import matplotlib\n"
    )
    (tmp_path / "without").mkdir()
    assert WAYS[way](source.encode(), tmp_path, ("scipy",)) == ("dense", "dense_backward")
    assert WAYS[way](source.encode(), tmp_path / "without", ()) == ("dense",)
