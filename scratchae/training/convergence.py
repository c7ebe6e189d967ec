"""Whether a training ended too early: a rule on the history of the loss alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEW_STEPS = 250  # fewer are always too few
FEW_ITERATIONS = 20  # the same for L-BFGS
STILL_FALLING = 0.08  # decrease from the third to the last quarter of the epochs, as a share of the whole decrease
NOISE = 3.0  # standard errors that this decrease must exceed


def falling_share(losses: Sequence[float]) -> float:
    """Return the decrease of the mean loss from the third to the last quarter of the epochs, as a share of the whole decrease.

    The figures were measured on iris, breast_cancer, diabetes and digits with seven models, in runs of 100 to 20,000 steps that were compared with
    the longest (docs/defaults.py). Where a run ended with more than a fifth of the decrease ahead of it, the share was 0.09 to 0.25; after
    the 5,000 steps of the defaults it was at most 0.06. Runs of fewer than 250 steps often have too few epochs to judge, and had on average
    half of the decrease ahead of them.

    Parameters
    ----------
    losses : sequence of float
        The loss of each epoch.

    Returns
    -------
    share : float
        From 0 to 1; 0 if the loss did not fall, if its decrease is within its noise (`NOISE` standard errors of the mean of a quarter, from
        the differences between successive epochs), or if there are fewer than 4 epochs.
    """
    quarter = len(losses) // 4
    if quarter == 0:
        return 0.0
    late = np.asarray(losses[-2 * quarter :], np.float64)
    third, last = late[:quarter].mean(), late[quarter:].mean()
    fall, whole = third - last, losses[0] - last
    noise = NOISE * np.diff(late).std() / np.sqrt(quarter)
    return float(fall / whole) if fall > noise and whole > 0 else 0.0


def early_end(losses: Sequence[float], steps: int, *, iterations: bool = False) -> str:
    """Return in words why a training ended too early, as the end of a sentence; an empty string if it did not.

    Parameters
    ----------
    losses : sequence of float
        The loss of each epoch.
    steps : int
        Number of steps that were made.
    iterations : bool
        Whether the steps are iterations of L-BFGS.
    """
    word = "iteration" if iterations else "step"
    if steps < (FEW_ITERATIONS if iterations else FEW_STEPS):
        return f"after only {steps:,} {word}{'s' * (steps != 1)}"
    share = falling_share(losses)
    if share > STILL_FALLING:
        return f"after {steps:,} {word}s, while its loss was still falling (by {share:.0%} of its whole decrease in the last quarter)"
    return ""
