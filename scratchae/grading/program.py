"""The program that runs inside a sandbox: the files of `child`, put into one text that needs no file of this package."""

from __future__ import annotations

import functools
import json
from importlib import resources

from scratchae.grading import visible

FILES = (
    "wire",
    "watch",
    "limits",
    "landlock",
    "seccomp",
    "folder",
    "evaluations",
    "student",
    "trial",
    "zygote",
)  # each after those that it imports

START = """# sandbox {token}
import sys, types
sys.path[:0] = {path!r}
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


def command(token: str) -> list[str]:
    """The command line of the child: isolated, without site-packages, without writing bytecode. The token is a mark by which it is found."""
    text = START.format(token=token, path=list(visible.packages()), files=_texts())
    return [visible.interpreter(), "-I", "-S", "-B", "-c", text]


@functools.cache
def _texts() -> str:
    package = resources.files("scratchae.grading.child")
    return json.dumps({name: package.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in FILES})
