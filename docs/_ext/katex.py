"""Formulas set by KaTeX when the site is built, so that a page needs neither a network nor JavaScript to show them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

# What a page needs beside the HTML of its formulas.
STYLES = "katex.min.css"


class FormulaError(Exception):
    """A formula that KaTeX cannot set."""


class Katex:
    """KaTeX in a Node process that is started once.

    Parameters
    ----------
    folder : path
        The npm package.
    """

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node") or shutil.which("nodejs")
        if node is None:
            raise FormulaError("Node, which sets the formulas, is not installed (Debian: nodejs).")
        server = Path(__file__).with_name("katex_server.js")
        self.process = subprocess.Popen(
            [node, server, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.known: dict[tuple[str, bool], str] = {}

    def render(self, tex: str, display: bool) -> str:
        """The HTML of a formula.

        Raises
        ------
        FormulaError
            With KaTeX's own words.
        """
        if (tex, display) not in self.known:
            assert self.process.stdin is not None and self.process.stdout is not None
            self.process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            if "error" in answer:
                raise FormulaError(answer["error"])
            self.known[tex, display] = answer["html"]
        return self.known[tex, display]

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(10)


def copy_fonts(folder: Path, static: Path) -> None:
    """Copy the style sheet and the fonts that it names (WOFF2 only) into a folder of static files."""
    static.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "dist" / STYLES, static / STYLES)
    (static / "fonts").mkdir(exist_ok=True)
    for font in (folder / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, static / "fonts" / font.name)
