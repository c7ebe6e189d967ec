"""The check inside a notebook: it tests the cells that were run, and prints what `scratchae exercises check` prints."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.cli.exercises_check import report, say_sum
from scratchae.console.table import say

if TYPE_CHECKING:
    from scratchae.exercises import Exercise

_DEFINED = re.compile(r"^[ \t]*def[ \t]+(\w+)", re.MULTILINE)


def check(name: str, namespace: Mapping[str, Any], seed: str = "1") -> None:
    """Check the functions of a notebook as they were run, whether it is saved or not, and say if the saved file has others.

    Parameters
    ----------
    name : str
        The notebook's file, such as "01_dense.ipynb".
    namespace : mapping
        `globals()` of the notebook; the cells that were run are taken from its history.
    seed : str
        Any text; a different one draws different numbers.
    """
    from scratchae.exercises.course import allowed_beside, chosen
    from scratchae.exercises.variants import variant_of_file
    from scratchae.grading.marking import self_check
    from scratchae.grading.submissions.cells import said, text_of
    from scratchae.grading.submissions.intake import SourceFile

    begun, path = time.perf_counter(), Path(name)
    try:
        (exercise,) = chosen([path.name])
    except ValueError as error:
        say(str(error))
        return
    cells = _run_cells(namespace)
    names = {task.name for task in exercise.tasks}
    if not any(names & set(_DEFINED.findall(code)) for _, code in cells):
        say("No function of this exercise was run yet: run the cells above (Run All), then this one.")
        return
    text, dropped = text_of(cells)
    if mark := variant_of_file(text.encode(errors="replace")):
        say(f"The tests of the variant {mark} are your teacher's; these examples came with it.")
        import_module("public_checks").check(name, dict(namespace))  # lies beside the notebook
        return
    if dropped:
        say(f"{name} {said(dropped)}")
    file, allow = SourceFile(path.name, text.encode(errors="replace")), tuple(allowed_beside(path))
    result = self_check.check(file, exercise, seed.encode(), allow)
    right, count = report(path, exercise, result, alone=True)
    say_sum(right, count, time.perf_counter() - begun)
    _say_unsaved(path, exercise, cells)


def _run_cells(namespace: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Number and code of each cell that was run, as Jupyter shows them; of a cell that was run again unchanged, the last time counts."""
    from scratchae.exercises.notebook import is_check

    shell = namespace.get("get_ipython")
    history = shell().history_manager.input_hist_raw if callable(shell) else []
    last = {code: number for number, code in enumerate(history) if code.strip() and not is_check(code)}
    return sorted((number, code) for code, number in last.items())


def _say_unsaved(path: Path, exercise: Exercise, cells: list[tuple[int, str]]) -> None:
    """Say which functions are not in the saved file as they were run last."""
    from scratchae.grading.submissions.containers.folder import read_file
    from scratchae.grading.submissions.notebook import code_of_notebook

    content, _ = read_file(path)
    saved = code_of_notebook(content) if content is not None else []
    if not saved:
        return
    kept = {code.strip() for code in saved}
    last = {name: code.strip() for _, code in cells for name in _DEFINED.findall(code)}
    others = [task.name for task in exercise.tasks if task.name in last and last[task.name] not in kept]
    if others:
        say(
            f"In the saved {path}, this differs from what you ran: {', '.join(others)}. Save the notebook before you hand it in."
        )
