"""Layers of another model to begin with: from the input to the centre layer, copied."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from scratchae.models.model import Model
from scratchae.models.problem import Data
from scratchae.nets.parameters import Array
from scratchae.training import TrainingState
from scratchae.training.state import digest

C = TypeVar("C", bound="CopiedLayers")


class CopiedLayers(Model):
    """A model whose training may begin with layers that were trained before; without any, it begins at random."""

    _start: dict[str, Array] | None = None  # what training begins with, by name; the rest is random
    _start_features = 0
    _start_classes: Array | None = None  # of the softmax layer, if that is among them

    def _begin_with(self, start: dict[str, Array], features: int, classes: Array | None = None) -> None:
        """Have `fit` begin with copies of these parameters."""
        self._start, self._start_features = {name: value.copy() for name, value in start.items()}, features
        self._start_classes = classes

    def _begin_below(self) -> None:
        """Have `fit` begin with the layers below the softmax only."""
        below = {name: value for name, value in (self._start or {}).items() if name.startswith("encoder.")}
        self._begin_with(below, self._start_features)

    def _fresh_state(self, features: int, slots: int) -> TrainingState:
        state = super()._fresh_state(features, slots)
        self._check_start(state.parameters.shapes)
        for name, value in (self._start or {}).items():
            state.parameters[name] = value  # (stacked_classifier.7)
        return state

    def _check_start(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """ValueError unless the copied layers are those of a network with parameters of these shapes."""
        start = {name: value.shape for name, value in (self._start or {}).items()}
        for name in {**start, **shapes} if start else ():
            then, now = start.get(name), shapes.get(name)
            if then != now and (name.startswith("encoder.") or None not in (then, now)):
                raise ValueError(
                    f"The layers that were copied have {'no ' if then is None else ''}{name!r}"
                    f"{'' if then is None else f' of shape {then}'}, but these options and data need {now or 'none'}; "
                    "set hidden_sizes and n_classes back, or make a new StackedClassifier."
                )

    def _identity(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Also the copied layers: with others, the same options begin elsewhere."""
        copied = [value.ravel() for value in (self._start or {}).values()]
        layers = digest(np.concatenate(copied))[:12] if copied else None
        return {**super()._identity(data, validation), "copied layers": layers}

    def __sklearn_clone__(self: C) -> C:
        """A copy of the options, and of the layers that training begins with."""
        other = type(self)(**copy.deepcopy(self.get_params()))
        if self._start is not None:
            other._begin_with(self._start, self._start_features, self._start_classes)
        return other
