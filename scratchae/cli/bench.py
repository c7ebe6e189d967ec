"""`scratchae bench`: measure the speed of training. The measurements are in `scratchae.benchmarks`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from scratchae.cli.compiling import require_kernels

DESCRIPTION = "Measure how fast training is on this machine."
EXAMPLES = """\
examples:
  scratchae bench
  scratchae bench --help
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae bench`."""
    from scratchae.benchmarks import command

    command.add_arguments(parser)


def run(args: Namespace) -> int:
    """Run the measurements and print them."""
    from scratchae.benchmarks import command

    require_kernels()
    return command.run(args)
