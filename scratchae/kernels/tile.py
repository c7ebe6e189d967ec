"""The innermost part of a matrix product: one tile of C = A B, held in vector registers.

LLVM does not keep a block of accumulators in registers when given plain loops, so this function is written in LLVM IR. For each step of
the depth, it loads one row of B, 64 bytes wide, broadcasts one number of A for each row of the tile, and does one fused multiply-add
per row. With AVX-512 there are eight accumulators of one vector; with AVX2, six of two vectors, which fit the sixteen registers together
with the row of B and the broadcast.
"""

from __future__ import annotations

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

ROW_BYTES = 64
# Rows of A in a tile, and bytes in a vector register.
ROWS, VECTOR_BYTES = (8, 64) if llvmlite.binding.get_host_cpu_features().get("avx512f") else (6, 32)
VECTORS = ROW_BYTES // VECTOR_BYTES
HALF = ROWS // 2  # rows of a tile of which the rest is not computed
MOST_COLUMNS = ROW_BYTES // 4  # columns of B in a tile, in float32


def columns(start: object) -> int:
    """Return the number of columns of B in a tile, for the type that `start` points to: 16 in float32, 8 in float64 (inside kernels)."""
    raise NotImplementedError("only inside a compiled kernel")


@overload(columns)
def _columns(start):  # type: ignore[no-untyped-def]
    number = ROW_BYTES // (start.dtype.bitwidth // 8)
    return lambda start: number


def lanes(start: object) -> int:
    """Return how many numbers fit in a vector register (inside kernels)."""
    raise NotImplementedError("only inside a compiled kernel")


@overload(lanes)
def _lanes(start):  # type: ignore[no-untyped-def]
    number = VECTOR_BYTES // (start.dtype.bitwidth // 8)
    return lambda start: number


def _broadcast(builder, vector, value):  # type: ignore[no-untyped-def]
    """Return a vector with `value` in every lane."""
    undefined = ir.Constant(vector, ir.Undefined)
    single = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, undefined, ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None))


def _fused_multiply_add(builder, vector, bits):  # type: ignore[no-untyped-def]
    """Return LLVM's fused a * b + c for vectors, rounded once."""
    name = f"llvm.fma.v{vector.count}f{bits}"
    known = builder.module.globals.get(name)
    return known or ir.Function(builder.module, ir.FunctionType(vector, [vector] * 3), name)


def _prefetch(builder, pointers):  # type: ignore[no-untyped-def]
    """Prefetch memory that will be written later."""
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    known = builder.module.globals.get("llvm.prefetch.p0i8")
    fetch = known or ir.Function(
        builder.module, ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]), "llvm.prefetch.p0i8"
    )
    for p in pointers:
        builder.call(fetch, [builder.bitcast(p, byte), flag(1), flag(3), flag(1)])


def _row_offsets(builder, rows, row_stride):  # type: ignore[no-untyped-def]
    """Return the offset of each row of the tile from the first row of A; the last valid row replaces missing ones."""
    integer, last = rows.type, builder.sub(rows, rows.type(1))
    for r in range(ROWS):
        row = builder.select(builder.icmp_signed("<", integer(r), rows), integer(r), last)
        yield builder.mul(row, row_stride)


def _vectors_of(builder, start, stride, vector, rows):  # type: ignore[no-untyped-def]
    """Return pointers to the vectors of some rows as wide as a tile."""
    integer = stride.type
    for r in range(rows):
        row = builder.gep(start, [builder.mul(stride, integer(r))])
        for v in range(VECTORS):
            yield builder.bitcast(builder.gep(row, [integer(v * vector.count)]), vector.as_pointer())


