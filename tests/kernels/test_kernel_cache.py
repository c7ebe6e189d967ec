"""Machine code on the disk, used again or deleted: in a package of a few small kernels, each run in a process of its own."""

from __future__ import annotations

import ast
import importlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from helpers.kernel_processes import KernelProcess

from scratchae.kernels import compile as compiling

KERNELS = Path(compiling.__file__).parent
SMALL = {
    "numbers": "STEP = 2.0\n",
    # An overload, as in `scalars`; it takes a constant of another module.
    "pieces": """
from numba.extending import overload
from scratchae.kernels import numbers

def shifted(x):
    raise NotImplementedError

@overload(shifted)
def choose(x):
    return lambda x: x + numbers.STEP
""",
    "tile": "from numba import types\nWIDTH = types.int64\n",
    "joined": """
from numba import types
from scratchae.kernels.compile import linked
from scratchae.kernels.tile import WIDTH

@linked(lambda real: WIDTH(types.CPointer(real), types.intp))
def scale(start, count):
    for i in range(count):
        start[i] = start[i] * 10
    return 0
""",
    "top": """
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels import (
    pieces,  # (found although a bracket stands in this comment)
)
import numba.core.types, llvmlite.ir
from numba.extending import intrinsic
from .joined import scale

@intrinsic
def pointer(typingctx, array):
    def codegen(context, builder, signature, arguments):
        return context.make_array(array)(context, builder, arguments[0]).data
    return numba.core.types.CPointer(array.dtype)(array), codegen

@inner
def both(x):
    return pieces.shifted(x)

@kernel
def first(x):
    scale(pointer(x), x.size)
    return both(x[0])
""",
    "other": """
from scratchae.kernels.compile import kernel

@kernel
def second(x):
    return x[0] + 1

@kernel
def third(x):
    return x[0] + 3
""",
}


