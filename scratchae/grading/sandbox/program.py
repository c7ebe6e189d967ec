"""The program that runs inside a sandbox: the files of `child` as one text, which needs no file of this package."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from importlib import resources

from scratchae.grading.sandbox import visible

FILES = (
    "student_file",
    "wire",
    "watch",
    "limits",
    "landlock",
    "library",
    "seccomp",
    "cleanup",
    "evaluations",
    "overflow",
    "student",
    "trial",
    "zygote",
)  # in order of dependency

OF_SANDBOXES = (
    "limits",
    "landlock",
    "library",
    "seccomp",
    "cleanup",
    "trial",
    "zygote",
)  # they need what not every system has
ALONE = (*(name for name in FILES if name not in OF_SANDBOXES), "alone")
SHARED = "student_file"

HEAD = """# sandbox {token}
import sys
sys.path[:] = {path!r} + [place for place in sys.path if place]
"""
# Memory at the same places each time: what a submission prints of addresses, or finds in memory that it did not fill, is the same again.
SWITCH = """
import ctypes, os
if {user} and os.getuid() == 0:  # what root begins under walls forgets this at once
    os.setgroups([])
    os.setgid({user})
    os.setuid({user})
if sys.platform == "linux" and not os.environ.pop("AGAIN", ""):
    personality = ctypes.CDLL(None).personality
    if personality(personality(0xFFFFFFFF) | 0x0040000) != -1:
        os.environ["AGAIN"] = "yes"
        os.execv(sys.executable, sys.orig_argv)
"""
# Each file has Python's own functions for itself: a submission can replace those of its process.
LOAD = """
import builtins, types
package = types.ModuleType("child")
package.__path__ = []
sys.modules["child"] = package
for name, text in {files}.items():
    module = types.ModuleType("child." + name)
    module.__package__ = "child"
    module.__dict__["__builtins__"] = dict(vars(builtins))
    sys.modules["child." + name] = module
    setattr(package, name, module)
    exec(compile(text, "child/" + name + ".py", "exec"), module.__dict__)
module.main()
"""
# For systems whose command lines are short: the program comes through the pipe, after its length.
READ = """import os
size, text = int.from_bytes(os.read(0, 8), "little"), b""
while len(text) < size:
    text += os.read(0, size - len(text))
exec(text)
"""


def command(token: str, user: int = 0, allow: Sequence[str] = ()) -> list[str]:
    """The command line of the child: no site-packages but the folders of NumPy and of allowed modules, no bytecode files. The token
    identifies the process.

    With a user ID, it switches to that user first. It is isolated as with -I, which would ignore the hash seed that this
    package sets.
    """
    head = HEAD.format(token=token, path=list(visible.packages(tuple(allow))))
    text = head + SWITCH.format(user=user) + LOAD.format(files=json.dumps(texts(FILES)))
    return [visible.interpreter(), "-s", "-S", "-B", "-c", text]


def alone(allow: Sequence[str] = ()) -> str:
    """The program of a process without a sandbox, to be read by `READ`."""
    return HEAD.format(token="none", path=list(visible.packages(tuple(allow)))) + LOAD.format(
        files=json.dumps(texts(ALONE))
    )


@functools.cache
def texts(names: tuple[str, ...]) -> dict[str, str]:
    """The text of each file; the one that it shares with the public checks lies elsewhere in this package."""
    package = resources.files("scratchae.grading.sandbox.child")
    found = {name: package.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in names if name != SHARED}
    found = {
        name: text.replace(f"from scratchae.exercises.{SHARED}", f"from .{SHARED}") for name, text in found.items()
    }
    shared = resources.files("scratchae.exercises").joinpath(f"{SHARED}.py").read_text(encoding="utf-8")
    return {
        SHARED: shared,
        **{name: text.replace("from scratchae.exercises import", "from . import") for name, text in found.items()},
    }
