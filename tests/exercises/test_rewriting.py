"""Rewriting source: another order of arguments and outputs, other names."""

from __future__ import annotations

from typing import Any

import pytest

from scratchae.exercises.rewriting import (
    Order,
    can_return_in_any_order,
    entries,
    in_prose,
    renamed,
    reordered,
)

SOURCE = '''\
def pair(a, b, c):
    """Give `a` and b; p(a|b) stays, "é" as well.

    Parameters
    ----------
    a : int
        The first.
    b, c : int, same shape

    Returns
    -------
    s : int
    t : int
        Their difference.
    """
    s = a + b  # é
    return s, a - c


def user(a, b):
    """Use it."""
    s, t = pair(pair(a, b, 1)[0], b, (2, 3)[0])
    return 10 * s + t
'''
ORDER = Order(("c", "b", "a"), ("t", "s"))
NAMES = {"a": "first", "s": "total"}


def run(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(source, space)
    return space


def name_of(name: str) -> str:
    return NAMES.get(name, name)


def function(name: str) -> str:
    return {"pair": "couple"}.get(name, name)


def test_entries_of_a_docstring() -> None:
    found = entries(SOURCE, "Parameters")
    assert [entry.names for entry in found] == [("a",), ("b", "c")]
    assert SOURCE[slice(*found[0].span)] == "    a : int\n        The first."
    assert [entry.names for entry in entries(SOURCE, "Returns")] == [("s",), ("t",)]
    assert entries("def f(x):\n    return x\n", "Returns") == ()
    (one,) = entries('    Parameters\n    ----------\n    W, b : array, shapes (D, H), (H,)\n    """', "Parameters")
    assert not one.of_one_shape


def test_arguments_and_outputs_change_places_everywhere() -> None:
    source = reordered(SOURCE, {"pair": ORDER})
    assert len(source) == len(SOURCE)
    assert "def pair(c, b, a):" in source and "return a - c, s" in source
    assert "    c, b : int, same shape\n    a : int\n        The first.\n\n" in source
    assert "    t : int\n        Their difference.\n    s : int\n" in source
    before, after = run(SOURCE), run(source)
    assert before["pair"](5, 7, 2) == (12, 3) and after["pair"](2, 7, 5) == (3, 12)
    assert "t, s = pair((2, 3)[0], b, pair(1, b, a)[0])" in source
    assert reordered(SOURCE, {"pair": Order(("a", "b", "c"), ("s", "t"))}) == SOURCE


def test_a_call_with_names_cannot_be_reordered() -> None:
    with pytest.raises(LookupError, match="pair is called with names in line"):
        reordered(SOURCE + "\n\ndef other():\n    return pair(1, b=2, c=3)\n", {"pair": ORDER})


def test_what_ends_with_all_its_outputs() -> None:
    first, second = SOURCE.split("\n\n\n")
    assert can_return_in_any_order(first) and not can_return_in_any_order(second)
    assert not can_return_in_any_order(first.replace("return s, a - c", "return tuple([s, a - c])"))


def test_names_change_in_code_and_prose() -> None:
    source = renamed(SOURCE, name_of, function)
    assert "def couple(first, b, c):" in source and "total = first + b  # é" in source
    assert "Give `first` and b; p(a|b) stays" in source and "    total : int\n" in source
    assert run(source)["user"](5, 7) == run(SOURCE)["user"](5, 7)


def test_two_variables_cannot_get_one_name() -> None:
    with pytest.raises(LookupError, match="pair: b and a would both be called b"):
        renamed(SOURCE, lambda name: "b" if name == "a" else name, function)


def test_words_that_are_no_names_are_kept() -> None:
    text = "E_q[log p(a|b)] of `pair` in np.a, (a.1) and a'b.\n    References\n    Smith, a. (1999)."
    changed = in_prose(text, name_of, function)
    assert changed.startswith("E_q[log p(a|b)] of `couple` in np.a") and changed.endswith("Smith, a. (1999).")


@pytest.mark.parametrize("count", [1, 10, 12])
def test_long_signatures_are_broken(count: int) -> None:
    names = [f"argument_{i:02d}" for i in range(count)]
    source = f"def f({', '.join(names)}) -> tuple[int, int]:\n    return {names[0]}, 2\n"
    changed = renamed(source, lambda name: name.replace("argument", "other"), function)
    assert max(map(len, changed.splitlines())) <= 120 and run(changed)["f"](*range(count)) == (0, 2)
    assert changed.count("\n") == {1: 2, 10: 4, 12: 15}[count]
