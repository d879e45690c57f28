"""`clearing export`: the problem of a case for other solvers, and its schedule for a study of alternating current."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from clearing.bench.variants import DEFAULT, CostCurve, Limits, Ramps, StartCost, Variants
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, ResultPath, Rules, RuleValues
from clearing.cli.ending import ending
from clearing.cli.files import as_stem, prepare_folder, read_case, read_result
from clearing.cli.output import answers, emit, errors, finding_objects, show_findings
from clearing.cli.pairs import pairs
from clearing.cli.specification import opening
from clearing.cli.status import bad_input
from clearing.export import ac, problem
from clearing.export.searched import searched
from clearing.rules.load import load

app = typer.Typer(name="export", help="Write problems and schedules for other programs.", no_args_is_help=True)
SUFFIXES = (".mps", ".lp")
HEAD = ("kind", "name", "family", "subject", "period_end")
Named = tuple[str, str, str, str]


class Source(StrEnum):
    """Whose problem is written."""

    PRODUCTION = "production"
    MODELS = "models"


@app.command(name="problem")
def problem_(
    case: CasePath,
    out: Annotated[Path, typer.Option("--out", "-o", help="FILE.mps or FILE.lp; FILE.names.csv is written beside it.")],
    of: Annotated[Source, typer.Option(help="production: as it is cleared; models: the readable Pyomo models.")] = (
        Source.PRODUCTION
    ),
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    start_cost: Annotated[StartCost, typer.Option(help="Of models: formulation of start costs.")] = DEFAULT.start_cost,
    ramps: Annotated[Ramps, typer.Option(help="Of models: formulation of ramps.")] = DEFAULT.ramps,
    limits: Annotated[Limits, typer.Option(help="Of models: output after starts, before stops.")] = DEFAULT.limits,
    cost_curve: Annotated[CostCurve, typer.Option(help="Of models: offer blocks.")] = DEFAULT.cost_curve,
    json: AsJson = False,
) -> None:
    """Write CASE's unit commitment as one mixed-integer problem, with every network row in it. Exit: 0 or 2.

    Both sources have the same optimum, which is the cost of the best schedule; --gap of `clearing run` says how near a
    clearing comes to it.
    """
    with ending(json):
        if out.suffix not in SUFFIXES:
            raise bad_input("USAGE", "Problems are written as MPS or LP.", "--out", value=out.name, limit=".mps, .lp")
        variants = Variants(start_cost, ramps, limits, cost_curve)
        if of is Source.PRODUCTION and variants != DEFAULT:
            message = "Formulations are those of the readable models: ask for --of models."
            raise bad_input("USAGE", message, "--of", value=variants.name, limit="models")
        name, _, version = rules.partition("@")
        chosen = load(name, version, pairs(set or (), "--set"))
        table = searched(read_case(case, format, pairs(option or (), "--option")), chosen)
        columns: list[Named]
        if of is Source.PRODUCTION:
            found = problem.write(table, chosen, out)
            columns, rows = ([(one.name, one.family, one.subject, one.period) for one in part] for part in found)
        else:
            with opening():
                from models import export as readable  # noqa: PLC0415  # decision 0024: a checkout or wheel with models
            written = readable.write(table, chosen, out, variants)
            columns, rows = ([(*one, "") for one in part] for part in written)
        names = out.with_suffix(".names.csv")
        _write_names(names, columns, rows)
        size = {"columns": len(columns), "rows": len(rows)}
        if json:
            emit({"status": "OK", **size, "files": [str(out), str(names)]})
        else:
            told = f"wrote {out}: {len(columns)} columns, {len(rows)} rows; {names.name}: what their names mean"
            answers().print(told, markup=False, soft_wrap=True)


@app.command(name="ac")
def ac_(
    case: CasePath,
    result: ResultPath,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for one MATPOWER case (.m) a period.")],
    period: Annotated[
        list[str] | None, typer.Option(metavar="HH:MM", help="Only the period that ends then; repeat. Default: all.")
    ] = None,
    power_factor: Annotated[
        float | None, typer.Option(min=0.01, max=1.0, help="Of load, lagging; default: no reactive power.")
    ] = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    json: AsJson = False,
) -> None:
    """Write network, demand, commitment and dispatch of RESULT for a study of alternating current. Exit: 0 or 2.

    What a clearing does not know (reactive power, voltages, charging) is 0, 1 p.u. or without a limit; every file says
    what it assumes in its first lines.
    """
    with ending(json):
        table = read_case(case, format, pairs(option or (), "--option"))
        read = read_result(result, table)
        labels = table.horizon.labels()
        unknown = [one for one in period or () if one not in labels]
        if unknown:
            limit = f"{labels[0]} … {labels[-1]}"
            raise bad_input("UNKNOWN_PERIOD", "No period ends then.", "--period", value=unknown[0], limit=limit)
        prepare_folder(out)
        study = ac.Study(table, read.result, power_factor)
        files, left = list[str](), dict.fromkeys(read.findings)
        for t, label in enumerate(labels):
            if not period or label in period:
                file = out / f"{as_stem(table.name)}_{as_stem(label).replace('_', '')}.m"
                left |= dict.fromkeys(ac.write(study, t, file))
                files.append(str(file))
        if json:
            emit({"status": "OK", "files": files, "findings": finding_objects(tuple(left))})
            return
        show_findings(errors(), tuple(left))
        answers().print(f"wrote {len(files)} files to {out}", markup=False, soft_wrap=True)


def _write_names(path: Path, columns: Sequence[Named], rows: Sequence[Named]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEAD)
        table.writerows(("column", *one) for one in columns)
        table.writerows(("row", *one) for one in rows)
