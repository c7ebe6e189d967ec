"""Recognising the student and the exercises of a file, whatever its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grading.folders import EXERCISES, GOOD, put, rows, zipped
from scratchae.exercises.course import chosen
from scratchae.exercises.handout import GIVEN, solution, start, stub
from scratchae.grading.submissions.containers.members import MOST_BYTES
from scratchae.grading.submissions.intake import take_in
from scratchae.grading.submissions.recognition import (
    MOST_FUNCTIONS,
    exercises_in,
    functions_in,
    is_unwritten,
    meant,
    plain,
)


def test_a_lone_file_is_for_what_it_defines_itself(tmp_path: Path) -> None:
    exercises = chosen([])
    later = next(e for e in exercises if e.name == "variational")
    (tmp_path / "zed.py").write_text(stub(later))  # contains dense and others as given functions
    assert "def dense(" in stub(later)
    (tmp_path / "ann.py").write_bytes(
        b"import numpy as np\n\n\ndef dense(x, W, b):\n    return x @ W + b\n\n\nrelu = abs\n"
    )
    bug = next(e for e in exercises if e.name == "bug_collapse")
    (tmp_path / "bea.py").write_text(start(bug))
    (tmp_path / "all.py").write_text(stub(exercises[0]) + start(bug))
    found = {s.student: set(s.files) for s in take_in(tmp_path, exercises).submissions}
    assert found == {
        "zed": {"variational"},
        "ann": {"dense", "activations"},
        "bea": {"bug_collapse"},
        "all": {"dense", "bug_collapse"},
    }


@pytest.mark.parametrize("name", ["01_dense (1).py", "01_dense copy.py", "01_Dense.PY", "Dense.py", "01_dense-2.py"])
def test_names_of_second_downloads_are_known(name: str, tmp_path: Path) -> None:
    put(tmp_path, ada={name: GOOD["01_dense.py"], "02_activations.py": GOOD["02_activations.py"]})
    assert rows(take_in(tmp_path, EXERCISES)) == {"ada": (["activations", "dense"], "")}
    put(tmp_path, niels={**GOOD, name: b"x = 1"})  # the better name counts
    assert take_in(tmp_path, EXERCISES).submissions[1].files["dense"].source == GOOD["01_dense.py"]


def test_names_that_platforms_make(tmp_path: Path) -> None:
    both = (["activations", "dense"], "")
    people = (("lovelaceada", 11), ("bohrniels_LATE", 12))
    canvas = {f"{who}_{i}_9{i}{k}_{name}": GOOD[name] for who, i in people for k, name in enumerate(GOOD)}
    found = rows(take_in(zipped(tmp_path / "canvas.zip", canvas), EXERCISES))
    assert found == dict.fromkeys(["bohrniels_12", "lovelaceada_11"], both)
    moodle = {f"Ada Lovelace_{i}_assignsubmission_file_/{name}": GOOD[name] for i in (21, 22) for name in GOOD}
    found = rows(take_in(zipped(tmp_path / "moodle.zip", moodle), EXERCISES))
    assert found == dict.fromkeys(["Ada Lovelace_21", "Ada Lovelace_22"], both)
    (tmp_path / "zips").mkdir()
    for i in (456, 457):
        zipped(tmp_path / "zips" / f"doejohn_{i - 300}_{i}_work.zip", GOOD)
    assert rows(take_in(tmp_path / "zips", EXERCISES)) == dict.fromkeys(["doejohn_156", "doejohn_157"], both)


def test_names_that_only_look_as_if_a_platform_had_made_them(tmp_path: Path) -> None:
    everything = b"\n".join(GOOD.values())
    for name in ("ws_2024_025_ben.py", "ws_2024_025_anna.py", "hw_1_1_eve.py"):
        (tmp_path / name).write_bytes(everything)
    found = rows(take_in(tmp_path, EXERCISES))
    assert found == dict.fromkeys(["hw_1_1_eve", "ws_2024_025_anna", "ws_2024_025_ben"], (["activations", "dense"], ""))


@pytest.mark.parametrize("name", ["01_dense.py", "Dense.py", "dense (1).py", "mine.py"])
def test_a_file_with_everything_counts_for_everything_whatever_its_name(name: str, tmp_path: Path) -> None:
    put(tmp_path, ada={name: b"\n".join(GOOD.values())})
    assert rows(take_in(tmp_path, EXERCISES)) == {"ada": (["activations", "dense"], "")}


@pytest.mark.parametrize(
    "way",
    [
        "if True:\n    def sigmoid(x): return x\n",
        "sigmoid: Callable = lambda x: x\n",
        "sigmoid, tanh = f, g\n",
        "act = sigmoid = f\n",
        "from numpy import tanh, exp\n",
        "async def relu (x): pass\n",
        "relu=f\r\n",
    ],
)
def test_functions_are_seen_however_they_are_defined(way: str, tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text("def dense(x, W, b):\n    return x\n" + way, newline="")
    assert set(take_in(tmp_path, EXERCISES).submissions[0].files) == {"dense", "activations"}


def test_what_is_written_below_what_was_given_counts(tmp_path: Path) -> None:
    losses, *_ = chosen(["losses"])
    assert GIVEN in stub(losses)
    (tmp_path / "ada.py").write_text(stub(losses) + "\n\ndef dense(x, W, b):\n    return x @ W + b\n")
    (tmp_path / "bob.py").write_text("\ufeff" + stub(losses).replace("\n", "\r\n"), newline="")
    found = take_in(tmp_path, chosen(["dense", "activations", "losses"])).submissions
    assert [set(s.files) for s in found] == [{"dense", "losses"}, {"losses"}]


def test_every_file_that_is_handed_out_is_known_for_its_exercise_only() -> None:
    for exercise in chosen([]):
        assert exercises_in(start(exercise).encode(), chosen([])) == (exercise,)
        body = start(exercise).partition('"""\n\n')[2]  # without its head
        assert exercise in exercises_in(body.encode(), [exercise])


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_lines_end_where_they_end_in_python(ends: bytes) -> None:
    exercise = chosen(["dense"])[0]
    source = solution(exercise).encode().replace(b"\n", ends)
    assert exercises_in(source, chosen([])) == (exercise,)
    assert {"dense", "dense_backward"} <= functions_in(source)
    assert is_unwritten(exercise, start(exercise).encode().replace(b"\n", ends))


def test_names_that_cannot_be_shown_are_still_told_apart(tmp_path: Path) -> None:
    for name in (b"M\xfcller", b"M\xf6ller", b"a\nb", b"a\tb", "نام‌نیک".encode()):
        os.makedirs(os.fsencode(tmp_path) + b"/" + name)
        for file, content in GOOD.items():
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name), file).write_bytes(content)
    found = rows(take_in(tmp_path, EXERCISES))
    assert len(found) == 5 and all(its == (["activations", "dense"], "") for its in found.values())
    assert {"M\\xfcller", "M\\xf6ller", "نام‌نیک"} < set(found)


@pytest.mark.parametrize("unit", [" ", "a ", "a=", "a:", "a,", "from ", f"\n{GIVEN}\n", "def dense_1(", '"""01. \n'])
def test_a_megabyte_of_anything_is_looked_at_in_no_time(unit: str) -> None:
    # A running time that is not linear would be hours here.
    source = (unit * (MOST_BYTES // len(unit))).encode()
    exercises_in(source, chosen([]))
    meant("dense_backward", source)
    is_unwritten(EXERCISES[0], source)
    assert len(functions_in(source)) <= MOST_FUNCTIONS
    assert plain(unit * 50_000 + ".py")
