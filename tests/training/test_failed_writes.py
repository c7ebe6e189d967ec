"""A write that fails leaves the old file, and nothing else."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import scratchae as sae
from scratchae import files
from scratchae.errors import ConvergenceWarning, muted


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.npz"
    files.write(path, "model", {"answer": 42}, {"a": np.arange(3.0)})
    return path


@pytest.fixture
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder((5,), 2, epochs=2, random_state=0).fit(x)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(
    model: sae.Autoencoder, x: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "m.npz"
    model.save(path)
    old = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as trouble:
        trouble.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            model.fit(x + 0.0).save(path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["m.npz"]


def test_ctrl_c_while_writing_leaves_the_old_file(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(tiny, "model", {}, {})
    assert os.listdir(tiny.parent) == ["tiny.npz"]
    assert files.read(tiny, "model")[0]["answer"] == 42


def test_the_bytes_are_on_the_disk_before_the_name_is(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("flush"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda old, new: (calls.append("rename"), replace(old, new)))
    files.write(tiny, "model", {}, {})
    assert calls[:2] == ["flush", "rename"]


def test_a_missing_folder_is_named(model: sae.Autoencoder, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere' for 'm.npz' does not exist; create it first"):
        model.save(tmp_path / "nowhere" / "m.npz")


FILE_TOO_LARGE = """
import os, resource, sys
import numpy as np
from scratchae import files
path = sys.argv[1]
files.write(path, "model", {"answer": 42}, {})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    files.write(path, "model", {}, {"a": np.zeros(10_000)})
except OSError as error:
    print(type(error).__name__, files.read(path, "model")[0]["answer"], os.listdir(os.path.dirname(path)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes")
def test_a_real_write_error_leaves_the_old_file(tmp_path: Path, run_python: Callable[..., str]) -> None:
    assert run_python(FILE_TOO_LARGE, tmp_path / "m.npz").strip() == "OSError 42 ['m.npz']"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 kB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_old_file_and_the_training(x: np.ndarray, small_disk: Path) -> None:
    path = small_disk / "m.npz"
    small = sae.Autoencoder((5,), 2, epochs=1, random_state=0).fit(x)
    small.save(path)
    large = sae.Autoencoder((1000,), 100, epochs=3, random_state=0)
    with (
        pytest.warns(UserWarning, match="The checkpoint could not be written .*No space left") as warned,
        muted(ConvergenceWarning),
    ):
        large.fit(x, checkpoint=small_disk / "run.npz")
    assert len(warned) == 1
    assert len(large.history_["loss"]) == 3
    with pytest.raises(OSError, match="No space left"):
        large.save(path)
    np.testing.assert_array_equal(sae.load(path).encode(x), small.encode(x))
    assert os.listdir(small_disk) == ["m.npz"]
