"""The script that measures scaling: its arithmetic, its files, and the part of the page that it writes."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "benchmarks" / "scaling.py"
scaling: Any = SimpleNamespace(**runpy.run_path(str(SCRIPT)))


def measured() -> dict[str, Any]:
    """Results in the form of the script, with round numbers."""
    sizes = {
        panel: {scaling.threads_named(n, dtype): [[1, t], [100, 10 * t]] for n in (1, 2) for dtype, t in times}
        for panel in (scaling.BATCH, scaling.WIDTH, scaling.DEPTH)
        for times in [(("float32", 0.001), ("float64", 0.002))]
    }
    return {
        "machine": {"processor": "A Processor", "threads": 2, "memory": 8e9, "numba": "1.0"},
        "date": "2030-01-02",
        "load": "",
        "sizes": sizes,
        "threads": {
            "net": {scaling.MEASURED: [[1, 0.4], [2, 0.25]], scaling.SIMULATED: [[1, 0.4], [2, 0.2], [8, 0.1]]}
        },
        "memory": {scaling.IN_MEMORY: [[1e9, 5000]], scaling.MAPPED: [[1e9, 4900], [1e10, 4500]]},
    }


def test_the_sentences_are_computed_from_the_measurements() -> None:
    text = " ".join(scaling.sentences(measured()))
    for words in (
        "A Processor (2 threads, 8 GB), with Numba 1.0, 2030-01-02",
        "A row costs 10 times as much in batches of 1 as in batches of 100",
        "float64 takes 2 times as long",
        "net: 2 threads are 1.6 times as fast as one (the share of one of them: 2 times); 8 could be at most 4 times as fast",
        "a file of 10 GB, 1.25 times the memory, 4,500 rows per second",
        "from an array of 1 GB in memory, 5,000: a ratio of 0.9",
    ):
        assert words in text
    assert "busy" not in text
    assert "busy" in " ".join(scaling.sentences({**measured(), "load": "This machine is busy."}))


def test_the_page_has_what_the_file_of_measurements_says() -> None:
    found = json.loads((ROOT / "docs" / "scaling.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert scaling.section(found) in page
    assert set(scaling.PARTS) <= set(found)


def test_the_figures_of_the_page_are_kept_and_small() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    for name in ("scaling_sizes", "scaling_threads", "scaling_memory"):
        assert f"(../figures/{name}.png)" in page
        assert 0 < (ROOT / "figures" / f"{name}.png").stat().st_size < 200_000


def test_a_part_of_a_page_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{scaling.BEGIN}* old\n{scaling.END}\nafter\n", encoding="utf-8")
    scaling.write_page(page, measured())
    text = page.read_text(encoding="utf-8")
    assert text == f"before\n{scaling.section(measured())}\nafter\n" and "old" not in text
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has 0 parts"):
        scaling.write_page(page, measured())


def test_figures_are_drawn_from_the_file_alone(tmp_path: Path) -> None:
    (tmp_path / "scaling.json").write_text(json.dumps(measured()), encoding="utf-8")
    assert scaling.main(["--draw", "--out", str(tmp_path)]) == 0
    figures = {path.name: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert set(figures) == {"scaling_sizes.png", "scaling_threads.png", "scaling_memory.png"}
    assert scaling.main(["--draw", "--out", str(tmp_path)]) == 0
    assert figures == {path.name: path.read_bytes() for path in tmp_path.glob("*.png")}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--draw"], "is missing; measure first"), (["--only", "all"], "invalid choice")],
)
def test_what_it_cannot_do_is_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        scaling.main([*arguments, "--out", str(tmp_path)])
    assert ended.value.code == 2 and words in capsys.readouterr().err


def test_small_sizes_are_not_written_to_the_page() -> None:
    with pytest.raises(SystemExit):
        scaling.main(["--quick"])


@pytest.mark.parametrize("batch", [1, 128, 4096, 100_000])
def test_the_data_of_a_measurement_fit_in_memory(batch: int) -> None:
    batches = scaling.batches_for((784, 400, 20), batch)
    assert batches >= 3
    assert batches == 3 or 4 * batches * batch * 784 <= 60e6


def test_the_mapped_rows_are_zeros_and_the_file_is_removed(tmp_path: Path) -> None:
    with scaling.mapped(8192, 16, str(tmp_path)) as x:
        assert x.shape == (128, 16) and x.dtype == np.float32 and not x.any()
        assert isinstance(x, np.memmap) and len(list(tmp_path.iterdir())) == 1
        del x
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/mounts").is_file(), reason="only Linux gives the type of a file system")
def test_a_folder_in_memory_is_refused(tmp_path: Path) -> None:
    kinds = {line.split()[1]: line.split()[2] for line in Path("/proc/mounts").read_text().splitlines()}
    if kinds.get("/dev/shm") != "tmpfs":
        pytest.skip("/dev/shm is not kept in memory here")
    with pytest.raises(ValueError, match="give a folder on a disk"):
        scaling.refuse_file_in_memory("/dev/shm")


@pytest.mark.slow
def test_rows_of_a_memory_map_are_trained_on_as_those_in_memory(tmp_path: Path) -> None:
    found = scaling.memory(quick=True, folder=str(tmp_path))
    assert [size for size, _ in found[scaling.IN_MEMORY]] == [size for size, _ in found[scaling.MAPPED]]
    assert all(rate > 0 for of in found.values() for _, rate in of)


@pytest.mark.slow
def test_a_variant_is_measured_with_its_threads_and_type(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    seen, pieces = [], scaling.pieces

    def fit(case: Any, epochs: int, **options: Any) -> Any:
        seen.append((numba.get_num_threads(), options["dtype"]))
        return SimpleNamespace(history_={"seconds": [1.0, 1.0 + 0.25 * case.batches]})

    monkeypatch.setattr(pieces, "fit", fit)
    most = numba.get_num_threads()
    variants = {"a": (1, "float32"), "b": (most, "float64")}
    found = scaling._steps_in_turn((4, 2), 3, variants, rounds=2)
    assert found == {"a": 0.25, "b": 0.25}
    assert seen == [(1, "float32"), (most, "float64")] * 3
    assert numba.get_num_threads() == most
