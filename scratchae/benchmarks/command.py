"""The command `scratchae bench`: measures the cases, prints the tables, and writes the record and the figure."""

from __future__ import annotations

import argparse
import os
import statistics
from pathlib import Path

from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contest import hold_contest
from scratchae.benchmarks.contestants import missing_libraries
from scratchae.benchmarks.figure import bench_figure
from scratchae.benchmarks.load import load_warning
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS
from scratchae.benchmarks.record import BenchmarkRun, Contest, new_run, read_run
from scratchae.benchmarks.summary import spread_of
from scratchae.benchmarks.text import text_of_check, text_of_machine, text_of_rounds
from scratchae.benchmarks.turns import WorkerError, started, take_turns
from scratchae.benchmarks.worker import command
from scratchae.plots.figure import save

_CASE_LINES = "\n".join(f"  {number}  {case.name}" for number, case in enumerate(CASES, 1))
EXAMPLES = f"""cases:
{_CASE_LINES}

examples:
  scratchae bench                              all cases, about 45 minutes on an idle machine
  scratchae bench --rows 1 2 --rounds 5        two cases, at a glance
  scratchae bench --json bench.json --figure bench.png
                                               keep all rounds, and draw them
  scratchae bench --from bench.json --figure bench.png
                                               draw them again, without measuring
  scratchae bench --products                   the hand-written matrix products against BLAS

PyTorch, JAX and scikit-learn are compared if they are installed; `pip install "scratchae[bench]"` installs them.
"""
PRODUCT_SECONDS = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = EXAMPLES
    rows = range(1, len(CASES) + 1)
    add = parser.add_argument
    add("--rows", type=int, nargs="+", choices=rows, metavar="N", help=f"which cases, 1 to {len(CASES)} (default: all)")
    add("--rounds", type=int, default=30, help="turns per contestant (default: 30)")
    add("--seconds", type=float, default=0.15, help="time of a turn, at least one step or fit (default: 0.15)")
    add("--json", metavar="FILE", help="write all rounds, the machine, versions and the date")
    add("--figure", metavar="FILE", help="draw the rates of all cases: a .png, .pdf or .svg")
    add("--from", dest="source", metavar="FILE", help="show the rounds that --json has written; nothing is measured")
    add("--products", action="store_true", help="time the matrix products instead of training steps")


def run(args: argparse.Namespace) -> int:
    """Run the benchmark; return 0."""
    _check(args)
    if args.source:
        _show(read_run(args.source), args)
        return 0
    if warning := load_warning():
        print(warning, flush=True)
    if args.products:
        _print_products(args.rounds)
        return 0
    record = new_run(missing_libraries(), args.seconds)
    print(text_of_machine(record), flush=True)
    try:
        for row in args.rows or range(1, len(CASES) + 1):
            _measure(row - 1, args, record)
            _write(record, args, figure=False)
    except BaseException:  # Ctrl-C, too: what was measured is kept
        if any(contest.others for contest in record.contests):
            _write(record, args, figure=True)
        raise
    _write(record, args, figure=True)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Raise an error before the measurement if an option is not valid, or a file could not be written."""
    if args.rounds < 1:
        raise ValueError(f"--rounds {args.rounds} is not allowed; give an integer of at least 1.")
    if not 0 < args.seconds <= 60:
        raise ValueError(f"--seconds {args.seconds:g} is not allowed; give a number above 0 and at most 60.")
    alone = {"--from": args.source, "--products": args.products}
    without = {"--json": args.json, "--rows": args.rows, "--figure": args.figure if args.products else None, **alone}
    for name, given in alone.items():
        others = [other for other, value in without.items() if value and other != name] if given else []
        if others:
            raise ValueError(f"{name} cannot be combined with {others[0]}; leave one of them out.")
    for option, path in (("--json", args.json), ("--figure", args.figure)):
        if path and not Path(path).expanduser().absolute().parent.is_dir():
            raise ValueError(f"the folder of {option} {path} does not exist; create it first.")
    if args.figure and Path(args.figure).suffix.lower() not in (".png", ".pdf", ".svg"):
        raise ValueError(f"--figure {args.figure} has no known extension; use .png, .pdf or .svg.")


def _measure(index: int, args: argparse.Namespace, record: BenchmarkRun) -> None:
    """Measure a case, and print its table, of the complete rounds if Ctrl-C ends them."""

    def announce(contest: Contest) -> None:
        record.contests.append(contest)
        print(f"\n{text_of_check(contest)}", flush=True)

    before = len(record.contests)
    try:
        hold_contest(index, args.rounds, args.seconds, announce)
    finally:
        for contest in record.contests[before:]:
            print(text_of_rounds(contest, record.machine["processors"]), flush=True)


def _write(record: BenchmarkRun, args: argparse.Namespace, *, figure: bool) -> None:
    """Write the files that the options name."""
    if args.json:
        record.write(args.json)
    if args.figure and figure:
        save(bench_figure(record), os.path.expanduser(args.figure))


def _show(record: BenchmarkRun, args: argparse.Namespace) -> None:
    """Print the tables of a record, and draw its figure."""
    print(text_of_machine(record))
    for contest in record.contests:
        print(f"\n{text_of_check(contest)}\n{text_of_rounds(contest, record.machine['processors'])}", flush=True)
    if args.figure:
        save(bench_figure(record), os.path.expanduser(args.figure))


def _print_products(rounds: int) -> None:
    print(
        f"{'product':32} {'here':>9} {'BLAS':>9}  {'ratio':>6}   quartiles      (GFLOP/s, medians of {rounds})",
        flush=True,
    )
    for index, product in enumerate(PRODUCTS):
        commands = {name: command("product", name, index, PRODUCT_SECONDS) for name in MULTIPLIERS}
        try:
            with started(commands) as (workers, failures):
                if failures:
                    raise WorkerError(next(f"{name}: {why}" for name, why in failures.items()))
                figures = list(take_turns(workers, rounds))
        except WorkerError as error:
            raise RuntimeError(f"The products could not be measured: {error}.") from None
        here, blas = (statistics.median(rates[name] for rates in figures) for name in MULTIPLIERS)
        ratio = spread_of([rates["here"] / rates["BLAS"] for rates in figures])
        name = f"{product.name:6} {product.n}×{product.d_in}, {product.d_in}×{product.d_out}"
        print(
            f"{name:32} {here:9.1f} {blas:9.1f}  {ratio.median:6.2f}   {ratio.low:.2f} to {ratio.high:.2f}", flush=True
        )
