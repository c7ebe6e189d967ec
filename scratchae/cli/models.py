"""Command-line arguments for the options of the models, with help texts from the models' docstrings."""

from __future__ import annotations

import ast
import inspect
import os
import re
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scratchae.cli.inputs import READING
from scratchae.console import parser as types
from scratchae.console.parser import UsageError
from scratchae.registry import BY_COMMAND, BY_NAME, REGISTRY, Entry

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

    from scratchae.models import StackedClassifier
    from scratchae.models.model import Model
    from scratchae.models.reconstruction import BaseAutoencoder

MODELS = {entry.command: entry.name for entry in REGISTRY}  # name on the command line: class
# Options shared by all models.
TRAINING = (
    "optimizer",
    "learning_rate",
    "learning_rate_decay",
    "weight_decay",
    "batch_size",
    "epochs",
    "random_state",
    "dtype",
)
# option of a model: its argument, where the two names differ
ARGUMENTS = {
    "hidden_sizes": "hidden",
    "latent_dim": "code",
    "tied_weights": "tied",
    "corruption_level": "level",
    "n_samples": "samples",
    "random_state": "seed",
}
RENAMED = {argument: option for option, argument in ARGUMENTS.items()}
NOT_OF_THE_MODEL = ("model", "data", "data_dir", "image_shape", "validation", "patience", "checkpoint", "resume",
                    "out", "figures", "stack", "standardize", *READING)  # fmt: skip


def _variance(text: str) -> float | str | list[float]:
    if text in ("learned", "learned_per_feature"):
        return text
    try:
        numbers = [types.number(0, above=True)(part) for part in text.split(",")]
    except ArgumentTypeError as error:
        raise ArgumentTypeError(
            f"{error}, one for each feature such as 0.1,0.2, learned or learned_per_feature"
        ) from None
    return numbers if len(numbers) > 1 else numbers[0]


def _optimizer(text: str) -> str:
    from scratchae.training.optimizers import OPTIMIZERS  # imported here because a help text does not need it

    return types.one_of(OPTIMIZERS)(text)


_count = types.whole_number_or("auto", 1)
_above_0, _share = types.number(0, above=True), types.number(0, above=True, below=1)
# Placeholder and parser of an option, where its type and docstring do not determine them. N is an integer, R a real number, and SHARE a
# number between 0 and 1.
VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "hidden_sizes": ("SIZES", types.sizes),
    "latent_dim": ("N", types.whole_number(1)),
    "corruption_level": ("R", types.number(0)),
    "sparsity": ("SHARE", _share),
    "sparsity_weight": ("R", types.number(0)),
    "k": ("N", types.whole_number(1)),
    "contraction": ("R", types.number(0)),
    "pretrain_epochs": ("N|auto", _count),
    "pretrain_learning_rate": ("R", _above_0),
    "n_samples": ("N", types.whole_number(1)),
    "n_classes": ("N", types.whole_number(2)),
    "beta": ("R", types.number(0)),
    "warm_up": ("N", types.whole_number(0)),
    "free_bits": ("R", types.number(0)),
    "variance": ("R|R,…|learned|learned_per_feature", _variance),
    "optimizer": ("NAME", _optimizer),
    "learning_rate": ("R", _above_0),
    "learning_rate_decay": ("R", types.number(0, above=True, most=1)),
    "weight_decay": ("R", types.number(0)),
    "batch_size": ("N|auto", _count),
    "epochs": ("N|auto", _count),
    "random_state": ("S", types.whole_number(0)),
}


class Option(NamedTuple):
    """An option of one or more models.

    Attributes
    ----------
    name : str
    kind : str
        Type annotation in the signature.
    choices : tuple of str
        Allowed names, if the docstring lists them, as in {"relu", "tanh"}.
    texts : dict of str to str
        Description from the docstring of each model with this option, in the words of the command line, by the model's name there.
    defaults : dict
        Default for each of these models.
    """

    name: str
    kind: str
    choices: tuple[str, ...]
    texts: dict[str, str]
    defaults: dict[str, Any]


def options() -> dict[str, Option]:
    """All options of all models, by name, in the order of the registry.

    The files of the models are parsed, not imported, so that `--help` is fast.
    """
    found: dict[str, Option] = {}
    for entry in REGISTRY:
        described = _descriptions(entry)
        for name, kind, default in _parameters(entry):
            values, text = described.get(name, ("", ""))
            if name not in found:
                choices = re.findall(r'"([^"]+)"', values) if values.startswith("{") else []
                found[name] = Option(name, kind, tuple(choices), {}, {})
            found[name].defaults[entry.command] = default
            found[name].texts[entry.command] = text or next(iter(found[name].texts.values()), "")
    for name in (
        "verbose",
        "warm_start",
        "class_weight",
    ):  # of one training, shown at work, from a table without weights
        del found[name]
    for option in found.values():
        option.texts.update({command: _as_help(text, found) for command, text in option.texts.items()})
    return found


