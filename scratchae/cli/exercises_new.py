"""`scratchae exercises new`: write the starter files for students."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from scratchae.console.outputs import ready_folder
from scratchae.console.table import say

DESCRIPTION = """\
Write the starter files for students into a folder, with a README.md and public_checks.py, which needs NumPy only.
Edited files are overwritten only with --force. Later exercises contain functions of earlier ones, on which they build;
if that matters, hand them out one after the other.
"""
EXAMPLES = """\
examples:
  scratchae exercises new course/
  scratchae exercises new week1/ --exercises dense activations losses
  scratchae exercises new week2/ --exercises 4 5
  scratchae exercises new week3/ --allow scipy           students may use SciPy as well

exit status: 0, 1 if a file cannot be written or would be overwritten, 2 if the arguments cannot be used
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae exercises new` (and of `solution`): the folder, the exercises, and --force."""
    parser.add_argument("folder", metavar="DIR", type=_named, help="folder to write to; created if missing")
    parser.add_argument("--exercises", nargs="+", default=[], metavar="NAME", help="only these, by name or number")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    modules = "modules that students may use besides NumPy; give the policy the same: allow = [...]"
    parser.add_argument("--allow", nargs="+", default=[], metavar="MODULE", help=modules)


def _named(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ArgumentTypeError(f"{text!r} is not the name of a folder; give one, such as course")
    return text


def run(args: Namespace) -> int:
    """Write the starter files."""
    from scratchae.exercises.course import CHECKS, README, chosen, write_course
    from scratchae.grading.sandbox.visible import modules

    allow = modules(args.allow)
    exercises = chosen(args.exercises)
    folder = ready_folder(args.folder, "DIR")
    written = write_course(folder, exercises, force=args.force, allow=allow)
    count = len(written) - 2
    say(f"wrote {count} exercise{'s' * (count > 1)}, {README} and {CHECKS} to {folder}")
    say(f"next: open {folder / exercises[0].file}, then: scratchae exercises check {folder / exercises[0].file}")
    return 0
