"""Values as they were at one moment: copies of arrays and numbers, with name, shape and dtype."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.models.model import Model
from scratchae.nets import Parameters
from scratchae.nets.network import Array

MOST_NUMBERS = 10_000  # of one array in JSON
FIRST_NUMBERS = 1_000  # of a larger array in JSON
NUMBERS = "biufc"  # kinds of dtypes
MOST_ITEMS = 50  # of a list or dictionary


@dataclass(frozen=True, eq=False)  # == of arrays is no Boolean
class Value:
    """A named value, copied.

    Attributes
    ----------
    name : str
    kind : {"given", "assigned", "changed", "returned"}
        An input; assigned by a line; changed in place by it; its return value.
    dtype : str
        Of an array; of anything else its type in Python.
    array : array or None
        Numbers; None for anything else.
    text : str
        Of anything else: the text itself, or the name of its type.
    """

    name: str
    kind: str
    dtype: str
    array: Array | None = None
    text: str = ""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape; () of a number; None if it is no array and no number."""
        return None if self.array is None else self.array.shape

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-serialisable form; of an array of more than 10,000 numbers only the first 1,000, flat."""
        described: dict[str, Any] = {"name": self.name, "kind": self.kind, "shape": None, "dtype": self.dtype}
        if self.array is None:
            return {**described, "values": self.text, "first": None}
        described["shape"] = list(self.array.shape)
        if self.array.size > MOST_NUMBERS:
            return {**described, "values": None, "first": plain(self.array.ravel()[:FIRST_NUMBERS].tolist())}
        return {**described, "values": plain(self.array.tolist()), "first": None}


def copied(name: str, kind: str, value: object) -> Iterator[Value]:
    """Yield copies of a value: one of an array or number, one for each entry of a list, tuple, named tuple or dictionary; none of None."""
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.array(value)
        if array.dtype.kind in NUMBERS:
            yield Value(name, kind, array.dtype.name, array)
        else:
            yield Value(name, kind, array.dtype.name, text=f"array of shape {array.shape}")
    elif isinstance(value, (bool, float, complex)) or (isinstance(value, int) and abs(value) < 2**63):
        yield Value(name, kind, type(value).__name__, np.array(value))
    elif type(value) in (list, tuple):
        for i, entry in enumerate(value[:MOST_ITEMS]):  # type: ignore[index]
            yield from copied(f"{name}[{i}]", kind, entry)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for field, entry in zip(value._fields, value, strict=True):
            yield from copied(f"{name}.{field}", kind, entry)
    elif isinstance(value, Parameters) or type(value) is dict:
        for key in list(value)[:MOST_ITEMS]:
            yield from copied(item_name(name, key), kind, value[key])
    elif any(isinstance(entry, np.ndarray) for entry in _attributes(value).values()):
        for attribute, entry in _attributes(value).items():
            yield from copied(f"{name}.{attribute}", kind, entry)
    elif value is not None:
        text = value if isinstance(value, str) else type(value).__name__
        yield Value(name, kind, type(value).__name__, text=text)


def _attributes(value: object) -> dict[str, object]:
    """Return the public arrays and numbers of an object that is no model, such as a baseline."""
    own = {} if isinstance(value, Model) else getattr(value, "__dict__", {})
    numeric = (np.ndarray, np.generic, float)
    return {name: entry for name, entry in own.items() if not name.startswith("_") and isinstance(entry, numeric)}


def item_name(name: str, key: object) -> str:
    """Return the name of an item as it is written in code: `gradients["encoder.0.W"]`."""
    return f'{name}["{key}"]' if isinstance(key, str) else f"{name}[{key!r}]"


def arrays_in(name: str, value: object) -> dict[str, Array]:
    """Return an array, or the arrays of a dictionary or fitted model, by name: the memory itself, so that changes show."""
    entries = {name: value}
    if isinstance(value, Model):
        value, name = getattr(value, "_parameters", None), f"{name}.parameters_"
    if isinstance(value, Parameters) or type(value) is dict:
        entries = {item_name(name, key): entry for key, entry in value.items()}
    return {of: entry for of, entry in entries.items() if isinstance(entry, np.ndarray) and entry.dtype.kind in NUMBERS}


def plain(values: Any) -> Any:
    """Return nested lists of numbers with what JSON does not have as texts."""
    if isinstance(values, list):
        return [plain(value) for value in values]
    if isinstance(values, complex):
        return str(values)
    if isinstance(values, float) and not math.isfinite(values):
        return "NaN" if math.isnan(values) else "Infinity" if values > 0 else "-Infinity"
    return values
