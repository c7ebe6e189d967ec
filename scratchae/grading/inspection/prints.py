"""Fingerprints of a file's functions, without names, comments, docstrings and layout, so that copies can be found.

They need no parser: the file is read once, and the time grows with its size alone.
"""

from __future__ import annotations

import hashlib
import keyword
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scratchae.grading.inspection.lexer import Lexeme, decoded, parts

GRAM = 10  # words and signs in a row that are compared
KEPT = 4  # one of so many such rows is kept, by its value, so that the same ones are kept in every file
MOST_FUNCTIONS = 200  # of a file, beginning with those that are asked for
KEYWORDS = frozenset(keyword.kwlist)
ANY = "name"
LAYOUT = frozenset("();,")  # brackets and commas may be there or not


@dataclass(frozen=True)
class Function:
    """A function or a class at the top of a file.

    Parameters
    ----------
    name : str
    digest : str
        The same for all functions whose bodies differ in names, comments and layout only.
    length : int
        Words and signs of its body, without brackets and commas.
    grams : frozenset of int
        Fingerprints of parts of its body, in which every name is like any other.
    """

    name: str
    digest: str
    length: int
    grams: frozenset[int] = field(repr=False)


@dataclass(frozen=True)
class Prints:
    """The parts of a file that are compared.

    Parameters
    ----------
    functions : tuple of Function
    texts : frozenset of str
        Lines of its comments and docstrings, without spaces.
    """

    functions: tuple[Function, ...]
    texts: frozenset[str] = field(repr=False)


@lru_cache(maxsize=4096)  # many files of a class are the same, such as those that nobody has touched
def prints(source: bytes, wanted: frozenset[str] | None = None) -> Prints:
    """The fingerprints of a file.

    Parameters
    ----------
    source : bytes
    wanted : frozenset of str, optional
        Names of functions: these and the functions that they need are kept, and no others. All are kept by default.
    """
    texts: set[str] = set()
    # Of two functions with one name, the later is the one that is called.
    bodies = {name: body for name, body in _functions(_statements(source, texts)) if body}
    needs = {name: frozenset(part.text for part in body if part.text in bodies) for name, body in bodies.items()}
    kept = _reached(bodies if wanted is None else [name for name in bodies if name in wanted], needs)
    functions = tuple(_function(name, body) for name, body in bodies.items() if name in kept)
    return Prints(functions, frozenset(texts))


def _reached(first: Iterable[str], needs: Mapping[str, frozenset[str]]) -> set[str]:
    """The names, and those that they need, directly or through others; no more than `MOST_FUNCTIONS`."""
    order = dict.fromkeys(first)
    waiting = list(order)
    for name in waiting:  # grows on the way
        for other in sorted(needs[name] - order.keys()):
            order[other] = None
            waiting.append(other)
    return set(waiting[:MOST_FUNCTIONS])


def _statements(source: bytes, texts: set[str]) -> Iterator[list[Lexeme]]:
    """The logical lines of a file, without comments and docstrings, whose lines go into `texts`."""
    line: list[Lexeme] = []
    for token in parts(decoded(source)):
        if token.kind == "comment":
            texts.add("".join(token.text.split()))
        elif token.kind != "newline":
            line.append(token)
        elif line:
            if all(each.kind == "string" for each in line):
                texts |= {"".join(part.split()) for each in line for part in each.text.splitlines()}
            else:
                yield line
            line = []
    if line:
        yield line


def _functions(statements: Iterator[list[Lexeme]]) -> Iterator[tuple[str, list[Lexeme]]]:
    """Name and body of each function and class at the top of a file. Its head is given with the exercise."""
    name, body = "", list[Lexeme]()
    for line in statements:
        if line[0].column == 0:
            if name:
                yield name, body
            words = [token.text for token in line[:3]]
            words = words[words[0] == "async" :]
            name = words[1] if words[0] in ("def", "class") and len(words) > 1 else ""
            body = _after_head(line) if name else []
        elif name:
            body += [*line, Lexeme("newline", "\n", 0)]
    if name:
        yield name, body


def _after_head(line: Sequence[Lexeme]) -> list[Lexeme]:
    """The tokens after the colon that ends the head, in the same line."""
    depth = 0
    for i, token in enumerate(line):
        depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == ":" and depth == 0:
            return list(line[i + 1 :])
    return []


def _function(name: str, body: Sequence[Lexeme]) -> Function:
    numbers: dict[str, str] = {}
    exact, loose = [], []
    before = ""
    for token in body:
        text = token.text
        if token.kind == "name" and text not in KEYWORDS and before != ".":
            exact.append(numbers.setdefault(text, f"{ANY}{len(numbers)}"))
            loose.append(ANY)
        elif token.kind != "newline" and text not in LAYOUT:
            plain = _plain(token)
            if before == "/" and token.kind == "number":
                exact[-1], plain = "*", _inverse(plain)
                loose[-1] = "*"
            exact.append(plain)
            loose.append(plain)
        before = text
    digest = hashlib.blake2b("\0".join(exact).encode(errors="replace"), digest_size=12).hexdigest()
    return Function(name[:80], digest, len(exact), frozenset(_grams(loose)))


def _inverse(number: str) -> str:
    """The factor that is the same as a division by this number; a text that is no number remains."""
    try:
        return repr(1 / float(number))
    except (ValueError, ZeroDivisionError):
        return number


def _plain(token: Lexeme) -> str:
    """A string without the kind of its quotes, a number without the way in which it is written."""
    if token.kind == "string":
        return token.text.strip("rRbBuUfF").strip("\"'")
    if token.kind == "number" and len(token.text) < 30:
        try:
            return repr(float(token.text))
        except ValueError:
            return token.text
    return token.text


def _grams(texts: Sequence[str]) -> Iterator[int]:
    """Fingerprints of `GRAM` tokens in a row, each computed from the one before."""
    base, most = 1_000_003, (1 << 61) - 1
    first, value = pow(base, GRAM, most), 0
    codes = [zlib.crc32(text.encode(errors="replace")) + 1 for text in texts]
    for i, code in enumerate(codes):
        value = (value * base + code - (codes[i - GRAM] * first if i >= GRAM else 0)) % most
        if i >= GRAM - 1 and (value ^ value >> 17) % KEPT == 0:
            yield value
