"""All pictures: nothing is cut off, each has a title, the same picture gives the same bytes, and no global state changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import pictures_basic, pictures_classic, pictures_identity, pictures_variational
from helpers.pictures import PICTURES, words
from helpers.pictures_basic import plots
from matplotlib.text import Text


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*pictures_classic.PICTURES, *pictures_identity.PICTURES, *pictures_variational.PICTURES]
)
def test_nothing_that_is_written_is_cut_off(name: str) -> None:
    """A text or a picture outside of the page would be lost in the file."""
    figure = PICTURES[name]()
    figure.draw_without_rendering()
    page = figure.bbox
    ticks = {label for axes in figure.axes for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]}
    for text in figure.findobj(Text):
        if text.get_text() and text not in ticks:  # ticks beyond the axes are not drawn
            box = text.get_window_extent()
            assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, text.get_text()
            assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, text.get_text()


@pytest.mark.parametrize("name", [*pictures_basic.PICTURES, *pictures_variational.PICTURES])
def test_every_picture_has_a_title(name: str) -> None:
    assert any(len(line.split()) >= 3 for text in words(PICTURES[name]()) for line in text.splitlines())


@pytest.mark.parametrize("name", pictures_identity.PICTURES)
def test_every_picture_of_a_q_has_a_title_and_its_note(name: str) -> None:
    written = words(PICTURES[name]())
    assert any(len(line.split()) >= 3 for line in written) and "a note" in written


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_picture_gives_the_same_bytes(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, (name, make) in enumerate(pictures_basic.PICTURES.items()):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")  # somebody else's time
        first = plots.save(make(), tmp_path / f"{name}-1.{ending}", dpi=40).read_bytes()
        monkeypatch.delenv("SOURCE_DATE_EPOCH")
        assert plots.save(make(), tmp_path / f"{name}-2.{ending}", dpi=40).read_bytes() == first
        if i and ending != "png":
            break  # the format is what matters, and it does not know the picture
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "name", [*pictures_classic.PICTURES, *pictures_identity.PICTURES, *pictures_variational.PICTURES]
)
def test_every_picture_gives_the_same_bytes_again(name: str, tmp_path: Path) -> None:
    first, second = (plots.save(PICTURES[name](), tmp_path / f"{i}.png", dpi=40).read_bytes() for i in range(2))
    assert first == second


def test_pictures_leave_global_state_alone(tmp_path: Path, run_python: Callable[..., str]) -> None:
    script = """
import sys, numpy as np
from scratchae import plots
assert "matplotlib" not in sys.modules, "imported too early"
import matplotlib
before = dict(matplotlib.rcParams)
plots.save(plots.codes(np.eye(2)), sys.argv[1])
assert dict(matplotlib.rcParams) == before
assert "matplotlib.pyplot" not in sys.modules, "the library for windows was imported"
"""
    # Named, because reading "which backend?" from the settings would itself make matplotlib choose one.
    run_python(script, tmp_path / "codes.svg", MPLBACKEND="Agg")
