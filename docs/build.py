"""Build the site: `python docs/build.py` writes build/site/index.html, which needs no server and no network.

What the pages show is made by the build: the claims are checked, the tiny examples traced, the tutorials run as notebooks. With --reuse, what an
earlier build has checked, traced and run is taken from build/; with --coverage, nothing is built, the labels are listed that lack an equation, a
line, a claim or a number, and the exit status is 1 if there are any.

It needs `pip install -e '.[docs]'`, Node, and npm, which fetches KaTeX once.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS, BUILD = ROOT / "docs", ROOT / "build"
STAGED, SITE, NPM = BUILD / "source", BUILD / "site", BUILD / "npm"
sys.path[:0] = [str(ROOT), str(DOCS / "_ext"), str(DOCS)]

KATEX = "katex@>=0.16"
# Pages that lie elsewhere in the repository: file to document.
ELSEWHERE = {
    "README.md": "project/readme",
    "CONTRIBUTING.md": "project/contributing",
    "CHANGELOG.md": "project/changelog",
    "reproductions/README.md": "project/reproductions",
}
# Folders that a page of the site shows.
FOLDERS = {"tutorials": "tutorials/index.md", "figures": "gallery.md", "scratchae": "api/index.rst"}
# The side bar: captions, and the pages below each; a page of docs/ that is not named here comes last.
SIDE_BAR = {
    "Read": ["derivations/README", "notation", "symbols-of-a-page", "verification", "mutants-by-rule"],
    "Run": ["tutorials/index", "gallery", "expected-results", "project/reproductions"],
    "Use": [
        "which-model",
        "data",
        "your-own-autoencoder",
        "anomaly-scores",
        "while-it-trains",
        "in-your-process",
        "scikit-learn",
        "other-tools",
        "the-same-in-pytorch",
        "published-numbers",
        "performance",
        "api/index",
    ],
    "Teach": ["teachers", "students"],
    "Project": ["project/readme", "project/contributing", "project/changelog"],
}
LISTED = {".py", ".md", ".json", ".txt", ".csv", ".cfg", ".toml", ".yml"}  # files that a page of a folder shows
LINK = re.compile(r"(?P<open>!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()(?P<target>[^)\s]+)(?P<close>\))")
FENCE = re.compile(r"^(?:```|~~~)")


class BuildError(Exception):
    """A reason to stop the build, in one sentence."""


def step(name: str) -> None:
    """Say what is done now."""
    print(f"[{time.perf_counter() - BEGAN:5.0f} s] {name}", flush=True)


BEGAN = time.perf_counter()


def fetch_katex() -> Path:
    """The folder of KaTeX, fetched by npm if it is not there."""
    folder = NPM / "node_modules" / "katex"
    if not (folder / "dist" / "katex.js").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise BuildError("npm, which fetches KaTeX, is not installed (Debian: nodejs and npm).")
        NPM.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--prefix", NPM, "--no-audit", "--no-fund", KATEX], capture_output=True, text=True
        )
        if done.returncode:
            raise BuildError(f"npm could not fetch {KATEX}: {done.stderr.strip().splitlines()[-1]}")
    return folder


def check_claims() -> None:
    """Check all quick claims, and write what was found to build/claims.json; a claim that fails stops the build."""
    from scratchae.verify import run_apart, select

    results = list(run_apart(select(None), jobs=os.cpu_count()))
    rows = [{**asdict(result), "failed": result.failed} for result in results]
    failed = [row["claim"] for row in rows if row["failed"]]
    if failed:
        raise BuildError(f"{len(failed)} claims failed: {'; '.join(failed)}; see: scratchae check")
    _write_json(BUILD / "claims.json", rows)


def trace_examples() -> None:
    """Trace all tiny examples, and write them to build/traces.json."""
    try:
        from scratchae import tracing
    except ImportError:
        print("scratchae.tracing is not there: the pages show no numbers", file=sys.stderr)
        _write_json(BUILD / "traces.json", {})
        return
    _write_json(
        BUILD / "traces.json", {name: json.loads(tracing.tiny(name).to_json()) for name in tracing.tiny_names()}
    )


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")


def run_tutorials() -> None:
    """Run all tutorials as notebooks, two at a time; write notebooks and pages to build/tutorials."""
    import notebooks

    out = BUILD / "tutorials"
    shutil.rmtree(out, ignore_errors=True)
    folder = notebooks.prepare(ROOT / "tutorials", BUILD / "kernels")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    scripts = sorted((ROOT / "tutorials").glob("[0-9]*.py"))

    def one(script: Path) -> None:
        made = notebooks.run(script, folder)
        text = notebooks.page(made, script.stem, out / "figures")
        notebooks.write(made, script.stem, out / "notebooks")
        (out / f"{script.stem}.md").write_text(text, "utf-8")

    timed = [script for script in scripts if "matmul" in script.name]  # measures speed: alone
    for script in timed:
        one(script)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, [script for script in scripts if script not in timed]))
    notebooks.pack(out / "notebooks", sorted((ROOT / "tutorials").glob("_*.py")))


def documents() -> dict[str, str]:
    """Every Markdown page: file, from the root of the repository, to document."""
    found = {path.relative_to(ROOT).as_posix(): path.stem for path in sorted(DOCS.glob("*.md"))}
    found |= {
        f"docs/derivations/{path.name}": f"derivations/{path.stem}"
        for path in sorted((DOCS / "derivations").glob("*.md"))
    }
    found |= {
        f"tutorials/{path.name}": f"tutorials/{path.stem}" for path in sorted((ROOT / "tutorials").glob("[0-9]*.py"))
    }
    return found | ELSEWHERE


class Stage:
    """The pages as Sphinx reads them: those of the repository, line by line, with links that lead to pages of the site.

    Parameters
    ----------
    folder : path
        Where they are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.documents = folder, documents()
        self.files: set[str] = set()  # source files that pages link to
        self.problems: list[str] = []
        shutil.rmtree(folder, ignore_errors=True)

    def page(self, path: str) -> str:
        """Write a page of the repository; return its text."""
        text = self.relinked((ROOT / path).read_text("utf-8"), path, self.documents[path])
        self.write(self.documents[path], text)
        return text

    def write(self, document: str, text: str, ending: str = ".md") -> None:
        """Write a page."""
        target = self.folder / f"{document}{ending}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def relinked(self, text: str, path: str, document: str) -> str:
        """The text of a page with its links resolved; inside listings nothing is a link."""
        out, fenced = [], False
        for number, line in enumerate(text.split("\n"), 1):
            if FENCE.match(line):
                fenced = not fenced
            elif not fenced:
                line = "".join(
                    part
                    if part.startswith("`")
                    else LINK.sub(lambda found, n=number: self._link(found, path, document, n), part)
                    for part in re.split(r"(?<!\[)(`[^`]+`)(?!\])", line)
                )
            out.append(line)
        return "\n".join(out)

    def _link(self, found: re.Match[str], path: str, document: str, line: int) -> str:
        target, _, fragment = found["target"].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        goal = (ROOT / path).parent.joinpath(target).resolve()
        up = "../" * document.count("/")
        anchor = f"#{fragment}" if fragment else ""
        if not goal.exists() or not goal.is_relative_to(ROOT):
            self.problems.append(f"{path}:{line}: there is no {target}")
            return found[0]
        name = goal.relative_to(ROOT).as_posix()
        if name in FOLDERS:
            return f"{found['open']}{up}{FOLDERS[name]}{found['close']}"
        if goal.is_dir():
            found_index = [f"{name}/{index}" for index in ("README.md", "__init__.py") if (goal / index).exists()]
            if found_index:
                name = found_index[0]
            else:  # a page that lists its files
                self.files |= {
                    child.relative_to(ROOT).as_posix() for child in goal.glob("*.*") if child.suffix in LISTED
                }
        if name in self.documents:
            return f"{found['open']}{up}{self.documents[name]}.md{anchor}{found['close']}"
        if goal.suffix in (".png", ".svg"):
            copy = self.folder / "figures" / goal.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(goal, copy)
            return f"{found['open']}{up}figures/{goal.name}{found['close']}"
        self.files.add(name)
        return f"{found['open']}source:{name}{anchor}{found['close']}"


