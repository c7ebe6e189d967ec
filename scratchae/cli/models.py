"""Which model a command trains, and with which options: one argument for each option of the models."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import Any

from scratchae.console import parser as types
from scratchae.console.parser import UsageError

MODELS = {  # name on the command line: class
    "autoencoder": "Autoencoder",
    "denoising": "DenoisingAutoencoder",
    "sparse": "SparseAutoencoder",
    "k-sparse": "KSparseAutoencoder",
    "contractive": "ContractiveAutoencoder",
    "stacked": "StackedAutoencoder",
    "classifier": "StackedClassifier",
    "variational": "VariationalAutoencoder",
    "importance-weighted": "ImportanceWeightedAutoencoder",
    "conditional": "ConditionalVariationalAutoencoder",
}
LABELLED = {"classifier": "a classifier", "conditional": "a conditional model"}  # those that are trained with labels
ACTIVATIONS = ("relu", "sigmoid", "tanh", "identity")
OPTIMIZERS = ("adam", "momentum", "sgd", "lbfgs")
# argument: option of the model, where the two have different names
RENAMED = {
    "hidden": "hidden_sizes",
    "code": "latent_dim",
    "tied": "tied_weights",
    "level": "corruption_level",
    "samples": "n_samples",
    "seed": "random_state",
}
NOT_OF_THE_MODEL = ("model", "data", "data_dir", "image_shape", "validation", "patience", "checkpoint", "resume",
                    "out", "figures", "stack")  # fmt: skip


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments that say what is trained, and how. What is not given is as the model has it."""
    names = ", ".join(MODELS)
    parser.add_argument("model", nargs="?", default="autoencoder", type=types.one_of(MODELS), help=f"one of {names}")
    _add_shape(_adder(parser, "model"))
    _add_kinds(_adder(parser, "models of their own kind"))
    _add_variational(_adder(parser, "variational models (variational, importance-weighted, conditional)"))
    _add_training(_adder(parser, "training"))


def _adder(parser: ArgumentParser, title: str) -> Callable[..., Any]:
    group = parser.add_argument_group(title)
    return lambda *names, **settings: group.add_argument(*names, **{"default": SUPPRESS, **settings})


def _add_shape(add: Callable[..., Any]) -> None:
    functions, likelihoods = types.one_of(ACTIVATIONS), types.one_of(("bernoulli", "gaussian"))
    hidden = (
        "the encoder's hidden layers, or none (default: 128; 200,200 for stacked, classifier; none for sparse, k-sparse, "
        "contractive; 400 for variational models)"
    )
    add("--hidden", metavar="SIZES", type=types.sizes, help=hidden)
    add(
        "--code",
        metavar="N",
        type=types.whole_number(1),
        help="size of the code (default: 16; 64 for sparse, k-sparse, contractive; 20 for variational models)",
    )
    units = f"{', '.join(ACTIVATIONS)} (default: relu; sigmoid for sparse, contractive, stacked, classifier)"
    add("--activation", metavar="F", type=functions, help=units)
    add("--code-activation", metavar="F", type=functions, help="of the code (default: linear below hidden layers)")
    data = "bernoulli (default), for data in [0, 1], or gaussian"
    add("--likelihood", metavar="L", type=likelihoods, help=data)
    add("--tied", action="store_true", help="the decoder uses the encoder's weights, transposed")
    kinds = types.one_of(("float32", "float64"))
    add("--dtype", metavar="T", type=kinds, help="float32 (default) or float64")


def _add_kinds(add: Callable[..., Any]) -> None:
    corruptions = types.one_of(("masking", "salt_and_pepper", "gaussian"))
    add(
        "--corruption",
        metavar="C",
        type=corruptions,
        help="denoising, stacked: masking (default), salt_and_pepper, gaussian",
    )
    add(
        "--level",
        metavar="P",
        type=types.number(0),
        help="denoising, stacked: share corrupted, or deviation (default: 0.3)",
    )
    share = types.number(0, above=True, below=1)
    add(
        "--sparsity",
        metavar="P",
        type=share,
        help="sparse, stacked: target of the mean activation (default: 0.05)",
    )
    add(
        "--sparsity-weight",
        metavar="R",
        type=types.number(0),
        help="sparse, stacked: weight of the penalty (default: 3)",
    )
    add("--k", metavar="N", type=types.whole_number(1), help="k-sparse: entries of a code that are kept (default: 8)")
    add(
        "--contraction",
        metavar="R",
        type=types.number(0),
        help="contractive, stacked: weight of the penalty (default: 0.1)",
    )
    bases = types.one_of(("denoising", "basic", "sparse", "contractive"))
    add(
        "--base",
        metavar="B",
        type=bases,
        help="stacked: what each layer is: denoising (default), basic, sparse, contractive",
    )
    add(
        "--pretrain-epochs",
        metavar="N",
        type=types.whole_number(1),
        help="stacked: epochs for each layer (default: 15)",
    )
    rate = types.number(0, above=True)
    add("--pretrain-learning-rate", metavar="R", type=rate, help="stacked: of the layers (default: as --learning-rate)")
    add("--stack", metavar="FILE", default=None, help="classifier: begin with the layers of this saved stack")


