"""`scratchae exercises new`: write the starter files for students."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib.util import find_spec

from scratchae.cli.outcome import complain
from scratchae.console.outputs import ready_folder
from scratchae.console.parser import UsageError
from scratchae.console.table import say

MOST_WARNINGS = 4  # most sentences on solutions that are given away

DESCRIPTION = """\
Write the starter files for students into a folder, with a README.md and public_checks.py, which needs NumPy only.
Edited files are overwritten only with --force. Later exercises contain functions of earlier ones, on which they build: a
warning names them; if that matters, hand them out one after the other. With --notebook, each exercise is a notebook with
its derivation. With --variant, the exercises have other formulas, names and orders of arguments, for which `scratchae
exercises solution` without the text is wrong.
"""
EXAMPLES = """\
examples:
  scratchae exercises new course/
  scratchae exercises new week1/ --exercises dense activations corruption
  scratchae exercises new week2/ --exercises 4 5
  scratchae exercises new week1/ --notebook              notebooks instead of Python files
  scratchae exercises new week1/ --variant "a text that nobody guesses"
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
    parser.add_argument("--notebook", action="store_true", help="write notebooks (.ipynb); needs nbformat")
    add_variant(parser)


def add_variant(parser: ArgumentParser) -> None:
    """Add the option for the text of a variant."""
    text = "the variant drawn from this text, which students must not know; the same text draws the same variant"
    parser.add_argument("--variant", metavar="TEXT", type=_printable, help=text)


def _printable(text: str) -> str:
    if not text.strip() or not text.strip().isprintable():
        raise ArgumentTypeError(f"{text!r} is empty or not printable; give any text, such as a random word")
    return text


def _named(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ArgumentTypeError(f"{text!r} is not the name of a folder; give one, such as course")
    return text


def need_nbformat(args: Namespace) -> None:
    """Without nbformat, no notebook could be graded: say so before any is handed out."""
    if args.notebook and find_spec("nbformat") is None:
        raise UsageError(
            "--notebook needs nbformat, which also reads the notebooks that are handed in: "
            "python -m pip install nbformat"
        )


def run(args: Namespace) -> int:
    """Write the starter files."""
    from scratchae.exercises.course import CHECKS, README, chosen, gifts, in_course, write_course
    from scratchae.grading.sandbox.visible import modules

    need_nbformat(args)
    text, allow = args.variant or "", modules(args.allow)
    exercises = chosen(args.exercises, text)
    folder = ready_folder(args.folder, "DIR")
    written = write_course(folder, exercises, variant=text, force=args.force, notebooks=args.notebook, allow=allow)
    found = gifts(list(dict.fromkeys(in_course(folder, exercises, text).values())))
    for sentence in found[:MOST_WARNINGS]:
        complain(sentence, "warning")
    if found:
        more = f" ({len(found) - MOST_WARNINGS} more)" if len(found) > MOST_WARNINGS else ""
        complain(f"students have these solutions{more}; hand the exercises out one after the other", "warning")
    count = len(written) - 2
    variant = f" of the variant {exercises[0].variant}" if text else ""
    say(f"wrote {count} exercise{'s' * (count > 1)}{variant}, {README} and {CHECKS} to {folder}")
    check = f"python {folder / CHECKS}" if text else f"scratchae exercises check {written[0]}"
    say(f"next: open {written[0]}, then: {check}")
    return 0
