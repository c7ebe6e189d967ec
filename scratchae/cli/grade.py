"""`scratchae grade`: grade a class and write reports. The work is done in `scratchae.grading`."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.cli.outcome import FAILED, Stopped, complain
from scratchae.console import parser as types
from scratchae.console.outputs import ready_file, ready_folder
from scratchae.console.parser import UsageError
from scratchae.console.table import coloured, say
from scratchae.errors import shortened

if TYPE_CHECKING:
    from scratchae.grading.marking.grade import Assignment
    from scratchae.grading.marking.policy import Policy

DESCRIPTION = """\
Grade submissions: each student's files run in a separate sandbox and return numbers; the verdict is made outside
the sandbox. SUBMISSIONS is a folder or an archive (.zip, .tar, .tar.gz) with a folder, an archive, a Python file or a notebook
for each student, or the download of a course platform. The reports explain the mistakes in each function and summarise the class.
"""
EXAMPLES = """\
examples:
  scratchae grade submissions/ --out report          then open report/report.html in a browser
  scratchae grade week3.zip --out report --exercises dense activations --policy week3.toml
  scratchae grade submissions/ --out report          run again: resumes, and grades changed submissions
  scratchae grade --self-test                        try known sandbox escapes on this machine
  scratchae grade --gradescope autograder.zip --policy week3.toml

exit status: 0 if everything could be graded; 1 if a submission needs attention (each case is named on stderr
and in the report), whatever the scores; 2 if the arguments or the policy are invalid; 130 after Ctrl-C
"""
LEVELS = (
    "best",
    "bubblewrap",
    "landlock",
    "limits",
)  # the names that `isolation_of` accepts; it is not imported, so that --help is fast
MOST_NOTES, MOST_NAMES = 25, 3  # lines, and students named in one


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae grade`."""
    add = parser.add_argument
    add("submissions", nargs="?", metavar="SUBMISSIONS", help="a folder, an archive, or one student's file")
    add("-o", "--out", metavar="REPORT", help="folder for the reports and for the results of finished students")
    add(
        "--exercises",
        nargs="+",
        default=[],
        metavar="NAME",
        help="grade only these (default: those of the policy, or all)",
    )
    add("--policy", metavar="FILE", help="a TOML file with points, limits and names; docs/teachers.md describes it")
    seed = "any text; the same seed draws the same arguments; keep it secret (default: REPORT/seed.txt, drawn once)"
    add("--seed", metavar="TEXT", help=seed)
    add("--jobs", type=types.whole_number(1), metavar="N", help="number of processes (default: three for two cores)")
    level = f"{', '.join(LEVELS)}; resource limits alone are not a security boundary (default: best)"
    add("--isolation", type=types.one_of(LEVELS), default="best", metavar="LEVEL", help=level)
    add("--gradescope", metavar="ZIP", help="write an autograder archive for Gradescope instead of grading")
    add("--self-test", action="store_true", help="try known sandbox escapes on this machine instead of grading")


def run(args: Namespace) -> int:
    """Grade, run the self-test, or write the archive for Gradescope."""
    if args.self_test:
        return _self_test()
    from scratchae.grading.marking.policy import read_policy

    policy = read_policy(None if args.policy is None else Path(args.policy).expanduser(), args.exercises)
    if args.gradescope is not None:
        return _write_gradescope(args, policy)
    if args.submissions is None:
        raise UsageError("name a folder or an archive of submissions; `scratchae grade --help` shows examples")
    if not args.out:
        raise UsageError("--out REPORT is missing; name a folder for the reports")
    return _grade(args, policy)


def _grade(args: Namespace, policy: Policy) -> int:
    from scratchae.grading.inspection.copies import copies_in
    from scratchae.grading.marking.batch import grade_all, usual_jobs
    from scratchae.grading.marking.grade import Assignment
    from scratchae.grading.marking.store import Rows, results
    from scratchae.grading.reports.write import write_reports
    from scratchae.grading.sandbox.isolation import drawback, isolation_of, opener
    from scratchae.grading.submissions.intake import take_in

    submissions = Path(args.submissions).expanduser()
    if submissions.is_dir() and Path(args.out).expanduser().resolve().is_relative_to(submissions.resolve()):
        raise UsageError(
            "--out REPORT is inside the folder of submissions and would be graded as one; name another folder"
        )
    intake = take_in(submissions, policy.exercises)
    isolation = isolation_of(args.isolation)
    if warning := drawback(isolation):
        complain(warning, "warning")
    out = ready_folder(args.out, "--out")
    assignment = Assignment(policy, _seed(args.seed, out), isolation)
    start, rows = time.perf_counter(), Rows(out / "rows", assignment)
    finished: list[Any] = [None] * len(intake.submissions)
    try:
        graded = grade_all(intake.submissions, assignment, rows, args.jobs or usual_jobs(), opener)
        with closing(graded):
            for done, (i, row) in enumerate(graded, 1):
                finished[i] = row
                _progress(done, len(finished), row)
    except KeyboardInterrupt:
        done = sum(row is not None for row in finished)
        raise Stopped(f"interrupted after {done} of {len(finished)}; run the same command to resume") from None
    copies = copies_in(intake.submissions, policy.exercises)
    whole = results(finished, assignment, intake.notes, copies)
    write_reports(out, whole, policy.columns)
    _summary(out, whole["submissions"], rows.loaded, assignment, time.perf_counter() - start)
    return _notes(finished, intake.notes)


