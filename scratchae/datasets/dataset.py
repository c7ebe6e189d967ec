"""The return type of all loaders: two matrices of images, two vectors of labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A labelled set of images, split into a training part and a test part.

    Parameters
    ----------
    x_train, x_test : ndarray of float32, shape (N, D)
        One image per row, pixels in [0, 1], C-contiguous; D = height × width.
    y_train, y_test : ndarray of int64, shape (N,)
        The class of each row, counted from 0.
    image_shape : tuple of int
        (height, width): ``x_train[0].reshape(image_shape)`` is a picture.
    name : str
        Short name, such as ``"digits"``.

    Raises
    ------
    ValueError
        If dtypes or shapes are not as above (the range of the pixels is not checked).
    """

    x_train: npt.NDArray[np.float32]
    y_train: npt.NDArray[np.int64]
    x_test: npt.NDArray[np.float32]
    y_test: npt.NDArray[np.int64]
    image_shape: tuple[int, int]
    name: str

    def __post_init__(self) -> None:
        height, width = self.image_shape
        for part in ("train", "test"):
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            if x.dtype != np.float32 or x.ndim != 2 or x.shape[1] != height * width or not x.flags.c_contiguous:
                raise ValueError(
                    f"x_{part} of data set {self.name!r} must be a C-contiguous float32 array of shape "
                    f"(N, {height * width}), got {x.dtype} {x.shape}"
                )
            if y.dtype != np.int64 or y.shape != x.shape[:1]:
                raise ValueError(
                    f"y_{part} of data set {self.name!r} must be an int64 array of shape ({len(x)},), "
                    f"got {y.dtype} {y.shape}"
                )

    def __repr__(self) -> str:
        height, width = self.image_shape
        classes = np.union1d(self.y_train, self.y_test).size
        return (
            f"<Dataset {self.name!r}: {len(self.x_train):,} train + {len(self.x_test):,} test images "
            f"of {height}×{width} pixels, {classes} classes>"
        )


def to_unit_interval(images: npt.NDArray[np.uint8], white: int) -> npt.NDArray[np.float32]:
    """Scale integer pixels to [0, 1].

    Parameters
    ----------
    images : ndarray of uint8, shape (N, height, width)
        Pixels between 0 and `white`.
    white : int
        The value that becomes 1.

    Returns
    -------
    ndarray of float32, shape (N, height × width)
        A new C-contiguous array.
    """
    # With the dtype argument, NumPy converts in small blocks and allocates no second float array.
    pixels: npt.NDArray[np.float32] = np.divide(images, np.float32(white), dtype=np.float32)
    return pixels.reshape(len(images), -1)
