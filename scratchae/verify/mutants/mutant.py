"""What a mutant is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scratchae.verify.claims import CLAIMS, Result, Subject, run_claim


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Parameters
    ----------
    name : str
        What is wrong.
    changes : tuple of (room, name, function)
        Which functions it replaces.
    killer : str
        The claim that must fail.
    """

    name: str
    changes: tuple[tuple[str, str, Any], ...]
    killer: str

    def subject(self) -> Subject:
        """scratchae with this mistake in it."""
        subject = Subject.genuine()
        for room, name, function in self.changes:
            subject = subject.with_changed(room, name, function)
        return subject


MUTANTS: list[Mutant] = []


def op_mutant(mistake: str, killer: str, **functions: Callable[..., Any]) -> None:
    """Add a mutant with other ops."""
    MUTANTS.append(Mutant(mistake, tuple(("ops", name, f) for name, f in functions.items()), killer))


def kernel_mutant(mistake: str, killer: str, **functions: Callable[..., Any]) -> None:
    """Add a mutant with other kernels."""
    MUTANTS.append(Mutant(mistake, tuple(("kernels", name, f) for name, f in functions.items()), killer))


def model_mutant(mistake: str, killer: str, **models: type) -> None:
    """Add a mutant with other model classes."""
    MUTANTS.append(Mutant(mistake, tuple(("models", name, model) for name, model in models.items()), killer))


def run_mutants() -> Iterator[tuple[Mutant, Result]]:
    """Run each mutant's killer on it; a result that passed is a mutant that lives.

    Yields
    ------
    mutant : Mutant
    result : Result
    """
    for mutant in MUTANTS:
        yield mutant, run_claim(CLAIMS[mutant.killer], mutant.subject())
