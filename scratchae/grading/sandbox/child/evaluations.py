"""How often functions of the student's file run in one call: a derivative by differences, or by complex steps, evaluates one for each entry.

A hint for the teacher, counted in the student's own process.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any


class Evaluations:
    """Counts, while it is listening.

    Parameters
    ----------
    file : str
        Whose functions count.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.counts: dict[CodeType, int] = {}

    def begin(self, listen: bool = True) -> None:
        """From nothing, and listen from now on, in this thread; what listened before comes back with `sys.setprofile`."""
        self.counts.clear()
        if listen:
            sys.setprofile(self._note)

    def most(self) -> int:
        """How often the busiest function ran."""
        return max(self.counts.values(), default=0)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        # Comprehensions and generators, whose names begin with "<", are entered once for each item, or not at all, as the version has it.
        if code.co_filename == self.file and (code.co_name[0] != "<" or code.co_name == "<lambda>"):
            self.counts[code] = self.counts.get(code, 0) + 1
