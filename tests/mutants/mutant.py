"""One mistake as a change of source text: a file of scratchae, what stands there, and what stands there instead."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A realistic mistake in one file of scratchae, and the claim or test that must find it.

    Attributes
    ----------
    file : str
        The file, below ``scratchae/``: ``"ops/gaussian.py"``, ``"explore/decoder.js"``.
    old : str or tuple of str
        Text that stands in the file exactly once. Several texts, as a tuple, are replaced one after another: for a
        mistake that is made in two places alike, such as in a forward pass and in its backward pass.
    new : str or tuple of str
        Text that takes the place of `old`; as many texts as `old` has.
    why : str
        The mistake in a few words, and why people make it.
    claim : str
        The name of the claim that must find it; "" while it is not known, or where a test finds it.
    test : str
        The node id of the test that must find it where no claim does: ``"tests/explore/test_explore_node.py::test_x"``.
    """

    file: str
    old: str | tuple[str, ...]
    new: str | tuple[str, ...]
    why: str
    claim: str = ""
    test: str = ""

    def __post_init__(self) -> None:
        if len(self.changes) != len(_texts(self.new)) or len(self.changes) != len(_texts(self.old)):
            raise ValueError(f"{self.name}: old has {len(_texts(self.old))} texts, new has {len(_texts(self.new))}")

    @property
    def name(self) -> str:
        """A unique, short name: the file and the mistake, such as ``ops/gaussian.py: KL without the half``."""
        return f"{self.file}: {self.why}"

    @property
    def slug(self) -> str:
        """The name in letters, digits and underscores, for files and test ids."""
        return re.sub(r"[^A-Za-z0-9]+", "_", self.name).strip("_")

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Pairs of an old text and its new text, in the order in which they are made."""
        return list(zip(_texts(self.old), _texts(self.new), strict=False))

    def applied(self, text: str) -> str:
        """Put the mistake into the text of the file.

        Parameters
        ----------
        text : str
            The whole text of the file.

        Returns
        -------
        str
            The text with the mistake in it.

        Raises
        ------
        ValueError
            If an old text does not stand in the text exactly once, or if its new text is the same.
        """
        for old, new in self.changes:
            times = text.count(old)
            if times != 1:
                raise ValueError(f"{self.name}: stands in the file {times} times in place of once: {old!r}")
            if old == new:
                raise ValueError(f"{self.name}: changes nothing: {old!r}")
            text = text.replace(old, new)
        return text


def _texts(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text
