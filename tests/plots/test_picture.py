"""Figures as notebooks show them."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest

from scratchae import plots


def test_notebooks_show_a_picture_without_pyplot(run_python: Callable[..., str]) -> None:
    pytest.importorskip("IPython")
    script = """
import sys
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from scratchae import plots
shell = InteractiveShell.instance()
data, _ = shell.display_formatter.format(plots.codes(np.eye(2)))
print(len(data["image/png"]) > 1000, "matplotlib.pyplot" in sys.modules)
from IPython.core.pylabtools import select_figure_formats
select_figure_formats(shell, {"svg"})  # one of the choices of `%config InlineBackend`
data, _ = shell.display_formatter.format(plots.codes(np.eye(2)))
print("<svg" in data["image/svg+xml"])
"""
    assert run_python(script).split() == ["True", "False", "True"]


def test_a_figure_can_be_pickled() -> None:
    figure = plots.codes(np.eye(2))
    assert pickle.loads(pickle.dumps(figure))._repr_png_() == figure._repr_png_()
