"""Drawn digits with known factors, so that the effect of changing one factor can be measured.

The slant and the thickness of real images are unknown.  Here they are known: each image is one of ten figures made
of a few strokes, slanted, rotated and scaled about its centre, and drawn with a round pen of known width and brightness:

    pixel = brightness · clip(thickness / 2 + 1/2 − distance to the nearest stroke, 0, 1)
    stroke = centre of the frame + HEIGHT · size · R(rotation) · S(slant) · figure,   S = [[1, slant], [0, 1]]

The pen is not slanted or scaled with the figure, so the factors are independent of each other.  Within the
ranges below, no figure touches the border of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scratchae.datasets.dataset import Dataset

IMAGE_SHAPE = (28, 28)
HEIGHT = 18.0  # pixels between the centre lines of the top and the bottom stroke of a figure of size 1
KINDS = 10
N_TRAIN, N_TEST = 6000, 1000  # default numbers of images
RANGES = {
    "slant": (-0.375, 0.375),
    "thickness": (1.5, 3.5),
    "rotation": (-0.25, 0.25),
    "size": (0.75, 1.0),
    "brightness": (0.5, 1.0),
}

_BLOCK = 64  # images drawn at once; their distances fit into a cache

FloatArray = npt.NDArray[np.float64]


class Factors(NamedTuple):
    """The factors of drawn images, one entry per image; ``draw_strokes(*factors)`` draws them again.

    Parameters
    ----------
    kind : ndarray of int64, shape (N,)
        The digit, 0 to 9.
    slant : ndarray of float64, shape (N,)
        Tangent of the angle by which vertical strokes lean to the right.
    thickness : ndarray of float64, shape (N,)
        Full width of the strokes, in pixels.
    rotation : ndarray of float64, shape (N,)
        Counter-clockwise rotation of the slanted figure, in radians.
    size : ndarray of float64, shape (N,)
        Scale; a figure of size 1 is `HEIGHT` pixels tall.
    brightness : ndarray of float64, shape (N,)
        Value of the pixels inside a stroke.
    """

    kind: npt.NDArray[np.int64]
    slant: FloatArray
    thickness: FloatArray
    rotation: FloatArray
    size: FloatArray
    brightness: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class StrokesDataset(Dataset):
    """A `Dataset` with the factors of each row.

    Parameters
    ----------
    factors_train, factors_test : Factors
        One entry per row of ``x_train`` and ``x_test``.

    Raises
    ------
    ValueError
        As `Dataset`, or if the numbers of factors and images differ.
    """

    factors_train: Factors
    factors_test: Factors

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in ("train", "test"):
            rows = len(getattr(self, f"x_{part}"))
            for name, values in getattr(self, f"factors_{part}")._asdict().items():
                if values.shape != (rows,):
                    raise ValueError(
                        f"{name} of factors_{part} of data set {self.name!r} must have shape ({rows},), got {values.shape}"
                    )


def make_strokes(n: int = N_TRAIN, seed: int = 0, *, test: int = N_TEST) -> StrokesDataset:
    """Draw digits from factors drawn at random: no download, about a second.

    The kind is uniform over the ten digits, every other factor over its range in `RANGES`, all independent.

    Parameters
    ----------
    n : int, default 6000
        Number of training images, at least 1.
    seed : int, default 0
        Non-negative; the same seed gives identical images.  With the same `seed` and `test`, a smaller `n` gives the
        first training images of a larger one, and the same test images.
    test : int, default 1000
        Number of additional test images, at least 0.

    Returns
    -------
    StrokesDataset
        ``x_train`` float32 (n, 784) in [0, 1], labels int64 0 to 9, ``image_shape`` (28, 28), and in
        ``factors_train`` and ``factors_test`` the factors of each row.

    Raises
    ------
    ValueError
        If `n`, `seed` or `test` is not such an integer.

    Examples
    --------
    >>> data = make_strokes(100, seed=0, test=20)
    >>> data
    <Dataset 'strokes': 100 train + 20 test images of 28×28 pixels, 10 classes>
    >>> bool((draw_strokes(*data.factors_test) == data.x_test).all())
    True
    """
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("test", test, 0)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise ValueError(f"{name}={value!r} is not allowed; give an integer of at least {least}.")
    # One row of draws per image, test images first, so that images do not depend on `n` (see the docstring).
    draws = np.random.default_rng(int(seed)).random((int(test) + int(n), 1 + len(RANGES)))
    trained, tested = _factors(draws[int(test) :]), _factors(draws[: int(test)])
    return StrokesDataset(
        x_train=draw_strokes(*trained),
        y_train=trained.kind.copy(),
        x_test=draw_strokes(*tested),
        y_test=tested.kind.copy(),
        image_shape=IMAGE_SHAPE,
        name="strokes",
        factors_train=trained,
        factors_test=tested,
    )


def draw_strokes(
    kind: npt.ArrayLike,
    slant: npt.ArrayLike = 0.0,
    thickness: npt.ArrayLike = 2.5,
    rotation: npt.ArrayLike = 0.0,
    size: npt.ArrayLike = 1.0,
    brightness: npt.ArrayLike = 1.0,
) -> npt.NDArray[np.float32]:
    """Draw digits from their factors, deterministically.

    Parameters
    ----------
    kind : int or array_like of int, shape (N,)
        The digit, 0 to 9.
    slant, thickness, rotation, size, brightness : float or array_like, shape (N,)
        As in `Factors`, within `RANGES`.  A single number applies to all images.

    Returns
    -------
    ndarray of float32, shape (N, 784)
        Pixels in [0, 1], row by row from the top; the border of each image is 0.

    Raises
    ------
    ValueError
        If a factor is not numeric or is outside its range, or the shapes do not match.
    """
    factors = _checked(kind, slant, thickness, rotation, size, brightness)
    images = np.empty((len(factors.kind), *IMAGE_SHAPE), np.float32)
    for first in range(0, len(images), _BLOCK):
        block = Factors._make(values[first : first + _BLOCK] for values in factors)
        pen = (block.thickness / 2 + 0.5).astype(np.float32)[:, None, None]
        ink = np.clip(pen - _distances(*_placed(block)), 0, 1)
        images[first : first + _BLOCK] = ink * block.brightness.astype(np.float32)[:, None, None]
    return images.reshape(len(images), IMAGE_SHAPE[0] * IMAGE_SHAPE[1])


def _factors(draws: FloatArray) -> Factors:
    """Convert uniform draws in [0, 1), shape (N, 6), to factors."""
    kind = (draws[:, 0] * KINDS).astype(np.int64)
    rest = (low + draws[:, i] * (high - low) for i, (low, high) in enumerate(RANGES.values(), start=1))
    return Factors(kind, *rest)


def _checked(*given: npt.ArrayLike) -> Factors:
    """Return the factors as arrays of one shape (N,), with every entry checked against its range."""
    arrays = []
    for name, values in zip(Factors._fields, given, strict=True):
        array = np.asarray(values)
        if array.dtype.kind not in "iuf" or array.ndim > 1:
            raise ValueError(
                f"{name} has type {array.dtype} and shape {array.shape}; give a number, or an array of numbers of shape (N,)."
            )
        low, high = RANGES.get(name, (0, KINDS - 1))
        bad = ~((array >= low) & (array <= high))  # NaN counts as bad
        if name == "kind":
            bad |= array != np.floor(array)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            where, what = f" at row {row}" if array.ndim else "", "an integer" if name == "kind" else "a number"
            raise ValueError(f"{name} is {array.flat[row]}{where}; give {what} from {low} to {high}.")
        arrays.append(array.astype(np.int64 if name == "kind" else np.float64))
    sizes = {name: len(a) for name, a in zip(Factors._fields, arrays, strict=True) if a.ndim == 1}
    n = max(sizes.values(), default=1)
    if set(sizes.values()) - {n}:
        raise ValueError(
            f"the factors have different lengths ({sizes}); give arrays of equal length, or single numbers."
        )
    return Factors._make(np.broadcast_to(a, (n,)) for a in arrays)


def _placed(factors: Factors) -> tuple[FloatArray, FloatArray]:
    """Return the end points of the segments of each image: x to the right, y up, in pixels from the centre; each (N, S, 2)."""
    _, slant, _, rotation, size, _ = (values[:, None, None] for values in factors)
    x, y = np.moveaxis(_SEGMENTS[factors.kind], -1, 0)
    x = x + slant * y
    x, y = x * np.cos(rotation) - y * np.sin(rotation), x * np.sin(rotation) + y * np.cos(rotation)
    ends = HEIGHT * size[..., None] * np.stack([x, y], axis=-1)
    return ends[:, :, 0], ends[:, :, 1]


def _distances(a: FloatArray, b: FloatArray) -> npt.NDArray[np.float32]:
    """Return the distance of each pixel's centre from the nearest of the segments a to b; (N, 28, 28), in pixels."""
    height, width = IMAGE_SHAPE
    x = (np.arange(width) - (width - 1) / 2).astype(np.float32)
    y = ((height - 1) / 2 - np.arange(height)).astype(np.float32)[:, None]
    length = np.sqrt(((b - a) ** 2).sum(-1))
    middle, along, half = (v.astype(np.float32) for v in ((a + b) / 2, (b - a) / length[..., None], length / 2))
    nearest = np.full((len(a), height, width), np.inf, np.float32)
    for s in range(a.shape[1]):
        (mx, my), (ux, uy) = (v[:, s].T[..., None, None] for v in (middle, along))
        dx, dy = x - mx, y - my
        beyond = np.maximum(np.abs(dx * ux + dy * uy) - half[:, s, None, None], 0)
        beside = dy * ux - dx * uy
        np.minimum(nearest, beyond * beyond + beside * beside, out=nearest)
    return np.sqrt(nearest)


