"""Arguments, table and figure, as all measurements have them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scratchae.console.table import say, table
from scratchae.plots import save

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "figures"
Expected = Mapping[str, tuple[float, float]]
Measured = tuple[dict[str, float], Any]


def run(name: str, measure: Callable[[bool], Measured], expected: Expected) -> None:
    """Measure, print a table of the results, and draw the figure. Exits with status 1 if a result is outside its tolerance.

    Parameters
    ----------
    name : str
        Name of the page; also of the figure.
    measure : callable
        Takes True for a short run, and returns the results by name, and a figure.
    expected : mapping of str to (float, float)
        The value that the page states for each result, and its tolerance. They do not apply to a short run.
    """
    parser = argparse.ArgumentParser(description=f"Measure what docs/derivations/{name}.md says, and draw its figure.")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure (default: figures)")
    parser.add_argument("--quick", action="store_true", help="few rows and epochs, without expected values")
    options = parser.parse_args()
    results, figure = measure(options.quick)
    rows, off = [["quantity", "got", "expected", "tolerance", "verdict"]], 0
    for quantity, (value, tolerance) in expected.items():
        got = results[quantity]
        good = options.quick or abs(got - value) <= tolerance  # also false for NaN
        off += not good
        verdict = "-" if options.quick else "ok" if good else "OFF"
        rows.append([quantity, f"{got:.4g}", f"{value:g}", f"{tolerance:.2g}", verdict])
    say(table(rows, left=(0, 4)))
    say(f"wrote {save(figure, options.out / f'idea_{name}.png', dpi=110)}")
    if off:
        sys.exit(1)
