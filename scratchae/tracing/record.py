"""The record of a trace: inputs, labelled lines with their values, loss and gradients."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scratchae.nets.network import Array
from scratchae.tracing.equations import Equation, equations_of
from scratchae.tracing.recorder import Step
from scratchae.tracing.values import Value, copied, plain

FORMAT = 1
PACKAGES = Path(__file__).resolve().parents[2]  # the folder that holds the package


@dataclass(frozen=True, eq=False)
class TraceRecord:
    """The values that the labelled lines of an objective, or of other functions, computed.

    The attributes are described where users meet them, in `traces.Trace`.
    """

    subject: str
    inputs: list[Value]
    steps: list[Step]
    loss: float | None = None
    gradients: dict[str, Array] = field(default_factory=dict)
    example: str | None = None
    about: str | None = None
    rows: int | None = None

    @property
    def labels(self) -> list[str]:
        """The labels of its lines, each once, in their order."""
        return list(dict.fromkeys(label for step in self.steps for label in step.labels))

    @property
    def equations(self) -> dict[str, Equation]:
        """The equations of its labels; labels of a model of your own have none."""
        return equations_of(self.labels)

    def values(self, label: str) -> dict[str, Array]:
        """Return the arrays and numbers of a label by name, those of the last pass through a line where there are several.

        Parameters
        ----------
        label : str
            Such as "variational.2".

        Raises
        ------
        KeyError
            If no line of the trace has this label.
        """
        if label not in self.labels:
            raise KeyError(f"no line of this trace has the label {label!r}; it has {', '.join(self.labels)}")
        steps = [step for step in self.steps if label in step.labels]
        return {value.name: value.array for step in steps for value in step.values if value.array is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as a JSON-serialisable dictionary; docs/trace.md lists its fields."""
        gradients = [value for name, array in self.gradients.items() for value in copied(name, "given", array)]
        return {
            "format": FORMAT,
            "subject": self.subject,
            "example": self.example,
            "about": self.about,
            "rows": self.rows,
            "loss": None if self.loss is None else plain(self.loss),
            "gradients": _dicts(gradients),
            "inputs": _dicts(self.inputs),
            "equations": {label: equation._asdict() for label, equation in self.equations.items()},
            "steps": [_described(step) for step in self.steps],
        }

    def to_json(self) -> str:
        """Return the trace as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)


def _dicts(values: list[Value]) -> list[dict[str, Any]]:
    return [value.to_dict() for value in values]


def _described(step: Step) -> dict[str, Any]:
    fields = {name: value for name, value in vars(step).items() if name not in ("labels", "values", "file")}
    return {"labels": list(step.labels), "file": place_of(step), **fields, "values": _dicts(step.values)}


def place_of(step: Step) -> str:
    """Return the file of a step: from the package's folder on, or as Python knows it."""
    path = Path(step.file)
    return path.relative_to(PACKAGES).as_posix() if path.is_relative_to(PACKAGES / "scratchae") else step.file


def first_uses(steps: Sequence[Step], known: dict[str, Equation]) -> Iterable[tuple[Step, dict[str, Equation]]]:
    """Yield each step with those of its equations that no step before it had."""
    seen: set[str] = set()
    for step in steps:
        yield step, {label: known[label] for label in step.labels if label in known and label not in seen}
        seen.update(step.labels)
