"""Methods as scikit-learn sees them: it asks with `hasattr` for methods, and with `inspect.signature` for arguments of `fit`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
WEIGHTS = "sample_weight"


class _AvailableIf:
    """Descriptor of a method that only some objects have."""

    def __init__(self, reason_against: Callable[[Any], str | None], function: FunctionType) -> None:
        self.reason_against, self.function = reason_against, function
        functools.update_wrapper(cast("Callable[..., Any]", self), function)

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self.function
        reason = self.reason_against(instance)
        if reason is not None:
            raise AttributeError(reason)
        return self.function.__get__(instance, owner)


def available_if(reason_against: Callable[[Any], str | None]) -> Callable[[F], F]:
    """Make a method unavailable on objects for which `reason_against` returns a sentence, which the AttributeError then has."""

    def conditional(function: F) -> F:
        return cast("F", _AvailableIf(reason_against, cast("FunctionType", function)))

    return conditional


class _WeightsOnRequest:
    """Descriptor of a method whose argument `sample_weight` is in the signature only if the object requests weights."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        functools.update_wrapper(cast("Callable[..., Any]", self), function)

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self.function
        bound = self.function.__get__(instance, owner)
        if instance._requests_weights():
            return bound

        @functools.wraps(self.function)
        def method(*args: Any, **kwargs: Any) -> Any:
            return bound(*args, **kwargs)

        shown = inspect.signature(bound)
        parameters = [parameter for name, parameter in shown.parameters.items() if name != WEIGHTS]
        method.__signature__ = shown.replace(parameters=parameters)  # type: ignore[attr-defined]
        return method


def weights_on_request(function: F) -> F:
    """Accept `sample_weight` always, but show it in the signature of a model's `fit` only after ``set_fit_request(sample_weight=True)``.

    scikit-learn reads more from this argument than that weights are accepted: `check_estimator` then requires that weights and repeated rows
    in any order give the same predictions, to seven digits. Training on minibatches in random order cannot do this, whatever the weights mean.
    The signature of the function itself, ``inspect.signature(Autoencoder.fit)``, always has the argument.
    """
    return cast("F", _WeightsOnRequest(cast("FunctionType", function)))
