"""The example tables of the Jiangsu market entry manual (2024-09), as requests.

What its screens leave blank stays not stated. Not on them, so stated here: that plants are public and parity projects,
and the day from which the two aggregated units of the direct table would trade.
"""

from __future__ import annotations

from typing import Any

from clearing import pipeline
from clearing.v1 import entry_pb2 as pb2

DIRECT, AGGREGATED = pb2.ENTRY_CHANNEL_DIRECT, pb2.ENTRY_CHANNEL_AGGREGATED
YES, NO = pb2.ENTRY_ANSWER_YES, pb2.ENTRY_ANSWER_NO
REGISTERED, IS_DIRECT, IS_AGGREGATED = (
    pb2.ENTRY_STATE_REGISTERED, pb2.ENTRY_STATE_DIRECT, pb2.ENTRY_STATE_AGGREGATED,
)  # fmt: skip
ALL, SURPLUS = pb2.ENTRY_FEED_IN_ALL, pb2.ENTRY_FEED_IN_SURPLUS
MW = 1_000_000
SOLAR, WIND, COAL = pb2.ENTRY_KIND_SOLAR, pb2.ENTRY_KIND_WIND, pb2.ENTRY_KIND_COAL

# unit, state, selected, kind, MW, distributed, feed-in, exempt, promise end, effective day
DIRECT_TABLE: list[tuple[Any, ...]] = [
    ("未入市1", REGISTERED, 0, 0, 123, YES, SURPLUS, YES, "2025-03-10", ""),
    ("未入市2", REGISTERED, 0, 0, 121, NO, 0, YES, "2024-07-10", ""),
    ("未入市3", REGISTERED, 0, 0, 1, 0, 0, YES, "2024-07-02", ""),
    ("聚合1", IS_AGGREGATED, 1, 0, 11, YES, SURPLUS, YES, "2024-10-04", "2024-09-03"),
    ("聚合2", IS_AGGREGATED, 1, 0, 11, YES, ALL, YES, "2024-10-17", "2024-09-03"),
    ("测试机组1", IS_DIRECT, 0, pb2.ENTRY_KIND_PUMPED_HYDRO, 1, YES, 0, YES, "", "2024-08-21"),
    ("测试风电", IS_DIRECT, 0, WIND, 1111, YES, ALL, YES, "", "2024-08-24"),
    ("测试太阳能2", IS_DIRECT, 0, SOLAR, 5555, YES, ALL, YES, "", "2024-08-23"),
    ("测试水电", IS_DIRECT, 0, pb2.ENTRY_KIND_HYDRO, 1, YES, 0, YES, "", "2024-08-21"),
    ("测试火电", IS_DIRECT, 0, COAL, 11, YES, 0, YES, "", "2024-08-21"),
]
AGGREGATED_TABLE: list[tuple[Any, ...]] = [
    ("未入市1", REGISTERED, 0, 0, 123, YES, SURPLUS, YES, "2025-03-10", ""),
    ("测试风电2", IS_DIRECT, 0, WIND, 222, YES, ALL, YES, "", "2024-08-25"),
    ("测试风电", IS_AGGREGATED, 0, WIND, 1111, YES, ALL, YES, "", "2024-08-24"),
]


def request(channel: int, rows: list[tuple[Any, ...]], sequence: int = 9) -> pb2.CheckEntryRequest:
    """An application of 24 August 2024 that is to hold from the 25th."""
    unit, state, selected, kind, mw, distributed, feed_in, exempt, promise_end, effective = zip(*rows, strict=True)
    return pb2.CheckEntryRequest(
        application=pb2.EntryApplication(
            enterprise="测试发电企业", channel=channel, day="2024-08-24", effective_day="2024-09-04", sequence=sequence,  # type: ignore[arg-type]
            promise_accepted=True,
        ),
        units=pb2.EntryUnits(
            unit=unit, state=state, selected=selected, kind=kind, capacity_w=[each * MW for each in mw],
            distributed=distributed, feed_in=feed_in, exempt=exempt, promise_end=promise_end, effective_day=effective,
            public=[YES] * len(rows), subsidy=[pb2.ENTRY_SUBSIDY_PARITY] * len(rows),
        ),
        rules={"name": "jiangsu"},
    )  # fmt: skip


def direct() -> pb2.CheckEntryRequest:
    """The manual's table of direct entry, with its two ticks."""
    return request(DIRECT, DIRECT_TABLE)


def aggregated() -> pb2.CheckEntryRequest:
    """The manual's table of aggregated entry; nothing is ticked there."""
    return request(AGGREGATED, AGGREGATED_TABLE, 12)


def new_unit(channel: int = DIRECT, **changes: object) -> pb2.CheckEntryRequest:
    """One wind farm that enters with all its papers, with single values changed."""
    asked = request(channel, [("风", REGISTERED, 1, WIND, 50, YES, ALL, NO, "", "")])
    units, papers = asked.units, asked.attachments
    units.licensed.append(YES)
    units.promised.append(NO)
    units.start_day.append("2024-08-01")
    units.project_code.append("PP20240001")
    papers.unit.append("风")
    papers.file.append("绿证.pdf")
    papers.bytes.append(1000)
    for key, value in changes.items():
        holder = next(part for part in (asked.application, units, papers) if key in part.DESCRIPTOR.fields_by_name)
        if holder is asked.application:
            setattr(holder, key, value)
        else:
            column = getattr(holder, key)
            del column[:]
            column.append(value)
    return asked


def judged(asked: pb2.CheckEntryRequest, **settings: object) -> pb2.CheckEntryResponse:
    """The application answered, under other settings."""
    copy = pb2.CheckEntryRequest()
    copy.CopyFrom(asked)
    for key, value in settings.items():
        copy.rules.overrides.add(key=f"entry.{key}", value=str(value).replace("'", '"'))
    return pb2.CheckEntryResponse.FromString(pipeline.check_entry(copy.SerializeToString()))


def codes(reply: pb2.CheckEntryResponse) -> set[str]:
    """Codes of its errors."""
    return {each.code for each in reply.findings if each.severity == 1}


def select(asked: pb2.CheckEntryRequest, *names: str) -> pb2.CheckEntryRequest:
    """The application with these units selected and no other."""
    asked.units.selected[:] = [int(name in names) for name in asked.units.unit]
    return asked


def found(reply: pb2.CheckEntryResponse) -> set[tuple[str, str]]:
    """(code, subject) of every finding."""
    return {(each.code, each.subject) for each in reply.findings}


# The manual's tables
