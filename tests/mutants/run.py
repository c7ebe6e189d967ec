"""Insert mistakes into copies of scratchae's source, one at a time, and report what detects them: a claim, a test, or nothing."""

from __future__ import annotations

import argparse
import random
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])] * (__package__ in (None, ""))

from tqdm import tqdm  # noqa: E402

from mutants.by_rule import random_sample  # noqa: E402
from mutants.equivalent import EQUIVALENT  # noqa: E402
from mutants.mutant import Mutant  # noqa: E402
from mutants.report import place, report  # noqa: E402
from mutants.search import NotPassingError, Outcome, Search  # noqa: E402
from mutants.table import MUTANTS  # noqa: E402
from mutants.workplace import ROOT, StoppedError, Workplace  # noqa: E402

EXAMPLES = """\
examples:
  python tests/mutants/run.py                                the whole table
  python tests/mutants/run.py --sample 20 --seed 3           20 random mutants of it
  python tests/mutants/run.py --by-rule 200 --report r.md    200 random mutants made by rule
  python tests/mutants/run.py --only ops/gaussian --list     names of part of the table
  python tests/mutants/run.py --only "KL" --all-claims       the first claim that detects each

For a mutant of the table, the claim or test that it names is run first. If that does not detect it, or
with --all-claims, all claims are run, those about the changed file first, then one case of every test, and then all tests that reach the
changed function. A crash, an endless loop and an error count as detected, and the report records which it was.
Before that, the same claims and tests must pass on an unchanged copy.

exit status: 0 if all are detected, and those of the table by what they name; 1 if not; 2 if the unchanged copy does not pass; 130 after Ctrl-C
"""


RENEWED = 30.0  # seconds after which the report is written again


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    made.add_argument("--sample", type=int, metavar="N", help="run N random mutants of the table (default: all)")
    made.add_argument("--by-rule", type=int, metavar="N", help="run N random mutants made by rule instead of the table")
    made.add_argument("--seed", type=int, default=0, metavar="S", help="random seed (default: %(default)s)")
    made.add_argument(
        "--only", action="append", metavar="TEXT", help="only mutants with TEXT in the name, claim or test"
    )
    made.add_argument("--all-claims", action="store_true", help="run all claims, not only the one that a mutant names")
    made.add_argument("--named-only", action="store_true", help="run only the claim or test that a mutant names")
    made.add_argument("--claims-only", action="store_true", help="run claims, and only those tests that a mutant names")
    made.add_argument("--jobs", type=int, default=2, metavar="N", help="number of parallel jobs (default: %(default)s)")
    made.add_argument("--report", type=Path, metavar="FILE", help="Markdown report, rewritten as results arrive")
    made.add_argument("--list", action="store_true", help="list the mutants without running them")
    made.add_argument("--memory", type=Path, metavar="FILE", help="cache of measurements on the unchanged copy",
                      default=Path(tempfile.gettempdir()) / "scratchae-mutants.json")  # fmt: skip
    return made


def chosen(options: argparse.Namespace, package: Path) -> list[Mutant]:
    """The mutants selected on the command line."""
    if options.by_rule is not None:
        mutants: list[Mutant] = list(random_sample(options.by_rule, options.seed, package))
    else:
        mutants = list(MUTANTS)
    for text in options.only or []:
        mutants = [m for m in mutants if any(text in field for field in (m.name, m.claim, m.test))]
    if options.sample is not None:
        mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    return mutants


def is_equivalent(mutant: Mutant, package: Path) -> bool:
    """Return True if the changed text is that of a mutant known to be equivalent."""
    text = (package / mutant.file).read_text("utf-8")
    same = [e for e in EQUIVALENT if e.file == mutant.file and all(text.count(old) == 1 for old, _ in e.changes)]
    return any(e.applied(text) == mutant.applied(text) for e in same)


