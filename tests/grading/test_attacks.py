"""The attack corpus (see its README), at every available level. No attack scores, escapes, or leaves anything behind."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from grading.attack_sources import attack
from grading.sandboxes import LEVELS, need
from scratchae.grading.records import Answer, Call, Isolation, Limits
from scratchae.grading.sandbox.escapes.witness import Witness
from scratchae.grading.sandbox.isolation import sandbox_at
from scratchae.grading.sandbox.processes import processes_of
from scratchae.grading.sandbox.protocol import CUT

pytestmark = pytest.mark.sandbox

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py.txt"))
LIMITS = Limits(seconds=8.0, cpu_seconds=1, memory=384 << 20, processes=8, temporary=4 << 20)
RIGHT = b"def dense(x, W, b):\n    return x @ W + b\n"
WRONG = b"def dense(x, W, b):\n    return x @ W\n"


def calls() -> tuple[list[Call], list[np.ndarray]]:
    """Two calls of the same form, and the right answers."""
    rng = np.random.default_rng(0x5C7A7C4AE_6D61E)  # not an obvious seed
    questions = [
        {"x": rng.standard_normal((5, 7)), "W": rng.standard_normal((7, 3)), "b": rng.standard_normal(3)}
        for _ in range(2)
    ]
    right = [q["x"] @ q["W"] + q["b"] for q in questions]
    return [Call("dense", q, (("y", (5, 3), "float64"),)) for q in questions], right


def scores(answers: list[Answer], right: list[np.ndarray]) -> bool:
    """True if all numbers are present and close enough, as for every verdict."""
    return all(
        a.outcome == "returned" and not a.changed and np.abs(a.outputs[0] - r).max() <= 1e-6
        for a, r in zip(answers, right, strict=True)
    )


def expected(text: str, what: str) -> set[str]:
    """Outcomes from a line of an attack's head, such as "# held: time, crashed". Where a wrong answer is allowed, a wrong form is too."""
    lines = [line for line in text.splitlines() if line.startswith(f"# {what}:")]
    words = {word.strip() for line in lines for word in line.partition(":")[2].split(",")}
    return words | {"form"} if "returned" in words else words


SLOW = {"time", "clock"}  # on a busy machine, the clock may end any attack before it gets as far as its own end


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.name.removesuffix(".py.txt"))
def test_an_attack_is_held(path: Path, level: Isolation) -> None:
    need(level)
    text = attack(path.name.removesuffix(".py.txt"))
    questions, right = calls()
    with Witness() as witness:
        begin = time.monotonic()
        # What the interpreter refuses, it refuses at every level; behind that, the walls of the others have to hold by themselves.
        refuse = level is Isolation.LIMITS and "# refused: nothing" not in text
        with sandbox_at(level, witness.fill(text), LIMITS, refuse=refuse) as runner:
            answers = runner.run(questions)
        assert not scores(answers, right)
        assert {answer.outcome for answer in answers} <= expected(text, "held") | SLOW, answers
        assert expected(text, "tried") <= {name for answer in answers for name in answer.tried}
        assert not processes_of(runner.level.token, runner.level.user)
        assert not witness.touched()
        for answer in answers:
            shown = [answer.printed, *(fault.got for fault in answer.faults)]
            shown += [answer.error.type, answer.error.message] if answer.error else []
            assert all(witness.secret not in each and len(each) <= LIMITS.output + len(CUT) for each in shown)
            assert all(ch.isprintable() or ch in "\n\t" for each in shown for ch in each)
        assert time.monotonic() - begin < 30


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
def test_the_corpus_can_tell_right_from_wrong(level: Isolation) -> None:
    # Controls: without them, a sandbox in which nothing runs would block every attack.
    questions, right = calls()
    for source, verdict in ((RIGHT, True), (WRONG, False)):
        with sandbox_at(need(level), source, LIMITS) as runner:
            assert scores(runner.run(questions), right) is verdict


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("name", ["fork_bomb", "memory_bomb", "endless_loop", "output_flood", "kills_everything"])
def test_a_neighbour_does_not_notice(name: str, level: Isolation) -> None:
    questions, right = calls()
    path = Path(__file__).parent / "attacks" / f"{name}.py.txt"
    with sandbox_at(need(level), RIGHT) as neighbour, Witness() as witness:
        assert scores(neighbour.run(questions), right)
        before = processes_of(neighbour.level.token)
        with sandbox_at(level, witness.fill(path.read_text()), LIMITS) as runner:
            assert not scores(runner.run(questions), right)
            assert scores(neighbour.run(questions), right)
        assert set(before) & set(processes_of(neighbour.level.token))  # the same interpreter
