"""Wrong solutions, each with the true names of its mistake, and right solutions, which must not be rejected.

The wrong ones were written in seven rounds, each by a different author. The first rules of `scratchae.grading.diagnosis` were written knowing
round 1, but not rounds 2 and 3. A third reader judged the diagnoses of round 2: 323 of 334 were true. Measured before any
miss was read, precision and recall on round 3 were 0.990 and 0.671. The misses of both rounds were read later, when rules were added; a new rule
that was literally true but not listed by the entry's author was added to the entry's `expects`. So all three rounds were known when rules were
written, and high scores on them are weak evidence.

Round 4 was unknown to all authors of rules. In the first measurement 210 of its 226 mistakes were named. Two readers, who did not know the rules,
judged all 210 diagnoses: 204 true, five true but misleading (0.971 if these count as wrong), one too strong (0.995 if the misleading ones count as
right). The wording of five of these six was corrected afterwards, and 15 names were added to `expects` because the readers found them true.
With its author's labels alone, precision was 0.924 and recall 0.858.

The author of round 5 saw neither rules nor other mistakes. One sixth of the entries combine two mistakes, and a quarter are deliberately unusual.
The author judged all diagnoses before anything was corrected. Of 207 mistakes 169 were named: 162 truly, five truly but misleading, two wrongly:
a precision of 0.988 (0.959 if misleading ones count as wrong) and a recall of 0.783. Six entries had all points. Three of them revealed gaps in the
tests (a maximum over the whole batch, twice, and missing copies) and are rejected now; the other three differ in values that no test should decide
(ties, and an overflow whose result is right) and are not in the corpus. Both wrong diagnoses and three of the misleading ones have been corrected;
`expects` contains the names that the author found true.

Later, typical mistakes got sentences of their own, written knowing all five rounds. Their author read what they say about each entry and added the
names of true sentences to `expects`. So these five rounds are now weak evidence.

The author of round 6 saw neither rules nor other mistakes, and describes each mistake in words (`truth`), so that a diagnosis can be judged without
its name. Half of the entries are from public questions and issues (`seen`), the others from the author's experience; 15 % combine two mistakes.
First measurement, before anything was corrected: of 310 mistakes 283 were named, with a precision of 0.972 if misleading sentences count as wrong
(0.996 if they count as right), and a recall of 0.887. A reader who had not read the rules judged every sentence against the code of its entry: 275
true, seven true but misleading, one wrong (a doubled term was named where two terms were doubled).
Two entries had all points: a product in single precision, and 1e-8 in the denominator of a softmax. Their errors are within the tolerance and flagged
as fewer digits, so they are no longer in the corpus but in a test. The sentences found wrong or misleading were corrected afterwards, and typical
mistakes were added for some that had no name; so from then on the figures of this round are weak evidence, too.
`expects` contains the rules whose sentences this reader found true, and after the corrections those of the corrected sentences.

The author of round 7 saw neither rules nor other mistakes, wrote the mistakes that are usual in courses, and then judged the sentences as a strict
teacher would. A tenth of the entries combine two mistakes: 22 of them are pairs of the round's own edits, drawn at random after the sentences about
the others had been read. First measurement: of 335 mistakes 316 were named; 311 sentences were true, four true but misleading, one wrong (two
differences were named as one missing factor): a precision of 0.984 (0.997 if misleading ones count as right), and a recall of 0.928. Nothing was
corrected afterwards. `expects` contains the rules of the true sentences; entries with a misleading or wrong one name other rules, or none.
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
    "round 6, author F": _gathered("round_6_author_f", "MISTAKES"),
    "round 7, author G": _gathered("round_7_author_g", "MISTAKES"),
}
ALTERNATIVES: tuple[Entry, ...] = _gathered("alternatives", "ALTERNATIVES")

__all__ = ["ALTERNATIVES", "MISTAKES", "Entry", "load"]
