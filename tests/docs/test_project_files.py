"""The files around the package agree with it: versions, the workflow, and the paths that README.md and CONTRIBUTING.md name."""

from __future__ import annotations

import re
import runpy
from configparser import ConfigParser
from pathlib import Path

import pytest

import scratchae

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "tests.yml"
VERSION = r"(\d+\.\d+\.\d+)"
# Where a path in the text may begin: the checkout, or the package, of which the text speaks.
BEGINNINGS = (ROOT, ROOT / "scratchae")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setup() -> ConfigParser:
    parser = ConfigParser()
    parser.read_string(read("setup.cfg"))
    return parser


def lower_bounds(text: str) -> list[str]:
    return list(runpy.run_path(str(ROOT / ".ci" / "lower_bounds.py"))["constraints"](text))


def test_the_workflow_begins_with_the_oldest_python_that_is_allowed() -> None:
    matrix = re.search(r"python: \[(.*)\]", WORKFLOW.read_text(encoding="utf-8"))
    assert matrix is not None
    versions = re.findall(r'"3\.(\d+)"', matrix[1])
    oldest = setup()["options"]["python_requires"].removeprefix(">=3.")
    assert [int(v) for v in versions] == list(range(int(oldest), int(versions[-1]) + 1))
    alone = re.findall(r'python-version: "3\.(\d+)"', WORKFLOW.read_text(encoding="utf-8"))
    assert oldest in alone and set(alone) <= set(versions)  # the oldest dependencies are those of the oldest Python


def test_the_workflow_runs_the_test_line_of_the_readme() -> None:
    line = re.search(r"<!-- the test line -->\n```sh\n(.*)\n```", read("README.md"))
    assert line is not None and f"run: {line[1]}\n" in WORKFLOW.read_text(encoding="utf-8")


def test_the_version_is_told_alike() -> None:
    cited = re.search(rf"^version: {VERSION}$", read("CITATION.cff"), re.MULTILINE)
    unreleased = read("CHANGELOG.md").partition("## [Unreleased]")[2]
    newest = re.search(VERSION, unreleased)  # the one that is being prepared, or the last one
    assert cited is not None and newest is not None
    assert cited[1] == newest[1] == scratchae.__version__


def test_every_dependency_has_a_lower_bound() -> None:
    found = lower_bounds(read("setup.cfg"))
    names = [line.split("==")[0] for line in found]
    assert {"numpy", "numba", "scipy", "pytest"} <= set(names) and len(names) == len(set(names))
    assert all(re.fullmatch(r"[\w-]+==[\d.]+( *; .+)?", line) for line in found)


def test_a_dependency_without_a_lower_bound_is_refused() -> None:
    text = "[options]\ninstall_requires =\n    numpy\n[options.extras_require]\ntest =\n    pytest >=7.4\n"
    with pytest.raises(ValueError, match="'numpy' has no lower bound"):
        lower_bounds(text)
    assert lower_bounds(text.replace("numpy", "numpy >=1.26")) == ["numpy==1.26", "pytest==7.4"]


def named_paths(text: str) -> set[str]:
    """Paths of the repository that a text names: between backticks, or where a link leads; not in blocks of code."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    quoted = {part for code in re.findall(r"`([^`\n]+)`", text) for part in code.split()}
    paths = {p for p in quoted if re.fullmatch(r"[a-z_.][\w.-]*(/[\w.-]*)+|[\w-]+\.(py|md|cfg|toml|cff|yml)", p)}
    linked = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    return {p for p in paths | linked if p and not p.startswith(".venv/")}


def is_there(path: str) -> bool:
    if any((beginning / path).exists() for beginning in BEGINNINGS):
        return True
    # A file that a sentence names without its folder, which the sentence before it has named.
    return "/" not in path and any(any((ROOT / top).rglob(path)) for top in ("scratchae", "tests", "docs"))


# What a reader makes: the folders of the examples, and the site.
MADE = {"submissions/", "week1/", "build/site/index.html"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_paths_lead_somewhere(name: str) -> None:
    paths = named_paths(read(name)) - MADE
    assert len(paths) > 10
    assert not [path for path in sorted(paths) if not is_there(path)]


def test_what_looks_like_a_path() -> None:
    text = "`scratchae/ops/` `op.py` [a](docs/notation.md#x) `1/N` `model.npz` `a + b` `pytest -q tests/x.py`\n```sh\n`no/path.py`\n```\n"
    assert named_paths(text) == {"scratchae/ops/", "op.py", "docs/notation.md", "tests/x.py"}


def test_what_the_hooks_leave_out_is_there() -> None:
    line = re.search(r"^exclude: \^\((.*)\)$", read(".pre-commit-config.yaml"), re.MULTILINE)
    assert line is not None
    assert all((ROOT / path).is_dir() for path in line[1].split("|"))
