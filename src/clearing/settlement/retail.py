"""Retail packages (Shandong nos. 31 to 33): use at the package's price, deviation, termination, and dear packages.

energy        used · price
deviation     max{|used − agreed| − tolerance · agreed, 0} · y · price                                       no. 32
termination   min{max{b · remaining, C1}, C2}, from who ended the package to the other side                 no. 33
risk price    (1 + H) · Σ price · agreed / Σ agreed over packages of a kind                                 no. 31

Each between user and retailer. The source gives H, the ranges of y and b, C1 and C2 alone: the forms are readings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from clearing.case.arrays import Ints
from clearing.rules.settle_rules import RetailRules
from clearing.settlement.accounts import Account
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import UNITS_OF_MWH, whole_money
from clearing.settlement.tables import Month, Packages
from clearing.substitution.quantities import MILLION, millionths

MILLI = 1000
BALANCE = "charges"
"""Every posting adds up to nothing, so nothing stays there."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A term that the rules do not allow: row, column of the request, setting, value, lower and upper bound."""

    row: int
    column: str
    setting: str
    value: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Dear:
    """A package above the risk price of its kind: row, the price, thousandths per MWh."""

    row: int
    risk_price: Fraction


def refused(packages: Packages, rules: RetailRules) -> Iterator[Refused]:
    """Terms outside of what the rules allow."""
    bounds = (
        ("assessment_millionths", packages.assessment, packages.assessment > 0, "assessment_share"),
        ("termination_millionths", packages.termination, packages.ended_by >= 0, "termination_share"),
    )
    for column, values, asked, setting in bounds:
        least, most = (millionths(getattr(rules, f"{setting}_{side}")) for side in ("least", "most"))
        for row in np.flatnonzero(asked & ((values < least) | (values > most))).tolist():
            side = "least" if values[row] < least else "most"
            yield Refused(row, column, f"settlement.retail.{setting}_{side}", int(values[row]), least, most)


def settle_packages(month: Month, ledger: Ledger, rules: RetailRules) -> None:
    """Books all items between users and retailers, on the last day."""
    packages, n = month.packages, len(month.participants.id)
    booked = {account: np.zeros((2, n), dtype=np.int64) for account in (
        Account.RETAIL, Account.RETAIL_DEVIATION, Account.RETAIL_TERMINATION
    )}  # fmt: skip
    for row in range(len(packages.id)):
        user, retailer = int(packages.user[row]), int(packages.retailer[row])
        price, used = int(packages.price[row]), int(packages.used[row])
        _pay(booked[Account.RETAIL], user, retailer, whole_money(used * price), used)
        energy, money = _deviation(packages, row)
        _pay(booked[Account.RETAIL_DEVIATION], user, retailer, money, energy)
        ended = int(packages.ended_by[row])
        if ended >= 0:
            other = retailer if ended == user else user
            _pay(booked[Account.RETAIL_TERMINATION], ended, other, _termination(packages, row, rules), 0)
    for account, both in booked.items():
        if both.any():
            ledger.post(account, both[0], BALANCE, both[1])


def _pay(booked: Ints, payer: int, payee: int, money: int, energy: int) -> None:
    """Money from one to the other, for energy that the payer takes."""
    for place, value in enumerate((money, energy)):
        booked[place, payer] -= value
        booked[place, payee] += value


def _deviation(packages: Packages, row: int) -> tuple[int, int]:
    """Energy beyond the tolerance, and the money for it."""
    agreed, share = int(packages.agreed[row]), int(packages.assessment[row])
    free = whole_money(agreed * int(packages.tolerance[row]), MILLION)
    energy = max(abs(int(packages.used[row]) - agreed) - free, 0) if share else 0
    return energy, whole_money(energy * int(packages.price[row]) * share, UNITS_OF_MWH * MILLION)


def _termination(packages: Packages, row: int, rules: RetailRules) -> int:
    money = whole_money(int(packages.remaining[row]) * int(packages.termination[row]), MILLION)
    money = max(money, round(rules.termination_least * MILLI))
    return money if rules.termination_most is None else min(money, round(rules.termination_most * MILLI))


def dear(packages: Packages, rules: RetailRules) -> Iterator[Dear]:
    """Packages whose price lies above the risk price of their kind; none where the rules have no H."""
    if rules.risk_share is None:
        return
    sums: dict[str, tuple[int, int]] = {}
    price, agreed = packages.price.tolist(), packages.agreed.tolist()
    for row, kind in enumerate(packages.kind):
        energy, money = sums.get(kind, (0, 0))
        sums[kind] = energy + agreed[row], money + agreed[row] * price[row]
    above = Fraction(MILLION + millionths(rules.risk_share), MILLION)
    for row, kind in enumerate(packages.kind):
        energy, money = sums[kind]
        risk_price = above * Fraction(money, energy) if energy else None
        if risk_price is not None and price[row] > risk_price:
            yield Dear(row, risk_price)
