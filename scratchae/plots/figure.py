"""Figures without global state, the colours of all figures, and saving to a file."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scratchae.errors import nearest
from scratchae.files import write_bytes

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

_salt = threading.Lock()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure with a size in inches and automatic margins, independent of `pyplot` and of any window."""
    _import_matplotlib()
    from scratchae.plots.picture import Picture

    return Picture(figsize=(width, height), layout="constrained", facecolor="white")


def _import_matplotlib() -> None:
    """Import matplotlib, whatever MPLBACKEND names: its import fails for an unknown name, but figures without windows need no backend."""
    if "matplotlib" in sys.modules:
        return
    name = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if name is not None:
            os.environ["MPLBACKEND"] = name
    if name:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = name  # for `pyplot`, as matplotlib does


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
    write_bytes(path, _drawn(figure, kind, dpi), f"figure.{kind}")
    return path


def _drawn(figure: Figure, kind: str, dpi: int) -> bytes:
    """Return the bytes of the file.

    matplotlib reads the settings for all figures of the process; only that of SVG's identifiers, which are random otherwise, is changed, and
    only if it is needed.
    """
    file = io.BytesIO()
    if kind == "svg":
        with _salted():
            figure.savefig(file, format=kind, dpi=dpi, metadata=_METADATA[kind])
    else:
        figure.savefig(file, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return file.getvalue()


@contextmanager
def _salted() -> Iterator[None]:
    """Make the identifiers of an SVG file the same in each run."""
    import matplotlib

    with _salt:
        before = matplotlib.rcParams["svg.hashsalt"]
        matplotlib.rcParams["svg.hashsalt"] = "scratchae"
        try:
            yield
        finally:
            matplotlib.rcParams["svg.hashsalt"] = before
