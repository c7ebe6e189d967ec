"""Mistakes in the source text are detected, and the reports on them are correct."""

from __future__ import annotations

import ast
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mutants import run, search
from mutants.by_rule import ByRule, mutants_of, random_sample, sources
from mutants.equivalent import EQUIVALENT
from mutants.mutant import Mutant
from mutants.report import report, wilson
from mutants.search import NotPassingError, Outcome, Search
from mutants.table import MUTANTS
from mutants.workplace import ROOT, Workplace
from scratchae import ops
from scratchae.verify import CLAIMS

PACKAGE = ROOT / "scratchae"
SIGMOID = "sigmoid is 1 / (1 + exp(-x))"
LINE = "return np.where(np.real(x) < 0, t, 1) / (1 + t)  # (sigmoid.2)"


def source(file: str) -> str:
    return (PACKAGE / file).read_text("utf-8")


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    with Workplace() as made:
        yield made


# The table


def test_every_mistake_of_the_table_can_be_made_in_the_source_as_it_is() -> None:
    problems = []
    for mutant in MUTANTS:
        try:
            changed = mutant.applied(source(mutant.file))
            if mutant.file.endswith(".py"):
                compile(changed, mutant.file, "exec")
        except (OSError, ValueError, SyntaxError) as problem:
            problems.append(f"{mutant.name}: {problem}")
    assert not problems


def test_every_mistake_of_the_table_names_a_claim_or_a_test_that_exists() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)
    assert [m.name for m in MUTANTS if not m.claim and not m.test] == []
    assert [m.name for m in MUTANTS if m.claim and m.claim not in CLAIMS] == []
    for mutant in MUTANTS:
        if mutant.test:
            file, _, function = mutant.test.partition("::")
            text = (ROOT / file).read_text("utf-8")
            assert not function or f"def {function.partition('[')[0].rpartition('::')[2]}(" in text, mutant.name


def sample() -> list[Mutant]:
    """Seven of the table, from all rooms; of the kernels from a file that compiles quickly."""
    rng, found = random.Random(0), []
    for start, count in (("ops/", 2), ("nets/", 1), ("training/", 1), ("models/", 2), ("kernels/activations", 1)):
        room = [m for m in MUTANTS if m.file.startswith(start) and m.claim in CLAIMS and not CLAIMS[m.claim].deep]
        found += rng.sample(room, min(count, len(room)))
    return found


@pytest.mark.slow
def test_a_sample_of_the_table_is_found_by_what_it_names(place: Workplace) -> None:
    outcomes = run.run_all(sample(), Search(place, named_only=True), jobs=2)
    assert [o.mutant.name for o in outcomes if o.by == "nothing"] == []
    assert {o.by for o in outcomes} == {"claim"}
    assert run.all_found(outcomes)


@pytest.mark.slow
def test_a_tree_full_of_mistakes_never_passes(place: Workplace) -> None:
    with place.copy() as tree:
        made = 0
        for mutant in MUTANTS:
            path = tree / "scratchae" / mutant.file
            text = path.read_text("utf-8")
            kernels = mutant.file.startswith("kernels/")  # to compile all of them takes a minute
            if not kernels and all(text.count(old) == 1 for old, _ in mutant.changes):
                changed = mutant.applied(text)
                if mutant.file.endswith(".py"):
                    compile(changed, mutant.file, "exec")
                path.write_text(changed, "utf-8")
                made += 1
        assert made > len(MUTANTS) / 3
        command = "import sys; from scratchae.cli.main import main; sys.exit(main(sys.argv[1:]))"
        names = [c.name for c in CLAIMS.values() if c.level == "value" and c.op in ops.__all__][:8]
        ended = place.run(["-c", command, "check", *names, "--jobs", "1"], tree, seconds=100)
    assert ended.status == 1 and not ended.hung, ended.output
    assert re.search(r"8 claims: \d hold, [1-8] FAILED", ended.output), ended.output


# Detection of a mistake


def found(place: Workplace, new: str, claim: str = SIGMOID, test: str = "", **options: bool) -> Outcome:
    """The outcome for a mutant that replaces the line of the sigmoid."""
    (outcome,) = run.run_all(
        [Mutant("ops/activations.py", LINE, new, "a change", claim, test)], Search(place, named_only=True, **options), 1
    )
    return outcome


