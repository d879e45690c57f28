"""Surpluses and costs shared out (6.9): from a balance to participants by weights, the rest stays in the balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.rules.settle_rules import CongestionShare, PenaltyTo, SettleRules, ShareBy
from clearing.settlement.accounts import ANCILLARY, ASSESSED, COMPENSATED, Account
from clearing.settlement.energy import Surplus, Volumes
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import money, shared, total
from clearing.settlement.tables import Month
from clearing.substitution.quantities import MILLION, millionths, rank


@dataclass(frozen=True, slots=True)
class Unshared:
    """A pool that had nobody to go to: it stays in its balance."""

    balance: str
    money: int


class Pools:
    """Shares pools of one cycle; `unshared` lists those that found nobody."""

    def __init__(self, month: Month, volumes: Volumes, ledger: Ledger, rules: SettleRules) -> None:
        self._month, self._volumes, self._ledger, self._rules = month, volumes, ledger, rules
        self._rank = rank(month.participants.id)
        self.unshared: list[Unshared] = []

    def share_all(self, surplus: Surplus) -> None:
        """Every pool once, by the rules."""
        rules, everybody = self._rules, np.ones(len(self._rank), dtype=np.bool_)
        self._congestion(surplus)
        self._share(Account.TRANSMISSION_LOSS, "loss", rules.loss_share, everybody)
        self._share(Account.IMBALANCE, "imbalance", rules.imbalance_share, everybody)
        self._share(Account.FEE_BALANCE, "fee_balance", rules.fee_balance_share, everybody)
        self._two_sided(Account.ANCILLARY_SHARE, ANCILLARY, "ancillary", rules.ancillary_share,
                        rules.ancillary_generation_share)  # fmt: skip
        self._two_sided(Account.DEMAND_RESPONSE_SHARE, (Account.DEMAND_RESPONSE,), "demand_response",
                        rules.demand_response_share, rules.demand_response_generation_share)  # fmt: skip
        self._two_sided(Account.COMPENSATION_SHARE, COMPENSATED, "compensation", rules.compensation_share, 0.0)
        self._penalties()

    def _congestion(self, surplus: Surplus) -> None:
        way, everybody = self._rules.congestion_share, np.ones(len(self._rank), dtype=np.bool_)
        if way is CongestionShare.TRANSMISSION_RIGHTS:
            self._rights(surplus)
            self._share(Account.CONGESTION, "congestion", self._rules.rights_rest, everybody)
        elif way is CongestionShare.SPOT_ENERGY:
            volumes = self._volumes
            parts = (surplus.congestion_ahead, volumes.spot_ahead), (surplus.congestion_real, volumes.spot_real)
            for part, weights in parts:
                self._post(Account.CONGESTION, "congestion", part, weights)
        else:
            self._share(Account.CONGESTION, "congestion", ShareBy(way.value), everybody)

    def _rights(self, surplus: Surplus) -> None:
        """Holders get energy · (congestion part at the end − at the start) of the day-ahead; where the surplus is less
        than what all claim, claims above 0 are cut in proportion."""
        rights, claims = self._month.rights, self._claims()
        owed, paid_in = np.maximum(claims, 0), np.maximum(-claims, 0)
        most = max(surplus.congestion_ahead + total(paid_in), 0)
        if total(owed) > most:
            owed = shared(most, owed, np.arange(len(owed)))
        found = np.zeros(len(self._rank), dtype=np.int64)
        np.add.at(found, rights.holder, owed - paid_in)
        if found.any():
            self._ledger.post(Account.TRANSMISSION_RIGHT, found, "congestion")

    def _claims(self) -> Ints:
        """(r) Value of every right over the cycle."""
        rights, prices, cycle = self._month.rights, self._month.prices, self._month.cycle
        found = np.zeros(len(rights.holder), dtype=np.int64)
        for day in range(cycle.days):
            at = cycle.of(day)
            part = prices.ahead[:, at].astype(np.int64) - prices.ahead_energy[at]
            if prices.ahead_loss.size:
                part = part - prices.ahead_loss[:, at]
            spread = part.sum(axis=1)
            found += money(rights.energy * (spread[rights.end] - spread[rights.start]))
        return found

    def _two_sided(
        self, account: Account, paid: tuple[Account, ...], balance: str, way: ShareBy, generation_share: float
    ) -> None:
        """What was paid on some accounts, borne by both sides; a side without weights leaves its part there."""
        cost = total(self._ledger.of(paid))
        part = (2 * cost * millionths(generation_share) + MILLION) // (2 * MILLION)
        generation = self._month.participants.generation_side
        for amount, side in ((part, generation), (cost - part, ~generation)):
            if way is not ShareBy.CARRIED:
                self._post(account, balance, -amount, np.where(side, self._weights(way), 0))

    def _penalties(self) -> None:
        """Assessments collected, to those who have none or to those rewarded."""
        collected = self._ledger.of(ASSESSED)
        pool = -total(collected)
        weights = self._month.participants.reward_weight
        if self._rules.penalty_to is PenaltyTo.NOT_ASSESSED:
            weights = np.where((collected < 0).any(axis=1), 0, self._volumes.metered)
        self._post(Account.PENALTY_SHARE, "penalty", pool, weights)

    def _share(self, account: Account, balance: str, way: ShareBy, who: Bools) -> None:
        if way is not ShareBy.CARRIED:
            self._post(account, balance, self._ledger.balance.get(balance, 0), np.where(who, self._weights(way), 0))

    def _post(self, account: Account, balance: str, amount: int, weights: Ints) -> None:
        if not amount:
            return
        if not weights.any():
            self.unshared.append(Unshared(balance, amount))
            return
        self._ledger.post(account, shared(amount, weights, self._rank), balance)

    def _weights(self, way: ShareBy) -> Ints:
        volumes = self._volumes
        return {
            ShareBy.CAPACITY: self._month.participants.capacity_kw,
            ShareBy.TRADED_ENERGY: volumes.traded,
            ShareBy.SPOT_ENERGY: volumes.spot_ahead + volumes.spot_real,
            ShareBy.USED_ENERGY: volumes.used,
            ShareBy.METERED_ENERGY: volumes.metered,
        }[way]
