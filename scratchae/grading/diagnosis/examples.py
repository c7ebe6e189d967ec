"""The smallest example of a mistake: short arguments, one entry of an output, and its value by finite differences of the forward op."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scratchae.exercises import Task
from scratchae.grading.diagnosis.evidence import Case, Evidence
from scratchae.grading.records import Example
from scratchae.grading.testing.comparison import FLOOR, TOLERANCE, Array, worst_entry
from scratchae.grading.testing.plan import EXTREME, PROBE

STEP = float(np.cbrt(np.finfo(np.float64).eps))
CLOSE = 1e-3  # two numbers whose difference would be hidden by the error of finite differences
AGREEMENT = 1e-4  # agreement of finite differences with the reference, for arguments about 1; at a kink they disagree

# For backward ops that take an output: the input that gives this output.
_INPUTS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda y: np.log(y / (1 - y)),
    "tanh": np.arctanh,
    "softmax": np.log,
    "importance_weights": np.log,
}


def smallest(evidence: Evidence) -> Example | None:
    """The wrong answer with the fewest numbers in its arguments.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    example : Example or None
        None if no call with a wrong answer returned numbers.
    """
    role = evidence.planned.roles[evidence.failed]
    extreme = role.startswith(EXTREME)
    others = evidence.cases(EXTREME) if extreme else evidence.ordinary
    candidates = [*evidence.cases(f"{PROBE}small {role}" if extreme else PROBE + "small"), *others]
    failing = [case for case in candidates if not case.all_right]
    if not failing:
        return None
    case = min(failing, key=lambda c: sum(np.size(v) for v in c.arguments.values()))
    k = next(k for k in range(len(case.expected)) if not case.right(k))
    index = worst_entry(case.got[k], case.expected[k])
    expected = float(case.expected[k][index])
    close = abs(float(case.got[k][index]) - expected) <= CLOSE * max(abs(expected), FLOOR)
    # Finite differences have fewer digits than the difference of two such numbers needs.
    measured = None if extreme or close else by_differences(evidence.planned.task, case, k, index)
    return Example(
        case.arguments,
        evidence.outputs[k],
        index,
        float(case.got[k][index]),
        expected if measured is None else measured,
    )


def by_differences(task: Task, case: Case, output: int, index: tuple[int, ...]) -> float | None:
    """One entry of a gradient by central differences of the forward op; None if they are not possible.

    Parameters
    ----------
    task : Task
        The task of a backward op.
    case : Case
    output : int
        Index of the gradient.
    index : tuple of int
        Index of the entry.

    Returns
    -------
    derivative : float or None
    """
    base = task.name.removesuffix("_backward")
    forward = getattr(task.reference, "__globals__", {}).get(base)
    if base == task.name or forward is None:
        return None
    upstream, arguments = _forward_arguments(base, forward, case.arguments, task.outputs)
    name = task.outputs[output].removeprefix("d")
    if arguments is None or not isinstance(arguments.get(name), np.ndarray) or arguments[name].dtype.kind != "f":
        return None

    def weighted(value: Array) -> float:
        result = forward(**{**arguments, name: value})
        return float((np.asarray(result) * upstream).sum())

    up, down = arguments[name].copy(), arguments[name].copy()
    if len(index) != up.ndim:
        return None
    h = STEP * max(1.0, abs(float(up[index])))
    try:
        with np.errstate(all="ignore"):
            up[index] += h
            down[index] -= h
            slope = (weighted(up) - weighted(down)) / (2 * h)
    except Exception:
        return None
    expected = float(case.expected[output][index])
    scale = max(float(np.abs(case.expected[output]).max()), TOLERANCE)
    return slope if abs(slope - expected) <= AGREEMENT * scale else None


def _forward_arguments(
    base: str, forward: Callable[..., Any], given: Mapping[str, Any], outputs: tuple[str, ...]
) -> tuple[Any, dict[str, Any] | None]:
    """The upstream gradient, and the forward's arguments if the backward's determine them."""
    rest = dict(given)
    upstream = rest.pop(next(iter(rest)))
    wanted = list(inspect.signature(forward).parameters)
    if "y" in rest or "p" in rest or "w" in rest:
        kept = next(n for n in ("y", "p", "w") if n in rest)
        if kept not in wanted and len(wanted) == 1 and base in _INPUTS:
            with np.errstate(all="ignore"):
                return upstream, {outputs[0].removeprefix("d"): _INPUTS[base](rest[kept])}
    if "b" in wanted and "b" not in rest and "W" in rest:
        rest["b"] = np.zeros(rest["W"].shape[1])  # it only adds a constant
    return upstream, {n: rest[n] for n in wanted} if all(n in rest for n in wanted) else None
