"""One contestant in a separate process: `python -m scratchae.benchmarks.worker KIND CONTESTANT INDEX`.

It prepares, prints "ready", and then, for each line of input, runs one measurement and prints the result.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contestants import OWN
from scratchae.benchmarks.peers import PEERS
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS

# For each kind of measurement: the contestants, and the cases.
KINDS: dict[str, tuple[dict[str, Any], Any]] = {"steps": ({**OWN, **PEERS}, CASES), "products": (MULTIPLIERS, PRODUCTS)}


def main(kind: str, contestant: str, index: str) -> None:
    """Run measurements until the input ends."""
    contestants, subjects = KINDS[kind]
    with contextlib.redirect_stdout(io.StringIO()):
        burst = contestants[contestant](subjects[int(index)])
        burst()  # warm-up
    print("ready", flush=True)
    for _ in sys.stdin:
        print(burst(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
