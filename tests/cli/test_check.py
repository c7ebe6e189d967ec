"""`scratchae check`: a claim that crashes, hangs, ends its process, is skipped or cannot be computed does not hold."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import scratchae
from scratchae.cli.main import main
from scratchae.verify import CLAIMS, Subject, run_apart, run_claim, select

BAD_CLAIMS = """


@claim("it crashes", op="trouble", level="value", method="none", tolerance=1)
def _crash(subject: Subject, rng: np.random.Generator) -> float:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSEGV)
    return 0.0


@claim("it ends the process", op="trouble", level="value", method="none", tolerance=1)
def _end(subject: Subject, rng: np.random.Generator) -> float:
    import os

    os._exit(0)


@claim("it hangs", op="trouble", level="value", method="none", tolerance=1)
def _hang(subject: Subject, rng: np.random.Generator) -> float:
    import time

    time.sleep(600)
    return 0.0


@claim("it raises", op="trouble", level="value", method="none", tolerance=1)
def _raise(subject: Subject, rng: np.random.Generator) -> float:
    raise RuntimeError("no reason")


@claim("it is not a number", op="trouble", level="value", method="none", tolerance=1)
def _nan(subject: Subject, rng: np.random.Generator) -> float:
    return float("nan")


@claim("it holds", op="trouble", level="value", method="none", tolerance=1)
def _hold(subject: Subject, rng: np.random.Generator) -> float:
    return 0.5


