"""A place in the policy's file, for messages: the file, the line and the section."""

from __future__ import annotations

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
        """The line where a key or a section begins, from 1; None for spellings that are not searched for, such as dotted keys."""
        wanted = (self.section, key) if key else ("", self.section)
        section = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            begins_section = line.lstrip().startswith("[")
            name = line.split("]" if begins_section else "=")[0].strip(" \t[\"'")
            if begins_section:
                section = name
            if wanted == ("" if begins_section else section, name):
                return number
        return None
