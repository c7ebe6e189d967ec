"""Claims about kernels on both sides of every size threshold of their code paths: blocks, panels, packing, chunks, threads.

The code path of a kernel is chosen by small functions (`kernels.product._in_place` and so on). A claim calls the same functions for its cases,
and fails if a path is not covered. In products and sums, the numbers are small multiples of a power of two, so that results are exact for any
order of summation: the tolerance is zero, and a number that is omitted, used twice or taken from elsewhere is detected. All memory is between
guards, and contains NaN before it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, cycle
from itertools import product as every
from threading import Thread
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.lib.stride_tricks import as_strided
from threadpoolctl import threadpool_limits

from scratchae.kernels import losses, matrix, product, tile, updates
from scratchae.kernels.compile import kernel
from scratchae.kernels.layers import sum_rows
from scratchae.kernels.matrix import Matrix, rows_at
from scratchae.kernels.product import ACTIVATE, ADD, ASSIGN, IDENTITY, RELU, SIGMOID, SLOPE, TANH
from scratchae.kernels.tile import MOST_COLUMNS, ROWS
from scratchae.verify.claims import Subject, claim, worst
from scratchae.verify.derivatives import Array, entrywise_error
from scratchae.verify.memory import Guards, in_python, on_all_threads, on_threads, thread_numbers
from scratchae.verify.twins import tolerance, twin_error

FULL = {"float32": MOST_COLUMNS, "float64": MOST_COLUMNS // 2}  # columns of a tile
EPS = {dtype: float(np.finfo(dtype).eps) for dtype in FULL}
advanced: Any = tile.advanced
pointer: Any = tile.pointer
DEPTH, BLOCK_ROWS, PANELS = product.BLOCK_DEPTH, product.BLOCK_TILES * ROWS, product.BLOCK_PANELS

# The matrix product.

FINISHES = [(ASSIGN, IDENTITY), (ADD, IDENTITY), *every((ACTIVATE, SLOPE), (IDENTITY, SIGMOID, TANH, RELU))]
# Memory layouts of a matrix: distance between rows, and between columns.
STRIDES = {
    "rows": lambda rows, columns: (columns, 1),
    "rows of a wider one": lambda rows, columns: (columns + 5, 1),
    "columns": lambda rows, columns: (1, rows),
    "columns of a taller one": lambda rows, columns: (1, rows + 7),
    "neither": lambda rows, columns: (2 * columns + 1, 2),
}


class ProductCase(NamedTuple):
    """One product: (rows, depth) times (depth, columns), the memory layout of both, and the finish."""

    rows: int
    depth: int
    columns: int
    a: str = "rows"
    b: str = "rows"
    finish: int = ASSIGN
    activation: int = IDENTITY

    @property
    def in_parallel(self) -> bool:
        return bool(in_python(product._in_parallel)(self.rows, self.columns, self.depth))


@kernel
def _multiply(a, b, c, h, places, finish, activation, bias, scratch):  # type: ignore[no-untyped-def]
    """Call `product.product` with views of memory; a row of `places` contains the start, the shape and the strides of a matrix."""
    p = places
    left = Matrix(advanced(pointer(a), p[0, 0]), p[0, 1], p[0, 2], p[0, 3], p[0, 4])
    right = Matrix(advanced(pointer(b), p[1, 0]), p[1, 1], p[1, 2], p[1, 3], p[1, 4])
    result = Matrix(advanced(pointer(c), p[2, 0]), p[2, 1], p[2, 2], p[2, 3], p[2, 4])
    outputs = Matrix(advanced(pointer(h), p[3, 0]), p[3, 1], p[3, 2], p[3, 3], p[3, 4])
    product.product(left, right, result, finish, activation, pointer(bias), outputs, pointer(scratch))


class Window:
    """A matrix in separate memory, which contains NaN outside the matrix.

    Parameters
    ----------
    values : array, shape (rows, columns)
    strides : tuple of int
        Strides in numbers.
    dtype : str
    memory : callable, optional
        Allocates an array of NaN of the given size for the matrix, without a margin.
    """

    def __init__(
        self, values: Array, strides: tuple[int, int], dtype: str, memory: Callable[[int], Array] | None = None
    ) -> None:
        (rows, columns), start = values.shape, 0 if memory else 7
        size = (rows - 1) * strides[0] + (columns - 1) * strides[1] + 1 if values.size else 0
        self.memory = memory(size) if memory else np.full(size + 14, np.nan, dtype)
        self.place = (start, rows, columns, *strides)
        in_bytes = tuple(stride * self.memory.itemsize for stride in strides)
        self.view = as_strided(self.memory[start:], values.shape, in_bytes)
        self.view[...] = values

    def clear_outside(self) -> bool:
        """Return whether everything outside the matrix is still NaN; the matrix is set to NaN."""
        self.view[...] = np.nan
        return bool(np.isnan(self.memory).all())


def _cut(size: int, unit: int, shares: int) -> list[int]:
    """Return the sizes of the shares."""
    ends = [in_python(product._share)(size, unit, i, shares) for i in range(shares)]
    return [stop - start for start, stop in ends]


def product_ways(case: ProductCase, dtype: str) -> set[tuple[Any, ...]]:
    """Return the code paths of a product, from the functions that choose them."""
    full = FULL[dtype]
    ways: set[tuple[Any, ...]] = set()
    if 0 in case[:3]:
        return {("nothing", case.depth == 0, case.finish, case.activation)}
    (a_row, a_column), b_strides = STRIDES[case.a](case.rows, case.depth), STRIDES[case.b](case.depth, case.columns)
    down, across = in_python(product._blocks)(case.rows, case.columns, full)
    if case.in_parallel:
        across = in_python(product._enough_across)(down, across, case.columns, full)
    ways.add(("blocks", down > 1, across > 1, case.in_parallel, case.finish))
    pieces = ["only"] if case.depth <= DEPTH else ["first", *["middle"] * ((case.depth - 1) // DEPTH - 1), "last"]
    for rows, width in every(set(_cut(case.rows, ROWS, down)), set(_cut(case.columns, full, across))):
        in_place = in_python(product._in_place)(*b_strides, case.rows, width, full)
        panels = "in place" if in_place else in_python(matrix.packing)(*b_strides)
        strewn = in_python(product._strewn)(a_row, a_column, rows, case.depth)
        ways.add(("panels", panels, width % full > 0, strewn, case.depth > DEPTH, case.in_parallel))
        ways.add(("strewn", strewn, rows % ROWS > 0, case.depth > DEPTH))
        row_tiles = {rows >= ROWS, rows % ROWS == 0}  # full tiles, and a partial one
        column_tiles = {width >= full, width % full == 0}
        ways |= {("tile", *t) for t in every(row_tiles, column_tiles, pieces, [case.finish], [case.activation])}
    return ways


def all_product_ways() -> set[tuple[Any, ...]]:
    """Return all possible code paths of a product."""
    flags, kinds = (False, True), ("in place", matrix.ROW_BY_ROW, matrix.SQUARE_BY_SQUARE, matrix.ONE_BY_ONE)
    ways: set[tuple[Any, ...]] = {
        ("blocks", *way) for way in every(flags, flags, flags, (ASSIGN, ADD, ACTIVATE, SLOPE))
    }
    ways |= {("panels", *way) for way in every(kinds, flags, flags, flags, flags) if way[:2] != ("in place", True)}
    ways |= {("strewn", *way) for way in every(flags, flags, flags)}
    tiles = every(flags, flags, ("only", "first", "middle", "last"), FINISHES)
    ways |= {("nothing", *way, *finish) for *way, finish in every(flags, FINISHES)}
    return ways | {("tile", *where, *finish) for *where, finish in tiles}


def _around(*sizes: int) -> list[int]:
    """Return the sizes, and those just below and above."""
    return sorted({size + step for size in sizes for step in (-1, 0, 1) if size + step > 0})


def product_cases(full: int) -> Iterator[ProductCase]:
    """Return products at, just below and just above every threshold, separately and combined, by shape and strides."""
    orders = list(every(STRIDES, STRIDES))
    shapes = [(rows, 19, 2 * full + 3) for rows in _around(1, ROWS, product.UNPACKED_ROWS, BLOCK_ROWS, 2 * BLOCK_ROWS)]
    shapes += [(2 * ROWS + 3, 19, columns) for columns in _around(1, full, PANELS * full, 2 * PANELS * full)]
    shapes += [(ROWS + 3, depth, full + 5) for depth in _around(1, DEPTH, 2 * DEPTH)]
    limit = product.UNPACKED_SIZE // product.UNPACKED_ROWS  # row length up to which this number of rows is not copied
    shapes += [(product.UNPACKED_ROWS, depth, 3 * full) for depth in _around(limit)]
    for depth, order in every(_around(product.PARALLEL_FROM // 10_000), orders[::7]):
        yield ProductCase(100, depth, 100, *order)
    for i, shape in enumerate(shapes):
        for j in range(0, len(orders), 3):
            yield ProductCase(*shape, *orders[(i + j) % len(orders)], *FINISHES[(i + j) % len(FINISHES)])
    for depth, finish in every((5, DEPTH + 9, 2 * DEPTH + 40), FINISHES):
        yield ProductCase(2 * ROWS + 3, depth, 2 * full + 3, "rows", "rows", *finish)
    for (rows, depth, columns), finish in every(((ROWS + 3, 0, full + 5), (0, 5, 3), (4, 5, 0)), FINISHES):
        yield ProductCase(rows, depth, columns, "rows", "rows", *finish)
    finishes = cycle(FINISHES)
    for depth, a, b, columns in every(
        (DEPTH - 6, DEPTH + 44), ("rows", "columns"), STRIDES, (2 * full, 2 * full + 3, 192, 195)
    ):
        yield ProductCase(product.UNPACKED_ROWS, depth, columns, a, b, *next(finishes))
    for depth, a, columns in every((DEPTH - 6, DEPTH + 44), ("rows", "columns"), (2 * full, 192)):
        yield ProductCase(product.UNPACKED_ROWS + ROWS, depth, columns, a, "rows", *next(finishes))
    for rows, columns in every(_around(product.UNPACKED_ROWS // 8), _around(product.SAME_LINES * full)):
        yield ProductCase(rows, 19, columns)
    # Deep products, or nearly deep ones, on one thread, in place and packed.
    for depth, a, b, columns in every((DEPTH + 1, DEPTH - 6), ("rows", "columns"), STRIDES, (full, full + 3)):
        yield ProductCase(4 * ROWS, depth, columns, a, b, *next(finishes))
    for a, depth in every(("rows", "columns"), (DEPTH + 1, DEPTH - 6)):
        yield ProductCase(product.UNPACKED_ROWS + 1, depth, full, a, "rows", *next(finishes))
    for a, depth, rows in every(("columns of a taller one", "rows"), (40, DEPTH + 9), (BLOCK_ROWS, BLOCK_ROWS - 3)):
        yield ProductCase(rows, depth, 2 * full, a, "columns", *next(finishes))
    for rows, columns in every((BLOCK_ROWS - 1, 2 * BLOCK_ROWS + 1), (full - 3, PANELS * full + 1)):
        enough = product.PARALLEL_FROM // (rows * columns) + 1
        for depth, finish in every((enough // 3 + 1, enough), (ASSIGN, ADD, ACTIVATE, SLOPE)):
            yield ProductCase(
                rows, depth, columns, "columns", "columns", finish, IDENTITY if finish in (ASSIGN, ADD) else RELU
            )
    # All the scratch memory of a process without threads, and of a thread; deeper products use it again.
    for depth, columns in every((DEPTH, 3 * DEPTH), (PANELS * full, 8 * PANELS * full)):
        yield ProductCase(BLOCK_ROWS, depth, columns, "columns", "columns", ACTIVATE, IDENTITY)


class Numbers(NamedTuple):
    """Return the values of a product's matrices."""

    a: Array
    b: Array
    before: Array
    bias: Array
    h: Array


