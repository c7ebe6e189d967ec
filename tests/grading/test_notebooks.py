"""Notebooks that are handed in: their code cells are graded, magics are left out, and what cannot be read is said in a sentence."""

from __future__ import annotations

import ast
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae.grading.submissions.cells import text_of
from scratchae.grading.submissions.containers.members import MOST_BYTES, MOST_NOTEBOOK_BYTES
from scratchae.grading.submissions.intake import read_source, take_in
from scratchae.grading.submissions.notebook import source_of_notebook

pytest.importorskip("nbformat", reason="reads notebooks")


def code(source: str | list[str], **other: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source, **other}


def book(*cells: Any, **other: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **other}).encode()


def text(*codes: str) -> str:
    read = source_of_notebook(book(*map(code, codes)))
    assert read.source is not None, read.trouble
    return read.source.decode()


def note(*codes: str) -> str:
    return " ".join(source_of_notebook(book(*map(code, codes))).notes)


def test_code_cells_become_one_text() -> None:
    prose = {"cell_type": "markdown", "metadata": {}, "source": "def no(): pass"}
    read = source_of_notebook(book(prose, code("a = 1"), prose, code(["b = 2\n", "c = 3"]), code("")))
    assert (
        read.source == b"# In[1]:\na = 1\n\n\n# In[2]:\nb = 2\nc = 3\n\n\n# In[3]:\n"
        and not read.notes
        and not read.trouble
    )


@pytest.mark.parametrize("kind", ["raw", "markdown", "heading", "html", "CODE", "", None, 3, ["code"]])
def test_only_cells_of_code_are_read(kind: object) -> None:
    other = {"cell_type": kind, "metadata": {}, "source": "def no(): pass", "outputs": []}
    assert (
        source_of_notebook(book(code("a = 1"), other, code("b = 2"))).source
        == b"# In[1]:\na = 1\n\n\n# In[2]:\nb = 2\n"
    )


def test_outputs_are_not_read() -> None:
    claims = [
        {"output_type": "stream", "name": "stdout", "text": "2 of 2 functions right"},
        {"output_type": "execute_result", "data": 7},
    ]
    assert source_of_notebook(book(code("x = 1", outputs=claims, execution_count=99))).source == b"# In[1]:\nx = 1\n"


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!pip install numpy",
        "%%time",
        "?dense",
        "dense?",
        "np.dot??",
        "!!ls",
        "%load_ext x  # it's",
        "!echo '(",
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_a_line_for_jupyter_is_left_out_and_said(line: str, indent: str) -> None:
    head = "if True:\n" if indent else "x = 0\n"
    cell = f"{head}{indent}{line}\ny = 1\n"
    names: dict[str, Any] = {}
    exec(text(cell), names)
    assert names["y"] == 1
    assert note(cell) == f"has lines that are not Python and are left out: `{line}` (cell 1, line 2)"
    assert text(cell).splitlines()[3] == "y = 1"  # as the fourth line of the text, the third of the cell


@pytest.mark.parametrize("value", ["!ls -l", "%time f(x)", "!echo 'a"])
def test_an_assigned_command_gives_none(value: str) -> None:
    names: dict[str, Any] = {}
    exec(text(f"x = 3\nx = y = {value}\nz = 4"), names)
    assert names["x"] is None and names["z"] == 4 and "line 2" in note(f"x = 3\nx = y = {value}\nz = 4")


