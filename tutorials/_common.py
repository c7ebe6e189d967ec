"""Shared code of the tutorials: arguments, data, and the report of results compared with expected values."""

from __future__ import annotations

import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scratchae.console.outputs import ready_folder
from scratchae.console.parser import Parser, UsageError, one_of, whole_number
from scratchae.console.table import say, table
from scratchae.datasets import Dataset, load_digits, load_mnist
from scratchae.errors import ConvergenceWarning
from scratchae.nets.network import Array
from scratchae.plots import save

FIGURES = Path(__file__).resolve().parent.parent / "figures"
DATA = ("digits", "mnist")
DEFAULT_SEED = 0
EXAMPLES = """\
examples:
  python tutorials/{name}
  python tutorials/{name} --data mnist --data-dir DIR     the folder with the four MNIST files
  python tutorials/{name} --quick --out /tmp              a short test run
"""


TABLE_EXAMPLES = """\
examples:
  python tutorials/{name}
  python tutorials/{name} --quick --out .                 a short test run
"""


NO_DATA_EXAMPLES = """\
examples:
  python tutorials/{name}
  python tutorials/{name} --quick --out .                 small sizes, for a test
"""


@dataclass(frozen=True)
class Table:
    """A table of numbers: rows x, shape (N, D), classes y, shape (N,), and the names of the columns."""

    x: Array
    y: Array
    columns: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Run:
    """A run of a tutorial: its data and its options."""

    data: Any  # a `Dataset` of images, a `Table`, or None
    seed: int
    out: Path
    quick: bool
    began: float

    def choose(self, *, digits: Any, mnist: Any) -> Any:
        """The value for the data set of this run."""
        return digits if self.usual else mnist

    @property
    def usual(self) -> bool:
        """True if the data are those that the tutorial is about: its table, the digits, or none."""
        return self.data is None or isinstance(self.data, Table) or self.data.name == "digits"

    def epochs(self, count: int) -> int:
        """The number of epochs, at most two in a quick run."""
        return min(count, 2) if self.quick else count

    def save(self, figure: Any, name: str, dpi: int = 150) -> None:
        """Write a figure; for data other than the digits, the file name includes the name of the data set."""
        path = Path(name) if self.usual else Path(name).with_stem(f"{Path(name).stem}_{self.data.name}")
        say(f"wrote {save(figure, self.out / path, dpi)}")


def start(name: str, about: str) -> Run:
    """Read the arguments and the data. Invalid ones end the script with a one-line message; in a notebook, the defaults are used.

    Parameters
    ----------
    name : str
        Name of the script.
    about : str
        Description for the help, one sentence.
    """
    parser = Parser(prog=name, description=about, epilog=EXAMPLES.format(name=name))
    parser.add_argument("--data", metavar="NAME", type=one_of(DATA), default="digits", help="digits (default) or mnist")
    parser.add_argument("--data-dir", metavar="DIR", help="folder with the MNIST files (default: download)")

    def load(args: Namespace) -> Dataset:
        data = load_mnist(args.data_dir) if args.data == "mnist" else load_digits()
        return _few(data) if args.quick else data

    return _run(parser, name, load)


def start_with_table(name: str, about: str, load: Callable[[], Table]) -> Run:
    """Read the arguments and the table, as `start` does; parameters as there, and the function that loads the table.

    A table that cannot be loaded, because a package is missing, ends the script with a one-line message.
    """
    parser = Parser(prog=name, description=about, epilog=TABLE_EXAMPLES.format(name=name))
    return _run(parser, name, lambda args: load())


def start_without_data(name: str, about: str) -> Run:
    """Read the arguments of a tutorial without data, as `start` does; parameters as there."""
    parser = Parser(prog=name, description=about, epilog=NO_DATA_EXAMPLES.format(name=name))
    return _run(parser, name, lambda args: None)