@cache
def _class_of(entry: Entry) -> ast.ClassDef:
    """Syntax tree of a model's class."""
    source = (Path(__file__).parents[1] / "models" / f"{entry.module}.py").read_text("utf-8")
    return next(n for n in ast.parse(source).body if isinstance(n, ast.ClassDef) and n.name == entry.name)


def _parameters(entry: Entry) -> list[tuple[str, str, Any]]:
    """Name, type and default of each option; for a class without a constructor, those of its base class."""
    model = _class_of(entry)
    init = next((n for n in model.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    try:
        if init is None:
            return _parameters(BY_NAME[ast.unparse(model.bases[0])])
        arguments = init.args.args[1:] + init.args.kwonlyargs
        defaults = [ast.literal_eval(default) for default in init.args.defaults + init.args.kw_defaults if default]
        kinds = [ast.unparse(argument.annotation) if argument.annotation else "" for argument in arguments]
        return list(zip([argument.arg for argument in arguments], kinds, defaults, strict=True))
    except (KeyError, ValueError):  # a default or base class that the source alone does not explain
        from scratchae import models

        found = inspect.signature(getattr(models, entry.name)).parameters.values()
        return [(p.name, "" if p.annotation is p.empty else str(p.annotation), p.default) for p in found]


@cache
def _descriptions(entry: Entry) -> dict[str, tuple[str, str]]:
    """Type and text of each option in the docstring of a model; those of another class where it refers to that class."""
    model, found = _class_of(entry), {}
    for base in map(ast.unparse, model.bases):
        if base in BY_NAME:
            found.update(_descriptions(BY_NAME[base]))
    for name, (values, text) in _described(ast.get_docstring(model) or ""):
        other = re.match(r"As in `(\w+)`", text)
        found[name] = _descriptions(BY_NAME[other[1]])[name] if other else (values, text)
    return found


def _described(docstring: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name, type and text of each parameter in a numpydoc docstring; the type "same" is that of the parameter before."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    before = ""
    for names, values, text in re.findall(
        r"^(\w[\w, ]*)(?: : ([^\n]*))?\n((?: {4}[^\n]*\n?|\n)*)", section[1] if section else "", re.MULTILINE
    ):
        before = before if values.startswith("same") else values
        for name in names.split(", "):
            yield name, (before, " ".join(text.split()))


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments for the model and its options. Options that are not given keep the model's defaults.

    If the arguments of a `Parser` name a model, the help text shows only the options of that model; the others are still parsed, so that
    `build` can reject them.
    """
    parser.add_argument(
        "model", nargs="?", default="autoencoder", type=types.one_of(MODELS), help=f"one of {', '.join(MODELS)}"
    )
    model = _model_in(getattr(parser, "arguments", ()))
    groups = {title: parser.add_argument_group(title) for title in (
        "model", "options of particular models", "variational models", "training"
    )}  # fmt: skip
    for option in options().values():
        if option.name in TRAINING:
            title = "training"
        elif "autoencoder" in option.defaults or model is not None:
            title = "model"
        else:
            title = "variational models" if "variational" in option.defaults else "options of particular models"
        _add(groups[title], option, model)
    stack = "start from the layers of this saved stack"
    text = {None: f"classifier: {stack}", "classifier": stack}.get(model, SUPPRESS)
    title = "options of particular models" if model is None else "model"
    groups[title].add_argument("--stack", metavar="FILE", default=None, help=text)


def _model_in(arguments: Sequence[str]) -> str | None:
    """The model that the arguments name; None if they name none, or if the name may be the value of an option."""
    words = [word for word in arguments if word not in ("-h", "--help")]
    for before, word in zip(["", *words], words, strict=False):
        if word in MODELS and (not before.startswith("-") or "=" in before):
            return word
    return None


def _add(group: _ArgumentGroup, option: Option, model: str | None) -> None:
    """Add the argument of one option."""
    flag = _flag(option.name)
    text = _help(option, model) if model is None or model in option.defaults else SUPPRESS
    if option.kind == "bool":
        both = BooleanOptionalAction if any(option.defaults.values()) else "store_true"
        group.add_argument(flag, action=both, default=SUPPRESS, help=text)
        return
    if option.name in VALUES:
        placeholder, read = VALUES[option.name]
    elif option.choices:
        placeholder, read = "NAME", types.one_of(option.choices)
    elif option.kind.startswith("int"):
        placeholder, read = "N", types.whole_number(0)
    else:
        placeholder, read = "R", types.number(-float("inf"))
    default = 0 if option.name == "random_state" else SUPPRESS
    group.add_argument(flag, metavar=placeholder, type=read, default=default, help=text)


def _flag(option: str) -> str:
    return f"--{ARGUMENTS.get(option, option).replace('_', '-')}"


def _help(option: Option, model: str | None) -> str:
    """Help text of an option: its description, its choices, and its default.

    For all models together (None), the models with this option come first, unless most have it, and models that describe or preset it
    differently are named.
    """
    defaults = {command: _written(default) for command, default in option.defaults.items()}
    if model is not None:
        some, said, default = "", option.texts[model], defaults[model]
    else:
        some = "" if len(option.defaults) > len(MODELS) / 2 else f"{', '.join(option.defaults)}: "
        (said, _), *others = _grouped(option.texts)
        said = ". ".join([said, *(f"For {', '.join(commands)}: {text}" for text, commands in others)])
        (usual, _), *others = sorted(_grouped(defaults), key=lambda item: -len(item[1]))
        default = "; ".join([usual, *(f"{value} for {', '.join(names)}" for value, names in others)]).removeprefix("; ")
    default = "0" if option.name == "random_state" else default
    known = "" if default in ("", "off") else f"(default: {default})"
    choices = f"[{', '.join(option.choices)}]" if option.choices else ""
    return (some + " ".join(part for part in (said, choices, known) if part)).replace("%", "%%")


def _grouped(by_command: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Each value with the models that have it, in the order of the models."""
    found: dict[str, list[str]] = {}
    for command, value in by_command.items():
        found.setdefault(value, []).append(command)
    return list(found.items())


def _as_help(text: str, known: Collection[str]) -> str:
    """A description in the words of the command line: the flags of the known options, and no sentences in parentheses."""

    def in_words(found: re.Match[str]) -> str:
        name, value = found[1] or found[2], found[3]
        if name in known:
            return f"{_flag(name)} {value}" if value else _flag(name)
        return BY_NAME[name].command if name in BY_NAME else found[0]

    text = re.sub(r'`(\w+)`|(\w+)="(\w+)"', in_words, text).replace("()", "none")
    sentences = [s for s in re.split(r"(?<=[.)]) (?=[A-Z(])", text) if not s.startswith("(")]
    return "; ".join(map(_beginning, sentences)).translate({ord("`"): None, ord('"'): None})


def _beginning(sentence: str) -> str:
    """A sentence in lower case, unless it begins with an abbreviation or a symbol, such as KL."""
    lower = sentence[:1].lower() if sentence[1:2].islower() else sentence[:1]
    return f"{lower}{sentence[1:]}".rstrip(".")


def _written(value: object) -> str:
    """A default, as written on the command line."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    if value is None or value is False:
        return "off" if value is False else ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def needs_labels(command: str) -> bool:
    """True if a model is trained with labels."""
    from scratchae import models

    return bool(getattr(models, BY_COMMAND[command].name).needs_labels)


def with_article(command: str) -> str:
    """The model with its article, for use in a sentence."""
    return "a classifier" if command == "classifier" else f"a {command} model"


def build(args: Namespace) -> BaseAutoencoder | StackedClassifier:
    """Create the model given by the arguments, not yet fitted.

    Raises
    ------
    UsageError
        If an argument is not an option of that model.
    """
    from scratchae import models

    kind: type[BaseAutoencoder | StackedClassifier] = getattr(models, BY_COMMAND[args.model].name)
    given = {name: value for name, value in vars(args).items() if name not in NOT_OF_THE_MODEL}
    known = kind._options()
    for name in given:
        if RENAMED.get(name, name) not in known:
            raise UsageError(f"--{name.replace('_', '-')} is not an option of {args.model}; leave it out")
    options = {RENAMED.get(name, name): value for name, value in given.items()}
    if args.model == "classifier" and args.stack is not None:
        return _on_stack(args.stack, options)
    if args.stack is not None:
        raise UsageError("--stack is for the classifier: scratchae train classifier --stack FILE")
    model = kind(**options, verbose=1)
    _check(model)
    return model


def _on_stack(path: str, options: dict[str, Any]) -> StackedClassifier:
    """Create a classifier from the layers of a saved stack."""
    from scratchae.models import StackedAutoencoder, load

    if not os.path.isfile(path):
        raise UsageError(f"--stack {path}: there is no such file; give one saved by `scratchae train stacked`")
    stack = load(path)
    if not isinstance(stack, StackedAutoencoder):
        raise UsageError(
            f"--stack {path} contains a {type(stack).__name__}; give one saved by `scratchae train stacked`"
        )
    for name in ("hidden_sizes", "activation", "dtype"):
        if name in options:
            raise UsageError(f"--{name.split('_')[0]} is determined by the stack; leave it out")
    model = stack.to_classifier(**options, verbose=1)
    _check(model)
    return model


def _check(model: Model) -> None:
    """Reject contradictory options before any data are read."""
    try:
        model._check_options()
    except ValueError as error:
        raise UsageError(str(error)) from None
