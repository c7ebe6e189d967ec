"""Files as they are kept: compressed in any way, changed, or taken for one another."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from helpers.data_files import flipped
from helpers.mnist_folders import assert_is, own_cache, put, tiny_data_sets

from scratchae.datasets import load_fashion_mnist, load_mnist
from scratchae.datasets.sources import FILES, SOURCES, TRAIN_IMAGES
from scratchae.datasets.store import find, missing


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_cache(monkeypatch, tmp_path)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    return tiny_data_sets(monkeypatch)


def test_recompression_does_not_matter(tiny: dict, tmp_path: Path) -> None:
    for level in (1, 9):
        for file, content in tiny["mnist"].items():
            (tmp_path / f"{file}.gz").write_bytes(gzip.compress(content, level, mtime=level))
        assert_is(load_mnist(tmp_path), "mnist", tiny["mnist"])


def test_changed_content_is_refused_with_both_sums(tiny: dict, tmp_path: Path) -> None:
    changed = {**tiny["mnist"], TRAIN_IMAGES: flipped(tiny["mnist"][TRAIN_IMAGES], 40)}
    put(tmp_path, changed)
    got = hashlib.sha256(changed[TRAIN_IMAGES]).hexdigest()
    expected = SOURCES["mnist"].sha256[TRAIN_IMAGES]
    path = re.escape(str(tmp_path / TRAIN_IMAGES))
    message = f"^{path} is not {TRAIN_IMAGES} of MNIST .*damaged.*got {got}, expected {expected}.*: replace"
    with pytest.raises(ValueError, match=message):
        load_mnist(tmp_path)


def test_one_data_set_is_not_taken_for_the_other(tiny: dict, tmp_path: Path) -> None:
    folder = put(tmp_path, tiny["mnist"])
    with pytest.raises(ValueError, match=f"is not .* of Fashion-MNIST .it is {FILES[1]} of MNIST;"):
        load_fashion_mnist(folder)


def test_one_file_is_not_taken_for_another(tiny: dict, tmp_path: Path) -> None:
    folder = put(tmp_path, {**tiny["mnist"], TRAIN_IMAGES: tiny["mnist"][FILES[2]]})
    with pytest.raises(ValueError, match=f"is not {TRAIN_IMAGES} of MNIST .it is {FILES[2]} of MNIST;"):
        load_mnist(folder)


def test_environment_may_hold_both(tiny: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_DATA", str(put(tmp_path, tiny["mnist"])))
    put(tmp_path / "fashion-mnist", tiny["fashion-mnist"])
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert_is(load_fashion_mnist(), "fashion-mnist", tiny["fashion-mnist"])


def test_the_plain_file_is_found_before_the_compressed_one(tmp_path: Path) -> None:
    assert find(tmp_path / "nowhere", FILES[0]) is None and missing(tmp_path / "nowhere") == list(FILES)
    (tmp_path / f"{FILES[0]}.gz").write_bytes(b"")
    assert find(tmp_path, FILES[0]) == tmp_path / f"{FILES[0]}.gz" and missing(tmp_path) == list(FILES[1:])
    (tmp_path / FILES[0]).write_bytes(b"")
    assert find(tmp_path, FILES[0]) == tmp_path / FILES[0]
    (tmp_path / FILES[1]).mkdir()  # a folder is not a file
    assert missing(tmp_path) == list(FILES[1:])
