"""Models in files: one `.npz` with the parameters and a header that says what they are; no pickle."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import numpy as np

from scratchae import files
from scratchae.errors import FileFormatError
from scratchae.models.options import as_tuple
from scratchae.training.optimizers import from_description


class Saving:
    """A model that can be saved. `load` finds its class by name."""

    _classes: ClassVar[dict[str, type[Any]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Saving._classes[cls.__name__] = cls

    def _learned(self) -> dict[str, Any]:
        """What was learned besides parameters and history, as JSON can hold it."""
        return {}

    def _relearn(self, learned: dict[str, Any]) -> None:
        """The inverse of `_learned`."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one `.npz` file (no pickle), which `scratchae.load` reads.

        Raises
        ------
        NotFittedError
            If there is nothing to save yet.
        OSError
            If the file cannot be written; an older one of that name is left as it was.
        """
        model: Any = self
        model._check_fitted()
        header = {
            "class": type(self).__name__,
            "options": model._described_options(),
            "features": model.n_features_in_,
            "feature_names": [str(name) for name in getattr(self, "feature_names_in_", [])],
            "history": model.history_,
            "learned": self._learned(),
        }
        files.write(path, "model", header, dict(model._parameters))


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
    if header["class"] not in Saving._classes:
        raise FileFormatError(
            f"{os.fspath(path)!r} holds a {header['class']}, which this scratchae does not know; upgrade scratchae."
        )
    options = header["options"]
    options["optimizer"] = from_description(options["optimizer"])
    model = Saving._classes[header["class"]](**{name: as_tuple(value) for name, value in options.items()})
    model._relearn(header.get("learned", {}))
    parameters = model._fresh_state(header["features"], 0).parameters
    for name, value in arrays.items():
        parameters[name] = value
    names = np.array(header["feature_names"], dtype=object) if header["feature_names"] else None
    model._publish(parameters, header["history"], header["features"], names)
    return model
