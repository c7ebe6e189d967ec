r"""The symbols of the notation, found in formulas: what each means, its shape, and its name in the code.

The tables of docs/notation.md are read, those whose first column is "symbol" or "index". A page may have symbols of its own, in a table with
the same headings; they hold on that page only. `mark` wraps each symbol of a formula in `\htmlData{s=…}`, so that the page can show its
meaning and light its other uses. A letter that no table knows stops the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(
    r"\\\\\[[^\]]*\]|\\[a-zA-Z]+|\\.|[a-zA-Z]|\d+|\s+|.", re.DOTALL
)  # the first is the end of a line with a space below: \\[2ex]
GREEK_NAMES = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon phi varphi
chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell"""
GREEK = {rf"\{name}" for name in re.findall(r"\w+", GREEK_NAMES)}
# Decorations belong to the letter below them: \hat x is one symbol.
DECORATED = {
    r"\hat",
    r"\bar",
    r"\tilde",
    r"\dot",
    r"\vec",
    r"\mathbf",
    r"\mathrm",
    r"\mathcal",
    r"\mathbb",
    r"\boldsymbol",
}
# A symbol that is the next thing after one of these must be in braces of its own.
TAKES_NEXT = {
    "^",
    "_",
    r"\frac",
    r"\dfrac",
    r"\tfrac",
    r"\sqrt",
    r"\overline",
    r"\underline",
    r"\widehat",
    r"\widetilde",
    *DECORATED,
}
# Their argument is text, not mathematics.
TEXT = {r"\text", r"\tag", r"\textrm", r"\textit", r"\begin", r"\end", r"\operatorname", r"\htmlData"}
# Letters whose meaning is the same everywhere in mathematics.
EVERYWHERE = {"e", "d", r"\pi", r"\mathbb{R}", r"\mathrm e", r"\mathrm d", r"\mathrm E", r"\mathcal N", r"\mathbf{1}"}
WORD = re.compile(r"\\mathrm\{(?P<word>[a-zA-Z]{2,}|[a-zA-Z]+\\_.*?)(?:[_ \\].*)?\}$")
# Three or more letters side by side are a word, "best" or "logvar", unless all of them are indices.
LETTERS = re.compile(r"[a-zA-Z]")
INDICES = set("nijklct")
BLANK = re.compile(r"^\s+$")


@dataclass(frozen=True)
class Symbol:
    """A symbol: TeX, key, name in the code, shape and meaning, as in its table."""

    tex: str
    key: str
    code: str
    shape: str
    meaning: str

    @property
    def names(self) -> list[str]:
        """The names that this symbol has in the code."""
        return re.findall(r"`([A-Za-z_]\w*)`", self.code)


class UnknownSymbol(Exception):  # noqa: N818 - a finding, made an error by whoever knows file and line
    """A letter that no table knows."""


def tokens(tex: str) -> list[str]:
    """The tokens of a formula. The argument of a decoration is one token with it, and so is a text: `\\hat x`, `\\mathrm{kl}`."""
    raw, found, i = TOKEN.findall(tex), [], 0
    while i < len(raw):
        token = raw[i]
        if token in DECORATED or token in TEXT:
            end = _argument_end(raw, i + 1)
            token = "".join(raw[i:end])
            i = end
        else:
            i += 1
        found.append(token)
    return found


def _argument_end(raw: list[str], start: int) -> int:
    """Return the end of the argument that begins at `start`: after a group, or after one token."""
    while start < len(raw) and BLANK.match(raw[start]):
        start += 1
    depth = 0
    for i in range(start, len(raw)):
        depth += (raw[i] == "{") - (raw[i] == "}")
        if depth == 0:
            return i + 1
    return len(raw)


def plain(tex: str) -> str:
    r"""A formula without what does not change it: blanks, and braces around one token (`\hat{x}` is `\hat x`)."""
    compact = re.sub(r"\s+(?![a-zA-Z])|(?<![a-zA-Z])\s+", "", tex.strip())
    return re.sub(r"\{(\\?[a-zA-Z]|\\[a-zA-Z]+)\}", r" \1", compact).replace("  ", " ")


