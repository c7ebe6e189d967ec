"""The choice of backend: `ops` (NumPy, easy to read and to step through) or `kernels` (Numba, fast).

The default is the Numba backend. Switch with `SCRATCHAE_BACKEND=numpy` in the environment, or with `use_backend("numpy")`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType, SimpleNamespace, TracebackType

from scratchae.errors import nearest, warn

BACKENDS = {"numba": "scratchae.kernels", "numpy": "scratchae.ops"}
Ops = ModuleType | SimpleNamespace  # with every op of `scratchae.ops` as an attribute


class _Choice:
    """A backend chosen by `use_backend`, on top of the choice of the `with` block around it."""

    def __init__(self, backend: str | Ops, around: _Choice | None, *, entered: bool) -> None:
        self.backend, self.around = backend, around
        self.entered = entered  # whether a `with` block ends it
        self.pending = not entered and around is None  # whether it is for the process, unless a `with` block follows


# The choice for the process, and that of a `with` block for its thread or asyncio task.
_everywhere: str | Ops | None = None
_here: ContextVar[_Choice | None] = ContextVar("scratchae_backend", default=None)
_reason: str | None = None  # why the Numba backend cannot be used; "" if it can; None before it was tried
_warned = False  # whether the user was told of it, if there is anything to tell


def backend_name() -> str:
    """Return the name of the backend in use: "numba" or "numpy" ("custom" inside `use_backend(namespace)`).

    Where Numba cannot compile (NUMBA_DISABLE_JIT is set, or it is not installed correctly), it is "numpy", and a warning says so once.

    Raises
    ------
    ValueError
        If the environment variable SCRATCHAE_BACKEND is not the name of a backend.
    """
    backend = _in_use()
    return backend if isinstance(backend, str) else "custom"


def active() -> Ops:
    """Return the module (or namespace) whose functions run; it has every op of `scratchae.ops` as an attribute."""
    backend = _in_use()
    return importlib.import_module(BACKENDS[backend]) if isinstance(backend, str) else backend


@contextmanager
def kept() -> Iterator[None]:
    """Keep the present backend within a `with` block, whatever other threads choose for the process."""
    before = _here.get()
    _here.set(_Choice(_in_use(), before, entered=True))
    try:
        yield
    finally:
        _here.set(before)


class use_backend:  # noqa: N801 - reads as a verb: use_backend("numpy"), or with use_backend("numpy"): ...
    """Switch the backend: for the process, or within a `with` block.

    A call without `with` acts on all threads of the process; inside a `with` block it lasts until the end of the block. A `with` block acts on
    its own thread or asyncio task only, so blocks of several threads do not disturb each other. Threads and processes that are started inside
    the block have the backend of the process.

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
        self._backend = _checked(backend, "backend is") if isinstance(backend, str) else backend
        _settle(_here.get())
        # Whether a `with` block follows is not known yet, and other threads must not see the backend of a block. So the choice acts on this
        # thread only, until Python drops the object at the end of the statement, or this thread asks for the backend.
        self._before, self._choice = _here.get(), _Choice(self._backend, _block(), entered=False)
        _here.set(self._choice)

    def __enter__(self) -> use_backend:
        if _here.get() is self._choice and not self._choice.entered:
            self._choice.entered, self._choice.pending, self._choice.around = True, False, self._before
        else:  # entered later, again, or in another thread
            _here.set(_Choice(self._backend, _here.get(), entered=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block = _block()
        _here.set(block.around if block else None)

    def __repr__(self) -> str:
        _settle(self._choice)  # displayed by a prompt or notebook, which keeps the object
        return f"use_backend({self._backend!r})"

    def __del__(self) -> None:
        if hasattr(self, "_choice"):
            _settle(self._choice)


def _block() -> _Choice | None:
    """Return the choice of the innermost `with` block."""
    choice = _here.get()
    return choice if choice is None or choice.entered else choice.around


def _settle(choice: _Choice | None) -> None:
    """Make a choice that no `with` block ends the choice for the process, once."""
    global _everywhere
    if choice is not None and choice.around is None and not choice.entered:
        if choice.pending:
            choice.pending, _everywhere = False, choice.backend
        if _here.get() is choice:
            _here.set(None)


def _in_use() -> str | Ops:
    """Return the name of the backend in use, or the namespace."""
    _settle(_here.get())
    here = _here.get()
    chosen = _everywhere if here is None else here.backend
    if chosen is None:
        chosen = _checked(os.environ.get("SCRATCHAE_BACKEND", "numba"), "SCRATCHAE_BACKEND is")
    if chosen != "numba":
        return chosen
    reason = why_not_numba()
    if not _warned:
        _warn_once()
    return "numpy" if reason else "numba"


def why_not_numba() -> str:
    """Return why the Numba backend cannot be used on this machine or with these settings; "" if it can."""
    global _reason
    if _reason is None:
        try:
            importlib.import_module(BACKENDS["numba"])
            _reason = ""
        except Exception as error:  # a missing library, versions that do not fit, a setting of Numba
            _reason = " ".join(str(error).split()) or type(error).__name__
    return _reason


def _warn_once() -> None:
    """Warn if the Numba backend cannot be used, or cannot keep what it compiles."""
    global _warned
    _warned = True
    if _reason:
        warn(f"Numba cannot be used ({_reason}); the NumPy backend is used instead, which is slower.")
    elif not importlib.import_module(f"{BACKENDS['numba']}.compile").cached:
        warn(
            "Numba has no folder in which to keep the compiled kernels, so each process compiles them again, which takes about a minute; set "
            "NUMBA_CACHE_DIR to a folder that can be written."
        )


def _checked(name: str, who: str) -> str:
    if name not in BACKENDS:
        raise ValueError(f"{who} {name!r}, which is not a backend{nearest(name, BACKENDS)}; use 'numba' or 'numpy'.")
    return name
