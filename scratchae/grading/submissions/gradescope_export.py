"""Names of the students in Gradescope's export, from its `submission_metadata.yml`.

Only the lines that are needed are read, one after the other, so that no other feature of YAML can cost or do anything. For each folder::

    submission_12345:
      :submitters:
      - :name: Ada Lovelace
        :sid: '4711'

Source: exports of programming assignments.
"""

from __future__ import annotations

import re
from collections import Counter

METADATA = "submission_metadata.yml"
MOST_METADATA = 8 << 20  # bytes that are read
_LONGEST_LINE = 1000
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")


def names_of_submissions(text: bytes) -> dict[str, str]:
    """The students of each folder: their names and their numbers, in order.

    Parameters
    ----------
    text : bytes
        The content of `submission_metadata.yml`.

    Returns
    -------
    names : dict of str to str
        Such as ``{"submission_12345": "Ada Lovelace_4711, Niels Bohr_4712"}``. Folders without names are left out.
    """
    people = {
        folder: sorted(
            "_".join(filter(None, (person.get(":name"), person.get(":sid")))) for person in its if person.get(":name")
        )
        for folder, its in _submitters(text).items()
    }
    names = {folder: ", ".join(its) for folder, its in people.items() if its}
    uses = Counter(names.values())
    return {folder: name if uses[name] == 1 else f"{name} ({folder})" for folder, name in names.items()}


def _submitters(text: bytes) -> dict[str, list[dict[str, str]]]:
    """The entries under the first `:submitters:` of each folder."""
    found: dict[str, list[dict[str, str]]] = {}
    its: list[dict[str, str]] = []
    keys: int | None = None  # column of the folder's own keys, so that those of earlier attempts are passed over
    column: int | None = None  # of the list that is being read
    for raw in text[:MOST_METADATA].decode("utf-8-sig", "replace").split("\n"):
        line = raw[:_LONGEST_LINE].rstrip()
        bare = line.lstrip(" ")
        indent, item = len(line) - len(bare), bare.startswith("- ")
        key, _, value = bare[2 * item :].lstrip(" ").partition(": ")
        if not indent and not item:
            its, keys, column = found.setdefault(_value(line.removesuffix(":")), []), None, None
            continue
        keys = indent if keys is None else keys
        if bare == ":submitters:" and indent == keys:
            column = indent
        elif column is None or (indent <= column and not (item and indent == column)):
            column = None
        else:
            if item:
                its.append({})
            if its:
                its[-1].setdefault(key, _value(value))
    return found


def _value(text: str) -> str:
    """A scalar on one line; empty if it is of another kind."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_unescaped, text[1:-1])
    return "" if text[:1] in tuple("&*!|>{[%@`'\"") or text in ("null", "~") else text


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if not digits:
        return match[4]
    return chr(min(int(digits, 16), 0x10FFFF))
