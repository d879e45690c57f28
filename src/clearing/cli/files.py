"""Cases and results on disk, and the folder that `run --out` fills."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.declarations import Declarations
from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult
from clearing.cli.about import RUN_INFO_FILE
from clearing.cli.status import Exit, Failure, bad_input
from clearing.client import Answer
from clearing.formats import AUTO, write
from clearing.formats.registry import read_with
from clearing.report.about import About
from clearing.tables.files import TableFormat, can_write_parquet, write_csv, write_parquet
from clearing.tables.statements import Statement
from clearing.wire import case_file

T = TypeVar("T")
Pages = tuple[tuple[str, str], ...]
"""(name, file) of pages that a page leads to."""


class Use(StrEnum):
    """What a commitment given on the command line means; names are those of CommitmentUse."""

    FIXED = "fixed"
    HINT = "hint"
    FLOOR = "floor"
    FOLLOW = "follow"


RESULT_FILE, REPORT_FILE = "result.json", "report.html"
REQUEST_FILE = "request.binpb"
POWER_FILE, POWER_PAGE = "market_power.json", "market_power.html"


def read_case(path: Path, format: str, options: Mapping[str, str]) -> Case:
    """The case of a file or folder; raises FormatError with all findings."""
    return read_with(path, format, options)


def read_previous(
    previous: Path | None, given: Mapping[str, str] | None, case: Path, format: str, options: Mapping[str, str]
) -> Case | None:
    """An earlier case: another path, other options of its reader (else those of the case), or both; None = neither."""
    if previous is None and given is None:
        return None
    return read_case(previous or case, format, options if given is None else given)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result and what reading it brought up: totals that do not add up, digests that do not fit."""

    result: ClearingResult
    findings: tuple[Finding, ...]


def read_result(path: Path, case: Case) -> ResultFile:
    """The result in a `.json` or `.binpb` file; raises Failure (INVALID) where it is no result of this case."""
    result, findings = _read(path, case, case_file.result_from_json, case_file.result_from_bytes)
    return ResultFile(result, tuple(findings))


def read_declarations(path: Path, case: Case) -> Declarations:
    """Declarations beside a case, in a `.json` or `.binpb` file; raises Failure (INVALID) with every fault of it."""
    return _read(path, case, case_file.declarations_from_json, case_file.declarations_from_bytes)[0]


def read_costs(path: Path, case: Case) -> object:
    """Approved costs in a `.json` or `.binpb` file, as a message for the client; raises Failure (INVALID)."""
    return _read(path, case, case_file.costs_from_json, case_file.costs_from_bytes)[0]


def read_benchmarks(path: Path) -> object:
    """Past prices, coal and the state of the month in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.benchmarks_from_json)


def read_metered(path: Path) -> object:
    """What was metered in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.metered_from_json)


def read_limit_request(path: Path) -> object:
    """A day for the secondary price limit in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.limit_request_from_json)


def read_deviation_request(path: Path) -> object:
    """A request for deviation charges in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.deviation_request_from_json)


def read_round_request(path: Path) -> object:
    """A round of substitution trading in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.round_request_from_json)


def read_metering_request(path: Path) -> object:
    """A month of substitution trading in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.metering_request_from_json)


def read_year_request(path: Path) -> object:
    """A year of substitution trading in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.year_request_from_json)


def read_settle_request(path: Path) -> object:
    """A cycle to settle, or a part of it, in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.settle_request_from_json)


def read_roll_up_request(path: Path) -> object:
    """Statements to add up in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.roll_up_request_from_json)


def read_positions_request(path: Path) -> object:
    """Orders to judge in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.positions_request_from_json)


def read_entry_request(path: Path) -> object:
    """An application to enter the market in a `.json` file; raises Failure (INVALID) where it is none."""
    return _request(path, case_file.entry_request_from_json)


