"""One contestant in a separate process: `python -m scratchae.benchmarks.worker KIND NAME INDEX SECONDS [REFERENCE]`.

It prepares, prints its results for comparison as JSON, and then, for each line of input, runs one measurement and prints the rate.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

from scratchae.benchmarks.bounds import RATES
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.clock import settle
from scratchae.benchmarks.contestants import CONTESTANTS
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS
from scratchae.benchmarks.reference import load_reference

# For each kind of measurement: makes the runner from name, index, seconds and, for contestants, the file of the reference run.
KINDS: dict[str, Callable[..., Any]] = {
    "contestant": lambda name, index, seconds, file: CONTESTANTS[name].make(
        CASES[index], load_reference(file), seconds
    ),
    "bound": lambda name, index, seconds: RATES[name](CASES[index], seconds),
    "product": lambda name, index, seconds: MULTIPLIERS[name](PRODUCTS[index], seconds),
}


def main(kind: str, name: str, index: str, seconds: str, *reference: str) -> None:
    """Run measurements until the input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the process that started this one, and it ends this one
    with contextlib.redirect_stdout(io.StringIO()):
        runner = KINDS[kind](name, int(index), float(seconds), *reference)
        runner.measure()  # warm-up
        settle()
    print(json.dumps(runner.results), flush=True)
    for _ in sys.stdin:
        rate = runner.measure()
        settle()
        print(rate, flush=True)


def command(kind: str, name: str, index: int, seconds: float, *reference: str) -> list[str]:
    """Return the command that starts such a process."""
    return [sys.executable, "-m", "scratchae.benchmarks.worker", kind, name, str(index), str(seconds), *reference]


if __name__ == "__main__":
    main(*sys.argv[1:])
