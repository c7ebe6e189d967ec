"""Load saved models: the class is found by its name and module."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from scratchae import files
from scratchae.errors import FileFormatError
from scratchae.models import weights
from scratchae.models.fitting import with_attributes
from scratchae.models.model import Model
from scratchae.models.options import as_tuple
from scratchae.models.preparation import Preparation
from scratchae.registry import BY_NAME
from scratchae.training.optimizers import from_description


def load(path: str | os.PathLike[str] | BinaryIO) -> Any:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : path or binary file
        A file object, such as `io.BytesIO`, is read from its current position to its end.

    Returns
    -------
    model
        Fitted model of the saved class. A class of your own has to be imported before.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    FileFormatError
        If it is damaged, is not a model, or holds a class that is not known.
    """
    header, arrays = files.read(path, "model")
    kind = _class_of(header, files.name_of(path))
    options = header["options"]
    if "optimizer" in options:
        options["optimizer"] = from_description(options["optimizer"])
    if "class_weight" in options:
        options["class_weight"] = weights.from_description(options["class_weight"])
    model = kind(**{name: as_tuple(value) for name, value in options.items()})
    learned = model._restored(header.get("learned", {}))
    parameters = with_attributes(model, learned)._first_state(header["features"], 0).parameters
    for name, value in arrays.items():
        parameters[name] = value
    names = np.array(header["feature_names"], dtype=object) if header["feature_names"] else None
    if header.get("trained by"):
        learned["trained_by_"] = header["trained by"]
    model._set_fitted_state(parameters, header["history"], header["features"], names, learned)
    if "preparation" in header:
        model.preparation_ = Preparation.from_description(header["preparation"])
    if "image_shape" in header:
        model.image_shape_ = None if header["image_shape"] is None else tuple(header["image_shape"])
    return model


def _class_of(header: dict[str, Any], path: str) -> type[Model]:
    """The class that a file names: one of scratchae, or one that has been imported; never another class of the same name."""
    name, module = header["class"], header.get("module")  # files of earlier versions name no module
    own = module is None or module.startswith("scratchae.")
    if own and name in BY_NAME:
        return getattr(importlib.import_module(f"scratchae.models.{BY_NAME[name].module}"), name)  # type: ignore[no-any-return]
    found = [kind for kind in _kinds(Model) if kind.__name__ == name and module in (None, kind.__module__)]
    if found:
        return found[-1]
    advice = "upgrade scratchae" if own else f"import {module} first"
    whose = "which this version of scratchae does not know" if own else f"a class of the module {module!r}"
    raise FileFormatError(f"{path} contains a {name}, {whose}; {advice}.")


def _kinds(kind: type[Model]) -> Iterator[type[Model]]:
    """Yield all subclasses of a class."""
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
