# %% [markdown]
# # 11  The matrix product
#
# Nearly all the time of training a network goes into three matrix products for each layer: x W forward (dense.1), dy Wᵀ and xᵀ dy backward
# (dense.4), (dense.6). All are the same computation. For A of shape (I, K) and B of shape (K, J),
#
#     C_ij = Σ_k A_ik B_kj:   I·J·K multiply-adds,  2·I·J·K operations
#
# The number of operations is fixed. Yet the first program below takes thousands of times as long as the last. They differ in one thing:
# **how many bytes are moved, and how far, for each multiply-add**. A multiply-add needs two numbers to multiply and one to add to. A
# processor core does dozens of multiply-adds in a nanosecond. In the same time it loads about as many numbers from its nearest memory, the
# L1 cache, fewer from the L2 and L3 caches, and only a few from the main memory. So each number that has been fetched has to be used many
# times before it is given up.
#
# This tutorial climbs from three nested loops to the product that this package trains with, and to the library of NumPy (BLAS).

# %%
import itertools
import math
import time
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from _common import Report, start_without_data
from threadpoolctl import threadpool_limits

from scratchae import plots
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.pieces import profile
from scratchae.kernels.product import BLOCK_DEPTH, product_of
from scratchae.kernels.tile import MOST_COLUMNS, ROWS, advanced, multiply_tile, pointer

run = start_without_data(
    "11_matmul.py", "The matrix product, from three loops to BLAS, and the time of a training step."
)
report = Report(run)
# Multiples of all blocks below, so that no function has to treat the ends of a matrix. The product of the package takes any size.
rows, depth, width = (96, 240, 960) if run.quick else (480, 1920, 1920)
rng = np.random.default_rng(run.seed)
a = rng.standard_normal((rows, depth), dtype=np.float32)
b = rng.standard_normal((depth, width), dtype=np.float32)
exact = a.astype(np.float64) @ b
jit = numba.njit(nogil=True, fastmath={"contract"})  # a multiplication and an addition may be one instruction

# %% [markdown]
# ## 1  Three nested loops
#
# The definition, as it is. In Python, each of the numbers is an object: the interpreter looks up the types, calls the multiplication, and
# makes a new object for the result. The multiply-add itself is lost in this.


