"""The tutorials: each runs, writes the pictures that it names, and says in one line what it cannot do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = sorted((ROOT / "tutorials").glob("[0-9][0-9]_*.py"))


def run(
    path: Path, *arguments: object, cwd: Path = ROOT, first: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tutorial; modules are looked for in the folder `first` before others."""
    folders = [*([] if first is None else [str(first)]), str(ROOT)]
    return subprocess.run(
        [sys.executable, path, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def pictures(path: Path) -> set[str]:
    """The pictures that a tutorial names."""
    return set(re.findall(r'"(\d\d_\w+\.png)"', path.read_text(encoding="utf-8")))


def test_all_are_there() -> None:
    assert [path.stem for path in TUTORIALS] == [
        "01_basic",
        "02_denoising",
        "03_stacked",
        "04_pretraining",
        "05_sparse_and_contractive",
        "06_variational_method",
        "07_elbo_and_kl",
        "08_variational",
        "09_generation",
        "10_importance_weighting",
        "11_matmul",
        "12_table",
        "13_anomalies",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_it_runs_and_writes_its_pictures(path: Path, tmp_path: Path) -> None:
    if "start_with_table" in path.read_text(encoding="utf-8"):
        pytest.importorskip("sklearn")
    done = run(path, "--quick", "--out", tmp_path, cwd=tmp_path)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert {picture.name for picture in tmp_path.iterdir()} == pictures(path)
    table = done.stdout[done.stdout.index("quantity") :]
    assert table.split()[:7] == ["quantity", "got", "expected", "tolerance", "seed", "seconds", "verdict"]
    assert "OFF" not in table and "nan" not in table


@pytest.mark.slow
def test_the_first_gets_what_it_expects(tmp_path: Path) -> None:
    done = run(TUTORIALS[0], "--out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split()[-1] for line in done.stdout.splitlines() if line.endswith((" ok", " OFF"))]
    assert len(rows) >= 5 and set(rows) == {"ok"}


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_it_is_a_notebook_of_short_cells_that_tells_its_equations(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first, *cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    assert first == "" and cells[0].startswith(f" [markdown]\n# # {path.stem[:2]}  ")
    for cell in cells:
        heading, _, body = cell.partition("\n")
        if heading == " [markdown]":
            assert all(line.startswith("#") for line in body.strip().splitlines())
        else:
            assert heading == ""
            compile(body, path.name, "exec")
            assert len(body.splitlines()) <= 45
    labels = set(re.findall(r"\((\w+\.\d+)\)", text))
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "derivations").glob("*.md")]
    known = {tag.replace(r"\_", "_") for page in pages for tag in re.findall(r"\\tag\{([^}]*)\}", page)}
    assert labels and not labels - known


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_its_pictures_are_kept_and_small(path: Path) -> None:
    for name in pictures(path):
        kept = ROOT / "figures" / name
        assert kept.is_file() and kept.stat().st_size < 200_000, name


def test_a_table_that_needs_scikit_learn_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError('not installed')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "tutorials" / "12_table.py", "--out", tmp_path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 2 and not done.stdout
    assert done.stderr == "12_table.py: error: the wine data need scikit-learn; pip install scikit-learn\n"


def test_a_tutorial_without_scikit_learn_says_so_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError", encoding="utf-8")
    path = ROOT / "tutorials" / "13_anomalies.py"
    done = run(path, "--quick", "--out", tmp_path, first=tmp_path)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr == "13_anomalies.py: error: scikit-learn is missing; install it: pip install scikit-learn\n"


def test_help_tells_the_options() -> None:
    done = run(TUTORIALS[1], "--help")
    assert done.returncode == 0 and not done.stderr
    for option in ("--data", "--data-dir", "--out", "--seed", "--quick", "examples:"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "mnits"], "did you mean 'mnist'"),
        (["--data", "mnist", "--data-dir", "nowhere"], "nowhere lacks files of MNIST"),
        (["--sede", "1"], "did you mean '--seed'"),
        (["--out", "01_basic.py"], "is a file; give a folder"),
    ],
)
def test_what_it_cannot_do_is_one_line(arguments: list[str], words: str) -> None:
    done = run(TUTORIALS[0], *arguments, cwd=TUTORIALS[0].parent)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith("01_basic.py: error: ") and done.stderr.count("\n") == 1 and words in done.stderr
