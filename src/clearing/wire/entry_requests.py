"""The request of CheckEntry → tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clearing.admission.entry_tables import (
    Answer,
    Application,
    Asked,
    Attachments,
    EntryKind,
    EntryState,
    FeedIn,
    Subsidy,
    Units,
)
from clearing.case.arrays import Bools, Ids
from clearing.case.entry import EntryChannel, ordinal
from clearing.case.finding import Finding
from clearing.v1 import entry_pb2 as pb2
from clearing.wire import decode, requests
from clearing.wire.entry import days
from clearing.wire.faulty_rows import faulty_rows
from clearing.wire.fields import MOST_ID_BYTES, Table, index_of
from clearing.wire.problems import MOST_PER_COLUMN, Problems
from clearing.wire.substitution_columns import Columns

MOST_W = 10**11
MOST_BYTES = 2**62
MOST_SEQUENCE = 999


@dataclass(frozen=True, slots=True)
class EntryAsked:
    """An application to judge. asked: None where it has no form; findings: all of the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    asked: Asked | None
    findings: tuple[Finding, ...]


def read(raw: bytes) -> EntryAsked:
    """Read a CheckEntryRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(pb2.CheckEntryRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    given = _application(pb.application, problems)
    units = _units(pb.units, problems)
    papers = _attachments(pb.attachments, units, problems)
    wrong, whole = faulty_rows(problems.findings)
    asked = None
    if problems.formed and not whole and given is not None:
        sound = ~np.isin(np.arange(len(units.id)), list(wrong.get("units", ())))
        asked = Asked(given, replace(units, judged=sound), papers)
    return EntryAsked(decode.rule_selection(pb.rules), asked, tuple(problems.findings))


def _application(pb: pb2.EntryApplication, problems: Problems) -> Application | None:
    """None after a finding."""
    before = len(problems.findings)
    problems.only(pb, "application")
    path = "application"
    _text(pb.enterprise, f"{path}.enterprise", problems)
    _text(pb.aggregate or "-", f"{path}.aggregate", problems)
    channel = int(pb.channel)
    if channel not in (EntryChannel.DIRECT, EntryChannel.AGGREGATED):
        limit = "DIRECT, AGGREGATED"
        problems.error("UNKNOWN_ENUM", f"{path}.channel", "The value is not allowed.", value=channel, limit=limit)
    if not 1 <= pb.sequence <= MOST_SEQUENCE:
        limit = f"1 to {MOST_SEQUENCE}"
        problems.error("OUT_OF_RANGE", f"{path}.sequence", "Out of range.", value=pb.sequence, limit=limit)
    if channel == EntryChannel.DIRECT and pb.aggregate:
        message = "A unit that enters directly is in no aggregate."
        problems.error("CONTRADICTION", f"{path}.aggregate", message, value=pb.aggregate)
    day, effective = (_day(getattr(pb, name), f"{path}.{name}", problems) for name in ("day", "effective_day"))
    accepted = _day(pb.accepted_day, f"{path}.accepted_day", problems) if pb.accepted_day else 0
    as_of = _day(pb.as_of, f"{path}.as_of", problems) if pb.as_of else accepted or day
    for name, value in (("accepted_day", accepted or day), ("as_of", as_of)):
        if 0 < value < day:
            problems.error("OUT_OF_RANGE", f"{path}.{name}", "Before the application.", value=getattr(pb, name),
                           limit=f"≥ {pb.day}")  # fmt: skip
    if len(problems.findings) > before:
        return None
    return Application(
        pb.enterprise, EntryChannel(channel), day, effective, pb.sequence, pb.aggregate, pb.promise_accepted,
        accepted, as_of,
    )  # fmt: skip


def _day(text: str, path: str, problems: Problems) -> int:
    """Ordinal of a required day; 0 after a finding."""
    found = ordinal(text)
    if not found:
        problems.error("BAD_DATE", path, "Not a day.", value=text, limit="YYYY-MM-DD")
    return found


def _text(text: str, path: str, problems: Problems) -> None:
    """EMPTY_ID, BAD_ID, ID_TOO_LONG: a name that will stand in a work order."""
    if not text:
        problems.error("EMPTY_ID", path, "An id is empty.", limit="non-empty")
    if not text.isprintable():
        problems.error("BAD_ID", path, "Printable text on one line.", value=repr(text))
    if len(text.encode()) > MOST_ID_BYTES:
        problems.error("ID_TOO_LONG", path, "An id is too long.", value=text, limit=f"{MOST_ID_BYTES} bytes")


def _units(pb: pb2.EntryUnits, problems: Problems) -> Units:
    table = Columns(pb, "units", "unit", 1, problems)
    ids = table.ids("unit")
    if not ids:
        problems.error("REQUIRED", "units.unit", "Required.", value=0, limit="≥ 1")
    state = table.enum("state", EntryState)
    entered = np.isin(state, (EntryState.DIRECT, EntryState.AGGREGATED))
    effective = days(table, "effective_day")
    table.each("effective_day", entered & (effective == 0), state, "REQUIRED", "YYYY-MM-DD",
               "A unit that has entered has its day.")  # fmt: skip
    table.enum("feed_in", FeedIn, optional=True)
    for name in ("unit", "generation_account", "user_account"):
        _words(table, name)
    return Units(
        id=ids,
        state=state,
        selected=table.within("selected", table.whole("selected", 0), 0, 1) == 1,
        kind=table.enum("kind", EntryKind, optional=True),
        capacity_w=table.within("capacity_w", table.whole("capacity_w"), 1, MOST_W),
        distributed=table.enum("distributed", Answer, optional=True),
        public=table.enum("public", Answer, optional=True),
        subsidy=table.enum("subsidy", Subsidy, optional=True),
        exempt=table.enum("exempt", Answer, optional=True),
        licensed=table.enum("licensed", Answer, optional=True),
        promised=table.enum("promised", Answer, optional=True),
        promise_end=days(table, "promise_end"),
        start_day=days(table, "start_day"),
        effective_day=effective,
        contract=_words(table, "contract"),
        contract_end=days(table, "contract_end"),
        aggregate=_words(table, "aggregate"),
        project_code=_words(table, "project_code"),
        judged=np.ones(len(ids), dtype=np.bool_),
    )


def _attachments(pb: pb2.EntryAttachments, units: Units, problems: Problems) -> Attachments:
    table = Columns(pb, "attachments", "unit", 1, problems)
    return Attachments(
        unit=table.references("unit", index_of(units.id)),
        file=_words(table, "file", required=True),
        size=table.within("bytes", table.whole("bytes"), 0, MOST_BYTES),
    )


def _words(table: Table, name: str, required: bool = False) -> Ids:
    """(n) Printable text of one line; '' where absent. Findings BAD_ID, ID_TOO_LONG."""
    absent = not required and not len(getattr(table.message, name))
    column = ("",) * table.rows if absent else table.texts(name)
    wrong = np.array([not text.isprintable() for text in column], dtype=np.bool_)
    _each(table, name, wrong, column, "BAD_ID", "Printable text on one line.", "printable")
    long = np.array([len(text.encode()) > MOST_ID_BYTES for text in column], dtype=np.bool_)
    _each(table, name, long, column, "ID_TOO_LONG", "The text is too long.", f"{MOST_ID_BYTES} bytes")
    return column


def _each(table: Table, name: str, wrong: Bools, column: Sequence[str], code: str, message: str, limit: str) -> None:
    for row in np.flatnonzero(wrong)[:MOST_PER_COLUMN].tolist():
        value = column[row] if column[row].isprintable() else repr(column[row])
        table.problems.error(code, f"{table.path}.{name}[{row}]", message, value=value, limit=limit)
