"""The time of each piece of a training step, and the time of the part of a step that one of n threads would do.

The kernel of whole steps (`scratchae.kernels.steps.take_steps`) contains no counters. Here, its functions are compiled a second time, in a
namespace where the functions that do the work (the matrix product, the loss, the update, …) are replaced.

* `profile`: they are timed. Each piece is measured at its place in the step, with operands as near or far as they are in training.
* `seconds_of_share`: they do the n-th part of their work, which simulates more threads than the machine has.
"""

from __future__ import annotations

import ctypes
import functools
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from scratchae.benchmarks.cases import Workload
from scratchae.errors import ConvergenceWarning, muted
from scratchae.kernels import steps
from scratchae.kernels.compile import FASTMATH
from scratchae.kernels.matrix import Matrix
from scratchae.kernels.product import ACTIVATE, SLOPE
from scratchae.kernels.tile import ROWS, columns
from scratchae.nets.network import Array

PIECES = ("forward", "dW", "dW and optimiser", "dx", "loss", "gather", "bias sums", "optimiser")
FORWARD, DW, DW_AND_OPTIMISER, DX, LOSS, GATHER, BIAS, OPTIMISER = range(len(PIECES))
REST, OUTSIDE = "rest of the kernel", "outside the kernel"
# The piece of each function that the steps may call; a product is one of three, by the way in which it finishes a tile.
FUNCTIONS = {
    "copy": GATHER,
    "gather": GATHER,
    "loss_rows_both": LOSS,
    "cross_entropy_rows_both": LOSS,
    "sum_rows": BIAS,
    "update_all": OPTIMISER,
    "move_weights": DW_AND_OPTIMISER,
}
_ARGUMENTS = list(inspect.signature(steps.take_steps.py_func).parameters)
STATE, SETTINGS = _ARGUMENTS.index("state"), _ARGUMENTS.index("settings")
_intrinsic: Any = intrinsic  # what it decorates is typed by Numba
_counters = np.zeros((2, len(PIECES)), np.int64)  # nanoseconds and calls of each piece
_divisor = np.ones(1, np.int64)  # the number of threads that are simulated
_OPTIONS: dict[str, Any] = {"fastmath": FASTMATH, "error_model": "numpy"}
_COUNTERS, _DIVISOR = _counters.ctypes.data, _divisor.ctypes.data


# The clock, inside machine code.


def _clock() -> tuple[Any, list[int], float, float]:
    """Return the system's clock: a function that writes two numbers, its first arguments, and nanoseconds per unit of each number."""
    if hasattr(time, "CLOCK_MONOTONIC"):
        return ctypes.CDLL(None).clock_gettime, [time.CLOCK_MONOTONIC], 1e9, 1.0
    frequency = ctypes.c_int64()
    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined]
    kernel32.QueryPerformanceFrequency(ctypes.byref(frequency))
    return kernel32.QueryPerformanceCounter, [], 1e9 / frequency.value, 0.0


_read, _first, *_units = _clock()
_READ = ctypes.cast(_read, ctypes.c_void_p).value


@_intrinsic
def _nanoseconds(typingctx):  # type: ignore[no-untyped-def]
    """Return the time, as a float."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        whole, word, real = ir.IntType(64), ir.IntType(32), ir.DoubleType()
        kind = ir.FunctionType(word, [word] * len(_first) + [whole.as_pointer()])
        function = builder.inttoptr(whole(_READ), kind.as_pointer())
        answer = cgutils.alloca_once(builder, whole, size=2)
        builder.store(whole(0), builder.gep(answer, [word(1)]))
        builder.call(function, [*map(word, _first), answer])
        first, second = (
            builder.fmul(builder.sitofp(builder.load(builder.gep(answer, [word(i)])), real), real(_units[i]))
            for i in (0, 1)
        )
        return builder.fadd(first, second)

    return types.float64(), codegen


@_intrinsic
def _numbers_at(typingctx, address):  # type: ignore[no-untyped-def]
    """Return a pointer to the whole numbers at an address."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], ir.IntType(64).as_pointer())

    return types.CPointer(types.int64)(types.intp), codegen


@numba.njit(**_OPTIONS)
def _count(piece, start):  # type: ignore[no-untyped-def]
    """Add the time since `start`, and one call, to the counters of a piece."""
    counters = _numbers_at(_COUNTERS)
    counters[piece] += np.int64(_nanoseconds() - start)
    counters[len(PIECES) + piece] += 1


@numba.njit(**_OPTIONS)
def _read_often(times):  # type: ignore[no-untyped-def]
    for _ in range(times):
        _count(0, _nanoseconds())


def cost_of_clock() -> float:
    """Return the seconds that one reading of the clock takes."""
    _read_often(1)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        _read_often(2000)
        took.append((time.perf_counter() - start) / 4000)
    _counters[:] = 0
    return float(np.median(took))


