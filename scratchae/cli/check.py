"""`scratchae check`: run the claims about the mathematics."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from scratchae.cli.compiling import require_kernels
from scratchae.cli.outcome import FAILED, Stopped, complain
from scratchae.console.parser import UsageError
from scratchae.console.table import coloured, line, say
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.verify.claims import Claim, Result

DESCRIPTION = """\
Check the mathematics: every derivative against a numeric one, every value against an independent definition, every
compiled kernel against the readable op. Each line is a claim, with the largest error found and the tolerance.
"""
EXAMPLES = """\
examples:
  scratchae check                     the quick claims
  scratchae check --deep              the slow claims as well
  scratchae check --list              names of claims, ops, models and levels
  scratchae check sigmoid --list      names of the claims about an op
  scratchae check sigmoid dense       the claims about two ops
  scratchae check gradient            the claims of one level

A claim fails if its error is too large, or if it crashes, times out or cannot be computed. A claim that needs what this
machine does not have is skipped: its line gives the reason, and the last line counts it.

exit status: 0 if no claim fails (skipped claims are counted in the last line), 1 if a claim fails, 2 if the arguments are
wrong or select no claim, 130 after Ctrl-C
"""
MOST_JOBS = 64
MOST_SECONDS = 86400  # a day
LABELS = 44  # most characters of the labels of equations in a line
HEADING = ("claim", "equation", "method", "worst error", "tolerance", "verdict")
NOT_COVERED = """\
Not covered: the commands, pictures, pages, exercises and grading, which have tests; speed, which `scratchae bench` measures."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae check`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="claims, ops, models or levels (default: all)")
    parser.add_argument(
        "--list",
        action="store_true",
        help="print the names, or those of the claims selected by NAME, and check nothing",
    )
    parser.add_argument("--deep", action="store_true", help="also run the slow claims")
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help=f"number of processes, at most {MOST_JOBS} (default: one per processor, at most 4)",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=300.0,
        metavar="S",
        help=f"time limit for each claim, at most {MOST_SECONDS} (default: %(default)s)",
    )


def run(args: Namespace) -> int:
    """Print a line for each claim as soon as it is checked, and a summary."""
    require_kernels()
    from scratchae.verify import claim_names, run_apart, select

    known = list(claim_names())
    for name in args.names:
        if name not in known:
            raise UsageError(
                f"there is no claim {name!r}{nearest(name, known)}; `scratchae check --list` prints all names"
            )
    if args.list:
        say("\n".join([claim.name for claim in select(args.names, deep=True)] if args.names else known))
        return 0
    if args.jobs is not None and not 1 <= args.jobs <= MOST_JOBS:
        raise UsageError(f"--jobs must be a whole number from 1 to {MOST_JOBS}")
    if not 0 < args.seconds <= MOST_SECONDS:
        raise UsageError(f"--seconds must be a number above 0 and at most {MOST_SECONDS}")
    claims = select(args.names, deep=args.deep)
    if not claims:
        raise UsageError(f"all claims of {' '.join(args.names)} are slow, and none was checked; add --deep")
    start, widths = time.perf_counter(), _widths(claims)
    say(line(HEADING, widths, left=(0, 1, 2, 5)))
    say(line(["-" * width for width in widths], widths))
    held = failed = skipped = 0
    try:
        for result in run_apart(claims, jobs=args.jobs, seconds=args.seconds):
            say(_line(result, widths))
            held, failed, skipped = held + result.passed, failed + result.failed, skipped + bool(result.skipped)
    except KeyboardInterrupt:
        left = len(claims) - held - failed - skipped
        raise Stopped(f"interrupted: {left} of {len(claims)} claims were not checked, {failed} failed") from None
    say(f"\n{_summary(held, failed, skipped)}, {time.perf_counter() - start:.1f} s")
    if not args.names:
        later = len(select(None, deep=True)) - len(claims)
        say(NOT_COVERED + (f" Slow claims that were not checked: {later}; --deep adds them." if later else ""))
    if failed:
        complain(f"{failed} of {len(claims)} claims failed; see the lines marked FAILED")
    return FAILED if failed else 0


def _summary(held: int, failed: int, skipped: int) -> str:
    """Return the number of claims and of each verdict; "all hold" only if none failed and none was skipped."""
    count = held + failed + skipped
    claims = f"{count} claim{'s' * (count != 1)}"
    if held == count:
        return f"{claims}, {coloured('all hold', True)}"
    parts = [f"{held} hold"]
    if failed:
        parts.append(coloured(f"{failed} FAILED", False))
    if skipped:
        parts.append(f"{skipped} skipped")
    return f"{claims}: {', '.join(parts)}"


def _widths(claims: list[Claim]) -> list[int]:
    """Column widths that fit every claim, since lines are printed before all results are known; long labels are cut."""
    columns = [[getattr(claim, field) for claim in claims] for field in ("name", "equation", "method")]
    texts = [max([len(heading), *map(len, column)]) for heading, column in zip(HEADING, columns, strict=False)]
    return [texts[0], min(texts[1], LABELS), texts[2], 11, 9, 7]


def _line(result: Result, widths: list[int]) -> str:
    labels = result.equation or "-"
    if len(labels) > LABELS:
        labels = f"{labels[: LABELS - 2].rsplit(' ', 1)[0]} …"
    error = "-" if result.skipped else f"{result.error:.1e}"
    row = [result.claim, labels, result.method, error, f"{result.tolerance:.0e}"]
    verdict = "skipped" if result.skipped else coloured("ok", True) if result.passed else coloured("FAILED", False)
    reason = " ".join((result.skipped or result.trouble).split())
    return f"{line(row, widths[:5], left=(0, 1, 2))}  {verdict}{f'  ({reason})' if reason else ''}"
