"""Equations as drawings."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from scratchae.tracing.equations import all_equations
from scratchae.tracing.formulas import drawing, known_to_matplotlib


@pytest.mark.parametrize("label", ["dense.4", "sigmoid.2", "masking_noise.1", "variational.6", "row_noise.2", "relu.3"])
def test_a_drawing_in_the_colour_of_the_text(label: str) -> None:
    latex = all_equations()[label].latex
    element = ET.fromstring(drawing(latex))
    assert element.tag == "svg" and element.attrib["aria-label"] == latex and element.attrib["role"] == "img"
    (path,) = element
    assert path.attrib["fill"] == "currentColor" and path.attrib["d"].startswith("M")
    x, y, width, height = map(float, element.attrib["viewBox"].split())
    assert width > 20 and height > 8 and y < 0 < width + x


def test_the_drawing_stands_upright() -> None:
    # A fraction whose numerator is much wider than its denominator: the upper half of the drawing holds more of the outline.
    path = ET.fromstring(drawing(r"\frac{aaaaaaaa}{b}"))[0].attrib["d"]
    ends = [
        part.split()[-1]
        for part in path.replace("Z", "")
        .replace("M", "|")
        .replace("L", "|")
        .replace("Q", "|")
        .replace("C", "|")
        .split("|")
        if part
    ]
    heights = [float(end) for end in ends]
    middle = (min(heights) + max(heights)) / 2
    assert sum(height < middle for height in heights) > 3 * sum(height > middle for height in heights)


@pytest.mark.slow
def test_every_equation_can_be_drawn() -> None:
    assert not [label for label, equation in all_equations().items() if not drawing(equation.latex).startswith("<svg")]


def test_what_cannot_be_drawn_is_written() -> None:
    assert drawing(r"\begin{matrix} a < b \end{matrix}") == r"<code>\begin{matrix} a &lt; b \end{matrix}</code>"


@pytest.mark.parametrize(
    ("latex", "known"),
    [
        (r"x \ge 0, \; y \lt 1", r"x \geq 0, \; y < 1"),
        (r"\left( a \leq b \right)", r"\left( a \leq b \right)"),  # \le begins other commands, which stay
        (r"\begin{cases} 1 & x \gt 0 \\[2ex] 0 & \text{in all others} \end{cases}",
         r"\{\,1\ \mathrm{for}\ x > 0;\ \ 0\ \mathrm{for}\ \mathrm{in~all~others}\,\}"),
        ("a\n= b", "a = b"),
    ],
)  # fmt: skip
def test_what_matplotlib_does_not_know(latex: str, known: str) -> None:
    assert known_to_matplotlib(latex) == known
