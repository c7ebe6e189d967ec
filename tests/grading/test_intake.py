"""Reading submissions: every student gets a row, and no other files are read."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from grading.folders import EXERCISES, GOOD, put, rows, written, zipped
from scratchae.exercises.course import chosen
from scratchae.grading.submissions import intake as intakes
from scratchae.grading.submissions.containers import folder as folders
from scratchae.grading.submissions.containers import members
from scratchae.grading.submissions.containers import zipped as zips
from scratchae.grading.submissions.intake import SourceFile, Submission, take_in, take_in_one


def test_folders_files_and_archives_of_students(tmp_path: Path) -> None:
    put(tmp_path, ada=GOOD, niels={f"deep/er/{name}": content for name, content in GOOD.items()})
    (tmp_path / "mary.py").write_bytes(b"\n".join(GOOD.values()))
    zipped(tmp_path / "zoe.zip", GOOD)
    put(tmp_path, **{"short names": {"dense.py": GOOD["01_dense.py"], "activations.py": GOOD["02_activations.py"]}})
    (tmp_path / "README.txt").write_text("not a student")
    (tmp_path / ".DS_Store").write_bytes(b"")
    intake = take_in(tmp_path, EXERCISES)
    assert rows(intake) == dict.fromkeys(["ada", "mary", "niels", "short names", "zoe"], (["activations", "dense"], ""))
    assert intake.notes == ("README.txt belongs to no student and is ignored",)
    ada, mary = intake.submissions[:2]
    assert ada.files["dense"].source == GOOD["01_dense.py"] and mary.files["dense"] is mary.files["activations"]
    hashes = {s.student: s.sha256 for s in intake.submissions}
    assert hashes["ada"] == hashes["zoe"] == hashes["niels"] != hashes["mary"]


@pytest.mark.parametrize("around", ["", "submissions/"])
def test_an_archive_of_a_class(around: str, tmp_path: Path) -> None:
    files = {f"{around}{student}/{name}": content for student in ("ada", "niels") for name, content in GOOD.items()}
    found = rows(take_in(zipped(tmp_path / "class.zip", {**files, "__MACOSX/x.py": b""}), EXERCISES))
    assert found == {"ada": (["activations", "dense"], ""), "niels": (["activations", "dense"], "")}


def test_one_student_alone(tmp_path: Path) -> None:
    alone = zipped(tmp_path / "class.zip", {f"ada/{name}": content for name, content in GOOD.items()})
    assert list(rows(take_in(alone, EXERCISES))) == ["ada"]
    put(tmp_path / "x", submission=GOOD)
    submission = take_in_one(tmp_path / "x" / "submission", "17 23", EXERCISES)
    assert submission.student == "17 23" and set(submission.files) == {"dense", "activations"}
    assert submission.sha256 == take_in(alone, EXERCISES).submissions[0].sha256
    (tmp_path / "ada.py").write_bytes(GOOD["01_dense.py"])
    assert list(rows(take_in(tmp_path / "ada.py", EXERCISES))) == ["ada"]


def test_one_file_cannot_hold_two_functions_of_one_name(tmp_path: Path) -> None:
    exercises = chosen(["dense", "bug_batch"])  # dense_backward is in both exercises
    (tmp_path / "mary.py").write_bytes(GOOD["01_dense.py"])
    (mary,) = take_in(tmp_path, exercises).submissions
    assert set(mary.files) == {"dense"} and mary.notes == (f"{exercises[1].file} is missing",)


def test_what_is_wrong_with_files_is_a_note_and_costs_nobody_else(tmp_path: Path) -> None:
    put(
        tmp_path,
        good=GOOD,
        empty={},
        texts={"answer.txt": b"see my file"},
        latin={**GOOD, "01_dense.py": "x = 1\n# größe".encode("latin-1")},
        nul={**GOOD, "01_dense.py": b"x = 1\0"},
        misnamed={"01_dence.py": GOOD["01_dense.py"], "02_activations.py": GOOD["02_activations.py"]},
        two={**GOOD, "a/01_dense.py": b"a", "b/01_dense.py": b"b"},
        twins={"a/01_dense.py": b"a", "b/01_dense.py": b"b"},
    )
    with open(tmp_path / "good" / "huge.py", "wb") as file:
        file.truncate(100 << 20)
    put(tmp_path, huge=GOOD)
    os.truncate(tmp_path / "huge" / "01_dense.py", 100 << 20)
    found = rows(take_in(tmp_path, EXERCISES))
    assert found["good"][0] == ["activations", "dense"] and found["good"][1].startswith("huge.py has 104,857,600 bytes")
    assert found["empty"] == ([], "nothing was handed in: the folder is empty")
    only = "there is no Python file in it, only answer.txt: copy the code into a text file named 01_dense.py"
    assert found["texts"] == ([], only)
    assert found["latin"] == (["activations"], "01_dense.py is not UTF-8 (line 2, byte 0xf6); save it as UTF-8")
    assert found["nul"][0] == ["activations"] and "NUL byte" in found["nul"][1]
    assert found["misnamed"][1] == "01_dense.py is missing; 01_dence.py may be meant for 01_dense.py: rename it"
    assert found["two"][0] == ["activations", "dense"]  # the highest file counts, and the others are named
    assert "a/01_dense.py is not graded: 01_dense.py counts, which lies higher in the folders" in found["two"][1]
    assert "b/01_dense.py is not graded" in found["two"][1]
    assert "is there more than once" in found["twins"][1] and "02_activations.py is missing" in found["twins"][1]
    assert found["huge"][0] == ["activations"] and "has 104,857,600 bytes" in found["huge"][1]


def test_links_and_devices_are_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("answer = 42")
    place = put(tmp_path / "class", ada=GOOD, niels={"02_activations.py": b""})
    (place / "niels" / "01_dense.py").symlink_to(secret)
    (place / "loop").symlink_to(place)
    os.mkfifo(place / "ada" / "pipe.py")
    os.mkfifo(place / "fifo.py")
    found = rows(take_in(place, EXERCISES))
    assert found["ada"] == (["activations", "dense"], "pipe.py is not a regular file; hand in source code")
    assert found["niels"] == (["activations"], "01_dense.py is a symbolic link; hand in the file itself")
    assert found["loop"] == ([], "loop is a symbolic link; hand in the file itself")
    assert found["fifo"][0] == [] and "is not a regular file" in found["fifo"][1]


def test_the_second_name_of_another_file_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "seed.txt"
    secret.write_text("6b1f the seed of all numbers\n")
    place = put(tmp_path / "class", ada=GOOD)
    (place / "ada" / EXERCISES[0].file).unlink()
    os.link(secret, place / "ada" / EXERCISES[0].file)
    (files, notes) = rows(take_in(place, EXERCISES))["ada"]
    assert files == ["activations"] and "hard link" in notes and "6b1f" not in notes


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def test_archives_with_tricks(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "class.zip",
        {
            **{f"ada/{name}": content for name, content in GOOD.items()},
            "../../evil.py": b"x",
            "/etc/evil.py": b"x",
            "C:/evil.py": b"x",
            "ada/../niels/01_dense.py": b"x",
            "zoe/01_dense.py": b"/etc/passwd",
            "bomb/01_dense.py": b"#" * (64 << 20),
            "nested/inner.zip": b"PK",
        },
        **{"zoe/01_dense.py": link("zoe/01_dense.py")},
    )
    intake = take_in(path, EXERCISES)
    found = rows(intake)
    assert sorted(found) == ["ada", "bomb", "nested", "zoe"]  # no student is called evil
    assert found["ada"][0] == ["activations", "dense"] and "points outside the archive" in found["ada"][1]
    assert found["zoe"][0] == [] and "symbolic link" in found["zoe"][1]
    assert found["bomb"][0] == [] and "has more than 1,048,576 bytes" in found["bomb"][1]
    assert found["nested"][0] == [] and "inner.zip is not a readable zip archive" in found["nested"][1]
    assert len([note for note in intake.notes if "points outside the archive" in note]) == 3
    assert not list(tmp_path.parent.rglob("evil.py"))


def test_declared_sizes_are_not_believed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ada/01_dense.py": b"#" * (8 << 20)})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 10)  # the uncompressed size in the central directory
    path.write_bytes(content)
    graded, note = rows(take_in(path, EXERCISES))["ada"]
    assert graded == [] and ("cannot be unpacked" in note or "more than" in note)


def test_a_student_cannot_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 3)
    files = {f"ada/{i}.py": b"x" for i in range(5)} | {f"niels/{name}": content for name, content in GOOD.items()}
    for place in (
        zipped(tmp_path / "class.zip", files),
        put(tmp_path / "class", ada={f"{i}.py": b"x" for i in range(5)}, niels=GOOD),
    ):
        found = rows(take_in(place, EXERCISES))
        assert found["niels"][0] == ["activations", "dense"] and found["ada"][0] == []
    monkeypatch.setattr(folders, "MOST_MEMBERS", 4)
    found = rows(take_in(tmp_path / "class", EXERCISES))
    assert found["niels"] == (["activations", "dense"], "") and "ada holds more than 4 files" in found["ada"][1]


@pytest.mark.parametrize("around", ["", "class/"])
def test_the_limits_are_each_students_own(around: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 5)
    fillers, students = {f"{k}.py": b"" for k in range(3)}, ("ada", "niels", "zoe")
    files = {f"{around}{name}/{file}": content for name in students for file, content in {**GOOD, **fillers}.items()}
    found = rows(take_in(zipped(tmp_path / "class.zip", files), EXERCISES))
    assert all(found[name][0] == ["activations", "dense"] for name in students)


def test_folders_within_an_archive_do_not_raise_a_students_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 5)
    files = {f"d{i}/{k}/01_dense.py": b"" for i in range(2) for k in range(4)}
    place = put(tmp_path / "class", ada=GOOD)
    packed = zipped(place / "eve.zip", files).read_bytes()
    put(place, fay={"a.zip": packed})
    found = rows(take_in(place, EXERCISES))
    assert all("is not read, because there are more than 5 files" in found[who][1] for who in ("eve", "fay"))


def test_notes_that_are_left_out_are_counted(tmp_path: Path) -> None:
    put(tmp_path, ada=GOOD, bob=GOOD)
    for i in range(intakes.MOST_NOTES + 5):
        (tmp_path / "ada" / f"link{i}.py").symlink_to("/etc/passwd")
    its = next(s for s in take_in(tmp_path, EXERCISES).submissions if s.student == "ada")
    assert len(its.notes) == intakes.MOST_NOTES + 1 and its.notes[-1] == "5 more notes on files are left out"


def test_the_hash_is_of_all_that_counts() -> None:
    file = SourceFile("a.py", b"x = 1")
    its = [
        {"dense": file},
        {"activations": file},
        {"dense": file, "activations": file},
        {"dense": replace(file, name="b.py")},
        {"dense": replace(file, source=b"x = 2")},
        {"dense": replace(file, name="a.pyx", source=b" = 1")},
        {"dense": SourceFile("a.py", None, "is a link")},
        {"dense": SourceFile("a.py", None, "is too large")},
        {},
    ]
    assert len({Submission("ada", files).sha256 for files in its}) == len(its)
    assert Submission("ada", its[0]).sha256 == Submission("bob", its[0], ("late",)).sha256


def test_two_submissions_of_one_name_are_not_chosen_between(tmp_path: Path) -> None:
    put(tmp_path, ada=GOOD, Niels=GOOD, niels=GOOD, zoe=GOOD)
    (tmp_path / "ada.py").write_bytes(b"")
    found = rows(take_in(tmp_path, EXERCISES))
    assert sorted(found) == ["Niels", "ada", "niels", "zoe"]
    assert found["ada"] == (
        [],
        "2 submissions have this name: ada and ada.py; keep one of them, or rename one",
    )
    assert found["Niels"][0] == found["niels"][0] == [] and found["zoe"][0] == ["activations", "dense"]


def test_a_file_twice_in_an_archive(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("ada/01_dense.py", b"first")
        archive.writestr("ada/01_dense.py", b"second")
    (tmp_path / "class.zip").write_bytes(buffer.getvalue())
    assert "is in the archive twice" in rows(take_in(tmp_path / "class.zip", EXERCISES))["ada"][1]


def test_names_are_shown_without_tricks(tmp_path: Path) -> None:
    put(tmp_path, **{"bell\x07\u202eada": GOOD, "Zoë": GOOD, "Émile": GOOD, "Frank": GOOD})
    assert list(rows(take_in(tmp_path, EXERCISES))) == ["bell\ufffd\ufffdada", "Émile", "Frank", "Zoë"]
    assert members.clean("a" * 500) == "a" * 119 + "…"


def test_what_cannot_be_a_class(tmp_path: Path) -> None:
    for name, content, said in [
        ("none", None, "no such file"),
        ("text.zip", b"hello", "is not a readable zip archive"),
        ("empty", "folder", "contains no submission"),
    ]:
        path = tmp_path / name
        if content == "folder":
            path.mkdir()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        with pytest.raises(ValueError, match=said):
            take_in(path, EXERCISES)


def test_a_broken_archive_of_one_student(tmp_path: Path) -> None:
    put(tmp_path, ada=GOOD)
    (tmp_path / "niels.zip").write_bytes(b"PK\x03\x04 cut off")
    found = rows(take_in(tmp_path, EXERCISES))
    assert found["ada"][1] == "" and "niels.zip is not a readable zip archive" in found["niels"][1]


def test_an_archive_in_a_students_folder(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "work.zip", {f"mine/{name}": content for name, content in GOOD.items()}).read_bytes()
    outer = zipped(tmp_path / "class.zip", {"ada/work.zip": inner, "niels/01_dense.py": b""})
    assert rows(take_in(outer, EXERCISES))["ada"] == (["activations", "dense"], "")
    place = put(
        tmp_path / "class",
        ada={"work.zip": inner},
        niels={"work.zip": b"PK"},
        two={"a.zip": inner, "b.zip": inner},
        zoe={**GOOD, "old.zip": b""},
    )
    found = rows(take_in(place, EXERCISES))
    assert found["ada"] == found["zoe"] == found["two"] == (["activations", "dense"], "")
    assert found["niels"][0] == [] and found["niels"][1].startswith("work.zip is not a readable zip archive")
    other = zipped(tmp_path / "other.zip", {"01_dense.py": b"x = 1"}).read_bytes()
    put(place, mixed={"a.zip": other, "b.zip": other, "c.zip": inner, "02_activations.py": GOOD["02_activations.py"]})
    mixed = rows(take_in(place, EXERCISES))["mixed"]
    assert mixed[0] == ["activations", "dense"] and "c.zip/mine/01_dense.py is not graded" in mixed[1]


def test_what_only_looks_like_an_archive_blocks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "class", ada=GOOD)
    os.mkfifo(tmp_path / "class" / "niels.zip")
    (tmp_path / "class" / "zoe.zip").symlink_to("/dev/zero")
    found = rows(take_in(tmp_path / "class", EXERCISES))
    assert found["ada"] == (["activations", "dense"], "") and "is not a regular file" in found["niels"][1]
    assert found["zoe.zip" if "zoe.zip" in found else "zoe"][0] == []
    with pytest.raises(ValueError, match="is not a regular file"):
        take_in(Path("/dev/null"), EXERCISES)
    monkeypatch.setattr(zips, "MOST_TABLE_BYTES", 100)
    zipped(tmp_path / "class" / "large.zip", GOOD)
    assert "a table of contents of" in rows(take_in(tmp_path / "class", EXERCISES))["large"][1]


def test_what_lies_beside_the_folder_of_a_class_changes_nothing(tmp_path: Path) -> None:
    files = {f"week3/{who}/{name}": GOOD[name] for who in ("ada", "niels") for name in GOOD}
    intake = take_in(zipped(tmp_path / "class.zip", {**files, "../evil.py": b"", "grades.csv": b""}), EXERCISES)
    assert rows(intake) == dict.fromkeys(["ada", "niels"], (["activations", "dense"], ""))
    assert len(intake.notes) == 2
    mixed = {"class/ada/01_dense.py": GOOD["01_dense.py"], "class/niels.py": GOOD["01_dense.py"]}
    assert list(rows(take_in(zipped(tmp_path / "mixed.zip", mixed), EXERCISES))) == ["ada", "niels"]
    alone = take_in(zipped(tmp_path / "one.zip", {f"ada/src/{name}": GOOD[name] for name in GOOD}), EXERCISES)
    assert list(rows(alone)) == ["ada"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["env", "venv", "site-packages", "node_modules", ".venv", ".ipynb_checkpoints"])
def test_installed_packages_beside_the_work_are_passed_over(name: str, packed: bool, tmp_path: Path) -> None:
    files = {f"ada/{name}/m{i}.py": b"x = 1" for i in range(300)} | {f"ada/{name}/lib/01_dense.py": b"x = 1"}
    files |= {f"ada/src/{file}": content for file, content in GOOD.items()}
    files |= {f"bob/{name}/lib/01_dense.py": b"x = 1", "bob/notes.txt": b""}
    files[f"cy/{name}/lib/01_dense.py"] = b"x = 1"
    place = zipped(tmp_path / "class.zip", files) if packed else written(tmp_path / "class", files)
    found = rows(take_in(place, EXERCISES))
    assert found["ada"] == (["activations", "dense"], "")
    assert found["bob"][0] == [] and "only notes.txt" in found["bob"][1]
    passed = f"{name} is passed over as installed packages; if your work is in it, move it out"
    assert passed in found["bob"][1]
    assert found["cy"] == ([], passed)


def test_files_with_the_names_of_exercises_are_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 2)
    files = {f"ada/a/{i}.py": b"x = 1" for i in range(300)} | {f"ada/z/{name}": GOOD[name] for name in GOOD}
    found = rows(take_in(zipped(tmp_path / "class.zip", {**files, "bob/01_dense.py": b""}), EXERCISES))
    assert found["ada"] == (["activations", "dense"], "")


@pytest.mark.parametrize(
    ("name", "what_to_do"),
    [
        ("01_dense.docx", "copy the code into a text file named 01_dense.py"),
        ("scan.pdf", "copy the code into a text file named 01_dense.py"),
        ("work.rar", "pack it as a zip archive, or hand in the files themselves"),
        ("work.7z", "pack it as a zip archive, or hand in the files themselves"),
        ("link.html", "hand in 01_dense.py itself, since a text or a link cannot be graded"),
        ("01_dense.cpython-311.pyc", "it is compiled: hand in the source, 01_dense.py"),
        ("01_dense", "copy the code into a text file named 01_dense.py"),
    ],
)
def test_what_cannot_be_graded_is_named_with_what_to_do(name: str, what_to_do: str, tmp_path: Path) -> None:
    put(tmp_path, ada=GOOD, bob={name: b"?"}, cyd={name: b"?", "01_dense.py": GOOD["01_dense.py"]})
    found = rows(take_in(tmp_path, EXERCISES))
    assert found["bob"] == ([], f"there is no Python file in it, only {name}: {what_to_do}")
    assert found["cyd"][0] == ["dense"] and name in found["cyd"][1]


def test_loose_files_of_one_name_are_one_submission(tmp_path: Path) -> None:
    everything = b"\n".join(GOOD.values())
    written(
        tmp_path, {"Ada.py": everything, "Ada.pdf": b"", "Bob.py": everything, "week 1.pdf": b"", "grades.xlsx": b""}
    )
    zipped(tmp_path / "Bob.zip", GOOD)
    intake = take_in(tmp_path, EXERCISES)
    found = rows(intake)
    assert found["Ada"] == (["activations", "dense"], "")
    assert found["Bob"][0] == [] and "2 submissions have this name: Bob.zip and Bob.py" in found["Bob"][1]
    ignored = [f"{name} belongs to no student and is ignored" for name in ("grades.xlsx", "week 1.pdf")]
    assert set(found) == {"Ada", "Bob"} and sorted(intake.notes) == ignored


def test_outer_folders_are_removed_only_around_several_students(tmp_path: Path) -> None:
    split = {"ada/week 1/01_dense.py": GOOD["01_dense.py"], "ada/week 2/02_activations.py": GOOD["02_activations.py"]}
    work = {f"ada/src/{name}": GOOD[name] for name in GOOD} | {"ada/tests/test_all.py": b"", "ada/readme.txt": b""}
    files = {f"HW/{who}.py": b"\n".join(GOOD.values()) for who in ("ada", "bob")}
    for k, (its, students) in enumerate(((split, {"ada"}), (work, {"ada"}), (files, {"ada", "bob"}))):
        for place in (zipped(tmp_path / f"{k}.zip", its), written(tmp_path / str(k), its)):
            found = rows(take_in(place, EXERCISES))
            assert found == dict.fromkeys(students, (["activations", "dense"], ""))


def test_a_folder_with_two_dots_before_its_name_has_a_row_and_an_archive_of_a_file_is_its_students(
    tmp_path: Path,
) -> None:
    put(tmp_path, ada=GOOD, **{"..hidden": GOOD, ".git": GOOD})
    zipped(
        tmp_path / "Quy.py.zip", {"01_dense.py": GOOD["01_dense.py"], "02_activations.py": GOOD["02_activations.py"]}
    )
    assert sorted(rows(take_in(tmp_path, EXERCISES))) == ["..hidden", "Quy", "ada"]