def _seed(given: str | None, out: Path) -> bytes:
    """The given seed, or that of the folder; it is drawn on the first run and stored in the folder."""
    path = out / "seed.txt"
    if given is None and path.is_file() and (kept := path.read_bytes().strip()):
        return kept
    seed = _drawn_or(given)
    handle, unfinished = tempfile.mkstemp(prefix=".seed.", dir=out)  # readable by the teacher only, from the start
    with os.fdopen(handle, "wb") as file:
        file.write(seed + b"\n")
    try:
        if given is not None:
            os.replace(unfinished, path)
        else:
            os.link(unfinished, path)
    except OSError:  # another grader wrote it first, or the file system has no links
        if path.is_file() and (kept := path.read_bytes().strip()):
            return kept
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return seed


def _drawn_or(given: str | None) -> bytes:
    """The given seed, or a new random one."""
    text = secrets.token_hex(16) if given is None else given.strip()
    if not text or not text.isprintable():
        raise UsageError("--seed is empty or not printable; give any text, or leave it out")
    return text.encode()


def _progress(done: int, count: int, row: dict[str, Any]) -> None:
    troubled = "  see the notes" if row["notes"] else ""
    say(
        f"[{done:>{len(str(count))}}/{count}]  {row['points']:7.2f} of {row['max_points']:g}  {row['student']}{troubled}"
    )


def _summary(out: Path, rows: Sequence[dict[str, Any]], loaded: int, assignment: Assignment, seconds: float) -> None:
    shares = sorted(row["points"] / row["max_points"] if row["max_points"] else 0.0 for row in rows)
    middle = (shares[(len(shares) - 1) // 2] + shares[len(shares) // 2]) / 2
    flagged = sum(bool(row["flags"]) for row in rows)
    isolation = assignment.isolation.name.lower()
    say(f"\n{len(rows)} student{'s' * (len(rows) != 1)}, median {middle:.0%}, {seconds:.1f} s, isolation {isolation}")
    if loaded:
        say(f"unchanged, not run again: {loaded}")
    if flagged:
        say(f"needs a look: {flagged}, see the report")
    say(f"teacher   {out / 'report.html'}, {out / 'gradebook.csv'}")
    say(f"students  {out / 'feedback'}")
    say(f"machines  {out / 'results.json'}, {out / 'junit.xml'}")


def _notes(rows: Sequence[dict[str, Any]], general: Sequence[str]) -> int:
    """Print a line on stderr for each note, with the students whom it concerns; return the exit status."""
    concerned: dict[str, list[str]] = {}
    for row in rows:
        for note in row["notes"]:
            concerned.setdefault(note, []).append(row["student"])
    lines = [*general, *(f"{shortened(names, MOST_NAMES)}: {note}" for note, names in concerned.items())]
    for text in lines[:MOST_NOTES]:
        complain(text, "note")
    if len(lines) > MOST_NOTES:
        complain(f"{len(lines) - MOST_NOTES} more are in the report", "note")
    return FAILED if lines else 0


def _write_gradescope(args: Namespace, policy: Policy) -> int:
    from scratchae.grading.gradescope.autograder import write_archive

    if args.submissions is not None or args.out is not None:
        raise UsageError("--gradescope writes an archive instead of grading; leave out SUBMISSIONS and --out")
    path = ready_file(args.gradescope, "--gradescope")
    seed = _drawn_or(args.seed)
    policy_file = None if args.policy is None else Path(args.policy).expanduser()
    write_archive(path, policy, policy_file, seed, args.isolation)
    say(
        f"saved     {path} ({path.stat().st_size:,} bytes); upload it as the autograder of an assignment of {policy.max_points:g} points"
    )
    return 0


def _self_test() -> int:
    """Try the escapes, and print which ones the sandbox blocks."""
    from scratchae.grading.sandbox.escapes.self_test import missing_levels, self_test

    say("each escape is tried in a separate sandbox; this takes a minute")
    count = escaped = 0
    for probe, level, held, detail in self_test():
        verdict = coloured("held   ", True) if held else coloured("ESCAPED", False)
        say(f"{verdict}  {level.name.lower():<10}  {probe}  ({detail})")
        count, escaped = count + 1, escaped + (not held)
    for level, reason in missing_levels():
        say(f"missing  {level.name.lower():<10}  {reason}")
    say(f"\n{count} probes, {'all held' if not escaped else f'{escaped} ESCAPED'}")
    return FAILED if escaped else 0
