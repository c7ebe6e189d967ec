"""`scratchae data`: list the data sets and their locations."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from scratchae.cli.outcome import FAILED, complain
from scratchae.console.table import say, table

if TYPE_CHECKING:
    from scratchae.datasets import DatasetInfo

DESCRIPTION = "List the available data sets, whether they are on disk, and where. Nothing is downloaded."
EXAMPLES = """\
examples:
  scratchae data
  scratchae data --verify                        also read the files and verify their SHA-256
  SCRATCHAE_DATA=/my/data scratchae data         look for them in /my/data and /my/data/mnist

exit status: 0, or 1 if a file is damaged
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae data`."""
    parser.add_argument("--verify", action="store_true", help="read the files and verify their SHA-256")


def run(args: Namespace) -> int:
    """Print the table of data sets."""
    from scratchae.datasets import available, drawn

    found = [*available(verify=args.verify), *drawn()]
    rows = [["name", "images", "train", "test", "on disk", "state", "licence", "where"]]
    rows += [_row(info) for info in found]
    say(table(rows, left=(0, 5, 6, 7)))
    if not all(info.present for info in found):
        say(
            "\nmissing: put the files there, or set SCRATCHAE_DATA to their folder; otherwise they are downloaded when first used."
        )
    damaged = [info for info in found if info.verified is False]
    for info in damaged:
        complain(
            f"{info.name} in {info.location} is damaged, or a different data set; delete its files there, or name another folder"
        )
    return FAILED if damaged else 0


def _row(info: DatasetInfo) -> list[str]:
    state = {None: "present" if info.present else "missing", True: "verified", False: "DAMAGED"}[info.verified]
    size = f"{info.size_on_disk / 1e6:.1f} MB" if info.size_on_disk else "-"
    return [
        info.name,
        f"{info.rows:,}",
        f"{info.n_train:,}",
        f"{info.n_test:,}",
        size,
        state,
        info.licence,
        info.location,
    ]
