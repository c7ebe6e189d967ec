"""The house keeps its shape: no import runs up, functions fit a screen, what is public is documented."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "scratchae"
FILES = sorted(PACKAGE.rglob("*.py"))

# What each room may import besides itself. `errors` and the package's own version are open to all.
ALLOWED = {
    "errors": set(),
    "files": set(),
    "kernels": set(),
    "ops": set(),
    "datasets": set(),
    "console": set(),
    "backend": {"ops", "kernels"},
    "nets": {"backend"},
    "plots": {"nets"},
    "training": {"backend", "files", "kernels", "nets"},
    "baselines": {"backend", "nets"},
    "models": {"backend", "baselines", "files", "kernels", "nets", "training"},
    "verify": {"backend", "baselines", "datasets", "files", "kernels", "models", "nets", "ops", "studies", "training"},
    "benchmarks": {"backend", "kernels", "models", "nets"},
    "studies": {"files", "models", "nets", "training"},
    "explore": {"files", "models", "nets"},
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
        "training",
        "verify",
    },
    "__main__": {"cli"},
}
LONGEST_FUNCTION = 60
PEERS = {"torch", "jax"}
# scikit-learn: its tags, when it asks for them itself; and the script that made the embedded digits.
SKLEARN_IN = {"models/estimator.py", "models/classification.py", "datasets/_make_digits.py"}


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_import_runs_up(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] == "scratchae" and len(parts) > 1 and parts[1] not in ("__version__", "errors", room):
            assert parts[1] in ALLOWED[room], f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            documentation = ast.get_docstring(node)
            body = node.end_lineno - node.lineno + 1 - (len(documentation.splitlines()) if documentation else 0)  # type: ignore[operator]
            assert body <= LONGEST_FUNCTION, f"{node.name} has {body} lines"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_public_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or path.name == "__main__.py"
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_peers_are_imported_by_the_benchmark_only() -> None:
    for path in FILES:
        place = str(path.relative_to(PACKAGE))
        tops = {name.split(".")[0] for name in imports(ast.parse(path.read_text()))}
        assert not tops & PEERS or place == "benchmarks/peers.py", place
        assert "sklearn" not in tops or place in SKLEARN_IN, place


@pytest.mark.parametrize("folder", ["tutorials", "reproductions"])
def test_scripts_need_nothing_of_the_commands(folder: str) -> None:
    for path in sorted((PACKAGE.parent / folder).glob("*.py")):
        names = imports(ast.parse(path.read_text(encoding="utf-8")))
        assert not [name for name in names if name.startswith("scratchae.cli")], path.name


def test_no_two_rooms_import_each_other() -> None:
    # ALLOWED itself has to be a house: every room above all that it imports.
    floors: dict[str, int] = {}
    while len(floors) < len(ALLOWED):
        ready = [room for room, below in ALLOWED.items() if room not in floors and below <= set(floors)]
        assert ready, f"a circle among {set(ALLOWED) - set(floors)}"
        floors.update(dict.fromkeys(ready, len(floors)))
