"""The dialect of a text file: separator, decimal sign and column names, found from its first lines."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scratchae.tables.compressed import opened, text_of

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "bar": "|", "space": " ", r"\s+": " "}
MISSING = frozenset(
    ["", "NA", "na", "Na", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "NaN", "nan", "NAN", "-NaN", "-nan", "1.#QNAN", "-1.#QNAN",
     "1.#IND", "-1.#IND", "NULL", "Null", "null", "None", "none", "<NA>", "?", ".", "-", "--", "#DIV/0!", "#VALUE!", "#REF!",
     "#NUM!", "#NAME?", "missing", "NaT"]
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"[+-]?(\d*,\d+|\d+,)([eE][+-]?\d+)?")
# Thousands parted by commas, or by points before a decimal comma, or in both cases by spaces or apostrophes.
BY_COMMAS = re.compile(r"[+-]?[1-9]\d{0,2}([, '\u2019\u00a0\u202f])\d{3}(\1\d{3})*(\.\d*)?")
_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}([. '\u2019\u00a0\u202f])\d{3}(\1\d{3})*(,\d*)?")
OFTEN = 5  # occurrences of each class on average, from which a text that does not occur is no class
_LINES, _CHARACTERS = 60, 1 << 18  # read for finding out
_LEAST_LINES, _MOST_CHARACTERS = 4, 1 << 27  # of files with very long lines
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"PAR1", "a Parquet file; name it .parquet"),
    (b"\x93NUMPY", "an array of NumPy; name it .npy"),
    (b"\xd0\xcf\x11\xe0", "a workbook of Excel; save its sheet as .csv"),
    (b"%PDF", "a PDF file; give the table itself"),
    (b"SQLite", "a data base; export the table as .csv"),
    (b"\x89PNG", "an image; give the folder of the images"),
)


@dataclass(frozen=True)
class Dialect:
    """The way in which a file is written.

    Parameters
    ----------
    separator : str
        A space stands for any number of spaces and tabs.
    decimal : {".", ","}
    encoding : str
    skip : int
        Number of lines before the first row of values.
    width : int
        Number of cells in a row.
    names : list of str, optional
        Column names, one for each cell.
    comments : bool
        Whether lines that begin with "#" are comments.
    notes : tuple of str
    """

    separator: str
    decimal: str
    encoding: str
    skip: int
    width: int
    names: list[str] | None = None
    comments: bool = False
    notes: tuple[str, ...] = ()


def is_number(cell: str, decimal: str = ".") -> bool:
    """Return whether a cell is a number."""
    text = cell.strip()
    return _NUMBER.fullmatch(text) is not None or (decimal == "," and is_comma_number(text))


def is_comma_number(text: str) -> bool:
    """Return whether a cell is a number with a decimal comma, or one whose thousands are parted by points or spaces."""
    return _COMMA_NUMBER.fullmatch(text) is not None or _BY_POINTS.fullmatch(text) is not None


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for a missing value."""
    return cell.strip() in MISSING


