"""Search for the claim or test that detects a mutant: first claims, the most likely first; then the tests that reach it."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mutants import reach
from mutants.mutant import Mutant
from mutants.workplace import Ended, Workplace

WORKER = Path(__file__).with_name("worker.py")
NOT_RUN = ("mutants", "oracles", "grading")  # the first test this search; the last runs ops in its sandbox
# Tests that compare the source with a copy of itself find every change, and say nothing of what it does.
COPIES = ("--deselect=tests/docs/test_derivations.py::test_code_in_the_pages_is_the_code",)
QUICK = ("tests", "-m", "quick", *(f"--ignore=tests/{room}" for room in NOT_RUN))
COMPILING = 300.0  # seconds that compiling may add to a claim or to a file of tests
PATIENCE = 60.0


class NotPassingError(Exception):
    """The unchanged copy does not pass, so a failure does not show that a mutant is detected."""


@dataclass(frozen=True)
class KnownClaim:
    """Knowledge of a claim from the unchanged copy."""

    name: str
    op: str
    level: str
    deep: bool
    seconds: float
    reached: list[str]


@dataclass(frozen=True)
class KnownTests:
    """Knowledge of a file of tests from the unchanged copy."""

    name: str
    passes: bool
    seconds: float
    functions: list[str]
    kernels: list[str]


@dataclass(frozen=True)
class Outcome:
    """The claim or test that detected a mutant, and how.

    Attributes
    ----------
    mutant : Mutant
    by : {"claim", "deep claim", "test", "nothing", "equivalent"}
    finder : str
        The name of the claim or test.
    how : {"failed", "raised", "crashed", "hangs", "cannot be imported", ""}
    why : str
        The error in short.
    as_named : bool
        True if it is the claim or test that the mutant names, or if it names none.
    seconds : float
    """

    mutant: Mutant
    by: str
    finder: str = ""
    how: str = ""
    why: str = ""
    as_named: bool = True
    seconds: float = 0.0


@dataclass
class Search:
    """Search for the checks that detect mutants, in a workplace.

    Parameters
    ----------
    place : Workplace
    all_claims : bool
        Run all claims even if the mutant names the claim or test that must detect it.
    claims_only : bool
        Run only those tests that mutants name.
    named_only : bool
        Run only the claim or test that a mutant names.
    jobs : int
        Number of test files run in parallel on the unchanged copy.
    memory : path, optional
        A file that keeps what was found out about the unchanged copy. It is used again as long as no source and no test has changed.
    """

    place: Workplace
    all_claims: bool = False
    claims_only: bool = False
    named_only: bool = False
    jobs: int = 1
    memory: Path | None = None
    _claims: dict[str, KnownClaim] = field(default_factory=dict)
    _tests: dict[str, KnownTests] = field(default_factory=dict)
    _all_known: bool = False
    _quick: float | None = None  # seconds of the quick tests; 0 if they do not pass
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        files = sorted([*self.place.unchanged.glob("scratchae/**/*.py"), *self.place.unchanged.glob("tests/**/*.py")])
        self._digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
        if self.memory is not None and self.memory.exists():
            with suppress(ValueError):  # damaged: it is made anew
                self._recall(json.loads(self.memory.read_text()))

    def _recall(self, known: dict) -> None:
        if known["digest"] == self._digest:
            self._claims = {c["name"]: KnownClaim(**c) for c in known["claims"]}
            self._tests = {t["name"]: KnownTests(**t) for t in known["tests"]}
            self._all_known = known["all"]

    def _remember(self) -> None:
        if self.memory is not None:
            claims, tests = (list(map(asdict, d.values())) for d in (self._claims, self._tests))
            content = {"digest": self._digest, "all": self._all_known, "claims": claims, "tests": tests}
            new = self.memory.with_name(f"{self.memory.name}.{os.getpid()}")
            new.write_text(json.dumps(content))
            new.replace(self.memory)

    # The unchanged copy

    def look_at_claims(self, names: list[str] | None) -> None:
        """Run claims on the unchanged copy; all for None.

        Raises
        ------
        NotPassingError
            If one does not hold.
        """
        with self._lock:
            if self._all_known or (names is not None and set(names) <= set(self._claims)):
                return
            lines, ended = self._run_claims(self.place.unchanged, names, trace=True, seconds=2 * COMPILING)
            failed = [line for line in lines if "failed" in line]
            if failed or not lines or "end" not in lines[-1]:
                reason = "; ".join(f"{line['failed']!r}: {line['why']}" for line in failed) or _last_line(ended.output)
                raise NotPassingError(f"claims on the unchanged copy: {reason}")
            for line in lines:
                if "holds" in line:
                    about = {key: line[key] for key in ("op", "level", "deep", "seconds", "reached")}
                    self._claims[line["holds"]] = KnownClaim(line["holds"], **about)
            self._all_known = names is None
            self._remember()

    def look_at_quick_tests(self) -> None:
        """Run one case of every test on the unchanged copy: if they pass, they are tried first."""
        if self._quick is None:
            begun = time.time()
            with self.place.copy() as tree:
                ended = self._run_tests(tree, *QUICK, seconds=6 * COMPILING)
            self._quick = (time.time() - begun) * (ended.status == 0)

    def look_at_tests(self, names: Sequence[str] | None = None) -> None:
        """Run files of tests on the unchanged copy, and see which functions each reaches; all for None."""
        if names is None:
            folder = self.place.unchanged / "tests"
            paths = (path.relative_to(folder) for path in sorted(folder.glob("**/test_*.py")))
            names = [path.as_posix() for path in paths if path.parts[0] not in NOT_RUN]
        new = [name for name in names if name not in self._tests]
        with ThreadPoolExecutor(self.jobs) as pool:
            for test in pool.map(self._look_at_test, new):
                self._tests[test.name] = test
                self._remember()

    def _look_at_test(self, name: str) -> KnownTests:
        told = self.place.new_folder("reach")
        told.mkdir()
        (told / "sitecustomize.py").write_text(reach.SITE)
        also = {"PYTHONPATH": str(told), reach.VARIABLE: str(told)}
        with self.place.copy() as tree:
            begun = time.time()
            ended = self._run_tests(tree, f"tests/{name}", seconds=6 * COMPILING, also=also)
            return KnownTests(name, ended.status in (0, 5), time.time() - begun, **reach.told(told))

    def not_passing(self) -> list[str]:
        """Files of tests that fail on the unchanged copy, and are not used."""
        return [test.name for test in self._tests.values() if not test.passes]

    # A mutant

    def outcome(self, mutant: Mutant) -> Outcome:
        """Find the claim or test that detects a mutant."""
        begun = time.time()
        with self.place.copy() as tree:
            path = tree / "scratchae" / mutant.file
            path.write_text(mutant.applied(path.read_text("utf-8")), "utf-8")
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink()
            found = self._steps(mutant, tree)
        return Outcome(**{**vars(found), "seconds": time.time() - begun})

    def _steps(self, mutant: Mutant, tree: Path) -> Outcome:
        named = bool(mutant.claim or mutant.test)
        if mutant.claim and not self.all_claims and (found := self._by_claims(mutant, tree, [mutant.claim])):
            return found
        if mutant.test and not self.all_claims and (found := self._by_test(mutant, tree, mutant.test)):
            return found
        if self.named_only:
            return Outcome(mutant, "nothing")
        self.look_at_claims(None)
        if found := self._by_claims(mutant, tree, self.order(mutant)):
            return Outcome(**{**vars(found), "as_named": not named or found.finder == mutant.claim})
        if self.all_claims and mutant.test and (found := self._by_test(mutant, tree, mutant.test)):
            return found
        if not self.claims_only:
            with self._lock:
                self.look_at_quick_tests()
            if self._quick and (found := self._by_test(mutant, tree, *QUICK)):
                return Outcome(**{**vars(found), "as_named": not named})
            with self._lock:
                self.look_at_tests()
            for test in self.tests_that_reach(mutant):
                if found := self._by_test(mutant, tree, test):
                    return Outcome(**{**vars(found), "as_named": not named})
        return Outcome(mutant, "nothing")

    def order(self, mutant: Mutant) -> list[str]:
        """The claims, most likely first: the one that is named, those about what the file defines, those that reach the function; quick ones
        first, those that take long last."""
        text = (self.place.unchanged / "scratchae" / mutant.file).read_text("utf-8")
        defined, function = _defined(mutant.file, text), _place(mutant, text)
        kernel = mutant.file.startswith("kernels/")

        def late(claim: KnownClaim) -> tuple[bool | float, ...]:
            about = bool(defined & set(re.findall(r"\w+", f"{claim.op} {claim.name}")))
            reaches = function in claim.reached or (kernel and claim.level == "twin")
            return claim.name != mutant.claim, claim.deep, not about, not reaches, claim.seconds

        return [claim.name for claim in sorted(self._claims.values(), key=late)]

    def tests_that_reach(self, mutant: Mutant) -> list[str]:
        """Examples in the changed file, then the files of tests that reach the changed function, quick ones first."""
        if not mutant.file.endswith(".py"):
            return [f"tests/{test.name}" for test in self._tests.values() if test.passes]
        text = (self.place.unchanged / "scratchae" / mutant.file).read_text("utf-8")
        function, kernel = _place(mutant, text), mutant.file.startswith("kernels/")
        users = _users(self.place.unchanged / "scratchae" / "kernels", mutant.file) if kernel else set()
        reaching = []
        for test in self._tests.values():
            called = {name.partition(":")[0] for name in test.kernels}
            if test.passes and (function in test.functions or called & users):
                reaching.append((function not in test.kernels, test.seconds, f"tests/{test.name}"))
        examples = [f"scratchae/{mutant.file}"] if ">>>" in text else []
        return examples + [name for *_, name in sorted(reaching)]

    # Processes

    def _run_claims(
        self, tree: Path, names: list[str] | None, *, trace: bool, seconds: float
    ) -> tuple[list[dict], Ended]:
        progress = self.place.new_folder("progress")
        order = json.dumps({"names": names, "trace": trace})
        ended = self.place.run([str(WORKER), str(progress)], tree, seconds=seconds, text=order, progress=progress)
        lines = [json.loads(line) for line in progress.read_text().splitlines()] if progress.exists() else []
        return lines, ended

    def _by_claims(self, mutant: Mutant, tree: Path, names: list[str]) -> Outcome | None:
        slowest = max((self._claims[name].seconds for name in names if name in self._claims), default=0.0)
        seconds = PATIENCE + 10 * slowest + COMPILING * mutant.file.startswith("kernels/")
        lines, ended = self._run_claims(tree, names, trace=False, seconds=seconds)
        if ended.status == 0:
            return None
        last = lines[-1] if lines else {}
        name = last.get("failed") or last.get("begins") or ""
        if last.get("unknown"):
            raise NotPassingError(f"{mutant.name}: there is no claim {name!r}")
        deep = name in self._claims and self._claims[name].deep
        if "failed" in last:
            how, why = "raised" if last["raised"] else "failed", last["why"]
        elif name:
            how, why = ("hangs" if ended.hung else "crashed"), ended.crash or _last_line(ended.output)
        else:
            how, why = ("hangs" if ended.hung else "cannot be imported"), ended.crash or _last_line(ended.output)
        return Outcome(mutant, "deep claim" if deep else "claim", name or "(import)", how, why)

    def _run_tests(self, tree: Path, *test: str, seconds: float, also: dict[str, str] | None = None) -> Ended:
        quiet = ["-q", "-x", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
        return self.place.run(["-m", "pytest", *quiet, *COPIES, *test], tree, seconds=seconds, also=also)

    def _by_test(self, mutant: Mutant, tree: Path, *tests: str) -> Outcome | None:
        test = tests[0]
        known = self._tests.get(test.partition("::")[0].removeprefix("tests/"))
        usual = known.seconds if known else self._quick if tests == QUICK and self._quick else PATIENCE / 5
        seconds = COMPILING + 10 * usual
        ended = self._run_tests(tree, *tests, seconds=seconds)
        if ended.status in (0, 5) and not ended.hung:
            return None  # passed, or nothing to run
        failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - (.*))?$", ended.output, re.MULTILINE)
        if ended.status == 4 and not failed:
            raise NotPassingError(f"{mutant.name}: {test} cannot be run: {_last_line(ended.output)}")
        how = "hangs" if ended.hung else "crashed" if ended.crash else "failed"
        if failed and "::" not in failed[1]:
            how = "cannot be imported"
        why = ended.crash or ((failed[2] or "") if failed else _last_line(ended.output))
        return Outcome(mutant, "test", failed[1] if failed else test, how, why)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _defined(file: str, text: str) -> set[str]:
    """Functions and classes that a file defines."""
    tree = ast.parse(text) if file.endswith(".py") else ast.parse("")
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def line_of(mutant: Mutant, text: str) -> int:
    """The line in which the change begins."""
    changed = mutant.applied(text).splitlines()
    pairs = zip(text.splitlines(), changed, strict=False)
    return next((n for n, (before, after) in enumerate(pairs, 1) if before != after), len(changed))


def _place(mutant: Mutant, text: str) -> str:
    """The function in which the change is, as `reach` names it."""
    if not mutant.file.endswith(".py"):
        return mutant.file
    line, name = line_of(mutant, text), "<module>"
    for node in ast.walk(ast.parse(text)):  # outer ones come first
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            name = node.name
    return f"{mutant.file}:{name}"


def _users(folder: Path, file: str) -> set[str]:
    """The files of kernels that import a file of kernels, directly or through others, and itself."""
    texts = {f"kernels/{path.name}": path.read_text("utf-8") for path in folder.glob("*.py")}
    users, grown = {file}, True
    while grown:
        names = "|".join(Path(user).stem for user in users)
        imports = re.compile(rf"^from scratchae\.kernels(\.({names}) import| import .*\b({names})\b)", re.MULTILINE)
        more = {name for name, text in texts.items() if imports.search(text) and name != "kernels/__init__.py"}
        grown = not more <= users
        users |= more
    return users
