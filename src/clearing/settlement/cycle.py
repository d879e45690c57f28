"""A cycle settled: every part booked in its order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints
from clearing.rules.market_rules import MarketRules
from clearing.settlement import charges, compensation, deviations, retail
from clearing.settlement.accounts import ANCILLARY, ASSESSED, Account
from clearing.settlement.charges import Short
from clearing.settlement.energy import Surplus, Volumes, settle
from clearing.settlement.ledger import Ledger
from clearing.settlement.pools import Pools, Unshared
from clearing.settlement.tables import Month


@dataclass(frozen=True, slots=True)
class Settled:
    """The ledger, with what is worth knowing."""

    ledger: Ledger
    volumes: Volumes
    surplus: Surplus
    unshared: tuple[Unshared, ...]
    short: tuple[Short, ...]


def settle_cycle(month: Month, rules: MarketRules) -> Settled:
    """All items of all participants. Σ of the ledger's money + Σ of its balances = 0."""
    ledger = Ledger(len(month.participants.id), month.cycle.days)
    if month.fee_balance:
        ledger.move("fees_held", "fee_balance", month.fee_balance)
    volumes, surplus = settle(month, rules.settle.form, ledger, rules.contracts.contract_energy_factor)
    _enter(month, ledger)
    compensation.compensate(month, volumes, ledger, rules.settle)
    if rules.settle.deviation_recovery == "charged":
        deviations.recover(month, ledger, rules.settlement)
        deviations.recover_contracts(month, volumes, ledger, rules.contracts)
    pools = Pools(month, volumes, ledger, rules.settle)
    pools.share_all(surplus)
    retail.settle_packages(month, ledger, rules.retail)
    charges.charge(month, volumes, ledger)
    short = tuple(charges.capacity(month, ledger, rules.settle))
    return Settled(ledger, volumes, surplus, tuple(pools.unshared), short)


def _enter(month: Month, ledger: Ledger) -> None:
    """Entries from elsewhere, each out of the balance of its pool."""
    entries = month.entries
    for account in map(Account, np.unique(entries.account).tolist()):
        own: Ints = np.flatnonzero(entries.account == account)
        ledger.post_rows(
            account, entries.participant[own], entries.day[own], entries.money[own], _pool(account), entries.energy[own]
        )


def _pool(account: Account) -> str:
    if account in ANCILLARY:
        return "ancillary"
    if account in ASSESSED:
        return "penalty"
    return "demand_response" if account is Account.DEMAND_RESPONSE else "entries"
