"""`clearing compare`: runs beside each other, differences first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from clearing.case.finding import Finding, Severity
from clearing.cli.about import about_files
from clearing.cli.ending import ending
from clearing.cli.files import REQUEST_FILE, RESULT_FILE, read_result
from clearing.cli.output import errors
from clearing.cli.status import Exit, Failure, bad_input
from clearing.rules.load import rule_sets
from clearing.wire import case_file


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER FOLDER...", help="What `clearing run --out` left.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
) -> None:
    """Write a page that holds the runs of FOLDERs against the first one. Exit: 0 or 2."""
    with ending(as_json=False):
        if len(folders) < 2:
            raise bad_input("USAGE", "A comparison needs two runs.", path="FOLDER")
        out.write_text(comparison(folders), encoding="utf-8")
        errors().print(f"wrote {escape(str(out))}", soft_wrap=True)


def comparison(folders: list[Path], pages: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of the comparison of runs in folders; raises Failure where one is no run."""
    try:
        from clearing.report.compare import Run, render  # noqa: PLC0415  # the extra `report` brings plotly and jinja2
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; the page needs the extra: pip install 'clearing[report]'."
        finding = Finding(Severity.ERROR, "MISSING_EXTRA", "report", message)
        raise Failure("ERROR", Exit.FAULT, (finding,)) from None
    runs = []
    for folder in folders:
        asked = folder / REQUEST_FILE
        if not asked.is_file():
            message = "There is no such file; `clearing run --out` writes it."
            raise bad_input("NO_SUCH_FILE", message, path=asked.name, value=folder.name)
        case, findings = case_file.case_of_request(asked.read_bytes())
        if case is None:
            raise Failure("INVALID", Exit.BAD_INPUT, findings)
        read = read_result(folder / RESULT_FILE, case)
        runs.append(Run(folder.name, case, read.result, about_files(folder / RESULT_FILE, rule_sets())))
    return render(runs, pages)
