"""A student's file run as a module: its cells, its errors and their places."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scratchae.exercises.student_file import FileError, StudentFile, allowed, refusal


def run(text: str | bytes, seconds: float = 0.0) -> StudentFile:
    its = StudentFile(text.encode() if isinstance(text, str) else text, "submission.py")
    its.run(seconds)
    sys.modules.pop("submission")
    return its


def places(its: StudentFile) -> list[tuple[str, int | None, int | None]]:
    return [(error.type, error.cell, error.line) for error in its.failures]


@pytest.fixture(autouse=True)
def the_same_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)


def test_a_head_in_a_string_or_a_comment_of_a_cell_begins_no_cell() -> None:
    its = run('# In[1]:\nx = 1\n# In[3]:\ns = """\n# In[9]:\n"""\n# In[2]:\nz = 1 / 0\n# In[4]:\ny = 2\n1 / 0\n')
    assert vars(its.module)["s"] == "\n# In[9]:\n" and vars(its.module)["y"] == 2
    assert places(its) == [("ZeroDivisionError", 3, 5), ("ZeroDivisionError", 4, 2)]


def test_a_string_without_an_end_hides_no_other_cell() -> None:
    its = run('# In[1]:\ns = """\n# In[2]:\ny = 2\n# In[3]:\nz = 3\n')
    assert places(its) == [("SyntaxError", 1, 1)] and vars(its.module)["y"] == 2 and vars(its.module)["z"] == 3


def test_cells_as_nbconvert_writes_them_are_counted() -> None:
    head = "#!/usr/bin/env python\n# coding: utf-8\n\n"
    its = run(head + "# In[12]:\n\n\nx = 1\n\n\n# In[ ]:\n\n\nget_ipython()\n\n\n# In[3]:\n\n\ny = 2\n")
    assert places(its) == [("NameError", 2, 1)] and vars(its.module)["y"] == 2


def test_what_the_first_cell_imports_from_the_future_holds_for_all() -> None:
    its = run("# In[1]:\nfrom __future__ import annotations\n# In[2]:\ndef f(x: Unknown): ...\n")
    assert not its.failures


@pytest.mark.parametrize(
    ("source", "broken", "line"),
    [
        (b"", False, None),
        (b"\xef\xbb\xbfx = 1", False, None),
        (b"# -*- coding: latin-1 -*-\nx = 1", False, None),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'", True, None),
        (b"x = 1\r\ny = 1 / 0\r\n", False, 2),
        (b"x = 1\ry = 1 / 0\r", False, 2),
        (b"x = 1\x00", True, None),
        (b"x = 1\ndef f(:\n", True, 2),
    ],
)
def test_a_file_without_cells(source: bytes, broken: bool, line: int | None) -> None:
    its = run(source)
    assert its.broken is broken and bool(its.failures) == (broken or line is not None)
    assert line is None or its.failures[0].line == line


@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "latin-1", "nonsense"])
def test_no_declared_encoding_makes_code_of_a_comment(encoding: str) -> None:
    source = f"# coding: {encoding}\n# +AAo-raise ValueError\n# \\u000araise ValueError\nx = 'é'\n".encode()
    its = run(source)
    assert not its.failures and its.module.x == "é"


def test_a_file_that_is_not_utf8_says_where() -> None:
    its = run(b"# coding: latin-1\nx = '\xe9'\n")
    assert its.broken and "line 2, byte 0xe9" in its.failures[0].message


def test_a_loop_is_named_by_its_first_line() -> None:
    its = run("x = 1\nwhile x:\n    x = 1\n    x = 2\n    x = 3\n", 0.2)
    assert its.failures[0][:1] + its.failures[0][2:] == ("TimeoutError", 2, None)


def test_slow_cells_have_as_much_time_again_together() -> None:
    its = run(
        "# In[1]:\nwhile 1: pass\n" + "".join(f"# In[{k}]:\nx{k} = 1\nwhile 1: pass\n" for k in range(2, 30)), 0.4
    )
    assert places(its)[:2] == [("TimeoutError", 1, 1), ("TimeoutError", 2, 2)] and vars(its.module)["x2"] == 1
    assert its.failures[-1].message.startswith("not executed") and len(its.failures) < 25


def test_a_refused_module_is_told_with_what_is_allowed() -> None:
    assert (
        refusal("helpers")
        == "helpers is not available: exercises use NumPy only; copy functions of your own into the file"
    )
    assert "exercises use NumPy, scipy and pandas only" in refusal("torch", ("scipy", "pandas"))
    assert refusal("readline") == "readline is not available in an exercise"
    assert FileError("E", "m", 1, None).cell is None


def test_what_an_allowed_module_needs_comes_with_it() -> None:
    pandas = pytest.importorskip("pandas")
    found = allowed(("pandas",))
    assert {"pandas", "dateutil", "numpy"} <= set(found.modules)
    assert str(Path(pandas.__file__).parent) in found.places


def test_the_guard_is_off_when_it_is_switched_off() -> None:
    program = """
import sys, threading
from scratchae.exercises.student_file import Allowed, guard
kinds = []
switch = guard("submission.py", Allowed(), kinds.append)
def attempts():
    for attempt in (lambda: open(sys.argv[1]), lambda: threading.Thread(target=int).start(), lambda: __import__("helpers")):
        try:
            attempt()
        except (PermissionError, ImportError) as error:
            yield type(error).__name__
switch(True)
first = list(attempts())
switch(False)
print(first, list(attempts()), kinds)
"""
    ended = subprocess.run([sys.executable, "-c", program, __file__], capture_output=True, text=True, check=True)
    refused = "['PermissionError', 'PermissionError', 'ModuleNotFoundError'] ['ModuleNotFoundError']"
    assert ended.stdout.strip() == f"{refused} ['file tried', 'process tried']"


@pytest.mark.parametrize(
    ("slow", "skipped"),
    [
        ("while 1: pass", True),
        ("for i in iter(int, 1):\n    i = 1", True),
        ("x = all(True for _ in iter(int, 1))", True),
        ("while 1:\n    def f(): pass", False),  # later runs would not define it
        ("if 1:\n    while 1: pass", False),
        ("a = 1; all(True for _ in iter(int, 1))", False),
        ("@(lambda f: all(True for _ in iter(int, 1)))\ndef g(): pass", False),
    ],
)
def test_a_statement_that_took_too_long_is_not_waited_for_again(slow: str, skipped: bool) -> None:
    text = f"from __future__ import annotations\ndef first(x: Unknown): return 1\nx = 2\n{slow}\ny = 3\n"
    before = run(text, 0.3)
    again = StudentFile(text.encode(), "submission.py")
    begin = time.process_time()
    again.run(0.3, before.failures[0])
    sys.modules.pop("submission")
    assert (time.process_time() - begin < 0.2) is skipped
    assert places(again) == places(before) == [("TimeoutError", None, 4)] and len(again.failures) == 1
    defined = {*vars(before.module)} - {"i"}
    assert {*vars(again.module)} - {"i"} == defined and {"first", "x"} <= defined and "y" not in defined
