"""A figure without global state, the colours of all pictures, and the writing to a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.errors import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# For lines: blue, vermilion, green, purple, orange, sky (Okabe and Ito), which people with any colour vision can tell apart.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# For classes: nine colours (Tol's "muted" scheme) and black.
CLASSES = ("#332288", "#CC6677", "#117733", "#DDCC77", "#88CCEE", "#882255", "#44AA99", "#999933", "#AA4499", "#000000")

# What each format would otherwise write about when and by what it was made: the same picture shall give the same bytes.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that arranges its own margins; no window and no `pyplot` knows of it."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def plain(axes: Any) -> None:
    """Take away the frame's upper and right side, which say nothing."""
    axes.spines[["top", "right"]].set_visible(False)


def headline(axes: Any, title: str | None, note: str = "") -> None:
    """A title in bold, and below it in grey what to look at."""
    if title:
        axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=20 if note else 8)
    if note:
        place = {"xy": (0, 1), "xytext": (0, 6), "xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate(note, **place, fontsize=8.5, color="#555555", va="bottom")


def save(figure: Figure, path: str | os.PathLike[str], dpi: int = 150) -> Path:
    """Write a figure to a file, whole or not at all; the same picture gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Its ending says the format: .png, .pdf or .svg.
    dpi : int
        Dots per inch.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    ValueError
        If the ending is another.
    OSError
        If the folder is missing or cannot be written; an older file of that name is left as it was.
    """
    path = Path(path)
    kind = path.suffix[1:].lower()
    if kind not in _METADATA:
        raise ValueError(f"{path.name!r} has no known ending{nearest(kind, _METADATA)}; use .png, .pdf or .svg.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The folder {str(path.parent)!r} for {path.name!r} does not exist; make it first.")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(figure, file, kind, dpi)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # a temporary file is private; this is an ordinary one
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _write(figure: Figure, file: Any, kind: str, dpi: int) -> None:
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "scratchae"}):  # names inside an SVG are random otherwise
        figure.savefig(file, format=kind, dpi=dpi, metadata=_METADATA[kind])
