"""The teacher's policy: exercises, points, penalties for flags, resource limits. A TOML file, checked against the tests."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from scratchae.errors import nearest
from scratchae.exercises import Exercise
from scratchae.exercises.course import chosen
from scratchae.grading.inspection.flags import FLAGS, OF_TESTS
from scratchae.grading.marking.place import Place
from scratchae.grading.records import Limits, TestResult
from scratchae.grading.sandbox.visible import modules
from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.testing.plan import plan

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RELEASES = ("hidden", "after_due_date", "after_published", "visible")
MOST_SECONDS = 3600.0  # most that a limit can be
COLUMNS = ("student", "points", "max_points", "percent", "notes", "flags", "feedback")
FIXED_COLUMNS = ("isolation", "sha256")  # of the gradebook, too, but not to be renamed
_SECTIONS = (
    "title",
    "exercises",
    "variant",
    "allow",
    "process_for_each_test",
    "points_per_output",
    "charge_once",
    "points",
    "flags",
    "limits",
    "gradebook",
    "gradescope",
)


@dataclass(frozen=True)
class Test:
    """A test of the assignment, and its points."""

    __test__ = False  # else pytest collects it as a test

    id: str
    exercise: str
    function: str
    kind: str
    visibility: str
    max_points: float


@dataclass(frozen=True)
class Policy:
    """An assignment: its exercises, points, penalties and limits.

    Parameters
    ----------
    title : str
    exercises : tuple of Exercise
    tests : tuple of Test
        All tests in order, with their points.
    kept : mapping of str to float
        Share of its points that a test with this flag keeps; all, for flags not listed.
    limits : Limits
    columns : mapping of str to str
        Names of the columns of the gradebook.
    release : str
        When Gradescope shows hidden tests.
    process_for_each_test : bool
        True to run passing tests in separate processes too, which takes several times as long.
    points_per_output : bool
        True to give a failed test the share of its points that belongs to its right outputs.
    charge_once : bool
        True to give a test its points that fails only because of another task of the file.
    variant : str
        The text from which the variant of the exercises is drawn; empty for the ordinary ones.
    digest : str
        SHA-256 of all settings above.
    """

    title: str
    exercises: tuple[Exercise, ...]
    tests: tuple[Test, ...]
    kept: Mapping[str, float] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    columns: Mapping[str, str] = field(default_factory=dict)
    release: str = "hidden"
    process_for_each_test: bool = False
    points_per_output: bool = False
    charge_once: bool = False
    variant: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that can change a score."""
        files, kept = [e.file for e in self.exercises], sorted(self.kept.items())
        parts = (self.title, files, self.tests, kept, self.limits, self._switches, self.variant)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def _switches(self) -> tuple[bool, ...]:
        return self.process_for_each_test, self.points_per_output, self.charge_once

    @property
    def max_points(self) -> float:
        """Points of all tests together."""
        return round(sum(test.max_points for test in self.tests), 6)

    @cached_property
    def _worth(self) -> dict[str, float]:
        return {test.id: test.max_points for test in self.tests}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle exercises by name, since they contain functions."""
        others = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "exercises"}
        return _unpickled, ([exercise.name for exercise in self.exercises], others)

    def scored(self, result: TestResult) -> TestResult:
        """A result with the points of this assignment: its share of the test's points, less the penalties for flags."""
        worth = self._worth[result.id]
        share = result.points / result.max_points if result.max_points else float(result.status == "passed")
        costs = [flag for flag in result.flags if self.kept.get(flag, 1.0) < 1]
        for flag in costs:
            share *= self.kept[flag]
        detail = {**result.detail, "costs": costs} if costs else result.detail
        return replace(result, points=round(worth * share, 9), max_points=worth, detail=detail)


def _unpickled(names: list[str], others: dict[str, Any]) -> Policy:
    return Policy(exercises=chosen(names, others["variant"]), **others)


