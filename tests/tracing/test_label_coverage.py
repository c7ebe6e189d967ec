"""Every label of the code has values in a tiny example, and an equation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scratchae import tracing
from scratchae.tracing import label_coverage as module
from scratchae.tracing.equations import all_equations


def test_every_label_of_the_code_has_values() -> None:
    lacking = [label for label, names in tracing.coverage().items() if not names]
    assert not lacking, (
        f"no tiny example passes through a line with the label {', '.join(lacking)}; see scratchae/tracing/tiny.py"
    )


def test_every_label_of_the_code_has_an_equation() -> None:
    labels = module.labels_of_the_code()
    assert len(labels) > 150 and {"dense.4", "variational.12", "linear_gaussian.7"} <= labels
    assert labels <= set(all_equations())


def test_a_label_without_values_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "labels_of_the_code", lambda: {"dense.10", "dense.4", "dense.9"})
    found = module.coverage()
    without = tracing.Trace("a", [], [replace(step, values=[]) for step in tracing.tiny("dense").steps])
    monkeypatch.setattr(module, "tiny", lambda name: without)
    assert module.coverage()["dense.4"] == []
    assert list(found)[:3] == ["dense.4", "dense.9", "dense.10"]
    assert (
        found["dense.9"] == found["dense.10"] == []
        and "dense" in found["dense.4"]
        and "variational" in found["dense.4"]
    )
