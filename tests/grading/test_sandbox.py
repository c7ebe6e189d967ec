"""A submission in a sandbox: answers of calls that succeed, fail, or never end. At every available level."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from grading.sandbox_source import SOURCE
from grading.sandboxes import ARRAY, LEVELS, SMALL, X, ask, need
from scratchae.grading.records import Call, Isolation, Limits
from scratchae.grading.sandbox import parent
from scratchae.grading.sandbox.isolation import sandbox_at
from scratchae.grading.sandbox.parent import Sandbox
from scratchae.grading.sandbox.processes import processes_of

pytestmark = pytest.mark.sandbox


def kill_all(sandbox: Sandbox) -> None:
    for process in processes_of(sandbox.level.token):
        with suppress(ProcessLookupError):  # some end with the first
            os.kill(process, 9)


@pytest.fixture(scope="module", params=LEVELS, ids=lambda level: level.name.lower())
def runner(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with sandbox_at(need(request.param), SOURCE, SMALL) as sandbox:
        yield sandbox
    assert not processes_of(sandbox.level.token, sandbox.level.user)


def test_values_come_back_as_they_are(runner: Sandbox) -> None:
    answer = ask(runner, "twice")
    assert answer.outcome == "returned" and not answer.faults and not answer.tried
    np.testing.assert_array_equal(answer.outputs[0], 2 * X)


def test_several_outputs_of_several_kinds(runner: Sandbox) -> None:
    outputs = [*ARRAY, ("n", (2,), "int64"), ("loss", (), "float64")]
    answer = ask(runner, "three", outputs)
    assert answer.outcome == "returned"
    assert [output.dtype.name for output in answer.outputs] == ["float64", "int64", "float64"]
    assert answer.outputs[2] == 0.5


def test_arguments_of_every_kind(runner: Sandbox) -> None:
    answer = ask(runner, "kinds", [("a", (5,), "int64")], x=X, n=3, name="relu", rate=0.5, none=None)
    np.testing.assert_array_equal(answer.outputs[0], [2, 3, 4, 5, 1])


@pytest.mark.parametrize(
    ("function", "kind", "got", "expected"),
    [
        ("few", "count", "2 values", "one value"),
        ("short", "shape", "(1, 3)", "(2, 3)"),
        ("float32", "dtype", "float32", "float64"),
        ("complex_", "dtype", "complex128", "float64"),
        ("nan", "finite", "of 6 entries, 1 is nan", "finite numbers"),
        ("matrix", "type", "matrix", "an array"),
        ("as_list", "type", "a list of 2", "an array"),
    ],
)
def test_a_wrong_form_is_named(runner: Sandbox, function: str, kind: str, got: str, expected: str) -> None:
    answer = ask(runner, function)
    assert answer.outcome == "form"
    if kind == "count":
        kind, got, expected = "type", "a tuple of 2", "an array"  # one value is expected: a tuple is one
    (fault,) = answer.faults
    assert (fault.output, fault.kind, fault.got, fault.expected) == ("y", kind, got, expected)
    assert (answer.outputs[0] is not None) == (function in ("float32", "nan"))  # the other numbers are still returned


def test_a_wrong_number_of_outputs_is_named(runner: Sandbox) -> None:
    (fault,) = ask(runner, "few", [*ARRAY, *ARRAY, *ARRAY]).faults
    assert (fault.output, fault.kind, fault.got, fault.expected) == ("", "count", "2 values", "3 values: y, y, y")


@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        ("nothing", "nothing"),
        ("todo", "unimplemented"),
        ("absent", "missing"),
        ("count", "missing"),
        ("other", "signature"),
        ("leave", "raised"),
        ("deep", "raised"),
        ("fill", "memory"),
        ("flood", "time"),
        ("crash", "crashed"),
        ("hang", "time"),
    ],
)
def test_what_goes_wrong_has_a_name(runner: Sandbox, function: str, outcome: str) -> None:
    answers = runner.run([Call(function, {"x": X}, ARRAY), Call(function, {"x": X}, ARRAY)])
    assert [answer.outcome for answer in answers] == [outcome] * 2
    assert all(answer.outputs == (None,) for answer in answers)
    assert ask(runner, "twice").outcome == "returned"  # tests do not affect each other


def test_the_end_of_the_process_is_no_answer(runner: Sandbox) -> None:
    assert ask(runner, "vanish").outcome in ("crashed", "raised")


def test_the_line_of_an_error_is_the_students(runner: Sandbox) -> None:
    error = ask(runner, "wrong").error
    assert error is not None and error.type == "ZeroDivisionError"
    assert SOURCE.splitlines()[error.line - 1].strip() == b"return value / 0"


def test_renamed_parameters_are_taken_by_place(runner: Sandbox) -> None:
    assert ask(runner, "renamed").outcome == "returned"


def test_evaluations_are_counted(runner: Sandbox) -> None:
    assert ask(runner, "often_backward").evaluations == 30 and ask(runner, "twice").evaluations == 0


@pytest.mark.parametrize("function", ["by_place_only", "other_order", "decorated", "vectorized", "by_name_only"])
def test_unusual_ways_are_right(runner: Sandbox, function: str) -> None:
    answer = ask(runner, function)
    assert answer.outcome == "returned" and np.array_equal(answer.outputs[0], X)


def test_a_named_tuple_is_a_tuple(runner: Sandbox) -> None:
    assert ask(runner, "named", [*ARRAY, ("b", (2, 3), "float64")]).outcome == "returned"


def test_what_the_library_imports_is_not_the_submissions_doing(runner: Sandbox) -> None:
    answer = ask(runner, "tested")
    assert answer.outcome == "returned" and not answer.tried


def test_printing_costs_nothing(runner: Sandbox) -> None:
    answers = runner.run([Call("much", {"x": X}, ARRAY)] * 200)
    assert {answer.outcome for answer in answers} == {"returned"}
    assert answers[0].printed.endswith("x\n[output cut]") and len(answers[0].printed) < SMALL.output + 20
    assert "cut" not in ask(runner, "much").printed and not answers[1].printed


def test_an_overwritten_argument_is_noticed(runner: Sandbox) -> None:
    before = X.copy()
    assert ask(runner, "overwrite").changed == ("x",)
    assert ask(runner, "twice").changed == ()
    calls = [Call(name, {"x": X}, ARRAY) for name in ("twice", "overwrite", "twice", "overwrite")]
    assert [answer.changed for answer in runner.run(calls)] == [(), ("x",), (), ("x",)]
    np.testing.assert_array_equal(X, before)  # the parent's array is a different one


@pytest.mark.parametrize("change", ["x.shape = -1", "x.dtype = 'i8'", "x.strides = 8, 24"])
def test_an_argument_of_another_form_is_an_overwritten_one(runner: Sandbox, change: str) -> None:
    source = f"def f(x):\n    y = x + 0\n    {change}\n    return y\n"
    with sandbox_at(runner.isolation, source.encode(), SMALL) as other:
        answer = ask(other, "f")
    assert answer.outcome == "returned" and answer.changed == ("x",)


@pytest.mark.parametrize(
    "head",
    [
        "np.may_share_memory = np.shares_memory = lambda *_: False",
        "np.ndarray = np.asarray = np.dtype = np.generic = None",
        "import builtins\nbuiltins.any = builtins.isinstance = builtins.zip = lambda *_: False",
        "import inspect, sys\ninspect.signature = sys.setprofile = None",
    ],
)
def test_what_a_file_replaces_is_not_used(runner: Sandbox, head: str) -> None:
    source = f"import numpy as np\n{head}\ndef f(x):\n    return x[:]\n"
    with sandbox_at(runner.isolation, source.encode(), SMALL) as other:
        (answer,) = other.run([Call("f", {"x": X}, ARRAY, copies=True)])
    assert [(fault.kind, fault.got) for fault in answer.faults] == [("copy", "memory of an argument")]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("import tkinter", ""),
        ("import _tkinter", ""),
        ("import curses", ""),
        ("import os; os.setpriority(os.PRIO_PROCESS, 0, 1)", "system change tried"),
        ("import posix; posix.sched_setaffinity(0, {0})", "system change tried"),
        ("import os; os.pidfd_open(os.getpid())", "signal tried"),
        ("import pwd; print(pwd.getpwall())", "file tried"),
        ("import sys; del sys.modules['posix']; import posix", "native code tried"),
        ("import importlib.util as u, posix; u.module_from_spec(posix.__spec__)", "native code tried"),
    ],
)
def test_what_no_exercise_needs_is_refused_with_limits_alone(action: str, kind: str) -> None:
    if "pidfd" in action and not hasattr(os, "pidfd_open") or os.name != "posix":
        pytest.skip("not on this system")
    with sandbox_at(Isolation.LIMITS, f"{action}\ndef f(x): return x\n".encode(), SMALL) as runner:
        answer = ask(runner, "f")
    assert answer.outcome == "missing" and not answer.printed
    assert answer.unfinished[0].type in ("PermissionError", "ModuleNotFoundError")
    assert answer.tried == ((kind,) if kind else ())


def test_a_home_and_a_name_are_known_without_asking_the_system() -> None:
    source = b"import getpass, os\nprint(os.path.expanduser('~'), getpass.getuser())\ndef f(x): return x + 0\n"
    with sandbox_at(Isolation.LIMITS, source, SMALL) as runner:
        answer = ask(runner, "f")
    assert answer.outcome == "returned" and answer.printed == "/ student" and not answer.tried


def test_each_run_is_a_fresh_process(runner: Sandbox) -> None:
    call = Call("counted", {"x": X}, ARRAY)
    first, second = (runner.run([call, call]) for _ in range(2))
    assert [answer.outputs[0][0, 0] for answer in first] == [1, 2]
    assert [answer.outputs[0][0, 0] for answer in second] == [1, 2]


def test_what_is_printed_has_no_controls(runner: Sandbox) -> None:
    printed = ask(runner, "talk").printed
    assert "plain" in printed and printed.isprintable()


def test_the_clock_is_the_parents(request: pytest.FixtureRequest, runner: Sandbox) -> None:
    with sandbox_at(runner.isolation, SOURCE, Limits(seconds=0.5)) as quick:
        begin = time.monotonic()
        assert ask(quick, "sleep").outcome == "clock" and 0.4 < time.monotonic() - begin < 20
        assert ask(quick, "absent").outcome == "missing"


DOZES = """import time
while True:
    time.sleep(0.04)
    until = time.perf_counter() + 0.0005
    while time.perf_counter() < until:
        pass
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the system does not tell who sleeps")
def test_a_test_that_works_now_and_then_has_little_time_to_sleep(
    runner: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "SLEEP", 2.0)
    monkeypatch.setattr(parent, "LITTLE_SLEEP", 0.5)
    source = "def f(x):\n" + textwrap.indent(DOZES, "    ") + "def g(x):\n    while True: pass\n"
    taken = []
    with sandbox_at(runner.isolation, source.encode(), SMALL) as other:
        for _ in range(3):
            begin = time.monotonic()
            answer = ask(other, "f")
            assert answer.outcome == "clock" and answer.slept
            taken.append(time.monotonic() - begin)
        working = ask(other, "g")  # what computes is not asleep, however busy the machine is
        assert working.outcome == "time" and not working.slept and working.spent > 1
    assert sum(taken) < SMALL.seconds and taken[2] < taken[0]


