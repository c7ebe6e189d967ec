"""The record of a run of the benchmark: all rounds of all cases, the machine, versions and date; as JSON."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import re
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from scratchae.benchmarks.load import processors
from scratchae.errors import FileFormatError
from scratchae.files import write_bytes

FORMAT = 1
PACKAGES = ("numpy", "numba", "torch", "jax", "scikit-learn")


@dataclass
class Contest:
    """The rounds of one case.

    Attributes
    ----------
    name, unit : str
        Of the case and of the rates.
    flops : float
        Floating-point operations of the matrix products of a step (of a row, for "encode").
    parameters : int
        Number of parameters that a step updates; 0 for "encode".
    rates : dict of str to list of float
        By contestant, one rate per round.
    bounds : dict of str to list of float
        Rates of "BLAS" and "tile" in GFLOP/s, and of "memory" in GB/s, one per round.
    expected : list of float
        Losses of the reference run; or its codes, see `Reference.expected`.
    steps : int
        Steps of the reference run.
    differences : dict of str to float
        Largest relative difference of each contestant from its reference run.
    excluded : dict of str to str
        Contestants that were not measured, with the reasons.
    other_tasks : list of str
        Contestants that train another loss.
    others : list of float or None
        Processors used by other programs in each round, if they are counted.
    """

    name: str
    unit: str
    flops: float
    parameters: int
    rates: dict[str, list[float]] = field(default_factory=dict)
    bounds: dict[str, list[float]] = field(default_factory=dict)
    expected: list[float] = field(default_factory=list)
    steps: int = 0
    differences: dict[str, float] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    other_tasks: list[str] = field(default_factory=list)
    others: list[float | None] = field(default_factory=list)

    def add(self, rates: dict[str, float], bounds: dict[str, float], others: float | None) -> None:
        """Add a round."""
        for kept, new in ((self.rates, rates), (self.bounds, bounds)):
            for name, rate in new.items():
                kept.setdefault(name, []).append(rate)
        self.others.append(others)


@dataclass
class BenchmarkRun:
    """A run of the benchmark.

    Attributes
    ----------
    date : str
    machine : dict of str to str or int
        "processor", "processors", "system", "python".
    versions : dict of str to str
        Of this package, of NumPy, Numba and the libraries that are compared.
    missing : list of str
        Libraries that are not installed.
    seconds : float
        Time of a turn.
    contests : list of Contest
    """

    date: str
    machine: dict[str, Any]
    versions: dict[str, str]
    missing: list[str]
    seconds: float
    contests: list[Contest] = field(default_factory=list)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the record to a file, as JSON."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False)
        write_bytes(path, text.encode() + b"\n", "bench.json")


def new_run(missing: list[str], seconds: float) -> BenchmarkRun:
    """Return an empty record with the machine, the versions and the date."""
    machine = {
        "processor": _processor(),
        "processors": processors(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
    from scratchae import __version__

    versions = {"scratchae": __version__}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return BenchmarkRun(datetime.date.today().isoformat(), machine, versions, missing, seconds)


def _processor() -> str:
    """Return the name of the processor."""
    try:
        found = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def read_run(path: str | os.PathLike[str]) -> BenchmarkRun:
    """Return the record in a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    FileFormatError
        If it is not a record, or of a later format.
    """
    try:
        content = json.loads(Path(path).expanduser().read_bytes())
        version = content.pop("format")
        contests = [_checked(Contest(**contest)) for contest in content.pop("contests")]
        run = BenchmarkRun(**content, contests=contests)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise FileFormatError(
            f"{os.fspath(path)!r} is not a record of this benchmark; give a file written by `scratchae bench --json`."
        ) from None
    if version > FORMAT:
        raise FileFormatError(
            f"{os.fspath(path)!r} has format {version}, which this version cannot read; upgrade scratchae."
        )
    return run


def _checked(contest: Contest) -> Contest:
    """Return the contest; raise ValueError if its rounds are not complete."""
    rates: list[list[Any]] = [*contest.rates.values(), *contest.bounds.values(), contest.others]
    rounds = {len(each) for each in rates}
    if len(rounds) > 1:
        raise ValueError("rounds are missing")
    return contest
