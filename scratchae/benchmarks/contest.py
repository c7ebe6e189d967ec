"""A contest: the reference run of a case, the check that all contestants do the same work, and the rounds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from tqdm import tqdm

from scratchae.benchmarks.bounds import RATES
from scratchae.benchmarks.cases import CASES, Workload
from scratchae.benchmarks.contestants import CONTESTANTS, OURS, entrants
from scratchae.benchmarks.load import LoadMeter
from scratchae.benchmarks.record import Contest
from scratchae.benchmarks.reference import TOLERANCE, difference, load_reference, reference_run
from scratchae.benchmarks.turns import Worker, WorkerError, started, take_turns
from scratchae.benchmarks.worker import command

BOUND_SECONDS = 0.1  # a turn of a bound


def hold_contest(index: int, rounds: int, seconds: float, announce: Callable[[Contest], object]) -> None:
    """Prepare a case, check that all contestants do the same work, and measure it.

    Parameters
    ----------
    index : int
        Index of the case.
    rounds : int
    seconds : float
        Time of a turn.
    announce : callable
        Called with the record after the check. The rounds are added to this record as they are completed, so those before Ctrl-C are kept.

    Raises
    ------
    RuntimeError
        If scratchae itself, or a bound, cannot run or is disqualified, or if a process ends.
    """
    case, names = CASES[index], entrants(CASES[index])
    with ExitStack() as stack:
        bar = stack.enter_context(closing(tqdm(total=rounds, unit="round", leave=False, disable=None)))
        bar.set_description(f"{case.name}: preparing")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scratchae-")))
        contest, references = _references(case, names, folder)
        commands = {name: command("contestant", name, index, seconds, references[name]) for name in names}
        commands |= {name: command("bound", name, index, BOUND_SECONDS) for name in RATES}
        workers, failures = stack.enter_context(
            started(commands, lambda name: bar.set_description(f"{case.name}: {name} is ready"))
        )
        _admit(contest, workers, failures, references)
        announce(contest)
        bar.set_description(case.name)
        meter = LoadMeter([worker.pid for worker in workers.values()])
        try:
            for rates in take_turns(workers, rounds):
                bounds = {name: rates.pop(name) for name in RATES}
                contest.add(rates, bounds, meter.others())
                bar.update()
        except WorkerError as error:
            raise RuntimeError(f"The measurement of {case.name} ended early: {error}.") from None


def _references(case: Workload, names: Sequence[str], folder: Path) -> tuple[Contest, dict[str, str]]:
    """Return a record without rounds, and the file of the reference run of each contestant."""
    runs = {variant: reference_run(case, variant) for variant in {CONTESTANTS[name].variant for name in names}}
    for variant, run in runs.items():
        run.save(folder / f"{variant}.npz")
    own, parameters = runs[CONTESTANTS[OURS].variant], 0 if case.trains_nothing else case.parameters
    contest = Contest(case.name, case.unit, case.flops, parameters, expected=own.expected, steps=len(own.rows))
    contest.other_tasks = [name for name in names if CONTESTANTS[name].other_task]
    return contest, {name: str(folder / f"{CONTESTANTS[name].variant}.npz") for name in names}


def _admit(
    contest: Contest, workers: dict[str, Worker], failures: Mapping[str, str], references: Mapping[str, str]
) -> None:
    """Compare the results of the contestants with those of their reference runs; end those that differ."""
    for name, why in failures.items():
        contest.excluded[name] = f"could not run: {why}"
    for name in [name for name in references if name in workers]:
        expected, found = load_reference(references[name]).expected, workers[name].results
        apart = difference(expected, found)
        contest.differences[name] = apart
        if apart > TOLERANCE:
            workers.pop(name).end()
            shown = [", ".join(f"{value:.6g}" for value in values) for values in (found, expected)]
            contest.excluded[name] = (
                f"is disqualified, as its work is not the same: it has {shown[0]} in place of {shown[1]}"
            )
    for name in contest.excluded:
        if name == OURS or name in RATES:
            raise RuntimeError(f"{name} {contest.excluded[name]}; the benchmark needs it.")
