"""`scratchae sample`: what it writes is what the model generates, and what it refuses, in one line."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers.command_line import one_line
from helpers.explore_pages import BRIEF, DIGITS, X, Y, autoencoder, conditional, vae

import scratchae as sae
from scratchae.cli.inputs import LoadedData
from scratchae.cli.main import main
from scratchae.cli.sample import _image_shape

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with saved models."""
    folder = tmp_path_factory.mktemp("models")
    vae().save(folder / "vae.npz")
    conditional().save(folder / "conditional.npz")
    autoencoder().save(folder / "autoencoder.npz")
    vae(latent_dim=3).save(folder / "three.npz")
    return folder


@pytest.fixture(autouse=True)
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def array(*arguments: str) -> np.ndarray:
    """The array that the command writes."""
    assert main(["sample", *arguments, "--out", "x.npy"]) == 0
    return np.load("x.npy")


def test_a_picture_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "vae.npz"]) == 0
    assert Path("samples.png").read_bytes().startswith(PNG)
    assert "samples.png (64 images of 64 numbers" in capsys.readouterr().out


def test_an_array_is_what_the_model_samples() -> None:
    model = sae.load("vae.npz")
    np.testing.assert_array_equal(array("vae.npz", "-n", "7", "--seed", "3"), model.sample(7, seed=3))
    assert (array("vae.npz", "-n", "7") != model.sample(7, seed=3)).any()


def test_observation_noise_is_added_or_left_out() -> None:
    pixels, real = sae.load("vae.npz"), vae(likelihood="gaussian")
    real.save("real.npz")
    np.testing.assert_array_equal(array("real.npz", "-n", "7"), real.sample(7, noise=True))
    for name, model in (("vae.npz", pixels), ("real.npz", real)):
        np.testing.assert_array_equal(array(name, "-n", "7", "--noise"), model.sample(7, noise=True))
        np.testing.assert_array_equal(array(name, "-n", "7", "--means"), model.sample(7, noise=False))
    labelled = sae.load("conditional.npz")
    drawn = array("conditional.npz", "-n", "3", "--class", "4", "--noise")
    np.testing.assert_array_equal(drawn, labelled.sample(3, y=4, noise=True))


def test_noise_is_refused_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    sae.WassersteinAutoencoder(hidden_sizes=(8,), latent_dim=2, likelihood="gaussian", **BRIEF).fit(X).save("none.npz")
    for arguments, words in (
        (["none.npz", "--noise"], "--noise needs a variance, and a WassersteinAutoencoder"),
        (
            ["vae.npz", "--noise", "--grid", "3"],
            "--noise is for draws from the prior; a grid and a path are always means",
        ),
        (["vae.npz", "--means", "--interpolate", "0,7", "--data", "digits"], "--means is for draws from the prior"),
        (["vae.npz", "--means", "--noise"], "not allowed with argument"),
    ):
        assert main(["sample", *arguments, "--out", "x.npy"]) == 2
        assert words in one_line(capsys)


def test_every_model_with_a_prior_can_be_sampled() -> None:
    model = sae.WassersteinAutoencoder(hidden_sizes=(8,), latent_dim=2, **BRIEF).fit(X)
    model.save("wasserstein.npz")
    np.testing.assert_array_equal(array("wasserstein.npz", "-n", "7", "--seed", "3"), model.sample(7, seed=3))
    for arguments in (["-n", "4"], ["--grid", "3"], ["--interpolate", "0,7", "--data", "digits"]):
        assert main(["sample", "wasserstein.npz", *arguments, "--out", "p.png"]) == 0


