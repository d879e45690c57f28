"""Compensation of units: cost day-ahead and in real time, opportunity cost, starts, running by order (6.8).

day-ahead    max{0, start-up + no-load + energy cost − Σ Q_DA·P_DA}                                        6.8.1
real time    max{0, running cost − (day-ahead + real-time energy + ancillary revenue [+ 6.8.1])}           6.8.2
opportunity  Σ capacity · max{P_RT − marginal cost at the actual point, 0}, 0 where P_RT < least cost      6.8.3
             or where less was delivered than `opportunity_least_response`, or the unit is out of scope
start        its cost, where the run after it or the stop before it was short: by province
must-run     Σ Q · max{P_mr − P_DA, 0}                                                                   Shaanxi
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.rules.settle_rules import OpportunityScope, SettleRules, StartPaid
from clearing.settlement.accounts import ANCILLARY, Account, Addressee
from clearing.settlement.energy import Volumes
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import money
from clearing.settlement.tables import Month
from clearing.substitution.quantities import millionths

MINUTES_OF_HOUR = 60
BALANCE = "compensation"


def compensate(month: Month, volumes: Volumes, ledger: Ledger, rules: SettleRules) -> None:
    """Books all compensation; runs after energy and entries are booked."""
    _costs(month, volumes, ledger, rules)
    _starts(month, ledger, rules)
    _ordered(month, ledger, rules)


def _costs(month: Month, volumes: Volumes, ledger: Ledger, rules: SettleRules) -> None:
    costs, at = month.costs, (month.costs.participant, month.costs.day)
    none = np.zeros(len(costs.day), dtype=np.int64)
    if not len(none):
        return
    ahead = none
    if rules.ahead_compensation == "paid":
        cost = costs.ahead_start + costs.ahead_no_load + costs.ahead_energy
        ahead = np.maximum(cost - volumes.ahead_full[at], 0)
        ledger.post_rows(Account.COMPENSATION_AHEAD, *at, ahead, BALANCE, none)
    if rules.real_compensation == "paid":
        revenue = volumes.ahead_full + ledger.of((Account.REAL_TIME, *ANCILLARY))
        counted = revenue[at] + (ahead if rules.ahead_compensation_counts == "yes" else 0)
        ledger.post_rows(Account.COMPENSATION_REAL, *at, np.maximum(costs.real_cost - counted, 0), BALANCE, none)


def _starts(month: Month, ledger: Ledger, rules: SettleRules) -> None:
    starts = month.starts
    if not len(starts.day) or rules.start_paid is StartPaid.NONE:
        return
    limit = rules.start_limit_hours * MINUTES_OF_HOUR
    short = starts.run_minutes < limit if rules.start_paid is StartPaid.SHORT_RUN else starts.stop_minutes <= limit
    paid = np.where(short, starts.cost, 0)
    ledger.post_rows(Account.START_UP, starts.participant, starts.day, paid, BALANCE, np.zeros_like(paid))


def _ordered(month: Month, ledger: Ledger, rules: SettleRules) -> None:
    ordered, prices = month.ordered, month.prices
    if not len(ordered.period):
        return
    place = (month.participants.node[ordered.participant], ordered.period)
    ahead, real = prices.ahead[place].astype(np.int64), prices.real[place].astype(np.int64)
    by_order = ordered.account == Account.MUST_RUN
    if rules.must_run == "paid":
        _post(month, ledger, Account.MUST_RUN, by_order, np.maximum(ordered.price - ahead, 0))
    if rules.opportunity_cost == "paid":
        counts = (real >= ordered.least) & (ordered.response >= millionths(rules.opportunity_least_response))
        if rules.opportunity_scope is OpportunityScope.GENERATION:
            counts &= month.participants.kind[ordered.participant] == Addressee.GENERATION
        due = np.where(counts, np.maximum(real - ordered.price, 0), 0)
        _post(month, ledger, Account.OPPORTUNITY_COST, ~by_order, due)


def _post(month: Month, ledger: Ledger, account: Account, which: Bools, price: Ints) -> None:
    """Energy at prices of periods, rounded once a participant and day."""
    ordered = month.ordered
    sums = np.zeros((2, *ledger.shape), dtype=np.int64)
    at = ordered.participant[which], ordered.period[which] // month.cycle.periods
    np.add.at(sums[0], at, (ordered.energy * price)[which])
    np.add.at(sums[1], at, np.where(price > 0, ordered.energy, 0)[which])
    if sums.any():
        ledger.post(account, money(sums[0]), BALANCE, sums[1])