def _numbers(case: ProductCase, rng: np.random.Generator) -> Numbers:
    """Return multiples of powers of two, whose sums and products are exact in both float types."""
    rows, depth, columns = case[:3]
    a, b = rng.integers(-4, 5, (rows, depth)) / 32, rng.integers(-4, 5, (depth, columns))
    before, bias = rng.integers(-99, 100, (rows, columns)) / 32, rng.integers(-64, 65, columns) / 32
    h = rng.integers(-15 if case.activation == TANH else 0, 16, (rows, columns)) / 16
    return Numbers(a, b, before, bias, h)


def _finished(case: ProductCase, numbers: Numbers) -> Array:
    """Return the result in float64, in which only sigmoid and tanh are rounded."""
    total = numbers.a @ numbers.b
    if case.finish == ACTIVATE:
        t = total + numbers.bias
        return {IDENTITY: t, SIGMOID: 1 / (1 + np.exp(-t)), TANH: np.tanh(t), RELU: np.maximum(t, 0)}[case.activation]
    if case.finish == SLOPE:
        h = numbers.h
        return total * {IDENTITY: 1, SIGMOID: h * (1 - h), TANH: 1 - h * h, RELU: h > 0}[case.activation]
    return total + (numbers.before if case.finish == ADD else 0)