def _request(path: Path, from_json: Callable[[str], tuple[T | None, list[Finding]]]) -> T:
    if not path.is_file():
        raise bad_input("FILE_NOT_FOUND", "There is no such file.", path=path.name)
    found, findings = from_json(path.read_text(encoding="utf-8-sig", errors="replace"))
    if found is None:
        raise Failure("INVALID", Exit.BAD_INPUT, findings)
    return found


def with_commitment(case: Case, path: Path, use: Use) -> Case:
    """The case with the commitment of an earlier result; raises Failure (INVALID) where it has none for the case.

    Units are found by id, periods by clock: an hourly commitment serves a case of quarters.
    """
    on, _ = _read(path, case, case_file.commitment_from_json, case_file.commitment_from_bytes)
    return replace(case, commitment=CommitmentInput(CommitmentUse[use.name], on))


def _read(
    path: Path,
    case: Case,
    from_json: Callable[[str, Case], tuple[T | None, list[Finding]]],
    from_bytes: Callable[[bytes, Case], tuple[T | None, list[Finding]]],
) -> tuple[T, list[Finding]]:
    if not path.is_file():
        raise bad_input("FILE_NOT_FOUND", "There is no such file.", path=path.name)
    try:
        if path.suffix == ".binpb":
            found, findings = from_bytes(path.read_bytes(), case)
        else:
            found, findings = from_json(path.read_text(encoding="utf-8-sig"), case)
    except UnicodeDecodeError:
        raise bad_input("FILE_NOT_TEXT", "The file is not UTF-8 text.", path=path.name) from None
    if found is None:
        errors = [f for f in findings if f.severity is Severity.ERROR]
        raise Failure("INVALID", Exit.BAD_INPUT, errors or findings)
    return found, findings


def prepare_folder(folder: Path) -> None:
    """Make the folder before the long run, so that a bad --out costs nothing; raises Failure if it cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input("OUT_NOT_USABLE", error.strerror or str(error), path="--out", value=str(folder)) from None
    if not os.access(folder, os.W_OK):
        raise bad_input("OUT_NOT_USABLE", "The folder cannot be written.", path="--out", value=str(folder))


def check_formats(formats: Collection[TableFormat]) -> None:
    """Raise Failure where a form of the tables needs an extra that is not installed: before the run, not after it."""
    if TableFormat.PARQUET in formats and not can_write_parquet():
        message = "pyarrow is not installed; Parquet needs the extra: pip install 'clearing[parquet]'."
        raise Failure("ERROR", Exit.FAULT, (Finding(Severity.ERROR, "MISSING_EXTRA", "--results", message),))


def write_answer(
    folder: Path, case: Case, answer: Answer, about: About, formats: Collection[TableFormat], power: Any = None
) -> list[Path]:
    """Request, result.json, run_info.json, the tables in every form of `formats`, report.html; returns the files.

    power: a reply of CheckMarketPower; then market_power.json and market_power.html, which the report leads to.
    """
    result_path, info_path = folder / RESULT_FILE, folder / RUN_INFO_FILE
    result_path.write_text(case_file.message_to_json(answer.raw.result), encoding="utf-8")
    info_path.write_text(case_file.message_to_json(answer.raw.run_info), encoding="utf-8")
    tables = write_csv(folder, answer.tables) if TableFormat.CSV in formats else []
    tables += write_parquet(folder, answer.tables) if TableFormat.PARQUET in formats else []
    pages: Pages = () if power is None else (("Market power", POWER_PAGE),)
    asked = folder / REQUEST_FILE
    asked.write_bytes(answer.asked.SerializeToString())
    files = [
        asked,
        result_path,
        info_path,
        *tables,
        write_report(folder / REPORT_FILE, case, answer.result, about, pages),
    ]
    if power is not None:
        told = folder / POWER_FILE
        told.write_text(case_file.message_to_json(power), encoding="utf-8")
        tree = case_file.message_to_tree(power)
        files += [told, write_market_page(folder / POWER_PAGE, case, tree, (("Clearing report", REPORT_FILE),))]
    return files


@contextmanager
def extra(who: str, path: str = "report") -> Iterator[None]:
    """An import that needs the extra `report`; raises Failure where it is not installed. who: 'the page needs'."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; {who} the extra: pip install 'clearing[report]'."
        raise Failure("ERROR", Exit.FAULT, (Finding(Severity.ERROR, "MISSING_EXTRA", path, message),)) from None