def reading_order(readme: str) -> list[str]:
    """The derivations in the order of their index."""
    return list(dict.fromkeys(re.findall(r"\]\((?:\.\./derivations/|\.\./)?(?:derivations/)?(\w+)\.md\)", readme)))


def toctree(names: list[str], caption: str = "") -> str:
    """A list of pages for the side bar, which the page itself does not show."""
    head = "```{toctree}\n:hidden:\n:maxdepth: 1\n" + (f":caption: {caption}\n" if caption else "")
    return "\n\n" + head + "\n" + "\n".join(names) + "\n```\n"


def side_bar(staged: Stage) -> str:
    """The lists of pages for the side bar."""
    placed = {name for names in SIDE_BAR.values() for name in names}
    left = [name for name in staged.documents.values() if "/" not in name and name not in placed and name != "index"]
    pages = {caption: list(names) for caption, names in SIDE_BAR.items()}
    pages["Read"] += left
    known = {*staged.documents.values(), "tutorials/index", "gallery", "api/index"}
    return "".join(toctree([name for name in names if name in known], caption) for caption, names in pages.items())


def stage() -> Stage:
    """Write all pages to build/source."""
    import api

    staged = Stage(STAGED)
    for path in staged.documents:
        if not path.startswith("tutorials/") and path not in ("docs/index.md", "docs/derivations/README.md"):
            staged.page(path)
    readme = staged.page("docs/derivations/README.md")
    order = [name for name in reading_order(readme) if (DOCS / "derivations" / f"{name}.md").exists()]
    left = [path.stem for path in sorted((DOCS / "derivations").glob("*.md")) if path.stem not in (*order, "README")]
    staged.write("derivations/README", readme + toctree(order + left))
    staged.write("index", staged.page("docs/index.md") + side_bar(staged))
    tutorials = sorted((BUILD / "tutorials").glob("*.md"))
    for path in tutorials:
        text = path.read_text("utf-8")
        staged.files.update(re.findall(r"\(source:([^)#]+)", text))
        staged.write(f"tutorials/{path.stem}", text)
    for folder in ("figures", "notebooks"):
        if (BUILD / "tutorials" / folder).exists():
            shutil.copytree(BUILD / "tutorials" / folder, STAGED / folder, dirs_exist_ok=True)
    gallery(staged)
    for name, text in api.pages():
        staged.write(name, text, ".rst")
    if staged.problems:
        raise BuildError("links that lead nowhere:\n" + "\n".join(staged.problems))
    return staged


