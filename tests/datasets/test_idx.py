"""IDX files: round trips, and every way in which one can be damaged."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.data_files import arrays, flipped, header, idx_bytes, peak_memory
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchae.datasets import (
    load_idx,
)


@pytest.fixture(scope="module")
def scratch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "file"


@settings(max_examples=150, deadline=None)
@given(array=arrays, zipped=st.booleans())
def test_idx_round_trip(array: np.ndarray, zipped: bool, scratch_file: Path) -> None:
    content = idx_bytes(array)
    scratch_file.write_bytes(gzip.compress(content, 1) if zipped else content)
    got = load_idx(scratch_file)
    assert got.dtype == array.dtype and got.dtype.isnative and got.shape == array.shape
    assert got.tobytes() == array.tobytes()  # bytes, so that NaNs count as equal
    assert got.flags.owndata and got.flags.writeable and got.flags.c_contiguous


@settings(max_examples=150, deadline=None)
@given(array=arrays, zipped=st.booleans(), data=st.data())
def test_idx_cut_anywhere_is_refused(array: np.ndarray, zipped: bool, data: Any, scratch_file: Path) -> None:
    content = idx_bytes(array)
    content = gzip.compress(content, 1) if zipped else content
    scratch_file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(ValueError, match="truncated|not an IDX file"):
        load_idx(scratch_file)


@settings(max_examples=50, deadline=None)
@given(array=arrays, zipped=st.booleans(), tail=st.binary(min_size=1, max_size=9))
def test_idx_with_more_than_declared_is_refused(
    array: np.ndarray, zipped: bool, tail: bytes, scratch_file: Path
) -> None:
    content = idx_bytes(array) + tail
    scratch_file.write_bytes(gzip.compress(content, 1) if zipped else content)
    with pytest.raises(ValueError, match="trailing bytes"):
        load_idx(scratch_file)


SQUARE = idx_bytes(np.arange(400, dtype=np.int32).reshape(20, 20))


BAD_FILES = {
    "text": (b"hello world", "is not an IDX file .*begins with the bytes 68 65 6c 6c.*: give"),
    "empty": (b"", "is not an IDX file .*is empty"),
    "empty in gzip": (gzip.compress(b""), "is not an IDX file .*is empty"),
    "unknown type": (header(0x0A, 1) + b"\0", "is not an IDX file"),
    "little-endian magic": (SQUARE[3::-1] + SQUARE[4:], "is not an IDX file"),
    "header ends early": (header(0x08, 1, 2, 3)[:-1], "is truncated .*inside its header.*: copy"),
    "body ends early": (SQUARE[:-1], r"is truncated .*int32 .*\(20, 20\), 1,612 bytes .* 1,611\): copy"),
    "body too long": (SQUARE + b"\0", r"has trailing bytes .*1,612 bytes.*: copy"),
    "rank 33": (header(0x08, *[1] * 33) + b"\0", "declares 33 dimensions.*: replace"),
    "overflow": (header(0x0E, *[2**32 - 1] * 2), r"cannot be right .*\(4294967295, 4294967295\).*: copy"),
    "overflow hidden by a zero": (header(0x08, 0, *[2**32 - 1] * 2), "cannot be right"),
    "gzip cut": (gzip.compress(SQUARE)[:-9], "is truncated .*gzip.*: copy"),
    "gzip checksum": (flipped(gzip.compress(SQUARE), -5), "is a corrupt gzip file .*: copy"),
    "gzip method": (flipped(gzip.compress(SQUARE), 2), "is a corrupt gzip file"),
    "gzip body": (gzip.compress(b"")[:10] + b"\xff" * 30, "is a corrupt gzip file"),
    "gzip tail": (gzip.compress(SQUARE) + b"tail", "is a corrupt gzip file"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_idx_files_are_named_and_explained(case: str, tmp_path: Path) -> None:
    content, message = BAD_FILES[case]
    path = tmp_path / "some-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))} {message}") as caught:
        load_idx(path)
    assert "\n" not in str(caught.value)


def test_idx_errors_about_the_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file .*absent: check"):
        load_idx(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match="is a folder: give"):
        load_idx(str(tmp_path))


@pytest.mark.parametrize("zipped", [False, True])
def test_a_lying_header_costs_no_memory(zipped: bool, tmp_path: Path) -> None:
    content = header(0x08, 1 << 20, 1 << 20) + bytes(100)  # promises a terabyte
    path = tmp_path / "liar"
    path.write_bytes(gzip.compress(content) if zipped else content)
    with peak_memory() as peak, pytest.raises(ValueError, match="truncated"):
        load_idx(path)
    assert peak.bytes < 4e6
