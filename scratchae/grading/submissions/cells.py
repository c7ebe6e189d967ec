"""The code cells of a notebook as one Python text: each begins with a line ``# In[k]:``, and lines that only Jupyter understands are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.submissions.tokens import token_at

KEEPING = {
    "time",
    "timeit",
    "capture",
    "prun",
    "memit",
    "mprun",
    "lprun",
    "snakeviz",
    "pyinstrument",
}  # they run the cell's code
_MARK = re.compile(r"#[ \t]*In[ \t]*\[")
_MAGIC = re.compile(r"%%\s*(\w*)")
_COMMENT = "#  "  # two spaces, so that no such line reads like the head of a cell


@dataclass(frozen=True)
class Dropped:
    """A line that was left out.

    Parameters
    ----------
    cell : int
    line : int
        From 1, within the cell.
    text : str
    """

    cell: int
    line: int
    text: str


@dataclass
class _Cell:
    """A cell while it is read: its code, what was written so far, up to which place, and the lines left out."""

    code: str
    written: list[str] = field(default_factory=list)
    copied: int = 0
    dropped: list[tuple[int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, by: str) -> None:
        """Write `by` in place of the code from `start` to `end`."""
        self.written += [self.code[self.copied : start], by]
        self.copied = end

    def drop(self, start: int, by: str) -> int:
        """Write `by` in place of a command that begins at `start`, the command itself as a comment; return its end.

        A command goes on in the next line after a backslash.
        """
        end = _line_end(self.code, start)
        while self.code[end - 1] == "\\" and end < len(self.code):
            end = _line_end(self.code, end + 1)
        text = self.code[start:end]
        self.dropped.append((start, text))
        self.replace(start, end, by + _COMMENT + text.replace("\n", "\n" + _COMMENT))
        return end

    def text(self) -> str:
        """The code as written."""
        return "".join(self.written) + self.code[self.copied :]


def text_of(cells: Iterable[tuple[int, str]]) -> tuple[str, list[Dropped]]:
    """One Python text from cells, and the lines that were left out of it.

    Left out are magics, commands of the shell and requests for help, at the beginning of a statement or of an assigned value, and
    cells in another language. They become comments, with a statement that does nothing in place of the first, so that every line
    keeps its number. A cell that ends within a string becomes a cell with that error alone, and does not take in those after it.

    Parameters
    ----------
    cells : iterable of (int, str)
        Number and code, by ascending numbers. The text begins with cell 1 in any case: by that it is known that its cells are numbered.

    Returns
    -------
    text : str
    dropped : list of Dropped
    """
    parts: list[str] = []
    dropped: list[Dropped] = []
    for number, code in cells:
        if not parts and number > 1:
            parts.append("# In[1]:\n")
        code = _shifted_left(code.replace("\r\n", "\n").replace("\r", "\n"))
        text, lines = _as_python(code)
        parts.append(f"# In[{number}]:\n{text.rstrip()}".rstrip() + "\n")
        starts = [start for start, _ in lines]
        dropped += [Dropped(number, line, each) for line, (_, each) in zip(_lines_at(code, starts), lines, strict=True)]
    return "\n\n".join(parts), dropped


def said(dropped: list[Dropped]) -> str:
    """The end of a sentence about the lines that were left out, which begins with the file's name."""
    first = dropped[0]
    more = f", and {len(dropped) - 1} more" if len(dropped) > 1 else ""
    return f"has lines that are not Python and are left out: `{clean(first.text, 60)}` (cell {first.cell}, line {first.line}){more}"


def _line_end(code: str, place: int) -> int:
    end = code.find("\n", place)
    return len(code) if end < 0 else end


def _lines_at(code: str, starts: list[int]) -> list[int]:
    """The numbers of the lines at ascending places."""
    lines, line, place = [], 1, 0
    for start in starts:
        line += code.count("\n", place, start)
        place = start
        lines.append(line)
    return lines


def _shifted_left(code: str) -> str:
    """Take away the indentation of the first line from all lines that have it, as Jupyter does."""
    lines = code.split("\n")
    first = next((line for line in lines if line.strip()), "")
    space = first[: len(first) - len(first.lstrip(" \t"))]
    return "\n".join(line.removeprefix(space) for line in lines) if space else code


def _as_python(code: str) -> tuple[str, list[tuple[int, str]]]:
    """A cell's Python code; and place and text of what was left out."""
    head = len(code) - len(code.lstrip())
    magic = _MAGIC.match(code, head)
    if magic and magic[1] not in KEEPING:
        kept = "\n".join(_COMMENT + line if line.strip() else "" for line in code.split("\n"))
        return kept, [(head, code[head : _line_end(code, head)])]
    cell = _Cell(code)
    open_string = _read(cell)
    if open_string is None:
        return cell.text(), cell.dropped
    lines = [_COMMENT + line for line in code.split("\n")]
    line = code.count("\n", 0, open_string)
    lines[line] = "unterminated triple-quoted string: it begins in this line"  # no Python, and the words of its error
    return "\n".join(lines), []


def _read(cell: _Cell) -> int | None:
    """Read a cell from left to right, and leave out what is not Python; return the place of a string without an end."""
    code, place, depth, begins = cell.code, 0, 0, True
    start, last = (
        0,
        ("", 0),
    )  # the first place of the statement; its last operator or other token, and where that begins
    while place < len(code):
        token = token_at(code, place)
        assert token is not None
        if begins and token.kind not in ("space", "newline"):
            begins, start = False, place
            if token.text in ("%", "!", "?"):
                place = cell.drop(place, "pass  ")
                continue
        if token.kind == "newline" and depth == 0:
            _drop_help(cell, start, last)
            begins, last = True, ("", 0)
        elif token.kind == "space":
            if _MARK.match(code, place) and (place == 0 or code[place - 1] == "\n"):
                cell.replace(place, place + 2, "#")  # it would read like the head of a cell
        elif token.text in ("%", "!") and last[0] == "=":
            place = cell.drop(place, "None  ")
            continue
        elif token.kind == "string" and not token.closed:
            return place
        elif token.kind != "newline":
            depth = max(0, depth + (token.text in "([{") - (token.text in ")]}"))
            last = (token.text, place)
        place = token.end
    _drop_help(cell, start, last)
    return None


def _drop_help(cell: _Cell, start: int, last: tuple[str, int]) -> None:
    """Leave out a statement in one line that ends with a question mark: a request for help."""
    if last[0] == "?" and start >= cell.copied and "\n" not in cell.code[start : last[1]]:
        cell.drop(start, "pass  ")
