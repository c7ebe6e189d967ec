"""Settings of Sphinx. `python docs/build.py` makes what they name, and runs it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(os.environ.get("SCRATCHAE_ROOT", Path(__file__).resolve().parents[1]))
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext")]
BUILD = Path(os.environ.get("SCRATCHAE_BUILD", ROOT / "build"))

project = "scratchae"
author = "the authors of scratchae"
copyright = author
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "sphinx.ext.linkcode", "sphinx_copybutton", "book"]
exclude_patterns = ["_*"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
smartquotes = False

# Markdown as GitHub reads it.
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = {"math"}
myst_heading_anchors = 4
myst_url_schemes = {"http": None, "https": None, "mailto": None, "source": None}
myst_links_external_new_tab = False

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = "scratchae"
html_static_path = [str(BUILD / "static"), str(ROOT / "docs" / "_static")]
html_css_files = ["katex.min.css", "book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_math_renderer = "book"
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a browser does not read other files beside a page that is a file
html_permalinks_icon = "#"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
copybutton_selector = "div.highlight > pre:not(.proof pre)"
html_theme_options = {"navigation_with_keys": False}

book_data = str(BUILD)
book_files = json.loads((BUILD / "files.json").read_text("utf-8")) if (BUILD / "files.json").exists() else []
book_katex = str(BUILD / "npm" / "node_modules" / "katex")


def linkcode_resolve(domain: str, info: dict[str, str]) -> str | None:
    """The page of the source of a documented name."""
    from api import source_of

    return source_of(info, ROOT) if domain == "py" and info["module"] else None