# The kernel, compiled with other functions.


def _compiled_with(replaced: Mapping[str, Any]) -> Any:
    """Return `steps.take_steps`, with the replaced functions in place of those that the module `steps` calls; others are ignored."""
    scope = {**vars(steps), **{name: function for name, function in replaced.items() if hasattr(steps, name)}}
    for name, value in vars(steps).items():
        function = getattr(value, "py_func", None)
        if name not in replaced and function is not None and function.__module__ == steps.__name__:
            copy = FunctionType(function.__code__, scope, name, function.__defaults__, function.__closure__)
            scope[name] = numba.njit(copy, **_OPTIONS)
    return scope["take_steps"]


def _timed(function: Any, piece: int) -> Any:
    @numba.njit(**_OPTIONS)
    def timed(*arguments):  # type: ignore[no-untyped-def]
        start = _nanoseconds()
        result = function(*arguments)
        _count(piece, start)
        return result

    return timed


@numba.njit(**_OPTIONS)
def _timed_product(*arguments):  # type: ignore[no-untyped-def]
    start, finish = _nanoseconds(), arguments[3]
    result = steps.product(*arguments)
    _count(FORWARD if finish == ACTIVATE else DX if finish == SLOPE else DW, start)
    return result


@functools.cache
def timed_steps() -> Any:
    """Return `take_steps` with a clock around each piece."""
    timed = {name: _timed(getattr(steps, name), piece) for name, piece in FUNCTIONS.items() if hasattr(steps, name)}
    return _compiled_with({**timed, "product": _timed_product})


class _Stopwatch:
    """A stand-in for `steps.take_steps` that adds up the time and the number of steps of its calls."""

    def __init__(self, take_steps: Callable[..., int]) -> None:
        self.take_steps = take_steps
        self.seconds, self.steps = 0.0, 0

    def __call__(self, *arguments: Any) -> int:
        start = time.perf_counter()
        done = self.take_steps(*arguments)
        self.seconds += time.perf_counter() - start
        self.steps += done
        return done


@contextmanager
def _training_with(take_steps: Callable[..., int]) -> Iterator[None]:
    """Train with another function in place of `steps.take_steps`."""
    before = steps.take_steps
    steps.take_steps = take_steps
    try:
        yield
    finally:
        steps.take_steps = before


def fit(case: Workload, epochs: int, **options: Any) -> Any:
    """Return an `Autoencoder` with the sizes of a case, fitted to as many rows, with options of the constructor."""
    import scratchae as sae

    sizes: dict[str, Any] = {
        "hidden_sizes": case.encoder[1:-1],
        "latent_dim": case.encoder[-1],
        "batch_size": case.batch_size,
    }
    x = _data(case)
    with muted(ConvergenceWarning):
        return sae.Autoencoder(**sizes, epochs=epochs, random_state=0, **options).fit(x)


@functools.lru_cache(maxsize=1)
def _data(case: Workload) -> Array:
    rng = np.random.default_rng(0)
    return rng.random((case.batch_size * case.batches, case.encoder[0]), dtype=np.float32)


def seconds_in_kernel(case: Workload, rounds: int = 5) -> float:
    """Return the seconds per step that are spent in the kernel: the median of several trainings of one epoch."""
    found = []
    for turn in range(rounds + 1):
        watch = _Stopwatch(steps.take_steps)
        with _training_with(watch):
            fit(case, 1)
        if turn:  # the first loads the kernels
            found.append(watch.seconds / watch.steps)
    return float(np.median(found))


# The time of each piece.


