"""Files that a submission can read: the interpreter, its standard library, NumPy, and the libraries that they need. Nothing else."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

import numpy as np

from scratchae.errors import nearest
from scratchae.exercises import student_file

NUMPY = Path(np.__file__).resolve().parent
LOADERS = (
    "/lib64",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)  # the system's search path for shared libraries
LINKS = ("/lib", "/bin")  # where these are links into /usr, only the links


def interpreter() -> str:
    """The interpreter itself, outside any virtual environment."""
    return str(getattr(sys, "_base_executable", "") or sys.executable)


@functools.cache
def allowed(names: tuple[str, ...]) -> student_file.Allowed:
    """The modules of these names, as they are installed here."""
    return student_file.allowed(names)


def modules(names: Sequence[str]) -> tuple[str, ...]:
    """Check the names of modules that a teacher allows.

    Raises
    ------
    ValueError
        If one is no name of a module, is not installed, or contains the solutions.
    """
    installed = metadata.packages_distributions() if names else {}
    for name in names:
        if name == "scratchae":
            raise ValueError("scratchae contains the solutions, so that it cannot be allowed")
        if name in sys.stdlib_module_names or name == "numpy":
            raise ValueError(f"{name} is allowed in any case; take it out")
        if not name.isidentifier() or name not in installed and PathFinder.find_spec(name) is None:
            known = [other for other in installed if other.isidentifier()]
            what = f"there is no module {name!r} here{nearest(name, known)}"
            raise ValueError(
                f"{what}; install it where submissions are graded, and give the name that is imported, such as scipy"
            )
    return tuple(dict.fromkeys(names))


@functools.cache
def packages(allow: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The folders in which the child finds NumPy and the modules that a teacher allows."""
    return tuple(dict.fromkeys([str(NUMPY.parent), *(os.path.dirname(place) for place in allowed(allow).places)]))


@functools.cache
def trees(allow: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Visible files and folders, none inside another; they may contain folders of `hidden`."""
    wanted = {interpreter(), os.path.realpath(interpreter()), *_standard_library(), *_libraries(), *LOADERS, os.devnull}
    wanted |= {*packages_shown(allow), *filter(os.path.islink, LINKS)}
    there = sorted(path for path in wanted if os.path.exists(path))
    return tuple(path for path in there if not any(path.startswith(f"{other}/") for other in there if other != path))


@functools.cache
def hidden(allow: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Folders of installed packages inside visible ones; they may contain the solutions."""
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    places = {*site.getsitepackages([sys.base_prefix, sys.base_exec_prefix]), *site.getsitepackages()}
    places |= {sysconfig.get_path(name, vars=base) for name in ("purelib", "platlib")}
    for tree in _standard_library():
        places |= {str(Path(tree) / name) for name in ("site-packages", "dist-packages")}
        places.add(str(Path(tree).parent / "python3" / "dist-packages"))
    real = {os.path.realpath(place) for place in places} | places
    return tuple(sorted(p for p in real if os.path.isdir(p) and any(p.startswith(f"{tree}/") for tree in trees(allow))))


@functools.cache
def paths(allow: tuple[str, ...] = ()) -> list[str]:
    """The readable paths, for rules without exceptions: a folder with a hidden part is replaced by its entries."""
    found: list[str] = []
    for tree in trees(allow):
        found += [] if os.path.islink(tree) else _without_hidden(tree, allow)  # a rule would follow a link
    return found


def listed(allow: tuple[str, ...] = ()) -> list[str]:
    """Folders whose names an import reads: those of the standard library that `paths` replaces by their entries, because a part of them is
    hidden, and those of modules that a teacher allows.
    """
    folders = list(packages(allow)) if allow else []
    return folders + [
        tree for tree in sorted(_standard_library()) if any(place.startswith(f"{tree}/") for place in hidden(allow))
    ]


def _without_hidden(path: str, allow: tuple[str, ...]) -> list[str]:
    if path in hidden(allow):
        return [place for place in packages_shown(allow) if place.startswith(f"{path}/")]
    if not any(place.startswith(f"{path}/") for place in hidden(allow)):
        return [path]
    found: list[str] = []
    for entry in sorted(os.listdir(path)):
        found += _without_hidden(os.path.join(path, entry), allow)
    return found


@functools.cache
def packages_shown(allow: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Visible files and folders of installed packages: NumPy and its own libraries, and the modules that a teacher allows."""
    numpy = [str(place) for place in (NUMPY, NUMPY.parent / "numpy.libs") if place.is_dir()]
    return tuple(dict.fromkeys([*numpy, *(place for place in allowed(allow).places if os.path.exists(place))]))


def _standard_library() -> set[str]:
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix, "installed_base": sys.base_prefix}
    return {sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")}


def _libraries() -> set[str]:
    """Folders of shared libraries that this process has loaded from outside installed packages, such as the C library's."""
    try:
        with open("/proc/self/maps") as file:
            loaded = {line.split(maxsplit=5)[5].strip() for line in file if ".so" in line}
    except OSError:
        return set()
    return {os.path.dirname(path) for path in loaded if "-packages/" not in path and path.startswith("/")}