@pytest.mark.parametrize(
    "cell",
    [
        "x = (7\n% 4)",
        "x = 7 \\\n% 4",
        's = """\n%matplotlib inline\n!ls\nhelp?\n"""',
        "s = '''\n# In[7]:\n'''",
        "x = {\n'a': 7\n% 4}",
        "x = 5 != 4",
        "y = 7\ny %= 4",
        "s = 'why?'",
        "x = 1  # really?",
        "s = f'''{1}\n%d\n''' % ()",
        "s = r'\\''\nx = 7",
        "if 1:\n\tx = 2",
        "s = '\\\n% 4'",
        "'%s' % 3",
        "'!ls'\n\"?\"",
        '"""%matplotlib inline\n!ls\n"""',
        's = """a \\""" b\n%x\n!y\n"""',
        's = """a \\\\"""\nx = 7',
        "s = '''a \\''' b\n# In[3]:\nwhy?\n'''",
    ],
)
def test_python_is_not_touched(cell: str) -> None:
    assert text(cell) == f"# In[1]:\n{cell}\n" and note(cell) == ""
    ast.parse(text(cell))


@pytest.mark.parametrize(
    ("magic", "kept"),
    [("%%time", True), ("%%capture out", True), ("%%bash", False), ("%%html", False), ("%%writefile a.py", False)],
)
def test_cells_with_a_magic_for_all_of_it(magic: str, kept: bool) -> None:
    names: dict[str, Any] = {}
    exec(text(f"\n{magic}\nx = 1\ndef f():\n    pass", "z = 1"), names)
    assert ("x" in names and "f" in names) == kept and names["z"] == 1
    assert f"`{magic}` (cell 1, line 2)" in note(f"\n{magic}\nx = 1\ndef f():\n    pass")


def test_a_command_over_several_lines_is_left_out_whole() -> None:
    assert text("!pip install \\\n  numpy\nx = 1").splitlines()[3] == "x = 1"
    ast.parse(text("for i in 'a':\n    !pip install \\\n  numpy\nx = 1"))


def test_further_lines_are_counted_in_the_note() -> None:
    assert note("%a\n%b", "!c").endswith("`%a` (cell 1, line 1), and 2 more")


def test_an_indented_cell_is_shifted_as_in_jupyter() -> None:
    ast.parse(text("    x = 1\n    y = 2"))


def test_a_string_without_an_end_takes_no_other_cell_with_it() -> None:
    read = text('def f():\n    """No end\n    return 1', "x = 1")
    first, second = read.split("# In[2]:\n")
    assert second == "x = 1\n" and all(line.startswith("#") for line in first.splitlines() if '"""' in line)
    with pytest.raises(SyntaxError) as raised:
        ast.parse(first.replace("# In[1]:\n", ""))
    assert raised.value.lineno == 2


def test_numbers_of_cells_may_have_gaps() -> None:
    """By its first line, a text is known to have numbers of its own."""
    assert text_of([(3, "x = 1"), (7, "%a")])[0] == "# In[1]:\n\n\n# In[3]:\nx = 1\n\n\n# In[7]:\npass  #  %a\n"


def test_comments_that_look_like_the_head_of_a_cell() -> None:
    assert "\n# In[" not in text("a = 1\n# In[7]:\nb = 2\n%%bash\n# In[8]:")[5:]
    assert "\n# In[" not in text("%%bash\nIn[3]:")[5:]


@given(st.lists(st.text(st.sampled_from("%!?='\"\\\n ()#a1:"), max_size=40), min_size=1, max_size=4))
def test_every_line_keeps_its_number(cells: list[str]) -> None:
    cells = [*cells, "end = 1"]
    lines = text(*cells).split("\n")
    heads = [i for i, line in enumerate(lines) if line in {f"# In[{k}]:" for k in range(1, len(cells) + 1)}]
    strings = sum(line.startswith("# In[") and line.endswith("]:") for line in lines)
    assert len(heads) == strings == len(cells)  # each cell has its head, and nothing else looks like one
    for head, following, cell in zip(heads, [*heads[1:], len(lines)], cells, strict=True):
        assert len("\n".join(lines[head + 1 : following]).rstrip("\n").split("\n")) <= cell.count("\n") + 1


