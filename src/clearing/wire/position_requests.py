"""The request of CheckPositions → tables."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from clearing.admission.position_tables import (
    Book,
    Channel,
    DayKind,
    Direction,
    Instruments,
    Month,
    Orders,
    Participants,
    Side,
)
from clearing.case.arrays import Bools, Ints
from clearing.case.finding import Finding
from clearing.v1 import positions_pb2 as pb2
from clearing.wire import decode, requests
from clearing.wire.faulty_rows import faulty_rows
from clearing.wire.fields import index_of
from clearing.wire.problems import Problems
from clearing.wire.settlement_columns import Grid
from clearing.wire.substitution_columns import MOST_PRICE_MILLI, Columns, month

MOST_KW = 10**8
MOST_KWH = 10**11
MOST_ORDER_KWH = 10**10
MOST_MONEY = 10**14
MOST_WEIGHT = 10**6
MOST_PERIODS = 96
MOST_SPLIT_CELLS = 10**7


@dataclass(frozen=True, slots=True)
class PositionsAsked:
    """Orders to judge. book: None where tables have no form; findings: all of the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    book: Book | None
    split: bool
    findings: tuple[Finding, ...]


def read(raw: bytes) -> PositionsAsked:
    """Read a CheckPositionsRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(pb2.CheckPositionsRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    span = _month(pb.month, problems)
    people = _participants(pb.participants, problems)
    things = _instruments(pb.instruments, span, problems)
    orders = _orders(pb.orders, people, things, problems)
    cells = len(orders.id) * len(span.day_kind) * span.periods
    if pb.split and cells > MOST_SPLIT_CELLS:
        problems.fatal("TOO_LARGE", "split", "Orders times periods.", value=cells, limit=MOST_SPLIT_CELLS)
    wrong, whole = faulty_rows(problems.findings)
    book = None
    if problems.formed and not whole:
        book = Book(span, people, things, replace(orders, judged=_sound(orders, wrong)))
    return PositionsAsked(decode.rule_selection(pb.rules), book, pb.split, tuple(problems.findings))


def _sound(orders: Orders, wrong: Mapping[str, set[int]]) -> Bools:
    """(o) Orders whose row has no fault, nor that of their participant or instrument."""
    rows = np.arange(len(orders.id))
    bad = np.isin(rows, list(wrong.get("orders", ())))
    bad |= np.isin(orders.participant, list(wrong.get("participants", ())))
    bad |= np.isin(orders.instrument, list(wrong.get("instruments", ())))
    return ~bad


def _month(pb: pb2.PositionMonth, problems: Problems) -> Month:
    problems.only(pb, "month")
    year, number = month(pb.month, "month.month", problems)
    if year < 1:
        problems.error("BAD_DATE", "month.month", "Not a month.", value=pb.month, limit="YYYY-MM")
        year = 2000
    if not 1 <= pb.periods <= MOST_PERIODS:
        problems.error("OUT_OF_RANGE", "month.periods", "Out of range.", value=pb.periods, limit=f"1 to {MOST_PERIODS}")
    days = [date(year, number, day) for day in range(1, calendar.monthrange(year, number)[1] + 1)]
    holidays = _days(pb.holiday, "month.holiday", days, problems)
    worked = _days(pb.worked, "month.worked", days, problems)
    for row, day in enumerate(pb.worked):
        if day in holidays or (day in worked and date.fromisoformat(day).weekday() < 5):
            message = "Only a weekend day that is no holiday can be worked."
            problems.error("CONTRADICTION", f"month.worked[{row}]", message, value=day)
    return Month(np.array([_kind(day, holidays, worked) for day in days]), min(max(pb.periods, 1), MOST_PERIODS))


def _days(texts: Sequence[str], path: str, days: Sequence[date], problems: Problems) -> set[str]:
    known = {str(day) for day in days}
    for row, text in enumerate(texts):
        if text not in known:
            limit = f"YYYY-MM-DD of {days[0]:%Y-%m}"
            problems.error("BAD_DATE", f"{path}[{row}]", "Not a day of the month.", value=text, limit=limit)
    return set(texts) & known


def _kind(day: date, holidays: set[str], worked: set[str]) -> int:
    if str(day) in holidays:
        return DayKind.HOLIDAY
    if day.weekday() < 5 or str(day) in worked:
        return DayKind.WORKDAY
    return DayKind.SATURDAY if day.weekday() == 5 else DayKind.SUNDAY


def _participants(pb: pb2.PositionParticipants, problems: Problems) -> Participants:
    table = Columns(pb, "participants", "participant", 1, problems)
    ids = table.ids("participant")
    if not ids:
        problems.error("REQUIRED", "participants.participant", "Required.", value=0, limit="≥ 1")

    def read(name: str, low: int, high: int, default: int = 0) -> Ints:
        return table.within(name, table.whole(name, default), low, high)

    net = read("net_kwh", -MOST_KWH, MOST_KWH)
    return Participants(
        id=ids,
        side=table.enum("side", Side),
        capacity_kw=read("capacity_kw", 0, MOST_KW),
        base_kwh=read("base_kwh", 0, MOST_KWH),
        net_kwh=net,
        day_start_net_kwh=read("day_start_net_kwh", -MOST_KWH, MOST_KWH) if table.has("day_start_net_kwh") else net,
        traded_kwh=read("traded_kwh", 0, MOST_KWH),
        guarantee_milli=read("guarantee_milli", -1, MOST_MONEY, -1),
        owed_milli=read("owed_milli", 0, MOST_MONEY),
        unsettled_kwh=read("unsettled_kwh", 0, MOST_KWH),
    )


def _instruments(pb: pb2.PositionInstruments, span: Month, problems: Problems) -> Instruments:
    table = Columns(pb, "instruments", "instrument", 1, problems)
    ids = table.ids("instrument")
    if not ids:
        problems.error("REQUIRED", "instruments.instrument", "Required.", value=0, limit="≥ 1")
    of_month = len(span.day_kind) * span.periods
    long = len(ids) > 0 and len(pb.weight) == len(ids) * of_month
    grid = Grid(pb, "instruments", of_month if long else span.periods, problems)
    weight = grid.read("weight", len(ids), MOST_WEIGHT, 0).astype(np.int64)
    if len(pb.weight) == weight.size:
        nothing = np.zeros(len(ids), dtype=np.int64)
        table.each("weight", weight.sum(axis=1) == 0, nothing, "NOT_POSITIVE", "a weight above 0", "No weight at all.")
    reference = table.within("reference_milli", table.whole("reference_milli", 0), -MOST_PRICE_MILLI, MOST_PRICE_MILLI)
    without = table.within("unreferenced", table.whole("unreferenced", 0), 0, 1) == 1
    return Instruments(ids, weight, reference, ~without & table.has("reference_milli"))


def _orders(pb: pb2.PositionOrders, people: Participants, things: Instruments, problems: Problems) -> Orders:
    table = Columns(pb, "orders", "order", 1, problems)
    ids = table.ids("order")
    if not ids:
        problems.error("REQUIRED", "orders.order", "Required.", value=0, limit="≥ 1")
    return Orders(
        id=ids,
        participant=np.maximum(table.references("participant", index_of(people.id)), 0),
        instrument=np.maximum(table.references("instrument", index_of(things.id)), 0),
        channel=np.maximum(table.enum("channel", Channel), 1),
        direction=table.enum("direction", Direction),
        energy_kwh=table.within("energy_kwh", table.whole("energy_kwh"), 1, MOST_ORDER_KWH),
        price_milli=table.milli("price_milli"),
        judged=np.ones(len(ids), dtype=np.bool_),
    )
