"""How every kernel is compiled: one decorator, and a cache on disk that cannot mix things up.

Numba keeps machine code on disk per function, and checks only the age of the file in which the function stands; but a kernel here calls others
in neighbouring files. And it numbers its files in the order in which they come, so that two processes that compile at the same time can take the
same number for different things. Here a file is named by what is in it: a digest of all kernel sources, of the argument types and of the
processor. It is looked up by that name, or compiled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import IndexDataCacheFile

# No NaN or infinity flag: a loss that becomes NaN has to stay NaN. Sums may be reordered, so that they vectorise; the order
# is fixed when the kernel is compiled, and so are the bits.
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}


def _digest_of_sources() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_OPTIONS: dict[str, Any] = {"fastmath": FASTMATH, "error_model": "numpy"}
_PARALLEL = {"prange": True, "numpy": False, "reduction": False, "setitem": False, "stencil": False}
_STAMP = _digest_of_sources()


class _NamedByContent(IndexDataCacheFile):  # type: ignore[misc]
    """The files of one kernel, without an index."""

    def _name(self, key: Any) -> str:
        content = hashlib.sha256(f"{_STAMP} {key!r}".encode()).hexdigest()[:24]
        return f"{self._index_name.removesuffix('.nbi')}.{content}.nbc"

    def save(self, key: Any, data: Any) -> None:
        try:
            self._save_data(self._name(key), (repr(key), data))
        except OSError:
            pass  # a full disk costs the next start a compilation, and nothing else

    def load(self, key: Any) -> Any:
        try:
            named, data = self._load_data(self._name(key))
        except Exception:  # not there, or damaged: unpickling may raise anything
            return None
        return data if named == repr(key) else None


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function`, which Python calls, with Numba on its first call, and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        Plain Python in the subset that Numba compiles. It may call what `inner` compiles, and no other kernel: Numba links cached code by names
        that are unique within one process only, so code that was cached by two processes must never meet in one kernel.

    Returns
    -------
    numba dispatcher
        Called like `function`. Where no folder can be written, the machine code is not kept and nothing else changes.
    """
    try:
        compiled = numba.njit(function, cache=True, **_OPTIONS)
    except RuntimeError:  # no folder for the cache can be written
        return numba.njit(function, **_OPTIONS)
    cache = getattr(compiled, "_cache", None)
    if hasattr(cache, "_cache_file") and hasattr(cache, "_impl"):
        cache._cache_file = _NamedByContent(cache.cache_path, cache._impl.filename_base, _STAMP)
    return compiled


def inner(function: Callable[..., Any] | None = None, *, parallel: bool = False) -> Any:
    """Compile `function`, which kernels call, as a part of each of them.

    Parameters
    ----------
    function : callable
    parallel : bool
        Whether `numba.prange` loops in it run on all threads.

    Returns
    -------
    numba dispatcher
    """
    if function is None:
        return lambda f: inner(f, parallel=parallel)
    return numba.njit(function, **_OPTIONS, **({"parallel": _PARALLEL} if parallel else {}))
