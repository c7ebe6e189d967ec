"""Notice of compilation in a training: one line, and only if kernels are compiled."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.small_runs import fit
from helpers.uncached import uncached_kernel

import scratchae as sae
from scratchae.training.compilation import COMPILING, before_compiling


def test_a_training_that_compiles_says_so_once(capsys: pytest.CaptureFixture[str], caplog: Any) -> None:
    def compile_another(model: Any) -> None:
        uncached_kernel()(1.0)

    with sae.use_backend("numba"):
        fit()
        with caplog.at_level("INFO", "scratchae"):
            fit(verbose=1, callbacks=compile_another)
        assert capsys.readouterr().err.count(COMPILING) == 1
        assert [record.getMessage() for record in caplog.records].count(COMPILING) == 1
        fit(verbose=1)
        assert COMPILING not in capsys.readouterr().err
        fit(verbose=0, callbacks=compile_another)
        assert capsys.readouterr().err == ""


def test_the_numpy_backend_compiles_nothing() -> None:
    with sae.use_backend("numpy"), before_compiling(lambda: pytest.fail("nothing is compiled")):
        uncached_kernel()(1.0)