def _line(*points: tuple[float, float]) -> FloatArray:
    return np.array(points)


def _arc(x: float, y: float, across: float, up: float, start: float, stop: float) -> FloatArray:
    """Return an elliptic arc with centre (x, y) and these half-axes, from one angle to another (degrees), as a polyline."""
    steps = max(2, round(abs(stop - start) / 22.5))
    angles = np.deg2rad(np.linspace(start, stop, steps + 1))
    return np.stack([x + across * np.cos(angles), y + up * np.sin(angles)], axis=-1)


def _figures() -> list[list[FloatArray]]:
    """Return the strokes of 0 to 9, in a box from (0, 0) to (0.6, 1), y up."""
    six = [_arc(0.56, 0.30, 0.56, 0.70, 103, 180), _arc(0.30, 0.29, 0.30, 0.29, -180, 180)]
    return [
        [_arc(0.30, 0.50, 0.30, 0.50, 0, 360)],
        [_line((0.06, 0.76), (0.30, 1.0), (0.30, 0.0)), _line((0.08, 0.0), (0.52, 0.0))],
        [np.vstack([_arc(0.29, 0.72, 0.28, 0.28, 165, -35), _line((0.02, 0.0), (0.60, 0.0))])],
        [_arc(0.27, 0.76, 0.27, 0.24, 150, -90), _arc(0.27, 0.26, 0.32, 0.26, 90, -150)],
        [_line((0.45, 0.0), (0.45, 1.0), (0.0, 0.30), (0.62, 0.30))],
        [np.vstack([_line((0.55, 1.0), (0.09, 1.0), (0.05, 0.53)), _arc(0.27, 0.32, 0.32, 0.32, 130, -145)])],
        six,
        [_line((0.0, 1.0), (0.60, 1.0), (0.20, 0.0))],
        [_arc(0.30, 0.76, 0.24, 0.24, 0, 360), _arc(0.30, 0.26, 0.30, 0.26, 0, 360)],
        [np.array([0.6, 1.0]) - stroke for stroke in six],
    ]


def _segments() -> FloatArray:
    """Return both ends of every segment of every figure, in a box of height 1 about (0, 0); (10, S, 2, 2)."""
    figures = []
    for strokes in _figures():
        ends = np.concatenate([np.stack([stroke[:-1], stroke[1:]], axis=1) for stroke in strokes])
        low, high = ends.min((0, 1)), ends.max((0, 1))
        figures.append((ends - (low + high) / 2) / (high - low)[1])
    most = max(map(len, figures))
    # A figure with fewer segments repeats its last one, which does not change any distance.
    return np.stack([np.pad(ends, ((0, most - len(ends)), (0, 0), (0, 0)), mode="edge") for ends in figures])


_SEGMENTS = _segments()
