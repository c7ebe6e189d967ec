"""Whatever a submission contains costs the parent a time that grows with its size at most in proportion.

Hostile texts in three sizes go the whole way of a submission, from the archive to the reports. Every function of the parent that could see
them is on that way, or is listed here with the reason why it sees none.
"""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from grading import stand_in
from grading.small_class import assignment, write_class
from scratchae import grading
from scratchae.exercises.handout import solution, start
from scratchae.grading.gradescope.results import gradescope_results
from scratchae.grading.inspection import prints, signs
from scratchae.grading.inspection.copies import copies_in
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.marking.self_check import exercises_of
from scratchae.grading.marking.store import Rows, as_json, result_of, results, row
from scratchae.grading.records import Answer, Call, Error, Fault, Isolation
from scratchae.grading.reports.write import write_reports
from scratchae.grading.sandbox import protocol
from scratchae.grading.sandbox.child import wire
from scratchae.grading.submissions.intake import read_source, take_in, take_in_one
from scratchae.grading.submissions.notebook import code_of_notebook

ROOT = Path(grading.__file__).parent
SIZE = 1 << 13  # bytes; twice and four times as many are tried as well
FLOOR = 0.05  # seconds of processor time; whatever takes less may grow as it likes
WHOLE = 1 << 18  # bytes of the longest text that is searched
MOST_SECONDS = 6.0  # of processor time for the whole text in all submissions of a feed, which are six or more

