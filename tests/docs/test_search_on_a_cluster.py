"""The script for a cluster: it finds what a search on this machine finds, and the page shows it as it is."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.extras import need

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "search_on_a_cluster.py"


def test_the_page_shows_the_script() -> None:
    page = (ROOT / "docs" / "scikit-learn.md").read_text("utf-8")
    shown = re.search(r"<!-- the script -->\n```python\n(.*?)```", page, re.DOTALL)
    assert shown is not None and shown[1] == SCRIPT.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_workers_find_what_this_process_finds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need("dask", "distributed", extra="cluster")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    workers, *lines = done.stdout.splitlines()
    assert workers == "2 workers" and len(lines) == 7 and float(lines[4][:5]) > 0.95

    from dask.distributed import LocalCluster

    names: dict[str, Any] = runpy.run_path(str(SCRIPT))
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        names["search"](cluster.scheduler_address)  # as one gives it for a cluster that runs elsewhere
    assert capsys.readouterr().out.splitlines() == ["1 workers", *lines]
