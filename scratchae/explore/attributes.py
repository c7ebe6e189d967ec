"""Attributes: named directions in the latent space, each with a range and a slider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scratchae.explore.latent_space import REACH, LatentSpace
from scratchae.nets.network import Array


class HasDirection(Protocol):
    """A result with a direction, such as `scratchae.studies.AttributeDirection`."""

    @property
    def direction(self) -> Array: ...


# A direction, shape (J,); or a direction and the ends of its range, (low, high).
Direction: TypeAlias = ArrayLike | tuple[ArrayLike, ArrayLike] | HasDirection


def attributes_of(given: Mapping[str, Direction] | None, space: LatentSpace) -> list[dict[str, Any]]:
    """Return name, direction, low and high end of each attribute, as JSON-serialisable values.

    Parameters
    ----------
    given : mapping of str to array of shape (J,), to (array of shape (J,), (low, high)), or to an `AttributeDirection`
    space : LatentSpace
    """
    return [_attribute(name, value, space) for name, value in dict(given or {}).items()]


def _attribute(name: object, value: Direction, space: LatentSpace) -> dict[str, Any]:
    if not isinstance(name, str) or not name:
        raise ValueError(f"attributes has the name {name!r}; name each direction with a non-empty string.")
    limits: object = None
    value = getattr(value, "direction", value)  # of an `AttributeDirection`
    if isinstance(value, tuple) and len(value) == 2 and np.ndim(value[0]) == 1:
        value, limits = value
    direction = _checked_direction(name, value, len(space.centre))
    if limits is None:  # by default, three standard deviations of the code in that direction
        reach = REACH * float(np.linalg.norm(direction * space.spread) / (direction @ direction))
        limits = (-reach, reach)
    ends = _numbers(limits)
    if ends is None or ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"The range of attributes[{name!r}] is {limits!r}; give (low, high).")
    return {"name": name, "direction": direction.tolist(), "low": float(ends[0]), "high": float(ends[1])}


def _checked_direction(name: str, value: object, size: int) -> Array:
    direction = _numbers(value)
    if direction is None:
        trouble = "an entry that is not a finite number"
    elif direction.shape != (size,):
        trouble = f"the shape {direction.shape}"
    elif not direction.any():
        trouble = "only zeros"
    else:
        return direction
    raise ValueError(
        f"attributes[{name!r}] has {trouble}; give a direction of {size} numbers, one per entry of the code."
    )


def _numbers(value: object) -> Array | None:
    """Return the value as an array of finite numbers, or None if that is impossible."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return None
    return array if np.isfinite(array).all() else None