# %%
def loops(a, b, c):
    """C = A B, entry by entry."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = a.dtype.type(0)
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total


# %% [markdown]
# ## 2  The same loops, compiled
#
# Numba compiles the same function to machine code. Now the inner loop is a few instructions, but it has two faults.
#
# * Each addition waits for the one before, about four cycles of the processor; meanwhile nothing else is done.
# * It walks down a column of B. Memory is fetched in lines of 64 bytes, which are 16 numbers of one row of B. One of them is used, and
#   until the next column needs its neighbour, the line has left the L1 cache: **64 bytes for each multiply-add** from the L2 cache, and 4
#   from beyond, since all of B is fetched again for each row of A.
#
# A compiler must not reorder the sum by itself: floating-point addition is not associative, so the result would change.

# %%
compiled_loops = jit(loops)

# %% [markdown]
# ## 3  The order of the loops
#
# The three loops may be in any order. With j innermost, the loop walks along a row of B and a row of C. All 16 numbers of a line are used,
# and the additions belong to different sums, so the compiler uses vector instructions: 8 or 16 multiply-adds at once. But now a number of C
# is loaded and stored for each of them: **12 bytes for each multiply-add** between registers and cache (B, C, and C again), compared with 8
# before. And still all of B comes from far away for each row of A: 4 bytes.


# %%
@jit
def row_by_row(a, b, c):
    """C = A B, with the loop over columns innermost."""
    c[:] = 0
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


# %% [markdown]
# ## 4  Blocks for the caches
#
# Take a block of B that fits in the L2 cache, and use it for all rows of A before the next block is fetched. From beyond the L2 cache, B
# now comes once instead of I times: 4/I bytes for each multiply-add. The price is that a row of C is fetched and written again for each
# block: 8/60 bytes, for blocks 60 deep.
#
# The inner loop is the same as before. So this rung is higher than the last only where it was the far memory that limited the rate: where B
# exceeds the L3 cache, or where that is slow or shared by many cores. Otherwise the 12 bytes of the inner loop limit both.

# %%
DEEP, WIDE = 60, 960  # of a block of B: 230 kB


@jit
def by_blocks(a, b, c):
    """C = A B, block by block of B."""
    c[:] = 0
    for first in range(0, b.shape[1], WIDE):
        for k0 in range(0, a.shape[1], DEEP):
            for i in range(a.shape[0]):
                c_row = c[i, first : first + WIDE]
                for k in range(k0, k0 + DEEP):
                    a_ik, b_row = a[i, k], b[k, first : first + WIDE]
                    for j in range(c_row.size):
                        c_row[j] += a_ik * b_row[j]


# %% [markdown]
# ## 5  Registers
#
# The nearest memory is the registers: a few dozen vectors, without any time to fetch them. The inner loop below does eight multiply-adds
# for each column. It loads four numbers of B and uses each twice, and it loads and stores two numbers of C and adds four products to each.
# Eight numbers of A stay in registers. That makes (4 + 2 + 2) numbers for 8 multiply-adds: **4 bytes for each multiply-add**.


# %%
@jit
def in_registers(a, b, c):
    """C = A B, block by block of B, two rows and four steps of the depth at a time."""
    c[:] = 0
    for first in range(0, b.shape[1], WIDE):
        for k0 in range(0, a.shape[1], DEEP):
            end = first + WIDE
            for i in range(0, a.shape[0], 2):
                c0, c1 = c[i, first:end], c[i + 1, first:end]
                for k in range(k0, k0 + DEEP, 4):
                    a00, a01, a02, a03 = a[i, k], a[i, k + 1], a[i, k + 2], a[i, k + 3]
                    a10, a11, a12, a13 = a[i + 1, k], a[i + 1, k + 1], a[i + 1, k + 2], a[i + 1, k + 3]
                    b0, b1, b2, b3 = b[k, first:end], b[k + 1, first:end], b[k + 2, first:end], b[k + 3, first:end]
                    for j in range(c0.size):
                        c0[j] += a00 * b0[j] + a01 * b1[j] + a02 * b2[j] + a03 * b3[j]
                        c1[j] += a10 * b0[j] + a11 * b1[j] + a12 * b2[j] + a13 * b3[j]


# %% [markdown]
# ## 6  A tile in vector registers
#
# Go further: hold a whole **tile** of C in registers, R rows by 16 columns, for many steps of the depth. Each step loads 16 numbers of a
# row of B and R numbers of a column of A, for 16·R multiply-adds; C is touched once at the end of D steps:
#
#     4·(16 + R) / (16·R) + 8/D  bytes for each multiply-add
#
# which is less than one byte. R is as large as the registers allow: 8 with AVX-512, 6 without. Compilers do not keep so many sums in
# registers when given plain loops, so the tile of this package is written in the intermediate language of the compiler, LLVM
# (`scratchae/kernels/tile.py`): `multiply_tile`, called below with the strides of A, B and C.

# %%
STEPS = 240  # D


@jit
def by_tiles(a, b, c):
    """C = A B, tile by tile, in pieces of the depth."""
    p, q, r = pointer(a), pointer(b), pointer(c)
    depth, width = b.shape
    for k in range(0, depth, STEPS):
        for j in range(0, width, MOST_COLUMNS):
            for i in range(0, a.shape[0], ROWS):
                a_tile, b_tile = advanced(p, i * depth + k), advanced(q, k * width + j)
                c_tile = advanced(r, i * width + j)
                multiply_tile(a_tile, depth, 1, ROWS, b_tile, width, STEPS, c_tile, width, k > 0)


# %% [markdown]
# ## 7  Packed panels
#
# The tile walks down 16 columns of B. They are 64 bytes of each row, and rows are kilobytes apart: each line is in another page of the
# memory, the processor cannot guess which line comes next, and lines displace each other from the cache. So the 16 columns are copied,
# once, into a **panel** without gaps. It stays in the L1 cache while all rows of A pass. The copy costs one load and one store for each
# number of B, against I multiply-adds.


# %%
@jit
def by_panels(a, b, c):
    """C = A B, tile by tile, with 16 columns of B copied into a panel."""
    panel = np.empty((STEPS, MOST_COLUMNS), a.dtype)
    p, q, r = pointer(a), pointer(panel), pointer(c)
    depth, width = b.shape
    for k in range(0, depth, STEPS):
        for j in range(0, width, MOST_COLUMNS):
            panel[:] = b[k : k + STEPS, j : j + MOST_COLUMNS]
            for i in range(0, a.shape[0], ROWS):
                a_tile, c_tile = advanced(p, i * depth + k), advanced(r, i * width + j)
                multiply_tile(a_tile, depth, 1, ROWS, q, MOST_COLUMNS, STEPS, c_tile, width, k > 0)


# %% [markdown]
# The product of the package (`scratchae/kernels/product.py`) does the same with matrices of any size and memory order: it also packs rows
# of A that are not contiguous, takes 16 panels at a time for the L2 cache, and adds the bias and applies the activation while a tile is
# still near.
#
# ## 8  Threads
#
# Rows of C do not depend on each other. So each of n threads computes the rows of its part of A. Numbers of C are summed by one thread
# each, in the same order as before: the result has the same bits. (Python lets only one thread run its loops at a time. Compiled functions
# release that lock; the interpreted loops remain on one.) The package and BLAS have threads of their own.


# %%
def in_parts(multiply):
    """A function that computes C with several threads, a part of the rows in each."""

    def parts(pool, threads, a, b, c):
        ends = [len(a) * i // threads for i in range(threads + 1)]
        list(pool.map(lambda i: multiply(a[ends[i] : ends[i + 1]], b, c[ends[i] : ends[i + 1]]), range(threads)))

    return parts


def package(pool, threads, a, b, c):
    """The product of this package."""
    numba.set_num_threads(threads)
    product_of(a, b, c)


def blas(pool, threads, a, b, c):
    """The product of NumPy's BLAS."""
    with threadpool_limits(threads, "blas"):
        np.matmul(a, b, out=c)


