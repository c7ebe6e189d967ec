"""How good is the grader? The corpus of wrong and of right solutions, judged: who is rejected, and is the mistake named, and truly?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.exercises import ORDINARY, Sizes, Task
from scratchae.grading.corpus import Entry, load
from scratchae.grading.in_process import InProcess
from scratchae.grading.judge import judge
from scratchae.grading.plan import plan
from scratchae.grading.records import Diagnosis, TestResult


@dataclass(frozen=True)
class Judged:
    """What became of an entry.

    Parameters
    ----------
    entry : Entry
    results : tuple of TestResult
        Of the public and hidden tests of its function.
    """

    entry: Entry
    results: tuple[TestResult, ...]

    @property
    def rejected(self) -> bool:
        """Whether points were lost, among the public tests and among the hidden."""
        return all(any(r.status != "passed" for r in self.results if r.visibility == v) for v in ("public", "hidden"))

    @property
    def accepted(self) -> bool:
        """Whether all tests passed."""
        return all(r.status == "passed" for r in self.results)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """All that was said."""
        return tuple(dict.fromkeys(r.diagnosis for r in self.results if r.diagnosis is not None))

    @property
    def named(self) -> bool:
        """Whether anything was said."""
        return bool(self.diagnoses)

    @property
    def right(self) -> bool:
        """Whether something was said, and nothing that is not true."""
        return self.named and all(d.rule in self.entry.expects for d in self.diagnoses)


@dataclass(frozen=True)
class Score:
    """Of a part of the corpus.

    Parameters
    ----------
    entries, rejected, named, right : int
        Mistakes; those that lost points; those to which something was said; those to which only truth was said.
    """

    entries: int
    rejected: int
    named: int
    right: int

    @property
    def precision(self) -> float:
        """Share of what was said that is true."""
        return self.right / self.named if self.named else float("nan")

    @property
    def recall(self) -> float:
        """Share of the mistakes that were named truly."""
        return self.right / self.entries if self.entries else float("nan")


def examine(entry: Entry, student: str = "audit", *, probes: bool = True) -> Judged:
    """Judge one entry in this process.

    Parameters
    ----------
    entry : Entry
    student : str
        Seeds the arguments.
    probes : bool
        Without them the verdict is the same, and mistakes are not named.

    Returns
    -------
    judged : Judged
    """
    return Judged(entry, _results(entry, {entry.function: load(entry)}, student, probes))


def examine_often(entry: Entry, runs: int) -> list[Judged]:
    """Judge one entry with other arguments each time; those times at which it was not accepted, or flagged.

    Parameters
    ----------
    entry : Entry
    runs : int

    Returns
    -------
    judged : list of Judged
    """
    functions = {entry.function: load(entry)}
    judged = (Judged(entry, _results(entry, functions, f"run {run}", False)) for run in range(runs))
    return [j for j in judged if not j.accepted or any(r.flags for r in j.results)]


def _results(
    entry: Entry, functions: dict[str, Callable[..., Any]], student: str, probes: bool
) -> tuple[TestResult, ...]:
    runner = InProcess(functions)
    tests = plan(entry.exercise, student, b"audit", only=entry.function, probes=probes)
    return tuple(judge(planned, runner.run(planned.calls), named=probes) for planned in tests)


def score(judged: Iterable[Judged]) -> Score:
    """Count.

    Parameters
    ----------
    judged : iterable of Judged

    Returns
    -------
    score : Score
    """
    them = list(judged)
    return Score(len(them), *(sum(getattr(j, what) for j in them) for what in ("rejected", "named", "right")))


THOUGHTLESS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "zeros": lambda rng, shape: np.zeros(shape),
    "ones": lambda rng, shape: np.ones(shape),
    "NaN": lambda rng, shape: np.full(shape, np.nan),
    "random numbers": lambda rng, shape: rng.standard_normal(shape),
}


def thoughtless() -> Iterator[tuple[str, str, float]]:
    """Answers of the right shape that nobody computed, and the points they earn: name, function, points. There should be none.

    Returns
    -------
    earned : iterator of (str, str, float)
        For each function and each such answer.
    """
    for exercise in ORDINARY:
        for task in exercise.tasks:
            tests = plan(exercise, "audit", b"audit", only=task.name, probes=False)
            for name, make in THOUGHTLESS.items():
                runner = InProcess({task.name: _without_thought(task, make)})
                yield name, task.name, sum(judge(p, runner.run(p.calls), named=False).points for p in tests)


def _without_thought(task: Task, make: Callable[[np.random.Generator, tuple[int, ...]], Any]) -> Callable[..., Any]:
    rng = np.random.default_rng(0)

    def function(*arguments: Any) -> Any:
        names = dict(zip(task.inputs(np.random.default_rng(0), Sizes()), arguments, strict=True))
        outputs = [make(rng, a.shape) for a in task.answer(names)]  # the right shapes are theirs for nothing
        return tuple(outputs) if len(outputs) > 1 else outputs[0]

    return function
