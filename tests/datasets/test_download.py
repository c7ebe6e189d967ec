"""MNIST from its mirrors: downloaded once, and repaired in the cache."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import io
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from helpers.mnist_folders import assert_is, own_cache, put, tiny_data_sets

from scratchae.datasets import load_fashion_mnist, load_mnist
from scratchae.datasets.sources import FILES, SOURCES, TRAIN_IMAGES


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_cache(monkeypatch, tmp_path)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    return tiny_data_sets(monkeypatch)


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


def test_a_cache_that_cannot_be_written_hints_at_other_folders(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(
        OSError, match="cannot be written .Read-only file system.: set the environment variable SCRATCHAE_DATA"
    ) as caught:
        load_mnist()
    assert str(cache) in str(caught.value)
    monkeypatch.undo()


def test_a_cache_that_can_only_be_read_is_read(tiny: dict, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(cache / "mnist", tiny["mnist"])

    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("mkdir", "unlink", "write_bytes"):
        monkeypatch.setattr(Path, name, read_only)
    assert_is(load_mnist(), "mnist", tiny["mnist"])
