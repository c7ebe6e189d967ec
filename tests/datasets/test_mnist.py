"""Places in which MNIST is looked for: a given folder, `$SCRATCHAE_DATA`, the cache; and what is found there."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.data_files import idx_bytes, peak_memory
from helpers.mnist_folders import assert_is, own_cache, put, tiny_data_sets

from scratchae.datasets import load_fashion_mnist, load_mnist
from scratchae.datasets.sources import FILES, SOURCES, TEST_LABELS, TRAIN_IMAGES

ROOT = Path(__file__).resolve().parents[2]


# Read before the fixture below takes the variable away from every test.
REAL_MNIST = [
    Path(os.environ.get("SCRATCHAE_DATA", "/nowhere")),
    Path(os.environ.get("SCRATCHAE_DATA", "/nowhere")) / "mnist",
    ROOT.parent / "shared" / "data" / "mnist",
]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_cache(monkeypatch, tmp_path)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    return tiny_data_sets(monkeypatch)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_given_folder(tiny: dict, tmp_path: Path, suffix: str) -> None:
    data = load_mnist(put(tmp_path / "here", tiny["mnist"], suffix))
    assert_is(data, "mnist", tiny["mnist"])
    assert (data.x_test.min(), data.x_test.max()) == (0, 1)
    fashion = load_fashion_mnist(str(put(tmp_path / "there", tiny["fashion-mnist"], suffix)))
    assert_is(fashion, "fashion-mnist", tiny["fashion-mnist"])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_dotted_names_and_the_folders_of_torchvision(
    tiny: dict, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotted = {file.replace("-idx", ".idx"): content for file, content in tiny["mnist"].items()}
    assert_is(load_mnist(put(tmp_path / "dotted", dotted, suffix)), "mnist", tiny["mnist"])
    root = tmp_path / "torchvision"
    put(root / "MNIST" / "raw", tiny["mnist"], suffix)
    put(root / "FashionMNIST" / "raw", tiny["fashion-mnist"], suffix)
    for folder in (root, root / "MNIST", root / "MNIST" / "raw"):
        assert_is(load_mnist(folder), "mnist", tiny["mnist"])
    assert_is(load_fashion_mnist(root), "fashion-mnist", tiny["fashion-mnist"])
    monkeypatch.setenv("SCRATCHAE_DATA", str(root))
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert_is(load_fashion_mnist(), "fashion-mnist", tiny["fashion-mnist"])


def test_given_folder_is_the_only_place(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache / "mnist", tiny["mnist"])
    monkeypatch.setenv("SCRATCHAE_DATA", str(put(tmp_path / "kept", tiny["mnist"])))
    half = put(tmp_path / "half", {f: tiny["mnist"][f] for f in FILES[:2]})
    with pytest.raises(
        FileNotFoundError, match=f"{re.escape(str(half))} lacks .* MNIST .*{FILES[2]}, {FILES[3]}, .*: put"
    ) as caught:
        load_mnist(half)
    assert FILES[0] not in str(caught.value)
    with pytest.raises(FileNotFoundError, match=", ".join(FILES)):
        load_mnist(tmp_path / "nowhere")


@pytest.mark.parametrize("below", [".", "mnist"])
def test_environment_comes_before_cache(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    put(cache / "mnist", dict.fromkeys(FILES, b"rubbish"))
    put(tmp_path / "data" / below, tiny["mnist"], ".gz")
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert (cache / "mnist" / TEST_LABELS).read_bytes() == b"rubbish"  # not even looked at


def test_cache_is_used_when_the_environment_has_nothing(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache / "mnist", tiny["mnist"], ".gz")
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "empty"))
    assert_is(load_mnist(), "mnist", tiny["mnist"])


@pytest.mark.parametrize("file", [TRAIN_IMAGES, TEST_LABELS])
def test_damage_in_the_users_own_folder_is_not_papered_over(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    put(cache / "mnist", tiny["mnist"])
    put(tmp_path / "data", {**tiny["mnist"], file: tiny["mnist"][file][:-1]})
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    with pytest.raises(ValueError, match=rf"data.{file} is truncated"):
        load_mnist()


def test_loading_holds_no_more_than_bytes_and_floats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    n, pixels = 8000, 28 * 28
    files = [rng.integers(0, 256, (n, 28, 28), np.uint8), np.zeros(n, np.uint8)]
    files += [files[0][:1], files[1][:1]]
    contents = {name: idx_bytes(array) for name, array in zip(FILES, files, strict=True)}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setitem(SOURCES, "mnist", dataclasses.replace(SOURCES["mnist"], sha256=sums))
    put(tmp_path, contents)
    with peak_memory() as peak:
        data = load_mnist(tmp_path)
    assert len(data.x_train) == n
    assert n * pixels * 5 <= peak.bytes < 1.05 * n * pixels * 5  # 1 byte + 4 bytes per pixel


def test_importing_the_room_costs_no_more_than_numpy() -> None:
    # The package around it is left out, so that only this room's own imports count.
    program = f"""
import sys, types
package = types.ModuleType("scratchae")
package.__path__ = [{str(ROOT / "scratchae")!r}]
sys.modules["scratchae"] = package
import scratchae.datasets
scratchae.datasets.load_digits()
heavy = {{"pooch", "tqdm", "requests", "urllib3", "urllib.request", "sklearn", "scipy", "numba"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_real_mnist() -> None:
    folder = next((path for path in REAL_MNIST if (path / f"{TEST_LABELS}.gz").is_file()), None)
    if folder is None:
        pytest.skip("no MNIST here: set SCRATCHAE_DATA to a folder with its four files to run this test")
    data = load_mnist(folder)
    assert data.x_train.shape == (60_000, 784) and data.x_test.shape == (10_000, 784)
    assert data.x_train.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert data.x_test.mean(dtype=np.float64) == pytest.approx(0.1325, abs=5e-5)
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    with pytest.raises(ValueError, match="of Fashion-MNIST .it is .* of MNIST"):
        load_fashion_mnist(folder)
