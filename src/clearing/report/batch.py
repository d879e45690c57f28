"""The page of a batch: how its runs ended, costs, gaps and prices of all of them, in one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.report.figures.plot import Plot, Section, bars, steps, time_layout
from clearing.report.kpis import Kpi
from clearing.report.pages import environment
from clearing.report.scripts import dressing
from clearing.report.tables import Table, table
from clearing.report.values import amount, percent, plot_name

Row = Mapping[str, Any]
MOST_PLOTTED = 3000


def render(told: Mapping[str, Any], figures: Sequence[tuple[str, str]], runs: Sequence[tuple[str, Row]]) -> str:
    """HTML of the page.

    told      summary.json
    figures   what it counts, as people read it
    runs      name and row of results.parquet of every finished run, in the order of the manifest
    """
    return (
        environment()
        .get_template("batch.html.j2")
        .render(
            name=told["name"],
            headline=f"{told['finished']} of {told['runs']} runs are finished.",
            kpis=_tiles(told),
            figures_table=table(("Figure", "Value"), list(figures), {1}, ""),
            reasons=table(
                ("Reason", "Runs"), [(r, str(n)) for r, n in told["reasons"].items()], {1}, "No run is finished."
            ),
            plots_of_runs=_plots(runs),
            runs=_run_table(runs),
            failures=_failure_table(told["failures"]),
            audit_failed=_names(told["audit_failed"], "Every audit passed."),
            gap_missed=_names(told["gap_missed"], "Every run reached its gap."),
            provenance=[part.split("=", 1) for part in told["versions"].split()],
            others=[(part, f"{count} runs") for part, count in told["other_versions"].items()],
            **dressing(),
        )
    )


def _tiles(told: Mapping[str, Any]) -> list[Kpi]:
    def bad(count: int) -> str:
        return "bad" if count else "good"

    failed, audit, missed = told["failed"], len(told["audit_failed"]), len(told["gap_missed"])
    return [
        Kpi("Finished", amount(told["finished"]), f"of {amount(told['runs'])} runs"),
        Kpi("Without an answer", amount(failed), tone=bad(failed)),
        Kpi("Audit failed", amount(audit), tone=bad(audit)),
        Kpi("Gap missed", amount(missed), f"largest gap {percent(told['gap_max'], 3)}", tone="bad" if missed else ""),
        Kpi("With violations", amount(told["with_violations"])),
        Kpi("Sum of costs", amount(told["objective_sum"])),
        Kpi("Runs an hour", amount(told["runs_per_hour"])),
    ]


def _plots(runs: Sequence[tuple[str, Row]]) -> Section:
    if not runs:
        return Section(note="No run is finished.")
    if len(runs) > MOST_PLOTTED:
        return Section(note=f"No plots: {amount(len(runs))} runs are more than {amount(MOST_PLOTTED)}.")
    names = tuple(plot_name(name) for name, _ in runs)

    def column(key: str) -> Floats:
        return np.array([np.nan if row[key] is None else row[key] for _, row in runs], dtype=np.float64)

    cost = Plot(
        "Objective by run", [bars(names, column("objective"), "Objective", "accent")], time_layout(names, "money", 12),
        legend=False,
    )  # fmt: skip
    gap = Plot(
        "Gap by run", [bars(names, 100.0 * column("gap"), "Gap, %", "muted", digits=4)], time_layout(names, "%", 12),
        legend=False,
    )  # fmt: skip
    prices = [("price_min", "Lowest price", "muted"), ("price_mean", "Mean price", "accent"),
              ("price_max", "Highest price", "bad")]  # fmt: skip
    lines = [steps(names, column(key), name, role) for key, name, role in prices]
    return Section([cost, gap, Plot("Prices by run", lines, time_layout(names, "per MWh", 12))])


def _run_table(runs: Sequence[tuple[str, Row]]) -> Table:
    heads = ("Run", "Day", "Ended", "Objective", "Gap", "Audit", "Violations", "Starts", "Mean price")
    rows = [
        (
            name,
            row["operating_day"],
            row["reason"],
            amount(row["objective"], 2),
            percent(row["gap"], 4),
            "passed" if row["audit_passed"] is True else "failed",
            amount(row["violations"]),
            amount(row["starts"]),
            amount(row["price_mean"], 2),
        )
        for name, row in runs
    ]
    return table(heads, rows, {3, 4, 6, 7, 8}, "No run is finished.")


def _failure_table(failures: Sequence[Mapping[str, Any]]) -> Table:
    """The last finding of every run without an answer."""
    rows = []
    for failure in failures:
        last = failure["findings"][-1] if failure["findings"] else {"code": "", "path": "", "message": ""}
        rows.append((failure["run"], last["code"], last["path"], last["message"]))
    return table(("Run", "Code", "Where", "Message"), rows, set(), "Every run has an answer.")


def _names(runs: Sequence[str], empty: str) -> Table:
    return table(("Run",), [(run,) for run in runs], set(), empty)
