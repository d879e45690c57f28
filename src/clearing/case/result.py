"""Everything a clearing returns, before it is put on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Floats, freeze
from clearing.case.bound_proof import BoundProof
from clearing.case.explanations import Explanations
from clearing.case.finding import Finding
from clearing.case.losses import Losses
from clearing.case.price_schemes import PriceSet
from clearing.case.prices import Multipliers, Prices, PriceSetter, SettlementPrices
from clearing.case.schedule import Flows, Schedule


class Reason(IntEnum):
    """Why the clearing ended; numbers equal those of the proto enum TerminationReason."""

    UNSPECIFIED = 0
    OPTIMAL_WITHIN_GAP = 1
    TIME_LIMIT_WITH_SOLUTION = 2
    TIME_LIMIT_WITHOUT_SOLUTION = 3
    INTERRUPTED_WITH_SOLUTION = 4
    INTERRUPTED_WITHOUT_SOLUTION = 5
    WORK_LIMIT_WITH_SOLUTION = 6
    WORKER_LOST_WITH_SOLUTION = 7
    COMMITMENT_GIVEN = 8
    NUMERICAL_FAILURE = 9


class BoundKind(IntEnum):
    """Where the bound comes from; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    NONE = 1
    SOLVER_CLAIMED = 2
    LP_RELAXATION = 3
    LAGRANGIAN = 4


@dataclass(frozen=True, slots=True)
class Termination:
    """How it ended. objective and bound are of the SCUC; gap = (objective − bound)/max(|objective|, |bound|, 1).

    objective and bound are None where there is none; seconds: (stage name, seconds) in order.
    """

    reason: Reason
    objective: float | None
    bound: float | None
    bound_kind: BoundKind
    gap: float | None
    absolute_gap: float | None
    gap_asked: float
    priced: bool
    seconds: tuple[tuple[str, float], ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """Parts of the objective of a schedule, in money; total is their sum.

    energy: offers of units, renewables and virtual generation; demand: minus what buyers bid for what they get.
    """

    energy: float
    no_load: float
    start: float
    stop: float
    storage: float
    penalty: float
    demand: float = 0.0
    reserve: float = 0.0

    @property
    def total(self) -> float:
        """Objective of the schedule."""
        parts = (self.energy, self.no_load, self.start, self.stop, self.storage, self.penalty)
        return sum(parts) + self.demand + self.reserve


@dataclass(frozen=True, slots=True)
class Violation:
    """A soft limit that the schedule breaks: family, subject id, period, amount, and the penalty paid for it.
    Or a hard datum that gave way because data clash (give_way.py): penalty 0.

    amount_mw: in the unit that violation_units.py names for the family. MWh for energy_window and storage_cycle
    (period: the last of the window); units for group_on; their number in the families that count starts and stops (11).
    """

    family: str
    subject: str
    period: int
    amount_mw: float
    penalty: float


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that binds: family, subject id, period, side ('max' or 'min'), limit in MW, shadow price ≥ 0 per MWh.

    limit_mw is MWh for energy_window and storage_cycle; their shadow price is divided by dt as every multiplier is.
    """

    family: str
    subject: str
    period: int
    side: str
    limit_mw: float
    shadow_price: float


@dataclass(frozen=True, slots=True)
class Uplift:
    """Make-whole payment per unit over the day (N), money: max(0, cost − revenue); revenue, cost (N) beside it."""

    make_whole: Floats
    revenue: Floats
    cost: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Payments:
    """What load that bids, virtual plants, and storage that holds reserve pay and get over the day, money.

    None in a result of a case without any of them.

    demand_payment (B)   Σ dt · bus price · cleared quantity
    demand_value (B)     Σ dt · area under the bids over the least quantity
    virtual_price (V, T) factor-weighted mean of bus prices, per MWh
    virtual_revenue (V)  Σ dt · price · MW, negative for load
    hvdc_rent (H)        Σ dt · (price at to_bus · what arrives − price at from_bus · flow) of direct-current lines
    storage_reserve_revenue (G)   Σ dt · what awards of storage earn; may be left out where storage holds nothing
    """

    demand_payment: Floats
    demand_value: Floats
    virtual_price: Floats
    virtual_revenue: Floats
    hvdc_rent: Floats = field(default_factory=lambda: np.zeros(0))
    storage_reserve_revenue: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class ClearingResult:
    """The whole answer. schedule is None only when no solution was found; prices when it was not priced.

    losses: None where the rule set has none.
    price_sets: prices by other schemes, LMP first; () = not asked for, or not priced.
    binding_periods: of real time the first periods, which are orders, the rest being look-ahead; 0 = not real time.
    """

    termination: Termination
    schedule: Schedule | None = None
    flows: Flows | None = None
    costs: Costs | None = None
    prices: Prices | None = None
    multipliers: Multipliers | None = None
    settlement: SettlementPrices | None = None
    price_setters: tuple[PriceSetter, ...] = ()
    uplift: Uplift | None = None
    payments: Payments | None = None
    bindings: tuple[Binding, ...] = ()
    violations: tuple[Violation, ...] = ()
    audit: tuple[Finding, ...] = ()
    audit_passed: bool | None = None
    notes: tuple[Finding, ...] = ()
    explanations: Explanations | None = None
    binding_periods: int = 0
    bound_proof: BoundProof | None = None
    losses: Losses | None = None
    price_sets: tuple[PriceSet, ...] = ()
