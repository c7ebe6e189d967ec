"""Colours that differ for everyone, and files that are complete or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.pictures_basic import PICTURES, plots

from scratchae.plots.figure import CLASSES, LINES


def seen_without(kind: str, colour: str) -> np.ndarray:
    """A colour as seen without one kind of cones: linear RGB by H. Brettel's projections, as simplified by F. Viénot."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lms_of_rgb = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    l, m, s = lms_of_rgb @ linear  # noqa: E741
    lms = (2.02344 * m - 2.52581 * s, m, s) if kind == "red" else (l, 0.494207 * l + 1.24827 * s, s)
    seen = np.clip(np.linalg.solve(lms_of_rgb, np.array(lms)), 0, 1)
    return np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["red", "green"])
@pytest.mark.parametrize("colours", [LINES, CLASSES], ids=["lines", "classes"])
def test_colours_differ_for_people_who_see_two_primaries(kind: str, colours: tuple[str, ...]) -> None:
    seen = np.array([seen_without(kind, colour) for colour in colours])
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1) + np.eye(len(seen))
    assert distances.min() > 0.14, "two colours look alike"


def test_save_says_what_is_wrong_and_leaves_nothing(tmp_path: Path) -> None:
    figure = PICTURES["codes"]()
    with pytest.raises(ValueError, match="did you mean 'png'"):
        plots.save(figure, tmp_path / "codes.pgn")
    with pytest.raises(FileNotFoundError, match="create it first"):
        plots.save(figure, tmp_path / "nowhere" / "codes.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OSError, match="folder.png"):
        plots.save(figure, tmp_path / "folder.png")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]
