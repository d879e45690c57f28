"""What messages of settlement check alike: cycles, large grids of whole numbers, statements."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

import numpy as np
from google.protobuf.message import Message

from clearing.settlement.accounts import Account
from clearing.settlement.statements import Item, Statement
from clearing.settlement.tables import Cycle, Narrow
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire.fields import MOST_CELLS
from clearing.wire.problems import MOST_PER_COLUMN, Problems

MOST_ENERGY = 3 * 10**8
MOST_PRICE = 10**7
MOST_KW = 10**9
MOST_RATE = 10**9
MOST_DAYS = 366
MOST_PERIODS = 288
MOST_PREFIX_BYTES = 64
MOST_TOTAL = 2**62
_MINUTE = "%Y-%m-%d %H:%M"
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\Z")


class Grid:
    """Columns of whole numbers by row and period of one message, int32."""

    def __init__(self, message: Message, path: str, periods: int, problems: Problems) -> None:
        self._message, self._path, self._periods, self._problems = message, path, periods, problems

    def read(self, name: str, rows: int, most: int, low: int | None = None, narrow: bool = False) -> Narrow:
        """(rows, periods), |·| ≤ most, or low ≤ · ≤ most; narrow: (rows, 1) where it has a value a row. One finding a
        row that is out of range; that row reads 0."""
        raw, where = getattr(self._message, name), f"{self._path}.{name}"
        columns = 1 if narrow and len(raw) == rows and self._periods != 1 else self._periods
        if len(raw) != rows * columns or rows * columns > MOST_CELLS:
            limit = f"{rows * self._periods}" + (f" or {rows}" if narrow else "")
            self._problems.error("WRONG_LENGTH", where, "Wrong length.", value=len(raw), limit=limit)
            return np.zeros((rows, 1 if narrow else self._periods), dtype=np.int32)
        values = np.array(raw, dtype=np.int32).reshape(rows, columns)
        least = -most if low is None else low
        if values.size and (values.min() < least or values.max() > most):
            wrong = (values < least) | (values > most)
            for row in np.flatnonzero(wrong.any(axis=1))[:MOST_PER_COLUMN].tolist():
                period = int(np.argmax(wrong[row]))
                self._problems.error("OUT_OF_RANGE", f"{where}[{row}]", "Out of range.", period=period,
                                     value=int(values[row, period]), limit=f"{least} to {most}")  # fmt: skip
            values = np.where(wrong, 0, values)
        return values


def cycle(pb: pb2.SettlementCycle, problems: Problems) -> Cycle:
    """The cycle; with a finding, one of one day and period."""
    problems.only(pb, "cycle")
    day = _day(pb.first_day, "cycle.first_day", problems)
    clock(pb.issued_at, "cycle.issued_at", problems)
    prefix(pb.number_prefix, "cycle.number_prefix", problems)
    sizes = []
    for name, most in (("days", MOST_DAYS), ("periods", MOST_PERIODS)):
        value = getattr(pb, name)
        if not 1 <= value <= most:
            problems.error("OUT_OF_RANGE", f"cycle.{name}", "Out of range.", value=value, limit=f"1 to {most}")
        sizes.append(min(max(value, 1), most))
    return Cycle(str(day), sizes[0], sizes[1], pb.issued_at, pb.number_prefix)


def clock(text: str, path: str, problems: Problems) -> None:
    """Finding BAD_DATE: no time to the minute."""
    try:
        if not _CLOCK.match(text):
            raise ValueError(text)
        datetime.strptime(text, _MINUTE)
    except ValueError:
        problems.error("BAD_DATE", path, "Not a time to the minute.", value=text, limit="YYYY-MM-DD HH:MM")


def prefix(text: str, path: str, problems: Problems) -> None:
    """Finding OUT_OF_RANGE: longer than numbers may begin with."""
    if len(text.encode()) > MOST_PREFIX_BYTES:
        problems.error("OUT_OF_RANGE", path, "Too long.", value=text, limit=f"≤ {MOST_PREFIX_BYTES} bytes")


def _day(text: str, path: str, problems: Problems) -> date:
    try:
        day = date.fromisoformat(text)
        if len(text) != 10:
            raise ValueError(text)
        if day.year < 9999:
            return day
    except ValueError:
        pass
    problems.error("BAD_DATE", path, "Not a day.", value=text, limit="YYYY-MM-DD")
    return date(2000, 1, 1)


def read_statements(many: Iterable[pb2.Statement], path: str, problems: Problems) -> list[Statement]:
    """Statements as they were issued; findings where columns differ in length, numbers repeat or sums do not add up."""
    found, numbers = [], set()
    for row, pb in enumerate(many):
        where = f"{path}[{row}]"
        problems.only(pb, where)
        for name in ("first_day", "last_day"):
            _day(getattr(pb, name), f"{where}.{name}", problems)
        if pb.last_day < pb.first_day:
            problems.error("OUT_OF_RANGE", f"{where}.last_day", "Before the first.", value=pb.last_day)
        if not pb.number or pb.number in numbers:
            problems.error("DUPLICATE_ID", f"{where}.number", "Empty, or an earlier row has it.", value=pb.number)
        if not pb.addressee:
            problems.error("EMPTY_ID", f"{where}.addressee", "An id is empty.", limit="non-empty")
        numbers.add(pb.number)
        items = _items(pb, where, problems)
        found.append(Statement(pb.number, pb.addressee, pb.kind, pb.issued_at, pb.first_day, pb.last_day, items))
        if found[-1].total != pb.total_milli:
            message = "The items do not add up to it."
            problems.error("CONTRADICTION", f"{where}.total_milli", message, value=pb.total_milli,
                           limit=found[-1].total)  # fmt: skip
    return found


def _items(pb: pb2.Statement, where: str, problems: Problems) -> tuple[Item, ...]:
    count, known = len(pb.account), {int(account) for account in Account if account}
    for name in ("energy_tenth_kwh", "price_milli", "money_milli", "direction", "corrects", "note"):
        if len(getattr(pb, name)) != count:
            value = len(getattr(pb, name))
            problems.error("WRONG_LENGTH", f"{where}.{name}", "Wrong length.", value=value, limit=count)
            return ()
    for row, account in enumerate(pb.account):
        if account not in known:
            problems.error("UNKNOWN_ENUM", f"{where}.account[{row}]", "The value is not allowed.", value=account)
            return ()
    columns = zip(pb.account, pb.energy_tenth_kwh, pb.money_milli, pb.corrects, pb.note, strict=True)
    return tuple(Item(Account(a), energy, money, corrects, note) for a, energy, money, corrects, note in columns)
