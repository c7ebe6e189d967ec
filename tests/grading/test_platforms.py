"""The downloads of course platforms, as folders and as archives: every student has one row, and strange files change nothing."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grading.folders import EXERCISES, GOOD, rows, written, zipped
from grading.platform_exports import EXPORTS
from scratchae.grading.submissions.containers.file_kinds import is_handed_in, kind_of, stem
from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.submissions.gradescope_export import names_of_submissions
from scratchae.grading.submissions.intake import take_in
from scratchae.grading.submissions.platforms import uploads

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


def test_the_times_of_attempts_are_in_order() -> None:
    at = ["Dec 31, 2025 1159 PM", "Jan 1, 2026 1205 AM", "Jan 1, 2026 1:00 AM", "Jan 1, 2026 1159 AM"]
    at += [
        "Jan 1, 2026 12-10 PM",
        "Jan 1, 2026 1:05 PM",
        "January 1, 2026 11.59 PM",
        "Jan 2, 2026 0900 AM",
        "Feb 1, 2026 0100 AM",
    ]
    names = [f"12-34 - Ada - {when} - 01_dense.py" for when in [*at, "Oct 9, 2026 1000 PM", "Nov 1, 2026 800 AM"]]
    found = uploads(dict.fromkeys(names, False), lambda name: True)
    attempts = [found[name].attempt for name in names]
    assert attempts == sorted(attempts) and len(set(attempts)) == len(names)


def test_the_downloads_of_several_groups_in_one_folder(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "work", GOOD).read_bytes()
    (tmp_path / "work").unlink()
    zipped(tmp_path / "group 1.zip", {f"u{k}_{k}_9{k:02}_work.zip": packed for k in range(1, 15)})
    zipped(tmp_path / "group 2.zip", {"HW/Ada_1_assignsubmission_file_/01_dense.py": GOOD["01_dense.py"]})
    zipped(tmp_path / "Zoe.zip", GOOD)
    found = rows(take_in(tmp_path, EXERCISES))
    assert set(found) == {*(f"u{k}_{k}" for k in range(1, 15)), "Ada_1", "Zoe"}
    assert all(graded == BOTH for who, (graded, _) in found.items() if who != "Ada_1")


def test_names_that_a_teacher_made_up_are_not_taken_apart(tmp_path: Path) -> None:
    everything = b"\n".join(GOOD.values())
    for k, names in enumerate(
        (["hw_2024_250_ben.py", "hw_2024_250_anna.py"], ["hw_2024_250_ben.py", "hw_2024_251_anna.py"])
    ):
        written(tmp_path / str(k), dict.fromkeys(names, everything))
        assert set(rows(take_in(tmp_path / str(k), EXERCISES))) == {name[:-3] for name in names}
    beside = {
        "ada_11_901_01_dense.py": everything,
        **dict.fromkeys(["hw_2024_250_ben.py", "hw_2024_250_anna.py"], everything),
    }
    found = rows(take_in(written(tmp_path / "beside", beside), EXERCISES))
    assert set(found) == {"ada_11", "hw_2024_250_anna", "hw_2024_250_ben"}


def test_a_number_of_one_or_two_digits_is_no_upload() -> None:
    names = ["week_1_12_01_dense.py", "group_7_3_dense.py"]
    assert uploads(dict.fromkeys(names, False), lambda name: True) == {}
    (upload,) = uploads({"ada_7_123_dense.py": False}, lambda name: True).values()
    assert (upload.student, upload.file, upload.order) == ("ada_7", "dense.py", 123)


@pytest.mark.parametrize(
    "unit", ["_", "1_", "a_1_901_", " - ", "_attempt_", "_assignsubmission_", ".py", "é\u0301", "week ", "\udcff"]
)
def test_long_names_are_looked_at_in_no_time(unit: str) -> None:
    # A running time that is not linear would be minutes here.
    name = unit * (500_000 // len(unit))
    start = time.process_time()
    for ending in (".py", ".html", ""):
        kind_of(name + ending), stem(name + ending), is_handed_in(name + ending), clean(name + ending)
        assert uploads({name + ending: False, name: True}, lambda file: True) == {}
    assert time.process_time() - start < 5


def test_a_list_of_students_cannot_cost_or_do_anything() -> None:
    bomb = b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*b%d, *b%d]\n" % (k, k, k - 1, k - 1) for k in range(1, 99))
    hostile = [
        bomb,
        b"submission_1:\n  :submitters:\n  - :name: !ruby/object:Gem {}\n  - :name: *a\n  - :name: |\n",
        b"submission_1:\n" + b"  :submitters:\n  - :name: A\n" * 100_000,
        b"submission_1:\n  :submitters:\n" + b"- " * 500_000,
        b"\xff\xfe" * 1000,
        b" " * 1_000_000 + b":name: x",
        b'submission_1:\n  :submitters:\n  - :name: "' + b"\\u" * 100_000,
    ]
    start = time.process_time()
    found = [names_of_submissions(text) for text in hostile]
    assert time.process_time() - start < 5
    assert found[:2] == [{}, {}] and found[3:] == [{}] * 4 and set(found[2]) == {"submission_1"}
    two = b"s_1:\n  :submitters:\n  - :name: Wei Wang\ns_2:\n  :submitters:\n  - :name: Wei Wang\n"
    assert names_of_submissions(two) == {"s_1": "Wei Wang (s_1)", "s_2": "Wei Wang (s_2)"}


def canvas_name(name: str) -> str:
    """A name as Canvas writes it: letters, digits and other characters of words, without the mark between parts."""
    return "".join(c for c in name.lower() if c.isalnum())


NAMES = st.text(min_size=1, max_size=12).map(lambda name: name.translate(dict.fromkeys(map(ord, "/\\\0"), "-")))
PEOPLE = st.lists(NAMES, min_size=2, max_size=5, unique_by=lambda name: key(name))
NAMINGS: dict[str, Callable[[str, int, str], str]] = {
    "canvas": lambda who, k, file: f"{canvas_name(who)}_{k}_{900 + 10 * k + len(file) % 10}_{file}",
    "canvas, late": lambda who, k, file: f"{canvas_name(who)}_LATE_{k}_{900 + 10 * k + len(file) % 10}_{file}",
    "moodle": lambda who, k, file: f"{who}_{k}_assignsubmission_file/{file}",
    "moodle, flat": lambda who, k, file: f"{who}_{k}_assignsubmission_file_{file}",
    "blackboard": lambda who, k, file: f"HW1_u{k}_attempt_2026-11-01-10-00-00_{file}",
    "brightspace": lambda who, k, file: f"{k}-5 - {who} - Nov 1, 2026 1000 AM/{file}",
    "folders": lambda who, k, file: f"x{who}{k}/{file}",
    "class": lambda who, k, file: f"class/x{who}{k}/src/{file}",
}


def key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


@settings(deadline=None, max_examples=60)
@given(people=PEOPLE, naming=st.sampled_from(list(NAMINGS)), more=st.sampled_from(["", "grades.csv", "zz.docx"]))
def test_whatever_the_names_each_student_has_one_row(people: list[str], naming: str, more: str) -> None:
    people = [who.strip(". ") or "x" for who in people]
    assume("canvas" not in naming or all(map(canvas_name, people)))
    path_of = NAMINGS[naming]
    files = {path_of(who, k, name): GOOD[name] for k, who in enumerate(people, 1) for name in GOOD}
    with TemporaryDirectory() as folder:
        place = zipped(Path(folder) / "class.zip", files | ({more: b""} if more else {}))
        intake = take_in(place, EXERCISES)
    complete = [s for s in intake.submissions if sorted(s.files) == BOTH and not s.notes]
    assert len(complete) == len(people) and len({s.student for s in complete}) == len(people)
    assert len(intake.submissions) == len(people) + (more == "zz.docx")


PARTS = st.sampled_from(
    [
        "ada",
        "bob",
        "Ada",
        "src",
        "env",
        "HW1",
        "01_dense.py",
        "dense.py",
        "01_dense (1).py",
        "02_activations.py",
        "mine.py",
    ]
    + [
        "a.txt",
        "b.rar",
        "c.docx",
        "d.ipynb",
        "ada_11_901_x.py",
        "bob_12_text.html",
        "Zoë_4_assignsubmission_file",
        "x.zip",
    ]
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map(tuple)


@settings(deadline=None, max_examples=150)
@given(paths=st.lists(PATHS, min_size=1, max_size=8, unique=True))
def test_nothing_is_dropped_without_a_word(paths: list[tuple[str, ...]]) -> None:
    files = {"/".join(path): b"x = %d" % k for k, path in enumerate(paths)}
    with TemporaryDirectory() as folder:
        try:
            intake = take_in(zipped(Path(folder) / "class.zip", files), EXERCISES)
        except ValueError as error:
            assert "contains no submission" in str(error)
            return
    said = " ".join([*intake.notes, *(note for s in intake.submissions for note in s.notes)])
    used = {file.name for s in intake.submissions for file in s.files.values()}
    complete = any(len(s.files) == len(EXERCISES) for s in intake.submissions)
    for path in paths:
        names = [path[-1], *path]  # what a platform puts before the name is left out
        whole = any(name in said or name in used for name in names) or path[-1].endswith(("x.py", "text.html"))
        assert whole or complete or "env" in path, f"{path} is mentioned nowhere: {said!r}"
    assert len({s.student for s in intake.submissions}) == len(intake.submissions)
