"""`scratchae exercises solution`: write the solutions, for teachers."""

from __future__ import annotations

from argparse import Namespace

from scratchae.cli import exercises_new
from scratchae.console.outputs import ready_folder
from scratchae.console.table import say

DESCRIPTION = """\
Write the solutions into a folder: the package's own source, one file per exercise; each needs NumPy only. Existing
files are overwritten only with --force.
"""
EXAMPLES = """\
examples:
  scratchae exercises solution solutions/
  scratchae exercises solution solutions/ --exercises dense

exit status: 0, 1 if a file cannot be written or would be overwritten, 2 if the arguments cannot be used
"""


add_arguments = exercises_new.add_arguments


def run(args: Namespace) -> int:
    """Write the solutions."""
    from scratchae.exercises.course import chosen, write_solutions

    exercises_new.need_nbformat(args)
    exercises = chosen(args.exercises)
    folder = ready_folder(args.folder, "DIR")
    count = len(write_solutions(folder, exercises, force=args.force, notebooks=args.notebook))
    say(f"wrote {count} solution{'s' * (count > 1)} to {folder}")
    return 0
