"""Peak memory of fits and of inference on an array that is mapped from a file, each measured in a process of its own.

    python tests/helpers/memory_of_fits.py                      # a table of all cases
    python tests/helpers/memory_of_fits.py Variational --only   # those whose name contains the text

The file is sparse: it takes no space on the disk. Memory is what the process allocates (RssAnon of /proc, sampled by another process), without
the pages of the file, which the system may drop at any time; measured from a process in which the same model was fitted to a few rows.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MB = 1e6
SIZE = 400 * MB  # of the file; a copy of it is well above what is allowed
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
    """

    model: str
    options: dict[str, Any] = field(default_factory=dict)
    features: int = 784
    fit: dict[str, Any] = field(default_factory=dict)
    method: str = ""
    copies: float = 0.0

    @property
    def name(self) -> str:
        given = {**self.options, **self.fit}
        words = [f"{key}={value!r}" for key, value in given.items()] + [self.method] * bool(self.method)
        return f"{self.model}, {self.features} features" + "".join(f", {word}" for word in words)

    @property
    def rows(self) -> int:
        return int(SIZE) // (4 * self.features)


@dataclass(frozen=True)
class Measured:
    """Peak memory of a case in bytes, above its start, and the number of bytes allowed."""

    peak: float
    allowed: float


SMALL = {"epochs": 1, "random_state": 0, "batch_size": 2048}


def measure(case: Case) -> Measured:
    """Run a case in a process of its own, and sample its memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.f4"
        with open(path, "wb") as file:
            file.truncate(case.rows * case.features * 4)
        command = [sys.executable, __file__, "--child", json.dumps(asdict(case)), str(path)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert child.stdin is not None and child.stdout is not None
        ready = child.stdout.readline()
        if not ready.startswith("ready"):
            raise RuntimeError(f"{case.name}: the process ended with status {child.wait()}.")
        start = peak = anonymous(child.pid)
        child.stdin.write("\n")
        child.stdin.flush()
        done = threading.Event()
        answer: list[str] = []

        def wait() -> None:
            answer.append(child.stdout.readline())  # type: ignore[union-attr]
            done.set()

        threading.Thread(target=wait, daemon=True).start()
        while not done.is_set():
            peak = max(peak, anonymous(child.pid))
            time.sleep(0.0005)
        child.stdin.write("\n")
        child.stdin.close()
        if child.wait() or not answer[0].startswith("done"):
            raise RuntimeError(f"{case.name}: the process failed.")
        parameters, output = map(float, answer[0].split()[1:])
    allowed = ALLOWED + 6 * parameters + output + 8 * case.rows * (not case.method) + case.copies * SIZE
    return Measured(peak - start, allowed)


def anonymous(process: int) -> float:
    """Return the resident memory of a process that belongs to no file, in bytes."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("RssAnon"):
                return 1024 * float(line.split()[1])
    return 0.0


def run_child(case: Case, path: str) -> None:
    """Fit to a few rows; then, after a line from the parent, do what is measured."""
    import warnings

    import numpy as np

    import scratchae as sae

    warnings.simplefilter("ignore")
    x = np.memmap(path, np.float32, mode="r", shape=(case.rows, case.features))
    few, fit = np.random.default_rng(0).random((3000, case.features), dtype=np.float32), dict(case.fit)
    labelled = case.model in ("StackedClassifier", "ConditionalVariationalAutoencoder")
    with sae.use_backend(fit.pop("backend", "numba")), tempfile.TemporaryDirectory() as folder:

        def arguments(rows: Any, name: str) -> tuple[list[Any], dict[str, Any]]:
            given = [rows, (np.arange(len(rows)) % 2).astype(np.int8)][: 1 + labelled]
            options: dict[str, Any] = {}
            if fit.get("validation"):
                options["validation_data"] = tuple(given) if labelled else rows
            if fit.get("checkpoint"):
                options["checkpoint"] = os.path.join(folder, name)
            return given, options

        model = getattr(sae, case.model)(**{**SMALL, **case.options})
        given, options = arguments(few, "few.npz")
        model.fit(*given, **options)
        given, options = arguments(x, "all.npz")
        if case.method:
            getattr(model, case.method)(*arguments(few, "")[0])
        ctypes.CDLL(None).malloc_trim(0)
        print("ready", flush=True)
        sys.stdin.readline()
        if case.method:
            if case.method == "decode":
                given[0] = given[0][:, : model.encode(*arguments(few[:1], "")[0]).shape[1]]
            result = getattr(model, case.method)(*given)
            output = getattr(result, "nbytes", 0)
        else:
            model.fit(*given, **options)
            output = 0
        print("done", model.parameters_.flat.nbytes, output, flush=True)
        sys.stdin.readline()


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
    ("WassersteinAutoencoder", _SIZES),
    ("StackedClassifier", {"hidden_sizes": (16,)}),
]
_VARIATIONAL = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")


