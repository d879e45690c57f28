"""Gains paid back: from declared deviations, F_B of renewables and λ of users (`price_limits/declared.py`), by day;
from contracting too little or too much over the cycle (Shandong no. 30).

    generation   h · (max{W2·Q − Q_c, 0} · max{P_s − P_c, 0} + max{Q_c − W1·Q, 0} · max{P_c − P_s, 0})
    users        h · (max{R2·Q − Q_c, 0} · max{P_c − P_s, 0} + max{Q_c − R1·Q, 0} · max{P_s − P_c, 0})

Q metered and Q_c net contract energy of the cycle, P_c the mean price of its contracts (of all where it has
none), P_s the mean day-ahead price of what was cleared for it. The source gives h, W and R alone: the forms are
readings.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from clearing.price_limits.declared import Declared, recovery
from clearing.rules.market_rules import SettlementRules
from clearing.rules.settle_rules import ContractRules
from clearing.settlement.accounts import Account, ContractRecovery
from clearing.settlement.energy import Volumes
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import UNITS_OF_MWH, total
from clearing.settlement.tables import Month
from clearing.substitution.quantities import MILLION, millionths

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


def recover_contracts(month: Month, volumes: Volumes, ledger: Ledger, rules: ContractRules) -> None:
    """Books what is paid back for contracts of too little or too much energy; it stays in the balance `deviation`."""
    people = month.participants
    factor = {ContractRecovery.DIRECT: rules.contract_recovery, ContractRecovery.LOCAL: rules.contract_recovery_local}
    sold = np.maximum(volumes.contract_energy, 0)
    mean = _mean(total(np.where(sold > 0, volumes.contract_money, 0)), total(sold))
    found = np.zeros(len(people.id), dtype=np.int64)
    for row in np.flatnonzero(people.contract_recovery).tolist():
        h = factor[ContractRecovery(int(people.contract_recovery[row]))]
        spot = _mean(total(volumes.ahead_full[row]), total(volumes.ahead[row]))
        own = _mean(int(volumes.contract_money[row]), int(volumes.contract_energy[row])) or mean
        if h is None or spot is None or own is None:
            continue
        gain = _gain(month, volumes, row, spot - own, rules)
        found[row] = -((2 * gain * millionths(h) / MILLION / UNITS_OF_MWH + 1) // 2)
    if found.any():
        ledger.post(Account.ENERGY_DEVIATION, found, "deviation")


def _gain(month: Month, volumes: Volumes, row: int, above: Fraction, rules: ContractRules) -> Fraction:
    """Energy · thousandths of money per MWh. above: spot price less contract price."""
    metered, contract = abs(total(volumes.real[row])), abs(int(volumes.contract_energy[row]))
    generates = bool(month.participants.generation_side[row])
    most, least = rules.user_contract_share_most, rules.user_contract_share_least
    if generates:
        most, least = rules.generation_contract_share_most, rules.generation_contract_share_least
    short = Fraction(millionths(least), MILLION) * metered - contract
    over = contract - Fraction(millionths(most), MILLION) * metered
    dear = above if generates else -above
    return _positive(short) * _positive(dear) + _positive(over) * _positive(-dear)


def _positive(value: Fraction) -> Fraction:
    return value if value > 0 else Fraction(0)


def _mean(money: int, energy: int) -> Fraction | None:
    """Thousandths of money per MWh; None without energy."""
    return Fraction(money * UNITS_OF_MWH, energy) if energy else None
