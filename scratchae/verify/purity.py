"""Level three, for ops: no op changes its arguments, remembers anything or returns memory of its arguments, and float32 stays float32."""

from __future__ import annotations

import copy

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import as_float
from scratchae.verify.gradients import CASES, GradientCase, variant

# Ops whose backward returns the upstream gradient itself.
GIVEN_BACK = ("identity", "gaussian_noise")


def _register(case: GradientCase) -> None:
    suffix = variant(case)

    @claim(
        f"{case.op}{suffix} is pure",
        op=case.op,
        level="meaning",
        method="arguments compared, called twice, memory of its own",
        tolerance=0,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        """Return the number of modified arguments, and of results that differ, have another type, share memory with an argument or are all zero."""
        violations = 0
        for dtype in (np.float64, np.float32):
            arguments = {k: as_float(v, dtype) for k, v in case.inputs(rng).items()}
            forward = getattr(subject.ops, case.op)
            before = copy.deepcopy(arguments)
            first, second = forward(**arguments), forward(**arguments)
            upstream = rng.standard_normal(np.shape(first)).astype(dtype)
            upstream_before, output_before = upstream.copy(), np.copy(first)
            gradients = [case.backward(subject.ops, upstream, arguments, first) for _ in range(2)]
            pairs = [(arguments[k], before[k]) for k in arguments] + [
                (upstream, upstream_before),
                (first, output_before),
            ]
            a, b = (g if isinstance(g, tuple) else (g,) for g in gradients)
            pairs += [(first, second), *zip(a, b, strict=True)]
            violations += sum(not np.array_equal(p, q) for p, q in pairs)
            violations += sum(np.asarray(r).dtype != dtype for r in (first, *a))
            violations += sum(not np.any(r) for r in (first, *a))
            given = [upstream, *(value for value in arguments.values() if isinstance(value, np.ndarray))]
            own = (*(() if case.op == "identity" else (first,)), *(() if case.op in GIVEN_BACK else a))
            violations += sum(np.may_share_memory(r, each) for r in own for each in given)
        return float(violations)


for _case in CASES:
    _register(_case)
