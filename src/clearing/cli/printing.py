"""`clearing print`: a page as PDF or picture, by a Chromium that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from clearing.cli.ending import ending
from clearing.cli.output import errors
from clearing.cli.status import Exit, bad_input, failure

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FORMS = {".pdf": "--print-to-pdf", ".png": "--screenshot"}
SECONDS = 120.0
DRAWN_MILLISECONDS = 20_000  # of the page's own clock, which runs as fast as it can


def print_(
    page: Annotated[Path, typer.Argument(metavar="PAGE", help="A report, or any page of this house.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="FILE.pdf, or FILE.png of the page's top.")],
    language: Annotated[str, typer.Option(help="en or zh: which language to print.")] = "en",
    width: Annotated[int, typer.Option(min=200, max=8000, help="Of a picture, pixels.")] = 1400,
    height: Annotated[int, typer.Option(min=200, max=20000, help="Of a picture, pixels.")] = 1800,
) -> None:
    """Print PAGE. Exit: 0, 2 bad input, 1 no Chromium or it failed."""
    with ending(as_json=False):
        if not page.is_file():
            raise bad_input("FILE_NOT_FOUND", "There is no such file.", path=page.name)
        if out.suffix not in FORMS:
            raise bad_input("USAGE", "The file is a .pdf or a .png.", path="--out", value=out.name, limit=".pdf, .png")
        if language not in ("en", "zh"):
            raise bad_input("USAGE", "There is no such language.", path="--language", value=language, limit="en, zh")
        _print(page, out, language, (f"--window-size={width},{height}", "--hide-scrollbars"))
        errors().print(f"wrote {escape(str(out))}", soft_wrap=True)


def in_language(text: str, language: str) -> str:
    """The page with the language chosen: pages without scripts of their own know no other way."""
    if language == "en":
        return text
    return text.replace('id="english" checked>', 'id="english">', 1).replace(
        'id="chinese">', 'id="chinese" checked>', 1
    )


def browser() -> str | None:
    """Path of the Chromium that is installed; None where there is none."""
    return next((found for found in map(shutil.which, BROWSERS) if found), None)


def _print(page: Path, out: Path, language: str, window: tuple[str, ...]) -> None:
    program = browser()
    if program is None:
        message = "No Chromium is installed; a browser's own Print does the same."
        raise failure("ERROR", Exit.FAULT, message, path="chromium", code="NO_BROWSER")
    with tempfile.TemporaryDirectory(prefix="clearing-print-", ignore_cleanup_errors=True) as scratch:
        made, shown = Path(scratch) / out.name, Path(scratch) / "page.html"
        shown.write_text(in_language(page.read_text(encoding="utf-8", errors="replace"), language), encoding="utf-8")
        command = [
            program, "--headless=new", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={scratch}/profile", f"--lang={language}", f"--accept-lang={language}", *window,
            f"--virtual-time-budget={DRAWN_MILLISECONDS}", f"{FORMS[out.suffix]}={made}", shown.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses its sandbox to root
        try:
            ended = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise failure("ERROR", Exit.FAULT, "Chromium did not end.", path=page.name, code="NOT_PRINTED") from None
        if not made.is_file():
            message = f"Chromium printed nothing (exit {ended.returncode})."
            raise failure("ERROR", Exit.FAULT, message, path=page.name, code="NOT_PRINTED")
        shutil.copyfile(made, out)