@pytest.mark.slow
def test_a_file_that_works_now_and_then_is_interrupted(runner: Sandbox) -> None:
    source = f"def f(x): return x + 0\n{DOZES}"
    with sandbox_at(runner.isolation, source.encode(), SMALL) as other:
        answer = ask(other, "f")
    assert answer.outcome == "returned" and answer.unfinished[0].line == 3
    assert "waits for something" in answer.unfinished[0].message


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        (b"x = 1\ndef f(x:\n", "SyntaxError", 2),
        (b'x = "\xff"\n', "SyntaxError", None),
        (b"x = 1\x00\n", "SyntaxError or ValueError", None),
        (b"(" * 100_000, "", None),
        (b"  x = 1\n", "IndentationError", 1),
    ],
    ids=["syntax", "encoding", "null", "brackets", "indent"],
)
def test_a_file_that_is_not_python(runner: Sandbox, source: bytes, kind: str, line: int | None) -> None:
    with sandbox_at(runner.isolation, source, SMALL) as broken:
        answer = ask(broken, "f")
    assert answer.outcome in ("source", "crashed") and not answer.tried
    if kind:
        assert answer.error is not None and answer.error.type in kind.split(" or ")
        assert line is None or answer.error.line == line


DEFINED = b"def f(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (b"import torch\n", "ModuleNotFoundError"),
        (b"import sys; sys.exit(0)\n", "SystemExit"),
        (b"raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        (b"assert f(1) == 3\n", "AssertionError"),
        (b"input()\n", "EOFError"),
        (b"get_ipython()\n", "NameError"),
        (b"x = open('digits.npy')\n", "PermissionError"),
        (b"x = [0] * (1 << 40)\n", "MemoryError"),
        (b"while True: pass\n", "TimeoutError"),
        (b"import time; time.sleep(1000)\n", "TimeoutError"),
        (b"class E(Exception): __str__ = None\nraise E\n", "E"),
    ],
    ids=["import", "exit", "interrupt", "assert", "input", "jupyter", "file", "memory", "loop", "sleep", "str"],
)
def test_what_is_defined_before_an_error_is_tested(runner: Sandbox, end: bytes, kind: str) -> None:
    with sandbox_at(runner.isolation, DEFINED + end + b"def g(x):\n    return x\n", SMALL) as ended:
        first, missing = ended.run([Call(name, {"x": X}, ARRAY) for name in "fg"])
    assert first.outcome == "returned" and missing.outcome == "missing" and not missing.unfinished
    (error,) = first.unfinished
    assert error.type == kind and error.line == 2 + end.count(b"\n") and error.cell is None
    assert first.tried == {"import": ("other library tried",), "file": ("file tried",)}.get(kind_of_end(end), ())


