"""Plan the tests of a function: calls drawn from a secret, public ones for each student and hidden ones for the class, with the answers."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scratchae.exercises import ONE_ROW, SHAPES, SMALL, SMALL_ODD, Exercise, FindTheBug, Sizes, Task
from scratchae.exercises.exercise import Arguments, Inputs
from scratchae.grading.records import Call
from scratchae.grading.sandbox.child.wire import GRADIENTS
from scratchae.grading.testing.comparison import TOLERANCE

Array = NDArray[Any]
Visibility = Literal["public", "hidden"]

# Share of a task's points. If a kind does not exist for a task, its share goes to the values.
SHARES = {"values": 0.5, "one row": 0.1, "extremes": 0.2, "manners": 0.2}
ONE_ROWS = (ONE_ROW, Sizes(1, 7, 5, 2, 3, 11), Sizes(1, 3, 7, 5, 2, 5))
LARGE = Sizes(17, 29, 13, 8, 3, 5)  # enough entries that two masks do not agree by accident
SQUARE = Sizes(3, 3, 3, 3, 3, 3)
VALUES, AGAIN, EXTREME, PROBE = "values", "again", "extreme: ", "probe: "
MORE = PROBE + "more"  # as "values", to recognise a mistake
PROMISES = ("never overflows", "nothing overflows")  # in a docstring
OTHER = PROBE + "another "  # the first call with one argument exchanged, followed by its name


@dataclass(frozen=True)
class Planned:
    """One test: the calls, and the reference's answer to each.

    Parameters
    ----------
    exercise : Exercise
    task : Task
    kind : str
        "values", "one row", "extremes" or "manners".
    visibility : {"public", "hidden"}
    calls : tuple of Call
    expected : tuple of tuple of array
        For each call, one array for each output.
    roles : tuple of str
        Purpose of each call: "values", "again" (the first call repeated), "extreme: …", or "probe: …", which is not judged and
        helps to name a mistake.
    sizes : tuple of Sizes
        Sizes of each call's arrays.
    max_points : float
    """

    exercise: Exercise
    task: Task
    kind: str
    visibility: Visibility
    calls: tuple[Call, ...]
    expected: tuple[tuple[Array, ...], ...]
    roles: tuple[str, ...]
    sizes: tuple[Sizes, ...]
    max_points: float

    @property
    def judged(self) -> tuple[int, ...]:
        """Indices of the judged calls."""
        return tuple(i for i, role in enumerate(self.roles) if not role.startswith(PROBE))

    def without_probes(self) -> Planned:
        """The same test with the judged calls only."""
        most = len(self.judged)  # they come first
        cut = {name: getattr(self, name)[:most] for name in ("calls", "expected", "roles", "sizes")}
        return replace(self, **cut)

    @property
    def gradients(self) -> bool:
        """True if the function returns derivatives, by its name."""
        return self.task.name.endswith(GRADIENTS)

    @property
    def tolerance(self) -> float:
        """The largest error that passes."""
        return TOLERANCE

    @property
    def never_overflows(self) -> bool:
        """True if the task's text demands a form that does not overflow."""
        return any(words in (self.task.reference.__doc__ or "") for words in PROMISES)

    @property
    def id(self) -> str:
        """As `TestResult.id`."""
        return test_id(self.exercise, self.task, self.kind, self.visibility)


def test_id(exercise: Exercise, task: Task, kind: str, visibility: str) -> str:
    """Such as "dense/dense_backward/values/hidden"."""
    return f"{exercise.name}/{task.name}/{kind.replace(' ', '_')}/{visibility}"


test_id.__test__ = False  # type: ignore[attr-defined]  # pytest takes it for a test otherwise


def plan(
    exercise: Exercise,
    student: str,
    secret: bytes,
    *,
    assignment: str = "scratchae",
    hidden: bool = True,
    only: str = "",
    probes: bool = True,
) -> tuple[Planned, ...]:
    """All tests of an exercise for one student, in a fixed order.

    Parameters
    ----------
    exercise : Exercise
    student : str
        Each student gets different arguments in public tests. Those of hidden tests are the same for the class, so that they can decide
        the points of both.
    secret : bytes
        The seed of the arguments, which cannot be predicted without it.
    assignment : str
    hidden : bool
        True to include hidden tests: the same as the public ones, with different numbers.
    only : str
        Name of a function; tests of other functions are left out.
    probes : bool
        True to include the calls that help to recognise a mistake; the verdict does not need them.

    Returns
    -------
    tests : tuple of Planned
    """
    visibilities: tuple[Visibility, ...] = ("public", "hidden") if hidden else ("public",)
    tests = []
    for task in (task for task in exercise.tasks if only in ("", task.name)):
        kinds = kinds_in(exercise, task)
        spare = 1 - sum(SHARES[kind] for kind in kinds)
        for kind in kinds:
            share = SHARES[kind] + (spare if kind == "values" else 0)
            points = round(task.points * share / len(visibilities), 6)
            for visibility in visibilities:
                owner = [student] if visibility == "public" else []
                rng = generator(secret, assignment, *owner, test_id(exercise, task, kind, visibility))
                cases = _cases(task, kind, rng, rows="one row" in kinds)
                if not probes:
                    cases = takewhile(lambda case: not case[0].startswith(PROBE), cases)  # they come last
                roles, sizes, arguments = zip(*cases, strict=True)
                expected = tuple(_answer(task, given) for given in arguments)
                copies = task.copies and kind == "manners"
                calls = tuple(_call(task, *pair, copies) for pair in zip(arguments, expected, strict=True))
                tests.append(Planned(exercise, task, kind, visibility, calls, expected, roles, sizes, points))
    return tuple(tests)


