"""How every kernel is compiled: one decorator, and one cache that notices when any kernel changed.

Numba caches machine code on disk per function, and checks only the age of the file in which the function stands. A kernel
here calls others in neighbouring files, so its cache would outlive a change of theirs. `kernel` therefore stamps every cache
entry with a digest of all kernel sources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

# No NaN or infinity flag: a loss that becomes NaN has to stay NaN. Sums may be reordered, so that they vectorise; the order
# is fixed when the kernel is compiled, and so are the bits.
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _digest_of_sources()


def kernel(function: Callable[..., Any] | None = None, *, parallel: bool = False) -> Any:
    """Compile `function` with Numba on its first call, and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        Plain Python in the subset that Numba compiles.
    parallel : bool
        Whether `numba.prange` loops in it run on all threads.

    Returns
    -------
    numba dispatcher
        Called like `function`. Where no folder can be written, the machine code is not kept and nothing else changes.
    """
    if function is None:
        return lambda f: kernel(f, parallel=parallel)
    options: dict[str, Any] = {"fastmath": FASTMATH, "error_model": "numpy"}
    if parallel:
        options["parallel"] = {"prange": True, "numpy": False, "reduction": False, "setitem": False, "stencil": False}
    try:
        compiled = numba.njit(function, cache=True, **options)
    except RuntimeError:  # no folder for the cache can be written
        return numba.njit(function, **options)
    cache_file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(cache_file, "_source_stamp"):
        cache_file._source_stamp = _STAMP
    return compiled
