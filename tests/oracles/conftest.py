"""Collect only the test files if PyTorch is missing; they are then skipped, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

if find_spec("torch") is None:
    collect_ignore = ["definitions.py", "training.py", "operations.py"]


@pytest.fixture(autouse=True, scope="session")
def _one_thread_of_torch() -> Iterator[None]:
    """The tensors are small: more threads would only wait for each other."""
    if find_spec("torch") is not None:
        import torch

        torch.set_num_threads(1)
    yield
