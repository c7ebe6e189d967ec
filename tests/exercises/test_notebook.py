"""Exercises as notebooks: valid, the same bytes each time, with the derivation and without the answers; filled in, they get all points."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from grading.corpus import ALTERNATIVES
from grading.corpus.entry import text as text_of
from helpers.command_line import one_line
from helpers.derivation_checks import weave

from scratchae.cli.main import main
from scratchae.exercises import EXERCISES, ORDINARY, Exercise, FindTheBug
from scratchae.exercises.course import chosen, write_course, write_solutions
from scratchae.exercises.handout import given_in, solution, start
from scratchae.exercises.notebook import file_name, is_check, notebook
from scratchae.exercises.notebook_derivation import PAGES, sections
from scratchae.exercises.source import closure, definition
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.sandbox.isolation import best_isolation, open_for_grading
from scratchae.grading.submissions.intake import take_in
from scratchae.grading.submissions.notebook import source_of_notebook

nbformat = pytest.importorskip("nbformat", reason="reads notebooks")
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
DOCS = Path(__file__).parents[2] / "docs" / "derivations"


def cells_of(exercise: Exercise, kind: str, source: str | None = None) -> list[str]:
    return ["".join(c["source"]) for c in json.loads(notebook(exercise, source))["cells"] if c["cell_type"] == kind]


def written(exercise: Exercise, change: Callable[[str], str] = lambda text: text) -> str:
    """The notebook as handed out, with the solution of each function in its cell."""
    book, given = json.loads(notebook(exercise)), [item.name for item in given_in(exercise)]
    for task in exercise.tasks:
        others = [other.name for other in exercise.tasks if other != task]
        own = "\n\n\n".join(item.text for item in closure([definition(task.reference)], [*given, *others]))
        (cell,) = (c for c in book["cells"] if f"\ndef {task.name}(" in "\n" + "".join(c["source"]))
        cell["source"] = change(own).splitlines(keepends=True)
    return json.dumps(book)


@every
def test_valid_and_the_same_each_time(exercise: Exercise) -> None:
    text = notebook(exercise)
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5) and text == notebook(exercise)
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids) and not any(cell.get("outputs") for cell in book.cells)
    assert nbformat.writes(book) == text.rstrip("\n") or json.loads(nbformat.writes(book)) == json.loads(text)


@every
def test_code_is_that_of_the_file(exercise: Exercise) -> None:
    code = cells_of(exercise, "code")
    assert is_check(code[-1]) and file_name(exercise) in code[-1] and not any(map(is_check, code[:-1]))
    for part in start(exercise).split("\n\n\n")[1:]:
        assert sum(part.strip() in cell for cell in code[:-1]) == 1
    functions = {task.name for task in exercise.tasks}
    assert all(len(functions & set(re.findall(r"^def (\w+)", cell, re.MULTILINE))) < 2 for cell in code)
    read = source_of_notebook(notebook(exercise).encode())
    assert read.source is not None and not read.notes and b"public_checks" not in read.source


@every
def test_formulas_are_those_of_the_pages_without_the_answers(exercise: Exercise) -> None:
    prose = "\n".join(cells_of(exercise, "markdown"))
    pages = "".join((DOCS / f"{page}.md").read_text() for page in exercise.pages)
    formulas = re.findall(r"^\$\$\n(.*?)\n\$\$$", prose, re.DOTALL | re.MULTILINE)
    plain = re.sub(r"\s*\\tag\{[^}]*\}", "", pages)
    assert all(f"```math\n{formula}\n```" in plain for formula in formulas)
    assert bool(formulas) == (exercise.name != "interpolation")  # whose page derives the model, not these functions
    answers = re.findall(r"```math\n(.*?)\s*\\tag\{[^}]*\}\n```\n\nImplemented in `\w+_backward`", pages, re.DOTALL)
    answers += re.findall(r"```math\n(d[\w\\{}]+ = .*?)\s*\\tag", pages)
    assert not [answer for answer in answers if answer in prose]
    assert prose.count("$$") % 2 == 0 and "```math" not in prose and "\\tag" not in prose and ".md)" not in prose
    assert len(re.findall(r"(?<!\$)\$(?!\$)", prose)) % 2 == 0


def test_gradients_are_in_the_pages_from_which_they_are_left_out() -> None:
    """Else the test above could not fail."""
    dense = (PAGES / "dense.md").read_text()
    assert "dW = x^T dy" in dense and "dW = x^T dy" not in "".join(cells_of(ORDINARY[0], "markdown"))


def test_what_is_derived_among_gradients_is_there_without_them() -> None:
    (importance,) = chosen(["importance"])
    prose = "\n".join(cells_of(importance, "markdown"))
    assert (
        "(importance_weights.1)" in prose
        and "The gradient is the weight" not in prose
        and "own derivative" not in prose
    )


@every
def test_no_section_on_gradients_is_left(exercise: Exercise) -> None:
    prose = "\n".join(cells_of(exercise, "markdown"))
    assert not re.search(
        r"^#+ [^`\n]*\b(gradient|backward pass)", prose.partition("\n")[2], re.MULTILINE | re.IGNORECASE
    )
    assert "\\partial" not in prose or "contraction" in exercise.name  # whose penalty is made of derivatives
    assert not re.search(r":\n\n(#|$)", prose)  # nothing is announced and then missing


def test_figures_stay_with_the_pages() -> None:
    assert "![" in (PAGES / "variational.md").read_text()
    prose = "\n".join(section.text for exercise in EXERCISES for section in sections(exercise))
    assert not re.search(r"^(!|</?div)", prose, re.MULTILINE)


def test_derivations_stand_before_the_functions_they_lead_to() -> None:
    activations = json.loads(notebook(EXERCISES[1]))["cells"]
    order = ["".join(cell["source"]).split("\n")[0] for cell in activations if cell["id"][:4] in ("deri", "task")]
    assert (
        order.index("### `tanh`")
        > order.index("## tanh: a zero-centred sigmoid")
        > order.index("### `sigmoid_backward`")
    )
    assert all(sections(e) for e in EXERCISES if e.name != "interpolation")


def test_pages_in_the_package_are_those_of_the_docs() -> None:
    """Run ``python docs/weave.py`` if they are not."""
    assert {page for e in EXERCISES for page in e.pages} == {path.stem for path in PAGES.glob("*.md")}
    assert not weave.stale_copies(weave.read_pages())


@pytest.mark.slow
@pytest.mark.sandbox
def test_round_trip_through_the_grader(tmp_path: Path) -> None:
    """Filled in, every notebook gets all points; as handed out, none but for code that was given right."""
    for student, text in (("filled", written), ("stubs", notebook)):
        (tmp_path / student).mkdir()
        for exercise in ORDINARY:
            (tmp_path / student / file_name(exercise)).write_text(text(exercise))
    policy = read_policy(None, [exercise.name for exercise in ORDINARY])
    assignment = Assignment(policy, b"7", best_isolation())
    filled, stubs = (grade(one, assignment, open_for_grading) for one in take_in(tmp_path, ORDINARY).submissions)
    assert [test.id for test in filled.tests if test.status != "passed"] == [] and not filled.notes and not filled.flags
    assert sum(test.points for test in filled.tests) == pytest.approx(policy.max_points)
    assert all(test.points == 0 and "is not written yet" in test.message for test in stubs.tests) and not stubs.notes


@pytest.mark.slow
@pytest.mark.sandbox
def test_bugs_as_notebooks(tmp_path: Path) -> None:
    bugs = [exercise for exercise in EXERCISES if isinstance(exercise, FindTheBug)]
    for student in ("as given", "repaired"):
        (tmp_path / student).mkdir()
        for exercise in bugs:
            text = notebook(exercise, solution(exercise) if student == "repaired" else None)
            (tmp_path / student / file_name(exercise)).write_text(text)
    assignment = Assignment(read_policy(None, [exercise.name for exercise in bugs]), b"7", best_isolation())
    given, repaired = (grade(one, assignment, open_for_grading) for one in take_in(tmp_path, bugs).submissions)
    assert {test.exercise for test in given.tests if test.status == "failed"} == {exercise.name for exercise in bugs}
    assert all(test.status == "passed" for test in repaired.tests) and not repaired.notes


@pytest.mark.slow
@pytest.mark.sandbox
def test_right_solutions_in_other_words_are_accepted_in_notebooks(tmp_path: Path) -> None:
    entries = ALTERNATIVES[:: len(ALTERNATIVES) // 20][:20]
    assert len(entries) == 20
    for entry in entries:
        (exercise,) = chosen([entry.exercise.name])
        folder = tmp_path / re.sub(r"\W+", "_", entry.id)
        folder.mkdir()
        book = json.loads(written(exercise))
        (cell,) = (c for c in book["cells"] if f"\ndef {entry.function}(" in "\n" + "".join(c["source"]))
        cell["source"] = [f"%timeit 1\n{''.join(cell['source'])}\n\n\n{text_of(entry)}".replace("\n", "\r\n")]
        (folder / file_name(exercise)).write_text(json.dumps(book))
        policy = read_policy(None, [exercise.name])
        (submission,) = (s for s in take_in(tmp_path, [exercise]).submissions if s.student == folder.name)
        graded = grade(submission, Assignment(policy, b"7", best_isolation()), open_for_grading)
        assert [test.message for test in graded.tests if test.status != "passed"] == [], entry.id
        number = 1 + [c for c in book["cells"] if c["cell_type"] == "code"].index(cell)
        (note,) = graded.notes
        assert note.endswith(f"are left out: `%timeit 1` (cell {number}, line 1)")


def test_the_command_hands_them_out_and_checks_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "c"
    assert main(["exercises", "new", str(folder), "--notebook", "--exercises", "dense", "bug_batch"]) == 0
    names = {"01_dense.ipynb", "20_bug_batch.ipynb", "README.md", "public_checks.py"}
    assert {path.name for path in folder.iterdir()} == names
    assert "scratchae exercises check" in capsys.readouterr().out
    assert (
        "(01_dense.ipynb)" in (folder / "README.md").read_text()
        and "In a notebook" in (folder / "README.md").read_text()
    )
    assert main(["exercises", "check", str(folder)]) == 1
    assert "0 of 3 functions right" in capsys.readouterr().out
    (folder / "01_dense.ipynb").write_text(written(EXERCISES[0]))
    assert main(["exercises", "check", str(folder / "01_dense.ipynb")]) == 0
    assert main(["exercises", "new", str(folder), "--notebook", "--exercises", "dense"]) == 1  # work is not overwritten
    assert "would be overwritten" in one_line(capsys)
    assert main(["exercises", "solution", str(tmp_path / "s"), "--notebook", "--exercises", "dense"]) == 0
    assert main(["exercises", "check", str(tmp_path / "s")]) == 0


def test_a_notebook_that_cannot_be_read_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "01_dense.ipynb").write_text(notebook(EXERCISES[0])[:-20])
    assert main(["exercises", "check", str(tmp_path / "01_dense.ipynb")]) == 2
    assert "01_dense.ipynb ends in the middle" in one_line(capsys)


@pytest.mark.parametrize("action", ["new", "solution"])
def test_without_nbformat(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scratchae.cli.exercises_new.find_spec", lambda name: None)
    assert main(["exercises", action, str(tmp_path / "c"), "--notebook"]) == 2
    assert "pip install nbformat" in one_line(capsys) and not (tmp_path / "c").exists()


def test_with_numpy_only(tmp_path: Path) -> None:
    write_course(tmp_path, EXERCISES[:3], notebooks=True)
    write_solutions(tmp_path, EXERCISES[:2], notebooks=True, force=True)
    program = "import sys, runpy; sys.modules['scratchae'] = None; runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "public_checks.py")], capture_output=True, text=True, timeout=60
    )
    assert (
        not ended.stderr and "10 of 14 functions return" in ended.stdout and ended.stdout.count("not written yet") == 4
    )


def test_public_checks_of_a_cell_that_fails(tmp_path: Path) -> None:
    write_course(tmp_path, EXERCISES[:1], notebooks=True)
    book = json.loads(written(EXERCISES[0]))
    book["cells"].insert(
        2, {"cell_type": "code", "source": "%matplotlib inline\n!ls\nnp.ones?\nraise OSError('no data')"}
    )
    (tmp_path / "01_dense.ipynb").write_text(json.dumps(book))
    command = [sys.executable, "public_checks.py", "01_dense.ipynb"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert "OSError: no data, cell 2, line 4" in ended.stdout and "2 of 2 functions" in ended.stdout


RUN = """
import sys, nbclient, nbformat
book = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(book, timeout=100, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": "."}}).execute()
nbformat.write(book, sys.argv[2])
"""
needs_kernel = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("nbclient", "ipykernel")),
    reason="runs a kernel; needs nbclient and ipykernel",
)


def checked(folder: Path, text: str) -> str:
    """Run a notebook in a real kernel; return what its last cell prints."""
    (folder / "running.ipynb").write_text(text)
    subprocess.run(
        [sys.executable, "-c", RUN, "running.ipynb", "ran.ipynb"],
        cwd=folder,
        check=True,
        timeout=200,
        capture_output=True,
    )
    outputs = nbformat.read(folder / "ran.ipynb", 4).cells[-1].outputs
    return "".join(output.get("text") or "\n".join(output.get("traceback", [])) for output in outputs)


@pytest.mark.slow
@needs_kernel
def test_the_check_cell_says_what_the_command_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = written(EXERCISES[0], lambda code: code.replace("x.T @ dy", "x.T @ dy / len(x)"))
    (tmp_path / "01_dense.ipynb").write_text(text)
    said = checked(tmp_path, text)
    assert main(["exercises", "check", "01_dense.ipynb"]) == 1
    seconds = re.compile(r"\d+\.\d s")
    assert seconds.sub("", said) == seconds.sub("", capsys.readouterr().out)
    assert "WRONG   dense_backward" in said and "1/N times" in said and "1 of 2 functions right" in said


@pytest.mark.slow
@needs_kernel
def test_the_check_cell_tests_what_was_run_and_says_what_is_not_saved(tmp_path: Path) -> None:
    (tmp_path / "01_dense.ipynb").write_text(notebook(EXERCISES[0]))
    said = checked(tmp_path, written(EXERCISES[0]))
    assert "2 of 2 functions right" in said
    assert "In the saved 01_dense.ipynb, this differs from what you ran: dense, dense_backward. Save" in said


@pytest.mark.slow
@needs_kernel
def test_the_check_cell_with_numpy_only(tmp_path: Path) -> None:
    write_course(tmp_path, EXERCISES[:1], notebooks=True)
    book = json.loads(written(EXERCISES[0]))
    book["cells"].insert(
        0, {**book["cells"][1], "id": "without", "source": "import sys\nsys.modules['scratchae'] = None"}
    )
    said = checked(tmp_path, json.dumps(book))
    assert "These are a few examples only" in said and "2 of 2 functions return the expected numbers" in said


@pytest.mark.slow
@needs_kernel
def test_the_check_cell_alone(tmp_path: Path) -> None:
    book = json.loads(notebook(EXERCISES[0]))
    book["cells"] = book["cells"][-1:]
    assert "run the cells above" in checked(tmp_path, json.dumps(book))
