"""`clearing bench`: solvers and formulations on the readable models, and the production path, on the same case."""

from __future__ import annotations

import json as json_
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from clearing.bench import picture
from clearing.bench.rows import PRODUCTION, Row, disagreements, medians, spread, write_csv
from clearing.bench.variants import CostCurve, Limits, Ramps, StartCost, Variants, every, one_at_a_time
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.cli.about import about_answer
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, Rules, RuleValues
from clearing.cli.ending import ending
from clearing.cli.files import prepare_folder, read_case, words_in
from clearing.cli.output import emit, errors, show_findings
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.specification import opening
from clearing.cli.status import Exit, bad_input
from clearing.client import ClearingError
from clearing.export.searched import searched
from clearing.rules.load import load
from clearing.solve.options import LastStage, SolveOptions

SOLVERS = ("highs", "scip", "cbc", PRODUCTION)
MOST_BROKEN = 1e-4
LEAST_WIDTH = 110
"""Columns of the table: figures are not cut for a narrower terminal."""


def bench(
    case: CasePath,
    solver: Annotated[
        list[str] | None,
        typer.Option(
            help="production, a solver of Pyomo, or FILE.py:CLASS; repeat. Default: highs, scip, cbc, production."
        ),
    ] = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    start_cost: Annotated[list[StartCost] | None, typer.Option(help="Formulation of start costs; repeat.")] = None,
    ramps: Annotated[list[Ramps] | None, typer.Option(help="Formulation of ramps; repeat.")] = None,
    limits: Annotated[list[Limits] | None, typer.Option(help="Output after starts, before stops; repeat.")] = None,
    cost_curve: Annotated[list[CostCurve] | None, typer.Option(help="Formulation of offer blocks; repeat.")] = None,
    each_variant: Annotated[
        bool, typer.Option("--each-variant", help="Every formulation that departs from the default, one at a time.")
    ] = False,
    lp_bounds: Annotated[
        bool, typer.Option("--lp-bounds", help="Also the LP relaxation of every formulation.")
    ] = False,
    gap: Annotated[float, typer.Option(min=0.0, max=0.999999, help="Relative gap to stop at.")] = 1e-4,
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds of a search.")] = 300.0,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each solver.")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each.")] = 1,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Relative: how far a bound may lie above an objective.")
    ] = 1e-6,
    out: Annotated[Path | None, typer.Option(help="Folder for bench.csv, bench.json and bench.svg.")] = None,
    language: Annotated[str, typer.Option(help="en or zh: words of the picture.")] = "en",
    json: AsJson = False,
) -> None:
    """Solve CASE's unit commitment by several solvers and formulations: objective, bound, gap, seconds, nodes.

    Exit: 0 no run contradicts another, 2 bad input, 3 no run found a schedule, 4 runs contradict each other.
    """
    with ending(json):
        variants = every(start_cost or [], ramps or [], limits or [], cost_curve or [])
        if each_variant:
            if len(variants) > 1 or variants[0].name != "default":
                raise bad_input("USAGE", "Either all formulations or those named.", path="--each-variant")
            variants = list(one_at_a_time())
        overrides = pairs(set or (), "--set")
        table = read_case(case, format, pairs(option or (), "--option"))
        say = words_in(language)
        if out is not None:
            prepare_folder(out)
        asked = _Asked(table, rules, overrides, tuple(variants), gap, time_limit, threads, repeat)
        rows, relaxed = list[Row](), dict[str, float | None]()
        for name in dict.fromkeys(solver or SOLVERS):
            missing = lp_bounds and not any(relaxed.values())
            for one in asked.production() if name == PRODUCTION else asked.specification(name, missing):
                relaxed[one.variant] = bound = one.lp_bound or relaxed.get(one.variant)
                row = replace(one, lp_bound=bound)
                rows.append(row)
                if not json:
                    errors().print(_line(row), markup=False, soft_wrap=True)
        wrong = disagreements(rows, tolerance, MOST_BROKEN)
        tree: dict[str, Any] = {
            "status": _ended(rows, wrong)[0], "case": table.name, "gap_asked": gap, "disagreements": wrong,
            "runs": [row.tree() for row in rows],
        }  # fmt: skip
        files = [] if out is None else _write(out, rows, tree, table.name, say)
        if json:
            emit({**tree, "files": [file.name for file in files]})
        else:
            _show(rows, wrong, files)
        raise typer.Exit(_ended(rows, wrong)[1])


