"""Modules made from source text, whose functions have a source as those of a file do. For this package's own text only."""

from __future__ import annotations

import linecache
import sys
from types import ModuleType


def module_of(name: str, source: str) -> ModuleType:
    """Make a module from its source, and register it, so that it can be imported and inspected by its name.

    Parameters
    ----------
    name : str
        Dotted name; a module of this name that exists is returned.
    source : str
    """
    if name in sys.modules:
        return sys.modules[name]
    file = f"<{name}>"
    made = ModuleType(name)
    made.__file__ = file
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec", dont_inherit=True), made.__dict__)
    sys.modules[name] = made
    return made
