"""`scratchae exercises audit`: measure the grader with solutions of which it is known whether they are right, and what is wrong with them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from scratchae.cli.outcome import FAILED
from scratchae.console.parser import whole_number
from scratchae.console.table import coloured, say, table

if TYPE_CHECKING:
    from scratchae.grading.audit import Judged

DESCRIPTION = """\
Measure the grader: wrong solutions must lose points, right ones that are written differently must not, and what is said of a mistake must be
true. The rules were written knowing the first three parts of the wrong solutions; the last two are by authors who saw no rule.
"""
EXAMPLES = """\
examples:
  scratchae exercises audit                      in a minute or two
  scratchae exercises audit --runs 1000          right solutions 1,000 times each, in a quarter of an hour
  scratchae exercises audit --list               also each mistake that was not named, or not truly

exit status: 0 if every wrong solution is rejected and no right one is, 1 otherwise
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `scratchae exercises audit`."""
    parser.add_argument(
        "--runs",
        type=whole_number(1),
        default=20,
        metavar="N",
        help="of each right solution, with other numbers (default: 20)",
    )
    parser.add_argument("--list", action="store_true", help="list the mistakes that were not named, or not truly")


def run(args: Namespace) -> int:
    """Judge all, and print the counts."""
    from scratchae.grading.audit import examine, thoughtless
    from scratchae.grading.corpus import MISTAKES

    judged = {part: [examine(entry) for entry in entries] for part, entries in MISTAKES.items()}
    everything = [j for them in judged.values() for j in them]
    passed = [j for j in everything if not j.rejected]
    _verdict(f"wrong solutions rejected: {len(everything) - len(passed):,} of {len(everything):,}", not passed)
    for j in passed:
        say(f"  {j.entry.id}")
    fine = _right_solutions(args.runs)
    earned = [(name, function) for name, function, points in thoughtless() if points]
    _verdict(f"points for zeros, ones, NaN or random numbers: {len(earned)} functions", not earned)
    for name, function in earned:
        say(f"  {function}: {name}")
    say()
    _names(judged)
    if args.list:
        _listed(everything)
    return 0 if not passed and not earned and fine else FAILED


def _right_solutions(runs: int) -> bool:
    """Judge the right solutions, each `runs` times; whether all were accepted."""
    from scratchae.grading.audit import examine_often
    from scratchae.grading.corpus import ALTERNATIVES

    odd = [j for entry in ALTERNATIVES for j in examine_often(entry, runs)]
    rejected, flagged = [j for j in odd if not j.accepted], [j for j in odd if j.accepted]
    count = len(ALTERNATIVES) * runs
    _verdict(
        f"right solutions rejected: {len(rejected):,} of {count:,} runs ({len(ALTERNATIVES)} solutions)", not rejected
    )
    _verdict(f"right solutions flagged: {len(flagged):,} of {count:,} runs", not flagged)
    for name in dict.fromkeys(j.entry.id for j in odd):
        say(f"  {name}")
    return not rejected


def _names(judged: dict[str, list[Judged]]) -> None:
    from scratchae.grading.audit import score

    rows = [["mistakes", "number", "named", "truly", "precision", "recall"]]
    for part, them in judged.items():
        s = score(them)
        numbers = (f"{n:,}" for n in (s.entries, s.named, s.right))
        shares = ("-" if share != share else f"{share:.3f}" for share in (s.precision, s.recall))
        rows.append([part.replace("_", " "), *numbers, *shares])
    say(table(rows))


def _listed(everything: list[Judged]) -> None:
    say()
    for j in everything:
        if not j.named:
            say(f"not named: {j.entry.id}")
        elif not j.right:
            say(f"not truly: {j.entry.id}")
            for d in j.diagnoses:
                say(f"  {d.rule}: {d.message}")


def _verdict(text: str, good: bool) -> None:
    say(coloured(text, good))