def kind_of_end(end: bytes) -> str:
    return "import" if b"torch" in end else "file" if b"open" in end else ""


def test_what_cannot_be_interrupted_is_ended(runner: Sandbox) -> None:
    source = DEFINED + b"import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass\n"
    with sandbox_at(runner.isolation, source, replace(SMALL, cpu_seconds=1)) as endless:
        begin = time.monotonic()
        assert ask(endless, "f").outcome == "time" and time.monotonic() - begin < 30


def test_cells_are_run_one_by_one(runner: Sandbox) -> None:
    source = """# In[1]:
from __future__ import annotations
import numpy as np
# In[2]:
def broken(:
# In[3]:
text = '''
# In[4]:
'''
1 / 0

# In[4]:
def f(x: Undefined) -> np.ndarray:
    return 2 * x
# In[7]:
while True: pass
# In[8]:
def g(x):

    return x / None
"""
    with sandbox_at(runner.isolation, source.encode(), replace(SMALL, cpu_seconds=1)) as notebook:
        first, second = notebook.run([Call(name, {"x": X}, ARRAY) for name in "fg"])
    assert first.outcome == "returned" and second.error is not None
    assert [(e.type, e.cell, e.line) for e in first.unfinished] == [
        ("SyntaxError", 2, 1),
        ("ZeroDivisionError", 3, 4),
        ("TimeoutError", 7, 1),
    ]
    assert (second.error.type, second.error.cell, second.error.line) == ("TypeError", 8, 3)


