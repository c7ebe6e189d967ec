"""Compilation of the kernels: three decorators, and a cache on disk that is addressed by content.

* `kernel`: functions called from Python. Compiled for the argument types of each call, and cached on disk.
* `linked`: functions that many kernels call and that take long to compile, such as the matrix product. Compiled once per float type,
  cached on disk, and linked to kernels by a unique name, like functions of the C library.
* `inner`: small functions, compiled into each caller.

Numba caches machine code per function and checks only the modification time of the file that defines the function; but a kernel here calls
functions in other files. Numba also numbers its cache files consecutively, so that two processes that compile at the same time can use the
same number for different code. Here, the name of a cache file is derived from its content:

    gaussian.reparameterize-31.py311.<stamp>.<content>.nbc

The stamp is a digest of the source of the kernel's module, of all modules of this package that it imports, directly or indirectly, and of
the versions of Numba, llvmlite and NumPy. The content is a digest of the argument types and of the processor. When machine code is saved, files
of the same module (and version of Python) with another stamp are deleted: those of earlier sources, including functions that were removed or
moved. They are not read again, and processes that use them have them in memory.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core.caching import IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.cgutils import get_or_insert_function
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    raise ImportError(
        "NUMBA_DISABLE_JIT is set, and without compilation there are no kernels; unset it for the Numba backend"
    )

# No `nnan` or `ninf` flag: a loss that becomes NaN has to stay NaN. Sums may be reordered for vectorisation; the order, and so the
# result, is fixed when the kernel is compiled.
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}


_OPTIONS: dict[str, Any] = {"fastmath": FASTMATH, "error_model": "numpy"}
_PARALLEL = {"prange": True, "numpy": False, "reduction": False, "setitem": False, "stencil": False}
_STAMP = f"numba {numba.__version__}, llvmlite {llvmlite.__version__}, numpy {np.__version__}"  # part of all stamps
_PACKAGE = Path(__file__).parents[1]
_COMMENT = re.compile(rb"#[^\n]*")
_STATEMENT = re.compile(rb"(?:^|[;:])[ \t]*((?:from|import)\b(?:\([^)]*\)|\\\r?\n|[^\n(;])*)", re.MULTILINE)
_SYMBOL = re.compile(rb"scratchae_linked_\w+")
# Maps the symbol of a linked function to the callable that compiles it or loads it from disk.
_linked: dict[bytes, Callable[[], None]] = {}
cached = True  # whether there is a folder for the cache


def _symbols_in(library: Any) -> set[bytes]:
    """Return the symbols of the linked functions that cached machine code calls."""
    return {symbol for symbol in _SYMBOL.findall(pickle.dumps(library)) if symbol in _linked}


def _module(name: str) -> Path | None:
    """Return the file of a module of this package, by its full name; None if there is no such module."""
    if name.split(".")[0] != _PACKAGE.name:
        return None
    path = _PACKAGE.parent.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@functools.cache
def _imported(path: Path, source: bytes) -> frozenset[Path]:
    """Return the files of this package that a module imports from, anywhere in its source."""
    package = path.relative_to(_PACKAGE.parent).parent.parts if _PACKAGE in path.parents else ()
    found = set()
    for text in _STATEMENT.findall(_COMMENT.sub(b"", source)):  # parsing would take ten times as long
        try:
            (statement, *_) = ast.parse(text).body
        except (SyntaxError, ValueError):
            continue  # a sentence that starts with one of these words
        if isinstance(statement, ast.Import):
            found |= {_module(alias.name) for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            above = package[: len(package) + 1 - statement.level] if statement.level else ()
            module = ".".join([*above, *filter(None, [statement.module])])
            for alias in statement.names:
                found.add(_module(f"{module}.{alias.name}") or _module(module))
    return frozenset(file for file in found if file is not None)


def _stamp_of(path: Path) -> str:
    """Return a digest of everything that the machine code of a module's kernels depends on.

    Raises
    ------
    OSError
        If a source file cannot be read, for example in an archive.
    """
    sources: dict[Path, bytes] = {}
    ahead = [path]
    while ahead:
        path = ahead.pop()
        if path not in sources:
            sources[path] = path.read_bytes()
            ahead += _imported(path, sources[path])
    digest = hashlib.sha256(_STAMP.encode())
    for path, source in sorted(sources.items()):
        digest.update(f"\n{path.name} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:24]


_stamp_at_import = functools.cache(_stamp_of)


class _NamedByContent(IndexDataCacheFile):  # type: ignore[misc]
    """Cache files of one kernel, without an index.

    Parameters
    ----------
    cache_path : str
        Folder of the cache.
    filename_base : str
        Numba's name for the function: module, function, line and version of Python.
    source : path
        File that defines the function.
    """

    def __init__(self, cache_path: str, filename_base: str, source: Path) -> None:
        super().__init__(cache_path, filename_base, None)
        self._base, self._source, self._stamp = filename_base, source, _stamp_at_import(source)

    def _name(self, key: Any) -> str:
        content = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
        return f"{self._base}.{self._stamp}.{content}.nbc"

    def save(self, key: Any, data: Any) -> None:
        try:
            if _stamp_of(self._source) != self._stamp:
                return  # a source file has changed since it was imported: a new import uses another stamp
            self._save_data(self._name(key), (repr(key), _symbols_in(data[0]), data))
            self._delete_earlier()
        except OSError:
            pass  # on a full disk, the next process compiles again

    def _delete_earlier(self) -> None:
        """Delete files with another stamp: indices, machine code, and temporary files of processes that have ended."""
        module, python = re.escape(self._source.stem), re.escape(self._base.rpartition(".")[2])
        ours = re.compile(rf"{module}\.[^-]+-\w+\.{python}\.(?!{self._stamp}\.)(\w+\.)*nb[ci](\.tmp\.\w+)?")
        for file in os.scandir(self._cache_path):
            if ours.fullmatch(file.name):
                try:
                    os.unlink(file.path)
                except OSError:
                    pass  # deleted by another process already, or held by it

    def load(self, key: Any) -> Any:
        try:
            named, symbols, data = self._load_data(self._name(key))
        except Exception:  # missing or damaged: unpickling may raise any exception
            return None
        if named != repr(key) or not symbols <= set(_linked):
            return None
        for symbol in symbols:
            _linked[symbol]()  # must precede the loading of the machine code that calls it
        return data


def _keep_on_disk(compiled: Any, function: Callable[..., Any]) -> None:
    """Make Numba look up machine code by content."""
    cache = getattr(compiled, "_cache", None)
    if hasattr(cache, "_cache_file") and hasattr(cache, "_impl"):
        try:
            source = Path(inspect.getfile(function)).absolute()
            cache._cache_file = _NamedByContent(cache.cache_path, cache._impl.filename_base, source)
        except OSError:
            cache.disable()  # without the source, the cache cannot be validated


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function`, to be called from Python, with Numba on its first call, and cache the machine code on disk.

    Parameters
    ----------
    function : callable
        Python code that Numba can compile. It may call functions compiled by `inner` and `linked`, but no other kernel: Numba links cached
        code by names that are unique within one process only, so one kernel must not combine code cached by different processes.

    Returns
    -------
    numba dispatcher
        Called like `function`. If no cache folder is writable, the machine code is not cached.
    """
    try:
        compiled = numba.njit(function, cache=True, **_OPTIONS)
    except RuntimeError:  # no writable cache folder
        global cached
        cached = False
        return numba.njit(function, **_OPTIONS)
    _keep_on_disk(compiled, function)
    return compiled


