"""docs/tutorial.md: every command is run, in order, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.tutorial import PAGE, commands, filled, run, same

TUTORIAL = PAGE.read_text(encoding="utf-8")
COMMANDS = commands(TUTORIAL)
SMALL = "```console\n$ echo one\none\n$ false\n$ echo $? 50051\n1 50051\n```\ntext\n```console\n$ cat said.py\n```\n"
SCRIPT = "```python\n# said.py\nprint(1)\n```\n"


@pytest.mark.slow
def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    outputs = run(TUTORIAL, tmp_path)
    differ = [
        f"docs/tutorial.md:{command.line}: $ {command.typed}\n--- page\n{command.printed}\n--- command\n{output}"
        for command, output in zip(COMMANDS, outputs, strict=True)
        if not same(command.printed, output)
    ]
    assert differ == []
    assert (tmp_path / "out" / "base" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "difference.html").stat().st_size > 10_000


def test_the_tutorial_goes_the_whole_way() -> None:
    words = {command.typed.split()[1] for command in COMMANDS if command.typed.startswith("clearing ")}
    assert words >= {"scenario", "validate", "run", "explain", "audit", "compare", "report", "serve"}
    assert "make demo\n" in TUTORIAL


def test_a_page_is_one_session(tmp_path: Path) -> None:
    """State, exit codes and files go from command to command; the port comes back as the page has it."""
    outputs = run(SCRIPT + SMALL, tmp_path)
    assert outputs == ["one\n", "", "1 50051\n", "# said.py\nprint(1)\n"]
    assert filled(SMALL, outputs) == SMALL.replace("said.py\n```", "said.py\n# said.py\nprint(1)\n```")
    assert [(command.line, command.typed) for command in commands(SMALL)] == [
        (2, "echo one"), (4, "false"), (5, "echo $? 50051"), (10, "cat said.py"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "output"),
    [
        ("cost 6,210.00", "cost   6,210.00\n"),
        ("G1,3750.0", "G1,3750.0000000000005"),
        ("0.92 s in the worker (decode 0.43,\nform 0.04)", "1.10 s in the worker (decode 0.03, form 0.04)"),
        ("request " + "0" * 32, "request " + "a1" * 16),
    ],
)
def test_what_a_comparison_lets_pass(printed: str, output: str) -> None:
    assert same(printed, output)


@pytest.mark.parametrize(
    ("printed", "output"),
    [
        ("cost 6,210.00", "cost 6,210.01"),
        ("G1,3750.0", "G1,3750.001"),
        ("VALID 0 findings", "VALID 1 findings"),
        ("one", "one two"),
        ("", "warning"),
        ("0.92 s in the worker (decode 0.43)", ""),
    ],
)
def test_what_it_does_not(printed: str, output: str) -> None:
    assert not same(printed, output)
