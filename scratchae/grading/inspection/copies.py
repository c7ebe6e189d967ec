"""Find submissions with the same or nearly the same code, and those that equal the package's solution.

What everybody has by nature proves nothing, and is left out: the starter files, functions of a line or two, and parts that occur in more
than a few submissions. All submissions are compared at once through an index, in a time that grows with their number and size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import Any

from scratchae.exercises import Exercise, FindTheBug
from scratchae.exercises.handout import solution, start
from scratchae.grading.inspection.flags import ALIKE, SAME, SHORT, SOLUTION
from scratchae.grading.inspection.prints import Function, prints
from scratchae.grading.submissions.intake import SourceFile, Submission

# Measured in tokens. A dense layer with its gradients, written as everybody does, has 24; the activations have 85.
LONG = 70  # equal files of at least this length are no coincidence
USUAL = 20  # of a function: so much may be equal by nature
BEYOND = 70  # equal functions of at least this length beyond what may be equal by nature are no coincidence
STRICT = 1.5  # times as much must equal the solution, which follows the derivation as many do
TRIVIAL = 8  # files shorter than this are not compared
WORDS = 40  # characters of the same comments, not from the starter file
SHARE, GRAMS = 0.6, 12  # of the fingerprints of a file that few others have, and how many, for "much like"
FEW = 3  # files that may have a fingerprint; more in a large class
MOST_IN_PAIRS = 40  # a larger group of equal files is compared with its first member only
MOST_ROWS, MOST_NAMES = 100, 3  # of the report, and of a flag
KINDS = (SOLUTION, SAME, ALIKE, SHORT)  # in this order in the report
THE_SOLUTION = -1


@dataclass(frozen=True)
class Copies:
    """What has been found in a class.

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
    """What one submission has written in one file, beyond what it was given; `owner` is its index."""

    owner: int
    file: str
    exercises: tuple[str, ...]
    functions: tuple[Function, ...]
    texts: frozenset[str]

    @property
    def size(self) -> int:
        return sum(function.length for function in self.functions)

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The same for files that differ in names, comments, layout and order only."""
        return self.exercises, tuple(sorted(function.digest for function in self.functions))

    @property
    def grams(self) -> set[int]:
        return set[int]().union(*(function.grams for function in self.functions))


@dataclass
class _Pair:
    """What two submissions have in common."""

    files: list[tuple[_Work, _Work]] = field(default_factory=list)
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
    solutions = list(_works(THE_SOLUTION, solved, written))
    pairs = defaultdict[tuple[int, int], _Pair](_Pair)
    _pair_files([*solutions, *works], pairs)
    _pair_functions(works, solutions, len(submissions), pairs)
    _pair_grams(works, solutions, len(submissions), pairs)
    sizes: dict[int, int] = defaultdict(int)
    for work in works:
        sizes[work.owner] += work.size
    found = [each for pair in sorted(pairs) for each in _verdicts(pair, pairs[pair], sizes)]
    names = [submission.student for submission in submissions]
    return Copies(_flags(found, names), tuple(_rows(found, names)))


def _works(owner: int, files: Mapping[str, SourceFile], written: Mapping[str, Exercise]) -> Iterator[_Work]:
    """The files of a submission, without the functions and texts of their starter files."""
    served: dict[SourceFile, list[str]] = defaultdict(list)
    for name, file in files.items():
        if name in written and file.source is not None:
            served[file].append(name)
    for file, names in served.items():
        given = [_given(written[name]) for name in names]
        own = prints(file.source or b"")
        known = frozenset[str]().union(*(digests for digests, _ in given))
        functions = tuple(f for f in own.functions if f.digest not in known)
        texts = own.texts - frozenset[str]().union(*(texts for _, texts in given))
        work = _Work(owner, file.name, tuple(names), functions, texts)
        if work.size >= TRIVIAL:
            yield work


@cache
def _given(exercise: Exercise) -> tuple[frozenset[str], frozenset[str]]:
    """The functions and the texts of a starter file."""
    its = prints(start(exercise).encode())
    return frozenset(function.digest for function in its.functions), its.texts


def _pair_files(works: Sequence[_Work], pairs: Mapping[tuple[int, int], _Pair]) -> None:
    groups: dict[Any, list[_Work]] = defaultdict(list)
    for work in works:
        groups[work.key].append(work)
    for group in groups.values():
        for a, b in combinations(group, 2) if len(group) <= MOST_IN_PAIRS else _star(group):
            if a.owner != b.owner:
                pairs[a.owner, b.owner].files.append((a, b))


def _star(group: Sequence[_Work]) -> Iterator[tuple[_Work, _Work]]:
    """The first member with each other one; after the solution, also the first submission."""
    centres = group[: 2 if group[0].owner == THE_SOLUTION else 1]
    for i, centre in enumerate(centres):
        yield from ((centre, other) for other in group[i + 1 :])


def _pair_functions(
    works: Sequence[_Work], solutions: Sequence[_Work], count: int, pairs: Mapping[tuple[int, int], _Pair]
) -> None:
    """Note long functions that are equal, in files that are not; those of many submissions count beside the solution only."""
    having: dict[str, list[tuple[_Work, Function]]] = defaultdict(list)
    for work in works:
        for function in work.functions:
            if function.length > USUAL:
                having[function.digest].append((work, function))
    for digest, its in having.items():
        for solved in solutions:
            if any(f.digest == digest for f in solved.functions):
                for work, function in its:
                    if solved.key != work.key:
                        pairs[THE_SOLUTION, work.owner].functions.append((solved, work, function))
        if len(its) <= max(FEW, count // 5) and not any(f.digest == digest for s in solutions for f in s.functions):
            for (a, function), (b, _) in combinations(its, 2):
                if a.owner != b.owner and a.key != b.key:
                    pairs[a.owner, b.owner].functions.append((a, b, function))


def _pair_grams(
    works: Sequence[_Work], solutions: Sequence[_Work], count: int, pairs: Mapping[tuple[int, int], _Pair]
) -> None:
    """Count the fingerprints that two files share with few others, in shares of the smaller file."""
    common = set[int]().union(*(work.grams for work in solutions))
    having: dict[int, list[int]] = defaultdict(list)
    for i, work in enumerate(works):
        for gram in work.grams - common:
            having[gram].append(i)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for its in having.values():
        if len(its) <= max(FEW, count // 25):
            for pair in combinations(its, 2):
                shared[pair] += 1
    for (i, j), number in shared.items():
        a, b = works[i], works[j]
        smaller = min(len(a.grams - common), len(b.grams - common))
        if a.owner != b.owner and a.key != b.key and number >= max(GRAMS, SHARE * smaller):
            pairs[a.owner, b.owner].grams[a.file, b.file] = round(100 * number / smaller)


@dataclass(frozen=True)
class _Verdict:
    """What is said of two submissions: the kind of flag, the files of both, and which functions, or per cent."""

    kind: str
    owners: tuple[int, int]
    files: tuple[tuple[str, ...], tuple[str, ...]]
    functions: tuple[str, ...] = ()
    share: int | None = None


def _verdicts(owners: tuple[int, int], pair: _Pair, sizes: Mapping[int, int]) -> Iterator[_Verdict]:
    same, times = (SOLUTION, STRICT) if owners[0] == THE_SOLUTION else (SAME, 1.0)
    if pair.files:
        equal = sum(b.size for _, b in pair.files)
        words = sum(len(text) for a, b in pair.files for text in a.texts & b.texts)
        most = min(sizes[owner] for owner in owners if owner != THE_SOLUTION)
        enough = times * LONG
        long = any(b.size >= enough for _, b in pair.files) or (equal >= enough and 2 * equal >= most)
        if long or words >= WORDS or same == SAME:  # that a short file is right, and equals the solution, is no wonder
            kind = same if long or words >= WORDS else SHORT
            yield _Verdict(kind, owners, _names([(a.file, b.file) for a, b in pair.files]))
    functions = {function.digest: (a, b, function) for a, b, function in pair.functions}.values()
    if sum(function.length - USUAL for _, _, function in functions) >= times * BEYOND:
        files = _names([(a.file, b.file) for a, b, _ in functions])
        yield _Verdict(same, owners, files, tuple(function.name for _, _, function in functions))
    elif pair.grams:
        yield _Verdict(ALIKE, owners, _names(list(pair.grams)), share=max(pair.grams.values()))


def _names(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files of the first, and those of the second, in order."""
    return tuple(sorted({a for a, _ in pairs})), tuple(sorted({b for _, b in pairs}))