def records(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of cells that are not empty, each with the number of the line on which it begins, from 1.

    Raises
    ------
    ValueError
        If a line cannot be divided into cells, as one without separators that is very long.
    """
    if separator == " ":
        yield from ((number, line.split()) for number, line in enumerate(lines, 1) if line.strip())
        return
    last = ""

    def watched() -> Iterator[str]:
        nonlocal last
        for line in lines:
            last = line
            yield line

    reader, start = csv.reader(watched(), delimiter=separator, skipinitialspace=True), 1
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or last.strip()):  # an empty cell in quotes is a row, a blank line is not
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"Line {start} cannot be divided into cells ({error}); mend it, or give the separator (sep=, on the command line --sep)."
        ) from None


def dialect_of(
    path: Path, separator: str | None, header: bool | None, label: str | int | bool | None
) -> tuple[Dialect, list[list[str]]]:
    """Find out how a file is written.

    Parameters
    ----------
    path : Path
    separator : str, optional
        If known.
    header : bool, optional
        Whether the first line has the column names, if known.
    label : str, int, bool or None
        The column of labels, if given; a name that occurs in the first line makes it column names.

    Returns
    -------
    dialect : Dialect
    rows : list of list of str
        The first rows of values.

    Raises
    ------
    ValueError
        If the file is empty, or its first line is neither column names nor values.
    """
    encoding, notes = _encoding(path)
    lines, cut = _first_lines(path, encoding)
    skip, stated, title = _preamble(lines)
    separator = _checked_separator(separator) or stated or _separator(lines[skip:])
    found = [(line + skip, cells) for line, cells in records(lines[skip:], separator)]
    if not found:
        raise ValueError(f"{path} has no rows.")
    found = found[:-1] if cut and len(found) > 1 else found
    rows = [cells for _, cells in found]
    decimal = _decimal(rows, separator)
    notes += [f"separated by {SEPARATORS.get(separator, repr(separator))}"] if len(rows[-1]) > 1 else []
    notes += ["with decimal commas"] if decimal == "," else []
    found_dialect = Dialect(separator, decimal, encoding, skip, len(rows[-1]), None, title is not None)
    named, note = _with_names(found_dialect, found, title, header, label, str(path))
    return replace(named, notes=(", ".join([*notes]) or "one column", note)), rows[1 if named.skip > skip else 0 :]


def _first_lines(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Return the first lines of a text, several even if they are very long, and whether the last may be cut off."""
    with text_of(path, encoding) as file:
        text = file.read(_CHARACTERS)
        while text.count("\n") + text.count("\r") < _LEAST_LINES and len(text) < _MOST_CHARACTERS:
            if not (more := file.read(_CHARACTERS)):
                break
            text += more
        more = file.read(1)
    lines = list(itertools.islice(io.StringIO(text, newline=""), _LINES))
    return lines, bool(more) and len("".join(lines)) == len(text)


def _encoding(path: Path) -> tuple[str, list[str]]:
    """Return the encoding of a text: UTF by its first bytes, UTF-8, or the one of old Windows programs, and say so.

    Raises
    ------
    ValueError
        If the file is not a text.
    """
    with opened(path) as file:
        start = file.read(8)
    for mark, kind in _OTHERS:
        if start.startswith(mark):
            raise ValueError(f"{path} is not a text, but {kind}.")
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            _check_text(path, encoding)
            return encoding, []
    if len(start) > 3 and any(start[:4]):
        for encoding, zeros in (("utf-16-le", start[1:4:2]), ("utf-16-be", start[0:4:2])):
            if zeros == b"\0\0":
                _check_text(path, encoding)
                return encoding, ["in UTF-16"]
    try:
        _decode(path, "utf-8")
    except UnicodeDecodeError:
        _check_text(path, "cp1252")
        return "cp1252", ["not in UTF-8, so read as Windows-1252"]
    return "utf-8", []


def _decode(path: Path, encoding: str) -> None:
    """Raise UnicodeDecodeError unless a file has an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened(path) as file:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)


def _check_text(path: Path, encoding: str) -> None:
    try:
        _decode(path, encoding)
    except UnicodeDecodeError:
        raise ValueError(
            f"{path} is not a text in UTF-8, UTF-16 or Windows-1252; save it as a text, or with the ending of its kind."
        ) from None


def _preamble(lines: list[str]) -> tuple[int, str | None, str | None]:
    """Return the number of lines before the table, the separator that Excel's "sep=" states, and the last comment."""
    skip, separator, title = 0, None, None
    for line in lines:
        if re.fullmatch(r"sep=.\s*", line, re.IGNORECASE):
            separator = line[4]
        elif line.lstrip().startswith("#"):
            title = line.strip().lstrip("#").strip()
        elif line.strip():
            break
        skip += 1
    return skip, separator, title


def _checked_separator(separator: str | None) -> str | None:
    if separator is None:
        return None
    separator = NAMED.get(separator, separator)
    if len(separator) != 1:
        raise ValueError(f"sep={separator!r} is not one character; give one of {', '.join(NAMED)}, or the character.")
    return separator


def _separator(lines: list[str]) -> str:
    """Return the separator that gives rows of equal length, most of them numbers."""
    best, chosen = (False, False, 0.0, 0), ","
    for separator in SEPARATORS:
        try:
            rows = [cells for _, cells in records(lines, separator)]
        except ValueError:  # a long line without this separator
            continue
        widths = Counter(map(len, rows[1:] or rows))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0])) if widths else (0, 0)
        if width < 2:
            continue
        decimal = _decimal(rows, separator)
        cells = [cell for row in rows[1:] or rows for cell in row]
        usable = sum(is_number(cell, decimal) or is_missing(cell) for cell in cells) / len(cells)
        even = count / len(rows[1:] or rows)
        if separator == " " and usable < 0.5:  # words of a sentence
            continue
        fits = len(rows[0]) == width or (len(rows[0]) == width - 1 > 1)  # names of all columns, or of all but the index
        enough = even == 1.0 if separator == " " else round(even, 1) >= 0.5
        found = (enough, fits, usable, 0 if separator == " " else width)
        if found[0] and found > best:
            best, chosen = found, separator
    return chosen


def _decimal(rows: list[list[str]], separator: str) -> str:
    """Return the decimal sign: a comma if some cells need it, and no cell needs a point, since each point may part thousands."""
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    commas = any("," in cell and is_comma_number(cell) for cell in cells)
    points = any("." in cell and _NUMBER.fullmatch(cell) and not _BY_POINTS.fullmatch(cell) for cell in cells)
    return "," if commas and not points else "."


