"""The embedded digits: what they are, and what damage is found."""

from __future__ import annotations

import importlib.resources
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae.datasets import _make_digits as maker
from scratchae.datasets import digits as digits_module
from scratchae.datasets import (
    load_digits,
)


@pytest.fixture(scope="module")
def scikit_learn() -> Any:
    from sklearn.datasets import load_digits as their_digits

    return their_digits()


def test_digits_sizes_types_and_range() -> None:
    data = load_digits()
    assert (data.name, data.image_shape) == ("digits", (8, 8))
    assert data.x_train.shape == (1437, 64) and data.x_test.shape == (360, 64)
    for x, y in [(data.x_train, data.y_train), (data.x_test, data.y_test)]:
        assert x.dtype == np.float32 and x.flags.c_contiguous and y.dtype == np.int64
        assert (x.min(), x.max()) == (0.0, 1.0)
        assert np.array_equal(x * 16, np.round(x * 16)) and y.shape == (len(x),)


def test_digits_split_is_stratified() -> None:
    data = load_digits()
    train, test = np.bincount(data.y_train), np.bincount(data.y_test)
    assert np.abs(test - (train + test) * 360 / 1797).max() < 1
    assert len(train) == len(test) == 10


def test_digits_are_scikit_learns_each_row_on_one_side(scikit_learn: Any) -> None:
    data = load_digits()
    rows = {(pixels.tobytes(), label): i for i, (pixels, label) in enumerate(zip(*pairs(scikit_learn), strict=True))}
    assert len(rows) == 1797  # no two alike, so a row of ours has one index in theirs
    train = [rows[x.tobytes(), y] for x, y in zip(data.x_train, data.y_train.tolist(), strict=True)]
    test = [rows[x.tobytes(), y] for x, y in zip(data.x_test, data.y_test.tolist(), strict=True)]
    assert sorted(train + test) == list(range(1797))
    assert train == sorted(train) and test == sorted(test)
    total = (data.x_train.sum(dtype=float) + data.x_test.sum(dtype=float)) * 16
    assert total == scikit_learn.data.sum()


def pairs(source: Any) -> tuple[np.ndarray, list[int]]:
    return (source.data / 16).astype(np.float32), source.target.tolist()


def test_digits_come_fresh_at_every_call() -> None:
    load_digits().x_train[:] = 7
    assert load_digits().x_train.max() == 1


def test_embedded_file_is_small_and_is_what_its_script_makes() -> None:
    made = maker.build()
    assert digits_module.digest(made) == digits_module.SHA256
    assert maker.pack(made) == maker.pack(maker.build())
    assert len(digits_module.embedded_file()) < 60_000


def test_digits_licence_travels_with_them() -> None:
    notice = importlib.resources.files("scratchae.datasets").joinpath("LICENSE-digits.md").read_text("utf-8")
    for needed in ["Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "Changes made"]:
        assert needed in notice


def repacked(**changes: Any) -> bytes:
    return maker.pack({**maker.build(), **changes})


def one_pixel_changed() -> bytes:
    images = maker.build()["images"]
    images[700, 3, 3] ^= 1
    return repacked(images=images)


def one_bit_flipped() -> bytes:
    content = bytearray(digits_module.embedded_file())
    content[20_000] ^= 1
    return bytes(content)


def with_objects() -> bytes:
    file = io.BytesIO()
    np.savez(file, images=np.array([{}], object), labels=np.zeros(1), is_test=np.zeros(1))
    return file.getvalue()


def one_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


DAMAGES = {
    "pixel": one_pixel_changed,
    "bit": one_bit_flipped,
    "dtype": lambda: repacked(labels=maker.build()["labels"].astype(np.int8)),
    "objects": with_objects,
    "other array": lambda: maker.pack({"something": np.zeros(3)}),
    "no archive": lambda: b"<html>",
    "one array": one_array,
    "cut": lambda: digits_module.embedded_file()[:30_000],
    "empty": lambda: b"",
    "absent": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_digits_are_refused(damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make = DAMAGES[damage]
    if make is not None:
        (tmp_path / "digits.npz").write_bytes(make())
    monkeypatch.setattr(importlib.resources, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match=r"digits\.npz is damaged .*: reinstall scratchae"):
        load_digits()
