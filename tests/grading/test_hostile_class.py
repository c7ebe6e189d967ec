"""A class in which most submissions are hostile: everybody gets a row, right solutions keep their points, and no report breaks."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import time
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grading.attack_sources import attack
from grading.small_class import DENSE, GOOD, KL, policy
from scratchae.grading.marking.batch import grade_all
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.store import Rows, results
from scratchae.grading.records import Isolation, Limits, SubmissionResult
from scratchae.grading.reports.write import write_reports
from scratchae.grading.sandbox.isolation import best_isolation, open_for_grading, opener
from scratchae.grading.submissions.intake import SourceFile, Submission, take_in

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock"),
]

LIMITS = Limits(seconds=1.5, cpu_seconds=1, memory=384 << 20, processes=8, temporary=4 << 20)
MOST_SECONDS = 240  # a tenth of it on a machine with nothing else to do
RIGHT = {exercise.file: GOOD[exercise.name].source or b"" for exercise in (DENSE, KL)}
TEXTS = (
    "]]>",
    "</script><script>alert(1)</script>",
    "</td></tr></table><b onload=x>",
    "=HYPERLINK('x')",
    "\x1b[2J\x1b]0;title\x07",
    "\u202eright\u2066",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x0b\x0c\x85\u2028\ud800",
    "&#x1b;&lt;",
)
RAISES = f"""
TEXTS = {TEXTS!r}


def dense(x, W, b):
    print(*TEXTS)
    raise type("".join(TEXTS[:3]).replace(chr(0), ""), (Exception,), {{}})("".join(TEXTS))


class Answer: pass
Answer.__name__ = "</td>" + TEXTS[0] + TEXTS[3] + TEXTS[4]


def dense_backward(dy, x, W):
    return Answer(), Answer(), Answer()
"""
BROKEN = f"def dense({TEXTS!r}:\n".encode()
PRINTS = RIGHT[DENSE.file] + f"\nfor text in {TEXTS!r}:\n    print(text)\n".encode()
# As many functions as are read, with names as near as can be to the one that is missing.
SUGGESTS = "\n".join(f"def dense_backwar{chr(97 + n % 26)}{'ab' * (n % 40)}(): pass" for n in range(3000))
NAMES_FROM_HELL = "a" * 200_000 + " = " + "b, " * 100_000 + "\n" + "def " + "dense" * 20_000 + "(x): pass\n"
BRACKETS = '{"cells": ' + "[" * 100_000
CELLS = json.dumps(
    {"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": [*TEXTS[:-2], "\n", RAISES]}] * 50}
)
ENDLESS_LIST = """
class Endless(tuple):
    def __iter__(self):
        while True:
            yield 0.0


def dense_backward(dy, x, W):
    return Endless()
"""


def zipped(**members: bytes) -> bytes:
    """A zip archive; a name may begin with "../"."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def links(folder: Path) -> None:
    """A link to a file outside, and a pipe from which nothing ever comes."""
    (folder / DENSE.file).symlink_to("/etc/hostname")
    os.mkfifo(folder / KL.file)


