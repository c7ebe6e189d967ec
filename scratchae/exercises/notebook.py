"""The notebook of an exercise: the derivation in Markdown, the starter file's functions as code cells, and a cell that checks them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from scratchae.exercises.exercise import Exercise, Task
from scratchae.exercises.handout import GIVEN, start
from scratchae.exercises.notebook_derivation import is_gradient, labels, sections

FORMAT, MINOR = 4, 5
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
HOW = """\
Run the cells from top to bottom. Replace each `raise NotImplementedError` with your own code, and run its cell again. The last cell \
checks what you have run. Save the notebook, and hand it in under its name; only its code is graded, not the outputs."""
REPAIR = """\
Run the cells from top to bottom. Find the mistake in the code below, repair it, and run its cell again. The last cell checks what you \
have run. Save the notebook, and hand it in under its name; only its code is graded, not the outputs."""
CHECKING = """\
## Check

Run this cell as often as you like. It needs scratchae, or else the file `public_checks.py` beside this notebook."""
_CHECK = """\
# Checks the cells that you have run. There is nothing to write here.
try:
    from scratchae.cli.notebook import check
except ImportError:  # without scratchae: a few examples, with NumPy alone
    from public_checks import check
check("{}", globals())"""


def file_name(exercise: Exercise) -> str:
    """The name of an exercise's notebook, such as ``01_dense.ipynb``."""
    return exercise.file.removesuffix(".py") + ".ipynb"


def notebook(exercise: Exercise, source: str | None = None) -> str:
    """The notebook of an exercise, the same text each time.

    Parameters
    ----------
    exercise : Exercise
    source : str, optional
        A file of the exercise: by default the starter file; or the solution.

    Returns
    -------
    text : str
        JSON of the notebook format 4.5.
    """
    source = start(exercise) if source is None else source
    book = {"cells": list(_cells(exercise, source)), "metadata": METADATA, "nbformat": FORMAT, "nbformat_minor": MINOR}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def is_check(code: str) -> bool:
    """True for the cell that checks, as it is handed out, whatever the arguments in its last line."""
    before, code = _CHECK.partition('"{}"')[0], code.strip()
    return code.startswith(before) and "\n" not in code[len(before) :]


def _cells(exercise: Exercise, source: str) -> Iterator[dict[str, Any]]:
    """The cells of a file: its head, what is given, then each function after the part of the derivation that it needs."""
    head, *parts = source.rstrip("\n").split("\n\n\n")
    title, setup = head.removeprefix('"""').split('\n"""\n\n')
    at = parts.index(GIVEN) if GIVEN in parts else len(parts)
    own, given = parts[:at], parts[at:]
    first, *paragraphs = (" ".join(paragraph.split()) for paragraph in title.split("\n\n"))
    how = HOW if any("raise NotImplementedError" in part for part in own) else REPAIR
    yield _markdown("title", f"# {first.removesuffix('.')}", *paragraphs, how)
    yield _code("setup", f'"""{first}"""\n\n{setup}')
    if given:
        yield _code("given", "\n\n\n".join(given))
    tasks = {task.name: task for task in exercise.tasks}
    left = list(enumerate(sections(exercise), 1))
    for i, part in enumerate(own, 1):
        task = tasks.get(_defined(part))
        cited = labels(task) if task else frozenset()
        needed = max((k for k, (_, section) in enumerate(left, 1) if section.labels & cited), default=0)
        needed = len(left) if i == len(own) else needed
        for number, section in left[:needed]:
            yield _markdown(f"derivation-{number}", section.text)
        left = left[needed:]
        if task:
            yield _markdown(f"task-{task.name}", *_heading(task))
        yield _code(f"code-{i}", part)
    yield _markdown("checking", CHECKING)
    yield _code("check", _CHECK.format(file_name(exercise)))


def _heading(task: Task) -> Iterator[str]:
    yield f"### `{task.name}`"
    if is_gradient(task):
        *names, last = (f"`{name}`" for name in task.outputs)
        which = f"{', '.join(names)} and {last} are the derivatives" if names else f"{last} is the derivative"
        yield (
            f"{which} of a number $\\ell$, the loss for instance. Derive {'them' if names else 'it'} on paper or here, from the "
            "equations above, before you write the function. *Your derivation:*"
        )


def _defined(part: str) -> str:
    """The name of the function that a part of a file defines; "" for a constant."""
    found = re.search(r"^def (\w+)", part, re.MULTILINE)
    return found[1] if found else ""


def _markdown(name: str, *paragraphs: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines("\n\n".join(paragraphs))}


def _code(name: str, code: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": []}
    return {**empty, "source": _lines(code)}


def _lines(text: str) -> list[str]:
    """The lines with their ends, as Jupyter writes them, so that version control shows which have changed."""
    return text.splitlines(keepends=True)
