"""Energy of a cycle in either form, and the surplus of its prices (6.9.1, 6.9.2).

    two_settlement   R1 = Σ_t Q_c·P_c + (Q_DA − Q_c)·P_DA + (Q_RT − Q_DA)·P_RT
    full_energy      R2 = Σ_t Q_DA·P_DA + (Q_RT − Q_DA)·P_RT + Q_c·(P_c − P_ref)
    R2 − R1 = Σ_t Q_c·(P_DA − P_ref): P_DA at the participant's node, P_ref at the contract's reference node

A contract's money is rounded once a day and booked to both its sides. The surplus of a market is − Σ of what is paid
for its energy; its congestion, loss and energy parts are Σ of the same energy at those parts of the price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clearing.case.arrays import Ints, freeze
from clearing.rules.settle_rules import Form
from clearing.settlement.accounts import Account
from clearing.settlement.ledger import Ledger
from clearing.settlement.money import money, total, whole_money
from clearing.settlement.tables import Contracts, Month
from clearing.substitution.quantities import part


@dataclass(frozen=True, slots=True)
class Volumes:
    """(n) over the cycle, tenths of a kWh: traded = Σ|Q_c| + |Q_DA − Q_c| + |Q_RT − Q_DA|, spot_ahead and
    spot_real its second and third part, used = Σ max(−Q_RT, 0), metered = Σ|Q_RT|.
    real, ahead (n, D): Σ Q_RT, Σ Q_DA; ahead_full (n, D): money of Q_DA·P_DA. contract_energy, contract_money (n):
    net, at P_c."""

    traded: Ints
    spot_ahead: Ints
    spot_real: Ints
    used: Ints
    metered: Ints
    real: Ints
    ahead: Ints
    ahead_full: Ints
    contract_energy: Ints
    contract_money: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Surplus:
    """Money, each rounded once over the cycle; > 0 was collected and not paid out."""

    congestion_ahead: int = 0
    congestion_real: int = 0
    loss: int = 0
    imbalance: int = 0


VOLUMES = ("traded", "spot_ahead", "spot_real", "used", "metered", "contract_energy", "contract_money")

DAILY = ("ahead", "real", "full", "q_first", "q_second", "q_ahead", "q_real")


def settle(month: Month, form: Form, ledger: Ledger, contract_factor: float = 1.0) -> tuple[Volumes, Surplus]:
    """Books all energy; surpluses are in the balances congestion, loss, imbalance, what is left in rounding.

    contract_factor: contracts count with this many times their energy (K1 of Shandong no. 29, a reading).
    """
    n, days = len(month.participants.id), month.cycle.days
    found = {name: np.zeros(n, dtype=np.int64) for name in VOLUMES}
    by_day = {name: np.zeros((n, days), dtype=np.int64) for name in DAILY}
    parts = [0, 0, 0, 0, 0]
    sides = [_sides(table, n) for table in month.contracts]
    for day in range(days):
        at, own = month.cycle.of(day), _Day(month, day)
        held = _contracts(month, sides, day, form, ledger, found, contract_factor)
        first = own.ahead - held if form is Form.TWO_SETTLEMENT else own.ahead
        second = own.real - own.ahead
        by_day["ahead"][:, day], by_day["real"][:, day] = (first * own.p_ahead).sum(1), (second * own.p_real).sum(1)
        by_day["full"][:, day] = (own.ahead * own.p_ahead).sum(1)
        by_day["q_first"][:, day], by_day["q_second"][:, day] = first.sum(1), second.sum(1)
        _parts(month, at, first, second, parts)
        spot = np.abs(own.ahead - held).sum(1), np.abs(second).sum(1)
        found["spot_ahead"] += spot[0]
        found["spot_real"] += spot[1]
        found["traded"] += spot[0] + spot[1] + np.abs(held).sum(1)
        found["used"] += np.maximum(-own.real, 0).sum(1)
        found["metered"] += np.abs(own.real).sum(1)
        by_day["q_ahead"][:, day], by_day["q_real"][:, day] = own.ahead.sum(1), own.real.sum(1)
    ledger.post(Account.DAY_AHEAD, money(by_day["ahead"]), "rounding", by_day["q_first"])
    ledger.post(Account.REAL_TIME, money(by_day["real"]), "rounding", by_day["q_second"])
    exact = (-total(by_day["ahead"]), -total(by_day["real"]))
    surplus = _surplus(exact, parts)
    ledger.move("rounding", "congestion", surplus.congestion_ahead + surplus.congestion_real)
    ledger.move("rounding", "loss", surplus.loss)
    ledger.move("rounding", "imbalance", surplus.imbalance)
    daily = {"real": by_day["q_real"], "ahead": by_day["q_ahead"], "ahead_full": money(by_day["full"])}
    return Volumes(**found, **daily), surplus


class _Day:
    """Energy and prices of a day (n, T), int64."""

    def __init__(self, month: Month, day: int) -> None:
        at, node = month.cycle.of(day), month.participants.node
        self.ahead = month.energy.ahead[:, at].astype(np.int64)
        self.real = month.energy.real[:, at].astype(np.int64)
        self.p_ahead = month.prices.ahead[:, at].astype(np.int64)[node]
        self.p_real = month.prices.real[:, at].astype(np.int64)[node]


def _sides(table: Contracts, n: int) -> sparse.csr_array:
    """(n, m): +1 at the seller, −1 at the buyer."""
    m = len(table.seller)
    ones, each = np.ones(m, dtype=np.int64), np.arange(m)
    rows, values = np.concatenate([table.seller, table.buyer]), np.concatenate([ones, -ones])
    return sparse.csr_array((values, (rows, np.concatenate([each, each]))), shape=(n, m))


def _contracts(
    month: Month,
    sides: list[sparse.csr_array],
    day: int,
    form: Form,
    ledger: Ledger,
    found: dict[str, Ints],
    factor: float,
) -> Ints:
    """Net contract energy of a day (n, T); books the contracts, and adds them to the volumes found."""
    n, periods = len(month.participants.id), month.cycle.periods
    held = np.zeros((n, periods), dtype=np.int64)
    for table, side in zip(month.contracts, sides, strict=True):
        if not table.first_day <= day < table.first_day + table.days:
            continue
        energy = table.over(table.energy, day, periods)
        if factor != 1.0:
            energy = part(energy, factor)
        price = table.over(table.price, day, periods)
        account, paid = Account.CONTRACT_PHYSICAL, money((energy * price).sum(axis=1))
        found["contract_energy"] += side @ energy.sum(axis=1)
        found["contract_money"] += side @ paid
        if form is Form.FULL_ENERGY:
            price = price - month.prices.ahead[:, month.cycle.of(day)].astype(np.int64)[table.reference]
            account, paid = Account.CONTRACT_FINANCIAL, money((energy * price).sum(axis=1))
        placed = np.zeros((2, n, month.cycle.days), dtype=np.int64)
        placed[0][:, day], placed[1][:, day] = side @ paid, side @ energy.sum(axis=1)
        ledger.post(account, placed[0], "rounding", placed[1])
        held += side @ energy
    return held


def _parts(month: Month, at: slice, first: Ints, second: Ints, parts: list[int]) -> None:
    """Adds − energy · loss part, − energy · energy part of both markets: loss ahead, loss real, energy ahead, real."""
    prices, node = month.prices, month.participants.node
    for k, (energy, loss, base) in enumerate(
        ((first, prices.ahead_loss, prices.ahead_energy), (second, prices.real_loss, prices.real_energy))
    ):
        net = energy.sum(axis=0).tolist()
        parts[2 + k] -= sum(q * p for q, p in zip(net, base[at].tolist(), strict=True))
        if loss.size and loss[:, at].any():
            parts[k] -= total((energy * loss[:, at].astype(np.int64)[node]).sum(axis=1))


def _surplus(exact: tuple[int, int], parts: list[int]) -> Surplus:
    return Surplus(
        congestion_ahead=whole_money(exact[0] - parts[0] - parts[2]),
        congestion_real=whole_money(exact[1] - parts[1] - parts[3]),
        loss=whole_money(parts[0] + parts[1]),
        imbalance=whole_money(parts[2] + parts[3]),
    )
