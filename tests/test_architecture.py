"""The architecture of the package: imports go downwards only, functions fit on a screen, public names are documented, tests mirror
the package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "scratchae"
FILES = sorted(PACKAGE.rglob("*.py"))

# The packages that each package may import, besides itself. `errors`, `registry` (names only) and the version may be imported anywhere.
ALLOWED = {
    "errors": set(),
    "registry": set(),
    "files": set(),
    "kernels": set(),
    "ops": set(),
    "datasets": set(),
    "tables": {"datasets"},
    "console": set(),
    "backend": {"ops", "kernels"},
    "nets": {"backend"},
    "plots": {"files", "nets"},
    "training": {"backend", "files", "kernels", "nets"},
    "models": {"backend", "files", "kernels", "nets", "training"},
    "baselines": {"backend", "models", "nets"},
    "verify": {"backend", "baselines", "datasets", "files", "kernels", "models", "nets", "ops", "studies", "training"},
    "benchmarks": {"backend", "files", "kernels", "models", "nets", "plots", "training"},
    "studies": {"files", "models", "nets", "training"},
    "explore": {"files", "models", "nets"},
    "tracing": {"backend", "baselines", "files", "models", "nets", "ops", "training"},
    "exercises": {"ops"},
    "grading": {"exercises", "files", "ops"},
    "cli": {
        "backend",
        "baselines",
        "benchmarks",
        "console",
        "datasets",
        "exercises",
        "explore",
        "grading",
        "models",
        "nets",
        "plots",
        "studies",
        "tables",
        "tracing",
        "training",
        "verify",
    },
    "__main__": {"cli"},
}
LONGEST_FUNCTION = 60
PEERS = {"torch", "jax"}
PEERS_IN = {"benchmarks/jax_steps.py", "benchmarks/torch_steps.py", "models/torch_modules.py"}
# scikit-learn: its tags and its metadata requests, when it asks for them; the script that made the embedded digits; and the benchmark.
SKLEARN_IN = {
    "models/estimator.py",
    "models/classifier.py",
    "models/routing.py",
    "datasets/_make_digits.py",
    "benchmarks/sklearn_fits.py",
}


# Old names: `scratchae.models` gives what has moved to `scratchae.baselines`, when it is asked for.
OLD_NAMES = [("models/__init__.py", "scratchae.baselines")]


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules that a file imports anywhere; where it calls `import_module`, those in its strings, too."""
    by_string = any(isinstance(node, ast.Attribute) and node.attr == "import_module" for node in ast.walk(tree))
    for node in ast.walk(tree):
        if by_string and isinstance(node, ast.Constant) and re.fullmatch(r"scratchae(\.\w+)+", str(node.value)):
            yield str(node.value)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def test_no_import_runs_up() -> None:
    wrong = []
    for path in FILES:
        room = room_of(path)
        for name in imports(tree_of(path)) if room != "__init__" else ():
            parts = name.split(".")
            free = ("__version__", "errors", "registry", room)
            if parts[0] == "scratchae" and len(parts) > 1 and parts[1] not in (*free, *ALLOWED[room]):
                wrong.append((path.relative_to(PACKAGE).as_posix(), name))
    assert wrong == OLD_NAMES


def test_functions_fit_a_screen() -> None:
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                documentation = ast.get_docstring(node)
                body = node.end_lineno - node.lineno + 1 - (len(documentation.splitlines()) if documentation else 0)  # type: ignore[operator]
                assert body <= LONGEST_FUNCTION, f"{path.name}: {node.name} has {body} lines"


def test_what_is_public_is_documented() -> None:
    for path in FILES:
        tree = tree_of(path)
        assert ast.get_docstring(tree) or path.name == "__main__.py"
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), (path.name, node.name)


def test_docstrings_begin_with_a_verb_or_name_the_thing() -> None:
    riddles = ("What ", "How ", "Where ", "When ", "Why ", "Which ", "Whether ", "Whom ")
    root = PACKAGE.parent
    others = [path for room in ("tests", "tutorials", "docs", "reproductions") for path in (root / room).rglob("*.py")]
    for path in [*FILES, *(path for path in others if "example_class" not in path.parts)]:  # what students hand in
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                documentation = ast.get_docstring(node) or ""
                assert not documentation.startswith(riddles), f"{path.relative_to(root)}: {documentation[:80]}"