def test_a_file_is_a_module_like_any_other(runner: Sandbox) -> None:
    source = b"""from __future__ import annotations
import inspect, pickle, sys
from dataclasses import dataclass

@dataclass
class Layer:
    width: int

def f(x):
    assert pickle.loads(pickle.dumps(Layer(3))) == Layer(3)
    assert inspect.getsource(f).startswith("def f") and "width" in inspect.getsource(Layer)
    assert sys.modules[__name__].f is f and __file__ and __spec__.name == __name__
    print("\xce\xb1", "\\ud800")
    return 2 * x

if __name__ == "__main__":
    raise SystemExit
"""
    with sandbox_at(runner.isolation, source, SMALL) as module:
        answer = ask(module, "f")
    assert (
        answer.outcome == "returned"
        and not answer.unfinished
        and answer.printed == "\N{GREEK SMALL LETTER ALPHA} \\ud800"
    )


def test_closing_leaves_no_process_and_no_folder(runner: Sandbox) -> None:
    with sandbox_at(runner.isolation, SOURCE, SMALL) as sandbox:
        ask(sandbox, "twice")
        assert processes_of(sandbox.level.token)
        folder = getattr(sandbox.level, "folder", "")
    assert not processes_of(sandbox.level.token, sandbox.level.user)
    assert not folder or not os.path.exists(folder)


def test_files_of_one_submission_share_a_sandbox_and_nothing_else(runner: Sandbox) -> None:
    first, second = (b"import numpy as np\nnp.mark = %d\ndef f(x):\n    return x + np.mark\n" % n for n in (1, 2))
    probe = b"import numpy as np\ndef f(x):\n    return x + getattr(np, 'mark', 0)\n"
    with sandbox_at(runner.isolation, first, SMALL) as sandbox:
        interpreters = []
        for source, mark in ((None, 1), (second, 2), (probe, 0), (first, 1)):
            if source is not None:
                sandbox.load(source)
            np.testing.assert_array_equal(ask(sandbox, "f").outputs[0], X + mark)
            interpreters.append(min(processes_of(sandbox.level.token)))
        assert len(set(interpreters)) == 1
        kill_all(sandbox)
        sandbox.load(second)
        assert "returned" in {ask(sandbox, "f").outcome, ask(sandbox, "f").outcome}


def test_a_sandbox_that_was_killed_is_made_anew(runner: Sandbox) -> None:
    kill_all(runner)
    assert "returned" in {ask(runner, "twice").outcome, ask(runner, "twice").outcome}
