"""The functions of scratchae that a process runs: Python's by name, and kernels that were compiled or read from the disk.

Functions, not lines: tracing every call costs little, and a test that enters a function may reach all of its lines. Machine code cannot be traced,
so a kernel that was called stands for all modules that it imports.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from pathlib import Path
from types import FrameType
from typing import Any

VARIABLE = "SCRATCHAE_REACH"  # the folder into which every process that is started with it writes what it has reached

# Python runs a file of this name on every start, so that processes started by tests also write what they reach.
SITE = f"""
import os, sys
if os.environ.get("{VARIABLE}"):
    sys.path.append({str(Path(__file__).parent)!r})
    import reach
    sys.path.pop()
    reach.tell_at_exit(os.environ["{VARIABLE}"])
"""

_seen: set[tuple[str, str]] = set()


def start() -> None:
    """Begin to collect, in all threads."""

    def look(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if "scratchae" in code.co_filename:
            _seen.add((code.co_filename, code.co_name))

    threading.settrace(look)
    sys.settrace(look)


def collected(package: str) -> list[str]:
    """Everything that was reached since the last call, as ``ops/gaussian.py:gaussian_kl``, for files below the folder `package`."""
    folder = os.path.join(package, "")
    functions = {f"{Path(file[len(folder) :]).as_posix()}:{name}" for file, name in _seen if file.startswith(folder)}
    _seen.clear()
    return sorted(functions)


def kernels_called() -> list[str]:
    """Kernels that this process has machine code of."""
    found = []
    for name, module in list(sys.modules.items()):
        if name.startswith("scratchae.kernels."):
            for value in list(vars(module).values()):
                if getattr(value, "overloads", None) and getattr(value, "__module__", "") == name:
                    found.append(f"kernels/{name.rpartition('.')[2]}.py:{value.__name__}")
    return sorted(found)


def tell_at_exit(folder: str) -> None:
    """Collect, and write what was reached into a file of the folder when the process ends."""
    import atexit

    def tell() -> None:
        sys.settrace(None)
        package = getattr(sys.modules.get("scratchae"), "__file__", None)
        if package is not None:
            content = {"functions": collected(os.path.dirname(package)), "kernels": kernels_called()}
            Path(folder, f"{uuid.uuid4().hex}.json").write_text(json.dumps(content))

    atexit.register(tell)
    start()


def told(folder: Path) -> dict[str, list[str]]:
    """Return everything that was reached by the processes that have written into the folder."""
    contents = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {key: sorted({name for content in contents for name in content[key]}) for key in ("functions", "kernels")}
