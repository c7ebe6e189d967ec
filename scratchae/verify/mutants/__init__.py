"""Mutants: scratchae with one classic mistake in it. Each must be found out by a named claim.

Several are taken from well-read code that passes a gradient check: there the wrong function is differentiated correctly, and only a claim about
the value or the meaning can tell.
"""

from scratchae.verify.mutants import (  # noqa: F401 - each adds its mutants
    basic_models,
    basic_ops,
    classic_models,
    classic_ops,
    variational_models,
    variational_ops,
)
from scratchae.verify.mutants.mutant import MUTANTS, Mutant, run_mutants

__all__ = ["MUTANTS", "Mutant", "run_mutants"]
