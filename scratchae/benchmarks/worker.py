"""One contestant in a process of its own, so that no two thread pools meet: `python -m scratchae.benchmarks.worker CONTESTANT CASE`.

It gets ready, prints "ready", and then, for each line that it reads, trains for about a second and prints its steps per second.
"""

from __future__ import annotations

import contextlib
import io
import sys

from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contestants import OWN
from scratchae.benchmarks.peers import PEERS


def main(contestant: str, case: str) -> None:
    """Serve measurements until the input ends."""
    with contextlib.redirect_stdout(io.StringIO()):
        burst = {**OWN, **PEERS}[contestant](CASES[int(case)])
        burst()  # caches, clocks and thread pools wake up
    print("ready", flush=True)
    for _ in sys.stdin:
        print(burst(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
