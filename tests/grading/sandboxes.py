"""Helpers for tests with sandboxes: available levels, and small calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchae.grading.records import Answer, Call, Isolation, Limits
from scratchae.grading.sandbox.isolation import why_not
from scratchae.grading.sandbox.parent import Sandbox

LEVELS = tuple(Isolation)
SMALL = Limits(seconds=40.0, cpu_seconds=2, memory=512 << 20, processes=8, temporary=4 << 20)
ARRAY = (("y", (2, 3), "float64"),)
X = np.arange(6.0).reshape(2, 3)


def need(level: Isolation) -> Isolation:
    """Skip the test if the level is not available on this machine."""
    if reason := why_not(level):
        pytest.skip(f"no {level.name.lower()} here: {reason}")
    return level


def ask(runner: Sandbox, function: str, outputs: Any = ARRAY, **arguments: Any) -> Answer:
    """Make one call in a separate process."""
    return runner.run([Call(function, arguments or {"x": X}, outputs)])[0]
