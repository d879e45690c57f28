"""The notebooks of docs/notebooks: Markdown with code, run in a kernel of their own.

python -m tests.docs.notebooks            runs all of them, and writes their pictures anew
python -m tests.docs.notebooks FOLDER     writes them to the folder, run, as .ipynb
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
SECONDS = 600
SVG = "image/svg+xml"


def sources() -> list[Path]:
    """All notebooks."""
    return sorted(FOLDER.glob("*.md"))


def executed(source: Path) -> Any:
    """The notebook with its outputs, run where it lies; raises what a cell raises."""
    import jupytext  # noqa: PLC0415  # of the extra dev, as are the next ones
    from nbclient import NotebookClient  # noqa: PLC0415

    notebook = jupytext.read(source, fmt="md")
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    return notebook


def pictures(notebook: Any) -> list[str]:
    """SVG among the outputs."""
    outputs = (out for cell in notebook.cells for out in cell.get("outputs", ()))
    return [out["data"][SVG] for out in outputs if SVG in out.get("data", {})]


def main(arguments: list[str]) -> None:
    """See above."""
    import nbformat  # noqa: PLC0415

    for source in sources():
        done = executed(source)
        own = FOLDER / f"{source.stem}.svg"
        if arguments:
            Path(arguments[0]).mkdir(parents=True, exist_ok=True)
            nbformat.write(done, Path(arguments[0]) / f"{source.stem}.ipynb")
        elif own.name in source.read_text(encoding="utf-8"):
            own.write_text(pictures(done)[-1], encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