Kind = Callable[[int], str]
KINDS: dict[str, Kind] = {
    "blanks in a bracket": lambda n: "x = (\n" + " " * n + "$\n",
    "tabs in a bracket": lambda n: "x = (\n" + "\t" * n + "$\n",
    "blanks after a backslash": lambda n: "\\" + " " * n + "$\n",
    "brackets": lambda n: "(" * n,
    "pairs of brackets": lambda n: "()" * (n // 2),
    "quotes": lambda n: "'" * n,
    "escaped quotes": lambda n: '"""' + '\\"' * (n // 2),
    "docstrings": lambda n: '""" ' * (n // 4),
    "lines in quotes": lambda n: "'\\\n" * (n // 3),
    "backslashes": lambda n: "\\" * n,
    "exponents": lambda n: "1e+" * (n // 3),
    "digits": lambda n: "x = " + "1" * n,
    "one name": lambda n: "a" * n,
    "one function": lambda n: "def " + "a" * n + "(x): pass\n",
    "functions": lambda n: "".join(f"def dense{i}(x): return x\n" for i in range(n // 30)),
    "functions without end": lambda n: "def " * (n // 4),
    "definitions": lambda n: "def a b" * (n // 7),
    "lines of blanks": lambda n: (" " * 99 + "\n") * (n // 100),
    "names": lambda n: " ".join(f"v{i}" for i in range(n // 8)),
    "assignments": lambda n: "a=" * (n // 2),
    "annotations": lambda n: "a:" * (n // 2) + "=",
    "commas": lambda n: "a, " * (n // 3) + "==",
    "imports": lambda n: "import a," * (n // 9),
    "from": lambda n: "from " * (n // 5) + "import",
    "from a name": lambda n: "from " + "." * n + " import (" + "a" * 9,
    "classes": lambda n: "".join(f"class C{i}:\n  def __add__(self): pass\n" for i in range(n // 40)),
    "depth": lambda n: "".join(" " * (i % 200) + "if x:\n" for i in range(n // 100)),
    "formatted strings": lambda n: "f'{" * (n // 3),
    "code in formatted strings": lambda n: "f'{x:>{w}} {y!r}' " * (n // 18),
    "braces of a formatted string": lambda n: "f'" + "{" * n,
    "formats of formats": lambda n: "f'" + "{x:" * (n // 3),
    "formatted within formatted": lambda n: "f\"\"\"{f'''{f\"{f'{(" + "(" * n,
    "brackets in a formatted string": lambda n: "f'{" + "()" * (n // 2),
    "letters of other widths": lambda n: ("\uff45\u0301\u0316" * 13 + " ") * (n // 100),
    "declarations of encodings": lambda n: "#" + "coding: " * (n // 8),
    "returns": lambda n: "\r" * n,
    "lines": lambda n: "\n" * n,
    "comments": lambda n: "# " * (n // 2),
    "comment lines": lambda n: "# a\n" * (n // 4),
    "cells": lambda n: "# In[1]:\n" * (n // 9),
    "numbered cells": lambda n: "".join(f"# In[{i}]:\nx\n" for i in range(n // 14)),
    "copies of a name": lambda n: "a (1)" * (n // 5),
    "underscores": lambda n: "_1" * (n // 2) + "_assignsubmission",
    "longs": lambda n: "a_" + "1" * n,
    "letters": lambda n: "é" * (n // 2),
    "foreign digits": lambda n: "\u0661" * (n // 2),
    "prefixes": lambda n: "bu'" * (n // 3),
    "accents out of order": lambda n: "a" + "\u0301\u0316" * (n // 4),
    "accents in falling order": lambda n: "a" + "\u0345" * (n // 6) + "\u0301" * (n // 6) + "\u0316" * (n // 6),
    "syllables": lambda n: "\uac00" * (n // 3),
    "ligatures": lambda n: "\ufdfa" * (n // 3),
    "directions": lambda n: "\u202e" * (n // 3),
    "elements": lambda n: "<b>&\"'" * (n // 6),
    "formulas": lambda n: ';=" ' * (n // 4),
    "separators": lambda n: ';"' * (n // 2),
    "templates": lambda n: "{{ 7 }}" * (n // 7),
    "products": lambda n: "x[i] += h / (2 * h)\n" * (n // 20),
    "roots": lambda n: "(-1) ** " * (n // 8),
    "surrogates": lambda n: "\ud800" * (n // 3),
    "nested": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "a notebook": lambda n: json.dumps(
        {"cells": [{"cell_type": "code", "source": ["%x\n", "y\n"] * (n // 16)}], "nbformat": 4}
    ),
    "cells of a notebook": lambda n: json.dumps(
        {"cells": [{"cell_type": "code", "source": "x", "outputs": []}] * (n // 60), "nbformat": 4}
    ),
}

POLICY = replace(read_policy(None, ("dense",)), points_per_output=True, charge_once=True)
FILE = POLICY.exercises[0].file
FUNCTIONS = [task.name for exercise in POLICY.exercises for task in exercise.tasks]
SOME = dict(zip(FUNCTIONS, ("missing", "form"), strict=True))


class Runner:
    """Answers as a hostile submission would, with texts as long as the protocol lets through."""

    isolation = Isolation.LIMITS

    def __init__(self, text: str, outcomes: Mapping[str, Any]) -> None:
        self.text, self.outcomes = text, outcomes

    def run(self, calls: Any) -> list[Answer]:
        """Answer each function with its outcome, and the text as the reason; and print the text."""
        cut = protocol.clean(self.text.encode(errors="replace")[: wire.MESSAGE])
        line = self.text.count("\n") or 1
        error = Error(cut[: wire.TYPE], cut, line)
        printed = protocol.clean(self.text.encode(errors="replace")[: POLICY.limits.output])
        fault = Fault("dx", "finite", cut[: wire.TEXT], "finite numbers")
        its = {"error": error, "faults": (fault,), "printed": printed, "tried": ("file tried",)}
        return [Answer(self.outcomes.get(call.function, "source"), **its) for call in calls]

    def close(self) -> None:
        """Nothing is open."""


def whole_way(submissions: Path, text: str, outcomes: Mapping[str, Any], out: Path) -> None:
    """Grade submissions, compare them, and write all reports."""
    intake = take_in(submissions, POLICY.exercises)
    its = Assignment(POLICY, b"7", Isolation.LIMITS)
    rows = Rows(out / "rows", its)
    done = []
    for submission in intake.submissions:
        finished = row(grade(submission, its, lambda *_: Runner(text, outcomes)))
        rows.save(submission, finished)
        kept = rows.load(submission)
        assert kept is not None and result_of(kept).student == submission.student
        done.append(kept)
    whole = results(done, its, intake.notes, copies_in(intake.submissions, POLICY.exercises))
    write_reports(out, whole)
    for finished in whole["submissions"][:1]:
        as_json(gradescope_results(finished, whole, "visible"))


def as_files(text: str, place: Path, out: Path) -> None:
    """The text as a file, behind right functions, under a name that is none of an exercise, and as notebooks."""
    right, book = solution(POLICY.exercises[0]), FILE.replace(".py", ".ipynb")
    divided = right.replace("x @ W + b", "(x @ W + b) / 2 * 2")
    cell, magic = (
        json.dumps({"cells": [{"cell_type": "code", "source": begin + text}], "nbformat": 4})
        for begin in ("", "%matplotlib inline\nx = (1\n% 2)\n!ls\n")
    )
    files = {
        "ada": (FILE, text),
        "bob": (FILE, divided + text),
        "cem": ("mine.py", text),
        "dan": (book, text),
        "eva": (book, cell),
        "fay": (book, magic),
        "gus": (FILE, start(POLICY.exercises[0])),
    }
    for name, (file, content) in files.items():
        (place / name).mkdir(parents=True)
        (place / name / file).write_bytes(content.encode(errors="surrogatepass"))
    (place / "gus" / "dense final.py").write_bytes(text.encode(errors="surrogatepass"))
    whole_way(place, text, {}, out)
    code_of_notebook(magic.encode(errors="surrogatepass"))
    checked = read_source(place / "ada" / FILE)
    exercises_of("mine.py", checked.source or b"")


def as_names(text: str, place: Path, out: Path) -> None:
    """The text in the names of files, a long one and many: in an archive of the class, and in those of students."""
    (place / "class" / "ada").mkdir(parents=True)
    plain = text.encode("utf-8", "replace").decode().replace("\0", "")
    pieces = [plain[i : i + 40].strip("/\\. \n") for i in range(0, len(plain), 40)][: len(plain) >> 9]
    with zipfile.ZipFile(place / "class.zip", "w") as archive:
        for name in (f"{plain[:16_000]}.py", f"ada/{plain[:16_000]}.py", f"{plain[:16_000]}/{FILE}"):
            archive.writestr(name, "x = 1\n")
        for number, piece in enumerate(pieces):
            archive.writestr(f"ada/{piece}{number}.py", "x = 1\n")
    take_in(place / "class.zip", POLICY.exercises)
    shutil.copy(place / "class.zip", place / "class" / "bob.zip")
    (place / "class.zip").rename(place / "class" / "ada" / "work.zip")
    take_in_one(place / "class" / "ada", plain[:1000], POLICY.exercises)
    whole_way(place / "class", text, SOME, out)


def as_downloads(text: str, place: Path, out: Path) -> None:
    """The text in downloads of platforms, in a tar archive, in lists of names, and in files of other kinds."""
    plain = re.sub(r"[/\0\r\n]", "", text.encode("utf-8", "replace").decode())
    who, data = plain[:30].strip(". ") or "x", text.encode(errors="surrogatepass")
    other = solution(POLICY.exercises[0]).replace("x @ W + b", "b + x @ W")
    files = {
        f"lovelaceada_LATE_4711_99001_{FILE}": other,
        f"lovelaceada_4711_99002_{who}.py": text,
        "niels_4712_text.html": text,
        f"{who}_4713_assignsubmission_file_/{FILE}": text,
        f"{who}_4713_assignsubmission_onlinetext_/onlinetext.html": text,
        f"hw_emmy_attempt_2026-11-01-10-00-00_{FILE}": text,
        f"hw_emmy_attempt_2026-11-02-10-00-00_{FILE}": other,
        f"123-45 - {who} - Nov 1, 2026 1000 AM/{FILE}": text,
        f"Grace/{FILE.replace('.py', ' (1).py')}": text,
        f"Grace/{FILE}": other,
        f"Grace/sub/{FILE}": text,
        f"Grace/{who}.docx": text,
        "Hedy/report.html": text,
        "Hedy/mine.py.txt": text,
        "submission_metadata.yml": text,
    }
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(errors="surrogatepass"))
    (place / "Ida").mkdir()
    with tarfile.open(place / "Ida" / "work.tar.gz", "w:gz") as archive:
        for name in (f"{plain[:16_000]}.py", FILE):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    whole_way(place, text, {}, out)
    metadata = f"submission_1:\n  :submitters:\n  - :name: {json.dumps('é' + plain)}\n    :sid: '4711'\n  :created_at: 1\n{text}"
    for folder in (1, 2):
        (place / "export" / f"submission_{folder}").mkdir(parents=True)
        (place / "export" / f"submission_{folder}" / FILE).write_bytes(data)
    (place / "export" / "submission_metadata.yml").write_bytes(metadata.encode(errors="surrogatepass"))
    take_in(place / "export", POLICY.exercises)
    (place / "alone").mkdir()
    with zipfile.ZipFile(place / "alone" / "week.zip", "w") as archive_of_class:
        for student in ("ada", "bob"):
            archive_of_class.writestr(f"{student}.py", other.encode() + data)
    take_in(place / "alone", POLICY.exercises)


def as_answers(text: str, *_: Path) -> None:
    """The text as the bytes of an answer, and as what was printed."""
    data = text.encode(errors="surrogatepass")
    call = Call("dense", {"x": 1.0}, [("y", (5, 3), "float64")])
    protocol.clean(data)
    error = (text, text, 1, None)
    protocol.unpack_unfinished(wire.pack_unfinished([error]))
    with pytest.raises(protocol.BrokenAnswerError):
        protocol.unpack_unfinished(b"\xff" + data)
    for outcome in ("raised", "form"):
        fault = [(0, "type", text)] if outcome == "form" else []
        answer = wire.pack_answer(outcome, error=error, faults=fault)
        protocol.unpack_answer(call, answer)
        body, unfinished = wire.BEFORE.pack(len(answer), 0) + answer, wire.pack_unfinished([error])
        parts = iter((body, unfinished, data))
        protocol.answers_of(
            [call], (len(body), len(unfinished), len(data), 0, 0, 0), lambda _, parts=parts: next(parts), len(data)
        )
    for hostile in (data, wire.BEFORE.pack(len(data), 0) + data):
        with pytest.raises(protocol.BrokenAnswerError):
            protocol.unpack_reply([call], hostile)


FEEDS = {"files": as_files, "names": as_names, "downloads": as_downloads, "answers": as_answers}
numbers = count()


def seconds(feed: Callable[..., None], kind: Kind, size: int, folder: Path) -> float:
    """Processor time of a feed; nothing is known of its files before."""
    text, place = kind(size), folder / str(next(numbers))
    for cache in (signs.look, prints.prints):
        cache.cache_clear()
    begin = time.process_time()
    feed(text, place / "in", place)
    return time.process_time() - begin


# What matters in names is letters, not Python.
OF_NAMES = re.compile(
    "accents|copies|underscores|longs|digits|letters|syllables|ligatures|directions|elements|formulas|separators|blanks|tabs|returns"
)


@pytest.mark.slow
@pytest.mark.parametrize(("feed", "kind"), [(f, k) for f in FEEDS for k in KINDS if f != "names" or OF_NAMES.search(k)])
def test_time_grows_with_the_size_at_most(feed: str, kind: str, tmp_path: Path) -> None:
    for _ in range(3):  # a measurement that a busy machine has spoilt is made again
        once, twice, four_times = (seconds(FEEDS[feed], KINDS[kind], m * SIZE, tmp_path) for m in (1, 2, 4))
        assert four_times < MOST_SECONDS  # no measurement is as spoilt as that
        if not (twice > 4 * max(once, FLOOR) or four_times > 8 * max(once, FLOOR)):
            return
    raise AssertionError(f"{feed}, {kind}: {once:.2f}, {twice:.2f}, {four_times:.2f} s")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["blanks in a bracket", "brackets", "accents out of order", "a notebook"])
def test_the_longest_text_takes_a_second_at_most(kind: str, tmp_path: Path) -> None:
    assert any(seconds(as_files, KINDS[kind], WHOLE, tmp_path) <= MOST_SECONDS for _ in range(2))


# Functions of the parent.

ROOMS = {  # the parts of the grader, and why some see nothing of a submission but numbers
    "submissions": "",
    "inspection": "",
    "marking": "",
    "reports": "",
    "gradescope": "",
    "records.py": "",
    "sandbox/protocol.py": "",
    "diagnosis/words.py": "",
    "sandbox": "starts processes and passes on bytes, whose length the protocol limits",
    "sandbox/child": "runs inside the sandbox",
    "sandbox/escapes": "attacks of this package on itself",
    "testing": "arguments and results of the references",
    "diagnosis": "arrays, whose shape the protocol knows",
}
HOLDS_TEXT = {
    "str",
    "bytes",
    "Any",
    "Lexeme",
    "Member",
    "SourceFile",
    "Submission",
    "Answer",
    "Path",
    "Test",
    "SubmissionResult",
}
# Functions that see nothing of a submission, or run outside of grading.
SEE_NOTHING = {
    "marking/policy.py": "the teacher's file",
    "marking/batch.py": "passes submissions to workers, unread",
    "marking/worker.py": "passes rows on, unread",
    "marking/time_budget.py": "counts seconds",
    "gradescope/autograder.py": "the teacher's files and the package's own",
    "gradescope/__main__.py": "the steps of the whole way, for one submission",
    "marking/self_check.py": "the student's own machine",
}


def functions_of_the_parent() -> dict[str, set[str]]:
    """The functions of each file of the parts that see something."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        room = next(
            each
            for each in (name, path.parent.relative_to(ROOT).as_posix(), name.split("/")[0])
            if each in ROOMS or each == "__init__.py"
        )
        if ROOMS.get(room, "nothing") or name in SEE_NOTHING:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[name] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and takes_text(node)}
    return found


def takes_text(function: ast.FunctionDef) -> bool:
    """True if a parameter may hold a text, or something that holds texts."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg]
    kinds = {
        word for each in every if each and each.annotation for word in re.findall(r"\w+", ast.unparse(each.annotation))
    }
    return bool(kinds & HOLDS_TEXT)


def called_while(work: Callable[[], Any]) -> set[tuple[str, str]]:
    """Files and names of the functions that are called."""
    called: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called.add((frame.f_code.co_filename, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return called


# Functions that the hostile texts need not reach: they handle an error of the machine, or something that has a test of its own.
NOT_REACHED = {
    "submissions/intake.py: files_that_count": "the folder of a student, on the student's own machine",
    "reports/wording.py: _shape": "of the arguments of a reference",
    "sandbox/protocol.py: _header": "encodes calls of the references' arguments",
    "marking/place.py: at": "the teacher's policy",
    "marking/place.py: _line": "the teacher's policy",
    "marking/place.py: _path": "the teacher's policy",
    "diagnosis/words.py: is_a": "the beginning of a name that the protocol bounds",
    "inspection/flags.py: imports": "the first 40 letters of a name",
    "marking/carried.py: _carried": "names of tasks",
    "marking/judge.py: _remark": "names of kinds of arguments",
    "reports/wording.py: number": "one number",
}


@pytest.mark.slow
def test_every_function_that_could_see_a_submission_is_fed(tmp_path: Path) -> None:
    def feed_all() -> None:
        for number, students in enumerate((["mean", "numeric"], ["half", "broken"])):  # ordinary ones
            its = assignment()
            intake = take_in(write_class(tmp_path / f"class{number}"), its.policy.exercises)
            kept = [s for s in intake.submissions if s.student in students]
            rows = [row(grade(submission, its, stand_in.open_stand_in)) for submission in kept]
            write_reports(tmp_path, whole := results(rows, its, ()))
            gradescope_results(rows[0], whole, "visible")
        for feed in FEEDS.values():
            for kind in list(KINDS.values())[:: len(KINDS) // 12]:
                feed(kind(1 << 11), tmp_path / str(next(numbers)), tmp_path / str(next(numbers)))

    called = called_while(feed_all)
    left = {
        f"{file}: {name}"
        for file, names in functions_of_the_parent().items()
        for name in names
        if (str(ROOT / file), name) not in called
    }
    assert left <= set(NOT_REACHED), "\n".join(sorted(left - set(NOT_REACHED)))
