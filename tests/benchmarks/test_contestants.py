"""The table of contestants: installed libraries only, and cases of the right kinds."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from scratchae.benchmarks import contestants
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contestants import CONTESTANTS, LIBRARIES, OURS, entrants, missing_libraries
from scratchae.benchmarks.reference import VARIANTS


def install(monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    """Make only these libraries look installed."""
    find: Any = lambda name: object() if name in libraries else None  # noqa: E731
    monkeypatch.setattr(contestants.importlib.util, "find_spec", find)


def test_without_libraries_scratchae_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    assert all(entrants(case) == [OURS, "scratchae, NumPy"] for case in CASES)
    assert missing_libraries() == ["PyTorch", "JAX", "scikit-learn"]


def test_installed_libraries_enter_the_cases_that_they_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "torch", "sklearn")
    assert missing_libraries() == ["JAX"]
    by_kind = {case.kind: {name for name in entrants(case) if not name.startswith(OURS)} for case in CASES}
    modes = {"PyTorch eager", "PyTorch fused", "PyTorch compiled"}
    assert by_kind == {
        "autoencoder": modes | {"MLPRegressor"},
        "variational": modes,
        "denoising": modes,
        "classifier": modes | {"MLPClassifier"},
        "encode": modes - {"PyTorch fused"},
    }


def test_only_installed_libraries_are_there() -> None:
    assert {row.library for row in CONTESTANTS.values() if row.library} == set(LIBRARIES)
    for row in CONTESTANTS.values():
        assert row.is_installed == (not row.library or importlib.util.find_spec(row.library) is not None)
        assert row.variant in VARIANTS
    assert [name for name, row in CONTESTANTS.items() if row.other_task] == ["MLPRegressor"]
