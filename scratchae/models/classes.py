"""The classes of labelled rows, found out by `fit` and kept in files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from scratchae.models.labels import as_labels, indices_of
from scratchae.models.model import Model
from scratchae.models.problem import Data
from scratchae.nets.parameters import Array


class Classes(Model):
    """A model that knows classes.

    Its networks ask for `_classes_count` while it is being fitted, when `classes_` is not yet there.
    """

    classes_: Array
    _count = 0

    @property
    def _classes_count(self) -> int:
        return self._count

    @contextmanager
    def _counting(self, classes: Array) -> Iterator[None]:
        """There are so many classes; after an error that leaves the model without them, as many as before."""
        before, self._count = vars(self).get("_count"), len(classes)
        try:
            yield
        except BaseException:
            if not self.__sklearn_is_fitted__() or len(self.classes_) != len(classes):
                del self._count
                if before is not None:
                    self._count = before
            raise

    def _held_out(self, validation_data: Any, features: int, classes: Array, *, unit_interval: bool = False) -> Data:
        """Validation rows and their labels, checked."""
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise ValueError("validation_data has to be a pair (X, y): rows and their labels.")
        x = self._checked(validation_data[0], features, "validation_data[0]", unit_interval=unit_interval)
        labels = as_labels(validation_data[1], len(x), "validation_data[1]")
        return Data(x, indices_of(labels, classes, "validation_data[1]"))

    def _learned(self) -> dict[str, Any]:
        return {"classes": self.classes_.tolist(), "classes_dtype": self.classes_.dtype.str}

    def _relearn(self, learned: dict[str, Any]) -> None:
        self.classes_ = np.array(learned["classes"], dtype=learned["classes_dtype"])
        self._count = len(self.classes_)