class _Asked:
    """What every solver is asked for."""

    def __init__(
        self, case: Case, rules: str, overrides: dict[str, str], variants: tuple[Variants, ...], gap: float,
        seconds: float, threads: int, repeats: int,
    ) -> None:  # fmt: skip
        self._case, self._variants = case, variants
        self._gap, self._seconds, self._threads, self._repeats = gap, seconds, threads, repeats
        self._name, _, self._version = rules.partition("@")
        self._overrides = overrides
        self._rules = load(self._name, self._version, overrides)
        self._searched = searched(case, self._rules)

    def specification(self, solver: str, lp_bounds: bool) -> Iterator[Row]:
        """Runs of a solver on the readable models."""
        with opening():
            from models import bench as readable  # noqa: PLC0415  # decision 0024: a checkout or wheel with the models
            from models.solvers import Limits as Budget  # noqa: PLC0415
        budget = Budget(self._gap, self._seconds, self._threads)
        task = readable.Task(self._searched, self._rules, solver, self._variants, budget, self._repeats, lp_bounds)
        yield from readable.runs(task)

    def production(self) -> Iterator[Row]:
        """Runs of the server's search, its dispatch included; its own formulation whatever variants are asked for."""
        options = SolveOptions(time_limit_seconds=self._seconds, gap=self._gap, last_stage=LastStage.DISPATCH)
        with connected(None, self._threads) as client:
            rule_sets = client.list_rule_sets()
            for run in range(1, self._repeats + 1):
                started = time.perf_counter()
                try:
                    answer = client.clear_day_ahead(
                        self._case, rules=self._name, version=self._version, overrides=self._overrides, options=options
                    )
                except ClearingError as error:
                    if getattr(error, "findings", ()):
                        raise
                    yield Row(PRODUCTION, "", run, "failed", note=str(error))
                    continue
                end, wall = answer.result.termination, time.perf_counter() - started
                passed = {True: "audit passed", False: "AUDIT FAILED", None: "not audited"}[answer.result.audit_passed]
                stages = ", ".join(
                    f"{stage} {took:.2f}" for stage, took in about_answer(answer, rule_sets).stage_seconds
                )
                yield Row(
                    PRODUCTION, "", run, end.reason.name.lower(), end.objective, end.bound, solve_seconds=wall,
                    note=f"{passed}; bound: {end.bound_kind.name.lower()}; seconds of stages: {stages}",
                )  # fmt: skip


def _ended(rows: list[Row], wrong: list[str]) -> tuple[str, Exit]:
    if wrong:
        return "DISAGREEMENT", Exit.AUDIT_FAILED
    if all(row.objective is None for row in rows):
        return "NO_SOLUTION", Exit.NO_SOLUTION
    return "OK", Exit.OK


def _write(out: Path, rows: list[Row], tree: dict[str, Any], name: str, say: Callable[[str], str]) -> list[Path]:
    files = [out / "bench.csv", out / "bench.json"]
    write_csv(files[0], rows)
    files[1].write_text(json_.dumps(tree, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if picture.can_draw():
        files.append(out / "bench.svg")
        picture.draw(files[2], rows, name, say)
    else:
        errors().print("matplotlib is not installed, so no picture: pip install 'clearing[bench]'", soft_wrap=True)
    return files


def _show(rows: list[Row], wrong: list[str], files: list[Path]) -> None:
    console = Console(highlight=False, emoji=False, width=max(Console().width, LEAST_WIDTH))
    several, bounded = any(row.run > 1 for row in rows), any(row.lp_bound is not None for row in rows)
    heads = ["solver", "formulation", "status", "objective", "bound", "gap", "form s", "solve s", "nodes"]
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for head in (*heads, *(["LP bound"] if bounded else [])):
        # figures are not cut; what is long takes several lines
        long = head in ("formulation", "status")
        table.add_column(head, no_wrap=not long, overflow="fold", min_width=len("default") if long else None)
    for row in medians(rows):
        reach = spread(rows, row)
        seconds = "–" if reach is None else f"{reach[1]:.2f}" + (f" ({reach[0]:.2f}–{reach[2]:.2f})" if several else "")
        cells = [row.solver, row.variant or "its own", row.status, _number(row.objective, ",.2f"),
                 _number(row.bound, ",.2f"), _number(row.gap, ".1e"), _number(row.form_seconds, ".2f"), seconds,
                 _number(row.nodes, "d")]  # fmt: skip
        table.add_row(*cells, *([_number(row.lp_bound, ",.2f")] if bounded else []))
    console.print(table)
    for file in files:
        console.print(f"wrote {file}", markup=False, soft_wrap=True)
    if wrong:
        errors().print("[bold red]DISAGREEMENT[/]: what cannot all be true of one problem")
        show_findings(errors(), [Finding(Severity.ERROR, "DISAGREEMENT", "", text) for text in wrong])


def _line(row: Row) -> str:
    told = "" if row.objective is None else f" {row.objective:.2f}"
    more = f" ({row.note})" if row.note else ""
    return f"{row.solver} {row.variant} run {row.run}: {row.status}{told}{more}"


def _number(value: float | int | None, how: str) -> str:
    return "–" if value is None else format(value, how)
