"""Where MNIST is looked for: folders, cache, mirrors; and what is found there."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
from data_files import flipped, idx_bytes, peak_memory

from scratchae.datasets import (
    Dataset,
    available,
    load_digits,
    load_fashion_mnist,
    load_mnist,
)
from scratchae.datasets import digits as digits_module
from scratchae.datasets.sources import FILES, SOURCES, TEST_LABELS, TRAIN_IMAGES

ROOT = Path(__file__).resolve().parents[1]


# Read before the fixture below takes the variable away from every test.
REAL_MNIST = [
    Path(os.environ.get("SCRATCHAE_DATA", "/nowhere")),
    Path(os.environ.get("SCRATCHAE_DATA", "/nowhere")) / "mnist",
    ROOT.parent / "shared" / "data" / "mnist",
]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty user cache of this test's own, no ``$SCRATCHAE_DATA``, no proxy, no mirror."""
    monkeypatch.delenv("SCRATCHAE_DATA", raising=False)
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    for name, source in SOURCES.items():
        monkeypatch.setitem(SOURCES, name, dataclasses.replace(source, mirrors=()))
    return tmp_path / "cache" / "scratchae"


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """Two tiny data sets in the place of the real ones: data set -> file name -> content."""
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


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_given_folder(tiny: dict, tmp_path: Path, suffix: str) -> None:
    data = load_mnist(put(tmp_path / "here", tiny["mnist"], suffix))
    assert_is(data, "mnist", tiny["mnist"])
    assert (data.x_test.min(), data.x_test.max()) == (0, 1)
    fashion = load_fashion_mnist(str(put(tmp_path / "there", tiny["fashion-mnist"], suffix)))
    assert_is(fashion, "fashion-mnist", tiny["fashion-mnist"])


def test_recompression_does_not_matter(tiny: dict, tmp_path: Path) -> None:
    for level in (1, 9):
        for file, content in tiny["mnist"].items():
            (tmp_path / f"{file}.gz").write_bytes(gzip.compress(content, level, mtime=level))
        assert_is(load_mnist(tmp_path), "mnist", tiny["mnist"])


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


@pytest.mark.parametrize("below", [".", "mnist"])
def test_environment_comes_before_cache(
    tiny: dict, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    put(cache / "mnist", dict.fromkeys(FILES, b"rubbish"))
    put(tmp_path / "data" / below, tiny["mnist"], ".gz")
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert (cache / "mnist" / TEST_LABELS).read_bytes() == b"rubbish"  # not even looked at


def test_environment_may_hold_both(tiny: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_DATA", str(put(tmp_path, tiny["mnist"])))
    put(tmp_path / "fashion-mnist", tiny["fashion-mnist"])
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert_is(load_fashion_mnist(), "fashion-mnist", tiny["fashion-mnist"])


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


class Mirror(ThreadingHTTPServer):
    """A web server for one test: what it serves, and which paths it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MirrorHandler)
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []

    def url(self, folder: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{folder}/"

    def serve(self, folder: str, files: dict[str, bytes]) -> str:
        self.answers.update({f"/{folder}/{file}.gz": gzip.compress(content) for file, content in files.items()})
        return self.url(folder)


class MirrorHandler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path)
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Length", str(len(answer or b"")))
        self.end_headers()
        self.wfile.write(answer or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def use_mirrors(monkeypatch: pytest.MonkeyPatch, *urls: str, name: str = "mnist") -> None:
    monkeypatch.setitem(SOURCES, name, dataclasses.replace(SOURCES[name], mirrors=urls))


def test_download_once_then_cache(
    tiny: dict,
    mirror: Mirror,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    use_mirrors(monkeypatch, mirror.serve("a", tiny["mnist"]))
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert sorted(mirror.asked) == sorted(f"/a/{file}.gz" for file in FILES)
    assert sorted(p.name for p in (cache / "mnist").iterdir()) == sorted(f"{file}.gz" for file in FILES)
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert len(mirror.asked) == 4
    assert capfd.readouterr() == ("", "")  # nobody is watching a terminal


def test_only_what_the_cache_lacks_is_downloaded(
    tiny: dict, mirror: Mirror, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache / "fashion-mnist", {f: tiny["fashion-mnist"][f] for f in FILES[:3]})
    use_mirrors(monkeypatch, mirror.serve("a", tiny["fashion-mnist"]), name="fashion-mnist")
    assert_is(load_fashion_mnist(), "fashion-mnist", tiny["fashion-mnist"])
    assert mirror.asked == [f"/a/{FILES[3]}.gz"]


@pytest.mark.parametrize("first", ["absent", "other data set", "no gzip", "cut", "refused"])
def test_next_mirror_when_one_fails(
    first: str, tiny: dict, mirror: Mirror, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = mirror.url("bad")
    if first == "other data set":
        mirror.serve("bad", tiny["fashion-mnist"])
    elif first == "no gzip":
        mirror.answers.update({f"/bad/{file}.gz": b"<html>sign in first</html>" for file in FILES})
    elif first == "cut":
        mirror.answers.update({f"/bad/{f}.gz": gzip.compress(c)[:-4] for f, c in tiny["mnist"].items()})
    elif first == "refused":
        bad = "http://127.0.0.1:9/"  # the port of the discard service: nobody listens
    use_mirrors(monkeypatch, bad, mirror.serve("good", tiny["mnist"]))
    assert_is(load_mnist(), "mnist", tiny["mnist"])
    assert len([path for path in mirror.asked if path.startswith("/good/")]) == 4
    assert len([path for path in mirror.asked if path.startswith("/bad/")]) == (0 if first == "refused" else 4)
    assert sorted(p.name for p in (cache / "mnist").iterdir()) == sorted(f"{file}.gz" for file in FILES)


def test_damaged_cache_repairs_itself(tiny: dict, mirror: Mirror, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(cache / "mnist", {**tiny["mnist"], TRAIN_IMAGES: tiny["fashion-mnist"][TRAIN_IMAGES]})
    use_mirrors(monkeypatch, mirror.serve("a", tiny["mnist"]))
    for _ in range(2):
        assert_is(load_mnist(), "mnist", tiny["mnist"])
        assert mirror.asked == [f"/a/{TRAIN_IMAGES}.gz"]


def test_when_every_mirror_fails_the_error_says_what_to_do(
    tiny: dict, mirror: Mirror, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_mirrors(monkeypatch, mirror.url("absent"), mirror.serve("wrong", tiny["fashion-mnist"]))
    message = "could not download .* of MNIST .*HTTPError.*wrong or damaged.* folder=.* SCRATCHAE_DATA"
    with pytest.raises(ConnectionError, match=message) as caught:
        load_mnist()
    assert "\n" not in str(caught.value)
    assert len(mirror.asked) == 2
    assert list((cache / "mnist").iterdir()) == []  # nothing half-finished stays behind


@pytest.mark.parametrize("watched", [True, False])
def test_progress_is_shown_on_a_terminal_only(
    tiny: dict, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    use_mirrors(monkeypatch, mirror.serve("a", tiny["mnist"]))
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: watched)
    monkeypatch.setattr(sys, "stderr", terminal)
    load_mnist()
    assert ("100%" in terminal.getvalue()) == watched


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
