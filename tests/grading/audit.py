"""Measure the grader on the corpus: solutions with known verdicts and known mistakes.

Wrong solutions must lose points, right ones that are written differently must not, and diagnoses must be true.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1])] * (__package__ in (None, ""))

from grading.corpus import ALTERNATIVES, MISTAKES, Entry, load  # noqa: E402
from scratchae.cli import outcome  # noqa: E402
from scratchae.console.parser import Parser, whole_number  # noqa: E402
from scratchae.console.table import coloured, say, table  # noqa: E402
from scratchae.exercises import ORDINARY, Exercise, Sizes, Task  # noqa: E402
from scratchae.grading.marking.judge import judge  # noqa: E402
from scratchae.grading.records import Diagnosis, TestResult  # noqa: E402
from scratchae.grading.sandbox.unsandboxed import SameProcessRunner  # noqa: E402
from scratchae.grading.testing.plan import Planned, plan  # noqa: E402

DESCRIPTION = """\
Measure the grader: wrong solutions must lose points, correct ones that are written differently must not, and diagnoses must be true.
Rules were written and corrected knowing the first six rounds of wrong solutions; nothing was corrected knowing the seventh.
"""
EXAMPLES = """\
examples:
  python tests/grading/audit.py                  takes a minute or two
  python tests/grading/audit.py --runs 1000      correct solutions 1,000 times each; takes ten minutes
  python tests/grading/audit.py --jobs 2         in two processes
  python tests/grading/audit.py --list           also list each mistake without a true diagnosis, or not yet judged

exit status: 0 if every wrong solution is rejected and every correct one is accepted, 1 otherwise
"""


@dataclass(frozen=True)
class Judged:
    """The result of grading an entry.

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
        """True if points were lost in public tests, and in hidden tests."""
        return all(any(r.status != "passed" for r in self.results if r.visibility == v) for v in ("public", "hidden"))

    @property
    def accepted(self) -> bool:
        """True if all tests passed."""
        return all(r.status == "passed" for r in self.results)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Names of all diagnoses."""
        return tuple(dict.fromkeys(r.diagnosis for r in self.results if r.diagnosis is not None))

    @property
    def named(self) -> bool:
        """True if there is a diagnosis."""
        return bool(self.diagnoses)

    @property
    def right(self) -> bool:
        """True if there is a diagnosis, and all of them are true."""
        return self.named and all(d.rule in self.entry.expects for d in self.diagnoses)


@dataclass(frozen=True)
class Score:
    """The scores of a part of the corpus.

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
        """Share of true diagnoses."""
        return self.right / self.named if self.named else float("nan")

    @property
    def recall(self) -> float:
        """Share of mistakes with a true diagnosis."""
        return self.right / self.entries if self.entries else float("nan")


def examine(entry: Entry, student: str = "audit", *, probes: bool = True) -> Judged:
    """Grade one entry in this process.

    Parameters
    ----------
    entry : Entry
    student : str
        Seeds the arguments of public and hidden tests.
    probes : bool
        Without them the verdict is the same, but there is no diagnosis.

    Returns
    -------
    judged : Judged
    """
    tests = _tests(entry, student, probes=probes)
    return Judged(entry, _results(tests, {entry.function: load(entry)}, named=probes))


def examine_often(entries: Sequence[Entry], runs: int) -> list[Judged]:
    """Grade entries of one function several times with different arguments; return the runs in which they were rejected or flagged.

    Parameters
    ----------
    entries : sequence of Entry
        They get the same arguments, which take longer to make than to use.
    runs : int

    Returns
    -------
    judged : list of Judged
    """
    functions = [{entry.function: load(entry)} for entry in entries]
    odd = []
    for run in range(runs):
        tests = _tests(entries[0], f"run {run}", probes=False)
        judged = (Judged(e, _results(tests, f, named=False)) for e, f in zip(entries, functions, strict=True))
        odd += [j for j in judged if not j.accepted or any(r.flags for r in j.results)]
    return odd


def _tests(entry: Entry, student: str, *, probes: bool) -> tuple[Planned, ...]:
    return plan(entry.exercise, student, student.encode(), only=entry.function, probes=probes)


def _results(
    tests: Iterable[Planned], functions: dict[str, Callable[..., Any]], *, named: bool
) -> tuple[TestResult, ...]:
    runner = SameProcessRunner(functions)
    return tuple(judge(planned, runner.run(planned.calls), named=named) for planned in tests)


