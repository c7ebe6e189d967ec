"""The tutorials as notebooks: made from their cells, run in a kernel, and turned into pages with their output and figures."""

from __future__ import annotations

import base64
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?[^\n]*\n", re.MULTILINE)
WROTE = re.compile(r"^wrote (?P<path>.+\.png)$", re.MULTILINE)


def cells(script: str) -> list[tuple[str, str]]:
    """(kind, text) of the cells of a script: "markdown" or "code"."""
    parts = CELL.split(script)[1:]
    found = []
    for markdown, text in zip(parts[::2], parts[1::2], strict=True):
        if markdown:
            text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        if text.strip():
            found.append(("markdown" if markdown else "code", text.strip()))
    return found


def notebook(script: str) -> Any:
    """The notebook of a script, not yet run."""
    from nbformat import v4

    made = []
    for i, (kind, text) in enumerate(cells(script)):
        cell = v4.new_markdown_cell(text) if kind == "markdown" else v4.new_code_cell(text)
        cell["id"] = f"cell-{i}"  # the same in every build
        made.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def run(script: Path, folder: Path, seconds: int = 600) -> Any:
    """The notebook of a script after it was run in a kernel; the figures that it wrote are outputs of their cells.

    Parameters
    ----------
    script : path
    folder : path
        Where it runs: the modules that the tutorials import lie there.
    seconds : int
        Time limit for a cell.

    Raises
    ------
    RuntimeError
        If a cell fails: the script, the line of the cell, and the last line of the error.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from nbformat import v4

    text = script.read_text("utf-8")
    made = notebook(text)
    try:
        NotebookClient(made, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    except (CellExecutionError, CellTimeoutError) as error:
        failed = next(
            (c for c in made.cells if any(o.get("output_type") == "error" for o in c.get("outputs", ()))), made.cells[0]
        )
        line = text[: text.find(failed.source[:60])].count("\n") + 1
        last = str(error).strip().splitlines()[-1]
        raise RuntimeError(
            f"tutorials/{script.name}:{line}: the cell fails: {re.sub(chr(27) + '[^m]*m', '', last)}"
        ) from None
    for cell in made.cells:
        cell.get("metadata", {}).pop("execution", None)
        for wrote in WROTE.findall(_printed(cell)):
            picture = base64.b64encode((folder / wrote).read_bytes()).decode()
            cell.outputs.append(v4.new_output("display_data", {"image/png": picture, "text/plain": Path(wrote).name}))
    return made


def _printed(cell: Any) -> str:
    return "".join(o.get("text", "") for o in cell.get("outputs", ()) if o.get("name") == "stdout")


def page(made: Any, name: str, pictures: Path) -> str:
    """The Markdown page of a notebook that was run; its figures are written to a folder.

    Parameters
    ----------
    made : notebook
    name : str
        Name of the script, without ending.
    pictures : path
        Folder of the figures, `figures` beside the folder of the pages.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    out, downloads = (
        [],
        (
            f"[Script](source:tutorials/{name}.py) · {{download}}`notebook <../notebooks/{name}.ipynb>` ·"
            " {download}`all notebooks with the modules they import <../notebooks/tutorials.zip>`"
        ),
    )
    for cell in made.cells:
        if cell.cell_type == "markdown":
            title, rest = (cell.source.split("\n", 1) + [""])[:2] if not out else ("", cell.source)
            out += [f"{title}\n\n{downloads}\n\n{rest}"] if title else [rest]
            continue
        out.append(f"```python\n{cell.source}\n```")
        text = WROTE.sub("", _printed(cell)).strip("\n")
        if text.strip():
            out.append(f"```text\n{text}\n```")
        for output in cell.outputs:
            picture = output.get("data", {}).get("image/png")
            if picture:
                file = output["data"]["text/plain"]
                (pictures / file).write_bytes(base64.b64decode(picture))
                out.append(f"![{_caption(file)}](../figures/{file})")
    return "\n\n".join(out) + "\n"


def _caption(file: str) -> str:
    return "figure: " + re.sub(r"^\d+_", "", Path(file).stem).replace("_", " ")


def write(made: Any, name: str, folder: Path) -> None:
    """Write a notebook file."""
    import nbformat

    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, folder / f"{name}.ipynb")


def pack(folder: Path, modules: list[Path]) -> None:
    """Write `tutorials.zip`: the notebooks of a folder and the modules that they import."""
    with zipfile.ZipFile(folder / "tutorials.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted([*folder.glob("*.ipynb"), *modules]):
            archive.write(path, f"tutorials/{path.name}")


def prepare(tutorials: Path, folder: Path) -> Path:
    """A fresh copy of the tutorials' modules, to run notebooks there; figures are written beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tutorials, folder / "tutorials", ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "tutorials"
