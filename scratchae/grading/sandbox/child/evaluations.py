"""Count the calls of the student's functions: finite differences or complex steps evaluate a function once for each entry.

The count is a hint for the teacher, taken in the student's own process.
"""

from __future__ import annotations

from sys import setprofile
from types import CodeType, FrameType
from typing import Any


class Evaluations:
    """Counts function calls while it listens.

    Parameters
    ----------
    file : str
        Only functions of this file count.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.counts: dict[CodeType, int] = {}

    def begin(self, listen: bool = True) -> None:
        """Reset the counts and start listening in this thread; restore the previous profiler with `sys.setprofile`."""
        self.counts.clear()
        if listen:
            setprofile(self._note)

    def most(self) -> int:
        """Number of calls of the most frequently called function."""
        return max(self.counts.values(), default=0)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        # Skip comprehensions and generators, whose names begin with "<": how often they are entered depends on the Python version.
        if code.co_filename == self.file and (code.co_name[0] != "<" or code.co_name == "<lambda>"):
            self.counts[code] = self.counts.get(code, 0) + 1
