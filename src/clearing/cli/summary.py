"""The compact summary of a run for people, on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.cli.output import show_findings
from clearing.cli.status import Exit, outcome
from clearing.report.about import About
from clearing.report.facts import REASONS
from clearing.report.kpis import kpis
from clearing.report.tables import violation_table
from clearing.report.values import amount, percent

MOST_VIOLATIONS = 8
TONES = {Exit.OK: "green", Exit.NO_SOLUTION: "yellow", Exit.AUDIT_FAILED: "red"}


def show_answer(console: Console, case: Case, result: ClearingResult, about: About) -> None:
    """How it ended, the headline figures, what is violated, what the audit found."""
    status, code = outcome(result)
    ending = result.termination
    console.print(f"[bold {TONES[code]}]{status}[/]  {escape(case.name)}  {case.horizon.operating_day}")
    console.print(REASONS[ending.reason] + (f" {escape(ending.detail)}" if ending.detail else ""))
    grid = Table.grid(padding=(0, 3))
    grid.add_row("objective", amount(ending.objective, 2), "")
    grid.add_row("bound", amount(ending.bound, 2), ending.bound_kind.name)
    grid.add_row("gap", percent(ending.gap, 4), f"asked {percent(ending.gap_asked, 4)}")
    for tile in kpis(case, result):
        grid.add_row(tile.name.lower(), f"{tile.value} {tile.unit}".strip(), tile.note)
    console.print(grid)
    if result.violations:
        table = violation_table(case, result.violations)
        shown = Table(*(escape(head) for head in table.heads), box=None, header_style="bold", pad_edge=False)
        for row in table.rows[:MOST_VIOLATIONS]:
            shown.add_row(*(escape(cell) for cell in row))
        console.print(shown)
        if len(table.rows) > MOST_VIOLATIONS:
            console.print(f"… and {len(table.rows) - MOST_VIOLATIONS} more limits")
    show_findings(console, result.audit)
    show_findings(console, [note for note in result.notes if note.severity is Severity.WARNING])
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in about.stage_seconds)
    wall = f"{about.wall_seconds:.2f} s" if about.wall_seconds is not None else "–"
    console.print(f"[dim]{wall} in the worker ({stages}); request {escape(about.request_id) or '–'}[/]")


def show_files(console: Console, files: Sequence[Path]) -> None:
    """Where the files of a run were written."""
    if files:
        console.print(f"[dim]wrote {len(files)} files to {escape(str(files[0].parent))}[/]", soft_wrap=True)