def product_error(case: ProductCase, dtype: str, rng: np.random.Generator) -> float:
    """Return the largest error of one product for any number of threads; infinite if an exact result or thread independence is violated."""
    numbers, results = _numbers(case, rng), []
    expected, exact = _finished(case, numbers), case.finish != ACTIVATE or case.activation in (IDENTITY, RELU)
    a = Window(numbers.a, STRIDES[case.a](case.rows, case.depth), dtype)
    b = Window(numbers.b, STRIDES[case.b](case.depth, case.columns), dtype)
    h = Window(numbers.h, (case.columns + 2, 1), dtype)
    for number in thread_numbers() if case.in_parallel else (0,):
        guards, parallel = Guards(), case.in_parallel and number > 0
        scratch = guards.array(product.SCRATCH * max(number, 1) + product.COUNTER * parallel, dtype)
        bias = guards.array(case.columns, dtype, numbers.bias)
        c = Window(
            numbers.before if case.finish == ADD else np.full_like(numbers.before, np.nan), (case.columns + 3, 1), dtype
        )
        places = np.array([a.place, b.place, c.place, h.place])
        with on_threads(number):
            _multiply(a.memory, b.memory, c.memory, h.memory, places, case.finish, case.activation, bias, scratch)
        results.append(c.view.copy())
        if guards.broken() or not c.clear_outside() or not np.array_equal(results[-1], results[0]):
            return np.inf
    if exact:
        return 0.0 if np.array_equal(results[0], expected) else np.inf
    return entrywise_error(results[0], expected, empty=0 in (case.rows, case.columns))