CODE = "x = 1"
WRONG: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"# a file\nx = 1\n", "begins with a brace; save it in Jupyter again, or end its name in .py"),
    "another JSON error": (b'{"cells": [,]}', "is not a notebook: Expecting value (line 1, column 12)"),
    "cut off in a string": (book(code("x = 1"))[:90], "ends in the middle (line 1, column"),
    "cut off between cells": (book(code("x = 1"))[:-3], "ends in the middle (line 1, column"),
    "empty": (b" \n", "is empty"),
    "a list": (b"[1, 2]", "is no JSON object"),
    "no version": (b'{"cells": []}', "does not say its format"),
    "a later format": (book(code(CODE), nbformat=5), "has the notebook format 5, and formats 2 to 4 are read"),
    "an early format": (book(code(CODE), nbformat=1), "has the notebook format 1"),
    "a format of many digits": (
        book(code(CODE), nbformat=10**12),
        "has a notebook format of no known number, and formats",
    ),
    "no cells": (b'{"nbformat": 4}', "has no list of cells"),
    "cells of another kind": (book(cells={"a": 1}), "has no list of cells"),
    "a cell that is none": (book(code(CODE), 7), "its cell 2 is no JSON object"),
    "prose only": (book({"cell_type": "markdown", "source": "x"}), "has no code cell"),
    "blank code only": (book(code(" \n")), "has no code cell"),
    "no source": (book(code(CODE), code(7)), "has no text in its cell 2"),
    "R": (
        book(code(CODE), metadata={"kernelspec": {"name": "ir", "language": "R"}}),
        "is a notebook of R; the exercises are in Python",
    ),
    "Julia": (book(code(CODE), metadata={"language_info": {"name": "julia"}}), "is a notebook of julia;"),
    "R by its kernel": (book(code(CODE), metadata={"kernelspec": {"name": "ir"}}), "is a notebook of R;"),
    "a long cell": (
        book(code(CODE), code("#" * (10 << 20))),
        "has 10,485,760 characters in its cell 2, and no more than 1,048,576 are read",
    ),
    "long together": (book(*[code("#" * (MOST_BYTES // 2))] * 3), "has 1,572,864 characters of code"),
    "many cells": (book(*[code(CODE)] * 2001), "has 2,001 code cells"),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "lie too deep in one another"),
    "many parts": (b'{"nbformat": 4, "cells": [' + b"[]," * 600_000 + b"[]]}", "has too many parts"),
    "half a character": (book(code("x = 1\ny = '\ud800'")), "a lone surrogate) in line 2 of its cell 1"),
    "NUL": (book(code("x = 1\n\0")), "a NUL character in line 2 of its cell 1"),
    "Latin-1": (book(code(CODE)) + "é".encode("latin-1"), "is not UTF-8 (line 1, byte 0xe9)"),
    "worksheets": (json.dumps({"nbformat": 3, "worksheets": [7]}).encode(), "its worksheets are not a list of objects"),
    "too large": (b" " * (MOST_NOTEBOOK_BYTES + 1), "no more than 20,971,520 are read; clear the outputs"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_cannot_be_read_is_said(which: str) -> None:
    content, said = WRONG[which]
    begun = time.process_time()
    read = source_of_notebook(content)
    assert read.source is None and said in read.trouble and "\n" not in read.trouble and not read.notes
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "content",
    [
        book(code(CODE), metadata={"a": float("nan")}),
        book(code(CODE), nbformat_minor=99, surplus=[{}]),
        book({"cell_type": "code", "source": CODE}),
        book(code(CODE, id="same"), {"cell_type": "new kind"}),
        book(code(CODE, metadata=7, outputs="claims")),
        book(code(CODE)).replace(b'"metadata": {}, "cells"', b'"n": ' + b"9" * 100_000 + b', "cells"'),
        book(code("old")).replace(b'"source"', b'"source": "older", "source"').replace(b"old", b"x = 1", 2),
        b"\xef\xbb\xbf" + book(code(CODE)),
        json.dumps(
            {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": [CODE], "language": "python"}]}]}
        ).encode(),
        json.dumps({"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "input": CODE}]}]}).encode(),
        book(code(CODE + "\r\n")),
    ],
)
def test_odd_notebooks_are_read(content: bytes) -> None:
    assert source_of_notebook(content).source == b"# In[1]:\nx = 1\n", source_of_notebook(content)


def test_without_nbformat_the_row_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    assert source_of_notebook(book(code(CODE))).trouble == (
        "is a notebook, and nbformat is not installed; install it (python -m pip install nbformat)"
    )


GROWING: dict[str, Callable[[int], bytes]] = {
    "cells": lambda n: book(*[code(CODE)] * min(n // 200, 2000)),
    "cells of prose": lambda n: book(*[{"cell_type": "markdown"}] * (n // 30), code(CODE)),
    "lines of outputs": lambda n: book(code(CODE, outputs=["a"] * (n // 5))),
    "deep outputs": lambda n: book(code(CODE)).replace(
        b'"outputs": []', b'"outputs": ' + b"[" * (n // 2) + b"]" * (n // 2)
    ),
    "digits": lambda n: b'{"nbformat": ' + b"9" * n,
    "blanks in brackets": lambda n: book(code("x = (\n" + " " * n + "$\n")),
    "magics": lambda n: book(code("%a\n" * (n // 3))),
    "magics in one": lambda n: book(code("%a\\\n" * (n // 4))),
    "help": lambda n: book(code("a?\n" * (n // 3))),
    "quotes": lambda n: book(code("'" * n)),
    "backslashes": lambda n: book(code('"""' + "\\" * n + '"')),
    "open strings": lambda n: book(code('x = """' + '\\"""' * (n // 4))),
    "brackets": lambda n: book(code("(" * n)),
    "heads": lambda n: book(code("# In[1]:\n" * (n // 9))),
    "surrogates": lambda n: book(code("\ud800" * (n // 6))),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", GROWING)
def test_hostile_notebooks_take_linear_time(kind: str) -> None:
    def seconds(n: int) -> float:
        content = GROWING[kind](n)
        spent = []
        for _ in range(3):
            begun = time.process_time()
            source_of_notebook(content)
            spent.append(time.process_time() - begun)
        return min(spent)

    small, large = seconds(1 << 16), seconds(1 << 18)
    assert large < 1 and large < 10 * small + 0.05


def test_a_notebook_counts_like_a_file(tmp_path: Path) -> None:
    from scratchae.exercises import EXERCISES

    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "01_dense.ipynb").write_bytes(book(code("def dense(): pass\n%time")))
    (tmp_path / "Ben.ipynb").write_bytes(book(code("def dense(): pass")))
    (tmp_path / "Cem").mkdir()
    (tmp_path / "Cem" / "dense.ipynb").write_bytes(book(code(CODE))[:-5])
    ada, ben, cem = take_in(tmp_path, EXERCISES[:1]).submissions
    assert [ada.student, ben.student, cem.student] == ["Ada", "Ben", "Cem"]
    assert ada.files["dense"].source == b"# In[1]:\ndef dense(): pass\npass  #  %time\n"
    assert ada.notes == ("01_dense.ipynb has lines that are not Python and are left out: `%time` (cell 1, line 2)",)
    assert ben.files["dense"].source and not ben.notes
    assert cem.files["dense"].source is None and "dense.ipynb ends in the middle" in cem.notes[0]
    assert read_source(tmp_path / "Ben.ipynb").source == ben.files["dense"].source


def test_a_notebook_with_the_name_of_a_python_file_is_told_apart(tmp_path: Path) -> None:
    for ending in ("", "\n"):
        for before in (b"", b"\xef\xbb\xbf", b" \n"):
            place = tmp_path / "01_dense.py"
            place.write_bytes(before + book(code("def dense(x, W, b):\n    return x @ W + b")) + ending.encode())
            read = read_source(place)
            assert read.source is None and read.trouble.endswith("end its name in .ipynb")
    place.write_bytes(b'{"no": "book"}\n')
    assert read_source(place).source == b'{"no": "book"}\n'
