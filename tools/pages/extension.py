"""Sphinx extension: pages written from the code before pages are read, and this repository's links and docstrings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

from tools.pages import case_tables, commands, docstrings, protos

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[([^\]]*)\]\((\.\.?/[^)#\s]*)(#[^)]*)?\)")
MESSAGE = re.compile(r"(clearing\.v1)\.\w+_pb2\.(\w+)")


def write(folder: Path) -> None:
    """Write every generated page below a folder, those that changed only, and remove what is left of earlier ones."""
    made = {folder / "protos" / f"{name}.md": text for name, text in protos.pages(ROOT / "proto").items()}
    made[folder / "command-line.md"] = commands.page()
    made[folder / "case-tables.md"] = case_tables.page()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for left in set(folder.rglob("*.md")) - set(made):
        left.unlink()


def name_what_is_outside(text: str, page: Path, pages: Path) -> str:
    """Links of a page to files of the repository that are no pages, as text that names the file."""

    def named(link: re.Match[str]) -> str:
        target = (page.parent / link[2]).resolve()
        if target.is_relative_to(pages):
            return link[0]
        where = f"`{target.relative_to(ROOT)}`"
        return where if link[1] in {str(target.relative_to(ROOT)), target.name} else f"{link[1]} ({where})"

    return LINK.sub(named, text)


def _write_pages(app: Sphinx) -> None:
    write(Path(app.srcdir) / "generated")


def _read_page(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = name_what_is_outside(source[0], Path(app.env.doc2path(name)), Path(app.srcdir))


def _read_docstring(_app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    lines[:] = docstrings.rst(lines)


def _brief_signature(
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    return signature and docstrings.brief(signature), returned


def _message(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: Element) -> Element | None:
    """A generated message that a signature names leads to the API reference."""
    found = MESSAGE.fullmatch(node.get("reftarget", ""))
    if found is None:
        return None
    place = env.domains.standard_domain.anonlabels.get(f"{found[1]}.{found[2]}".lower())
    return place and make_refnode(app.builder, node["refdoc"], place[0], place[1], shown)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write_pages)
    app.connect("source-read", _read_page)
    app.connect("autodoc-process-docstring", _read_docstring)
    app.connect("autodoc-process-signature", _brief_signature)
    app.connect("missing-reference", _message)
    return {"parallel_read_safe": True}
