"""Coverage: which labels of the package's code have values in a tiny example."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

from scratchae.tracing.labels import LABEL
from scratchae.tracing.tiny import tiny, tiny_names

PACKAGE = Path(__file__).resolve().parents[1]
ELSEWHERE = ("kernels", "exercises", "verify")  # the same equations again: twins, worked solutions, checks


def labels_of_the_code() -> set[str]:
    """Return the labels of all lines of the package that are run for their result."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] not in ELSEWHERE:
            for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
                if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                    found.update(LABEL.findall(token.string))
    return found


def coverage() -> dict[str, list[str]]:
    """Return for each label of the code the tiny examples in which a line with that label has values; none is a defect."""
    found: dict[str, list[str]] = {label: [] for label in sorted(labels_of_the_code(), key=_in_order)}
    for name in tiny_names():
        steps = [step for step in tiny(name).steps if any(value.array is not None for value in step.values)]
        for label in dict.fromkeys(label for step in steps for label in step.labels):
            found.setdefault(label, []).append(name)
    return found


def _in_order(label: str) -> tuple[str, int]:
    page, _, number = label.rpartition(".")
    return page, int(number)
