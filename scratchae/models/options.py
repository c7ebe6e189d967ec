"""Options as JSON-serialisable values."""

from __future__ import annotations

from numbers import Real

import numpy as np


def plain(value: object) -> object:
    """Return the value in JSON-serialisable form."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list, range, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, Real) and not isinstance(value, (bool, int, float)):
        return float(value)
    return value


def as_tuple(value: object) -> object:
    """Convert a list (the JSON form of a tuple) back to a tuple; return other values unchanged."""
    return tuple(value) if isinstance(value, list) else value
