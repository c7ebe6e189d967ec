"""`scratchae train` for the variational models: options, what it reports and draws, what it refuses, and a collapsed posterior."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command_line import one_line

import scratchae as sae
from scratchae.cli import models, train
from scratchae.cli.main import main
from scratchae.console.parser import Parser

QUICK = ["--hidden", "8", "--code", "2", "--epochs", "2"]
KINDS = ("variational", "importance-weighted", "conditional")
DIGITS = sae.load_digits()


def built(*arguments: str) -> Any:
    """The model that the command line describes."""
    parser = Parser(prog="scratchae train")
    train.add_arguments(parser)
    return models.build(parser.parse_all([*arguments]))


def number_after(words: str, text: str) -> float:
    found = re.search(re.escape(words) + r" (-?\d+\.?\d*(e-?\d+)?)", text)
    assert found, f"{words!r} in {text}"
    return float(found[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_train_saves_draws_and_reports(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, folder = tmp_path / "m.npz", tmp_path / "figures"
    assert main(["train", kind, *QUICK, "--out", str(path), "--figures", str(folder)]) == 0
    out, model = capsys.readouterr().out, sae.load(path)
    assert type(model).__name__ == models.MODELS[kind]
    rows = (DIGITS.x_test, DIGITS.y_test) if kind == "conditional" else (DIGITS.x_test,)
    p = "log p(x|y)" if kind == "conditional" else "log p(x)"
    for words, values in (
        (f"bound on {p}", model.elbo(*rows).elbo),
        ("reconstruction", model.elbo(*rows).reconstruction),
        ("KL", model.elbo(*rows).kl),
        (f"test      {p}", model.log_likelihood(*rows, n_samples=500).log_likelihood),
        ("squared error", ((model.reconstruct(*rows) - DIGITS.x_test) ** 2).sum(axis=1)),
    ):
        assert number_after(words, out) == pytest.approx(values.mean(dtype=np.float64), abs=0.006)
    assert f"{model.latent_statistics(*rows).active.sum()} of 2 dimensions active" in out
    assert 0 < number_after("standard error", out) < 0.1 and "500 draws for each of 360 images" in out
    assert ("bound with 5 draws" in out) == (kind == "importance-weighted")
    drawn = {"loss.png", "filters.png", "reconstructions.png", "kl.png", "bound.png", "codes.png", "samples.png"}
    assert {p.name for p in folder.iterdir()} == drawn | ({"manifold.png"} if kind != "conditional" else set())


@pytest.mark.slow
def test_rows_held_out_show_both_terms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "variational", *QUICK, "--validation", "0.2", "--figures", str(tmp_path)]) == 0
    assert (tmp_path / "bound.png").exists() and "bound.png" in capsys.readouterr().out


def test_grey_pixels_have_a_floor_and_black_and_white_ones_a_likelihood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "variational", *QUICK]) == 0
    x = DIGITS.x_test.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nan_to_num(x * np.log(x)) - np.nan_to_num((1 - x) * np.log(1 - x))
    assert number_after("the entropy of the grey values is", capsys.readouterr().out) == pytest.approx(
        entropy.sum(axis=1).mean(), abs=0.006
    )
    assert main(["train", "variational", *QUICK, "--binarize", "dynamic"]) == 0
    assert "no likelihood" not in capsys.readouterr().out


def test_options_reach_the_model() -> None:
    arguments = "--samples 3 --beta 0.5 --warm-up 2 --free-bits 0.1 --binarize static --code 4 --hidden 9,8"
    for kind in ("variational", "conditional"):
        found = built(kind, *arguments.split()).get_params()
        wanted = {
            "n_samples": 3, "beta": 0.5, "warm_up": 2, "free_bits": 0.1, "binarize": "static",
            "latent_dim": 4, "hidden_sizes": (9, 8),
        }  # fmt: skip
        assert {name: found[name] for name in wanted} == wanted
    gaussian = built("importance-weighted", "--likelihood", "gaussian", "--variance", "learned", "--samples", "50")
    assert (gaussian.variance, gaussian.n_samples) == ("learned", 50)
    assert built("variational", "--likelihood", "gaussian", "--variance", "0.1").variance == 0.1
    assert built("variational", "--likelihood", "gaussian", "--variance", "0.1,2").variance == [0.1, 2]
    for_each = built("conditional", "--likelihood", "gaussian", "--variance", "learned_per_feature")
    assert for_each.variance == "learned_per_feature"
    assert built("variational", "--kl", "sampled").kl == "sampled"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["variational", "--code", "0"], "'0' is not allowed; give an integer of at least 1"),
        (["variational", "--samples", "0"], "'0' is not allowed; give an integer of at least 1"),
        (["importance-weighted", "--samples", "0"], "'0' is not allowed; give an integer of at least 1"),
        (["variational", "--beta", "-1"], "'-1' is not allowed; give a number of at least 0"),
        (["variational", "--warm-up", "1.5"], "an integer of at least 0"),
        (["variational", "--kl", "sampeld"], "did you mean 'sampled'"),
        (["variational", "--kl", "sampled", "--free-bits", "1"], "needs the KL of each dimension"),
        (
            ["variational", "--variance", "0"],
            "a number above 0, one for each feature such as 0.1,0.2, learned or learned_per_feature",
        ),
        (["variational", "--binarize", "dynamic", "--likelihood", "gaussian"], "binary pixels"),
        (["variational", "--optimizer", "lbfgs"], "deterministic objective"),
        (["variational", "--tied"], "--tied is not an option of variational"),
        (["importance-weighted", "--beta", "2"], "--beta is not an option of importance-weighted"),
        (["autoencoder", "--free-bits", "2"], "--free-bits is not an option of autoencoder"),
        (["variatonal"], "did you mean 'variational'"),
    ],
)
def test_options_that_cannot_be_used_are_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *arguments]) == 2
    assert words in one_line(capsys)


@pytest.mark.parametrize("kind", KINDS)
def test_values_outside_of_the_unit_interval_are_refused(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "x.npz", x_train=np.full((6, 4), 1.5), y_train=np.arange(6) % 2)
    assert main(["train", kind, *QUICK, "--data", str(tmp_path / "x.npz")]) == 2
    assert "outside [0, 1]" in one_line(capsys)


def test_a_conditional_model_needs_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, x = tmp_path / "x.npz", np.random.default_rng(0).random((12, 5))
    np.savez(path, x_train=x)
    assert main(["train", "conditional", *QUICK, "--data", str(path)]) == 2
    assert "has no labels (y_train), which a conditional model needs" in one_line(capsys)
    np.savez(path, x_train=x, y_train=np.arange(12) % 2, x_test=x[:3], y_test=np.array([0, 1, 7]))
    assert main(["train", "conditional", *QUICK, "--data", str(path)]) == 2
    assert "y_test has the class 7 at row 2" in one_line(capsys)
    np.savez(path, x_train=x, y_train=np.array(["a", "b"])[np.arange(12) % 2], x_test=x[:3])
    assert main(["train", "conditional", *QUICK, "--data", str(path), "--figures", str(tmp_path / "drawn")]) == 0
    out = capsys.readouterr().out  # the test rows have no labels
    assert "training  bound on log p(x|y)" in out and "test " not in out


def test_rows_that_are_no_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((30, 5)))
    arguments = ["--data", str(tmp_path / "x.npy"), "--likelihood", "gaussian", "--variance", "learned"]
    assert main(["train", "variational", *QUICK, *arguments, "--figures", str(tmp_path / "drawn")]) == 0
    out = capsys.readouterr().out
    assert "features² per row" in out and "no likelihood" not in out
    assert {p.name for p in (tmp_path / "drawn").iterdir()} == {"loss.png", "kl.png", "bound.png", "codes.png"}


@pytest.mark.slow
@pytest.mark.filterwarnings("default::UserWarning")  # as they are outside of tests
def test_a_collapsed_posterior_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "variational", *QUICK, "--beta", "1000", "--learning-rate", "0.02", "--epochs", "6"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("scratchae: warning: The posterior has collapsed: ")
    assert captured.err.count("\n") == 1 and "0 of 2 dimensions active" in captured.out


def test_a_posterior_that_is_used_is_no_reason_to_warn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "variational", *QUICK, "--batch-size", "32", "--epochs", "6"]) == 0
    assert capsys.readouterr().err == ""