# %% [markdown]
# Now all rungs together, with the bytes for each multiply-add between registers and cache, and from beyond the L2 cache. Slow ones are
# timed with the first rows of A only: a rate does not depend on their number. The tile of BLAS is unknown; that of the package stands for
# it.


# %%
def tile_bytes(steps):
    """Bytes for each multiply-add of a tile."""
    return 4 * (MOST_COLUMNS + ROWS) / (MOST_COLUMNS * ROWS) + 8 / steps


PIECE = depth / math.ceil(depth / BLOCK_DEPTH)  # steps of the package's pieces of the depth

# Function, rows of A, and both numbers of bytes.
rungs = {
    "1 Python": (in_parts(loops), 1, 8, 4),
    "2 compiled": (in_parts(compiled_loops), 24, 8, 4),
    "3 loop order": (in_parts(row_by_row), rows, 12, 4),
    "4 blocks": (in_parts(by_blocks), rows, 12, 4 / rows + 8 / DEEP),
    "5 registers": (in_parts(in_registers), rows, 4, 4 / rows + 8 / DEEP),
    "6 tile": (in_parts(by_tiles), rows, tile_bytes(STEPS), 4 / rows + 8 / STEPS),
    "7 panels": (in_parts(by_panels), rows, tile_bytes(STEPS), 4 / rows + 8 / STEPS),
    "package": (package, rows, tile_bytes(PIECE), 4 / rows + 8 / PIECE),
    "BLAS": (blas, rows, tile_bytes(PIECE), 4 / rows + 8 / PIECE),
}

# %% [markdown]
# ## Are they right?
#
# Every rung is compared with NumPy's product in double precision. A sum of K products in single precision, in whatever order, has an error
# of at most K·2⁻²⁴ times the sum of their absolute values, up to terms of higher order. So the largest ratio of error and bound has to be
# below 1. In practice it is far below, because rounding errors cancel each other, and the more so the shorter the sums that are added up.

# %%
pool = ThreadPoolExecutor(2)
thread_counts = [1, 2][: numba.config.NUMBA_NUM_THREADS]
unit = depth * 2.0**-24 * (np.abs(a).astype(np.float64) @ np.abs(b))


def result(name, threads):
    """The first rows of C, as many as the rung is timed with."""
    multiply, count, *_ = rungs[name]
    c = np.full((count, width), np.nan, np.float32)
    multiply(pool, threads, a[:count], b, c)
    return c


worst, changed = 0.0, 0
for name, (_, count, *_) in rungs.items():
    found = result(name, 1)
    ratio = float((np.abs(found - exact[:count]) / unit[:count]).max())
    worst = max(worst, ratio)
    if name not in ("1 Python", "BLAS"):
        changed += int((result(name, thread_counts[-1]) != found).sum())
    print(f"{name:13} largest error {ratio:.4f} of its bound")

