"""Peak memory of fits and of inference on an array that is mapped from a file, measured from another process.

    python tests/helpers/memory_of_fits.py                        # a table of all cases
    python tests/helpers/memory_of_fits.py Variational gaussian   # those whose names contain both

The file is sparse: it takes no space on the disk. Memory is what the process allocates (RssAnon of /proc, sampled by another process), without
the pages of the file, which the system may drop at any time, above that of the process after a fit of the same model to a few rows.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MB = 1e6
SIZE = 240 * MB  # of the file; a copy of it is well above what is allowed
ALLOWED = 100 * MB


@dataclass(frozen=True)
class Case:
    """A fit, or a method of a fitted model, on mapped rows.

    Attributes
    ----------
    model : str
    options : dict
        Of the constructor.
    features : int
    fit : dict
        "validation": whether the rows are the validation data, too; "checkpoint", "labels", "backend".
    method : str
        Of a model that was fitted to a few rows; "" for a fit.
    copies : float
        Copies of the data that the docstring admits, in multiples of the file.
    size : float
        Bytes of the file.
    """

    model: str
    options: dict[str, Any] = field(default_factory=dict)
    features: int = 784
    fit: dict[str, Any] = field(default_factory=dict)
    method: str = ""
    copies: float = 0.0
    size: float = SIZE

    @property
    def name(self) -> str:
        given = {**self.options, **self.fit}
        words = [f"{key}={value!r}" for key, value in given.items()] + [self.method] * bool(self.method)
        return f"{self.model}, {self.features} features" + "".join(f", {word}" for word in words)

    @property
    def rows(self) -> int:
        return int(self.size) // (4 * self.features)


@dataclass(frozen=True)
class Measured:
    """Peak memory of a case in bytes, above its start, and the number of bytes allowed."""

    peak: float
    allowed: float


SMALL = {"epochs": 1, "random_state": 0, "batch_size": 512}


class Worker:
    """A process that runs cases, and whose memory is sampled meanwhile."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--child"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def measure(self, case: Case) -> Measured:
        """Run a case, and return the peak of the memory above that before it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.f4"
            with open(path, "wb") as file:
                file.truncate(case.rows * case.features * 4)
            self._answer(json.dumps([asdict(case), str(path)]))
            start = peak = anonymous(self._process.pid)
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(self._answer, "go")
                while not answer.done():
                    peak = max(peak, anonymous(self._process.pid))
                    time.sleep(0.0005)
            parameters, output = map(float, answer.result().split())
        # The order of the rows in an epoch, and the labels as numbers.
        rows = 8 * case.rows * ((not case.method) + case.model.startswith(("StackedClassifier", "Conditional")))
        return Measured(peak - start, ALLOWED + 6 * parameters + output + rows + case.copies * case.size)

    def _answer(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process ended with status {self._process.wait()}.")
        return answer


def anonymous(process: int) -> float:
    """Return the resident memory of a process that belongs to no file, in bytes."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("RssAnon"):
                return 1024 * float(line.split()[1])
    return 0.0


def serve() -> None:
    """Run the cases that standard input names: fit to a few rows; then, after another line, do what is measured."""
    import warnings

    warnings.simplefilter("ignore")
    for line in sys.stdin:
        case, path = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            _run(Case(**case), path, folder)


def _run(case: Case, path: str, folder: str) -> None:
    import numpy as np

    import scratchae as sae

    x = np.memmap(path, np.float32, mode="r", shape=(case.rows, case.features))
    few = np.random.default_rng(0).random((3000, case.features), dtype=np.float32)
    labelled = case.model.startswith("Conditional") or (case.model == "StackedClassifier" and not case.method)

    def arguments(rows: Any, name: str) -> tuple[list[Any], dict[str, Any]]:
        given = [rows, np.arange(2).repeat([1, len(rows) - 1])][: 1 + labelled]
        options: dict[str, Any] = {}
        if case.fit.get("validation"):
            options["validation_data"] = tuple(given) if labelled else rows
        if case.fit.get("checkpoint"):
            options["checkpoint"] = os.path.join(folder, name)
        return given, options

    with sae.use_backend(case.fit.get("backend", "numba")):
        model = getattr(sae, case.model)(**{**SMALL, **case.options})
        given, options = arguments(few, "few.npz")
        model.fit(*(given if labelled else [few, np.arange(len(few)) % 2]), **options)
        if case.method:
            use = getattr(model, case.method)
            if case.method == "decode":
                codes = model.encode(few[:1]).shape[1]
                few, x = few[:, :codes], x[:, :codes]
            use(*arguments(few, "")[0])
        given, options = arguments(x, "all.npz")
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        print("ready", flush=True)
        sys.stdin.readline()
        output = getattr(use(*given), "nbytes", 0) if case.method else 0 * bool(model.fit(*given, **options))
    print(model.parameters_.flat.nbytes, output, flush=True)