def cases() -> Iterator[Case]:
    """Yield all cases."""
    for features in (WIDE, NARROW):
        for model, options in _CHAINS:
            yield Case(model, options, features)
        for model in _VARIATIONAL:
            for more in ({}, {"likelihood": "gaussian"}, {"likelihood": "gaussian", "variance": "learned"}):
                yield Case(model, {**_SIZES, **more}, features)
            yield Case(model, {**_SIZES, "binarize": "dynamic"}, features)
            yield Case(model, {**_SIZES, "n_samples": 5}, features)
            for way in ("static", "threshold"):
                yield Case(model, {**_SIZES, "binarize": way}, features, copies=1)
        yield Case("VariationalAutoencoder", {**_SIZES, "free_bits": 0.1}, features)
        yield Case("VariationalAutoencoder", {**_SIZES, "kl": "sampled", "warm_up": 1}, features)
        for base in ("basic", "denoising", "sparse", "contractive"):
            yield Case("StackedAutoencoder", {**_STACK, "base": base}, features, copies=(4 + 3) / features)
        for model, options in _CHAINS:
            if model != "WassersteinAutoencoder" or features == WIDE:
                yield Case(model, options, features, {"validation": True})
        for model in _VARIATIONAL:
            yield Case(model, {**_SIZES, "n_samples": 2}, features, {"validation": True})
            yield Case(model, {**_SIZES, "binarize": "dynamic"}, features, {"validation": True})
        yield Case("VariationalAutoencoder", {**_SIZES, "free_bits": 0.1}, features, {"validation": True})
        for model, options in (_CHAINS[0], _CHAINS[2], ("VariationalAutoencoder", _SIZES)):
            yield Case(model, options, features, {"checkpoint": True, "backend": "numpy"})
        lbfgs = {"optimizer": "lbfgs"}
        for model, options in (_CHAINS[0], _CHAINS[5], _CHAINS[6], _CHAINS[8]):
            yield Case(model, {**options, **lbfgs}, features)
        for model, options in [
            *_CHAINS[:8],
            *((model, _SIZES) for model in _VARIATIONAL),
            ("StackedAutoencoder", _STACK),
        ]:
            for method in ("encode", "score", "reconstruct") + ("decode",) * (not model.startswith("Conditional")):
                yield Case(model, options, features, method=method)
        for method in ("predict", "predict_proba", "encode"):
            yield Case("StackedClassifier", {"hidden_sizes": (16,)}, features, method=method)


def main() -> int:
    """Print a table of the chosen cases; return 1 if one is above what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("text", nargs="*", help="only cases whose names contain all of these texts")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_child(Case(**json.loads(options.child[0])), options.child[1])
        return 0
    failed = 0
    for case in cases():
        if all(text in case.name for text in options.text):
            found = measure(case)
            above = found.peak > found.allowed
            failed |= above
            print(
                f"{found.peak / MB:7.0f} MB of {found.allowed / MB:5.0f}{' ABOVE' if above else '      '} {case.name}",
                flush=True,
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