def test_the_same_seed_gives_the_same_picture() -> None:
    pictures = []
    for seed in ("1", "1", "2"):
        assert main(["sample", "vae.npz", "-n", "5", "--seed", seed, "--out", "p.png"]) == 0
        pictures.append(Path("p.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_a_conditional_model_draws_each_class_or_those_asked_for() -> None:
    model = sae.load("conditional.npz")
    assert main(["sample", "conditional.npz", "-n", "4", "--out", "x.npz"]) == 0
    with np.load("x.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["y"], np.repeat(model.classes_, 4))
        np.testing.assert_array_equal(arrays["x"][4:8], model.sample(4, y=1, seed=0))
    assert (
        main(["sample", "conditional.npz", "-n", "4", "--class", "7", "--class", "2", "--class", "7", "--out", "x.npz"])
        == 0
    )
    with np.load("x.npz", allow_pickle=False) as arrays:
        assert arrays["y"].tolist() == [7] * 4 + [2] * 4
        np.testing.assert_array_equal(arrays["x"][4:], model.sample(4, y=2, seed=0))
    for arguments in ([], ["--class", "3"], ["--class", "3", "--grid", "4"]):
        assert main(["sample", "conditional.npz", *arguments, "--out", "p.png"]) == 0
        assert Path("p.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("labels", "name"), [(Y > 4, "True"), (Y.astype(float), "7"), (np.array(["a", "b"])[Y % 2], "b")]
)
def test_labels_of_any_type_are_named_as_they_are_written(labels: np.ndarray, name: str) -> None:
    model = sae.ConditionalVariationalAutoencoder((8,), 2, **BRIEF).fit(X, labels)
    model.save("labelled.npz")
    label = {"True": True, "7": 7.0, "b": "b"}[name]
    np.testing.assert_array_equal(array("labelled.npz", "-n", "3", "--class", name), model.sample(3, y=label))


def test_the_latent_plane() -> None:
    np.testing.assert_array_equal(array("vae.npz", "--grid", "4"), sae.load("vae.npz").latent_grid(4))
    assert array("vae.npz", "--grid").shape == (400, 64)
    np.testing.assert_array_equal(array("three.npz", "--grid", "3"), sae.load("three.npz").latent_grid(3))
    np.testing.assert_array_equal(
        array("conditional.npz", "--grid", "3", "--class", "5"), sae.load("conditional.npz").latent_grid(3, y=5)
    )
    assert main(["sample", "three.npz", "--grid", "3", "--out", "p.png"]) == 0


def test_a_path_between_two_test_rows() -> None:
    path = array("vae.npz", "--interpolate", "0,7", "--data", "digits", "-n", "5")
    np.testing.assert_array_equal(path, sae.load("vae.npz").interpolate(DIGITS.x_test[0], DIGITS.x_test[7], 5))
    a, b = np.flatnonzero(DIGITS.y_test == 3)[:2]
    path = array("conditional.npz", "--interpolate", f"{a},{b}", "--data", "digits", "-n", "5")
    expected = sae.load("conditional.npz").interpolate(DIGITS.x_test[a], DIGITS.x_test[b], 5, y=3)
    np.testing.assert_array_equal(path, expected)
    assert main(["sample", "vae.npz", "--interpolate", "0,7", "--data", "digits", "--out", "p.png"]) == 0


def test_rows_that_are_no_images_become_an_array(capsys: pytest.CaptureFixture[str]) -> None:
    sae.VariationalAutoencoder((8,), 2, **BRIEF).fit(X[:, :12]).save("rows.npz")
    assert array("rows.npz", "-n", "3").shape == (3, 12)
    assert main(["sample", "rows.npz", "--image-shape", "3x4"]) == 0
    capsys.readouterr()
    assert main(["sample", "rows.npz"]) == 0  # histograms
    assert "64 rows of 12 numbers" in capsys.readouterr().out and Path("samples.png").read_bytes().startswith(PNG)
    assert main(["sample", "rows.npz", "--grid", "3"]) == 2
    assert "12 features of rows.npz are not those of an image; give --image-shape" in one_line(capsys)
    assert main(["sample", "rows.npz", "--image-shape", "5x5"]) == 2
    assert "a matching shape" in one_line(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("autoencoder.npz", "autoencoder.npz (Autoencoder) has no prior to draw from; give a model with a prior"),
        ("nowhere.npz", "there is no such file"),
        ("vae.npz --out x.pgn", "did you mean '.png'"),
        ("vae.npz --out nowhere/x.png", "does not exist"),
        ("vae.npz --out vae.npz", "is also an input file"),
        ("vae.npz -n 0", "at least 1"),
        ("vae.npz -n 1001", "a picture holds at most 1,000 images"),
        ("conditional.npz -n 41", "40 in a row"),
        ("vae.npz --class 3", "--class is for conditional models, and vae.npz holds a VariationalAutoencoder"),
        ("conditional.npz --class 11", "--class 11 is not a class of conditional.npz"),
        ("conditional.npz --grid", "give one --class"),
        ("vae.npz --grid --interpolate 0,1 --data digits", "cannot be combined"),
        ("vae.npz --grid -n 3", "-n cannot be combined with --grid"),
        ("vae.npz --interpolate 0,1", "belong together"),
        ("vae.npz --data digits", "belong together"),
        ("vae.npz --data-dir .", "give --data too"),
        ("vae.npz --interpolate 0 --data digits", "is not a pair of row numbers"),
        ("vae.npz --interpolate 0,360 --data digits", "numbered from 0 to 359"),
        ("vae.npz --interpolate 0,1 --data digits -n 1", "n=1"),
        ("conditional.npz --interpolate 0,1 --data digits", "two rows of one class"),
        ("conditional.npz --interpolate 0,1 --data unlabelled.npy", "has no labels"),
        ("vae.npz --interpolate 0,1 --data narrow.npy --out x.npy", "the rows of narrow.npy have shape (9,)"),
        ("conditional.npz --interpolate 0,1 --data digits --class 3", "--class cannot be combined with --interpolate"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("unlabelled.npy", X[:4])
    np.save("narrow.npy", X[:4, :9])
    before = Path("vae.npz").read_bytes()
    assert main(["sample", *arguments.split()]) == 2
    assert words in one_line(capsys)
    assert Path("vae.npz").read_bytes() == before


def test_an_array_that_cannot_be_written_leaves_the_older_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = array("vae.npz", "-n", "3")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "x.npy")

    monkeypatch.setattr(np, "save", full)
    capsys.readouterr()
    assert main(["sample", "vae.npz", "-n", "4", "--out", "x.npy"]) == 1
    assert "No space left" in one_line(capsys)
    np.testing.assert_array_equal(np.load("x.npy"), before)
    assert not list(Path().glob(".*.part"))


def test_images_have_the_shape_given_then_that_of_the_data() -> None:
    model: Any = SimpleNamespace(n_features_in_=6)  # of an unknown shape
    data: Any = LoadedData("d", np.zeros((2, 6)), image_shape=(3, 2))
    args = Namespace(image_shape=None, grid=None, interpolate=None, model="m.npz")
    assert _image_shape(args, model, data) == (3, 2) and _image_shape(args, model, None) is None
    args.image_shape = (2, 3)
    assert _image_shape(args, model, data) == (2, 3)
