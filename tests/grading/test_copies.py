"""Copies are found whatever their names, comments, layout and order, and code that people write by themselves is no copy."""

from __future__ import annotations

import ast
import builtins
import random
import time
from collections.abc import Callable
from itertools import combinations

import pytest

from grading.corpus import ALTERNATIVES, MISTAKES
from grading.corpus.entry import text
from grading.plain_authors import ANN, BO
from grading.small_class import assignment, one
from scratchae.exercises import EXERCISES, Exercise
from scratchae.exercises.course import chosen
from scratchae.exercises.handout import solution, start
from scratchae.grading.inspection.copies import Copies, copies_in
from scratchae.grading.inspection.flags import ALIKE, SAME, SHORT, SOLUTION, by_weight
from scratchae.grading.inspection.prints import prints
from scratchae.grading.marking.store import results, row
from scratchae.grading.records import Isolation
from scratchae.grading.submissions.intake import SourceFile, Submission

COURSE = chosen(["dense", "activations", "losses", "autoencoder", "gaussian_kl"])
ORDINARY = [exercise for exercise in EXERCISES if exercise.number < 20]
BUGS = [exercise for exercise in EXERCISES if exercise.number >= 20]
Make = Callable[[Exercise], str]


def submission(name: str, make: Make, exercises: list[Exercise] | tuple[Exercise, ...] = COURSE) -> Submission:
    return Submission(name, {e.name: SourceFile(e.file, make(e).encode()) for e in exercises})


def found(*makes: Make, exercises: list[Exercise] | tuple[Exercise, ...] = COURSE) -> Copies:
    return copies_in([submission(f"s{i:02}", make, exercises) for i, make in enumerate(makes)], exercises)


def heavy(copies: Copies) -> set[int]:
    """Indices of the submissions that need a look."""
    return {i for i, flags in copies.flags.items() if by_weight(flags, (), Isolation.BUBBLEWRAP)[0]}


def seen(copies: Copies, kind: str) -> set[int]:
    return {i for i, flags in copies.flags.items() if any(flag.startswith(kind) for flag in flags)}


def assembled(number: int, *, stubs: bool = True) -> Make:
    """A right submission of its own: for each function, the right solution of this number, or nothing."""
    by_function: dict[str, list[str]] = {}
    for entry in ALTERNATIVES:
        by_function.setdefault(entry.function, []).append(text(entry))

    def make(exercise: Exercise) -> str:
        own = [by_function.get(task.name, [])[number : number + 1] for task in exercise.tasks]
        return "\n\n".join([start(exercise) if stubs else "import numpy as np", *(each for its in own for each in its)])

    return make


