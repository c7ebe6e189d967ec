"""Try the escapes on this machine, and report which ones each available level blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scratchae.grading.records import Answer, Call, Isolation, Limits
from scratchae.grading.sandbox.escapes.probes import PROBES, Probe
from scratchae.grading.sandbox.escapes.witness import Witness
from scratchae.grading.sandbox.isolation import LEVELS, sandbox_at, why_not
from scratchae.grading.sandbox.processes import processes_of

LIMITS = Limits(seconds=2.0, cpu_seconds=1, memory=512 << 20, processes=8, temporary=4 << 20)
LEFT = "leave a process behind"


class ProbeResult(NamedTuple):
    """The result of one probe at one level."""

    probe: str
    level: Isolation
    held: bool
    detail: str


def self_test(levels: Sequence[Isolation] | None = None) -> list[ProbeResult]:
    """Try every escape at every level that has to block it. The interpreter's audit hook is off, so that the kernel's isolation is tested.

    Parameters
    ----------
    levels : sequence of Isolation, optional
        By default those available on this machine; see `missing_levels`.

    Returns
    -------
    list of ProbeResult
        Probe, level, whether it was blocked, and how.
    """
    chosen = [level for level in LEVELS if not why_not(level)] if levels is None else levels
    promised = {level: [probe for probe in PROBES if level in probe.levels] for level in chosen}
    return [result for level in chosen for result in try_probes(promised[level], level)]


def missing_levels() -> list[tuple[Isolation, str]]:
    """The levels that are not available on this machine, with the reasons."""
    return [(level, reason) for level in LEVELS if (reason := why_not(level))]


def try_probes(probes: Sequence[Probe], level: Isolation) -> Iterator[ProbeResult]:
    """Try each escape in a separate process. It is blocked only if the sandbox worked, nothing outside was touched, and no process is left."""
    with Witness() as witness:
        with sandbox_at(level, _submission(probes, witness), LIMITS, watch=False) as runner:
            for i, probe in enumerate(probes):
                answer = runner.run([Call(f"probe_{i}", {}, [("escaped", (), "int64")])])[0]
                yield _result(probe, level, answer, witness.touched())
        left = len(processes_of(runner.level.token, runner.level.user))
        yield ProbeResult(LEFT, level, not left, f"{left} are left" if left else "the sandbox's end: none is left")


def _submission(probes: Sequence[Probe], witness: Witness) -> bytes:
    """A file with a function for each probe, which executes the probe's source."""
    functions = [
        f"def probe_{i}():\n    names = {{}}\n    exec(SOURCES[{i}], names)\n    return names['escape']()\n"
        for i in range(len(probes))
    ]
    sources = [witness.fill(probe.source).decode() for probe in probes]
    return "\n\n".join([f"SOURCES = {sources!r}", *functions]).encode()


def _result(probe: Probe, level: Isolation, answer: Answer, touched: list[str]) -> ProbeResult:
    if answer.outcome in ("refused", "missing", "source", "signature", "form"):
        return ProbeResult(probe.name, level, False, f"the sandbox did not work: {_how(answer)}")
    if answer.outcome == "returned" and answer.outputs[0] != 0:
        touched = [*touched, "it did what it tried"]
    return ProbeResult(probe.name, level, not touched, "; ".join(touched) or f"{probe.detail}: {_how(answer)}")


def _how(answer: Answer) -> str:
    if answer.error is not None:
        return f"{answer.error.type}: {answer.error.message}"
    return {
        "returned": "refused",
        "time": "ended when its time was over",
        "memory": "MemoryError",
        "output": "ended when it had printed too much",
        "crashed": "the process ended",
    }.get(answer.outcome, answer.outcome)
