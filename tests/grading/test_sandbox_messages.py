"""Isolation of tests from each other: no messages to later tests of the same submission, and no excess resources."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grading.sandboxes import LEVELS, SMALL, need
from scratchae.grading.records import Call, Isolation
from scratchae.grading.sandbox.child import cleanup
from scratchae.grading.sandbox.isolation import sandbox_at

pytestmark = pytest.mark.sandbox

# Ways to leave a message, each with a way to read it.
MESSAGES = {
    "a file": """
def leave():
    open("message", "w").write("x")

def find():
    return int(os.path.exists("message"))
""",
    "a folder without rights": """
def leave():
    os.umask(0)
    os.mkdir("q", 0o300)
    open("q/message", "w").write("x")

def find():
    return int(os.path.exists("q/message"))
""",
    "a folder in a thousand folders": """
def leave():
    home = os.getcwd()
    for _ in range(300):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(home)

def find():
    return int(os.path.exists("d"))
""",
    "a line in the notes": """
import gc, mmap
gc.unfreeze()
pages = [each for each in gc.get_objects() if isinstance(each, mmap.mmap) and len(each) == mmap.PAGESIZE]
page = pages[0] if pages else None

def leave():
    page[100:107] = b"message"

def find():
    return int(page is not None and page[100:107] == b"message")
""",
    "an offset of an open file": """
def leave():
    import fcntl
    fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)

def find():
    import fcntl
    return int(bool(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK))
""",
    "the rights of a new file": """
def leave():
    os.umask(0o123)

def find():
    return int(os.umask(0) == 0o123)
""",
}
NUMBER = [("number", (), "int64")]


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("way", MESSAGES)
def test_no_test_leaves_another_a_message(way: str, level: Isolation) -> None:
    source = f"import os\n{MESSAGES[way]}".encode()
    leave, find = Call("leave", {}, NUMBER), Call("find", {}, NUMBER)
    with sandbox_at(need(level), source, SMALL, watch=way == "a line in the notes", refuse=False) as runner:
        runner.run([leave])
        (found,) = runner.run([find])
    assert found.outcome == "returned" and found.outputs[0] == 0, found


def test_the_ways_can_tell() -> None:
    # Within one process, and without isolation, each message is found.
    need(Isolation.LIMITS)
    for way, code in MESSAGES.items():
        source = f"import os\n{code}".encode()
        with sandbox_at(Isolation.LIMITS, source, SMALL, watch=way == "a line in the notes", refuse=False) as runner:
            _, found = runner.run([Call("leave", {}, NUMBER), Call("find", {}, NUMBER)])
        assert found.outputs[0] == 1, way


def test_a_test_cannot_make_files_without_end() -> None:
    source = b'import os\n\ndef fill():\n    n = 0\n    while True:\n        os.mkdir(f"{n}")\n        n += 1\n'
    with sandbox_at(need(Isolation.BUBBLEWRAP), source, SMALL, refuse=False) as runner:
        answers = [runner.run([Call("fill", {}, NUMBER)])[0].outcome for _ in range(2)]
    assert answers == ["memory", "memory"]


def test_a_folder_is_emptied_however_deep_and_shut(tmp_path: Path) -> None:
    home = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(600):  # a path of all these names exceeds the length limit
            os.mkdir("name of ten")
            os.chdir("name of ten")
        Path("last").touch()
    finally:
        os.chdir(home)
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "file").touch()
    (tmp_path / "shut").chmod(0)
    outside = tmp_path.parent / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "link").symlink_to(outside)
    cleanup.empty(str(tmp_path))
    assert not list(tmp_path.iterdir()) and (outside / "kept").exists()
