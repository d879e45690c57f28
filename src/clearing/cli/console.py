"""`clearing console`: a local web page over a server."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.cli.about import about_answer
from clearing.cli.arguments import Server
from clearing.cli.comparing import comparison
from clearing.cli.ending import ending
from clearing.cli.files import check_formats, prepare_folder, read_case, write_answer
from clearing.cli.judging import judged
from clearing.cli.output import errors
from clearing.cli.session import serving
from clearing.cli.status import Exit, Failure, bad_input, outcome
from clearing.client import Answer
from clearing.rules.load import RuleSetDescription
from clearing.server.settings import is_loopback
from clearing.tables.files import TableFormat

if TYPE_CHECKING:
    from clearing.console.runs import Writers
    from clearing.console.serve import Opened

FORMATS = (TableFormat.PARQUET, TableFormat.CSV)


def console(
    cases: Annotated[list[Path] | None, typer.Argument(metavar="[CASE]...", help="Cases to begin with.")] = None,
    folder: Annotated[Path, typer.Option(help="Where cases and runs are kept, as files.")] = Path("console"),
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the page is; port 0 = a free one.")] = (
        "127.0.0.1:0"
    ),
    anyone: Annotated[
        bool, typer.Option("--anyone", help="Allow an address that is not loopback; there is no login.")
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    server: Server = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the embedded server's worker.")] = None,
) -> None:
    """Serve a page for cases, runs and results until Ctrl-C. Exit: 0, 2 bad input, 1 our fault."""
    with ending(as_json=False):
        _check_address(listen, anyone)
        tables = [(path, read_case(path, "auto", {})) for path in cases or ()]
        prepare_folder(folder)
        opened = _opened()
        with serving(server, threads) as there, opened(folder, there, listen, writers(), dict(tables)) as page:
            errors().print(f"console: {page.url}  (Ctrl-C ends it; files in {escape(str(folder))})", soft_wrap=True)
            if open_browser:
                webbrowser.open(page.url)
            page.wait()


def keep(folder: Path, case: Case, answer: Answer, rule_sets: tuple[RuleSetDescription, ...]) -> Mapping[str, Any]:
    """Write an answer into the folder of its run; returns what lists of runs show."""
    write_answer(folder, case, answer, about_answer(answer, rule_sets), FORMATS)
    result = answer.result
    costs, end = result.costs, result.termination
    return {
        "status": outcome(result)[0],
        "objective": end.objective,
        "gap": end.gap,
        "cost": None if costs is None else costs.total,
        "violations": len(result.violations),
        "audit_passed": result.audit_passed,
        "wall_seconds": answer.run_info.wall_seconds,
        "digest": answer.raw.result.digest,
    }


def writers() -> Writers:
    """What the console needs of the command line: how a run is written down, how runs are compared,
    how requests that are no cases are judged."""
    from clearing.console.runs import Writers  # noqa: PLC0415  # the extra `console`

    return Writers(keep, _compared, judged)


def _compared(folders: list[Path], pages: tuple[tuple[str, str], ...]) -> str:
    from clearing.console.uploads import Refused  # noqa: PLC0415

    try:
        return comparison(folders, pages)
    except Failure as failed:
        raise Refused(failed.findings) from None


def _check_address(listen: str, anyone: bool) -> None:
    try:
        inside = is_loopback(listen)
    except ValueError:
        raise bad_input("USAGE", "This is not HOST:PORT.", path="--listen", value=listen, limit="HOST:PORT") from None
    if not inside and not anyone:
        message = "Whoever reaches this address could read and run everything; if that is meant, say --anyone."
        raise bad_input("USAGE", message, path="--listen", value=listen, limit="a loopback address")


def _opened() -> type[Opened]:
    """The page's server; raises Failure where the extra it needs is not installed."""
    check_formats(FORMATS)
    try:
        from clearing.console.serve import Opened  # noqa: PLC0415  # the extra `console`
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; the console needs the extra: pip install 'clearing[console]'."
        finding = Finding(Severity.ERROR, "MISSING_EXTRA", "console", message)
        raise Failure("ERROR", Exit.FAULT, (finding,)) from None
    return Opened
