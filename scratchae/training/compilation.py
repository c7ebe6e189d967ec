"""Notice of compilation in a training, which takes much longer than the training of a small model."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from scratchae import backend

COMPILING = "compiling the kernels for this kind of model, once (about 15 s)"


def before_compiling(action: Callable[[], object]) -> contextlib.AbstractContextManager[None]:
    """Return a context in which `action` is called before the first kernel is compiled, if the backend has kernels."""
    if backend.backend_name() != "numba":
        return contextlib.nullcontext()
    from scratchae.kernels import compilation

    return compilation.before_compiling(action)
