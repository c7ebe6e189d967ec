"""The contestants by name, the libraries they need, and the cases they can run. A library is imported only in the process of a contestant."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from scratchae.benchmarks.cases import KINDS, Workload
from scratchae.benchmarks.own import OwnCodes, OwnFits
from scratchae.benchmarks.reference import Reference

OURS = "scratchae"
TRAINED = tuple(kind for kind in KINDS if kind != "encode")
LIBRARIES = {"torch": "PyTorch", "jax": "JAX", "sklearn": "scikit-learn"}


class Prepared(Protocol):
    """A contestant in its process, ready to be measured.

    Attributes
    ----------
    results : list of float
        Its losses with the reference run's parameters, batches and noise, or its codes, see `Reference.expected`.
    """

    results: list[float]

    def measure(self) -> float:
        """Run for about the time of a turn; return the rate."""


@dataclass(frozen=True)
class Contestant:
    """A row of the table of contestants.

    Attributes
    ----------
    make : callable
        Makes the `Prepared` from a case, its reference run, and the seconds of a turn.
    library : str
        The module that has to be installed; empty for scratchae itself.
    kinds : collection of str
        Kinds of cases that it can run.
    variant : str
        Its reference run, see `reference.VARIANTS`.
    other_task : bool
        Whether it trains another loss than that of the case, so that it cannot be the best peer.
    """

    make: Callable[[Workload, Reference, float], Prepared]
    library: str = ""
    kinds: Collection[str] = tuple(KINDS)
    variant: str = "case"
    other_task: bool = False

    @property
    def is_installed(self) -> bool:
        return not self.library or importlib.util.find_spec(self.library) is not None


def _own(backend: str) -> Contestant:
    return Contestant(
        lambda case, reference, seconds: (OwnCodes if case.trains_nothing else OwnFits)(case, backend, seconds)
    )


def _peer(file: str, mode: str, library: str, kinds: Collection[str] = tuple(KINDS)) -> Contestant:
    return Contestant(lambda *given: _made_in(file, *given, mode), library, kinds)


def _perceptron(name: str, kind: str, *, other_task: bool = False) -> Contestant:
    return Contestant(lambda *given: _made_in("sklearn_fits", *given), "sklearn", (kind,), name, other_task)


def _made_in(file: str, *given: Any) -> Any:
    return importlib.import_module(f"scratchae.benchmarks.{file}").contestant(*given)


CONTESTANTS: dict[str, Contestant] = {
    OURS: _own("numba"),
    "scratchae, NumPy": _own("numpy"),
    "PyTorch eager": _peer("torch_steps", "eager", "torch"),
    "PyTorch fused": _peer("torch_steps", "fused", "torch", TRAINED),  # the optimiser
    "PyTorch compiled": _peer("torch_steps", "compiled", "torch"),
    "JAX step": _peer("jax_steps", "step", "jax"),
    "JAX scan": _peer("jax_steps", "scan", "jax"),
    "MLPRegressor": _perceptron("MLPRegressor", "autoencoder", other_task=True),
    "MLPClassifier": _perceptron("MLPClassifier", "classifier"),
}


def entrants(case: Workload) -> list[str]:
    """Return the names of the contestants that are installed and can run a case."""
    return [name for name, row in CONTESTANTS.items() if row.is_installed and case.kind in row.kinds]


def missing_libraries() -> list[str]:
    """Return the names of the libraries that are not installed."""
    absent = {row.library for row in CONTESTANTS.values() if not row.is_installed}
    return [name for module, name in LIBRARIES.items() if module in absent]
