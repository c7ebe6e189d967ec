"""The page on traces: its outputs are those of the commands, its examples run, its tables name the fields.

After a change that is meant: ``python tests/docs/test_trace_page.py`` writes the outputs anew.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import re
from pathlib import Path

import pytest

from scratchae import tracing
from scratchae.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "trace.md"
OUTPUT = re.compile(r"<!-- output: (.*?) -->\n(.*?)<!-- end -->", re.DOTALL)
LINE_NUMBER = re.compile(r" *([\w.]+\.py):\d+$", re.MULTILINE)  # right-aligned; other edits of the files change it


def output(command: str) -> str:
    """The output of a command, as it stands on the page."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(command.split()) == 0
    return f"\n```text\n{printed.getvalue()}```\n\n"


def outputs() -> list[tuple[str, str]]:
    return OUTPUT.findall(PAGE.read_text("utf-8"))


@pytest.mark.parametrize("command", [command for command, _ in outputs()])
def test_outputs_are_those_of_the_commands(command: str) -> None:
    written = LINE_NUMBER.sub(r" \1", dict(outputs())[command])
    assert written == LINE_NUMBER.sub(r" \1", output(command)), "run: python tests/docs/test_trace_page.py"
    assert f"```sh\nscratchae {command}\n```" in PAGE.read_text("utf-8")


def test_there_are_outputs() -> None:
    assert len(outputs()) == 2


@pytest.mark.filterwarnings("ignore")
def test_examples_run() -> None:
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    runner, report = doctest.DocTestRunner(), io.StringIO()
    runner.run(doctest.DocTestParser().get_doctest("".join(blocks), {}, "trace.md", str(PAGE), 0), out=report.write)
    assert len(blocks) == 2 and runner.failures == 0, report.getvalue()


def test_tables_name_all_fields() -> None:
    found = json.loads(tracing.tiny("variational").to_json())
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted([*found, *found["steps"][0], *found["inputs"][0]])


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    PAGE.write_text(
        OUTPUT.sub(lambda o: f"<!-- output: {o[1]} -->\n{output(o[1])}<!-- end -->", text), "utf-8", newline="\n"
    )