def disguised(source: str, seed: int) -> str:
    """The same code with other names, another order, other comments and layout, and no docstrings."""
    draw, tree = random.Random(seed), ast.parse(source)
    kept = {"np", "Array", *dir(builtins)}
    names = sorted(
        {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    )
    names = [
        name
        for name in names
        if name not in kept and not any(isinstance(n, ast.FunctionDef) and n.name == name for n in tree.body)
    ]
    new = {name: f"v{draw.randrange(10**6)}_{i}" for i, name in enumerate(names)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
            node.annotation = None
        elif isinstance(node, ast.keyword):
            node.arg = new.get(str(node.arg), node.arg)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node):
                node.body[0] = ast.Expr(ast.Constant(f"mine {draw.random()}"))
    head = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    draw.shuffle(functions)
    parts = [ast.unparse(ast.Module([node], [])) for node in [*head[1:], *functions]]
    return (
        "# my own work\n\n" + "\n\n\n".join(parts).replace("\n    return", f"\n    # note {seed}\n\n    return") + "\n"
    )


def test_untouched_and_different_files_are_no_copies() -> None:
    assert not found(start, start, start).flags
    assert not found(*(assembled(i) for i in range(6)), exercises=ORDINARY).flags
    assert not found(*(assembled(i, stubs=False) for i in range(6)), exercises=ORDINARY).flags
    assert not found(
        solution, *(assembled(i) for i in range(6)), exercises=BUGS
    ).flags  # what has been repaired is the same


def test_mistakes_of_different_people_are_no_copies_of_each_other() -> None:
    for function in ("gaussian_kl_trace_backward", "elbo", "variational_gradients"):
        its = [text(entry) for part in MISTAKES.values() for entry in part if entry.function == function and entry.code]
        exercise = [e for e in ORDINARY if function in {task.name for task in e.tasks}]
        students = [submission(f"s{i}", lambda e, t=its[i]: t, exercise) for i in range(len(its))]  # type: ignore[misc]
        copies = copies_in(students, exercise)
        different = {f.digest for each in its for f in prints(each.encode()).functions}
        assert len(different) < len(its) or not heavy(copies), function


def test_identical_files_are_all_flagged() -> None:
    copies = found(*[assembled(0)] * 24, assembled(1))
    assert heavy(copies) == seen(copies, SAME) == set(range(24))
    assert copies.flags[0] == (
        "same code as s01's 01_dense.py, 02_activations.py, 03_losses.py and 2 more (and 22 others')",
    )
    assert [(row["how"], len(row["students"]), len(row["files"])) for row in copies.rows] == [("same code", 24, 5)]


@pytest.mark.parametrize("seed", range(3))
def test_a_disguise_does_not_help(seed: int) -> None:
    own = assembled(0)
    long = chosen(["gaussian_kl", "softmax", "interpolation"])
    copies = found(own, lambda e: disguised(own(e), seed), assembled(1), exercises=long)
    assert heavy(copies) == {0, 1}, copies
    assert any(flag.startswith("same code as s01's ") for flag in copies.flags[0])


def test_a_changed_copy_is_much_like_the_first() -> None:
    own = assembled(0)
    changed: Make = lambda e: own(e).replace("axis=1", "axis=-1").replace("* 0.5", "/ 2").replace("0.5 *", "1 / 2 *")  # noqa: E731
    long = chosen(["gaussian_kl", "softmax", "interpolation", "variational"])
    copies = found(own, changed, assembled(1), assembled(2), exercises=long)
    assert heavy(copies) == {0, 1} and copies.flags[0] != ()


def test_the_packages_solution_is_known() -> None:
    copies = found(solution, assembled(0), assembled(1))
    assert seen(copies, SOLUTION) == heavy(copies) == {0}
    assert copies.rows[0]["how"] == "equals the package's solution" and copies.rows[0]["students"] == ["s00"]
    bare: Make = lambda e: ast.unparse(ast.parse(disguised(solution(e), 1)))  # noqa: E731
    assert seen(found(bare, assembled(0)), SOLUTION) == {0}
    dense = chosen(["dense"])
    assert seen(found(solution, exercises=dense), SOLUTION) == {0}  # by its comments and docstrings


def test_what_is_written_by_nature_as_in_the_solution_is_no_copy_of_it() -> None:
    """Right code of a usual length, without the solution's comments and docstrings."""
    bare: Make = lambda e: ast.unparse(ast.parse(disguised(solution(e), 1)))  # noqa: E731
    for name in ("dense", "activations", "reparameterize"):
        assert not heavy(found(bare, assembled(1), exercises=chosen([name]))), name


def with_own_code(source: str, i: int, lines: int = 6) -> str:
    """The source, and a function that nobody else has."""
    own = "".join(f"    v{k} = x[{k}] ** {100 * i + k} - {k} * i{k}\n" for k in range(lines))
    return f"{source}\n\ndef own_{i}(x):\n{own}    return v0\n"


def test_a_long_function_that_many_have_is_no_copy() -> None:
    """From the lecture, for example."""
    lecture = "def given(x):\n" + "".join(f"    x = (x + {k}) ** {k} / x[{k}]\n" for k in range(12)) + "    return x\n"
    for count, who in ((12, set()), (2, {0, 1})):
        calls = "def dense(x, W, b):\n    return given(own_{0}(x)) @ W + b - {0} * own_{0}(W)\n"
        its = [with_own_code((lecture if i < count else "") + calls.format(i), i) for i in range(12)]
        students = [submission(f"s{i:02}", lambda e, t=text: t, ORDINARY[:1]) for i, text in enumerate(its)]  # type: ignore[misc]
        assert heavy(copies_in(students, ORDINARY[:1])) == who


def test_a_changed_copy_within_a_larger_file_is_much_like_the_first() -> None:
    own = assembled(0)

    def changed(exercise: Exercise) -> str:  # in each function, and with as much code again
        return with_own_code(own(exercise).replace("\n    return", "\n    done = 1\n    return"), 7, 150)

    copies = found(own, changed, assembled(1), exercises=chosen(["gaussian_kl", "softmax", "interpolation"]))
    assert heavy(copies) == seen(copies, ALIKE) == {0, 1} and not seen(copies, SAME)


@pytest.mark.parametrize("half", [".5", "5e-1", "0.50", "5E-1", "00.5"])
def test_a_number_is_the_same_however_it_is_written(half: str) -> None:
    its = [prints(f"def f(x):\n    return {number} * x + 'a'\n".encode()) for number in ("0.5", half, "0.6")]
    assert its[0].functions == its[1].functions != its[2].functions


def test_one_long_function_of_another() -> None:
    path = solution(chosen(["interpolation"])[0]).replace(" * ", " + ")
    (long,) = (f for f in prints(path.encode()).functions if f.name == "spherical_path")
    head, _, rest = path.partition("def attribute_vector")

    def other(exercise: Exercise) -> str:
        return f"{head}def attribute_vector(a):\n    return a.mean(axis=0) - a.sum() * 3 + a.max() / a.min() ** 2\n"

    copies = found(lambda e: path, other, assembled(0), exercises=chosen(["interpolation"]))
    assert long.length > 100 and rest
    assert copies.flags[0] == ("same code as s01's 19_interpolation.py: 2 of 4 functions",)
    assert copies.flags[1] == ("same code as s00's 19_interpolation.py: 2 of 3 functions",)

    def otherwise(exercise: Exercise) -> str:
        text = assembled(0)(exercise).replace("def spherical_path", "def unused")
        return f"{text}\n\ndef spherical_path{path.split('def spherical_path')[1].partition('def ')[0]}"

    copies = found(lambda e: path, otherwise, exercises=chosen(["interpolation"]))
    assert copies.flags[1] == ("same code as s00's 19_interpolation.py: spherical_path",)


def test_what_many_write_by_themselves_is_a_remark() -> None:
    def usual(exercise: Exercise) -> str:
        backward = "def dense_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.sum(0)\n"
        return f"{start(exercise)}\n\ndef dense(x, W, b):\n    return x @ W + b\n\n{backward}"

    copies = found(*[usual] * 5, exercises=chosen(["dense"]))
    assert seen(copies, SHORT) == set(range(5)) and not heavy(copies)
    assert [row["how"] for row in copies.rows] == ["same short code"]
    remarked: Make = lambda e: usual(e) + "\n# I have found this by drawing the graph of the layer on paper.\n"  # noqa: E731
    assert heavy(found(remarked, remarked, usual, exercises=chosen(["dense"]))) == {0, 1}


def with_more_functions(source: str) -> str:
    """The code with functions that no exercise needs, before and after it."""
    other = "def {}(frame):\n    x = frame + 1\n    return frame, x.mean(axis=0) * frame.sum(), x\n"
    before, after = other.format("show"), [other.format(f"plot_{i}") for i in range(10)]
    return "\n\n".join(["import numpy as np", before, source, *after])


def with_one_changed(source: str) -> str:
    """The code, in which a function of middle size has a statement more."""
    tree = ast.parse(source)
    functions = sorted(
        (n for n in tree.body if isinstance(n, ast.FunctionDef)), key=lambda n: len(list(ast.walk(n))), reverse=True
    )
    functions[len(functions) // 2].body.append(ast.parse("unused = 1 + 2 * 3").body[0])
    return ast.unparse(tree)


DISGUISES: dict[str, Callable[[str], str]] = {
    "none": lambda s: s,
    "a function more": lambda s: s + "\n\ndef plot(frame):\n    return frame\n",
    "many functions more": with_more_functions,
    "times a half": lambda s: s.replace("/ 2", "* 0.5"),
    "blank lines": lambda s: s.replace("\n", "\n\n"),
    "no comments": lambda s: ast.unparse(ast.parse(s)),
    "numpy under another name": lambda s: s.replace("np.", "numeric.").replace("as np", "as numeric"),
    "names, order and docstrings": lambda s: disguised(s, 1),
    "names, and functions more": lambda s: with_more_functions(disguised(s, 2)),
    "cells": lambda s: "# In[1]:\n" + s.replace("\ndef ", "\n# In[7]:\ndef "),
}
LONG_ENOUGH = [
    exercise
    for exercise in ORDINARY
    if exercise.name not in ("dense", "losses", "corruption", "elbo", "reparameterize", "log_likelihood")
]
# Too short to be known as the solution without its comments and docstrings, if they are handed in alone.
BY_COMMENTS = ("activations", "autoencoder", "tied_weights", "denoising", "contraction", "importance")


@pytest.mark.parametrize("name", DISGUISES)
def test_each_disguise_of_each_exercise_is_found(name: str) -> None:
    disguise = DISGUISES[name]
    rewritten: Make = lambda e: disguised(solution(e), 9)  # noqa: E731
    for exercise in LONG_ENOUGH:
        if name.startswith("names") and exercise.name in BY_COMMENTS:
            continue
        copies = found(lambda e: disguise(solution(e)), assembled(1), exercises=[exercise])
        assert heavy(copies) == seen(copies, SOLUTION) == {0}, exercise.name
        copies = found(rewritten, lambda e: disguise(rewritten(e)), assembled(1), exercises=[exercise])
        assert seen(copies, SAME) == {0, 1}, exercise.name
    copies = found(lambda e: disguise(solution(e)), assembled(1), exercises=ORDINARY[:3])  # short ones, but three
    assert seen(copies, SOLUTION) == {0} and copies.flags[0] == (SOLUTION,)


def test_a_changed_function_leaves_the_others_equal() -> None:
    kl = chosen(["gaussian_kl"])
    changed: Make = lambda e: with_one_changed(solution(e))  # noqa: E731
    copies = found(changed, lambda e: assembled(1)(e), exercises=kl)
    assert copies.flags == {0: ("equals the package's solution: 5 of 6 functions",)}
    assert copies.rows[0]["share"] == 83 and copies.rows[0]["functions"] == []
    bare: Make = lambda e: with_one_changed(disguised(solution(e), 3))  # noqa: E731
    assert not heavy(found(bare, assembled(1), exercises=kl))  # so much may be equal by nature
    assert heavy(found(changed, assembled(1), exercises=chosen(["activations"]))) == {0}


def test_given_functions_that_were_edited_do_not_dilute() -> None:
    def edited(number: int) -> Make:
        def make(exercise: Exercise) -> str:
            tree = ast.parse(disguised(solution(exercise), 5))
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and node.name not in {task.name for task in exercise.tasks}:
                    node.body.insert(0, ast.parse(f"spare = [{number}, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]").body[0])
            return ast.unparse(tree)

        return make

    copies = found(edited(1), edited(2), assembled(1), exercises=chosen(["tied_weights"]))
    assert seen(copies, SAME) == {0, 1}


def plain(text: str) -> Make:
    """Make the files of an author from all of the author's functions."""
    functions = {part.partition("(")[0]: f"def {part}" for part in text.split("\ndef ")[1:]}
    return lambda e: "\n\n".join([start(e), *(functions[task.name] for task in e.tasks)])


def test_authors_who_write_what_most_people_write_are_no_copies() -> None:
    week = chosen(["dense", "activations", "losses", "autoencoder", "corruption", "softmax", "gaussian_kl"])
    for count in (1, 2, 3, 7):
        for exercises in combinations(week, count):
            assert not heavy(found(plain(ANN), plain(BO), exercises=exercises)), [e.name for e in exercises]
    copied: Make = lambda e: disguised(plain(ANN)(e), 1)  # noqa: E731
    assert heavy(found(plain(ANN), plain(BO), copied, exercises=week)) == {0, 2}


def test_what_many_write_alike_is_no_evidence() -> None:
    softmax = chosen(["softmax"])
    functions = [f"def {part}" for part in assembled(0, stubs=False)(softmax[0]).split("def ")[1:]]

    def student(number: int, *alike: int) -> Make:
        """Functions of other students at these places, and the student's own at the others."""
        own = [f"def {task.name}(a):\n    b = a - {number}\n    return a * b + {number}\n" for task in softmax[0].tasks]
        return lambda e: "\n\n".join(functions[i] if i in alike else own[i] for i in range(4))

    two = [student(0, 0, 1, 2), student(1, 0, 1, 2)]
    assert seen(found(*two, exercises=softmax), SAME) == {0, 1}
    assert not found(*two, *(student(i, i % 3) for i in range(2, 14)), exercises=softmax).flags


def test_copies_of_many_with_a_change_in_each_are_found() -> None:
    def student(number: int) -> Make:
        def make(exercise: Exercise) -> str:
            tree = ast.parse(solution(exercise))
            functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
            functions.sort(key=lambda n: len(list(ast.walk(n))))
            functions[number % 3].body.insert(0, ast.parse(f"unused = {number}").body[0])
            return ast.unparse(tree)

        return make

    copies = found(*(student(i) for i in range(60)), assembled(1), exercises=chosen(["gaussian_kl"]))
    assert heavy(copies) == set(range(60))


def test_cells_of_notebooks_count_as_files() -> None:
    cells: Make = lambda e: "# In[1]:\n" + assembled(0)(e).replace("\ndef ", "\n# In[7]:\ndef ")  # noqa: E731
    assert heavy(found(assembled(0), cells, exercises=chosen(["gaussian_kl"]))) == {0, 1}


def test_one_file_for_everything() -> None:
    exercises = chosen(["gaussian_kl", "softmax"])
    whole = SourceFile("mine.py", "\n\n".join(assembled(0)(e) for e in exercises).encode())
    students = [Submission(name, {e.name: whole for e in exercises}) for name in ("ada", "bob")]
    copies = copies_in(students, exercises)
    assert copies.flags[0] == ("same code as bob's mine.py",)


def test_a_late_submission_changes_flags_but_no_rows() -> None:
    students = [submission(name, assembled(0), chosen(["dense", "gaussian_kl"])) for name in ("ada", "bob")]
    rows = [row(one(student)) for student in students]
    before = results(rows[:1], assignment(), (), copies_in(students[:1], assignment().policy.exercises))
    after = results(rows, assignment(), (), copies_in(students, assignment().policy.exercises))
    assert not before["submissions"][0]["flags"] and not rows[0]["flags"]
    assert after["submissions"][0]["flags"] == ["same code as bob's 01_dense.py, 13_gaussian_kl.py"]
    assert {**after["submissions"][0], "flags": []} == {**before["submissions"][0], "flags": []}


@pytest.mark.slow
def test_a_large_class_takes_seconds() -> None:
    draw = random.Random(0)
    mistakes: dict[str, list[str]] = {}
    for part in MISTAKES.values():
        for entry in part:
            mistakes.setdefault(entry.function, []).append(text(entry))
    ten = ORDINARY[:10]

    def make(exercise: Exercise) -> str:
        own = [draw.choice(mistakes[task.name]) for task in exercise.tasks if task.name in mistakes]
        return "\n\n".join(
            [start(exercise), *own, f"def helper_{draw.random()}(x):\n    return {draw.random()}\n".replace("0.", "")]
        )

    taken = []
    for size in (20, 40, 80):
        students = [submission(f"s{i}", make, ten) for i in range(size)]
        prints.cache_clear()
        begin = time.process_time()
        copies_in(students, ten)
        taken.append(time.process_time() - begin)
    assert taken[2] < 10 * taken[0], taken  # 300 students with 10 files take 4 s


def test_many_equal_files_take_time_in_proportion_to_their_number() -> None:
    taken = []
    for size in (200, 200, 800):
        students = [submission(f"s{i}", assembled(0), chosen(["gaussian_kl"])) for i in range(1)] * size
        begin = time.process_time()
        copies = copies_in(students, chosen(["gaussian_kl"]))
        taken.append(time.process_time() - begin)
        assert heavy(copies) == set(range(size))
    assert taken[2] < 9 * max(taken[1], 0.02), taken  # four times as many: in all pairs it would be 16


def test_hostile_files_cost_no_more_than_their_size() -> None:
    junk = SourceFile(
        "01_dense.py", ("def dense(x):\n" + "".join(f"    v{i} = {i} * x + {i}\n" for i in range(9000))).encode()
    )
    students = [Submission(f"s{i}", {"dense": junk}) for i in range(60)]
    begin = time.process_time()
    copies = copies_in(students, chosen(["dense"]))
    assert time.process_time() - begin < 5 and seen(copies, SAME) == set(range(60))
    assert not seen(copies, ALIKE)
