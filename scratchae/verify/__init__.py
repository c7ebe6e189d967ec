"""Verification: every claim about the mathematics and the code, each with a check that can refute it."""

import importlib
import pkgutil

from scratchae.verify.claims import (
    CLAIMS,
    Claim,
    Result,
    Skipped,
    Subject,
    claim,
    claim_names,
    run_claim,
    run_claims,
    select,
)
from scratchae.verify.derivatives import central_differences, complex_step, entrywise_error, relative_error
from scratchae.verify.own_models import ModelCheck, check_model
from scratchae.verify.running import run_apart

__all__ = [
    "CLAIMS",
    "Claim",
    "ModelCheck",
    "Result",
    "Skipped",
    "Subject",
    "central_differences",
    "check_model",
    "claim",
    "claim_names",
    "complex_step",
    "entrywise_error",
    "relative_error",
    "run_apart",
    "run_claim",
    "run_claims",
    "select",
]

# Each module of this package registers its claims when it is imported.
for _file in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_file.name}")
