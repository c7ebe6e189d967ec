"""`scratchae check`: run the claims about the mathematics."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from typing import Any

from scratchae.cli.outcome import FAILED, UsageError, complain
from scratchae.cli.table import coloured, line, say
from scratchae.errors import nearest

DESCRIPTION = """\
Check the mathematics: every derivative against a numeric one, every value against an independent definition, every
compiled kernel against the readable op. Each line is a claim, with the worst error that was found and what is allowed.
"""
EXAMPLES = """\
examples:
  scratchae check                     all claims
  scratchae check --list              their names, and those of the ops and levels
  scratchae check sigmoid dense       those about two ops
  scratchae check gradient            those of one level
  scratchae check --mutants           classic mistakes, each with the claim that finds it out

exit status: 0 if all hold, 1 if one does not
"""
HEADING = ("claim", "equation", "method", "worst error", "tolerance", "verdict")


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `scratchae check`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="of claims, ops, models or levels; all by default")
    parser.add_argument("--list", action="store_true", help="print the names and check nothing")
    parser.add_argument("--mutants", action="store_true", help="check that every known mistake is found out")


def run(args: Namespace) -> int:
    """Print a line for each claim as it is found out about, and the count."""
    from scratchae.verify import claim_names, run_claims

    known = list(claim_names())
    if args.list:
        say("\n".join(known))
        return 0
    for name in args.names:
        if name not in known:
            raise UsageError(
                f"there is no claim {name!r}{nearest(name, known)}; `scratchae check --list` prints all names"
            )
    if args.mutants:
        return _run_mutants(args.names)
    start, widths = time.perf_counter(), _widths()
    say(line(HEADING, widths, left=(0, 1, 2, 5)))
    say(line(["-" * width for width in widths], widths))
    count = failed = 0
    for result in run_claims(args.names or None):
        say(_line(result, widths))
        count, failed = count + 1, failed + (not result.passed)
    verdict = coloured("all hold" if not failed else f"{failed} FAILED", not failed)
    say(f"\n{count} claims, {verdict}, {time.perf_counter() - start:.1f} s")
    if failed:
        complain(f"{failed} of {count} claims failed; the lines marked FAILED say which")
    return FAILED if failed else 0


def _run_mutants(names: list[str]) -> int:
    """Print a line for each mistake, and the claim that found it out."""
    from scratchae.verify import run_mutants

    if names:
        raise UsageError("--mutants runs all mistakes; leave the names out")
    alive = count = 0
    for mutant, result in run_mutants():
        verdict = coloured("found out", True) if not result.passed else coloured("LIVES", False)
        say(f"{verdict}  {mutant.name}  <-  {result.claim} ({result.error:.1e} against {result.tolerance:.0e})")
        count, alive = count + 1, alive + result.passed
    say(f"\n{count} mistakes, {'all found out' if not alive else f'{alive} NOT FOUND OUT'}")
    return FAILED if alive else 0


def _widths() -> list[int]:
    """Wide enough for the names that are known, because the lines are printed before the last one is."""
    from scratchae import verify

    claims = getattr(verify, "CLAIMS", {}).values()
    columns = [[getattr(claim, field) for claim in claims] for field in ("name", "equation", "method")]
    texts = [max([len(heading), *map(len, column)]) for heading, column in zip(HEADING, columns, strict=False)]
    return [*texts, 11, 9, 7]


def _line(result: Any, widths: list[int]) -> str:
    row = [result.claim, result.equation or "-", result.method, f"{result.error:.1e}", f"{result.tolerance:.0e}"]
    verdict = coloured("ok", True) if result.passed else coloured("FAILED", False)
    trouble = getattr(result, "trouble", "")
    reason = f"  ({' '.join(str(trouble).split())})" if trouble and not result.passed else ""
    return f"{line(row, widths[:5], left=(0, 1, 2))}  {verdict}{reason}"