def run_all(mutants: Sequence[Mutant], search: Search, jobs: int, tell: Any = None) -> list[Outcome]:
    """Search for the claims or tests that detect mutants, several at a time.

    Parameters
    ----------
    mutants : sequence of Mutant
    search : Search
    jobs : int
    tell : callable, optional
        Called with each outcome as it is known.

    Returns
    -------
    list of Outcome
        In the order of `mutants`.

    Raises
    ------
    NotPassingError
        If the unchanged copy does not pass.
    KeyboardInterrupt
        After all processes have ended.
    """
    package = search.place.unchanged / "scratchae"
    named = sorted({m.claim for m in mutants if m.claim})
    unnamed = not all(m.claim or m.test for m in mutants) and not search.named_only
    search.look_at_claims(None if search.all_claims or unnamed else named)
    outcomes: dict[int, Outcome] = {}

    def one(i: int) -> None:
        mutant = mutants[i]
        if is_equivalent(mutant, package):
            outcomes[i] = Outcome(mutant, "equivalent")
        else:
            outcomes[i] = search.outcome(mutant)

    with ThreadPoolExecutor(jobs) as pool:
        futures: set[Future[None]] = set()
        ahead = list(range(len(mutants)))
        told: set[int] = set()
        try:
            while ahead or futures:
                while ahead and len(futures) < jobs:
                    futures.add(pool.submit(one, ahead.pop(0)))
                done, futures = wait(futures, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                for i in sorted(set(outcomes) - told):
                    told.add(i)
                    if tell is not None:
                        tell(outcomes[i])
        except BaseException:
            search.place.stop()  # the threads of the pool then end at once
            raise
    return [outcomes[i] for i in range(len(mutants))]


def all_found(outcomes: Sequence[Outcome]) -> bool:
    """Return True if every mutant is detected, by the claim or test that it names."""
    return all(o.by != "nothing" and o.as_named for o in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    options = parser().parse_args(arguments)
    package = ROOT / "scratchae"
    mutants = chosen(options, package)
    if options.list:
        print("\n".join(m.name for m in mutants))
        return 0
    if not mutants:
        print("no mutant contains this text in its name, claim or test", file=sys.stderr)
        return 2
    command = shlex.join(["python", "tests/mutants/run.py", *(sys.argv[1:] if arguments is None else arguments)])
    begun, written, outcomes = time.time(), 0.0, []
    with Workplace() as place_, tqdm(total=len(mutants), unit="mutant", smoothing=0) as bar:
        unchanged = place_.unchanged / "scratchae"
        search = Search(
            place_,
            all_claims=options.all_claims,
            claims_only=options.claims_only,
            named_only=options.named_only,
            jobs=options.jobs,
            memory=options.memory,
        )

        def tell(outcome: Outcome) -> None:
            nonlocal written
            outcomes.append(outcome)
            if outcome.by == "nothing" or not outcome.as_named:
                found = "survives" if outcome.by == "nothing" else f"detected by {outcome.finder}"
                bar.write(f"{found}: {place(outcome, unchanged)}: {outcome.mutant.why}")
            bar.update()
            if options.report and (len(outcomes) == len(mutants) or time.time() - written > RENEWED):
                written = time.time()
                notes = [] if len(outcomes) == len(mutants) else [f"Not finished: {len(outcomes)} of {len(mutants)}."]
                if search.not_passing():
                    notes.append(f"Not used, because they fail without a mutant: {', '.join(search.not_passing())}.")
                seconds = written - begun
                made = report(
                    outcomes, command=command, seed=options.seed, seconds=seconds, package=unchanged, notes=notes
                )
                options.report.write_text(made, "utf-8")

        try:
            run_all(mutants, search, options.jobs, tell)
        except NotPassingError as problem:
            print(problem, file=sys.stderr)
            return 2
        except (KeyboardInterrupt, StoppedError):
            print(f"interrupted after {len(outcomes)} of {len(mutants)}", file=sys.stderr)
            return 130
    alive = sum(o.by == "nothing" for o in outcomes)
    other = sum(o.by != "nothing" and not o.as_named for o in outcomes)
    print(f"{len(outcomes)} mutants: {alive} surviving, {other} detected, but not by what they name")
    return 0 if all_found(outcomes) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left behind then, either
    sys.exit(main())
