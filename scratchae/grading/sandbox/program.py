"""The program that runs inside a sandbox: the files of `child` as one text, which needs no file of this package."""

from __future__ import annotations

import functools
import json
from importlib import resources

from scratchae.grading.sandbox import visible

FILES = (
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

START = """# sandbox {token}
import sys
sys.path[:] = {path!r} + [place for place in sys.path if place]
import ctypes, os, types
# Memory at the same places each time: what a submission prints of addresses, or finds in memory that it did not fill, is the same again.
if {user} and os.getuid() == 0:  # what root begins under walls forgets this at once
    os.setgroups([])
    os.setgid({user})
    os.setuid({user})
if sys.platform == "linux" and not os.environ.pop("AGAIN", ""):
    personality = ctypes.CDLL(None).personality
    if personality(personality(0xFFFFFFFF) | 0x0040000) != -1:
        os.environ["AGAIN"] = "yes"
        os.execv(sys.executable, sys.orig_argv)
package = types.ModuleType("child")
package.__path__ = []
sys.modules["child"] = package
for name, text in {files}.items():
    module = types.ModuleType("child." + name)
    module.__package__ = "child"
    sys.modules["child." + name] = module
    setattr(package, name, module)
    exec(compile(text, "child/" + name + ".py", "exec"), module.__dict__)
module.main()
"""


def command(token: str, user: int = 0) -> list[str]:
    """The command line of the child: no site-packages, no bytecode files. The token identifies the process.

    With a user ID, it switches to that user first. It is isolated as with -I, which would ignore the hash seed that this
    package sets.
    """
    text = START.format(token=token, user=user, path=list(visible.packages()), files=_texts())
    return [visible.interpreter(), "-s", "-S", "-B", "-c", text]


@functools.cache
def _texts() -> str:
    package = resources.files("scratchae.grading.sandbox.child")
    return json.dumps({name: package.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in FILES})
