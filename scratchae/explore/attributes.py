"""Attributes: directions in the space of codes, with a name and a range, each of which becomes a slider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchae.explore.latent_space import REACH, LatentSpace
from scratchae.nets.network import Array


def attributes_of(given: Mapping[str, Any] | None, space: LatentSpace) -> list[dict[str, Any]]:
    """Name, direction, low and high end of each attribute, as JSON can hold them.

    Parameters
    ----------
    given : mapping of str to array of shape (J,), to (array of shape (J,), (low, high)), or to an `AttributeDirection`
    space : LatentSpace
    """
    return [_attribute(name, value, space) for name, value in dict(given or {}).items()]


def _attribute(name: Any, value: Any, space: LatentSpace) -> dict[str, Any]:
    if not isinstance(name, str) or not name:
        raise ValueError(f"attributes has the name {name!r}; give each direction a name, some text.")
    limits: Any = None
    value = getattr(value, "direction", value)  # what `studies.attribute_direction` found
    if isinstance(value, tuple) and len(value) == 2 and np.ndim(value[0]) == 1:
        value, limits = value
    direction = _checked_direction(name, value, len(space.centre))
    if limits is None:  # three standard deviations of the code in that direction
        reach = REACH * float(np.linalg.norm(direction * space.spread) / (direction @ direction))
        limits = (-reach, reach)
    ends = _numbers(limits)
    if ends is None or ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"The range of attributes[{name!r}] is {limits!r}; give (low, high), its two ends.")
    return {"name": name, "direction": direction.tolist(), "low": float(ends[0]), "high": float(ends[1])}


def _checked_direction(name: str, value: Any, size: int) -> Array:
    direction = _numbers(value)
    if direction is None:
        trouble = "something that is no finite number"
    elif direction.shape != (size,):
        trouble = f"the shape {direction.shape}"
    elif not direction.any():
        trouble = "only zeros"
    else:
        return direction
    raise ValueError(f"attributes[{name!r}] has {trouble}; give a direction of the code, {size} numbers.")


def _numbers(value: Any) -> Array | None:
    """The value as an array of finite numbers, or None if it is none."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return None
    return array if np.isfinite(array).all() else None
