"""Runs the console blocks of a page in a shell. As a module: writes what the commands print into docs/tutorial.md.

A page is a session: its `console` blocks run in order in one bash, in a folder that holds `scenarios`; a `python`
block whose first line is a comment with a file name becomes that file. Standard output and error of a command stand
below it as a terminal shows them, without the lines of progress.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from math import isclose
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
PORT = "50051"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRESS = re.compile(r"^(decode|form|commit|dispatch|price|audit|encode) +\d+\.\d s\b.*\n", re.MULTILINE)
VARIES = (  # what a comparison lets pass
    (re.compile(r"\ufeff"), ""),  # mark at the head of a CSV file
    (re.compile(r"\d+\.\d+ s in the worker \([^)]*\)"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "ID"),  # request ids and digests
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page with what the page says it prints, and the line it stands in."""

    line: int
    typed: str
    printed: str


def commands(page: str) -> list[Command]:
    """Commands of all console blocks, in order."""
    found = []
    for block in BLOCK.finditer(page):
        if block[1] == "console":
            first = page.count("\n", 0, block.start(2)) + 1
            lines = block[2].splitlines()
            starts = [n for n, line in enumerate(lines) if line.startswith("$ ")]
            for n, after in zip(starts, [*starts[1:], len(lines)], strict=True):
                found.append(Command(first + n, lines[n][2:], "\n".join(lines[n + 1 : after])))
    return found


def run(page: str, folder: Path) -> list[str]:
    """What each command prints. The port of the page gives way to a free one, and comes back in the output."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    for block in BLOCK.finditer(page):
        if block[1] == "python":
            name = block[2].partition("\n")[0].removeprefix("# ")
            (folder / name).write_text(block[2].replace(PORT, port), encoding="utf-8")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    script = "".join(
        f"exec >.out.{n} 2>&1\n(exit ${{last:-0}})\n{command.typed.replace(PORT, port)}\nlast=$?\n"
        for n, command in enumerate(commands(page))
    )
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = os.environ | {"PATH": search, "COLUMNS": "100", "NO_COLOR": "1"}
    subprocess.run(["bash", "-c", script + "exit 0"], cwd=folder, env=known, timeout=300, check=True)
    outputs = [(folder / f".out.{n}").read_text(encoding="utf-8") for n in range(len(commands(page)))]
    return [PROGRESS.sub("", output).replace(port, PORT) for output in outputs]


def same(printed: str, output: str) -> bool:
    """Whether two outputs say the same: words equal, numbers equal to nine digits, whatever varies apart."""
    left, right = _words(printed), _words(output)
    return len(left) == len(right) and all(map(_equal, left, right))


def _words(text: str) -> list[str]:
    for pattern, name in VARIES:
        text = pattern.sub(name, text)
    return re.split(r"[\s,]+", text.strip())


def _equal(left: str, right: str) -> bool:
    try:
        return left == right or isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


def filled(page: str, outputs: list[str]) -> str:
    """The page with these outputs below its commands."""
    waiting = iter(outputs)

    def block(found: re.Match[str]) -> str:
        if found[1] != "console":
            return found[0]
        typed = [line for line in found[2].splitlines() if line.startswith("$ ")]
        shown = "".join(f"{line}\n{_tidy(next(waiting))}" for line in typed)
        return f"```console\n{shown}```"

    return BLOCK.sub(block, page)


def _tidy(output: str) -> str:
    lines = [line.rstrip() for line in output.removeprefix("\ufeff").rstrip().splitlines()]
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(filled(page, run(page, Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
