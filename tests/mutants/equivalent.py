"""Changes made by rule that change nothing anybody could see, and why: they are counted apart."""

from __future__ import annotations

from mutants.mutant import Mutant

EQUIVALENT: list[Mutant] = [
    Mutant(
        "kernels/variational_steps.py",
        "    zero = eps[0] - eps[0]",
        "    zero = -(eps[0] - eps[0])",
        "a zero of the type of the numbers, to which others are added: -0 does the same",
    ),
]
