"""The course folder for students: files to fill in, a README with instructions, and public checks to run.

All exercises of a folder are of one variant, or ordinary ones: ``README.md`` and ``public_checks.py`` describe them together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from scratchae.errors import joined, nearest
from scratchae.exercises import EXERCISES, FindTheBug
from scratchae.exercises.examples import allowed_by, program
from scratchae.exercises.exercise import Exercise
from scratchae.exercises.handout import given_away, solution, start
from scratchae.exercises.notebook import file_name, notebook
from scratchae.exercises.variants import variant_of_file, varied

README, CHECKS = "README.md", "public_checks.py"
_START = 100  # number of leading bytes that identify these two files as generated here


def chosen(names: Iterable[str], variant: str = "") -> tuple[Exercise, ...]:
    """Select exercises by name ("dense"), number ("1", "01") or file ("01_dense.py", "01_dense.ipynb"); all if none is named.

    They are in the order of the course.

    Parameters
    ----------
    names : iterable of str
    variant : str
        A text from which the variant of each is drawn; empty for the ordinary exercises.

    Raises
    ------
    ValueError
        If an exercise does not exist, or the text is not printable.
    """
    wanted: set[int] = set()
    known = {exercise.name: exercise.number for exercise in EXERCISES}
    of_file = {name: exercise.number for exercise in EXERCISES for name in (exercise.file, file_name(exercise))}
    for name in names:
        number = int(name) if name.isdecimal() else known.get(name, of_file.get(name, 0))
        if number not in known.values():
            raise ValueError(
                f"there is no exercise {name!r}{nearest(name, known)}; `scratchae exercises list` prints all names"
            )
        wanted.add(number)
    return varied((exercise for exercise in EXERCISES if not wanted or exercise.number in wanted), variant)


def write_course(
    folder: Path,
    exercises: Sequence[Exercise] = EXERCISES,
    *,
    variant: str = "",
    force: bool = False,
    notebooks: bool = False,
    allow: Sequence[str] = (),
) -> list[Path]:
    """Write the starter files: one file for each exercise, ``README.md`` and ``public_checks.py``.

    The last two cover all exercises whose files are in the folder, including those of an earlier call.

    Parameters
    ----------
    folder : Path
        Created if it does not exist.
    exercises : sequence of Exercise
    variant : str
        The text from which they were drawn; empty for the ordinary exercises.
    force : bool
        Overwrite edited exercises, and a ``README.md`` or ``public_checks.py`` that was not generated here.
    notebooks : bool
        Write notebooks instead of Python files.
    allow : sequence of str
        Modules that students may use besides NumPy; by default those of an earlier call.

    Returns
    -------
    written : list of Path

    Raises
    ------
    FileExistsError
        If an existing file differs from the one to be written, and is not an earlier version of the last two; or if it is of another
        variant. Nothing is written then.
    """
    files = {file_name(e): notebook(e) for e in exercises} if notebooks else {e.file: start(e) for e in exercises}
    mark = next((exercise.variant for exercise in exercises), "")
    for path in (folder / name for name in in_course(folder, exercises, variant) if name not in files):
        if (found := variant_of_file(path.read_bytes())) != mark:
            raise FileExistsError(
                f"{path} is {_of(found, 'an ordinary exercise')}, and these exercises are {_of(mark, 'ordinary')}; name another folder"
            )
    present = in_course(folder, exercises, variant, files)
    allow = list(allow) or allowed_beside(folder / CHECKS)
    own = {README: _readme(present, allow), CHECKS: program(dict.fromkeys(present.values()), allow)}
    return _write(folder, files, own, force)


def _of(mark: str, ordinary: str) -> str:
    return f"of the variant {mark}" if mark else ordinary


def in_course(
    folder: Path, exercises: Sequence[Exercise], variant: str = "", files: Collection[str] = ()
) -> dict[str, Exercise]:
    """Files of a course and their exercises: those to be written, and those in the folder from an earlier call.

    Parameters
    ----------
    folder : Path
    exercises : sequence of Exercise
    variant : str
    files : collection of str
        Names of the files to be written.
    """
    mine = {exercise.number: exercise for exercise in exercises}
    names = [(e, name) for e in EXERCISES for name in (e.file, file_name(e))]
    there = [(e, name) for e, name in names if name in files or (folder / name).is_file()]
    others = varied((e for e, _ in there if e.number not in mine), variant)
    every = {exercise.number: exercise for exercise in others} | mine
    return {name: every[e.number] for e, name in there}


def gifts(exercises: Sequence[Exercise]) -> list[str]:
    """Sentences on the files of a course that contain solutions of its other exercises.

    Parameters
    ----------
    exercises : sequence of Exercise
    """
    found = []
    for exercise in exercises:
        solved, nearly = given_away(exercise), isinstance(exercise, FindTheBug)
        for other in exercises:
            names = [task.name for task in other.tasks]
            if listed := [name for name in names if name in solved]:
                found.append(f"{exercise.file} contains {joined(listed)} of {other.file}, solved")
            mine = {task.name for task in exercise.tasks} if nearly and not isinstance(other, FindTheBug) else set()
            if listed := [name for name in names if name in mine]:
                found.append(f"{exercise.file} contains {joined(listed)} of {other.file}, solved but for one mistake")
    return found


def write_solutions(
    folder: Path, exercises: Sequence[Exercise] = EXERCISES, *, force: bool = False, notebooks: bool = False
) -> list[Path]:
    """Write the solutions, one file for each exercise.

    Parameters and errors are those of `write_course`.
    """
    if notebooks:
        return _write(folder, {file_name(e): notebook(e, solution(e)) for e in exercises}, {}, force)
    return _write(folder, {e.file: solution(e) for e in exercises}, {}, force)


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


def _readme(files: Mapping[str, Exercise], allow: Sequence[str] = ()) -> str:
    rows = "\n".join(
        f"| [`{name}`]({name}) | {e.title} | {', '.join(f'`{task.name}`' for task in e.tasks)} | {e.points:g} |"
        for name, e in files.items()
    )
    hunt = _HUNT if any(isinstance(exercise, FindTheBug) for exercise in files.values()) else ""
    cells = _CELLS if any(name.endswith(".ipynb") for name in files) else ""
    modules = "Use only NumPy" + "".join(f", {name}" for name in allow)
    example = next(iter(files), "01_dense.py")
    checks = f"   python public_checks.py {example}     # compares with a few examples; needs NumPy only"
    if not any(exercise.variant for exercise in files.values()):
        checks = f"   scratchae exercises check {example}   # explains your mistakes; needs scratchae\n{checks}"
    return _PAGE.format(rows=rows, hunt=hunt, cells=cells, checks=checks, modules=modules)


_HUNT = """
Files whose names begin with `bug_` (after the number) contain complete code with one mistake. The head of the file describes
the symptom. Repair it with as small a change as you can.
"""
_CELLS = """
In a notebook, the last cell runs the check on the cells that you have run. Save the notebook before you hand it in: its code cells are
graded, in their order, and its outputs are not read.
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
{checks}
   ```

3. Hand in the files without renaming them.
{cells}
## Rules

* {modules} and Python's standard library. Files, the network, processes and threads are not available. Each file is graded alone: copy
  functions of your own into it.
* A function returns the values in its docstring, in that order, as float64 arrays of exactly these shapes.
* Do not modify the arguments. The same arguments give the same answer, so draw no random numbers:
  noise is passed in.
* Compute a gradient by its formula, not by finite differences. The upstream gradient (`dy`, `dloss`) is an arbitrary array, not all ones.
* Functions must work for all sizes, including a single row, and for very large numbers where the docstring excludes overflow.
"""
