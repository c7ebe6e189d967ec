"""The registry of claims: statements about the mathematics and the code, each with a check that can refute it.

A claim is a function that takes a `Subject` (the functions under test) and a random generator, and returns an error; it holds when the error
is at least 0 and at most the tolerance. A claim that this machine cannot compute raises `Skipped` with the reason. There are three levels
(docs/derivations/gradient_checking.md): "gradient" against numeric derivatives, "value" against an independent definition, and "meaning",
the purpose of the operation. "twin" compares a kernel with its op.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae.errors import ConvergenceWarning, nearest

SEED = 20240229


@dataclass(frozen=True)
class Subject:
    """The functions under test. A mutant is a subject with one wrong function.

    Parameters
    ----------
    ops, kernels : namespace
        The ops by name, and their twins.
    models : namespace
        The model classes by name.
    baselines : namespace
        The baselines by name.
    """

    ops: SimpleNamespace
    kernels: SimpleNamespace
    models: SimpleNamespace
    baselines: SimpleNamespace

    @classmethod
    def genuine(cls) -> Subject:
        """Return the unmodified functions of scratchae."""
        from scratchae import baselines, kernels, models, ops

        rooms = (ops, kernels, models, baselines)
        return cls(*(SimpleNamespace(**{name: getattr(room, name) for name in room.__all__}) for room in rooms))

    def with_changed(self, room: str, name: str, function: Any) -> Subject:
        """Return a copy with one function replaced."""
        spaces = {field: SimpleNamespace(**vars(space)) for field, space in vars(self).items()}
        if not hasattr(spaces[room], name):
            raise AttributeError(f"{room} has no {name!r}{nearest(name, vars(spaces[room]))}")
        setattr(spaces[room], name, function)
        return Subject(**spaces)


@dataclass(frozen=True)
class Claim:
    """One claim.

    Parameters
    ----------
    name : str
    op : str
        The op or model that the claim is about.
    equation : str
        Labels in docs/derivations, or "".
    level : {"gradient", "value", "meaning", "twin"}
    method : str
        Description of the check.
    tolerance : float
    measure : callable
        Returns the largest error for a Subject and a Generator.
    deep : bool
        Whether the check is slow and runs only with `scratchae check --deep`.
    """

    name: str
    op: str
    equation: str
    level: str
    method: str
    tolerance: float
    measure: Callable[[Subject, np.random.Generator], float]
    deep: bool = False


class Skipped(Exception):  # noqa: N818 - not an error
    """Raised by a claim that cannot be computed completely on this machine.

    Parameters
    ----------
    reason : str
        What is missing.
    error : float
        The error of the part that was computed; if it exceeds the tolerance, the claim has failed.
    """

    def __init__(self, reason: str, error: float = 0.0) -> None:
        super().__init__(reason)
        self.error = error


@dataclass(frozen=True)
class Result:
    """The result of a claim: it holds (`passed`), is `skipped`, or has `failed`.

    If the error could not be computed, `error` is infinite and `trouble` gives the reason; if the claim was skipped, `skipped` gives the reason.
    """

    claim: str
    op: str
    equation: str
    level: str
    method: str
    tolerance: float
    error: float
    passed: bool
    seconds: float
    trouble: str = ""
    skipped: str = ""

    @property
    def failed(self) -> bool:
        """True if the claim neither holds nor was skipped."""
        return not (self.passed or self.skipped)


CLAIMS: dict[str, Claim] = {}


@contextmanager
def lowered(module: Any, **thresholds: Any) -> Iterator[None]:
    """Set constants of a module within a `with` block, so that small data take the code path of large data.

    Constants of kernels are compiled in and cannot be lowered: their claims use arguments beyond the threshold.
    """
    before = {name: getattr(module, name) for name in thresholds}
    try:
        for name, value in thresholds.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def claim(
    name: str, *, op: str, level: str, method: str, tolerance: float, equation: str = "", deep: bool = False
) -> Callable[[Callable[[Subject, np.random.Generator], float]], Callable[[Subject, np.random.Generator], float]]:
    """Register the decorated function as a claim.

    Raises
    ------
    ValueError
        If a claim of that name already exists.
    """

    def register(
        measure: Callable[[Subject, np.random.Generator], float],
    ) -> Callable[[Subject, np.random.Generator], float]:
        if name in CLAIMS:
            raise ValueError(f"There are two claims named {name!r}.")
        CLAIMS[name] = Claim(name, op, equation, level, method, tolerance, measure, deep)
        return measure

    return register


def worst(errors: Iterable[float], enough: float) -> float:
    """Return the largest of the errors; stop at the first that exceeds the tolerance `enough`.

    A negative error or NaN counts as infinite.

    Raises
    ------
    ValueError
        If there are no errors: nothing was compared.
    """
    largest = -1.0
    for error in errors:
        largest = max(largest, error) if 0 <= error < np.inf else np.inf
        if largest > enough:
            break
    if largest < 0:
        raise ValueError("There is nothing to compare: the list of cases is empty.")
    return largest


def claim_names() -> list[str]:
    """Return the names accepted by `run_claims`: those of claims, and of their ops and models."""
    return sorted(set(CLAIMS) | {c.op for c in CLAIMS.values()} | {c.level for c in CLAIMS.values()})


def select(names: list[str] | None, *, deep: bool = False) -> list[Claim]:
    """Return the claims with these names, ops or levels; all if None.

    Parameters
    ----------
    names : list of str, optional
    deep : bool
        Whether to include slow claims; a claim given by its own name is always included.

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    for name in names or []:
        if name not in claim_names():
            raise ValueError(
                f"There is no claim or op {name!r}{nearest(name, claim_names())}; `scratchae check` lists all."
            )
    chosen = [c for c in CLAIMS.values() if not names or {c.name, c.op, c.level} & set(names)]
    return [c for c in chosen if deep or not c.deep or c.name in (names or [])]


