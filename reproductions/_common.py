"""Shared code of the scripts: arguments, data, and the table that they print."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scratchae as sae


@dataclass
class Reproduction:
    """One script's run: `data`, `seed`, and the rows of its table.

    Parameters
    ----------
    about : str
        First line of the help.
    epochs, samples : int
        Defaults of the arguments with these names; without a default, the script does not have the argument.
    """

    about: str
    epochs: int = 0
    samples: int = 0
    rows: list[tuple[str, ...]] = field(default_factory=list)
    missed: int = 0
    resumed: bool = False  # then the seconds are only those of the last part of the run

    def __post_init__(self) -> None:
        parser = argparse.ArgumentParser(description=self.about)
        parser.add_argument("--data-dir", metavar="DIR", help="folder with the four MNIST files (default: download)")
        parser.add_argument("--seed", type=int, default=0, help="random seed (default: 0)")
        parser.add_argument("--checkpoint", metavar="FILE", help="save the state to FILE, and resume from it")
        for name, default in (("epochs", self.epochs), ("samples", self.samples)):
            if default:
                parser.add_argument(f"--{name}", metavar="N", type=int, default=default, help=f"(default: {default})")
        args = parser.parse_args()
        self.epochs, self.samples = getattr(args, "epochs", 0), getattr(args, "samples", 0)
        self.seed, self._checkpoint = args.seed, args.checkpoint
        self.data = sae.load_mnist(args.data_dir)
        self._start = time.perf_counter()

    def common(self, **options: Any) -> dict[str, Any]:
        """Options of every model: the seed, and a progress bar."""
        return {"random_state": self.seed, "verbose": 1, **options}

    def kept(self, part: str) -> dict[str, Any]:
        """Arguments of `fit` that save the state of one part of the run."""
        if self._checkpoint is None:
            return {}
        path = Path(self._checkpoint)
        file = path.with_name(f"{path.stem}.{part}{path.suffix or '.npz'}")
        self.resumed |= any(path.parent.glob(f"{file.stem}*"))
        return {"checkpoint": file, "resume": True}

    def seconds(self) -> float:
        """Seconds since the data were loaded."""
        return time.perf_counter() - self._start

    def row(
        self, quantity: str, published: str, ours: float, bound: float, *, above: bool = True, unit: str = "%"
    ) -> None:
        """Add a row: `ours` has to be at least `bound`, or at most if not `above`."""
        met = ours >= bound if above else ours <= bound
        judged = not (self.resumed and unit in ("minutes", "seconds"))
        self.missed += judged and not met
        wanted = f"{'>=' if above else '<='} {bound:g} {unit}"
        self.rows.append(
            (
                quantity,
                published,
                f"{ours:.2f} {unit}" if bound >= 0.01 else f"{ours:.1e} {unit}",
                wanted,
                ("met" if met else "MISSED") if judged else "resumed",
                f"{self.seconds():.0f}",
            )
        )

    def note(self, text: str) -> None:
        """Print the progress of the run."""
        print(f"{self.seconds():6.0f} s  {text}", flush=True)

    def finish(self) -> None:
        """Print the table; exit with 1 if a number was missed."""
        heading = ("quantity", "published", "ours", "wanted", "", "seconds")
        widths = [max(len(row[i]) for row in [heading, *self.rows]) for i in range(len(heading))]
        print()
        for row in [heading, tuple("-" * width for width in widths), *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        print(f"\nseed {self.seed}; seconds since the data were loaded, compilation included")
        sys.exit(1 if self.missed else 0)
