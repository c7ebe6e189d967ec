"""Scaling of training: time per step against batch, width, depth, float type and threads, and rows per second of data larger than memory.

    python tests/benchmarks/scaling.py                     # measure, and write docs/scaling.json, the figures and the page: 15 minutes
    python tests/benchmarks/scaling.py --only memory       # one part: sizes, threads or memory; the others are kept
    python tests/benchmarks/scaling.py --draw              # the figures and the page from docs/scaling.json, without measuring
    python tests/benchmarks/scaling.py --quick --out DIR   # small sizes, for a test

Within a part, all variants of a size are measured in turn, and the medians of several rounds are kept. The file of the memory map is sparse: it
takes no space on the disk, and its pages are made by the system as they are read, and dropped when the memory is full. So reading
costs what it costs without the disk itself.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
import numpy as np

import scratchae as sae
from scratchae import plots
from scratchae.benchmarks import pieces
from scratchae.benchmarks.cases import CASES, Workload
from scratchae.benchmarks.command import load_warning
from scratchae.errors import muted

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("sizes", "threads", "memory")
MOST = numba.config.NUMBA_NUM_THREADS
BATCH, WIDTH, DEPTH = "rows in a batch", "units in the hidden layer", "hidden layers of 400 units"
MEASURED, SIMULATED = "measured", "simulated: the share of one thread"
IN_MEMORY, MAPPED = "array in memory", "memory map of a file"
GB = 1e9
BEGIN, END = "<!-- scaling: written by tests/benchmarks/scaling.py -->\n", "<!-- end of scaling -->"


# Time per step against batch, width and depth.


def sizes(quick: bool) -> dict[str, dict[str, list[list[float]]]]:
    """Return, for each panel and variant, the sizes and the seconds per step."""
    grid = {
        BATCH: [(n, (784, 400, 20), n) for n in ((4, 16) if quick else (1, 4, 16, 64, 256, 1024, 4096))],
        WIDTH: [(n, (784, n, 20), 128) for n in ((4, 16) if quick else (16, 64, 256, 1024, 4096))],
        DEPTH: [(n, (784, *[400] * n, 20), 128) for n in ((1, 2) if quick else (1, 2, 4, 8))],
    }
    variants = {
        threads_named(n, dtype): (n, dtype) for dtype in ("float32", "float64") for n in dict.fromkeys((1, MOST))
    }
    found: dict[str, dict[str, list[list[float]]]] = {}
    for panel, cases in grid.items():
        found[panel] = {name: [] for name in variants}
        for size, encoder, batch in cases:
            seconds = _steps_in_turn(encoder, batch, variants, rounds=1 if quick else 5)
            for name, value in seconds.items():
                found[panel][name].append([size, value])
        print(f"measured: {panel}", flush=True)
    return found


def threads_named(n: int, dtype: str) -> str:
    """Return the name of a variant."""
    return f"{dtype}, {n} thread{'s' * (n > 1)}"


def _steps_in_turn(
    encoder: tuple[int, ...], batch: int, variants: dict[str, tuple[int, str]], rounds: int
) -> dict[str, float]:
    """Return the seconds per step of each variant, medians of the rounds."""
    case = Workload(encoder, batch, batches_for(encoder, batch))
    found: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, (threads, dtype) in variants.items():
            with _threads(threads):
                model = pieces.fit(case, 2, dtype=dtype)
            if turn:  # the first loads or compiles the kernels
                first, second = model.history_["seconds"]
                found[name].append((second - first) / case.batches)
    return {name: float(np.median(values)) for name, values in found.items()}


def batches_for(encoder: tuple[int, ...], batch: int) -> int:
    """Return a number of batches that takes about a tenth of a second, with at most 60 MB of data."""
    seconds = 3e-5 + Workload(encoder, batch, 1).flops / 5e10
    return int(np.clip(0.1 / seconds, 3, max(3, 15e6 / (batch * encoder[0]))))


@contextmanager
def _threads(n: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(n)
    try:
        yield
    finally:
        numba.set_num_threads(before)


# Time per step against threads.


def threads(quick: bool) -> dict[str, dict[str, list[list[float]]]]:
    """Return, for each network, the seconds per step in the kernel: measured, and of the share of one of n threads."""
    cases = CASES[:1] if quick else CASES[1:4]
    counts = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= MOST] or [1]
    found = {}
    for case in cases:
        rounds = 1 if quick else 5
        share = pieces.seconds_of_share(case, [1, 2, 4] if quick else [1, 2, 4, 8, 16], rounds)
        measured = {}
        for n in counts:
            with _threads(n):
                measured[n] = pieces.seconds_in_kernel(case, rounds)
        found[case.name] = {
            MEASURED: [[n, value] for n, value in measured.items()],
            SIMULATED: [[n, value] for n, value in share.items()],
        }
        print(f"measured: threads, {case.name}", flush=True)
    return found


# Data larger than memory.


def memory(quick: bool, folder: str | None = None, times: float = 1.25) -> dict[str, list[list[float]]]:
    """Return, for data in memory and in a file, the sizes in bytes and the rows per second of a training of one epoch.

    The largest file has `times` the size of the machine's memory.
    """
    features = 1024 if quick else 16384
    whole = memory_of_machine()
    small = [2e6, 4e6] if quick else [0.25 * GB, 1 * GB, whole / 8]
    found: dict[str, list[list[float]]] = {IN_MEMORY: [], MAPPED: []}
    for size in small:
        rates: dict[str, list[float]] = {IN_MEMORY: [], MAPPED: []}
        for _ in range(1 if quick else 3):
            rates[IN_MEMORY].append(_rate(np.full((rows_of(size, features), features), 0.0, np.float32)))
            with mapped(size, features, folder) as x:
                rates[MAPPED].append(_rate(x))
        for name, values in rates.items():
            found[name].append([size, float(np.median(values))])
    if not quick:
        size = times * whole
        with mapped(size, features, folder) as x:
            found[MAPPED].append([size, _rate(x)])
    print("measured: memory", flush=True)
    return found


def rows_of(size: float, features: int) -> int:
    """Return the rows of `size` bytes in float32."""
    return int(size) // (4 * features)


@contextmanager
def mapped(size: float, features: int, folder: str | None) -> Iterator[np.ndarray]:
    """Give rows of zeros in a sparse file, mapped for reading."""
    rows = rows_of(size, features)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        path = Path(inside) / "rows.f4"
        with open(path, "wb") as file:
            file.truncate(rows * features * 4)
        yield np.memmap(path, np.float32, "r", shape=(rows, features))


def _rate(x: np.ndarray) -> float:
    """Return the rows per second of one epoch."""
    with muted(sae.ConvergenceWarning):
        model = sae.Autoencoder(hidden_sizes=(64,), latent_dim=8, batch_size=128, epochs=1, random_state=0).fit(x)
    return len(x) / model.history_["seconds"][-1]


def memory_of_machine() -> float:
    """Return the bytes of the machine's memory; 8 GB where the system does not give them."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return 8 * GB