@claim("it is skipped", op="partly", level="value", method="none", tolerance=1)
def _skip(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.verify.claims import Skipped

    raise Skipped("this machine has no moon")


@claim("it is skipped in part", op="partly", level="value", method="none", tolerance=1)
def _skip_a_part(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.verify.claims import Skipped

    raise Skipped("the rest needs a moon", 0.5)


@claim("it is wrong in the part that was computed", op="wrong part", level="value", method="none", tolerance=1)
def _wrong_part(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.verify.claims import Skipped

    raise Skipped("the rest needs a moon", 2)


@claim("it takes long", op="trouble", level="value", method="none", tolerance=1, deep=True)
def _deep(subject: Subject, rng: np.random.Generator) -> float:
    return 0.5
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of scratchae that makes false claims, and some that are worse."""
    folder = tmp_path_factory.mktemp("trouble")
    source = Path(scratchae.__file__).parent
    shutil.copytree(source, folder / "scratchae", ignore=shutil.ignore_patterns("__pycache__", "grading"))
    with (folder / "scratchae" / "verify" / "values.py").open("a", encoding="utf-8") as file:
        file.write(BAD_CLAIMS)
    return folder


def check(package: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scratchae", "check", *arguments],
        env={**os.environ, "PYTHONPATH": str(package)},
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Ctrl-C is ignored where tests run in the background.
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) if os.name == "posix" else None,
    )


@pytest.mark.slow
def test_whatever_goes_wrong_is_said_and_the_others_go_on(package: Path) -> None:
    process = check(package, "trouble", "--seconds", "15")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    said = {line.split("  ")[0]: line for line in out.splitlines() if line.startswith("it ")}
    expected = {
        "it crashes": "CRASHED: the process was ended by SIGSEGV",
        "it ends the process": "CRASHED: the process ended with the exit status 0",
        "it hangs": "HANGS: no answer within 15 seconds",
        "it raises": "RuntimeError: no reason",
        "it is not a number": "FAILED",
    }
    for name, text in expected.items():
        assert "FAILED" in said[name] and text in said[name]
    assert said["it holds"].endswith("ok")
    assert "it takes long" not in said
    assert "6 claims: 1 hold, 5 FAILED" in out
    assert "5 of 6 claims failed" in err and "Traceback" not in out + err


@pytest.mark.slow
def test_deep_claims_are_run_when_asked_for(package: Path) -> None:
    out, _ = check(package, "trouble", "it takes long", "--deep", "--seconds", "5").communicate(timeout=120)
    assert "it takes long" in out and "7 claims" in out
    out, _ = check(package, "it takes long").communicate(timeout=120)
    assert "it takes long" in out


@pytest.mark.slow
def test_skipped_claims_are_counted_apart_with_their_reasons(package: Path) -> None:
    process = check(package, "partly", "it holds")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and not err
    lines = {line.split("  ")[0]: line for line in out.splitlines()}
    assert lines["it is skipped"].endswith("skipped  (this machine has no moon)")
    assert lines["it is skipped in part"].endswith("skipped  (the rest needs a moon)")
    assert "3 claims: 1 hold, 2 skipped" in out and "all hold" not in out


@pytest.mark.slow
def test_a_skipped_claim_fails_if_the_computed_part_is_wrong(package: Path) -> None:
    process = check(package, "partly", "wrong part", "it holds")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and "1 of 4 claims failed" in err
    assert "4 claims: 1 hold, 1 FAILED, 2 skipped" in out


@pytest.mark.slow
def test_on_one_thread_the_comparison_of_threads_is_skipped(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    process = check(
        package, "sgd at every threshold in float32", "the number of threads is the faster one, and is given back"
    )
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert out.count("skipped  (compared on one thread only") == 2 and "2 claims: 0 hold, 2 skipped" in out


def test_memory_that_cannot_be_protected_is_a_skipped_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchae.verify.inaccessible.POSSIBLE", False)
    result = run_claim(CLAIMS["all twins read nothing beyond their arguments in float32"], Subject.genuine())
    assert "forked" in result.skipped and not result.passed and not result.failed


@pytest.mark.slow
def test_the_time_limit_is_printed_as_it_was_given() -> None:
    (result,) = run_apart([CLAIMS["identity is itself"]], seconds=0.0001)
    assert result.trouble == "HANGS: no answer within 0.0001 seconds"


def test_claims_that_are_all_slow_need_deep(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "ops"]) == 2  # the only claim about all ops together is slow
    printed = capsys.readouterr()
    assert "add --deep" in printed.err and "hold" not in printed.out


def test_there_are_slow_claims() -> None:
    assert {c.level for c in CLAIMS.values() if c.deep} >= {"gradient", "value"}
    assert len(select(None)) < len(select(None, deep=True)) == len(CLAIMS)


def test_the_list_is_that_of_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "relu", "--list"]) == 0
    assert capsys.readouterr().out.splitlines() == [c.name for c in CLAIMS.values() if c.op == "relu"]
    assert main(["check", "--list"]) == 0
    assert {"relu", "gradient"} <= set(capsys.readouterr().out.splitlines())
    assert main(["check", "sigmoyd", "--list"]) == 2
    assert "did you mean 'sigmoid'" in capsys.readouterr().err


@pytest.mark.slow
def test_claims_that_cannot_even_be_imported_are_none_that_hold(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package / "scratchae", tmp_path / "scratchae")
    with (tmp_path / "scratchae" / "ops" / "activations.py").open("a", encoding="utf-8") as file:
        file.write("\n\nraise RuntimeError('broken source')\n")
    process = check(tmp_path, "relu")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "broken source" in err and "Traceback" not in err and "hold" not in out


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_says_what_was_not_found_out_about_and_leaves_no_process(package: Path) -> None:
    process = check(package, "relu is (x + |x|) / 2", "it hangs", "--jobs", "1")
    assert process.stdout is not None
    while not process.stdout.readline().startswith("relu"):
        pass
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)  # which waits for all that hold the pipe
    assert process.returncode == 130
    assert "1 of 2 claims were not checked" in err and "Traceback" not in err + out


def test_the_end_says_what_is_not_covered(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    quick = [CLAIMS["identity is itself"]]
    monkeypatch.setattr("scratchae.verify.select", lambda names, deep=False: quick * (2 if deep else 1))
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "Not covered" in out and "Slow claims that were not checked: 1; --deep adds them" in out


@pytest.mark.slow
def test_results_come_in_the_order_of_the_claims() -> None:
    claims = select(["relu", "sigmoid"])
    assert [result.claim for result in run_apart(claims, jobs=3)] == [claim.name for claim in claims]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--jobs", "0"],
        ["--jobs", "99"],
        ["--seconds", "0"],
        ["--seconds", "inf"],
        ["--seconds", "nan"],
        ["--seconds", "1e300"],
        ["--mutants"],
    ],
)
def test_arguments_that_do_not_fit(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments]) == 2
    printed = capsys.readouterr()
    assert "bug" not in printed.err and len(printed.err.splitlines()) == 1 and not printed.out
