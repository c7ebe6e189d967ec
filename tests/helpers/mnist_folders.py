"""Tiny data sets in place of MNIST and Fashion-MNIST, and folders for them."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pooch
import pytest

from helpers.data_files import idx_bytes
from scratchae.datasets import Dataset
from scratchae.datasets.sources import FILES, SOURCES


def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Set up an empty user cache for this test, without ``$SCRATCHAE_DATA``, proxies or mirrors."""
    monkeypatch.delenv("SCRATCHAE_DATA", raising=False)
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    for name, source in SOURCES.items():
        monkeypatch.setitem(SOURCES, name, dataclasses.replace(source, mirrors=()))
    return tmp_path / "cache" / "scratchae"


def tiny_data_sets(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """Replace the real data sets by two tiny ones: data set -> file name -> content."""
    contents = {}
    for seed, (name, source) in enumerate(SOURCES.items()):
        rng = np.random.default_rng(seed)
        made = [
            rng.integers(0, 256, (6, 4, 3)),
            rng.permutation(6),
            rng.integers(0, 256, (2, 4, 3)),
            rng.permutation(2),
        ]
        made[2].flat[:2] = [0, 255]
        made[3] += seed
        contents[name] = {file: idx_bytes(array.astype(np.uint8)) for file, array in zip(FILES, made, strict=True)}
        sums = {file: hashlib.sha256(content).hexdigest() for file, content in contents[name].items()}
        monkeypatch.setitem(SOURCES, name, dataclasses.replace(source, sha256=sums))
    return contents


def put(folder: Path, files: dict[str, bytes], suffix: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / f"{file}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
    return folder


def assert_is(data: Dataset, name: str, files: dict[str, bytes]) -> None:
    images, labels, test_images, test_labels = (np.frombuffer(files[f], np.uint8) for f in FILES)
    assert (data.name, data.image_shape) == (name, (4, 3))
    for x, raw in [(data.x_train, images), (data.x_test, test_images)]:
        assert x.dtype == np.float32 and x.flags.c_contiguous
        assert np.array_equal(x, (raw[16:] / 255).astype(np.float32).reshape(-1, 12))
    for y, raw in [(data.y_train, labels), (data.y_test, test_labels)]:
        assert y.dtype == np.int64 and np.array_equal(y, raw[8:])