@pytest.mark.slow
def test_a_claim_that_fails_finds_it(place: Workplace) -> None:
    outcome = found(place, LINE.replace("t, 1)", "1, t)"))
    assert (outcome.by, outcome.finder, outcome.how) == ("claim", SIGMOID, "failed")
    assert "allowed" in outcome.why


@pytest.mark.slow
def test_a_claim_that_raises_finds_it(place: Workplace) -> None:
    outcome = found(place, "return x.nothing  # (sigmoid.2)")
    assert (outcome.by, outcome.how) == ("claim", "raised")
    assert "AttributeError" in outcome.why


@pytest.mark.slow
def test_a_crash_finds_it_and_is_told(place: Workplace) -> None:
    outcome = found(place, "import os; os.kill(os.getpid(), 11)")
    assert (outcome.by, outcome.finder, outcome.how, outcome.why) == ("claim", SIGMOID, "crashed", "SIGSEGV")


@pytest.mark.slow
def test_an_endless_loop_finds_it_and_is_told(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    searching = Search(place, named_only=True)
    searching.look_at_claims([SIGMOID])
    monkeypatch.setattr(search, "PATIENCE", 4.0)
    outcome = searching.outcome(Mutant("ops/activations.py", LINE, "while True: pass", "a change", SIGMOID))
    assert (outcome.by, outcome.finder, outcome.how) == ("claim", SIGMOID, "hangs")


@pytest.mark.slow
def test_what_cannot_be_imported_is_found_and_told(place: Workplace) -> None:
    searching = Search(place, named_only=True)
    change = ("import numpy as np", "import numpyy as np")
    outcome = searching.outcome(Mutant("ops/activations.py", *change, "a change", SIGMOID))
    assert (outcome.by, outcome.finder, outcome.how) == ("claim", "(import)", "cannot be imported")
    assert "numpyy" in outcome.why


@pytest.mark.slow
def test_a_test_finds_what_it_is_named_for(place: Workplace) -> None:
    change = ('if isinstance(backend, str) else "custom"', 'if backend == "numpy" else "custom"')
    outcome = Search(place, named_only=True).outcome(
        Mutant("backend.py", *change, "a slip", test="tests/test_backend.py")
    )
    assert (outcome.by, outcome.how) == ("test", "failed")
    assert outcome.finder.startswith("tests/test_backend.py::")


@pytest.mark.slow
def test_a_change_that_nobody_notices_makes_the_run_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harmless = Mutant("ops/activations.py", LINE, f"{LINE} indeed", "a longer comment", SIGMOID)
    killed = Mutant("ops/activations.py", LINE, "return x", "no sigmoid", SIGMOID)
    arguments = ["--named-only", "--memory", str(tmp_path / "m"), "--report", str(tmp_path / "r.md"), "--jobs", "2"]
    monkeypatch.setattr(run, "MUTANTS", [killed, harmless])
    assert run.main(arguments) == 1
    assert "1 surviving" in capsys.readouterr().out
    text = (tmp_path / "r.md").read_text()
    assert "+return np.where(np.real(x) < 0, t, 1) / (1 + t)  # (sigmoid.2) indeed" in text
    monkeypatch.setattr(run, "EQUIVALENT", [harmless])
    assert run.main(arguments) == 0


def test_one_that_is_found_by_something_else_makes_the_run_fail() -> None:
    mutant = Mutant("ops/activations.py", LINE, "return x", "no sigmoid", SIGMOID)
    assert run.all_found([Outcome(mutant, "claim", SIGMOID)])
    assert not run.all_found([Outcome(mutant, "claim", "another", as_named=False)])


@pytest.mark.slow
def test_nothing_is_said_of_mutants_if_the_unchanged_copy_fails(tmp_path: Path) -> None:
    with Workplace() as place:
        path = place.unchanged / "scratchae/ops/activations.py"
        path.write_text(path.read_text("utf-8").replace(LINE, "return x"), "utf-8")
        with pytest.raises(NotPassingError, match="unchanged"):
            Search(place).look_at_claims([SIGMOID])
        with pytest.raises(NotPassingError, match="no such claim"):
            Search(place).look_at_claims(["what nobody claims"])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes through /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_neither_processes_nor_folders(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, str(ROOT / "tests/mutants/run.py"), "--only", "ops/", "--memory", str(tmp_path / "m")]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # which is ignored where tests run in the background
    )
    wait_until(lambda: bool(working_in(tmp_path) - {process.pid}))
    process.send_signal(how)
    _, written = process.communicate(timeout=60)
    assert process.returncode == 130, written
    assert "interrupted after" in written
    wait_until(lambda: not working_in(tmp_path))
    assert not list(tmp_path.glob("scratchae-mutants-*"))


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("this took more than a minute")


