"""`clearing scenario`: cases that are made of others, and what differs between two."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from clearing.batch.store import text, write
from clearing.batch.sweep import sweep as sweep_of
from clearing.case.case import Case
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions
from clearing.cli.ending import ending
from clearing.cli.files import prepare_folder, read_case, write_case
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs
from clearing.cli.status import bad_input
from clearing.manifest import components
from clearing.scenario import folder as folders
from clearing.scenario.apply import apply
from clearing.scenario.changes import Patch, as_patch, read_patch
from clearing.scenario.merge import merged, patch_between
from clearing.scenario.quick import quick
from clearing.scenario.rows import Difference, differences
from clearing.wire import case_file

app = typer.Typer(
    name="scenario",
    help="List, make, show, patch and compare cases; grids of them for `clearing batch`.",
    no_args_is_help=True,
)
MOST_SHOWN = 200

Patches = Annotated[
    list[Path] | None,
    typer.Option("--patch", metavar="FILE", help="JSON patch, may be repeated; see docs/scenarios.md."),
]
Outages = Annotated[
    list[str] | None,
    typer.Option("--outage", metavar="KIND:ID[@FROM-TO]", help="unit:G1, branch:AB@08:00-12:00; may be repeated."),
]
Load = Annotated[float | None, typer.Option("--load", min=0.0, metavar="FACTOR", help="All loads times this.")]
Fuels = Annotated[
    list[str] | None, typer.Option("--fuel-price", metavar="FUEL=FACTOR", help="coal=1.1: costs of its units.")
]
Reserve = Annotated[float | None, typer.Option("--reserve", min=0.0, metavar="FACTOR", help="Requirements times this.")]


@app.command(name="list")
def list_(
    folder: Annotated[Path, typer.Argument(help="Where scenario folders lie.")] = Path("scenarios"),
    json: AsJson = False,
) -> None:
    """Scenarios below FOLDER: where their case comes from, and the first line of their story."""
    with ending(json):
        if not folder.is_dir():
            raise bad_input("FILE_NOT_FOUND", "There is no such folder.", path=str(folder))
        found = [folders.described(place) for place in folders.below(folder)]
        if json:
            emit({"status": "OK", "scenarios": found})
            return
        console = answers()
        for one in found:
            told = f"[bold]{escape(one['name'])}[/]  {escape(one['source'])}  {escape(one['story'])}"
            console.print(told.rstrip(), soft_wrap=True)


@app.command()
def show(case: CasePath, format: Format = "auto", option: ReaderOptions = None, json: AsJson = False) -> None:
    """What CASE is: size, horizon, digest, notes of its reader; of a scenario also where it comes from."""
    with ending(json):
        table = read_case(case, format, pairs(option or (), "--option"))
        told = folders.facts(table)
        known = folders.provenance(case)
        if json:
            emit({"status": "OK", **told, "provenance": known})
            return
        console = answers()
        for name, value in told.items():
            for line in value if isinstance(value, list) else [value]:
                console.print(f"{name:<16} {line}", markup=False, soft_wrap=True)
        if known is not None:
            console.print("provenance", json_.dumps(known, ensure_ascii=False, indent=1), markup=False, soft_wrap=True)


@app.command()
def patch(
    case: CasePath,
    out: Annotated[Path, typer.Option("--out", "-o", help="case.json, case.binpb, or a folder for CSV tables.")],
    patch: Patches = None,
    outage: Outages = None,
    load: Load = None,
    fuel_price: Fuels = None,
    reserve: Reserve = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    json: AsJson = False,
) -> None:
    """Change CASE and write it: patch files in their order, then the short options."""
    with ending(json):
        base, patches, changed = _changed(case, format, option, patch, outage, load, fuel_price, reserve)
        write_case(out, changed)
        _tell(base, changed, json, {"patches": [one.name for one in patches], "out": str(out)})


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new scenario; it must not exist.")],
    case: Annotated[Path, typer.Option("--from", metavar="CASE", help="File or folder of the base case.")],
    patch: Patches = None,
    outage: Outages = None,
    load: Load = None,
    fuel_price: Fuels = None,
    reserve: Reserve = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    story: Annotated[str, typer.Option(help="What it is for: the first line of its README.")] = "",
    json: AsJson = False,
) -> None:
    """Make a scenario of a case and patches: its case, scenario.toml, README.md, and provenance.json (base, patches,
    seeds, digests, versions)."""
    with ending(json):
        base, patches, changed = _changed(case, format, option, patch, outage, load, fuel_price, reserve)
        if folder.exists():
            raise bad_input("OUT_NOT_USABLE", "There is something of this name already.", path=str(folder))
        prepare_folder(folder)
        read = {"format": format, "options": pairs(option or (), "--option")}
        told = folders.make(folder, story, base, changed, patches, {"case": str(case), **read}, dict(components()))
        _tell(base, changed, json, {"scenario": str(folder), "provenance": told})


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="File or folder of a case.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="File or folder of another.")],
    as_patch: Annotated[
        Path | None,
        typer.Option("--as-patch", metavar="FILE", help="Write the merge patch that makes AFTER of BEFORE."),
    ] = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    after_option: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="For the reader of AFTER; default: --option.")
    ] = None,
    json: AsJson = False,
) -> None:
    """What differs between two cases, row by row. Exit: 0, also where they differ."""
    with ending(json):
        options = pairs(option or (), "--option")
        others = pairs(after_option, "--after-option") if after_option else options
        one, other = read_case(before, format, options), read_case(after, format, others)
        if as_patch is not None:
            trees = case_file.case_to_tree(one), case_file.case_to_tree(other)
            found = patch_between(*trees)
            assert merged(trees[0], found) == trees[1]
            write(as_patch, text(found))
        _tell(one, other, json, {})


@app.command()
def sweep(
    grid: Annotated[
        Path, typer.Argument(metavar="GRID", help="A manifest with axes, TOML or JSON; docs/scenarios.md.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The manifest for `clearing batch`: a .json file.")],
    json: AsJson = False,
) -> None:
    """Every point of a grid as a run of a manifest, with its labels, its patches, and where it comes from."""
    with ending(json):
        if out.suffix != ".json":
            raise bad_input("USAGE", "The manifest is JSON.", path="--out", value=out.name, limit=".json")
        tree = sweep_of(grid, out.parent)
        write(out, text(tree))
        if json:
            emit({"status": "OK", "runs": len(tree["runs"]), "out": str(out)})
        else:
            answers().print(f"wrote {out}: {len(tree['runs'])} runs", markup=False, soft_wrap=True)


def _changed(
    case: Path,
    format: str,
    option: list[str] | None,
    files: list[Path] | None,
    outage: list[str] | None,
    load: float | None,
    fuel_price: list[str] | None,
    reserve: float | None,
) -> tuple[Case, list[Patch], Case]:
    """The base, the patches and the changed case."""
    patches = [read_patch(file.name, file.parent) for file in files or ()]
    changes = quick(outage or (), load, pairs(fuel_price or (), "--fuel-price"), reserve)
    if changes:
        patches.append(as_patch({"name": "options", "changes": changes}, "options"))
    if not patches:
        limit = "--patch, --outage, --load, --fuel-price, --reserve"
        raise bad_input("USAGE", "Nothing is to be changed.", path="--patch", limit=limit)
    base = read_case(case, format, pairs(option or (), "--option"))
    return base, patches, apply(base, patches)


def _tell(before: Case, after: Case, as_json: bool, beside: dict[str, Any]) -> None:
    """Differences: all of them as JSON, the first for people."""
    trees = case_file.case_to_tree(before), case_file.case_to_tree(after)
    found = differences(*trees, after.horizon.periods)
    if as_json:
        emit({"status": "OK", **beside, "differences": [_object(one) for one in found]})
        return
    console, labels = answers(), after.horizon.labels()
    for one in found[:MOST_SHOWN]:
        where = " ".join(part for part in (one.table, one.id, one.column) if part)
        when = ""
        if one.period >= 0:
            more = f" and {one.periods - 1} more periods" if one.periods > 1 else ""
            when = f"  at {labels[one.period]}{more}"
        console.print(f"{where}: {_value(one.before)} → {_value(one.after)}{when}", markup=False, soft_wrap=True)
    if len(found) > MOST_SHOWN:
        console.print(f"… and {len(found) - MOST_SHOWN} more; --json lists them all")
    console.print(f"{len(found)} difference{'s' * (len(found) != 1)}")


def _object(one: Difference) -> dict[str, Any]:
    names = ("table", "id", "column", "before", "after", "period", "periods")
    return {name: getattr(one, name) for name in names}


def _value(value: Any) -> str:
    return "–" if value is None else str(value)