def test_peers_are_imported_by_the_benchmark_and_the_conversion_only() -> None:
    for path in FILES:
        place = str(path.relative_to(PACKAGE))
        tops = {name.split(".")[0] for name in imports(tree_of(path))}
        assert not tops & PEERS or place in PEERS_IN, place
        assert "sklearn" not in tops or place in SKLEARN_IN, place


@pytest.mark.parametrize("folder", ["tutorials", "reproductions"])
def test_scripts_need_nothing_of_the_commands(folder: str) -> None:
    for path in sorted((PACKAGE.parent / folder).glob("*.py")):
        names = imports(ast.parse(path.read_text(encoding="utf-8")))
        assert not [name for name in names if name.startswith("scratchae.cli")], path.name


def test_no_two_rooms_import_each_other() -> None:
    # ALLOWED must have no cycle: each package gets a level above all packages that it may import.
    floors: dict[str, int] = {}
    while len(floors) < len(ALLOWED):
        ready = [room for room, below in ALLOWED.items() if room not in floors and below <= set(floors)]
        assert ready, f"an import cycle among {set(ALLOWED) - set(floors)}"
        floors.update(dict.fromkeys(ready, len(floors)))


# The packages of the grader, and those that each may import, besides itself. `records` may be imported anywhere.
GRADING = PACKAGE / "grading"
GRADERS_FILES = sorted(GRADING.rglob("*.py"))
GRADERS_ROOMS = {
    "records": set(),
    "submissions": set(),
    "sandbox": set(),
    "testing": {"sandbox"},
    "inspection": {"submissions", "sandbox"},
    "diagnosis": {"testing"},
    "marking": {"submissions", "sandbox", "inspection", "testing", "diagnosis"},
    "reports": {"inspection", "marking", "diagnosis"},
    "gradescope": {"submissions", "sandbox", "inspection", "marking", "reports"},
}


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported_files(path: Path) -> set[Path]:
    """The files of the grader that a file imports anywhere, including the packages that contain them, which Python runs first."""
    modules = {module_of(other): other for other in GRADERS_FILES}
    here = module_of(path).split(".")
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = here[: len(here) - node.level + (path.name == "__init__.py")]
            names |= {".".join([*above, *filter(None, [node.module]), alias.name]) for alias in node.names}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= set(imports(ast.Module([node], [])))
    parts = [name.split(".") for name in names]
    around = {".".join(each[:end]) for each in parts for end in range(1, len(each) + 1)}
    own = {
        ".".join(here[:end]) for end in range(1, len(here))
    }  # packages that contain the file run before it in any case
    return {modules[name] for name in around & set(modules) - own}


@pytest.mark.parametrize("path", GRADERS_FILES, ids=lambda p: str(p.relative_to(GRADING)))
def test_no_import_runs_up_in_the_grader(path: Path) -> None:
    room = path.relative_to(GRADING).parts[0].removesuffix(".py")
    for other in imported_files(path):
        below = other.relative_to(GRADING).parts[0].removesuffix(".py")
        assert below in {room, "records"} or below in GRADERS_ROOMS[room], f"{path.name} imports {other.name}"


def test_no_files_of_the_grader_import_each_other() -> None:
    left = {path: imported_files(path) for path in GRADERS_FILES}
    while left:
        ready = {path for path, below in left.items() if not below & set(left)}
        assert ready, f"an import cycle among {sorted(str(path.relative_to(GRADING)) for path in left)}"
        left = {path: below for path, below in left.items() if path not in ready}


def test_no_two_rooms_of_the_grader_import_each_other() -> None:
    # Each package is listed after all that it may import.
    rooms = list(GRADERS_ROOMS)
    assert all(below <= set(rooms[:i]) for i, below in enumerate(GRADERS_ROOMS.values()))
    assert {path.relative_to(GRADING).parts[0].removesuffix(".py") for path in GRADERS_FILES} == {*rooms, "__init__"}


def test_no_two_files_of_the_grader_have_one_name() -> None:
    files = [path.name for path in GRADERS_FILES if path.name != "__init__.py"]
    assert sorted(files) == sorted(set(files))


# Classes.


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path.relative_to(PACKAGE).as_posix())
    assert not {name: where for name, where in places.items() if len(where) > 1}


# Files.


def files_imported(path: Path) -> set[Path]:
    """The files of the package that a file imports anywhere, including imports for type annotations only."""
    found = set()
    for name in imports(tree_of(path)):
        parts = name.split(".")
        for length in range(len(parts), 0, -1):  # a name in a module, or a module
            place = PACKAGE.parent.joinpath(*parts[:length])
            if place.with_suffix(".py").is_file():
                found.add(place.with_suffix(".py"))
                break
            if (place / "__init__.py").is_file() and length > 1:
                found.add(place / "__init__.py")
                break
    return found - {path}


