"""Every claim about the mathematics and about the code that runs, with the means to find out that it is false."""

from scratchae.verify import (  # noqa: F401 - each registers its claims
    autoencoder,
    classic_models,
    classic_values,
    gradients,
    likelihood_values,
    linear_gaussian,
    options,
    purity,
    stacks,
    trainings,
    twins,
    values,
    variational_models,
    variational_values,
)
from scratchae.verify.claims import CLAIMS, Claim, Result, Subject, claim, claim_names, run_claim, run_claims, select
from scratchae.verify.derivatives import central_differences, complex_step, entrywise_error, relative_error
from scratchae.verify.running import run_apart

__all__ = [
    "CLAIMS",
    "Claim",
    "Result",
    "Subject",
    "central_differences",
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
