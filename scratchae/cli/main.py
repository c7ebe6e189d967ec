"""The command `scratchae`: dispatch to the subcommands."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from scratchae import __version__
from scratchae.cli.outcome import run
from scratchae.console.parser import Parser
from scratchae.errors import nearest

COMMANDS = {
    "tour": "train autoencoders of every kind on digits and see what they learn, in seconds",
    "train": "train an autoencoder on your data, and save it",
    "sample": "generate new images with a saved model that has a prior, such as a variational one",
    "explore": "write a page in which a saved model's decoder runs in the browser",
    "trace": "show what each line of an objective computes, beside its equation",
    "study": "find out whether pre-training helps, with few labels and with many",
    "exercises": "exercises to write and bugs to find: list them, hand them out, check a file",
    "grade": "grade a folder of submissions and explain the mistakes",
    "check": "check the mathematics: every derivative and every value",
    "bench": "measure how fast training is on this machine",
    "data": "list the data sets and their locations",
}
EXAMPLES = """\
examples:
  scratchae tour                                  begin here
  scratchae train --data digits --out model.npz
  scratchae COMMAND --help                        more about a command
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Name and arguments of the command (default: those of this process).

    Returns
    -------
    int
        Exit status: 0 on success, 1 if a check or the command failed, 2 for invalid arguments or data, 130 after Ctrl-C, 143 after
        SIGTERM in a training.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    return run(lambda: _dispatch(arguments))


def _dispatch(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "--help"
    try:
        if name.startswith("-"):
            top = _top_parser()
            top.parse_all(arguments or ["--help"])
            top.error("the first argument has to be a command")
        if name not in COMMANDS:
            _top_parser().error(
                f"there is no command {name!r}{nearest(name, COMMANDS)}; use one of {', '.join(COMMANDS)}"
            )
        command, rest = importlib.import_module(f"scratchae.cli.{name}"), arguments[1:]
        if rest and rest[0] in getattr(command, "ACTIONS", ()):
            action, *rest = rest
            command, name = importlib.import_module(f"scratchae.cli.{name}_{action}"), f"{name} {action}"
        parser = Parser(rest, prog=f"scratchae {name}", description=command.DESCRIPTION, epilog=command.EXAMPLES)
        command.add_arguments(parser)
        args = parser.parse_all(rest)
    except SystemExit as end:  # argparse has printed the help or the version
        return int(end.code or 0)
    return int(command.run(args))


def _top_parser() -> Parser:
    listed = "\n".join(f"  {name:<11}{does}" for name, does in COMMANDS.items())
    parser = Parser(
        prog="scratchae",
        usage="scratchae COMMAND [options]",
        description=f"Autoencoders from nothing but arrays, every gradient derived by hand.\n\ncommands:\n{listed}",
        epilog=EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"scratchae {__version__}")
    return parser
