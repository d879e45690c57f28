"""Statements (6.13): number, addressee, cycle, items by account with energy, price and money, and their sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from clearing.settlement.accounts import Account
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import UNITS_OF_MWH, whole_money
from clearing.settlement.tables import Cycle, Participants


@dataclass(frozen=True, slots=True)
class Item:
    """Energy, tenths of a kWh; money, thousandths; number of the statement that it corrects; note."""

    account: Account
    energy: int
    money: int
    corrects: str = ""
    note: str = ""

    @property
    def price(self) -> int:
        """Money over energy, thousandths per MWh, half up; 0 without energy."""
        if not self.energy:
            return 0
        sign = 1 if self.energy > 0 else -1
        return whole_money(self.money * UNITS_OF_MWH * sign, self.energy * sign)


@dataclass(frozen=True, slots=True)
class Statement:
    """Of one addressee and span of days (YYYY-MM-DD, both ends in)."""

    number: str
    addressee: str
    kind: int
    issued_at: str
    first_day: str
    last_day: str
    items: tuple[Item, ...]

    @property
    def total(self) -> int:
        """Algebraic sum."""
        return sum(item.money for item in self.items)


def write(
    cycle: Cycle, participants: Participants, ledger: Ledger, by_day: bool, earlier: Sequence[Statement] = ()
) -> Iterator[Statement]:
    """One statement a participant, or a participant and day. Those with earlier ones of their span are corrections."""
    spans = [slice(day, day + 1) for day in range(cycle.days)] if by_day else [slice(0, cycle.days)]
    columns = [_columns(ledger, span) for span in spans]
    texts = [_days(cycle, span) for span in spans]
    before = _by_span(earlier)
    for row, name in enumerate(participants.id):
        for (first, last), (money, energy) in zip(texts, columns, strict=True):
            items = tuple(
                Item(account, energy[account][row] if account in energy else 0, values[row])
                for account, values in money.items()
                if values[row] or (account in energy and energy[account][row])
            )
            number = f"{cycle.prefix}-{first.replace('-', '')}-{last.replace('-', '')}-{row + 1:06d}"
            found = Statement(number, name, int(participants.kind[row]), cycle.issued_at, first, last, items)
            old = before.get((name, first, last))
            yield found if old is None else correction(found, old)


def correction(new: Statement, old: Sequence[Statement]) -> Statement:
    """What differs from earlier statements of the same span, account by account; every item names the first of them."""
    had = _effective(old)
    has = {item.account: (item.energy, item.money) for item in new.items}
    items = []
    for account in sorted(set(had) | set(has)):
        (energy, money), (energy_before, money_before) = has.get(account, (0, 0)), had.get(account, (0, 0))
        if (energy, money) != (energy_before, money_before):
            change = energy - energy_before, money - money_before
            items.append(Item(Account.BACK_BILLING, *change, old[0].number, account.name))
    return replace(new, number=f"{new.number}-c{len(old)}", items=tuple(items))


def _effective(statements: Sequence[Statement]) -> dict[Account, tuple[int, int]]:
    """Energy and money by account of a statement and its corrections."""
    found: dict[Account, tuple[int, int]] = {}
    for item in (item for statement in statements for item in statement.items):
        account = item.account
        if account is Account.BACK_BILLING and item.note in Account.__members__:
            account = Account[item.note]
        energy, money = found.get(account, (0, 0))
        found[account] = energy + item.energy, money + item.money
    return found


def roll_up(statements: Sequence[Statement], issued_at: str, prefix: str) -> list[Statement]:
    """One statement an addressee: items of an account added up, corrections kept one by one."""
    own: dict[str, list[Statement]] = {}
    for statement in statements:
        own.setdefault(statement.addressee, []).append(statement)
    found = []
    for place, (name, parts) in enumerate(own.items(), start=1):
        first, last = min(part.first_day for part in parts), max(part.last_day for part in parts)
        number = f"{prefix}-{first.replace('-', '')}-{last.replace('-', '')}-{place:06d}"
        found.append(Statement(number, name, parts[0].kind, issued_at, first, last, _added(parts)))
    return found


def _added(parts: Sequence[Statement]) -> tuple[Item, ...]:
    sums: dict[tuple[Account, str, str], Item] = {}
    for item in (item for part in parts for item in part.items):
        key = item.account, item.corrects, item.note
        had = sums.get(key)
        sums[key] = item if had is None else replace(had, energy=had.energy + item.energy, money=had.money + item.money)
    return tuple(sums[key] for key in sorted(sums))


Amounts = Mapping[Account, list[int]]


def _columns(ledger: Ledger, span: slice) -> tuple[Amounts, Amounts]:
    """Money and energy of a span by account, (n) each."""
    money, energy = (
        {account: np.sum(values[:, span], axis=1).tolist() for account, values in sorted(side.items())}
        for side in (ledger.money, ledger.energy)
    )
    return money, energy


def _days(cycle: Cycle, span: slice) -> tuple[str, str]:
    start = date.fromisoformat(cycle.first_day)
    return str(start + timedelta(days=span.start)), str(start + timedelta(days=span.stop - 1))


def _by_span(statements: Sequence[Statement]) -> dict[tuple[str, str, str], list[Statement]]:
    found: dict[tuple[str, str, str], list[Statement]] = {}
    for each in statements:
        found.setdefault((each.addressee, each.first_day, each.last_day), []).append(each)
    return found
