"""The report on a run, in Markdown."""

from __future__ import annotations

import difflib
import math
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path

from mutants.by_rule import ByRule
from mutants.search import Outcome, line_of

FOUND = ("claim", "deep claim", "test")
PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "pytest")


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a proportion; with z = 1.96, of 95 %.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(194, 200)]
    [0.936, 0.986]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if trials == 0:
        return 0.0, 1.0
    p, n = successes / trials, trials
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def share(found: int, of: int) -> str:
    """A count with its share and interval."""
    low, high = wilson(found, of)
    return f"{found} of {of} = {found / of:.1%} (95 %: {low:.1%} to {high:.1%})" if of else "0 of 0"


def place(outcome: Outcome, package: Path) -> str:
    """File and line of the change."""
    mutant = outcome.mutant
    if isinstance(mutant, ByRule):
        return mutant.place
    return f"scratchae/{mutant.file}:{line_of(mutant, (package / mutant.file).read_text('utf-8'))}"


def report(
    outcomes: Sequence[Outcome], *, command: str, seed: int, seconds: float, package: Path, notes: Sequence[str]
) -> str:
    """The report.

    Parameters
    ----------
    outcomes : sequence of Outcome
    command : str
        Command line of the run.
    seed : int
    seconds : float
        Duration of the run.
    package : path
        The folder ``scratchae`` that was changed.
    notes : sequence of str
        Further remarks.
    """
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    parts = [
        "# Mutants and the checks that detect them",
        f"{date.today()}, seed {seed}, {seconds:.0f} s, Python {platform.python_version()}, {versions}; `{command}`.",
        *notes,
    ]
    for title, by_rule in (("Mutants of the table", False), ("Mutants by rule", True)):
        group = [o for o in outcomes if isinstance(o.mutant, ByRule) == by_rule]
        if group:
            parts += [f"## {title}", *_group(group, package, by_rule)]
    return "\n\n".join(parts) + "\n"


def _group(group: list[Outcome], package: Path, by_rule: bool) -> list[str]:
    counts = Counter(o.by for o in group)
    of = len(group) - counts["equivalent"]
    found = sum(counts[by] for by in FOUND)
    how = Counter(o.how for o in group if o.by in FOUND)
    parts = [
        f"Detected by claims: {share(counts['claim'], of)}; by claims and tests: {share(found, of)}.",
        _table(
            ["detected by", "mutants"],
            [["a claim", counts["claim"]], ["a slow claim", counts["deep claim"]], ["a test", counts["test"]],
             ["nothing", counts["nothing"]], ["nothing: equivalent, changes nothing", counts["equivalent"]]],
        ),
        "How: " + ", ".join(f"{name} {n}" for name, n in how.most_common()) + ".",
        _table(["package", "mutants", "by a claim", "by a test", "by nothing"], _rows(group, lambda o: o.mutant.file.split("/")[0])),
    ]  # fmt: skip
    if by_rule:
        rows = _rows(group, lambda o: getattr(o.mutant, "rule", ""))
        parts.append(_table(["rule", "mutants", "by a claim", "by a test", "by nothing"], rows))
    alive = [o for o in group if o.by == "nothing"]
    if alive:
        parts += ["### Surviving", "\n\n".join(_shown(o, package) for o in alive)]
    otherwise = [o for o in group if o.by in FOUND and not o.as_named]
    if otherwise:
        rows = [[o.mutant.name, o.mutant.claim or o.mutant.test, o.finder] for o in otherwise]
        parts += ["### Detected, but not by what they name", _table(["mutant", "names", "detected by"], rows)]
    rows = [[place(o, package), o.mutant.why, o.by, o.finder, _how(o), f"{o.seconds:.0f}"] for o in group]
    parts += ["### All", _table(["where", "change", "detected by", "which", "how", "s"], rows)]
    return parts


def _rows(group: list[Outcome], key: Callable[[Outcome], str]) -> list[list[object]]:
    counts = Counter((key(o), o.by) for o in group)
    names = sorted({name for name, _ in counts})
    return [
        [name, sum(n for (other, _), n in counts.items() if other == name), counts[name, "claim"] + counts[name, "deep claim"],
         counts[name, "test"], counts[name, "nothing"]]
        for name in names
    ]  # fmt: skip


def _how(outcome: Outcome) -> str:
    why = " ".join(outcome.why.split())
    return f"{outcome.how}: {why[:80]}" if why else outcome.how


def _shown(outcome: Outcome, package: Path) -> str:
    lines = [
        line
        for old, new in outcome.mutant.changes
        for line in list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
        if not line.startswith("@@")
    ]
    changes = "\n".join(lines)
    named = outcome.mutant.claim or outcome.mutant.test
    return f"{place(outcome, package)}: {outcome.mutant.why}{f' (names: {named})' if named else ''}\n\n```diff\n{changes}\n```"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])
