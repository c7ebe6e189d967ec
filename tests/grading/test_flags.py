"""Flags: what needs a look is rare and right, remarks are only remarks, and ordinary files have neither."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

from grading.corpus import ALTERNATIVES, MISTAKES
from grading.corpus.entry import text
from grading.sandboxes import LEVELS, need
from scratchae.exercises import EXERCISES
from scratchae.exercises.handout import solution, start
from scratchae.grading.inspection import lexer, signs
from scratchae.grading.inspection.flags import ENDLESS, FLAGS, OF_TESTS, by_weight, kind_of, needs_look
from scratchae.grading.inspection.signs import look
from scratchae.grading.records import Call, Isolation
from scratchae.grading.sandbox.child.wire import TRIED
from scratchae.grading.sandbox.isolation import sandbox_at


def heavy(source: str, level: Isolation = Isolation.BUBBLEWRAP) -> tuple[str, ...]:
    return by_weight(look(source.encode()), (), level)[0]


HEADERS = (
    "import os, sys, time, warnings\n",
    "import argparse\nparser = argparse.ArgumentParser()\n",
    "from pathlib import Path\nHERE = Path(__file__).parent\n",
    "import logging\nlogging.basicConfig(level=logging.INFO)\nlog = logging.getLogger(__name__)\n",
    "import math\nfrom math import log, exp\n",
    "import unittest\nclass TestDense(unittest.TestCase):\n    def test(self): self.assertEqual(1, 1)\n",
    "from __future__ import annotations\nfrom typing import Tuple, Optional\n",
    "import numpy as np\nnp.random.seed(0)\nrng = np.random.default_rng(0)\n",
    "import warnings\nwarnings.filterwarnings('ignore')\n",
    "import sys\nsys.setrecursionlimit(10000)\nsys.path.append('..')\n",
    "import time\nstart = time.perf_counter()\nprint(time.perf_counter() - start)\n",
    "import functools, itertools, collections, operator\n",
    "from dataclasses import dataclass, field\n@dataclass\nclass Layer:\n    W: object\n    b: object\n",
    "import os\nos.environ['OMP_NUM_THREADS'] = '1'\n",
    "import pprint, copy, random, string, re, json\n",
    "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n'''Author: me'''\n",
    "import pdb  # pdb.set_trace()\n",
    "import doctest\nif __name__ == '__main__':\n    doctest.testmod()\n",
    "import numpy.testing as npt\nfrom numpy.testing import assert_allclose\n",
    "import numpy as np\nfrom numpy.linalg import norm\neps = np.finfo(float).eps\n",
    "import traceback\ntry:\n    pass\nexcept Exception as error:\n    traceback.print_exc()\n    raise ValueError('x') from error\n",
    "import datetime\nprint(datetime.datetime.now())\n",
    "import platform\nprint(platform.python_version())\n",
    "EPS = 1e-12\ndef safe_log(p):\n    return np.log(np.clip(p, EPS, 1 - EPS))\n",
    "def check(model):\n    model.eval()\n    df = model.table.eval('a + b')\n",
    "import sys\nif 'google.colab' in sys.modules:\n    print('in Colab')\n",
    "import re\npattern = re.compile(r'[a-z]+')\n",
    "class Node:\n    def __init__(self, value):\n        self.value = value\n    def __repr__(self):\n        return f'{self.value!r}'\n",
    "def softmax_grad(p, y):\n    p = p.copy()\n    p[np.arange(len(y)), y] -= 1\n    return p / len(y)\ncounts = [0, 0]\ncounts[1] += 1\n",
    "import tempfile, shutil, io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    print('quiet')\n",
)
END = "\n\nif __name__ == '__main__':\n    import unittest\n    unittest.main()\n"


def test_ordinary_headers_are_no_reason_to_look() -> None:
    assert len(HEADERS) == 30
    for level in Isolation:
        for header, exercise in zip(HEADERS, EXERCISES, strict=False):
            assert not heavy(header + solution(exercise) + END, level), header
    remarks = [header for header in HEADERS if look((header + END).encode())]
    assert not remarks


@pytest.mark.sandbox
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
def test_ordinary_headers_try_nothing(level: Isolation) -> None:
    call = Call("dense", {"x": np.ones((2, 3)), "W": np.ones((3, 4)), "b": np.ones(4)}, [("y", (2, 4), "float64")])
    with sandbox_at(need(level), b"") as runner:
        for header in HEADERS:
            runner.load((header + solution(EXERCISES[0]) + END).encode())
            (answer,) = runner.run([call])
            assert answer.outcome == "returned" and not answer.tried, (header, answer)


def test_right_solutions_have_no_flags_and_wrong_ones_nearly_none() -> None:
    for entry in ALTERNATIVES:
        assert not look(text(entry).encode()), entry.id
    for exercise in EXERCISES:
        assert not look(solution(exercise).encode()) and not look(start(exercise).encode())
    wrong = [entry.id for part in MISTAKES.values() for entry in part if look(text(entry).encode())]
    assert len(wrong) <= 0.01 * sum(map(len, MISTAKES.values())), wrong


@pytest.mark.parametrize(
    ("source", "flag"),
    [
        ("def f(x):\n    return (f(x + 1e-20j)).imag\n", "complex step"),
        ("i = np.emath.sqrt(-1)\n", "complex step"),
        ("i = (-1) ** 0.5\n", "complex step"),
        ("i = np.array(0, dtype='complex128')\n", "complex step"),
        ("i = np.roots([1, 0, 1])[0]\n", "complex step"),
        ("h = np.longdouble(1e-4)\n", "more digits than float64"),
        ("from fractions import Fraction\n", "more digits than float64"),
        ("def g(f, x, h=1e-5):\n    return (f(x + h) - f(x - h)) / (2 * h)\n", "finite differences"),
        ("h = 1e-6\nd = (f(x + h) - f(x)) / h\n", "finite differences"),
        ("d = (f(x + 1e-6) - f(x)) / 1e-6\n", "finite differences"),
        ("h = np.sqrt(np.finfo(float).eps)\nd = (f(x + h) - y) / h\n", "finite differences"),
        ("h = 0.5\nx[i] += h\nup = f(x)\nx[i] -= 2 * h\nd = up - f(x)\n", "finite differences"),
        ("class D:\n    def __add__(a, b): ...\n    def __mul__(a, b): ...\n", "own arithmetic"),
        ("def f(x):\n    return eval('x')\n", "evaluates text"),
        ("run = exec\n", "evaluates text"),
        ("ｅｘｅｃ('x = 1')\n", "evaluates text"),
        ("\U0001d41e\U0001d42f\U0001d41a\U0001d425('x')\n", "evaluates text"),
        ("s = f'{exec(1)}'\n", "evaluates text"),
        ('s = rF"""{{}} {x!r:#>{exec(1)}}"""\n', "evaluates text"),
        ('s = f"{x:\'>9} {exec(1)}"\n', "evaluates text"),
        ("s = f\"{'}'} {y[1:2]} {exec(1)}\"\n", "evaluates text"),
        ("s = f\"{f'{exec(1)}'}\"\n", "evaluates text"),
        ("s = f'{exec('1')}'\n", "evaluates text"),
        ("s = t'{exec(1)}'\n", "evaluates text"),
        ("import importlib\nimportlib.import_module('os')\n", "evaluates text"),
        ("code = compile('1', '', 'eval')\n", "evaluates text"),
        ("import child.watch\nchild.watch._watching = False\n", "inspects the grader"),
        ("import sys\nw = sys.modules['child.watch']\n", "inspects the grader"),
        ("f = e.__traceback__.tb_frame.f_back\n", "inspects the grader"),
        ("().__class__.__base__.__subclasses__()\n", "inspects the grader"),
        ("import os\nos.stat('/etc/shadow')\n", "asks for files"),
        ("from jax import grad\n", "imports jax"),
        ("if x: import pandas\nelse:\n    pass; from tqdm import trange\n", "imports tqdm"),
    ],
)
def test_what_a_file_shows(source: str, flag: str) -> None:
    assert flag in look(source.encode())


