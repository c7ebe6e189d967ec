"""Extras in tests: skipped without them, and PyTorch on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest


def need(*modules: str, extra: str) -> None:
    """Skip the test unless all modules are installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; pip install 'scratchae[{extra}]'")


@contextmanager
def one_thread() -> Iterator[Any]:
    """PyTorch on one thread: tensors in tests are small, and more threads would only wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(before)
