"""All mutants that are written by hand, from every file of this folder: one for each room of scratchae, or for a model."""

from __future__ import annotations

import importlib
import pkgutil

from mutants.mutant import Mutant

MUTANTS: list[Mutant] = [
    mutant
    for file in pkgutil.iter_modules(__path__)
    for mutant in importlib.import_module(f"{__name__}.{file.name}").MUTANTS
]