def read_policy(path: Path | None, names: Sequence[str] = ()) -> Policy:
    """Read the policy from a file; without one, all exercises with their own points.

    Parameters
    ----------
    path : pathlib.Path, optional
    names : sequence of str
        Exercises that replace those in the file.

    Raises
    ------
    ValueError
        If the file is not TOML, or contains an unknown name.
    """
    table, where = ({}, Place("the policy")) if path is None else _read(path)
    _known(table, _SECTIONS, where, "entry or section")
    variant = _variant(table, where)
    exercises = chosen(names, variant) if names else _chosen(table, variant, where)
    known = [f.name for f in fields(Limits) if f.name != "allow"]
    numbers = _numbers(table.get("limits", {}), known, where.within("limits"), Limits())
    limits = Limits(**numbers, allow=_modules(table, where))
    columns = _columns(table.get("gradebook", {}), exercises, where)
    return Policy(
        title=clean(_title(table, where)),
        exercises=exercises,
        tests=_weighted(all_tests(exercises), table.get("points", {}), where.within("points")),
        kept=_shares(table.get("flags", {}), where.within("flags")),
        limits=limits,
        columns=columns,
        release=_release(table.get("gradescope", {}), where.within("gradescope")),
        process_for_each_test=_switch(table, "process_for_each_test", where),
        points_per_output=_switch(table, "points_per_output", where),
        charge_once=_switch(table, "charge_once", where),
        variant=variant,
    )


def _columns(columns: Any, exercises: Sequence[Exercise], where: Place) -> dict[str, str]:
    """The other names of the gradebook's columns, each for one column only."""
    if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
        raise ValueError(
            f'{where.at("gradebook")}: [gradebook] has to give names in quotes, such as student = "Email address"'
        )
    names, within = (*COLUMNS, *(e.name for e in exercises)), where.within("gradebook")
    _known(columns, names, within, "column")
    shown = {name: clean(column) for name, column in columns.items()}
    for name, column in shown.items():
        taken = [other for other in (*names, *FIXED_COLUMNS) if other != name and shown.get(other, other) == column]
        if taken:
            raise ValueError(
                f"{within.at(name)}: {name!r} gets the name {column!r}, which the column {taken[0]!r} has; give another"
            )
    return shown


def all_tests(exercises: Sequence[Exercise]) -> tuple[Test, ...]:
    """The tests of exercises, in order, with their own points."""
    planned = [test for exercise in exercises for test in plan(exercise, "", b"")]
    return tuple(Test(p.id, p.exercise.name, p.task.name, p.kind, p.visibility, p.max_points) for p in planned)


def _read(path: Path) -> tuple[dict[str, Any], Place]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), Place(str(path), text)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file; give a policy in TOML, or none") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); give a policy in TOML, or none") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None


def _chosen(table: Mapping[str, Any], variant: str, where: Place) -> tuple[Exercise, ...]:
    names = _strings(table, "exercises", where)
    if not names and "exercises" in table:
        raise ValueError(
            f"{where.at('exercises')}: exercises is empty; name at least one exercise, or leave the entry out"
        )
    try:
        return chosen(names, variant)
    except ValueError as error:
        raise ValueError(f"{where.at('exercises')}: {error}") from None


def _release(table: Any, where: Place) -> str:
    release = table.get("hidden", "hidden") if isinstance(table, dict) else None
    if release not in RELEASES:
        raise ValueError(f"{where.at('hidden')} hidden = {release!r} is unknown; use one of {', '.join(RELEASES)}")
    _known(table, ("hidden",), where, "entry")
    return str(release)


def _weighted(tests: tuple[Test, ...], points: Any, where: Place) -> tuple[Test, ...]:
    """Tests with the points of the file: an entry's points are shared among its tests, except those with a more specific entry."""
    if not isinstance(points, dict):
        raise ValueError(f"{where.at()} has to be a section, [points], with a line for each exercise, function or test")
    names = [name for test in tests for name in _names(test)]
    _known(points, names, where, "exercise, function or test")
    _numbers(points, names, where)
    owners = [next((name for name in _names(test) if name in points), "") for test in tests]
    weighted = []
    for test, owner in zip(tests, owners, strict=True):
        if owner:
            whole = sum(other.max_points for other, its in zip(tests, owners, strict=True) if its == owner)
            test = replace(test, max_points=round(points[owner] * test.max_points / whole, 9))
        weighted.append(test)
    return tuple(weighted)


