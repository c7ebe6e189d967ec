"""`scratchae exercises`: which action; each is in a file of its own, ``exercises_list.py`` and so on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from scratchae.console.parser import UsageError
from scratchae.errors import nearest

ACTIONS = {
    "list": "what exercises there are",
    "new": "write the files that students begin with",
    "check": "check a file of your own: what is right, what is wrong, and how",
    "solution": "write the solutions, for teachers",
}
DESCRIPTION = """\
Exercises on everything that an autoencoder is made of: functions to write, and code with one mistake to find.

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
    """The arguments of `scratchae exercises` without an action that is known."""
    parser.usage = "scratchae exercises ACTION [options]"
    parser.add_argument("action", nargs="?", metavar="ACTION", help=f"one of {', '.join(ACTIONS)}")


def run(args: Namespace) -> int:
    """Say that an action has to be named."""
    which = f"there is no action {args.action!r}{nearest(args.action, ACTIONS)}" if args.action else "name an action"
    raise UsageError(f"{which}; use one of {', '.join(ACTIONS)}, such as `scratchae exercises list`")
