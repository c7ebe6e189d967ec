"""`scratchae bench`: starts a worker per contestant, lets them run in turn, and prints medians and ratios."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from scratchae.benchmarks.cases import CASES, Case
from scratchae.benchmarks.contestants import OWN
from scratchae.benchmarks.peers import PEERS
from scratchae.benchmarks.products import time_products

EXAMPLES = """examples:
  scratchae bench                 all networks: here, with NumPy, of PyTorch and JAX if installed, and the bound
  scratchae bench --rows 1 2      the first two networks only
  scratchae bench --products      the hand-written matrix products against BLAS

The peers are not needed for anything else; `pip install "scratchae[bench]"` brings them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.epilog = EXAMPLES
    rows = range(1, len(CASES) + 1)
    parser.add_argument(
        "--rows",
        type=int,
        nargs="+",
        choices=rows,
        default=list(rows),
        metavar="N",
        help=f"which networks, 1 to {len(CASES)}",
    )
    parser.add_argument("--rounds", type=int, default=5, help="measurements per contestant, taken in turn (default 5)")
    parser.add_argument("--products", action="store_true", help="time the matrix products instead of training steps")


def run(args: argparse.Namespace) -> int:
    """Run the benchmark; 0."""
    if args.rounds < 1:
        raise ValueError(f"--rounds {args.rounds} measures nothing; give 1 or more.")
    if args.products:
        _print_products(args.rounds)
        return 0
    for row in args.rows:
        _print_case(row - 1, args.rounds)
    absent = {"PyTorch", "JAX"} - {name.split()[0] for name in PEERS}
    if absent:
        print(f"\nNot installed, so not measured: {', '.join(sorted(absent))}.")
    return 0


def _print_products(rounds: int) -> None:
    print(f"{'product':32} {'here':>9} {'BLAS':>9}  {'ratio':>6}   (GFLOP/s, medians of {rounds})", flush=True)
    for t in time_products(rounds):
        print(f"{t.name:32} {t.ours:9.1f} {t.blas:9.1f}  {t.ratio:6.2f}", flush=True)


def _print_case(index: int, rounds: int) -> None:
    case = CASES[index]
    print(f"\n{case.name}: {case.flops / 1e6:.3g} million operations in matrix products per step", flush=True)
    figures = measure(case, index, rounds)
    ours = figures["scratchae"]
    print(f"  {'':24} {'steps/s':>10} {'min':>10} {'max':>10}   here / this")
    for name, values in figures.items():
        ratio = statistics.median(a / b for a, b in zip(ours, values, strict=True))
        print(f"  {name:24} {statistics.median(values):10.4g} {min(values):10.4g} {max(values):10.4g}   {ratio:8.2f}")
    peers = {name: statistics.median(values) for name, values in figures.items() if name in PEERS}
    if peers:
        best = max(peers, key=lambda name: peers[name])
        ratio = statistics.median(a / b for a, b in zip(ours, figures[best], strict=True))
        print(f"  best peer: {best}; here / best peer = {ratio:.2f}", flush=True)


def measure(case: Case, index: int, rounds: int) -> dict[str, list[float]]:
    """Steps per second of every contestant, `rounds` times each, in turn. One that cannot run is left out, with a line that says so."""
    figures: dict[str, list[float]] = {}
    for name in [*OWN, *PEERS]:
        figures[name] = []
    with _workers(list(figures), index) as (workers, failures):
        for name, why in failures.items():
            if name == "scratchae":
                raise RuntimeError(f"scratchae itself could not run here ({why}), so there is nothing to compare.")
            print(f"  {name} could not run and is left out: {why}")
            del figures[name]
        for _ in range(rounds):
            for name, worker in workers.items():
                figures[name].append(_ask(worker))
    return figures


@contextmanager
def _workers(names: list[str], index: int) -> Iterator[tuple[dict[str, subprocess.Popen[str]], dict[str, str]]]:
    """One process per contestant, ready to be asked, and why the others failed to start."""
    workers: dict[str, subprocess.Popen[str]] = {}
    failures: dict[str, str] = {}
    try:
        for name in names:  # one after another: getting ready takes all cores
            command = [sys.executable, "-m", "scratchae.benchmarks.worker", name, str(index)]
            with tempfile.TemporaryFile("w+") as errors:
                pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
                worker = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
                workers[name] = worker
                if worker.stdout.readline().strip() != "ready":
                    _end(workers.pop(name))
                    errors.seek(0)
                    failures[name] = (errors.read().strip().splitlines() or ["it said nothing"])[-1]
        yield workers, failures
    finally:
        for worker in workers.values():
            _end(worker)


def _ask(worker: subprocess.Popen[str]) -> float:
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdin.write("\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def _end(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.communicate()
