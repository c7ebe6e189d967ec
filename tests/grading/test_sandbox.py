"""A submission in a sandbox: answers of calls that succeed, fail, or never end. At every available level."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from grading.sandbox_source import SOURCE
from grading.sandboxes import ARRAY, LEVELS, SMALL, X, ask, need
from scratchae.grading.records import Call, Limits
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
        ("nan", "finite", "1 nan of 6", "finite numbers"),
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
        ("flood", "output"),
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


def test_too_much_printing_is_no_matter_of_time(runner: Sandbox) -> None:
    calls = [
        Call("much", {"x": X}, ARRAY)
    ] * 2  # the second one prints too much; which one was answered before is unknown
    outcomes = [tuple(answer.outcome for answer in runner.run(calls)) for _ in range(10)]
    assert set(outcomes) == {("output", "output")} and ask(runner, "much").outcome == "returned"


def test_an_overwritten_argument_is_noticed(runner: Sandbox) -> None:
    before = X.copy()
    assert ask(runner, "overwrite").changed == ("x",)
    assert ask(runner, "twice").changed == ()
    np.testing.assert_array_equal(X, before)  # the parent's array is a different one


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
        assert ask(quick, "sleep").outcome == "time" and 0.4 < time.monotonic() - begin < 20
        assert ask(quick, "absent").outcome == "missing"


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        (b"x = 1\ndef f(x:\n", "SyntaxError", 2),
        (b"import torch\n", "ModuleNotFoundError", 1),
        (b'x = "\xff"\n', "SyntaxError", None),
        (b"x = 1\x00\n", "SyntaxError or ValueError", None),
        (b"(" * 100_000, "", None),
        (b"raise KeyboardInterrupt\n", "KeyboardInterrupt", 1),
        (b"x = 1 / 0\n", "ZeroDivisionError", 1),
        (b"  x = 1\n", "IndentationError", 1),
    ],
    ids=["syntax", "import", "encoding", "null", "brackets", "interrupt", "division", "indent"],
)
def test_a_file_that_cannot_be_run(runner: Sandbox, source: bytes, kind: str, line: int | None) -> None:
    with sandbox_at(runner.isolation, source, SMALL) as broken:
        answer = ask(broken, "f")
    assert answer.outcome in ("source", "memory", "crashed")
    assert answer.tried == (("other library tried",) if b"torch" in source else ())
    if kind:
        assert answer.error is not None and answer.error.type in kind.split(" or ")
        assert line is None or answer.error.line == line


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
