"""What the README shows can be typed: commands and options exist, and the Python example runs against a server."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from clearing.cli.main import app
from clearing.server.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].split(maxsplit=1)[1]
    for line in README.splitlines()
    if line.startswith(".venv/bin/clearing ")
]


def test_readme_opens_with_the_two_commands() -> None:
    first = [line.split()[:2] for line in README.splitlines()[:8] if line.startswith("make ")]
    assert first == [["make", "demo"], ["make", "test"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_options_in_the_readme_exist(command: str) -> None:
    words = shlex.split(command)
    known, names = typer.main.get_command(app).commands[words[0]], words[:1]  # type: ignore[attr-defined]
    if hasattr(known, "commands"):  # a group: the command is the second word
        known, names = known.commands[words[1]], words[:2]
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in words[1:] if word.startswith("-")} <= options
    assert CliRunner().invoke(app, [*names, "--help"]).exit_code == 0


@pytest.mark.slow
def test_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    example = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example) == 1
    monkeypatch.chdir(ROOT)
    with EmbeddedServer(workers=1, threads=1) as server:
        source = example[0].replace('"127.0.0.1:50051"', repr(server.address))
        assert source != example[0]
        exec(compile(source, "README.md", "exec"), {"__name__": "readme"})
    assert re.match(r"\d+\.?\d* \[\[", capsys.readouterr().out)
