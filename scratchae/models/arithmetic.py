"""Arithmetic of a model's methods, which does not depend on the user's settings for overflow and underflow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

# They define a model and are written like its derivation. Whoever calls them directly, like the ops, has errors reported as in own formulas.
DEFINITIONS = {"networks", "objective", "draw_noise", "metrics"}


def quiet(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that computes the same under any `numpy.errstate` and `numpy.seterr` of the user.

    exp(-100) is 0 in float32, as it has to be; under ``numpy.errstate(all="raise")`` it would be an error. Numbers that are not finite are
    found by the checks of data and loss.
    """

    @functools.wraps(method)
    def quiet_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            return method(self, *args, **kwargs)

    return quiet_method


def make_methods_quiet(kind: type) -> None:
    """Make the public methods of a class of this package `quiet`, those that define the model excepted."""
    if kind.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return  # a model of the user's own: its methods follow the user's settings, but for the library's that they call
    for name, value in list(vars(kind).items()):
        if callable(value) and not isinstance(value, type) and not name.startswith("_") and name not in DEFINITIONS:
            setattr(kind, name, quiet(value))
