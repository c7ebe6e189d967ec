"""The end of a training that came too early: a rule on the history of the loss alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEW_STEPS = 200  # fewer are always too few
FEW_ITERATIONS = 20  # the same for L-BFGS
STILL_FALLING = 0.1  # decrease from the third to the last quarter of the epochs, as a share of the whole decrease
NEARLY_STRAIGHT = 0.2  # the same for epochs="auto"; a loss that falls on a straight line has 0.29
NOISE = 3.0  # standard errors that this decrease must exceed


def falling_share(losses: Sequence[float]) -> float:
    """Return the decrease of the mean loss from the third to the last quarter of the epochs, as a share of the whole decrease.

    The limits were found on iris, breast_cancer, diabetes and digits, with five models and runs of 250 to 5,000 steps, each compared with one of
    10,000 steps (docs/which-model.md, by docs/defaults.py). A share above 0.1 had 77 % of the runs with more than two fifths of the decrease
    ahead, and 3 % of those with less than a tenth. Runs of fewer than 200 steps often have too few epochs to judge.

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


def early_end(losses: Sequence[float], steps: int, *, iterations: bool = False, auto: bool = False) -> str:
    """Return in words why a training ended too early, as the end of a sentence; an empty string if it did not.

    Parameters
    ----------
    losses : sequence of float
        The loss of each epoch.
    steps : int
        Number of steps that were made.
    iterations : bool
        Whether the steps are iterations of L-BFGS.
    auto : bool
        Whether the number of epochs was chosen by rule. It is large enough for most losses to settle; only a nearly straight fall is then
        worth a warning. (The loss of a variational model with a learned variance and a large code has no minimum and falls for ever.)
    """
    word = "iteration" if iterations else "step"
    if steps < (FEW_ITERATIONS if iterations else FEW_STEPS):
        return f"after only {steps:,} {word}{'s' * (steps != 1)}"
    share = falling_share(losses)
    if share > (NEARLY_STRAIGHT if auto else STILL_FALLING):
        return f"after {steps:,} {word}s, while its loss was still falling (by {share:.0%} of its whole decrease in the last quarter)"
    return ""
