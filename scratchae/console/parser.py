"""Command-line arguments: one-line errors that suggest the nearest name, and help texts that end with examples."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

from scratchae.errors import nearest


class UsageError(Exception):
    """Invalid user input; the message says what to do. Exit status 2."""


class Parser(argparse.ArgumentParser):
    """An `argparse` parser with one-line errors.

    Parameters
    ----------
    arguments : sequence of str
        The arguments that will be parsed, for a help text that depends on them.
    **options
        As in `argparse.ArgumentParser`.
    """

    def __init__(self, arguments: Sequence[str] = (), **options: Any) -> None:
        self.arguments = arguments
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`, where argparse itself would print the whole usage."""
        raise UsageError(f"{message}; `{self.prog} --help` shows examples")

    def parse_all(self, arguments: list[str]) -> argparse.Namespace:
        """Parse the arguments; refuse unknown ones and suggest the nearest option."""
        for argument in arguments:  # first, or the value of a misspelt option would be taken for another argument
            name = argument.split("=")[0]
            if name.startswith("--") and name != "--" and name not in self._option_string_actions:
                self.error(f"unknown argument {name!r}{nearest(name, self._option_string_actions)}")
        args, left_over = self.parse_known_args(arguments)
        if left_over:
            name = left_over[0].split("=")[0]
            self.error(f"unknown argument {name!r}{nearest(name, self._option_string_actions)}")
        return args


def one_of(choices: Collection[str]) -> Callable[[str], str]:
    """Return a type for `add_argument`: one of the given names."""

    def check(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(
                f"{text!r} is unknown{nearest(text, choices)}; use one of {', '.join(choices)}"
            )
        return text

    return check


def whole_number(least: int) -> Callable[[str], int]:
    """Return a type for `add_argument`: an integer of at least `least`."""

    def check(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give an integer of at least {least}")
        return number

    return check


def whole_number_or(word: str, least: int) -> Callable[[str], int | str]:
    """Return a type for `add_argument`: an integer of at least `least`, or the given word."""
    read = whole_number(least)

    def check(text: str) -> int | str:
        try:
            return word if text == word else read(text)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f"{error}, or {word}") from None

    return check


def number(
    least: float, *, above: bool = False, below: float = math.inf, most: float = math.inf
) -> Callable[[str], float]:
    """Return a type for `add_argument`: a number at least `least` (or above it), below `below` and at most `most`."""
    wanted = "a number" if least == -math.inf else f"a number {'above' if above else 'of at least'} {least:g}"
    wanted += f" and below {below:g}" if below < math.inf else f" and at most {most:g}" if most < math.inf else ""

    def check(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (least < value if above else least <= value) or not value < below or value > most:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give {wanted}")
        return value

    return check


def sizes(text: str) -> tuple[int, ...]:
    """Return a type for `add_argument`: layer sizes, such as "128,64", or "none"."""
    if text.strip().lower() in ("", "none"):
        return ()
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of sizes; give sizes such as 128,64, or none")
    return tuple(int(part) for part in parts)


def image_shape(text: str) -> tuple[int, int]:
    """Return a type for `add_argument`: height and width, such as "28x28"."""
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a height and width; give both, such as 28x28")
    return int(parts[0]), int(parts[1])


def image_shape_or_none(text: str) -> tuple[int, int] | str:
    """Return a type for `add_argument`: height and width, such as "28x28", or "none"."""
    return "none" if text.strip().lower() == "none" else image_shape(text)