def test_no_files_import_each_other_in_a_circle() -> None:
    left = {path: files_imported(path) for path in FILES}
    while left:
        ready = [path for path, below in left.items() if not below & set(left)]
        assert ready, f"an import cycle among {sorted(str(p.relative_to(PACKAGE)) for p in circle(left))}"
        for path in ready:
            del left[path]


def circle(left: dict[Path, set[Path]]) -> list[Path]:
    """One of the cycles: follow imports until a file is reached again."""
    path = [next(iter(left))]
    while True:
        following = next(other for other in sorted(left[path[-1]]) if other in left)
        if following in path:
            return path[path.index(following) :]
        path.append(following)


# Tests.

MIRRORED = (
    "baselines",
    "benchmarks",
    "cli",
    "console",
    "datasets",
    "models",
    "nets",
    "ops",
    "plots",
    "studies",
    "tables",
    "tracing",
    "training",
)
# Files without a test file of the same name: the file that tests them, and the reason.
TESTED_ELSEWHERE = {
    "cli/bench.py": ("benchmarks/test_command.py", "hands its arguments on to the benchmark's own command"),
    "cli/exercises.py": ("exercises/test_exercises_course.py", "commands on a course are tested with the course"),
    "cli/exercises_check.py": ("grading/test_command.py", "runs the file of a student in the sandbox of the grader"),
    "cli/exercises_list.py": ("exercises/test_exercises_course.py", "commands on a course are tested with the course"),
    "cli/exercises_new.py": ("exercises/test_exercises_course.py", "commands on a course are tested with the course"),
    "cli/exercises_solution.py": (
        "exercises/test_exercises_course.py",
        "commands on a course are tested with the course",
    ),
    "cli/explore.py": ("cli/test_explore_command.py", "the page itself is tested in tests/explore"),
    "cli/grade.py": ("grading/test_command.py", "needs the classes and the sandbox of the grader's tests"),
    "cli/main.py": ("cli/test_cli.py", "is what all commands have in common"),
    "cli/notebook.py": ("exercises/test_notebook.py", "runs in a notebook as it is handed out, in a kernel"),
    "cli/pictures_variational.py": ("cli/test_train_variational.py", "draws what `train --figures` writes"),
    "cli/tour.py": ("cli/test_cli.py", "the tour is one run of all its parts"),
    "cli/tour_classic.py": ("cli/test_cli.py", "the tour is one run of all its parts"),
    "cli/tour_variational.py": ("cli/test_cli.py", "the tour is one run of all its parts"),
    "datasets/_make_digits.py": ("datasets/test_digits.py", "makes the file that this one reads"),
}
# Test files that concern several files.
ACROSS = {
    "cli/test_cli.py",
    "cli/test_explore_command.py",
    "cli/test_train_variational.py",
    "models/test_global_state.py",
    "models/test_peak_memory.py",
    "models/test_saved_models.py",
    "models/test_scikit_learn.py",
    "models/test_scikit_learn_utilities.py",
    "models/test_stacked_ctrl_c.py",
    "plots/test_every_picture.py",
    "training/test_checkpoints.py",
    "training/test_ctrl_c.py",
    "training/test_determinism.py",
    "training/test_failed_writes.py",
    "training/test_interruptions.py",
    "training/test_options.py",
    "training/test_training.py",
    "training/test_training_ends.py",
}
TESTS = Path(__file__).parent


def mirrored() -> dict[str, str]:
    """The files of the mirrored packages, and their test files of the same name, both relative to their root folders."""
    files = [path for path in FILES if room_of(path) in MIRRORED and path.name != "__init__.py"]
    return {path.relative_to(PACKAGE).as_posix(): f"{room_of(path)}/test_{path.name}" for path in files}


def test_every_file_has_tests_of_its_name_or_a_reason() -> None:
    without = {file for file, test in mirrored().items() if not (TESTS / test).is_file()}
    assert without == set(TESTED_ELSEWHERE)
    assert all((TESTS / test).is_file() and reason for test, reason in TESTED_ELSEWHERE.values())


def test_every_test_file_is_named_after_a_file_or_goes_across_several() -> None:
    names = {path.relative_to(TESTS).as_posix() for room in MIRRORED for path in (TESTS / room).rglob("test_*.py")}
    assert names - set(mirrored().values()) == ACROSS
