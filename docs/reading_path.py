"""Print the files that one training step of a model passes through, and the base classes of the model.

    python docs/reading_path.py VariationalAutoencoder

One step is one batch, from the call in the training loop to the updated parameters, with the readable ops (the NumPy backend).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the package beside this script, whichever is installed

import numpy as np  # noqa: E402

import scratchae as sae  # noqa: E402
from scratchae.models import fitting  # noqa: E402
from scratchae.registry import BY_NAME  # noqa: E402

PACKAGE = ROOT / "scratchae"


class ReadingPath(NamedTuple):
    """The path of one training step through the files.

    Attributes
    ----------
    files : list of str
        Files in the order of their first use.
    switches : int
        Number of changes from one file to another.
    depth : int
        Maximum depth of nested calls.
    """

    files: list[str]
    switches: int
    depth: int


@contextmanager
def _watched(frames: list[tuple[str, int]]) -> Iterator[None]:
    """Record the file and the depth of every call into the package."""

    def depth_of(frame: FrameType | None) -> int:
        depth = 0
        while frame is not None:
            depth += str(PACKAGE) in frame.f_code.co_filename
            frame = frame.f_back
        return depth

    def note(frame: FrameType, event: str, argument: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and PACKAGE in path.parents:
            frames.append((path.relative_to(PACKAGE).as_posix(), depth_of(frame)))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def reading_path(name: str) -> ReadingPath:
    """The path of one training step of a model with its default options, on a few rows."""
    rng, frames, model = np.random.default_rng(0), [], getattr(sae, name)()
    model.set_params(epochs=1, batch_size=8, random_state=0)
    data = fitting.Data(rng.random((8, 6), dtype=np.float32), np.arange(8) % 2 if model.needs_labels else None)
    learned = {"classes_": np.arange(2)} if model.needs_labels else {}
    with sae.use_backend("numpy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = fitting.ModelProblem(model, data, None, sae.Adam(), learned=learned)
        state = problem.trained._first_state(6, problem.optimizer.state_vectors)
        problem.take_steps(state, np.arange(8), np.empty(1))  # so that the next step imports nothing
        with _watched(frames):
            problem.take_steps(state, np.arange(8), np.empty(1))
    files = [file for file, _ in frames]
    outermost = min(depth for _, depth in frames)
    switches = sum(a != b for a, b in zip(files, files[1:], strict=False))
    return ReadingPath(list(dict.fromkeys(files)), switches, max(depth for _, depth in frames) - outermost + 1)


def ancestry(name: str) -> list[str]:
    """The class of a model and its base classes, without `object`."""
    return [kind.__name__ for kind in getattr(sae, name).__mro__[:-1]]


def main(arguments: list[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Print the files that one training step of a model passes through.")
    parser.add_argument("models", nargs="*", default=list(BY_NAME), help="classes, such as VariationalAutoencoder")
    for name in parser.parse_args(arguments).models:
        if name not in BY_NAME:
            parser.error(f"{name!r} is not a model; use one of {', '.join(BY_NAME)}")
        path = reading_path(name)
        print(f"{name}: {len(path.files)} files, {path.switches} switches between files, {path.depth} calls deep")
        print(f"  ancestry: {' -> '.join(ancestry(name))}")
        print("  " + "\n  ".join(path.files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
