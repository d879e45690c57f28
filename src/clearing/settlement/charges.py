"""Charges of a cycle (6.10 to 6.12): transmission by class, capacity, membership, commission, management, funds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints
from clearing.rules.settle_rules import ObligationBase, SettleRules
from clearing.settlement.accounts import ENERGY, Account, Basis
from clearing.settlement.energy import Volumes
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import priced
from clearing.settlement.tables import Month
from clearing.substitution.quantities import MILLION, part


@dataclass(frozen=True, slots=True)
class Short:
    """A capacity obligation that is not covered: row of the participant, kW missing."""

    participant: int
    missing_kw: int


def charge(month: Month, volumes: Volumes, ledger: Ledger) -> None:
    """Books all charges: from participants to the payee, or to a balance with the charge's id."""
    charges, n = month.charges, len(month.participants.id)
    bases, classes = _Bases(month, volumes, ledger), _classes(month)
    money: dict[Account, Ints] = {}
    energy: dict[Account, Ints] = {}
    kept: list[tuple[str, int]] = []
    for row in range(len(charges.id)):
        account = Account(int(charges.account[row]))
        for side in (money, energy):
            side.setdefault(account, np.zeros(n, dtype=np.int64))
        who = _who(month, row, classes)
        amount, of = bases.amount(Basis(int(charges.basis[row])), int(charges.rate[row]), who)
        paid, payee = sum(amount.tolist()), int(charges.payee[row])
        money[account][who] -= amount
        energy[account][who] += of
        if payee >= 0:
            money[account][payee] += paid
        else:
            kept.append((charges.id[row], paid))
    for account, booked in money.items():
        ledger.post(account, booked, "charges", energy[account])
    for name, paid in kept:
        ledger.move("charges", name, paid)


def _classes(month: Month) -> dict[str, Ints]:
    """Rows of participants by class; '' holds all."""
    found: dict[str, list[int]] = {}
    for row, name in enumerate(month.participants.charge_class):
        found.setdefault(name, []).append(row)
    rows = {name: np.array(own, dtype=np.int64) for name, own in found.items()}
    return {**rows, "": np.arange(len(month.participants.id))}


def _who(month: Month, row: int, classes: dict[str, Ints]) -> Ints:
    """Rows of those whom a charge is for."""
    name, single = month.charges.charge_class[row], int(month.charges.participant[row])
    if single < 0:
        return classes.get(name, np.zeros(0, dtype=np.int64))
    fits = not name or month.participants.charge_class[single] == name
    return np.array([single] if fits else [], dtype=np.int64)


class _Bases:
    """What charges are rates of, (n) each, formed once."""

    def __init__(self, month: Month, volumes: Volumes, ledger: Ledger) -> None:
        self._volumes, self._capacity = volumes, month.participants.capacity_kw
        self._used = volumes.used.copy()
        np.add.at(self._used, month.packages.user, month.packages.used)
        self._traded = np.zeros(len(month.participants.id), dtype=np.int64)
        for account in ENERGY:
            self._traded += np.abs(ledger.of((account,))).sum(axis=1)

    def amount(self, basis: Basis, rate: int, who: Ints) -> tuple[Ints, Ints]:
        """Money of some rows, and the energy that it is for."""
        none = np.zeros(len(who), dtype=np.int64)
        match basis:
            case Basis.USED_ENERGY:
                used = self._used[who]
                return priced(used, rate), -used
            case Basis.METERED_ENERGY:
                metered = self._volumes.metered[who]
                return priced(metered, rate), metered
            case Basis.CAPACITY:
                return self._capacity[who] * rate, none
            case Basis.TRADED_MONEY:
                return priced(self._traded[who], rate, MILLION), none
            case _:
                return none + rate, none


def capacity(month: Month, ledger: Ledger, rules: SettleRules) -> Iterator[Short]:
    """Books capacity of obligations and capacity traded, and says which obligations are not covered.

    An obligation by load is paid for less what was bought in trades, which have prices of their own.
    """
    rows, trades, n = month.obligations, month.capacity_trades, len(month.participants.id)
    owed_kw = part(rows.historic_kw, rules.obligation_share)
    traded_kw = trades.bought(n)[rows.participant]
    by_load = np.maximum(owed_kw - traded_kw, 0)
    base_kw = rows.acquired_kw if rules.obligation_base is ObligationBase.PURCHASED else by_load
    _pay_capacity(ledger, n, rows.participant, rows.payee, base_kw * rows.price)
    _pay_capacity(ledger, n, trades.buyer, trades.seller, trades.kw * trades.price)
    missing = owed_kw - rows.acquired_kw - traded_kw
    for row in np.flatnonzero(missing > 0).tolist():
        yield Short(int(rows.participant[row]), int(missing[row]))


def _pay_capacity(ledger: Ledger, participants: int, payer: Ints, payee: Ints, paid: Ints) -> None:
    """Money from payers to payees (−1: nobody here)."""
    if not len(paid):
        return
    found, got = (np.zeros(participants, dtype=np.int64) for _ in range(2))
    np.add.at(found, payer, -paid)
    given = payee >= 0
    np.add.at(got, payee[given], paid[given])
    ledger.post(Account.CAPACITY, found, "capacity")
    ledger.post(Account.CAPACITY, got, "capacity")