def write_report(path: Path, case: Case, result: ClearingResult, about: About, pages: Pages = ()) -> Path:
    """The HTML report, with links to the pages beside it; raises Failure where the extra it needs is not installed."""
    with extra("the report needs"):
        # The extra `report` brings plotly and jinja2; without it everything else works.
        from clearing.report.html import render  # noqa: PLC0415
    path.write_text(render(case, result, about, pages), encoding="utf-8")
    return path


def words_in(language: str) -> Callable[[str], str]:
    """Texts of the house in a language, en or zh; raises Failure where it is neither, or its extra is missing."""
    if language == "en":
        return str
    if language != "zh":
        raise bad_input("USAGE", "There is no such language.", path="--language", value=language, limit="en, zh")
    with extra("Chinese words need", "--language"):
        from clearing.report.words import chinese  # noqa: PLC0415  # the extra `report` brings markupsafe
    return lambda text: chinese(text) or text


def write_market_page(path: Path, case: Case, tree: dict[str, Any], pages: Pages = ()) -> Path:
    """The page of market power, with links to pages beside it; raises Failure where the extra is not installed."""
    with extra("the page needs"):
        from clearing.report.market_power import render  # noqa: PLC0415  # the extra `report` brings jinja2
    path.write_text(render(case, tree, pages), encoding="utf-8")
    return path


def write_round_page(path: Path, asked: dict[str, Any], reply: dict[str, Any], pages: Pages = ()) -> Path:
    """The report of a round of substitution trading; raises Failure where the extra it needs is not installed."""
    with extra("the page needs"):
        from clearing.report.substitution import render  # noqa: PLC0415  # the extra `report` brings jinja2
    path.write_text(render(asked, reply, pages), encoding="utf-8")
    return path


def write_statement_page(path: Path, statement: Statement, title: str, rules: str, subject: str = "") -> Path:
    """A party's statement as a page; subject: what it is of. Raises Failure where the extra it needs is not
    installed."""
    with extra("the page needs"):
        from clearing.report.statements import SUBSTITUTION, render  # noqa: PLC0415  # the extra `report` brings jinja2
    path.write_text(render(statement, title, rules, subject or SUBSTITUTION), encoding="utf-8")
    return path


def as_stem(text: str) -> str:
    """What of a text the name of a file may hold."""
    return re.sub(r"[^\w.-]+", "_", text)[:80]


def write_statement(folder: Path, stem: str, statement: Statement, title: str, rules: str, subject: str = "") -> None:
    """`<stem>.html`, and `<stem>_<table>.csv` of every table; the stem is made of what a file name may hold."""
    stem = as_stem(stem)
    for name, frame in statement.tables:
        frame.to_csv(folder / f"{stem}_{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
    write_statement_page(folder / f"{stem}.html", statement, title, rules, subject)


def write_case(path: Path, case: Case, format: str = AUTO, lossy: bool = False) -> tuple[Finding, ...]:
    """The case in a format, by the suffix where none is named; returns what the format has no place for.

    Raises Failure for a suffix that names no form of a case, FormatError as `clearing.formats.write` does.
    """
    if format == AUTO and path.suffix not in ("", ".json", ".binpb"):
        limit = ".json, .binpb, or a folder without suffix"
        raise bad_input("UNKNOWN_FORMAT", "Cases are not written in this form.", "--out", value=path.name, limit=limit)
    return write(case, path, format, lossy)
