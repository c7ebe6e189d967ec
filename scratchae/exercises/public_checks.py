"""Does your code give the numbers that it should? Needs Python and NumPy only.

    python public_checks.py                 all files beside this one
    python public_checks.py 01_dense.py     only these; also a notebook, 01_dense.ipynb

Compares each function with one or two examples of small arrays. The grader uses other sizes and numbers, and further tests.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from scratchae.exercises.student_file import FileError, StudentFile, allowed, guard, trouble_of

# The rule of grading, which takes these numbers from here: the largest error that passes, relative to the largest entry, or for extreme
# arguments, to each entry; and the smallest such entry.
TOLERANCE, FLOOR, EXTREME_FLOOR = 1e-5, 1e-6, 1e-3
SECONDS = 4.0  # of processor time for reading a file
HERE = Path(__file__).resolve().parent


def main(names: Sequence[str] = ()) -> int:
    """Check files, print the results, and return 0 if every function is right."""
    unknown = [name for name in names if Path(name).with_suffix(".py").name not in EXAMPLES]
    if unknown:
        print(f"{unknown[0]} is not one of the exercises {', '.join(EXAMPLES)}")
        return 2
    right = count = 0
    for path in [Path(name) for name in names] or [HERE / name for name in EXAMPLES]:
        file = path.name
        path = path if path.is_file() else HERE / file
        path = path if names or path.is_file() else path.with_suffix(".ipynb")
        if not path.is_file():
            print(f"{file}: there is no such file beside public_checks.py\n")
            count += len(examples_of(path))
            continue
        right += compare(loaded(path), path)
        count += len(examples_of(path))
    print(f"{right} of {count} functions return the expected numbers")
    return 0 if right == count else 1


def check(name: str, namespace: dict[str, Any]) -> None:
    """Check the functions that were run in a notebook, from a cell of it: `check("01_dense.ipynb", globals())`."""
    path = Path(name)
    if path.with_suffix(".py").name not in EXAMPLES:
        print(f"{name} is not one of the exercises {', '.join(EXAMPLES)}")
        return
    print("These are a few examples only.\n")
    right, count = compare(namespace, path), len(examples_of(path))
    print(f"{right} of {count} functions return the expected numbers")


def examples_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The examples of a file, which may be a notebook."""
    return EXAMPLES[path.with_suffix(".py").name]


def compare(functions: dict[str, Any] | str, path: Path) -> int:
    """Print the verdict on each function of a file; return how many are right."""
    print(path.name)
    verdicts = {name: checked(functions, name, cases, path) for name, cases in examples_of(path).items()}
    for name, verdict in verdicts.items():
        print(f"  {name:<34}{verdict}")
    print()
    return list(verdicts.values()).count("ok")


def loaded(path: Path) -> dict[str, Any] | str:
    """Run a file or notebook as the grader does and print its errors; return the names that it defines, or the error if it is not Python."""
    try:
        source = source_of(path)
    except (ValueError, KeyError, TypeError) as error:
        return f"the file cannot be read: it is no notebook ({type(error).__name__}: {error})"
    if trouble := trouble_of(source):
        return f"the file {trouble}"
    its = RUN[path] = StudentFile(source, str(path))
    with as_in_grading():
        its.run(SECONDS)
    if its.broken:
        return f"the file cannot be read: {said(its.failures[0])}"
    for failure in its.failures:
        print(f"  {said(failure)}; what is defined before is checked")
    return vars(its.module)


def source_of(path: Path) -> bytes:
    """The source of a file; of a notebook its code cells, each begun by a line `# In[k]:`, without the one that checks."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    codes = ["".join(cell["source"]) for cell in cells]
    own = ["" if "public_checks import check" in code else as_python(code) for code in codes]
    return "\n\n".join(f"# In[{number}]:\n{code}\n" for number, code in enumerate(own, 1)).encode()


def as_python(code: str) -> str:
    """A cell without the lines that only Jupyter understands, such as `%matplotlib inline`."""
    try:
        ast.parse(code)
    except SyntaxError:
        return re.sub(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", r"\1pass", code, flags=re.MULTILINE)
    return code


@contextmanager
def as_in_grading() -> Iterator[None]:
    """Refuse modules and actions that grading refuses, if files are run here; what was run elsewhere, as in a notebook, is left alone."""
    if not RUN:
        yield
        return
    if not SWITCHES:
        SWITCHES.append(guard("", allowed(ALLOW)))
    SWITCHES[0](True)
    try:
        yield
    finally:
        SWITCHES[0](False)


def said(failure: FileError) -> str:
    """An error, with its place."""
    cell = f", cell {failure.cell}" if failure.cell else ""
    line = f", line {failure.line}" if failure.line else ""
    message = f": {failure.message}" if failure.message else ""
    return f"{failure.type}{message}{cell}{line}"


def checked(functions: dict[str, Any] | str, name: str, cases: list[dict[str, Any]], path: Path) -> str:
    """ "ok", or the first thing that is wrong with a function."""
    if isinstance(functions, str):
        return functions
    if not callable(functions.get(name)):
        near = difflib.get_close_matches(name, functions, 1, 0.85)
        early = [f"; it ended early: {said(each)}" for each in RUN[path].failures[:1]] if path in RUN else []
        return "missing: there is no function of this name in the file" + (
            f", but {near[0]}" if near else "".join(early)
        )
    for case in cases:
        arguments = {key: array(value) for key, value in case["arguments"].items()}
        try:
            with np.errstate(all="ignore"), as_in_grading():
                answer = called(functions[name], arguments)
        except NotImplementedError:
            return "not written yet"
        except (Exception, SystemExit) as error:
            its = RUN.get(path)
            kind = type(error).__name__
            return said(its.describe(error) if its else FileError(kind, str(error), None, None))
        left = [key for key, value in case["arguments"].items() if not np.array_equal(arguments[key], value)]
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
    answers = list(answer) if isinstance(answer, (tuple, list)) and len(outputs) > 1 else [answer]
    if len(answers) != len(outputs):
        return f"returns {len(answers)} array(s); {len(outputs)} are expected: {', '.join(outputs)}"
    for got, (name, value) in zip(answers, outputs.items(), strict=True):
        if type(got) not in (np.ndarray, float, int, bool, complex) and not isinstance(got, np.generic):
            return f"{name} is of type {type(got).__name__}; an array is expected"
        got, expected = np.asarray(got), np.asarray(value)
        wanted = "int64" if expected.dtype.kind == "i" else "float64"
        if got.dtype.newbyteorder("=") != np.dtype(wanted):
            return f"{name} has the dtype {got.dtype}; {wanted} is expected"
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


# The modules that your teacher allows besides NumPy.
ALLOW: list[str] = []
# File, function, examples.
EXAMPLES: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(r"""{}""")
RUN: dict[Path, StudentFile] = {}  # the files that were run
SWITCHES: list[Callable[[bool], None]] = []  # of the one guard

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdin = io.StringIO()  # nobody answers questions where files are graded
    sys.exit(main(sys.argv[1:]))
