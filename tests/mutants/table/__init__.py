"""All mutants that are written by hand, from one file for each room of scratchae."""

from __future__ import annotations

from mutants.mutant import Mutant
from mutants.table import data, explore, kernels, models, nets, ops, studies, training

MUTANTS: list[Mutant] = [
    *ops.MUTANTS,
    *kernels.MUTANTS,
    *nets.MUTANTS,
    *models.MUTANTS,
    *training.MUTANTS,
    *data.MUTANTS,
    *studies.MUTANTS,
    *explore.MUTANTS,
]
