"""`clearing batch`: many clearings from one manifest, resumed where they stopped."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from clearing.batch import manifest as manifests
from clearing.batch import places
from clearing.batch.drive import Batch, Ended, State
from clearing.batch.rows import write_results
from clearing.batch.store import Store, Tree, write
from clearing.batch.summary import figures, page, summary, write_summary
from clearing.case.finding import Finding, Severity
from clearing.cli.access import endpoint
from clearing.cli.arguments import AsJson
from clearing.cli.batch_progress import BatchProgress
from clearing.cli.ending import ending
from clearing.cli.files import check_formats, prepare_folder
from clearing.cli.output import answers, emit, errors
from clearing.cli.session import settings_failure
from clearing.cli.status import Exit, Failure, bad_input
from clearing.server.settings import cores
from clearing.tables.files import TableFormat
from clearing.tables.tables import NAMES

Places = AbstractContextManager[places.Place]


def batch(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="TOML or JSON; see docs/batch.md.")],
    out: Annotated[Path, typer.Option(help="Folder for results; what is finished there is not asked again.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Local workers; default: cores // threads.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of a local or Dask worker.")] = 1,
    server: Annotated[
        list[str] | None, typer.Option(metavar="HOST:PORT", help="A server that runs; repeat for several.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="Scheduler of a Dask cluster that runs.")
    ] = None,
    each: Annotated[int, typer.Option(min=1, help="Runs at a time at each --server.")] = 1,
    retries: Annotated[int, typer.Option(min=0, help="Further attempts of a run that got no answer.")] = 2,
    tables: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Table kept of every run, may be repeated; default: dispatch, prices."),
    ] = None,
    allow_generators: Annotated[
        bool, typer.Option("--allow-generators", help="Runs of format generator may run their scenario's program.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Clear every run of MANIFEST: rows in results.parquet, a result and tables a run, a summary.

    Started again with the same --out it goes on where it stopped and tries again what failed.
    Exit: 0 all answered and audited, 2 bad manifest or input, 3 a run has no answer, 4 an audit failed, 130 stopped.
    """
    with ending(json):
        check_formats([TableFormat.PARQUET])
        wanted = _tables(tables)
        if sum((bool(server), dask is not None, workers is not None)) > 1:
            message = "Runs go to workers here, to a Dask cluster or to servers: one of them."
            raise bad_input("USAGE", message, path="--workers, --dask, --server")
        given, runs = manifests.read(manifest, may_run=allow_generators)
        prepare_folder(out)
        started, ends = time.monotonic(), list[Ended]()
        ready = started
        with Store(out).held() as store:
            shutil.copyfile(manifest, out / f"manifest{manifest.suffix}")
            with _place(server, each, dask, workers, threads) as place, BatchProgress(errors(), len(runs)) as progress:
                ready = time.monotonic()

                def tell(ended: Ended) -> None:
                    ends.append(ended)
                    progress(ended)

                Batch(manifest.parent, store, place, wanted, retries).run(runs, tell)
            told = _conclude(store, given.name, ends, [run.name for run in runs], (started, ready))
        if json:
            emit({"status": _status(told)[0], **told})
        else:
            answers().print(page(told), markup=False, soft_wrap=True)
        raise typer.Exit(_status(told)[1])


def _tables(given: Sequence[str] | None) -> list[str]:
    if given is None:
        return ["dispatch", "prices"]
    for name in given:
        if name not in NAMES:
            limit = ", ".join(NAMES)
            raise bad_input("USAGE", "There is no such table.", path="--tables", value=name, limit=limit)
    return list(dict.fromkeys(given))


def _place(server: Sequence[str] | None, each: int, dask: str | None, workers: int | None, threads: int) -> Places:
    if server:
        return places.servers([endpoint(one) for one in server], each)
    if dask is not None:
        return _cluster(dask, threads)
    try:
        return places.local(workers or max(1, cores() // threads), threads)
    except ValidationError as error:
        raise settings_failure(error) from None


def _cluster(address: str, threads: int) -> Places:
    try:
        from clearing.batch.cluster import cluster  # noqa: PLC0415  # the extra `dask` brings distributed
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; a cluster needs the extra: pip install 'clearing[dask]'."
        finding = Finding(Severity.ERROR, "MISSING_EXTRA", "--dask", message)
        raise Failure("ERROR", Exit.FAULT, (finding,)) from None
    return cluster(address, threads)


def _conclude(store: Store, name: str, ends: Sequence[Ended], order: Sequence[str], since: tuple[float, float]) -> Tree:
    """Write results.parquet and the summary, in the order of the manifest. since: when it started, when it asked."""
    place = {run: row for row, run in enumerate(order)}
    ends = sorted(ends, key=lambda end: place[end.run.name])
    kept = []
    for row, end in enumerate(ends):
        if end.state is State.FAILED:
            continue
        # Of two runs that ask the same, one is asked; the other has its record, once there is one.
        record = end.record if "row" in end.record else store.finished(end.record["digest"])
        if record is None:
            same = Finding(Severity.ERROR, "SAME_RUN_FAILED", "run", "A run that asks the same has no answer.")
            ends[row] = replace(end, state=State.FAILED, findings=(same,))
        else:
            kept.append((end.run, record))
    write_results(store.folder, kept)
    started, ready = since
    told = summary(name, ends, kept, ready - started, time.monotonic() - ready, len(order))
    write_summary(store, told)
    _write_page(store, told, [(run.name, record["row"]) for run, record in kept])
    return told


def _write_page(store: Store, told: Tree, rows: Sequence[tuple[str, Tree]]) -> None:
    """summary.html, where the extra `report` is installed; summary.md says the same in fewer words."""
    try:
        from clearing.report.batch import render  # noqa: PLC0415  # plotly and jinja2
    except ModuleNotFoundError:
        return
    write(store.folder / "summary.html", render(told, figures(told), rows).encode())


def _status(told: Tree) -> tuple[str, Exit]:
    if told["audit_failed"]:
        return "AUDIT_FAILED", Exit.AUDIT_FAILED
    if told["failed"] and all(failure["refused"] for failure in told["failures"]):
        return "INVALID", Exit.BAD_INPUT
    if told["finished"] < told["runs"]:
        return "INCOMPLETE", Exit.NO_SOLUTION
    return "OK", Exit.OK
