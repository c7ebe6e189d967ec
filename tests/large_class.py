"""The speed of grading: `python tests/large_class.py` makes a class of 200 and grades it in all exercises.

A loop without end, a memory bomb and a fork bomb are among the submissions; it may take 4 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from grading.corpus import MISTAKES
from grading.corpus.entry import text

from scratchae.exercises import EXERCISES
from scratchae.exercises.handout import solution, start

ATTACKS = Path(__file__).resolve().parent / "grading" / "attacks"
HOSTILE = ("endless_loop", "memory_bomb", "fork_bomb")  # each a file for the first exercise
RIGHT, MISTAKEN, UNWRITTEN = 0.25, 0.2, 0.05  # share of the students; of the others, shares of the exercises
MINUTES = 4


def write_class(folder: Path, students: int, seed: int) -> list[str]:
    """Write the submissions of a class.

    A submission is right in everything, or has a mistake in some exercises and lacks others, or is hostile.

    Parameters
    ----------
    folder : pathlib.Path
        Gets a folder for each student.
    students, seed : int

    Returns
    -------
    list of str
        The names of the students with everything right.
    """
    draw, right = Random(seed), list[str]()
    solutions = {e.file: solution(e) for e in EXERCISES}
    mistakes = {e.file: [m for part in MISTAKES.values() for m in part if m.exercise is e] for e in EXERCISES}
    for number in range(students):
        files = dict(solutions)
        if number < len(HOSTILE):
            files[EXERCISES[0].file] = (ATTACKS / f"{HOSTILE[number]}.py.txt").read_text(encoding="utf-8")
        elif draw.random() >= RIGHT:
            for exercise in EXERCISES:
                fate = draw.random()
                if fate < UNWRITTEN:
                    files[exercise.file] = start(exercise)
                elif fate < UNWRITTEN + MISTAKEN and mistakes[exercise.file]:
                    mistake = text(draw.choice(mistakes[exercise.file]))
                    files[exercise.file] += f"\n\n{mistake}"  # the last definition counts
        place = folder / f"student{number:03d}"
        right += [place.name] if files == solutions else []
        place.mkdir(parents=True)
        for name, content in files.items():
            (place / name).write_text(content, encoding="utf-8", newline="\n")
    return right


def measure() -> int:
    """Grade such a class with `scratchae grade`; return 0 if it was fast enough and all points are correct, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", metavar="N", type=int, default=200, help="(default: 200)")
    parser.add_argument(
        "--seed", type=int, default=0, help="random seed of the class and of the arguments (default: 0)"
    )
    parser.add_argument("--isolation", default="best", metavar="LEVEL", help="as in scratchae grade (default: best)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        right = write_class(Path(place) / "class", args.students, args.seed)
        report, begin = Path(place) / "report", time.perf_counter()
        options = ["--out", str(report), "--seed", f"benchmark {args.seed}", "--isolation", args.isolation]
        subprocess.run([sys.executable, "-m", "scratchae", "grade", str(Path(place) / "class"), *options], check=False)
        seconds = time.perf_counter() - begin
        results = json.loads((report / "results.json").read_bytes())
    rows = {row["student"]: row for row in results["submissions"]}
    tests = sum(len(row["tests"]) for row in rows.values())
    full = [name for name, row in rows.items() if row["points"] == row["max_points"]]
    first = {test["exercise"] for name in list(rows)[:3] for test in rows[name]["tests"] if test["status"] != "passed"}
    print(
        f"\n{len(rows)} submissions, {tests:,} tests: {seconds:.0f} s (at most {60 * MINUTES}), {60 * len(rows) / seconds:.0f} per minute"
    )
    print(
        f"full points: {len(full)} (correct submissions: {len(right)}); the three hostile ones lost points in: {', '.join(sorted(first))}"
    )
    fair = set(full) == set(right) and len(rows) == args.students and first == {EXERCISES[0].name}
    return 0 if fair and seconds <= 60 * MINUTES else 1


if __name__ == "__main__":
    sys.exit(measure())
