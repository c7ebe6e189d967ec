"""Equations as drawings (SVG) in the colour of the text around them, so that a page with equations needs no other file.

Matplotlib sets them. It knows a part of LaTeX: here the rest is written with what it knows.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape

SIZE = 12.0
CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)
SYNONYMS = {
    r"\ge": r"\geq",
    r"\le": r"\leq",
    r"\lt": "<",
    r"\gt": ">",
    r"\Big": "",
    r"\text": r"\mathrm",
    r"\bmod": r"\ \mathrm{mod}\ ",
}
COMMANDS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}  # of a path of Matplotlib and of SVG


@cache
def drawing(latex: str) -> str:
    """Return an equation as an SVG element; as LaTeX source if Matplotlib cannot set it.

    Parameters
    ----------
    latex : str
        Without dollar signs and tag.
    """
    from matplotlib.textpath import TextPath

    try:
        path = TextPath((0, 0), f"${known_to_matplotlib(latex)}$", size=SIZE)
    except ValueError:
        return f"<code>{escape(latex)}</code>"
    strokes = []
    for points, code in path.iter_segments(simplify=False):
        numbers = [f"{x:.2f}".rstrip("0").rstrip(".") for x in (points * ([1, -1] * (len(points) // 2))).tolist()]
        strokes.append(COMMANDS[int(code)] + ("" if code == 79 else " ".join(numbers)))
    box = path.get_extents()
    size = f'width="{box.width + 2:.1f}" height="{box.height + 2:.1f}"'
    view = f"{box.x0 - 1:.1f} {-box.y1 - 1:.1f} {box.width + 2:.1f} {box.height + 2:.1f}"
    return (
        f'<svg class="equation" role="img" aria-label="{escape(latex)}" {size} viewBox="{view}">'
        f'<path fill="currentColor" d="{"".join(strokes)}"/></svg>'
    )


def known_to_matplotlib(latex: str) -> str:
    """Return LaTeX with what Matplotlib does not know written otherwise: cases in one line, and other names of symbols."""
    latex = re.sub(r"\\text\{([^}]*)\}", lambda words: rf"\mathrm{{{words[1].replace(' ', '~')}}}", latex)
    latex = CASES.sub(lambda block: _in_one_line(block[1]), latex)
    latex = re.sub(r"\\[a-zA-Z]+", lambda command: SYNONYMS.get(command[0], command[0]), latex)
    return " ".join(latex.split())


def _in_one_line(cases: str) -> str:
    rows = [row.split("&") for row in re.sub(r"\\\\(\[[^]]*\])?", "\n", cases).strip().splitlines()]
    return r"\{\," + r";\ \ ".join(r"\ \mathrm{for}\ ".join(cell.strip() for cell in row) for row in rows) + r"\,\}"
