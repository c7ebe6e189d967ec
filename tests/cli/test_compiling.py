"""Compiling before the tour: help is called only if kernels are compiled, and what the helper compiled is read here, too."""

from __future__ import annotations

from typing import Any

import numba
import pytest
from helpers.uncached import uncached_kernel

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


def test_a_second_process_helps_when_kernels_are_compiled(
    run: tuple[list[Any], list[Any], Helper], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled, asked, helper = run

    def compiles(kind: Any) -> None:
        compiled.append(kind)
        uncached_kernel()(1.0)

    monkeypatch.setattr(compiling, "compile_one", compiles)
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
