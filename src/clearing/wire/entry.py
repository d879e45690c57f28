"""The entry table between proto and case."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.case.entry import NO_ENTRY, EntryChannel, MarketEntry, day_text, ordinal
from clearing.v1 import case_pb2, entry_pb2
from clearing.wire.columns import column, names
from clearing.wire.fields import MOST_ID_BYTES, Index, Table
from clearing.wire.problems import MOST_PER_COLUMN, Problems


def read(pb: entry_pb2.MarketEntry, plant: Index, bus: Index, problems: Problems) -> MarketEntry:
    """The table; a resource may stand in several rows and need not be in the case."""
    path = "case.entry"
    problems.only(pb, path)
    table = Table(pb, path, "resource", 1, problems)
    resource = tuple(pb.resource)
    for row, name in enumerate(resource):
        if not name or len(name.encode()) > MOST_ID_BYTES:
            code = "ID_TOO_LONG" if name else "EMPTY_ID"
            problems.error(code, f"{path}.resource[{row}]", "An id is empty or too long.", value=name,
                           limit=f"1 to {MOST_ID_BYTES} bytes")  # fmt: skip
    found = MarketEntry(
        resource=resource,
        channel=table.enum("channel", EntryChannel),
        first_day=days(table, "first_day", required=True),
        last_day=days(table, "last_day"),
        plant=table.references("aggregate", plant, optional=True),
        bus=table.references("bus", bus, optional=True),
        capacity_mw=table.floats("capacity_mw", 0.0),
    )
    return found if resource else NO_ENTRY


def days(table: Table, name: str, required: bool = False) -> Ints:
    """(n) Ordinals; 0 where absent or empty. Finding BAD_DATE."""
    absent = not required and not len(getattr(table.message, name))
    texts = ("",) * table.rows if absent else table.texts(name)
    found = np.zeros(len(texts), dtype=np.int64)
    said = 0
    for row, text in enumerate(texts):
        found[row] = ordinal(text)
        if found[row] == 0 and (text or required) and said < MOST_PER_COLUMN:
            said += 1
            table.problems.error("BAD_DATE", f"{table.path}.{name}[{row}]", "Not a day.", value=text,
                                 limit="YYYY-MM-DD")  # fmt: skip
    return found


def write(case: Case, pb: case_pb2.Case) -> None:
    """The table of the case, where it has one."""
    table = case.entry
    if table is NO_ENTRY:
        return
    pb.entry.CopyFrom(
        entry_pb2.MarketEntry(
            resource=table.resource,
            channel=table.channel.tolist(),
            first_day=[day_text(day) for day in table.first_day.tolist()],
            last_day=[day_text(day) for day in table.last_day.tolist()],
            aggregate=names(table.plant, case.virtual_plants.id),
            bus=names(table.bus, case.network.bus_id),
            capacity_mw=column(table.capacity_mw),
        )
    )
