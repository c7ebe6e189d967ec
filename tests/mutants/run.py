"""Put mistakes into copies of scratchae's source, one at a time, and report who finds them: claims, tests, or nobody."""

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
  python tests/mutants/run.py --sample 20 --seed 3           20 of it, at random
  python tests/mutants/run.py --by-rule 200 --report r.md    200 that nobody chose
  python tests/mutants/run.py --only ops/gaussian --list     the names of some of the table
  python tests/mutants/run.py --only "KL" --all-claims       which claim finds them first, whatever they name

A mutant of the table is tried on the claim or test that it names; if that does not find it, or
with --all-claims, on all claims, those about the changed file first, then on one case of every test, and then on all tests that reach the
changed function. A crash, an
endless loop and an error count as found, and the report tells which it was.
Before that, the same claims and tests have to pass on an unchanged copy.

exit status: 0 if all are found, and those of the table by what they name; 1 if not; 2 if the unchanged copy does not pass; 130 after Ctrl-C
"""


RENEWED = 30.0  # seconds after which the report is written again


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    made.add_argument("--sample", type=int, metavar="N", help="so many of the table, at random (default: all of it)")
    made.add_argument("--by-rule", type=int, metavar="N", help="so many made by rule, at random, in place of the table")
    made.add_argument("--seed", type=int, default=0, metavar="S", help="of both samples (default: %(default)s)")
    made.add_argument("--only", action="append", metavar="TEXT", help="those with TEXT in the name, claim or test")
    made.add_argument("--all-claims", action="store_true", help="run all claims, not just what a mutant names")
    made.add_argument("--named-only", action="store_true", help="run nothing but what a mutant names")
    made.add_argument("--claims-only", action="store_true", help="run no tests, but those that a mutant names")
    made.add_argument("--jobs", type=int, default=2, metavar="N", help="at a time (default: %(default)s)")
    made.add_argument("--report", type=Path, metavar="FILE", help="where a Markdown report goes; renewed as it grows")
    made.add_argument("--list", action="store_true", help="print the mutants, and run nothing")
    made.add_argument("--memory", type=Path, metavar="FILE", help="keeps what was learnt from the unchanged copy",
                      default=Path(tempfile.gettempdir()) / "scratchae-mutants.json")  # fmt: skip
    return made


def chosen(options: argparse.Namespace, package: Path) -> list[Mutant]:
    """The mutants that the command line asks for."""
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
    """Whether the changed text is that of a mutant that is known to change nothing."""
    text = (package / mutant.file).read_text("utf-8")
    same = [e for e in EQUIVALENT if e.file == mutant.file and all(text.count(old) == 1 for old, _ in e.changes)]
    return any(e.applied(text) == mutant.applied(text) for e in same)


def run_all(mutants: Sequence[Mutant], search: Search, jobs: int, tell: Any = None) -> list[Outcome]:
    """Find mutants, several at a time.

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
    """Whether none lives, and each is found by what it names."""
    return all(o.by != "nothing" and o.as_named for o in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit status."""
    options = parser().parse_args(arguments)
    package = ROOT / "scratchae"
    mutants = chosen(options, package)
    if options.list:
        print("\n".join(m.name for m in mutants))
        return 0
    if not mutants:
        print("no mutant has that in its name", file=sys.stderr)
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
                found = "lives" if outcome.by == "nothing" else f"found by {outcome.finder}"
                bar.write(f"{found}: {place(outcome, unchanged)}: {outcome.mutant.why}")
            bar.update()
            if options.report and (len(outcomes) == len(mutants) or time.time() - written > RENEWED):
                written = time.time()
                notes = [] if len(outcomes) == len(mutants) else [f"Not finished: {len(outcomes)} of {len(mutants)}."]
                if search.not_passing():
                    notes.append(f"Not used, for they fail without a mutant: {', '.join(search.not_passing())}.")
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
    print(f"{len(outcomes)} mutants: {alive} live, {other} are found, but not by what they name")
    return 0 if all_found(outcomes) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left behind then, either
    sys.exit(main())
