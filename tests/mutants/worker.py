"""Run claims, one after another, on the scratchae that Python finds, until one fails.

    python worker.py PROGRESS < order.json

Standard input holds {"names": [...], "trace": bool}; no names means all. PROGRESS is a file to which a line is added when a claim begins
and when it has ended, so that the process that started this one can find the claim in which it crashed or hung. With "trace", it continues
after a failure, and also writes the functions that each claim reaches.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO


def main(progress: TextIO, names: list[str] | None, trace: bool) -> int:
    """0 if all claims hold."""

    def tell(**line: Any) -> None:
        progress.write(json.dumps(line) + "\n")
        progress.flush()

    import scratchae
    from scratchae.verify import CLAIMS, Subject, run_claim

    if trace:
        from mutants import reach

        reach.start()
    subject, failed = Subject.genuine(), 0
    for name in names if names is not None else list(CLAIMS):
        tell(begins=name)
        if name not in CLAIMS:
            tell(failed=name, why="there is no such claim", raised=False, unknown=True)
            failed += 1
            continue
        claim = CLAIMS[name]
        result = run_claim(claim, subject)
        about = {"op": claim.op, "level": claim.level, "deep": claim.deep, "seconds": result.seconds}
        if trace:
            about["reached"] = reach.collected(os.path.dirname(str(scratchae.__file__)))
        if not result.failed:
            tell(holds=name, **about)
        else:
            failed += 1
            why = result.trouble or f"error {result.error:.2g}, allowed {result.tolerance:.2g}"
            tell(failed=name, why=why, raised=bool(result.trouble), **about)
            if not trace:
                return 1
    tell(end=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])  # in place of this folder, whose modules have common names
    order = json.load(sys.stdin)
    with open(sys.argv[1], "a") as file:
        status = main(file, order["names"], order["trace"])
    sys.exit(status)
