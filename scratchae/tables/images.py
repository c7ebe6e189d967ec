"""Images: folders of them, and IDX files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchae.datasets import load_idx
from scratchae.errors import shortened

Array = npt.NDArray[Any]
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".tif", ".tiff")
_IDX = re.compile(
    r"(?P<stem>.*?)(?P<what>images|labels)(?P<dash>[-.])idx(?P<rank>[13])(?P<end>-ubyte(\.gz)?)$", re.IGNORECASE
)


def is_idx(path: Path) -> bool:
    """Return whether a file has the name of an IDX file, such as train-images-idx3-ubyte or train-images.idx3-ubyte.gz."""
    return re.search(r"[-.]idx\d(-ubyte)?(\.gz)?$", path.name, re.IGNORECASE) is not None


def read_idx(path: Path, transpose: bool = False) -> tuple[dict[str, Array], list[str]]:
    """Read images, and their labels if they are beside them under the usual name.

    Parameters
    ----------
    path : Path
    transpose : bool
        Whether the images will be transposed, which is said, or need not be.

    Raises
    ------
    ValueError
        If the file is damaged, or contains labels only.
    """
    x, notes = load_idx(path), []
    if x.ndim == 1:
        raise ValueError(
            f"{path} contains labels or single numbers, no rows; give the file of the images, which reads the labels beside it."
        )
    arrays, beside = {"x_train": x}, _labels_beside(path)
    if beside is not None:
        arrays["y_train"] = load_idx(beside)
        notes.append(f"labels from {beside.name}, the file beside it")
    if x.ndim > 3:
        arrays["x_train"] = x.reshape(len(x), -1)
        notes.append(f"items of shape {'x'.join(map(str, x.shape[1:]))} became rows")
    if transpose:
        notes.append("the images are transposed, as asked")
    elif "emnist" in str(path.name).lower():
        height, width = x.shape[1:3] if x.ndim == 3 else (28, 28)
        notes.append(
            "EMNIST stores its images transposed; undo it with transpose=True (--transpose), or with "
            f"x.reshape(-1, {height}, {width}).transpose(0, 2, 1).reshape(-1, {height * width})"
        )
    return arrays, notes


def _labels_beside(path: Path) -> Path | None:
    """Return the file of the labels of a file of images, compressed or not."""
    match = _IDX.match(path.name)
    if match is None or match["what"].lower() != "images":
        return None
    for dash in (match["dash"], "-", "."):
        for end in ("-ubyte", "-ubyte.gz"):
            beside = path.with_name(f"{match['stem']}labels{dash}idx1{end}")
            if beside.is_file():
                return beside
    return None


def read_folder(folder: Path, transpose: bool = False) -> tuple[dict[str, Array], list[str]]:
    """Read a folder of images, or of IDX files of images (training and test).

    Parameters
    ----------
    folder : Path
    transpose : bool
        Whether the images will be transposed.

    Raises
    ------
    ValueError
        If there is no image, or they differ in size, or some are in folders.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    idx = [path for path in paths if (match := _IDX.match(path.name)) and match["what"].lower() == "images"]
    if idx:
        return _idx_folder(folder, idx, transpose)
    pictures = [path for path in paths if path.suffix.lower() in ENDINGS]
    below = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))
    labels: list[str] = []
    if pictures and (filled := [part.name for part in below if any(map(_is_picture, part.iterdir()))]):
        raise ValueError(
            f"{folder} contains images ({shortened([path.name for path in pictures], 3)}) and folders of images ({shortened(filled, 5)}); "
            "give one of the folders, or move the images."
        )
    if not pictures and below:  # one folder for each class
        for part in below:
            inside = sorted(filter(_is_picture, part.iterdir()))
            pictures, labels = pictures + inside, labels + [part.name] * len(inside)
    if not pictures:
        deeper = [part for part in below if any(map(_is_picture, part.glob("*/*")))]
        if deeper:
            raise ValueError(
                f"{folder} contains folders of folders of images ({shortened([part.name for part in deeper], 5)}); give one of them, "
                f"such as {deeper[0]}."
            )
        raise ValueError(
            f"{folder} contains neither images ({', '.join(ENDINGS)}) nor IDX files; give a folder that does, or a file."
        )
    images, notes = _read_pictures(pictures)
    arrays: dict[str, Array] = {"x_train": images}
    if labels:
        arrays["y_train"] = np.array(labels)
        notes.append(f"the folders give the labels ({shortened(sorted(set(labels)), 5)})")
    return arrays, notes


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()


