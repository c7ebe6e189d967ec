"""Find submissions with the same or nearly the same code, and those that equal the package's solution.

Only the functions of the exercises and their helpers are compared. What everybody has by nature proves nothing, and is left out: the starter
files, functions of a line or two, and parts that occur in more than a few submissions. All submissions are compared at once through an
index, in a time that grows with their number and size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import combinations, product
from typing import Any

from scratchae.errors import shortened
from scratchae.exercises import Exercise, FindTheBug
from scratchae.exercises.handout import solution, start
from scratchae.grading.inspection.flags import ALIKE, SAME, SHORT, SOLUTION
from scratchae.grading.inspection.prints import Function, Prints, prints
from scratchae.grading.submissions.intake import SourceFile, Submission

# Measured in tokens. A dense layer with its gradients, written as everybody does, has 32; the activations have 55 to 90.
LONG = 60  # so much equal code is no coincidence, if it is nearly all of a file
ONE_LINER = 12  # equal functions of this length prove nothing: there are few ways to write them
NEARLY = 0.7  # of the smaller file, if the comments are the same: the longest of six functions may have been changed
ALL_BUT = 0.9  # of the smaller file without that: people who work alone write up to 83 % alike
USUAL = 20  # of a function: so much may be equal by nature
BEYOND = 70  # equal functions of at least this length beyond what may be equal by nature are no coincidence
STRICT = 1.5  # times as many of these must equal the solution, which follows the derivation as many do
TRIVIAL = 8  # files shorter than this are not compared
WORDS = 40  # characters of the same comments, not from the starter file
SHARE, GRAMS = 0.6, 12  # of the fingerprints of a file that few others have, and how many, for "much like"
FEW = 3  # files that may have a fingerprint; more in a large class
MOST_IN_PAIRS = (
    40  # of a larger group of files that have something in common, each is compared with the first member only
)
MOST_ROWS, MOST_NAMES = 100, 3  # of the report, and of a flag
KINDS = (SOLUTION, SAME, ALIKE, SHORT)  # in this order in the report
THE_SOLUTION = -1


@dataclass(frozen=True)
class Copies:
    """The copies found in a class.

    Parameters
    ----------
    flags : mapping of int to tuple of str
        By the index of a submission.
    rows : tuple of dict
        For the report: "how", "students", "files", "functions", "share".
    """

    flags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class _Work:
    """The code of one submission in one file for its exercises, beyond what it was given; `owner` is its index."""

    owner: int
    file: str
    exercises: tuple[str, ...]
    functions: tuple[Function, ...]
    texts: frozenset[str]

    @cached_property
    def size(self) -> int:
        return sum(function.length for function in self.functions)

    @cached_property
    def digests(self) -> Counter[str]:
        """The same for files that differ in names, comments, layout and order only."""
        return Counter(function.digest for function in self.functions)

    @cached_property
    def grams(self) -> set[int]:
        return set[int]().union(*(function.grams for function in self.functions))


@dataclass(frozen=True)
class _Near:
    """Two files, one of which has nearly all of the other; `functions` of the second are in both."""

    first: _Work
    second: _Work
    functions: tuple[Function, ...]

    @property
    def equal(self) -> bool:
        return self.first.digests == self.second.digests

    @property
    def share(self) -> float:
        """The part of the smaller file that is in both, from 0 to 1."""
        return sum(function.length for function in self.functions) / max(min(self.first.size, self.second.size), 1)


@dataclass
class _Pair:
    """The code that two submissions have in common."""

    near: list[_Near] = field(default_factory=list)
    functions: list[tuple[_Work, _Work, Function]] = field(default_factory=list)
    grams: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


def copies_in(submissions: Sequence[Submission], exercises: Sequence[Exercise]) -> Copies:
    """Compare all submissions with each other and with the package's solution.

    Parameters
    ----------
    submissions : sequence of Submission
    exercises : sequence of Exercise
        Those to repair a mistake in are left out: everybody who has found it has the same code.
    """
    written = {e.name: e for e in exercises if not isinstance(e, FindTheBug)}
    works = [work for i, submission in enumerate(submissions) for work in _works(i, submission.files, written)]
    solved = {name: SourceFile(e.file, solution(e).encode()) for name, e in written.items()}
    works = [*_works(THE_SOLUTION, solved, written), *works]
    near = _near_pairs(works)
    usual = _usual(works, near, many := max(FEW, len(submissions) // 5))
    pairs = defaultdict[tuple[int, int], _Pair](_Pair)
    for (i, j), each in near.items():
        pairs[works[i].owner, works[j].owner].near.append(each)
    _pair_functions(works, near, many, pairs)
    _pair_grams(works, near, max(FEW, len(submissions) // 25), pairs)
    sizes: dict[int, int] = defaultdict(int)
    for work in works:
        sizes[work.owner] += work.size
    found = [each for pair in sorted(pairs) for each in _verdicts(pair, pairs[pair], sizes, usual)]
    names = [submission.student for submission in submissions]
    return Copies(_flags(found, names), tuple(_rows(found, names)))


def _works(owner: int, files: Mapping[str, SourceFile], written: Mapping[str, Exercise]) -> Iterator[_Work]:
    """The files of a submission: the functions of their exercises and those that these need, without what was given."""
    served: dict[SourceFile, list[str]] = defaultdict(list)
    for name, file in files.items():
        if name in written and file.source is not None:
            served[file].append(name)
    for file, names in served.items():
        given = [_given(written[name]) for name in names]
        asked = frozenset(task.name for name in names for task in written[name].tasks)
        own = prints(file.source or b"", asked)
        # A function that was given does not count either if somebody has edited it.
        known = frozenset(f.digest for each in given for f in each.functions)
        helpers = frozenset(f.name for each in given for f in each.functions) - asked
        functions = tuple(f for f in own.functions if f.digest not in known and f.name not in helpers)
        texts = own.texts - frozenset[str]().union(*(each.texts for each in given))
        work = _Work(owner, file.name, tuple(names), functions, texts)
        if work.size >= TRIVIAL:
            yield work


@cache
def _given(exercise: Exercise) -> Prints:
    """The functions and the texts of a starter file."""
    return prints(start(exercise).encode())


def _near_pairs(works: Sequence[_Work]) -> dict[tuple[int, int], _Near]:
    """Files of the same exercise of which one has nearly all functions of the other, by their places in `works`."""
    having: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, work in enumerate(works):
        for digest in work.digests:
            for exercise in work.exercises:
                having[exercise, digest].append(i)
    near = {}
    for i, j in sorted({pair for its in having.values() for pair in _paired(its)}):
        first, second = works[i], works[j]
        if first.owner != second.owner:
            left = first.digests & second.digests
            functions = []
            for function in second.functions:
                if left[function.digest] > 0:
                    left[function.digest] -= 1
                    functions.append(function)
            each = _Near(first, second, tuple(functions))
            if each.equal or (each.share >= NEARLY and len(functions) > 1):  # of a single function, more is asked
                near[i, j] = each
    return near


def _paired(group: Sequence[int]) -> Iterable[tuple[int, int]]:
    """All pairs of a small group; of a large one, the first member with each other one, so that the time is in proportion."""
    if len(group) <= MOST_IN_PAIRS:
        return combinations(group, 2)
    return ((group[i], other) for i in range(2) for other in group[i + 1 :])  # the first of them may be the solution


def _usual(works: Sequence[_Work], near: Iterable[tuple[int, int]], many: int) -> frozenset[str]:
    """The functions that many write by themselves. Files that are near to each other, as copies are, count once."""
    group = {i: members[0] for members in _connected(list(near)) for i in members}
    having: dict[str, set[int]] = defaultdict(set)
    for i, work in enumerate(works):
        for digest in work.digests:
            having[digest].add(group.get(i, i))
    return frozenset(digest for digest, its in having.items() if len(its) > many)


def _pair_functions(
    works: Sequence[_Work], near: Container[tuple[int, int]], many: int, pairs: Mapping[tuple[int, int], _Pair]
) -> None:
    """Note long functions that are equal, in files that are not; those of many submissions count beside the solution only."""
    having: dict[str, list[tuple[int, Function]]] = defaultdict(list)
    for i, work in enumerate(works):
        for function in work.functions:
            if function.length > USUAL:
                having[function.digest].append((i, function))
    for its in having.values():
        solved = sum(works[i].owner == THE_SOLUTION for i, _ in its)  # these come first
        others = combinations(its, 2) if not solved and len(its) <= min(many, MOST_IN_PAIRS) else ()
        for (i, function), (j, _) in [*product(its[:solved], its[solved:]), *others]:
            if works[i].owner != works[j].owner and (i, j) not in near:
                pairs[works[i].owner, works[j].owner].functions.append((works[i], works[j], function))


def _pair_grams(
    works: Sequence[_Work], near: Container[tuple[int, int]], few: int, pairs: Mapping[tuple[int, int], _Pair]
) -> None:
    """Count the fingerprints that two files share with few others, in shares of the smaller file."""
    common = set[int]().union(*(work.grams for work in works if work.owner == THE_SOLUTION))
    having: dict[int, list[int]] = defaultdict(list)
    for i, work in enumerate(works):
        for gram in work.grams - common:
            having[gram].append(i)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for its in having.values():
        if len(its) <= min(few, MOST_IN_PAIRS):
            for pair in combinations(its, 2):
                shared[pair] += 1
    for (i, j), number in shared.items():
        a, b = works[i], works[j]
        smaller = min(len(a.grams - common), len(b.grams - common))
        if a.owner != b.owner and (i, j) not in near and number >= max(GRAMS, SHARE * smaller):
            pairs[a.owner, b.owner].grams[a.file, b.file] = round(100 * number / smaller)


@dataclass(frozen=True)
class _Verdict:
    """The finding on two submissions: the kind of flag, the files of both, and which functions, or how much.

    `equal` of `counts` functions are the same, where not all are; `share` is in per cent.
    """

    kind: str
    owners: tuple[int, int]
    files: tuple[tuple[str, ...], tuple[str, ...]]
    functions: tuple[str, ...] = ()
    share: int | None = None
    equal: int = 0
    counts: tuple[int, int] = (0, 0)


def _verdicts(
    owners: tuple[int, int], pair: _Pair, sizes: Mapping[int, int], usual: Container[str]
) -> Iterator[_Verdict]:
    same, times = (SOLUTION, STRICT) if owners[0] == THE_SOLUTION else (SAME, 1.0)
    told = _near_files(owners, pair.near, min(sizes[i] for i in owners if i != THE_SOLUTION), usual)
    if told:
        yield told
    functions = {function.digest: (a, b, function) for a, b, function in pair.functions}.values()
    if sum(function.length - USUAL for _, _, function in functions) >= times * BEYOND:
        files = _names([(a.file, b.file) for a, b, _ in functions])
        yield _Verdict(same, owners, files, tuple(function.name for _, _, function in functions))
    elif pair.grams:
        yield _Verdict(ALIKE, owners, _names(list(pair.grams)), share=max(pair.grams.values()))


def _near_files(owners: tuple[int, int], near: Sequence[_Near], whole: int, usual: Container[str]) -> _Verdict | None:
    """The verdict on files that are nearly the same: many short ones prove as much as a long one, if they are most of the `whole`."""
    same, enough = (SOLUTION, STRICT * LONG) if owners[0] == THE_SOLUTION else (SAME, LONG)
    words = sum(len(text) for each in near for text in each.first.texts & each.second.texts)
    if words < WORDS:
        near = [each for each in near if each.share >= ALL_BUT]
    lengths = [[f.length for f in each.functions if f.length > ONE_LINER and f.digest not in usual] for each in near]
    long = any(sum(its) >= enough for its in lengths)
    together = (
        len(near) > 1
        and sum(map(sum, lengths)) >= LONG
        and 2 * sum(f.length for each in near for f in each.functions) >= whole
    )
    kind = same
    if not (long or together or words >= WORDS):
        near = [each for each in near if each.equal]
        kind = SHORT
        if same == SOLUTION or not near:  # that a short file is right, and equals the solution, is no wonder
            return None
    equal = sum(len(each.functions) for each in near)
    counts = tuple(
        sum(len(work.functions) for work in its) for its in ([e.first for e in near], [e.second for e in near])
    )
    share = round(100 * equal / max(counts))
    files = _names([(each.first.file, each.second.file) for each in near])
    return _Verdict(
        kind, owners, files, share=share if share < 100 else None, equal=equal, counts=(counts[0], counts[1])
    )


def _names(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files of the first, and those of the second, in order."""
    return tuple(sorted({a for a, _ in pairs})), tuple(sorted({b for _, b in pairs}))