def refuse_file_in_memory(folder: str) -> None:
    """Raise ValueError if the folder is in a file system that keeps files in memory: a large file would fill it.

    Only Linux gives the type of a file system.
    """
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return
    place, kind, best = Path(folder).resolve(), "", -1
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, point, of_kind, *_ = line.split()
        if place.is_relative_to(point) and len(Path(point).parts) >= best:
            best, kind = len(Path(point).parts), of_kind
    if kind in ("tmpfs", "ramfs"):
        raise ValueError(f"{folder} is kept in memory ({kind}); give a folder on a disk: --folder DIR.")


# Figures and the page, from the measurements.


def draw(found: dict[str, Any], out: Path) -> None:
    """Write the figures of the parts that were measured."""
    machine = found["machine"]
    note = f"{machine['processor']}, {machine['threads']} threads; {found['date']}"
    if "sizes" in found:
        panels = {panel: _curves(of, 1e3) for panel, of in found["sizes"].items()}
        of = "784-400-20 and variations; batches of 128 rows where not given"
        figure = plots.scaling(
            panels,
            "time per step (ms)",
            columns=3,
            title="Time per step by batch, width and depth",
            note=f"{of}; {note}",
        )
        plots.save(figure, out / "scaling_sizes.png", 110)
    if "threads" in found:
        panels = {f"threads\n{name}": _curves(of, 1e3) for name, of in found["threads"].items()}
        figure = plots.scaling(
            panels,
            "time in the kernel (ms)",
            dashed=[SIMULATED],
            columns=3,
            title="Time per step by threads",
            note=note,
        )
        plots.save(figure, out / "scaling_threads.png", 110)
    if "memory" in found:
        curves = {
            name: ([size / GB for size, _ in of], [rate for _, rate in of]) for name, of in found["memory"].items()
        }
        figure = plots.scaling(
            {"size of the data in GB": curves},
            "rows per second",
            logarithmic=False,
            title="Training rate by the size of the data",
            note=f"16384-64-8, batches of 128; the machine has {machine['memory'] / GB:.3g} GB of memory",
        )
        plots.save(figure, out / "scaling_memory.png", 110)