# %% [markdown]
# ## How fast are they?
#
# All rungs are timed in turn, so that a busy moment of the machine does not hit one of them alone, and the median over the rounds counts.
# Idle threads of the package and of BLAS wait actively for a moment, which would slow down the next rung: hence the pause.


# %%
PAUSE = 0.1  # seconds


def rates(rounds):
    """GFLOP/s of every rung by the number of threads, medians over the rounds."""
    turns = [(name, n) for name in rungs for n in thread_counts if (name, n) != ("1 Python", 2)]
    found = {turn: [] for turn in turns}
    for _, (name, n) in itertools.product(range(rounds), turns):
        multiply, count, *_ = rungs[name]
        c = np.empty((count, width), np.float32)
        time.sleep(PAUSE)
        began = time.perf_counter()
        multiply(pool, n, a[:count], b, c)
        found[name, n].append(2 * count * depth * width / (time.perf_counter() - began) / 1e9)
    return {turn: float(np.median(values)) for turn, values in found.items()}


def threads_named(n):
    """The number of threads in words."""
    return f"{n} thread" if n == 1 else f"{n} threads"


began = time.perf_counter()
gflops = rates(1 if run.quick else 5)
took = time.perf_counter() - began
print(f"{'':13} {'bytes per multiply-add':27} GFLOP/s")
print(f"{'':13} {'registers':>16} {'beyond L2':>10}  {'   '.join(map(threads_named, thread_counts))}")
for name, (_, _, near, far) in rungs.items():
    values = "   ".join(f"{gflops[name, n]:8.3g}" for n in thread_counts if (name, n) in gflops)
    print(f"{name:13} {near:16.2f} {far:10.3f}  {values}")

# %% [markdown]
# ## The roofs
#
# The rate has two kinds of upper bounds. The **peak** is the rate at which the core multiplies and adds numbers that are already in
# registers and L1. And with a bandwidth of β bytes per second, a loop that moves q bytes for each operation (half as many as for each
# multiply-add) cannot be faster than
#
#     β / q = β · (operations per byte)
#
# In a plot with logarithmic axes these are lines of slope 1, and together with the peak they form a roof, one for each memory. Operations
# per byte are called the **arithmetic intensity**. The loop of rung 3 measures each bandwidth: on vectors that fit in L1 together, in L2,
# or in neither.


# %%
@jit
def add_often(c, factor, b, times):
    """c += factor b, several times: 12 bytes for each multiply-add."""
    for _ in range(times):
        for j in range(c.size):
            c[j] += factor * b[j]


@jit
def multiply_often(a, b, c, times):
    """The same small tile, several times."""
    for _ in range(times):
        multiply_tile(pointer(a), a.shape[1], 1, ROWS, pointer(b), MOST_COLUMNS, len(b), pointer(c), MOST_COLUMNS, 1)


def together(threads, work, amount):
    """Amount of work per nanosecond when all threads do the same: the best of several times, since it is to be a bound."""
    seconds = []
    for _ in range(8):
        began = time.perf_counter()
        list(pool.map(work, range(threads)))
        seconds.append(time.perf_counter() - began)
    return threads * amount / min(seconds) / 1e9


