"""MNIST and Fashion-MNIST: 70,000 images of 28×28 each, four IDX files each."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scratchae.datasets.dataset import Dataset, to_unit_interval
from scratchae.datasets.download import read_cached
from scratchae.datasets.sources import (
    SOURCES,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    Source,
)
from scratchae.datasets.store import folder_from_environment, folder_with_files, missing, read_verified


def load_mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Load MNIST: handwritten digits, 28×28 grey pixels.

    Parameters
    ----------
    folder : str or path-like, optional
        The folder with the four files ``train-images-idx3-ubyte`` and so on, each plain or with ``.gz``, also
        named ``train-images.idx3-ubyte``, or in the subfolders of torchvision; no other folder is then searched.
        By default: ``$SCRATCHAE_DATA`` and its subfolder ``mnist``, then the user cache, then a download into that
        cache (12 MB).

    Returns
    -------
    Dataset
        ``x_train`` float32 (60000, 784), ``x_test`` float32 (10000, 784), pixel / 255; labels int64, 0 to 9;
        ``image_shape`` (28, 28).

    Raises
    ------
    FileNotFoundError
        If files are missing from `folder`; the message lists them.
    ValueError
        If a file is damaged or is not MNIST's, by the sha256 of its decompressed bytes.
    ConnectionError
        If a download was needed and every mirror failed.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86(11), 2278-2324, https://doi.org/10.1109/5.726791.
    """
    return _load(SOURCES["mnist"], folder)


def load_fashion_mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Load Fashion-MNIST: images of clothes, in files with the format and names of MNIST.

    Parameters
    ----------
    folder : str or path-like, optional
        As for `load_mnist`; the subfolder is ``fashion-mnist``, the download 31 MB.

    Returns
    -------
    Dataset
        As `load_mnist`; the classes are T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag
        and ankle boot.

    Raises
    ------
    FileNotFoundError, ValueError, ConnectionError
        As `load_mnist`.  MNIST's files, which have the same names, are recognised and refused.

    References
    ----------
    H. Xiao, K. Rasul and R. Vollgraf (2017), "Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms", https://arxiv.org/abs/1708.07747.
    """
    return _load(SOURCES["fashion-mnist"], folder)


def _load(source: Source, folder: str | os.PathLike[str] | None) -> Dataset:
    read = _reader(source, folder)
    # Labels first: they are small, so a wrong folder or a network error is noticed early.
    y_train, y_test = (read(file).astype(np.int64) for file in (TRAIN_LABELS, TEST_LABELS))
    x_train, image_shape = _pixels(read(TRAIN_IMAGES))
    x_test, _ = _pixels(read(TEST_IMAGES))
    return Dataset(x_train, y_train, x_test, y_test, image_shape=image_shape, name=source.name)


def _pixels(images: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], tuple[int, int]]:
    # A separate function, so that the bytes are freed before the next file is read.
    _, height, width = images.shape
    return to_unit_interval(images, white=255), (height, width)


def _reader(source: Source, folder: str | os.PathLike[str] | None) -> Callable[[str], npt.NDArray[np.uint8]]:
    """Return a function that reads a file by name from the first source that has it (in the order given in `load_mnist`)."""
    if folder is None:
        kept = folder_from_environment(source)
        return partial(read_verified, source, kept) if kept else partial(read_cached, source)
    given = folder_with_files(source, Path(folder).expanduser())
    if absent := missing(given):
        raise FileNotFoundError(
            f"{given} lacks files of {source.title} (looked for {', '.join(absent)}, each also with .gz): "
            f"put them there, or leave out folder to have them downloaded"
        )
    return partial(read_verified, source, given)
