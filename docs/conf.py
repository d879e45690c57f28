"""The documentation site (`make docs`): these pages as they are, and what is written from the code (tools/pages)."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # tools

project = "clearing"
author = "the authors of clearing"
version = release = installed("clearing")
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "tools.pages.extension"]
root_doc = "index"
exclude_patterns = ["README.md"]  # the list of pages for readers of the repository; here the tables of index.md

myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [  # pages of others, and stubs that no caller makes
    ("py:.*", r"(collections|datetime|enum|grpc|numpy|pandas|pathlib|types|typing)\..*"),
    ("py:.*", r"clearing\.v1\.\w+_pb2_grpc\..*"),
]
highlight_language = "text"  # formulae and output; code says what it is

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 100

html_theme = "furo"  # brings its own fonts and scripts: a page asks nothing of another host
html_title = f"clearing {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
