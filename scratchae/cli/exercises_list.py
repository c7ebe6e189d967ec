"""`scratchae exercises list`: list the exercises."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from scratchae.cli.exercises_new import add_variant
from scratchae.console.table import say, table

DESCRIPTION = "List the exercises in the order of the derivations, followed by the find-the-bug exercises."
EXAMPLES = """\
examples:
  scratchae exercises list
  scratchae exercises list --functions           one line for each function
  scratchae exercises list --functions --variant "the text of the variant"
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae exercises list`."""
    parser.add_argument("--functions", action="store_true", help="one line for each function to write")
    add_variant(parser)


def run(args: Namespace) -> int:
    """Print the table of exercises."""
    from scratchae.exercises.course import chosen

    exercises = chosen([], args.variant or "")
    if args.functions:
        rows = [["exercise", "function", "points"]]
        rows += [[e.name, task.name, f"{task.points:g}"] for e in exercises for task in e.tasks]
        say(table(rows, left=(0, 1)))
    else:
        rows = [["no.", "name", "functions", "points", "title"]]
        rows += [[f"{e.number}", e.name, f"{len(e.tasks)}", f"{e.points:g}", e.title] for e in exercises]
        say(table(rows, left=(1, 4)))
    points = sum(e.points for e in exercises)
    say(f"\n{len(exercises)} exercises, {sum(len(e.tasks) for e in exercises)} functions, {points:g} points")
    return 0