def working_in(folder: Path) -> set[int]:
    """Processes whose working folder is that one or below."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve(strict=True).is_relative_to(folder.resolve()):
                found.add(int(process.name))
        except OSError:
            pass
    return found


# The order


def known(name: str, op: str = "-", seconds: float = 1.0, reached: tuple[str, ...] = (), **more: object) -> None:
    about = {"level": "value", "deep": False, **more}
    return search.KnownClaim(name, op, seconds=seconds, reached=list(reached), **about)  # type: ignore[arg-type,return-value]


def test_likely_claims_come_first(place: Workplace) -> None:
    searching = Search(place)
    claims = [
        known("long", "sigmoid", 0.1, deep=True),
        known("quick", seconds=0.1),
        known("slow", seconds=9.0),
        known("reaches it", seconds=5.0, reached=("ops/activations.py:sigmoid",)),
        known("about it, slow", "sigmoid", 3.0),
        known("tanh is about the file", seconds=2.0),
        known("named", seconds=9.0),
    ]
    searching._claims = {claim.name: claim for claim in claims}  # type: ignore[attr-defined]
    mutant = Mutant("ops/activations.py", LINE, "return x", "no sigmoid", "named")
    order = ["named", "tanh is about the file", "about it, slow", "reaches it", "quick", "slow", "long"]
    assert searching.order(mutant) == order


def test_only_tests_that_reach_the_change_are_run(place: Workplace) -> None:
    searching = Search(place)
    functions = {"a": ["ops/activations.py:sigmoid"], "b": ["ops/activations.py:tanh"], "c": [], "d": []}
    kernels = {"a": [], "b": [], "c": ["kernels/steps.py:step"], "d": ["kernels/tile.py:nothing"]}
    for number, name in enumerate("dcba"):
        file = f"test_{name}.py"
        searching._tests[file] = search.KnownTests(file, True, number, functions[name], kernels[name])
    assert searching.tests_that_reach(Mutant("ops/activations.py", LINE, "return x", "m")) == ["tests/test_a.py"]
    product = Mutant("kernels/product.py", "UNPACKED_ROWS = 128", "UNPACKED_ROWS = 12", "m")
    assert searching.tests_that_reach(product) == ["tests/test_c.py"]  # steps import the product, tiles do not


# Mutants by rule


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = a + b", {"y = a - b", "y = -(a + b)"}),
        ("y = a - b", {"y = a + b", "y = (b) - (a)", "y = -(a - b)"}),
        ("y = (a)  @  (b.T)", {"y = (b.T) @ (a)", "y = (a)  @  (b)", "y = -((a)  @  (b.T))"}),
        ("y = -a", {"y = (a)"}),
        ("y = (  # a + b\n    a  # ½ + b\n    * b)", {"y = (  # a + b\n    a  # ½ + b\n    / b)"}),
        ("y += a", {"y -= a", "y = a", "pass"}),
        ("y = 2", {"y = 3", "y = 1"}),
        ("y = 0", {"y = 1"}),
        ("y = 0.5", {"y = 1.0"}),
        ("y = True", {"y = False"}),
        ("y = a < b <= c", {"y = a <= b <= c", "y = a < b < c"}),
        ("y = a is not b", {"y = a is b"}),
        ("y = a in b", {"y = a not in b"}),
        ("y = a and b", {"y = a or b"}),
        ("y = not a", {"y = (a)"}),
        ("y = b if a else c", {"y = b if not (a) else c"}),
        ("y = f(a, b)", {"y = f(b, a)"}),
        ("def f(a, b):\n    return a, b", {"def f(a, b):\n    return b, a"}),
        ("y = np.exp(a)", {"y = np.exp(-(a))"}),
        ("y = a.sum(axis=0)", {"y = a.mean(axis=0)", "y = a.sum(axis=1)", "y = a.sum()"}),
        ("y = f(a, keep=b, more=c)", {"y = f(a, more=c)", "y = f(a, keep=b)"}),
        ("y = f(keep=b, more=c)", {"y = f(more=c)", "y = f(keep=b)"}),
        ("y = a.T", {"y = a"}),
        ("y = transposed(a)", {"y = (a)"}),
        ("y = a.copy()", {"y = a"}),
        ("y = np.maximum(a, b)", {"y = np.minimum(a, b)", "y = np.maximum(b, a)"}),
        ("f(a)", {"pass"}),
        ("y[a] = b", {"pass"}),
        ("y = a[b:]", {"y = a[b + 1:]", "y = a[b - 1:]"}),
        ("for i in range(n):\n    f[i] = a", {
            "for i in range(n - 1):\n    f[i] = a", "for i in range(n):\n    pass",
        }),
    ],
)  # fmt: skip
def test_rules_make_these_changes(before: str, after: set[str]) -> None:
    made = {mutant.applied(f"x = '½'\n{before}\n") for mutant in mutants_of("f.py", f"x = '½'\n{before}\n")}
    assert {f"x = '½'\n{text}\n" for text in after} <= made


def test_the_rules_leave_alone_what_computes_nothing() -> None:
    text = '''"""A docstring: 1 + 1."""
from a import b
__all__ = ["a"]
@decorated(1)
def f(a: g(1, 2)) -> h[1]:
    """1 < 2."""
    why = "a" if a else "b"
    message = f"{a + 1} {why}"
    raise ValueError(message, 1)
'''
    made = [m.applied(text) for m in mutants_of("f.py", text)]
    assert made == []


def test_every_room_that_computes_has_mutants() -> None:
    files: dict[str, list[str]] = {}
    for file, text in sources(PACKAGE):
        files.setdefault(file.split("/")[0], []).append(text)
    assert set(files) >= {"ops", "kernels", "nets", "training", "models"}
    for room, texts in files.items():
        assert any(next(iter(mutants_of("f.py", text)), None) for text in texts), room


@pytest.mark.slow
def test_what_the_rules_make_is_python_and_another_program() -> None:
    mutants = random_sample(60, 5, PACKAGE)
    assert len({(m.file, m.line) for m in mutants}) == 60
    for mutant in mutants:
        before = source(mutant.file)
        after = mutant.applied(before)
        compile(after, mutant.file, "exec")
        assert ast.dump(ast.parse(before)) != ast.dump(ast.parse(after))
        assert before.splitlines()[: mutant.line - 1] == after.splitlines()[: mutant.line - 1]
        assert search.line_of(mutant, before) >= mutant.line


@pytest.mark.slow
def test_a_sample_is_the_same_for_a_seed_and_a_larger_one_begins_with_it() -> None:
    first = random_sample(40, 7, PACKAGE)
    assert random_sample(20, 7, PACKAGE) == first[:20]
    assert random_sample(20, 8, PACKAGE) != first[:20]


def test_what_is_called_equivalent_stands_in_the_source_as_it_is() -> None:
    for mutant in EQUIVALENT:
        assert run.is_equivalent(mutant, PACKAGE)


# The report


def test_wilsons_interval() -> None:
    assert [round(end, 4) for end in wilson(8, 10)] == [0.4902, 0.9433]  # Brown, Cai and DasGupta (2001), by hand
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] == 1.0


def test_the_report_counts_and_shows_what_lives() -> None:
    kinds = [Mutant("ops/activations.py", LINE, f"return {n}", f"mistake {n}", SIGMOID) for n in range(4)]
    ruled = ByRule("ops/activations.py", LINE, "return 5", "line 66: sign added", rule="sign added", line=66)
    outcomes = [
        Outcome(kinds[0], "claim", SIGMOID, "failed", "error 1"),
        Outcome(kinds[1], "test", "tests/test_x.py::test_y", "crashed", "SIGSEGV", as_named=False),
        Outcome(kinds[2], "nothing"),
        Outcome(kinds[3], "equivalent"),
        Outcome(ruled, "nothing"),
    ]
    text = report(outcomes, command="run", seed=3, seconds=7.0, package=PACKAGE, notes=["A note."])
    assert "Detected by claims: 1 of 3 = 33.3% " in text
    assert "by claims and tests: 2 of 3 = 66.7% " in text
    assert "seed 3" in text and "A note." in text
    assert "+return 2" in text and "-return np.where" in text
    assert "## Mutants by rule" in text and "0 of 1 = 0.0% " in text
    line = search.line_of(kinds[2], source("ops/activations.py"))
    assert f"scratchae/ops/activations.py:{line}: mistake 2" in text
    assert "### Detected, but not by what they name\n" in text and "### Surviving\n" in text
    assert f"| ops/activations.py: mistake 1 | {SIGMOID} | tests/test_x.py::test_y |" in text
