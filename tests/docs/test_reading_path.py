"""The reading path of a training step: the number of files that it enters, and of base classes of the model."""

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
def test_the_reading_path_is_short(name: str, script: Any) -> None:
    path = script.reading_path(name)
    assert len(path.files) <= MOST_FILES.get(name, 16), path.files
    assert len(script.ancestry(name)) <= 5, script.ancestry(name)
    assert "models/fitting.py" in path.files and path.switches > 20 and path.depth > 3


def test_the_script_prints_it(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["Autoencoder"]) == 0
    out = capsys.readouterr().out
    assert " switches between files, " in out
    assert "ancestry: Autoencoder -> BaseAutoencoder -> Model -> Estimator" in out and "  ops/layers.py" in out
    with pytest.raises(SystemExit):
        script.main(["Autoencodr"])
