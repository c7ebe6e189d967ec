"""`scratchae grade`: a class is graded, and reports are written. The work is done in `scratchae.grading`."""

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

if TYPE_CHECKING:
    from scratchae.grading.marking.grade import Assignment
    from scratchae.grading.marking.policy import Policy
    from scratchae.grading.submissions.intake import Submission

DESCRIPTION = """\
Grade submissions: each student's files run in a sandbox of their own and return numbers; what is right is decided
outside. SUBMISSIONS is a folder or a zip archive with a folder or a Python file for each student. The reports say what is
wrong with each function, and how the class did.
"""
EXAMPLES = """\
examples:
  scratchae grade submissions/ --out report          then open report/report.html in a browser
  scratchae grade week3.zip --out report --exercises dense activations --policy week3.toml
  scratchae grade submissions/ --out report          again: goes on where it stopped, grades what has changed
  scratchae grade --self-test                        which escapes does this machine hold back?
  scratchae grade --gradescope autograder.zip --policy week3.toml

exit status: 0 if everything could be graded; 1 if something about a submission needs a look (each is a line on stderr,
and in the report), whatever the scores; 2 if the arguments or the policy cannot be used; 130 after Ctrl-C
"""
LEVELS = ("best", "bubblewrap", "landlock", "limits")  # as `isolation_of` takes them, which is not imported for --help
MOST_NOTES = 25


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `scratchae grade`."""
    add = parser.add_argument
    add("submissions", nargs="?", metavar="SUBMISSIONS", help="a folder, a zip archive, or one student's Python file")
    add("-o", "--out", metavar="REPORT", help="folder for the reports; finished rows are kept there")
    add("--exercises", nargs="+", default=[], metavar="NAME", help="only these (default: those of the policy, or all)")
    add("--policy", metavar="FILE", help="a TOML file with points, limits and names; docs/teachers.md describes it")
    seed = "any text, to draw the same arguments again; keep it from students (default: REPORT/seed.txt, drawn once)"
    add("--seed", metavar="TEXT", help=seed)
    add("--jobs", type=types.whole_number(1), metavar="N", help="processes (default: three for two cores)")
    level = f"{', '.join(LEVELS)}; limits alone hold no attacker, and every report says so (default: best)"
    add("--isolation", type=types.one_of(LEVELS), default="best", metavar="LEVEL", help=level)
    add("--gradescope", metavar="ZIP", help="write an autograder archive for Gradescope, and grade nothing")
    add("--self-test", action="store_true", help="try the escapes on this machine, and grade nothing")


def run(args: Namespace) -> int:
    """Grade, or one of the two things that are not grading."""
    if args.self_test:
        return _self_test()
    from scratchae.grading.marking.policy import read_policy

    policy = read_policy(None if args.policy is None else Path(args.policy).expanduser(), args.exercises)
    if args.gradescope is not None:
        return _write_gradescope(args, policy)
    if args.submissions is None:
        raise UsageError("name a folder or a zip archive of submissions; `scratchae grade --help` shows examples")
    if not args.out:
        raise UsageError("--out REPORT is missing; name a folder for the reports")
    return _grade(args, policy)


def _grade(args: Namespace, policy: Policy) -> int:
    from scratchae.grading.marking.batch import grade_all, usual_jobs
    from scratchae.grading.marking.grade import Assignment
    from scratchae.grading.marking.store import Rows, results
    from scratchae.grading.reports.write import write_reports
    from scratchae.grading.sandbox.isolation import drawback, isolation_of, opener
    from scratchae.grading.submissions.intake import take_in

    submissions = Path(args.submissions).expanduser()
    if submissions.is_dir() and Path(args.out).expanduser().resolve().is_relative_to(submissions.resolve()):
        raise UsageError("--out REPORT lies among the submissions, and would be taken for one; name another folder")
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
        raise Stopped(f"interrupted after {done} of {len(finished)}; the same command goes on from there") from None
    write_reports(out, results(finished, assignment, intake.notes), policy.columns)
    _summary(out, finished, assignment, time.perf_counter() - start)
    return _notes(intake.submissions, finished, intake.notes)


def _seed(given: str | None, out: Path) -> bytes:
    """The seed that was given, or that of the folder, which is drawn at the first time; kept for the next."""
    path = out / "seed.txt"
    if given is None and path.is_file() and (kept := path.read_bytes().strip()):
        return kept
    seed = _drawn_or(given)
    handle, unfinished = tempfile.mkstemp(prefix=".seed.", dir=out)  # the teacher's only, from the beginning
    with os.fdopen(handle, "wb") as file:
        file.write(seed + b"\n")
    try:
        if given is not None:
            os.replace(unfinished, path)
        else:
            os.link(unfinished, path)
    except OSError:  # another grader was faster, or there are no links here
        if path.is_file() and (kept := path.read_bytes().strip()):
            return kept
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return seed


def _drawn_or(given: str | None) -> bytes:
    """The seed that was given, or a new one."""
    text = secrets.token_hex(16) if given is None else given.strip()
    if not text or not text.isprintable():
        raise UsageError("--seed is empty or holds what is no text; give any text, or leave it out")
    return text.encode()


def _progress(done: int, count: int, row: dict[str, Any]) -> None:
    troubled = "  see the notes" if row["notes"] else ""
    say(
        f"[{done:>{len(str(count))}}/{count}]  {row['points']:7.2f} of {row['max_points']:g}  {row['student']}{troubled}"
    )


def _summary(out: Path, rows: Sequence[dict[str, Any]], assignment: Assignment, seconds: float) -> None:
    shares = sorted(row["points"] / row["max_points"] if row["max_points"] else 0.0 for row in rows)
    middle = (shares[(len(shares) - 1) // 2] + shares[len(shares) // 2]) / 2
    flagged = sum(bool(row["flags"]) for row in rows)
    say(
        f"\n{len(rows)} student{'s' * (len(rows) != 1)}, median {middle:.0%}, {seconds:.1f} s, isolation {assignment.isolation.name.lower()}"
    )
    if flagged:
        say(f"{flagged} with a flag that only you can judge: see the report")
    say(f"teacher   {out / 'report.html'}, {out / 'gradebook.csv'}")
    say(f"students  {out / 'feedback'}")
    say(f"machines  {out / 'results.json'}, {out / 'junit.xml'}")


def _notes(submissions: Sequence[Submission], rows: Sequence[dict[str, Any]], general: Sequence[str]) -> int:
    """A line on stderr for each thing that needs a look; the exit status."""
    lines = [*general, *(f"{row['student']}: {note}" for row in rows for note in row["notes"])]
    for text in lines[:MOST_NOTES]:
        complain(text, "note")
    if len(lines) > MOST_NOTES:
        complain(f"{len(lines) - MOST_NOTES} more are in the report", "note")
    return FAILED if lines else 0


def _write_gradescope(args: Namespace, policy: Policy) -> int:
    from scratchae.grading.gradescope.autograder import write_archive

    if args.submissions is not None or args.out is not None:
        raise UsageError("--gradescope writes an archive and grades nothing; leave SUBMISSIONS and --out away")
    path = ready_file(args.gradescope, "--gradescope")
    seed = _drawn_or(args.seed)
    policy_file = None if args.policy is None else Path(args.policy).expanduser()
    write_archive(path, policy, policy_file, seed, args.isolation)
    say(
        f"saved     {path} ({path.stat().st_size:,} bytes); upload it as the autograder of an assignment of {policy.max_points:g} points"
    )
    return 0


def _self_test() -> int:
    """Try the escapes, and print which are held back."""
    from scratchae.grading.sandbox.escapes.self_test import missing_levels, self_test

    say("each escape is tried in a sandbox of its own; this takes a minute")
    count = escaped = 0
    for probe, level, held, detail in self_test():
        verdict = coloured("held   ", True) if held else coloured("ESCAPED", False)
        say(f"{verdict}  {level.name.lower():<10}  {probe}  ({detail})")
        count, escaped = count + 1, escaped + (not held)
    for level, reason in missing_levels():
        say(f"missing  {level.name.lower():<10}  {reason}")
    say(f"\n{count} probes, {'all held' if not escaped else f'{escaped} ESCAPED'}")
    return FAILED if escaped else 0
