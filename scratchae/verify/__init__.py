"""Every claim about the mathematics and about the code that runs, with the means to find out that it is false."""

from scratchae.verify import (  # noqa: F401 - each registers its claims
    autoencoder,
    boundaries,
    classic_models,
    classic_values,
    closed_forms,
    data_sets,
    ends,
    extremes,
    generated,
    gradients,
    inaccessible,
    initialisation,
    likelihood_values,
    linear_gaussian,
    not_a_number,
    number_of_threads,
    options,
    purity,
    reported,
    reported_bounds,
    stacks,
    stored,
    studied,
    thresholds,
    trainings,
    twins,
    values,
    variational_models,
    variational_values,
    whole_steps,
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