def _register_product(dtype: str) -> None:
    @claim(
        f"dense products at every threshold in {dtype}",
        op="dense",
        equation="dense.1 dense.4 dense.6 layer.1 layer.2",
        level="value",
        method="exact sums; sizes around every threshold, any strides, guarded memory, 0 to 2 threads",
        tolerance=8 * EPS[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        cases = list(product_cases(FULL[dtype]))
        if set().union(*(product_ways(case, dtype) for case in cases)) != all_product_ways():
            return np.inf
        with threadpool_limits(1, user_api="blas"):  # NumPy's own threads would interfere with the kernels
            x, W, dy = (rng.integers(-4, 5, shape).astype(dtype) for shape in ((241, 257), (257, 53), (241, 53)))
            whole = max(
                twin_error(name, getattr(subject.ops, name), getattr(subject.kernels, name), arguments)
                for name, arguments in (("dense", [x, W, W[0]]), ("dense_backward", [dy, x, W]))
            )
            errors = chain([np.inf if whole else 0.0], (product_error(case, dtype, rng) for case in cases))
            return on_all_threads(worst(errors, 8 * EPS[dtype]))


@claim(
    "scratch memory suffices for all threads, and no two Python threads share it",
    op="kernels",
    level="meaning",
    method="sizes, types and addresses, also where a Python thread begins with one thread of Numba",
    tolerance=0,
)
def _scratch_memory(subject: Subject, rng: np.random.Generator) -> float:
    """Return the number of errors."""
    kept = [product.scratch_memory(np.dtype(dtype)) for dtype in FULL]
    other: list[Array] = []

    def allocate() -> None:
        numba.set_num_threads(1)  # of this Python thread, which may use all of them later
        other.extend(product.scratch_memory(np.dtype(dtype)) for dtype in FULL)

    thread = Thread(target=allocate)
    thread.start()
    thread.join()
    most, mistakes = numba.config.NUMBA_NUM_THREADS, 0  # type: ignore[attr-defined]
    for memory, elsewhere, dtype in zip(kept, other, FULL, strict=True):
        mistakes += memory.dtype != dtype or elsewhere.dtype != dtype
        mistakes += memory is not product.scratch_memory(np.dtype(dtype)) or np.shares_memory(memory, elsewhere)
        mistakes += min(memory.size, elsewhere.size) < product.COUNTER + most * product.SCRATCH
    return mistakes


# Sums over the rows, computed four rows at a time.


@kernel
def _sum_rows(dy, rows, columns, db):  # type: ignore[no-untyped-def]
    sum_rows(rows_at(pointer(dy), rows, columns), pointer(db))


def _register_sum_rows(dtype: str) -> None:
    @claim(
        f"dense sums of 0 to 9 rows in {dtype}",
        op="dense",
        equation="dense.8",
        level="value",
        method="exact sums in guarded memory",
        tolerance=0,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        """Return the number of inexact sums and of overwritten guards."""
        wrong = 0
        for rows, columns in every(range(10), (1, 3, FULL[dtype] + 1)):
            guards, numbers = Guards(), rng.integers(-99, 100, (rows, columns)) / 32
            dy, db = guards.array(numbers.size, dtype, numbers.ravel()), guards.array(columns, dtype)
            _sum_rows(dy, rows, columns, db)
            through_op = subject.kernels.dense_backward(
                dy.reshape(rows, columns), np.ones((rows, 2), dtype), np.ones((2, columns), dtype)
            )[2]
            wrong += guards.broken() + sum(
                int(np.count_nonzero(each != numbers.sum(axis=0))) for each in (db, through_op)
            )
        return wrong


# The updates of the parameters.

RULES = {"sgd": updates.SGD, "momentum": updates.MOMENTUM, "adam": updates.ADAM}
SETTINGS = {"sgd": (0.1, 0.0), "momentum": (0.1, 0.9), "adam": (0.1, 0.9, 0.99, 1e-3)}
UPDATE_SIZES = [
    1,
    7,
    3 * updates.CHUNK,
    3 * updates.CHUNK + 1,
    *(s + d for s in (updates.PARALLEL_FROM, 11 * updates.CHUNK) for d in (-1, 0, 1)),
]


def updated(rule: str, theta: Array, slots: Array, gradients: Array) -> tuple[Array, Array, Array, Array]:
    """Return theta and the state after one step per gradient, in float64, and the sums of absolute values of all added terms."""
    rate, decay, *rest = SETTINGS[rule]
    theta, slots, scale, scales = theta.copy(), slots.copy(), np.abs(theta), np.abs(slots)
    for t, g in enumerate(gradients, 1):
        if rule == "sgd":
            move, size = -rate * g, rate * np.abs(g)
        elif rule == "momentum":
            slots[0] = decay * slots[0] - rate * g
            scales[0] = decay * scales[0] + rate * np.abs(g)
            move, size = slots[0], scales[0]
        else:
            slots[:] = decay * slots[0] + (1 - decay) * g, rest[0] * slots[1] + (1 - rest[0]) * g**2
            scales[:] = decay * scales[0] + (1 - decay) * np.abs(g), slots[1]
            step = rate / (1 - decay**t) / (np.sqrt(slots[1] / (1 - rest[0] ** t)) + rest[1])
            move, size = -step * slots[0], step * scales[0]
        theta, scale = theta + move, scale + size
    return theta, slots, scale, scales


def update_error(rule: str, subject: Subject, size: int, dtype: str, rng: np.random.Generator) -> float:
    """Return the error of three steps for any number of threads; infinite if threads differ, a parameter is unchanged, or a guard is broken."""
    slots = {"sgd": 0, "momentum": 1, "adam": 2}[rule]
    theta, state, gradients = (rng.standard_normal(shape).astype(dtype) for shape in (size, (slots, size), (3, size)))
    np.abs(state[1:], out=state[1:])  # a mean of squares
    gradients += np.where(gradients < 0, -0.1, 0.1).astype(dtype)  # large enough to change every parameter
    expected = updated(rule, *(each.astype(np.float64) for each in (theta, state, gradients)))
    results: list[Array] = []
    for number in thread_numbers():
        guards = Guards()
        moved, slot = guards.like(theta), guards.like(state)
        with on_threads(number):
            for step, gradient in enumerate(gradients, 1):
                updates.update(RULES[rule], moved, guards.like(gradient), slot, np.array(SETTINGS[rule]), step)
        results.append(np.vstack([moved, slot]))
        if guards.broken() or not np.array_equal(results[-1], results[0]) or (moved == theta).any():
            return np.inf
    after, state_after, scale, scales = expected
    arguments = [theta, *state, gradients[0], *([1] if rule == "adam" else []), *SETTINGS[rule]]
    if rule == "sgd":
        arguments.pop()  # no second setting
    if twin_error(rule, getattr(subject.ops, rule), getattr(subject.kernels, rule), arguments) > tolerance(rule, dtype):
        return np.inf
    return entrywise_error(results[0], np.vstack([after, state_after]), np.vstack([scale, scales]))


def _register_update(rule: str, dtype: str) -> None:
    @claim(
        f"{rule} at every threshold in {dtype}",
        op=rule,
        equation=" ".join(f"{rule}.{i}" for i in range(1, {"sgd": 1, "momentum": 2, "adam": 3}[rule] + 1)),
        level="value",
        method="three steps in float64; sizes around every threshold, guarded memory, 0 to 2 threads",
        tolerance=16 * EPS[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        parallel, chunks = in_python(updates._in_parallel), in_python(updates._chunks)
        rests = {(parallel(size), chunks(size) * updates.CHUNK > size) for size in UPDATE_SIZES}
        if rests != set(every((False, True), repeat=2)):
            return np.inf
        errors = (update_error(rule, subject, size, dtype, rng) for size in UPDATE_SIZES)
        return on_all_threads(worst(errors, 16 * EPS[dtype]))


# Losses, summed row by row.

LIKELIHOODS = {"bernoulli_nll": losses.BERNOULLI, "squared_error": losses.GAUSSIAN}


@kernel
def _losses(likelihood, dloss, a, x, loss, both, da, rows, columns):  # type: ignore[no-untyped-def]
    losses.loss_rows(likelihood, pointer(a), pointer(x), pointer(loss), rows, columns)
    losses.loss_rows_both(likelihood, pointer(dloss), pointer(a), pointer(x), pointer(both), pointer(da), rows, columns)


def loss_error(op: str, subject: Subject, shape: tuple[int, int], dtype: str, rng: np.random.Generator) -> float:
    """Return the largest error of a loss and its gradient for any number of threads; infinite if threads differ or a guard is broken."""
    a, x, dloss = (rng.standard_normal(size).astype(dtype) for size in (shape, shape, shape[:1]))
    exact = [each.astype(np.float64) for each in (dloss, a, x)]
    expected = getattr(subject.ops, op)(*exact[1:]), getattr(subject.ops, f"{op}_backward")(*exact)
    results: list[tuple[Array, ...]] = []
    for number in thread_numbers():
        guards = Guards()
        loss, both, da = (guards.array(size, dtype) for size in (len(a), len(a), a.size))
        with on_threads(number):
            _losses(LIKELIHOODS[op], guards.like(dloss), guards.like(a), guards.like(x), loss, both, da, *shape)
        results.append((loss, both, da.reshape(shape)))
        same = all(np.array_equal(p, q) for p, q in zip(results[0], results[-1], strict=True))
        if guards.broken() or not same:
            return np.inf
    loss, both, da = results[0]
    upstream, a, x = exact
    scale = (np.log1p(np.exp(a)) + np.abs(x * a)).sum(axis=1), np.abs(upstream)[:, None] * (1 + np.abs(x))
    if op == "squared_error":
        scale = (np.zeros(1), np.zeros(1))
    sums = max(entrywise_error(each, expected[0], scale[0]) for each in (loss, both)) / np.sqrt(max(shape[1], 1))
    return max(sums, entrywise_error(da, expected[1], scale[1]))


def _register_loss(op: str, dtype: str) -> None:
    @claim(
        f"{op} at every threshold in {dtype}",
        op=op,
        equation={
            "bernoulli_nll": "bernoulli_nll.4 bernoulli_nll.6",
            "squared_error": "squared_error.1 squared_error.3",
        }[op],
        level="value",
        method="op in float64; sizes around the threshold, guarded memory, 0 to 2 threads",
        tolerance=8 * EPS[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        limit = losses.PARALLEL_FROM
        shapes = [(size, 1) for size in (limit - 1, limit, limit + 1)] + [
            (1, limit - 1),
            (1, limit + 1),
            (201, 249),
            (199, 251),
        ]
        shapes += [(limit // 200, 200), (3, limit // 2), (1, 1)]
        return on_all_threads(worst((loss_error(op, subject, shape, dtype, rng) for shape in shapes), 8 * EPS[dtype]))


for _dtype in EPS:
    _register_product(_dtype)
    _register_sum_rows(_dtype)
    for _rule in RULES:
        _register_update(_rule, _dtype)
    for _op in ("bernoulli_nll", "squared_error"):
        _register_loss(_op, _dtype)
