"""A folder for students: the files to fill in, a page that says how, and checks that they can run themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scratchae.errors import nearest
from scratchae.exercises import EXERCISES, FindTheBug
from scratchae.exercises.examples import program
from scratchae.exercises.exercise import Exercise
from scratchae.exercises.handout import solution, start

README, CHECKS = "README.md", "public_checks.py"
_START = 100  # bytes by which these two are known as written here


def chosen(names: Iterable[str]) -> tuple[Exercise, ...]:
    """Exercises by name ("dense"), number ("1", "01") or file ("01_dense.py"), in their order; all if none is named.

    Parameters
    ----------
    names : iterable of str

    Raises
    ------
    ValueError
        If there is no such exercise.
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


def write_course(folder: Path, exercises: Sequence[Exercise] = EXERCISES, *, force: bool = False) -> list[Path]:
    """Write what students begin with: one file for each exercise, ``README.md`` and ``public_checks.py``.

    The two last ones cover all exercises whose files are in the folder, also those of an earlier call.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    exercises : sequence of Exercise
    force : bool
        Overwrite exercises that have been worked on, and a ``README.md`` or ``public_checks.py`` of somebody else's.

    Returns
    -------
    written : list of Path

    Raises
    ------
    FileExistsError
        If a file is there already that is another than would be written, and not an earlier one of the two last; then nothing is
        written.
    """
    files = {exercise.file: start(exercise) for exercise in exercises}
    present = [e for e in EXERCISES if e.file in files or (folder / e.file).is_file()]
    own = {README: _readme(present), CHECKS: program(present)}
    return _write(folder, files, own, force)


def write_solutions(folder: Path, exercises: Sequence[Exercise] = EXERCISES, *, force: bool = False) -> list[Path]:
    """Write the solutions, one file for each exercise.

    Parameters and errors are those of `write_course`.
    """
    return _write(folder, {exercise.file: solution(exercise) for exercise in exercises}, {}, force)


def _write(folder: Path, files: Mapping[str, str], own: Mapping[str, str], force: bool) -> list[Path]:
    """Write `files` and `own` unless something else would be lost; earlier versions of `own` are not worth keeping."""
    lost = [name for name, text in files.items() if _differs(folder / name, text)]
    lost += [name for name, text in own.items() if _differs(folder / name, text, same_start=True)]
    if lost and not force:
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        raise FileExistsError(
            f"{folder / lost[0]}{more} would be overwritten; name another folder, or give --force to lose what is there"
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in {**files, **own}.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _differs(path: Path, text: str, *, same_start: bool = False) -> bool:
    """Whether something is there that is not this text, or does not begin as it does."""
    if not path.is_symlink() and not path.exists():
        return False
    if not path.is_file():
        return True
    there, wanted = path.read_bytes().replace(b"\r\n", b"\n"), text.encode()
    return there[:_START] != wanted[:_START] if same_start else there != wanted


def _readme(exercises: Sequence[Exercise]) -> str:
    rows = "\n".join(
        f"| [`{e.file}`]({e.file}) | {e.title} | {', '.join(f'`{task.name}`' for task in e.tasks)} | {e.points:g} |"
        for e in exercises
    )
    bugs = any(isinstance(exercise, FindTheBug) for exercise in exercises)
    hunt = _HUNT if bugs else ""
    return _PAGE.format(rows=rows, hunt=hunt, example=exercises[0].file if exercises else "01_dense.py")


_HUNT = """
In the files whose names begin with `bug_` (after the number) everything is written, and one mistake is in it. The head of the file says
what was noticed. Repair it with as small a change as you can.
"""
_PAGE = """\
# Exercises

Autoencoders from nothing but arrays. Each file holds functions to write; the docstrings say what goes in and what comes out, and the labels,
such as (dense.4), name equations of the derivations of scratchae (`docs/derivations/`).

| file | what it is about | functions | points |
| --- | --- | --- | --- |
{rows}
{hunt}
## How to work

1. Open a file, and replace `raise NotImplementedError` by your own lines.
2. Run the check, as often as you like:

   ```sh
   scratchae exercises check {example}   # says what is wrong, if scratchae is installed
   python public_checks.py {example}     # needs NumPy only: compares with a few examples
   ```

3. Hand in the files under the names that they have.

## What counts

* NumPy and Python's own library, nothing else.
* A function returns what its docstring says, in that order, in arrays of exactly these shapes, in float64.
* Arguments stay as they are: nothing is written into them. The same arguments give the same answer, so nothing is drawn inside:
  noise is passed in.
* A gradient is computed by its formula, and not by finite differences. The upstream gradient (`dy`, `dloss`) is any array, not all ones.
* Any sizes, also a single row; and very large numbers where the docstring says that nothing overflows.
"""
