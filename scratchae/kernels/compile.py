"""How every kernel is compiled: three decorators, and a cache on disk that cannot mix things up.

* `kernel`: what Python calls. Compiled for the types it is called with, and kept on disk.
* `linked`: what many kernels call, and takes long to compile, such as the matrix product. Compiled once per float type, kept on
  disk, and found by kernels under a name of its own, as the C library's functions are.
* `inner`: small pieces, compiled into whatever calls them.

Numba keeps machine code on disk per function, and checks only the age of the file in which the function stands; but a kernel here calls others
in neighbouring files. And it numbers its files in the order in which they come, so that two processes that compile at the same time can take the
same number for different things. Here a file is named by what is in it: a digest of all kernel sources, of the argument types and of the
processor. It is looked up by that name, or compiled.
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.core.caching import IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.cgutils import get_or_insert_function
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

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
_SYMBOL = re.compile(rb"scratchae_linked_\w+")
# By the symbol that machine code calls it by: what compiles a linked function, or reads it from the disk.
_linked: dict[bytes, Callable[[], None]] = {}


def _symbols_in(library: Any) -> set[bytes]:
    """The linked functions that machine code, as Numba keeps it, calls."""
    return {symbol for symbol in _SYMBOL.findall(pickle.dumps(library)) if symbol in _linked}


class _NamedByContent(IndexDataCacheFile):  # type: ignore[misc]
    """The files of one kernel, without an index."""

    def _name(self, key: Any) -> str:
        content = hashlib.sha256(f"{_STAMP} {key!r}".encode()).hexdigest()[:24]
        return f"{self._index_name.removesuffix('.nbi')}.{content}.nbc"

    def save(self, key: Any, data: Any) -> None:
        try:
            self._save_data(self._name(key), (repr(key), _symbols_in(data[0]), data))
        except OSError:
            pass  # a full disk costs the next start a compilation, and nothing else

    def load(self, key: Any) -> Any:
        try:
            named, symbols, data = self._load_data(self._name(key))
        except Exception:  # not there, or damaged: unpickling may raise anything
            return None
        if named != repr(key) or not symbols <= set(_linked):
            return None
        for symbol in symbols:
            _linked[symbol]()  # before the machine code that calls it is loaded
        return data


def _keep_on_disk(compiled: Any) -> None:
    """Have Numba find the machine code by its content."""
    cache = getattr(compiled, "_cache", None)
    if hasattr(cache, "_cache_file") and hasattr(cache, "_impl"):
        cache._cache_file = _NamedByContent(cache.cache_path, cache._impl.filename_base, _STAMP)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function`, which Python calls, with Numba on its first call, and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        Plain Python in the subset that Numba compiles. It may call what `inner` and `linked` compile, and no other kernel: Numba links cached
        code by names that are unique within one process only, so code that was cached by two processes must never meet in one kernel.

    Returns
    -------
    numba dispatcher
        Called like `function`. Where no folder can be written, the machine code is not kept and nothing else changes.
    """
    try:
        compiled = numba.njit(function, cache=True, **_OPTIONS)
    except RuntimeError:  # no folder for the cache can be written
        return numba.njit(function, **_OPTIONS)
    _keep_on_disk(compiled)
    return compiled


def inner(function: Callable[..., Any]) -> Any:
    """Compile `function` as a part of each kernel and linked function that calls it.

    Returns
    -------
    numba dispatcher
    """
    return numba.njit(function, **_OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def linked(signature: Callable[[Any], Any], *, parallel: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function once per float type, apart from the kernels that call it.

    Parameters
    ----------
    signature : callable
        The function's Numba signature, given the float type (of its first pointer, or of the pointer in its first tuple). Arguments are
        pointers, numbers, and tuples of these; the result is a number.
    parallel : bool
        Whether `numba.prange` loops in it run on all threads.

    Returns
    -------
    callable
        Called like the function, in kernels. It must not raise, and so must not ask for memory: an error cannot reach the caller.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        name = f"scratchae_linked_{function.__name__.strip('_')}"
        compiled: dict[Any, CFunc] = {}

        @global_compiler_lock
        def provide(real: Any) -> None:
            if real not in compiled:
                options = {"nopython": True, **_OPTIONS, **({"parallel": _PARALLEL} if parallel else {})}
                function_for_real = CFunc(
                    function, numba.core.sigutils.normalize_signature(signature(real)), {}, options
                )
                try:
                    function_for_real.enable_caching()
                    _keep_on_disk(function_for_real)
                except RuntimeError:
                    pass  # no folder for the cache can be written
                function_for_real.compile()
                llvmlite.binding.add_symbol(f"{name}_{real}", function_for_real.address)
                compiled[real] = function_for_real

        for real in (types.float32, types.float64):
            _linked[f"{name}_{real}".encode()] = lambda real=real: provide(real)

        def call(typingctx, *arguments):  # type: ignore[no-untyped-def]
            real = _float_type(arguments)
            provide(real)

            def codegen(context, builder, signature, values):  # type: ignore[no-untyped-def]
                kind = ir.FunctionType(
                    context.get_value_type(signature.return_type), [context.get_value_type(t) for t in signature.args]
                )
                return builder.call(get_or_insert_function(builder.module, kind, f"{name}_{real}"), values)

            return signature(real), codegen

        # Numba takes *arguments for one tuple; the names of the function's own parameters keep it from doing so.
        takes = inspect.signature(function)
        context = inspect.Parameter("typingctx", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        call.__signature__ = takes.replace(parameters=[context, *takes.parameters.values()])  # type: ignore[attr-defined]
        return intrinsic(call)

    return decorate


def _float_type(arguments: Any) -> Any:
    """What the first pointer points to."""
    for argument in arguments:
        for part in getattr(argument, "types", (argument,)):
            if isinstance(part, types.CPointer):
                return part.dtype
    raise TypeError("a linked function takes at least one pointer")
