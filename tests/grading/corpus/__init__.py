"""Wrong solutions that must be rejected, each with the names under which its mistake may be told, and right ones that must not be.

The wrong ones came in five rounds, each by an author of its own. The rules of `scratchae.grading.diagnosis` were first written knowing round 1
and nothing of rounds 2 and 3. A third reader decided whether what they said of round 2 was true: 323 of 334 statements were. Measured before any
miss was read, precision and recall were 0.990 and 0.671 on round 3. The misses of both rounds were read later, when rules were added; where a new
rule says what is literally so and the entry's author had not listed it, it was added to what the entry expects. So rules were written knowing all
three, and high numbers on them say little.

Round 4 nobody who wrote a rule had seen. At the first measurement 210 of its 226 mistakes were named. Two readers, who knew nothing of the rules,
judged all 210 statements: 204 true, five true but misleading (0.971 for those who count these as wrong), one too strong (0.995 for those who do
not). The words of five of these six were mended afterwards, and 15 names were added to what entries expect because the readers found them true.
As labelled by its author alone, precision was 0.924 and recall 0.858.

The author of round 5 saw neither rules nor other mistakes, made a sixth of them of two mistakes at once and a quarter odd on purpose, and judged
all that was said of them before anything was mended. Of 207 mistakes 169 were named: 162 truly, five truly but misleading, two wrongly. That is a
precision of 0.988 (0.959 for those who count misleading as wrong) and a recall of 0.783. Six had all points: three found holes in the tests (a
maximum over the whole batch, twice, and copies that were none) and are rejected now; the other three differ in values that no test should decide
(ties, and an overflow whose result is right) and are not in the corpus. Both wrong statements and three of the misleading ones are mended since;
what an entry expects is what its author found true.
"""

from __future__ import annotations

import importlib
import pkgutil

from grading.corpus.entry import Entry, load


def _gathered(folder: str, table: str) -> tuple[Entry, ...]:
    package = importlib.import_module(f"{__name__}.{folder}")
    modules = [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    return tuple(entry for module in modules for entry in getattr(module, table))


MISTAKES: dict[str, tuple[Entry, ...]] = {
    "round 1, author A": _gathered("round_1_author_a", "MISTAKES"),
    "round 2, author B": _gathered("round_2_author_b", "MISTAKES"),
    "round 3, author C": _gathered("round_3_author_c", "MISTAKES"),
    "round 4, author D": _gathered("round_4_author_d", "MISTAKES"),
    "round 5, author E": _gathered("round_5_author_e", "MISTAKES"),
}
ALTERNATIVES: tuple[Entry, ...] = _gathered("alternatives", "ALTERNATIVES")

__all__ = ["ALTERNATIVES", "MISTAKES", "Entry", "load"]
