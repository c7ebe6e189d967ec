"""Arguments: what each type reads, and one-line errors that name the nearest option."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from scratchae.console import parser as types
from scratchae.console.parser import Parser, UsageError


def made() -> Parser:
    parser = Parser(prog="prog")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--epochs", type=types.whole_number(1), default=5)
    parser.add_argument("--quiet", action="store_true")
    return parser


def test_arguments_are_read() -> None:
    args = made().parse_all(["--epochs", "3", "digits"])
    assert (args.epochs, args.name, args.quiet) == (3, "digits", False)
    assert made().parse_all(["--epochs=7"]).epochs == 7 and made().parse_all([]).epochs == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epohcs", "3"], "unknown argument '--epohcs' (did you mean '--epochs'?); `prog --help` shows examples"),
        (["--epohcs=3"], "unknown argument '--epohcs' (did you mean '--epochs'?)"),
        (["--epoch", "3"], "unknown argument '--epoch' (did you mean '--epochs'?)"),  # not abbreviated
        (["digits", "mnist"], "unknown argument 'mnist'; `prog --help`"),
        (["--epochs", "0"], "argument --epochs: '0' is not allowed; give an integer of at least 1"),
        (["--epochs"], "argument --epochs: expected one argument"),
    ],
)
def test_errors_are_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        made().parse_all(arguments)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (types.one_of(("adam", "sgd")), "sgd", "sgd"),
        (types.whole_number(0), "0", 0),
        (types.number(0), "0", 0.0),
        (types.number(0, above=True, most=1), "1", 1.0),
        (types.number(0, below=1), "0.999", 0.999),
        (types.number(-float("inf")), "-1e3", -1000.0),
        (types.sizes, "128, 64", (128, 64)),
        (types.sizes, "none", ()),
        (types.sizes, "", ()),
        (types.image_shape, "28x20", (28, 20)),
        (types.image_shape, "28×20", (28, 20)),
        (types.image_shape, "8X8", (8, 8)),
    ],
)
def test_what_is_read(read: Callable[[str], Any], text: str, value: Any) -> None:
    assert read(text) == value and type(read(text)) is type(value)


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (types.one_of(("adam", "sgd")), "adm", r"'adm' is unknown \(did you mean 'adam'\?\); use one of adam, sgd"),
        (types.whole_number(1), "2.0", "'2.0' is not allowed; give an integer of at least 1"),
        (types.number(0, above=True), "0", "give a number above 0"),
        (types.number(0), "-0.1", "give a number of at least 0"),
        (types.number(0), "nan", "give a number of at least 0"),
        (types.number(0), "inf", "give a number of at least 0"),
        (types.number(0, above=True, below=1), "1", "give a number above 0 and below 1"),
        (types.number(0, above=True, most=1), "1.1", "give a number above 0 and at most 1"),
        (types.number(-float("inf")), "ten", "give a number$"),
        (types.sizes, "128,", "not a list of sizes; give sizes such as 128,64, or none"),
        (types.sizes, "8,-1", "not a list of sizes"),
        (types.image_shape, "28", "not a height and width; give both, such as 28x28"),
        (types.image_shape, "28x0", "not a height and width"),
    ],
)
def test_what_is_refused(read: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        read(text)


def test_a_shape_of_images_or_none() -> None:
    assert types.image_shape_or_none("28x28") == (28, 28) and types.image_shape_or_none(" None ") == "none"
    with pytest.raises(argparse.ArgumentTypeError, match="such as 28x28"):
        types.image_shape_or_none("28")
