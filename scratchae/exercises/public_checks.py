"""Does your code give the numbers that it should? Needs Python and NumPy only.

    python public_checks.py                 all files beside this one
    python public_checks.py 01_dense.py     only these

Compares each function with one or two examples of small arrays. The grader uses other sizes and numbers, and further tests.
"""

from __future__ import annotations

import difflib
import inspect
import json
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

# The rule of grading, which takes these numbers from here: the largest error that passes, relative to the largest entry, or for extreme
# arguments, to each entry; and the smallest such entry.
TOLERANCE, FLOOR, EXTREME_FLOOR = 1e-5, 1e-6, 1e-3
HERE = Path(__file__).resolve().parent


def main(names: Sequence[str] = ()) -> int:
    """Check files, print the results, and return 0 if every function is right."""
    unknown = [name for name in names if Path(name).name not in EXAMPLES]
    if unknown:
        print(f"{unknown[0]} is not one of the exercises {', '.join(EXAMPLES)}")
        return 2
    right = count = 0
    for path in [Path(name) for name in names] or [HERE / name for name in EXAMPLES]:
        file = path.name
        path = path if path.is_file() else HERE / file
        if not path.is_file():
            print(f"{file}: there is no such file beside public_checks.py\n")
            count += len(EXAMPLES[file])
            continue
        print(file)
        functions = loaded(path)
        for name, cases in EXAMPLES[file].items():
            verdict = checked(functions, name, cases, path)
            print(f"  {name:<34}{verdict}")
            right += verdict == "ok"
            count += 1
        print()
    print(f"{right} of {count} functions return the expected numbers")
    return 0 if right == count else 1


def loaded(path: Path) -> dict[str, Any] | str:
    """Run a file; return the names that it defines, or the error as text."""
    try:
        return runpy.run_path(str(path))
    except SyntaxError as error:
        return f"the file cannot be read: {error.msg}, line {error.lineno}"
    except (Exception, SystemExit) as error:
        return f"the file cannot be run: {type(error).__name__}: {error}{line_of(error, path)}"


def checked(functions: dict[str, Any] | str, name: str, cases: list[dict[str, Any]], path: Path) -> str:
    """ "ok", or the first thing that is wrong with a function."""
    if isinstance(functions, str):
        return functions
    if not callable(functions.get(name)):
        near = difflib.get_close_matches(name, functions, 1, 0.85)
        return "missing: there is no function of this name in the file" + (f", but {near[0]}" if near else "")
    for case in cases:
        arguments = {key: array(value) for key, value in case["arguments"].items()}
        try:
            with np.errstate(all="ignore"):
                answer = called(functions[name], arguments)
            left = [key for key, value in case["arguments"].items() if not np.array_equal(arguments[key], value)]
        except NotImplementedError:
            return "not written yet"
        except (Exception, SystemExit) as error:
            return f"{type(error).__name__}: {error}{line_of(error, path)}"
        fault = compared(answer, case["outputs"], bool(case["what"])) or (
            f"its argument {left[0]} is overwritten" if left else ""
        )
        if fault:
            return f"{fault}{case['what']}"
    return "ok"


def called(function: Any, arguments: dict[str, Any]) -> Any:
    """Call a function; arguments are passed by name, or by position if its names differ."""
    try:
        signature = inspect.signature(function)
        signature.bind(**arguments)
    except (TypeError, ValueError):
        return function(*arguments.values())
    wrapper = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    if wrapper and not arguments.keys() <= signature.parameters.keys():  # f(*args, **kwargs): the names are unknown
        return function(*arguments.values())
    return function(**arguments)


def compared(answer: Any, outputs: dict[str, Any], extreme: bool = False) -> str:
    """The first mistake in an answer; "" if it is right."""
    if answer is None:
        return "returns None; is there a `return` at the end?"
    answers = answer if isinstance(answer, tuple) else (answer,)
    if len(answers) != len(outputs):
        return f"returns {len(answers)} array(s); {len(outputs)} are expected: {', '.join(outputs)}"
    for got, (name, value) in zip(answers, outputs.items(), strict=True):
        if not isinstance(got, (np.ndarray, np.generic, float, int)):
            return f"{name} is of type {type(got).__name__}; an array is expected"
        got, expected = np.asarray(got), np.asarray(value)
        if got.dtype.kind not in "fiu":
            return f"{name} has the dtype {got.dtype}, which is not one of real numbers"
        if got.shape != expected.shape:
            return f"{name} has the shape {got.shape}; {expected.shape} is expected"
        size = np.abs(expected)
        error = np.abs(got - expected) / (np.maximum(size, EXTREME_FLOOR) if extreme else max(size.max(), FLOOR))
        if not error.max() <= TOLERANCE:
            worst = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
            place = f"{name}[{', '.join(map(str, worst))}]" if worst else name
            a, b = different(float(got[worst]), float(expected[worst]))
            return f"{place} is {a}; {b} is expected"
    return ""


def different(a: float, b: float) -> tuple[str, str]:
    """Format two numbers with six digits, or with as many as make them differ."""
    texts = [(f"{a:.{digits}g}", f"{b:.{digits}g}") for digits in range(6, 18)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])


def array(value: Any) -> Any:
    """Convert lists to arrays; return anything else unchanged."""
    return np.array(value) if isinstance(value, list) else value


def line_of(error: BaseException, path: Path) -> str:
    """The last line of the student's file in an error's traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


# File, function, examples.
EXAMPLES: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(r"""{}""")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
