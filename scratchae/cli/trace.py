"""`scratchae trace`: what each labelled line of an objective computes, on a few rows or in a tiny example."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from scratchae.cli.inputs import KINDS, add_reading_arguments, load_for, load_model
from scratchae.cli.outcome import FAILED, complain
from scratchae.console import parser as types
from scratchae.console.outputs import ready_file
from scratchae.console.parser import UsageError
from scratchae.console.table import say, table
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.tracing import Trace

DESCRIPTION = """\
Run an objective line by line, on the NumPy backend, and show what each line with a label such as (variational.6)
computes, forward and backward: its equation, its code, and the names that it assigns with their values. The lines are
those of the model's objective and of the functions that it calls.
"""
EXAMPLES = """\
examples:
  scratchae trace variational --tiny                   a network of a few numbers, to follow with pencil and paper
  scratchae trace dense --tiny                         an operation, forward and backward
  scratchae trace --list                               names of the tiny examples
  scratchae trace model.npz --data digits --rows 2     a model saved by `scratchae train --out`, on two rows
  scratchae trace model.npz --data digits --depth 0 --html trace.html --json trace.json
                                                       the lines of the objective alone; all lines in the files

exit status: 0, or 1 if --coverage finds a label without values
"""
ROWS = 3
ENDINGS = {"html": (".html", ".htm"), "json": (".json",)}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae trace`."""
    add = parser.add_argument
    add("subject", metavar="FILE|NAME", nargs="?", help="a saved model, or with --tiny the name of a tiny example")
    add("--tiny", action="store_true", help="a tiny example: a model as for `scratchae train`, an operation, …")
    add("--list", action="store_true", help="print the names of the tiny examples")
    covered = "print the labels of the package's code, each with the tiny examples in which it has values"
    add("--coverage", action="store_true", help=covered)
    add("--data", metavar="NAME|FILE", help=f"rows for a saved model: digits, strokes, mnist, …, {KINDS}")
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    first = f"number of rows, from the first test row on, or training row if there are none (default: {ROWS})"
    add("--rows", metavar="N", type=types.whole_number(1), help=first)
    add("--seed", metavar="S", type=types.whole_number(0), help="seed of the noise (default: 0)")
    depth = "print only lines that are called from at most N lines with a label (default: all)"
    add("--depth", metavar="N", type=types.whole_number(0), help=depth)
    add("--html", metavar="FILE", help="also write a page with all lines")
    add("--json", metavar="FILE", help="also write all lines and values; docs/trace.md lists the fields")
    add_reading_arguments(add)
    parser.set_defaults(image_shape=None)


def run(args: Namespace) -> int:
    """Print a trace, and write it."""
    if args.list or args.coverage:
        if args.subject is not None or args.tiny or (args.list and args.coverage):
            raise UsageError("--list and --coverage stand alone; leave out the other arguments")
        return _print_names() if args.list else _print_coverage()
    _check(args)
    paths = [ready_file(name, f"--{kind}") for kind in ENDINGS if (name := getattr(args, kind)) is not None]
    found = _tiny(args.subject) if args.tiny else _of_model(args)

    from scratchae.tracing.text import text

    say(text(found, args.depth))
    for path in paths:
        found.save(path)
        say(f"saved     {path} ({os.path.getsize(path):,} bytes)")
    return 0


def _check(args: Namespace) -> None:
    """Reject contradictory arguments before anything is read."""
    if args.subject is None:
        raise UsageError(
            "nothing to trace; give a saved model and --data, or --tiny and a name of `scratchae trace --list`"
        )
    for kind, endings in ENDINGS.items():
        name = getattr(args, kind)
        if name is not None and Path(name).suffix.lower() not in endings:
            raise UsageError(f"--{kind} {name} does not end in {endings[0]}; give a name that does")
        for given in filter(None, (args.subject, args.data)):
            if name is not None and os.path.realpath(name) == os.path.realpath(given):
                raise UsageError(f"--{kind} {name} is also an input file; name another file")
    if args.tiny:
        for option in ("data", "data_dir", "rows", "seed"):
            if getattr(args, option) is not None:
                flag = f"--{option.replace('_', '-')}"
                raise UsageError(
                    f"{flag} is for a saved model, and a tiny example has its own rows and noise; leave it out"
                )
    elif args.data is None:
        from scratchae.tracing import tiny_names

        if args.subject in tiny_names() and not os.path.exists(args.subject):
            raise UsageError(f"{args.subject} is the name of a tiny example; give --tiny, or a saved model and --data")
        raise UsageError(
            f"--data is missing: the rows on which to trace {args.subject}; give --data digits, for example"
        )


def _tiny(name: str) -> Trace:
    from scratchae.tracing import tiny, tiny_names

    if name not in tiny_names():
        raise UsageError(
            f"there is no tiny example {name!r}{nearest(name, tiny_names())}; `scratchae trace --list` prints the names"
        )
    return tiny(name)


def _of_model(args: Namespace) -> Trace:
    from scratchae.tracing import trace

    model = load_model(args.subject)
    data = load_for(model, args)
    x, y = (data.x_train, data.y_train) if data.x_test is None else (data.x_test, data.y_test)
    if model.needs_labels and y is None:
        raise UsageError(
            f"--data {args.data} has no labels, which {args.subject} needs; give labelled data, or --label-column"
        )
    rows = args.rows or ROWS
    return trace(model, x[:rows], None if y is None else y[:rows], args.seed or 0)


def _print_names() -> int:
    from scratchae.tracing import tiny_names

    say(table([["name", "tiny example"], *([name, about] for name, about in tiny_names().items())], left=(0, 1)))
    return 0


def _print_coverage() -> int:
    from scratchae.tracing import coverage

    found = coverage()
    say(
        table([["label", "tiny examples"], *([label, ", ".join(names)] for label, names in found.items())], left=(0, 1))
    )
    lacking = [label for label, names in found.items() if not names]
    say(f"\n{len(found) - len(lacking)} of {len(found)} labels have values")
    if lacking:
        complain(
            f"no tiny example passes through a line with the label {', '.join(lacking)}; add one to scratchae/tracing"
        )
    return FAILED if lacking else 0
