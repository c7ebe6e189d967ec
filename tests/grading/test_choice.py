"""Of several files for an exercise, one counts, for a reason that is said; what is not graded is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.folders import EXERCISES, GOOD, put, rows, written, zipped
from scratchae.cli.main import main
from scratchae.exercises import EXERCISES as EXERCISES_OF_THE_COURSE
from scratchae.exercises.course import chosen
from scratchae.exercises.handout import solution, start
from scratchae.grading.submissions import choice
from scratchae.grading.submissions.intake import Submission, read_source, take_in
from scratchae.grading.submissions.notebook import Notebook
from scratchae.grading.submissions.recognition import is_renamed, is_unwritten, plain

DENSE, OTHER = GOOD["01_dense.py"], {"02_activations.py": GOOD["02_activations.py"]}
STUB = start(EXERCISES[0]).encode()


def only(folder: Path) -> Submission:
    (its,) = [s for s in take_in(folder, EXERCISES).submissions if s.student == "ada"]
    return its


@pytest.mark.parametrize(
    "copy",
    [
        "01_dense (1).py",
        "01_dense-1.py",
        "new/01_dense.py",
        "dense.py",
        "01_dense.py.txt",
        "01_dense_v2.py",
        "dense final.py",
        "01_dense_solution_ada.py",
    ],
)
def test_an_answer_counts_before_a_file_as_it_was_handed_out(copy: str, tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": STUB.replace(b"\n", b"\r\n"), copy: DENSE, **OTHER})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE
    assert f"01_dense.py is as it was handed out, so {copy} counts" in its.notes


@pytest.mark.parametrize("nothing", [b"", b"\n# my answer is in the other file\n"])
def test_an_answer_counts_before_a_file_without_code(nothing: bytes, tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": nothing, "01_dense (1).py": DENSE, **OTHER})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE
    assert its.notes == ("01_dense.py is empty, so 01_dense (1).py counts",)


def test_another_answer_under_a_longer_name_is_named(tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": DENSE, "01_dense_v2.py": DENSE + b"x = 1\n", **OTHER})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE
    assert its.notes == ("01_dense_v2.py is not graded: 01_dense.py counts, which has the better name; hand in one",)


def test_files_beside_the_work_are_no_second_answers(tmp_path: Path) -> None:
    beside = {"dense_plots.py": b"import numpy as np\n", "dense_test.py": DENSE, "test_dense.py": DENSE}
    put(tmp_path, ada={"01_dense.py": DENSE, **beside, **OTHER})
    assert only(tmp_path).files["dense"].source == DENSE and only(tmp_path).notes == ()
    put(tmp_path / "b", ada={**beside, **OTHER})
    its = only(tmp_path / "b")
    assert "dense" not in its.files and "01_dense.py is missing" in its.notes[0]


def test_longer_names_of_one_exercise_belong_to_no_other() -> None:
    names = [name for exercise in EXERCISES_OF_THE_COURSE for name in (exercise.file, f"{exercise.name}.py")]
    assert not [(name, e.name) for name in names for e in EXERCISES_OF_THE_COURSE if is_renamed(plain(name), e)]


def test_an_answer_in_an_archive_counts_before_a_stub_beside_it(tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": STUB, **OTHER}, bob=GOOD)
    zipped(tmp_path / "ada" / "done.zip", {"01_dense.py": DENSE})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE
    assert its.notes == ("01_dense.py is as it was handed out, so done.zip/01_dense.py counts",)


def test_a_stub_beside_the_answer_is_not_worth_a_note(tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": DENSE, "01_dense (1).py": STUB, **OTHER})
    assert only(tmp_path).files["dense"].source == DENSE and only(tmp_path).notes == ()


def test_two_answers_are_named_unless_they_are_the_same_code(tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": DENSE, "01_dense (1).py": DENSE + b"x = 1\n", **OTHER})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE
    why = "01_dense (1).py is not graded: 01_dense.py counts, which has the better name; hand in one"
    assert its.notes == (why,)
    (tmp_path / "ada" / "01_dense (1).py").write_bytes(DENSE.replace(b"\n", b"\r\n") + b"\n# mine\n")
    assert only(tmp_path).notes == ()
    put(tmp_path / "b", ada={"01_dense (1).py": DENSE, "01_dense (2).py": DENSE + b"x = 1\n", **OTHER})
    its = only(tmp_path / "b")
    assert (
        its.files["dense"].source is None and "different content (01_dense (1).py and 01_dense (2).py)" in its.notes[0]
    )


def test_copies_that_are_not_looked_at_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "MOST_COPIES", 3)
    put(tmp_path, ada={"01_dense.py": DENSE, **{f"01_dense ({k}).py": DENSE for k in range(1, 6)}, **OTHER})
    assert only(tmp_path).notes == ("3 more copies of 01_dense.py are not looked at; hand in one",)


def test_a_file_that_can_be_read_counts_before_one_that_cannot(tmp_path: Path) -> None:
    put(tmp_path, ada={"01_dense.py": b"\xff", "01_dense (1).py": DENSE, **OTHER})
    its = only(tmp_path)
    assert its.files["dense"].source == DENSE and its.notes[0].startswith("01_dense.py is not UTF-8")


def test_the_newest_upload_to_canvas_counts(tmp_path: Path) -> None:
    files = {"ada_11_901_01_dense.py": b"x = 1", "ada_11_905_01_dense-1.py": DENSE, "bob_12_907_01_dense.py": DENSE}
    its = only_of(written(tmp_path, files), "ada_11")
    assert its.files["dense"].source == DENSE
    assert "01_dense.py is not graded: 01_dense-1.py counts, which was uploaded last; hand in one" in its.notes
    packed = zipped(tmp_path / "zip", {"01_dense.py": b"x = 1"}).read_bytes()
    newer = zipped(tmp_path / "zip", {"01_dense.py": DENSE}).read_bytes()
    (tmp_path / "zip").unlink()
    written(tmp_path / "b", {"ada_11_901_w.zip": packed, "ada_11_905_w-1.zip": newer, "bob_12_907_01_dense.py": DENSE})
    assert only_of(tmp_path / "b", "ada_11").files["dense"].source == DENSE


def only_of(folder: Path, student: str) -> Submission:
    return next(s for s in take_in(folder, EXERCISES).submissions if s.student == student)


def test_the_last_attempt_with_work_counts(tmp_path: Path) -> None:
    name = "HW1_{}_attempt_2026-11-0{}-10-00-00{}"
    files = {name.format("ada", 1, "_01_dense.py"): b"x = 1", name.format("ada", 2, "_01_dense.py"): DENSE}
    files |= {name.format("ada", 3, ".txt"): b"sorry, I forgot my name", name.format("bob", 1, "_01_dense.py"): DENSE}
    its = only(written(tmp_path, files))
    assert its.files["dense"].source == DENSE
    assert its.notes[0] == "3 attempts: that of 2026-11-02-10-00-00 counts; of the others, 01_dense.py is not graded"


def stand_in(content: bytes) -> Notebook:
    if content.startswith(b"R"):
        return Notebook(None, (), "is a notebook of R; hand in one of Python")
    return Notebook(content, ("has lines that are left out",) if b"%" in content else ())


def test_notebooks_count_like_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "source_of_notebook", stand_in)
    everything = b"\n".join(GOOD.values())
    put(
        tmp_path,
        both={"01_dense.ipynb": DENSE, "Activations-Copy1.ipynb": OTHER["02_activations.py"]},
        one={"week 1.ipynb": everything},
        colab={"Copy of 01_dense.ipynb": DENSE, **OTHER},
        twice={"01_dense.ipynb": b"# In[1]:\n" + DENSE, "01_dense.py": DENSE, **OTHER},
        differ={"01_dense.ipynb": b"x = 1", "01_dense.py": DENSE, **OTHER},
        worked={"01_dense.ipynb": DENSE, "01_dense.py": STUB, **OTHER},
        magic={"01_dense.ipynb.json": b"%" + DENSE, **OTHER},
        other={"01_dense.ipynb": b"R", **OTHER},
        copies={"mine.ipynb": everything, "mine.py": everything},
    )
    (tmp_path / "loose.ipynb").write_bytes(everything)
    found = rows(take_in(tmp_path, EXERCISES))
    full = (["activations", "dense"], "")
    assert {who: found[who] for who in ("both", "one", "colab", "twice", "loose", "copies")} == dict.fromkeys(
        ("both", "one", "colab", "twice", "loose", "copies"), full
    )
    assert found["differ"][1] == "01_dense.ipynb is not graded: 01_dense.py counts, which is no notebook; hand in one"
    assert found["worked"] == (full[0], "01_dense.py is as it was handed out, so 01_dense.ipynb counts")
    ending = "is read as if its name ended in .ipynb alone; hand it in with that ending"
    assert found["magic"][1] == f"01_dense.ipynb.json {ending} | 01_dense.ipynb.json has lines that are left out"
    assert found["other"] == (["activations"], "01_dense.ipynb is a notebook of R; hand in one of Python")


def test_pictures_may_make_a_notebook_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "source_of_notebook", lambda content: Notebook(content[: len(DENSE)]))
    large = DENSE + b" " * (2 << 20)
    for place in (
        put(tmp_path / "class", ada={"01_dense.ipynb": large}),
        zipped(tmp_path / "class.zip", {"ada/01_dense.ipynb": large, "bob/01_dense.py": large}),
    ):
        assert only(place).files["dense"].source == DENSE
    (tmp_path / "class" / "ada" / "01_dense.ipynb").write_bytes(b" " * ((20 << 20) + 1))
    assert "no more than 20,971,520 are read; clear the outputs" in " ".join(only(tmp_path / "class").notes)


@pytest.mark.parametrize(
    "name",
    [
        "01_dense.py",
        "01_Dense (1).PY",
        "01_dense - Copy.py",
        "01_dense copy 2.py",
        "01_dense_copy.py",
        "01_dense-Copy1.ipynb",
        "Copy of 01_dense.ipynb",
        "Kopie von 01_dense.py",
        "01_dense - Kopie (2).py",
        "01_dense (1) (1).py",
        "01_dense 2.py",
        "01_dense.py.txt",
        "01_dense.PY.TXT",
        "01_dense.pyw",
        "01_dense.py.py",
        "01_dense.ipynb.json",
    ],
)
def test_one_rule_for_names_in_the_check_and_in_grading(name: str, tmp_path: Path) -> None:
    assert plain(name) == "01_dense.py"
    put(tmp_path, ada={name: DENSE if "ipynb" not in name else b"", **OTHER})
    file, graded = read_source(tmp_path / "ada" / name), only(tmp_path).files["dense"]
    assert (file.name, file.source, file.trouble, file.notes) == (
        graded.name,
        graded.source,
        graded.trouble,
        graded.notes,
    )


def test_no_exercise_has_the_name_of_a_copy() -> None:
    assert all(plain(exercise.file) == exercise.file for exercise in chosen([]))
    assert all(is_unwritten(exercise, start(exercise).encode()) for exercise in chosen([]))
    assert not any(is_unwritten(exercise, solution(exercise).encode()) for exercise in chosen([]))


def test_the_check_of_a_folder_takes_the_files_that_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, {"01_dense.py": STUB, "01_dense (1).py": DENSE, "public_checks.py": b"x = 1"})
    assert main(["exercises", "check", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "01_dense.py is as it was handed out, so 01_dense (1).py counts" in said.err
    assert "2 of 2 functions right" in said.out and "(to be handed in as 01_dense.py)" in said.out


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("01_dense.txt", "copy the code into a text file named 01_dense.py"),
        ("dense", "copy the code into a text file named 01_dense.py"),
        ("02_activations.py.docx", "copy the code into a text file named 02_activations.py"),
        ("01_dense.rar", "hand in the files themselves"),
    ],
)
def test_the_check_refuses_what_grading_does_not_read(
    name: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(DENSE)
    assert main(["exercises", "check", str(tmp_path / name)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "is neither a Python file nor a notebook" in said and said.endswith(what)