def _idx_folder(folder: Path, images: list[Path], transpose: bool) -> tuple[dict[str, Array], list[str]]:
    train = [path for path in images if "train" in path.name.lower()]
    test = [path for path in images if re.search("t10k|test", path.name.lower())]
    # A file may be there twice, plain and compressed; the plain one comes first.
    train, test = ([path for path in part if path.suffix != ".gz"] or part for part in (train, test))
    if len(train) != 1 or len(test) > 1:
        names = shortened([path.name for path in images], 6)
        raise ValueError(f"{folder} contains the IDX files {names}; give one of them.")
    arrays, notes = read_idx(train[0], transpose)
    notes = [f"training images from {train[0].name}", *notes]
    for path in test:
        more, _ = read_idx(path)
        arrays["x_test"] = more["x_train"]
        if "y_train" in more:
            arrays["y_test"] = more["y_train"]
        notes.append(f"test images from {path.name}")
    return arrays, notes


def _read_pictures(paths: list[Path]) -> tuple[Array, list[str]]:
    """Read images as grey values in [0, 1], shape (N, height, width)."""
    from PIL import Image, UnidentifiedImageError

    images: Array | None = None
    colour: list[str] = []
    clear: list[str] = []
    for i, path in enumerate(paths):
        try:
            with Image.open(path) as file:
                picture, has_colour, has_alpha = _grey(file)
        except Image.DecompressionBombError:
            raise ValueError(f"{path} has too many pixels to be read; make the images smaller.") from None
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise ValueError(f"{path} is not a readable image ({error}); mend or remove it.") from None
        if picture.size and not (picture.min() >= 0 and picture.max() <= 1):
            raise ValueError(
                f"{path} has the value {picture.max() if picture.max() > 1 else picture.min():g} where 1 is white; save it with 8 or 16 bits."
            )
        colour += [path.name] if has_colour else []
        clear += [path.name] if has_alpha else []
        if images is None:
            images = np.empty((len(paths), *picture.shape), np.float32)
        if picture.shape != images.shape[1:]:
            height, width = picture.shape
            raise ValueError(
                f"{path} has {height}x{width} pixels, but {paths[0].name} has {images.shape[1]}x{images.shape[2]}; give images of one size."
            )
        images[i] = picture
    assert images is not None
    notes = [
        f"{len(paths):,} image{'' if len(paths) == 1 else 's'} of {images.shape[1]}x{images.shape[2]} pixels, in the order of their names"
    ]
    are = "is" if len(colour) == 1 else "are"
    notes += [f"{len(colour):,} of them {are} in colour ({shortened(colour, 3)}) and became grey"] if colour else []
    notes += [f"the transparency of {len(clear):,} of them ({shortened(clear, 3)}) was ignored"] if clear else []
    return images, notes


def _grey(file: Any) -> tuple[Array, bool, bool]:
    """Return grey values in [0, 1], whether the image has colours, and whether it has transparent pixels."""
    if file.mode.startswith("I") or file.mode == "F":  # 16 bits, or 32
        values = np.asarray(file, np.float32)
        return values / (65535 if file.mode.startswith("I") else 1), False, False
    alpha = "A" in file.mode or "transparency" in file.info
    rgb = np.asarray(file.convert("RGB"))
    grey = bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())
    values = rgb[..., 0] if grey else np.asarray(file.convert("RGB").convert("L"))
    transparent = alpha and bool((np.asarray(file.convert("RGBA"))[..., 3] < 255).any())
    return values.astype(np.float32) / 255, not grey, transparent
