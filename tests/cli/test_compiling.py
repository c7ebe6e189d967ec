"""Compiling before the tour: help is called only if it takes long, and what the helper compiled is read here, too."""

from __future__ import annotations

import threading
from typing import Any

import numba
import pytest

from scratchae.cli import compiling

HERE, BESIDE = [("Autoencoder", {}), ("SparseAutoencoder", {})], [("VariationalAutoencoder", {})]


class Helper:
    """A second process that is at once done."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def wait(self) -> None:
        self.ended.append("wait")

    def kill(self) -> None:
        self.ended.append("kill")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[Any], Helper]:
    compiled: list[Any] = []
    asked: list[Any] = []
    helper = Helper()
    monkeypatch.setattr(compiling, "compile_one", compiled.append)
    monkeypatch.setattr(compiling, "_start_helper", lambda kinds: [asked.append(kinds), helper][1])
    return compiled, asked, helper


def test_kernels_from_the_cache_need_no_help(
    run: tuple[list[Any], list[Any], Helper], capsys: pytest.CaptureFixture[str]
) -> None:
    compiled, asked, _ = run
    compiling.compile_kernels(HERE, BESIDE)
    assert compiled == HERE + BESIDE and not asked and not capsys.readouterr().out


def test_a_second_process_helps_when_it_takes_long(
    run: tuple[list[Any], list[Any], Helper], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled, asked, helper = run
    monkeypatch.setattr(compiling, "PATIENCE", 0.0)
    called = threading.Event()
    monkeypatch.setattr(compiling, "_start_helper", lambda kinds: [asked.append(kinds), called.set(), helper][2])

    def slow(kind: Any) -> None:
        assert called.wait(30)
        compiled.append(kind)

    monkeypatch.setattr(compiling, "compile_one", slow)
    compiling.compile_kernels(HERE, BESIDE)
    assert asked == [BESIDE] and compiled == HERE + BESIDE
    assert helper.ended[0] == "wait" and "kill" in helper.ended  # none is left
    assert "compiling the kernels" in capsys.readouterr().out


def test_the_number_of_threads_comes_back() -> None:
    before = numba.get_num_threads()
    with pytest.raises(ZeroDivisionError), compiling.one_thread():
        assert numba.get_num_threads() == 1
        raise ZeroDivisionError
    assert numba.get_num_threads() == before
