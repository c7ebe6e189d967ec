"""Mistakes in data sets, in measures of images, and in files."""

from __future__ import annotations

from mutants.mutant import Mutant

_MOMENTS = [
    Mutant(
        "datasets/moments.py",
        "x, y = np.arange(width), -np.arange(height)",
        "x, y = np.arange(width), np.arange(height)",
        "rows counted downwards: slants and angles with the other sign",
    ),
    Mutant(
        "datasets/moments.py",
        "_ratio(*_moments(block)[1:])",
        "_ratio(*_moments(block)[:2])",
        "the slant as mu20 / mu11",
    ),
    Mutant(
        "datasets/moments.py",
        "_ratio(*_moments(block)[1:])",
        "_ratio(_moments(block)[1], _moments(block)[0])",
        "the slant relative to the width in place of the height",
    ),
    Mutant(
        "datasets/moments.py",
        "angle = np.arctan2(-2 * mu11, mu02 - mu20) / 2",
        "angle = np.arctan2(-2 * mu11, mu02 - mu20)",
        "twice the angle of the axis",
    ),
    Mutant(
        "datasets/moments.py",
        "angle = np.arctan2(-2 * mu11, mu02 - mu20) / 2",
        "angle = np.arctan2(2 * mu11, mu20 - mu02) / 2",
        "the angle of the axis from the horizontal",
    ),
    Mutant(
        "datasets/moments.py",
        "np.sqrt(np.add(*_moments(block)[::2]))",
        "np.add(*_moments(block)[::2])",
        "a size in pixels²",
    ),
    Mutant(
        "datasets/moments.py",
        "variation = np.sqrt((falling**2 + rising**2) / 2).sum((1, 2))",
        "variation = np.sqrt(falling**2 + rising**2).sum((1, 2))",
        "diagonals taken to be 1 long",
    ),
    Mutant(
        "datasets/moments.py",
        "return _ratio(2 * block.sum((1, 2)), variation, nothing=0.0)",
        "return _ratio(block.sum((1, 2)), variation, nothing=0.0)",
        "half the thickness: a stroke has two edges",
    ),
    Mutant(
        "datasets/moments.py",
        "v = np.pad(block, ((0, 0), (1, 1), (1, 1)))",
        'v = np.pad(block, ((0, 0), (1, 1), (1, 1)), mode="edge")',
        "strokes at the margin without an edge",
    ),
    Mutant(
        "datasets/moments.py",
        "count = max(1, round(BRIGHTEST * pixels.shape[1]))",
        "count = 1",
        "the brightness of the single brightest pixel",
    ),
    Mutant(
        "datasets/moments.py",
        "np.partition(pixels, -count, axis=1)[:, -count:].mean(1)",
        "np.partition(pixels, -count, axis=1)[:, -count]",
        "the least of the brightest for their mean",
    ),
    Mutant(
        "datasets/moments.py",
        "block = rows[first : first + _BLOCK].astype(np.float64)",
        "block = rows[: len(rows[first : first + _BLOCK])].astype(np.float64)",
        "the first block of images measured again and again",
    ),
    Mutant(
        "datasets/moments.py",
        "mu11 = ((block * dx[:, None, :]).sum(2) * dy).sum(1)",
        "mu11 = ((block * dx[:, None, :]).sum(2) * dy[:1]).sum(1)",
        "every image with the first one's middle",
    ),
]

