"""Helpers of the later parts of the tour: train models of several kinds in turn, and time a part."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scratchae.console.table import say

if TYPE_CHECKING:
    from scratchae.datasets import Dataset


@contextmanager
def part(heading: str) -> Iterator[None]:
    """Print a heading, run the block, and print how long it took."""
    say(heading)
    start = time.perf_counter()
    yield
    say(f"   {time.perf_counter() - start:.1f} s")


def trained(kinds: Mapping[str, tuple[str, dict[str, Any]]], data: Dataset, seed: int) -> dict[str, Any]:
    """Train a model of each kind on the data; models of p(x) ignore the labels. Returns the models by name."""
    from scratchae import models

    return {
        name: getattr(models, kind)(**options, random_state=seed).fit(data.x_train, data.y_train)
        for name, (kind, options) in kinds.items()
    }
