"""Folders of images, and IDX files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.data_files import idx_bytes
from PIL import Image

import scratchae as sae
from scratchae.tables.images import is_idx

GREY = np.random.default_rng(0).integers(0, 256, (4, 5, 3)).astype(np.uint8)  # four images of 5x3 pixels


def images(folder: Path, mode: str = "L", pixels: np.ndarray = GREY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(pixels):
        Image.fromarray(image).convert(mode).save(folder / f"{i}.png")
    return folder


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_grey_images_in_any_form(mode: str, tmp_path: Path) -> None:
    table = sae.read_table(images(tmp_path / "f", mode))
    np.testing.assert_array_equal(table.x, (GREY.reshape(4, 15) / np.float32(255)).astype(np.float32))
    assert table.image_shape == (5, 3) and table.notes == ("4 images of 5x3 pixels, in the order of their names",)


def test_colours_and_transparency_are_said(tmp_path: Path) -> None:
    colour = np.zeros((2, 5, 3, 3), np.uint8)
    colour[..., 0] = 255
    table = sae.read_table(images(tmp_path / "f", "RGB", colour))
    assert "2 of them are in colour (0.png, 1.png) and became grey" in table.notes
    np.testing.assert_allclose(table.x, 0.299, atol=0.002)
    for mode, colour_of, how in (
        ("RGBA", (9, 9, 9, 100), {}),
        ("RGBA", (9, 9, 9, 254), {}),
        ("P", 0, {"transparency": 0}),
    ):
        Image.new(mode, (3, 5), colour_of).save(tmp_path / "f" / "0.png", **how)
        assert "the transparency of 1 of them (0.png) was ignored" in sae.read_table(tmp_path / "f").notes


def test_sixteen_bits(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    Image.fromarray(np.full((5, 3), 65535, np.uint16)).save(tmp_path / "f" / "a.png")
    assert sae.read_table(tmp_path / "f").x.max() == 1


def test_folders_give_labels(tmp_path: Path) -> None:
    images(tmp_path / "f" / "cats", pixels=GREY[:3])
    images(tmp_path / "f" / "dogs", pixels=GREY[3:])
    table = sae.read_table(tmp_path / "f")
    assert table.y is not None and table.y.tolist() == ["cats"] * 3 + ["dogs"]
    assert "the folders give the labels (cats, dogs)" in table.notes


def test_images_beside_folders_of_images_are_refused(tmp_path: Path) -> None:
    images(tmp_path / "f" / "cats")
    images(tmp_path / "f")
    with pytest.raises(ValueError, match=r"images \(0.png, 1.png, 2.png and 1 more\) and folders of images \(cats\)"):
        sae.read_table(tmp_path / "f")
    images(tmp_path / "g" / "train" / "cats")
    with pytest.raises(
        ValueError, match="contains folders of folders of images .train.; give one of them, such as .*train"
    ):
        sae.read_table(tmp_path / "g")
    assert sae.read_table(tmp_path / "g" / "train").y.tolist() == ["cats"] * 4


def test_pixels_beyond_white_and_too_many_pixels_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").mkdir()
    Image.fromarray(np.full((5, 3), 288.5, np.float32)).save(tmp_path / "f" / "a.tif")
    with pytest.raises(ValueError, match=r"a.tif has the value 288.5 where 1 is white; save it with 8 or 16 bits"):
        sae.read_table(tmp_path / "f")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4)
    with pytest.raises(ValueError, match="0.png has too many pixels to be read"):
        sae.read_table(images(tmp_path / "g"))


def test_images_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    folder = images(tmp_path / "f")
    Image.new("L", (4, 4)).save(folder / "z.png")
    with pytest.raises(ValueError, match=r"z\.png has 4x4 pixels, but 0.png has 5x3; give images of one size"):
        sae.read_table(folder)
    (folder / "z.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"z\.png is not a readable image"):
        sae.read_table(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="contains neither images"):
        sae.read_table(tmp_path / "empty")


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("dash", ["-", "."])
def test_idx_files_with_the_labels_beside_them(zipped: bool, dash: str, tmp_path: Path) -> None:
    end, pack = (".gz", gzip.compress) if zipped else ("", bytes)
    for part, pixels, first in (("train", GREY, 0), ("t10k", GREY[::-1], 5)):
        labels = np.arange(first, first + 4, dtype=np.uint8)
        (tmp_path / f"{part}-images{dash}idx3-ubyte{end}").write_bytes(pack(idx_bytes(pixels)))
        (tmp_path / f"{part}-labels{dash}idx1-ubyte{end}").write_bytes(pack(idx_bytes(labels)))
    table = sae.read_table(tmp_path / f"train-images{dash}idx3-ubyte{end}")
    np.testing.assert_allclose(table.x, GREY.reshape(4, 15) / 255, rtol=1e-6)
    assert table.y is not None and table.y.tolist() == [0, 1, 2, 3] and table.x_test is None
    both = sae.read_table(tmp_path)
    np.testing.assert_array_equal(both.x, table.x)
    np.testing.assert_array_equal(both.x_test, table.x[::-1])
    assert both.y is not None and both.y.tolist() == [0, 1, 2, 3]
    assert both.y_test is not None and both.y_test.tolist() == [5, 6, 7, 8]
    with pytest.raises(ValueError, match="contains labels or single numbers"):
        sae.read_table(tmp_path / f"train-labels{dash}idx1-ubyte{end}")


@pytest.mark.parametrize("labels", ["a-labels-idx1-ubyte", "a-labels.idx1-ubyte", "a-labels-idx1-ubyte.gz"])
@pytest.mark.parametrize("rows", ["a-images-idx3-ubyte", "a-images.idx3-ubyte", "a-images.idx3-ubyte.gz"])
def test_idx_labels_are_found_in_any_spelling(rows: str, labels: str, tmp_path: Path) -> None:
    for name, array in ((rows, GREY), (labels, np.arange(4, dtype=np.uint8))):
        content = idx_bytes(array)
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    table = sae.read_table(tmp_path / rows)
    assert table.y is not None and table.y.tolist() == [0, 1, 2, 3] and labels in table.notes[0]


def test_of_a_plain_and_a_compressed_idx_file_the_plain_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(GREY))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(GREY[:2])))
    assert len(sae.read_table(tmp_path).x) == 4
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx_bytes(GREY))
    with pytest.raises(ValueError, match="contains the IDX files .*; give one of them"):
        sae.read_table(tmp_path)


def test_emnist_says_how_it_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "emnist-letters-train-images-idx3-ubyte"
    path.write_bytes(idx_bytes(GREY))
    table = sae.read_table(path)
    (note,) = [note for note in table.notes if "EMNIST" in note]
    expression = note.partition("or with x")[2]
    upright = eval(f"x{expression}", {"x": table.x})  # the note is Python
    turned = sae.read_table(path, transpose=True)
    np.testing.assert_array_equal(upright, turned.x)
    assert "the images are transposed, as asked" in turned.notes and "EMNIST" not in "".join(turned.notes)
    np.testing.assert_allclose(upright[0].reshape(3, 5), GREY[0].T / 255, rtol=1e-6)


def test_names_of_idx_files() -> None:
    assert is_idx(Path("t10k-images.idx3-ubyte")) and is_idx(Path("a-labels-idx1-ubyte.gz"))
    assert not is_idx(Path("images.csv")) and not is_idx(Path("idx3.npz"))
