"""Figures without global state, the colours of all figures, and saving to a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from scratchae.errors import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# For lines: blue, vermilion, green, purple, orange, sky (Okabe and Ito), distinguishable with any type of colour vision.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# For classes: nine colours (Tol's "muted" scheme) and black.
CLASSES = ("#332288", "#CC6677", "#117733", "#DDCC77", "#88CCEE", "#882255", "#44AA99", "#999933", "#AA4499", "#000000")

# Removes the date and the software from the metadata of each format, so that the same figure gives the same bytes.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure with a size in inches and automatic margins, independent of `pyplot` and of any window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def plain(axes: Axes) -> None:
    """Remove the upper and right side of the frame."""
    axes.spines[["top", "right"]].set_visible(False)


def headline(axes: Axes, title: str | None, note: str = "") -> None:
    """Add a title in bold, and a note in grey below it."""
    if title:
        axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=20 if note else 8)
    if note:
        axes.annotate(
            note,
            xy=(0, 1),
            xytext=(0, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8.5,
            color="#555555",
            va="bottom",
        )


def banner(figure: Figure, title: str | None, note: str = "") -> None:
    """Add a title in bold above all panels of a figure, and a note in grey below it."""
    if title:
        figure.suptitle(f"{title}\n" if note else title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    if note:
        figure.text(0.01, 1 - 0.36 / figure.get_figheight(), note, fontsize=8.5, color="#555555", va="bottom")


def save(figure: Figure, path: str | os.PathLike[str], dpi: int = 150) -> Path:
    """Write a figure to a file, completely or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Path of the file; the extension determines the format: .png, .pdf or .svg.
    dpi : int
        Dots per inch.

    Returns
    -------
    pathlib.Path
        The path of the file.

    Raises
    ------
    ValueError
        If the extension is another one.
    OSError
        If the folder is missing or cannot be written; an existing file is left unchanged.
    """
    path = Path(path)
    kind = path.suffix[1:].lower()
    if kind not in _METADATA:
        raise ValueError(f"{path.name!r} has no known extension{nearest(kind, _METADATA)}; use .png, .pdf or .svg.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The folder {str(path.parent)!r} for {path.name!r} does not exist; create it first.")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(figure, file, kind, dpi)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # a temporary file is readable by its owner only
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _write(figure: Figure, file: BinaryIO, kind: str, dpi: int) -> None:
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "scratchae"}):  # identifiers in an SVG file are random otherwise
        figure.savefig(file, format=kind, dpi=dpi, metadata=_METADATA[kind])
