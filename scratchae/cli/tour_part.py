"""What the later parts of the tour share: models of several kinds trained in turn, and the time that a part took."""

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
    """Say what begins, and in the end how long it took."""
    say(heading)
    start = time.perf_counter()
    yield
    say(f"   {time.perf_counter() - start:.1f} s")


def trained(kinds: Mapping[str, tuple[str, dict[str, Any]]], data: Dataset, seed: int) -> dict[str, Any]:
    """By name: models of these classes and options, trained on the data; those that are of p(x) take no notice of the labels."""
    from scratchae import models

    return {
        name: getattr(models, kind)(**options, random_state=seed).fit(data.x_train, data.y_train)
        for name, (kind, options) in kinds.items()
    }