def _with_names(
    dialect: Dialect,
    found: list[tuple[int, list[str]]],
    title: str | None,
    header: bool | None,
    label: str | int | bool | None,
    path: str,
) -> tuple[Dialect, str]:
    """Add the column names, if there are any, and a sentence about them."""
    (line, first), body = found[0], [cells for _, cells in found[1:]]
    width = Counter(map(len, body)).most_common(1)[0][0] if body else len(first)
    dialect = replace(dialect, width=width)
    if title is not None and header is None:
        names = next(records([title], dialect.separator), (0, [""]))[1]
        if len(names) == width and not any(map(is_number, names)):
            return replace(dialect, names=_clean(names)), "the comment before the rows gives the column names"
    if header is None:
        header = (
            isinstance(label, str) and label in map(str.strip, first) or _is_header(first, body, dialect, line, path)
        )
    if not header:
        if len(first) != width:
            raise ValueError(
                f"{path} has {len(first)} cells in line {line} and {width} in the rows below; give rows of equal length."
            )
        return dialect, f"no column names (line {line} has values{_perhaps_names(first, body)})"
    names, more = _clean(first), ""
    while len(names) > width and not names[-1]:
        names.pop()
    if len(names) == 1 and width == 2 and dialect.separator == ",":
        raise ValueError(
            f"{path} has one column name in line {line}, but two cells in the rows below; if their commas are decimal signs, give another "
            "separator (sep=';', on the command line --sep semicolon), otherwise name both columns."
        )
    if len(names) == width - 1:
        if all(not row[-1].strip() for row in body if len(row) == width):
            names = [*names, ""]  # every row ends with a separator
        else:
            names, more = ["", *names], ", which leave out the first column"  # as R writes them
    if len(names) != width:
        raise ValueError(
            f"{path} has {len(names)} column names in line {line}, but {width} cells in the rows below; give one name for each."
        )
    start = found[1][0] - 1 if body else line
    return replace(dialect, names=names, skip=start), f"line {line} gives the column names{more}"


def _perhaps_names(first: list[str], body: list[list[str]]) -> str:
    """Return a hint if the first row, and no other, has rising whole numbers, such as years."""

    def rises(cells: list[str]) -> bool:
        numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
        return len(numbers) == len(cells) > 1 and all(a < b for a, b in itertools.pairwise(numbers))

    if not rises(first) or any(map(rises, body)):
        return ""
    shown = ", ".join(cell.strip() for cell in first[:3])
    return f"; if {shown}{', …' if len(first) > 3 else ''} are column names, give header=True (--header)"


def _clean(names: list[str]) -> list[str]:
    return [name.strip().strip("'\"").strip() for name in names]


def _is_header(first: list[str], body: list[list[str]], dialect: Dialect, line: int, path: str) -> bool:
    """Return whether the first row has column names.

    Raises
    ------
    ValueError
        If some of its cells are numbers and others are not, and the rows below do not explain it.
    """
    cells = _clean(first)
    numbers = [is_number(cell, dialect.decimal) for cell in cells]
    texts = [not number and not is_missing(cell) for number, cell in zip(numbers, cells, strict=True)]
    counted = [cell for cell in cells[0 if numbers[0] else 1 :]]
    if len(counted) > 1 and body and counted == [str(i) for i in range(len(counted))]:
        return True  # 0, 1, 2, ...: the names that pandas gives to columns without names
    if not any(texts):
        return not cells[0] and not any(
            is_number(cell, dialect.decimal) or is_missing(cell) for row in body for cell in row[:1]
        )
    if not any(numbers):
        return not _like_below(cells, texts, body, dialect)
    counted = [cell for cell, number in zip(cells, numbers, strict=True) if number]
    if len(counted) > 1 and counted == [str(i) for i in range(len(counted))] and not _occur_below(cells, texts, body):
        return True  # columns without names beside columns with names, such as 0, 1, 2, target
    if _like_below(cells, texts, body, dialect):
        return False
    number, text = cells[numbers.index(True)], cells[texts.index(True)]
    raise ValueError(
        f"{path} has numbers ({number}) and text ({text!r}) in line {line}, above numbers, so it gives neither column names nor values; "
        "mend the cell, or give header=True or header=False (on the command line --header or --no-header)."
    )


def _like_below(cells: list[str], texts: list[bool], body: list[list[str]], dialect: Dialect) -> bool:
    """Return whether the first row is like those below: text above text only, and some numbers, or values that occur again."""
    width = [row for row in body if len(row) == len(cells)]
    if not width:
        return False
    for j, text in enumerate(texts):
        below = [row[j] for row in width if not is_missing(row[j])]
        if text and any(is_number(cell, dialect.decimal) for cell in below):
            return False
        kinds = {cell.strip() for cell in below}
        if text and cells[j] not in kinds and (all(texts) or len(kinds) * OFTEN <= len(below)):
            return False
    return True


def _occur_below(cells: list[str], texts: list[bool], body: list[list[str]]) -> bool:
    """Return whether a text in the first row occurs again in its column."""
    width = [row for row in body if len(row) == len(cells)]
    return any(text and cells[j] in {row[j].strip() for row in width} for j, text in enumerate(texts))
