"""How Sphinx makes the site from the pages of this folder: `tox run -e docs`."""

from pathlib import Path
from typing import Any

from docs import generate

project = "Invoice Conformance"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False


def setup(app: Any) -> None:
    """Print the reference from the code before the pages are read."""
    app.connect("builder-inited", lambda _: generate.write(Path(app.srcdir) / "generated"))
