"""Threads, forks and spawned processes at once, on every threading layer of Numba that is installed: no abort, no hang, the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from helpers import stress

SCRIPT = Path(stress.__file__)
ROOT = SCRIPT.parents[2]
LAYERS = ("workqueue", "omp", "tbb")
QUICK = ("fits", "encodes")  # on the layer that aborts; the others take minutes


def finished(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished Python process."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, timeout=900)


@cache
def is_installed(layer: str) -> bool:
    return finished("-c", "import numba; numba.get_num_threads()", NUMBA_THREADING_LAYER=layer).returncode == 0


def cases() -> list[object]:
    """Each kind on each layer."""
    return [
        pytest.param(
            layer, kind, marks=pytest.mark.slow if layer == "workqueue" and kind in QUICK else pytest.mark.deep
        )
        for layer in LAYERS
        for kind in stress.KINDS
    ]


@pytest.mark.parametrize(("layer", "kind"), cases())
def test_nothing_aborts_and_no_bit_changes(layer: str, kind: str) -> None:
    if not is_installed(layer):
        pytest.skip(f"the threading layer {layer} is not installed")
    if kind == "search":
        pytest.importorskip("sklearn")
    process = finished(str(SCRIPT), kind, NUMBA_THREADING_LAYER=layer)
    assert process.returncode == 0, process.stderr
    assert process.stdout.split()[-1] == layer  # after what TBB says about forks


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "3"])
def test_any_number_of_threads_has_the_same_bits_on_the_layer_that_aborts(threads: str) -> None:
    code = (
        "from helpers.stress import fits, trained; fits(); import hashlib; print(hashlib.sha256(trained()).hexdigest())"
    )
    found = {
        finished(
            "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r}); {code}",
            NUMBA_THREADING_LAYER=layer, NUMBA_NUM_THREADS=number,
        ).stdout
        for layer, number in (("workqueue", threads), ("default", "2"))
    }  # fmt: skip
    assert len(found) == 1 and len(found.pop().strip()) == 64
