"""The command `scratchae study`: its table, its picture, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratchae.cli.main import main
from scratchae.studies import ARMS


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "study",
        "--labels",
        "20,40",
        "--seeds",
        "2",
        "--hidden",
        "8",
        "--pretrain-epochs",
        "1",
        "--updates",
        "5",
    ]
    kept = ["--keep", str(tmp_path / "kept.npz"), "--out", str(tmp_path)]
    assert main([*arguments, *kept]) == 0
    out = capsys.readouterr().out
    assert out.count("±") == 2 * 5 + 1 and all(arm in out for arm in ARMS)
    assert (tmp_path / "pretraining.png").read_bytes().startswith(b"\x89PNG")
    assert main([*arguments, *kept]) == 0
    table = out[out.index("labels  ") :]
    assert capsys.readouterr().out.endswith(table)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--labels", "ten"], "such as 100,1000,all"),
        (["--labels", "5"], "from 10 to 1437"),
        (["--seeds", "1"], "at least 2"),
        (["--data", "digit"], "did you mean 'digits'"),
    ],
)
def test_the_command_refuses(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["study", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
