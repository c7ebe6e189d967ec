"""Options as JSON can hold them."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list, range, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, Real) and not isinstance(value, (bool, int, float)):
        return float(value)
    return value


def as_tuple(value: Any) -> Any:
    """A list, which is what JSON makes of a tuple, as a tuple again; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value