def _flags(found: Sequence[_Verdict], names: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The flags of each submission: for each kind one text, which names the other submission that has most in common."""
    others: dict[tuple[int, str], list[tuple[int, tuple[str, ...], str, int]]] = defaultdict(list)
    for verdict in found:
        for own, other in ((1, 0), (0, 1)):
            owner, count = verdict.owners[own], verdict.counts[own]
            part = shortened(verdict.functions, MOST_NAMES)
            if verdict.equal < count:
                part = f"{verdict.equal} of {count} functions"
            if owner != THE_SOLUTION:
                its = others[owner, verdict.kind]
                its.append((verdict.owners[other], verdict.files[other], part, verdict.equal))
    flags: dict[int, tuple[str, ...]] = {}
    for (owner, kind), its in others.items():
        other, files, part, _ = max(its, key=lambda each: each[3])  # the first of several
        count = len({each[0] for each in its}) - 1
        part = f": {part}" if part else ""
        more = f" (and {count} others')" if count > 1 else " (and another's)" if count else ""
        text = (
            f"{kind}{part}"
            if other == THE_SOLUTION
            else f"{kind}{names[other]}'s {shortened(files, MOST_NAMES)}{part}{more}"
        )
        flags[owner] = (*flags.get(owner, ()), text)
    return flags


def _rows(found: Sequence[_Verdict], names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows for the report; submissions that have the same files in common are in one row, with the smallest share."""
    edges: dict[Any, list[_Verdict]] = defaultdict(list)
    for verdict in found:
        for file in verdict.files[0]:
            edges[verdict.kind, file, verdict.functions, verdict.kind == ALIKE and verdict.share].append(verdict)
    groups: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    for (kind, file, functions, _), verdicts in edges.items():
        for members in _connected([verdict.owners for verdict in verdicts]):
            least = min(verdict.share or 100 for verdict in verdicts if verdict.owners[1] in members)
            groups[KINDS.index(kind), tuple(members), functions].append((file, least))
    rows = []
    for (kind, members, functions), its in sorted(groups.items())[:MOST_ROWS]:
        students = [names[i] for i in members if i != THE_SOLUTION]
        share = min(least for _, least in its)
        row = {"how": KINDS[kind].removesuffix("as ").strip(), "students": students}
        row |= {"files": sorted(file for file, _ in its), "functions": list(functions)}
        rows.append({**row, "share": share if share < 100 else None})
    return rows


def _connected(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The groups of numbers that pairs connect, sorted."""
    group: dict[int, int] = {}

    def first(of: int) -> int:
        while group.setdefault(of, of) != of:
            group[of] = group[group[of]]
            of = group[of]
        return of

    for a, b in pairs:
        a, b = sorted((first(a), first(b)))
        group[b] = a
    groups: dict[int, list[int]] = defaultdict(list)
    for member in sorted(group):
        groups[first(member)].append(member)
    return list(groups.values())
