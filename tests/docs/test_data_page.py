"""The page on data: its examples run and print what it shows, its commands end well, and its messages are those of the package."""

from __future__ import annotations

import re
import shlex
import warnings
from pathlib import Path
from typing import Any

import pytest

import scratchae as sae
from scratchae.cli.main import main
from scratchae.tables.reading import ENDINGS

pytest.importorskip("pandas")
PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text("utf-8")


def block(marker: str, kind: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n\n```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, marker
    return found[1]


def test_examples_and_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(block("example: table", "python"), names)
    assert capsys.readouterr().out == block("output: table", "text")
    for line in block("commands", "sh").splitlines():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # four rows are few
            assert main(shlex.split(line)[1:]) == 0, line
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        exec(block("example: preparation", "python"), names)
    assert names["back"].shape == (4, 2) and abs(names["back"][:, 0].mean() - 5.525) < 1


ROWS = "length,width,species\n5.1,3.5,a\n{},a\n6.2,3.4,b\n5.9,{},b\n"
REFUSED = {
    "a cell that is not a number": ROWS.format("4.9,3.O", "3.0"),
    "a missing value": ROWS.format("4.9,NA", ""),
    "a row with a cell too few": "length,width,day,kind\n1,2,3,4\n1,2,3,4\n1,2,3\n1,2,3,4\n",
    "two columns of one name": "length,width,width\n1,2,3\n",
    "dates": "length,day\n1,2020-01-01\n2,2020-01-02\n",
    "numbers above 1 and the Bernoulli likelihood": ROWS.format("4.9,3.0", "3.0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_messages(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(rf"^\| {case} \| `(.*)` \|$", PAGE, re.MULTILINE)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    Path("flowers.csv").write_text(REFUSED[case])
    assert main(["train", "--data", "flowers.csv"]) == 2
    assert found[1].rstrip("…").strip() in capsys.readouterr().err


def test_every_case_and_every_ending_is_on_the_page() -> None:
    section = PAGE.partition("## What is refused")[2]
    assert set(re.findall(r"^\| ([^|]*) \| `", section, re.MULTILINE)) == set(REFUSED)
    assert all(f"`{ending}`" in PAGE for ending in ENDINGS if ending != ".pq")
    for option in (
        "--" + name
        for name in ("label-column", "drop-columns", "header", "missing", "transpose", "standardize", "image-shape")
    ):
        assert option in PAGE
    assert sae.read_table.__doc__ is not None