@intrinsic
def multiply_tile(typingctx, a, row_stride, depth_stride, rows, b, b_stride, depth, out, out_stride, grow):  # type: ignore[no-untyped-def]
    """Compute out[r, j] = sum_k A[r, k] B[k, j] for one tile, or add it to `out`.

    Parameters
    ----------
    a, b, out : pointers to one float type
        First number of A, of B (rows of `columns` numbers) and of the result (ROWS rows of `columns` numbers).
    row_stride, depth_stride : int
        Distance in A between rows, and between steps of the depth.
    rows : int
        Number of valid rows of A, 1 to ROWS; the last valid row is repeated in place of missing ones.
    b_stride, out_stride : int
        Distance between rows of B, and of the result.
    depth : int
        Number of steps, at least 1.
    grow : int
        Whether the sums are added to `out`. They start at 0 in either case: adding many short sums has a smaller rounding error than
        one long sum.
    """
    index = types.intp
    signature = types.void(a, index, index, index, b, index, index, out, index, index)
    itemsize = a.dtype.bitwidth // 8
    lanes = VECTOR_BYTES // itemsize

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        a, row_stride, depth_stride, rows, b, b_stride, depth, out, out_stride, grow = args
        vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), lanes)
        offsets = list(_row_offsets(builder, rows, row_stride))
        results = list(_vectors_of(builder, out, out_stride, vector, ROWS))
        _prefetch(builder, results)
        half = builder.icmp_signed("<=", rows, rows.type(HALF))
        with builder.if_else(half) as (few, many):
            for part, count in ((few, HALF), (many, ROWS)):
                with part:
                    sums = _sums(builder, vector, a, offsets[:count], depth_stride, b, b_stride, depth)
                    _store(builder, sums, results, grow, itemsize)
        return context.get_dummy_value()

    return signature, codegen


def _sums(builder, vector, a, offsets, depth_stride, b, b_stride, depth):  # type: ignore[no-untyped-def]
    """Return the sums over the depth for the rows of A at the given offsets, VECTORS for each row."""
    integer, align = depth.type, ROW_BYTES // VECTORS // vector.count
    fma = _fused_multiply_add(builder, vector, 8 * align)
    before = builder.block
    loop, after = builder.append_basic_block("tile.depth"), builder.append_basic_block("tile.sums")
    builder.branch(loop)
    builder.position_at_end(loop)
    # Two moving pointers and fixed offsets from them: few enough to stay in registers.
    left, a_k, b_k = builder.phi(integer), builder.phi(a.type), builder.phi(b.type)
    for moving, start in ((left, depth), (a_k, a), (b_k, b)):
        moving.add_incoming(start, before)
    sums = [builder.phi(vector) for _ in range(len(offsets) * VECTORS)]
    for s in sums:
        s.add_incoming(ir.Constant(vector, None), before)

    b_row = [builder.load(v, align=align) for v in _vectors_of(builder, b_k, b_stride, vector, 1)]
    grown = []
    for r, offset in enumerate(offsets):
        a_rk = _broadcast(builder, vector, builder.load(builder.gep(a_k, [offset])))
        grown += [builder.call(fma, [a_rk, b_row[v], sums[r * VECTORS + v]]) for v in range(VECTORS)]

    still_left = builder.sub(left, integer(1))
    left.add_incoming(still_left, loop)
    a_k.add_incoming(builder.gep(a_k, [depth_stride]), loop)
    b_k.add_incoming(builder.gep(b_k, [b_stride]), loop)
    for s, g in zip(sums, grown, strict=True):
        s.add_incoming(g, loop)
    builder.cbranch(builder.icmp_signed(">", still_left, integer(0)), loop, after)
    builder.position_at_end(after)
    return grown


def _store(builder, sums, results, grow, align):  # type: ignore[no-untyped-def]
    """Write the sums, or add them to what is there; of the pointers to the results, the first ones are used."""
    with builder.if_else(builder.icmp_signed("!=", grow, grow.type(0))) as (added, written):
        with added:
            for s, v in zip(sums, results, strict=False):
                builder.store(builder.fadd(builder.load(v, align=align), s), v, align=align)
        with written:
            for s, v in zip(sums, results, strict=False):
                builder.store(s, v, align=align)