def profile(case: Workload, rounds: int = 5, seconds: float = 1.0) -> dict[str, float]:
    """Return where the time of a training step goes.

    Parameters
    ----------
    case : Workload
    rounds : int
        Number of trainings; the result is that of the one with the median time per step, so that its parts add up.
    seconds : float
        Approximate duration of each.

    Returns
    -------
    dict of str to float
        Seconds per step of each of the `PIECES`, of the rest of the kernel, and outside the kernel. The time that the clock takes is subtracted.
    """
    take_steps, clock = timed_steps(), cost_of_clock()
    with _training_with(take_steps):
        fit(case, 1)  # compiles
        once = fit(case, 1).history_["seconds"][-1]
    epochs = max(1, round(seconds / once))
    found = sorted(
        (_one_profile(case, take_steps, epochs, clock) for _ in range(rounds)), key=lambda p: sum(p.values())
    )
    return found[len(found) // 2]


def _one_profile(case: Workload, take_steps: Any, epochs: int, clock: float) -> dict[str, float]:
    watch = _Stopwatch(take_steps)
    _counters[:] = 0
    with _training_with(watch):
        whole = fit(case, epochs).history_["seconds"][-1]
    spent, calls = _counters
    # Between the two readings around a piece lies about one of them.
    pieces = np.maximum(spent / 1e9 - calls * clock, 0.0)
    rest = watch.seconds - spent.sum() / 1e9 - calls.sum() * clock
    parts = {**dict(zip(PIECES, pieces, strict=True)), REST: max(rest, 0.0), OUTSIDE: max(whole - watch.seconds, 0.0)}
    return {name: float(value) / watch.steps for name, value in parts.items()}


# The share of one of n threads.


@numba.njit(**_OPTIONS)
def _part_of(size, unit):  # type: ignore[no-untyped-def]
    """Return the n-th part of `size`, in whole units, at most `size`."""
    units = (size + unit - 1) // unit
    n = _numbers_at(_DIVISOR)[0]
    return min((units + n - 1) // n * unit, size)


@numba.njit(**_OPTIONS)
def _part_of_product(a, b, c, finish, activation, bias, h, scratch):  # type: ignore[no-untyped-def]
    """Compute some of the columns of c, or some of its rows, whichever is less work."""
    rows, width = _part_of(c.rows, ROWS), _part_of(c.columns, columns(c.start))
    if rows * c.columns < c.rows * width:
        width = c.columns
    else:
        rows = c.rows
    a = Matrix(a.start, rows, a.columns, a.row_stride, a.column_stride)
    b = Matrix(b.start, b.rows, width, b.row_stride, b.column_stride)
    c = Matrix(c.start, rows, width, c.row_stride, c.column_stride)
    h = Matrix(h.start, rows, width, h.row_stride, h.column_stride)
    return steps.product(a, b, c, finish, activation, bias, h, scratch)


@numba.njit(**_OPTIONS)
def _part_of_loss(kind, dloss, output, target, loss, doutput, rows, columns):  # type: ignore[no-untyped-def]
    return steps.loss_rows_both(kind, dloss, output, target, loss, doutput, _part_of(rows, 1), columns)


@numba.njit(**_OPTIONS)
def _part_of_update(rule, theta, gradient, m, v, constants, size):  # type: ignore[no-untyped-def]
    return steps.update_all(rule, theta, gradient, m, v, constants, _part_of(size, 1))


@numba.njit(**_OPTIONS)
def _part_of_move_weights(inputs, *others):  # type: ignore[no-untyped-def]
    width = _part_of(inputs.columns, ROWS)
    inputs = Matrix(inputs.start, inputs.rows, width, inputs.row_stride, inputs.column_stride)
    return steps.move_weights(inputs, *others)


@functools.cache
def _steps_of_share() -> Any:
    """Return `take_steps` in which each piece does the part of its work that the divisor gives."""
    parts = {
        "product": _part_of_product,
        "loss_rows_both": _part_of_loss,
        "update_all": _part_of_update,
        "move_weights": _part_of_move_weights,
    }
    return _compiled_with(parts)


def _whole_once(watch: _Stopwatch, n: int) -> Callable[..., int]:
    """Return `take_steps` that fills all memory in a whole step first, and then takes steps with the n-th part of the work, without learning."""
    whole = [True]  # empty after the first call

    def take_steps(*arguments: Any) -> int:
        settings = arguments[SETTINGS]
        settings[0] = 0.0  # what is computed makes no sense, so the parameters stay as they are
        if whole:
            whole.clear()
            _divisor[0] = 1
            watch.take_steps(*arguments)
            arguments[STATE][:] = (
                0.0  # a part of the parameters has its v where all of them have m, which may be negative
            )
        _divisor[0] = n
        return watch(*arguments)

    return take_steps


def seconds_of_share(case: Workload, threads: list[int], rounds: int = 5) -> dict[int, float]:
    """Return the seconds per step that one of n threads would need for its share of the work, measured on one thread.

    Each product computes the n-th part of the columns or rows, in whole tiles; the loss, the n-th part of the rows; the update, the n-th part
    of the parameters. Gathering the batch and the sums of the biases are not divided. The threads do not wait for each other and do not
    compete for the memory, so this is a lower bound on the time of a step.

    Parameters
    ----------
    case : Workload
    threads : list of int
    rounds : int
        Number of measurements, in turn; the result is their median.
    """
    share, before = _steps_of_share(), numba.get_num_threads()
    found: dict[int, list[float]] = {n: [] for n in threads}
    try:
        numba.set_num_threads(1)
        for turn in range(rounds + 1):
            for n in threads:
                watch = _Stopwatch(share)
                with _training_with(_whole_once(watch, n)):
                    fit(case, 1)
                if turn:  # the first compiles
                    found[n].append(watch.seconds / watch.steps)
    finally:
        numba.set_num_threads(before)
        _divisor[0] = 1
    return {n: float(np.median(values)) for n, values in found.items()}
