"""Metadata routing: which arguments of `fit`, `partial_fit` and `score` a model requests from scikit-learn's pipelines and searches."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType
from typing import TYPE_CHECKING

from scratchae.errors import nearest

if TYPE_CHECKING:
    from sklearn.utils.metadata_routing import MetadataRequest

METHODS = ("fit", "partial_fit", "score")
Requests = Mapping[str, Mapping[str, bool | str | None]]  # by method, then by argument


def arguments_of(kind: type, method: str) -> tuple[str, ...]:
    """Return the arguments of a method that can be routed: all but the data."""
    function = getattr(kind, method, None)
    if not isinstance(function, FunctionType):
        return ()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.items()
    return tuple(name for name, p in parameters if p.kind in named and name not in ("self", "X", "y"))


def with_request(requests: Requests, kind: type, method: str, changes: Mapping[str, bool | str | None]) -> Requests:
    """Return the requests with changes for one method.

    Raises
    ------
    TypeError
        If the method has no such argument.
    ValueError
        If a request is not True, False, None or the name under which the argument is passed.
    """
    known = arguments_of(kind, method)
    for name, value in changes.items():
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has no others than X and y"
            raise TypeError(
                f"{kind.__name__}.{method} has no argument {name!r}{nearest(name, known)} to request; {has}."
            )
        if not (value is None or isinstance(value, bool) or (isinstance(value, str) and value.isidentifier())):
            raise ValueError(
                f"set_{method}_request({name}={value!r}) is not allowed; give True, False, None, or the name under which it is passed."
            )
    return {**requests, method: {**requests.get(method, {}), **changes}}


def metadata_request(model: object, requests: Requests) -> MetadataRequest:
    """Return the requests of a model in scikit-learn's form; scikit-learn is the only caller."""
    from sklearn.utils.metadata_routing import MetadataRequest

    found = MetadataRequest(owner=model)
    for method in METHODS:
        for name in arguments_of(type(model), method):
            getattr(found, method).add_request(param=name, alias=requests.get(method, {}).get(name))
    return found
