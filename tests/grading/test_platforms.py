"""The downloads of course platforms, as folders and as archives: every student has one row, and strange files change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.folders import EXERCISES, GOOD, rows, written, zipped
from grading.platform_exports import EXPORTS
from scratchae.grading.submissions.intake import take_in

BOTH = ["activations", "dense"]


@pytest.mark.parametrize("packed", ["folder", "zip", "zip in a folder", "folder in a folder"])
@pytest.mark.parametrize("name", EXPORTS)
def test_every_student_of_an_export_has_one_row(name: str, packed: str, tmp_path: Path) -> None:
    export = EXPORTS[name](GOOD)
    place = tmp_path / "class"
    if packed == "folder":
        written(place, export.files)
    elif packed == "folder in a folder":
        written(place / "unpacked", export.files)
    else:
        place.mkdir()
        zipped(place / "export.zip", dict(export.files))
    found = rows(take_in(place / "export.zip" if packed == "zip" else place, EXERCISES))
    assert set(found) == {*export.complete, *export.nothing}
    assert all(found[who][0] == BOTH for who in export.complete)
    assert all(found[who][0] == [] and found[who][1] for who in export.nothing)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("strange", ["notes for me.xlsx", "zed.py", "zed/01_dense.py", "x_y_z.html"])
def test_a_strange_file_beside_an_export_changes_no_other_row(name: str, strange: str, tmp_path: Path) -> None:
    export = EXPORTS[name](GOOD)
    root = next(iter(export.files)).partition("/")[0] + "/" if name in ("gradescope", "github_classroom") else ""
    path = zipped(tmp_path / "export.zip", {**export.files, f"{root}{strange}": b"x = 1"})
    found = rows(take_in(path, EXERCISES))
    assert set(found) - {"zed", "x_y_z"} == {*export.complete, *export.nothing}
    assert all(found[who][0] == BOTH for who in export.complete)