# Models and options. Every model is measured with all options that have a path of their own through the data.

WIDE, NARROW = 784, 16
_SIZES = {"hidden_sizes": (16,), "latent_dim": 4}
_CODE = {"hidden_sizes": (), "latent_dim": 16}
_STACK = {"hidden_sizes": (4, 3), "pretrain_epochs": 1}
_CHAINS: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", _SIZES),
    ("Autoencoder", {**_SIZES, "likelihood": "gaussian", "output_activation": "tanh", "tied_weights": True}),
    ("DenoisingAutoencoder", _SIZES),
    ("DenoisingAutoencoder", {**_SIZES, "corruption": "gaussian", "likelihood": "gaussian"}),
    ("SparseAutoencoder", _CODE),
    ("KSparseAutoencoder", {**_CODE, "k": 3}),
    ("ContractiveAutoencoder", {**_CODE, "activation": "sigmoid"}),
    ("WassersteinAutoencoder", {**_SIZES, "batch_size": 128}),
    ("StackedClassifier", {"hidden_sizes": (16,)}),
]
_VARIATIONAL = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")


def cases() -> Iterator[Case]:
    """Yield all cases."""
    yield from _fits(WIDE)
    yield from _methods(WIDE)
    yield from _fits(NARROW)
    yield from _methods(NARROW)
    large = {
        "hidden_sizes": (4000,),
        "epochs": 2,
        "batch_size": 128,
    }  # the parameters of two epochs are kept for a moment
    for model in ("Autoencoder", "VariationalAutoencoder"):
        for backend in ("numba", "numpy"):
            yield Case(model, large, WIDE, {"backend": backend}, size=4 * MB)
    yield Case("Autoencoder", {**large, "optimizer": "sgd"}, WIDE, size=4 * MB)
    yield Case("Autoencoder", {"hidden_sizes": (20_000,), "batch_size": 64}, 4, {"validation": True}, size=0.2 * MB)
    yield Case("Autoencoder", {**_SIZES, "batch_size": 64}, 20_000, {"validation": True}, size=SIZE / 2)


def _fits(features: int) -> Iterator[Case]:
    for model, options in _CHAINS:
        yield Case(model, options, features)
        if model != "WassersteinAutoencoder":  # whose time grows with the square of the validation rows
            yield Case(model, options, features, {"validation": True})
    for model in _VARIATIONAL:
        for more in ({}, {"likelihood": "gaussian", "variance": "learned"}, {"binarize": "dynamic"}, {"n_samples": 5}):
            yield Case(model, {**_SIZES, **more}, features)
            yield Case(model, {**_SIZES, **more}, features, {"validation": True})
        for way in ("static", "threshold"):
            yield Case(model, {**_SIZES, "binarize": way}, features, copies=1)
    for more in ({"free_bits": 0.1}, {"kl": "sampled", "warm_up": 1}, {"likelihood": "gaussian"}):
        yield Case("VariationalAutoencoder", {**_SIZES, **more}, features)
    for base in ("basic", "denoising", "sparse", "contractive"):
        yield Case("StackedAutoencoder", {**_STACK, "base": base}, features, copies=(4 + 3) / features)
    for model, options in (_CHAINS[0], _CHAINS[2], ("VariationalAutoencoder", _SIZES)):
        yield Case(model, options, features, {"checkpoint": True, "backend": "numpy"})
    for model, options in (_CHAINS[0], _CHAINS[5], _CHAINS[6], _CHAINS[8]):
        yield Case(model, {**options, "optimizer": "lbfgs"}, features)


def _methods(features: int) -> Iterator[Case]:
    for model, options in [*_CHAINS[::2], *((model, _SIZES) for model in _VARIATIONAL)]:
        if model == "StackedClassifier":
            for method in ("predict", "predict_proba", "encode"):
                yield Case(model, options, features, method=method)
            continue
        for method in ("encode", "score", "reconstruct"):
            yield Case(model, options, features, method=method)
    yield Case("VariationalAutoencoder", {**_SIZES, "binarize": "dynamic"}, features, method="score")
    yield Case("Autoencoder", _CODE, features, method="decode")


def main() -> int:
    """Print a table of the chosen cases; return 1 if one is above what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("text", nargs="*", help="only cases whose names contain all of these texts")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        serve()
        return 0
    failed = False
    with Worker() as worker:
        for case in cases():
            if all(text in case.name for text in options.text):
                found = worker.measure(case)
                above = found.peak > found.allowed
                failed |= above
                sizes = f"{found.peak / MB:7.0f} MB of {found.allowed / MB:5.0f}"
                print(f"{sizes}{' ABOVE' if above else '      '} {case.name}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
