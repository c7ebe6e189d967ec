"""Archives of students: nested, of several formats, with names in any encoding, and hostile ones."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest

from grading.folders import EXERCISES, GOOD, put, rows, zipped
from scratchae.grading.submissions.containers import members, nested
from scratchae.grading.submissions.containers.tarred import members_of_tar
from scratchae.grading.submissions.containers.zipped import members_of_zip
from scratchae.grading.submissions.intake import take_in

BOTH = (["activations", "dense"], "")


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(files: dict[str, bytes], **how: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **how) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_archives_in_archives(tmp_path: Path) -> None:
    once = zip_of({f"work/{name}": content for name, content in GOOD.items()})
    twice = zip_of({"outer/work.zip": once, "__MACOSX/x": b""})
    deep = zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.zip": once})})})
    students = {"ada.zip": once, "bob.zip": twice, "cyd/work.zip": once, "dan/work.tar.gz": gzip.compress(tar_of(GOOD))}
    found = rows(take_in(zipped(tmp_path / "class.zip", {**students, "eve.zip": deep}), EXERCISES))
    assert {who: found[who] for who in ("ada", "bob", "cyd", "dan")} == dict.fromkeys(
        ("ada", "bob", "cyd", "dan"), BOTH
    )
    assert found["eve"] == ([], "c.zip is not opened, because it lies in 3 other archives; hand in one")


@pytest.mark.parametrize("how", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["ada.tar", "ada.tar.gz", "ada.TGZ"])
def test_tar_archives(how: int, name: str, tmp_path: Path) -> None:
    folder = "wörk/" + "long" * (30 if how == tarfile.USTAR_FORMAT else 40)  # longer than the field of a name
    content = tar_of({f"{folder}/{file}": text for file, text in GOOD.items()}, format=how)
    assert {"/".join(m.parts) for m in members_of_tar(io.BytesIO(content))} == {f"{folder}/{file}" for file in GOOD}
    place = put(tmp_path / "class", zoe=GOOD)
    (place / name).write_bytes(content if name.endswith("tar") else gzip.compress(content))
    assert rows(take_in(place, EXERCISES)) == {"ada": BOTH, "zoe": BOTH}


def test_tar_archives_with_tricks() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("link.py", tarfile.SYMTYPE), ("hard.py", tarfile.LNKTYPE), ("pipe.py", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("../evil.py", "/etc/evil.py", "a/b/c/d/e/f/g/h/i/deep.py", "good.py"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"x=1"))
    found = {member.name: member for member in members_of_tar(io.BytesIO(buffer.getvalue()))}
    assert {name for name, member in found.items() if member.kind == "file"} == {"good.py"}
    assert found["good.py"].read(2) == b"x=" and found["link.py"].trouble == "is a link; hand in the file itself"
    cut = members_of_tar(io.BytesIO(buffer.getvalue()[: buffer.getvalue().rindex(b"x=1") + 1]))
    assert [member.trouble for member in cut if member.name == "good.py"] == ["is cut off; pack the archive anew"]
    with pytest.raises(ValueError, match="is not a readable tar archive"):
        members_of_tar(io.BytesIO(gzip.compress(b"x = 1")))


def test_archives_that_are_not_read_are_named(tmp_path: Path) -> None:
    students = {
        "rar.zip": b"Rar!\x1a\x07",
        "seven/work.zip": b"7z\xbc\xaf\x27\x1c",
        "single/01_dense.py.gz": gzip.compress(b"x = 1"),
        "bz/work.tar.bz2": b"BZh9",
        "empty.zip": zip_of({}),
        "big.tar.gz": gzip.compress(b"\0" * (members.MOST_ARCHIVE_BYTES + 1), 1),
    }
    found = rows(take_in(zipped(tmp_path / "class.zip", {**students, "zoe/01_dense.py": b""}), EXERCISES))
    assert all(not graded for who, (graded, _) in found.items() if who != "zoe")
    notes = {who: note for who, (_, note) in found.items()}
    assert "RAR archive" in notes["rar"] and "7z archive" in notes["seven"] and "empty archive" in notes["empty"]
    assert "only 01_dense.py.gz: pack it as a zip archive" in notes["single"]
    assert "only work.tar.bz2: pack it as a zip archive" in notes["bz"]
    assert "contains more than 64 MB" in notes["big"]


NAMES = ["Zoë", "김민준", "שלום", "Ада", "李明", "🦊", "nöt-NFC" + unicodedata.normalize("NFD", "é")]


def without_flag(content: bytes) -> bytes:
    """An archive whose names are not marked as UTF-8, as the system's own program on a Mac makes it."""
    changed = bytearray(content)
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = changed.find(mark)
        while place >= 0:
            (flags,) = struct.unpack_from("<H", changed, place + at)
            struct.pack_into("<H", changed, place + at, flags & ~0x800)
            place = changed.find(mark, place + 4)
    return bytes(changed)


