"""Claims that kernels do not access memory outside their arrays, tested with arrays next to protected memory pages.

A number that is read beyond the end of an array and discarded changes neither the result nor a guard word, but it crashes the program if that
memory is not mapped. Here, accessing the memory next to an array always crashes. Kernels run in a forked process, which then dies.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product as every
from typing import Any

import numpy as np

from scratchae.kernels import product, updates
from scratchae.kernels.product import ACTIVATE
from scratchae.kernels.tile import ROWS
from scratchae.verify.claims import Skipped, Subject, claim
from scratchae.verify.derivatives import Array, as_float
from scratchae.verify.memory import on_threads
from scratchae.verify.thresholds import (
    FINISHES,
    FULL,
    LIKELIHOODS,
    RULES,
    SETTINGS,
    STRIDES,
    ProductCase,
    Window,
    _losses,
    _multiply,
    _numbers,
    _sum_rows,
)
from scratchae.verify.twins import ARGUMENTS

POSSIBLE = hasattr(os, "fork") and sys.platform != "win32"
NO_ACCESS = 0  # PROT_NONE
Work = Callable[[], Any]


class Plain:
    """Arrays in ordinary memory."""

    def array(self, size: int, dtype: Any, values: Any = np.nan) -> Array:
        """Return an array of the given size, filled with `values`."""
        array = np.empty(size, dtype)
        array[:] = values
        return array

    def like(self, values: Any) -> Any:
        """Return a copy of an array in the same memory order; other objects are returned unchanged."""
        if not isinstance(values, np.ndarray):
            return values
        flat = self.array(values.size, values.dtype, values.ravel(order="K"))
        return flat.reshape(values.shape, order="F" if np.isfortran(values) else "C")


class Pages(Plain):
    """Arrays with inaccessible memory on both sides.

    Parameters
    ----------
    at_end : bool
        Whether the inaccessible memory directly follows the last number of each array, or directly precedes the first.
    """

    def __init__(self, at_end: bool) -> None:
        self.at_end = at_end
        self._protect = ctypes.CDLL(None, use_errno=True).mprotect
        self._protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)

    def array(self, size: int, dtype: Any, values: Any = np.nan) -> Array:
        """Return an array of the given size, filled with `values`."""
        page, nbytes = mmap.PAGESIZE, size * np.dtype(dtype).itemsize
        inside = -(-nbytes // page) * page
        memory = mmap.mmap(-1, inside + 2 * page)
        array = np.frombuffer(memory, dtype, size, page + (inside - nbytes if self.at_end else 0))
        array[:] = values
        start = np.frombuffer(memory, np.uint8).ctypes.data
        for beyond in (start, start + page + inside):
            if self._protect(beyond, page, NO_ACCESS):
                raise OSError(ctypes.get_errno(), "memory cannot be made inaccessible")
        return array


def survives(work: list[Work]) -> bool:
    """Return whether a forked process completes all the work."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # about forking with threads: kernels detect that they have none
        child = os.fork()
    if child == 0:
        try:
            for each in work:
                each()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def sides_touched(work: Callable[[Plain], Iterator[Work]]) -> float:
    """Return the number of sides on which memory outside an array was accessed.

    Raises
    ------
    Skipped
        Where processes cannot be forked.
    """
    if not POSSIBLE:
        raise Skipped("processes cannot be forked on this system")
    touched = 0
    with on_threads(0):
        for each in work(Plain()):  # so that the forked process need not compile kernels or load them from disk
            each()
        for at_end in (True, False):
            touched += not survives(list(work(Pages(at_end))))
    return float(touched)


def _products(dtype: str) -> Iterator[ProductCase]:
    """Compute products with all finishes and memory orders, with full and with partial last tiles."""
    full = FULL[dtype]
    for i, (a, b) in enumerate((a, b) for a in STRIDES for b in STRIDES):
        shapes = ((ROWS, 3, full), (2 * ROWS + 3, 19, 3 * full - 1), (5, product.BLOCK_DEPTH + 7, full + 2))
        for shape in shapes:
            yield ProductCase(*shape, a, b, *FINISHES[i % len(FINISHES)])
    for finish in FINISHES:
        yield ProductCase(ROWS + 3, 17, full + 3, "rows", "rows", *finish)
    for columns in (2 * full, 3 * full - 1):
        yield ProductCase(product.UNPACKED_ROWS, 250, columns, "columns", "rows", ACTIVATE)
        yield ProductCase(3 * product.UNPACKED_ROWS + 1, 250, columns, "columns", "columns", ACTIVATE)
    # The scratch memory of a process without threads.
    block = product.BLOCK_TILES * ROWS, product.BLOCK_DEPTH, product.BLOCK_PANELS * full
    yield ProductCase(*block, "columns", "columns", ACTIVATE)


