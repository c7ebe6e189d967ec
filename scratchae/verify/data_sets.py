"""Claims about the data of the examples and tutorials: the embedded digits, files in MNIST's format, drawn figures, image measures."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import math
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae import datasets
from scratchae.datasets import moments, strokes
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.derivatives import Array, entrywise_error

# Of the test part of the UCI repository's "Optical Recognition of Handwritten Digits": images of each digit.
OF_EACH = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
FIRST_LABELS = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    0,
    9,
    5,
    5,
    6,
    5,
    0,
]
FIRST_IMAGE = """
0 0 5 13 9 1 0 0  0 0 13 15 10 15 5 0  0 3 15 2 0 11 8 0  0 4 12 0 0 8 8 0
0 5 8 0 0 9 8 0  0 4 11 0 1 12 7 0  0 2 14 5 10 12 0 0  0 0 6 13 10 0 0 0
"""
TRAIN, TEST = (
    "abe1d4699921fb2cf7de904ec177b449",
    "11047a79b7faa7899c9192ab8fb6888c",
)  # begin the sha256 of pixels and labels as bytes


@claim(
    "the embedded digits are those of the UCI repository",
    op="load_digits",
    level="value",
    method="1,797 rows, 64 pixels of 0 to 16 sixteenths; the digits of each kind, the first image, the mean pixel; new arrays at every call",
    tolerance=0,
)
def _digits(subject: Subject, rng: np.random.Generator) -> float:
    data, wrong = datasets.load_digits(), 0
    x, y = np.vstack([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
    wrong += (x.shape, y.shape, data.image_shape, data.name) != ((1797, 64), (1797,), (8, 8), "digits")
    wrong += (x.dtype, y.dtype) != (np.float32, np.int64)
    grey = x.astype(np.float64) * 16
    wrong += int((grey != np.round(grey)).sum()) + ((grey.min(), grey.max()) != (0, 16))
    wrong += np.bincount(y).tolist() != OF_EACH
    wrong += abs(grey.mean() - 561718 / (1797 * 64)) > 1e-9  # the sum of all pixels of the source
    first = np.array(FIRST_IMAGE.split(), np.float64)
    wrong += not (grey == first).all(axis=1).any()
    data.x_train[:] = 0
    wrong += not datasets.load_digits().x_train.any()  # must not affect the next call
    return float(wrong)


@claim(
    "the split of the digits is fixed, stratified and in the order of the source",
    op="load_digits",
    level="value",
    method="1,437 and 360 rows that share none; a fifth of each class; first labels; checksum of the rows",
    tolerance=0,
)
def _split(subject: Subject, rng: np.random.Generator) -> float:
    data, wrong = datasets.load_digits(), 0
    wrong += (len(data.x_train), len(data.y_train), len(data.x_test), len(data.y_test)) != (1437, 1437, 360, 360)
    train, test = ({row.tobytes() for row in part} for part in (data.x_train, data.x_test))
    wrong += len(train & test) != 0 or (len(train), len(test)) != (1437, 360)  # no image occurs twice
    shares = np.bincount(data.y_test, minlength=10) - np.array(OF_EACH) * 360 / 1797
    wrong += int((abs(shares) >= 1).sum())
    order = _merged(data.y_train.tolist(), data.y_test.tolist(), FIRST_LABELS)
    wrong += not order
    for x, y, known in ((data.x_train, data.y_train, TRAIN), (data.x_test, data.y_test, TEST)):
        content = (16 * x).astype(np.uint8).tobytes() + y.astype(np.uint8).tobytes()
        wrong += not hashlib.sha256(content).hexdigest().startswith(known)
    return float(wrong)


def _merged(a: list[int], b: list[int], whole: list[int]) -> bool:
    """Return whether `whole` starts with an interleaving of a and b that preserves the order of each."""
    places = {(0, 0)}
    for label in whole:
        after = {(i + 1, j) for i, j in places if a[i] == label} | {(i, j + 1) for i, j in places if b[j] == label}
        places = after
    return bool(places)


@claim(
    "a digit looks like the others of its class",
    op="load_digits",
    level="meaning",
    method="share of test rows whose nearest training row, or nearest class mean, is of another class",
    tolerance=0.12,
)
def _labels_fit(subject: Subject, rng: np.random.Generator) -> float:
    data = datasets.load_digits()
    squares = (data.x_train**2).sum(axis=1) - 2 * data.x_test @ data.x_train.T
    nearest = (data.y_train[squares.argmin(axis=1)] != data.y_test).mean()
    means = np.stack([data.x_train[data.y_train == k].mean(axis=0) for k in range(10)])
    classes = ((means**2).sum(axis=1) - 2 * data.x_test @ means.T).argmin(axis=1)
    return float(max(4 * nearest, (classes != data.y_test).mean()))


IDX = {0x08: "B", 0x09: "b", 0x0B: "h", 0x0C: "i", 0x0D: "f", 0x0E: "d"}  # item types with their `struct` codes


@claim(
    "load_idx reads the numbers that the format says, in their order",
    op="load_idx",
    level="value",
    method="files written number by number with struct: six types, ranks 0 to 4, sizes that differ, plain and compressed",
    tolerance=0,
)
def _idx(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for code, letter in IDX.items():
            for shape in ((), (5,), (3, 2), (2, 3, 4), (2, 1, 3, 2), (0, 3)):
                count = math.prod(shape)
                low = 0 if letter == "B" else -100
                numbers: list[Any] = [low + (37 * i) % 200 for i in range(count)]
                if letter in "hi":
                    numbers = [n * 300 for n in numbers]  # of more than one byte
                if letter in "fd":
                    numbers = [n / 8 for n in numbers]
                if letter == "b":
                    numbers = [n // 2 for n in numbers]
                content = struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape)
                content += struct.pack(f">{count}{letter}", *numbers)
                for name, written in (("plain", content), ("small.gz", gzip.compress(content))):
                    path = Path(folder) / name
                    path.write_bytes(written)
                    array = datasets.load_idx(path)
                    expected = np.dtype(f"={letter}")
                    wrong += array.shape != shape or array.dtype != expected or not array.dtype.isnative
                    wrong += [float(v) for v in array.reshape(-1)] != [float(n) for n in numbers]
                    if shape == (2, 3, 4):  # the last index varies fastest
                        wrong += float(array[1, 2, 3]) != numbers[23] or float(array[0, 1, 0]) != numbers[4]
                for bad in (content[:-1] if count else content[:-2], content + b"\0"):
                    path.write_bytes(bad)
                    try:
                        datasets.load_idx(path)
                        wrong += 1
                    except ValueError:
                        continue
    return float(wrong)


@claim(
    "four files in MNIST's format become rows and labels, each in its place, and others are refused",
    op="load_mnist",
    level="value",
    method="tiny files written with struct in place of the real ones, images that are not square, all 256 values",
    tolerance=1e-7,
)
def _four_files(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.datasets import mnist, sources

    images = {"train": rng.permutation(256).reshape(8, 8, 4), "t10k": rng.integers(0, 256, (3, 8, 4))}
    labels, contents = {"train": rng.permutation(8), "t10k": rng.permutation(3) + 4}, {}
    for part, pixels in images.items():
        header, body = struct.pack(">HBBIII", 0, 8, 3, len(pixels), 8, 4), pixels.ravel().tolist()
        contents[f"{part}-images-idx3-ubyte"] = header + struct.pack(f">{len(body)}B", *body)
        header = struct.pack(">HBBI", 0, 8, 1, len(pixels))
        contents[f"{part}-labels-idx1-ubyte"] = header + struct.pack(f">{len(pixels)}B", *labels[part].tolist())
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    source, worst = dataclasses.replace(sources.SOURCES["mnist"], sha256=sums), 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            (Path(folder) / f"{name}.gz").write_bytes(gzip.compress(content))
        data = mnist._load(source, folder)
        for x, y, part in ((data.x_train, data.y_train, "train"), (data.x_test, data.y_test, "t10k")):
            if x.dtype != np.float32 or y.tolist() != labels[part].tolist() or data.image_shape != (8, 4):
                return np.inf
            worst = max(worst, entrywise_error(x, images[part].reshape(-1, 32) / 255))
        try:
            mnist.load_mnist(folder)  # not MNIST's files
        except ValueError:
            return worst
    return np.inf


# Ink of the figures 0 to 9 with slant 0.1, thickness 2.5, rotation 0.1 and size 0.9, as they were first released; a 9 is a 6 upside down.
INK = [102.83, 75.34, 98.70, 94.41, 94.69, 104.24, 104.08, 73.78, 119.79, 104.08]
SIZES = [6.553, 6.325, 7.053, 6.711, 5.210, 6.732, 6.021, 6.441, 6.251, 6.021]


def _drawn_by_hand(kind: int, slant: float, thickness: float, rotation: float, size: float, brightness: float) -> Array:
    """Draw one figure by the formula: the distance of each pixel to the nearest of the transformed segments, computed one by one."""
    image = np.zeros(strokes.IMAGE_SHAPE)
    placed = []
    for a, b in strokes._SEGMENTS[kind]:
        ends = []
        for x, y in (a, b):
            x, y = x + slant * y, y
            x, y = x * math.cos(rotation) - y * math.sin(rotation), x * math.sin(rotation) + y * math.cos(rotation)
            ends.append((18.0 * size * x, 18.0 * size * y))
        placed.append(ends)
    for row in range(28):
        for column in range(28):
            px, py, nearest = column - 13.5, 13.5 - row, math.inf
            for (ax, ay), (bx, by) in placed:
                length = (bx - ax) ** 2 + (by - ay) ** 2
                t = min(max(((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length, 0.0), 1.0)
                nearest = min(nearest, math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay)))
            image[row, column] = brightness * min(max(thickness / 2 + 0.5 - nearest, 0.0), 1.0)
    return image.ravel()


@claim(
    "draw_strokes draws what its formula says",
    op="make_strokes",
    level="value",
    method="pixel by pixel by hand, different kinds, factors at random, in several blocks",
    tolerance=2e-5,
)
def _drawn(subject: Subject, rng: np.random.Generator) -> float:
    kinds = rng.permutation(10)[:5]
    factors = [rng.uniform(low, high, 5) for low, high in strokes.RANGES.values()]
    with lowered(strokes, _BLOCK=2):
        images = datasets.draw_strokes(kinds, *factors)
    expected = [_drawn_by_hand(kind, *values) for kind, *values in zip(kinds, *factors, strict=True)]
    return entrywise_error(images, np.array(expected), 1.0)


@claim(
    "the drawn figures are those that they have always been",
    op="make_strokes",
    level="value",
    method="ink, size and symmetry of the ten kinds",
    tolerance=1.5e-4,
)
def _figures(subject: Subject, rng: np.random.Generator) -> float:
    images = datasets.draw_strokes(np.arange(10), 0.1, 2.5, 0.1, 0.9)
    ink = images.sum(axis=1, dtype=np.float64)
    upside_down = abs(images[9] - images[6].reshape(28, 28)[::-1, ::-1].ravel()).max()
    sizes = moments.size(images, (28, 28))
    return float(max(entrywise_error(ink, np.array(INK)), entrywise_error(sizes, np.array(SIZES)), upside_down))


@claim(
    "make_strokes draws its factors evenly over their ranges, by its seed",
    op="make_strokes",
    level="value",
    method="by hand from default_rng(seed).random: one row for each image, the test images first; images drawn again from the factors",
    tolerance=1e-15,
)
def _factors(subject: Subject, rng: np.random.Generator) -> float:
    data = datasets.make_strokes(70, seed=6, test=9)
    draws, worst = np.random.default_rng(6).random((79, 6)), 0.0
    for factors, x, y, own in (
        (data.factors_test, data.x_test, data.y_test, draws[:9]),
        (data.factors_train, data.x_train, data.y_train, draws[9:]),
    ):
        if (factors.kind != np.floor(10 * own[:, 0])).any() or (y != factors.kind).any():
            return np.inf
        ranges = ((-0.375, 0.375), (1.5, 3.5), (-0.25, 0.25), (0.75, 1.0), (0.5, 1.0))
        for i, (values, (low, high)) in enumerate(zip(factors[1:], ranges, strict=True), start=1):
            worst = max(worst, entrywise_error(values, low * (1 - own[:, i]) + high * own[:, i], 1.0) / 4)
        if not np.array_equal(datasets.draw_strokes(*factors), x):
            return np.inf
    return worst


# For each visible factor: its measure, and the smallest and largest allowed slope of the measure on the factor, in any kind of figure.
SHOWN: list[tuple[str, Any, float, float]] = [
    ("slant", moments.slant, 0.8, 1.05),
    ("thickness", moments.thickness, 0.75, 1.25),
    ("rotation", moments.axis_angle, 0.95, 1.05),
    ("brightness", moments.brightness, 0.93, 1.01),
]


@claim(
    "what the drawn figures show is what they were drawn from, in sign and unit",
    op="make_strokes",
    level="meaning",
    method="slope of each measure on its factor, within every kind, as a share of its allowed distance from 1; relative size",
    tolerance=1,
)
def _measured(subject: Subject, rng: np.random.Generator) -> float:
    middle: dict[str, ArrayLike] = {name: (low + high) / 2 for name, (low, high) in strokes.RANGES.items()}
    kinds, worst = np.repeat(np.arange(10), 5), 0.0
    for name, measure, least, most in SHOWN:
        values = np.tile(np.linspace(*strokes.RANGES[name], 5), 10)
        found = measure(datasets.draw_strokes(kinds, **{**middle, name: values}), (28, 28)).reshape(10, 5)
        slopes = np.polyfit(values[:5], found.T, 1)[0]
        worst = max(worst, float((2 * abs(slopes - (least + most) / 2)).max() / (most - least)))
    values = np.tile(np.linspace(*strokes.RANGES["size"], 5), 10)
    sizes = moments.size(datasets.draw_strokes(kinds, **{**middle, "size": values}), (28, 28)).reshape(10, 5)
    ratio = abs(sizes / sizes[:, [-1]] - values[:5])  # the width of the pen does not change
    return float(max(worst, ratio.max() / 0.03))


def _moments_by_hand(image: Array) -> tuple[float, float, float]:
    """Compute μ20, μ11 and μ02 of one image, pixel by pixel: x to the right, y upwards."""
    height, width = image.shape
    ink = [(c, height - 1 - r, max(image[r, c], 0.0)) for r in range(height) for c in range(width)]
    total = math.fsum(v for _, _, v in ink)
    cx, cy = math.fsum(x * v for x, _, v in ink) / total, math.fsum(y * v for _, y, v in ink) / total
    sums = ((2, 0), (1, 1), (0, 2))
    mu20, mu11, mu02 = (math.fsum((x - cx) ** i * (y - cy) ** j * v for x, y, v in ink) / total for i, j in sums)
    return mu20, mu11, mu02


def _thickness_by_hand(image: Array) -> float:
    """Compute twice the ink over the total variation, with the slopes along both diagonals of every 2×2 pixels, including the border."""
    height, width = image.shape

    def at(r: int, c: int) -> float:
        return float(image[r, c]) if 0 <= r < height and 0 <= c < width else 0.0

    total = 0.0
    for r in range(-1, height):
        for c in range(-1, width):
            down, up = at(r + 1, c + 1) - at(r, c), at(r, c + 1) - at(r + 1, c)
            total += math.hypot(down / math.sqrt(2), up / math.sqrt(2))  # the diagonal of a pixel is √2 long
    return 2 * image.sum() / total


@claim(
    "moments measure what they define",
    op="moments",
    level="value",
    method="pixel by pixel by hand, images that are not square, below 0 in places, in several blocks",
    tolerance=1e-12,
)
def _moments(subject: Subject, rng: np.random.Generator) -> float:
    shape = 9, 14
    images = np.maximum(rng.standard_normal((7, *shape)), -0.1) * rng.random((7, 1, 14))
    ink = np.maximum(images, 0)
    by_hand = np.array([_moments_by_hand(image) for image in images])
    mu20, mu11, mu02 = by_hand.T
    brightest = [sorted(image.ravel())[-1:] for image in ink]  # a hundredth of 126 pixels is one
    wide, tiny = rng.random((3, 10 * 25)), rng.random((3, 6 * 6))  # of 250, two and a half: two; of 36, one at least
    with lowered(moments, _BLOCK=3):
        pairs = [
            (moments.slant(images.reshape(7, -1), shape), mu11 / mu02),
            (moments.axis_angle(images.reshape(7, -1), shape), np.arctan2(-2 * mu11, mu02 - mu20) / 2),
            (moments.size(images.reshape(7, -1), shape), np.sqrt(mu20 + mu02)),
            (moments.thickness(images.reshape(7, -1), shape), np.array([_thickness_by_hand(image) for image in ink])),
            (moments.brightness(images.reshape(7, -1), shape), np.array([np.mean(values) for values in brightest])),
            (moments.brightness(wide, (10, 25)), np.array([np.mean(sorted(row)[-2:]) for row in wide])),
            (moments.brightness(tiny, (6, 6)), np.array([max(row) for row in tiny])),
        ]
    # Second moments that nearly cancel have fewer digits.
    return max(entrywise_error(got, expected, 0.1) for got, expected in pairs)


@claim(
    "a normal blob has the slant, the axis and the size of its covariance, a bar its width",
    op="moments",
    level="meaning",
    method="drawn from known covariances and widths; NaN without ink",
    tolerance=3e-3,
)
def _blobs(subject: Subject, rng: np.random.Generator) -> float:
    covariance = np.array([[12.0, 7.0], [7.0, 30.0]])
    row, column = np.mgrid[:70, :60]
    p = np.stack([column - 31.0, 33.0 - row], axis=-1)
    blob = np.exp(-np.einsum("rci,ij,rcj->rc", p, np.linalg.inv(covariance), p) / 2).reshape(1, -1)
    turned = math.atan2(-2 * 7, 30 - 12) / 2  # negative: it leans to the right
    bar = np.zeros((400, 30))
    bar[:, 12:17] = 0.3
    empty = np.zeros((1, 36))
    with np.errstate(all="ignore"):
        nothing = [
            measure(empty, (6, 6)) for measure in (moments.slant, moments.size, moments.thickness, moments.brightness)
        ]
    square = np.zeros((12, 12))
    square[3:8, 4:9] = 0.6  # without a main axis
    if not np.isnan(nothing).all() or not np.isnan(moments.axis_angle(square.reshape(1, -1), (12, 12))).all():
        return np.inf
    pairs = [
        (moments.slant(blob, (70, 60)), 7 / 30),
        (moments.axis_angle(blob, (70, 60)), turned),
        (moments.size(blob, (70, 60)), math.sqrt(42)),
        (moments.thickness(bar.reshape(1, -1), (400, 30)), 400 * 5 / (400 + 5)),  # its area over half its outline
        (moments.brightness(bar.reshape(1, -1), (400, 30)), 0.3),
    ]
    return max(entrywise_error(got, np.array([expected])) for got, expected in pairs)