def score(judged: Iterable[Judged]) -> Score:
    """Count the results of entries.

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


def thoughtless(exercises: Iterable[Exercise] = ORDINARY) -> Iterator[tuple[str, str, float]]:
    """Trivial answers of the right shape, and the points they earn: name, function, points. There should be none.

    Parameters
    ----------
    exercises : iterable of Exercise

    Returns
    -------
    earned : iterator of (str, str, float)
        For each function and each such answer.
    """
    for exercise in exercises:
        for task in exercise.tasks:
            tests = plan(exercise, "audit", b"audit", only=task.name, probes=False)
            for name, make in THOUGHTLESS.items():
                runner = SameProcessRunner({task.name: _without_thought(task, make)})
                yield name, task.name, sum(judge(p, runner.run(p.calls), named=False).points for p in tests)


def _without_thought(task: Task, make: Callable[[np.random.Generator, tuple[int, ...]], Any]) -> Callable[..., Any]:
    rng = np.random.default_rng(0)

    def function(*arguments: Any) -> Any:
        names = dict(zip(task.inputs(np.random.default_rng(0), Sizes()), arguments, strict=True))
        outputs = [make(rng, a.shape) for a in task.answer(names)]  # they get the right shapes for free
        return tuple(outputs) if len(outputs) > 1 else outputs[0]

    return function


def audit(
    mistakes: Mapping[str, Sequence[Entry]],
    right_ones: Sequence[Entry],
    *,
    runs: int,
    listed: bool,
    exercises: Iterable[Exercise] = ORDINARY,
    jobs: int = 1,
) -> int:
    """Grade the corpus and print the counts.

    Parameters
    ----------
    mistakes : mapping of str to sequence of Entry
        Wrong solutions, by the names of their rounds.
    right_ones : sequence of Entry
    runs : int
        Of each right solution, with other numbers.
    listed : bool
        List the mistakes without a diagnosis, or with a wrong one.
    exercises : iterable of Exercise
        Of which answers without thought are tried.
    jobs : int
        Processes that grade.

    Returns
    -------
    status : int
        0 if every wrong solution is rejected and no right one is, 1 otherwise.
    """
    graded = iter(_each(examine, [entry for entries in mistakes.values() for entry in entries], jobs))
    judged = {part: list(islice(graded, len(entries))) for part, entries in mistakes.items()}
    everything = [j for them in judged.values() for j in them]
    passed = [j for j in everything if not j.rejected]
    _verdict(f"wrong solutions rejected: {len(everything) - len(passed):,} of {len(everything):,}", not passed)
    for j in passed:
        say(f"  {j.entry.id}")
    fine = _right_solutions(right_ones, runs, jobs)
    earned = [(name, function) for name, function, points in thoughtless(exercises) if points]
    _verdict(f"points for zeros, ones, NaN or random numbers: {len(earned)} functions", not earned)
    for name, function in earned:
        say(f"  {function}: {name}")
    say()
    _names(judged)
    if listed:
        _listed(everything)
    return 0 if not passed and not earned and fine else outcome.FAILED


def _each(function: Callable[[Any], Any], values: Sequence[Any], jobs: int) -> list[Any]:
    """The function of each value, in order."""
    if jobs == 1:
        return [function(value) for value in values]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(function, values))


def _right_solutions(right_ones: Sequence[Entry], runs: int, jobs: int) -> bool:
    """Grade the right solutions, each `runs` times; True if all were accepted."""
    of_function: dict[str, list[Entry]] = {}
    for entry in right_ones:
        of_function.setdefault(entry.function, []).append(entry)
    often = partial(examine_often, runs=runs)
    odd = [j for them in _each(often, list(of_function.values()), jobs) for j in them]
    rejected, flagged = [j for j in odd if not j.accepted], [j for j in odd if j.accepted]
    count = len(right_ones) * runs
    _verdict(
        f"right solutions rejected: {len(rejected):,} of {count:,} runs ({len(right_ones)} solutions)", not rejected
    )
    _verdict(f"right solutions flagged: {len(flagged):,} of {count:,} runs", not flagged)
    for name in dict.fromkeys(j.entry.id for j in odd):
        say(f"  {name}")
    return not rejected


def _names(judged: dict[str, list[Judged]]) -> None:
    rows = [["mistakes", "number", "named", "truly", "precision", "recall"]]
    for part, them in judged.items():
        s = score(them)
        shares = [f"{s.right:,}", *("-" if share != share else f"{share:.3f}" for share in (s.precision, s.recall))]
        unlabelled = not any(j.entry.expects for j in them)  # nobody has judged these diagnoses
        rows.append([part, f"{s.entries:,}", f"{s.named:,}", *(["-"] * len(shares) if unlabelled else shares)])
    say(table(rows))


def _listed(everything: list[Judged]) -> None:
    say()
    for j in everything:
        if j.right:
            continue
        unjudged = j.entry.truth and not j.entry.expects
        say(f"{'no diagnosis' if not j.named else 'not judged' if unjudged else 'wrong diagnosis'}: {j.entry.id}")
        if j.entry.truth:
            say(f"  true: {j.entry.truth}")
        for d in j.diagnoses:
            say(f"  {d.rule}: {d.message}")


def _verdict(text: str, good: bool) -> None:
    say(coloured(text, good))


def arguments(given: Sequence[str]) -> Namespace:
    """Parse the options of this script."""
    parser = Parser(prog="python tests/grading/audit.py", description=DESCRIPTION, epilog=EXAMPLES)
    runs = "number of runs of each correct solution, with different numbers (default: 20)"
    parser.add_argument("--runs", type=whole_number(1), default=20, metavar="N", help=runs)
    jobs = "number of processes (default: 1)"
    parser.add_argument("--jobs", type=whole_number(1), default=1, metavar="N", help=jobs)
    parser.add_argument(
        "--list",
        action="store_true",
        help="list the mistakes without a diagnosis, or with one that is wrong or not yet judged",
    )
    return parser.parse_all(list(given))


def main() -> int:
    """Run the audit with the options of the command line."""
    options = arguments(sys.argv[1:])
    return audit(MISTAKES, ALTERNATIVES, runs=options.runs, listed=options.list, jobs=options.jobs)


if __name__ == "__main__":
    sys.exit(outcome.run(main))
