"""Files of every kind of model that earlier versions wrote are read, and give the same codes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import scratchae as sae
from scratchae.registry import REGISTRY

FOLDER = Path(__file__).parents[1] / "saved_models"
CODES = np.load(FOLDER / "codes.npz")
NAMES = sorted(path.stem for path in FOLDER.glob("*_*.npz"))


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


def test_files_are_read_by_a_process_that_has_imported_no_model(tmp_path: Path, run_python: Callable[..., str]) -> None:
    paths = [FOLDER / f"{name}.npz" for name in NAMES]
    sae.WassersteinAutoencoder(hidden_sizes=(), epochs=1).fit(CODES["x"]).save(
        tmp_path / "WassersteinAutoencoder_1.npz"
    )
    paths.append(tmp_path / "WassersteinAutoencoder_1.npz")
    for path in paths:
        script = "import sys, scratchae\nprint(type(scratchae.load(sys.argv[1])).__name__)"
        assert run_python(script, path).strip() == path.stem.partition("_")[0]


def test_there_is_a_file_of_every_model_that_was_there_then() -> None:
    kinds = {name.partition("_")[0] for name in NAMES}
    assert len(kinds) == 10 and kinds <= {entry.name for entry in REGISTRY}


def test_a_class_of_the_same_name_is_no_substitute(tmp_path: Path) -> None:
    sparse = type("SparseAutoencoder", (sae.Autoencoder,), {"__module__": "mine"})
    sparse(hidden_sizes=(), latent_dim=2, epochs=1).fit(CODES["x"]).save(tmp_path / "m.npz")
    assert type(sae.load(tmp_path / "m.npz")) is sparse
    sparse.__module__ = "elsewhere"
    with pytest.raises(sae.FileFormatError, match="import mine first"):
        sae.load(tmp_path / "m.npz")


def test_a_class_of_ones_own_is_read_as_itself(tmp_path: Path) -> None:
    class Own(sae.Autoencoder):
        """A model of one's own."""

    Own(hidden_sizes=(), latent_dim=2, epochs=1).fit(CODES["x"]).save(tmp_path / "own.npz")
    assert type(sae.load(tmp_path / "own.npz")) is Own
    Own.__module__ = "elsewhere"  # as in a process that has not imported it
    with pytest.raises(sae.FileFormatError, match="contains a Own, a class of the module '.*'; import .* first"):
        sae.load(tmp_path / "own.npz")
    shutil.copy(FOLDER / "Autoencoder_1.npz", tmp_path)
    other = type("Autoencoder", (sae.Autoencoder,), {"__module__": "somewhere"})  # of the same name
    assert type(sae.load(tmp_path / "Autoencoder_1.npz")) is sae.Autoencoder is not other
