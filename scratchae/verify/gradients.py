"""Level one: the gradient of every op equals the numeric derivative, with random upstream gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.verify import gradient_cases, variational_cases
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, central_differences, complex_step, relative_error
from scratchae.verify.gradient_cases import GradientCase

CASES = [*gradient_cases.CASES, *variational_cases.CASES]


def gradient_error(case: GradientCase, ops: Any, rng: np.random.Generator, method: str) -> float:
    """Return the largest error of a backward over all arguments.

    Infinite if more than half of an argument's entries are at kinks, or if the op returns its own argument.
    """
    arguments = case.inputs(rng)
    forward = getattr(ops, case.op)
    output = forward(**arguments)
    if case.op != "identity" and np.array_equal(output, next(iter(arguments.values()))):
        return np.inf
    upstream = rng.standard_normal(np.shape(output))
    got = case.backward(ops, upstream, arguments, output)
    worst = 0.0
    for name, gradient in zip(case.wrt, got if isinstance(got, tuple) else (got,), strict=True):

        def weighted(value: Array, name: str = name) -> Any:
            return (upstream * forward(**{**arguments, name: value})).sum()

        x = arguments[name]
        if np.shape(gradient) != x.shape:
            return np.inf
        if method == "complex step":
            worst = max(worst, relative_error(gradient, complex_step(weighted, x)))
        else:
            numeric, smooth = central_differences(weighted, x)
            if smooth.mean() < 0.5:
                return np.inf
            worst = max(worst, relative_error(gradient[smooth], numeric[smooth]))
    return worst


def variant(case: GradientCase) -> str:
    """Return a suffix in brackets that distinguishes the case from others of the same op."""
    inputs = case.inputs(np.random.default_rng(0))
    if "activation" in inputs:
        return f"[{inputs['activation']}]"
    if "x_hat" in inputs and inputs.get("logvar", inputs["x_hat"]).ndim == 1:
        return "[variances shared by the rows]"
    return "[several draws]" if "eps" in inputs and inputs["eps"].ndim == 3 else ""


def _register(case: GradientCase) -> None:
    suffix = variant(case)
    methods = {"complex step": 1e-12, "central differences": 1e-7}
    for method, tolerance in methods.items():
        if method == "complex step" and not case.smooth:
            continue

        @claim(
            f"{case.op}{suffix} gradient by {method}",
            op=case.op,
            equation=case.equations,
            level="gradient",
            method=method if case.smooth else f"{method}, kinks left out",
            tolerance=tolerance,
        )
        def measure(subject: Subject, rng: np.random.Generator, method: str = method) -> float:
            return gradient_error(case, subject.ops, rng, method)


for _case in CASES:
    _register(_case)