FILES: dict[str, bytes] = {  # each is the first exercise's file of a student, whose second one is right
    "raises": RAISES.encode(),
    "suggests": SUGGESTS.encode(),
    "names": NAMES_FROM_HELL.encode(),
    "list": ENDLESS_LIST.encode(),
    "nul": b"def dense(x, W, b):\n    return 0\x00\n",
    "latin": b"# -*- coding: utf-7 -*-\n# +AAo-raise SystemExit\ndef dense(x, W, b):\n    return '\xff'\n",
    "large": b"#" * (2 << 20),
    **{
        name: attack(name).encode()
        for name in (
            "endless_loop_on_import",
            "exit_on_import",
            "memory_bomb",
            "output_flood",
            "answers_that_are_none",
            "numbers_at_the_edge",
            "errors_within_errors",
            "decorated_without_end",
            "deep_source",
        )
    },
}
FOLDERS: dict[str, Callable[[Path], object]] = {  # what lies in a student's folder instead of files of the right names
    "links": links,
    "notebook": lambda folder: (folder / "exercises.ipynb").write_text(CELLS),
    "brackets": lambda folder: (folder / "exercises.ipynb").write_text(BRACKETS),
    "module": lambda folder: (folder / DENSE.file).mkdir(),
    "climbs": lambda folder: (folder / "all.zip").write_bytes(
        zipped(**{f"../../{DENSE.file}": b"", "../../../x.py": b""})
    ),
}
ARCHIVES = {
    "bomb": zipped(**{DENSE.file: bytes(64 << 20), KL.file: RIGHT[KL.file]}),
    "cut": zipped(**RIGHT)[:-30],
    "outside": zipped(**{f"../../{DENSE.file}": RIGHT[DENSE.file], f"/etc/{KL.file}": RIGHT[KL.file]}),
}
# The same texts as names of folders, which can hold neither slashes nor zeros, and names that are no text or have many accents.
_NAMES = [text.translate({ord("/"): "\u2215", 0: None, 0xD800: None}) for text in TEXTS]
CALLED = [os.fsdecode(b"\xff\xfe"), "e\u0301" * 60, *_NAMES]
HONEST = ("Ada", "Zoë", "prints")


def write_class(folder: Path) -> int:
    """Write the class, and return the number of its students."""
    students: dict[str, dict[str, bytes]] = {**dict.fromkeys(HONEST, RIGHT), "prints": {**RIGHT, DENSE.file: PRINTS}}
    students |= {name: {**RIGHT, DENSE.file: content} for name, content in FILES.items()}
    students |= {f"{text}{n}": {DENSE.file: BROKEN} for n, text in enumerate(CALLED)}
    for student, files in students.items():
        (folder / student).mkdir(parents=True)
        for name, content in files.items():
            (folder / student / name).write_bytes(content)
    for student, write in FOLDERS.items():
        (folder / student).mkdir()
        write(folder / student)
    for student, content in ARCHIVES.items():
        (folder / f"{student}.zip").write_bytes(content)
    return len(students) + len(FOLDERS) + len(ARCHIVES)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, int]:
    """The results of the class, the folder of its reports, and the number of students."""
    folder = tmp_path_factory.mktemp("hostile")
    begin, count = time.monotonic(), write_class(folder / "class")
    its = Assignment(replace(policy(), limits=LIMITS), b"7", best_isolation() or Isolation.LIMITS)
    intake = take_in(folder / "class", its.policy.exercises)
    rows = [row for _, row in sorted(grade_all(intake.submissions, its, Rows(folder / "rows", its), 2, opener))]
    found = results(rows, its, intake.notes)
    (folder / "report").mkdir()
    write_reports(folder / "report", found)
    assert time.monotonic() - begin < MOST_SECONDS
    return found, folder / "report", count


def harmless(text: str) -> bool:
    """True if a text draws nothing but letters: no control characters, no marks of direction."""
    return not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text)


@pytest.mark.slow
def test_everybody_has_a_row_and_the_right_ones_their_points(graded: tuple[dict[str, Any], Path, int]) -> None:
    found, _, count = graded
    rows = {row["student"]: row for row in found["submissions"]}
    assert len(rows) == len(found["submissions"]) == count
    assert all(len(row["tests"]) == len(policy().tests) for row in rows.values())
    full = policy().max_points
    assert {name for name, row in rows.items() if row["points"] == full} == set(HONEST)
    for name in FILES:  # a hostile file costs its student nothing but its own points
        its = {test["exercise"]: 0.0 for test in rows[name]["tests"]}
        for test in rows[name]["tests"]:
            its[test["exercise"]] += test["points"]
        assert its == pytest.approx({DENSE.name: 0, KL.name: KL.points}), name
    others = [row for name, row in rows.items() if name not in FILES and name not in HONEST]
    assert all(not row["points"] or row["student"] == "bomb" for row in others)
    assert all(
        row["notes"] or any(test["message"] for test in row["tests"]) for row in rows.values() if row["points"] < full
    )


