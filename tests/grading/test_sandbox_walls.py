"""Isolation of submissions: every escape of the self-test at every level, and unavailable levels."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grading.sandboxes import LEVELS, SMALL, ask, need
from scratchae.grading.records import Call, Isolation
from scratchae.grading.sandbox import isolation, levels, program
from scratchae.grading.sandbox.child import landlock, seccomp
from scratchae.grading.sandbox.escapes.probes import PROBES
from scratchae.grading.sandbox.escapes.self_test import self_test, try_probes
from scratchae.grading.sandbox.isolation import best_isolation, open_sandbox, sandbox_at
from scratchae.grading.sandbox.levels import FOLDERS, spare_user
from scratchae.grading.sandbox.parent import SandboxError
from scratchae.grading.sandbox.processes import end_all, processes_of

pytestmark = pytest.mark.sandbox

each_level = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())

# Probes that succeed without isolation, which shows that they work.
GETS_OUT = """read another file; read the users of this machine; list another folder; read the package's own answers; write into another folder;
write into /tmp of this machine; make a symbolic link; see another process; make a socket by a system call; fork; fork by a system call;
start a thread; run a shell; share memory; be debugged by its own children"""


def test_the_program_within_is_whole_and_starts() -> None:
    # Tests of unavailable levels are skipped, so a sandbox that is broken at every level has to be detected here.
    folder = Path(program.__file__).parent / "child"
    within = {*program.FILES, *program.ALONE} - {program.SHARED}
    assert sorted(within) == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert os.name != "posix" or isolation.why_not(Isolation.LIMITS) == ""


@each_level
def test_every_escape_is_held(level: Isolation) -> None:
    findings = self_test([need(level)])
    assert len(findings) > sum(level in probe.levels for probe in PROBES) >= 6
    assert not [finding for finding in findings if not finding.held]


def test_the_probes_can_tell() -> None:
    need(Isolation.LIMITS)
    names = {name.strip() for name in GETS_OUT.replace("\n", " ").split(";")}
    probes = [probe for probe in PROBES if probe.name in names]
    assert len(probes) == len(names)
    held = {finding.probe for finding in try_probes(probes, Isolation.LIMITS) if finding.held}
    assert held & names <= {"run a shell"}  # the shell replaces the process, so that nothing can report the escape


@each_level
def test_the_submission_is_never_root(level: Isolation) -> None:
    source = b"import os\n\ndef who():\n    return min(os.getuid(), os.geteuid(), os.getgid(), os.getegid())\n"
    with sandbox_at(need(level), source, SMALL) as runner:
        (answer,) = runner.run([Call("who", {}, [("number", (), "int64")])])
    assert answer.outcome == "returned" and answer.outputs[0] > 0


def test_neighbours_are_different_users() -> None:
    users = {spare_user() for _ in range(50)}
    assert len(users) > 45 and min(users) > 60_000


@each_level
def test_a_sandbox_ends_with_its_parent(level: Isolation) -> None:
    # The parent is killed during a test that never ends, so it cannot clean up.
    need(level)
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from scratchae.grading.sandbox.isolation import sandbox_at\n"
        "from scratchae.grading.records import Call, Isolation, Limits\n"
        "runner = sandbox_at(Isolation[sys.argv[1]], b'def f():\\n    while True: pass\\n', Limits(seconds=60, cpu_seconds=20))\n"
        "runner.run([Call('g', {}, [])])\n"
        "print(runner.level.token, getattr(runner.level, 'folder', ''), flush=True)\n"
        "runner.run([Call('f', {}, [])])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, level.name, *sys.path], stdout=subprocess.PIPE, text=True
    ) as parent:
        token, _, folder = parent.stdout.readline().strip().partition(" ")
        assert processes_of(token)
        parent.send_signal(signal.SIGKILL)
    try:
        until = time.monotonic() + 10
        while processes_of(token) and time.monotonic() < until:
            time.sleep(0.02)
        assert not processes_of(token)
        assert not folder or not os.path.exists(folder) or not os.listdir(folder)
    finally:
        end_all(token, 0, 5.0)
        if folder:  # a later grader would remove it after an hour
            shutil.rmtree(os.path.dirname(folder), ignore_errors=True)


def test_folders_of_graders_that_were_killed_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = {"dead": f"{FOLDERS}{2**22 - 1}-a", "ours": f"{FOLDERS}{os.getpid()}-b", "odd": f"{FOLDERS}{9 * 10**30}-c"}
    for name in [*names.values(), f"{FOLDERS}{2**22 - 1}-young", "other"]:
        (tmp_path / name / "folder").mkdir(parents=True)
    (tmp_path / f"{FOLDERS}{2**22 - 1}-link").symlink_to(tmp_path / "other")
    for name in names.values():
        os.utime(tmp_path / name, (0, 0))
    levels._sweep.cache_clear()
    levels._sweep()
    left = {path.name for path in tmp_path.iterdir()}
    assert names["dead"] not in left and len(left) == 5 and (tmp_path / "other" / "folder").is_dir()


def test_the_parents_clock_needs_nobodys_help() -> None:
    limits = replace(SMALL, seconds=0.5)
    with sandbox_at(need(Isolation.LIMITS), b"def f(x):\n    return x\n", limits) as runner:
        assert ask(runner, "f").outcome == "returned"
        for process in processes_of(runner.level.token):
            os.kill(process, signal.SIGSTOP)  # as if an attacker had taken over the warm interpreter
        begin = time.monotonic()
        assert ask(runner, "f").outcome == "clock"
        assert time.monotonic() - begin < 5
        assert ask(runner, "f").outcome == "returned"


def test_bare_limits_are_never_chosen_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "why_not", lambda level: "" if level is Isolation.LIMITS else "not here")
    assert best_isolation() is None
    with pytest.raises(SandboxError, match="cannot isolate a submission .*not here.* install bubblewrap"):
        open_sandbox(b"")
    with pytest.raises(SandboxError, match="no isolation by bubblewrap: not here"):
        open_sandbox(b"", isolation=Isolation.BUBBLEWRAP)
    assert open_sandbox(b"", isolation=Isolation.LIMITS).isolation is Isolation.LIMITS


def test_a_level_counts_only_if_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "Landlock" in isolation.LEVELS[Isolation.LANDLOCK].missing()
    monkeypatch.undo()
    monkeypatch.setattr("scratchae.grading.sandbox.visible.interpreter", lambda: "/nowhere/python")
    reason = isolation.why_not.__wrapped__(Isolation.LIMITS)
    assert "/nowhere/python" in reason and "\n" not in reason


def test_a_sandbox_that_cannot_start_is_not_the_students_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchae.grading.sandbox.visible.packages", lambda allow: ("/nowhere",))
    with sandbox_at(Isolation.LIMITS, b"def f(x):\n    return x\n") as runner:
        answer = ask(runner, "f")
    assert answer.outcome == "refused" and "numpy" in answer.error.message


@pytest.mark.skipif(not seccomp.supported(), reason="no list of system calls for this machine")
def test_no_call_on_the_list_reaches_out() -> None:
    names = {row.split()[0] for row in seccomp.CALLS.replace("\n", " ").split(",")}
    reaching = "socket connect bind ptrace mount unshare setns execve execveat bpf io_uring_setup chmod chown link symlink mknod memfd_create shmget"
    assert not names & set(reaching.split())
    assert len(seccomp.whole_sandbox()) % 8 == 0 and len(seccomp.whole_sandbox()) // 8 < 4096  # the kernel's own limit


def test_another_machine_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert not seccomp.supported()
    assert (
        "unknown" in isolation.LEVELS[Isolation.BUBBLEWRAP].missing()
        or "not installed" in isolation.LEVELS[Isolation.BUBBLEWRAP].missing()
    )
