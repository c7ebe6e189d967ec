"""Functions of one number (sigmoid, tanh, softplus, …) in a form that LLVM can vectorise.

Numba's own `exp` calls the C library for one number at a time. Here everything is plain arithmetic, so LLVM turns a loop over it
into vector instructions. Every constant has the type of the argument: a single 64-bit constant would turn a float32 loop into
64-bit arithmetic.

* exp: x = n ln 2 + r with |r| <= ln 2 / 2, so exp(x) = 2^n exp(r); exp(r) is a Taylor series, and 2^n is made by setting the
  exponent bits.
* log1p on [0, 1]: log(1 + t) = 2 artanh(s) with s = t / (2 + t) <= 1/3, and artanh(s) = s + s^3/3 + s^5/5 + ...

Relative errors are about 1e-7 in float32 and a few 1e-16 in float64.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

LN_2 = Decimal("0.69314718055994530941723212145818")

# Reordering is disabled here: it would undo the two-step subtraction in `_exp_pieces`.
_exactly = numba.njit(fastmath={"contract"}, error_model="numpy")


@intrinsic
def _power_of_two(typingctx, n):  # type: ignore[no-untyped-def]
    """Return 2**n for an integral float n within the range of the exponent."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits, mantissa, bias = (32, 23, 127) if n == types.float32 else (64, 52, 1023)
        integer = ir.IntType(bits)
        exponent = builder.add(builder.fptosi(args[0], integer), ir.Constant(integer, bias))
        return builder.bitcast(builder.shl(exponent, ir.Constant(integer, mantissa)), args[0].type)

    return n(n), codegen


def _exponential(number: Any, terms: int) -> Any:
    """Return the function that splits exp(x), x <= 0, into 2^n and exp(r) - 1."""
    half, log2_e = number(0.5), number(1 / math.log(2))
    # ln 2 in two parts; the first has so few bits that its product with n is exact.
    split = 2.0**9 if number is np.float32 else 2.0**32
    ln2_high = number(math.floor(math.log(2) * split) / split)
    ln2_low = number(LN_2 - Decimal(float(ln2_high)))
    lowest = number(math.log(np.finfo(number).tiny))
    taylor = tuple(number(1 / math.factorial(k)) for k in range(terms, 0, -1))

    @_exactly
    def exp_pieces(x):  # type: ignore[no-untyped-def]
        x = lowest if x < lowest else x
        n = np.floor(x * log2_e + half)
        r = (x - n * ln2_high) - n * ln2_low
        series = taylor[0]
        for c in taylor[1:]:
            series = series * r + c
        return _power_of_two(n), series * r

    return exp_pieces


def _formulas(number: Any, exp_terms: int, log_terms: int) -> dict[str, Any]:
    """Return the scalar formulas with all constants of type `number` (np.float32 or np.float64)."""
    zero, one, two = number(0), number(1), number(2)
    exp_pieces = _exponential(number, exp_terms)
    artanh = tuple(number(2 / (2 * k + 1)) for k in range(log_terms - 1, -1, -1))

    @_exactly
    def exp_of_negative(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(x)
        return scale + scale * e

    @_exactly
    def exp(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(-abs(x))
        t = scale + scale * e
        return one / t if x > zero else t

    @_exactly
    def sigmoid(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(-abs(x))
        t = scale + scale * e
        return (one if x >= zero else t) / (one + t)

    @_exactly
    def tanh(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(-two * abs(x))
        m = (scale - one) + scale * e  # exp(-2|x|) - 1, exact for small x
        y = -m / (two + m)
        return y if x >= zero else -y

    @_exactly
    def artanh_twice(s):  # type: ignore[no-untyped-def]
        q = s * s
        series = artanh[0]
        for c in artanh[1:]:
            series = series * q + c
        return series * s

    @_exactly
    def softplus(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(-abs(x))
        t = scale + scale * e
        return (x if x > zero else zero) + artanh_twice(t / (two + t))

    @_exactly
    def softplus_and_sigmoid(x):  # type: ignore[no-untyped-def]
        scale, e = exp_pieces(-abs(x))
        t = scale + scale * e
        both = one / ((one + t) * (two + t))  # one division instead of two: a division takes as long as all the rest
        return (
            (x if x > zero else zero) + artanh_twice(t * (one + t) * both),
            (one if x >= zero else t) * (two + t) * both,
        )

    return {k: v for k, v in locals().items() if isinstance(v, numba.core.dispatcher.Dispatcher)}


def _rectifier_and_slopes(number: Any) -> dict[str, Any]:
    """Return the formulas without an exponential."""
    zero, one = number(0), number(1)

    @_exactly
    def relu(x):  # type: ignore[no-untyped-def]
        return zero if x < zero else x

    @_exactly
    def sigmoid_slope(y):  # type: ignore[no-untyped-def]
        return y * (one - y)

    @_exactly
    def tanh_slope(y):  # type: ignore[no-untyped-def]
        return one - y * y

    @_exactly
    def relu_slope(y):  # type: ignore[no-untyped-def]
        return one if y > zero else zero

    return {k: v for k, v in locals().items() if isinstance(v, numba.core.dispatcher.Dispatcher)}


_FORMULAS = {
    types.float32: {**_formulas(np.float32, 7, 8), **_rectifier_and_slopes(np.float32)},
    types.float64: {**_formulas(np.float64, 13, 16), **_rectifier_and_slopes(np.float64)},
}


def _generic(name: str) -> Any:
    """Return a function for use inside kernels that selects the formula for the type of its argument."""

    def stub(x):  # type: ignore[no-untyped-def]
        raise NotImplementedError("only inside a compiled kernel")

    @overload(stub)
    def choose(x):  # type: ignore[no-untyped-def]
        if x not in _FORMULAS:
            return None
        formula = _FORMULAS[x][name]

        def chosen(x):  # type: ignore[no-untyped-def]
            return formula(x)

        # Compiled code is linked by name, including code compiled and cached by another process: each function needs a unique name.
        chosen.__name__ = chosen.__qualname__ = f"chosen_{name}"
        return chosen

    return stub


sigmoid, tanh, softplus, relu = (_generic(name) for name in ("sigmoid", "tanh", "softplus", "relu"))
softplus_and_sigmoid = _generic("softplus_and_sigmoid")
exp, exp_of_negative = (
    _generic("exp"),
    _generic("exp_of_negative"),
)  # both reach down to the type's smallest normal number
sigmoid_slope, tanh_slope, relu_slope = (_generic(name) for name in ("sigmoid_slope", "tanh_slope", "relu_slope"))


@_exactly
def is_finite(x):  # type: ignore[no-untyped-def]
    """Return whether x is finite. NumPy's function is compiled to x - x, which a kernel that may reorder sums cancels if x is a sum."""
    return abs(x) < np.inf