def bandwidth(threads, size):
    """GB/s between registers and a memory from which each thread reads and writes `size` bytes."""
    vectors = [(np.ones(size // 8, np.float32), np.ones(size // 8, np.float32)) for _ in range(threads)]
    times = max(1, (20_000_000 if run.quick else 100_000_000) // size)
    return together(
        threads, lambda i: add_often(*vectors[i][:1], np.float32(1 / 2), vectors[i][1], times), 1.5 * size * times
    )


def peak(threads):
    """GFLOP/s of the tile on operands that stay in the L1 cache."""
    steps, times = 128, 4_000 if run.quick else 40_000
    shapes = (ROWS, steps), (steps, MOST_COLUMNS), (ROWS, MOST_COLUMNS)
    operands = [[np.full(shape, 1e-3, np.float32) for shape in shapes] for _ in range(threads)]
    return together(threads, lambda i: multiply_often(*operands[i], times), 2 * ROWS * MOST_COLUMNS * steps * times)


# %% [markdown]
# A point for each program: across, its operations per byte between registers and cache; up, its rate. The roof above a point that matters
# is that of the memory from which its operands come.

# %%
memories = {"memory": 64_000_000 if run.quick else 256_000_000, "L3": 4_000_000, "L2": 160_000, "L1": 16_000}
machines = {}
for n in thread_counts:
    points = {name: (2 / near, gflops[name, n]) for name, (_, _, near, _) in rungs.items() if (name, n) in gflops}
    bandwidths = {name: bandwidth(n, size) for name, size in memories.items()}
    machines[threads_named(n)] = plots.Machine(peak(n), bandwidths, points)
figure = plots.roofline(
    machines,
    title="Nine programs for one matrix product",
    note=f"({rows} × {depth}) · ({depth} × {width}), float32; after each name GFLOP/s; a roof for each memory of the machine",
)
run.save(figure, "11_roofline.png", dpi=120)

# %% [markdown]
# Read the figure from the left. Rung 2 is far below all roofs: it is limited by the waiting of its additions, and not by any memory. Rungs
# 3 and 4 have the same intensity, and stand near the roof of the memory where their operands are: this is what blocks change. Rungs 5 to 7
# move to the right, away from the sloping roofs, until only the peak is left. With two threads the peak doubles, and so does the bandwidth
# of the caches L1 and L2, which each core has for itself; L3 and memory are shared. So it is a program of *low* intensity that may gain
# little from a second thread.
#
# ## Where the time of a training step goes
#
# A step consists of more than products: the rows of the batch are gathered, the loss and its gradient computed (bernoulli_nll.6), bias
# gradients summed over the rows (dense.8), and the optimiser moves all parameters (adam.3). Their arithmetic intensity is low: Adam loads
# four numbers for each parameter and stores three, 28 bytes for about a dozen operations, whatever the batch. A product does 2·N operations
# for each number of W. So the larger the batch, the smaller the share of the optimiser; the smaller the network, the larger the share of
# everything that is done once for each step, in the kernel and outside (shuffling, history, callbacks).
#
# The figure shows the shares of a step for four networks, measured with a clock inside the kernel (`scratchae/benchmarks/pieces.py`).

# %%
cases = CASES[:1] if run.quick else CASES[:4]
began = time.perf_counter()
parts = {case.name: profile(case, *((1, 0.05) if run.quick else (5, 0.5))) for case in cases}
profiled = time.perf_counter() - began


def duration(seconds):
    """A time with its unit."""
    unit, name = (1e-6, "µs") if seconds < 1e-3 else (1e-3, "ms") if seconds < 1 else (1, "s")
    return f"{seconds / unit:.3g} {name}"


figure = plots.shares(
    parts,
    notes={name: duration(sum(pieces.values())) for name, pieces in parts.items()},
    title="Where the time of a training step goes",
    note="per cent of a step; at the right its time; all threads",
)
run.save(figure, "11_step.png", dpi=120)
for name, pieces in parts.items():
    print(f"{name}: " + ", ".join(f"{piece} {duration(value)}" for piece, value in pieces.items() if value))

# %% [markdown]
# ## Exercises
#
# 1. There are six orders of three loops. Predict which of the other four are as fast as rung 3, and which as slow as rung 2; then measure.
# 2. Change DEEP and WIDE so that a block of B fits in L1, in L2, in neither. For which does rung 4 come closest to rung 5? Why does a
#    narrow block cost more than it saves?
# 3. Rung 5 with four rows at a time: how many bytes for each multiply-add? Are there enough registers? Measure.
# 4. With a tile of R × 16 numbers, 4·(16 + R)/(16·R) bytes are moved for each multiply-add. For 16·R fixed, which shape moves least? Why is
#    the tile of the package not square?
# 5. A batch of N rows and Adam: for which N do the three products of a layer (6·N operations for each parameter) take as long as the update
#    (28 bytes for each parameter), at the peak and the bandwidth of your machine?
#
# ## Results, compared with the expected values

# %%
report.row("largest error of a product, in units of its bound", worst, digits=(0, 1), seconds=took)
report.row("numbers that two threads change", changed, digits=(0, 0), seconds=took)
slowest, fastest = gflops["1 Python", 1], max(gflops.values())
report.row("faster than three loops in Python: BLAS or package, times", fastest / slowest, seconds=took)
report.row("package, ratio to the peak, one thread", gflops["package", 1] / machines["1 thread"].peak, seconds=took)
report.row("package, ratio to BLAS, one thread", gflops["package", 1] / gflops["BLAS", 1], seconds=took)
report.row("pieces of steps, seconds of measuring", profiled, seconds=profiled)
report.end()