def kinds_in(exercise: Exercise, task: Task) -> tuple[str, ...]:
    """As `kinds_of`; find-the-bug exercises have no test with one row, which the handed-out code might pass."""
    return tuple(kind for kind in kinds_of(task) if not (isinstance(exercise, FindTheBug) and kind == "one row"))


@cache
def kinds_of(task: Task) -> tuple[str, ...]:
    """The kinds of tests of a task: extremes if it defines them, one row if it has rows."""
    rng = np.random.default_rng(0)
    one, more = (_shapes(task.inputs(rng, sizes)) for sizes in (ONE_ROW, replace(ONE_ROW, N=2)))
    wanted = {"values": True, "one row": one != more, "extremes": bool(task.extremes), "manners": True}
    return tuple(kind for kind in SHARES if wanted[kind])


def generator(secret: bytes, *names: str) -> np.random.Generator:
    """The random generator of a test, seeded by HMAC-SHA256 of the names with the secret as the key."""
    digest = hmac.new(secret, json.dumps(names).encode(), hashlib.sha256).digest()
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest, "big")))


def _shapes(arguments: Arguments) -> list[tuple[int, ...]]:
    return [np.shape(value) for value in arguments.values()]


def _cases(task: Task, kind: str, rng: np.random.Generator, *, rows: bool) -> Iterator[tuple[str, Sizes, Arguments]]:
    """Role, sizes and arguments of each call. Probes come last, so that an error in them does not affect judged calls."""
    shapes = [SHAPES[i] for i in rng.permutation(len(SHAPES))]

    def draw(role: str, sizes: Sizes, inputs: Inputs = task.inputs) -> tuple[str, Sizes, Arguments]:
        return role, sizes, inputs(rng, sizes)

    if kind == "values":
        cases = [draw(VALUES, sizes) for sizes in shapes]
        yield from cases
        if rows:
            yield from (draw(PROBE + "one row", sizes) for sizes in (*ONE_ROWS, *ONE_ROWS))
        yield from (draw(PROBE + "square", SQUARE) for _ in range(2))
        for sizes in (SMALL, SMALL_ODD):
            yield PROBE + "small", sizes, _readable(task, task.inputs(rng, sizes))
        yield PROBE + AGAIN, *cases[0][1:]
        _, sizes, first = cases[0]
        others = [task.inputs(rng, sizes) for _ in range(2)]
        for name, value in first.items():  # a small change of a share, such as a noise level, may have no effect
            values = [other[name] for other in others]
            values += [value / 2, value / 4] if isinstance(value, float) else []
            yield from ((OTHER + name, sizes, {**first, name: each}) for each in values)
    elif kind == "one row":
        yield from (draw(VALUES, sizes) for sizes in ONE_ROWS)
    elif kind == "extremes":
        yield from (draw(VALUES, sizes) for sizes in shapes[:2])  # a constant answer must not earn points
        for name, inputs in task.extremes.items():
            yield from (draw(EXTREME + name, sizes, inputs) for sizes in shapes[:2])
        yield from (draw(f"{PROBE}small {EXTREME}{name}", SMALL, inputs) for name, inputs in task.extremes.items())
    else:
        first_call = draw(VALUES, shapes[0])
        yield from (first_call, draw(VALUES, shapes[1]))
        yield AGAIN, *first_call[1:]
    more = {"values": (LARGE,), "one row": shapes}.get(kind, shapes[2:3])
    yield from (draw(MORE, sizes) for sizes in more)


def _answer(task: Task, arguments: Arguments) -> tuple[Array, ...]:
    with np.errstate(all="ignore"):  # ignore warnings about underflow at the extremes
        return task.answer(arguments)


def _call(task: Task, arguments: Arguments, expected: tuple[Array, ...], copies: bool) -> Call:
    outputs = tuple(
        (name, a.shape, "int64" if a.dtype.kind == "i" else "float64")
        for name, a in zip(task.outputs, expected, strict=True)
    )
    return Call(task.name, arguments, outputs, copies)


def _readable(task: Task, arguments: Arguments) -> Arguments:
    """The same arguments rounded to two decimals, if the reference accepts them."""
    rounded = {n: np.round(v, 2) if isinstance(v, np.ndarray) else v for n, v in arguments.items()}
    return rounded if all(np.isfinite(a).all() for a in _answer(task, rounded)) else arguments
