"""The public surface: names, arguments and defaults that programs rely on, and options that are stored as they are given.

After a change that is meant: ``python tests/test_public_surface.py`` writes the table of signatures anew.
"""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import scratchae as sae
from scratchae.registry import BY_NAME

TABLE = Path(__file__).with_name("public_surface.json")


def signature(function: Any) -> str:
    """The signature without types."""
    found = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=found.empty))


def surface() -> dict[str, str]:
    """All public functions, classes and methods with their signatures."""
    found = {}
    for name in sae.__all__:
        value = getattr(sae, name)
        if inspect.isclass(value) and not issubclass(value, BaseException):
            found[name] = signature(value)
            for method, function in inspect.getmembers(value, inspect.isfunction):
                if not method.startswith("_"):
                    found[f"{name}.{method}"] = signature(function)
        elif inspect.isfunction(value):
            found[name] = signature(value)
    return found


def test_names_arguments_and_defaults_are_those_of_the_table() -> None:
    table, now = json.loads(TABLE.read_text("utf-8")), surface()
    assert {name: now.get(name) for name in table} == table
    new = {name.partition(".")[0] for name in set(now) - set(table)}
    assert new <= set(BY_NAME) - {name.partition(".")[0] for name in table}, "write the table anew"


@pytest.mark.parametrize("name", BY_NAME)
def test_every_option_is_stored_as_it_is_given(name: str) -> None:
    kind = getattr(sae, name)
    given = {option: object() for option in inspect.signature(kind).parameters}
    model = kind(**given)
    assert model.get_params() == given
    assert all(vars(model)[option] is value for option, value in given.items())


@pytest.mark.parametrize("module", [sae, sae.models], ids=lambda module: module.__name__)
def test_type_checkers_see_every_model(module: Any) -> None:
    blocks = [n for n in ast.parse(inspect.getsource(module)).body if isinstance(n, ast.If)]
    (typed,) = [block for block in blocks if ast.unparse(block.test) == "TYPE_CHECKING"]
    imported = {
        alias.name
        for node in typed.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scratchae.models")
        for alias in node.names
    }
    assert imported - {"load"} == set(BY_NAME)


if __name__ == "__main__":
    TABLE.write_text(json.dumps(surface(), indent=1) + "\n", "utf-8")
