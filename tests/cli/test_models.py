"""Options of the models as arguments: read from the models' own signatures and docstrings, and given to the right model."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from scratchae import models
from scratchae.cli.models import ARGUMENTS, RENAMED, add_arguments, build, needs_labels, options
from scratchae.console.parser import Parser, UsageError
from scratchae.registry import REGISTRY

OPTIONS = options()


def built(*arguments: str) -> Any:
    parser = Parser(prog="train")
    add_arguments(parser)
    return build(parser.parse_all(list(arguments)))


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.command)
def test_names_and_defaults_are_those_of_the_constructor(entry: Any) -> None:
    expected = {p.name: p.default for p in inspect.signature(getattr(models, entry.name)).parameters.values()}
    del expected["verbose"]
    read = {name: o.defaults[entry.command] for name, o in OPTIONS.items() if entry.command in o.defaults}
    assert read == expected
    assert all(OPTIONS[name].text for name in read)  # each is described


@pytest.mark.parametrize(
    ("arguments", "kind", "given"),
    [
        ([], "Autoencoder", {"random_state": 0, "verbose": 1}),
        (["--hidden", "8,4", "--code", "3", "--tied"], "Autoencoder", {"hidden_sizes": (8, 4), "tied_weights": True}),
        (["denoising", "--level", "0.25"], "DenoisingAutoencoder", {"corruption_level": 0.25}),
        (["variational", "--samples", "2", "--variance", "learned", "--likelihood", "gaussian"], "VariationalAutoencoder",
         {"n_samples": 2, "variance": "learned"}),
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
        (["variational", "--variance", "0"], "give a number above 0, or learned"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        built(*arguments)


def test_names_on_the_command_line_are_unambiguous() -> None:
    assert {RENAMED[short]: short for short in RENAMED} == ARGUMENTS
    assert set(ARGUMENTS) <= set(OPTIONS) and not set(RENAMED) & set(OPTIONS)
    assert {e.command for e in REGISTRY if needs_labels(e.command)} == {"classifier", "conditional"}
