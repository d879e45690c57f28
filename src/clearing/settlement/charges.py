"""Charges of a cycle (6.10 to 6.12): transmission by class, capacity, membership, commission, management, funds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Ints
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
    for row in range(len(month.charges.id)):
        _one(month, volumes, ledger, row)


def _one(month: Month, volumes: Volumes, ledger: Ledger, row: int) -> None:
    charges, account = month.charges, Account(int(month.charges.account[row]))
    amount, energy = _amount(month, volumes, ledger, Basis(int(charges.basis[row])), int(charges.rate[row]))
    who = _who(month, row)
    paid, name, payee = np.where(who, amount, 0), charges.id[row], int(charges.payee[row])
    ledger.post(account, -paid, name, np.where(who, energy, 0))
    if payee >= 0:
        found = np.zeros_like(paid)
        found[payee] = paid.sum()
        ledger.post(account, found, name)


def _who(month: Month, row: int) -> Bools:
    charges, people = month.charges, month.participants
    who = np.ones(len(people.id), dtype=np.bool_)
    if charges.charge_class[row]:
        who = np.array([own == charges.charge_class[row] for own in people.charge_class], dtype=np.bool_)
    if charges.participant[row] >= 0:
        who = who & (np.arange(len(who)) == charges.participant[row])
    return who


def _amount(month: Month, volumes: Volumes, ledger: Ledger, basis: Basis, rate: int) -> tuple[Ints, Ints]:
    """Money (n) and the energy it is for (n)."""
    none = np.zeros(len(month.participants.id), dtype=np.int64)
    if basis is Basis.FIXED:
        return none + rate, none
    if basis is Basis.USED_ENERGY:
        return priced(volumes.used, rate), -volumes.used
    if basis is Basis.METERED_ENERGY:
        return priced(volumes.metered, rate), volumes.metered
    if basis is Basis.CAPACITY:
        return month.participants.capacity_kw * rate, none
    traded = sum(np.abs(ledger.of((account,))).sum(axis=1) for account in ENERGY)
    return priced(np.asarray(traded), rate, MILLION), none


def capacity(month: Month, ledger: Ledger, rules: SettleRules) -> Iterator[Short]:
    """Books capacity of obligations, and says which are not covered."""
    rows = month.obligations
    if not len(rows.participant):
        return
    owed_kw = part(rows.historic_kw, rules.obligation_share)
    base_kw = rows.acquired_kw if rules.obligation_base is ObligationBase.PURCHASED else owed_kw
    paid = base_kw * rows.price
    found, got = (np.zeros(len(month.participants.id), dtype=np.int64) for _ in range(2))
    np.add.at(found, rows.participant, -paid)
    given = rows.payee >= 0
    np.add.at(got, rows.payee[given], paid[given])
    ledger.post(Account.CAPACITY, found, "capacity")
    ledger.post(Account.CAPACITY, got, "capacity")
    for row in np.flatnonzero(owed_kw > rows.acquired_kw).tolist():
        yield Short(int(rows.participant[row]), int(owed_kw[row] - rows.acquired_kw[row]))
