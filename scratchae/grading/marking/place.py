"""A place in the policy's file, for messages: the file, the line and the section."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """A section of a TOML file.

    Parameters
    ----------
    file : str
    text : str
        Content of the file; "" without one.
    section : str
        "" for the keys above all sections.
    """

    file: str
    text: str = ""
    section: str = ""

    def within(self, section: str) -> Place:
        """The place of a section."""
        return replace(self, section=section)

    def at(self, key: str = "") -> str:
        """The file, the line of a key, and the section; without a key, the line of the section."""
        line = self._line(key)
        return self.file + (f", line {line}" if line else "") + (f": [{self.section}]" if self.section else "")

    def _line(self, key: str) -> int | None:
        """The line where a key or a section begins, from 1; also for dotted keys, and for sections within sections."""
        wanted, section = _path(self.section, key), ""
        for number, line in enumerate(self.text.split("\n"), start=1):
            begins_section = line.lstrip().startswith("[")
            path = _path("" if begins_section else section, line.split("]" if begins_section else "=")[0])
            section = path if begins_section else section
            if path == wanted or path.startswith(f"{wanted}."):
                return number
        return None


def _path(section: str, key: str) -> str:
    """A key with its section, without brackets, quotation marks and spaces."""
    return re.sub(r"[\s\"'\[\]]", "", f"{section}.{key}").strip(".")