def _copy_vector(source, count):  # type: ignore[no-untyped-def]
    """Return signature and code for copying `count` numbers at once. As the memory might overlap, LLVM would copy them one by one."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), count).as_pointer()
        align = source.dtype.bitwidth // 8
        values = builder.load(builder.bitcast(args[0], vector), align=align)
        builder.store(values, builder.bitcast(args[1], vector), align=align)
        return context.get_dummy_value()

    return types.void(source, source), codegen


@intrinsic
def copy_row(typingctx, source, target):  # type: ignore[no-untyped-def]
    """Copy one row of a tile (as many numbers as it has columns) from one pointer to another."""
    return _copy_vector(source, ROW_BYTES // (source.dtype.bitwidth // 8))


@intrinsic
def copy_column(typingctx, source, target):  # type: ignore[no-untyped-def]
    """Copy one column of a tile (as many numbers as it has rows) from one pointer to another."""
    return _copy_vector(source, ROWS)


@intrinsic
def transpose_square(typingctx, source, source_stride, target, target_stride):  # type: ignore[no-untyped-def]
    """Compute target[i, j] = source[j, i] for a square of `lanes` by `lanes` numbers whose rows are contiguous.

    Parameters
    ----------
    source, target : pointers to one float type
    source_stride, target_stride : int
        Distance between rows.
    """
    signature = types.void(source, types.intp, target, types.intp)
    size = VECTOR_BYTES // (source.dtype.bitwidth // 8)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        source, source_stride, target, target_stride = args
        integer, itemsize = source_stride.type, VECTOR_BYTES // size
        vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), size)

        def row(start, stride, i):  # type: ignore[no-untyped-def]
            return builder.bitcast(
                builder.gep(start, [builder.mul(stride, ir.Constant(integer, i))]), vector.as_pointer()
            )

        def shuffled(a, b, lanes):  # type: ignore[no-untyped-def]
            return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), size), lanes))

        rows = [builder.load(row(source, source_stride, i), align=itemsize) for i in range(size)]
        # Exchange the off-diagonal halves of the square, then of its quarters, and so on.
        half = size // 2
        while half:
            low = [size + lane - half if lane & half else lane for lane in range(size)]
            high = [size + lane if lane & half else lane + half for lane in range(size)]
            for i in range(size):
                if not i & half:
                    a, b = rows[i], rows[i + half]
                    rows[i], rows[i + half] = shuffled(a, b, low), shuffled(a, b, high)
            half //= 2
        for i in range(size):
            builder.store(rows[i], row(target, target_stride, i), align=itemsize)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def pointer(typingctx, array):  # type: ignore[no-untyped-def]
    """Return a pointer to the first entry of an array. It does not keep the array alive: see `keep_alive`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic
def keep_alive(typingctx, array):  # type: ignore[no-untyped-def]
    """Do nothing: a last use of an array, which keeps it alive while pointers to it are in use."""
    return types.void(array), lambda context, builder, signature, args: context.get_dummy_value()


@intrinsic
def advanced(typingctx, start, distance):  # type: ignore[no-untyped-def]
    """Return the pointer advanced by `distance` numbers."""
    return start(start, types.intp), lambda context, builder, signature, args: builder.gep(args[0], [args[1]])


@intrinsic
def set_counter(typingctx, start):  # type: ignore[no-untyped-def]
    """Set the counter in the 8 bytes at the pointer to 0."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.store(ir.Constant(ir.IntType(64), 0), builder.bitcast(args[0], ir.IntType(64).as_pointer()))
        return context.get_dummy_value()

    return types.void(start), codegen


@intrinsic
def next_count(typingctx, start):  # type: ignore[no-untyped-def]
    """Return the next of 0, 1, 2, …, atomically: each number is given to one thread only."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        counter = builder.bitcast(args[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", counter, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(start), codegen


@intrinsic
def prefetch_row(typingctx, start):  # type: ignore[no-untyped-def]
    """Prefetch one row of a tile that will be read and written."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        _prefetch(builder, args)
        return context.get_dummy_value()

    return types.void(start), codegen