def _add_variational(add: Callable[..., Any]) -> None:
    draws = "draws of z for each row and step: L, or k of importance-weighted (default: 1; 5 for importance-weighted)"
    add("--samples", metavar="N", type=types.whole_number(1), help=draws)
    weight = "variational, conditional: weight of the KL, β (default: 1, which is the bound)"
    add("--beta", metavar="R", type=types.number(0), help=weight)
    rise = "variational, conditional: epochs in which that weight rises from near 0 (default: 0)"
    add("--warm-up", metavar="N", type=types.whole_number(0), help=rise)
    free = "variational, conditional: nats of KL that cost nothing in each latent dimension (default: 0)"
    add("--free-bits", metavar="NATS", type=types.number(0), help=free)
    ways = types.one_of(("analytic", "sampled"))
    add("--kl", metavar="WAY", type=ways, help="variational, conditional: analytic (default), or sampled")
    pixels = (
        "grey pixels: none (as they are, default), threshold, static (by chance, once), dynamic (anew in each epoch)"
    )
    add("--binarize", metavar="WAY", type=types.one_of(("none", "threshold", "static", "dynamic")), help=pixels)
    spread = "of each feature around the gaussian decoder's output: a number (default: 1), or learned"
    add("--variance", metavar="R", type=_variance, help=spread)


def _variance(text: str) -> float | str:
    if text == "learned":
        return text
    try:
        return types.number(0, above=True)(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}, or learned") from None


def _add_training(add: Callable[..., Any]) -> None:
    rules = types.one_of(OPTIMIZERS)
    add("--optimizer", metavar="O", type=rules, help=f"{', '.join(OPTIMIZERS)} (default: adam)")
    add("--learning-rate", metavar="R", type=types.number(0, above=True), help="(default: 0.001)")
    share = types.number(0, above=True, most=1)
    add("--learning-rate-decay", metavar="R", type=share, help="factor from one epoch to the next (default: 1)")
    add("--weight-decay", metavar="R", type=types.number(0), help="(default: 0)")
    add("--batch-size", metavar="N", type=types.whole_number(1), help="(default: 128)")
    add("--epochs", metavar="N", type=types.whole_number(1), help="(default: 20)")
    add("--seed", metavar="S", type=types.whole_number(0), default=0, help="of all random numbers (default: 0)")


def build(args: Namespace) -> Any:
    """The model that the arguments describe, not yet fitted.

    Raises
    ------
    UsageError
        If an argument is not one of that model.
    """
    from scratchae import models

    kind: Any = getattr(models, MODELS[args.model])
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


def _on_stack(path: str, options: dict[str, Any]) -> Any:
    """A classifier that begins with the layers of a saved stack."""
    from scratchae.models import StackedAutoencoder, load

    if not os.path.isfile(path):
        raise UsageError(f"--stack {path}: there is no such file; give one that `scratchae train stacked` saved")
    stack = load(path)
    if not isinstance(stack, StackedAutoencoder):
        raise UsageError(
            f"--stack {path} holds a {type(stack).__name__}; give one that `scratchae train stacked` saved"
        )
    for name in ("hidden_sizes", "activation", "dtype"):
        if name in options:
            raise UsageError(f"{name.split('_')[0]} is that of the stack; leave --{name.split('_')[0]} out")
    model = stack.to_classifier(**options, verbose=1)
    _check(model)
    return model


def _check(model: Any) -> None:
    """Options that contradict each other are found out before any data are read."""
    try:
        model._check_options()
    except ValueError as error:
        raise UsageError(str(error)) from None
