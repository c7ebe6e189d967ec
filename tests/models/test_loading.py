"""Reading models: which class a file names, and in which process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.saved_models import CODES, FOLDER, NAMES

import scratchae as sae
from scratchae import files


@pytest.mark.slow
def test_files_are_read_by_a_process_that_has_imported_no_model(tmp_path: Path, run_python: Callable[..., str]) -> None:
    paths = [FOLDER / f"{name}.npz" for name in NAMES]
    sae.WassersteinAutoencoder(hidden_sizes=(), epochs=1).fit(CODES["x"]).save(
        tmp_path / "WassersteinAutoencoder_1.npz"
    )
    paths.append(tmp_path / "WassersteinAutoencoder_1.npz")
    for path in paths:
        script = "import sys, scratchae\nprint(type(scratchae.load(sys.argv[1])).__name__)"
        assert run_python(script, path).strip() == path.stem.partition("_")[0]


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


def test_a_file_with_an_unknown_option_is_refused(tmp_path: Path) -> None:
    sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=1).fit(CODES["x"]).save(tmp_path / "m.npz")
    header, arrays = files.read(tmp_path / "m.npz", "model")
    header["options"]["latent_dims"] = 3
    files.write(tmp_path / "m.npz", "model", header, arrays)
    with pytest.raises(TypeError, match=r"^Autoencoder has no option 'latent_dims'.*; it has .*\.$"):
        sae.load(tmp_path / "m.npz")