@pytest.mark.parametrize(
    ("source", "endless"),
    [
        (b"x\n" * (lexer.MOST_PARTS // 2 + 1), True),  # many parts in few bytes
        (b"# " + b"x" * lexer.LONGEST, True),
        (b"x\n" * (lexer.MOST_PARTS // 4), False),
        (b"# " + b"x" * (lexer.LONGEST // 2), False),
    ],
)
def test_a_file_that_is_not_read_to_its_end_says_so(source: bytes, endless: bool) -> None:
    assert (ENDLESS in look(source)) == endless


@pytest.mark.parametrize(
    "source", [b"\xff\xfe\x00", b"(" * 300_000, b"'", b"# coding: nonsense\n", b"x = 5 /", b"x -="]
)
def test_a_look_never_fails(source: bytes) -> None:
    assert isinstance(look(source), tuple)


@pytest.mark.parametrize(
    "source",
    [
        "s = f'{x} exec {{exec}} {y:exec}'\n",
        "s = '{exec(1)}'\n",
        "s = 'ｅｘｅｃ'\n",
        "# ｅｘｅｃ(1)\n",
        "print(f'{x=} {y[1]:.3f}')\n",
    ],
)
def test_text_is_no_code(source: str) -> None:
    assert not look(source.encode())


def test_weights() -> None:
    level = Isolation.BUBBLEWRAP
    assert all(needs_look(flag, (), level) for flag in TRIED)
    assert not any(needs_look(flag, (), level) for flag in OF_TESTS)
    assert all(needs_look(flag, {flag: 0.5}, level) for flag in OF_TESTS)
    assert needs_look("same code as Bob's 01_dense.py", (), level)
    assert needs_look("equals the package's solution: elbo", (), level)
    assert not needs_look("same short code as Bob's 01_dense.py", (), level)
    assert not needs_look("imports pandas", (), level)
    assert not needs_look("asks for files", (), level) and needs_look("asks for files", (), Isolation.LIMITS)
    assert needs_look("something new", (), level)  # an unknown flag is not hidden
    assert by_weight(["imports a", "network tried", "imports a"], (), level) == (("network tried",), ("imports a",))


def test_every_flag_of_the_table_is_told_to_the_teacher() -> None:
    page = (Path(__file__).parents[2] / "docs" / "teachers.md").read_text(encoding="utf-8")
    for flag in FLAGS:
        assert f"`{flag.name.strip()}" in page, flag.name
        found = kind_of(flag.name)
        assert found is not None and found.weight == flag.weight


def as_python_reads(source: str) -> tuple[set[str], list[str]]:
    """Names, and first parts of imported modules, by Python's own tokeniser and parser."""
    names = {t.string for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.NAME}
    modules = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules += [alias.name.split(".")[0] for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.append(str(node.module).split(".")[0])
    return names, modules


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="tokenize looks into f-strings there")
def test_a_look_reads_what_python_reads() -> None:
    odd = r'''
x = r"\"" + b'\'' + """a\""" "" b""" + "\\" # "
if x: import os, sys
from json import (a,
  b)
y = 1e-5 .real; from re import c
z = "a\
b"
w = R'import d' if x else"e"
'''
    package = Path(signs.__file__).parents[2]
    files = [odd, *(path.read_text("utf-8") for path in sorted(package.rglob("*.py")))]
    for source in files:
        read = [token for token in lexer.parts(source) if token.kind != "comment"]
        names, modules = as_python_reads(source)
        assert {token.text for token in read if token.kind == "name"} == names
        assert sorted(signs._imported(read)) == sorted(modules)
