"""What of the hard data will give way because it clashes: said before the clearing, with the figures of the change."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.give_way import give_way
from clearing.case.give_way_step import Step
from clearing.case.predicates import CAP, left_out, shown
from clearing.rules.rules import Rules

CODES = {
    "must_run": ("MUST_RUN_GIVES_WAY", "must-run is given up: stronger data leave no way to run"),
    "min_up": ("MIN_UP_GIVES_WAY", "the min-up time (minutes) is lowered as far as stronger data ask"),
    "min_down": ("MIN_DOWN_GIVES_WAY", "the min-down time (minutes) is lowered as far as stronger data ask"),
    "start_lead": ("START_LEAD_GIVES_WAY", "the start lead time (minutes) is lowered as far as stronger data ask"),
    "ramp_up": ("RAMP_UP_GIVES_WAY", "the ramp up (here in MW a period) is raised as far as stronger data ask"),
    "ramp_down": ("RAMP_DOWN_GIVES_WAY", "the ramp down (here in MW a period) is raised as far as stronger data ask"),
    "startup_limit": ("STARTUP_LIMIT_GIVES_WAY", "the start-up limit is raised as far as stronger data ask"),
    "shutdown_limit": ("SHUTDOWN_LIMIT_GIVES_WAY", "the shut-down limit is raised as far as stronger data ask"),
    "fixed_output": ("FIXED_OUTPUT_GIVES_WAY", "the fixed output moves to the nearest that availability allows"),
    "storage_initial_energy": ("INITIAL_ENERGY_GIVES_WAY", "the initial energy moves to the nearest energy bound"),
    "storage_final_energy": ("FINAL_ENERGY_GIVES_WAY", "the final bound moves to the nearest energy within reach"),
    "storage_mode": ("STORAGE_MODE_GIVES_WAY", "the given mode is freed: with it the energy leaves its bounds"),
    "commitment": ("COMMITMENT_GIVES_WAY", "the commitment to be followed gives way: stronger data leave no way to it"),
    "virtual_ramp": ("VIRTUAL_RAMP_GIVES_WAY", "the ramp (here in MW a period) is raised as far as its limits ask"),
}
"""Code and text by family of a step."""


def given_way(case: Case, rules: Rules) -> list[Finding]:
    """One warning a datum that gives way, at the first period it concerns: value = as given, limit = as cleared."""
    steps: dict[tuple[str, int], list[Step]] = {}
    for step in give_way(case, rules)[1]:
        steps.setdefault((step.column, step.row), []).append(step)
    listed: dict[str, list[Finding]] = {}
    for group in steps.values():
        code, text = CODES[group[0].family]
        listed.setdefault(code, []).append(_finding(code, text, group))
    return [
        finding
        for code, found in listed.items()
        for finding in (*found[:CAP], *left_out(code, _column(found[0]), len(found) - CAP, Severity.WARNING))
    ]


def _finding(code: str, text: str, group: list[Step]) -> Finding:
    first = min(group, key=lambda step: step.period)
    return Finding(
        Severity.WARNING,
        code,
        f"case.{first.column}[{first.row}]",
        text + (f" (in {len(group)} periods)" if len(group) > 1 else ""),
        subject=first.subject,
        period=first.period,
        value=shown(first.before),
        limit=shown(first.after),
    )


def _column(finding: Finding) -> str:
    return finding.path.rsplit("[", 1)[0]