def _curves(variants: dict[str, list[list[float]]], unit: float) -> dict[str, tuple[list[float], list[float]]]:
    return {name: ([x for x, _ in of], [unit * y for _, y in of]) for name, of in variants.items()}


def sentences(found: dict[str, Any]) -> list[str]:
    """Return the sentences of the page whose numbers are measured."""
    machine, written = found["machine"], []
    written.append(
        f"Measured on {machine['processor']} ({machine['threads']} threads, {machine['memory'] / GB:.3g} GB), with Numba "
        f"{machine['numba']}, {found['date']}."
    )
    if found["load"]:
        written.append(found["load"])
    if "sizes" in found:
        n, of = machine["threads"], found["sizes"][BATCH]
        one = dict(map(tuple, of[threads_named(n, "float32")]))
        least, most = min(one), max(one)
        per_row = one[least] / least / (one[most] / most)
        written.append(f"A row costs {per_row:.3g} times as much in batches of {least:g} as in batches of {most:g}.")
        ratio = of[threads_named(n, "float64")][-1][1] / one[most]
        written.append(f"With batches of {most:g}, float64 takes {ratio:.3g} times as long as float32.")
    if "threads" in found:
        for name, of in found["threads"].items():
            share, measured = (dict(map(tuple, of[key])) for key in (SIMULATED, MEASURED))
            n, m = max(share), max(measured)
            written.append(
                f"{name}: {m} threads are {measured[1] / measured[m]:.3g} times as fast as one (the share of one of them: "
                f"{share[1] / share[m]:.3g} times); {n} could be at most {share[1] / share[n]:.3g} times as fast."
            )
    if "memory" in found:
        (size, rate), (other, in_memory) = found["memory"][MAPPED][-1], found["memory"][IN_MEMORY][-1]
        written.append(
            f"From a file of {size / GB:.3g} GB, {size / machine['memory']:.3g} times the memory, {rate:,.0f} rows per second are "
            f"trained on; from an array of {other / GB:.3g} GB in memory, {in_memory:,.0f}: a ratio of {rate / in_memory:.3g}."
        )
    return written


def section(found: dict[str, Any]) -> str:
    """Return the part of docs/performance.md that follows from the measurements."""
    measured = "\n".join(f"* {sentence}" for sentence in sentences(found))
    return f"{BEGIN}{measured}\n{END}"


def write_page(page: Path, found: dict[str, Any]) -> None:
    """Replace the part of the page between the markers."""
    text = page.read_text(encoding="utf-8")
    new, count = re.subn(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: section(found), text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{page.name} has {count} parts between {BEGIN.strip()} and {END}; it needs exactly one.")
    page.write_text(new, encoding="utf-8")


def machine() -> dict[str, Any]:
    """Return what the figures name of the machine."""
    return {"processor": _processor(), "threads": MOST, "memory": memory_of_machine(), "numba": numba.__version__}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
        if named:
            return named[1]
    return platform.processor() or platform.machine()


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, metavar="PART", help="default: all parts")
    parser.add_argument("--draw", action="store_true", help="do not measure")
    parser.add_argument("--quick", action="store_true", help="small sizes; needs --out")
    parser.add_argument("--out", metavar="DIR", help="one folder for everything that is written, without the page")
    parser.add_argument("--folder", metavar="DIR", default=tempfile.gettempdir(), help="for the file of the memory map")
    parser.add_argument(
        "--times", metavar="T", type=float, default=1.25, help="size of the largest file, in memories of the machine"
    )
    given = parser.parse_args(arguments)
    if given.quick and not given.out:
        parser.error("small sizes are not for the page; add --out DIR")
    out = Path(given.out) if given.out else None
    path = (out or ROOT / "docs") / "scaling.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not given.draw:
        try:
            refuse_file_in_memory(given.folder)
        except ValueError as error:
            parser.error(str(error))
        found |= {"machine": machine(), "date": datetime.date.today().isoformat(), "load": load_warning()}
        measures = {
            "sizes": sizes,
            "threads": threads,
            "memory": lambda quick: memory(quick, given.folder, given.times),
        }
        for part in given.only:
            found[part] = measures[part](given.quick)
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    elif not found:
        parser.error(f"{path} is missing; measure first, without --draw")
    draw(found, out or ROOT / "figures")
    if out is None:
        write_page(ROOT / "docs" / "performance.md", found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