@pytest.mark.parametrize("flag", [True, False])
def test_names_in_any_script_with_and_without_the_flag(flag: bool, tmp_path: Path) -> None:
    content = zip_of({f"{who}/{name}": text for who in NAMES for name, text in GOOD.items()})
    (tmp_path / "class.zip").write_bytes(content if flag else without_flag(content))
    found = rows(take_in(tmp_path / "class.zip", EXERCISES))
    assert found == {unicodedata.normalize("NFC", who): BOTH for who in NAMES}


def raw_zip(names: list[tuple[bytes, bytes, int]]) -> bytes:
    """An archive with names and extra fields of any bytes."""
    body, table = b"", b""
    for name, extra, flags in names:
        text = b"x = 1"
        common = struct.pack(
            "<HHHHIIIHH", flags, 0, 0, 0x21, zlib.crc32(text), len(text), len(text), len(name), len(extra)
        )
        table += (
            struct.pack("<IHH", 0x02014B50, 20, 20)
            + common
            + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
            + name
            + extra
        )
        body += struct.pack("<IH", 0x04034B50, 20) + common + name + extra + text
    return body + table + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(names), len(names), len(table), len(body), 0)


def test_names_that_are_repeated_or_cannot_be_decoded(tmp_path: Path) -> None:
    raw = "ł?/01_dense.py".encode("cp437", "replace")
    field = struct.pack("<BI", 1, zlib.crc32(raw)) + "łąka/01_dense.py".encode()
    wrong = struct.pack("<BI", 1, 7) + b"mallory/01_dense.py"
    content = raw_zip(
        [
            (raw, struct.pack("<HH", 0x7075, len(field)) + field, 0),
            (b"bob/01_dense.py", struct.pack("<HH", 0x7075, len(wrong)) + wrong, 0),
            ("李明/01_dense.py".encode("gbk"), b"", 0),
            (b"M\xfcller/01_dense.py", b"", 0x800),
            (b"cyd/01_dense.py", b"\x75", 0),
        ]
    )
    (tmp_path / "class.zip").write_bytes(content)
    found = rows(take_in(tmp_path / "class.zip", EXERCISES))
    assert len(found) == 5 and {"łąka", "bob", "cyd"} < set(found)
    assert all(graded == ["dense"] for graded, _ in found.values())
    assert found == rows(take_in(tmp_path / "class.zip", EXERCISES))


def test_an_encrypted_member_says_so(tmp_path: Path) -> None:
    content = bytearray(zipped(tmp_path / "a.zip", {"01_dense.py": b"x = 1"}).read_bytes())
    for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + place] |= 1
    (member,) = members_of_zip(io.BytesIO(content))
    assert member.kind == "refused" and member.trouble == "is encrypted; pack the archive without a password"


def test_hostile_archives_cost_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "MOST_MEMBERS", 10_000)
    bomb = zip_of({"01_dense.py": b"#" * (50 << 20)})
    many = zip_of({f"{i}/{i}.zip": zip_of({"01_dense.py": b"x = 1"}) for i in range(50)})
    flat = zip_of({f"{i}.py": b"" for i in range(6_000)})
    wide = zip_of({f"{i}/01_dense.py": b"" for i in range(5_000)})
    bombs = zip_of({f"{i}.zip": b"#" * (40 << 20) for i in range(4)})
    itself = zip_of({"a.zip": zip_of({"a.zip": zip_of({"a.zip": zip_of({"a.zip": b"PK\x05\x06" + b"\0" * 18})})})})
    place = put(
        tmp_path / "class", ada=GOOD, bob={"b.zip": bomb}, cyd={"c.zip": many}, dan={"d.zip": flat, "e.zip": flat}
    )
    put(place, eve={"w.zip": wide}, fay={"q.zip": itself}, gus={"b.zip": bombs})
    start = time.process_time()
    found = rows(take_in(place, EXERCISES))
    assert time.process_time() - start < 10
    assert found["ada"] == BOTH and "more than 1,048,576 bytes" in found["bob"][1]
    assert f"more than {nested.MOST_ARCHIVES} archives" in found["cyd"][1]
    assert "the archives have more than 10,000 members" in found["dan"][1]
    assert (
        "4992 more copies of 01_dense.py are not looked at" in found["eve"][1]
        and "lies in 3 other archives" in found["fay"][1]
    )
    assert "the files before it have 64 MB" in found["gus"][1]
    assert all(len(notes) < 3000 for _, notes in found.values())


def test_a_class_of_thousands_takes_seconds(tmp_path: Path) -> None:
    # A running time that is not linear would be minutes here.
    zipped(tmp_path / "class.zip", {f"s{i}/{i % 7}/01_dense.py": b"" for i in range(5_000)})
    zipped(tmp_path / "one.zip", {f"ada/{i % 9}/{i}.py": b"" for i in range(20_000)} | {"bob/01_dense.py": b""})
    start = time.process_time()
    assert len(take_in(tmp_path / "class.zip", EXERCISES).submissions) == 5_000
    assert len(take_in(tmp_path / "one.zip", EXERCISES).submissions) == 2
    assert time.process_time() - start < 20
