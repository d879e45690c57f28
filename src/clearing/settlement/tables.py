"""Tables of a cycle that is settled: D days of T periods, n participants, K nodes. Whole numbers throughout: energy in
tenths of a kWh (> 0 injected), prices in thousandths per MWh, money in thousandths (> 0 paid to the participant)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clearing.case.arrays import Bools, Ids, Ints, freeze
from clearing.settlement.accounts import GENERATION_SIDE

Narrow = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Cycle:
    """days D, periods T; texts as in the request."""

    first_day: str
    days: int
    periods: int
    issued_at: str
    prefix: str

    def of(self, day: int) -> slice:
        """Periods of a day."""
        return slice(day * self.periods, (day + 1) * self.periods)


@dataclass(frozen=True, slots=True)
class Participants:
    """(n) each: Addressee, row of the node, kW, class of charges, DeclaredKind or 0, weight as rewarded,
    ContractRecovery."""

    id: Ids
    kind: Ints
    node: Ints
    capacity_kw: Ints
    charge_class: Ids
    declaring: Ints
    reward_weight: Ints
    contract_recovery: Ints

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def generation_side(self) -> Bools:
        """(n)"""
        return np.isin(self.kind, GENERATION_SIDE)


@dataclass(frozen=True, slots=True)
class NodePrices:
    """ahead, real, ahead_loss, real_loss (K, D·T); ahead_energy, real_energy (D·T); int32."""

    node: Ids
    ahead: Narrow
    real: Narrow
    ahead_energy: Narrow
    real_energy: Narrow
    ahead_loss: Narrow
    real_loss: Narrow

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Energy:
    """ahead, real (n, D·T), int32."""

    ahead: Narrow
    real: Narrow

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Contracts:
    """m contracts over the days first_day … first_day + days − 1: seller, buyer (rows), reference (node) (m); price (m)
    or (m, days·T), energy (m, 1) or (m, days·T)."""

    seller: Ints
    buyer: Ints
    reference: Ints
    price: Narrow
    energy: Narrow
    first_day: int
    days: int

    def __post_init__(self) -> None:
        freeze(self)

    def over(self, values: Narrow, day: int, periods: int) -> Ints:
        """(m, T) of a day of the cycle, int64."""
        if values.ndim == 2 and values.shape[1] > 1:
            start = (day - self.first_day) * periods
            return values[:, start : start + periods].astype(np.int64)
        column = values.reshape(len(self.seller), 1).astype(np.int64)
        return np.broadcast_to(column, (len(self.seller), periods))


@dataclass(frozen=True, slots=True)
class Entries:
    """Money from elsewhere (e): participant, account, money, energy, day."""

    participant: Ints
    account: Ints
    money: Ints
    energy: Ints
    day: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Charges:
    """(c) each; participant and payee −1 = all of the class, nobody here."""

    id: Ids
    account: Ints
    basis: Ints
    rate: Ints
    charge_class: Ids
    participant: Ints
    payee: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Obligations:
    """Capacity (o): participant, historic peak and acquired kW, price a kW, payee (−1: nobody here)."""

    participant: Ints
    historic_kw: Ints
    acquired_kw: Ints
    price: Ints
    payee: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class CapacityTrades:
    """Capacity bought (b): rows of buyer and seller (−1: nobody here), kW, price a kW."""

    buyer: Ints
    seller: Ints
    kw: Ints
    price: Ints

    def __post_init__(self) -> None:
        freeze(self)

    def bought(self, participants: int) -> Ints:
        """(n) kW bought less sold."""
        found = np.zeros(participants, dtype=np.int64)
        np.add.at(found, self.buyer, self.kw)
        sold = self.seller >= 0
        np.subtract.at(found, self.seller[sold], self.kw[sold])
        return found


@dataclass(frozen=True, slots=True)
class Packages:
    """Retail packages (p): rows of retailer, user and who ended it (−1: nobody); kind; price; energy agreed and used;
    shares in millionths; money of what an ended one still was to deliver."""

    id: Ids
    retailer: Ints
    user: Ints
    kind: Ids
    price: Ints
    agreed: Ints
    used: Ints
    tolerance: Ints
    assessment: Ints
    ended_by: Ints
    remaining: Ints
    termination: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Rights:
    """Transmission rights (r): holder, nodes, energy of every period."""

    holder: Ints
    start: Ints
    end: Ints
    energy: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of units (u) by day; money."""

    participant: Ints
    day: Ints
    ahead_start: Ints
    ahead_no_load: Ints
    ahead_energy: Ints
    real_cost: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Starts:
    """Starts (s): cost; minutes of the run after and of the stop before."""

    participant: Ints
    day: Ints
    cost: Ints
    run_minutes: Ints
    stop_minutes: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Energy by order or held back (w): period of the cycle, account, energy, price, least, share delivered of what was
    called for (millionths)."""

    participant: Ints
    period: Ints
    account: Ints
    energy: Ints
    price: Ints
    least: Ints
    response: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Month:
    """All that a cycle is settled from."""

    cycle: Cycle
    participants: Participants
    prices: NodePrices
    energy: Energy
    contracts: tuple[Contracts, ...]
    entries: Entries
    charges: Charges
    obligations: Obligations
    rights: Rights
    costs: Costs
    starts: Starts
    ordered: Ordered
    fee_balance: int
    capacity_trades: CapacityTrades
    packages: Packages
