"""The way of a reader: how many files one training step enters, and how many ancestors a model has."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from scratchae.registry import REGISTRY

SCRIPT = Path(__file__).parents[2] / "docs" / "reading_path.py"
MOST_FILES = {"VariationalAutoencoder": 12, "ConditionalVariationalAutoencoder": 12, "StackedAutoencoder": 14}


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("reading_path", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_the_way_is_short(name: str, script: Any) -> None:
    way = script.reading_path(name)
    assert len(way.files) <= MOST_FILES.get(name, 16), way.files
    assert len(script.ancestry(name)) <= 5, script.ancestry(name)
    assert "models/fitting.py" in way.files and way.switches > 20 and way.depth > 3


def test_the_script_prints_it(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["Autoencoder"]) == 0
    out = capsys.readouterr().out
    assert "ancestry: Autoencoder -> BaseAutoencoder -> Model -> Estimator" in out and "  ops/layers.py" in out
    with pytest.raises(SystemExit):
        script.main(["Autoencodr"])
