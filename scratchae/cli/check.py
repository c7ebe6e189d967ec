"""`scratchae check`: run the claims about the mathematics."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

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
  scratchae check sigmoid dense       the claims about two ops
  scratchae check gradient            the claims of one level

A claim fails if its error is too large, or if it crashes, times out or cannot be computed.

exit status: 0 if all claims hold, 1 otherwise
"""
LABELS = 44  # most characters of the labels of equations in a line
HEADING = ("claim", "equation", "method", "worst error", "tolerance", "verdict")
NOT_COVERED = """\
Not covered: the commands, pictures, pages, exercises and grading, which have tests; speed, which `scratchae bench` measures."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae check`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="claims, ops, models or levels (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names and check nothing")
    parser.add_argument("--deep", action="store_true", help="also run the slow claims")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="number of processes (default: one per processor, at most 4)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=300.0,
        metavar="S",
        help="time limit for each claim (default: %(default)s)",
    )


def run(args: Namespace) -> int:
    """Print a line for each claim as soon as it is checked, and a summary."""
    from scratchae.verify import claim_names, run_apart, select

    known = list(claim_names())
    if args.list:
        say("\n".join(known))
        return 0
    for name in args.names:
        if name not in known:
            raise UsageError(
                f"there is no claim {name!r}{nearest(name, known)}; `scratchae check --list` prints all names"
            )
    if not (args.jobs is None or args.jobs >= 1) or not args.seconds > 0:
        raise UsageError("--jobs must be a whole number of at least 1, and --seconds a number above 0")
    claims = select(args.names, deep=args.deep)
    start, widths = time.perf_counter(), _widths(claims)
    say(line(HEADING, widths, left=(0, 1, 2, 5)))
    say(line(["-" * width for width in widths], widths))
    count = failed = 0
    try:
        for result in run_apart(claims, jobs=args.jobs, seconds=args.seconds):
            say(_line(result, widths))
            count, failed = count + 1, failed + (not result.passed)
    except KeyboardInterrupt:
        left = len(claims) - count
        raise Stopped(f"interrupted: {left} of {len(claims)} claims were not checked, {failed} failed") from None
    verdict = coloured("all hold" if not failed else f"{failed} FAILED", not failed)
    say(f"\n{count} claims, {verdict}, {time.perf_counter() - start:.1f} s")
    if not args.names:
        later = len(select(None, deep=True)) - len(claims)
        say(NOT_COVERED + (f" {later} slow claims were skipped; run them with --deep." if later else ""))
    if failed:
        complain(f"{failed} of {count} claims failed; the lines marked FAILED say which")
    return FAILED if failed else 0


def _widths(claims: list[Claim]) -> list[int]:
    """Column widths that fit every claim, since lines are printed before all results are known; long labels are cut."""
    columns = [[getattr(claim, field) for claim in claims] for field in ("name", "equation", "method")]
    texts = [max([len(heading), *map(len, column)]) for heading, column in zip(HEADING, columns, strict=False)]
    return [texts[0], min(texts[1], LABELS), texts[2], 11, 9, 7]


def _line(result: Result, widths: list[int]) -> str:
    labels = result.equation or "-"
    if len(labels) > LABELS:
        labels = f"{labels[: LABELS - 2].rsplit(' ', 1)[0]} …"
    row = [result.claim, labels, result.method, f"{result.error:.1e}", f"{result.tolerance:.0e}"]
    verdict = coloured("ok", True) if result.passed else coloured("FAILED", False)
    reason = f"  ({' '.join(str(result.trouble).split())})" if result.trouble and not result.passed else ""
    return f"{line(row, widths[:5], left=(0, 1, 2))}  {verdict}{reason}"
