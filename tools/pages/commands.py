"""The reference of the command line, as Typer writes it from the commands."""

from __future__ import annotations

import subprocess
import sys

TYPER = ("-m", "typer", "clearing.cli.main", "utils", "docs", "--name", "clearing", "--title", "Command line")


def page() -> str:
    """The page as Markdown; raises CalledProcessError when the commands cannot be read."""
    command = [sys.executable, *TYPER]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
