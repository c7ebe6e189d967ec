"""The list of data sets: where each is, and whether it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mnist_folders import own_cache, put, tiny_data_sets

from scratchae.datasets import available, load_digits
from scratchae.datasets import digits as digits_module
from scratchae.datasets.sources import TEST_LABELS


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_cache(monkeypatch, tmp_path)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    return tiny_data_sets(monkeypatch)


def test_available_tells_what_is_where(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = put(tmp_path / "data" / "mnist", tiny["mnist"], ".gz")
    put(cache / "fashion-mnist", {TEST_LABELS: tiny["fashion-mnist"][TEST_LABELS]})
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    digits, mnist, fashion = available()
    data = load_digits()
    assert (digits.name, digits.location, digits.present) == ("digits", "embedded", True)
    assert (digits.n_train, digits.n_test) == (len(data.x_train), len(data.x_test))
    assert digits.rows == 1797 and digits.size_on_disk == len(digits_module.embedded_file())
    assert (mnist.name, mnist.location, mnist.present) == ("mnist", str(kept), True)
    assert mnist.rows == 70_000 and mnist.size_on_disk == sum(p.stat().st_size for p in kept.iterdir())
    assert (fashion.location, fashion.present) == (str(cache / "fashion-mnist"), False)
    assert fashion.size_on_disk == len(tiny["fashion-mnist"][TEST_LABELS])
    assert [row.licence.split()[0] for row in (digits, mnist, fashion)] == ["CC", "CC", "MIT"]
    assert [row.verified for row in available()] == [None, None, None]
    assert [row.verified for row in available(verify=True)] == [True, True, None]


@pytest.mark.parametrize("kept", [True, False])
def test_available_finds_damage_if_asked(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    put((tmp_path / "data" if kept else cache) / "mnist", {**tiny["mnist"], TEST_LABELS: b"rubbish"})
    monkeypatch.setattr(digits_module, "SHA256", "0" * 64)
    assert [row.present for row in available()] == [True, True, False]
    assert [row.verified for row in available(verify=True)] == [False, False, None]
