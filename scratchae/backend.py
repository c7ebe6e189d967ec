"""The choice of backend: `ops` (NumPy, easy to read and to step through) or `kernels` (Numba, fast).

The default is the Numba backend. Switch with `SCRATCHAE_BACKEND=numpy` in the environment, or with `use_backend("numpy")`.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType, SimpleNamespace, TracebackType

from scratchae.errors import nearest

BACKENDS = {"numba": "scratchae.kernels", "numpy": "scratchae.ops"}
Ops = ModuleType | SimpleNamespace  # with every op of `scratchae.ops` as an attribute
_chosen: str | Ops | None = None


def backend_name() -> str:
    """Return the name of the backend in use: "numba" or "numpy" ("custom" inside `use_backend(namespace)`).

    Raises
    ------
    ValueError
        If the environment variable SCRATCHAE_BACKEND is not the name of a backend.
    """
    chosen = (
        _chosen
        if _chosen is not None
        else _checked(os.environ.get("SCRATCHAE_BACKEND", "numba"), "SCRATCHAE_BACKEND is")
    )
    return chosen if isinstance(chosen, str) else "custom"


def active() -> Ops:
    """Return the module (or namespace) whose functions run; it has every op of `scratchae.ops` as an attribute."""
    if _chosen is None or isinstance(_chosen, str):
        return importlib.import_module(BACKENDS[backend_name()])
    return _chosen


class use_backend:  # noqa: N801 - reads as a verb: use_backend("numpy"), or with use_backend("numpy"): ...
    """Switch the backend, permanently or within a `with` block.

    Parameters
    ----------
    backend : {"numba", "numpy"} or namespace
        A namespace with the ops as attributes lets a check run the models on its own ops.

    Raises
    ------
    ValueError
        If the backend is unknown.

    Examples
    --------
    >>> import scratchae as sae
    >>> with sae.use_backend("numpy"):
    ...     sae.backend_name()
    'numpy'
    """

    def __init__(self, backend: str | Ops) -> None:
        global _chosen
        checked = _checked(backend, "backend is") if isinstance(backend, str) else backend
        self._before, _chosen = _chosen, checked

    def __enter__(self) -> use_backend:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _chosen
        _chosen = self._before


def _checked(name: str, who: str) -> str:
    if name not in BACKENDS:
        raise ValueError(f"{who} {name!r}, which is not a backend{nearest(name, BACKENDS)}; use 'numba' or 'numpy'.")
    return name