def _multiplied(pages: Plain, case: ProductCase, dtype: str, rng: np.random.Generator) -> Work:
    """Compute a product with all arrays next to inaccessible memory."""
    numbers, widths = _numbers(case, rng), (case.columns, 1)

    def memory(size: int) -> Array:
        return pages.array(size, dtype)

    a = Window(numbers.a, STRIDES[case.a](case.rows, case.depth), dtype, memory)
    b = Window(numbers.b, STRIDES[case.b](case.depth, case.columns), dtype, memory)
    c, h = Window(numbers.before, widths, dtype, memory), Window(numbers.h, widths, dtype, memory)
    places = np.array([a.place, b.place, c.place, h.place])
    bias, scratch = pages.array(case.columns, dtype, numbers.bias), pages.array(product.SCRATCH, dtype)
    return lambda: _multiply(
        a.memory, b.memory, c.memory, h.memory, places, case.finish, case.activation, bias, scratch
    )


def _rows(pages: Plain, rows: int, columns: int, dtype: str) -> Iterator[Work]:
    """Compute sums and losses of the given number of rows."""
    sizes = (rows, rows * columns, rows * columns, rows, rows, rows * columns)
    arrays, db = [pages.array(size, dtype, 0.5) for size in sizes], pages.array(columns, dtype)
    yield lambda: _sum_rows(arrays[1], rows, columns, db)
    for likelihood in LIKELIHOODS.values():
        yield partial(_losses, likelihood, *arrays, rows, columns)


def _update(pages: Plain, rule: str, size: int, dtype: str) -> Work:
    """Compute an update of the given number of parameters."""
    slots = {"sgd": 0, "momentum": 1, "adam": 2}[rule]
    theta, gradient, state = (pages.array(n, dtype, 0.5) for n in (size, size, slots * size))
    settings = pages.like(np.array(SETTINGS[rule]))
    return lambda: updates.update(RULES[rule], theta, gradient, state.reshape(slots, size), settings, 1)


def _insides(pages: Plain, dtype: str, rng: np.random.Generator) -> Iterator[Work]:
    """Return work for the kernels used in whole steps."""
    yield from (_multiplied(pages, case, dtype, rng) for case in _products(dtype))
    for rows, columns in ((1, 1), (4, 5), (7, 33)):
        yield from _rows(pages, rows, columns, dtype)
    for rule in RULES:
        yield from (_update(pages, rule, size, dtype) for size in (1, 37, updates.CHUNK + 3))


def _twins(pages: Plain, subject: Subject, dtype: str, rng: np.random.Generator) -> Iterator[Work]:
    """Return work for all twins, in both memory orders."""
    cases = ((name, draw) for name, draws in ARGUMENTS.items() for draw in draws)
    for (name, draw), shape in every(cases, ((1, 1, 1), (5, 7, 3), (11, 17, 33))):
        arguments = [as_float(a, dtype) for a in draw(rng, *shape)]
        for order in ("C", "F"):
            laid_out = [np.asarray(a, order=order) if isinstance(a, np.ndarray) else a for a in arguments]
            yield partial(getattr(subject.kernels, name), *(pages.like(a) for a in laid_out))


def _register(dtype: str) -> None:
    @claim(
        f"products, sums, losses and updates touch nothing beyond their arrays in {dtype}",
        op="kernels",
        level="value",
        method="arrays between inaccessible memory, in a forked process",
        tolerance=0,
    )
    def insides(subject: Subject, rng: np.random.Generator) -> float:
        """Return the number of sides on which memory outside an array was accessed."""
        return sides_touched(lambda pages: _insides(pages, dtype, rng))

    @claim(
        f"all twins read nothing beyond their arguments in {dtype}",
        op="kernels",
        level="value",
        method="arguments between inaccessible memory, in a forked process",
        tolerance=0,
    )
    def twins(subject: Subject, rng: np.random.Generator) -> float:
        """Return the number of sides on which memory outside an array was accessed."""
        return sides_touched(lambda pages: _twins(pages, subject, dtype, rng))


for _dtype in FULL:
    _register(_dtype)