_STROKES = [
    Mutant(
        "datasets/strokes.py",
        "pen = (block.thickness / 2 + 0.5)",
        "pen = (block.thickness + 0.5)",
        "strokes twice as thick as their factor says",
    ),
    Mutant(
        "datasets/strokes.py",
        "pen = (block.thickness / 2 + 0.5)",
        "pen = (block.thickness / 2)",
        "strokes thinner by a pixel",
    ),
    Mutant(
        "datasets/strokes.py",
        "x = x + slant * y\n",
        "x = x - slant * y\n",
        "a slant to the left where the factor says right",
    ),
    Mutant(
        "datasets/strokes.py",
        "x, y = x * np.cos(rotation) - y * np.sin(rotation), x * np.sin(rotation) + y * np.cos(rotation)",
        "x, y = x * np.cos(rotation) + y * np.sin(rotation), y * np.cos(rotation) - x * np.sin(rotation)",
        "a rotation the other way round",
    ),
    Mutant(
        "datasets/strokes.py",
        "x, y = x * np.cos(rotation) - y * np.sin(rotation), x * np.sin(rotation) + y * np.cos(rotation)",
        "x = x * np.cos(rotation) - y * np.sin(rotation)\n    y = x * np.sin(rotation) + y * np.cos(rotation)",
        "a rotation in two lines, the second with the new x",
    ),
    Mutant(
        "datasets/strokes.py",
        "y = ((height - 1) / 2 - np.arange(height))",
        "y = (np.arange(height) - (height - 1) / 2)",
        "images upside down",
    ),
    Mutant(
        "datasets/strokes.py",
        "x = (np.arange(width) - (width - 1) / 2).astype(np.float32)",
        "x = (np.arange(width) - width / 2).astype(np.float32)",
        "a middle that is off by half a pixel",
    ),
    Mutant(
        "datasets/strokes.py",
        "beside = dy * ux - dx * uy",
        "beside = dy * ux + dx * uy",
        "a sign in the distance from a line",
    ),
    Mutant(
        "datasets/strokes.py",
        "beyond = np.maximum(np.abs(dx * ux + dy * uy) - half[:, s, None, None], 0)",
        "beyond = np.abs(dx * ux + dy * uy) - half[:, s, None, None]",
        "distances that grow towards the middle of a stroke",
    ),
    Mutant(
        "datasets/strokes.py",
        "trained, tested = _factors(draws[int(test) :]), _factors(draws[: int(test)])",
        "trained, tested = _factors(draws[: int(n)]), _factors(draws[int(n) :])",
        "test images that depend on the number of training images",
    ),
    Mutant(
        "datasets/strokes.py",
        "trained, tested = _factors(draws[int(test) :]), _factors(draws[: int(test)])",
        "trained, tested = _factors(draws[: int(n)]), _factors(draws[: int(test)])",
        "test images that are training images",
    ),
    Mutant(
        "datasets/strokes.py",
        "kind = (draws[:, 0] * KINDS).astype(np.int64)",
        "kind = np.rint(draws[:, 0] * (KINDS - 1)).astype(np.int64)",
        "rounding for flooring: the first and the last kind half as frequent",
    ),
    Mutant(
        "datasets/strokes.py",
        "low + draws[:, i] * (high - low)",
        "low + draws[:, i] * high",
        "factors beyond their range",
    ),
    Mutant(
        "datasets/strokes.py",
        "ink * block.brightness.astype(np.float32)[:, None, None]",
        "np.minimum(ink, block.brightness.astype(np.float32)[:, None, None])",
        "brightness that cuts where it should scale",
    ),
    Mutant(
        "datasets/strokes.py",
        "y_test=tested.kind.copy(),",
        "y_test=trained.kind[: len(tested.kind)].copy(),",
        "labels of the training images for the test images",
    ),
    Mutant(
        "datasets/strokes.py",
        "values[first : first + _BLOCK] for values in factors)",
        "values[: len(factors.kind[first : first + _BLOCK])] for values in factors)",
        "the first block's factors in every block",
    ),
]

_FILES = [
    Mutant(
        "datasets/idx.py",
        '0x0B: ">i2"',
        '0x0B: "<i2"',
        "numbers of two bytes read in the machine's order",
    ),
    Mutant(
        "datasets/idx.py",
        '0x09: ">i1"',
        '0x09: ">u1"',
        "signed bytes read without their sign",
    ),
    Mutant(
        "datasets/idx.py",
        "buffer=content, offset=4 + 4 * len(shape))",
        "buffer=content, offset=8)",
        "data read from the end of the shortest header on",
    ),
    Mutant(
        "datasets/idx.py",
        'struct.unpack_from(f">{rank}I", content, 4)',
        'struct.unpack_from(f">{rank}I", content, 4)[::-1]',
        "sizes of an array in the opposite order",
    ),
    Mutant(
        "datasets/dataset.py",
        "np.divide(images, np.float32(white), dtype=np.float32)",
        "np.divide(images, np.float32(256), dtype=np.float32)",
        "pixels divided by 256: white is not 1",
    ),
    Mutant(
        "datasets/digits.py",
        "return Dataset(x[~is_test], y[~is_test], x[is_test], y[is_test],",
        "return Dataset(x[is_test], y[is_test], x[~is_test], y[~is_test],",
        "training and test part exchanged",
    ),
    Mutant(
        "datasets/digits.py",
        "return Dataset(x[~is_test], y[~is_test], x[is_test], y[is_test],",
        "return Dataset(x, y, x[is_test], y[is_test],",
        "test images among the training images",
    ),
    Mutant(
        "files.py",
        "if hashlib.sha256(body).hexdigest().encode() != seal[len(_SEAL) :]:",
        "if len(hashlib.sha256(body).hexdigest()) != len(seal[len(_SEAL) :]):",
        "a checksum of which the length alone is compared",
    ),
    Mutant(
        "files.py",
        'if header["kind"] != kind:',
        'if header["kind"] not in ("model", "checkpoint", "study"):',
        "a checkpoint read as a model",
    ),
    Mutant(
        "files.py",
        "        os.replace(temporary, path)\n",
        "        path.write_bytes(content)\n        os.unlink(temporary)\n",
        "a file that is half written when the disk is full",
    ),
]

MUTANTS = [*_MOMENTS, *_STROKES, *_FILES]
