"""Folders and files are tried before the work begins, and nothing is left of the trial."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from scratchae.console.outputs import ready_file, ready_folder
from scratchae.console.parser import UsageError


def test_a_folder_is_created_with_those_above(tmp_path: Path) -> None:
    folder = ready_folder(str(tmp_path / "a" / "b"), "--figures")
    assert folder == tmp_path / "a" / "b" and folder.is_dir() and not list(folder.iterdir())
    assert ready_folder(str(folder), "--figures") == folder  # it may be there


def test_a_file_needs_its_folder_and_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "old.npz").write_text("old")
    for name in ("old.npz", "new.npz"):
        assert ready_file(str(tmp_path / name), "--out") == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == ["old.npz"] and (tmp_path / "old.npz").read_text() == "old"


def test_names_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"--figures .*file is a file; give a folder"):
        ready_folder(str(tmp_path / "file"), "--figures")
    with pytest.raises(UsageError, match=r"--out .* is a folder; give a file, such as .*model\.npz"):
        ready_file(str(tmp_path), "--out")
    with pytest.raises(UsageError, match=r"the folder of --out .* does not exist; create it first: mkdir -p .*nowhere"):
        ready_file(str(tmp_path / "nowhere" / "m.npz"), "--out")
    with pytest.raises(OSError, match=r"--figures .* cannot be created \(.*\); give another folder"):
        ready_folder(str(tmp_path / "file" / "below"), "--figures")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    for ready, text in ((ready_folder, tmp_path), (ready_file, tmp_path / "m.npz")):
        with pytest.raises(
            OSError, match=r"--out .* cannot be written \(No space left on device\); give another location"
        ):
            ready(str(text), "--out")