class Small:
    """A package named scratchae with this one's `compile` and the kernels above."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.root, self.kernels = folder, folder / "scratchae" / "kernels"
        self.kernels.mkdir(parents=True)
        (folder / "scratchae" / "__init__.py").touch()
        (self.kernels / "__init__.py").touch()
        shutil.copy(KERNELS / "compile.py", self.kernels)
        for name, source in SMALL.items():
            (self.kernels / f"{name}.py").write_text(source)
        self.environment = {} if cache is None else {"NUMBA_CACHE_DIR": str(cache)}

    def start(self, kernel: str = "top.first", before: str = "", waits: bool = False) -> KernelProcess:
        return KernelProcess(self.root, kernel, before, self.environment, waits)

    def run(self, kernel: str = "top.first", before: str = "") -> tuple[float, bool]:
        """The result of a kernel for 1, and whether anything was compiled for it."""
        return self.start(kernel, before).answer()

    def change(self, module: str, old: str, new: str) -> None:
        file = self.kernels / f"{module}.py"
        assert file.read_text().count(old) == 1
        file.write_text(file.read_text().replace(old, new))

    def kept(self, start: str = "") -> list[str]:
        """The names of files of machine code, without what is in them."""
        return sorted(p.name for p in self.kernels.glob(f"__pycache__/{start}*.nb*"))


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path / "checkout")


# Which code is found


def test_a_second_process_compiles_nothing(small: Small) -> None:
    assert small.run() == (12.0, True)
    assert small.run() == (12.0, False)


@pytest.mark.slow
def test_a_change_of_what_a_kernel_is_made_of_compiles_it_again(small: Small) -> None:
    assert small.run() == (12.0, True)
    for module, old, new, result in [
        ("top", "both(x[0])", "both(x[0]) + 5", 17.0),  # the kernel itself
        ("top", "pieces.shifted(x)", "-pieces.shifted(x)", -7.0),  # an inner function
        ("pieces", "x + numbers", "x - numbers", -3.0),  # an overload, in another module
        ("numbers", "2.0", "3.0", -2.0),  # a constant, in a module that another one imports
        ("joined", "* 10", "* 20", -12.0),  # a linked function, imported by a relative import
        ("tile", "types.int64", "types.int32", -12.0),  # the signature of a linked function
        ("compile", '"reassoc", ', "", -12.0),  # options
    ]:
        small.change(module, old, new)
        assert small.run() == (result, True), module
    assert small.run() == (result, False)


def test_a_change_elsewhere_compiles_nothing(small: Small) -> None:
    small.run()
    small.run("other.second")
    for module in ("numbers", "pieces", "joined", "top"):
        (small.kernels / f"{module}.py").open("a").write("# changed\n")
    assert small.run("other.second") == (2.0, False)
    small.change("other", "x[0] + 1", "x[0] + 2")
    assert small.run() == (12.0, True)
    (small.kernels / "other.py").write_text("")
    assert small.run() == (12.0, False)


@pytest.mark.slow
def test_other_versions_of_the_compiler_find_nothing(small: Small) -> None:
    small.run()
    for package in ("numba", "llvmlite", "numpy"):
        other = f"import numba, {package}; {package}.__version__ = '0.99.9'\n"
        assert small.run(before=other)[1]


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(path.read_bytes()[:100]), Path.unlink])
def test_code_that_is_damaged_or_gone_is_compiled_again(small: Small, spoil: Callable[[Path], object]) -> None:
    small.run()
    for path in small.kernels.glob("__pycache__/*.nbc"):  # the kernel, and the function that is linked to it
        spoil(path)
    assert small.run() == (12.0, True)
    assert [name.split("-")[0] for name in small.kept()] == ["joined.scale", "top.first"]
    assert small.run() == (12.0, False)


def test_a_copy_finds_what_was_compiled_where_it_comes_from(small: Small, tmp_path: Path) -> None:
    small.run()
    copy = Small(tmp_path / "copy")
    shutil.copytree(small.kernels / "__pycache__", copy.kernels / "__pycache__")
    assert copy.run() == (12.0, False)


def test_code_of_sources_that_changed_in_the_meantime_is_neither_kept_nor_deletes(small: Small) -> None:
    early = small.start(waits=True)
    small.change("numbers", "2.0", "3.0")
    assert small.run() == (13.0, True)
    before = small.kept()
    early.go_on()
    assert early.answer() == (12.0, True)  # what it had imported
    assert small.kept() == before
    assert small.run() == (13.0, False)


# Which code is deleted


def test_machine_code_of_earlier_sources_is_deleted(small: Small) -> None:
    small.run()
    before = small.kept()
    assert [name.split("-")[0] for name in before] == ["joined.scale", "top.first"]
    small.change("numbers", "2.0", "3.0")
    small.run()
    after = small.kept("top")
    assert len(after) == 1 and after[0] not in before
    assert small.kept("joined") == [before[0]]  # it does not import numbers


def test_a_function_that_moved_or_went_away_leaves_nothing(small: Small) -> None:
    small.run("other.second")
    small.run("other.third")
    assert len(small.kept("other")) == 2
    small.change("other", "@kernel\ndef second(x):\n    return x[0] + 1\n\n", "\n\n\n\n\n\n")
    assert small.run("other.third") == (4.0, True)
    (left,) = small.kept("other")
    assert left.startswith("other.third-10.")


def test_only_files_of_that_module_and_that_python_are_deleted(small: Small) -> None:
    small.run("other.second")
    folder, (name,) = small.kernels / "__pycache__", small.kept("other")
    base = ".".join(name.split(".")[:3])
    python = base.rpartition(".")[2]
    stale = [
        f"{base}.nbi",  # an index, as Numba itself writes it
        f"{base}.{'0' * 24}.nbc",
        f"{base}.{'0' * 24}.{'1' * 24}.nbc",
        f"{base}.1.nbc",
        f"other.outer.locals.nested-3.{python}.{'0' * 24}.{'1' * 24}.nbc",
        f"{base}.{'0' * 24}.{'1' * 24}.nbc.tmp.0123456789abcdef",  # its process was killed
    ]
    kept = [
        f"another.second-5.{python}.{'0' * 24}.{'1' * 24}.nbc",
        f"other_than.second-5.{python}.{'0' * 24}.{'1' * 24}.nbc",
        f"other.second-5.py27.{'0' * 24}.{'1' * 24}.nbc",
        "other.cpython-27.pyc",
        f"{name}.tmp.0123456789abcdef",  # of these sources: another process may be writing it
    ]
    for made in stale + kept:
        (folder / made).write_text("")
    small.run("other.third")
    left = {path.name for path in folder.iterdir()}
    assert left & set(stale) == set()
    assert left >= {name, *kept}


@pytest.mark.slow
def test_two_checkouts_with_one_cache_keep_their_code(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    one, two = Small(tmp_path / "one", cache), Small(tmp_path / "two", cache)
    two.change("numbers", "2.0", "3.0")
    for _ in range(2):
        one.run()
        two.run()
    assert one.run() == (12.0, False)
    assert two.run() == (13.0, False)
    assert len(list(cache.rglob("top.first*.nbc"))) == 2


@pytest.mark.slow
def test_processes_that_compile_at_once_leave_one_file_each(small: Small) -> None:
    for step in (2, 3):
        processes = [small.start() for _ in range(2)]
        assert [process.answer()[0] for process in processes] == [10.0 + step] * 2
        assert [name.split("-")[0] for name in small.kept()] == ["joined.scale", "top.first"]
        assert small.run() == (10.0 + step, False)
        small.change("numbers", f"{step}.0", f"{step + 1}.0")


# Where something cannot be done


@pytest.mark.parametrize("call", ["os.unlink", "os.scandir", "os.replace"])
def test_what_the_disk_refuses_is_let_be(small: Small, call: str) -> None:
    small.run()
    small.change("numbers", "2.0", "3.0")
    refuse = f"import os\ndef refuse(*args, **options): raise PermissionError('refused')\n{call} = refuse\n"
    assert small.run(before=refuse) == (13.0, True)
    assert small.run() == (13.0, call == "os.replace")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_cannot_be_written_any_more(small: Small) -> None:
    small.run()
    small.change("numbers", "2.0", "3.0")
    folder = small.kernels / "__pycache__"
    folder.chmod(0o500)
    small.environment["XDG_CACHE_HOME"] = str(small.root / "cache")
    try:
        assert small.run() == (13.0, True)
        assert small.run() == (13.0, False)  # kept in the user's own folder
        assert len(small.kept("top")) == 1
    finally:
        folder.chmod(0o700)


def test_without_a_source_nothing_is_kept(small: Small) -> None:
    before = (
        "import pathlib\n"
        "def unreadable(self): raise FileNotFoundError(str(self))\n"
        "pathlib.Path.read_bytes = unreadable\n"
    )
    assert small.run(before=before) == (12.0, True)
    assert small.kept() == []


# What a module is made of


def modules() -> list[Path]:
    return sorted(KERNELS.glob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_imports_are_those_that_python_sees(path: Path) -> None:
    seen = set()
    for statement in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(statement, ast.Attribute) and statement.attr == "import_module"), (
            "imports are statements"
        )
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == "scratchae":
            for alias in statement.names:
                names = (f"{statement.module}.{alias.name}", statement.module)
                seen.add(next(file for name in names if (file := compiling._module(str(name)))))
        if isinstance(statement, ast.Import):
            seen |= {file for alias in statement.names if (file := compiling._module(alias.name))}
    assert compiling._imported(path, path.read_bytes()) == seen


@pytest.mark.parametrize(
    "statement",
    [
        "from scratchae.kernels import tile",
        "from scratchae.kernels import (tile)",
        "from scratchae.kernels import (\n    tile as t,  # why (because)\n)",
        "from scratchae.kernels.tile import (  # noqa\n    ROWS,\n)",
        "from scratchae.kernels.tile import \\\n    ROWS",
        "from scratchae.kernels.tile import *",
        "import numpy, scratchae.kernels.tile as t",
        "from . import tile",
        "from .tile import ROWS",
        "from ..kernels.tile import ROWS",
        "def f():\n    from scratchae.kernels import tile\n",
        "import numpy as np; from scratchae.kernels import tile",
        "x = 1; import scratchae.kernels.tile",
        "if x: from .tile import ROWS",
        "from .tile import ROWS\r\nx = 1\r\n",
    ],
)
def test_every_form_of_import_is_seen(statement: str) -> None:
    seen = compiling._imported(KERNELS / "layers.py", f'"""From here on."""\n{statement}\n'.encode())
    assert seen == {KERNELS / "tile.py"}


def test_sentences_are_no_imports() -> None:
    text = (
        '"""Words.\n\nfrom scratchae.kernels we take what we need (all of it),\nimport by import.\n"""\nimport scipy\n'
    )
    assert compiling._imported(KERNELS / "layers.py", text.encode()) == frozenset()


def loaded() -> list[ModuleType]:
    return [importlib.import_module(f"scratchae.kernels.{path.stem}") for path in modules() if path.stem != "__init__"]


def reached(path: Path) -> set[Path]:
    """The files whose change changes a module's stamp."""
    files, ahead = set(), [path]
    while ahead:
        file = ahead.pop()
        if file not in files:
            files.add(file)
            ahead += compiling._imported(file, file.read_bytes())
    return files


@pytest.mark.parametrize("module", loaded(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_everything_that_a_module_holds_comes_from_files_of_its_stamp(module: ModuleType) -> None:
    files = reached(Path(str(module.__file__)))
    for name, value in vars(module).items():
        origin = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        file = compiling._module(origin) if isinstance(origin, str) else None
        assert file is None or file in files, name


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_an_overload_stands_in_the_module_of_what_it_overloads(path: Path) -> None:
    # Elsewhere, a kernel could run it without importing its module, and would not be compiled again when it changes.
    tree = ast.parse(path.read_text())
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    calls: list[ast.Call] = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    registers: Callable[[ast.Call], bool] = lambda call: "overload" in ast.unparse(call.func)  # noqa: E731
    for call in filter(registers, calls):
        assert ast.unparse(call.args[0]) in defined
