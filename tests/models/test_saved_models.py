"""Files of every kind of model that earlier versions wrote are read, and give the same codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.saved_models import CODES, FOLDER, NAMES

import scratchae as sae
from scratchae.registry import REGISTRY


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_was_written_before_gives_the_same_codes(name: str, tmp_path: Path) -> None:
    model = sae.load(FOLDER / f"{name}.npz")
    assert type(model).__name__ == name.partition("_")[0]
    given = (CODES["x"], CODES["y"]) if name.startswith("Conditional") else (CODES["x"],)
    with sae.use_backend("numpy"):
        np.testing.assert_allclose(model.encode(*given), CODES[name], rtol=1e-5, atol=1e-6)
    model.save(tmp_path / "again.npz")
    again = sae.load(tmp_path / "again.npz")
    assert np.array_equal(again.parameters_.flat, model.parameters_.flat)
    assert repr(again) == repr(model) and again.history_ == model.history_


def test_there_is_a_file_of_every_model_that_was_there_then() -> None:
    kinds = {name.partition("_")[0] for name in NAMES}
    assert len(kinds) == 10 and kinds <= {entry.name for entry in REGISTRY}
