"""Gains from declared deviations, paid back: F_B of renewables, λ of users (`price_limits/declared.py`), by day."""

from __future__ import annotations

import numpy as np

from clearing.price_limits.declared import Declared, recovery
from clearing.rules.market_rules import SettlementRules
from clearing.settlement.accounts import Account
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import UNITS_OF_MWH
from clearing.settlement.tables import Month

MILLI = 1000.0


def recover(month: Month, ledger: Ledger, rules: SettlementRules) -> None:
    """Books what is paid back, each day rounded to a thousandth; it stays in the balance `deviation`."""
    people = month.participants
    rows = np.flatnonzero(people.declaring)
    if not len(rows):
        return
    found = np.zeros(ledger.shape, dtype=np.int64)
    for day in range(month.cycle.days):
        at, node = month.cycle.of(day), people.node[rows]
        table = Declared(
            kind=people.declaring[rows],
            declared_mwh=np.abs(month.energy.ahead[rows, at].astype(np.int64)) / UNITS_OF_MWH,
            actual_mwh=np.abs(month.energy.real[rows, at].astype(np.int64)) / UNITS_OF_MWH,
            ahead_per_mwh=month.prices.ahead[node, at] / MILLI,
            real_per_mwh=month.prices.real[node, at] / MILLI,
        )
        paid = recovery(table, rules).sum(axis=1) * MILLI
        found[rows, day] = -np.floor(paid + 0.5).astype(np.int64)
    if found.any():
        ledger.post(Account.ENERGY_DEVIATION, found, "deviation")
