"""The course folder for students: files to fill in, a README with instructions, and public checks to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scratchae.errors import nearest
from scratchae.exercises import EXERCISES, FindTheBug
from scratchae.exercises.examples import allowed_by, program
from scratchae.exercises.exercise import Exercise
from scratchae.exercises.handout import solution, start

README, CHECKS = "README.md", "public_checks.py"
_START = 100  # number of leading bytes that identify these two files as generated here


def chosen(names: Iterable[str]) -> tuple[Exercise, ...]:
    """Select exercises by name ("dense"), number ("1", "01") or file ("01_dense.py"), in the order of the course; all if none is named.

    Parameters
    ----------
    names : iterable of str

    Raises
    ------
    ValueError
        If an exercise does not exist.
    """
    wanted: set[int] = set()
    known = {exercise.name: exercise.number for exercise in EXERCISES}
    of_file = {exercise.file: exercise.number for exercise in EXERCISES}
    for name in names:
        number = int(name) if name.isdecimal() else known.get(name, of_file.get(name, 0))
        if number not in known.values():
            raise ValueError(
                f"there is no exercise {name!r}{nearest(name, known)}; `scratchae exercises list` prints all names"
            )
        wanted.add(number)
    return tuple(exercise for exercise in EXERCISES if not wanted or exercise.number in wanted)


def write_course(
    folder: Path, exercises: Sequence[Exercise] = EXERCISES, *, force: bool = False, allow: Sequence[str] = ()
) -> list[Path]:
    """Write the starter files: one file for each exercise, ``README.md`` and ``public_checks.py``.

    The last two cover all exercises whose files are in the folder, including those of an earlier call.

    Parameters
    ----------
    folder : Path
        Created if it does not exist.
    exercises : sequence of Exercise
    force : bool
        Overwrite edited exercises, and a ``README.md`` or ``public_checks.py`` that was not generated here.
    allow : sequence of str
        Modules that students may use besides NumPy; by default those of an earlier call.

    Returns
    -------
    written : list of Path

    Raises
    ------
    FileExistsError
        If an existing file differs from the one to be written, and is not an earlier version of the last two; nothing is written
        then.
    """
    files = {exercise.file: start(exercise) for exercise in exercises}
    present = [e for e in EXERCISES if e.file in files or (folder / e.file).is_file()]
    allow = list(allow) or allowed_beside(folder / CHECKS)
    own = {README: _readme(present, allow), CHECKS: program(present, allow)}
    return _write(folder, files, own, force)


def write_solutions(folder: Path, exercises: Sequence[Exercise] = EXERCISES, *, force: bool = False) -> list[Path]:
    """Write the solutions, one file for each exercise.

    Parameters and errors are those of `write_course`.
    """
    return _write(folder, {exercise.file: solution(exercise) for exercise in exercises}, {}, force)


def _write(folder: Path, files: Mapping[str, str], own: Mapping[str, str], force: bool) -> list[Path]:
    """Write `files` and `own`, unless other content would be lost; earlier versions of `own` are overwritten."""
    lost = [name for name, text in files.items() if _differs(folder / name, text)]
    lost += [name for name, text in own.items() if _differs(folder / name, text, same_start=True)]
    if lost and not force:
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        raise FileExistsError(
            f"{folder / lost[0]}{more} would be overwritten; name another folder, or give --force to overwrite"
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in {**files, **own}.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _differs(path: Path, text: str, *, same_start: bool = False) -> bool:
    """True if the path exists and differs from this text, or from its start."""
    if not path.is_symlink() and not path.exists():
        return False
    if not path.is_file():
        return True
    there, wanted = path.read_bytes().replace(b"\r\n", b"\n"), text.encode()
    return there[:_START] != wanted[:_START] if same_start else there != wanted


def allowed_beside(path: Path) -> list[str]:
    """The modules that the ``public_checks.py`` beside a file allows; none if there is no such file.

    Parameters
    ----------
    path : Path
        The file, or ``public_checks.py`` itself.
    """
    try:
        return allowed_by((path.parent / CHECKS).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def _readme(exercises: Sequence[Exercise], allow: Sequence[str] = ()) -> str:
    rows = "\n".join(
        f"| [`{e.file}`]({e.file}) | {e.title} | {', '.join(f'`{task.name}`' for task in e.tasks)} | {e.points:g} |"
        for e in exercises
    )
    bugs = any(isinstance(exercise, FindTheBug) for exercise in exercises)
    hunt = _HUNT if bugs else ""
    modules = "Use only NumPy" + "".join(f", {name}" for name in allow)
    return _PAGE.format(
        modules=modules, rows=rows, hunt=hunt, example=exercises[0].file if exercises else "01_dense.py"
    )


_HUNT = """
Files whose names begin with `bug_` (after the number) contain complete code with one mistake. The head of the file describes
the symptom. Repair it with as small a change as you can.
"""
_PAGE = """\
# Exercises

Autoencoders from nothing but arrays. Each file holds functions to write; the docstrings describe inputs and outputs, and the labels, such as
(dense.4), name equations of the derivations of scratchae (`docs/derivations/`).

| file | title | functions | points |
| --- | --- | --- | --- |
{rows}
{hunt}
## How to work

1. Open a file, and replace `raise NotImplementedError` with your own code.
2. Run the check, as often as you like:

   ```sh
   scratchae exercises check {example}   # explains your mistakes; needs scratchae
   python public_checks.py {example}     # compares with a few examples; needs NumPy only
   ```

3. Hand in the files without renaming them.

## Rules

* {modules} and Python's standard library. Files, the network, processes and threads are not available. Each file is graded alone: copy
  functions of your own into it.
* A function returns the values in its docstring, in that order, as float64 arrays of exactly these shapes.
* Do not modify the arguments. The same arguments give the same answer, so draw no random numbers:
  noise is passed in.
* Compute a gradient by its formula, not by finite differences. The upstream gradient (`dy`, `dloss`) is an arbitrary array, not all ones.
* Functions must work for all sizes, including a single row, and for very large numbers where the docstring excludes overflow.
"""