def _names(test: Test) -> tuple[str, str, str]:
    """The names that select a test, the most specific first."""
    return test.id, f"{test.exercise}/{test.function}", test.exercise


def _shares(flags: Any, where: Place) -> dict[str, float]:
    free = [name for name in (flags if isinstance(flags, dict) else ()) if name not in OF_TESTS and _is_flag(name)]
    if free:
        costs = ", ".join(OF_TESTS)
        raise ValueError(f"{where.at(free[0])}: the flag {free[0]!r} cannot cost points; only these can: {costs}")
    shares = _numbers(flags, OF_TESTS, where)
    for flag, share in shares.items():
        if share > 1:
            raise ValueError(
                f"{where.at(flag)} {flag!r} = {share:g} is more than 1; give the share of the points to keep"
            )
    return shares


def _is_flag(name: str) -> bool:
    """True for flags of any kind; some are followed by more words, such as a student's name."""
    return any(name == flag.name.strip() or (flag.name.endswith(" ") and name.startswith(flag.name)) for flag in FLAGS)


def _title(table: Mapping[str, Any], where: Place) -> str:
    title = table.get("title", "scratchae exercises")
    if not isinstance(title, str):
        raise ValueError(
            f'{where.at("title")}: title = {title!r} is not allowed; give a text in quotes, such as title = "Week 3"'
        )
    return title


def _variant(table: Mapping[str, Any], where: Place) -> str:
    text = table.get("variant")
    if text is None:
        return ""
    if not isinstance(text, str) or not text.strip() or not text.strip().isprintable():
        raise ValueError(
            f"{where.at('variant')}: variant = {text!r} is not allowed; give a text in quotes that nobody guesses"
        )
    return text


def _switch(table: Mapping[str, Any], key: str, where: Place) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{where.at(key)}: {key} = {value!r} is not allowed; give true or false")
    return value


def _modules(table: Mapping[str, Any], where: Place) -> tuple[str, ...]:
    """The modules that submissions may use besides NumPy."""
    names = _strings(table, "allow", where, "scipy")
    try:
        return modules(names)
    except ValueError as error:
        raise ValueError(f"{where.at('allow')}: allow: {error}") from None


def _strings(table: Mapping[str, Any], key: str, where: Place, *examples: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        such = ", ".join(f'"{name}"' for name in examples or ("dense", "activations"))
        raise ValueError(f"{where.at(key)}: {key} has to be a list of names, such as [{such}]")
    return value


def _numbers(table: Any, known: Collection[str], where: Place, like: Any = None) -> dict[str, Any]:
    """A section of non-negative numbers, each of the type of its default."""
    if not isinstance(table, dict):
        raise ValueError(f"{where.at()} has to be a section with a number in each line")
    _known(table, known, where, "entry")
    for name, value in table.items():
        if isinstance(value, dict):
            inner = f'"{name}/{next(iter(value))}"' if where.section == "points" and value else _key(name)
            raise ValueError(
                f"{where.at(name)}: {name!r} is a section or a dotted key; write one line below [{where.section}] "
                f"instead, such as {inner} = 1"
            )
        whole = isinstance(getattr(like, name, 0.0), int)
        allowed = isinstance(value, int) if whole else isinstance(value, (int, float))
        most = 1e15 if like is None or whole else MOST_SECONDS
        if not allowed or isinstance(value, bool) or not 0 <= value < most or (like is not None and value == 0):
            kind = (
                "a whole number above 0" if whole else "a number above 0" if like is not None else "a number from 0 on"
            )
            raise ValueError(f"{where.at(name)} {name!r} = {value!r} is not allowed; give {kind}")
    return dict(table)


def _known(table: Mapping[str, Any], known: Collection[str], where: Place, what: str) -> None:
    for name in table:
        if name not in known:
            section, dot, entry = name.partition(".")
            if dot and section in known and entry and not where.section:
                raise ValueError(
                    f"{where.at(name)} names {clean(name)!r}, which is one name within quotation marks; write [{clean(section)}], "
                    f"and the entry {clean(entry)} in a line below it"
                )
            raise ValueError(
                f"{where.at(name)} names {clean(name)!r}, but there is no such {what}{nearest(name, known)}"
            )


def _key(name: str) -> str:
    """A name as a key of TOML."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
