"""Options of the models as arguments: read from the models' own signatures and docstrings, and given to the right model."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae import models
from scratchae.cli.main import main
from scratchae.cli.models import ARGUMENTS, RENAMED, add_arguments, build, needs_labels, options
from scratchae.console.parser import Parser, UsageError
from scratchae.nets import ACTIVATIONS
from scratchae.registry import REGISTRY
from scratchae.training.optimizers import OPTIMIZERS

OPTIONS = options()


def built(*arguments: str) -> Any:
    parser = Parser(prog="train")
    add_arguments(parser)
    return build(parser.parse_all(list(arguments)))


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.command)
def test_names_and_defaults_are_those_of_the_constructor(entry: Any) -> None:
    expected = {p.name: p.default for p in inspect.signature(getattr(models, entry.name)).parameters.values()}
    expected = {name: v for name, v in expected.items() if name not in ("verbose", "warm_start", "class_weight")}
    read = {name: o.defaults[entry.command] for name, o in OPTIONS.items() if entry.command in o.defaults}
    assert read == expected
    assert all(OPTIONS[name].texts[entry.command] for name in read)  # each is described


@pytest.mark.parametrize(
    ("arguments", "kind", "given"),
    [
        ([], "Autoencoder", {"random_state": 0, "verbose": 1}),
        (["--hidden", "8,4", "--code", "3", "--tied"], "Autoencoder", {"hidden_sizes": (8, 4), "tied_weights": True}),
        (["denoising", "--level", "0.25"], "DenoisingAutoencoder", {"corruption_level": 0.25}),
        (["variational", "--samples", "2", "--variance", "learned", "--likelihood", "gaussian"], "VariationalAutoencoder",
         {"n_samples": 2, "variance": "learned"}),
        (["stacked", "--epochs", "auto", "--pretrain-epochs", "auto", "--batch-size", "16"], "StackedAutoencoder",
         {"epochs": "auto", "pretrain_epochs": "auto", "batch_size": 16}),
        (["classifier", "--hidden", "none", "--seed", "7"], "StackedClassifier", {"hidden_sizes": (), "random_state": 7}),
    ],
)  # fmt: skip
def test_arguments_reach_the_model(arguments: list[str], kind: str, given: dict[str, Any]) -> None:
    model = built(*arguments)
    assert type(model).__name__ == kind and given.items() <= model.get_params().items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["autoencoder", "--beta", "2"], "--beta is not an option of autoencoder; leave it out"),
        (["sparse", "--level", "0.1"], "--level is not an option of sparse"),
        (["--stack", "s.npz"], "--stack is for the classifier"),
        (
            ["classifier", "--stack", "nowhere.npz"],
            "there is no such file; give one saved by `scratchae train stacked`",
        ),
        (["denoising", "--optimizer", "lbfgs"], "needs a deterministic objective"),
        (["sprase"], "did you mean 'sparse'"),
        (
            ["variational", "--variance", "0"],
            "give a number above 0, one for each feature such as 0.1,0.2, learned or learned_per_feature",
        ),
        (["--epochs", "0"], "give an integer of at least 1, or auto"),
        (["--batch-size", "automatic"], "give an integer of at least 1, or auto"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        built(*arguments)


def test_names_on_the_command_line_are_unambiguous() -> None:
    assert {RENAMED[short]: short for short in RENAMED} == ARGUMENTS
    assert set(ARGUMENTS) <= set(OPTIONS) and not set(RENAMED) & set(OPTIONS)
    assert {e.command for e in REGISTRY if needs_labels(e.command)} == {"classifier", "conditional"}


def help_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """The text of each flag in the help of `scratchae train`, on one line."""
    assert main(["train", *arguments, "--help"]) == 0
    text = capsys.readouterr().out.partition("examples:")[0].partition("positional arguments:")[2]
    entries = re.split(r"\n(?=  --?\w|\w)", text)
    found = (re.match(r"  (?:-\w, )?--([\w-]+)(?: \S+)?\s+(.*)", entry, re.DOTALL) for entry in entries)
    return {entry[1]: " ".join(entry[2].split()) for entry in found if entry}


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.command)
def test_with_a_model_only_its_options_are_shown(entry: Any, capsys: pytest.CaptureFixture[str]) -> None:
    own = {name for name, option in OPTIONS.items() if entry.command in option.defaults}
    shown = help_of(capsys, entry.command)
    every = {ARGUMENTS.get(name, name).replace("_", "-") for name in OPTIONS} | {"stack"}
    expected = {ARGUMENTS.get(name, name).replace("_", "-") for name in own}
    assert set(shown) & every == expected | ({"stack"} if entry.command == "classifier" else set())
    assert {"data", "validation", "out", "figures"} <= set(shown)
    for name in expected:  # neither names of Python nor the other models
        assert not re.search(r"`|\(\)|\w_(weights|dim|rate|decay|epochs)\b|\bfor (variational|stacked)\b", shown[name])


def test_the_model_is_found_among_the_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    whole = help_of(capsys)
    assert {"beta", "tied", "stack", "k"} <= set(whole)
    assert help_of(capsys, "--epochs=3", "sparse") == help_of(capsys, "--epochs", "3", "sparse") != whole
    assert help_of(capsys, "--base", "denoising") == whole  # the value of an option


def test_help_texts_are_the_docstrings_in_the_words_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    whole, variational = help_of(capsys), help_of(capsys, "variational")
    assert "KL in closed form" in whole["kl"] and ": C of the kernel C / (C + " in whole["kernel-scale"]
    assert "by default 2 --code" in whole["kernel-scale"] and "from 1 to --code" in whole["k"]
    assert whole["pretrain-learning-rate"].endswith("by default, --learning-rate")
    assert "--weight-decay / 2" in whole["weight-decay"] and whole["tied"].startswith("use the transposed weights")
    assert "--activation if there are none [relu, sigmoid, tanh, identity]" in whole["code-activation"]
    assert "squared error" in whole["likelihood"] and "squared error" not in variational["likelihood"]
    assert variational["likelihood"].startswith("density of the decoder") and "--variance" in variational["likelihood"]
    assert not any("; A " in text for text in whole.values())  # a sentence, after a semicolon
    assert "[learned]" not in whole["variance"] and "must be none" in help_of(capsys, "contractive")["hidden"]
    assert variational["samples"].endswith("(default: 1)") and "5 for importance-weighted" in whole["samples"]
    assert "[adam, momentum, sgd, lbfgs]" in whole["optimizer"] and "plotted" in whole["validation"]


def test_choices_in_docstrings_are_those_of_the_tables() -> None:
    assert set(OPTIONS["optimizer"].choices) == set(OPTIMIZERS)
    assert set(OPTIONS["activation"].choices) == set(OPTIONS["code_activation"].choices) == set(ACTIVATIONS)
    with pytest.raises(UsageError, match=r"'adan' is unknown \(did you mean 'adam'\?\); use one of sgd, momentum"):
        built("--optimizer", "adan")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.3", 0.3), ("0.1,0.2", [0.1, 0.2]), ("learned", "learned"), ("learned_per_feature", "learned_per_feature")],
)
def test_variances_are_one_number_several_or_learned(text: str, value: object) -> None:
    assert built("variational", "--likelihood", "gaussian", "--variance", text).variance == value
    assert built("conditional", "--likelihood", "gaussian", f"--variance={text}").variance == value


@pytest.mark.parametrize("text", ["0", "0.1,0", "0.1,", "large", "-1"])
def test_other_variances_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "variational", "--likelihood", "gaussian", f"--variance={text}"]) == 2
    assert "one for each feature such as 0.1,0.2, learned or learned_per_feature" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--hidden", "4"], ["--activation", "relu"], ["--dtype", "float64"]])
def test_layers_from_a_stack_have_its_options(
    option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stack.npz"
    x = np.random.default_rng(0).random((20, 5))
    models.StackedAutoencoder((3,), pretrain_epochs=1, random_state=0).pretrain(x).save(path)
    assert main(["train", "classifier", "--stack", str(path), *option]) == 2
    assert f"{option[0]} is determined by the stack; leave it out" in capsys.readouterr().err