def _flags(found: Sequence[_Verdict], names: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The flags of each submission: for each kind one text, which names the first other submission."""
    others: dict[tuple[int, str], list[tuple[int, tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    for verdict in found:
        first, second = verdict.owners
        others[second, verdict.kind].append((first, verdict.files[0], verdict.functions))
        if first != THE_SOLUTION:
            others[first, verdict.kind].append((second, verdict.files[1], verdict.functions))
    flags: dict[int, tuple[str, ...]] = {}
    for (owner, kind), its in others.items():
        other, files, functions = its[0]
        count = len({each[0] for each in its}) - 1
        part = f": {listed(functions)}" if functions else ""
        more = f" (and {count} others')" if count > 1 else " (and another's)" if count else ""
        text = f"{kind}{part}" if other == THE_SOLUTION else f"{kind}{names[other]}'s {listed(files)}{part}{more}"
        flags[owner] = (*flags.get(owner, ()), text)
    return flags


def _rows(found: Sequence[_Verdict], names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows for the report; submissions that have the same in common are in one row."""
    edges: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for verdict in found:
        for file in verdict.files[0]:
            edges[verdict.kind, file, verdict.functions, verdict.share].append(verdict.owners)
    groups: dict[Any, list[str]] = defaultdict(list)
    for (kind, file, functions, share), pairs in edges.items():
        for members in _connected(pairs):
            groups[KINDS.index(kind), tuple(members), functions, share or 0].append(file)
    rows = []
    for (kind, members, functions, share), files in sorted(groups.items())[:MOST_ROWS]:
        students = [names[i] for i in members if i != THE_SOLUTION]
        row = {"how": KINDS[kind].removesuffix("as ").strip(), "students": students, "files": sorted(files)}
        rows.append({**row, "functions": list(functions), "share": share or None})
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


def listed(words: Sequence[str]) -> str:
    """The first words, and how many more there are."""
    shown = ", ".join(words[:MOST_NAMES])
    return f"{shown} and {len(words) - MOST_NAMES} more" if len(words) > MOST_NAMES else shown
