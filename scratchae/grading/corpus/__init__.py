"""Wrong solutions that must be rejected, each with the names under which its mistake may be told, and right ones that must not be.

The rules of `scratchae.grading.diagnosis` were written knowing `training` and nothing of the held-out parts, which are by two other authors:
precision and recall on those say how well the rules name mistakes that they were not made for. A third reader decided whether what the rules
said of the first held-out part was true: 323 of 334 statements were. The eleven others led to rules that were taken out or said more
carefully; none was added but `part`. The second part was written afterwards, and nobody who wrote a rule saw it before it was measured.
"""

from __future__ import annotations

import importlib
import pkgutil

from scratchae.grading.corpus import alternatives, held_out, second_held_out, training
from scratchae.grading.corpus.entry import Entry, load


def _gathered(package: object, table: str) -> tuple[Entry, ...]:
    name, path = package.__name__, package.__path__  # type: ignore[attr-defined]
    modules = [importlib.import_module(f"{name}.{module.name}") for module in pkgutil.iter_modules(path)]
    return tuple(entry for module in modules for entry in getattr(module, table))


MISTAKES: dict[str, tuple[Entry, ...]] = {
    "training": _gathered(training, "MISTAKES"),
    "held_out": _gathered(held_out, "MISTAKES"),
    "second_held_out": _gathered(second_held_out, "MISTAKES"),
}
ALTERNATIVES: tuple[Entry, ...] = _gathered(alternatives, "ALTERNATIVES")

__all__ = ["ALTERNATIVES", "MISTAKES", "Entry", "load"]
