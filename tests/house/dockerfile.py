"""A Dockerfile as data, and what is wrong with it. No Docker needed."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+\.\d+[a-z0-9.-]*(@sha256:[0-9a-f]{64})?")
SECRET = re.compile(r"(?i)(password|passwd|secret|token|api_?key|private_?key)\s*[=:]")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its line in the file, upper-case name, and everything behind it on one line."""

    line: int
    name: str
    text: str


def parse(source: str) -> list[Instruction]:
    """Instructions of a Dockerfile, continuation lines joined, comments dropped."""
    found: list[Instruction] = []
    parts: list[str] = []
    first = 0
    for number, line in enumerate(source.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        first = first if parts else number
        parts.append(stripped.removesuffix("\\").strip())
        if not stripped.endswith("\\"):
            name, _, text = " ".join(parts).partition(" ")
            found.append(Instruction(first, name.upper(), text))
            parts = []
    return found


def stages(instructions: list[Instruction]) -> list[list[Instruction]]:
    """The instructions cut at every FROM."""
    cut: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            cut.append([])
        cut[-1].append(instruction)
    return cut


def copied_paths(instruction: Instruction) -> list[str]:
    """Sources in the build context that a COPY names; none when it copies from another stage."""
    words = shlex.split(instruction.text)
    if any(word.startswith("--from=") for word in words):
        return []
    return [word for word in words if not word.startswith("--")][:-1]


def in_context(path: str, ignore: str) -> bool:
    """Whether .dockerignore leaves a path in the build context; the last pattern that matches decides."""
    kept = True
    for line in ignore.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keeps = pattern.startswith("!")
        bare = pattern.removeprefix("!").removeprefix("./")
        if fnmatch.fnmatch(path, bare) or path.startswith(bare + "/"):
            kept = keeps
    return kept


def problems(source: str, root: Path) -> list[str]:
    """Everything wrong with a Dockerfile whose build context is `root`, one sentence each."""
    instructions = parse(source)
    last = stages(instructions)[-1]
    return [*_bases(instructions), *_copies(instructions, root), *_habits(instructions), *_runtime(last)]


def _bases(instructions: list[Instruction]) -> list[str]:
    froms = [i for i in instructions if i.name == "FROM"]
    found = [] if len(froms) >= 2 else ["there is one stage only: build tools would be in the image"]
    return found + [
        f"line {i.line}: base is not pinned: {i.text}" for i in froms if not PINNED.match(i.text.split()[0])
    ]


def _copies(instructions: list[Instruction], root: Path) -> list[str]:
    ignore = (root / ".dockerignore").read_text(encoding="utf-8")
    found = []
    for instruction in (i for i in instructions if i.name == "COPY"):
        for path in copied_paths(instruction):
            if not (root / path).exists() or path in (".", "./"):
                found.append(f"line {instruction.line}: COPY of a path that does not exist or is everything: {path}")
            elif not in_context(path.removeprefix("./"), ignore):
                found.append(f"line {instruction.line}: COPY of a path that .dockerignore leaves out: {path}")
    return found


def _habits(instructions: list[Instruction]) -> list[str]:
    found = [f"line {i.line}: ADD fetches and unpacks; use COPY" for i in instructions if i.name == "ADD"]
    for instruction in instructions:
        if instruction.name in ("ENV", "ARG", "RUN", "LABEL") and SECRET.search(instruction.text):
            found.append(f"line {instruction.line}: looks like a secret")
        if instruction.name != "RUN":
            continue
        if "pip install" in instruction.text and not re.search(r"--require-hashes|--no-index", instruction.text):
            found.append(f"line {instruction.line}: pip install without hashes")
        if re.search(r"\b(curl|wget|sudo)\b", instruction.text):
            found.append(f"line {instruction.line}: downloads or sudo in RUN")
    return found


def _runtime(last: list[Instruction]) -> list[str]:
    named = {i.name: i for i in last}
    found = [
        f"the last stage has no {name}" for name in ("USER", "HEALTHCHECK", "ENTRYPOINT", "LABEL") if name not in named
    ]
    if "USER" in named and named["USER"].text.split(":")[0] in ("root", "0"):
        found.append("the image runs as root")
    for name in ("ENTRYPOINT", "CMD"):
        if name in named and not _is_exec_form(named[name].text):
            found.append(f"line {named[name].line}: {name} through a shell, so signals do not reach the server")
    environment = " ".join(i.text for i in last if i.name == "ENV")
    for setting in ("NUMBA_CACHE_DIR=", "NUMBA_CPU_NAME=generic"):
        if setting not in environment:
            found.append(f"the last stage does not set {setting}")
    return found


def _is_exec_form(text: str) -> bool:
    try:
        words = json.loads(text)
    except ValueError:
        return False
    return isinstance(words, list) and all(isinstance(word, str) for word in words)