@pytest.mark.slow
def test_no_table_is_broken(graded: tuple[dict[str, Any], Path, int]) -> None:
    found, folder, count = graded
    written = json.loads((folder / "results.json").read_bytes())
    names = {row["student"] for row in written["submissions"]}
    assert all(map(harmless, names))
    table = list(csv.reader(io.StringIO((folder / "gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert len(table) == count + 1 and len({len(row) for row in table}) == 1
    assert all(harmless(cell) and not cell.startswith(("=", "+", "-", "@", "|")) for row in table for cell in row)
    suites = ET.parse(folder / "junit.xml").getroot()
    assert {suite.attrib["name"] for suite in suites} == names
    assert len(suites.findall("testsuite/testcase")) == count * len(policy().tests)


class Reader(html.parser.HTMLParser):
    """Reads a page: the elements that are open, and all elements and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note an element; those that hold nothing are not open afterwards."""
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost element ends."""
        assert self.open.pop() == tag


@pytest.mark.slow
def test_no_page_is_broken(graded: tuple[dict[str, Any], Path, int]) -> None:
    _, folder, count = graded
    pages = list(folder.rglob("*.html"))
    assert len(pages) == 2 * count + 1
    for page in pages:
        text = page.read_text(encoding="utf-8")
        reader = Reader(text)
        assert not reader.open, page
        assert not reader.elements & {"script", "iframe", "img", "form", "object", "b"}
        assert not {name for name in reader.attributes if name.startswith("on") or name == "style"}
        assert harmless(text.replace("\n", "").replace("\t", "")), page


# Derivatives without a formula. They are right, so they have their points; the teacher is told of them.
HELPED = "\n_forward = dense\n\n\ndef _each(dy, x, W, derivative):\n    b = np.zeros(W.shape[1])\n    return tuple(\n"
HELPED += "        np.array([derivative(dy, (x, W, b), k, i) for i in range(a.size)]).reshape(a.shape) for k, a in enumerate((x, W, b))\n    )\n"
TRICKS = {
    "differences": """
def _loss(dy, parts):
    return float((dy * _forward(*parts)).sum())


def _derivative(dy, parts, k, i):
    sides = []
    for step in (1e-5, -1e-5):
        moved = [part.copy() for part in parts]
        moved[k].flat[i] += step
        sides.append(_loss(dy, moved))
    return (sides[0] - sides[1]) / 2e-5
""",
    "dual numbers": """
class Dual:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __matmul__(self, other):
        return Dual(self.value @ other.value, self.slope @ other.value + self.value @ other.slope)

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        return Dual(self.value * other, self.slope * other)


def _derivative(dy, parts, k, i):
    slopes = [np.zeros(part.shape) for part in parts]
    slopes[k].flat[i] = 1.0
    return float((_forward(*map(Dual, parts, slopes)) * dy).slope.sum())
""",
    "steps into the plane": """
def _derivative(dy, parts, k, i):
    unit = np.emath.sqrt(-np.ones(1))[0]
    moved = [part + 0 * unit for part in parts]
    moved[k].flat[i] += 1e-30 * unit
    return float(np.array([(dy * _forward(*moved)).sum()]).view(np.float64)[1]) / 1e-30
""",
}


def with_trick(trick: str) -> Submission:
    """A right solution, whose gradient is computed in another way."""
    source = RIGHT[DENSE.file].decode() + HELPED + TRICKS[trick]
    source += "\n\ndef dense_backward(dy, x, W):\n    return _each(dy, x, W, _derivative)\n"
    return Submission("ada", {**GOOD, DENSE.name: SourceFile(DENSE.file, source.encode())})


@pytest.mark.parametrize("trick", TRICKS)
def test_a_derivative_without_a_formula_is_right_and_flagged(trick: str) -> None:
    its = Assignment(policy(), b"7", best_isolation() or Isolation.LIMITS)
    result: SubmissionResult = grade(with_trick(trick), its, open_for_grading)
    assert result.points == result.max_points
    assert {test.function for test in result.tests if test.flags} == {"dense_backward"}
