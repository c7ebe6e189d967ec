"""Pages of the API reference: every public name of the package, from its `__all__`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOMS = {
    "models": "Models",
    "datasets": "Data sets",
    "tables": "Tables",
    "ops": "Operations",
    "kernels": "Kernels",
    "nets": "Networks",
    "training": "Training",
    "baselines": "Baselines",
    "plots": "Figures",
    "explore": "A decoder in the browser",
    "studies": "Studies",
    "verify": "Verification",
    "backend": "Backends",
    "errors": "Errors",
}


def public() -> dict[str, list[tuple[str, Any]]]:
    """Name of each package to its public names with their values. A name is listed once, in the package that it is imported from."""
    import scratchae

    found: dict[str, list[tuple[str, Any]]] = {}
    for room in ROOMS:
        module = importlib.import_module(f"scratchae.{room}")
        names = getattr(module, "__all__", None) or [
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
        ]
        found[room] = [(name, getattr(module, name)) for name in names]
    listed = {name for members in found.values() for name, _ in members}
    top = [name for name in scratchae.__all__ if not name.startswith("_") and name not in listed and name not in ROOMS]
    found["scratchae"] = [(name, getattr(scratchae, name)) for name in top]
    return found


def _heading(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}\n"


def pages() -> Iterator[tuple[str, str]]:
    """(document name, reStructuredText) of each page."""
    import scratchae

    everything = public()
    listed = []
    for room, members in everything.items():
        if not members:
            continue
        base = "scratchae" if room == "scratchae" else f"scratchae.{room}"
        intro = inspect.getdoc(importlib.import_module(base)) or ""
        parts = [_heading(f"{ROOMS.get(room, 'More')}: ``{base}``"), intro.split("\n\n")[0], ""]
        classes = [name for name, value in members if inspect.isclass(value) and not issubclass(value, BaseException)]
        if classes:
            parts += [".. toctree::\n   :maxdepth: 1\n", *(f"   {base}.{name}" for name in classes), ""]
        for name, value in members:
            if name in classes:
                yield f"api/{base}.{name}", _class_page(base, name)
            elif inspect.isclass(value):
                parts.append(f".. autoexception:: {base}.{name}\n")
            elif callable(value):
                parts.append(f".. autofunction:: {base}.{name}\n")
            else:
                parts.append(f".. autodata:: {base}.{name}\n   :no-value:\n")
        listed.append(f"api/{base}")
        yield f"api/{base}", "\n".join(parts)
    short = [
        f"* :py:obj:`scratchae.{name} <{_place(name, everything)}>`"
        for name in scratchae.__all__
        if _place(name, everything)
    ]
    index = [
        _heading("API reference"),
        "Every public name, with its arguments, their shapes, what it raises, and its source. These can be imported from ``scratchae`` itself:\n",
        *short,
        "\n.. toctree::\n   :maxdepth: 1\n",
        *(f"   {name.removeprefix('api/')}" for name in listed),
    ]
    yield "api/index", "\n".join(index) + "\n"


def _place(name: str, everything: dict[str, list[tuple[str, Any]]]) -> str:
    """Return the place in which a name of the top level is documented."""
    for room, members in everything.items():
        if name in dict(members) and not name.startswith("_"):
            return f"scratchae.{room}.{name}" if room != "scratchae" else f"scratchae.{name}"
    return ""


def _class_page(base: str, name: str) -> str:
    return f"{_heading(name)}\n.. autoclass:: {base}.{name}\n   :members:\n   :inherited-members:\n"


def source_of(info: dict[str, str], root: Path) -> str | None:
    """The address of the source of a documented name, for `sphinx.ext.linkcode`."""
    value: Any = importlib.import_module(info["module"])
    try:
        for part in info["fullname"].split("."):
            value = inspect.getattr_static(value, part) if inspect.isclass(value) else getattr(value, part)
        value = inspect.unwrap(getattr(value, "py_func", getattr(value, "fget", value)) or value)
        path = Path(inspect.getsourcefile(value) or "").resolve()
        line = max(1, inspect.getsourcelines(value)[1])  # 0 for a module
    except (AttributeError, TypeError, OSError):
        return None
    return f"source:{path.relative_to(root).as_posix()}#L{line}" if path.is_relative_to(root) else None
