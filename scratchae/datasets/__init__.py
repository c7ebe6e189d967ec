"""The room of the data: images as plain arrays.

One data set is embedded and needs nothing (`load_digits`), two are read from a folder or downloaded once
(`load_mnist`, `load_fashion_mnist`), and `load_idx` reads any other file in their format.  One is drawn from
factors that are known (`make_strokes`), and `moments` measures such factors on any image.  Whatever the
origin, what comes back is a `Dataset`: float32 pixels in [0, 1], one image per row.

No file here is trusted unread: the *content* of every file is held against its published sha256, so the same
numbers come out whether a file was gzip-compressed, recompressed or unpacked on its way here.

==============  =====================================================================
file            idea
==============  =====================================================================
dataset         the four arrays and their shape
digits          the embedded data set (made by `_make_digits`)
idx             the IDX format: header, body, and every way in which they can disagree
sources         the facts of the IDX data sets: file names, sha256, mirrors, licences
store           which folder has the files, and are they the right ones
download        the user cache, filled from mirrors
mnist           the two loaders
strokes         digits drawn with known slant, thickness, rotation, size and brightness
moments         estimates of such factors from the pixels
catalogue       what is here, what is missing, and where
==============  =====================================================================
"""

from scratchae.datasets import moments
from scratchae.datasets.catalogue import DatasetInfo, available, drawn
from scratchae.datasets.dataset import Dataset
from scratchae.datasets.digits import load_digits
from scratchae.datasets.idx import load_idx
from scratchae.datasets.mnist import load_fashion_mnist, load_mnist
from scratchae.datasets.strokes import Factors, StrokesDataset, draw_strokes, make_strokes

__all__ = [
    "Dataset",
    "DatasetInfo",
    "Factors",
    "StrokesDataset",
    "available",
    "draw_strokes",
    "drawn",
    "load_digits",
    "load_fashion_mnist",
    "load_idx",
    "load_mnist",
    "make_strokes",
    "moments",
]
