"""The command `scratchae explore`: what reaches the page, and one line for what it cannot do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import one_line
from helpers.explore_pages import DIGITS, X, Y, autoencoder, conditional, read_page, vae

import scratchae as sae
from scratchae.cli.main import main


@pytest.fixture(scope="module")
def model() -> sae.VariationalAutoencoder:
    return vae()


@pytest.fixture
def folder(model: sae.VariationalAutoencoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with model.npz."""
    monkeypatch.chdir(tmp_path)
    model.save("model.npz")
    return tmp_path


def test_the_command(folder: Path, model: sae.VariationalAutoencoder, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("directions.npz", slant=[1.0, 1.0], width=np.float32([0, 2]))
    arguments = ["--image-shape", "4x16", "--attributes", "directions.npz", "--data", "digits"]
    assert main(["explore", "model.npz", "-o", "page.html", *arguments]) == 0
    assert "page.html" in capsys.readouterr().out
    description, parameters = read_page(folder / "page.html")
    assert description["image_shape"] == [4, 16]
    assert [attribute["name"] for attribute in description["attributes"]] == ["slant", "width"]
    np.testing.assert_array_equal(parameters["decoder.0.W"], model.parameters_["decoder.0.W"].ravel())


def test_the_command_gives_data_to_models_that_need_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conditional().save("conditional.npz")
    assert main(["explore", "conditional.npz", "-o", "page.html", "--data", "digits"]) == 0
    np.save("rows.npy", X)
    assert main(["explore", "conditional.npz", "-o", "page.html", "--data", "rows.npy"]) == 2
    assert "no labels (y_train)" in one_line(capsys)
    autoencoder().save("basic.npz")
    assert main(["explore", "basic.npz", "-o", "page.html", "--image-shape", "none"]) == 0
    assert "--data" in capsys.readouterr().out
    assert read_page(folder / "page.html")[0]["image_shape"] is None
    assert main(["explore", "basic.npz", "-o", "page.html", "--data", "digits"]) == 0
    codes = sae.load("basic.npz").encode(DIGITS.x_train)
    np.testing.assert_allclose(read_page(folder / "page.html")[0]["centre"], codes.mean(axis=0), rtol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "MODEL, -o/--out"),
        (["model.npz"], 2, "-o/--out"),
        (["nothing.npz", "-o", "page.html"], 2, "nothing.npz: there is no such file"),
        (["damaged.npz", "-o", "page.html"], 2, "its checksum does not match"),
        (["text.npz", "-o", "page.html"], 2, "is not a scratchae file"),
        (["classifier.npz", "-o", "page.html"], 2, "has no decoder"),
        (["model.npz", "-o", "nowhere/page.html"], 2, "does not exist"),
        (["model.npz", "-o", "."], 2, "is a folder; name a file"),
        (["model.npz", "-o", "model.npz"], 2, "is also an input file"),
        (["model.npz", "-o", "page.html", "--image-shape", "8"], 2, "such as 28x28"),
        (["model.npz", "-o", "page.html", "--image-shape", "9x9"], 2, "81 pixels"),
        (["model.npz", "-o", "page.html", "--data", "mnst"], 2, "did you mean 'mnist'"),
        (["model.npz", "-o", "page.html", "--data-dir", "."], 2, "give --data too"),
        (["model.npz", "-o", "page.html", "--attributes", "nothing.npz"], 2, "there is no such file"),
        (["model.npz", "-o", "page.html", "--attributes", "text.npz"], 2, "is not a readable .npz"),
        (["model.npz", "-o", "page.html", "--attributes", "long.npz"], 2, "the shape (3,)"),
        (["model.npz", "-o", "page.html", "--atributes", "x"], 2, "did you mean '--attributes'"),
    ],
)
def test_errors_of_the_command(
    arguments: list[str], status: int, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray((folder / "model.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "damaged.npz").write_bytes(content)
    (folder / "text.npz").write_text("no model")
    np.savez(folder / "long.npz", slant=np.ones(3))
    sae.StackedClassifier((8,), epochs=1, random_state=0).fit(X, Y).save(folder / "classifier.npz")
    before = sorted(os.listdir(folder))
    assert main(["explore", *arguments]) == status
    assert words in one_line(capsys)
    assert sorted(os.listdir(folder)) == before


def test_a_page_that_cannot_be_written_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["explore", "model.npz", "-o", "page.html"]) == 1
    assert "No space left" in one_line(capsys) and os.listdir(folder) == ["model.npz"]
