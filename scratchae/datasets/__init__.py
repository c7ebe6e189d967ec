"""Data sets: images as plain arrays.

One data set is embedded (`load_digits`), two are read from a folder or downloaded once (`load_mnist`,
`load_fashion_mnist`), and `load_idx` reads any other file in their format.  One is drawn from known factors
(`make_strokes`), and `moments` measures such factors on any image.  Each loader returns a `Dataset`: float32
pixels in [0, 1], one image per row.

The *content* of every file is compared with its published sha256, so the arrays are the same whether a file is
gzip-compressed, recompressed or unpacked.

==============  =====================================================================
file            idea
==============  =====================================================================
dataset         the four arrays and their shape
digits          the embedded data set (made by `_make_digits`)
idx             the IDX format: header, body, and checks that they agree
sources         the IDX data sets: file names, sha256, mirrors, licences
store           the search for files in folders, and their verification
download        the user cache, and downloads from mirrors
mnist           the two loaders
strokes         digits drawn with known slant, thickness, rotation, size and brightness
moments         estimates of such factors from the pixels
catalogue       which data sets are present or missing, and their locations
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
