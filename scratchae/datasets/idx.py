"""IDX, the file format of MNIST: a header with type and shape, then the items.

=========  ==============================================================
bytes      meaning
=========  ==============================================================
0, 1       zero
2          type of the items: 08 u8, 09 i8, 0B i16, 0C i32, 0D f32, 0E f64
3          rank r
4 … 4+4r   r sizes, unsigned 32 bits each
the rest   the items, last index fastest
=========  ==============================================================

All numbers are big-endian.  A damaged header can declare more items than fit in memory.  So memory is not
allocated according to the header: the file is read in small pieces, and its length is then compared.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import sys
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

_KINDS = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_RANK = 32  # the limit of older NumPy versions
_PIECE = 1 << 20


def load_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """Read an IDX file, gzip-compressed or plain (detected from its first bytes, not from its name).

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    ndarray
        uint8, int8, int16, int32, float32 or float64 in native byte order, with the shape given in the file (of
        any rank up to 32); writable, and owns its memory.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If `path` is not a file.
    ValueError
        If the file is not IDX, is shorter or longer than its header declares, or its gzip stream is corrupt.

    Notes
    -----
    EMNIST stores its images transposed: ``load_idx(path).transpose(0, 2, 1)`` shows them upright.
    """
    array = view_idx(read_idx_bytes(path))
    return array.astype(array.dtype.newbyteorder("="))


def read_idx_bytes(path: str | os.PathLike[str]) -> bytearray:
    """Read and decompress an IDX file, and check that header and length agree.

    Parameters
    ----------
    path : str or path-like
        The file, gzip-compressed or plain.

    Returns
    -------
    bytearray
        Header and body, decompressed; the sha256 is that of these bytes.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, ValueError
        As `load_idx`.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: give the path of one IDX file in it")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}: check the path of the IDX file")
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if zipped else nullcontext(raw) as stream:
                return _read_checked(cast(BinaryIO, stream), path)
    except EOFError as error:
        raise ValueError(f"{path} is truncated (its gzip stream has no end): copy or download it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is a corrupt gzip file ({error}): copy or download it again") from error


def view_idx(content: bytearray) -> npt.NDArray[Any]:
    """View checked IDX bytes as an array, without a copy.

    Parameters
    ----------
    content : bytearray
        Return value of `read_idx_bytes`.

    Returns
    -------
    ndarray
        A big-endian view of the body; it keeps `content` alive.
    """
    dtype, shape = _header(content)
    array: npt.NDArray[Any] = np.ndarray(shape, dtype, buffer=content, offset=4 + 4 * len(shape))
    return array


def _header(content: bytearray) -> tuple[np.dtype[Any], tuple[int, ...]]:
    rank = content[3]
    return np.dtype(_KINDS[content[2]]), struct.unpack_from(f">{rank}I", content, 4)


def _read_checked(stream: BinaryIO, path: Path) -> bytearray:
    """Read header and body; raise ValueError if the length does not match the header."""
    content = bytearray()
    _grow(content, stream, 4)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _KINDS:
        begins = f"begins with the bytes {content.hex(' ')}" if content else "is empty"
        raise ValueError(f"{path} is not an IDX file (it {begins}): give a file such as train-images-idx3-ubyte")
    rank = content[3]
    if rank > _MAX_RANK:
        raise ValueError(f"{path} declares {rank} dimensions, more than the {_MAX_RANK} of an array: replace the file")
    _grow(content, stream, 4 + 4 * rank)
    if len(content) < 4 + 4 * rank:
        raise ValueError(f"{path} is truncated (it ends inside its header): copy or download it again")

    dtype, shape = _header(content)
    claim = f"its header declares {dtype.newbyteorder('=')} items of shape {shape}"
    # Sizes of zero are ignored because NumPy, too, multiplies only the others when it checks for overflow.
    if dtype.itemsize * math.prod(size for size in shape if size) > sys.maxsize:
        raise ValueError(f"{path} cannot be right ({claim}, more than any memory): copy or download it again")
    declared = len(content) + dtype.itemsize * math.prod(shape)
    # Reading one byte more than declared detects trailing bytes, or makes gzip verify its checksum at the end.
    _grow(content, stream, declared + 1)
    if len(content) < declared:
        counts = f"{declared:,} bytes in all, but there are {len(content):,}"
        raise ValueError(f"{path} is truncated ({claim}, {counts}): copy or download it again")
    if len(content) > declared:
        raise ValueError(f"{path} has trailing bytes ({claim}, {declared:,} bytes in all): copy or download it again")
    return content


def _grow(content: bytearray, stream: BinaryIO, size: int) -> None:
    """Append bytes to `content` until it has `size` bytes or the stream ends."""
    while len(content) < size:
        piece = stream.read(min(_PIECE, size - len(content)))
        if not piece:
            return
        content += piece
