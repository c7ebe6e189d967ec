"""`scratchae exercises`: dispatch to the actions, each in a file of its own, such as ``exercises_list.py``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from scratchae.console.parser import UsageError
from scratchae.errors import nearest

ACTIONS = {
    "list": "list the exercises",
    "new": "write the starter files for students",
    "check": "check your own file: which functions are right, and what is wrong with the others",
    "solution": "write the solutions, for teachers",
}
DESCRIPTION = """\
Exercises on every part of an autoencoder: functions to write, and code with one mistake to find.

actions:
""" + "\n".join(f"  {name:<11}{does}" for name, does in ACTIONS.items())
EXAMPLES = """\
examples:
  scratchae exercises list
  scratchae exercises new course/
  scratchae exercises check course/01_dense.py
  scratchae exercises ACTION --help              more about an action
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae exercises` without a known action."""
    parser.usage = "scratchae exercises ACTION [options]"
    parser.add_argument("action", nargs="?", metavar="ACTION", help=f"one of {', '.join(ACTIONS)}")


def run(args: Namespace) -> int:
    """Report that an action is missing or unknown."""
    which = f"there is no action {args.action!r}{nearest(args.action, ACTIONS)}" if args.action else "name an action"
    raise UsageError(f"{which}; use one of {', '.join(ACTIONS)}, such as `scratchae exercises list`")
