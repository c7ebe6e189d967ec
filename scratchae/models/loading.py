"""Loading of saved models: the class is found by its name."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchae import files
from scratchae.errors import FileFormatError
from scratchae.models.fitting import knowing
from scratchae.models.model import Model
from scratchae.models.options import as_tuple
from scratchae.registry import BY_NAME
from scratchae.training.optimizers import from_description


def load(path: str | os.PathLike[str]) -> Any:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    model
        Of the class that was saved, fitted.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it is damaged, or no model.
    """
    header, arrays = files.read(path, "model")
    kind = _class_named(header["class"], header.get("module"))
    if kind is None:
        raise FileFormatError(
            f"{os.fspath(path)!r} holds a {header['class']}, which this scratchae does not know; upgrade scratchae."
        )
    options = header["options"]
    if "optimizer" in options:
        options["optimizer"] = from_description(options["optimizer"])
    model = kind(**{name: as_tuple(value) for name, value in options.items()})
    learned = model._restored(header.get("learned", {}))
    parameters = knowing(model, learned)._first_state(header["features"], 0).parameters
    for name, value in arrays.items():
        parameters[name] = value
    names = np.array(header["feature_names"], dtype=object) if header["feature_names"] else None
    if header.get("trained by"):
        learned["trained_by_"] = header["trained by"]
    model._set_fitted_state(parameters, header["history"], header["features"], names, learned)
    return model


def _class_named(name: str, module: str | None) -> type[Model] | None:
    """The model of that name: of that module if there is one, of scratchae otherwise, or else of any that has been imported."""
    if name in BY_NAME:
        importlib.import_module(f"scratchae.models.{BY_NAME[name].module}")
    found = [kind for kind in _kinds(Model) if kind.__name__ == name]
    found.sort(key=lambda kind: (kind.__module__ != module, not kind.__module__.startswith("scratchae.")))
    return found[0] if found else None


def _kinds(kind: type[Model]) -> Iterator[type[Model]]:
    """All subclasses of a class."""
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
