"""The class of all figures, which notebooks display without `pyplot`."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure that a notebook displays as the value of a cell, also if `pyplot` was never imported there."""

    def _repr_png_(self) -> bytes:
        """Return a PNG file, for IPython. After `%matplotlib inline`, IPython draws the figure in its own way instead."""
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()
