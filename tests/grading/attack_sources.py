"""The attacks of the corpus as texts, with the parts that are too long to be written out."""

from __future__ import annotations

from pathlib import Path

ATTACKS = Path(__file__).parent / "attacks"


def formatted(depth: int) -> str:
    """A formatted text within a formatted text, and so on."""
    text = "1"
    for level in range(depth):
        quote = ('"', "'", '"""', "'''")[level % 4]
        text = f"f{quote}{{{text}}}{quote}"
    return text


LONG = {
    "@DEEP@": "(" * 100_000,
    "@WARNINGS@": "\n".join(f"w{n} = '\\d' is 1" for n in range(10_000)),
    "@DECORATORS@": "@same\n" * 10_000,
    "@BRANCHES@": "".join(f"    elif x is {n}:\n        pass\n" for n in range(3_000)),
    "@FORMATTED@": formatted(200),
    "@FUNCTIONS@": "\n".join(f"def dense_{n:05d}(x): return x" for n in range(20_000)),
    "@LONG@": "x" * (1 << 20),
}


def attack(name: str) -> str:
    """The text of an attack. Placeholders for targets, such as @FOLDER@, are left in it: see `Witness.fill`."""
    text = (ATTACKS / f"{name}.py.txt").read_text(encoding="utf-8")
    for mark, part in LONG.items():
        text = text.replace(mark, part)
    return text