def _run(parser: Parser, name: str, load: Callable[[Namespace], Any]) -> Run:
    """Add the arguments of all tutorials, and read them and the data."""
    parser.add_argument("--out", metavar="DIR", default=str(FIGURES), help="folder for the figures (default: figures)")
    parser.add_argument("--seed", metavar="S", type=whole_number(0), default=DEFAULT_SEED, help="default: 0")
    parser.add_argument("--quick", action="store_true", help="few images and epochs, without expected values")
    try:
        args = parser.parse_all([] if in_notebook() else sys.argv[1:])
        data = load(args)
        folder = ready_folder(args.out, "--out")
    except (UsageError, ValueError, OSError, ImportError) as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    say(f"seed {args.seed}" if data is None else f"{_described(data)}, seed {args.seed}")
    # The number of epochs is chosen for the time that it takes, and expected values show what is learned in it.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    return Run(data, args.seed, folder, args.quick, time.perf_counter())


def _described(data: Any) -> str:
    if isinstance(data, Table):
        return f"{data.name}: {len(data.x):,} rows of {data.x.shape[1]} numbers, {len(set(data.y))} classes"
    return repr(data)


def wine() -> Table:
    """The wine data of scikit-learn (Forina et al., 1988): 13 measurements of 178 wines from three growers."""
    try:
        from sklearn.datasets import load_wine
    except ImportError:
        raise ImportError("the wine data need scikit-learn; pip install scikit-learn") from None
    found = load_wine()
    return Table(found.data, found.target, tuple(found.feature_names), "wine")


def in_notebook() -> bool:
    """Return True in a notebook, where the arguments of the process are not those of the tutorial."""
    return "ipykernel" in sys.modules


def _few(data: Dataset) -> Dataset:
    x, y = data.x_train[:300], data.y_train[:300]
    return replace(data, x_train=x, y_train=y, x_test=data.x_test[:100], y_test=data.y_test[:100])


def seconds_of(*models: Any) -> float:
    """Training time of these models in seconds, including the layers of a stack."""
    histories = [history for model in models for history in [model.history_, *_layers(model)]]
    return float(sum(history["seconds"][-1] for history in histories if history["seconds"]))


def _layers(model: Any) -> list[Any]:
    return getattr(model, "pretraining_history_", [])


class Report:
    """Results compared with the expected values.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._rows: list[list[str]] = []
        self._off = 0

    def row(
        self,
        quantity: str,
        got: float,
        *,
        digits: tuple[float, float] | None = None,
        mnist: tuple[float, float] | None = None,
        seconds: float,
        seeds: Sequence[int] = (),
    ) -> None:
        """Add a row.

        Parameters
        ----------
        quantity : str
            Measured quantity, with its unit.
        got : float
        digits, mnist : (float, float), optional
            The expected value and its tolerance, for each data set.
        seconds : float
            Time that it took.
        seeds : sequence of int, optional
            Seeds, if there are several; by default that of the run.
        """
        pair = None if self._run.quick else self._run.choose(digits=digits, mnist=mnist)
        expected, tolerance, verdict = "-", "-", "-"
        if pair is not None:
            good = abs(got - pair[0]) <= pair[1]  # also false for NaN
            self._off += not good
            expected, tolerance, verdict = f"{pair[0]:.4g}", f"{pair[1]:.2g}", "ok" if good else "OFF"
        seed = f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(self._run.seed)
        self._rows.append([quantity, f"{got:.4g}", expected, tolerance, seed, f"{seconds:.1f}", verdict])

    def rows(self, *rows: tuple[Any, ...], seconds: float) -> None:
        """Add several rows with the same time.

        Parameters
        ----------
        *rows : (str, float, (float, float)) or (str, float, (float, float), (float, float))
            Quantity, measured value, expected value and tolerance on the digits, and on MNIST if they differ.
        seconds : float
        """
        for quantity, got, digits, *mnist in rows:
            self.row(quantity, got, digits=digits, mnist=mnist[0] if mnist else digits, seconds=seconds)

    def end(self) -> None:
        """Print the table; with the default seed on the digits, the script ends with status 1 if a row is outside its tolerance."""
        heading = ["quantity", "got", "expected", "tolerance", "seed", "seconds", "verdict"]
        say("\n" + table([heading, *self._rows], left=(0, 6)))
        took = time.perf_counter() - self._run.began
        name = "" if self._run.data is None else f"{self._run.data.name}: "
        say(f"\n{name}{len(self._rows)} rows, {self._off} outside their tolerance; {took:.1f} s in total")
        default = self._run.usual and self._run.seed == DEFAULT_SEED
        if self._off and default and not in_notebook():
            raise SystemExit(1)