def gallery(staged: Stage) -> None:
    """Write the index of the tutorials and the page with all figures."""
    scripts = sorted((ROOT / "tutorials").glob("[0-9]*.py"))
    rows, figures = (
        [],
        ["# Figures", "", "All figures of the tutorials and of the commands, as they are in the repository.", ""],
    )
    for script in scripts:
        title = re.search(r"^# # (?P<title>.*)$", script.read_text("utf-8"), re.MULTILINE)
        rows.append(f"* [{title['title'] if title else script.stem}]({script.stem}.md)")
    for path in sorted((ROOT / "figures").glob("*.png")):
        copy = STAGED / "figures" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            shutil.copy(path, copy)
        number = re.match(r"(\d\d)_", path.name)
        script = next((s for s in scripts if number and s.name.startswith(number[1])), None)
        words = re.sub(r"^\d+_", "", path.stem).replace("_", " ")
        source = f", [tutorial {number[1]}](tutorials/{script.stem}.md)" if script and number else ""
        figures += [f"## {words}{source}", "", f"![{words}](figures/{path.name})", ""]
    staged.write("gallery", "\n".join(figures))
    index = "# Tutorials\n\nEach page is a script that was run when this site was built: text, code, what it printed, and its figures.\n\n"
    staged.write("tutorials/index", index + "\n".join(rows) + toctree([script.stem for script in scripts]))


def run_sphinx(staged: Stage, katex: Path) -> None:
    """Run Sphinx; a warning is an error. Places in copied pages are reported as places in the repository."""
    from katex import copy_fonts

    static = BUILD / "static"
    shutil.rmtree(static, ignore_errors=True)
    copy_fonts(katex, static)
    shutil.rmtree(SITE, ignore_errors=True)
    environment = {**os.environ, "SCRATCHAE_ROOT": str(ROOT), "SCRATCHAE_BUILD": str(BUILD)}
    arguments = ["-b", "html", "-c", DOCS, "-d", BUILD / "doctrees", "-q", "-E", "-W", "--keep-going"]
    _write_json(BUILD / "files.json", sorted(staged.files))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, arguments), str(STAGED), str(SITE)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    back = {f"{STAGED / name}.md": path for path, name in staged.documents.items()}
    for line in done.stderr.splitlines():
        for copy, path in back.items():
            line = line.replace(copy, path)
        print(line, file=sys.stderr)
    if done.returncode:
        raise BuildError("Sphinx reported the warnings above; each is an error here.")


def coverage_report() -> tuple[str, bool]:
    """The report of the four-way links, and whether they are complete; claims and numbers are those of the last build."""
    import labels
    import weave
    from book import numbers_of

    pages = {name.removesuffix(".md"): text for name, text in weave.read_pages().items() if name != "README.md"}
    claims, traces = (_read(BUILD / f"{name}.json", otherwise) for name, otherwise in (("claims", []), ("traces", {})))
    if not claims:
        from scratchae.verify import CLAIMS

        claims = [{"equation": claim.equation, "claim": claim.name} for claim in CLAIMS.values()]
    return labels.coverage(labels.read_links(pages, weave.read_sources(), claims, numbers_of(traces, pages)))


def _read(path: Path, otherwise: Any) -> Any:
    return json.loads(path.read_text("utf-8")) if path.exists() else otherwise


def parts(reuse: bool) -> Iterator[tuple[str, Path, Any]]:
    """(what, its result, function) of what is made before the pages; with `reuse`, only what is not there."""
    every = [
        ("checking the claims", BUILD / "claims.json", check_claims),
        ("tracing the examples", BUILD / "traces.json", trace_examples),
        ("running the tutorials", BUILD / "tutorials" / "notebooks" / "tutorials.zip", run_tutorials),
    ]
    yield from (part for part in every if not (reuse and part[1].exists()))


def main(arguments: list[str] | None = None) -> int:
    """Build the site; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="Example: python docs/build.py")
    parser.add_argument("--reuse", action="store_true", help="take claims, traces and notebooks of an earlier build")
    parser.add_argument("--coverage", action="store_true", help="list labels without equation, line, claim or number")
    options = parser.parse_args(arguments)
    try:
        if options.coverage:
            if not (BUILD / "traces.json").exists():
                trace_examples()
            report, complete = coverage_report()
            print(report)
            return 0 if complete else 1
        katex = fetch_katex()
        for name, _, make in parts(options.reuse):
            step(name)
            make()
        step("writing the pages")
        run_sphinx(stage(), katex)
        print(coverage_report()[0])
        step("done: build/site/index.html")
    except (BuildError, RuntimeError) as error:
        print(f"docs/build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