def _pattern(tex: str) -> tuple[str, ...]:
    return tuple(plain(token) for token in tokens(tex) if not BLANK.match(token))


def _cells(row: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def read_table(text: str) -> list[Symbol]:
    """The symbols of the tables of a page."""
    found: list[Symbol] = []
    heading: list[str] = []
    for row in text.splitlines():
        if not row.startswith("|"):
            heading = []
        elif not heading:
            heading = [cell.lower() for cell in _cells(row)]
        elif not set(row) <= set("|-: "):
            found += _row(heading, _cells(row))
    return found


def read_letters(text: str, page: str) -> list[Symbol]:
    """The symbols that a table with the columns "letter" and "page" gives to one page."""
    found: list[Symbol] = []
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        heading, *rows = [_cells(row) for row in block.splitlines()]
        if [name.lower() for name in heading[:2]] != ["letter", "page"]:
            continue
        for cells in rows[1:]:
            if page in re.split(r",\s*", cells[1]):
                formulas, meanings = re.findall(r"\$([^$]+)\$", cells[0]), re.split(r";\s*", cells[2])
                several = len(meanings) == len(formulas)
                found += [
                    Symbol(tex, "", "", "", meanings[i] if several else cells[2]) for i, tex in enumerate(formulas)
                ]
    return found


def _row(heading: list[str], cells: list[str]) -> Iterator[Symbol]:
    """The symbols in a row: all formulas in its first cell."""
    if heading[0] not in ("symbol", "index"):
        return
    row = dict(zip(heading, cells, strict=False))
    meaning = (
        row.get("what it is")
        or row.get("meaning")
        or (f"index: {row['runs over']}" if "runs over" in row else cells[-1])
    )
    names = row.get("in the code", "")
    formulas = re.findall(r"\$([^$]+)\$", cells[0])
    several = re.split(r"[;,]\s+(?=`)", names)
    for tex, name in zip(formulas, several if len(several) == len(formulas) else [names] * len(formulas), strict=True):
        yield Symbol(tex.strip(), "", name, row.get("shape", ""), meaning)


def _key(tex: str) -> str:
    """A name that may stand in HTML: letters, digits, hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", lambda found: "-" if "\\" not in found[0] else "--", tex).strip("-") or "s"


class Notation:
    """The symbols that hold on a page."""

    def __init__(self, *tables: list[Symbol]) -> None:
        self.symbols: dict[tuple[str, ...], Symbol] = {}
        self.functions: dict[str, Symbol] = {}  # symbols that are followed by a parenthesis
        for symbol in (symbol for table in tables for symbol in table):
            pattern = _pattern(symbol.tex)
            if len(pattern) > 3 and (pattern[1], pattern[-1]) == ("(", ")"):  # a density or a function: p(z)
                shown = Symbol(
                    rf"{pattern[0]}(\cdot)", f"{_key(pattern[0])}-of", symbol.code, symbol.shape, symbol.meaning
                )
                self.functions.setdefault(pattern[0], shown)
                continue
            before = self.symbols.get(pattern)
            meaning = symbol.meaning
            if before is not None and symbol.meaning not in before.meaning:
                meaning = f"{before.meaning}; {symbol.meaning}" if before.meaning else symbol.meaning
            code = symbol.code or (before.code if before else "")
            shape = symbol.shape or (before.shape if before else "")
            self.symbols[pattern] = Symbol(symbol.tex, _key(symbol.tex), code, shape, meaning)
        self._index()

    def _index(self) -> None:
        self.longest = max(map(len, self.symbols), default=1)
        self.by_key = {symbol.key: symbol for symbol in (*self.symbols.values(), *self.functions.values())}

    def with_page(self, text: str, letters: list[Symbol] | None = None) -> Notation:
        """The notation of a page that may have symbols of its own, in its text or in `letters`; these replace those of the same form."""
        own, page = Notation([*(letters or []), *read_table(text)]), Notation()
        own_letters = {pattern[0] for pattern in own.symbols}
        page.symbols = {**self.symbols, **own.symbols}
        page.functions = {k: v for k, v in self.functions.items() if k not in own_letters} | own.functions
        page._index()
        return page

    def of_code(self) -> Mapping[str, str]:
        """Name in the code to the key of its symbol; gradients of names are found by the page."""
        return {name: symbol.key for symbol in reversed(self.by_key.values()) for name in symbol.names}

    def word(self, token: str) -> str:
        r"""The key of an upright word, which may have an index: `\mathrm{kl_n}` is the symbol of `\mathrm{kl}`."""
        word = WORD.match(token)
        symbol = self.symbols.get((rf"\mathrm{{{word['word']}}}",)) if word else None
        return symbol.key if symbol else ""

    def at(self, row: list[str], i: int) -> tuple[int, str]:
        """(number of tokens, key) of the longest symbol at position i, with a `d` before it for its gradient; (0, "") if there is none."""
        if row[i] in self.functions and next((t for t in row[i + 1 :] if not BLANK.match(t)), "") == "(":
            return 1, self.functions[row[i]].key
        for skip in (0, 1):
            if skip and row[i] != "d":
                break
            j, seen = i + skip, []
            best = (0, "")
            while j < len(row) and len(seen) < self.longest:
                if not BLANK.match(row[j]):
                    seen.append(plain(row[j]))
                    if tuple(seen) in self.symbols:
                        best = (j - i + 1, self.symbols[tuple(seen)].key)
                j += 1
            if best[0]:
                return best[0], f"d-{best[1]}" if skip else best[1]
        return 0, ""

    def mark(self, tex: str) -> tuple[str, list[str]]:
        r"""The formula with each symbol in `\htmlData`, and the keys of its symbols.

        Raises
        ------
        UnknownSymbol
            If a letter, Greek or Latin, is no symbol.
        """
        row, out, keys, unknown, i, last = tokens(tex), [], [], [], 0, ""
        integral = r"\int" in tex
        while i < len(row):
            if length := _word_length(row, i):
                out += row[i : i + length]
                last, i = "", i + length
                continue
            count, key = self.at(row, i)
            if not count and (key := self.word(row[i])):
                count = 1
            if integral and key.startswith("d-"):
                count, key = 0, ""  # dz under an integral is no gradient
            if count:
                keys.append(key)
                wrapped = rf"\htmlData{{s={key}}}{{{''.join(row[i : i + count])}}}"
                out.append(f"{{{wrapped}}}" if last in TAKES_NEXT else wrapped)
                last, i = "", i + count
                continue
            token = row[i]
            transposed = token == "T" and last == "^"
            if _is_letter(token) and plain(token).strip() not in EVERYWHERE and not transposed:
                unknown.append(token.strip())
            out.append(token)
            last, i = (last if BLANK.match(token) else token), i + 1
        if unknown:
            raise UnknownSymbol(", ".join(dict.fromkeys(unknown)))
        return "".join(out), keys


def _word_length(row: list[str], i: int) -> int:
    """The number of letters of the word that begins at position i; 0 if there is none."""
    j = i
    while j < len(row) and LETTERS.fullmatch(row[j]):
        j += 1
    word = row[i:j]
    return j - i if len(word) >= 3 and not set(word) <= INDICES and all(letter.islower() for letter in word) else 0


def _is_letter(token: str) -> bool:
    """Tell whether a token must have a meaning: a letter, Greek or not, or one with a decoration. A word in upright letters says it itself."""
    if re.fullmatch(r"[a-zA-Z]", token) or token in GREEK:
        return True
    command = re.match(r"\\[a-zA-Z]+", token)
    return command is not None and command[0] in DECORATED and not WORD.match(token)
