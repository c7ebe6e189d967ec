"""The command `scratchae bench`: starts a worker per contestant, runs them in turn, and prints medians and ratios."""

from __future__ import annotations

import argparse
import os
import statistics

from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contestants import OWN
from scratchae.benchmarks.peers import PEERS
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS
from scratchae.benchmarks.turns import measure

EXAMPLES = """examples:
  scratchae bench                 all networks: scratchae (Numba and NumPy), PyTorch and JAX if installed, and the bound
  scratchae bench --rows 1 2      the first two networks only
  scratchae bench --products      the hand-written matrix products against BLAS

PyTorch and JAX are used only here; `pip install "scratchae[bench]"` installs them.
"""


BUSY = 0.3  # load for each processor above which measurements are not to be relied on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
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
    """Run the benchmark; return 0."""
    if args.rounds < 1:
        raise ValueError(f"--rounds {args.rounds} is not allowed; give an integer of at least 1.")
    if warning := load_warning():
        print(warning, flush=True)
    if args.products:
        _print_products(args.rounds)
        return 0
    for row in args.rows:
        _print_case(row - 1, args.rounds)
    absent = {"PyTorch", "JAX"} - {name.split()[0] for name in PEERS}
    if absent:
        print(f"\nNot installed, so not measured: {', '.join(sorted(absent))}.")
    return 0


def load_warning() -> str:
    """Return a sentence about the load of the machine if other programs use much of it, otherwise an empty string."""
    processors = os.cpu_count() or 1
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows has none
        return ""
    if load <= BUSY * processors:
        return ""
    return (
        f"This machine is busy: on average {load:.1f} programs ran in the last minute, on {processors} processors. "
        "Ratios measured now may be far off; repeat this when it is idle."
    )


def _print_products(rounds: int) -> None:
    print(f"{'product':32} {'here':>9} {'BLAS':>9}  {'ratio':>6}   (GFLOP/s, medians of {rounds})", flush=True)
    for index, product in enumerate(PRODUCTS):
        figures = _measure("products", list(MULTIPLIERS), index, rounds)
        here, blas = (statistics.median(figures[name]) for name in MULTIPLIERS)
        name = f"{product.name:6} {product.n}×{product.d_in}, {product.d_in}×{product.d_out}"
        print(f"{name:32} {here:9.1f} {blas:9.1f}  {_ratio(figures, 'here', 'BLAS'):6.2f}", flush=True)


def _print_case(index: int, rounds: int) -> None:
    case = CASES[index]
    print(f"\n{case.name}: {case.flops / 1e6:.3g} million operations in matrix products per step", flush=True)
    figures = _measure("steps", [*OWN, *PEERS], index, rounds)
    print(f"  {'':24} {'steps/s':>10} {'min':>10} {'max':>10}   here / this")
    for name, values in figures.items():
        ratio = _ratio(figures, "scratchae", name)
        print(f"  {name:24} {statistics.median(values):10.4g} {min(values):10.4g} {max(values):10.4g}   {ratio:8.2f}")
    peers = {name: statistics.median(values) for name, values in figures.items() if name in PEERS}
    if peers:
        best = max(peers, key=lambda name: peers[name])
        print(f"  best peer: {best}; here / best peer = {_ratio(figures, 'scratchae', best):.2f}", flush=True)


def _ratio(figures: dict[str, list[float]], name: str, other: str) -> float:
    """Return the median of the ratios within each round."""
    return statistics.median(a / b for a, b in zip(figures[name], figures[other], strict=True))


def _measure(kind: str, names: list[str], index: int, rounds: int) -> dict[str, list[float]]:
    """Return the results of each contestant. One that cannot run is skipped with a message; scratchae itself must run."""
    figures, failures = measure(kind, names, index, rounds)
    for name, why in failures.items():
        if name not in PEERS:
            raise RuntimeError(f"{name} could not run ({why}); the benchmark needs it.")
        print(f"  {name} could not run and is skipped: {why}")
    return figures