def run_claim(claim: Claim, subject: Subject) -> Result:
    """Check one claim. Any error or warning makes it fail, except `Skipped` and warnings about a short training."""
    start, trouble, skipped = time.perf_counter(), "", ""
    try:
        with warnings.catch_warnings(), np.errstate(over="warn", divide="warn", invalid="warn"):
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ConvergenceWarning)  # claims train briefly on purpose
            error = float(claim.measure(subject, np.random.default_rng(SEED)))
    except Skipped as part:
        error, skipped = float(part.error), str(part)
    except Exception as problem:
        error, trouble = np.inf, f"{type(problem).__name__}: {problem}"
    within = bool(0 <= error <= claim.tolerance)  # False for NaN
    seconds = time.perf_counter() - start
    return Result(
        claim.name,
        claim.op,
        claim.equation,
        claim.level,
        claim.method,
        claim.tolerance,
        error,
        within and not skipped,
        seconds,
        trouble,
        skipped if within else "",
    )


def failure(claim: Claim, trouble: str, seconds: float) -> Result:
    """Return the result of a claim that could not be checked, with the reason."""
    c = claim
    return Result(c.name, c.op, c.equation, c.level, c.method, c.tolerance, np.inf, False, seconds, trouble)


def run_claims(
    names: list[str] | None = None, subject: Subject | None = None, *, deep: bool = False
) -> Iterator[Result]:
    """Check claims one after another in this process; `running.run_apart` uses separate processes.

    Parameters
    ----------
    names : list of str, optional
        Names of claims, ops or levels; all if None.
    subject : Subject, optional
        The functions under test; by default, those of scratchae.
    deep : bool
        Whether to include slow claims.

    Yields
    ------
    result : Result

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    chosen, subject = select(names, deep=deep), subject or Subject.genuine()
    for c in chosen:
        yield run_claim(c, subject)
