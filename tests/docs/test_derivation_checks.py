"""The checker of the derivations finds what is wrong, on a small package that is right and is then doctored."""

from __future__ import annotations

import pytest
from helpers.derivation_checks import (
    CHECKS,
    OPS,
    equations,
    read,
    unimplemented,
    without_page,
)

PAGE = r"""
# double

```math
y = 2 x \tag{double.1}
```

Implemented in `double`.

Not implemented, but needed on the way to (double.3):

```math
\frac{\partial y}{\partial x} = 2 \tag{double.2}
```

```math
dx = 2 dy \tag{double.3}
```

Implemented in `double_backward`.
"""


def _problems(ops: str = OPS, page: str = PAGE, more_pages: dict[str, str] | None = None) -> set[str]:
    """Names of the checks that find something wrong with a package of one op."""
    r = read({"scratchae/ops/double.py": ops}, {"double.md": page, **(more_pages or {})})
    found = {name for name, check in CHECKS.items() if name != "without_page" and check(r)}
    return found | ({"without_page"} if without_page(r, ["double", "double_backward"]) else set())


def test_checker_accepts_what_is_right() -> None:
    assert _problems() == set()


@pytest.mark.parametrize(
    ("old", "new", "found_by"),
    [
        ("# (double.1)", "# (double.7)", {"unknown_labels", "unimplemented", "unclaimed"}),
        ("# (double.1)", "# (double.3)", {"unimplemented", "unclaimed"}),
        ("# (double.1)", "# (double.2)", {"unimplemented", "unclaimed"}),
        ("  # (double.3)", "", {"unimplemented"}),
        ("2 dy (double.3)", "2 dy (double.9)", {"unknown_labels"}),
        ("    return 2 * x  # (double.1)", "    # (double.1)\n    return 2 * x", {"unimplemented"}),
        ("    return 2 * x  # (double.1)", "    return '# (double.1)'", {"unimplemented"}),
        ("def double_backward", "def backward", {"unimplemented", "unclaimed"}),
    ],
)
def test_checker_finds_doctored_code(old: str, new: str, found_by: set[str]) -> None:
    assert OPS.count(old) == 1
    assert _problems(ops=OPS.replace(old, new)) == found_by


@pytest.mark.parametrize(
    ("old", "new", "found_by"),
    [
        (r"\tag{double.2}", r"\tag{double.1}", {"repeated", "misnumbered"}),
        (r"\tag{double.2}", "", {"misnumbered"}),
        (r"\tag{double.2}", r"\tag{triple.1}", {"misnumbered"}),
        (r"\tag{double.2}", r"\tag{double.2} \tag{double.4}", {"form", "misnumbered"}),
        ("Implemented in `double`.", "", {"unclaimed", "without_page"}),
        ("Implemented in `double`.", "Implemented in double.", {"form", "unclaimed", "without_page"}),
        (
            "Implemented in `double`.",
            "Implemented in `double_backward`.",
            {"unimplemented", "unclaimed", "without_page"},
        ),
        ("Not implemented", "Implemented in `double`.\n\nNot implemented", {"form"}),
        ("on the way to (double.3)", "on the way to (double.5)", {"unknown_labels"}),
        ("Not implemented", r"With $\hat{x}_n$ not implemented", {"unreadable"}),
        ("```math\ndx = 2 dy \\tag{double.3}\n```", "$$\ndx = 2 dy \\tag{double.3}\n$$", {"unreadable"}),
    ],
)
def test_checker_finds_doctored_page(old: str, new: str, found_by: set[str]) -> None:
    assert PAGE.count(old) == 1
    assert _problems(page=PAGE.replace(old, new)) == found_by


def test_checker_finds_a_label_on_two_pages() -> None:
    assert _problems(more_pages={"other.md": "```math\nx \\tag{double.1}\n```\n"}) == {"repeated", "misnumbered"}


def test_an_equation_of_an_op_is_not_implemented_by_a_kernel() -> None:
    kernel = {"scratchae/kernels/double.py": OPS}
    unlabelled = {"scratchae/ops/double.py": OPS.replace("# (double.1)", "")}
    assert unimplemented(read({**kernel, **unlabelled}, {"double.md": PAGE}))


def test_a_page_that_is_no_op_may_be_implemented_anywhere_by_the_function_it_names() -> None:
    page = {"model.md": "```math\nx \\tag{model.1}\n```\n\nImplemented in `_loss`.\n"}
    model = "class Model:\n    def _loss(self):\n        return 1  # (model.1)\n"
    assert not unimplemented(read({"scratchae/models/m.py": model}, page))
    assert unimplemented(read({"scratchae/models/m.py": model.replace("_loss", "_other")}, page))


def test_an_escaped_underscore_in_a_tag_is_an_underscore() -> None:
    found, _ = equations("a_b.md", "```math\nx \\tag{a\\_b.1}\n```\n")
    assert [equation.label for equation in found] == ["a_b.1"]
