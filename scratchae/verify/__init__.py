"""Every claim about the mathematics, with the means to find out that it is false; and the mutants, which must be found out."""

from scratchae.verify import (  # noqa: F401 - each registers its claims
    autoencoder,
    classic_models,
    classic_values,
    gradients,
    likelihood_values,
    linear_gaussian,
    purity,
    stacks,
    twins,
    values,
    variational_models,
    variational_values,
)
from scratchae.verify.claims import CLAIMS, Claim, Result, Subject, claim, claim_names, run_claim, run_claims
from scratchae.verify.derivatives import central_differences, complex_step, relative_error
from scratchae.verify.mutants import MUTANTS, Mutant, run_mutants

__all__ = [
    "CLAIMS",
    "MUTANTS",
    "Claim",
    "Mutant",
    "Result",
    "Subject",
    "central_differences",
    "claim",
    "claim_names",
    "complex_step",
    "relative_error",
    "run_claim",
    "run_claims",
    "run_mutants",
]