def inner(function: Callable[..., Any]) -> Any:
    """Compile `function` into each kernel and linked function that calls it.

    Returns
    -------
    numba dispatcher
    """
    return numba.njit(function, **_OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def linked(signature: Callable[[Any], Any], *, parallel: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function once per float type, separately from the kernels that call it.

    Parameters
    ----------
    signature : callable
        The function's Numba signature, given the float type (of its first pointer, or of the pointer in its first tuple). Arguments are
        pointers, numbers, and tuples of these; the result is a number.
    parallel : bool
        Whether its `numba.prange` loops run on all threads.

    Returns
    -------
    callable
        Called like the function, in kernels. It must neither raise nor allocate memory, since an error cannot reach the caller.
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
                    _keep_on_disk(function_for_real, function)
                except RuntimeError:
                    pass  # no writable cache folder
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

        # Numba would pass *arguments as one tuple; a signature with the function's own parameter names avoids that.
        takes = inspect.signature(function)
        context = inspect.Parameter("typingctx", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        call.__signature__ = takes.replace(parameters=[context, *takes.parameters.values()])  # type: ignore[attr-defined]
        return intrinsic(call)

    return decorate


def _float_type(arguments: Any) -> Any:
    """Return the type that the first pointer points to."""
    for argument in arguments:
        for part in getattr(argument, "types", (argument,)):
            if isinstance(part, types.CPointer):
                return part.dtype
    raise TypeError("a linked function needs at least one pointer argument")
